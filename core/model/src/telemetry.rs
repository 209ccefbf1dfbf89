//! Names and values of Lincei's own metrics: one enum each, so that dashboards may rely on them.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

macro_rules! metric_enum {
    ($(#[$doc:meta])* $name:ident { $($variant:ident => $metric:literal, $labels:literal, $help:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(usize)]
        pub enum $name { $(#[doc = $help] $variant,)+ }

        impl $name {
            /// All, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Metric name.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $metric,)+ } }

            /// Labels as written between braces, empty for none.
            #[must_use]
            pub const fn labels(self) -> &'static str { match self { $(Self::$variant => $labels,)+ } }

            /// One line of help.
            #[must_use]
            pub const fn help(self) -> &'static str { match self { $(Self::$variant => $help,)+ } }
        }
    };
}

metric_enum! {
    /// Only ever grows.
    Counter {
        ReceivedLogs => "lincei_ingest_received_records_total", "signal=\"logs\"", "Records received by intake.";
        ReceivedTraces => "lincei_ingest_received_records_total", "signal=\"traces\"", "Records received by intake.";
        ReceivedMetrics => "lincei_ingest_received_records_total", "signal=\"metrics\"", "Records received by intake.";
        ReceivedBytes => "lincei_ingest_received_bytes_total", "", "Request body bytes received, as on the wire.";
        RejectedLogs => "lincei_ingest_rejected_records_total", "signal=\"logs\"", "Records refused; see table rejects.";
        RejectedTraces => "lincei_ingest_rejected_records_total", "signal=\"traces\"", "Records refused; see table rejects.";
        RejectedMetrics => "lincei_ingest_rejected_records_total", "signal=\"metrics\"", "Records refused; see table rejects.";
        RequestsRefused => "lincei_ingest_refused_requests_total", "", "Intake requests answered with an error.";
        LimitHits => "lincei_limit_hits_total", "", "Requests that broke a size, rate or concurrency limit.";
        WalBytes => "lincei_wal_written_bytes_total", "", "Bytes appended to the write-ahead log.";
        WalFrames => "lincei_wal_frames_total", "", "Frames appended to the write-ahead log.";
        WalSyncs => "lincei_wal_syncs_total", "", "Syncs of the write-ahead log; one covers many requests.";
        WalFailures => "lincei_wal_failures_total", "", "Failed writes or syncs of the write-ahead log.";
        FlushedRows => "lincei_flush_rows_total", "", "Rows written from memory to Parquet.";
        FlushedFiles => "lincei_flush_files_total", "", "Parquet files written by flushes.";
        FlushFailures => "lincei_flush_failures_total", "", "Flushes that failed and will be tried again.";
        CompactedRows => "lincei_compaction_rows_total", "", "Rows rewritten by compaction.";
        CompactedFiles => "lincei_compaction_input_files_total", "", "Parquet files merged away by compaction.";
        CompactionFailures => "lincei_compaction_failures_total", "", "Compactions that failed and will be tried again.";
        RetainedFilesDeleted => "lincei_retention_deleted_files_total", "", "Parquet files deleted by retention.";
        DeletedRows => "lincei_deleted_rows_total", "", "Rows deleted by request.";
        QuarantinedFiles => "lincei_quarantined_files_total", "", "Corrupted files set aside.";
        Queries => "lincei_queries_total", "", "Queries started.";
        QueriesFailed => "lincei_queries_failed_total", "", "Queries that ended in an error.";
        QueriesCancelled => "lincei_queries_cancelled_total", "", "Queries cancelled by their client or a person.";
        QueryRowsScanned => "lincei_query_scanned_rows_total", "", "Rows read by queries.";
        QueryBytesScanned => "lincei_query_scanned_bytes_total", "", "Bytes read from storage by queries.";
        LoginFailures => "lincei_login_failures_total", "", "Failed sign-ins.";
    }
}

metric_enum! {
    /// Goes up and down.
    Gauge {
        MemtableRows => "lincei_memtable_rows", "", "Rows in memory, not yet in Parquet.";
        MemtableBytes => "lincei_memtable_bytes", "", "Bytes in memory, not yet in Parquet.";
        WalSegmentBytes => "lincei_wal_bytes", "", "Bytes of the write-ahead log on disk.";
        WalPoisoned => "lincei_wal_poisoned", "", "1 after a failed sync: intake refuses until restart.";
        Files => "lincei_files", "", "Live Parquet files.";
        FileBytes => "lincei_file_bytes", "", "Bytes of live Parquet files.";
        DiskFreeBytes => "lincei_disk_free_bytes", "", "Free bytes where the data directory lies.";
        IngestBytesInFlight => "lincei_ingest_in_flight_bytes", "", "Body bytes of intake requests under way.";
        QueriesRunning => "lincei_queries_running", "", "Queries running now.";
        Connections => "lincei_connections", "", "Open client connections.";
        MemoryProcess => "lincei_memory_budget_bytes", "part=\"process\"", "Parts of the memory budget.";
        MemoryBodies => "lincei_memory_budget_bytes", "part=\"bodies\"", "Parts of the memory budget.";
        MemoryWalQueue => "lincei_memory_budget_bytes", "part=\"wal_queue\"", "Parts of the memory budget.";
        MemoryMemtable => "lincei_memory_budget_bytes", "part=\"memtable\"", "Parts of the memory budget.";
        MemoryMetadataCache => "lincei_memory_budget_bytes", "part=\"metadata_cache\"", "Parts of the memory budget.";
        MemoryTermCache => "lincei_memory_budget_bytes", "part=\"term_cache\"", "Parts of the memory budget.";
        MemoryCompaction => "lincei_memory_budget_bytes", "part=\"compaction\"", "Parts of the memory budget.";
        MemoryQueries => "lincei_memory_budget_bytes", "part=\"queries\"", "Parts of the memory budget.";
        QueryMemoryBytes => "lincei_query_memory_bytes", "", "Memory reserved by queries.";
        QueriesQueued => "lincei_queries_queued", "", "Queries that wait for their turn.";
        QuerySpilledBytes => "lincei_query_spilled_bytes", "", "Intermediate results of queries on disk.";
        ResidentBytes => "lincei_process_resident_bytes", "", "Physical memory of the process.";
    }
}

metric_enum! {
    /// A distribution of durations.
    Duration {
        WalSync => "lincei_wal_sync_seconds", "", "Time of one sync of the write-ahead log.";
        IngestRequest => "lincei_ingest_request_seconds", "", "Time from an intake request's last byte to its answer.";
        Query => "lincei_query_seconds", "", "Running time of queries.";
        Flush => "lincei_flush_seconds", "", "Time of one flush.";
        Compaction => "lincei_compaction_seconds", "", "Time of one compaction.";
    }
}

/// Upper bounds of the duration buckets, in microseconds.
const BUCKETS_US: [u64; 14] =
    [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000, 30_000_000];

#[derive(Debug, Default)]
struct Histogram {
    buckets: [AtomicU64; BUCKETS_US.len()],
    count: AtomicU64,
    sum_us: AtomicU64,
}

/// All values. One per process, passed to the components that count.
#[derive(Debug)]
pub struct Telemetry {
    counters: Vec<AtomicU64>,
    gauges: Vec<AtomicI64>,
    durations: Vec<Histogram>,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            counters: Counter::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
            gauges: Gauge::ALL.iter().map(|_| AtomicI64::new(0)).collect(),
            durations: Duration::ALL.iter().map(|_| Histogram::default()).collect(),
        }
    }
}

impl Telemetry {
    /// Adds to a counter.
    pub fn add(&self, counter: Counter, n: u64) {
        if let Some(cell) = self.counters.get(counter as usize) {
            cell.fetch_add(n, Ordering::Relaxed);
        }
    }

    /// Reads a counter.
    #[must_use]
    pub fn counter(&self, counter: Counter) -> u64 {
        self.counters.get(counter as usize).map_or(0, |c| c.load(Ordering::Relaxed))
    }

    /// Sets a gauge.
    pub fn set(&self, gauge: Gauge, value: i64) {
        if let Some(cell) = self.gauges.get(gauge as usize) {
            cell.store(value, Ordering::Relaxed);
        }
    }

    /// Moves a gauge by `delta`.
    pub fn shift(&self, gauge: Gauge, delta: i64) {
        if let Some(cell) = self.gauges.get(gauge as usize) {
            cell.fetch_add(delta, Ordering::Relaxed);
        }
    }

    /// Reads a gauge.
    #[must_use]
    pub fn gauge(&self, gauge: Gauge) -> i64 {
        self.gauges.get(gauge as usize).map_or(0, |g| g.load(Ordering::Relaxed))
    }

    /// Records one duration.
    pub fn observe(&self, duration: Duration, value: std::time::Duration) {
        let Some(histogram) = self.durations.get(duration as usize) else { return };
        let us = u64::try_from(value.as_micros()).unwrap_or(u64::MAX);
        let slot = BUCKETS_US.iter().position(|bound| us <= *bound);
        if let Some(bucket) = slot.and_then(|i| histogram.buckets.get(i)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        histogram.count.fetch_add(1, Ordering::Relaxed);
        histogram.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    /// The Prometheus text format, version 0.0.4.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = String::with_capacity(8 << 10);
        let mut last = "";
        for counter in Counter::ALL {
            header(&mut out, &mut last, counter.name(), counter.help(), "counter");
            sample(&mut out, counter.name(), counter.labels(), self.counter(*counter));
        }
        for gauge in Gauge::ALL {
            header(&mut out, &mut last, gauge.name(), gauge.help(), "gauge");
            sample(&mut out, gauge.name(), gauge.labels(), self.gauge(*gauge));
        }
        for (duration, histogram) in Duration::ALL.iter().zip(&self.durations) {
            header(&mut out, &mut last, duration.name(), duration.help(), "histogram");
            render_histogram(&mut out, duration.name(), histogram);
        }
        out
    }
}

fn header(out: &mut String, last: &mut &'static str, name: &'static str, help: &str, kind: &str) {
    if *last != name {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        *last = name;
    }
}

fn sample(out: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ =
        if labels.is_empty() { writeln!(out, "{name} {value}") } else { writeln!(out, "{name}{{{labels}}} {value}") };
}

fn render_histogram(out: &mut String, name: &str, histogram: &Histogram) {
    let mut total = 0;
    for (bound, bucket) in BUCKETS_US.iter().zip(&histogram.buckets) {
        total += bucket.load(Ordering::Relaxed);
        #[expect(clippy::cast_precision_loss, reason = "bounds are small")]
        let seconds = *bound as f64 / 1e6;
        let _ = writeln!(out, "{name}_bucket{{le=\"{seconds}\"}} {total}");
    }
    let count = histogram.count.load(Ordering::Relaxed).max(total);
    let sum = std::time::Duration::from_micros(histogram.sum_us.load(Ordering::Relaxed)).as_secs_f64();
    let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_sum {sum}\n{name}_count {count}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_the_prometheus_text_format() {
        let t = Telemetry::default();
        t.add(Counter::ReceivedLogs, 3);
        t.set(Gauge::Files, 7);
        t.observe(Duration::WalSync, std::time::Duration::from_micros(250));
        t.observe(Duration::WalSync, std::time::Duration::from_secs(60));
        let text = t.render();
        for line in [
            "# TYPE lincei_ingest_received_records_total counter",
            "lincei_ingest_received_records_total{signal=\"logs\"} 3",
            "lincei_files 7",
            "lincei_wal_sync_seconds_bucket{le=\"0.0001\"} 0",
            "lincei_wal_sync_seconds_bucket{le=\"0.00025\"} 1",
            "lincei_wal_sync_seconds_bucket{le=\"30\"} 1",
            "lincei_wal_sync_seconds_bucket{le=\"+Inf\"} 2",
            "lincei_wal_sync_seconds_count 2",
        ] {
            assert!(text.lines().any(|l| l == line), "missing {line:?} in\n{text}");
        }
        let helps = text.lines().filter(|l| l.starts_with("# TYPE lincei_ingest_received_records_total")).count();
        assert_eq!(helps, 1);
    }
}
