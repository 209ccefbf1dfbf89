//! Opening a data directory.

use crate::blobs::{Blobs, blobs_dir};
use crate::data_dir::{DataDirLock, make_dir, sync_dir};
use crate::disk::DiskGuard;
use crate::engine::{Engine, Inner, Parts, blocking};
use crate::error::EngineError;
use crate::fault::Faults;
use crate::memory::MemoryBudget;
use crate::obsolete;
use crate::options::EngineOptions;
use crate::version::State;
use crate::wal::fs::{DiskFs, WalFs};
use crate::wal::{self, Replay, Wal, WalStatus, WriterParts};
use futures::StreamExt;
use lincei_catalog::{Catalog, DataFile};
use lincei_model::telemetry::Gauge;
use lincei_model::{Clock, Telemetry};
use object_store::ObjectStore;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use crate::wal::DamagedLog;

/// What opening found and did.
#[derive(Clone, Debug, Default)]
pub struct Recovery {
    /// Rows put back into memory from the log.
    pub replayed_rows: u64,
    /// Frames they came from, one for each append.
    pub replayed_frames: u64,
    /// Bytes of a write that a crash interrupted, cut off. It was never acknowledged.
    pub torn_bytes: u64,
    /// Damage in the log. Acknowledged rows may be missing.
    pub damaged: Vec<DamagedLog>,
    /// Objects deleted that an interrupted flush or compaction left behind.
    pub orphans_deleted: u64,
    /// How long opening took.
    pub duration: Duration,
}

/// What tests replace.
#[derive(Clone)]
pub(crate) struct Environment {
    pub(crate) fs: Arc<dyn WalFs>,
    pub(crate) faults: Faults,
}

impl Default for Environment {
    fn default() -> Self {
        Self { fs: Arc::new(DiskFs), faults: Faults::default() }
    }
}

impl Engine {
    /// Locks the data directory, replays the log, removes what a crash left behind and starts the
    /// log's writer. Missing directories are made with mode 0700. Call on the runtime;
    /// [`Engine::run_background`] does the rest of the work.
    ///
    /// # Errors
    /// [`EngineError::InUse`] when another process has the directory,
    /// [`EngineError::CatalogMissing`] when there is data that the catalog does not know,
    /// [`EngineError::WalVersion`] when another version wrote the log.
    pub async fn open(
        options: EngineOptions,
        catalog: Arc<Catalog>,
        store: Arc<dyn ObjectStore>,
        clock: Arc<dyn Clock>,
        telemetry: Arc<Telemetry>,
    ) -> Result<(Self, Recovery), EngineError> {
        let lock = DataDirLock::acquire(&options.data_dir)?;
        Self::open_locked(lock, options, catalog, store, clock, telemetry).await
    }

    /// As [`Engine::open`], for a directory that the caller has locked.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub async fn open_locked(
        lock: DataDirLock,
        options: EngineOptions,
        catalog: Arc<Catalog>,
        store: Arc<dyn ObjectStore>,
        clock: Arc<dyn Clock>,
        telemetry: Arc<Telemetry>,
    ) -> Result<(Self, Recovery), EngineError> {
        Self::open_in(Environment::default(), lock, options, catalog, store, clock, telemetry).await
    }

    pub(crate) async fn open_in(
        environment: Environment,
        lock: DataDirLock,
        options: EngineOptions,
        catalog: Arc<Catalog>,
        store: Arc<dyn ObjectStore>,
        clock: Arc<dyn Clock>,
        telemetry: Arc<Telemetry>,
    ) -> Result<(Self, Recovery), EngineError> {
        let started = Instant::now();
        make_dir(&options.wal_dir())?;
        // a directory whose name is not durable loses everything in it with the power
        sync_dir(&options.data_dir)?;
        let blobs = Blobs::local(&blobs_dir(&options.data_dir))?;
        let known = {
            let catalog = Arc::clone(&catalog);
            blocking("catalog call", move || Known::read(&catalog)).await??
        };
        known.must_explain(&options, &store).await?;
        let orphans_deleted = obsolete::clean_up(&catalog, &store, &known).await?;
        let budget = Arc::new(MemoryBudget::new(options.memtable_bytes_max));
        let flush_bytes = options.flush_bytes();
        let state = Arc::new(State::new(known.files, Arc::clone(&budget), Arc::clone(&telemetry), flush_bytes));
        let replay = replay_log(&options, &state, clock.as_ref().now_ns(), known.wal_flushed_through).await?;
        telemetry.set(Gauge::WalSegmentBytes, i64::try_from(replay.bytes).unwrap_or(i64::MAX));
        let status = Arc::new(WalStatus::replayed(&replay));
        let writer = WriterParts {
            fs: Arc::clone(&environment.fs),
            dir: options.wal_dir(),
            segment_bytes_max: options.wal_segment_bytes_max,
            next_segment: replay.next_segment,
            next_frame: replay.next_frame,
            state: Arc::clone(&state),
            status,
            telemetry: Arc::clone(&telemetry),
            clock: Arc::clone(&clock),
            faults: environment.faults.clone(),
        };
        let wal = Wal::start(writer, options.wal_queue_bytes_max, options.append_wait_max)?;
        let disk = DiskGuard::new(
            Arc::clone(&environment.fs),
            options.data_dir.clone(),
            options.disk_reserve_bytes,
            Arc::clone(&telemetry),
        );
        let Environment { fs, faults } = environment;
        let inner = Inner::new(Parts {
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
            lock,
        });
        let recovery = Recovery {
            replayed_rows: replay.rows,
            replayed_frames: replay.frames,
            torn_bytes: replay.torn_bytes,
            damaged: replay.damaged,
            orphans_deleted,
            duration: started.elapsed(),
        };
        recovery.report();
        Ok((Self { inner: Arc::new(inner) }, recovery))
    }
}

/// What the catalog says about objects and log.
pub(crate) struct Known {
    pub(crate) files: Vec<DataFile>,
    pub(crate) intents: Vec<String>,
    pub(crate) obsolete: Vec<lincei_catalog::ObsoleteFile>,
    quarantined: HashSet<String>,
    wal_flushed_through: u64,
}

impl Known {
    pub(crate) fn read(catalog: &Catalog) -> Result<Self, EngineError> {
        Ok(Self {
            files: catalog.files()?,
            intents: catalog.intents()?,
            obsolete: catalog.obsolete()?,
            quarantined: catalog.quarantined()?.into_iter().map(|q| q.file.path).collect(),
            wal_flushed_through: catalog.wal_flushed_through()?,
        })
    }

    pub(crate) fn wal_flushed_through(&self) -> u64 {
        self.wal_flushed_through
    }

    /// Object paths that the catalog knows in any role.
    pub(crate) fn paths(&self) -> HashSet<&str> {
        let files = self.files.iter().map(|f| f.path.as_str());
        let obsolete = self.obsolete.iter().map(|f| f.path.as_str());
        let intents = self.intents.iter().map(String::as_str);
        files.chain(obsolete).chain(intents).chain(self.quarantined.iter().map(String::as_str)).collect()
    }

    /// Refuses a catalog that was made anew beside data of another one: its log would be taken for
    /// unflushed, or its files would be invisible.
    async fn must_explain(&self, options: &EngineOptions, store: &Arc<dyn ObjectStore>) -> Result<(), EngineError> {
        if self.wal_flushed_through > 0 || !self.paths().is_empty() {
            return Ok(());
        }
        let missing = |found: String| EngineError::CatalogMissing {
            dir: options.data_dir.clone(),
            found,
            what: "knows nothing of them",
        };
        if let Some(first) = wal::list_segments(&options.wal_dir())?.first().filter(|s| s.number > 1) {
            return Err(missing(format!("a log that starts at segment {}", first.number)));
        }
        match store.list(None).next().await {
            None => Ok(()),
            Some(Ok(object)) => Err(missing(format!("parquet objects such as {}", object.location))),
            Some(Err(error)) => Err(EngineError::store("listed", "")(error)),
        }
    }
}

async fn replay_log(
    options: &EngineOptions,
    state: &Arc<State>,
    now_ns: i64,
    flushed_through: u64,
) -> Result<Replay, EngineError> {
    let (dir, quarantine, state) = (options.wal_dir(), options.quarantine_dir(), Arc::clone(state));
    let keep = move |rows| {
        state.insert(vec![rows], now_ns);
        state.coalesce();
    };
    blocking("replay of the log", move || wal::replay(&dir, &quarantine, flushed_through, keep)).await?
}

impl Recovery {
    fn report(&self) {
        for damage in &self.damaged {
            tracing::error!(
                segment = damage.segment,
                offset = damage.offset,
                bytes = damage.bytes,
                detail = damage.detail,
                "write-ahead log is damaged, rows may be missing"
            );
        }
        tracing::info!(
            rows = self.replayed_rows,
            frames = self.replayed_frames,
            torn_bytes = self.torn_bytes,
            orphans = self.orphans_deleted,
            ms = u64::try_from(self.duration.as_millis()).unwrap_or(u64::MAX),
            "storage is open"
        );
    }
}
