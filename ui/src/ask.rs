//! One question of a view to the server: waiting, progress, cancellation, and late answers that are
//! dropped.

use crate::browser;
use crate::client::{Batch, Client, Refusal};
use crate::context::Context;
use crate::failure::Failure;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::QueryInfo;
use std::pin::Pin;
use std::sync::Arc;
use web_sys::AbortSignal;

/// How far a question has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Load {
    /// Asked, not answered.
    Waiting,
    /// Answered.
    Ready,
    /// Refused.
    Failed(Failure),
    /// Stopped by the reader.
    Cancelled,
}

/// Rows read so far by the queries of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Progress {
    pub(crate) scanned: u64,
    pub(crate) total: u64,
    pub(crate) elapsed_ms: f64,
}

/// What a question is asked with.
pub(crate) struct Call {
    /// The server.
    pub(crate) client: Client,
    /// Name of the query, for statements.
    pub(crate) query_id: String,
    /// Ends the waiting.
    pub(crate) signal: AbortSignal,
}

/// A question and its last answer; a handle that is copied freely. When its owner goes, what is under
/// way is aborted, which cancels it on the server.
pub(crate) struct Asked<T: Send + Sync + 'static> {
    /// The last good answer; it stays while the next is awaited.
    pub(crate) answer: RwSignal<Option<Arc<T>>>,
    /// How far the question has come.
    pub(crate) load: RwSignal<Load>,
    /// How far a slow one has come, from one second on.
    pub(crate) progress: RwSignal<Option<Progress>>,
    wait: Wait,
}

impl<T: Send + Sync + 'static> Clone for Asked<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Asked<T> {}

impl<T: Send + Sync + 'static> Asked<T> {
    /// Nothing asked yet; shown as waiting.
    pub(crate) fn new(context: Context) -> Self {
        let batch = StoredValue::new_local(Batch::new());
        on_cleanup(move || {
            batch.try_update_value(Batch::abort);
        });
        let (load, progress) = (RwSignal::new(Load::Waiting), RwSignal::new(None));
        let wait = Wait { load, progress, context, run: StoredValue::new(0), batch };
        Self { answer: RwSignal::new(None), load, progress, wait }
    }

    /// Asks; what was asked before is aborted.
    pub(crate) fn ask<F>(&self, question: impl FnOnce(Call) -> F + 'static)
    where
        F: Future<Output = Result<T, Refusal>> + 'static,
    {
        let run = self.wait.next_run();
        let Some(Some((query_id, signal))) = self.wait.batch.try_update_value(Batch::begin) else { return };
        self.load.set(Load::Waiting);
        let call = Call { client: self.wait.context.client, query_id, signal };
        self.await_answer(run, Box::pin(untrack(|| question(call))));
        spawn_local(self.wait.watch(run));
    }

    fn await_answer(self, run: u64, answer: Pin<Box<dyn Future<Output = Result<T, Refusal>>>>) {
        spawn_local(async move { self.take(run, answer.await) });
    }

    fn take(&self, run: u64, answer: Result<T, Refusal>) {
        if !self.wait.is_current(run) {
            return;
        }
        self.wait.batch.set_value(Batch::new());
        self.progress.set(None);
        match answer {
            Ok(answer) => {
                self.answer.set(Some(Arc::new(answer)));
                self.load.set(Load::Ready);
            }
            Err(Refusal::Failed(failure)) => self.load.set(Load::Failed(failure)),
            Err(Refusal::Aborted) => self.load.set(Load::Cancelled),
        }
    }

    /// Stops what is under way, here and on the server. False when nothing was.
    pub(crate) fn cancel(&self) -> bool {
        self.wait.cancel()
    }

    /// Whether an answer is awaited; tracked.
    pub(crate) fn waits(&self) -> bool {
        self.load.with(|load| *load == Load::Waiting)
    }
}

/// What waiting for an answer is, whatever the answer is: compiled once.
#[derive(Clone, Copy)]
struct Wait {
    load: RwSignal<Load>,
    progress: RwSignal<Option<Progress>>,
    context: Context,
    run: StoredValue<u64>,
    batch: StoredValue<Batch, LocalStorage>,
}

impl Wait {
    fn cancel(self) -> bool {
        let ids = self.batch.with_value(Batch::running);
        if ids.is_empty() {
            return false;
        }
        self.next_run();
        self.load.set(Load::Cancelled);
        let client = self.context.client;
        spawn_local(async move {
            for id in ids {
                // Nobody waits for its answer, ended or not.
                drop(client.cancel(&id).await);
            }
        });
        true
    }

    fn next_run(self) -> u64 {
        self.batch.update_value(|batch| {
            batch.abort();
            *batch = Batch::new();
        });
        self.progress.set(None);
        self.run.update_value(|run| *run += 1);
        self.run.get_value()
    }

    fn is_current(self, run: u64) -> bool {
        self.run.try_get_value() == Some(run)
    }

    async fn watch(self, run: u64) {
        let started = browser::monotonic_ms();
        browser::sleep_ms(1000).await;
        while self.is_current(run) && self.load.with_untracked(|load| *load == Load::Waiting) {
            let ids = self.batch.with_value(Batch::running);
            let listed = self.context.client.queries().await.unwrap_or_default();
            if !self.is_current(run) || self.load.with_untracked(|load| *load != Load::Waiting) {
                return;
            }
            self.progress.set(Some(progress_of(&listed, &ids, browser::monotonic_ms() - started)));
            browser::sleep_ms(500).await;
        }
    }
}

/// How far the one of `ids` is that has the most left to read.
pub(crate) fn progress_of(listed: &[QueryInfo], ids: &[String], elapsed_ms: f64) -> Progress {
    let left = |query: &&QueryInfo| query.rows_total.saturating_sub(query.rows_scanned);
    let last = listed.iter().filter(|query| ids.contains(&query.id)).max_by_key(left);
    let (scanned, total) = last.map_or((0, 0), |query| (query.rows_scanned, query.rows_total));
    Progress { scanned: scanned.min(total), total, elapsed_ms }
}
