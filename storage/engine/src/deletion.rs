//! Deleting rows that a caller chooses, by rewriting the files that have any.
//!
//! Rows acknowledged before the call go; rows acknowledged after its flush stay, also where they are
//! chosen:
//!
//! 1. **Begin.** Under `maintenance` and `flushing`, everything in memory is flushed, so that the rows
//!    are in files and the log's segments are gone. The files of the window are then *pending*:
//!    until this deletion is done with them, no merge mixes them with rows that came later.
//! 2. **Choose.** The caller leaves out files that cannot have such rows.
//! 3. **Scan**, without a lock: a file is read once, and one bit a row says what stays. A file of which
//!    every row stays is not touched.
//! 4. **Rewrite**, under `maintenance`: intend → write what stays → sync → commit the new file and the
//!    old one's removal in one transaction → publish. A file of which no row stays is only removed.
//! 5. **Forget.** The old object is deleted when the last snapshot that holds it is gone.
//!
//! After a crash each file is whole or rewritten; a deletion is not resumed, but can be repeated.
//!
//! Memory: that of a merge of one file, and one bit for each of its rows.

mod progress;
mod scan;

pub use progress::{DeletionProgress, DeletionReport};

use crate::check::quarantine_if_damaged;
use crate::compaction::policy;
use crate::engine::{Inner, blocking, computing};
use crate::error::EngineError;
use crate::flush::{data_file, flush_now, object_path, sync_objects};
use crate::live_file::LiveFile;
use crate::memtable::Key;
use crate::obsolete::{self, abandon};
use crate::parquet_file::{self, Hour};
use crate::version::Snapshot;
use crate::wal::list_segments;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_buffer::BooleanBuffer;
use futures::future::BoxFuture;
use lincei_catalog::FileCommit;
use lincei_model::telemetry::Counter;
use lincei_model::{Table, TenantId, TimeRange};
use std::sync::Arc;
use ulid::Ulid;

/// Decides which rows go.
pub trait RowPredicate: Send + Sync {
    /// One value for each row of a batch that has exactly the table's columns. Only `true` counts,
    /// neither `false` nor null. Must say the same about the same row each time.
    ///
    /// # Errors
    /// When the condition cannot be evaluated on these rows. The deletion ends then.
    fn matches(&self, rows: &RecordBatch) -> Result<BooleanArray, Box<dyn std::error::Error + Send + Sync>>;

    /// Those of `files` that can have a row for which it is true. May keep too many.
    fn candidates(&self, files: Vec<Arc<LiveFile>>) -> BoxFuture<'_, Vec<Arc<LiveFile>>>;
}

/// Rows to delete: those of one table inside the window for which the predicate is true.
#[derive(Clone)]
pub struct Deletion {
    /// Whose rows.
    pub tenant: TenantId,
    /// Of which table.
    pub table: Table,
    /// Only rows whose `time` lies inside.
    pub range: TimeRange,
    /// Only rows for which this is true.
    pub predicate: Arc<dyn RowPredicate>,
}

impl Deletion {
    fn key(&self) -> Key {
        (self.tenant.clone(), self.table)
    }
}

/// What a deletion would do: reads memory and files, and changes nothing.
pub(crate) async fn measure(
    inner: &Inner,
    deletion: Deletion,
    progress: &DeletionProgress,
) -> Result<DeletionReport, EngineError> {
    let snapshot = inner.state.snapshot(&deletion.tenant, deletion.table, &deletion.range);
    let files_of_table = snapshot.files.len() + snapshot.files_pruned;
    let files = deletion.predicate.candidates(snapshot.files).await;
    progress.begin(files_of_table, files.len());
    for rows in snapshot.memory {
        let (deletion, rows) = (deletion.clone(), rows);
        let kept = blocking("reading of memory", move || scan::kept_of(&deletion, &rows)).await??;
        progress.scanned(kept.len());
        progress.matched((kept.len() - kept.count_set_bits()) as u64);
    }
    for file in files {
        progress.must_go_on()?;
        let kept = scan::kept(inner, &deletion, &file).await?;
        progress.scanned(kept.len());
        progress.measured(&kept);
    }
    Ok(progress.report(set_aside(inner, &deletion).await?))
}

/// Deletes; the report has what was done until the end or an error.
pub(crate) async fn delete(
    inner: &Inner,
    deletion: Deletion,
    progress: &DeletionProgress,
) -> Result<DeletionReport, EngineError> {
    let (pending, snapshot) = begin(inner, &deletion).await?;
    let files_of_table = snapshot.files.len() + snapshot.files_pruned;
    let chosen = deletion.predicate.candidates(snapshot.files).await;
    pending.release_others(&chosen);
    progress.begin(files_of_table, chosen.len());
    for file in chosen {
        progress.must_go_on()?;
        let id = file.id;
        one_file(inner, &deletion, file, progress).await?;
        pending.release(id);
        obsolete::delete(inner).await?;
    }
    Ok(progress.report(set_aside(inner, &deletion).await?))
}

/// Flushes, and claims the files of the window.
async fn begin<'a>(inner: &'a Inner, deletion: &Deletion) -> Result<(Pending<'a>, Snapshot), EngineError> {
    // no merge is under way whose output would hold rows of the files claimed here
    let _files_stay = inner.maintenance.lock().await;
    inner.must_own_directory()?;
    // no later flush can put rows into files before these are claimed
    let _no_flush = inner.flushing.lock().await;
    flush_now(inner).await?;
    let through = inner.catalog(lincei_catalog::Catalog::wal_flushed_through).await?;
    for left in list_segments(&inner.options.wal_dir())?.into_iter().filter(|s| s.number <= through) {
        // a flush only warns of these, but their rows would stay on the disk
        inner.fs.remove(&left.path).map_err(EngineError::io("remove", &left.path))?;
    }
    let snapshot = inner.state.snapshot(&deletion.tenant, deletion.table, &deletion.range);
    let files: Vec<Ulid> = snapshot.files.iter().map(|f| f.id).collect();
    inner.pending.lock().extend(&files);
    Ok((Pending { inner, files }, snapshot))
}

async fn one_file(
    inner: &Inner,
    deletion: &Deletion,
    file: Arc<LiveFile>,
    progress: &DeletionProgress,
) -> Result<(), EngineError> {
    let scanned = scan::kept(inner, deletion, &file).await;
    let outcome = match scanned {
        Ok(kept) => {
            progress.scanned(kept.len());
            rewrite(inner, deletion, &file, &kept, progress).await
        }
        Err(error) => Err(error),
    };
    let Err(error) = outcome else { return Ok(()) };
    if matches!(error, EngineError::Predicate { .. }) {
        return Err(error);
    }
    let _files_stay = inner.maintenance.lock().await;
    let is_live = inner.state.files().iter().any(|f| f.id == file.id);
    if is_live && !quarantine_if_damaged(inner, &file).await? {
        return Err(error);
    }
    progress.gone();
    Ok(())
}

/// Replaces a file by the rows that stay.
async fn rewrite(
    inner: &Inner,
    deletion: &Deletion,
    file: &Arc<LiveFile>,
    kept: &BooleanBuffer,
    progress: &DeletionProgress,
) -> Result<(), EngineError> {
    let stay = kept.count_set_bits() as u64;
    if stay == file.rows {
        progress.untouched();
        return Ok(());
    }
    let _files_stay = inner.maintenance.lock().await;
    inner.must_own_directory()?;
    if !inner.state.files().iter().any(|f| f.id == file.id) {
        // retention or a check took it away
        progress.gone();
        return Ok(());
    }
    let removed = vec![file.id];
    let added = if stay == 0 { Vec::new() } else { vec![write(inner, deletion, file, kept).await?] };
    let written = added.iter().map(|f| f.path.clone()).collect();
    let change = FileCommit { added, removed, wal_flushed_through: None, now_ns: inner.clock.now_ns() };
    let points = ["deletion.before_commit", "deletion.after_commit", "deletion.after_publish"];
    if let Err(error) = inner.replace_files(change, points).await {
        // as after a merge: only a refused commit has certainly not happened
        if matches!(error.code(), lincei_model::ErrorCode::Conflict) {
            abandon(inner, written).await;
        }
        return Err(error);
    }
    inner.telemetry.add(Counter::DeletedRows, file.rows - stay);
    progress.rewritten(file.rows - stay, stay);
    Ok(())
}

async fn write(
    inner: &Inner,
    deletion: &Deletion,
    file: &Arc<LiveFile>,
    kept: &BooleanBuffer,
) -> Result<lincei_catalog::DataFile, EngineError> {
    let (key, id) = (deletion.key(), Ulid::new());
    let path = object_path(&key, Hour::of(file.min_time_ns), id);
    let (intended, now_ns) = (vec![path.clone()], inner.clock.now_ns());
    inner.catalog(move |c| c.intend(&intended, now_ns)).await?;
    inner.faults.point("deletion.intended");
    let tier = policy::tier(file.level, kept.count_set_bits() as u64, inner.options.file_rows_max as u64);
    let (store, source, to, bits) = (Arc::clone(&inner.store), Arc::clone(file), path.clone(), kept.clone());
    let _writer = inner.writer().await?;
    let written =
        computing("rewriting of a file", async move { parquet_file::rewrite(&store, tier, &source, &to, &bits).await });
    let written = match written.await.and_then(|written| written) {
        Ok(written) => written,
        Err(error) => {
            abandon(inner, vec![path]).await;
            return Err(error);
        }
    };
    inner.faults.point("deletion.after_write");
    let stay = kept.count_set_bits() as u64;
    let synced = if written.rows == stay {
        sync_objects(inner, vec![path.clone()]).await
    } else {
        Err(EngineError::RowsDiffer { table: deletion.table, rows_in: stay, rows_out: written.rows })
    };
    if let Err(error) = synced {
        abandon(inner, vec![path]).await;
        return Err(error);
    }
    Ok(data_file(id, &key, path, file.level, inner.clock.now_ns(), written))
}

/// Paths of damaged files of the window, and of damaged parts of the log: they can hold rows that
/// were to be deleted, and only a person can decide about them.
async fn set_aside(inner: &Inner, deletion: &Deletion) -> Result<Vec<String>, EngineError> {
    let quarantined = inner.catalog(lincei_catalog::Catalog::quarantined).await?;
    let (key, range) = (deletion.key(), deletion.range);
    let files = quarantined
        .into_iter()
        .map(|q| q.file)
        .filter(|f| (&f.tenant, f.table) == (&key.0, key.1) && range.overlaps(f.min_time_ns, f.max_time_ns));
    let segments = std::fs::read_dir(inner.options.quarantine_dir()).into_iter().flatten().flatten();
    let segments = segments.map(|entry| entry.path().display().to_string());
    Ok(files.map(|f| f.path).chain(segments).collect())
}

/// Files that no merge may touch.
struct Pending<'a> {
    inner: &'a Inner,
    files: Vec<Ulid>,
}

impl Pending<'_> {
    fn release(&self, id: Ulid) {
        self.inner.pending.lock().remove(&id);
    }

    fn release_others(&self, chosen: &[Arc<LiveFile>]) {
        let mut pending = self.inner.pending.lock();
        for id in &self.files {
            if !chosen.iter().any(|file| file.id == *id) {
                pending.remove(id);
            }
        }
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        let mut pending = self.inner.pending.lock();
        for id in &self.files {
            pending.remove(id);
        }
    }
}
