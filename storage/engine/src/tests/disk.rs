use crate::EngineError;
use crate::recovery::Environment;
use crate::test_support::faulty::FaultyFs;
use crate::test_support::{Rig, append, logged};
use crate::wal::fs::Space;
use lincei_model::ErrorCode;
use lincei_model::telemetry::{Counter, Gauge};
use std::sync::Arc;
use std::task::{Context, Waker};
use tokio::task::unconstrained;

fn faulty() -> (Rig, FaultyFs) {
    let fs = FaultyFs::default();
    let mut rig = Rig::new();
    rig.environment = Environment { fs: Arc::new(fs.clone()), ..Environment::default() };
    (rig, fs)
}

/// What a restart finds.
async fn reopened(rig: &mut Rig) -> Vec<u64> {
    rig.environment = Environment::default();
    let (engine, recovery) = rig.try_open().await.unwrap();
    assert!(recovery.damaged.is_empty(), "{:?}", recovery.damaged);
    logged(&engine).await
}

#[tokio::test]
async fn a_full_disk_refuses_rows_and_takes_them_again_later() {
    // room for nothing, for part of the segment header, for part of the frame
    for room in [0, 10, 60, 120] {
        let (mut rig, fs) = faulty();
        let engine = rig.open().await;
        fs.set(|f| f.room = Some(room));
        let refused = append(&engine, 0..3).await.unwrap_err();
        assert!(matches!(refused, EngineError::WalWrite(_)), "{refused}");
        assert_eq!(refused.code(), ErrorCode::Unavailable);
        assert!(logged(&engine).await.is_empty());
        fs.set(|f| f.room = None);
        append(&engine, 3..6).await.unwrap();
        fs.set(|f| f.room = Some(room));
        append(&engine, 6..9).await.unwrap_err();
        assert_eq!(logged(&engine).await, [3, 4, 5], "reads go on");
        fs.set(|f| f.room = None);
        append(&engine, 9..12).await.unwrap();
        assert_eq!(rig.telemetry.counter(Counter::WalFailures), 2);
        assert_eq!(rig.telemetry.gauge(Gauge::WalPoisoned), 0);
        drop(engine);
        assert_eq!(reopened(&mut rig).await, [3, 4, 5, 9, 10, 11], "room for {room}");
    }
}

#[tokio::test]
async fn a_segment_that_cannot_be_made_refuses_rows_until_it_can() {
    let (mut rig, fs) = faulty();
    rig.options.wal_segment_bytes_max = 1;
    let engine = rig.open().await;
    append(&engine, [0]).await.unwrap();
    fs.set(|f| f.fail_create = true);
    assert!(matches!(append(&engine, [1]).await, Err(EngineError::WalWrite(_))));
    engine.flush().await.unwrap();
    fs.set(|f| f.fail_create = false);
    append(&engine, [2]).await.unwrap();
    drop(engine);
    assert_eq!(reopened(&mut rig).await, [0, 2]);
}

#[tokio::test]
async fn short_writes_are_continued() {
    let (mut rig, fs) = faulty();
    fs.set(|f| f.short = Some(7));
    let engine = rig.open().await;
    append(&engine, 0..50).await.unwrap();
    append(&engine, 50..60).await.unwrap();
    drop(engine);
    assert_eq!(reopened(&mut rig).await, (0..60).collect::<Vec<_>>());
}

#[tokio::test]
async fn after_a_failed_sync_nothing_is_accepted_until_a_restart() {
    let (mut rig, fs) = faulty();
    let engine = rig.open().await;
    append(&engine, 0..3).await.unwrap();
    fs.set(|f| f.fail_sync = true);
    assert!(matches!(append(&engine, 3..6).await, Err(EngineError::WalPoisoned)));
    // the disk is well again, but what it holds is not known
    fs.set(|f| f.fail_sync = false);
    let refused = append(&engine, 6..9).await.unwrap_err();
    assert!(matches!(refused, EngineError::WalPoisoned));
    assert_eq!(refused.code(), ErrorCode::Unavailable);
    assert!(engine.status().wal_poisoned && engine.status().refuses_because.is_some());
    assert_eq!(rig.telemetry.gauge(Gauge::WalPoisoned), 1);
    assert_eq!(logged(&engine).await, [0, 1, 2]);
    // what was acknowledged still gets to Parquet
    engine.flush().await.unwrap();
    assert_eq!(logged(&engine).await, [0, 1, 2]);
    engine.shutdown().await.unwrap();
    drop(engine);
    assert_eq!(reopened(&mut rig).await, [0, 1, 2]);
}

#[tokio::test]
async fn a_new_segment_that_cannot_be_synced_poisons_as_well() {
    for dir in [false, true] {
        let (rig, fs) = faulty();
        let engine = rig.open().await;
        fs.set(|f| (f.fail_sync, f.fail_sync_dir) = (!dir, dir));
        assert!(matches!(append(&engine, [0]).await, Err(EngineError::WalPoisoned)));
        fs.set(|f| (f.fail_sync, f.fail_sync_dir) = (false, false));
        assert!(matches!(append(&engine, [1]).await, Err(EngineError::WalPoisoned)));
    }
}

#[tokio::test]
async fn a_failed_write_that_cannot_be_cut_off_poisons() {
    let (mut rig, fs) = faulty();
    let engine = rig.open().await;
    append(&engine, 0..3).await.unwrap();
    fs.set(|f| (f.room, f.fail_truncate) = (Some(50), true));
    assert!(matches!(append(&engine, 3..6).await, Err(EngineError::WalPoisoned)));
    fs.set(|f| (f.room, f.fail_truncate) = (None, false));
    assert!(matches!(append(&engine, 6..9).await, Err(EngineError::WalPoisoned)));
    drop(engine);
    assert_eq!(reopened(&mut rig).await, [0, 1, 2]);
}

#[tokio::test]
async fn rows_are_refused_before_the_disk_is_full() {
    let (rig, fs) = faulty();
    fs.set(|f| f.space = Some(Space { free_bytes: 1 << 20, total_bytes: 1 << 40 }));
    let engine = rig.open().await;
    let refused = append(&engine, [0]).await.unwrap_err();
    assert_eq!(refused.to_string(), "disk has 1048576 bytes free, rows are accepted above 268435456");
    assert_eq!(refused.code(), ErrorCode::Unavailable);
    let room = crate::DiskSpace { total_bytes: 1 << 40, free_bytes: 1 << 20, reserve_bytes: 256 << 20 };
    assert_eq!(engine.status().disk, Some(room));
    assert!(rig.segments().is_empty());
}

/// Appends that arrive during a sync share the next one.
#[tokio::test]
async fn many_appends_share_one_sync() {
    let (rig, fs) = faulty();
    let engine = rig.open().await;
    append(&engine, [0]).await.unwrap();
    let before = rig.telemetry.counter(Counter::WalSyncs);
    let gate = fs.gate.lock();
    let mut context = Context::from_waker(Waker::noop());
    let mut appends: Vec<_> = (1..=100).map(|n| Box::pin(unconstrained(append_owned(engine.clone(), n)))).collect();
    for append in &mut appends {
        // small appends reach the queue without waiting for anything, were it not for the
        // runtime's own limit on what a task may do at a time
        assert!(append.as_mut().poll(&mut context).is_pending());
    }
    drop(gate);
    for result in futures::future::join_all(appends).await {
        result.unwrap();
    }
    // the first may have gone alone before the others came
    let syncs = rig.telemetry.counter(Counter::WalSyncs) - before;
    assert!(syncs <= 2, "{syncs} syncs for 100 appends");
    assert_eq!(logged(&engine).await.len(), 101);
}

async fn append_owned(engine: crate::Engine, n: u64) -> Result<(), EngineError> {
    append(&engine, [n]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queue_of_the_log_is_bounded() {
    let (mut rig, fs) = faulty();
    rig.options.wal_queue_bytes_max = 8 << 10;
    let engine = rig.open().await;
    append(&engine, [0]).await.unwrap();
    let gate = Arc::clone(&fs.gate);
    let (closed, is_closed) = std::sync::mpsc::channel::<()>();
    let (open, opened) = std::sync::mpsc::channel::<()>();
    let keeper = std::thread::spawn(move || {
        let _gate = gate.lock();
        closed.send(()).unwrap();
        opened.recv().unwrap();
    });
    is_closed.recv().unwrap();
    let appends: Vec<_> = (1..=100)
        .map(|n| {
            let engine = engine.clone();
            tokio::spawn(async move { append(&engine, [n]).await })
        })
        .collect();
    // those that do not fit give up while the disk hangs
    let mut results = Vec::new();
    let mut waiting = Vec::new();
    for task in appends {
        let mut task = Box::pin(task);
        match tokio::time::timeout(std::time::Duration::from_millis(400), &mut task).await {
            Ok(result) => results.push(result.unwrap()),
            Err(_) => waiting.push(task),
        }
        if waiting.len() > 30 {
            break;
        }
    }
    let full = results.iter().filter(|r| matches!(r, Err(EngineError::Full { limit_bytes: 8_192, .. }))).count();
    open.send(()).unwrap();
    keeper.join().unwrap();
    let mut stored = 1;
    for task in waiting {
        stored += usize::from(task.await.unwrap().is_ok());
    }
    assert!(full > 0, "no append was refused while the disk hung");
    assert!(stored > 1, "those in the queue were stored");
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 0);
}
