use crate::error::{FailureKind, OperatorError};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts of one step since the server started, or the step changed.
#[derive(Debug, Default)]
pub struct StepStats {
    calls: AtomicU64,
    failures: AtomicU64,
    records_in: AtomicU64,
    records_out: AtomicU64,
    records_dropped: AtomicU64,
    records_added: AtomicU64,
    records_rejected: AtomicU64,
    records_failed: AtomicU64,
    nanoseconds: AtomicU64,
    last_failure: Mutex<Option<OperatorError>>,
}

/// The counts at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepTotals {
    /// Calls of the operator, and of a filter that failed.
    pub calls: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Records that the filter chose.
    pub records_in: u64,
    /// Records that went on, those added included; those of calls that failed are not.
    pub records_out: u64,
    /// Records that the operator dropped, itself or by a route.
    pub records_dropped: u64,
    /// Records that the operator sent to `rejects` by a route.
    pub records_rejected: u64,
    /// Records that the operator added.
    pub records_added: u64,
    /// Records of calls that failed.
    pub records_failed: u64,
    /// Time in the operator.
    pub elapsed: Duration,
    /// Why the latest failed call failed.
    pub last_failure: Option<(FailureKind, String)>,
}

impl StepStats {
    pub(super) fn worked(
        &self,
        rows: usize,
        out: usize,
        dropped: usize,
        rejected: usize,
        added: usize,
        elapsed: Duration,
    ) {
        let add = |counter: &AtomicU64, n: usize| counter.fetch_add(n as u64, Ordering::Relaxed);
        self.took(elapsed);
        add(&self.records_in, rows);
        add(&self.records_out, out);
        add(&self.records_dropped, dropped);
        add(&self.records_rejected, rejected);
        add(&self.records_added, added);
    }

    pub(super) fn failed(&self, rows: usize, error: &OperatorError, elapsed: Duration) {
        self.took(elapsed);
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.records_in.fetch_add(rows as u64, Ordering::Relaxed);
        self.records_failed.fetch_add(rows as u64, Ordering::Relaxed);
        if let Ok(mut last) = self.last_failure.lock() {
            *last = Some(error.clone());
        }
    }

    fn took(&self, elapsed: Duration) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let nanoseconds = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// What was counted so far.
    #[must_use]
    pub fn totals(&self) -> StepTotals {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let last = self.last_failure.lock().ok().and_then(|last| last.clone());
        StepTotals {
            calls: read(&self.calls),
            failures: read(&self.failures),
            records_in: read(&self.records_in),
            records_out: read(&self.records_out),
            records_dropped: read(&self.records_dropped),
            records_rejected: read(&self.records_rejected),
            records_added: read(&self.records_added),
            records_failed: read(&self.records_failed),
            elapsed: Duration::from_nanos(read(&self.nanoseconds)),
            last_failure: last.map(|error| (error.kind, error.detail)),
        }
    }
}
