//! The text that `/metrics` answers with (Prometheus exposition format 0.0.4), and the values of
//! the last minutes, of which rates and quantiles are made.

use crate::order;

mod history;

pub use history::{History, KEPT_MS};

/// One value of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Name and labels as [`key`] writes them.
    pub key: String,
    /// Value.
    pub value: f64,
}

/// How a series is called here: its name, and its labels in the order of their names.
#[must_use]
pub fn key(name: &str, labels: &[(&str, &str)]) -> String {
    let mut labels = labels.to_vec();
    order::plain(&mut labels);
    let mut text = name.to_owned();
    for (place, (label, value)) in labels.iter().enumerate() {
        text.push(if place == 0 { '{' } else { ',' });
        text.push_str(label);
        text.push('=');
        text.push_str(value);
    }
    if !labels.is_empty() {
        text.push('}');
    }
    text
}

/// Reads the samples of an answer. Comments are left out, and so are lines that cannot be read: one
/// of a newer server shall not hide the others.
#[must_use]
pub fn parse(text: &str) -> Vec<Sample> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(sample).collect()
}

fn sample(line: &str) -> Option<Sample> {
    let name_end = line.find(|c: char| c == '{' || c.is_whitespace())?;
    let (name, rest) = line.split_at_checked(name_end)?;
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None => (Vec::new(), rest),
    };
    // A timestamp may follow the value.
    let value = number(rest.split_whitespace().next()?)?;
    let labels: Vec<(&str, &str)> = labels.iter().map(|(label, value)| (label.as_str(), value.as_str())).collect();
    (!name.is_empty()).then(|| Sample { key: key(name, &labels), value })
}

/// Reads `a="b",c="d"}`; returns the labels and what follows the brace.
fn labels(text: &str) -> Option<(Vec<(String, String)>, &str)> {
    let (mut found, mut rest) = (Vec::new(), text.trim_start());
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Some((found, after));
        }
        let (label, after) = rest.split_once('=')?;
        let (value, after) = quoted(after.trim_start().strip_prefix('"')?)?;
        found.push((label.trim().to_owned(), value));
        rest = after.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
}

/// Reads to the closing quotation mark; a backslash stands before itself, a quotation mark, or `n`.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                other => other,
            }),
            other => value.push(other),
        }
    }
    None
}

fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        "NaN" => None,
        other => other.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(String, f64)> {
        parse(line).pop().map(|sample| (sample.key, sample.value))
    }

    // The lines are the examples of https://prometheus.io/docs/instrumenting/exposition_formats/
    #[test]
    fn lines_of_the_specification_are_read() {
        for (line, key, value) in [
            (
                r#"http_requests_total{method="post",code="200"} 1027 1395066363000"#,
                "http_requests_total{code=200,method=post}",
                1027.0,
            ),
            (
                r#"msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9"#,
                "msdos_file_access_time_seconds{error=Cannot find file:\n\"FILE.TXT\",path=C:\\DIR\\FILE.TXT}",
                1.458_255_915e9,
            ),
            ("metric_without_timestamp_and_labels 12.47", "metric_without_timestamp_and_labels", 12.47),
            (
                r#"something_weird{problem="division by zero"} +Inf -3982045"#,
                "something_weird{problem=division by zero}",
                f64::INFINITY,
            ),
            (
                r#"http_request_duration_seconds_bucket{le="0.05"} 24054"#,
                "http_request_duration_seconds_bucket{le=0.05}",
                24_054.0,
            ),
            (r#"a{} 1"#, "a", 1.0),
            (r#"a{b="c",} -2e-3"#, "a{b=c}", -0.002),
        ] {
            assert_eq!(read(line), Some((key.to_owned(), value)), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_read_hides_nothing_else() {
        let text = "# HELP a b\n# TYPE a counter\na 1\n\na{b=\"c 2\nb{c=d} 3\nc\nd x\ne NaN\n{f=\"g\"} 4\nh 5";
        let keys: Vec<String> = parse(text).into_iter().map(|sample| sample.key).collect();
        assert_eq!(keys, ["a", "h"]);
    }
}
