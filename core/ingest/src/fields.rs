//! Which field of a structured log record means what, by the names that loggers use.
//!
//! Names are compared without case. Of several fields that fit, the one whose name comes first in
//! the list counts, of equal names the first one sent; the others stay attributes.
//!
//! | column | names |
//! |---|---|
//! | `time` | `@timestamp`, `timestamp`, `time`, `ts`, `datetime`, `eventTime`, `_time`, `@t`, `__REALTIME_TIMESTAMP` (µs), `asctime`, `t`, `date`; `date` and a `time` without a day together |
//! | `severity` | `level`, `severity`, `log.level`, `loglevel`, `log_level`, `lvl`, `severity_text`, `levelname`, `@l` as a word or a number of bunyan (10-60) or syslog (0-7); `PRIORITY` (syslog); `severity_number` (1-24) |
//! | `body` | `message`, `msg`, `body`, `log`, `text`, `event`, `@m`, `@mt`, `short_message` |
//! | `service` | `service.name`, `service`, `service_name`, `app`, `application`, `SYSLOG_IDENTIFIER`, `_SYSTEMD_UNIT` |
//! | `trace_id` | `trace_id`, `traceId`, `trace.id` of 32 hex digits |
//! | `span_id` | `span_id`, `spanId`, `span.id` of 16 hex digits |
//! | `event_name` | `event.name`, `event_name` |
//! | `resource` | `resource.*` |

mod roles;
#[cfg(test)]
mod tests;

use crate::context::Refusal;
use crate::log_writer::{Entry, LogEntry};
use crate::{severity, timestamps};
use roles::{Role, role_of};
use std::borrow::Cow;

/// A field of a record, nested ones under the path of their names.
#[derive(Clone, Debug)]
pub(crate) struct Field<'a> {
    pub(crate) key: Cow<'a, str>,
    pub(crate) value: FieldValue<'a>,
}

/// A field's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FieldValue<'a> {
    Null,
    Bool(bool),
    /// As written.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    /// An array, or an object nested too deep to be flattened, as JSON without spaces.
    Json(Cow<'a, str>),
}

impl<'a> FieldValue<'a> {
    fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Null => None,
            Self::Bool(true) => Some(Cow::Borrowed("true")),
            Self::Bool(false) => Some(Cow::Borrowed("false")),
            Self::Number(text) | Self::Text(text) | Self::Json(text) => Some(text),
        }
    }

    /// A word or a number.
    fn scalar(&self) -> Option<&str> {
        match self {
            Self::Number(text) | Self::Text(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Json(_) => None,
        }
    }
}

/// Longest time that an error repeats.
const QUOTED_CHARACTERS: usize = 60;

/// The fields of one record, each taken at most once.
struct Fields<'a> {
    fields: Vec<Option<Field<'a>>>,
    /// Role, rank of the name in its list, and index.
    roles: Vec<(Role, u8, usize)>,
}

impl<'a> Fields<'a> {
    fn new(fields: Vec<Field<'a>>) -> Self {
        let named = |(index, field): (usize, &Field<'a>)| role_of(&field.key).map(|(role, rank)| (role, rank, index));
        let mut roles: Vec<_> = fields.iter().enumerate().filter_map(named).collect();
        roles.sort_unstable();
        Self { fields: fields.into_iter().map(Some).collect(), roles }
    }

    /// Takes the first field of `role` that `accept` accepts.
    fn take<T>(&mut self, role: Role, mut accept: impl FnMut(&Field<'a>) -> Option<T>) -> Option<T> {
        for (_, _, index) in self.roles.iter().filter(|(other, _, _)| *other == role) {
            let slot = self.fields.get_mut(*index)?;
            if let Some(taken) = slot.as_ref().and_then(&mut accept) {
                *slot = None;
                return Some(taken);
            }
        }
        None
    }

    fn of(&self, role: Role) -> impl Iterator<Item = &Field<'a>> {
        let of_role = self.roles.iter().filter(move |(other, _, _)| *other == role);
        of_role.filter_map(|(_, _, index)| self.fields.get(*index)?.as_ref())
    }
}

/// Tells the fields of a record apart.
///
/// # Errors
/// A [`Refusal`] when there is a time and none can be read.
pub(crate) fn classify<'a>(fields: Vec<Field<'a>>, now_ns: i64) -> Result<LogEntry<'a>, Refusal> {
    let mut fields = Fields::new(fields);
    let time_ns = time(&mut fields, now_ns)?;
    let mut entry = LogEntry { time_ns, ..LogEntry::default() };
    if let Some((number, text)) = fields.take(Role::Severity, level) {
        entry.severity_number = number;
        entry.severity_text = text;
    }
    entry.body = fields.take(Role::Body, body);
    if entry.body.is_none() {
        // not all of it is text: the bytes stay where they were
        entry.body = fields.of(Role::Body).find_map(|field| {
            let bytes = journal_bytes(field)?;
            Some(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
        });
    }
    let named = fields.fields.iter().flatten().any(|field| field.key == "resource.service.name");
    if !named {
        entry.service = fields.take(Role::Service, non_empty_text);
    }
    entry.event_name = fields.take(Role::EventName, non_empty_text);
    entry.trace_id = fields.take(Role::TraceId, |field| hex_id(field, 32));
    entry.span_id = fields.take(Role::SpanId, |field| hex_id(field, 16));
    for field in fields.fields.into_iter().flatten() {
        let (list, key) = match field.key.strip_prefix("resource.").map(str::to_owned) {
            Some(key) => (&mut entry.resource, Cow::Owned(key)),
            None => (&mut entry.attributes, field.key),
        };
        let pair: Entry<'a> = (key, field.value.into_text());
        list.push(pair);
    }
    Ok(entry)
}

fn read_time(field: &Field<'_>, now_ns: i64) -> Option<i64> {
    let text = field.value.scalar()?;
    if field.key.eq_ignore_ascii_case("__REALTIME_TIMESTAMP") {
        return timestamps::microseconds(text);
    }
    timestamps::parse(text, now_ns)
}

fn time(fields: &mut Fields<'_>, now_ns: i64) -> Result<Option<i64>, Refusal> {
    if let Some(time_ns) = split_time(fields, now_ns).or_else(|| fields.take(Role::Time, |f| read_time(f, now_ns))) {
        return Ok(Some(time_ns));
    }
    // a name that surely means a time, with a value that is none
    let unreadable = fields.of(Role::Time).find(|field| !is_vague(&field.key) && !is_absent(&field.value));
    match unreadable {
        Some(field) => {
            let value = field.value.clone().into_text().unwrap_or_default();
            let shown: String = value.chars().take(QUOTED_CHARACTERS).collect();
            Err(Refusal::invalid(format!("time {shown:?} of field {:?} cannot be read", field.key)))
        }
        None => Ok(None),
    }
}

/// Names that may also mean something else: temperature, say.
fn is_vague(key: &str) -> bool {
    key.eq_ignore_ascii_case("t") || key.eq_ignore_ascii_case("date")
}

fn is_absent(value: &FieldValue<'_>) -> bool {
    match value {
        FieldValue::Null => true,
        FieldValue::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// `date` and `time` apart, as web servers on Windows write them.
fn split_time(fields: &mut Fields<'_>, now_ns: i64) -> Option<i64> {
    let named = |fields: &Fields<'_>, name: &str| {
        let mut found = fields.of(Role::Time).filter(|field| field.key.eq_ignore_ascii_case(name));
        found.next().and_then(|field| field.value.scalar().map(str::to_owned))
    };
    let (date, time) = (named(fields, "date")?, named(fields, "time")?);
    if !time.contains(':') || timestamps::parse(&time, now_ns).is_some() {
        return None;
    }
    let time_ns = timestamps::parse(&format!("{} {}", date.trim(), time.trim()), now_ns)?;
    for name in ["date", "time"] {
        fields.take(Role::Time, |field| field.key.eq_ignore_ascii_case(name).then_some(()));
    }
    Some(time_ns)
}

type Level<'a> = (u8, Option<Cow<'a, str>>);

fn level<'a>(field: &Field<'a>) -> Option<Level<'a>> {
    let text = field.value.scalar()?;
    let key = |name: &str| field.key.eq_ignore_ascii_case(name);
    let number: Option<u64> = text.trim().parse().ok();
    match number {
        Some(number) if key("priority") => severity::from_syslog(number).map(|level| (level, None)),
        Some(number) if key("severity_number") || key("severitynumber") => {
            u8::try_from(number).ok().filter(|level| (1..=24).contains(level)).map(|level| (level, None))
        }
        Some(number) => {
            severity::from_bunyan(number).or_else(|| severity::from_syslog(number)).map(|level| (level, None))
        }
        None => severity::number_of(text).map(|level| (level, Some(Cow::Owned(text.to_owned())))),
    }
}

fn body<'a>(field: &Field<'a>) -> Option<Cow<'a, str>> {
    match &field.value {
        FieldValue::Null => None,
        // a body may be any value; a field of another name that holds a list is not the message
        FieldValue::Json(text) if field.key.eq_ignore_ascii_case("body") => Some(text.clone()),
        FieldValue::Json(_) => journal_bytes(field).and_then(|bytes| String::from_utf8(bytes).ok()).map(Cow::Owned),
        // container engines keep the line's end
        FieldValue::Text(text) if field.key == "log" && text.ends_with('\n') => {
            Some(Cow::Owned(text.trim_end_matches('\n').to_owned()))
        }
        value => value.clone().into_text(),
    }
}

/// systemd's journal writes a message that is not printable as an array of its bytes.
fn journal_bytes(field: &Field<'_>) -> Option<Vec<u8>> {
    let FieldValue::Json(array) = &field.value else { return None };
    if field.key != "MESSAGE" {
        return None;
    }
    let numbers = array.strip_prefix('[')?.strip_suffix(']')?.split(',');
    numbers.map(|number| number.parse().ok()).collect()
}

fn non_empty_text<'a>(field: &Field<'a>) -> Option<Cow<'a, str>> {
    match &field.value {
        FieldValue::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

fn hex_id(field: &Field<'_>, digits: usize) -> Option<String> {
    let text = field.value.scalar()?;
    let valid = text.len() == digits
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte != b'0');
    valid.then(|| text.to_ascii_lowercase())
}
