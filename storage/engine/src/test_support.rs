//! A data directory for tests, rows with numbers to recognise them by, and a disk that fails.

pub(crate) mod deletion;
pub(crate) mod faulty;
pub(crate) mod random;
pub(crate) mod store;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::options::EngineOptions;
use crate::parquet_file;
use crate::recovery::{Environment, Recovery};
use crate::wal::fs::{DiskFs, WalFs};
use crate::{DataDirLock, open_catalog};
use arrow_array::builder::{MapBuilder, MapFieldNames, StringViewBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch, StringViewArray, TimestampNanosecondArray, UInt8Array, new_null_array};
use futures::TryStreamExt;
use lincei_catalog::Catalog;
use lincei_model::{Batch, FixedClock, Table, Telemetry, TenantId, TimeRange};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) const HOUR_NS: i64 = 3_600_000_000_000;
/// 2026-11-22 15:00 UTC.
pub(crate) const HOUR_START: i64 = 1_795_359_600_000_000_000;

/// Log records whose bodies are `numbers`; number n happened n microseconds into the hour.
pub(crate) fn numbered(numbers: impl IntoIterator<Item = u64>) -> Batch {
    numbered_at(HOUR_START, numbers)
}

pub(crate) fn numbered_at(start_ns: i64, numbers: impl IntoIterator<Item = u64>) -> Batch {
    let numbers: Vec<u64> = numbers.into_iter().collect();
    let schema = Table::Logs.schema();
    let columns = schema.fields().iter().map(|field| match field.name().as_str() {
        "time" => {
            let times = numbers.iter().map(|n| start_ns + i64::try_from(*n).unwrap() * 1_000);
            Arc::new(TimestampNanosecondArray::from_iter_values(times).with_timezone("UTC")) as ArrayRef
        }
        "severity_number" => Arc::new(UInt8Array::from_iter_values(numbers.iter().map(|_| 9))) as ArrayRef,
        "service" => Arc::new(StringViewArray::from_iter_values(numbers.iter().map(|n| format!("source-{}", n % 3)))),
        "body" => Arc::new(StringViewArray::from_iter_values(numbers.iter().map(|n| body(*n)))),
        "attributes" | "resource" => {
            let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
            let mut map = MapBuilder::new(Some(names), StringViewBuilder::new(), StringViewBuilder::new());
            for n in &numbers {
                map.keys().append_value("a key that is longer than a view");
                map.values().append_value(format!("value {n}"));
                map.append(true).unwrap();
            }
            Arc::new(map.finish()) as ArrayRef
        }
        _ => new_null_array(field.data_type(), numbers.len()),
    });
    let columns = columns.collect();
    Batch::new(Table::Logs, RecordBatch::try_new(schema.clone(), columns).unwrap()).unwrap()
}

fn body(number: u64) -> String {
    format!("record number {number}")
}

/// The numbers of rows made by [`numbered`], in order, repeated ones included.
pub(crate) fn numbers(batches: &[RecordBatch]) -> Vec<u64> {
    let mut numbers = Vec::new();
    for batch in batches {
        let bodies = batch.column_by_name("body").unwrap().as_string_view();
        numbers.extend(bodies.iter().map(|b| b.unwrap().rsplit(' ').next().unwrap().parse::<u64>().unwrap()));
    }
    numbers.sort_unstable();
    numbers
}

/// All rows of a table that a snapshot shows, read back from memory and files.
pub(crate) async fn rows(engine: &Engine, table: Table) -> Vec<RecordBatch> {
    let snapshot = engine.snapshot(&TenantId::default(), table, TimeRange::ALL);
    let mut batches = snapshot.memory;
    for file in snapshot.files {
        let stream = parquet_file::read(&engine.object_store(), &file).await.unwrap();
        batches.extend(stream.try_collect::<Vec<_>>().await.unwrap());
    }
    batches
}

/// The numbers of all log records, read back from memory and files.
pub(crate) async fn logged(engine: &Engine) -> Vec<u64> {
    numbers(&rows(engine, Table::Logs).await)
}

/// A temporary directory, in memory where there is room: syncs are then free, and no test here can
/// tell the difference.
pub(crate) fn temp_dir() -> TempDir {
    let memory = Path::new("/dev/shm");
    let room = DiskFs.space(memory).map_or(0, |s| s.free_bytes);
    if room > 2 << 30 { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// A data directory and what an engine on it is made of.
pub(crate) struct Rig {
    pub(crate) dir: TempDir,
    pub(crate) options: EngineOptions,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) environment: Environment,
    /// In place of the local directory.
    pub(crate) store: Option<Arc<dyn ObjectStore>>,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::at(temp_dir())
    }

    pub(crate) fn at(dir: TempDir) -> Self {
        let mut options = EngineOptions::new(dir.path());
        options.append_wait_max = std::time::Duration::from_millis(200);
        Self {
            dir,
            options,
            clock: Arc::new(FixedClock::new(HOUR_START + HOUR_NS / 2)),
            telemetry: Arc::default(),
            environment: Environment::default(),
            store: None,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn local_store(&self) -> Arc<dyn ObjectStore> {
        let root = self.path().join("parquet");
        fs::create_dir_all(&root).unwrap();
        Arc::new(LocalFileSystem::new_with_prefix(root).unwrap())
    }

    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        Arc::new(open_catalog(self.path()).unwrap())
    }

    pub(crate) async fn try_open(&self) -> Result<(Engine, Recovery), EngineError> {
        let lock = DataDirLock::acquire(self.path())?;
        let catalog = Arc::new(open_catalog(self.path())?);
        let store = self.store.clone().unwrap_or_else(|| self.local_store());
        let (environment, options) = (self.environment.clone(), self.options.clone());
        let (clock, telemetry) = (self.clock.clone(), self.telemetry.clone());
        Engine::open_in(environment, lock, options, catalog, store, clock, telemetry).await
    }

    pub(crate) async fn open(&self) -> Engine {
        self.try_open().await.unwrap().0
    }

    /// The log's segment files, in order.
    pub(crate) fn segments(&self) -> Vec<std::path::PathBuf> {
        let segments = crate::wal::list_segments(&self.path().join("wal")).unwrap();
        segments.into_iter().map(|s| s.path).collect()
    }

    /// Paths of all objects that lie in the local store.
    pub(crate) fn objects(&self) -> Vec<String> {
        let root = self.path().join("parquet");
        let mut found = Vec::new();
        let mut dirs = vec![root.clone()];
        while let Some(dir) = dirs.pop() {
            for entry in fs::read_dir(dir).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    dirs.push(path);
                } else {
                    found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        found.sort();
        found
    }
}

/// Appends [`numbered`] rows for the default tenant.
pub(crate) async fn append(engine: &Engine, numbers: impl IntoIterator<Item = u64>) -> Result<(), EngineError> {
    engine.append(&TenantId::default(), vec![numbered(numbers)]).await
}

/// Copies a directory as a crash of the process would leave it.
pub(crate) fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
