//! Merging files of one hour, one merge at a time.
//!
//! intend the outputs → merge, streaming → compare row counts → commit outputs and inputs in one
//! transaction → publish. Inputs keep their objects until their last reader is done. An input that
//! turns out to be damaged is set aside and the rest is merged without it.

pub(crate) mod policy;

use crate::check::quarantine_if_damaged;
use crate::engine::{CompactionReport, Inner, computing};
use crate::error::EngineError;
use crate::flush::{data_file, object_path, sync_objects};
use crate::live_file::LiveFile;
use crate::memtable::Key;
use crate::obsolete::abandon;
use crate::parquet_file::{self, Hour, MergeLimits};
use lincei_catalog::{DataFile, FileCommit};
use lincei_model::telemetry::{Counter, Duration as Timing};
use policy::{Candidate, Plan, plan};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;
use ulid::Ulid;

/// First and longest wait before an hour that failed is tried again.
const RETRY_NS: (i64, i64) = (10_000_000_000, 3_600_000_000_000);

/// Files that may be merged with each other.
type Group = (Key, Hour);

/// Hours whose merge failed: how often in a row, and when to try again.
#[derive(Debug, Default)]
pub(crate) struct Failures(HashMap<Group, (u32, i64)>);

impl Failures {
    fn must_wait(&self, group: &Group, now_ns: i64) -> bool {
        self.0.get(group).is_some_and(|(_, until)| now_ns < *until)
    }

    fn failed(&mut self, group: &Group, now_ns: i64) {
        let (count, until) = self.0.entry(group.clone()).or_default();
        let wait = RETRY_NS.0.saturating_mul(1 << (*count).min(16)).min(RETRY_NS.1);
        *count += 1;
        *until = now_ns.saturating_add(wait);
    }

    fn succeeded(&mut self, group: &Group) {
        self.0.remove(group);
    }
}

/// Merges until no hour has anything to merge. Hours that failed lately are left out.
pub(crate) async fn compact_all(inner: &Inner) -> Result<CompactionReport, EngineError> {
    let mut report = CompactionReport::default();
    let mut first_error = None;
    let groups: BTreeSet<Group> = inner.state.files().iter().map(|f| group_of(f)).collect();
    for group in groups {
        if inner.compaction_failures.lock().must_wait(&group, inner.clock.now_ns()) {
            continue;
        }
        if let Err(error) = compact_group(inner, &group, &mut report).await {
            tracing::warn!(tenant = %group.0.0, table = %group.0.1, hour = %group.1, %error, "compaction failed");
            inner.telemetry.add(Counter::CompactionFailures, 1);
            inner.compaction_failures.lock().failed(&group, inner.clock.now_ns());
            first_error.get_or_insert(error);
        } else {
            inner.compaction_failures.lock().succeeded(&group);
        }
    }
    first_error.map_or(Ok(report), Err)
}

fn group_of(file: &LiveFile) -> Group {
    ((file.tenant.clone(), file.table), Hour::of(file.min_time_ns))
}

async fn compact_group(inner: &Inner, group: &Group, report: &mut CompactionReport) -> Result<(), EngineError> {
    while inner.compaction_may_run() {
        let _files_stay = inner.maintenance.lock().await;
        inner.must_own_directory()?;
        let Some((inputs, level)) = next_merge(inner, group) else { break };
        let started = Instant::now();
        match merge(inner, group, &inputs, level).await {
            Ok(files_out) => {
                report.merges += 1;
                report.files_in += inputs.len() as u64;
                report.files_out += files_out;
                let rows = inputs.iter().map(|f| f.rows).sum::<u64>();
                report.rows += rows;
                inner.telemetry.add(Counter::CompactedRows, rows);
                inner.telemetry.add(Counter::CompactedFiles, inputs.len() as u64);
                inner.telemetry.observe(Timing::Compaction, started.elapsed());
            }
            Err(error) => {
                let mut damaged = 0;
                for input in &inputs {
                    damaged += u64::from(quarantine_if_damaged(inner, input).await?);
                }
                if damaged == 0 {
                    return Err(error);
                }
                report.quarantined += damaged;
            }
        }
    }
    Ok(())
}

fn next_merge(inner: &Inner, group: &Group) -> Option<(Vec<Arc<LiveFile>>, u8)> {
    let (key, hour) = group;
    let range = hour.range();
    let mut files = inner.state.snapshot(&key.0, key.1, &range).files;
    let pending = inner.pending.lock().clone();
    files.retain(|f| range.contains(f.min_time_ns) && !pending.contains(&f.id));
    let candidates: Vec<_> = files.iter().map(|f| candidate(f)).collect();
    let (now_ns, options) = (inner.clock.now_ns(), &inner.options);
    let rows_max = options.file_rows_max(key.1) as u64;
    let Plan { inputs, level } = plan(&candidates, range.end_ns, now_ns, &options.compaction, rows_max)?;
    files.retain(|f| inputs.contains(&f.id));
    fit(&mut files, options.compaction.memory_bytes);
    Some((files, level))
}

/// Leaves as many files as a merge has memory for, at least two: by `parquet_file::merge_bytes`, half
/// of the memory, as the rest is for the output.
fn fit(files: &mut Vec<Arc<LiveFile>>, memory_bytes: usize) {
    let mut bytes = 0_u64;
    let fitting = files.iter().take_while(|file| {
        bytes = bytes.saturating_add(parquet_file::merge_bytes(file));
        bytes <= memory_bytes as u64 / 2
    });
    let count = fitting.count();
    files.truncate(count.max(2));
}

fn candidate(file: &LiveFile) -> Candidate {
    Candidate { id: file.id, rows: file.rows, level: file.level, created_ns: file.created_ns }
}

/// Replaces `inputs` by their rows in new files; returns how many.
async fn merge(inner: &Inner, group: &Group, inputs: &[Arc<LiveFile>], level: u8) -> Result<u64, EngineError> {
    let (key, hour) = group;
    let rows_in: u64 = inputs.iter().map(|f| f.rows).sum();
    let outputs_max = rows_in.div_ceil(inner.options.file_rows_max(key.1) as u64) + 1;
    let ids: Vec<Ulid> = (0..outputs_max).map(|_| Ulid::new()).collect();
    let paths: Vec<String> = ids.iter().map(|id| object_path(key, *hour, *id)).collect();
    let now_ns = inner.clock.now_ns();
    let intended = paths.clone();
    inner.catalog(move |c| c.intend(&intended, now_ns)).await?;
    inner.faults.point("compaction.before_merge");
    let merged = write_merged(inner, group, inputs, level, ids.into_iter().zip(paths.clone()).collect()).await;
    let added = match merged {
        Ok(added) => added,
        Err(error) => {
            abandon(inner, paths).await;
            return Err(error);
        }
    };
    let unused = paths.into_iter().filter(|p| added.iter().all(|f| f.path != *p)).collect();
    inner.faults.point("compaction.after_merge");
    let count = added.len() as u64;
    let removed = inputs.iter().map(|f| f.id).collect();
    let change = FileCommit { added, removed, wal_flushed_through: None, now_ns: inner.clock.now_ns() };
    let points = ["compaction.before_commit", "compaction.after_commit", "compaction.after_publish"];
    let written: Vec<_> = change.added.iter().map(|f| f.path.clone()).collect();
    if let Err(error) = inner.replace_files(change, points).await {
        // whether the commit happened is not known when the disk failed: objects that the catalog
        // may list stay until the next start decides
        if matches!(error.code(), lincei_model::ErrorCode::Conflict) {
            abandon(inner, written).await;
        }
        return Err(error);
    }
    abandon(inner, unused).await;
    Ok(count)
}

async fn write_merged(
    inner: &Inner,
    (key, _): &Group,
    inputs: &[Arc<LiveFile>],
    level: u8,
    names: Vec<(Ulid, String)>,
) -> Result<Vec<DataFile>, EngineError> {
    let (table, rows_in) = (key.1, inputs.iter().map(|f| f.rows).sum::<u64>());
    let tier = policy::tier(level, rows_in, inner.options.file_rows_max(table) as u64);
    let mut free: std::vec::IntoIter<String> = names.iter().map(|(_, p)| p.clone()).collect::<Vec<_>>().into_iter();
    // a merge that wants more files than its rows need is given a path that no store accepts
    let next_path = move |_: Hour| free.next().unwrap_or_default();
    let (store, inputs) = (Arc::clone(&inner.store), inputs.to_vec());
    let limits = MergeLimits {
        rows_max: inner.options.file_rows_max(table),
        memory_bytes: inner.options.compaction.memory_bytes,
    };
    let writer = inner.writer().await?;
    let written = computing("merging of files", async move {
        let inputs: Vec<&DataFile> = inputs.iter().map(|f| &***f).collect();
        parquet_file::merge(&store, table, tier, &inputs, limits, next_path).await
    })
    .await??;
    drop(writer);
    let rows_out = written.iter().map(|(_, w)| w.rows).sum();
    if rows_in != rows_out {
        return Err(EngineError::RowsDiffer { table, rows_in, rows_out });
    }
    sync_objects(inner, written.iter().map(|(path, _)| path.clone()).collect()).await?;
    let now_ns = inner.clock.now_ns();
    let ids: HashMap<String, Ulid> = names.into_iter().map(|(id, path)| (path, id)).collect();
    written
        .into_iter()
        .map(|(path, w)| {
            let unknown = || EngineError::Corrupt { path: path.clone(), detail: "path was not intended".to_owned() };
            let id = *ids.get(&path).ok_or_else(unknown)?;
            Ok(data_file(id, key, path, level, now_ns, w))
        })
        .collect()
}
