//! The figures, how far the goals are met, and the part of docs/performance.md about plugins.

use crate::goals::GOALS;
use crate::throughput::SIZES;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// Heading of the part of the page that this benchmark writes.
const HEADING: &str = "## Plugins";

/// Durations, for their quantiles.
#[derive(Default)]
pub(crate) struct Spread(Vec<Duration>);

impl Spread {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The duration that this part of all stays below: 0 is the least, 1 the greatest.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in the list"
    )]
    pub(crate) fn microseconds(&self, part: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = ((sorted.len() - 1) as f64 * part).ceil() as usize;
        sorted.get(place).unwrap().as_nanos() as f64 / 1e3
    }
}

/// What was measured, by name.
#[derive(Default)]
pub(crate) struct Figures(BTreeMap<String, f64>);

impl Figures {
    pub(crate) fn put(&mut self, name: &str, value: f64) {
        println!("{name:<60} {}", shown(value));
        self.0.insert(name.to_owned(), value);
    }

    /// `None` where it was not measured.
    pub(crate) fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    pub(crate) fn read(path: &Path) -> Self {
        std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).map(Self).unwrap_or_default()
    }

    pub(crate) fn write(&self, path: &Path) {
        std::fs::write(path, serde_json::to_string_pretty(&self.0).unwrap() + "\n").unwrap();
    }
}

pub(crate) fn shown(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        at if at >= 100.0 => thousands(value),
        at if at >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = if value < 0.0 { "-".to_owned() } else { String::new() };
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
        if number == 0 {
            let lines: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
            let _ = writeln!(text, "|{}|", lines.join("|"));
        }
    }
    text
}

fn goals(figures: &Figures) -> (String, String) {
    let mut rows = vec![["goal", "wanted", "measured", "met"].map(str::to_owned).to_vec()];
    let mut short = String::new();
    for goal in GOALS {
        let measured: Vec<Option<f64>> = goal.measures.iter().map(|measure| (measure.of)(figures)).collect();
        let wanted: Vec<String> = goal.measures.iter().map(crate::goals::Measure::wanted).collect();
        let texts: Vec<String> =
            measured.iter().map(|value| value.map_or_else(|| "not measured".to_owned(), shown)).collect();
        let met =
            goal.measures.iter().zip(&measured).filter(|(measure, value)| value.is_some_and(|v| measure.is_met(v)));
        let met = match met.count() {
            all if all == measured.len() => "yes",
            0 => "no",
            _ => "in part",
        };
        if met != "yes" {
            let _ = writeln!(short, "- **{}**: {}", goal.about, goal.reason);
        }
        rows.push(vec![goal.about.to_owned(), wanted.join("; "), texts.join("; "), met.to_owned()]);
    }
    (table(&rows), short)
}

/// Nanoseconds per record, and the share of the native columns at the same size.
fn throughput(figures: &Figures) -> String {
    let mut rows = vec![vec!["ns of CPU per record, rows of a call".to_owned()]];
    rows[0].extend(SIZES.iter().map(ToString::to_string));
    rows[0].push("records/s and core at 1024".to_owned());
    let mut row = |about: &str, name: &str, base: &str| {
        let mut cells = vec![about.to_owned()];
        for size in SIZES {
            let value = figures.get(&format!("{name}, {size}"));
            let native = figures.get(&format!("{base}, {size}"));
            cells.push(match (value, native) {
                (Some(value), Some(native)) if name != base => {
                    format!("{} ({:.0} %)", shown(value), 100.0 * native / value)
                }
                (Some(value), _) => shown(value),
                (None, _) => "–".to_owned(),
            });
        }
        let rate = figures.get(&format!("{name}, 1024")).map(|ns| format!("{} k", thousands(1e6 / ns)));
        cells.push(rate.unwrap_or_else(|| "–".to_owned()));
        rows.push(cells);
    };
    for name in [
        "native columns",
        "native rows",
        "Rust, serde_json",
        "Rust, the kit's scanner",
        "Rust, host kernels",
        "Python, host kernels",
        "Python, record by record",
        "JavaScript, record by record",
    ] {
        row(&format!("parse JSON: {name}"), &format!("parse, {name}"), "parse, native columns");
    }
    for (what, about) in [("drop", "drop by severity"), ("nothing", "do nothing")] {
        row(&format!("{about}: native"), &format!("{what}, native"), &format!("{what}, native"));
        row(&format!("{about}: plugin in C"), &format!("{what}, plugin"), &format!("{what}, native"));
    }
    table(&rows)
}

fn others(figures: &Figures) -> String {
    let mut rows = vec![["measured", ""].map(str::to_owned).to_vec()];
    let is_of_records = |name: &str| ["parse, ", "drop, ", "nothing, "].iter().any(|start| name.starts_with(start));
    for (name, value) in &figures.0 {
        if !is_of_records(name) {
            rows.push(vec![name.clone(), shown(*value)]);
        }
    }
    table(&rows)
}

pub(crate) fn text(figures: &Figures) -> String {
    let (goals, short) = goals(figures);
    let short =
        if short.is_empty() { short } else { format!("What falls short, why, and what was tried:\n\n{short}\n") };
    format!(
        "{HEADING}\n\n`cargo xtask bench plugins`, on the machine named above: rows of the table of logs in, filtered rows out, as in a step of a\n\
         pipeline, limits and interruption on. Bodies are JSON of about 250 bytes; three fields become attributes, a fifth of the\n\
         rows is dropped. In brackets the native operator's time by the plugin's, of the same run.\n\n\
         {goals}\n{short}{}\n{}",
        throughput(figures),
        others(figures)
    )
}

/// Replaces the part about plugins, which is the last of the page.
pub(crate) fn write_page(path: &Path, figures: &Figures) {
    let page = std::fs::read_to_string(path).unwrap();
    let before = page.split(&format!("\n{HEADING}\n")).next().unwrap_or_default();
    std::fs::write(path, format!("{}\n\n{}", before.trim_end(), text(figures))).unwrap();
}
