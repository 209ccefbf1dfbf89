//! Deleting chosen rows: what goes, what stays, and what is rewritten.

use crate::test_support::deletion::Numbers;
use crate::test_support::store::FaultyStore;
use crate::test_support::{HOUR_NS, HOUR_START, Rig, append, logged, numbered, numbered_at, numbers};
use crate::{Deletion, DeletionProgress, DeletionReport, Engine, EngineError};
use lincei_model::telemetry::Counter;
use lincei_model::{Table, TenantId, TimeRange};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use ulid::Ulid;

async fn delete(engine: &Engine, deletion: Deletion) -> Result<DeletionReport, EngineError> {
    engine.delete_rows(deletion, Arc::default()).await
}

/// Numbers 0 to 9, 100 to 109, 200 to 209, each in a file and an hour of its own, the later the first.
async fn three_hours(engine: &Engine) {
    for hour in 0..3 {
        let batch = numbered_at(HOUR_START - i64::try_from(hour).unwrap() * HOUR_NS, hour * 100..hour * 100 + 10);
        engine.append(&TenantId::default(), vec![batch]).await.unwrap();
    }
    engine.flush().await.unwrap();
}

fn ids(engine: &Engine) -> BTreeMap<i64, (Ulid, u64)> {
    engine.files().iter().map(|f| (f.min_time_ns / HOUR_NS, (f.id, f.rows))).collect()
}

fn without(gone: impl Fn(u64) -> bool) -> Vec<u64> {
    (0..3).flat_map(|h| h * 100..h * 100 + 10).filter(|n| !gone(*n)).collect()
}

#[tokio::test]
async fn only_files_with_chosen_rows_are_rewritten() {
    let rig = Rig::new();
    let engine = rig.open().await;
    three_hours(&engine).await;
    append(&engine, 300..303).await.unwrap();
    let before = ids(&engine);
    // some of the first hour, none of the second, all of the third, and one in memory
    let gone = |n| n == 3 || n == 7 || (200..210).contains(&n) || n == 301;
    let report = delete(&engine, Arc::new(Numbers::of(gone)).deletion()).await.unwrap();
    let expected = DeletionReport {
        files_of_table: 4,
        files_total: 4,
        files_done: 4,
        files_rewritten: 2,
        files_removed: 1,
        rows_scanned: 33,
        rows_deleted: 13,
        ..DeletionReport::default()
    };
    assert_eq!(report, expected);
    let mut left = without(gone);
    left.extend([300, 302]);
    assert_eq!(logged(&engine).await, left);
    let hour = HOUR_START / HOUR_NS;
    assert_eq!(ids(&engine)[&(hour - 1)], before[&(hour - 1)], "a file without such rows is not touched");
    assert!(!ids(&engine).contains_key(&(hour - 2)), "a file with nothing else is only removed");
    // nothing of them is left on the disk
    let mut live: Vec<_> = engine.files().iter().map(|f| f.path.clone()).collect();
    live.sort();
    assert_eq!(rig.objects(), live);
    assert!(rig.segments().is_empty(), "the log holds none of them");
    assert!(rig.catalog().obsolete().unwrap().is_empty() && rig.catalog().intents().unwrap().is_empty());
    assert_eq!(rig.telemetry.counter(Counter::DeletedRows), 13);
    assert!(engine.check().await.unwrap().is_sound());
    drop(engine);
    assert_eq!(logged(&rig.open().await).await, left, "after a restart");
}

#[tokio::test]
async fn a_rewritten_file_keeps_its_level_and_columns() {
    let mut rig = Rig::new();
    rig.options.compaction.closed_files_min = 2;
    let engine = rig.open().await;
    append(&engine, 0..150).await.unwrap();
    engine.flush().await.unwrap();
    append(&engine, 150..300).await.unwrap();
    engine.flush().await.unwrap();
    rig.clock.set(HOUR_START + 30 * HOUR_NS);
    engine.compact().await.unwrap();
    let before = engine.files()[0].clone();
    assert_eq!((before.level, before.attributes.columns.len()), (1, 2));
    delete(&engine, Arc::new(Numbers::of(|n| n % 2 == 1)).deletion()).await.unwrap();
    let after = engine.files()[0].clone();
    assert_ne!(after.id, before.id);
    assert_eq!((after.level, after.rows, after.min_time_ns), (1, 150, before.min_time_ns));
    let names = |f: &crate::LiveFile| f.attributes.columns.iter().map(|c| (c.name(), c.kind)).collect::<Vec<_>>();
    assert_eq!(names(&after), names(&before));
    assert!(after.attributes.columns.iter().all(|c| c.rows == 150), "{:?}", after.attributes);
    assert_eq!(after.max_time_ns, HOUR_START + 298_000, "ranges are those of what stays");
}

#[tokio::test]
async fn only_true_deletes_and_only_inside_the_window() {
    let rig = Rig::new();
    let engine = rig.open().await;
    three_hours(&engine).await;
    let undecided = |n| [Some(true), Some(false), None][usize::try_from(n % 3).unwrap()];
    let mut deletion = Arc::new(Numbers::nullable(undecided)).deletion();
    // number n happened n microseconds into its hour; the end is not inside
    deletion.range = TimeRange::new(HOUR_START - HOUR_NS, HOUR_START + 6_000);
    let report = delete(&engine, deletion).await.unwrap();
    // of 0 to 5: 0, 3; of 100 to 109: 102, 105, 108
    assert_eq!((report.files_of_table, report.files_total, report.rows_deleted), (3, 2, 5));
    assert_eq!(logged(&engine).await, without(|n| [0, 3, 102, 105, 108].contains(&n)));
}

#[tokio::test]
async fn rows_of_other_tenants_and_tables_stay() {
    let rig = Rig::new();
    let engine = rig.open().await;
    let other = TenantId::new("other").unwrap();
    append(&engine, 0..5).await.unwrap();
    engine.append(&other, vec![numbered(0..5)]).await.unwrap();
    let mut deletion = Arc::new(Numbers::of(|_| true)).deletion();
    deletion.table = Table::Spans;
    assert_eq!(delete(&engine, deletion).await.unwrap().rows_deleted, 0);
    let report = delete(&engine, Arc::new(Numbers::of(|_| true)).deletion()).await.unwrap();
    assert_eq!(report.rows_deleted, 5);
    assert!(logged(&engine).await.is_empty());
    let left = engine.snapshot(&other, Table::Logs, TimeRange::ALL);
    assert_eq!(left.files.iter().map(|f| f.rows).sum::<u64>(), 5);
}

/// While the deletion runs, more chosen rows arrive and are flushed, and a merge is due.
#[tokio::test]
async fn rows_that_come_later_stay_and_merges_bring_nothing_back() {
    let mut rig = Rig::new();
    rig.options.compaction.open_files_min = 2;
    let engine = rig.open().await;
    for n in [0, 10] {
        append(&engine, n..n + 10).await.unwrap();
        engine.flush().await.unwrap();
    }
    let predicate = Arc::new(Numbers::of(|n| n % 10 == 5));
    let meanwhile = {
        let engine = engine.clone();
        async move {
            for n in [20, 30] {
                append(&engine, n..n + 10).await.unwrap();
                engine.flush().await.unwrap();
            }
            // without the deletion all four were one file now
            let report = engine.compact().await.unwrap();
            assert_eq!((report.merges, report.files_in), (1, 2), "{report:?}");
            append(&engine, 40..50).await.unwrap();
        }
    };
    *predicate.meanwhile.lock() = Some(Box::pin(meanwhile));
    let report = delete(&engine, predicate.deletion()).await.unwrap();
    assert_eq!((report.files_total, report.rows_deleted), (2, 2));
    let expected: Vec<u64> = (0..50).filter(|n| *n != 5 && *n != 15).collect();
    assert_eq!(logged(&engine).await, expected);
    engine.flush().await.unwrap();
    assert!(engine.compact().await.unwrap().merges > 0, "afterwards all files are merged again");
    assert_eq!(logged(&engine).await, expected);
    drop(engine);
    assert_eq!(logged(&rig.open().await).await, expected);
}

/// A merge that began before the deletion is waited for, and its output is what is searched.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn merges_and_deletions_at_once_lose_and_bring_back_nothing() {
    let mut rig = Rig::new();
    rig.options.compaction.open_files_min = 2;
    let engine = rig.open().await;
    let merging = {
        let engine = engine.clone();
        tokio::spawn(async move {
            for n in 0..30 {
                append(&engine, [n, 1000 + n]).await.unwrap();
                engine.flush().await.unwrap();
                engine.compact().await.unwrap();
                engine.delete_obsolete().await.unwrap();
            }
        })
    };
    while !merging.is_finished() {
        let deleted = delete(&engine, Arc::new(Numbers::of(|n| n >= 1000)).deletion()).await.unwrap();
        assert_eq!(deleted.files_gone, 0, "merges leave pending files alone");
    }
    merging.await.unwrap();
    delete(&engine, Arc::new(Numbers::of(|n| n >= 1000)).deletion()).await.unwrap();
    assert_eq!(logged(&engine).await, (0..30).collect::<Vec<_>>());
    assert_eq!(rig.objects().len(), engine.files().len());
}

#[tokio::test]
async fn a_snapshot_keeps_what_it_shows_until_it_is_dropped() {
    let rig = Rig::new();
    let engine = rig.open().await;
    three_hours(&engine).await;
    let snapshot = engine.snapshot(&TenantId::default(), Table::Logs, TimeRange::ALL);
    delete(&engine, Arc::new(Numbers::of(|n| n < 5)).deletion()).await.unwrap();
    assert_eq!((rig.objects().len(), engine.status().obsolete_files), (4, 1));
    let mut shown = Vec::new();
    for file in &snapshot.files {
        use futures::TryStreamExt as _;
        let rows = crate::parquet_file::read(&engine.object_store(), file).await.unwrap();
        shown.extend(numbers(&rows.try_collect::<Vec<_>>().await.unwrap()));
    }
    shown.sort_unstable();
    assert_eq!(shown, without(|_| false));
    drop(snapshot);
    assert_eq!(engine.delete_obsolete().await.unwrap(), 1);
    assert_eq!(rig.objects().len(), 3);
    assert_eq!(logged(&engine).await, without(|n| n < 5));
}

#[tokio::test]
async fn a_cancelled_deletion_ends_before_the_next_file() {
    let rig = Rig::new();
    let engine = rig.open().await;
    three_hours(&engine).await;
    let progress = Arc::new(DeletionProgress::default());
    let predicate = {
        let progress = progress.clone();
        // the hours come in the order of time: this one is the first
        Arc::new(Numbers::of(move |n| {
            if n == 201 {
                progress.cancel();
            }
            n % 10 == 1
        }))
    };
    let ended = engine.delete_rows(predicate.deletion(), progress.clone()).await;
    assert!(matches!(ended, Err(EngineError::Cancelled)));
    assert_eq!((progress.now().files_total, progress.now().files_done, progress.now().rows_deleted), (3, 1, 1));
    assert_eq!(logged(&engine).await, without(|n| n == 201));
    // nothing stays pending
    rig.clock.set(HOUR_START + 40 * HOUR_NS);
    assert!(engine.inner.pending.lock().is_empty());
    delete(&engine, Arc::new(Numbers::of(|n| n % 10 == 1)).deletion()).await.unwrap();
    assert_eq!(logged(&engine).await, without(|n| n % 10 == 1));
}

#[tokio::test]
async fn a_condition_that_cannot_be_evaluated_changes_nothing() {
    let rig = Rig::new();
    let engine = rig.open().await;
    append(&engine, [403, 404, 405]).await.unwrap();
    engine.flush().await.unwrap();
    let before = ids(&engine);
    let failed = delete(&engine, Arc::new(Numbers::of(|_| true)).deletion()).await.unwrap_err();
    assert!(matches!(failed, EngineError::Predicate { .. }), "{failed}");
    assert_eq!(failed.code(), lincei_model::ErrorCode::Invalid);
    assert_eq!((ids(&engine), logged(&engine).await), (before, vec![403, 404, 405]));
}

#[tokio::test]
async fn a_store_that_fails_leaves_the_file_whole() {
    let mut rig = Rig::new();
    let store = FaultyStore::new(rig.local_store());
    rig.store = Some(store.clone());
    let engine = rig.open().await;
    three_hours(&engine).await;
    store.fail_put.store(true, Ordering::SeqCst);
    assert!(matches!(
        delete(&engine, Arc::new(Numbers::of(|n| n == 3)).deletion()).await,
        Err(EngineError::Store { .. })
    ));
    assert_eq!(logged(&engine).await, without(|_| false));
    assert!(rig.catalog().intents().unwrap().is_empty() && rig.objects().len() == 3);
    store.fail_put.store(false, Ordering::SeqCst);
    delete(&engine, Arc::new(Numbers::of(|n| n == 3)).deletion()).await.unwrap();
    assert_eq!(logged(&engine).await, without(|n| n == 3));
}

#[tokio::test]
async fn damaged_files_are_set_aside_and_named() {
    let rig = Rig::new();
    let engine = rig.open().await;
    three_hours(&engine).await;
    let damaged = engine.files().iter().find(|f| f.min_time_ns >= HOUR_START).unwrap().path.clone();
    let path = rig.path().join("parquet").join(&damaged);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let report = delete(&engine, Arc::new(Numbers::of(|n| n % 100 == 3)).deletion()).await.unwrap();
    assert_eq!((report.files_done, report.files_gone, report.rows_deleted), (3, 1, 2));
    assert_eq!(report.set_aside, [damaged], "it may hold such rows");
    assert_eq!(logged(&engine).await, without(|n| n < 10 || n % 100 == 3));
}

#[tokio::test]
async fn measuring_changes_nothing_and_says_what_would_happen() {
    let rig = Rig::new();
    let engine = rig.open().await;
    three_hours(&engine).await;
    append(&engine, 300..303).await.unwrap();
    let (before, memory) = (ids(&engine), engine.status().memory);
    let gone = |n| n == 3 || (200..210).contains(&n) || n == 301;
    let measured = engine.measure_deletion(Arc::new(Numbers::of(gone)).deletion(), Arc::default()).await.unwrap();
    assert_eq!((measured.files_total, measured.files_rewritten, measured.files_removed), (3, 1, 1));
    assert_eq!((measured.rows_deleted, measured.rows_scanned), (12, 33));
    assert_eq!((ids(&engine), engine.status().memory), (before, memory));
    let deleted = delete(&engine, Arc::new(Numbers::of(gone)).deletion()).await.unwrap();
    assert_eq!(deleted.rows_deleted, measured.rows_deleted);
}

#[tokio::test]
async fn a_closed_engine_deletes_nothing() {
    let rig = Rig::new();
    let engine = rig.open().await;
    three_hours(&engine).await;
    engine.shutdown().await.unwrap();
    let refused = delete(&engine, Arc::new(Numbers::of(|_| true)).deletion()).await;
    assert!(matches!(refused, Err(EngineError::ShuttingDown)));
    assert_eq!(logged(&rig.open().await).await, without(|_| false));
}
