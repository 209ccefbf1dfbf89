//! Metric samples: 40 % counters, 30 % gauges with two decimals, 15 % buckets that stand still and
//! 15 % random doubles, every 15 seconds.

use crate::otlp::text;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;

const STEP_NS: u64 = 15_000_000_000;
/// Series of one resource, which is also one request.
const SERIES_PER_HOST: u64 = 500;
const CUMULATIVE: i32 = 2;

#[derive(Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
    Bucket,
    Random,
}

fn kind(series: u64) -> Kind {
    match series % 20 {
        0..8 => Kind::Counter,
        8..14 => Kind::Gauge,
        14..17 => Kind::Bucket,
        _ => Kind::Random,
    }
}

fn name(series: u64) -> String {
    let within = series % SERIES_PER_HOST;
    match kind(series) {
        Kind::Counter => format!("requests_{}_total", within / 20),
        Kind::Gauge => format!("usage_{}", within / 20),
        Kind::Bucket => format!("duration_{}_bucket", within / 20),
        Kind::Random => format!("signal_{}", within / 20),
    }
}

/// A walk per series; the same for the same number.
struct Walk {
    kind: Kind,
    rng: fastrand::Rng,
    value: f64,
}

impl Walk {
    fn new(series: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(series ^ 0x5eed);
        let value = f64::from(rng.u32(..100_000));
        Self { kind: kind(series), rng, value }
    }

    fn next(&mut self) -> f64 {
        match self.kind {
            Kind::Counter => self.value += f64::from(self.rng.u32(..200)),
            Kind::Gauge => self.value = ((self.value + self.rng.f64() * 10.0 - 5.0) * 100.0).round() / 100.0,
            Kind::Bucket => self.value += f64::from(u8::from(self.rng.u8(..50) == 0)),
            Kind::Random => self.value = self.rng.f64() * 1000.0,
        }
        self.value
    }
}

fn label(series: u64) -> String {
    format!("shard-{}", series % 20)
}

/// Scrape by scrape, one request for each host.
pub(crate) fn requests(series: u64, samples: u64, start_ns: i64) -> impl Iterator<Item = Vec<u8>> {
    let start = u64::try_from(start_ns).unwrap();
    let mut walks: Vec<Walk> = (0..series).map(Walk::new).collect();
    let hosts = series.div_ceil(SERIES_PER_HOST);
    (0..samples * hosts).map(move |number| {
        let (sample, host) = (number / hosts, number % hosts);
        let range = host * SERIES_PER_HOST..series.min((host + 1) * SERIES_PER_HOST);
        let time = start + sample * STEP_NS;
        let points = range.map(|s| metric(s, start, time, walks[usize::try_from(s).unwrap()].next()));
        request(host, points.collect())
    })
}

fn request(host: u64, metrics: Vec<Metric>) -> Vec<u8> {
    let attributes = vec![text("service.name", "node"), text("host.name", format!("node-{host:04}"))];
    let resource_metrics = vec![ResourceMetrics {
        resource: Some(Resource { attributes, ..Resource::default() }),
        scope_metrics: vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }],
        ..ResourceMetrics::default()
    }];
    ExportMetricsServiceRequest { resource_metrics }.encode_to_vec()
}

fn metric(series: u64, start: u64, time: u64, value: f64) -> Metric {
    let labels: Vec<KeyValue> = vec![text("shard", label(series))];
    let is_sum = matches!(kind(series), Kind::Counter | Kind::Bucket);
    let data_points = vec![NumberDataPoint {
        attributes: labels,
        start_time_unix_nano: if is_sum { start } else { 0 },
        time_unix_nano: time,
        value: Some(Value::AsDouble(value)),
        ..NumberDataPoint::default()
    }];
    let data = if is_sum {
        Data::Sum(Sum { data_points, aggregation_temporality: CUMULATIVE, is_monotonic: true })
    } else {
        Data::Gauge(Gauge { data_points })
    };
    Metric { name: name(series), data: Some(data), ..Metric::default() }
}

/// In the form that `VictoriaMetrics` imports: a line a series, with all its values.
pub(crate) fn print_lines(series: u64, samples: u64, start_ns: i64) {
    let start_ms = u64::try_from(start_ns).unwrap() / 1_000_000;
    let times: Vec<String> = (0..samples).map(|s| (start_ms + s * STEP_NS / 1_000_000).to_string()).collect();
    let times = times.join(",");
    for number in 0..series {
        let mut walk = Walk::new(number);
        let values: Vec<String> = (0..samples).map(|_| walk.next().to_string()).collect();
        println!(
            r#"{{"metric":{{"__name__":"{}","service":"node","host":"node-{:04}","shard":"{}"}},"values":[{}],"timestamps":[{times}]}}"#,
            name(number),
            number / SERIES_PER_HOST,
            label(number),
            values.join(",")
        );
    }
}
