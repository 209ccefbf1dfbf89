//! Work that goes on until somebody ends it: listed and cancelled like a query, but without a turn,
//! since it waits most of the time, and without a time limit. It has a bound of its own in number.

use super::registry::Entry;
use super::running::CancelOnDrop;
use super::{Inner, QueryRequest, QueryService};
use crate::error::{Limit, QueryError};
use crate::explore::Selection;
use crate::table::Scope;
use datafusion::execution::context::SessionState;
use lincei_engine::{FileSummary, LiveFile, Subscription};
use lincei_model::telemetry::Counter;
use lincei_model::{Table, TimeRange};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Followers at once.
const FOLLOWERS_MAX: usize = 32;

/// What the work is done with.
pub(crate) struct Follow {
    inner: Arc<Inner>,
    entry: Arc<Entry>,
    _place: Place,
}

/// The work as its owner sees it: ends when dropped.
pub(crate) struct Following {
    query: CancelOnDrop,
}

/// One of the places.
struct Place(Arc<Inner>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.followers.fetch_sub(1, Ordering::SeqCst);
    }
}

impl QueryService {
    /// Registers the work. It counts as running until [`Follow`] is dropped.
    pub(crate) fn follow(&self, request: &QueryRequest) -> Result<(Follow, Following), QueryError> {
        let inner = &self.inner;
        let place = Place::take(inner).ok_or_else(|| {
            inner.telemetry.add(Counter::LimitHits, 1);
            let message = format!("{FOLLOWERS_MAX} clients follow new rows (limit {})", Limit::Followers.name());
            QueryError::Limit { limit: Limit::Followers, message, location: None }
        })?;
        inner.telemetry.add(Counter::Queries, 1);
        let entry = inner.register(request).inspect_err(|_| inner.telemetry.add(Counter::QueriesFailed, 1))?;
        entry.begin();
        let following = Following { query: CancelOnDrop::new(Arc::clone(&entry)) };
        Ok((Follow { inner: Arc::clone(inner), entry, _place: place }, following))
    }

    /// Runs work on the service's threads.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> Result<(), QueryError> {
        let runtime = self.inner.runtime.as_ref().ok_or(QueryError::ShuttingDown)?;
        runtime.spawn(work);
        Ok(())
    }

    /// Nanoseconds since the Unix epoch.
    pub(crate) fn now_ns(&self) -> i64 {
        self.inner.clock.now_ns()
    }

    /// Times of the oldest and newest row of a table, `None` when it is empty.
    pub(crate) fn time_bounds(&self, tenant: &lincei_model::TenantId, table: Table) -> Option<(i64, i64)> {
        let snapshot = self.inner.engine.snapshot(tenant, table, TimeRange::ALL);
        let memory = snapshot.memory.iter().filter_map(lincei_model::time_bounds);
        let files = snapshot.files.iter().map(|file| (file.min_time_ns, file.max_time_ns));
        memory.chain(files).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Files with rows of a selection's table and range.
    pub(crate) fn files(&self, selection: &Selection) -> Vec<Arc<LiveFile>> {
        self.inner.engine.snapshot(&selection.tenant, selection.table, selection.range).files
    }

    /// What a file's rows come to, where it says so.
    pub(crate) async fn summary(&self, file: &LiveFile) -> Option<Arc<FileSummary>> {
        self.inner.engine.summary(file).await
    }
}

impl Place {
    fn take(inner: &Arc<Inner>) -> Option<Self> {
        let one_more = |count: usize| (count < FOLLOWERS_MAX).then(|| count + 1);
        inner.followers.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more).ok()?;
        Some(Self(Arc::clone(inner)))
    }
}

impl Follow {
    /// A session to make expressions in.
    pub(crate) fn session(&self) -> Result<SessionState, QueryError> {
        let entry = &self.entry;
        let (engine, tenant) = (self.inner.engine.clone(), entry.tenant().clone());
        let scope = Arc::new(Scope::new(engine, tenant, None, Arc::clone(&entry.counters)));
        let opened =
            self.inner.sessions.open(entry.id(), entry.started_ns(), Arc::clone(&entry.pool), &scope, Vec::new());
        opened.map_err(|e| QueryError::internal(format!("session: {e}")))
    }

    /// New rows of a table.
    pub(crate) fn subscribe(&self, table: Table, from: Option<lincei_engine::FeedPosition>) -> Subscription {
        self.inner.engine.follow(self.entry.tenant(), table, from)
    }

    /// Waits until somebody cancels it.
    pub(crate) async fn cancelled(&self) {
        self.entry.cancel.cancelled().await;
    }

    pub(crate) fn now_ns(&self) -> i64 {
        self.inner.clock.now_ns()
    }

    /// Counts rows handed over.
    pub(crate) fn add_rows(&self, rows: u64) {
        self.entry.add_rows(rows);
    }

    /// Ends it.
    pub(crate) fn finish(self, outcome: Result<(), QueryError>) {
        let outcome = match outcome {
            Ok(()) if self.entry.cancel.is_cancelled() => Err(self.entry.interruption()),
            outcome => outcome,
        };
        self.inner.finish(&self.entry, outcome);
    }
}

impl Following {
    /// The id under which it is listed and can be cancelled.
    pub(crate) fn id(&self) -> &str {
        self.query.id()
    }

    /// The error it ended with.
    pub(crate) fn error(&self) -> Option<QueryError> {
        self.query.error()
    }
}
