//! Queries from the request to the last batch.

mod drive;
mod follow;
mod registry;
mod running;
mod turns;

pub(crate) use follow::{Follow, Following};
pub(crate) use registry::Registry;
pub use registry::{QueryInfo, QueryState};
pub use running::RunningQuery;

use crate::error::{Limit, QueryError};
use crate::function::user::UserFunctions;
use crate::memory::{QueryPool, SharedMemory};
use crate::options::QueryOptions;
use crate::plan::Lanes;
use crate::session::Sessions;
use crate::system::PluginStatus;
use crate::table::Scope;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::{LogicalPlan, ScalarUDF};
use lincei_catalog::Catalog;
use lincei_engine::Engine;
use lincei_model::telemetry::Counter;
use lincei_model::{Clock, Telemetry, TenantId, TimeRange};
use registry::Entry;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{mpsc, oneshot};
use turns::Turns;

/// Batches between a query and its reader.
const CHANNEL_BATCHES: usize = 2;
/// Stack of a thread that works on queries: room for expressions as deep as the guards allow.
const THREAD_STACK_BYTES: usize = 16 << 20;
/// Of threads that work on queries: intake goes first where both want the same core.
const THREAD_NICE: i32 = 5;
/// How long [`QueryService::shutdown`] waits for queries to end.
const SHUTDOWN_WAIT: std::time::Duration = std::time::Duration::from_secs(10);
/// Letters of an id chosen by a client.
const ID_CHARS_MAX: usize = 64;

/// One query to run.
#[derive(Clone, Debug)]
pub struct QueryRequest {
    /// One read-only statement.
    pub sql: String,
    /// Whose data.
    pub tenant: TenantId,
    /// Only rows whose `time` lies inside, in every stored table that the statement reads.
    pub range: Option<TimeRange>,
    /// Rows of the answer; at most [`QueryOptions::rows_max`].
    pub rows_max: Option<u64>,
    /// The name under which it can be cancelled: 1 to 64 letters, digits, `-`, `_`. Made up when missing.
    pub id: Option<String>,
    /// Who asks, for the listing.
    pub client: String,
    /// Who gets a share of turns and memory: queries of one user leave room for those of others.
    pub user: String,
}

/// Makes the plan of a query that was not written as SQL; runs once it is the query's turn.
pub(crate) type Build = Box<dyn FnOnce(&Arc<Scope>) -> Result<LogicalPlan, QueryError> + Send>;

/// What a query runs.
pub(crate) enum Statement {
    /// The request's text.
    Text,
    /// A plan, which the request's text describes to people.
    Built(Build),
}

/// Runs SQL over the engine's tables on threads of its own. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct QueryService {
    inner: Arc<Inner>,
}

/// Figures about the service now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryServiceStatus {
    /// Queries registered: waiting or running.
    pub queries: usize,
    /// Of these, waiting for their turn.
    pub queued: usize,
    /// Bytes of operators' memory reserved.
    pub memory_bytes: usize,
    /// Bytes of intermediate results on disk.
    pub spilled_bytes: u64,
}

pub(crate) struct Inner {
    runtime: Option<Runtime>,
    engine: Engine,
    catalog: Arc<Catalog>,
    clock: Arc<dyn Clock>,
    telemetry: Arc<Telemetry>,
    options: QueryOptions,
    sessions: Sessions,
    memory: Arc<SharedMemory>,
    registry: Arc<Registry>,
    plugins: Arc<OnceLock<Arc<dyn PluginStatus>>>,
    turns: Arc<Turns>,
    lanes: Arc<Lanes>,
    followers: AtomicUsize,
    closing: AtomicBool,
}

impl QueryService {
    /// Starts the threads. The engine must be of the same data directory as the catalog.
    ///
    /// # Errors
    /// [`QueryError::Start`] when threads or the directory of intermediate results cannot be made.
    pub fn new(
        engine: Engine,
        catalog: Arc<Catalog>,
        clock: Arc<dyn Clock>,
        telemetry: Arc<Telemetry>,
        options: QueryOptions,
    ) -> Result<Self, QueryError> {
        Self::with_functions(engine, catalog, clock, telemetry, options, Vec::new())
    }

    /// Functions that users installed: statements that begin later see what is changed here.
    #[must_use]
    pub fn user_functions(&self) -> &UserFunctions {
        self.inner.sessions.user_functions()
    }

    /// Says where `lincei_plugins` and `lincei_operators` have their rows from; without it they have none.
    /// Only the first call counts.
    pub fn set_plugin_status(&self, status: Arc<dyn PluginStatus>) {
        let _ = self.inner.plugins.set(status);
    }

    /// Whether SQL has a function of this name that no user installed.
    #[must_use]
    pub fn is_own_function(&self, name: &str) -> bool {
        self.inner.sessions.is_own_function(name)
    }

    /// With further SQL functions.
    pub(crate) fn with_functions(
        engine: Engine,
        catalog: Arc<Catalog>,
        clock: Arc<dyn Clock>,
        telemetry: Arc<Telemetry>,
        options: QueryOptions,
        functions: Vec<Arc<ScalarUDF>>,
    ) -> Result<Self, QueryError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(options.target_partitions.max(1))
            .thread_name("query")
            .thread_stack_size(THREAD_STACK_BYTES)
            .on_thread_start(yield_to_intake)
            .enable_all()
            .build()
            .map_err(|e| QueryError::Start { message: "threads".into(), source: Arc::new(e) })?;
        let sessions = Sessions::new(&options, engine.object_store(), functions)?;
        let inner = Inner {
            runtime: Some(runtime),
            memory: Arc::new(SharedMemory::new(options.memory_bytes)),
            registry: Arc::new(Registry::default()),
            plugins: Arc::default(),
            turns: Turns::new(options.running_max, options.queued_max),
            lanes: Arc::default(),
            followers: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
            engine,
            catalog,
            clock,
            telemetry,
            options,
            sessions,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Waits for a turn, plans, and returns once the answer's columns are known. The query runs on
    /// while the answer is read; dropping the future or the answer cancels it.
    ///
    /// # Errors
    /// Everything in [`QueryError`] that can happen before the first row.
    pub async fn start(&self, request: QueryRequest) -> Result<RunningQuery, QueryError> {
        self.start_statement(request, Statement::Text).await
    }

    /// As [`Self::start`], for a plan that was not written as SQL.
    pub(crate) async fn start_statement(
        &self,
        request: QueryRequest,
        statement: Statement,
    ) -> Result<RunningQuery, QueryError> {
        let inner = &self.inner;
        inner.telemetry.add(Counter::Queries, 1);
        let entry = inner.register(&request).inspect_err(|_| inner.telemetry.add(Counter::QueriesFailed, 1))?;
        let guard = running::CancelOnDrop::new(Arc::clone(&entry));
        let (ready_sender, ready) = oneshot::channel();
        let (batch_sender, batches) = mpsc::channel(CHANNEL_BATCHES);
        let output = drive::Output::new(ready_sender, batch_sender);
        let runtime = inner.runtime.as_ref().ok_or(QueryError::ShuttingDown)?;
        runtime.spawn(drive::drive(Arc::clone(inner), Arc::clone(&entry), request, statement, output));
        match ready.await {
            Ok(schema) => Ok(RunningQuery::new(schema, batches, guard)),
            Err(_) => Err(entry.error().unwrap_or(QueryError::ShuttingDown)),
        }
    }

    /// Queries that wait or run, and the last hundred that ended, newest first.
    #[must_use]
    pub fn queries(&self) -> Vec<QueryInfo> {
        self.inner.registry.list()
    }

    /// Cancels a waiting or running query; false when there is none of that id. It ends soon
    /// after, and its reader gets [`QueryError::Cancelled`].
    #[must_use]
    pub fn cancel(&self, id: &str) -> bool {
        self.inner.registry.cancel(id)
    }

    /// Figures about the service now.
    #[must_use]
    pub fn status(&self) -> QueryServiceStatus {
        QueryServiceStatus {
            queries: self.inner.registry.count(),
            queued: self.inner.turns.waiting(),
            memory_bytes: self.inner.memory.used(),
            spilled_bytes: self.inner.sessions.spilled_bytes(),
        }
    }

    /// Tells how much memory the process has above what it may have. Until told otherwise, queries that
    /// hold much get so many bytes less, all together: not everything they need is counted.
    pub fn set_excess_memory(&self, bytes: usize) {
        self.inner.memory.set_excess(bytes);
    }

    /// Ends the query that holds the most memory with an error that says so, one at a time; false when
    /// none holds any.
    pub fn end_largest(&self) -> bool {
        self.inner.registry.end_largest()
    }

    /// For work on expressions outside of queries: its threads have room for deep ones.
    pub(crate) fn runtime(&self) -> Result<Handle, QueryError> {
        self.inner.runtime.as_ref().map(|runtime| runtime.handle().clone()).ok_or(QueryError::ShuttingDown)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// A session with nothing but the stored tables, for planning.
    pub(crate) fn session(&self, id: &str, scope: &Arc<Scope>) -> Result<SessionState, QueryError> {
        let inner = &self.inner;
        let pool = Arc::new(QueryPool::new(inner.options.query_memory_bytes, id, Arc::clone(&inner.memory)));
        let opened = inner.sessions.open(id, inner.clock.now_ns(), pool, scope, Vec::new());
        opened.map_err(|e| QueryError::internal(format!("session: {e}")))
    }

    /// Waits until no query waits or runs.
    pub async fn idle(&self) {
        self.inner.registry.idle().await;
    }

    /// Refuses further queries, cancels all, and waits until they ended, though not for long: they
    /// hold nothing that must be kept.
    pub async fn shutdown(&self) {
        self.inner.closing.store(true, Ordering::SeqCst);
        self.inner.registry.cancel_all();
        if tokio::time::timeout(SHUTDOWN_WAIT, self.idle()).await.is_err() {
            tracing::warn!("queries that do not end are left behind");
        }
    }
}

impl Inner {
    fn register(&self, request: &QueryRequest) -> Result<Arc<Entry>, QueryError> {
        if self.closing.load(Ordering::SeqCst) {
            return Err(QueryError::ShuttingDown);
        }
        let id = match &request.id {
            Some(id) if is_id(id) => id.clone(),
            Some(id) => return Err(QueryError::Id(id.chars().take(2 * ID_CHARS_MAX).collect())),
            None => ulid::Ulid::new().to_string(),
        };
        let pool = Arc::new(QueryPool::new(self.options.query_memory_bytes, &request.user, Arc::clone(&self.memory)));
        let entry = Arc::new(Entry::new(id, request, self.clock.now_ns(), pool));
        self.registry.add(Arc::clone(&entry))?;
        Ok(entry)
    }

    /// The bound of one answer.
    fn rows_max(&self, request: &QueryRequest) -> u64 {
        request.rows_max.unwrap_or(u64::MAX).min(self.options.rows_max)
    }

    fn queue_full(&self) -> QueryError {
        let message = format!(
            "{} queries run and {} wait (limit {}): try again later",
            self.options.running_max,
            self.options.queued_max,
            Limit::Queued.name()
        );
        QueryError::Limit { limit: Limit::Queued, message, location: None }
    }

    fn no_turn(&self) -> QueryError {
        let message = format!(
            "{} queries run (limit {}) and none ended within {} s (one user has at most {} at once): try again later",
            self.options.running_max,
            Limit::Running.name(),
            self.options.queue_wait.as_secs_f64(),
            self.turns.user_max()
        );
        QueryError::Limit { limit: Limit::Running, message, location: None }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // may be dropped by one of its own threads, which must not wait for itself
            runtime.shutdown_background();
        }
    }
}

/// Lowers the priority of the calling thread. Where that is not allowed it stays as it is.
fn yield_to_intake() {
    // without a process it is about the calling thread: setpriority(2), "C library/kernel differences"
    if let Err(error) = rustix::process::setpriority_process(None, THREAD_NICE) {
        tracing::debug!(%error, "threads of queries keep their priority");
    }
}

fn is_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !id.is_empty() && id.len() <= ID_CHARS_MAX && id.chars().all(allowed)
}

#[cfg(test)]
mod tests;
