use super::*;
use crate::Scalar;
use crate::test_support::{T0, catalog, file, id};
use lincei_model::{AttributeColumn, AttributeType, ErrorCode};

fn added(files: impl IntoIterator<Item = u128>) -> FileCommit {
    FileCommit { added: files.into_iter().map(file).collect(), now_ns: T0, ..Default::default() }
}

fn change(add: &[u128], remove: &[u128]) -> FileCommit {
    FileCommit { removed: remove.iter().copied().map(id).collect(), ..added(add.iter().copied()) }
}

/// Everything that a commit may touch.
fn state(catalog: &Catalog) -> (Vec<DataFile>, Vec<ObsoleteFile>, Vec<String>, u64, Vec<QuarantinedFile>) {
    (
        catalog.files().unwrap(),
        catalog.obsolete().unwrap(),
        catalog.intents().unwrap(),
        catalog.wal_flushed_through().unwrap(),
        catalog.quarantined().unwrap(),
    )
}

fn paths(numbers: &[u128]) -> Vec<String> {
    numbers.iter().map(|n| file(*n).path).collect()
}

#[test]
fn every_field_comes_back_as_it_was() {
    let (_folder, catalog) = catalog();
    let extreme = DataFile {
        id: Ulid::from_parts((1 << 48) - 1, (1 << 80) - 1),
        tenant: TenantId::new("team-1_x").unwrap(),
        table: Table::Rejects,
        path: "ü/'\"; DROP TABLE files; --".into(),
        rows: i64::MAX as u64,
        bytes: 0,
        min_time_ns: i64::MIN,
        max_time_ns: i64::MAX,
        level: u8::MAX,
        crc32: u32::MAX,
        created_ns: -1,
        columns: vec![
            ColumnRange { column: "a".into(), min: Scalar::Int(i64::MIN), max: Scalar::Int(i64::MAX) },
            ColumnRange { column: "b".into(), min: Scalar::UInt(0), max: Scalar::UInt(u64::MAX) },
            ColumnRange { column: "c".into(), min: Scalar::Float(f64::NEG_INFINITY), max: Scalar::Float(0.1) },
            ColumnRange { column: "d".into(), min: Scalar::Text("\0".into()), max: Scalar::Text("😀".into()) },
        ],
        attributes: FileAttributes {
            columns: vec![AttributeColumn {
                map: "attributes".into(),
                key: "it's \"ü\".\0".into(),
                kind: AttributeType::Double,
                rows: u64::MAX,
            }],
            rest: Some(Vec::new()),
        },
        terms: Some(TermsPlace { start: 4, directory: u64::MAX, directory_bytes: 0 }),
        summary: Some(FilePart { start: 1, bytes: u64::MAX }),
        patterns: Some(FilePart { start: 2, bytes: 3 }),
    };
    let files: Vec<_> = Table::ALL
        .into_iter()
        .enumerate()
        .map(|(n, table)| DataFile { table, ..file(n as u128) })
        .chain([extreme])
        .collect();
    catalog.commit(&FileCommit { added: files.iter().rev().cloned().collect(), ..Default::default() }).unwrap();
    assert_eq!(catalog.files().unwrap(), files, "by id, whatever the order of commit");
}

#[test]
fn a_commit_adds_removes_clears_intents_and_moves_the_mark() {
    let (_folder, catalog) = catalog();
    assert_eq!(catalog.wal_flushed_through().unwrap(), 0);
    catalog.intend(&paths(&[1, 2, 3]), T0).unwrap();
    catalog.intend(&paths(&[3]), T0 + 1).unwrap();
    assert_eq!(catalog.intents().unwrap(), paths(&[1, 2, 3]));
    catalog.commit(&FileCommit { wal_flushed_through: Some(40), ..added([1, 2]) }).unwrap();
    assert_eq!(state(&catalog), (vec![file(1), file(2)], vec![], paths(&[3]), 40, vec![]));

    catalog.commit(&FileCommit { now_ns: T0 + 5, ..change(&[3], &[1, 2]) }).unwrap();
    let obsolete = |n| ObsoleteFile { id: id(n), path: file(n).path, removed_ns: T0 + 5 };
    assert_eq!(state(&catalog), (vec![file(3)], vec![obsolete(1), obsolete(2)], vec![], 40, vec![]));

    catalog.forget_obsolete(&[id(1), id(9)]).unwrap();
    catalog.forget_obsolete(&[id(1)]).unwrap();
    assert_eq!(catalog.obsolete().unwrap(), [obsolete(2)]);
}

#[test]
fn the_wal_mark_never_moves_back() {
    let (_folder, catalog) = catalog();
    for (given, expected) in
        [(Some(5), 5), (Some(3), 5), (None, 5), (Some(5), 5), (Some(i64::MAX as u64), i64::MAX as u64)]
    {
        catalog.commit(&FileCommit { wal_flushed_through: given, ..Default::default() }).unwrap();
        assert_eq!(catalog.wal_flushed_through().unwrap(), expected, "{given:?}");
    }
    let error = catalog.commit(&FileCommit { wal_flushed_through: Some(u64::MAX), ..Default::default() }).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Invalid);
}

#[test]
fn repeating_an_applied_commit_changes_nothing() {
    let (_folder, catalog) = catalog();
    let nan = ColumnRange { column: "value".into(), min: Scalar::Float(f64::NAN), max: Scalar::Float(1.0) };
    let first = FileCommit {
        added: vec![DataFile { columns: vec![nan], ..file(1) }, file(2)],
        wal_flushed_through: Some(9),
        now_ns: T0,
        removed: vec![],
    };
    let second = change(&[3], &[1, 2]);
    for commit in [&first, &second] {
        catalog.commit(commit).unwrap();
        let (obsolete, live) = (catalog.obsolete().unwrap(), catalog.files().unwrap().len());
        catalog.commit(commit).unwrap();
        assert_eq!((catalog.obsolete().unwrap(), catalog.files().unwrap().len()), (obsolete, live));
    }
}

#[test]
fn conflicts_change_nothing() {
    let (_folder, catalog) = catalog();
    catalog.commit(&added([1, 2, 3, 4])).unwrap();
    catalog.commit(&change(&[], &[3])).unwrap();
    catalog.quarantine(id(4), "bad checksum", T0).unwrap();
    catalog.intend(&paths(&[10, 11]), T0).unwrap();
    let before = state(&catalog);
    let with = |file: DataFile| FileCommit { added: vec![file], ..Default::default() };
    for (what, commit) in [
        ("removing an unknown file", change(&[10], &[1, 99])),
        ("removing an obsolete file", change(&[10], &[3])),
        ("removing an obsolete file, adding none", change(&[], &[3])),
        ("removing a quarantined file", change(&[10], &[4])),
        ("removing a file twice", change(&[10], &[1, 1])),
        ("adding a file twice", change(&[10, 10], &[1])),
        ("adding a live file among new ones", change(&[10, 1], &[])),
        ("adding a live file with other content", with(DataFile { rows: 11, ..file(1) })),
        ("adding an obsolete file again", change(&[3], &[])),
        ("adding a quarantined file again", change(&[4], &[])),
        ("adding a new id at a live path", with(DataFile { path: file(1).path, ..file(10) })),
        ("adding a new id at an obsolete path", with(DataFile { path: file(3).path, ..file(10) })),
        ("adding what it removes", change(&[1], &[1])),
    ] {
        let commit = FileCommit { wal_flushed_through: Some(77), ..commit };
        let error = catalog.commit(&commit).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Conflict, "{what}: {error}");
        assert_eq!(state(&catalog), before, "{what}");
    }
}

#[test]
fn files_that_cannot_be_are_refused() {
    let (_folder, catalog) = catalog();
    for bad in [
        DataFile { path: String::new(), ..file(1) },
        DataFile { min_time_ns: 5, max_time_ns: 4, ..file(1) },
        DataFile { rows: u64::MAX, ..file(1) },
        DataFile { bytes: 1 << 63, ..file(1) },
    ] {
        let error = catalog.commit(&FileCommit { added: vec![file(2), bad], ..Default::default() }).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Invalid, "{error}");
        assert!(catalog.files().unwrap().is_empty());
    }
}

#[test]
fn a_commit_that_fails_at_any_step_is_undone_and_can_be_repeated() {
    let (_folder, catalog) = catalog();
    catalog.intend(&paths(&[3]), T0).unwrap();
    catalog.commit(&added([1, 2])).unwrap();
    let before = state(&catalog);
    let commit = FileCommit { wal_flushed_through: Some(8), ..change(&[3, 4], &[1, 2]) };
    for (event, when) in [
        ("INSERT ON obsolete", format!("NEW.id = '{}'", id(2))),
        ("DELETE ON files", format!("OLD.id = '{}'", id(2))),
        ("INSERT ON files", format!("NEW.id = '{}'", id(4))),
        ("DELETE ON intents", "1".to_owned()),
        ("INSERT ON progress", "1".to_owned()),
    ] {
        let trap = format!("CREATE TEMP TRIGGER trap BEFORE {event} WHEN {when} BEGIN SELECT RAISE(FAIL, 'trap'); END");
        let trap = trap.replace(" ON ", " ON main.");
        catalog.on_writer(|c| c.execute_batch(&trap).unwrap());
        assert!(catalog.commit(&commit).is_err(), "{event}");
        assert_eq!(state(&catalog), before, "{event}");
        catalog.on_writer(|c| c.execute_batch("DROP TRIGGER trap").unwrap());
    }
    catalog.commit(&commit).unwrap();
    assert_eq!(catalog.files().unwrap(), [file(3), file(4)]);
}

#[test]
fn a_log_that_was_cut_anywhere_holds_whole_commits_only() {
    let (folder, catalog) = catalog();
    catalog.commit(&added([0])).unwrap();
    for n in 1..10 {
        let commit = FileCommit { wal_flushed_through: Some(n as u64), ..change(&[n], &[n - 1]) };
        catalog.intend(&paths(&[n]), T0).unwrap();
        catalog.commit(&commit).unwrap();
    }
    let [database, log] = ["catalog.db", "catalog.db-wal"].map(|name| std::fs::read(folder.path().join(name)).unwrap());
    let mut seen = std::collections::BTreeSet::new();
    for cut in (0..=40).map(|i| log.len() - i * log.len() / 160) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("catalog.db"), &database).unwrap();
        std::fs::write(folder.path().join("catalog.db-wal"), &log[..cut]).unwrap();
        let catalog = crate::test_support::open(&folder.path().join("catalog.db"));
        let (live, obsolete, intents, mark, _) = state(&catalog);
        let last = obsolete.len() as u128;
        assert_eq!(live, [file(last)], "cut at {cut}");
        assert_eq!(mark, last as u64, "cut at {cut}");
        assert!(intents.is_empty() || intents == paths(&[last + 1]), "cut at {cut}: {intents:?}");
        seen.insert(last);
    }
    assert!(seen.len() > 1 && seen.contains(&9), "{seen:?}");
}

#[test]
fn intending_the_path_of_a_known_file_is_refused_lest_it_be_deleted_as_an_orphan() {
    let (_folder, catalog) = catalog();
    catalog.commit(&added([1, 2, 3])).unwrap();
    catalog.commit(&change(&[], &[2])).unwrap();
    catalog.quarantine(id(3), "bad checksum", T0).unwrap();
    for known in [1, 2, 3] {
        let error = catalog.intend(&paths(&[10, known]), T0).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Conflict, "{error}");
        assert!(catalog.intents().unwrap().is_empty());
    }
    catalog.intend(&paths(&[10, 11]), T0).unwrap();
    catalog.clear_intents(&paths(&[10, 12])).unwrap();
    catalog.clear_intents(&paths(&[10])).unwrap();
    assert_eq!(catalog.intents().unwrap(), paths(&[11]));
}

#[test]
fn a_damaged_file_is_set_aside_once() {
    let (_folder, catalog) = catalog();
    catalog.commit(&added([1, 2])).unwrap();
    catalog.quarantine(id(1), "crc32 0x1, expected 0x2", T0 + 1).unwrap();
    catalog.quarantine(id(1), "again", T0 + 2).unwrap();
    let expected = QuarantinedFile { file: file(1), reason: "crc32 0x1, expected 0x2".into(), time_ns: T0 + 1 };
    assert_eq!(catalog.quarantined().unwrap(), [expected]);
    assert_eq!(catalog.files().unwrap(), [file(2)]);
    assert!(catalog.obsolete().unwrap().is_empty(), "its object must not be deleted");
    catalog.commit(&change(&[], &[2])).unwrap();
    for absent in [2, 9] {
        let error = catalog.quarantine(id(absent), "x", T0).unwrap_err();
        assert_eq!(error.code(), ErrorCode::NotFound, "{error}");
    }
}

#[test]
fn a_damaged_row_is_named() {
    let (_folder, catalog) = catalog();
    catalog.commit(&added([1])).unwrap();
    for (column, value) in [
        ("columns", "'['"),
        ("columns", "'[1]'"),
        ("tenant", "'../x'"),
        ("\"table\"", "'nope'"),
        ("rows", "-1"),
        ("level", "256"),
        ("crc32", "4294967296"),
        ("id", "'short'"),
    ] {
        catalog.on_writer(|c| c.execute_batch(&format!("SAVEPOINT s; UPDATE files SET {column} = {value}")).unwrap());
        // Seen on the writer only, which has not committed.
        let result = catalog.on_writer(|c| {
            let select = format!("SELECT {} FROM files", row::COLUMNS);
            sql::rows(c, &select, [], |r| row::decode(r, &mut TenantId::default()))
        });
        assert!(matches!(result, Err(CatalogError::Corrupt { .. })), "{column} = {value}: {result:?}");
        catalog.on_writer(|c| c.execute_batch("ROLLBACK TO s; RELEASE s").unwrap());
    }
    assert_eq!(catalog.files().unwrap(), [file(1)]);
}

#[test]
fn a_hundred_thousand_files_are_committed_and_listed() {
    let (_folder, catalog) = catalog();
    let range = |column: &str| ColumnRange {
        column: column.into(),
        min: Scalar::Text("checkout".into()),
        max: Scalar::Text("payments-worker".into()),
    };
    let columns: Vec<_> = ["service", "severity_number", "body", "trace_id"].map(range).into();
    let files = (0..100_000).map(|n| DataFile { columns: columns.clone(), ..file(n) });
    let started = std::time::Instant::now();
    catalog.commit(&FileCommit { added: files.collect(), ..Default::default() }).unwrap();
    let (committed, started) = (started.elapsed(), std::time::Instant::now());
    let listed = catalog.files().unwrap();
    println!("commit {committed:?}, list {:?}", started.elapsed());
    assert_eq!(listed.len(), 100_000);
    assert_eq!(listed[99_999], DataFile { columns, ..file(99_999) });
}
