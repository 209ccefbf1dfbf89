use datafusion::catalog::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_plan::ExecutionPlan;
use lincei_engine::LiveFile;
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use ulid::Ulid;

/// What a query cost so far. Serializes to the members of `stats` in the JSON answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct QueryStats {
    /// The query's id.
    pub query_id: String,
    /// Rows in the answer.
    pub rows: u64,
    /// Whether the bound on rows cut the answer.
    pub truncated: bool,
    /// Rows read from memory and files after pruning, before row predicates.
    pub rows_scanned: u64,
    /// Rows that the chosen files and memory hold; reading ends below it where pages are skipped.
    pub rows_total: u64,
    /// Bytes read from the object store; footers that were cached cost none.
    pub bytes_scanned: u64,
    /// Files opened.
    pub files_scanned: u64,
    /// Files left out by time range or column ranges, once per scan of a table.
    pub files_pruned: u64,
    /// Wall time since the query began to run, in milliseconds when serialized.
    #[serde(rename = "elapsed_ms", serialize_with = "milliseconds")]
    pub elapsed: Duration,
    /// Peak memory of the query's operators.
    pub memory_bytes: u64,
}

fn milliseconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64() * 1e3)
}

/// Files last used that are remembered: one of them is the culprit when a read fails.
const RECENT_FILES: usize = 16;

/// What the scans of one query count themselves.
#[derive(Debug, Default)]
pub(crate) struct ScanCounters {
    bytes: AtomicU64,
    files_pruned: AtomicU64,
    files: Mutex<FilesUsed>,
}

#[derive(Debug, Default)]
struct FilesUsed {
    opened: HashSet<Ulid>,
    recent: VecDeque<Arc<LiveFile>>,
}

impl ScanCounters {
    pub(crate) fn prune(&self, files: usize) {
        self.files_pruned.fetch_add(files as u64, Ordering::Relaxed);
    }

    pub(crate) fn read(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A file is opened or closed.
    pub(crate) fn touch(&self, file: &Arc<LiveFile>) {
        let mut files = self.files.lock();
        files.opened.insert(file.id);
        files.recent.retain(|recent| recent.id != file.id);
        files.recent.push_back(Arc::clone(file));
        if files.recent.len() > RECENT_FILES {
            files.recent.pop_front();
        }
    }

    /// Files last used, the last one first; forgets them, and so lets go of their objects.
    pub(crate) fn take_recent(&self) -> Vec<Arc<LiveFile>> {
        let mut recent = std::mem::take(&mut self.files.lock().recent);
        recent.make_contiguous().reverse();
        recent.into()
    }

    pub(crate) fn write_to(&self, stats: &mut QueryStats) {
        stats.bytes_scanned = self.bytes.load(Ordering::Relaxed);
        stats.files_pruned = self.files_pruned.load(Ordering::Relaxed);
        stats.files_scanned = self.files.lock().opened.len() as u64;
    }
}

/// Rows that the scans of a plan have read, and rows that they can read at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ScannedRows {
    pub(crate) scanned: u64,
    pub(crate) total: u64,
}

impl ScannedRows {
    /// Sums up the scans of a plan. Cheap enough to be asked while it runs.
    pub(crate) fn of(plan: &Arc<dyn ExecutionPlan>) -> Self {
        let mut sum = Self::default();
        let mut stack = vec![Arc::clone(plan)];
        while let Some(node) = stack.pop() {
            if let Some(scan) = node.downcast_ref::<DataSourceExec>() {
                sum.add_scan(scan);
            }
            stack.extend(node.children().into_iter().cloned());
        }
        sum
    }

    fn add_scan(&mut self, scan: &DataSourceExec) {
        if let Some(memory) = scan.data_source().downcast_ref::<MemorySourceConfig>() {
            let rows: usize = memory.partitions().iter().flatten().map(|batch| batch.num_rows()).sum();
            self.scanned += rows as u64;
            self.total += rows as u64;
        } else if let Some(files) = scan.data_source().downcast_ref::<FileScanConfig>() {
            let metrics = ExecutionPlan::metrics(scan).unwrap_or_default();
            let filtered = metrics.sum_by_name("pushdown_rows_pruned").map_or(0, |value| value.as_usize());
            self.scanned += (metrics.output_rows().unwrap_or(0) + filtered) as u64;
            // a file may be cut in ranges, each of which carries the figures of the whole
            let rows: HashMap<&str, usize> = files
                .file_groups
                .iter()
                .flat_map(|group| group.iter())
                .filter_map(|f| Some((f.path().as_ref(), *f.statistics.as_ref()?.num_rows.get_value()?)))
                .collect();
            self.total += rows.values().map(|rows| *rows as u64).sum::<u64>();
        }
    }
}
