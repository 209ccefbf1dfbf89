use crate::blobs::Blobs;
use crate::data_dir::DataDirLock;
use crate::deletion::{self, Deletion, DeletionProgress, DeletionReport};
use crate::disk::{DiskGuard, DiskSpace};
use crate::error::EngineError;
use crate::fault::Faults;
use crate::feed::{FeedPosition, Subscription};
use crate::file_part::FileParts;
use crate::flush::{self, FlushReport};
use crate::live_file::LiveFile;
use crate::memory::MemoryBudget;
use crate::obsolete::Doomed;
use crate::options::EngineOptions;
use crate::patterns::FilePatterns;
use crate::summary::FileSummary;
use crate::term_index::{PageSet, Term, TermIndexes};
use crate::version::{MemoryStatus, Rows, Snapshot, State};
use crate::wal::fs::WalFs;
use crate::wal::{self, EncodedFrame, Wal};
use crate::{backup, buffers, check, compaction, retention};
use lincei_catalog::Catalog;
use lincei_model::telemetry::Counter;
use lincei_model::{Batch, Clock, Table, Telemetry, TenantId, TimeRange};
use object_store::ObjectStore;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use ulid::Ulid;

/// Appends of at most this many rows and bytes are encoded where they are made; others go to the
/// blocking pool. A hop costs about as much as encoding some hundred rows.
const INLINE_ROWS: usize = 256;
const INLINE_BYTES: usize = 1 << 20;

/// Storage of one data directory. Cheap to clone; all clones are one engine.
///
/// Methods need a tokio runtime with time enabled. When the last clone goes without
/// [`Engine::shutdown`], nothing acknowledged is lost: the next open replays the log.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) options: EngineOptions,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) blobs: Blobs,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) faults: Faults,
    pub(crate) fs: Arc<dyn WalFs>,
    pub(crate) state: Arc<State>,
    pub(crate) budget: Arc<MemoryBudget>,
    pub(crate) wal: Wal,
    pub(crate) disk: DiskGuard,
    /// Held by the one flush that runs.
    pub(crate) flushing: tokio::sync::Mutex<()>,
    /// Held by the one compaction step, rewrite of a deletion, retention or quarantine that runs:
    /// they take files away.
    pub(crate) maintenance: tokio::sync::Mutex<()>,
    /// Held from a catalog commit until its result is published, so that whoever holds it sees
    /// catalog and version agree. Taken after `maintenance` and `flushing`, never before.
    pub(crate) commit: tokio::sync::Mutex<()>,
    /// A permit for each file that may be written now. Taken after `maintenance` and `flushing`.
    pub(crate) writers: tokio::sync::Semaphore,
    pub(crate) terms: TermIndexes,
    pub(crate) summaries: FileParts<FileSummary>,
    pub(crate) patterns: FileParts<FilePatterns>,
    pub(crate) doomed: Mutex<Vec<Doomed>>,
    pub(crate) compaction_failures: Mutex<compaction::Failures>,
    /// Files that a deletion has yet to be done with: merges leave them alone.
    pub(crate) pending: Mutex<HashSet<Ulid>>,
    /// Held by the one deletion that runs.
    deleting: tokio::sync::Mutex<()>,
    inspecting: Mutex<HashSet<Ulid>>,
    closing: AtomicBool,
    compaction_stopped: AtomicBool,
    pub(crate) lock: Mutex<Option<DataDirLock>>,
}

/// Figures about an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineStatus {
    /// Rows not yet in a file.
    pub memory: MemoryStatus,
    /// Live Parquet files.
    pub files: u64,
    /// Bytes of live Parquet files.
    pub file_bytes: u64,
    /// Bytes of the write-ahead log on disk.
    pub wal_bytes: u64,
    /// A sync of the log failed: no rows are accepted until a restart.
    pub wal_poisoned: bool,
    /// Objects that wait to be deleted.
    pub obsolete_files: u64,
    /// Room on the data directory's disk, where known.
    pub disk: Option<DiskSpace>,
    /// Whether an append would be admitted now, else why not.
    pub refuses_because: Option<String>,
}

impl Engine {
    /// Ok means that the rows are synced to the log and in every later snapshot, all of them or,
    /// on an error, none (but see below). Rows of one call have one tenant; tables may differ.
    /// Batches without rows are ignored.
    ///
    /// When the returned future is dropped before it is ready, the rows may or may not be stored.
    ///
    /// # Errors
    /// [`EngineError::DiskReserve`], [`EngineError::WalWrite`], [`EngineError::WalPoisoned`],
    /// [`EngineError::Full`], [`EngineError::ShuttingDown`]: all `unavailable`, sending again is
    /// right. [`EngineError::TooLarge`] when the encoded rows exceed one log frame (1 GiB).
    pub async fn append(&self, tenant: &TenantId, batches: Vec<Batch>) -> Result<(), EngineError> {
        let inner = &self.inner;
        let batches: Vec<_> = batches.into_iter().filter(|b| b.rows() > 0).collect();
        if batches.is_empty() {
            return Ok(());
        }
        inner.admit().inspect_err(|error| inner.count_refusal(error))?;
        let rows: usize = batches.iter().map(Batch::rows).sum();
        let bytes: usize = batches.iter().map(|b| b.records().get_array_memory_size()).sum();
        let tenant = tenant.clone();
        let (frame, mut rows) = if rows <= INLINE_ROWS && bytes <= INLINE_BYTES {
            prepare(tenant, batches)?
        } else {
            blocking("encoding of rows", move || prepare(tenant, batches)).await??
        };
        let kick_flush = || inner.state.ask_for_flush();
        let wait_max = inner.options.append_wait_max;
        let reserved = inner.budget.reserve(rows.bytes(), wait_max, kick_flush).await;
        let reserved = reserved.inspect_err(|error| inner.count_refusal(error))?;
        rows.reserved = Some(reserved);
        inner.wal.append(frame, rows).await.inspect_err(|error| inner.count_refusal(error))
    }

    /// Everything of a table that can have rows inside `range`: see [`Snapshot`]. Contains every
    /// row whose append was acknowledged before the call.
    #[must_use]
    pub fn snapshot(&self, tenant: &TenantId, table: Table, range: TimeRange) -> Snapshot {
        self.inner.state.snapshot(tenant, table, &range)
    }

    /// Follows a table: every row whose append begins after the call, in the order in which they
    /// become visible. With `from`, goes on there if the rows since are still held.
    #[must_use]
    pub fn follow(&self, tenant: &TenantId, table: Table, from: Option<FeedPosition>) -> Subscription {
        self.inner.state.feed.follow(tenant, table, from, self.inner.clock.now_ns())
    }

    /// Moves every row acknowledged before the call to Parquet. Durable on return.
    ///
    /// # Errors
    /// What kept it from writing or committing. The rows stay in memory and in the log.
    pub async fn flush(&self) -> Result<FlushReport, EngineError> {
        let inner = Arc::clone(&self.inner);
        run("flush", async move { flush::flush_all(&inner).await }).await
    }

    /// Merges files until the policy finds nothing to merge.
    ///
    /// # Errors
    /// The first failure; other hours were tried nevertheless.
    pub async fn compact(&self) -> Result<CompactionReport, EngineError> {
        let inner = Arc::clone(&self.inner);
        run("compaction", async move { compaction::compact_all(&inner).await }).await
    }

    /// Removes files that are older, or more, than their table's retention allows. Returns how many.
    ///
    /// # Errors
    /// When the catalog fails.
    pub async fn enforce_retention(&self) -> Result<usize, EngineError> {
        let inner = Arc::clone(&self.inner);
        run("retention", async move { retention::enforce(&inner).await }).await
    }

    /// Deletes the rows that a predicate chooses, by rewriting the files that have any: see
    /// [`Deletion`]. Every such row that was acknowledged before the call is gone on return, from
    /// files, memory and log; rows acknowledged later stay. Snapshots taken before still show them,
    /// and keep the objects until they are dropped. Deletions run one after the other.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`], [`EngineError::Predicate`], and failures of store and catalog.
    /// Files already rewritten stay so, which `progress` tells; all others are as they were.
    pub async fn delete_rows(
        &self,
        deletion: Deletion,
        progress: Arc<DeletionProgress>,
    ) -> Result<DeletionReport, EngineError> {
        let inner = Arc::clone(&self.inner);
        let deleting = async move {
            let _one_at_a_time = inner.deleting.lock().await;
            deletion::delete(&inner, deletion, &progress).await
        };
        run("deletion of rows", deleting).await
    }

    /// What [`Engine::delete_rows`] would do now. Changes nothing.
    ///
    /// # Errors
    /// As [`Engine::delete_rows`].
    pub async fn measure_deletion(
        &self,
        deletion: Deletion,
        progress: Arc<DeletionProgress>,
    ) -> Result<DeletionReport, EngineError> {
        let inner = Arc::clone(&self.inner);
        run("measuring of a deletion", async move { deletion::measure(&inner, deletion, &progress).await }).await
    }

    /// Deletes the objects of files that were replaced or removed and that no snapshot holds any
    /// more. Returns how many.
    ///
    /// # Errors
    /// When the catalog fails; an object that cannot be deleted is tried again next time.
    pub async fn delete_obsolete(&self) -> Result<usize, EngineError> {
        let inner = Arc::clone(&self.inner);
        run("deletion", async move { crate::obsolete::delete(&inner).await }).await
    }

    /// Reads every live file, the log and the catalog, and reports what is wrong. Changes nothing.
    ///
    /// # Errors
    /// When the catalog or a directory cannot be read at all.
    pub async fn check(&self) -> Result<check::CheckReport, EngineError> {
        check::check_engine(&self.inner).await
    }

    /// Flushes, then copies catalog and files to `target`, which must be missing or empty. Holds
    /// everything acknowledged before the call. Intake and queries go on.
    ///
    /// # Errors
    /// [`EngineError::NotEmpty`], [`EngineError::Corrupt`] for a file that is not what was written,
    /// or what failed to be read or written. `target` is incomplete then and is refused by
    /// [`crate::restore`].
    pub async fn backup(&self, target: &Path) -> Result<backup::BackupReport, EngineError> {
        let (inner, target) = (Arc::clone(&self.inner), target.to_owned());
        run("backup", async move { backup::backup(&inner, &target).await }).await
    }

    /// A reader could not read `file`: its checksum is verified in the background, and the file is
    /// set aside when it does not match. Must be called on the runtime.
    pub fn suspect(&self, file: &LiveFile, reason: &str) {
        if !self.inner.inspecting.lock().insert(file.id) {
            return;
        }
        tracing::warn!(path = file.path, reason, "file could not be read and is being verified");
        let (inner, file) = (Arc::clone(&self.inner), (**file).clone());
        tokio::spawn(async move {
            let found = check::inspect(&inner, &file).await;
            inner.inspecting.lock().remove(&file.id);
            if let Err(error) = found {
                tracing::warn!(path = file.path, %error, "file could not be verified");
            }
        });
    }

    /// Verifies a live file's checksum and sets the file aside when it does not match; true then.
    ///
    /// # Errors
    /// When the file could not be read for another reason, or the catalog fails.
    pub async fn inspect(&self, file: &LiveFile) -> Result<bool, EngineError> {
        check::inspect(&self.inner, file).await
    }

    /// Figures about the engine now.
    #[must_use]
    pub fn status(&self) -> EngineStatus {
        let inner = &self.inner;
        let (files, file_bytes) = inner.state.file_totals();
        EngineStatus {
            memory: inner.state.memory(),
            files: files as u64,
            file_bytes,
            wal_bytes: inner.wal.status().bytes(),
            wal_poisoned: inner.wal.status().poisoned(),
            obsolete_files: inner.doomed.lock().len() as u64,
            disk: inner.disk.room(),
            refuses_because: inner.admit().err().map(|e| e.to_string()),
        }
    }

    /// Rows of one table in memory.
    #[must_use]
    pub fn memory_status(&self, tenant: &TenantId, table: Table) -> MemoryStatus {
        self.inner.state.table_memory(&(tenant.clone(), table))
    }

    /// Every tenant and table that has rows, in memory or in files.
    #[must_use]
    pub fn tables(&self) -> Vec<(TenantId, Table)> {
        self.inner.state.keys()
    }

    /// All live files, of all tenants and tables.
    #[must_use]
    pub fn files(&self) -> Vec<Arc<LiveFile>> {
        self.inner.state.files()
    }

    /// The pages of a file in which some row can have a term; `None` when its index does not say.
    /// Reads the index, or a few kilobytes of it that are kept for later.
    pub async fn pages_with(&self, file: &LiveFile, term: &Term) -> Option<PageSet> {
        self.inner.terms.pages(file, term).await
    }

    /// What the rows of a file come to; `None` when the file has no summary.
    pub async fn summary(&self, file: &LiveFile) -> Option<Arc<FileSummary>> {
        self.inner.summaries.get(file).await
    }

    /// The patterns of a file's bodies; `None` when the file does not have them.
    pub async fn patterns(&self, file: &LiveFile) -> Option<Arc<FilePatterns>> {
        self.inner.patterns.get(file).await
    }

    /// Where the objects of [`LiveFile`]s are read.
    #[must_use]
    pub fn object_store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.inner.store)
    }

    /// Refuses further appends, moves everything to Parquet, and releases the data directory.
    /// Snapshots taken before stay readable. Idempotent.
    ///
    /// # Errors
    /// What kept the last flush from its work. The directory is released all the same, and the
    /// rows are in the log.
    pub async fn shutdown(&self) -> Result<(), EngineError> {
        let inner = &self.inner;
        inner.closing.store(true, Ordering::SeqCst);
        if inner.must_own_directory().is_err() {
            return Ok(());
        }
        let flushed = self.flush().await;
        let stopped = inner.wal.stop().await;
        let deleted = self.delete_obsolete().await;
        // after the commit lock, so that no commit is under way
        let _no_commit = inner.commit.lock().await;
        inner.lock.lock().take();
        flushed.map(drop).and(stopped).and(deleted.map(drop))
    }
}

/// What compactions did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompactionReport {
    /// Merges.
    pub merges: u64,
    /// Files read and replaced.
    pub files_in: u64,
    /// Files written.
    pub files_out: u64,
    /// Rows rewritten.
    pub rows: u64,
    /// Damaged files found and set aside.
    pub quarantined: u64,
}

impl Inner {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { options, catalog, store, blobs, clock, telemetry, faults, fs, state, budget, wal, disk, lock } =
            parts;
        let terms = TermIndexes::new(Arc::clone(&store), options.term_cache_bytes_max);
        let summaries = FileParts::new(Arc::clone(&store), options.summary_cache_bytes_max);
        let patterns = FileParts::new(Arc::clone(&store), options.pattern_cache_bytes_max);
        let writers = tokio::sync::Semaphore::new(options.file_writers_max.max(1));
        Self {
            options,
            catalog,
            store,
            blobs,
            clock,
            telemetry,
            faults,
            fs,
            state,
            budget,
            wal,
            disk,
            writers,
            terms,
            summaries,
            patterns,
            flushing: tokio::sync::Mutex::default(),
            maintenance: tokio::sync::Mutex::default(),
            commit: tokio::sync::Mutex::default(),
            doomed: Mutex::default(),
            compaction_failures: Mutex::default(),
            pending: Mutex::default(),
            deleting: tokio::sync::Mutex::default(),
            inspecting: Mutex::default(),
            closing: AtomicBool::new(false),
            compaction_stopped: AtomicBool::new(false),
            lock: Mutex::new(Some(lock)),
        }
    }

    /// Waits until one more file may be written.
    pub(crate) async fn writer(&self) -> Result<tokio::sync::SemaphorePermit<'_>, EngineError> {
        self.writers.acquire().await.map_err(|_| EngineError::TaskEnded("writing of a file"))
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// Fails once the directory was given back: another process may have it.
    pub(crate) fn must_own_directory(&self) -> Result<(), EngineError> {
        if self.lock.lock().is_some() { Ok(()) } else { Err(EngineError::ShuttingDown) }
    }

    /// Lets a compaction end after the merge under way.
    pub(crate) fn stop_compaction(&self) {
        self.compaction_stopped.store(true, Ordering::SeqCst);
    }

    pub(crate) fn compaction_may_run(&self) -> bool {
        !self.is_closing() && !self.compaction_stopped.load(Ordering::SeqCst)
    }

    fn admit(&self) -> Result<(), EngineError> {
        if self.is_closing() {
            return Err(EngineError::ShuttingDown);
        }
        if self.wal.status().poisoned() {
            return Err(EngineError::WalPoisoned);
        }
        self.disk.admit()
    }

    fn count_refusal(&self, error: &EngineError) {
        if matches!(error, EngineError::DiskReserve { .. } | EngineError::Full { .. }) {
            self.telemetry.add(Counter::LimitHits, 1);
        }
    }

    /// Runs a catalog call, which blocks, beside the runtime.
    pub(crate) async fn catalog<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Catalog) -> Result<T, lincei_catalog::CatalogError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let catalog = Arc::clone(&self.catalog);
        Ok(blocking("catalog call", move || call(&catalog)).await??)
    }
}

/// What an engine is made of.
pub(crate) struct Parts {
    pub(crate) options: EngineOptions,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) blobs: Blobs,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) faults: Faults,
    pub(crate) fs: Arc<dyn WalFs>,
    pub(crate) state: Arc<State>,
    pub(crate) budget: Arc<MemoryBudget>,
    pub(crate) wal: Wal,
    pub(crate) disk: DiskGuard,
    pub(crate) lock: DataDirLock,
}

fn prepare(tenant: TenantId, batches: Vec<Batch>) -> Result<(EncodedFrame, Rows), EngineError> {
    let batches = batches.into_iter().map(buffers::compact).collect::<Result<Vec<_>, _>>()?;
    Ok((wal::encode(&tenant, &batches)?, Rows::new(tenant, batches)))
}

/// Runs work that blocks or computes for long beside the runtime.
pub(crate) async fn blocking<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, EngineError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| EngineError::TaskEnded(what))
}

/// Runs asynchronous work that computes for long, such as encoding Parquet, beside the runtime.
pub(crate) async fn computing<T: Send + 'static>(
    what: &'static str,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, EngineError> {
    let runtime = tokio::runtime::Handle::current();
    blocking(what, move || runtime.block_on(work)).await
}

/// Runs work to its end even when the caller goes away: half a flush would leave objects that only
/// a restart cleans up.
async fn run<T: Send + 'static>(
    what: &'static str,
    work: impl Future<Output = Result<T, EngineError>> + Send + 'static,
) -> Result<T, EngineError> {
    tokio::spawn(work).await.map_err(|_| EngineError::TaskEnded(what))?
}
