//! Deletions of rows that clients asked for: one at a time, beside everything else.

use crate::problem::Failure;
use crate::time::rfc3339;
use lincei_api::DeletionInfo;
use lincei_catalog::{Actor, AuditChange, Catalog};
use lincei_engine::{Deletion, DeletionProgress, DeletionReport, Engine, EngineError};
use lincei_model::{Clock, ErrorCode, Table, TimeRange};
use parking_lot::Mutex;
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Deletions that are listed.
const LISTED_MAX: usize = 100;

/// What a client asked for, as it is shown and kept in the audit log.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) table: Table,
    /// SQL; empty for every row.
    pub(crate) condition: String,
    pub(crate) range: TimeRange,
}

/// The deletions since the start.
pub(crate) struct Deletions {
    engine: Engine,
    catalog: Arc<Catalog>,
    clock: Arc<dyn Clock>,
    /// Oldest first.
    entries: Mutex<VecDeque<Arc<Entry>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

struct Entry {
    id: String,
    asked: Asked,
    actor: Actor,
    started_ns: i64,
    progress: Arc<DeletionProgress>,
    ended: Mutex<Option<Ended>>,
}

/// How a deletion ended.
#[derive(Clone, Debug)]
struct Ended {
    at_ns: i64,
    state: &'static str,
    error: Option<String>,
    set_aside: Vec<String>,
}

impl Deletions {
    pub(crate) fn new(engine: Engine, catalog: Arc<Catalog>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { engine, catalog, clock, entries: Mutex::default(), task: Mutex::default() })
    }

    /// Starts a deletion. It is in the audit log before it does anything.
    ///
    /// # Errors
    /// [`ErrorCode::Conflict`] while another one runs.
    pub(crate) fn start(
        self: &Arc<Self>,
        actor: Actor,
        asked: Asked,
        deletion: Deletion,
    ) -> Result<DeletionInfo, Failure> {
        let mut entries = self.entries.lock();
        if let Some(running) = entries.iter().find(|entry| entry.ended.lock().is_none()) {
            let detail = format!("deletion {} is running: wait for its end, or cancel it", running.id);
            return Err(Failure::new(ErrorCode::Conflict, detail));
        }
        let entry = Arc::new(Entry {
            id: ulid::Ulid::new().to_string(),
            asked,
            actor,
            started_ns: self.clock.now_ns(),
            progress: Arc::default(),
            ended: Mutex::default(),
        });
        self.record(
            &entry,
            "deletion.start",
            json!({ "id": entry.id, "condition": entry.asked.condition,
            "from": bound(entry.asked.range.start_ns), "to": bound(entry.asked.range.end_ns) }),
        )?;
        entries.push_back(Arc::clone(&entry));
        if entries.len() > LISTED_MAX {
            entries.pop_front();
        }
        drop(entries);
        let info = entry.info();
        let this = Arc::clone(self);
        *self.task.lock() = Some(tokio::spawn(async move { this.run(&entry, deletion).await }));
        Ok(info)
    }

    async fn run(&self, entry: &Entry, deletion: Deletion) {
        tracing::info!(id = entry.id, table = %entry.asked.table, "rows are being deleted");
        let outcome = self.engine.delete_rows(deletion, Arc::clone(&entry.progress)).await;
        let at_ns = self.clock.now_ns();
        let ended = match outcome {
            Ok(DeletionReport { set_aside, .. }) => Ended { at_ns, state: "done", error: None, set_aside },
            Err(EngineError::Cancelled) => Ended { at_ns, state: "cancelled", error: None, set_aside: Vec::new() },
            Err(error) => {
                let error = crate::cli::chain(&error.into());
                tracing::warn!(id = entry.id, error, "deletion failed, files already rewritten stay so");
                Ended { at_ns, state: "failed", error: Some(error), set_aside: Vec::new() }
            }
        };
        let done = entry.progress.now();
        let after = json!({ "id": entry.id, "state": ended.state, "rows_deleted": done.rows_deleted,
            "files_rewritten": done.files_rewritten, "files_removed": done.files_removed });
        if let Err(failure) = self.record(entry, "deletion.end", after) {
            tracing::error!(id = entry.id, error = failure.detail, "the end of a deletion is not in the audit log");
        }
        tracing::info!(id = entry.id, state = ended.state, rows = done.rows_deleted, "deletion ended");
        *entry.ended.lock() = Some(ended);
    }

    fn record(&self, entry: &Entry, action: &str, after: serde_json::Value) -> Result<(), Failure> {
        let target = format!("table/{}", entry.asked.table);
        let change = AuditChange { action: action.to_owned(), target, before: None, after: Some(after) };
        self.catalog.record(&entry.actor, change, self.clock.now_ns())?;
        Ok(())
    }

    /// Newest first.
    pub(crate) fn list(&self) -> Vec<DeletionInfo> {
        self.entries.lock().iter().rev().map(|entry| entry.info()).collect()
    }

    pub(crate) fn find(&self, id: &str) -> Option<DeletionInfo> {
        self.entries.lock().iter().find(|entry| entry.id == id).map(|entry| entry.info())
    }

    /// Ends a running deletion before its next file; false when none of that id runs.
    pub(crate) fn cancel(&self, id: &str) -> bool {
        let entries = self.entries.lock();
        let running = entries.iter().find(|entry| entry.id == id && entry.ended.lock().is_none());
        running.inspect(|entry| entry.progress.cancel()).is_some()
    }

    /// Cancels what runs, and waits for its end: it writes files.
    pub(crate) async fn shutdown(&self) {
        self.entries.lock().iter().for_each(|entry| entry.progress.cancel());
        let task = self.task.lock().take();
        if let Some(task) = task {
            let _ = task.await;
        }
    }
}

impl Entry {
    fn info(&self) -> DeletionInfo {
        // before the figures: an end that is seen has all of them
        let ended = self.ended.lock().clone();
        let done = self.progress.now();
        DeletionInfo {
            id: self.id.clone(),
            state: ended.as_ref().map_or("running", |e| e.state).to_owned(),
            table: self.asked.table.name().to_owned(),
            condition: self.asked.condition.clone(),
            from: bound(self.asked.range.start_ns),
            to: bound(self.asked.range.end_ns),
            client: format!("{} from {}", self.actor.name, self.actor.origin),
            started: rfc3339(self.started_ns),
            ended: ended.as_ref().map(|e| rfc3339(e.at_ns)),
            files_of_table: done.files_of_table,
            files_total: done.files_total,
            files_done: done.files_done,
            files_rewritten: done.files_rewritten,
            files_removed: done.files_removed,
            rows_scanned: done.rows_scanned,
            rows_deleted: done.rows_deleted,
            error: ended.as_ref().and_then(|e| e.error.clone()),
            set_aside: ended.map(|e| e.set_aside).unwrap_or_default(),
        }
    }
}

/// `None` for no bound.
fn bound(ns: i64) -> Option<String> {
    let all = TimeRange::ALL;
    (ns != all.start_ns && ns != all.end_ns).then(|| rfc3339(ns))
}
