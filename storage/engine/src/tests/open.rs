use crate::test_support::{Rig, append, copy_dir, logged, numbered, temp_dir};
use crate::{DataDirLock, EngineError, open_catalog};
use lincei_catalog::Catalog;
use lincei_model::{ErrorCode, TenantId};
use object_store::ObjectStoreExt;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[tokio::test]
async fn a_second_engine_on_a_directory_is_refused() {
    let rig = Rig::new();
    let engine = rig.open().await;
    let refused = rig.try_open().await.err().unwrap();
    let pid = std::process::id();
    assert_eq!(refused.to_string(), format!("data directory {} is in use by process {pid}", rig.path().display()));
    assert_eq!(refused.code(), ErrorCode::Conflict);
    append(&engine, [1]).await.unwrap();
    drop(engine);
    assert_eq!(logged(&rig.open().await).await, [1]);
}

#[test]
fn a_lock_file_that_names_nobody_still_locks() {
    let rig = Rig::new();
    let held = DataDirLock::acquire(rig.path()).unwrap();
    fs::write(rig.path().join("lock"), "not a number").unwrap();
    assert!(matches!(DataDirLock::acquire(rig.path()), Err(EngineError::InUse { pid: 0, .. })));
    drop(held);
    DataDirLock::acquire(rig.path()).unwrap();
}

#[tokio::test]
async fn directories_and_files_are_for_the_owner_alone() {
    let dir = temp_dir();
    let mut rig = Rig::at(dir);
    rig.options.data_dir = rig.path().join("data");
    let data = rig.options.data_dir.clone();
    drop(DataDirLock::acquire(&data).unwrap());
    let catalog = std::sync::Arc::new(open_catalog(&data).unwrap());
    let options = crate::EngineOptions::new(&data);
    fs::create_dir(data.join("parquet")).unwrap();
    let store = object_store::local::LocalFileSystem::new_with_prefix(data.join("parquet")).unwrap();
    let opened =
        crate::Engine::open(options, catalog, std::sync::Arc::new(store), rig.clock.clone(), rig.telemetry.clone());
    let (engine, _) = opened.await.unwrap();
    engine.append(&TenantId::default(), vec![numbered([1])]).await.unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("wal")), 0o700);
    assert_eq!(mode(&data.join("lock")), 0o600);
    assert_eq!(mode(&data.join("wal/00000000000000000001.wal")), 0o600);
}

/// Makes a directory with rows in Parquet and in the log.
async fn filled() -> Rig {
    let rig = Rig::new();
    let engine = rig.open().await;
    append(&engine, 0..3).await.unwrap();
    engine.flush().await.unwrap();
    append(&engine, 3..5).await.unwrap();
    rig
}

#[tokio::test]
async fn data_without_its_catalog_is_refused_and_kept() {
    let rig = filled().await;
    for (name, what) in [("missing", "is missing"), ("empty", "is empty")] {
        let copy = Rig::new();
        copy_dir(rig.path(), copy.path());
        for file in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
            let _ = fs::remove_file(copy.path().join(file));
        }
        if name == "empty" {
            fs::write(copy.path().join("catalog.db"), "").unwrap();
        }
        let refused = open_catalog(copy.path()).err().unwrap();
        assert!(refused.to_string().contains(what), "{refused}");
        assert_eq!(refused.code(), ErrorCode::Conflict);
        assert_eq!(copy.segments().len(), 1, "nothing was touched");
        fs::remove_dir_all(copy.path().join("wal")).unwrap();
        assert!(open_catalog(copy.path()).err().unwrap().to_string().contains("parquet files"));
    }
}

/// Somebody made a new catalog by hand.
#[tokio::test]
async fn a_catalog_of_another_directory_is_refused() {
    let rig = filled().await;
    for (remove, found) in [("parquet", "a log that starts at segment 2"), ("wal", "parquet objects such as default/")]
    {
        let copy = Rig::new();
        copy_dir(rig.path(), copy.path());
        for file in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
            let _ = fs::remove_file(copy.path().join(file));
        }
        fs::remove_dir_all(copy.path().join(remove)).unwrap();
        drop(Catalog::open(&copy.path().join("catalog.db")).unwrap());
        let refused = copy.try_open().await.err().unwrap();
        assert!(refused.to_string().contains(found), "{refused}");
    }
}

#[tokio::test]
async fn a_damaged_catalog_is_an_error() {
    let rig = filled().await;
    for file in ["catalog.db-wal", "catalog.db-shm"] {
        let _ = fs::remove_file(rig.path().join(file));
    }
    fs::write(rig.path().join("catalog.db"), vec![7; 8192]).unwrap();
    assert!(open_catalog(rig.path()).is_err());
    assert_eq!(rig.segments().len(), 1);
}

#[tokio::test]
async fn left_overs_of_a_crash_are_removed() {
    let rig = filled().await;
    let store = rig.local_store();
    let orphan = "default/logs/dt=2026-11-22/hh=15/00000000000000000000000000.parquet";
    rig.catalog().intend(&[orphan.to_owned(), "default/logs/never-written.parquet".to_owned()], 1).unwrap();
    store.put(&orphan.into(), "half a file".into()).await.unwrap();
    let (engine, recovery) = rig.try_open().await.unwrap();
    assert_eq!(recovery.orphans_deleted, 2);
    assert_eq!(rig.objects().len(), 1);
    assert!(rig.catalog().intents().unwrap().is_empty());
    assert_eq!(logged(&engine).await, [0, 1, 2, 3, 4]);
}
