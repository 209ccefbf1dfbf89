//! The engine's stages: write-ahead log, flush to sorted Parquet, and merging of its files.

use crate::Stage;
use crate::requests::{NOW_NS, Set};
use lincei_bench::cpu_time;
use lincei_engine::{CompactionOptions, DataDirLock, Engine, EngineOptions};
use lincei_ingest::IngestContext;
use lincei_model::{Batch, Clock, FixedClock, Telemetry, TenantId};
use object_store::local::LocalFileSystem;
use rustix::time::ClockId;
use std::sync::Arc;
use std::time::Duration;

/// Requests that share a sync.
const CONCURRENT: usize = 10;
/// Files of the hour that are merged into one.
const FILES: usize = 5;
/// So late that the hour of the records is over.
const LATER_NS: i64 = 20 * 60 * 1_000_000_000;

pub(crate) fn stages(set: &Set) -> Vec<Stage> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(measure(set))
}

async fn measure(set: &Set) -> Vec<Stage> {
    let context = IngestContext {
        now_ns: NOW_NS,
        oldest_ns: i64::MIN,
        newest_ns: i64::MAX,
        client: "bench",
        default_service: None,
    };
    let mut batches: Vec<Batch> =
        set.plain.iter().map(|body| lincei_ingest::otlp::decode_logs(body, &context).unwrap().batch.unwrap()).collect();
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let defaults = EngineOptions::default();
    let options = EngineOptions {
        compaction: CompactionOptions { closed_files_min: FILES, ..defaults.compaction.clone() },
        data_dir: directory.path().to_owned(),
        flush_bytes: usize::MAX,
        memtable_bytes_max: usize::MAX,
        flush_interval: Duration::from_secs(3600),
        ..defaults
    };
    let lock = DataDirLock::acquire(directory.path()).unwrap();
    let catalog = Arc::new(lincei_engine::open_catalog(directory.path()).unwrap());
    std::fs::create_dir_all(directory.path().join("parquet")).unwrap();
    let store = Arc::new(LocalFileSystem::new_with_prefix(directory.path().join("parquet")).unwrap());
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(NOW_NS + LATER_NS));
    let (engine, _) =
        Engine::open_locked(lock, options, catalog, store, clock, Arc::new(Telemetry::default())).await.unwrap();
    let tenant = TenantId::default();

    let timed = || cpu_time(ClockId::ProcessCPUTime);
    let (mut wal, mut flush) = (Duration::ZERO, Duration::ZERO);
    let requests_per_file = batches.len().div_ceil(FILES);
    while !batches.is_empty() {
        let before = timed();
        let mut file = batches.split_off(batches.len().saturating_sub(requests_per_file));
        while !file.is_empty() {
            // handed over as a server does: what nobody else holds is not copied
            let group = file.drain(..CONCURRENT.min(file.len()));
            let appends = group.map(|batch| engine.append(&tenant, vec![batch]));
            for outcome in futures::future::join_all(appends).await {
                outcome.unwrap();
            }
        }
        wal += timed() - before;
        let before = timed();
        engine.flush().await.unwrap();
        flush += timed() - before;
    }
    let before = timed();
    let report = engine.compact().await.unwrap();
    let merged = timed() - before;
    assert_eq!(report.rows, set.records, "every record is rewritten once");
    engine.shutdown().await.unwrap();
    let stage = |name, cpu, limit| Stage { name, records: set.records, cpu, limit: Some(limit) };
    vec![
        stage("write-ahead log, 10 a sync", wal, 1830.0),
        // the limit of sort (5,380 k/s) and zstd-1 Parquet (1,099 k/s) one after the other
        stage("flush: sort, zstd-1 Parquet, catalog", flush, 912.0),
        // 1.2 µs for reading, sorting and writing
        stage("compaction: read, merge, zstd-3 Parquet", merged, 833.0),
    ]
}
