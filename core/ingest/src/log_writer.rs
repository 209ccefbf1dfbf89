//! Rows of `logs` from formats that are not OTLP.

use crate::columns::{LogColumns, LogRow};
use crate::context::Refusal;
use crate::otlp::Tally;
use crate::rejects::{RawRecord, Rejects};
use crate::{Decoded, IngestContext, IngestError, Signal, severity};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lincei_model::limits::{ATTRIBUTE_KEY_BYTES_MAX, RECORD_BYTES_MAX};
use std::borrow::Cow;
use std::collections::HashMap;

/// `service` of a record that names none.
pub(crate) const UNKNOWN_SERVICE: &str = "unknown_service";
/// Level text that the column does not show.
const SEVERITY_TEXT: &str = "otel.severity_text";
/// A line that is not UTF-8, as it was.
const ORIGINAL: &str = "log.record.original_base64";

/// Key and value of a map column.
pub(crate) type Entry<'a> = (Cow<'a, str>, Option<Cow<'a, str>>);

/// A log record whose fields have been told apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogEntry<'a> {
    /// `None`: now.
    pub(crate) time_ns: Option<i64>,
    /// 1-24, or 0.
    pub(crate) severity_number: u8,
    /// The level as written; kept when the column does not say the same.
    pub(crate) severity_text: Option<Cow<'a, str>>,
    pub(crate) service: Option<Cow<'a, str>>,
    pub(crate) body: Option<Cow<'a, str>>,
    pub(crate) event_name: Option<Cow<'a, str>>,
    /// 32 lower-case hex digits.
    pub(crate) trace_id: Option<String>,
    /// 16 lower-case hex digits.
    pub(crate) span_id: Option<String>,
    pub(crate) attributes: Vec<Entry<'a>>,
    pub(crate) resource: Vec<Entry<'a>>,
}

impl<'a> LogEntry<'a> {
    pub(crate) fn attribute(&mut self, key: &'static str, value: impl Into<Cow<'a, str>>) {
        self.attributes.push((Cow::Borrowed(key), Some(value.into())));
    }

    /// `bytes` as text: what is not UTF-8 is shown as U+FFFD and kept as it was in an attribute.
    pub(crate) fn text_of(&mut self, bytes: &'a [u8]) -> Cow<'a, str> {
        match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                self.attribute(ORIGINAL, STANDARD.encode(bytes));
                String::from_utf8_lossy(bytes)
            }
        }
    }

    fn check_keys(&self) -> Result<(), Refusal> {
        let longest = self.attributes.iter().chain(&self.resource).map(|(key, _)| key.len()).max().unwrap_or(0);
        if longest > ATTRIBUTE_KEY_BYTES_MAX {
            return Err(Refusal::too_large(format!(
                "attribute key of {longest} bytes exceeds {ATTRIBUTE_KEY_BYTES_MAX} bytes"
            )));
        }
        Ok(())
    }
}

fn check_size(raw: &[u8]) -> Result<(), Refusal> {
    let bytes = raw.len();
    if bytes > RECORD_BYTES_MAX {
        return Err(Refusal::too_large(format!("log record of {bytes} bytes exceeds {RECORD_BYTES_MAX} bytes")));
    }
    Ok(())
}

/// Collects the records of one body.
pub(crate) struct LogWriter<'c> {
    context: &'c IngestContext<'c>,
    encoding: &'static str,
    columns: LogColumns,
    rejects: Rejects<'c>,
    tally: Tally,
    scope: u32,
    /// Resources seen, by the bytes of their service and entries.
    resources: HashMap<Vec<u8>, u32>,
    resource_key: Vec<u8>,
}

impl<'c> LogWriter<'c> {
    /// `encoding` is how to read refused records: see `rejects.encoding`.
    pub(crate) fn new(context: &'c IngestContext<'c>, encoding: &'static str) -> Self {
        let mut columns = LogColumns::new();
        let scope = columns.scopes.add(None);
        Self {
            context,
            encoding,
            columns,
            rejects: Rejects::new(context, Signal::Logs),
            tally: Tally::default(),
            scope,
            resources: HashMap::new(),
            resource_key: Vec::new(),
        }
    }

    /// Adds a record, or refuses it. `raw` is what `read` reads it from, which is not done when it
    /// is too large.
    pub(crate) fn add<'a>(
        &mut self,
        raw: &[u8],
        read: impl FnOnce() -> Result<LogEntry<'a>, Refusal>,
    ) -> Result<(), IngestError> {
        self.tally.records(1, 0)?;
        let entry = check_size(raw).and_then(|()| read());
        match entry.and_then(|entry| self.check(&entry).map(|time_ns| (entry, time_ns))) {
            Ok((entry, time_ns)) => self.push(&entry, time_ns),
            Err(refusal) => {
                self.rejects.push(&refusal, self.encoding, || RawRecord::from(raw));
                Ok(())
            }
        }
    }

    /// Refuses what is no record at all.
    pub(crate) fn refuse(&mut self, refusal: &Refusal, raw: &[u8]) -> Result<(), IngestError> {
        self.tally.records(1, 0)?;
        self.rejects.push(refusal, self.encoding, || RawRecord::from(raw));
        Ok(())
    }

    fn check(&self, entry: &LogEntry<'_>) -> Result<i64, Refusal> {
        entry.check_keys()?;
        entry.time_ns.map_or(Ok(self.context.now_ns), |time_ns| self.context.check_time(time_ns))
    }

    fn push(&mut self, entry: &LogEntry<'_>, time_ns: i64) -> Result<(), IngestError> {
        for (key, value) in &entry.attributes {
            self.count_entry()?;
            self.columns.attributes.push(key, value.as_deref());
        }
        if let Some(text) = &entry.severity_text
            && !text.eq_ignore_ascii_case(severity::name(entry.severity_number).unwrap_or_default())
        {
            self.columns.attributes.push(SEVERITY_TEXT, Some(text));
        }
        let resource = self.resource(entry)?;
        self.columns.push(&LogRow {
            time_ns,
            observed_ns: Some(self.context.now_ns),
            severity_number: entry.severity_number,
            body: entry.body.as_deref(),
            event_name: entry.event_name.as_deref(),
            trace_id: entry.trace_id.as_deref(),
            span_id: entry.span_id.as_deref(),
            resource,
            scope: self.scope,
        })
    }

    fn count_entry(&mut self) -> Result<(), IngestError> {
        self.tally.entry().map_err(|error| error.within(&[]))
    }

    /// The number of the entry's resource; a service that the resource does not name is added to it.
    fn resource(&mut self, entry: &LogEntry<'_>) -> Result<u32, IngestError> {
        let named = entry.resource.iter().find(|(key, _)| key == "service.name").and_then(|(_, name)| name.as_deref());
        let service =
            named.or(entry.service.as_deref()).filter(|name| !name.is_empty()).or(self.context.default_service);
        let extra = if named.is_none() { service } else { None };
        let entries = || entry.resource.iter().map(|(key, value)| (key.as_ref(), value.as_deref()));
        let entries = || entries().chain(extra.map(|name| ("service.name", Some(name))));

        self.resource_key.clear();
        for (key, value) in entries() {
            for text in [Some(key), value] {
                let len = text.map_or(u64::MAX, |text| text.len() as u64);
                self.resource_key.extend_from_slice(&len.to_le_bytes());
                self.resource_key.extend_from_slice(text.unwrap_or_default().as_bytes());
            }
        }
        if let Some(number) = self.resources.get(&self.resource_key).copied() {
            // this row's copy
            for _ in entries() {
                self.count_entry()?;
            }
            return Ok(number);
        }
        for (key, value) in entries() {
            self.count_entry()?;
            self.columns.resources.entry(key, value);
        }
        let number = self.columns.resources.end(service.unwrap_or(UNKNOWN_SERVICE));
        self.resources.insert(self.resource_key.clone(), number);
        Ok(number)
    }

    pub(crate) fn finish(self) -> Result<Decoded, IngestError> {
        let batch = self.columns.finish()?;
        self.rejects.into_decoded(Some(batch))
    }
}
