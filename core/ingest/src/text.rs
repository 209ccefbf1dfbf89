//! Plain log lines: a timestamp and a level are looked for, the line as it is is the body.
//!
//! The timestamp is the first that begins one of the first words: any form that
//! `timestamps.rs` knows with a time of day, or seconds (or milliseconds) since 1970 as
//! a word of their own. A line without one has the time of the line before it. The level is the
//! first word that is one: in capitals, in brackets, before a colon, behind `level=`, or right
//! after the timestamp; a letter in the forms of logcat and klog.
//!
//! A line that begins with white space, `at `, `Caused by` or `... ` goes on the record before it,
//! unless it has a timestamp in front.

mod level;
#[cfg(test)]
mod tests;

use crate::lines::lines;
use crate::log_writer::{LogEntry, LogWriter};
use crate::timestamps::{self, Found};
use crate::{Decoded, IngestContext, IngestError};
use lincei_model::limits::RECORD_BYTES_MAX;

/// `rejects.encoding` of refused records.
const ENCODING: &str = "text";

/// How far into a line timestamp and level are looked for.
const HEAD_BYTES: usize = 192;
/// How many words may stand before the timestamp.
const WORDS_BEFORE_TIME: usize = 8;

/// Decodes plain text.
///
/// # Errors
/// The `too_large` errors of [`IngestError`]; nothing else refuses the whole body.
pub fn decode(body: &[u8], context: &IngestContext<'_>) -> Result<Decoded, IngestError> {
    let mut writer = LogWriter::new(context, ENCODING);
    let mut last_ns = None;
    for record in records(body, |line| is_record_start(line, context.now_ns)) {
        writer.add(record, || {
            let entry = plain(record, context.now_ns, last_ns);
            last_ns = entry.time_ns;
            Ok(entry)
        })?;
    }
    writer.finish()
}

/// The records of a body: lines, each with the continuation lines below it. `is_start` tells of a
/// line without its indent whether it begins a record in any case.
pub(crate) fn records(body: &[u8], is_start: impl Fn(&[u8]) -> bool) -> impl Iterator<Item = &[u8]> {
    let mut lines = lines(body).peekable();
    std::iter::from_fn(move || {
        let first = lines.next()?;
        let mut end = first.start + first.text.len();
        while let Some(next) = lines.peek() {
            let next_end = next.start + next.text.len();
            if !is_continuation(next.text, &is_start) || next_end - first.start > RECORD_BYTES_MAX {
                break;
            }
            end = next_end;
            lines.next();
        }
        body.get(first.start..end)
    })
}

/// Whether a line goes on the record before it: what cuts a file in requests must not cut there.
#[must_use]
pub fn continues(line: &[u8], now_ns: i64) -> bool {
    is_continuation(line, |line| is_record_start(line, now_ns))
}

fn is_record_start(line: &[u8], now_ns: i64) -> bool {
    timestamps::prefix(line, now_ns).is_some_and(|found| found.has_clock)
}

fn is_continuation(line: &[u8], is_start: impl Fn(&[u8]) -> bool) -> bool {
    const STARTS: [&[u8]; 4] = [b"at ", b"Caused by", b"... ", b"Traceback (most recent call last)"];
    let indented = line.first().is_some_and(u8::is_ascii_whitespace);
    let goes_on = indented || STARTS.iter().any(|start| line.starts_with(start)) || names_exception(line);
    goes_on && !is_start(line.trim_ascii_start())
}

/// `java.lang.IllegalStateException: why`, `ValueError: why`, `com.example.Fault$StateError`: the
/// line that stands above a Java trace and below a Python one.
fn names_exception(line: &[u8]) -> bool {
    const KINDS: [&[u8]; 3] = [b"Exception", b"Error", b"Throwable"];
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"._$".contains(byte);
    let (name, rest) = line.split_at(line.iter().position(|byte| !is_name(byte)).unwrap_or(line.len()));
    let kind = KINDS.iter().any(|kind| name.len() > kind.len() && name.ends_with(kind));
    kind && name.first().is_some_and(u8::is_ascii_alphabetic) && (rest.is_empty() || rest.starts_with(b":"))
}

/// A record of plain text.
pub(crate) fn plain(record: &[u8], now_ns: i64, last_ns: Option<i64>) -> LogEntry<'_> {
    let head = record.get(..HEAD_BYTES).unwrap_or(record);
    let first_line = memchr::memchr(b'\n', head).and_then(|end| head.get(..end)).unwrap_or(head);
    let found = find_time(first_line, now_ns);
    let mut entry = LogEntry { time_ns: found.map(|(_, found)| found.time_ns).or(last_ns), ..LogEntry::default() };
    let after = found.map_or(0, |(at, found)| at + found.len);
    if let Some(level) = level::find(first_line, after, found.is_some()) {
        entry.severity_number = level.number;
        entry.severity_text = level.text.map(|word| String::from_utf8_lossy(word).into_owned().into());
    }
    let body = entry.text_of(record);
    entry.body = Some(body);
    entry
}

/// Where a word may begin: after these.
const fn is_boundary(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'[' | b'(' | b'<' | b'"' | b'\'' | b'|' | b',' | b';')
}

/// The first timestamp of a line and where it begins.
fn find_time(line: &[u8], now_ns: i64) -> Option<(usize, Found)> {
    let mut words = 0;
    let mut before = b' ';
    for (at, &byte) in line.iter().enumerate() {
        if is_boundary(before) && !is_boundary(byte) {
            let rest = line.get(at..)?;
            if let Some(found) = timestamps::prefix(rest, now_ns).filter(|found| found.has_clock) {
                return Some((at, found));
            }
            if let Some(found) = epoch_word(rest, now_ns) {
                return Some((at, found));
            }
            words += 1;
            if words > WORDS_BEFORE_TIME {
                return None;
            }
        }
        before = byte;
    }
    klog_time(line, now_ns)
}

/// How far ahead a number may lie and still be taken for a time.
const AHEAD_NS: i64 = 366 * 86_400 * 1_000_000_000;
/// 2000-01-01: smaller numbers are more likely something else.
const EPOCH_MIN_NS: i64 = 946_684_800 * 1_000_000_000;

/// A word that is seconds or milliseconds since 1970, with or without a fraction.
fn epoch_word(rest: &[u8], now_ns: i64) -> Option<Found> {
    let len = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !matches!(digits, 10 | 13)
        || !rest.get(len).is_none_or(|byte| is_boundary(*byte) || matches!(byte, b']' | b')' | b':'))
    {
        return None;
    }
    let time_ns = timestamps::epoch(std::str::from_utf8(rest.get(..len)?).ok()?)?;
    let plausible = time_ns >= EPOCH_MIN_NS && time_ns <= now_ns.saturating_add(AHEAD_NS);
    plausible.then_some(Found { time_ns, len, has_clock: true })
}

/// `I1122 10:11:12.345678`, as glog and klog write it.
fn klog_time(line: &[u8], now_ns: i64) -> Option<(usize, Found)> {
    let rest = level::klog_letter(line).and_then(|_| line.get(1..))?;
    let (date, clock) = rest.split_at_checked(4)?;
    let (month, day) = date.split_at_checked(2)?;
    // the form that is known: `11-22 10:11:12.345678`
    let known = [month, b"-", day, clock.get(..16)?].concat();
    let found = timestamps::prefix(&known, now_ns).filter(|found| found.len == known.len())?;
    Some((1, Found { len: found.len - 1, ..found }))
}
