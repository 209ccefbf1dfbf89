use super::*;
use crate::test_support::{T0, actor, catalog, file, open, plugin_version};
use crate::{FileCommit, KeyKind, Role};
use lincei_model::ErrorCode;
use serde_json::json;
use std::time::Duration;

fn add(catalog: &Catalog, numbers: std::ops::Range<u128>) {
    catalog.commit(&FileCommit { added: numbers.map(file).collect(), ..Default::default() }).unwrap();
}

#[test]
fn a_backup_is_a_catalog_with_everything_committed_before() {
    let (folder, catalog) = catalog();
    add(&catalog, 0..50);
    let (key, token) = catalog.create_key(&actor(), "k", KeyKind::Ingest, T0).unwrap();
    let target = folder.path().join("copy.db");
    catalog.backup_to(&target).unwrap();
    add(&catalog, 50..60);
    let copy = open(&target);
    assert_eq!(copy.files().unwrap(), (0..50).map(file).collect::<Vec<_>>());
    assert_eq!(copy.verify_key(token.expose()).unwrap(), Some(key));
    assert_eq!(copy.audit(10, None).unwrap(), catalog.audit(10, None).unwrap());
    assert!(copy.integrity().unwrap().is_empty());
    add(&copy, 100..101);
    assert_eq!(catalog.files().unwrap().len(), 60, "the copy is on its own");
}

#[test]
fn a_backup_waits_for_nobody_and_leaves_out_what_is_not_committed() {
    let (folder, catalog) = catalog();
    add(&catalog, 0..5);
    let other = Connection::open(folder.path().join("catalog.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; DELETE FROM files").unwrap();
    let target = folder.path().join("copy.db");
    catalog.backup_to(&target).unwrap();
    drop(other);
    assert_eq!(open(&target).files().unwrap().len(), 5);
}

#[test]
fn a_backup_under_load_is_consistent() {
    let (folder, catalog) = catalog();
    add(&catalog, 0..1);
    let copies: Vec<_> = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 1..60 {
                let commit = FileCommit { added: vec![file(n)], removed: vec![file(n - 1).id], ..Default::default() };
                catalog.commit(&commit).unwrap();
            }
        });
        let copies = (0..8)
            .map(|n| {
                let target = folder.path().join(format!("copy{n}.db"));
                catalog.backup_to(&target).unwrap();
                target
            })
            .collect();
        writer.join().unwrap();
        copies
    });
    for path in copies {
        let copy = open(&path);
        let live = copy.files().unwrap();
        assert_eq!(live.len(), 1);
        // File n went live in the same transaction in which n - 1 became the n-th obsolete one.
        assert_eq!(live[0], file(copy.obsolete().unwrap().len() as u128));
        assert!(copy.integrity().unwrap().is_empty());
    }
}

#[test]
fn a_backup_never_overwrites_and_names_a_place_it_cannot_write() {
    let (folder, catalog) = catalog();
    let taken = folder.path().join("taken");
    std::fs::write(&taken, "keep me").unwrap();
    assert_eq!(catalog.backup_to(&taken).unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(std::fs::read(&taken).unwrap(), b"keep me");
    assert_eq!(catalog.backup_to(catalog.path()).unwrap_err().code(), ErrorCode::Conflict);
    let missing = folder.path().join("missing/copy.db");
    let error = catalog.backup_to(&missing).unwrap_err();
    assert!(matches!(error, CatalogError::Io { .. }) && error.to_string().contains("missing/copy.db"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_backup_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, catalog) = catalog();
    let target = folder.path().join("copy.db");
    catalog.backup_to(&target).unwrap();
    assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_sound_catalog_has_no_findings() {
    let (_folder, catalog) = catalog();
    add(&catalog, 0..3);
    let alice = catalog.create_account(&actor(), "alice", "a long password", Role::Admin, T0).unwrap();
    catalog.create_session(alice.id, T0, Duration::from_secs(60)).unwrap();
    catalog.quarantine(file(1).id, "bad", T0).unwrap();
    assert_eq!(catalog.integrity().unwrap(), Vec::<String>::new());
}

#[test]
fn damage_that_sql_can_do_is_found() {
    for (damage, finding) in [
        ("UPDATE files SET columns = '[' WHERE rowid = 1", "column ranges of file"),
        ("UPDATE files SET rows = -1 WHERE rowid = 1", "rows -1"),
        ("INSERT INTO settings VALUES ('a', '{', 0)", "setting \"a\" is not JSON"),
        ("INSERT INTO sessions VALUES (x'00', 'nobody', '', 0, 0)", "a row of sessions refers to a row of accounts"),
        ("UPDATE plugins SET limits = '{'", "\"limits\" of plugin \"scrub\""),
        ("UPDATE plugins SET hosts = '[1]'", "\"hosts\" of plugin \"scrub\""),
        ("UPDATE plugins SET active_version = 2", "active version 2 of plugin \"scrub\" does not exist"),
        ("UPDATE plugin_versions SET description = ''", "description of version 1 of plugin \"scrub\" is not JSON"),
        ("UPDATE pipelines SET steps = '['", "steps of pipeline \"logs\""),
        ("INSERT INTO plugin_state VALUES ('gone', 'k', x'00')", "a row of plugin_state refers to a row of plugins"),
    ] {
        let (folder, catalog) = catalog();
        add(&catalog, 0..3);
        catalog.add_plugin_version(&actor(), plugin_version("scrub", "operator", 1), T0).unwrap();
        catalog.set_pipeline(&actor(), "logs", json!([{ "operator": "plugin:scrub" }]), 0, T0).unwrap();
        let other = Connection::open(folder.path().join("catalog.db")).unwrap();
        other.execute_batch(&format!("PRAGMA foreign_keys = OFF; {damage}")).unwrap();
        let findings = catalog.integrity().unwrap();
        assert!(findings.len() == 1 && findings[0].contains(finding), "{damage}: {findings:?}");
    }
}

#[test]
fn damage_on_disk_is_found() {
    let (folder, catalog) = catalog();
    add(&catalog, 0..400);
    drop(catalog);
    let path = folder.path().join("catalog.db");
    let sound = std::fs::read(&path).unwrap();
    // Page size, from the SQLite file format, 1.3.2.
    let page = usize::from(u16::from_be_bytes([sound[16], sound[17]]));
    let pages = sound.len() / page;
    assert!(pages > 40, "{pages}");
    for broken in [pages / 2, pages - 10] {
        let mut bytes = sound.clone();
        bytes[broken * page..(broken + 1) * page].fill(0xa5);
        std::fs::write(&path, &bytes).unwrap();
        let findings = Catalog::open(&path).unwrap().integrity().unwrap();
        assert!(!findings.is_empty(), "page {broken}");
    }
    std::fs::write(&path, &sound[..sound.len() / 2]).unwrap();
    match Catalog::open(&path).and_then(|catalog| catalog.integrity()) {
        Ok(findings) => assert!(!findings.is_empty()),
        Err(error) => assert!(matches!(error, CatalogError::Corrupt { .. }), "{error}"),
    }
}
