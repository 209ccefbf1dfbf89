//! Series as CSV (RFC 4180).

use super::series::TimeSeries;
use crate::calendar::rfc3339;

/// A line per time: RFC 3339 in UTC, then every series in full precision, nothing for a gap. Lines
/// end in CR LF, as RFC 4180 section 2 asks for.
#[must_use]
pub fn csv(data: &TimeSeries) -> String {
    let mut text = String::from("time");
    for series in &data.series {
        text.push(',');
        text.push_str(&field(&series.name));
    }
    text.push_str("\r\n");
    for (index, time) in data.times_ms.iter().enumerate() {
        text.push_str(&rfc3339((time * 1e6) as i64));
        for series in &data.series {
            text.push(',');
            if let Some(value) = series.values.get(index).copied().flatten() {
                text.push_str(&value.to_string());
            }
        }
        text.push_str("\r\n");
    }
    text
}

/// Name of a file for a chart that begins at `from_ms`: `failed-requests-2026-11-22T02-06-00Z.csv`.
#[must_use]
pub fn file_name(label: &str, from_ms: f64, extension: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
    let name: String = label.to_lowercase().chars().map(plain).collect();
    let name = name.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let time = rfc3339((from_ms * 1e6) as i64 / 1_000_000_000 * 1_000_000_000).replace(':', "-");
    format!("{name}-{time}.{extension}")
}

/// Quoted where the format asks for it. Names come from whoever sends data: what a spreadsheet
/// would take for a formula is marked as text (OWASP, "CSV Injection").
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
