//! The log records, in time order: one million an hour.

use crate::distribution::Weighted;
use crate::templates::{self, Template};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher as _};

/// Between two records.
const STEP_NS: i64 = 3_600_000;
pub(crate) const ROWS_PER_HOUR: u64 = 1_000_000;
/// A rare token, inside a longer one, in one row of each block of this many.
const ROWS_PER_NEEDLE: u64 = 625_000;
const NEEDLE_AT: u64 = 7_919;
const USERS: u32 = 1_000_000;
const PATHS: u32 = 200;
/// Traces that take turns; each gets five records.
const OPEN_TRACES: usize = 64;
const RECORDS_PER_TRACE: u8 = 5;

pub(crate) const SERVICES: [&str; 20] = [
    "checkout",
    "catalog",
    "frontend",
    "payment",
    "cart",
    "search",
    "session",
    "gateway",
    "inventory",
    "shipping",
    "email",
    "recommendation",
    "currency",
    "fraud",
    "ledger",
    "profile",
    "image",
    "quote",
    "advert",
    "feedback",
];
pub(crate) const HOSTS_PER_SERVICE: u32 = 5;
/// With the OTLP severity number.
pub(crate) const SEVERITIES: [(&str, i32); 6] =
    [("TRACE", 1), ("DEBUG", 5), ("INFO", 9), ("WARN", 13), ("ERROR", 17), ("FATAL", 21)];
const SEVERITY_WEIGHTS: [f64; 6] = [0.02, 0.13, 0.70, 0.09, 0.05, 0.01];
pub(crate) const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];
const STATUSES: [(u16, f64); 9] = [
    (200, 0.86),
    (201, 0.04),
    (204, 0.02),
    (304, 0.02),
    (400, 0.015),
    (404, 0.025),
    (500, 0.012),
    (502, 0.004),
    (503, 0.004),
];
pub(crate) const LOGGERS: [&str; 12] = [
    "app.http.server",
    "app.http.client",
    "app.db.pool",
    "app.db.query",
    "app.cache",
    "app.queue.consumer",
    "app.queue.producer",
    "app.auth",
    "app.jobs",
    "app.storage",
    "app.rpc",
    "app.main",
];

/// One record; small numbers index the lists above.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) time_ns: i64,
    pub(crate) severity: usize,
    pub(crate) service: u32,
    pub(crate) host: u32,
    pub(crate) body: String,
    /// Trace and span.
    pub(crate) trace: Option<(u128, u64)>,
    pub(crate) path: u32,
    pub(crate) method: usize,
    pub(crate) status: u16,
    pub(crate) user: u32,
    /// With three decimals.
    pub(crate) latency_ms: f64,
    pub(crate) client: [u8; 4],
    pub(crate) thread: u8,
    pub(crate) logger: usize,
}

/// An endless stream of rows, the same one for the same start.
pub(crate) struct Rows {
    rng: fastrand::Rng,
    start_ns: i64,
    number: u64,
    templates: Vec<Template>,
    template: Weighted,
    service: Weighted,
    severity: Weighted,
    status: Weighted,
    path: Weighted,
    user: Weighted,
    pub(crate) paths: Vec<String>,
    /// Number of the trace and records still to come.
    open: Vec<(u64, u8)>,
    traces: u64,
}

impl Rows {
    pub(crate) fn new(start_ns: i64) -> Self {
        let mut rng = fastrand::Rng::with_seed(9);
        let nouns = ["orders", "carts", "items", "users", "search", "invoices", "images", "quotes", "stock", "events"];
        let paths = (0..PATHS).map(|i| {
            let noun = nouns[rng.usize(..nouns.len())];
            if i % 3 == 0 { format!("/api/v1/{noun}/{i}") } else { format!("/{noun}/{{id}}/part-{i}") }
        });
        let paths = paths.collect();
        Self {
            rng,
            start_ns,
            number: 0,
            templates: templates::all(),
            template: Weighted::zipf(templates::COUNT, 0.9),
            service: Weighted::zipf(20, 0.8),
            severity: Weighted::new(SEVERITY_WEIGHTS),
            status: Weighted::new(STATUSES.map(|(_, weight)| weight)),
            path: Weighted::zipf(PATHS, 0.2),
            user: Weighted::zipf(USERS, 1.0),
            paths,
            open: Vec::new(),
            traces: 0,
        }
    }

    fn trace(&mut self) -> (u128, u64) {
        while self.open.len() < OPEN_TRACES {
            self.open.push((self.traces, RECORDS_PER_TRACE));
            self.traces += 1;
        }
        let at = self.rng.usize(..OPEN_TRACES);
        let (number, left) = &mut self.open[at];
        *left -= 1;
        let id = trace_id(*number);
        if *left == 0 {
            self.open.swap_remove(at);
        }
        (id, self.rng.u64(1..))
    }

    /// Heavy to the right, as latencies are, with a scale of its own for each path.
    fn latency_ms(&mut self, path: u32) -> f64 {
        let normal = (0..4).map(|_| self.rng.f64()).sum::<f64>() - 2.0;
        let scale = 2.0 + f64::from(path % 40) * 3.0;
        (scale * (normal * 1.6).exp() * 1000.0).round() / 1000.0
    }

    fn body(&mut self, path: u32, status: u16, latency_ms: f64) -> String {
        let mut body = String::with_capacity(256);
        let template = self.template.draw(&mut self.rng) as usize;
        self.templates[template].fill(&mut body, &mut self.rng);
        if self.rng.u8(..4) > 0 {
            let (request, session) = (self.rng.u64(..), self.rng.u64(..) >> 16);
            let path = &self.paths[path as usize];
            write!(
                body,
                " req={request:016x} session={session:012x} path={path} status={status} took={latency_ms:.0}ms"
            )
            .unwrap();
        }
        if self.number % ROWS_PER_NEEDLE == NEEDLE_AT {
            body.push_str(" volume=vol-a3kx9q7ztb1f");
        }
        body
    }
}

impl Iterator for Rows {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let offset = i64::try_from(self.number).unwrap() * STEP_NS + self.rng.i64(0..STEP_NS);
        let service = self.service.draw(&mut self.rng);
        let host = service * HOSTS_PER_SERVICE + self.rng.u32(..HOSTS_PER_SERVICE);
        let path = self.path.draw(&mut self.rng);
        let status = STATUSES[self.status.draw(&mut self.rng) as usize].0;
        let latency_ms = self.latency_ms(path);
        let row = Row {
            time_ns: self.start_ns + offset,
            severity: self.severity.draw(&mut self.rng) as usize,
            service,
            host,
            body: self.body(path, status, latency_ms),
            trace: if self.rng.u8(..10) == 0 { Some(self.trace()) } else { None },
            path,
            method: self.rng.usize(..METHODS.len()),
            status,
            user: if self.rng.u8(..10) < 3 { self.user.draw(&mut self.rng) } else { self.rng.u32(..USERS) },
            latency_ms,
            client: [10, self.rng.u8(..), self.rng.u8(..), self.rng.u8(..)],
            thread: self.rng.u8(..16),
            logger: self.rng.usize(..LOGGERS.len()),
        };
        self.number += 1;
        Some(row)
    }
}

/// Spread over all bits, like real ones.
fn trace_id(number: u64) -> u128 {
    fastrand::Rng::with_seed(number).u128(1..)
}

/// What the driver has to know of `count` rows: the id of a trace that lies in the middle and is
/// complete, how many rows hold the rare token, and a sum that tells other rows from these.
pub(crate) fn facts(count: u64) -> String {
    let trace = trace_id(count / 10 / u64::from(RECORDS_PER_TRACE) / 2);
    let needles = (0..).take_while(|n| n * ROWS_PER_NEEDLE + NEEDLE_AT < count).count();
    let mut sum = DefaultHasher::new();
    Rows::new(0).take(1000).for_each(|row| sum.write(format!("{row:?}").as_bytes()));
    format!(r#""rows": {count}, "trace_id": "{trace:032x}", "needles": {needles}, "sum": "{:x}""#, sum.finish())
}

pub(crate) fn user_id(user: u32) -> String {
    format!("u{user:06}")
}

pub(crate) fn host_name(host: u32) -> String {
    format!("{}-{}.prod.example", SERVICES[(host / HOSTS_PER_SERVICE) as usize], host % HOSTS_PER_SERVICE)
}

pub(crate) fn version(service: u32) -> String {
    format!("{}.{}.0", 1 + service % 4, service * 7 % 23)
}

pub(crate) fn environment(host: u32) -> &'static str {
    if host.is_multiple_of(HOSTS_PER_SERVICE) { "staging" } else { "production" }
}

pub(crate) fn client_address([a, b, c, d]: [u8; 4]) -> String {
    format!("{a}.{b}.{c}.{d}")
}

pub(crate) fn thread_name(thread: u8) -> String {
    format!("worker-{thread}")
}
