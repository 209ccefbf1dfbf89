//! What a reader sees: rows in memory and live files, always together.
//!
//! One lock guards both, so that a snapshot never falls between the moment rows leave memory and
//! the moment their file appears. Everything under the lock is pointer work; encoding, merging and
//! I/O happen outside.

mod files;

use crate::feed::Feed;
use crate::live_file::LiveFile;
use crate::memory::{MemoryBudget, Reservation};
use crate::memtable::{Generation, Key, MemBatch};
use arrow_array::RecordBatch;
use files::Files;
use lincei_catalog::DataFile;
use lincei_model::telemetry::Gauge;
use lincei_model::{Batch, Table, Telemetry, TenantId, TimeRange};
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;
use ulid::Ulid;

/// Everything of one table that can have rows in a window of time, as of one moment.
///
/// Rows are in any order and may lie outside the window. Each acknowledged row is in exactly one
/// batch or file.
#[derive(Debug)]
pub struct Snapshot {
    /// Rows not yet in a file, with the table's schema.
    pub memory: Vec<RecordBatch>,
    /// Files by least time. Their objects stay while these are held.
    pub files: Vec<Arc<LiveFile>>,
    /// Files of the table that were left out because of their times.
    pub files_pruned: usize,
}

/// One append: batches of one tenant that become visible together.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) tenant: TenantId,
    batches: Vec<(Table, MemBatch)>,
    pub(crate) rows: usize,
    /// Their share of the memory budget, `None` for replayed rows.
    pub(crate) reserved: Option<Reservation>,
}

impl Rows {
    /// Batches without rows are left out.
    pub(crate) fn new(tenant: TenantId, batches: Vec<Batch>) -> Self {
        let rows = batches.iter().map(Batch::rows).sum();
        let batches = batches.into_iter().filter_map(|b| Some((b.table(), MemBatch::new(b)?))).collect();
        Self { tenant, batches, rows, reserved: None }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.batches.iter().map(|(_, b)| b.bytes()).sum()
    }

    fn records(&self) -> impl Iterator<Item = (Key, RecordBatch)> {
        self.batches.iter().map(|(table, batch)| ((self.tenant.clone(), *table), batch.records.clone()))
    }
}

/// A generation on its way to Parquet.
#[derive(Debug)]
pub(crate) struct Frozen {
    pub(crate) generation: Generation,
    /// Once it is in Parquet the log is not needed up to this segment.
    pub(crate) wal_through: u64,
    /// Files that hold it and are written but perhaps not committed. A commit whose outcome is
    /// unknown is repeated with the same files, so that it cannot happen twice.
    pub(crate) written: Mutex<Option<Vec<DataFile>>>,
}

#[derive(Default)]
struct Version {
    active: Generation,
    /// Oldest first.
    frozen: Vec<Arc<Frozen>>,
    files: Files,
}

/// Rows and bytes in memory, of one table or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryStatus {
    /// Rows not yet in a file.
    pub rows: u64,
    /// Batches they lie in.
    pub batches: u64,
    /// Bytes they occupy; 0 where only one table is asked for.
    pub bytes: u64,
}

/// The current version, and the changes to it.
pub(crate) struct State {
    version: RwLock<Version>,
    budget: Arc<MemoryBudget>,
    telemetry: Arc<Telemetry>,
    flush_bytes: usize,
    /// Notified when the active generation is due.
    pub(crate) flush_wanted: Notify,
    /// Those who follow a table.
    pub(crate) feed: Arc<Feed>,
    /// An append waits for memory that only a flush of the active generation can free.
    is_starved: AtomicBool,
}

impl State {
    pub(crate) fn new(
        files: Vec<DataFile>,
        budget: Arc<MemoryBudget>,
        telemetry: Arc<Telemetry>,
        flush_bytes: usize,
    ) -> Self {
        let version = Version { files: Files::new(files), ..Version::default() };
        let state = Self {
            version: RwLock::new(version),
            budget,
            telemetry,
            flush_bytes,
            flush_wanted: Notify::new(),
            feed: Arc::default(),
            is_starved: AtomicBool::new(false),
        };
        state.measure(&state.version.read());
        state
    }

    pub(crate) fn snapshot(&self, tenant: &TenantId, table: Table, range: &TimeRange) -> Snapshot {
        let key = (tenant.clone(), table);
        let mut memory = Vec::new();
        let version = self.version.read();
        for frozen in &version.frozen {
            frozen.generation.collect(&key, range, &mut memory);
        }
        version.active.collect(&key, range, &mut memory);
        let (files, files_pruned) = version.files.select(&key, range);
        Snapshot { memory, files, files_pruned }
    }

    /// Adds appends, each at once. Only the log's writer and the replay call this.
    pub(crate) fn insert(&self, appends: Vec<Rows>, now_ns: i64) {
        let is_watched = self.feed.is_watched();
        let fresh: Vec<_> = appends.iter().filter(|_| is_watched).flat_map(Rows::records).collect();
        let mut version = self.version.write();
        for mut rows in appends {
            match rows.reserved.take() {
                Some(reserved) => reserved.keep(),
                None => self.budget.force(rows.bytes()),
            }
            for (table, batch) in rows.batches {
                version.active.push(&rows.tenant, table, batch, now_ns);
            }
        }
        if version.active.bytes() >= self.flush_bytes {
            self.flush_wanted.notify_one();
        }
        self.measure(&version);
        drop(version);
        if is_watched {
            self.feed.publish(fresh, now_ns);
        }
    }

    /// Merges small batches of the active generation. Only the thread that inserts and freezes
    /// calls this, so the generation stays as it is between the steps.
    pub(crate) fn coalesce(&self) {
        loop {
            let Some(crowd) = self.version.write().active.next_crowd() else { return };
            let merged = crowd.merge();
            let mut version = self.version.write();
            match merged {
                Ok(merged) => {
                    let freed = version.active.replace(&crowd, merged);
                    self.budget.release(freed);
                }
                Err(error) => {
                    tracing::warn!(%error, "small batches in memory could not be merged");
                    version.active.give_up(&crowd);
                }
            }
        }
    }

    /// Makes the active generation the newest frozen one; false when it has no rows.
    pub(crate) fn freeze(&self, wal_through: u64) -> bool {
        let mut version = self.version.write();
        if version.active.rows() == 0 {
            return false;
        }
        self.is_starved.store(false, Ordering::SeqCst);
        let generation = std::mem::take(&mut version.active);
        version.frozen.push(Arc::new(Frozen { generation, wal_through, written: Mutex::new(None) }));
        true
    }

    /// An append does not fit beside the rows that are in memory.
    pub(crate) fn ask_for_flush(&self) {
        self.is_starved.store(true, Ordering::SeqCst);
        self.flush_wanted.notify_one();
    }

    pub(crate) fn oldest_frozen(&self) -> Option<Arc<Frozen>> {
        self.version.read().frozen.first().cloned()
    }

    /// Whether rows are in memory that a flush would write, and since when the oldest active one.
    pub(crate) fn flush_due(&self) -> FlushDue {
        let version = self.version.read();
        FlushDue {
            frozen: !version.frozen.is_empty(),
            since_ns: version.active.since_ns(),
            full: version.active.bytes() >= self.flush_bytes
                || (version.active.rows() > 0 && self.is_starved.load(Ordering::SeqCst)),
        }
    }

    /// Replaces a frozen generation by its files.
    pub(crate) fn publish_flush(&self, frozen: &Arc<Frozen>, files: Vec<DataFile>) {
        let mut version = self.version.write();
        version.frozen.retain(|f| !Arc::ptr_eq(f, frozen));
        version.files.add(files);
        self.budget.release(frozen.generation.bytes());
        self.measure(&version);
    }

    /// Replaces files by files; returns the ones taken out.
    pub(crate) fn publish_files(&self, removed: &[Ulid], added: Vec<DataFile>) -> Vec<Arc<LiveFile>> {
        let mut version = self.version.write();
        let taken = version.files.remove(removed);
        version.files.add(added);
        self.measure(&version);
        taken
    }

    /// All live files.
    pub(crate) fn files(&self) -> Vec<Arc<LiveFile>> {
        self.version.read().files.all()
    }

    pub(crate) fn file_totals(&self) -> (usize, u64) {
        let version = self.version.read();
        (version.files.count(), version.files.bytes())
    }

    pub(crate) fn memory(&self) -> MemoryStatus {
        let version = self.version.read();
        let (rows, bytes) = version.memory();
        let batches = version.generations().flat_map(|g| g.keys().map(|key| g.count(key).1)).sum::<usize>();
        MemoryStatus { rows: rows as u64, batches: batches as u64, bytes: bytes as u64 }
    }

    pub(crate) fn table_memory(&self, key: &Key) -> MemoryStatus {
        let version = self.version.read();
        let (rows, batches) = version.generations().map(|g| g.count(key)).fold((0, 0), |(a, b), (r, n)| (a + r, b + n));
        MemoryStatus { rows: rows as u64, batches: batches as u64, bytes: 0 }
    }

    /// Every tenant and table with rows in memory or files.
    pub(crate) fn keys(&self) -> Vec<Key> {
        let version = self.version.read();
        let memory = version.generations().flat_map(Generation::keys);
        let mut keys: Vec<_> = memory.chain(version.files.keys()).cloned().collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn measure(&self, version: &Version) {
        let (rows, bytes) = version.memory();
        let set = |gauge, value: u64| self.telemetry.set(gauge, i64::try_from(value).unwrap_or(i64::MAX));
        set(Gauge::MemtableRows, rows as u64);
        set(Gauge::MemtableBytes, bytes as u64);
        set(Gauge::Files, version.files.count() as u64);
        set(Gauge::FileBytes, version.files.bytes());
    }
}

/// Why a flush may be due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FlushDue {
    /// An earlier flush failed or is under way.
    pub(crate) frozen: bool,
    /// When the oldest row of the active generation came.
    pub(crate) since_ns: Option<i64>,
    /// The active generation has reached its size, or an append waits for its memory.
    pub(crate) full: bool,
}

impl Version {
    fn generations(&self) -> impl Iterator<Item = &Generation> {
        self.frozen.iter().map(|f| &f.generation).chain(std::iter::once(&self.active))
    }

    fn memory(&self) -> (usize, usize) {
        self.generations().fold((0, 0), |(rows, bytes), g| (rows + g.rows(), bytes + g.bytes()))
    }
}
