//! Timestamps as log files write them. Where a text has no offset it is taken as UTC; where it has
//! no year, as the latest such day that is not after tomorrow.

mod calendar;
mod epoch;

pub(crate) use calendar::prefix;
pub(crate) use epoch::{epoch, microseconds};

/// A timestamp at the start of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) time_ns: i64,
    /// Bytes of the text that it takes.
    pub(crate) len: usize,
    /// Whether there is a time of day and not only a date.
    pub(crate) has_clock: bool,
}

/// Reads a text that is a timestamp and nothing else: epoch numbers by their magnitude, RFC 3339,
/// RFC 2822 and the usual forms of log files.
pub(crate) fn parse(text: &str, now_ns: i64) -> Option<i64> {
    let text = text.trim();
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    if let Some(time_ns) = epoch(text) {
        return Some(time_ns);
    }
    let found = prefix(text.as_bytes(), now_ns)?;
    (found.len == text.len()).then_some(found.time_ns)
}

#[cfg(test)]
mod tests;
