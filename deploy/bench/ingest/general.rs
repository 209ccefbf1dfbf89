//! The same columns by way of prost, the general decoder: structs first, then Arrow builders.

use crate::requests::ExportLogsServiceRequest;
use arrow_array::builder::{Int32Builder, MapBuilder, StringBuilder, TimestampNanosecondBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use prost::Message as _;
use std::fmt::Write as _;
use std::sync::Arc;

type Attributes = MapBuilder<StringBuilder, StringBuilder>;

struct Columns {
    time: TimestampNanosecondBuilder,
    observed_time: TimestampNanosecondBuilder,
    severity_number: Int32Builder,
    severity: StringBuilder,
    service: StringBuilder,
    body: StringBuilder,
    trace_id: StringBuilder,
    span_id: StringBuilder,
    attributes: Attributes,
    resource: Attributes,
}

/// One request as one batch.
pub(crate) fn decode(body: &[u8]) -> RecordBatch {
    let request = ExportLogsServiceRequest::decode(body).unwrap();
    let attributes = || MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    let mut columns = Columns {
        time: TimestampNanosecondBuilder::new(),
        observed_time: TimestampNanosecondBuilder::new(),
        severity_number: Int32Builder::new(),
        severity: StringBuilder::new(),
        service: StringBuilder::new(),
        body: StringBuilder::new(),
        trace_id: StringBuilder::new(),
        span_id: StringBuilder::new(),
        attributes: attributes(),
        resource: attributes(),
    };
    for logs in &request.resource_logs {
        let resource = logs.resource.as_ref().map_or(&[][..], |r| r.attributes.as_slice());
        for record in logs.scope_logs.iter().flat_map(|s| &s.log_records) {
            columns.push(record, resource);
        }
    }
    columns.finish()
}

impl Columns {
    fn push(&mut self, record: &LogRecord, resource: &[KeyValue]) {
        self.time.append_value(i64::try_from(record.time_unix_nano).unwrap());
        self.observed_time.append_value(i64::try_from(record.observed_time_unix_nano).unwrap());
        self.severity_number.append_value(record.severity_number);
        self.severity.append_value(&record.severity_text);
        let service = resource.iter().find(|a| a.key == "service.name").and_then(|a| a.value.as_ref());
        append(&mut self.service, service);
        append(&mut self.body, record.body.as_ref());
        append_hex(&mut self.trace_id, &record.trace_id);
        append_hex(&mut self.span_id, &record.span_id);
        append_all(&mut self.attributes, &record.attributes);
        append_all(&mut self.resource, resource);
    }

    fn finish(mut self) -> RecordBatch {
        let columns: [(&str, ArrayRef); 10] = [
            ("time", Arc::new(self.time.finish())),
            ("observed_time", Arc::new(self.observed_time.finish())),
            ("severity_number", Arc::new(self.severity_number.finish())),
            ("severity", Arc::new(self.severity.finish())),
            ("service", Arc::new(self.service.finish())),
            ("body", Arc::new(self.body.finish())),
            ("trace_id", Arc::new(self.trace_id.finish())),
            ("span_id", Arc::new(self.span_id.finish())),
            ("attributes", Arc::new(self.attributes.finish())),
            ("resource", Arc::new(self.resource.finish())),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    }
}

fn append(column: &mut StringBuilder, value: Option<&AnyValue>) {
    match value.and_then(|v| v.value.as_ref()) {
        Some(Value::StringValue(text)) => column.append_value(text),
        Some(Value::IntValue(number)) => {
            write!(column, "{number}").unwrap();
            column.append_value("");
        }
        // the requests hold nothing else
        _ => column.append_null(),
    }
}

fn append_all(column: &mut Attributes, attributes: &[KeyValue]) {
    for attribute in attributes {
        column.keys().append_value(&attribute.key);
        append(column.values(), attribute.value.as_ref());
    }
    column.append(true).unwrap();
}

fn append_hex(column: &mut StringBuilder, bytes: &[u8]) {
    if bytes.is_empty() {
        column.append_null();
        return;
    }
    for byte in bytes {
        write!(column, "{byte:02x}").unwrap();
    }
    column.append_value("");
}
