//! Seeded OTLP log requests: 10 resources of 100 records each, about 450 bytes a record.

pub(crate) use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;
use std::io::Write as _;

/// 2026-01-01T00:00:00Z.
pub(crate) const NOW_NS: i64 = 1_767_225_600_000_000_000;
const RESOURCES: usize = 10;

/// The same requests, plain and packed.
pub(crate) struct Set {
    pub(crate) plain: Vec<Vec<u8>>,
    pub(crate) gzip: Vec<Vec<u8>>,
    pub(crate) zstd: Vec<Vec<u8>>,
    pub(crate) records: u64,
}

impl Set {
    pub(crate) fn bytes_per_record(&self) -> u64 {
        self.plain.iter().map(|b| b.len() as u64).sum::<u64>() / self.records
    }
}

pub(crate) fn make(requests: usize, records_per_request: usize) -> Set {
    let mut rng = fastrand::Rng::with_seed(7);
    let plain: Vec<Vec<u8>> =
        (0..requests).map(|i| request(&mut rng, i, records_per_request).encode_to_vec()).collect();
    let gzip = plain.iter().map(|body| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        packer.write_all(body).unwrap();
        packer.finish().unwrap()
    });
    let zstd = plain.iter().map(|body| zstd::encode_all(body.as_slice(), 3).unwrap());
    Set { gzip: gzip.collect(), zstd: zstd.collect(), records: (requests * records_per_request) as u64, plain }
}

fn text(key: &str, value: impl Into<String>) -> KeyValue {
    KeyValue {
        key: key.into(),
        value: Some(AnyValue { value: Some(Value::StringValue(value.into())) }),
        ..KeyValue::default()
    }
}

fn int(key: &str, value: i64) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(Value::IntValue(value)) }), ..KeyValue::default() }
}

fn request(rng: &mut fastrand::Rng, number: usize, records: usize) -> ExportLogsServiceRequest {
    let resource_logs = (0..RESOURCES).map(|r| {
        let service = format!("service-{}", rng.usize(0..20));
        let attributes = vec![
            text("service.name", service.clone()),
            text("service.version", "3.18.0"),
            text("host.name", format!("{service}-7c9f-x{r}k4q")),
            text("deployment.environment.name", "production"),
        ];
        let log_records = (0..records / RESOURCES).map(|i| record(rng, number * records + r * 100 + i)).collect();
        ResourceLogs {
            resource: Some(Resource { attributes, ..Resource::default() }),
            scope_logs: vec![ScopeLogs {
                scope: Some(InstrumentationScope { name: "app.logger".into(), ..InstrumentationScope::default() }),
                log_records,
                ..ScopeLogs::default()
            }],
            ..ResourceLogs::default()
        }
    });
    ExportLogsServiceRequest { resource_logs: resource_logs.collect() }
}

fn record(rng: &mut fastrand::Rng, n: usize) -> LogRecord {
    const ROUTES: [&str; 5] = ["/orders/{id}", "/cart", "/checkout", "/search", "/healthz"];
    let route = rng.choice(ROUTES).unwrap();
    let (request, session, took) = (rng.u64(..), rng.u64(..) >> 16, rng.u32(1..5000));
    let body = format!(
        "handled {route} for user {} req={request:016x} session={session:012x} took={took}ms status={} upstream=payments retries={}",
        rng.u32(0..1_000_000),
        rng.choice([200, 200, 200, 404, 500]).unwrap(),
        rng.u8(0..3)
    );
    let time = u64::try_from(NOW_NS).unwrap() - 3_600_000_000_000 + n as u64 * 1_000_000;
    let severity = rng.choice([9, 9, 9, 13, 17]).unwrap();
    let traced = rng.u8(0..10) == 0;
    LogRecord {
        time_unix_nano: time,
        observed_time_unix_nano: time + 1_000_000,
        severity_number: severity,
        severity_text: match severity {
            9 => "INFO",
            13 => "WARN",
            _ => "ERROR",
        }
        .into(),
        body: Some(AnyValue { value: Some(Value::StringValue(body)) }),
        attributes: vec![
            text("http.route", route),
            int("http.response.status_code", 200),
            text("user.id", format!("u{}", rng.u32(0..1_000_000))),
            text("client.address", format!("10.{}.{}.{}", rng.u8(..), rng.u8(..), rng.u8(..))),
            int("duration_ms", i64::from(took)),
            text("thread.name", format!("worker-{}", rng.u8(0..16))),
        ],
        trace_id: if traced { rng.u128(..).to_be_bytes().to_vec() } else { Vec::new() },
        span_id: if traced { rng.u64(..).to_be_bytes().to_vec() } else { Vec::new() },
        ..LogRecord::default()
    }
}
