//! What a plugin did and what it cost.

use crate::error::PluginFailure;
use lincei_pipeline::FailureKind;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Buckets of a power of two.
const STEPS: u64 = 8;
/// Buckets in all: up to 2^44 nanoseconds, which is five hours.
const BUCKETS: usize = 45 * 8;

/// Durations in buckets that are 9 % wide on the average, 12.5 % at most.
#[derive(Debug)]
pub struct StatsHistogram {
    buckets: Vec<AtomicU64>,
}

impl Default for StatsHistogram {
    fn default() -> Self {
        Self { buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect() }
    }
}

fn bucket(nanoseconds: u64) -> usize {
    let value = nanoseconds.max(STEPS);
    let power = u64::from(63 - value.leading_zeros());
    let step = (value >> (power - 3)) & (STEPS - 1);
    usize::try_from(power * STEPS + step).unwrap_or(usize::MAX).min(BUCKETS - 1)
}

/// The greatest duration of a bucket.
fn upper_bound(bucket: usize) -> u64 {
    let (power, step) = (bucket as u64 / STEPS, bucket as u64 % STEPS);
    ((STEPS + step + 1) << power >> 3).saturating_sub(1)
}

impl StatsHistogram {
    fn add(&self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        if let Some(bucket) = self.buckets.get(bucket(nanoseconds)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The duration that this part of all stays below; `None` when nothing was counted.
    #[must_use]
    pub fn quantile(&self, part: f64) -> Option<Duration> {
        let counts: Vec<u64> = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect();
        let total: u64 = counts.iter().sum();
        if total == 0 {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "between 0 and the total"
        )]
        let rank = ((total as f64 * part).ceil() as u64).max(1);
        let mut sum = 0;
        let at = counts.iter().position(|count| {
            sum += count;
            sum >= rank
        });
        at.map(|at| Duration::from_nanos(upper_bound(at)))
    }
}

/// Counts since the server started.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    calls: AtomicU64,
    records_in: AtomicU64,
    records_out: AtomicU64,
    records_dropped: AtomicU64,
    cpu_ns: AtomicU64,
    memory_bytes: AtomicU64,
    instances_made: AtomicU64,
    log_lines_dropped: AtomicU64,
    failures: [AtomicU64; FailureKind::ALL.len()],
    durations: StatsHistogram,
    last_failure: Mutex<Option<(i64, PluginFailure)>>,
}

/// The counts at one moment.
#[derive(Clone, Debug, Default)]
pub struct PluginTotals {
    /// Calls that reached the plugin.
    pub calls: u64,
    /// Records given to it.
    pub records_in: u64,
    /// Records that it let through or added.
    pub records_out: u64,
    /// Records that it dropped.
    pub records_dropped: u64,
    /// CPU time of its calls.
    pub cpu: Duration,
    /// The duration that 99 of 100 calls stay below.
    pub call_p99: Option<Duration>,
    /// The most memory that an instance had.
    pub memory_bytes: u64,
    /// Instances made.
    pub instances_made: u64,
    /// Lines of log beyond what it may write.
    pub log_lines_dropped: u64,
    /// Failed calls by kind, in the order of [`FailureKind::ALL`].
    pub failures: [u64; FailureKind::ALL.len()],
    /// When the latest call failed, nanoseconds since the Unix epoch, and why.
    pub last_failure: Option<(i64, PluginFailure)>,
}

impl PluginTotals {
    /// Calls that failed but for those that were kept away, or were refused by the plugin itself.
    #[must_use]
    pub fn traps(&self) -> u64 {
        let counted = |kind: &FailureKind| !matches!(kind, FailureKind::Open | FailureKind::Refused);
        FailureKind::ALL.iter().zip(self.failures).filter(|(kind, _)| counted(kind)).map(|(_, n)| n).sum()
    }
}

impl Stats {
    pub(crate) fn called(&self, cpu: Duration, wall: Duration, memory_bytes: usize) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.cpu_ns.fetch_add(u64::try_from(cpu.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.durations.add(wall);
        self.memory_bytes.fetch_max(memory_bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn records(&self, taken: usize, out: usize, dropped: usize) {
        self.records_in.fetch_add(taken as u64, Ordering::Relaxed);
        self.records_out.fetch_add(out as u64, Ordering::Relaxed);
        self.records_dropped.fetch_add(dropped as u64, Ordering::Relaxed);
    }

    pub(crate) fn made_instance(&self) {
        self.instances_made.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn dropped_log_line(&self) {
        self.log_lines_dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self, failure: &PluginFailure, now_ns: i64) {
        if let Some(counter) = self.failures.get(failure.kind as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        // what is kept away has no news
        if failure.kind != FailureKind::Open {
            *self.last_failure.lock() = Some((now_ns, failure.clone()));
        }
    }

    pub(crate) fn totals(&self) -> PluginTotals {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut failures = [0; FailureKind::ALL.len()];
        for (total, counter) in failures.iter_mut().zip(&self.failures) {
            *total = read(counter);
        }
        PluginTotals {
            calls: read(&self.calls),
            records_in: read(&self.records_in),
            records_out: read(&self.records_out),
            records_dropped: read(&self.records_dropped),
            cpu: Duration::from_nanos(read(&self.cpu_ns)),
            call_p99: self.durations.quantile(0.99),
            memory_bytes: read(&self.memory_bytes),
            instances_made: read(&self.instances_made),
            log_lines_dropped: read(&self.log_lines_dropped),
            failures,
            last_failure: self.last_failure.lock().clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_at_most_an_eighth_too_large() {
        let histogram = StatsHistogram::default();
        assert_eq!(histogram.quantile(0.99), None);
        for microseconds in 1..=1000 {
            histogram.add(Duration::from_micros(microseconds));
        }
        for (part, exact) in [(0.5, 500.0), (0.99, 990.0), (1.0, 1000.0)] {
            let found = histogram.quantile(part).unwrap().as_secs_f64() * 1e6;
            assert!((exact..=exact * 1.125).contains(&found), "{part}: {found}");
        }
    }

    #[test]
    fn extremes_have_buckets() {
        let histogram = StatsHistogram::default();
        histogram.add(Duration::ZERO);
        assert!(histogram.quantile(1.0).unwrap() < Duration::from_nanos(10));
        histogram.add(Duration::MAX);
        assert!(histogram.quantile(1.0).unwrap() > Duration::from_secs(10_000));
    }
}
