use super::registry::Entry;
use super::turns::{Entered, Turn};
use super::{Build, Inner, QueryRequest, Statement};
use crate::error::{self, QueryError};
use crate::memory::batch_bytes;
use crate::plan::Stop;
use crate::system::{self, Sources};
use crate::table::Scope;
use crate::{plan, sql};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::physical_plan::execute_stream;
use futures::{FutureExt, StreamExt, future};
use lincei_engine::LiveFile;
use lincei_model::ErrorCode;
use lincei_model::telemetry::{Counter, Duration as Timer, Gauge};
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How long a query that failed to read a file waits to be told which one is damaged.
const INSPECTION_MAX: Duration = Duration::from_secs(20);

/// Batches of an answer that exist at once: here, in the channel, and as text.
const BATCHES_UNDER_WAY: usize = super::CHANNEL_BATCHES + 2;

/// Where the answer goes. Both ends close only after the outcome is set.
pub(super) struct Output {
    ready: Option<oneshot::Sender<SchemaRef>>,
    batches: mpsc::Sender<RecordBatch>,
}

impl Output {
    pub(super) const fn new(ready: oneshot::Sender<SchemaRef>, batches: mpsc::Sender<RecordBatch>) -> Self {
        Self { ready: Some(ready), batches }
    }
}

/// What is to be planned.
enum Work<'a> {
    Parsed(Box<sql::Parsed<'a>>),
    Built(Build),
}

/// Takes a query to its end, whatever happens in it.
pub(super) async fn drive(
    inner: Arc<Inner>,
    entry: Arc<Entry>,
    request: QueryRequest,
    statement: Statement,
    mut output: Output,
) {
    let run = AssertUnwindSafe(inner.run(&entry, &request, statement, &mut output)).catch_unwind().await;
    let outcome = run.unwrap_or_else(|panic| {
        let message = panic_message(&*panic);
        tracing::error!(query = entry.id(), sql = request.sql, message, "query panicked");
        Err(QueryError::internal(format!("the query failed inside: {message}")))
    });
    inner.finish(&entry, outcome);
    drop(output);
}

impl Inner {
    async fn run(
        &self,
        entry: &Arc<Entry>,
        request: &QueryRequest,
        statement: Statement,
        output: &mut Output,
    ) -> Result<(), QueryError> {
        let cancelled = || entry.interruption();
        let work = match statement {
            Statement::Text => Work::Parsed(Box::new(sql::parse(&request.sql)?)),
            Statement::Built(build) => Work::Built(build),
        };
        let _turn = tokio::select! {
            biased;
            () = entry.cancel.cancelled() => return Err(cancelled()),
            turn = self.turn(&request.user) => turn?,
        };
        entry.begin();
        self.telemetry.shift(Gauge::QueriesRunning, 1);
        let _running = Running(self);
        let time_max = self.options.time_max;
        let now = Instant::now();
        let lane = self.lanes.enter(now);
        let stop = Stop { lane, cancel: entry.cancel.clone(), deadline: now + time_max };
        tokio::select! {
            biased;
            () = entry.cancel.cancelled() => Err(cancelled()),
            () = tokio::time::sleep_until(stop.deadline.into()) => Err(QueryError::time(time_max)),
            outcome = self.answer(entry, request, work, &stop, output) => match outcome {
                // it noticed before the others were asked
                Err(_) if entry.cancel.is_cancelled() => Err(cancelled()),
                Err(_) if stop.is_due() => Err(QueryError::time(time_max)),
                outcome => outcome,
            },
        }
    }

    /// Waits until fewer than `running_max` queries run, and fewer of this user than their share.
    async fn turn(&self, user: &str) -> Result<Turn, QueryError> {
        let place = match self.turns.enter(user) {
            Some(Entered::Running(turn)) => return Ok(turn),
            Some(Entered::Waiting(place)) => place,
            None => return Err(self.queue_full()),
        };
        match tokio::time::timeout(self.options.queue_wait, place.turn()).await {
            Ok(Some(turn)) => Ok(turn),
            Ok(None) => Err(QueryError::ShuttingDown),
            Err(_) => Err(self.no_turn()),
        }
    }

    async fn answer(
        &self,
        entry: &Arc<Entry>,
        request: &QueryRequest,
        work: Work<'_>,
        stop: &Stop,
        output: &mut Output,
    ) -> Result<(), QueryError> {
        let scope = Arc::new(Scope::new(
            self.engine.clone(),
            request.tenant.clone(),
            request.range,
            Arc::clone(&entry.counters),
        ));
        let sources = Sources {
            engine: self.engine.clone(),
            catalog: Arc::clone(&self.catalog),
            registry: Arc::clone(&self.registry),
            plugins: Arc::clone(&self.plugins),
            tenant: request.tenant.clone(),
        };
        let pool = Arc::clone(&entry.pool);
        let state = self
            .sessions
            .open(entry.id(), entry.started_ns(), pool, &scope, system::tables(&sources, &scope))
            .map_err(|e| QueryError::internal(format!("session: {e}")))?;
        let rows_max = self.rows_max(request);
        let plan = match work {
            Work::Parsed(parsed) => plan::plan(&state, *parsed, request.range, rows_max, stop).await?,
            Work::Built(build) => plan::finish(&state, build(&scope)?, request.range, rows_max, stop).await?,
        };
        entry.planned(Arc::clone(&plan));
        if let Some(ready) = output.ready.take() {
            let _ = ready.send(plan.schema());
        }
        let mut stream = match execute_stream(plan, state.task_ctx()) {
            Ok(stream) => stream,
            Err(error) => return Err(self.failure(entry, error).await),
        };
        let answer = MemoryConsumer::new("answer").register(&state.runtime_env().memory_pool);
        let mut left = rows_max;
        while let Some(batch) = stream.next().await {
            let mut batch = match batch {
                Ok(batch) => batch,
                Err(error) => return Err(self.failure(entry, error).await),
            };
            let truncated = batch.num_rows() as u64 > left;
            if truncated {
                entry.truncate();
                batch = batch.slice(0, usize::try_from(left).unwrap_or(usize::MAX));
            }
            left -= batch.num_rows() as u64;
            entry.add_rows(batch.num_rows() as u64);
            if let Err(error) = answer.try_resize(BATCHES_UNDER_WAY * batch_bytes(&batch)) {
                return Err(self.failure(entry, error).await);
            }
            if batch.num_rows() > 0 && output.batches.send(batch).await.is_err() {
                return Err(entry.interruption());
            }
            if truncated {
                break;
            }
        }
        Ok(())
    }

    async fn failure(&self, entry: &Entry, error: DataFusionError) -> QueryError {
        if !error::is_file_failure(&error) {
            return error::execution(error, &entry.pool);
        }
        let recent = entry.counters.take_recent();
        let damaged = tokio::time::timeout(INSPECTION_MAX, self.damaged(recent)).await.unwrap_or_default();
        error::file(error, damaged)
    }

    /// Verifies the files that were read last, one of which could not be; damaged ones are set
    /// aside, so that the next query does without them. Returns their paths.
    async fn damaged(&self, recent: Vec<Arc<LiveFile>>) -> Vec<String> {
        let inspections = recent.into_iter().map(|file| {
            let engine = self.engine.clone();
            // on its own, so that it ends even when the query is cancelled meanwhile
            tokio::spawn(
                async move { engine.inspect(&file).await.is_ok_and(|damaged| damaged).then(|| file.path.clone()) },
            )
        });
        future::join_all(inspections).await.into_iter().filter_map(|found| found.ok().flatten()).collect()
    }

    pub(super) fn finish(&self, entry: &Arc<Entry>, outcome: Result<(), QueryError>) {
        let counter = match &outcome {
            Ok(()) => None,
            Err(QueryError::Cancelled { .. }) => Some(Counter::QueriesCancelled),
            Err(_) => Some(Counter::QueriesFailed),
        };
        if let Some(counter) = counter {
            self.telemetry.add(counter, 1);
        }
        if let Err(error) = &outcome {
            if error.limit().is_some() {
                self.telemetry.add(Counter::LimitHits, 1);
            }
            if error.code() == ErrorCode::Internal {
                tracing::error!(query = entry.id(), %error, "query failed");
            }
        }
        let stats = entry.end(outcome);
        self.telemetry.add(Counter::QueryRowsScanned, stats.rows_scanned);
        self.telemetry.add(Counter::QueryBytesScanned, stats.bytes_scanned);
        self.telemetry.observe(Timer::Query, stats.elapsed);
        self.registry.remove(entry);
    }
}

/// One query in the gauge of running ones.
struct Running<'a>(&'a Inner);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.telemetry.shift(Gauge::QueriesRunning, -1);
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned())
}
