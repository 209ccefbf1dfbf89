use super::QueryRequest;
use crate::error::QueryError;
use crate::memory::QueryPool;
use crate::stats::{QueryStats, ScanCounters, ScannedRows};
use datafusion::execution::memory_pool::MemoryPool as _;
use datafusion::physical_plan::ExecutionPlan;
use lincei_model::TenantId;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Ended queries that are listed.
const ENDED_MAX: usize = 100;
/// Bytes of SQL kept of an ended query.
const ENDED_SQL_BYTES: usize = 16 << 10;

/// Where a query stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryState {
    /// Waits for its turn.
    Queued,
    /// Is planned or runs.
    Running,
    /// Gave its whole answer.
    Done,
    /// Ended with an error.
    Failed,
    /// Was cancelled by a person, or its reader went away.
    Cancelled,
}

impl QueryState {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for QueryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A query in the listing.
#[derive(Clone, Debug)]
pub struct QueryInfo {
    /// The id, for [`super::QueryService::cancel`].
    pub id: String,
    /// The statement; of an ended query the first 16 KiB.
    pub sql: String,
    /// Who asked.
    pub client: String,
    /// Whose share of turns and memory it takes.
    pub user: String,
    /// Whose data.
    pub tenant: TenantId,
    /// Where it stands.
    pub state: QueryState,
    /// When it was asked, nanoseconds since the Unix epoch.
    pub started_ns: i64,
    /// What it cost so far.
    pub stats: QueryStats,
    /// Why it failed.
    pub error: Option<String>,
}

/// One query from registration to its end.
pub(crate) struct Entry {
    id: String,
    sql: String,
    client: String,
    user: String,
    tenant: TenantId,
    started_ns: i64,
    pub(super) cancel: CancellationToken,
    /// It was ended to free memory, and not because somebody asked for it.
    evicted: AtomicBool,
    pub(super) pool: Arc<QueryPool>,
    pub(super) counters: Arc<ScanCounters>,
    rows: AtomicU64,
    truncated: AtomicBool,
    phase: Mutex<Phase>,
}

enum Phase {
    Queued,
    Running { since: Instant, plan: Option<Arc<dyn ExecutionPlan>> },
    Ended { stats: QueryStats, outcome: Result<(), QueryError> },
}

impl Entry {
    pub(super) fn new(id: String, request: &QueryRequest, started_ns: i64, pool: Arc<QueryPool>) -> Self {
        Self {
            id,
            sql: request.sql.clone(),
            client: request.client.clone(),
            user: request.user.clone(),
            tenant: request.tenant.clone(),
            started_ns,
            cancel: CancellationToken::new(),
            evicted: AtomicBool::new(false),
            pool,
            counters: Arc::default(),
            rows: AtomicU64::new(0),
            truncated: AtomicBool::new(false),
            phase: Mutex::new(Phase::Queued),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    pub(super) const fn started_ns(&self) -> i64 {
        self.started_ns
    }

    /// The error of a query whose `cancel` was called.
    pub(super) fn interruption(&self) -> QueryError {
        if self.evicted.load(Ordering::Relaxed) {
            return self.pool.evicted();
        }
        QueryError::Cancelled { id: self.id.clone() }
    }

    pub(super) fn begin(&self) {
        *self.phase.lock() = Phase::Running { since: Instant::now(), plan: None };
    }

    pub(super) fn planned(&self, planned: Arc<dyn ExecutionPlan>) {
        if let Phase::Running { plan, .. } = &mut *self.phase.lock() {
            *plan = Some(planned);
        }
    }

    pub(super) fn add_rows(&self, rows: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
    }

    pub(super) fn truncate(&self) {
        self.truncated.store(true, Ordering::Relaxed);
    }

    /// Fixes the statistics and lets go of plan, files and memory.
    pub(super) fn end(&self, outcome: Result<(), QueryError>) -> QueryStats {
        let stats = self.stats();
        drop(self.counters.take_recent());
        *self.phase.lock() = Phase::Ended { stats: stats.clone(), outcome };
        stats
    }

    pub(super) fn stats(&self) -> QueryStats {
        let (elapsed, rows) = match &*self.phase.lock() {
            Phase::Ended { stats, .. } => return stats.clone(),
            Phase::Queued => Default::default(),
            Phase::Running { since, plan } => (since.elapsed(), plan.as_ref().map(ScannedRows::of).unwrap_or_default()),
        };
        let mut stats = QueryStats {
            query_id: self.id.clone(),
            rows: self.rows.load(Ordering::Relaxed),
            truncated: self.truncated.load(Ordering::Relaxed),
            rows_scanned: rows.scanned,
            rows_total: rows.total,
            elapsed,
            memory_bytes: self.pool.peak() as u64,
            ..QueryStats::default()
        };
        self.counters.write_to(&mut stats);
        stats
    }

    /// Whether it ended, and the error it ended with.
    pub(super) fn outcome(&self) -> Option<Result<(), QueryError>> {
        match &*self.phase.lock() {
            Phase::Ended { outcome, .. } => Some(outcome.clone()),
            _ => None,
        }
    }

    pub(super) fn error(&self) -> Option<QueryError> {
        self.outcome()?.err()
    }

    fn info(&self) -> QueryInfo {
        let (state, error) = match &*self.phase.lock() {
            Phase::Queued => (QueryState::Queued, None),
            Phase::Running { .. } => (QueryState::Running, None),
            Phase::Ended { outcome: Ok(()), .. } => (QueryState::Done, None),
            Phase::Ended { outcome: Err(QueryError::Cancelled { .. }), .. } => (QueryState::Cancelled, None),
            Phase::Ended { outcome: Err(error), .. } => (QueryState::Failed, Some(error.to_string())),
        };
        QueryInfo {
            id: self.id.clone(),
            sql: self.sql.clone(),
            client: self.client.clone(),
            user: self.user.clone(),
            tenant: self.tenant.clone(),
            state,
            started_ns: self.started_ns,
            stats: self.stats(),
            error,
        }
    }
}

/// All queries that wait or run, and the last ones that ended.
pub(crate) struct Registry {
    queries: Mutex<Queries>,
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Queries {
    /// Oldest first.
    current: Vec<Arc<Entry>>,
    /// Newest first.
    ended: VecDeque<QueryInfo>,
}

impl Default for Registry {
    fn default() -> Self {
        Self { queries: Mutex::default(), count: watch::Sender::new(0) }
    }
}

impl Registry {
    pub(super) fn add(&self, entry: Arc<Entry>) -> Result<(), QueryError> {
        let mut queries = self.queries.lock();
        if queries.current.iter().any(|current| current.id == entry.id) {
            return Err(QueryError::DuplicateId(entry.id.clone()));
        }
        queries.current.push(entry);
        self.count.send_replace(queries.current.len());
        Ok(())
    }

    /// Moves a query that ended to the listing of such.
    pub(super) fn remove(&self, entry: &Arc<Entry>) {
        let mut info = entry.info();
        let cut = info.sql.floor_char_boundary(ENDED_SQL_BYTES);
        info.sql.truncate(cut);
        let mut queries = self.queries.lock();
        queries.current.retain(|current| !Arc::ptr_eq(current, entry));
        queries.ended.push_front(info);
        queries.ended.truncate(ENDED_MAX);
        self.count.send_replace(queries.current.len());
    }

    /// Newest first; those that wait or run before those that ended.
    pub(crate) fn list(&self) -> Vec<QueryInfo> {
        let (current, ended) = {
            let queries = self.queries.lock();
            (queries.current.clone(), queries.ended.clone())
        };
        current.iter().rev().map(|entry| entry.info()).chain(ended).collect()
    }

    pub(super) fn cancel(&self, id: &str) -> bool {
        let found = self.queries.lock().current.iter().find(|entry| entry.id == id).cloned();
        found.inspect(|entry| entry.cancel.cancel()).is_some()
    }

    /// Ends the query that holds the most memory, unless the last one that was chosen is yet to end;
    /// false when no query holds any.
    pub(super) fn end_largest(&self) -> bool {
        let current = self.queries.lock().current.clone();
        if current.iter().any(|entry| entry.evicted.load(Ordering::Relaxed)) {
            return true;
        }
        let largest =
            current.iter().max_by_key(|entry| entry.pool.reserved()).filter(|entry| entry.pool.reserved() > 0);
        let Some(largest) = largest else { return false };
        largest.evicted.store(true, Ordering::Relaxed);
        largest.cancel.cancel();
        true
    }

    pub(super) fn cancel_all(&self) {
        let all = self.queries.lock().current.clone();
        all.iter().for_each(|entry| entry.cancel.cancel());
    }

    pub(super) fn count(&self) -> usize {
        self.queries.lock().current.len()
    }

    pub(super) async fn idle(&self) {
        // the sender lives as long as self
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }
}
