//! Rows as OTLP requests: one resource per host, as a collector's batch has it.

use crate::rows::{self, LOGGERS, METHODS, Row, SERVICES, SEVERITIES};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;
use std::collections::BTreeMap;

pub(crate) fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

pub(crate) fn text(key: &str, value: impl Into<String>) -> KeyValue {
    attribute(key, Value::StringValue(value.into()))
}

pub(crate) fn request(rows: Vec<Row>, paths: &[String]) -> Vec<u8> {
    let mut by_host: BTreeMap<u32, (u32, Vec<LogRecord>)> = BTreeMap::new();
    for row in rows {
        let (host, service) = (row.host, row.service);
        by_host.entry(host).or_insert_with(|| (service, Vec::new())).1.push(record(row, paths));
    }
    let resource_logs = by_host.into_iter().map(|(host, (service, log_records))| ResourceLogs {
        resource: Some(Resource { attributes: resource(host, service), ..Resource::default() }),
        scope_logs: vec![ScopeLogs { log_records, ..ScopeLogs::default() }],
        ..ResourceLogs::default()
    });
    ExportLogsServiceRequest { resource_logs: resource_logs.collect() }.encode_to_vec()
}

fn resource(host: u32, service: u32) -> Vec<KeyValue> {
    vec![
        text("service.name", SERVICES[service as usize]),
        text("service.version", rows::version(service)),
        text("host.name", rows::host_name(host)),
        text("deployment.environment.name", rows::environment(host)),
    ]
}

fn record(row: Row, paths: &[String]) -> LogRecord {
    let time = u64::try_from(row.time_ns).unwrap();
    let (severity_text, severity_number) = SEVERITIES[row.severity];
    let (trace_id, span_id) = row.trace.map_or_else(
        || (Vec::new(), Vec::new()),
        |(trace, span)| (trace.to_be_bytes().to_vec(), span.to_be_bytes().to_vec()),
    );
    LogRecord {
        time_unix_nano: time,
        observed_time_unix_nano: time,
        severity_number,
        severity_text: severity_text.into(),
        body: Some(AnyValue { value: Some(Value::StringValue(row.body)) }),
        attributes: vec![
            text("url.path", paths[row.path as usize].clone()),
            text("http.request.method", METHODS[row.method]),
            attribute("http.response.status_code", Value::IntValue(row.status.into())),
            text("user.id", rows::user_id(row.user)),
            attribute("latency_ms", Value::DoubleValue(row.latency_ms)),
            text("client.address", rows::client_address(row.client)),
            text("thread.name", rows::thread_name(row.thread)),
            text("code.namespace", LOGGERS[row.logger]),
        ],
        trace_id,
        span_id,
        ..LogRecord::default()
    }
}
