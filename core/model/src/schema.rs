//! The columns of each table. Column 0 of every table is `time`.
//!
//! Strings are `Utf8View`; attribute maps are text to text: numbers and booleans are written in
//! their shortest exact form, arrays and nested maps as JSON, bytes as base64. Keys follow the
//! OpenTelemetry semantic conventions. What OTLP carries beside the columns is kept under the
//! names of the OpenTelemetry specification's "non-OTLP exporters" mapping: `otel.scope.version`,
//! `otel.dropped_attributes_count`, `w3c.tracestate` and so on.

use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use std::sync::{Arc, LazyLock};

/// Nanoseconds since the Unix epoch, UTC.
#[must_use]
pub fn timestamp_type() -> DataType {
    DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
}

/// The two fields of a map entry: `key` and `value`, both text.
#[must_use]
pub fn string_map_entry_fields() -> Fields {
    Fields::from(vec![Field::new("key", DataType::Utf8View, false), Field::new("value", DataType::Utf8View, true)])
}

/// Text to text, in no particular order of keys; a key may repeat, its first entry counts.
#[must_use]
pub fn attribute_map_type() -> DataType {
    let entries = Field::new("key_value", DataType::Struct(string_map_entry_fields()), false);
    DataType::Map(Arc::new(entries), false)
}

fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, false)))
}

fn required(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, false)
}

fn optional(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, true)
}

/// `logs`: one row per log record.
pub(crate) static LOGS: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        required("time", timestamp_type()),
        optional("observed_time", timestamp_type()),
        // 1-24 as in the OpenTelemetry logs data model, 0 where unknown
        required("severity_number", DataType::UInt8),
        optional("severity", DataType::Utf8View),
        required("service", DataType::Utf8View),
        optional("body", DataType::Utf8View),
        optional("event_name", DataType::Utf8View),
        optional("trace_id", DataType::Utf8View),
        optional("span_id", DataType::Utf8View),
        required("attributes", attribute_map_type()),
        required("resource", attribute_map_type()),
        optional("scope", DataType::Utf8View),
    ]))
});

/// `spans`: one row per span. `time` is the start.
pub(crate) static SPANS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let event = DataType::Struct(Fields::from(vec![
        required("time", timestamp_type()),
        required("name", DataType::Utf8View),
        required("attributes", attribute_map_type()),
    ]));
    let link = DataType::Struct(Fields::from(vec![
        required("trace_id", DataType::Utf8View),
        required("span_id", DataType::Utf8View),
        required("attributes", attribute_map_type()),
    ]));
    Arc::new(Schema::new(vec![
        required("time", timestamp_type()),
        required("duration_ns", DataType::Int64),
        required("trace_id", DataType::Utf8View),
        required("span_id", DataType::Utf8View),
        optional("parent_span_id", DataType::Utf8View),
        required("name", DataType::Utf8View),
        required("kind", DataType::Utf8View),
        required("service", DataType::Utf8View),
        required("status", DataType::Utf8View),
        optional("status_message", DataType::Utf8View),
        required("attributes", attribute_map_type()),
        required("resource", attribute_map_type()),
        optional("scope", DataType::Utf8View),
        required("events", list_of(event)),
        required("links", list_of(link)),
        optional("parent_service", DataType::Utf8View),
        optional("parent_kind", DataType::Utf8View),
        optional("peer_name", DataType::Utf8View),
        optional("peer_type", DataType::Utf8View),
    ]))
});

/// `metrics`: one row per data point. `value` is set for gauges and sums; the columns after
/// `scope` belong to histograms, exponential histograms and summaries.
pub(crate) static METRICS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let quantile = DataType::Struct(Fields::from(vec![
        required("quantile", DataType::Float64),
        required("value", DataType::Float64),
    ]));
    let exemplar = DataType::Struct(Fields::from(vec![
        required("time", timestamp_type()),
        required("value", DataType::Float64),
        optional("trace_id", DataType::Utf8View),
        optional("span_id", DataType::Utf8View),
        required("attributes", attribute_map_type()),
    ]));
    Arc::new(Schema::new(vec![
        required("time", timestamp_type()),
        optional("start_time", timestamp_type()),
        required("metric", DataType::Utf8View),
        // gauge, sum, histogram, exponential_histogram, summary
        required("kind", DataType::Utf8View),
        optional("unit", DataType::Utf8View),
        optional("description", DataType::Utf8View),
        // delta, cumulative
        optional("temporality", DataType::Utf8View),
        optional("monotonic", DataType::Boolean),
        optional("value", DataType::Float64),
        // the exact value of an integer point that a double cannot hold
        optional("value_int", DataType::Int64),
        // XXH3-64 over metric, kind, unit and all sorted attributes: see `lincei-ingest`
        required("series_id", DataType::UInt64),
        // OTLP DataPointFlags; bit 0: no recorded value
        required("flags", DataType::UInt32),
        required("service", DataType::Utf8View),
        required("attributes", attribute_map_type()),
        required("resource", attribute_map_type()),
        optional("scope", DataType::Utf8View),
        optional("count", DataType::UInt64),
        optional("sum", DataType::Float64),
        optional("min", DataType::Float64),
        optional("max", DataType::Float64),
        optional("bucket_bounds", list_of(DataType::Float64)),
        optional("bucket_counts", list_of(DataType::UInt64)),
        optional("scale", DataType::Int32),
        optional("zero_count", DataType::UInt64),
        optional("zero_threshold", DataType::Float64),
        optional("positive_offset", DataType::Int32),
        optional("positive_counts", list_of(DataType::UInt64)),
        optional("negative_offset", DataType::Int32),
        optional("negative_counts", list_of(DataType::UInt64)),
        optional("quantiles", list_of(quantile)),
        optional("exemplars", list_of(exemplar)),
    ]))
});

/// `rejects`: everything refused or dropped. `time` is when it was refused.
pub(crate) static REJECTS: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        required("time", timestamp_type()),
        // logs, traces, metrics
        required("signal", DataType::Utf8View),
        // address and user agent of the sender, as far as known
        required("client", DataType::Utf8View),
        required("code", DataType::Utf8View),
        required("reason", DataType::Utf8View),
        optional("operator", DataType::Utf8View),
        optional("plugin_version", DataType::Utf8View),
        // records that this row stands for
        required("records", DataType::UInt64),
        // how to read `raw`: otlp-protobuf, otlp-json, json, logfmt, syslog, text
        required("encoding", DataType::Utf8View),
        // a complete request of that encoding where `raw_bytes` equals its length, else its start
        required("raw", DataType::Binary),
        required("raw_bytes", DataType::UInt64),
    ]))
});
