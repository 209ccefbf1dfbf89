use lincei_model::{Table, limits};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the engine behaves. Every field has a default.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Holds `catalog.db`, `wal/`, `quarantine/`, `blobs/`, `lock` and, for a local store, `parquet/`.
    pub data_dir: PathBuf,
    /// The object store is not the directory `<data_dir>/parquet`. Objects of a local store are
    /// synced as files before the catalog names them; a remote store's upload is durable itself.
    pub remote_store: bool,
    /// Bytes of rows in memory, those being flushed included. Appends wait above it, then fail.
    pub memtable_bytes_max: usize,
    /// Bytes of rows in memory that start a flush. 128 MiB are some 200,000 log records: files
    /// large enough that five of them make a full one, and a replay that takes about a second.
    pub flush_bytes: usize,
    /// Age of the oldest row in memory that starts a flush. Rows are durable and visible without
    /// it, so it only bounds replay time; five minutes make at most twelve files an hour and
    /// table, few enough to be merged once, when the hour is over.
    pub flush_interval: Duration,
    /// Bytes after which the log goes on in a new segment.
    pub wal_segment_bytes_max: u64,
    /// Encoded bytes that wait to be written to the log; appends wait above it, then fail.
    pub wal_queue_bytes_max: usize,
    /// How long an append waits for a bounded resource before it fails as unavailable.
    pub append_wait_max: Duration,
    /// Bytes that must stay free on the data directory's disk; appends fail below it so that
    /// flush, compaction and catalog have room. At most 5 % of the disk is reserved.
    pub disk_reserve_bytes: u64,
    /// Rows of one Parquet file; of metrics, [`limits::METRIC_ROWS_FACTOR`] times as many.
    pub file_rows_max: usize,
    /// Files that are written at once (1 or 2): a flush and a merge wait for each other when it is 1. A file
    /// under way takes some 40 MiB, which no other bound counts.
    pub file_writers_max: usize,
    /// Bytes of indexes of terms that are kept in memory.
    pub term_cache_bytes_max: u64,
    /// Bytes of summaries of files that are kept in memory.
    pub summary_cache_bytes_max: u64,
    /// Bytes of patterns of files that are kept in memory.
    pub pattern_cache_bytes_max: u64,
    /// When files are merged.
    pub compaction: CompactionOptions,
}

/// When files of one hour are merged.
#[derive(Clone, Debug)]
pub struct CompactionOptions {
    /// Files of one level that are merged while their hour may still grow. More are opened by
    /// queries of the last hour; fewer are merged twice, where they are too small to fill a file.
    pub open_files_min: usize,
    /// Files of one level that are merged once their hour is over, though rows still arrive.
    pub closed_files_min: usize,
    /// Most files read by one merge.
    pub inputs_max: usize,
    /// Bytes of memory that one merge may need. It reads as many files as fit, and at least two.
    pub memory_bytes: usize,
    /// How long after its end an hour counts as over, and how long it must have received nothing
    /// before all its small files are merged into one.
    pub quiet: Duration,
    /// Age of an hour at which its files are rewritten with the strongest compression.
    pub cold_after: Option<Duration>,
}

impl Default for CompactionOptions {
    fn default() -> Self {
        Self {
            open_files_min: 32,
            closed_files_min: 16,
            inputs_max: 32,
            memory_bytes: 1 << 30,
            quiet: Duration::from_secs(10 * 60),
            cold_after: Some(Duration::from_secs(3 * 24 * 3600)),
        }
    }
}

impl EngineOptions {
    /// Defaults for a data directory.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            remote_store: false,
            memtable_bytes_max: 512 << 20,
            flush_bytes: 128 << 20,
            flush_interval: Duration::from_secs(5 * 60),
            wal_segment_bytes_max: 64 << 20,
            wal_queue_bytes_max: 64 << 20,
            append_wait_max: Duration::from_secs(10),
            disk_reserve_bytes: 256 << 20,
            file_rows_max: limits::FILE_ROWS_MAX,
            file_writers_max: 2,
            term_cache_bytes_max: 64 << 20,
            summary_cache_bytes_max: 32 << 20,
            pattern_cache_bytes_max: 32 << 20,
            compaction: CompactionOptions::default(),
        }
    }

    pub(crate) fn wal_dir(&self) -> PathBuf {
        self.data_dir.join("wal")
    }

    pub(crate) fn quarantine_dir(&self) -> PathBuf {
        self.data_dir.join("quarantine")
    }

    /// Where the store's objects lie as files, `None` for a remote store.
    pub(crate) fn local_store_root(&self) -> Option<PathBuf> {
        (!self.remote_store).then(|| local_store_root(&self.data_dir))
    }

    /// Rows of one file of a table, at least one.
    pub(crate) fn file_rows_max(&self, table: Table) -> usize {
        self.file_rows_max.max(1).saturating_mul(table.rows_factor())
    }

    /// A flush must start well before appends have to wait.
    pub(crate) fn flush_bytes(&self) -> usize {
        self.flush_bytes.min(self.memtable_bytes_max / 2)
    }
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self::new("lincei-data")
    }
}

pub(crate) fn local_store_root(data_dir: &Path) -> PathBuf {
    data_dir.join("parquet")
}
