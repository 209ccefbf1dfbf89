//! syslog as files and senders have it: RFC 5424 with structured data, RFC 3164 and what is made of
//! it in the field (ISO timestamps, a year, no host, no tag), each with or without `<PRI>`.
//!
//! | of the message | column |
//! |---|---|
//! | severity of PRI | `severity` (RFC 5424 table 2 as OpenTelemetry maps it) |
//! | facility of PRI | attribute `syslog.facility` |
//! | HOSTNAME | resource `host.name` |
//! | APP-NAME, TAG | `service` and resource `service.name` |
//! | PROCID | attribute `process.pid`, or `syslog.procid` where it is no number |
//! | MSGID | attribute `syslog.msgid` |
//! | STRUCTURED-DATA | attributes `syslog.sd.<id>.<parameter>` |
//! | MSG, CONTENT | `body` |
//!
//! A line that begins with white space goes on the message before it. A line that is no syslog
//! message is a record as of plain text, at the time of the line before it.

mod rfc3164;
mod rfc5424;
#[cfg(test)]
mod tests;

use crate::context::Refusal;
use crate::log_writer::{LogEntry, LogWriter};
use crate::text::{plain, records};
use crate::{Decoded, IngestContext, IngestError, severity};
use std::borrow::Cow;

/// `rejects.encoding` of refused records.
const ENCODING: &str = "syslog";

/// Facility times eight plus severity, at most (RFC 5424 6.2.1).
const PRIORITY_MAX: u32 = 191;

/// Decodes syslog messages, one per line.
///
/// # Errors
/// The `too_large` errors of [`IngestError`]; a message whose time cannot be read is refused alone.
pub fn decode(body: &[u8], context: &IngestContext<'_>) -> Result<Decoded, IngestError> {
    let mut writer = LogWriter::new(context, ENCODING);
    let mut last_ns = None;
    for record in records(body, |line| is_header(line, context.now_ns)) {
        writer.add(record, || {
            let entry = message(record, context.now_ns, last_ns)?;
            last_ns = entry.time_ns.or(last_ns);
            Ok(entry)
        })?;
    }
    writer.finish()
}

/// Whether a line begins a message of its own whatever stands before it.
fn is_header(line: &[u8], now_ns: i64) -> bool {
    priority(line).is_some() || rfc3164::timestamp(line, now_ns).is_some()
}

/// Whether a line is a syslog message, for telling formats apart.
pub(crate) fn is_message(line: &[u8], now_ns: i64) -> bool {
    priority(line).is_some() || rfc3164::header(line, now_ns).is_some_and(|header| header.app.is_some())
}

/// `<PRI>`: its value and what follows.
fn priority(line: &[u8]) -> Option<(u32, &[u8])> {
    let rest = line.strip_prefix(b"<")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = rest.split_at_checked(digits).filter(|_| (1..=3).contains(&digits))?;
    let value = std::str::from_utf8(number).ok()?.parse().ok().filter(|value| *value <= PRIORITY_MAX)?;
    Some((value, rest.strip_prefix(b">")?))
}

fn message(record: &[u8], now_ns: i64, last_ns: Option<i64>) -> Result<LogEntry<'_>, Refusal> {
    let mut entry = LogEntry::default();
    let mut rest = record;
    if let Some((value, after)) = priority(record) {
        entry.severity_number = severity::from_syslog(u64::from(value % 8)).unwrap_or(0);
        entry.attribute("syslog.facility", (value / 8).to_string());
        rest = after;
        if let Some(after) = rest.strip_prefix(b"1 ") {
            rfc5424::read(after, &mut entry, now_ns)?;
            return Ok(entry);
        }
    }
    match rfc3164::header(rest, now_ns) {
        Some(header) => {
            header.fill(&mut entry);
            Ok(entry)
        }
        None if rest.len() < record.len() => {
            // `<PRI>` and then anything (RFC 3164 4.3.3)
            let body = entry.text_of(rest);
            entry.body = Some(body);
            Ok(entry)
        }
        None => Ok(plain(record, now_ns, last_ns)),
    }
}

/// Puts what names the sender where it belongs.
fn sender<'a>(
    entry: &mut LogEntry<'a>,
    host: Option<Cow<'a, str>>,
    app: Option<Cow<'a, str>>,
    process: Option<Cow<'a, str>>,
) {
    if let Some(host) = host {
        entry.resource.push((Cow::Borrowed("host.name"), Some(host)));
    }
    entry.service = app;
    if let Some(process) = process {
        let is_number = process.bytes().all(|byte| byte.is_ascii_digit());
        entry.attribute(if is_number { "process.pid" } else { "syslog.procid" }, process);
    }
}
