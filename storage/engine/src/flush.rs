//! From memory to Parquet.
//!
//! freeze (memtable and log segment end at the same row) → intend the paths → write the objects →
//! sync them → commit files and log position in one transaction → publish → remove the segments.
//! A crash before the commit leaves the rows in the log and objects that the next start deletes;
//! after it, the rows in files and segments that the next start removes. A failure leaves the
//! generation frozen: visible, durable in the log, and first in line for the next attempt.
//!
//! Memory: the rows of one table of the generation exist twice, as they came and sorted, their text
//! once; while they are sorted one column's numbers or views exist a third time.

use crate::compaction::policy;
use crate::data_dir::sync_files;
use crate::engine::{Inner, blocking, computing};
use crate::error::EngineError;
use crate::memtable::Key;
use crate::obsolete::abandon;
use crate::parquet_file::{self, Hour, Sorted, Written};
use crate::version::Frozen;
use crate::wal::list_segments;
use arrow_array::RecordBatch;
use futures::stream;
use lincei_catalog::{DataFile, FileCommit};
use lincei_model::telemetry::{Counter, Duration as Timing, Gauge};
use lincei_model::{FileAttributes, Table};
use std::sync::Arc;
use std::time::Instant;
use ulid::Ulid;

/// What a flush wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlushReport {
    /// Rows moved to Parquet.
    pub rows: u64,
    /// Files written.
    pub files: u64,
}

/// Freezes what is in memory and flushes it, after what earlier attempts left.
pub(crate) async fn flush_all(inner: &Inner) -> Result<FlushReport, EngineError> {
    let _one_at_a_time = inner.flushing.lock().await;
    flush_now(inner).await
}

/// As [`flush_all`], for a caller that holds `flushing`.
pub(crate) async fn flush_now(inner: &Inner) -> Result<FlushReport, EngineError> {
    inner.wal.freeze().await?;
    flush_frozen(inner).await
}

/// Flushes what an earlier attempt left frozen, and nothing newer.
pub(crate) async fn retry(inner: &Inner) -> Result<FlushReport, EngineError> {
    let _one_at_a_time = inner.flushing.lock().await;
    flush_frozen(inner).await
}

async fn flush_frozen(inner: &Inner) -> Result<FlushReport, EngineError> {
    let mut report = FlushReport::default();
    inner.must_own_directory()?;
    while let Some(frozen) = inner.state.oldest_frozen() {
        let started = Instant::now();
        match flush_generation(inner, &frozen).await {
            Ok(files) => {
                report.rows += frozen.generation.rows() as u64;
                report.files += files;
                inner.telemetry.add(Counter::FlushedRows, frozen.generation.rows() as u64);
                inner.telemetry.add(Counter::FlushedFiles, files);
                inner.telemetry.observe(Timing::Flush, started.elapsed());
            }
            Err(error) => {
                inner.telemetry.add(Counter::FlushFailures, 1);
                return Err(error);
            }
        }
    }
    Ok(report)
}

async fn flush_generation(inner: &Inner, frozen: &Arc<Frozen>) -> Result<u64, EngineError> {
    let written = frozen.written.lock().clone();
    let files = match written {
        Some(files) => files,
        None => {
            let files = write_generation(inner, frozen).await?;
            *frozen.written.lock() = Some(files.clone());
            files
        }
    };
    let count = files.len() as u64;
    {
        let _until_published = inner.commit.lock().await;
        inner.faults.point("flush.before_commit");
        let change = FileCommit {
            added: files,
            removed: Vec::new(),
            wal_flushed_through: Some(frozen.wal_through),
            now_ns: inner.clock.now_ns(),
        };
        let change = inner.catalog(move |c| c.commit(&change).map(|()| change)).await?;
        inner.faults.point("flush.after_commit");
        inner.state.publish_flush(frozen, change.added);
    }
    inner.faults.point("flush.after_publish");
    if let Err(error) = remove_segments(inner, frozen.wal_through) {
        tracing::warn!(%error, "flushed log segments stay until the next flush or start");
    }
    Ok(count)
}

/// Writes all rows of a generation; on an error nothing of it stays.
async fn write_generation(inner: &Inner, frozen: &Frozen) -> Result<Vec<DataFile>, EngineError> {
    let mut intended = Vec::new();
    let written = write_tables(inner, frozen, &mut intended).await;
    if written.is_err() {
        abandon(inner, intended).await;
    }
    written
}

async fn write_tables(
    inner: &Inner,
    frozen: &Frozen,
    intended: &mut Vec<String>,
) -> Result<Vec<DataFile>, EngineError> {
    let mut files = Vec::new();
    for (key, batches) in frozen.generation.tables() {
        let table = key.1;
        let rows_in: usize = batches.iter().map(RecordBatch::num_rows).sum();
        let sort = move || parquet_file::sort_by_hour(table, batches);
        let Sorted { attributes, hours } = blocking("sorting for a flush", sort).await??;
        let attributes = Arc::new(attributes);
        let rows_max = inner.options.file_rows_max(table);
        let outputs: Vec<Output> = hours
            .into_iter()
            .flat_map(|(hour, batches)| cut(batches, rows_max).into_iter().map(move |b| (hour, b)))
            .map(|(hour, batches)| Output::new(&key, hour, batches))
            .collect();
        intend(inner, outputs.iter().map(|o| o.path.clone()).collect(), intended).await?;
        let mut rows_out = 0;
        for output in outputs {
            let Output { id, path, batches } = output;
            let written = write_object(inner, table, path.clone(), Arc::clone(&attributes), batches).await?;
            inner.faults.point("flush.after_object");
            rows_out += written.rows;
            files.push(data_file(id, &key, path, 0, inner.clock.now_ns(), written));
        }
        if rows_out != rows_in as u64 {
            return Err(EngineError::RowsDiffer { table, rows_in: rows_in as u64, rows_out });
        }
    }
    sync_objects(inner, intended.clone()).await?;
    Ok(files)
}

/// Encodes and uploads one file beside the runtime.
async fn write_object(
    inner: &Inner,
    table: Table,
    path: String,
    attributes: Arc<FileAttributes>,
    batches: Vec<RecordBatch>,
) -> Result<Written, EngineError> {
    let store = Arc::clone(&inner.store);
    let rows = batches.iter().map(|batch| batch.num_rows() as u64).sum();
    let tier = policy::tier(0, rows, inner.options.file_rows_max(table) as u64);
    let _writer = inner.writer().await?;
    computing("writing of a file", async move {
        let batches = stream::iter(batches.into_iter().map(Ok));
        parquet_file::write(&store, table, tier, &path, &attributes, batches).await
    })
    .await?
}

/// Records paths as intended, so that a crash leaves no object that nobody knows.
async fn intend(inner: &Inner, paths: Vec<String>, intended: &mut Vec<String>) -> Result<(), EngineError> {
    intended.extend_from_slice(&paths);
    let now_ns = inner.clock.now_ns();
    inner.catalog(move |c| c.intend(&paths, now_ns)).await?;
    inner.faults.point("flush.intended");
    Ok(())
}

/// Makes objects durable that lie on the local disk.
pub(crate) async fn sync_objects(inner: &Inner, paths: Vec<String>) -> Result<(), EngineError> {
    match inner.options.local_store_root() {
        Some(root) => blocking("sync of files", move || sync_files(&root, &paths)).await?,
        None => Ok(()),
    }
}

struct Output {
    id: Ulid,
    path: String,
    batches: Vec<RecordBatch>,
}

impl Output {
    fn new(key: &Key, hour: Hour, batches: Vec<RecordBatch>) -> Self {
        let id = Ulid::new();
        Self { id, path: object_path(key, hour, id), batches }
    }
}

/// Where a file lies under the store's root.
pub(crate) fn object_path((tenant, table): &Key, hour: Hour, id: Ulid) -> String {
    format!("{tenant}/{table}/{hour}/{id}.parquet")
}

pub(crate) fn data_file(id: Ulid, key: &Key, path: String, level: u8, now_ns: i64, written: Written) -> DataFile {
    DataFile {
        id,
        tenant: key.0.clone(),
        table: key.1,
        path,
        rows: written.rows,
        bytes: written.bytes,
        min_time_ns: written.min_time_ns,
        max_time_ns: written.max_time_ns,
        level,
        crc32: written.crc32,
        created_ns: now_ns,
        columns: written.columns,
        attributes: written.attributes,
        terms: written.terms,
        summary: written.summary,
        patterns: written.patterns,
    }
}

/// Splits batches into runs of at most `rows_max` rows, keeping their order.
fn cut(batches: Vec<RecordBatch>, rows_max: usize) -> Vec<Vec<RecordBatch>> {
    let rows_max = rows_max.max(1);
    let (mut runs, mut run, mut room) = (Vec::new(), Vec::new(), rows_max);
    for mut batch in batches {
        while batch.num_rows() > room {
            run.push(batch.slice(0, room));
            batch = batch.slice(room, batch.num_rows() - room);
            runs.push(std::mem::take(&mut run));
            room = rows_max;
        }
        room -= batch.num_rows();
        run.push(batch);
    }
    if !run.is_empty() {
        runs.push(run);
    }
    runs
}

fn remove_segments(inner: &Inner, through: u64) -> Result<(), EngineError> {
    for segment in list_segments(&inner.options.wal_dir())?.into_iter().filter(|s| s.number <= through) {
        let bytes = std::fs::metadata(&segment.path).map_or(0, |m| m.len());
        inner.fs.remove(&segment.path).map_err(EngineError::io("remove", &segment.path))?;
        let left = inner.wal.status().removed(bytes);
        inner.telemetry.set(Gauge::WalSegmentBytes, left);
        inner.faults.point("flush.mid_wal_delete");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
