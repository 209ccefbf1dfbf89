//! Attributes of records: what the client sent, then what OTLP carries beside the columns.

use super::any_value::{AnyValue, KeyValue};
use super::group::TextEntry;
use super::ids::Id;
use super::tally::Tally;
use super::wire::WireError;
use crate::columns::AttributeColumn;
use crate::number_text::{push_hex, push_i64, push_u64};

/// Names that Lincei gives to what OTLP carries beside the columns; those of the OpenTelemetry
/// specification ("Mapping to non-OTLP formats") where it has one.
pub(crate) mod names {
    pub(crate) const DROPPED_ATTRIBUTES: &str = "otel.dropped_attributes_count";
    pub(crate) const DROPPED_EVENTS: &str = "otel.dropped_events_count";
    pub(crate) const DROPPED_LINKS: &str = "otel.dropped_links_count";
    pub(crate) const TRACE_FLAGS: &str = "otel.trace_flags";
    pub(crate) const TRACE_STATE: &str = "w3c.tracestate";
    pub(crate) const SEVERITY_TEXT: &str = "otel.severity_text";
    /// A severity number outside 0-24.
    pub(crate) const SEVERITY_NUMBER: &str = "otel.severity_number";
    /// Hex of an id of a wrong length.
    pub(crate) const TRACE_ID_INVALID: &str = "otel.trace_id_invalid";
    pub(crate) const SPAN_ID_INVALID: &str = "otel.span_id_invalid";
    pub(crate) const PARENT_SPAN_ID_INVALID: &str = "otel.parent_span_id_invalid";
    /// Nanoseconds of an observed time that a column cannot hold.
    pub(crate) const OBSERVED_TIME_INVALID: &str = "otel.observed_time_unix_nano_invalid";
    /// Nanoseconds of a start time that a column cannot hold.
    pub(crate) const START_TIME_INVALID: &str = "otel.start_time_unix_nano_invalid";
    /// Nanoseconds of a time of an event or an exemplar that a column cannot hold.
    pub(crate) const TIME_INVALID: &str = "otel.time_unix_nano_invalid";
    /// Nanoseconds at which a span ended that ended before it started (0: no end was sent).
    pub(crate) const END_BEFORE_START: &str = "otel.end_before_start";
    /// A span kind that the specification does not know.
    pub(crate) const SPAN_KIND: &str = "otel.span_kind_number";
    /// A status code that the specification does not know.
    pub(crate) const STATUS_CODE: &str = "otel.status_code_number";
    /// An aggregation temporality that the specification does not know.
    pub(crate) const TEMPORALITY: &str = "otel.metric.aggregation_temporality";
    /// The exact integer of an exemplar that a double cannot hold.
    pub(crate) const EXEMPLAR_INT: &str = "otel.exemplar.value_int";
}

/// Writes the entries of one row.
pub(crate) struct AttributeWriter<'w> {
    pub(crate) column: &'w mut AttributeColumn,
    pub(crate) scratch: &'w mut String,
}

impl AttributeWriter<'_> {
    /// What the client sent.
    pub(crate) fn client(&mut self, entries: &[KeyValue<'_>], tally: &mut Tally) -> Result<(), WireError> {
        for entry in entries {
            let text = entry.value.text(self.scratch);
            if let (AnyValue::Array(_) | AnyValue::Map(_), Some(json)) = (&entry.value, text) {
                tally.bytes(json.len())?;
            }
            self.column.push(entry.key, text);
        }
        Ok(())
    }

    /// What the client sent elsewhere, under keys of our own.
    pub(crate) fn prefixed(&mut self, prefix: &str, entries: &[KeyValue<'_>]) {
        let mut key = String::new();
        for entry in entries {
            key.clear();
            key.push_str(prefix);
            key.push_str(entry.key);
            self.column.push(&key, entry.value.text(self.scratch));
        }
    }

    /// What all records of a scope have.
    pub(crate) fn shared(&mut self, entries: &[TextEntry<'_>]) {
        for (key, value) in entries {
            self.column.push(key, value.as_deref());
        }
    }

    /// A text, unless it is empty.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.column.push(name, Some(value));
        }
    }

    /// A number, unless it is 0.
    pub(crate) fn count(&mut self, name: &str, value: u32) {
        if value != 0 {
            self.unsigned(name, u64::from(value));
        }
    }

    /// A number.
    pub(crate) fn unsigned(&mut self, name: &str, value: u64) {
        self.scratch.clear();
        push_u64(self.scratch, value);
        self.column.push(name, Some(self.scratch));
    }

    /// A number.
    pub(crate) fn signed(&mut self, name: &str, value: i64) {
        self.scratch.clear();
        push_i64(self.scratch, value);
        self.column.push(name, Some(self.scratch));
    }

    /// An id, if its length is wrong.
    pub(crate) fn invalid_id(&mut self, name: &str, id: Id<'_>) {
        if let Id::Invalid(bytes) = id {
            self.scratch.clear();
            push_hex(self.scratch, bytes);
            self.column.push(name, Some(self.scratch));
        }
    }

    /// A time that is set (not 0) as a column holds it; kept as an attribute when it does not fit.
    pub(crate) fn optional_time(&mut self, name: &str, time: u64) -> Option<i64> {
        if time == 0 {
            return None;
        }
        let fits = i64::try_from(time).ok();
        if fits.is_none() {
            self.unsigned(name, time);
        }
        fits
    }
}
