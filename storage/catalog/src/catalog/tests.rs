use super::*;
use crate::test_support::{T0, actor, file};
use crate::{FileCommit, KeyKind};
use lincei_model::ErrorCode;
use std::sync::{Arc, Barrier};

#[test]
fn a_new_catalog_syncs_every_commit_and_logs_ahead() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::open(&folder.path().join("catalog.db")).unwrap();
    let pragma = |name: &str| {
        catalog.on_writer(|c| {
            c.query_row(&format!("PRAGMA {name}"), [], |r| r.get::<_, rusqlite::types::Value>(0)).unwrap()
        })
    };
    // Values: sqlite.org/pragma.html (synchronous: 2 is FULL).
    assert_eq!(pragma("journal_mode"), "wal".to_owned().into());
    assert_eq!(pragma("synchronous"), 2.into());
    assert_eq!(pragma("secure_delete"), 1.into());
    assert_eq!(pragma("foreign_keys"), 1.into());
    assert_eq!(pragma("busy_timeout"), 10_000.into());
    assert!(catalog.read(|c| Ok(c.execute("DELETE FROM intents", [])?)).is_err(), "the reader must not write");
}

#[test]
fn what_was_committed_is_there_after_a_restart_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = Catalog::open(&path).unwrap();
    catalog.commit(&FileCommit { added: vec![file(1)], wal_flushed_through: Some(7), ..Default::default() }).unwrap();
    drop(catalog);
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["catalog.db"]);
    let catalog = Catalog::open(&path).unwrap();
    assert_eq!(catalog.files().unwrap(), [file(1)]);
    assert_eq!(catalog.wal_flushed_through().unwrap(), 7);
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let _catalog = Catalog::open(&folder.path().join("catalog.db")).unwrap();
    for name in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn places_that_cannot_hold_a_catalog_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("missing/catalog.db"), folder.path().to_owned()] {
        let error = Catalog::open(&path).unwrap_err();
        assert!(matches!(error, CatalogError::Io { .. } | CatalogError::Open { .. }), "{error:?}");
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
}

#[test]
fn many_may_make_the_same_catalog_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let start = Arc::new(Barrier::new(6));
    let threads: Vec<_> = (0..6)
        .map(|n| {
            let (path, start) = (path.clone(), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                let catalog = Catalog::open(&path).unwrap();
                catalog.create_key(&actor(), &format!("k{n}"), KeyKind::Ingest, T0).unwrap();
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let catalog = Catalog::open(&path).unwrap();
    assert_eq!(catalog.keys().unwrap().len(), 6);
    assert_eq!(catalog.integrity().unwrap(), Vec::<String>::new());
}

#[test]
fn two_handles_see_each_others_commits_and_take_turns_writing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let (a, b) = (Catalog::open(&path).unwrap(), Catalog::open(&path).unwrap());
    let threads = std::thread::scope(|scope| {
        let write = |catalog, numbers: std::ops::Range<u128>| {
            let catalog: &Catalog = catalog;
            scope.spawn(move || {
                for n in numbers {
                    catalog.commit(&FileCommit { added: vec![file(n)], ..Default::default() }).unwrap();
                }
            })
        };
        [write(&a, 0..40), write(&b, 40..80)].into_iter().map(|t| t.join().is_ok()).collect::<Vec<_>>()
    });
    assert_eq!(threads, [true, true]);
    let expected: Vec<_> = (0..80).map(file).collect();
    assert_eq!(a.files().unwrap(), expected);
    assert_eq!(b.files().unwrap(), expected);
}

#[test]
fn an_open_transaction_of_another_process_delays_writes_but_not_reads_and_then_fails_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = Catalog::open(&path).unwrap();
    let mut other = Connection::open(&path).unwrap();
    let transaction = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    transaction.execute("INSERT INTO intents VALUES ('half', 1)", []).unwrap();
    catalog.on_writer(|c| c.busy_timeout(Duration::from_millis(1)).unwrap());
    let error = catalog.intend(&["p".into()], T0).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unavailable);
    assert_eq!(error.to_string(), "catalog is unavailable: locked by another process");
    assert_eq!(catalog.intents().unwrap(), Vec::<String>::new());
    drop(transaction);
    catalog.intend(&["p".into()], T0).unwrap();
    assert_eq!(catalog.intents().unwrap(), ["p"], "the transaction that was cut off left nothing");
}

#[test]
fn a_full_disk_refuses_writes_serves_reads_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::open(&folder.path().join("catalog.db")).unwrap();
    catalog.commit(&FileCommit { added: vec![file(1)], ..Default::default() }).unwrap();
    // SQLite answers SQLITE_FULL at this page count just as it does for ENOSPC.
    catalog.on_writer(|c| c.pragma_update(None, "max_page_count", 1).unwrap());
    let change = FileCommit { added: (2..500).map(file).collect(), removed: vec![file(1).id], ..Default::default() };
    let error = catalog.commit(&change).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        (ErrorCode::Unavailable, "catalog is unavailable: disk full")
    );
    assert!(error.code().retryable());
    assert_eq!(catalog.files().unwrap(), [file(1)]);
    assert!(catalog.obsolete().unwrap().is_empty());
    catalog.on_writer(|c| c.pragma_update(None, "max_page_count", 1_000_000).unwrap());
    catalog.commit(&change).unwrap();
    assert_eq!(catalog.files().unwrap().len(), 498);
}

#[test]
fn debug_output_is_the_path_alone() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::open(&folder.path().join("catalog.db")).unwrap();
    assert_eq!(format!("{catalog:?}"), format!("Catalog {{ path: {:?}, .. }}", catalog.path()));
}
