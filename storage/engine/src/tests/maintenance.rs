use crate::fault::Faults;
use crate::test_support::store::FaultyStore;
use crate::test_support::{HOUR_NS, HOUR_START, Rig, append, copy_dir, logged, numbered, numbered_at, temp_dir};
use crate::{EngineError, restore};
use lincei_catalog::{Actor, Retention};
use lincei_model::telemetry::Counter;
use lincei_model::{Table, TenantId};
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[tokio::test]
async fn a_flush_that_fails_keeps_the_rows_and_is_repeated() {
    let mut rig = Rig::new();
    let store = FaultyStore::new(rig.local_store());
    rig.store = Some(store.clone());
    let engine = rig.open().await;
    append(&engine, 0..3).await.unwrap();
    store.fail_put.store(true, Ordering::SeqCst);
    assert!(matches!(engine.flush().await, Err(EngineError::Store { .. })));
    append(&engine, 3..6).await.unwrap();
    assert!(engine.flush().await.is_err());
    assert_eq!(logged(&engine).await, (0..6).collect::<Vec<_>>());
    assert_eq!(rig.telemetry.counter(Counter::FlushFailures), 2);
    assert!(rig.objects().is_empty() && rig.catalog().intents().unwrap().is_empty());
    assert_eq!(rig.segments().len(), 2, "the log keeps what is not in Parquet");
    store.fail_put.store(false, Ordering::SeqCst);
    let report = engine.flush().await.unwrap();
    assert_eq!((report.rows, report.files), (6, 2));
    assert_eq!(logged(&engine).await, (0..6).collect::<Vec<_>>());
    assert!(rig.segments().is_empty());
}

/// The rows of the second hour cannot be written; those of the first must not stay as garbage.
#[tokio::test]
async fn a_flush_that_fails_half_way_leaves_no_objects() {
    let mut rig = Rig::new();
    let store = FaultyStore::new(rig.local_store());
    rig.store = Some(store.clone());
    let failing = store.clone();
    rig.environment.faults = Faults::with_hook(move |point| {
        if point == "flush.after_object" {
            failing.fail_put.store(true, Ordering::SeqCst);
        }
    });
    let engine = rig.open().await;
    let batches = vec![numbered([0]), numbered_at(HOUR_START - HOUR_NS, [1])];
    engine.append(&TenantId::default(), batches).await.unwrap();
    assert!(engine.flush().await.is_err());
    assert!(rig.objects().is_empty(), "{:?}", rig.objects());
    assert!(rig.catalog().intents().unwrap().is_empty());
    assert_eq!(logged(&engine).await, [0, 1]);
}

/// Stands for a disk that fails in the middle of the catalog's commit: it happened, and the engine
/// does not learn of it.
#[tokio::test]
async fn a_commit_whose_outcome_is_unknown_is_repeated_with_the_same_files() {
    let mut rig = Rig::new();
    let fails = AtomicBool::new(true);
    rig.environment.faults = Faults::with_hook(move |point| {
        assert!(point != "flush.after_commit" || !fails.swap(false, Ordering::SeqCst), "the outcome is lost");
    });
    let engine = rig.open().await;
    append(&engine, 0..3).await.unwrap();
    assert!(matches!(engine.flush().await, Err(EngineError::TaskEnded("flush"))));
    assert_eq!(logged(&engine).await, [0, 1, 2], "served from memory");
    let committed = rig.catalog().files().unwrap();
    assert_eq!(committed.len(), 1);
    append(&engine, 3..6).await.unwrap();
    engine.flush().await.unwrap();
    assert_eq!(logged(&engine).await, (0..6).collect::<Vec<_>>());
    assert_eq!(rig.catalog().files().unwrap().len(), 2);
    assert_eq!(rig.objects().len(), 2);
    drop(engine);
    assert_eq!(logged(&rig.open().await).await, (0..6).collect::<Vec<_>>());
}

#[tokio::test]
async fn files_have_at_most_so_many_rows() {
    let mut rig = Rig::new();
    rig.options.file_rows_max = 100;
    let engine = rig.open().await;
    append(&engine, 0..250).await.unwrap();
    engine.flush().await.unwrap();
    let mut rows: Vec<_> = engine.files().iter().map(|f| f.rows).collect();
    rows.sort_unstable();
    assert_eq!(rows, [50, 100, 100]);
    assert_eq!(logged(&engine).await, (0..250).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_remote_store_needs_no_directory() {
    let mut rig = Rig::new();
    rig.options.remote_store = true;
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    rig.store = Some(store.clone());
    let engine = rig.open().await;
    append(&engine, 0..3).await.unwrap();
    engine.flush().await.unwrap();
    assert_eq!(logged(&engine).await, [0, 1, 2]);
    assert!(!rig.path().join("parquet").exists());
}

#[tokio::test]
async fn a_store_elsewhere_than_declared_is_noticed() {
    let mut rig = Rig::new();
    rig.store = Some(Arc::new(InMemory::new()));
    let engine = rig.open().await;
    append(&engine, 0..3).await.unwrap();
    assert!(matches!(engine.flush().await, Err(EngineError::Io { action: "sync", .. })));
    assert_eq!(logged(&engine).await, [0, 1, 2]);
}

#[tokio::test]
async fn retention_removes_old_files_of_the_tables_it_is_set_for() {
    let rig = Rig::new();
    let engine = rig.open().await;
    let (a, b) = (TenantId::new("a").unwrap(), TenantId::new("b").unwrap());
    for tenant in [&a, &b] {
        for hours in 0..4 {
            engine.append(tenant, vec![numbered_at(HOUR_START - hours * HOUR_NS, [0])]).await.unwrap();
        }
    }
    engine.flush().await.unwrap();
    assert_eq!(engine.enforce_retention().await.unwrap(), 0, "30 days by default");
    let two_hours = Retention { max_age: Some(Duration::from_secs(2 * 3600)), max_bytes: None };
    rig.catalog().set_retention(&Actor::new("test", "cli"), &a, Table::Logs, two_hours, 1).unwrap();
    rig.clock.set(HOUR_START + HOUR_NS / 2);
    // 15:30 now, so rows before 13:30 go: those of 13:00 and 12:00
    assert_eq!(engine.enforce_retention().await.unwrap(), 2);
    assert_eq!(engine.files().iter().filter(|f| f.tenant == a).count(), 2);
    assert_eq!(engine.files().iter().filter(|f| f.tenant == b).count(), 4);
    assert_eq!(engine.delete_obsolete().await.unwrap(), 2);
    assert_eq!(rig.objects().len(), 6);
    assert_eq!(rig.telemetry.counter(Counter::RetainedFilesDeleted), 2);
    assert_eq!(engine.enforce_retention().await.unwrap(), 0);
}

#[tokio::test]
async fn an_object_that_cannot_be_deleted_is_tried_again() {
    let mut rig = Rig::new();
    let store = FaultyStore::new(rig.local_store());
    rig.store = Some(store.clone());
    let engine = rig.open().await;
    for n in 0..4 {
        append(&engine, [n]).await.unwrap();
        engine.flush().await.unwrap();
    }
    rig.clock.set(HOUR_START + 2 * HOUR_NS);
    assert_eq!(engine.compact().await.unwrap().merges, 1);
    store.fail_delete.store(true, Ordering::SeqCst);
    assert_eq!(engine.delete_obsolete().await.unwrap(), 0);
    assert_eq!((rig.objects().len(), engine.status().obsolete_files), (5, 4));
    drop(engine);
    let (engine, recovery) = rig.try_open().await.unwrap();
    assert_eq!(recovery.orphans_deleted, 0, "a store that cannot delete does not keep the server from starting");
    drop(engine);
    store.fail_delete.store(false, Ordering::SeqCst);
    let (engine, recovery) = rig.try_open().await.unwrap();
    assert_eq!((recovery.orphans_deleted, rig.objects().len()), (4, 1));
    assert_eq!(logged(&engine).await, [0, 1, 2, 3]);
}

#[tokio::test]
async fn a_backup_holds_everything_and_is_restored() {
    let rig = Rig::new();
    let engine = rig.open().await;
    append(&engine, 0..5).await.unwrap();
    engine.flush().await.unwrap();
    append(&engine, 5..9).await.unwrap();
    let target = temp_dir();
    let backup = target.path().join("backup");
    let report = engine.backup(&backup).await.unwrap();
    assert_eq!((report.files, report.rows), (2, 9));
    append(&engine, 9..12).await.unwrap();

    // into a directory
    let restored = Rig::new();
    assert_eq!(restore(&backup, restored.path(), None).await.unwrap(), report);
    let mut names: Vec<_> = fs::read_dir(restored.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["catalog.db", "lock", "parquet"]);
    let (copy, recovery) = restored.try_open().await.unwrap();
    assert_eq!(recovery.replayed_rows, 0);
    assert_eq!(logged(&copy).await, (0..9).collect::<Vec<_>>());
    assert!(copy.check().await.unwrap().is_sound());
    append(&copy, 100..103).await.unwrap();
    drop(copy);
    assert_eq!(logged(&restored.open().await).await.len(), 12);

    // into an object store
    let mut remote = Rig::new();
    remote.options.remote_store = true;
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    restore(&backup, remote.path(), Some(store.clone())).await.unwrap();
    remote.store = Some(store);
    assert_eq!(logged(&remote.open().await).await, (0..9).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_consistent_while_everything_runs() {
    let mut rig = Rig::new();
    rig.options.compaction.open_files_min = 2;
    let engine = rig.open().await;
    let busy = {
        let engine = engine.clone();
        tokio::spawn(async move {
            for n in 0..40 {
                append(&engine, [n]).await.unwrap();
                engine.flush().await.unwrap();
                engine.compact().await.unwrap();
                engine.delete_obsolete().await.unwrap();
            }
        })
    };
    let target = temp_dir();
    let mut last = 0;
    for i in 0.. {
        let (backup, data) = (target.path().join(format!("b{i}")), Rig::new());
        engine.backup(&backup).await.unwrap();
        restore(&backup, data.path(), None).await.unwrap();
        let rows = logged(&data.open().await).await;
        assert_eq!(rows, (0..rows.len() as u64).collect::<Vec<_>>(), "a prefix of what was sent");
        assert!(rows.len() >= last);
        last = rows.len();
        if busy.is_finished() {
            break;
        }
    }
    busy.await.unwrap();
}

#[tokio::test]
async fn backups_and_restores_touch_only_empty_directories() {
    let rig = Rig::new();
    let engine = rig.open().await;
    append(&engine, 0..5).await.unwrap();
    let dir = temp_dir();
    let (backup, full) = (dir.path().join("backup"), dir.path().join("full"));
    fs::create_dir(&full).unwrap();
    fs::write(full.join("photo.jpg"), "x").unwrap();
    assert!(matches!(engine.backup(&full).await, Err(EngineError::NotEmpty(_))));
    engine.backup(&backup).await.unwrap();
    assert!(matches!(engine.backup(&backup).await, Err(EngineError::NotEmpty(_))));
    assert!(matches!(restore(&backup, &full, None).await, Err(EngineError::NotEmpty(_))));
    assert!(matches!(restore(&backup, rig.path(), None).await, Err(EngineError::NotEmpty(_))));
    for no_backup in [&full, &dir.path().join("nowhere")] {
        let refused = restore(no_backup, &dir.path().join("new"), None).await;
        assert!(matches!(refused, Err(EngineError::CatalogMissing { .. })));
    }
    assert_eq!(fs::read_dir(&full).unwrap().count(), 1);
}

#[tokio::test]
async fn a_damaged_backup_is_not_restored() {
    let rig = Rig::new();
    let engine = rig.open().await;
    append(&engine, 0..5).await.unwrap();
    let dir = temp_dir();
    let backup = dir.path().join("backup");
    engine.backup(&backup).await.unwrap();
    let file = engine.files()[0].path.clone();
    for (what, change) in [("flipped", 0), ("cut", 1), ("missing", 2)] {
        for remote in [false, true] {
            let bad = dir.path().join(format!("{what}-{remote}"));
            copy_dir(&backup, &bad);
            let path = bad.join("parquet").join(&file);
            let mut bytes = fs::read(&path).unwrap();
            match change {
                0 => bytes[20] ^= 1,
                1 => drop(bytes.pop()),
                _ => {}
            }
            fs::write(&path, bytes).unwrap();
            if change == 2 {
                fs::remove_file(&path).unwrap();
            }
            let data = Rig::new();
            let store: Option<Arc<dyn ObjectStore>> = remote.then(|| Arc::new(InMemory::new()) as _);
            let refused = restore(&bad, data.path(), store.clone()).await.unwrap_err();
            let expected = if change == 2 { "could not open" } else { "is damaged" };
            assert!(refused.to_string().contains(expected), "{what}: {refused}");
            assert!(!data.path().join("catalog.db").exists(), "a failed restore is no data directory");
            if let Some(store) = store {
                let left = store.head(&object_store::path::Path::from(file.as_str())).await;
                assert!(left.is_err(), "a damaged object stays in the store");
            }
        }
    }
}

#[tokio::test]
async fn a_backup_of_a_damaged_file_fails_and_is_not_restorable() {
    let rig = Rig::new();
    let engine = rig.open().await;
    append(&engine, 0..5).await.unwrap();
    engine.flush().await.unwrap();
    let path = rig.path().join("parquet").join(&engine.files()[0].path);
    let mut bytes = fs::read(&path).unwrap();
    bytes[30] ^= 1;
    fs::write(&path, bytes).unwrap();
    let dir = temp_dir();
    let backup = dir.path().join("backup");
    assert!(matches!(engine.backup(&backup).await, Err(EngineError::Corrupt { .. })));
    assert!(matches!(restore(&backup, &dir.path().join("new"), None).await, Err(EngineError::CatalogMissing { .. })));
}
