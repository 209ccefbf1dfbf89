//! What the section Health shows of the server's own metrics.

use crate::number;
use crate::prometheus::{History, Sample};

/// A row of the section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// Log records received.
    Logs,
    /// Spans received.
    Spans,
    /// Metric points received.
    Metrics,
    /// Bytes received.
    Received,
    /// Records rejected.
    Rejected,
    /// Requests answered with an error.
    Refused,
    /// Requests that broke a limit.
    LimitHits,
    /// Slow intake requests.
    RequestSlow,
    /// Connections.
    Connections,
    /// Usual time of a sync.
    SyncUsual,
    /// Time of a slow sync.
    SyncSlow,
    /// Bytes of the log on disk.
    WalBytes,
    /// Rows written to files.
    Flushed,
    /// Rows merged.
    Merged,
    /// Files.
    Files,
    /// Bytes of files.
    FileBytes,
    /// Free disk.
    DiskFree,
    /// Failed writes, flushes and merges.
    StorageFailures,
    /// Damaged files.
    Quarantined,
    /// Queries started.
    Queries,
    /// Running now.
    Running,
    /// Waiting now.
    Queued,
    /// Usual time of a query.
    QueryUsual,
    /// Time of a slow query.
    QuerySlow,
    /// Rows read.
    Scanned,
    /// Bytes read.
    ScannedBytes,
    /// Intermediate results on disk.
    Spilled,
    /// Queries that failed.
    QueriesFailed,
    /// Memory of the process.
    Resident,
    /// Rows in memory.
    MemtableRows,
}

/// What the rows are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// What comes in.
    Intake,
    /// What is kept.
    Storage,
    /// What is asked.
    Queries,
}

/// Where a row's numbers come from.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// Growth of counters a second.
    Rate(&'static [&'static str]),
    /// A gauge as it is.
    Gauge(&'static str),
    /// Counters that should not grow: their total, as a line their growth.
    Trouble(&'static [&'static str]),
    /// A quantile of a histogram of seconds.
    Quantile(&'static str, f64),
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Things a second.
    PerSecond,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Seconds.
    Seconds,
}

impl Unit {
    /// A value as number and unit.
    #[must_use]
    pub fn text(self, value: f64) -> (String, String) {
        let rounded = value.max(0.0).round() as u64;
        let whole = match self {
            Self::Count => number::count(rounded),
            Self::PerSecond => number::rate(value.max(0.0)),
            Self::Bytes | Self::BytesPerSecond => number::bytes(rounded),
            Self::Seconds => number::milliseconds(value * 1000.0),
        };
        let (digits, unit) = whole.split_once(' ').unwrap_or((&whole, ""));
        let per = if matches!(self, Self::PerSecond | Self::BytesPerSecond) { "/s" } else { "" };
        (digits.to_owned(), format!("{unit}{per}"))
    }
}

/// A row as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Which.
    pub row: Row,
    /// The last value; none before there is one.
    pub now: Option<f64>,
    /// What it counts.
    pub unit: Unit,
    /// The values of the last minutes.
    pub line: Vec<f64>,
    /// Whether something went wrong within the last minutes.
    pub is_trouble: bool,
}

const RECEIVED: [&str; 3] = [
    "lincei_ingest_received_records_total{signal=logs}",
    "lincei_ingest_received_records_total{signal=traces}",
    "lincei_ingest_received_records_total{signal=metrics}",
];
const REJECTED: [&str; 3] = [
    "lincei_ingest_rejected_records_total{signal=logs}",
    "lincei_ingest_rejected_records_total{signal=traces}",
    "lincei_ingest_rejected_records_total{signal=metrics}",
];
const FAILURES: [&str; 3] =
    ["lincei_wal_failures_total", "lincei_flush_failures_total", "lincei_compaction_failures_total"];
/// Quantiles that rows show, each as a series of its own beside the server's.
const QUANTILES: [(&str, f64); 5] = [
    ("lincei_ingest_request_seconds", 0.99),
    ("lincei_wal_sync_seconds", 0.5),
    ("lincei_wal_sync_seconds", 0.99),
    ("lincei_query_seconds", 0.5),
    ("lincei_query_seconds", 0.99),
];
/// Over how long rates and quantiles are taken, in milliseconds.
const WINDOW_MS: f64 = 60_000.0;
/// Over how long the rate is taken that is shown as the present one.
const NOW_MS: f64 = 10_000.0;

fn quantile_key(name: &str, quantile: f64) -> String {
    format!("{name}:{quantile}")
}

/// Takes an answer of `/metrics`.
pub fn take(history: &mut History, at_ms: f64, samples: &[Sample]) {
    history.push(at_ms, samples);
    for (name, quantile) in QUANTILES {
        if let Some(value) = history.quantile(name, quantile, WINDOW_MS) {
            history.add(&quantile_key(name, quantile), value);
        }
    }
}

impl Group {
    /// All, in their order.
    pub const ALL: [Self; 3] = [Self::Intake, Self::Storage, Self::Queries];

    /// The rows of the group, in their order.
    #[must_use]
    pub const fn rows(self) -> &'static [Row] {
        match self {
            Self::Intake => &[
                Row::Logs,
                Row::Spans,
                Row::Metrics,
                Row::Received,
                Row::RequestSlow,
                Row::Connections,
                Row::Rejected,
                Row::Refused,
                Row::LimitHits,
            ],
            Self::Storage => &[
                Row::SyncUsual,
                Row::SyncSlow,
                Row::WalBytes,
                Row::Flushed,
                Row::Merged,
                Row::Files,
                Row::FileBytes,
                Row::DiskFree,
                Row::StorageFailures,
                Row::Quarantined,
            ],
            Self::Queries => &[
                Row::Queries,
                Row::Running,
                Row::Queued,
                Row::QueryUsual,
                Row::QuerySlow,
                Row::Scanned,
                Row::ScannedBytes,
                Row::Spilled,
                Row::QueriesFailed,
            ],
        }
    }
}

impl Row {
    fn source(self) -> (Source, Unit) {
        use Source::{Gauge, Quantile, Rate, Trouble};
        match self {
            Self::Logs => (Rate(RECEIVED.split_at(1).0), Unit::PerSecond),
            Self::Spans => (Rate(RECEIVED.split_at(2).0.split_at(1).1), Unit::PerSecond),
            Self::Metrics => (Rate(RECEIVED.split_at(2).1), Unit::PerSecond),
            Self::Received => (Rate(&["lincei_ingest_received_bytes_total"]), Unit::BytesPerSecond),
            Self::Rejected => (Trouble(&REJECTED), Unit::Count),
            Self::Refused => (Trouble(&["lincei_ingest_refused_requests_total"]), Unit::Count),
            Self::LimitHits => (Trouble(&["lincei_limit_hits_total"]), Unit::Count),
            Self::RequestSlow => (Quantile("lincei_ingest_request_seconds", 0.99), Unit::Seconds),
            Self::Connections => (Gauge("lincei_connections"), Unit::Count),
            Self::SyncUsual => (Quantile("lincei_wal_sync_seconds", 0.5), Unit::Seconds),
            Self::SyncSlow => (Quantile("lincei_wal_sync_seconds", 0.99), Unit::Seconds),
            Self::WalBytes => (Gauge("lincei_wal_bytes"), Unit::Bytes),
            Self::Flushed => (Rate(&["lincei_flush_rows_total"]), Unit::PerSecond),
            Self::Merged => (Rate(&["lincei_compaction_rows_total"]), Unit::PerSecond),
            Self::Files => (Gauge("lincei_files"), Unit::Count),
            Self::FileBytes => (Gauge("lincei_file_bytes"), Unit::Bytes),
            Self::DiskFree => (Gauge("lincei_disk_free_bytes"), Unit::Bytes),
            Self::StorageFailures => (Trouble(&FAILURES), Unit::Count),
            Self::Quarantined => (Trouble(&["lincei_quarantined_files_total"]), Unit::Count),
            Self::Queries => (Rate(&["lincei_queries_total"]), Unit::PerSecond),
            Self::Running => (Gauge("lincei_queries_running"), Unit::Count),
            Self::Queued => (Gauge("lincei_queries_queued"), Unit::Count),
            Self::QueryUsual => (Quantile("lincei_query_seconds", 0.5), Unit::Seconds),
            Self::QuerySlow => (Quantile("lincei_query_seconds", 0.99), Unit::Seconds),
            Self::Scanned => (Rate(&["lincei_query_scanned_rows_total"]), Unit::PerSecond),
            Self::ScannedBytes => (Rate(&["lincei_query_scanned_bytes_total"]), Unit::BytesPerSecond),
            Self::Spilled => (Gauge("lincei_query_spilled_bytes"), Unit::Bytes),
            Self::QueriesFailed => (Trouble(&["lincei_queries_failed_total"]), Unit::Count),
            Self::Resident => (Gauge("lincei_process_resident_bytes"), Unit::Bytes),
            Self::MemtableRows => (Gauge("lincei_memtable_rows"), Unit::Count),
        }
    }

    /// Whether the row counts what should not happen.
    #[must_use]
    pub fn counts_trouble(self) -> bool {
        matches!(self.source().0, Source::Trouble(_))
    }

    /// The row as it is now; none for one that the server does not have.
    #[must_use]
    pub fn read(self, history: &History) -> Option<Reading> {
        let (source, unit) = self.source();
        let reading = |now, line, is_trouble| Reading { row: self, now, unit, line, is_trouble };
        match source {
            Source::Gauge(key) => {
                let now = history.last(key)?;
                Some(reading(Some(now), history.values(key), false))
            }
            Source::Rate(keys) => {
                let known = keys.iter().any(|key| history.last(key).is_some());
                let now = keys.iter().filter_map(|key| history.rate(key, NOW_MS)).reduce(|a, b| a + b);
                known.then(|| reading(now, sums(history, keys), false))
            }
            Source::Trouble(keys) => {
                let total = keys.iter().filter_map(|key| history.last(key)).reduce(|a, b| a + b)?;
                let line = sums(history, keys);
                let grew = line.iter().any(|rate| *rate > 0.0);
                Some(reading(Some(total), line, grew))
            }
            Source::Quantile(name, quantile) => {
                let key = quantile_key(name, quantile);
                Some(reading(history.last(&key), history.values(&key), false))
            }
        }
    }
}

/// Rates of several counters, added.
fn sums(history: &History, keys: &[&str]) -> Vec<f64> {
    let mut total: Vec<f64> = Vec::new();
    for rates in keys.iter().map(|key| history.rates(key)) {
        total.resize(total.len().max(rates.len()), 0.0);
        // Series may begin later: what they share is the end.
        for (sum, rate) in total.iter_mut().rev().zip(rates.iter().rev()) {
            *sum += rate;
        }
    }
    total
}

/// A part of the memory budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Name, as the server has it.
    pub name: &'static str,
    /// Its part, in bytes.
    pub budget: f64,
    /// What of it is in use; none where the server does not tell.
    pub used: Option<f64>,
}

/// The parts of the memory budget, as far as the server tells, and the whole.
#[must_use]
pub fn memory_parts(history: &History) -> (Vec<Part>, f64) {
    let parts: Vec<Part> = [
        ("process", None),
        ("bodies", Some("lincei_ingest_in_flight_bytes")),
        ("wal_queue", None),
        ("memtable", Some("lincei_memtable_bytes")),
        ("metadata_cache", None),
        ("term_cache", None),
        ("compaction", None),
        ("queries", Some("lincei_query_memory_bytes")),
    ]
    .into_iter()
    .filter_map(|(name, used)| {
        let budget = history.last(&crate::prometheus::key("lincei_memory_budget_bytes", &[("part", name)]))?;
        Some(Part { name, budget, used: used.and_then(|key| history.last(key)) })
    })
    .collect();
    let whole = parts.iter().map(|part| part.budget).sum();
    (parts, whole)
}

/// The path of a sparkline in a box of `width` by `height`, from zero to the greatest value or
/// `floor`, whichever is more; empty for less than two values.
#[must_use]
pub fn spark_path(line: &[f64], width: f64, height: f64, floor: f64) -> String {
    if line.len() < 2 {
        return String::new();
    }
    let top = line.iter().copied().fold(floor, f64::max);
    let step = width / (line.len() - 1) as f64;
    let mut path = String::with_capacity(line.len() * 12);
    for (place, value) in line.iter().enumerate() {
        let y = if top > 0.0 { height - 1.0 - value.max(0.0) / top * (height - 2.0) } else { height - 1.0 };
        path.push_str(&format!("{}{:.1} {y:.1}", if place == 0 { 'M' } else { 'L' }, step * place as f64));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::parse;

    // As `/metrics` writes it.
    const TEXT: &str = "lincei_ingest_received_records_total{signal=\"logs\"} 100
lincei_ingest_received_records_total{signal=\"traces\"} 10
lincei_ingest_received_records_total{signal=\"metrics\"} 1
lincei_ingest_rejected_records_total{signal=\"logs\"} 0
lincei_ingest_rejected_records_total{signal=\"traces\"} 2
lincei_files 7
lincei_wal_sync_seconds_bucket{le=\"0.001\"} 10
lincei_wal_sync_seconds_bucket{le=\"+Inf\"} 10
lincei_memory_budget_bytes{part=\"memtable\"} 1000
lincei_memory_budget_bytes{part=\"process\"} 500
lincei_memtable_bytes 250";

    fn history() -> History {
        let mut history = History::default();
        take(&mut history, 0.0, &parse(TEXT));
        let later = TEXT
            .replace("\"logs\"} 100", "\"logs\"} 300")
            .replace("\"traces\"} 2", "\"traces\"} 3")
            .replace("} 10\nlincei_wal", "} 14\nlincei_wal")
            .replace("\"+Inf\"} 10", "\"+Inf\"} 14");
        take(&mut history, 2000.0, &parse(&later));
        history
    }

    #[test]
    fn rows_are_read_from_the_servers_metrics() {
        let h = history();
        let now = |row: Row| row.read(&h).and_then(|reading| reading.now);
        assert_eq!((now(Row::Logs), now(Row::Spans), now(Row::Files)), (Some(100.0), Some(0.0), Some(7.0)));
        let rejected = Row::Rejected.read(&h).unwrap();
        assert_eq!((rejected.now, rejected.line.as_slice(), rejected.is_trouble), (Some(3.0), &[0.5][..], true));
        assert_eq!(Row::DiskFree.read(&h), None);
        // Four syncs, all up to 1 ms: the middle of the bucket.
        assert_eq!(now(Row::SyncUsual), Some(0.0005));
        assert_eq!(now(Row::QuerySlow), None);
    }

    #[test]
    fn every_row_has_a_group_once_or_is_of_memory() {
        let rows: Vec<Row> = Group::ALL.into_iter().flat_map(|group| group.rows().iter().copied()).collect();
        let mut different = rows.clone();
        different.dedup();
        assert_eq!(rows.len(), different.len());
        assert!(Row::Rejected.counts_trouble() && !Row::Files.counts_trouble());
    }

    #[test]
    fn memory_has_parts_with_and_without_a_known_use() {
        let (parts, whole) = memory_parts(&history());
        assert_eq!(
            parts,
            [
                Part { name: "process", budget: 500.0, used: None },
                Part { name: "memtable", budget: 1000.0, used: Some(250.0) },
            ]
        );
        assert!((whole - 1500.0).abs() < 1e-9);
    }

    #[test]
    fn units_stand_apart() {
        let text = |unit: Unit, value: f64| {
            let (number, unit) = unit.text(value);
            format!("{number}|{unit}")
        };
        assert_eq!(text(Unit::PerSecond, 3822.0), "3.82|k/s");
        assert_eq!(text(Unit::PerSecond, 0.4), "0.4|/s");
        assert_eq!(text(Unit::Bytes, 38e6), "38|MB");
        assert_eq!(text(Unit::BytesPerSecond, 0.0), "0|B/s");
        assert_eq!(text(Unit::Seconds, 0.0005), "0.5|ms");
        assert_eq!(text(Unit::Count, 12.0), "12|");
    }

    #[test]
    fn sparklines_have_a_floor() {
        assert_eq!(spark_path(&[0.0, 5.0, 10.0], 100.0, 22.0, 0.0), "M0.0 21.0L50.0 11.0L100.0 1.0");
        assert_eq!(spark_path(&[0.0, 5.0], 100.0, 22.0, 50.0), "M0.0 21.0L100.0 19.0");
        assert_eq!(spark_path(&[0.0, 0.0], 100.0, 22.0, 0.0), "M0.0 21.0L100.0 21.0");
        assert_eq!(spark_path(&[1.0], 100.0, 22.0, 0.0), "");
    }
}
