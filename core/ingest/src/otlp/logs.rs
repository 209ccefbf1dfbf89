//! `opentelemetry.proto.logs.v1` to rows of `logs`.

use super::any_value::AnyValue;
use super::attributes::{AttributeWriter, names};
use super::group::{ResourceGroup, check_keys};
use super::ids::{Id, SPAN_ID_BYTES, TRACE_ID_BYTES};
use super::key_values::KeyValues;
use super::replay;
use super::tally::Tally;
use super::walk::{Owners, Sink, Stop, walk};
use super::wire::{Depth, Reader, WireError};
use super::{ENCODING, check_record};
use crate::columns::{LogColumns, LogRow};
use crate::context::Refusal;
use crate::rejects::Rejects;
use crate::{Decoded, IngestContext, IngestError, Signal, severity};

/// Bytes of a record, for the room that is made for them all.
const RECORD_BYTES_GUESS: usize = 384;

/// `LogRecord`, borrowed from the request. Reused from record to record for its list.
#[derive(Debug, Default)]
struct LogRecord<'a> {
    time_unix_nano: u64,
    observed_time_unix_nano: u64,
    severity_number: i32,
    severity_text: &'a str,
    body: AnyValue<'a>,
    attributes: KeyValues<'a>,
    dropped_attributes_count: u32,
    flags: u32,
    trace_id: &'a [u8],
    span_id: &'a [u8],
    event_name: &'a str,
}

impl<'a> LogRecord<'a> {
    /// Reads a whole record in place of the one before. `keep` is whether its attributes are
    /// wanted: they are checked all the same.
    fn read(&mut self, body: &'a [u8], depth: Depth, keep: bool, tally: &mut Tally) -> Result<(), WireError> {
        let mut attributes = std::mem::take(&mut self.attributes);
        attributes.clear();
        *self = Self { attributes, ..Self::default() };
        let mut reader = Reader::new(body);
        while let Some(key) = reader.key()? {
            match key.field {
                1 => self.time_unix_nano = reader.fixed64(key)?,
                2 => self.severity_number = reader.int32(key)?,
                3 => self.severity_text = reader.string(key)?,
                5 => {
                    let (value, inside) = reader.message(key, depth)?;
                    self.body.merge(value, inside)?;
                }
                6 => {
                    self.attributes.read(reader.message(key, depth)?, tally)?;
                    if !keep {
                        self.attributes.clear();
                    }
                }
                7 => self.dropped_attributes_count = reader.uint32(key)?,
                8 => self.flags = reader.fixed32(key)?,
                9 => self.trace_id = reader.bytes(key)?,
                10 => self.span_id = reader.bytes(key)?,
                11 => self.observed_time_unix_nano = reader.fixed64(key)?,
                12 => self.event_name = reader.string(key)?,
                _ => reader.skip(key, depth)?,
            }
        }
        Ok(())
    }

    fn time(&self, context: &IngestContext<'_>) -> Result<i64, Refusal> {
        match (self.time_unix_nano, self.observed_time_unix_nano) {
            (0, 0) => Ok(context.now_ns),
            (0, observed) => context.check_unix_nano(observed),
            (time, _) => context.check_unix_nano(time),
        }
    }

    /// The number as sent; where none was sent, that of the text if it is a known one.
    fn severity(&self) -> u8 {
        match u8::try_from(self.severity_number) {
            Ok(number @ 1..=24) => number,
            _ => severity::number_of(self.severity_text).unwrap_or(0),
        }
    }
}

struct LogSink<'a, 'c> {
    context: &'c IngestContext<'c>,
    columns: LogColumns,
    rejects: Rejects<'c>,
    tally: Tally,
    record: LogRecord<'a>,
    resource: u32,
    scope: u32,
    body: String,
    scratch: String,
    trace_id: String,
    span_id: String,
}

impl<'a> LogSink<'a, '_> {
    fn check(&self, body: &[u8], owners: Owners<'_, 'a>) -> Result<i64, Refusal> {
        check_record("log record", body.len(), owners)?;
        check_keys("log record", &self.record.attributes)?;
        self.record.time(self.context)
    }

    fn push(&mut self, time_ns: i64, owners: Owners<'_, 'a>) -> Result<(), Stop> {
        let record = &self.record;
        let trace_id = Id::new(record.trace_id, TRACE_ID_BYTES);
        let span_id = Id::new(record.span_id, SPAN_ID_BYTES);
        let severity_number = record.severity();
        let mut writer = AttributeWriter { column: &mut self.columns.attributes, scratch: &mut self.scratch };
        writer.client(&record.attributes, &mut self.tally)?;
        let severity = severity::name(severity_number).unwrap_or_default();
        if !record.severity_text.eq_ignore_ascii_case(severity) {
            writer.text(names::SEVERITY_TEXT, record.severity_text);
        }
        if !(0..=24).contains(&record.severity_number) {
            writer.signed(names::SEVERITY_NUMBER, i64::from(record.severity_number));
        }
        writer.count(names::DROPPED_ATTRIBUTES, record.dropped_attributes_count);
        writer.count(names::TRACE_FLAGS, record.flags);
        writer.invalid_id(names::TRACE_ID_INVALID, trace_id);
        writer.invalid_id(names::SPAN_ID_INVALID, span_id);
        let observed_ns = writer.optional_time(names::OBSERVED_TIME_INVALID, record.observed_time_unix_nano);
        writer.shared(&owners.scope.entries);

        let body = record.body.text(&mut self.body);
        if let (AnyValue::Array(_) | AnyValue::Map(_), Some(json)) = (&record.body, body) {
            self.tally.bytes(json.len())?;
        }
        self.columns.push(&LogRow {
            time_ns,
            observed_ns,
            severity_number,
            body,
            event_name: (!record.event_name.is_empty()).then_some(record.event_name),
            trace_id: trace_id.text(&mut self.trace_id),
            span_id: span_id.text(&mut self.span_id),
            resource: self.resource,
            scope: self.scope,
        })?;
        Ok(())
    }
}

impl<'a> Sink<'a> for LogSink<'a, '_> {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn resource(&mut self, group: &ResourceGroup<'a>) {
        self.resource = group.add_to(&mut self.columns.resources);
    }

    fn scope(&mut self, owners: Owners<'_, 'a>) -> Result<(), Stop> {
        self.scope = self.columns.scopes.add(owners.scope.name);
        self.tally.records(owners.scope.records, owners.shared_bytes())?;
        Ok(())
    }

    fn record(&mut self, body: &'a [u8], depth: Depth, owners: Owners<'_, 'a>) -> Result<(), Stop> {
        let keep = check_record("log record", body.len(), owners).is_ok();
        self.record.read(body, depth, keep, &mut self.tally)?;
        match self.check(body, owners) {
            Ok(time_ns) => self.push(time_ns, owners),
            Err(refusal) => {
                let raw = || replay::request(owners, body.len(), |out| out.push(body));
                self.rejects.push(&refusal, ENCODING, raw);
                Ok(())
            }
        }
    }
}

/// Decodes an `ExportLogsServiceRequest`. Rows are in the order of the request.
///
/// `time` is `time_unix_nano`, else `observed_time_unix_nano`, else `context.now_ns`.
///
/// # Errors
/// [`IngestError::Protobuf`] wherever prost would refuse the message too, and the `too_large`
/// errors of [`IngestError`]; then nothing of the body is stored. Records that are malformed in
/// meaning only (time, size) are refused alone, see [`Decoded::rejects`].
pub fn decode_logs(body: &[u8], context: &IngestContext<'_>) -> Result<Decoded, IngestError> {
    let mut sink = LogSink {
        context,
        columns: LogColumns::with_capacity(body.len() / RECORD_BYTES_GUESS),
        rejects: Rejects::new(context, Signal::Logs),
        tally: Tally::default(),
        record: LogRecord::default(),
        resource: 0,
        scope: 0,
        body: String::new(),
        scratch: String::new(),
        trace_id: String::new(),
        span_id: String::new(),
    };
    walk(body, &mut sink)?;
    let batch = sink.columns.finish()?;
    sink.rejects.into_decoded(Some(batch))
}
