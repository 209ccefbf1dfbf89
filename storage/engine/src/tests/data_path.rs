use crate::test_support::random::random;
use crate::test_support::{HOUR_NS, HOUR_START, Rig, append, logged, numbered, numbered_at, numbers, rows};
use crate::{Engine, EngineError};
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use lincei_model::telemetry::{Counter, Gauge};
use lincei_model::{ErrorCode, Table, TenantId, TimeRange};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

#[tokio::test]
async fn rows_are_visible_at_once_and_stay_through_flush_compaction_and_reopening() {
    let mut rig = Rig::new();
    rig.options.compaction.closed_files_min = 2;
    let engine = rig.open().await;
    let mut expected = Vec::new();
    for round in 0..4 {
        append(&engine, round * 10..round * 10 + 10).await.unwrap();
        expected.extend(round * 10..round * 10 + 10);
        assert_eq!(logged(&engine).await, expected, "after append {round}");
        let flushed = engine.flush().await.unwrap();
        assert_eq!((flushed.rows, flushed.files), (10, 1));
        assert_eq!(logged(&engine).await, expected, "after flush {round}");
    }
    rig.clock.set(HOUR_START + 2 * HOUR_NS);
    let compacted = engine.compact().await.unwrap();
    assert_eq!((compacted.merges, compacted.files_in, compacted.files_out, compacted.rows), (1, 4, 1, 40));
    assert_eq!(logged(&engine).await, expected);
    assert_eq!(engine.delete_obsolete().await.unwrap(), 4);
    assert_eq!(rig.objects().len(), 1);
    assert_eq!(rig.telemetry.counter(Counter::FlushedRows), 40);
    assert_eq!(rig.telemetry.counter(Counter::CompactedRows), 40);
    assert_eq!(rig.telemetry.gauge(Gauge::Files), 1);
    assert_eq!(rig.telemetry.gauge(Gauge::MemtableRows), 0);
    assert_eq!(rig.telemetry.gauge(Gauge::WalSegmentBytes), 0);
    assert_eq!(rig.segments().len(), 0);
    drop(engine);
    let (engine, recovery) = rig.try_open().await.unwrap();
    assert_eq!(recovery.replayed_rows, 0);
    assert_eq!(logged(&engine).await, expected);
}

#[tokio::test]
async fn objects_lie_where_other_programs_expect_them() {
    let rig = Rig::new();
    let engine = rig.open().await;
    // 15:30, and 23:59:59.999 the day before
    let late = numbered_at(HOUR_START - 15 * HOUR_NS - 1_000_000, [0]);
    engine.append(&TenantId::new("team-1").unwrap(), vec![numbered([1]), late]).await.unwrap();
    engine.flush().await.unwrap();
    let objects = rig.objects();
    assert_eq!(objects.len(), 2);
    assert!(objects[0].starts_with("team-1/logs/dt=2026-11-21/hh=23/"), "{}", objects[0]);
    assert!(objects[1].starts_with("team-1/logs/dt=2026-11-22/hh=15/"), "{}", objects[1]);
    assert!(objects.iter().all(|o| o.ends_with(".parquet")));
}

#[tokio::test]
async fn every_table_survives_the_log_and_parquet() {
    let rig = Rig::new();
    let engine = rig.open().await;
    let batches: Vec<_> = Table::ALL.into_iter().map(|t| random(t, 50, 9)).collect();
    engine.append(&TenantId::default(), batches.clone()).await.unwrap();
    drop(engine);
    let (engine, recovery) = rig.try_open().await.unwrap();
    assert_eq!((recovery.replayed_frames, recovery.replayed_rows), (1, 200));
    for batch in &batches {
        assert_eq!(rows(&engine, batch.table()).await, [batch.records().clone()], "{} after replay", batch.table());
    }
    engine.flush().await.unwrap();
    for batch in &batches {
        let stored = rows(&engine, batch.table()).await;
        assert_eq!(stored.iter().map(RecordBatch::num_rows).sum::<usize>(), 50, "{} in Parquet", batch.table());
        let times = |batches: &[RecordBatch]| {
            let mut times: Vec<i64> = batches
                .iter()
                .flat_map(|b| {
                    b.column(0).as_primitive::<arrow_array::types::TimestampNanosecondType>().values().to_vec()
                })
                .collect();
            times.sort_unstable();
            times
        };
        assert_eq!(times(&stored), times(&[batch.records().clone()]), "{}", batch.table());
    }
}

#[tokio::test]
async fn tenants_and_tables_and_times_are_kept_apart() {
    let rig = Rig::new();
    let engine = rig.open().await;
    let (a, b) = (TenantId::new("a").unwrap(), TenantId::new("b").unwrap());
    engine.append(&a, vec![numbered(0..5)]).await.unwrap();
    engine.append(&b, vec![numbered(5..7), random(Table::Spans, 3, 1)]).await.unwrap();
    for flushed in [false, true] {
        let count = |tenant: &TenantId, table, range| {
            let snapshot = engine.snapshot(tenant, table, range);
            let memory: usize = snapshot.memory.iter().map(RecordBatch::num_rows).sum();
            memory as u64 + snapshot.files.iter().map(|f| f.rows).sum::<u64>()
        };
        assert_eq!(count(&a, Table::Logs, TimeRange::ALL), 5, "flushed {flushed}");
        assert_eq!(count(&b, Table::Logs, TimeRange::ALL), 2);
        assert_eq!(count(&b, Table::Spans, TimeRange::ALL), 3);
        assert_eq!(count(&a, Table::Spans, TimeRange::ALL), 0);
        assert_eq!(count(&TenantId::default(), Table::Logs, TimeRange::ALL), 0);
        assert_eq!(count(&a, Table::Logs, TimeRange::new(0, HOUR_START)), 0);
        assert_eq!(engine.tables(), [(a.clone(), Table::Logs), (b.clone(), Table::Logs), (b.clone(), Table::Spans)]);
        engine.flush().await.unwrap();
    }
    let pruned = engine.snapshot(&a, Table::Logs, TimeRange::new(0, HOUR_START));
    assert_eq!((pruned.files.len(), pruned.files_pruned), (0, 1));
}

#[tokio::test]
async fn appends_without_rows_do_nothing() {
    let rig = Rig::new();
    let engine = rig.open().await;
    engine.append(&TenantId::default(), Vec::new()).await.unwrap();
    engine.append(&TenantId::default(), vec![numbered([])]).await.unwrap();
    assert_eq!(engine.flush().await.unwrap().files, 0);
    assert!(engine.tables().is_empty());
    assert!(rig.segments().is_empty());
}

/// One request of one record each, as many small agents send.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_appends_of_one_row_stay_few_batches() {
    const APPENDS: u64 = 10_000;
    const TASKS: u64 = 200;
    let rig = Rig::new();
    let engine = rig.open().await;
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let engine = engine.clone();
            tokio::spawn(async move {
                // the same row again and again: making one takes longer than storing it
                let batch = crate::buffers::compact(numbered([task])).unwrap();
                for _ in 0..APPENDS / TASKS {
                    engine.append(&TenantId::default(), vec![batch.clone()]).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let status = engine.memory_status(&TenantId::default(), Table::Logs);
    assert_eq!(status.rows, APPENDS);
    // 16³ = 4096 rows are a full batch; groups of one sync may leave some more
    assert!(status.batches <= APPENDS / 4096 + 2 * 45, "{} batches", status.batches);
    let per_row = engine.status().memory.bytes / APPENDS;
    assert!(per_row < 2_000, "{per_row} bytes a row");
    assert_eq!(rig.telemetry.counter(Counter::WalFrames), APPENDS);
}

#[tokio::test]
async fn memory_is_bounded_and_recovers_with_a_flush() {
    let mut rig = Rig::new();
    rig.options.memtable_bytes_max = 200 << 10;
    let engine = rig.open().await;
    let mut accepted = 0;
    let refused = loop {
        match append(&engine, accepted * 100..accepted * 100 + 100).await {
            Ok(()) => accepted += 1,
            Err(error) => break error,
        }
        assert!(accepted < 1_000, "memory is not bounded");
    };
    assert!(matches!(refused, EngineError::Full { limit_bytes: 204_800, .. }), "{refused}");
    assert_eq!(refused.code(), ErrorCode::Unavailable);
    assert!(engine.status().memory.bytes <= 200 << 10);
    assert_eq!(logged(&engine).await, (0..accepted * 100).collect::<Vec<_>>(), "nothing of the refused append");
    engine.flush().await.unwrap();
    append(&engine, accepted * 100..accepted * 100 + 100).await.unwrap();
    assert_eq!(logged(&engine).await.len() as u64, (accepted + 1) * 100);
    engine.flush().await.unwrap();
    assert_eq!(engine.inner.budget.used(), 0, "every byte was given back");
}

#[tokio::test]
async fn an_append_larger_than_all_memory_enters_alone() {
    let mut rig = Rig::new();
    rig.options.memtable_bytes_max = 10 << 10;
    let engine = rig.open().await;
    append(&engine, 0..1_000).await.unwrap();
    append(&engine, [1_000]).await.unwrap_err();
    engine.flush().await.unwrap();
    append(&engine, [1_000]).await.unwrap();
    assert_eq!(logged(&engine).await.len(), 1_001);
}

#[tokio::test]
async fn an_append_that_waits_for_memory_goes_on_after_the_flush() {
    let mut rig = Rig::new();
    rig.options.memtable_bytes_max = 10 << 10;
    rig.options.append_wait_max = Duration::from_secs(60);
    let engine = rig.open().await;
    append(&engine, 0..1_000).await.unwrap();
    // the rows above asked for a flush themselves
    engine.inner.state.flush_wanted.notified().await;
    let waiting = append(&engine, [1_000]);
    let flushing = async {
        engine.inner.state.flush_wanted.notified().await;
        engine.flush().await.unwrap();
    };
    let (appended, ()) = tokio::join!(waiting, flushing);
    appended.unwrap();
    assert_eq!(logged(&engine).await.len(), 1_001);
}

/// Readers count while writers append and flush, compaction and deletion run.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn snapshots_never_miss_or_repeat_a_row() {
    const WRITERS: u64 = 4;
    const APPENDS: u64 = 60;
    let mut rig = Rig::new();
    rig.options.compaction.closed_files_min = 2;
    rig.options.compaction.open_files_min = 2;
    rig.options.wal_segment_bytes_max = 4 << 10;
    rig.options.file_rows_max = 300;
    rig.clock.set(HOUR_START + 3 * HOUR_NS);
    let engine = rig.open().await;
    let (started, acknowledged) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (engine, started, acknowledged) = (engine.clone(), started.clone(), acknowledged.clone());
            tokio::spawn(async move {
                for i in 0..APPENDS {
                    let first = (writer * APPENDS + i) * 10;
                    // two hours in one append, which must appear together
                    let batches =
                        vec![numbered(first..first + 5), numbered_at(HOUR_START - HOUR_NS, first + 5..first + 10)];
                    started.fetch_add(10, Ordering::SeqCst);
                    engine.append(&TenantId::default(), batches).await.unwrap();
                    acknowledged.fetch_add(10, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let movers: Vec<_> = [0, 1, 2]
        .into_iter()
        .map(|kind| {
            let (engine, done) = (engine.clone(), done.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    match kind {
                        0 => drop(engine.flush().await.unwrap()),
                        1 => drop(engine.compact().await.unwrap()),
                        _ => drop(engine.delete_obsolete().await.unwrap()),
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let readers = [
        tokio::spawn(count_always(engine.clone(), done.clone(), started, acknowledged)),
        tokio::spawn(read_always(engine.clone(), done.clone())),
    ];
    for writer in writers {
        writer.await.unwrap();
    }
    // let every mover see the last rows
    engine.flush().await.unwrap();
    engine.compact().await.unwrap();
    done.store(true, Ordering::SeqCst);
    for mover in movers {
        mover.await.unwrap();
    }
    for reader in readers {
        let reads = reader.await.unwrap();
        assert!(reads > 2, "{reads} reads");
    }
    assert_eq!(logged(&engine).await, (0..WRITERS * APPENDS * 10).collect::<Vec<_>>());
    assert!(rig.telemetry.counter(Counter::CompactedFiles) > 0 && rig.telemetry.counter(Counter::FlushedFiles) > 1);
    engine.shutdown().await.unwrap();
    assert_eq!(rig.objects().len() as u64, engine.status().files);
    assert!(rig.catalog().intents().unwrap().is_empty());
}

/// Counts the rows of one snapshot after the other.
async fn count_always(
    engine: Engine,
    done: Arc<AtomicBool>,
    started: Arc<AtomicU64>,
    acknowledged: Arc<AtomicU64>,
) -> usize {
    let (mut last, mut reads) = (0, 0);
    while !done.load(Ordering::SeqCst) {
        let before = acknowledged.load(Ordering::SeqCst);
        let snapshot = engine.snapshot(&TenantId::default(), Table::Logs, TimeRange::ALL);
        let after = started.load(Ordering::SeqCst);
        let memory: usize = snapshot.memory.iter().map(RecordBatch::num_rows).sum();
        let count = memory as u64 + snapshot.files.iter().map(|f| f.rows).sum::<u64>();
        assert!(count >= before, "{count} rows, {before} were acknowledged");
        assert!(count <= after, "{count} rows, {after} were sent");
        assert!(count >= last, "{count} rows after {last}");
        assert_eq!(count % 10, 0, "half an append");
        (last, reads) = (count, reads + 1);
        tokio::task::yield_now().await;
    }
    reads
}

/// Reads every row, from memory and files, again and again.
async fn read_always(engine: Engine, done: Arc<AtomicBool>) -> usize {
    let mut reads = 0;
    while !done.load(Ordering::SeqCst) {
        let all = logged(&engine).await;
        let mut unique = all.clone();
        unique.dedup();
        assert_eq!(all, unique, "a row twice");
        reads += 1;
    }
    reads
}

#[tokio::test]
async fn a_snapshot_stays_readable_after_its_files_are_merged_away() {
    let mut rig = Rig::new();
    rig.options.compaction.closed_files_min = 2;
    let engine = rig.open().await;
    for n in 0..2 {
        append(&engine, [n]).await.unwrap();
        engine.flush().await.unwrap();
    }
    let snapshot = engine.snapshot(&TenantId::default(), Table::Logs, TimeRange::ALL);
    rig.clock.set(HOUR_START + 2 * HOUR_NS);
    assert_eq!(engine.compact().await.unwrap().merges, 1);
    assert_eq!(engine.delete_obsolete().await.unwrap(), 0);
    assert_eq!(engine.status().obsolete_files, 2);
    let mut read = Vec::new();
    for file in &snapshot.files {
        use futures::TryStreamExt;
        let stream = crate::parquet_file::read(&engine.object_store(), file).await.unwrap();
        read.extend(stream.try_collect::<Vec<_>>().await.unwrap());
    }
    assert_eq!(numbers(&read), [0, 1]);
    drop(snapshot);
    assert_eq!(engine.delete_obsolete().await.unwrap(), 2);
    assert_eq!(rig.objects().len(), 1);
    assert!(rig.catalog().obsolete().unwrap().is_empty());
}

#[tokio::test]
async fn shutdown_refuses_rows_flushes_all_and_gives_the_directory_back() {
    let rig = Rig::new();
    let engine = rig.open().await;
    append(&engine, 0..3).await.unwrap();
    engine.shutdown().await.unwrap();
    let refused = append(&engine, [3]).await.unwrap_err();
    assert!(matches!(refused, EngineError::ShuttingDown));
    assert!(rig.segments().is_empty());
    assert_eq!(logged(&engine).await, [0, 1, 2], "reading goes on");
    // the first engine still exists, and may not touch the directory any more
    let second = rig.open().await;
    append(&second, [3]).await.unwrap();
    engine.shutdown().await.unwrap();
    assert!(matches!(engine.flush().await.unwrap_err(), EngineError::ShuttingDown));
    assert!(matches!(engine.enforce_retention().await.unwrap_err(), EngineError::ShuttingDown));
    assert_eq!(logged(&second).await, [0, 1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn background_work_flushes_what_is_large_or_old() {
    let mut rig = Rig::new();
    rig.options.flush_bytes = 64 << 10;
    let engine = rig.open().await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let background = {
        let engine = engine.clone();
        tokio::spawn(async move {
            engine
                .run_background(async {
                    let _ = stopped.await;
                })
                .await;
        })
    };
    append(&engine, 0..2_000).await.unwrap();
    until(|| engine.status().files == 1).await;
    append(&engine, [2_000]).await.unwrap();
    assert_eq!(engine.status().memory.rows, 1, "neither large nor old");
    rig.clock.set(HOUR_START + HOUR_NS / 2 + 301_000_000_000);
    until(|| engine.status().files == 2).await;
    stop.send(()).unwrap();
    background.await.unwrap();
    assert_eq!(logged(&engine).await.len(), 2_001);
}

/// The rows in memory are neither large nor old, but an append does not fit beside them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn background_work_flushes_for_an_append_that_waits_for_memory() {
    let mut rig = Rig::new();
    rig.options.append_wait_max = Duration::from_secs(60);
    rig.options.memtable_bytes_max = 1 << 20;
    let engine = rig.open().await;
    append(&engine, 0..100).await.unwrap();
    assert!((engine.status().memory.bytes as usize) < rig.options.flush_bytes());
    let background = {
        let engine = engine.clone();
        tokio::spawn(async move { engine.run_background(std::future::pending()).await })
    };
    append(&engine, 100..10_100).await.unwrap();
    assert_eq!(engine.status().memory.rows, 10_000);
    background.abort();
}

/// Waits for something that another task does, failing after a minute.
async fn until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap();
}
