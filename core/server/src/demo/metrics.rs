//! Metrics of the shop: what was served, and how the programs fare.

use super::fault::Fault;
use super::otlp::{CUMULATIVE, Data, Gauge, Histogram, HistogramPoint, KeyValue, Metric, Number, NumberPoint, Sum};
use super::outbox::{Sender, attribute};
use super::shop::{Operation, Service};
use fastrand::Rng;
use std::collections::BTreeMap;

/// Upper bounds in seconds, as OpenTelemetry advises for `http.server.request.duration`.
const BOUNDS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    sender: Sender,
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Default)]
struct Durations {
    sum: f64,
    buckets: [u64; BOUNDS.len() + 1],
}

/// Durations of what was served since the shop opened.
#[derive(Debug, Default)]
pub(super) struct Served {
    series: BTreeMap<Series, Durations>,
}

impl Served {
    pub(super) fn count(&mut self, sender: Sender, operation: &Operation, status: u16, took_ns: u64) {
        let series = Series { sender, method: operation.method, route: operation.route, status };
        let durations = self.series.entry(series).or_default();
        #[expect(clippy::cast_precision_loss, reason = "nanoseconds of some minutes")]
        let seconds = took_ns as f64 / 1e9;
        durations.sum += seconds;
        let bucket = BOUNDS.partition_point(|bound| *bound < seconds);
        if let Some(count) = durations.buckets.get_mut(bucket) {
            *count += 1;
        }
    }

    /// Durations up to now, by sender.
    pub(super) fn metrics(&self, opened_ns: u64, now_ns: u64) -> BTreeMap<Sender, Vec<Metric>> {
        let mut points: BTreeMap<Sender, Vec<HistogramPoint>> = BTreeMap::new();
        for (series, durations) in &self.series {
            points.entry(series.sender).or_default().push(HistogramPoint {
                attributes: vec![
                    attribute("http.request.method", series.method),
                    attribute("http.route", series.route),
                    attribute("http.response.status_code", i64::from(series.status)),
                ],
                start_ns: opened_ns,
                time_ns: now_ns,
                count: durations.buckets.iter().sum(),
                sum: Some(durations.sum),
                buckets: durations.buckets.to_vec(),
                bounds: BOUNDS.to_vec(),
            });
        }
        let metric = |points| Metric {
            name: "http.server.request.duration".to_owned(),
            description: "Duration of HTTP server requests.".to_owned(),
            unit: "s".to_owned(),
            data: Some(Data::Histogram(Histogram { points, temporality: CUMULATIVE })),
        };
        points.into_iter().map(|(sender, points)| (sender, vec![metric(points)])).collect()
    }
}

/// How a program fares now.
pub(super) fn state(
    rng: &mut Rng,
    sender: Sender,
    fault: Option<(Fault, f64)>,
    opened_ns: u64,
    now_ns: u64,
) -> Vec<Metric> {
    let service = sender.service;
    let wrong = |wanted: Fault| fault.filter(|(fault, _)| *fault == wanted).map(|(_, far)| far);
    let busy = fault.map_or(1.0, |(fault, _)| fault.own_time(service)).sqrt();
    let cpu = (0.11 + 0.05 * rng.f64()) * busy;
    let mib = f64::from(1 << 20);
    let heap = match (service, wrong(Fault::FullHeap)) {
        (Service::Search, Some(far)) => 900.0 + 1_100.0 * far,
        (Service::Search | Service::Checkout, _) => 760.0,
        _ => 180.0,
    };
    let uptime_s = now_ns.saturating_sub(opened_ns) / 1_000_000_000;
    let mut metrics = vec![
        gauge("process.cpu.utilization", "1", cpu.min(0.98), now_ns, Vec::new()),
        gauge("process.memory.usage", "By", (heap + 20.0 * rng.f64()) * mib, now_ns, Vec::new()),
        sum("process.uptime", "s", uptime_s, opened_ns, now_ns),
    ];
    let pool = match (service, wrong(Fault::SmallPool), wrong(Fault::LockedOrders)) {
        (Service::Inventory, Some(_), _) => Some(15.0),
        (Service::Checkout, _, Some(far)) => Some(6.0 + 14.0 * far),
        (Service::Catalog | Service::Search | Service::Inventory | Service::Checkout | Service::Payment, ..) => {
            Some(2.0 + (3.0 * rng.f64()).floor())
        }
        _ => None,
    };
    if let Some(used) = pool {
        let state = vec![attribute("db.client.connection.state", "used")];
        metrics.push(gauge("db.client.connection.count", "{connection}", used.floor(), now_ns, state));
    }
    if service == Service::Email {
        let lag = wrong(Fault::MailBacklog).map_or(0.0, |far| (160.0 * far).floor());
        let queue = vec![attribute("messaging.destination.name", "orders")];
        metrics.push(gauge("messaging.kafka.consumer.lag", "{message}", lag, now_ns, queue));
    }
    metrics
}

/// Visits of seconds.
pub(super) fn visits(seconds: impl Iterator<Item = (u64, u32)>) -> Metric {
    let point = |(time_ns, count)| NumberPoint {
        time_ns,
        value: Some(Number::Int(i64::from(count))),
        ..NumberPoint::default()
    };
    let data = Some(Data::Gauge(Gauge { points: seconds.map(point).collect() }));
    Metric { name: "shop.visits".to_owned(), unit: "{visit}/s".to_owned(), data, ..Metric::default() }
}

fn gauge(name: &str, unit: &str, value: f64, now_ns: u64, attributes: Vec<KeyValue>) -> Metric {
    let point =
        NumberPoint { attributes, time_ns: now_ns, value: Some(Number::Double(value)), ..NumberPoint::default() };
    let data = Some(Data::Gauge(Gauge { points: vec![point] }));
    Metric { name: name.to_owned(), unit: unit.to_owned(), data, ..Metric::default() }
}

fn sum(name: &str, unit: &str, value: u64, opened_ns: u64, now_ns: u64) -> Metric {
    let point = NumberPoint {
        start_ns: opened_ns,
        time_ns: now_ns,
        value: Some(Number::Int(i64::try_from(value).unwrap_or(i64::MAX))),
        ..NumberPoint::default()
    };
    let data = Some(Data::Sum(Sum { points: vec![point], temporality: CUMULATIVE, is_monotonic: true }));
    Metric { name: name.to_owned(), unit: unit.to_owned(), data, ..Metric::default() }
}
