//! What charts and tables show as CSV (RFC 4180).

use super::bars::Bar;
use super::heat::Heat;
use super::series::TimeSeries;
use crate::calendar::rfc3339;

/// A table of CSV, written line by line. Lines end in CR LF, as RFC 4180 section 2 asks for.
#[derive(Clone, Debug, Default)]
pub struct Csv {
    text: String,
    /// Whether the line has a cell.
    begun: bool,
}

impl Csv {
    /// With a head of these names.
    #[must_use]
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut csv = Self::default();
        names.into_iter().for_each(|name| csv.text(name));
        csv.end_line();
        csv
    }

    /// Adds a cell of text. It comes from whoever sends data: what a spreadsheet would take for a
    /// formula is marked as text (OWASP, "CSV Injection").
    pub fn text(&mut self, text: &str) {
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let marked = if formula { format!("'{text}") } else { text.to_owned() };
        let quoted = marked.contains(['"', ',', '\n', '\r']);
        self.cell(&if quoted { format!("\"{}\"", marked.replace('"', "\"\"")) } else { marked });
    }

    /// Adds a number in full precision; nothing where there is none.
    pub fn number(&mut self, value: Option<f64>) {
        self.cell(&value.filter(|value| !value.is_nan()).map(|value| value.to_string()).unwrap_or_default());
    }

    /// Adds a time, as RFC 3339 in UTC.
    pub fn time(&mut self, ns: i64) {
        self.cell(&rfc3339(ns));
    }

    /// Adds digits as they are written: a number beyond the precision of others.
    pub fn digits(&mut self, digits: &str) {
        self.cell(digits);
    }

    /// Ends the line.
    pub fn end_line(&mut self) {
        self.text.push_str("\r\n");
        self.begun = false;
    }

    /// All of it.
    #[must_use]
    pub fn finish(self) -> String {
        self.text
    }

    fn cell(&mut self, written: &str) {
        if self.begun {
            self.text.push(',');
        }
        self.begun = true;
        self.text.push_str(written);
    }
}

/// A line per time, a column per series.
#[must_use]
pub fn series_csv(data: &TimeSeries) -> String {
    let columns = data.series.iter().map(|series| (series.name.as_str(), move |at| value_at(&series.values, at)));
    over_time(&data.times_ms, &columns.collect::<Vec<_>>())
}

/// A line per time, a column per range.
#[must_use]
pub fn heat_csv(heat: &Heat) -> String {
    let columns = heat.rows.iter().map(|row| (row.label.as_str(), move |at: usize| row.counts.get(at).copied()));
    over_time(&heat.times_ms, &columns.collect::<Vec<_>>())
}

/// A line per bar: name and value.
#[must_use]
pub fn bars_csv(bars: &[Bar]) -> String {
    let mut csv = Csv::new(["name", "value"]);
    for bar in bars {
        csv.text(&bar.label);
        csv.number(bar.value);
        csv.end_line();
    }
    csv.finish()
}

fn value_at(values: &[Option<f64>], at: usize) -> Option<f64> {
    values.get(at).copied().flatten()
}

fn over_time(times_ms: &[f64], columns: &[(&str, impl Fn(usize) -> Option<f64>)]) -> String {
    let mut csv = Csv::new(std::iter::once("time").chain(columns.iter().map(|(name, _)| *name)));
    for (at, time_ms) in times_ms.iter().enumerate() {
        csv.time((time_ms * 1e6) as i64);
        columns.iter().for_each(|(_, value)| csv.number(value(at)));
        csv.end_line();
    }
    csv.finish()
}

/// Name of a file: what it shows, and where its data begins if they have times
/// (`failed-requests-2026-11-22T02-06-00Z.csv`).
#[must_use]
pub fn file_name(label: &str, from_ms: Option<f64>, extension: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
    let name: String = label.to_lowercase().chars().map(plain).collect();
    let second = |ms: f64| rfc3339((ms * 1e6) as i64 / 1_000_000_000 * 1_000_000_000).replace(':', "-");
    let parts = name.split('-').filter(|part| !part.is_empty()).map(str::to_owned).chain(from_ms.map(second));
    format!("{}.{extension}", parts.collect::<Vec<_>>().join("-"))
}
