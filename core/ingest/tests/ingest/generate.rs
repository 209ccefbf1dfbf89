//! Random requests: mostly what SDKs send, with the odd corners in between.

use super::check::NOW_NS;
use fastrand::Rng;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, EntityRef, InstrumentationScope, KeyValue, KeyValueList,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric,
    NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary, SummaryDataPoint, exemplar, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};

const TEXTS: [&str; 12] = [
    "",
    "a",
    "GET",
    "twelve bytes",
    "thirteen bytes",
    "service.name",
    "http.response.status_code",
    "quote \" backslash \\ newline \n tab \t",
    "\u{0}\u{1}\u{7f}",
    "grüße, 世界 🦀",
    "a longer text that no view can hold inline, as most messages are",
    "2026-11-22T10:11:12Z",
];

const SEVERITY_TEXTS: [&str; 8] = ["", "INFO", "warning", "Error", "Information", "weird", "crit", "panic"];

fn one_in(rng: &mut Rng, n: u32) -> bool {
    rng.u32(0..n) == 0
}

fn text(rng: &mut Rng) -> String {
    TEXTS[rng.usize(0..TEXTS.len())].to_owned()
}

fn rare_text(rng: &mut Rng) -> String {
    if one_in(rng, 3) { text(rng) } else { String::new() }
}

fn many<T>(rng: &mut Rng, most: usize, mut item: impl FnMut(&mut Rng) -> T) -> Vec<T> {
    (0..rng.usize(0..=most)).map(|_| item(rng)).collect()
}

fn maybe<T>(rng: &mut Rng, item: impl FnOnce(&mut Rng) -> T) -> Option<T> {
    if rng.bool() { Some(item(rng)) } else { None }
}

fn double(rng: &mut Rng) -> f64 {
    match rng.u8(0..8) {
        0 => 0.0,
        1 => -0.0,
        2 => f64::from_bits(rng.u64(..)),
        3 => f64::INFINITY,
        4 => f64::from(rng.i32(-1000..1000)),
        _ => rng.f64() * 1e4,
    }
}

/// For fields whose default is 0: prost takes -0.0 for it and does not write it.
fn plain_double(rng: &mut Rng) -> f64 {
    double(rng) + 0.0
}

fn int(rng: &mut Rng) -> i64 {
    match rng.u8(0..5) {
        0 => rng.i64(..),
        1 => i64::MIN,
        2 => (1 << 53) + rng.i64(0..4),
        _ => rng.i64(-100..1000),
    }
}

fn small(rng: &mut Rng) -> u32 {
    if one_in(rng, 4) { rng.u32(..) } else { 0 }
}

fn time(rng: &mut Rng) -> u64 {
    let now = NOW_NS.cast_unsigned();
    match rng.u8(0..12) {
        0 => 0,
        1 => rng.u64(..),
        2 => u64::MAX,
        3 => now + 601_000_000_000,
        _ => now - rng.u64(0..86_400_000_000_000),
    }
}

fn id(rng: &mut Rng, len: usize) -> Vec<u8> {
    match rng.u8(0..10) {
        0 => Vec::new(),
        1 => vec![0; len],
        2 => many(rng, 20, |rng| rng.u8(..)),
        _ => (0..len).map(|_| rng.u8(..)).collect(),
    }
}

fn any(rng: &mut Rng, depth: u32) -> AnyValue {
    let value = match rng.u8(0..if depth == 0 { 12 } else { 14 }) {
        0 => None,
        1 => Some(Value::BoolValue(rng.bool())),
        2 | 3 => Some(Value::IntValue(int(rng))),
        4 => Some(Value::DoubleValue(double(rng))),
        5 => Some(Value::BytesValue(many(rng, 9, |rng| rng.u8(..)))),
        6 => Some(Value::StringValueStrindex(rng.i32(..))),
        12 => Some(Value::ArrayValue(ArrayValue { values: many(rng, 4, |rng| any(rng, depth - 1)) })),
        13 => Some(Value::KvlistValue(KeyValueList { values: many(rng, 4, |rng| key_value(rng, depth - 1)) })),
        _ => Some(Value::StringValue(text(rng))),
    };
    AnyValue { value }
}

fn key_value(rng: &mut Rng, depth: u32) -> KeyValue {
    let key_strindex = if one_in(rng, 20) { rng.i32(..) } else { 0 };
    let value = if one_in(rng, 10) { None } else { Some(any(rng, depth)) };
    KeyValue { key: text(rng), value, key_strindex }
}

fn attributes(rng: &mut Rng) -> Vec<KeyValue> {
    many(rng, 6, |rng| key_value(rng, 3))
}

fn resource(rng: &mut Rng) -> Resource {
    let entity_refs = if one_in(rng, 5) {
        many(rng, 2, |rng| EntityRef {
            schema_url: rare_text(rng),
            r#type: rare_text(rng),
            id_keys: many(rng, 2, text),
            description_keys: many(rng, 2, text),
        })
    } else {
        Vec::new()
    };
    Resource { attributes: attributes(rng), dropped_attributes_count: small(rng), entity_refs }
}

fn scope(rng: &mut Rng) -> InstrumentationScope {
    InstrumentationScope {
        name: text(rng),
        version: rare_text(rng),
        attributes: if one_in(rng, 3) { attributes(rng) } else { Vec::new() },
        dropped_attributes_count: small(rng),
    }
}

pub(crate) fn logs(rng: &mut Rng) -> ExportLogsServiceRequest {
    let record = |rng: &mut Rng| LogRecord {
        time_unix_nano: time(rng),
        observed_time_unix_nano: time(rng),
        severity_number: if one_in(rng, 8) { rng.i32(..) } else { rng.i32(0..=24) },
        severity_text: SEVERITY_TEXTS[rng.usize(0..SEVERITY_TEXTS.len())].to_owned(),
        body: maybe(rng, |rng| any(rng, 3)),
        attributes: attributes(rng),
        dropped_attributes_count: small(rng),
        flags: small(rng),
        trace_id: id(rng, 16),
        span_id: id(rng, 8),
        event_name: rare_text(rng),
    };
    ExportLogsServiceRequest {
        resource_logs: many(rng, 3, |rng| ResourceLogs {
            resource: maybe(rng, resource),
            scope_logs: many(rng, 3, |rng| ScopeLogs {
                scope: maybe(rng, scope),
                log_records: many(rng, 4, record),
                schema_url: rare_text(rng),
            }),
            schema_url: rare_text(rng),
        }),
    }
}

pub(crate) fn traces(rng: &mut Rng) -> ExportTraceServiceRequest {
    let event = |rng: &mut Rng| Event {
        time_unix_nano: time(rng),
        name: text(rng),
        attributes: attributes(rng),
        dropped_attributes_count: small(rng),
    };
    let link = |rng: &mut Rng| Link {
        trace_id: id(rng, 16),
        span_id: id(rng, 8),
        trace_state: rare_text(rng),
        attributes: attributes(rng),
        dropped_attributes_count: small(rng),
        flags: small(rng),
    };
    let span = |rng: &mut Rng| {
        let start = time(rng);
        Span {
            trace_id: id(rng, 16),
            span_id: id(rng, 8),
            trace_state: rare_text(rng),
            parent_span_id: id(rng, 8),
            flags: small(rng),
            name: text(rng),
            kind: if one_in(rng, 8) { rng.i32(..) } else { rng.i32(0..=5) },
            start_time_unix_nano: start,
            end_time_unix_nano: if one_in(rng, 5) { time(rng) } else { start.saturating_add(rng.u64(0..1 << 40)) },
            attributes: attributes(rng),
            dropped_attributes_count: small(rng),
            events: many(rng, 2, event),
            dropped_events_count: small(rng),
            links: many(rng, 2, link),
            dropped_links_count: small(rng),
            status: maybe(rng, |rng| Status { message: rare_text(rng), code: rng.i32(-1..4) }),
        }
    };
    ExportTraceServiceRequest {
        resource_spans: many(rng, 3, |rng| ResourceSpans {
            resource: maybe(rng, resource),
            scope_spans: many(rng, 3, |rng| ScopeSpans {
                scope: maybe(rng, scope),
                spans: many(rng, 4, span),
                schema_url: rare_text(rng),
            }),
            schema_url: rare_text(rng),
        }),
    }
}

fn exemplar(rng: &mut Rng) -> Exemplar {
    Exemplar {
        filtered_attributes: attributes(rng),
        time_unix_nano: time(rng),
        span_id: id(rng, 8),
        trace_id: id(rng, 16),
        value: match rng.u8(0..3) {
            0 => None,
            1 => Some(exemplar::Value::AsDouble(double(rng))),
            _ => Some(exemplar::Value::AsInt(int(rng))),
        },
    }
}

fn number_points(rng: &mut Rng) -> Vec<NumberDataPoint> {
    many(rng, 3, |rng| NumberDataPoint {
        attributes: attributes(rng),
        start_time_unix_nano: time(rng),
        time_unix_nano: time(rng),
        exemplars: many(rng, 2, exemplar),
        flags: small(rng) % 4,
        value: match rng.u8(0..5) {
            0 => None,
            1 | 2 => Some(number_data_point::Value::AsDouble(double(rng))),
            _ => Some(number_data_point::Value::AsInt(int(rng))),
        },
    })
}

fn histogram_points(rng: &mut Rng) -> Vec<HistogramDataPoint> {
    many(rng, 3, |rng| {
        let bounds = many(rng, 5, double);
        let counts = match rng.u8(0..6) {
            0 => rng.usize(0..6),
            1 if bounds.is_empty() => 0,
            _ => bounds.len() + 1,
        };
        HistogramDataPoint {
            attributes: attributes(rng),
            start_time_unix_nano: time(rng),
            time_unix_nano: time(rng),
            count: rng.u64(..),
            sum: maybe(rng, double),
            bucket_counts: (0..counts).map(|_| rng.u64(0..1000)).collect(),
            explicit_bounds: bounds,
            exemplars: many(rng, 2, exemplar),
            flags: small(rng) % 4,
            min: maybe(rng, double),
            max: maybe(rng, double),
        }
    })
}

fn exponential_points(rng: &mut Rng) -> Vec<ExponentialHistogramDataPoint> {
    let buckets = |rng: &mut Rng| Buckets { offset: rng.i32(-40..40), bucket_counts: many(rng, 5, |rng| rng.u64(..)) };
    many(rng, 3, |rng| ExponentialHistogramDataPoint {
        attributes: attributes(rng),
        start_time_unix_nano: time(rng),
        time_unix_nano: time(rng),
        count: rng.u64(0..100),
        sum: maybe(rng, double),
        scale: rng.i32(-10..=20),
        zero_count: rng.u64(0..10),
        positive: maybe(rng, buckets),
        negative: maybe(rng, buckets),
        flags: small(rng) % 4,
        exemplars: many(rng, 2, exemplar),
        min: maybe(rng, double),
        max: maybe(rng, double),
        zero_threshold: plain_double(rng),
    })
}

fn summary_points(rng: &mut Rng) -> Vec<SummaryDataPoint> {
    many(rng, 3, |rng| SummaryDataPoint {
        attributes: attributes(rng),
        start_time_unix_nano: time(rng),
        time_unix_nano: time(rng),
        count: rng.u64(0..100),
        sum: plain_double(rng),
        quantile_values: many(rng, 4, |rng| ValueAtQuantile { quantile: rng.f64(), value: plain_double(rng) }),
        flags: small(rng) % 4,
    })
}

fn metric(rng: &mut Rng) -> Metric {
    let temporality = |rng: &mut Rng| if one_in(rng, 8) { rng.i32(..) } else { rng.i32(0..3) };
    let data = match rng.u8(0..6) {
        0 => None,
        1 => Some(Data::Gauge(Gauge { data_points: number_points(rng) })),
        2 => Some(Data::Sum(Sum {
            data_points: number_points(rng),
            aggregation_temporality: temporality(rng),
            is_monotonic: rng.bool(),
        })),
        3 => Some(Data::Histogram(Histogram {
            data_points: histogram_points(rng),
            aggregation_temporality: temporality(rng),
        })),
        4 => Some(Data::ExponentialHistogram(ExponentialHistogram {
            data_points: exponential_points(rng),
            aggregation_temporality: temporality(rng),
        })),
        _ => Some(Data::Summary(Summary { data_points: summary_points(rng) })),
    };
    let metadata = if one_in(rng, 4) { attributes(rng) } else { Vec::new() };
    Metric { name: text(rng), description: rare_text(rng), unit: rare_text(rng), metadata, data }
}

pub(crate) fn metrics(rng: &mut Rng) -> ExportMetricsServiceRequest {
    ExportMetricsServiceRequest {
        resource_metrics: many(rng, 3, |rng| ResourceMetrics {
            resource: maybe(rng, resource),
            scope_metrics: many(rng, 3, |rng| ScopeMetrics {
                scope: maybe(rng, scope),
                metrics: many(rng, 3, metric),
                schema_url: rare_text(rng),
            }),
            schema_url: rare_text(rng),
        }),
    }
}

/// Damages or rearranges an encoded request. Pieces of `other` are spliced in, so that fields
/// repeat, change places and meet messages they do not belong to.
pub(crate) fn mutate(rng: &mut Rng, body: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..rng.usize(1..4) {
        if body.is_empty() {
            body.extend_from_slice(other);
            continue;
        }
        let at = rng.usize(0..body.len());
        match rng.u8(0..7) {
            0 => body[at] ^= 1 << rng.u8(0..8),
            1 => body[at] = rng.u8(..),
            2 => body.truncate(at),
            3 => {
                let from = rng.usize(0..=other.len());
                let to = rng.usize(from..=other.len());
                body.splice(at..at, other[from..to].iter().copied());
            }
            4 => {
                let end = (at + rng.usize(0..16)).min(body.len());
                body.drain(at..end);
            }
            // concatenating two messages merges them
            5 => body.extend_from_slice(other),
            _ => {
                let end = (at + rng.usize(0..40)).min(body.len());
                let piece = body[at..end].to_vec();
                body.splice(at..at, piece);
            }
        }
    }
}
