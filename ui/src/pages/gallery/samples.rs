//! Data of the reference sheet: an hour in which a release breaks a shop, always the same.

use crate::chart::{Bar, Colour, Health, Heat, HeatRow, Marker, Series, TimeSeries};
use crate::severity::Level;
use crate::time_range::Window;

/// 2026-11-22 02:06 UTC.
const START_MS: f64 = 1_795_313_160_000.0;
const MINUTE_MS: f64 = 60_000.0;
const MINUTES: usize = 60;
/// When the release takes effect, in minutes after the start.
const BREAKS: f64 = 25.0;

/// Even numbers between 0 and 1, the same for every run (Numerical Recipes' generator).
pub(super) struct Noise(u32);

impl Noise {
    pub(super) fn new(seed: u32) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(self.0) / 4_294_967_296.0
    }
}

fn times() -> Vec<f64> {
    (0..MINUTES).map(|minute| START_MS + minute as f64 * MINUTE_MS).collect()
}

pub(super) fn window() -> Window {
    let from_ns = START_MS as i64 * 1_000_000;
    Window { from_ns, to_ns: from_ns + MINUTES as i64 * 60_000_000_000 }
}

fn hour(series: Vec<Series>) -> TimeSeries {
    TimeSeries { window: Some(window()), step_ms: Some(MINUTE_MS), times_ms: times(), series }
}

fn series(name: &str, colour: Colour, value: impl FnMut(usize) -> Option<f64>) -> Series {
    Series { name: name.to_owned(), colour, values: (0..MINUTES).map(value).collect() }
}

/// From 0 to 1 while it breaks.
fn breaking(minute: usize) -> f64 {
    ((minute as f64 - BREAKS) / 9.0).clamp(0.008, 1.0)
}

/// Failed requests per minute and service.
pub(super) fn failures() -> TimeSeries {
    let mut noise = Noise::new(5);
    let services = [("checkout", 166.0), ("payment", 163.0), ("storefront", 168.0), ("other", 5.0)];
    let all = services.into_iter().enumerate().map(|(place, (name, height))| {
        series(name, Colour::Category(place), |minute| {
            Some((height * breaking(minute) * (0.93 + noise.next() * 0.14)).round())
        })
    });
    hour(all.collect())
}

pub(super) fn markers() -> Vec<Marker> {
    [(25.0, "payment 3.18.0"), (37.0, "INC-2041 opened"), (38.0, "INC-2041 acknowledged")]
        .map(|(minute, label)| Marker { at_ms: START_MS + minute * MINUTE_MS, label: label.to_owned() })
        .to_vec()
}

/// Latency by quantile, in milliseconds, with a pause in the data.
pub(super) fn latency() -> TimeSeries {
    let mut noise = Noise::new(11);
    let quantiles = [("p50", 41.0, 90.0), ("p95", 335.0, 846.0), ("p99", 720.0, 2400.0)];
    let all = quantiles.into_iter().enumerate().map(|(place, (name, before, after))| {
        series(name, Colour::Category(place), |minute| {
            let value = (before + (after - before) * breaking(minute)) * (0.92 + noise.next() * 0.16);
            (!(14..18).contains(&minute) || (name == "p50" && minute == 16)).then_some(value)
        })
    });
    hour(all.collect())
}

/// Log lines per minute and severity.
pub(super) fn lines() -> TimeSeries {
    let mut noise = Noise::new(3);
    let levels = [
        (Level::Debug, 300.0, 0.0),
        (Level::Info, 1400.0, -200.0),
        (Level::Warn, 40.0, 160.0),
        (Level::Error, 4.0, 420.0),
    ];
    let all = levels.into_iter().map(|(level, before, more)| {
        series(level.name(), Colour::Severity(level), |minute| {
            Some(((before + more * breaking(minute)) * (0.9 + noise.next() * 0.2)).round())
        })
    });
    hour(all.collect())
}

/// Bytes per second in (above zero) and out (below).
pub(super) fn traffic() -> TimeSeries {
    let mut noise = Noise::new(17);
    let mut wave =
        move |minute: usize, size: f64| size * (1.0 + 0.3 * (minute as f64 / 9.0).sin() + noise.next() * 0.1);
    let received = series("received", Colour::Category(0), |minute| Some(wave(minute, 38.4e6)));
    let sent = series("sent", Colour::Category(3), |minute| Some(-wave(minute, 12.1e6)));
    hour(vec![received, sent])
}

/// Memory in bytes, far from zero.
pub(super) fn memory() -> TimeSeries {
    let mut noise = Noise::new(23);
    hour(vec![series("resident", Colour::Category(4), |minute| {
        Some(1.24e9 + minute as f64 * 4e5 + noise.next() * 6e6)
    })])
}

/// Share of requests by state, stacked to a hundred.
pub(super) fn shares() -> TimeSeries {
    let bad = |minute: usize| 18.6 * breaking(minute);
    let warn = |minute: usize| 9.0 * breaking(minute) + 1.0;
    hour(vec![
        series("failing", Colour::Health(Health::Bad), move |minute| Some(bad(minute))),
        series("slow", Colour::Health(Health::Warn), move |minute| Some(warn(minute))),
        series("served", Colour::Health(Health::Ok), move |minute| Some(100.0 - bad(minute) - warn(minute))),
    ])
}

/// More series than there are colours.
pub(super) fn many() -> TimeSeries {
    let mut noise = Noise::new(31);
    let all = (0..19).map(|place| {
        let mut value = 20.0 + place as f64 * 6.0;
        series(&format!("pod-{place:02}"), Colour::Category(place), |_| {
            value += (noise.next() - 0.5) * 8.0;
            Some(value.max(0.0))
        })
    });
    hour(all.collect())
}

/// What is easily drawn wrong.
pub(super) fn odd(what: &str) -> TimeSeries {
    let one = |value: fn(usize) -> Option<f64>| hour(vec![series(what, Colour::Category(0), value)]);
    match what {
        "one point" => one(|minute| (minute == 30).then_some(42.0)),
        "all zero" => one(|_| Some(0.0)),
        "negative" => one(|minute| Some(-(minute as f64) * 1.5 - 3.0)),
        "huge" => one(|minute| Some(1.7e27 * (1.0 + minute as f64))),
        "tiny" => one(|minute| Some(3.1e-7 * (1.0 + (minute % 7) as f64))),
        _ => one(|_| None),
    }
}

/// Requests by duration.
pub(super) fn heat() -> Heat {
    let mut noise = Noise::new(41);
    let ranges = [
        "0–5 ms",
        "5–10 ms",
        "10–25 ms",
        "25–50 ms",
        "50–100 ms",
        "100–250 ms",
        "250–500 ms",
        "0.5–1 s",
        "1–2.5 s",
        "2.5–5 s",
        "5–10 s",
    ];
    let rows = ranges.into_iter().enumerate().map(|(row, label)| {
        let near = |middle: f64| (-((row as f64 - middle) / 1.4).powi(2)).exp();
        let counts = (0..MINUTES).map(|minute| {
            let slow = breaking(minute) * near(8.6) * 140.0;
            ((near(2.8) * 420.0 * (1.0 - 0.3 * breaking(minute)) + slow) * (0.8 + noise.next() * 0.4)).floor()
        });
        HeatRow { label: label.to_owned(), counts: counts.collect() }
    });
    Heat { times_ms: times(), step_ms: MINUTE_MS, rows: rows.collect() }
}

pub(super) fn bars() -> Vec<Bar> {
    let bar = |label: &str, value: Option<f64>| Bar { label: label.to_owned(), value, colour: None };
    vec![
        bar("POST /v1/payments/authorise", Some(8950.0)),
        bar("POST /checkout", Some(9980.0)),
        bar("GET /products/{id}", Some(318.0)),
        bar("GET /health", Some(1.2)),
        bar("GET /recommendations/for/a/customer/with/a/very/long/path", None),
    ]
}

pub(super) fn spark(values: &[u8]) -> Vec<Option<f64>> {
    values.iter().map(|value| Some(f64::from(*value))).collect()
}
