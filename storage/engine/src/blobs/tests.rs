use super::*;
use crate::test_support::store::FaultyStore;
use crate::test_support::{Rig, append, copy_dir, temp_dir};
use crate::{check_offline, restore};
use lincei_catalog::{Actor, NewPluginVersion, PluginRuntime};
use lincei_model::ErrorCode;
use object_store::memory::InMemory;
use std::fs;
use std::sync::atomic::Ordering;

/// NIST, examples of FIPS 180-4: SHA-256 of "abc", and of nothing.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn bytes(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn file_of(dir: &Path, sha256: &str) -> PathBuf {
    dir.join(&sha256[..2]).join(sha256)
}

/// An operator that is this blob.
fn upload(catalog: &Catalog, name: &str, sha256: &str) {
    let new = NewPluginVersion {
        plugin: name.to_owned(),
        kind: "operator".to_owned(),
        runtime: PluginRuntime::Wasm,
        sha256: sha256.to_owned(),
        bytes: 3,
        description: serde_json::json!({}),
        limits: serde_json::json!({}),
        activate: true,
    };
    catalog.add_plugin_version(&Actor::new("alice", "cli"), new, 0).unwrap();
}

#[tokio::test]
async fn a_blob_lies_under_its_digest_and_outlives_the_program() {
    let root = temp_dir();
    let dir = root.path().join("blobs");
    let blobs = Blobs::local(&dir).unwrap();
    assert!(blobs.list().await.unwrap().is_empty());
    for (text, sha256) in [("abc", ABC), ("", NOTHING), ("abc", ABC)] {
        assert_eq!(blobs.put(bytes(text)).await.unwrap(), sha256);
        assert_eq!(fs::read(file_of(&dir, sha256)).unwrap(), text.as_bytes());
    }
    drop(blobs);
    let blobs = Blobs::local(&dir).unwrap();
    assert_eq!(blobs.list().await.unwrap(), [ABC, NOTHING]);
    assert_eq!(blobs.get(ABC).await.unwrap(), Some(bytes("abc")));
    assert_eq!(blobs.get(NOTHING).await.unwrap(), Some(bytes("")));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&dir).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700);
    for _ in 0..2 {
        blobs.delete(ABC).await.unwrap();
        assert_eq!(blobs.get(ABC).await.unwrap(), None);
        assert_eq!(blobs.list().await.unwrap(), [NOTHING]);
    }
}

#[tokio::test]
async fn what_is_no_digest_names_no_blob() {
    let root = temp_dir();
    let blobs = Blobs::local(&root.path().join("blobs")).unwrap();
    blobs.put(bytes("abc")).await.unwrap();
    fs::write(root.path().join("secret"), "keep me").unwrap();
    let upper = ABC.to_ascii_uppercase();
    for name in ["", "ba", "../secret", &ABC[1..], &upper, &format!("{ABC}0"), &format!("ba/{ABC}"), NOTHING] {
        assert_eq!(blobs.get(name).await.unwrap(), None, "{name}");
        blobs.delete(name).await.unwrap();
    }
    assert_eq!(blobs.list().await.unwrap(), [ABC]);
    assert!(root.path().join("secret").exists());
}

#[tokio::test]
async fn a_damaged_blob_is_an_error_that_names_it_and_is_mended_by_putting_it_again() {
    let root = temp_dir();
    let blobs = Blobs::local(root.path()).unwrap();
    blobs.put(bytes("abc")).await.unwrap();
    let path = file_of(root.path(), ABC);
    for (damage, detail) in [(&b"abd"[..], "3 bytes"), (b"ab", "2 bytes"), (b"abcd", "4 bytes"), (b"", NOTHING)] {
        fs::write(&path, damage).unwrap();
        let error = blobs.get(ABC).await.unwrap_err();
        assert!(matches!(error, EngineError::Corrupt { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(&format!("blobs/ba/{ABC}")) && text.contains(detail), "{text}");
        assert_eq!(blobs.list().await.unwrap(), [ABC], "it is there, though damaged");
        assert_eq!(blobs.put(bytes("abc")).await.unwrap(), ABC);
        assert_eq!(blobs.get(ABC).await.unwrap(), Some(bytes("abc")));
    }
}

#[tokio::test]
async fn a_blob_has_a_bound_when_it_is_put_and_when_it_is_read() {
    let root = temp_dir();
    let blobs = Blobs::local(root.path()).unwrap();
    let error = blobs.put(vec![0; BLOB_BYTES_MAX + 1].into()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::TooLarge);
    assert_eq!(error.to_string(), "blob of 268435457 bytes is larger than 268435456 bytes");
    assert!(blobs.list().await.unwrap().is_empty());
    blobs.put(bytes("abc")).await.unwrap();
    // a hole: it takes no room
    fs::File::create(file_of(root.path(), ABC)).unwrap().set_len(BLOB_BYTES_MAX as u64 + 1).unwrap();
    let error = blobs.get(ABC).await.unwrap_err();
    assert!(error.to_string().contains("268435457 bytes, blobs have at most 268435456"), "{error}");
}

#[tokio::test]
async fn what_is_no_blob_is_not_listed() {
    let root = temp_dir();
    let blobs = Blobs::local(root.path()).unwrap();
    blobs.put(bytes("abc")).await.unwrap();
    let folder = root.path().join("ba");
    // the second is what a crash in the middle of an upload leaves
    for name in ["readme", &format!("{ABC}#1"), NOTHING, &ABC[1..]] {
        fs::write(folder.join(name), "ab").unwrap();
    }
    fs::write(root.path().join(ABC), "abc").unwrap();
    assert_eq!(blobs.list().await.unwrap(), [ABC]);
    assert_eq!(blobs.get(NOTHING).await.unwrap(), None);
}

#[tokio::test]
async fn a_store_out_of_service_is_told_and_leaves_what_was() {
    let store = FaultyStore::new(Arc::new(InMemory::new()));
    let blobs = Blobs::new(store.clone());
    blobs.put(bytes("abc")).await.unwrap();
    store.fail_get.store(true, Ordering::SeqCst);
    for error in [blobs.get(ABC).await.unwrap_err(), blobs.put(bytes("abc")).await.unwrap_err()] {
        assert_eq!(error.to_string(), format!("object blobs/ba/{ABC} could not be read"));
    }
    store.fail_get.store(false, Ordering::SeqCst);
    store.fail_delete.store(true, Ordering::SeqCst);
    let error = blobs.delete(ABC).await.unwrap_err();
    assert_eq!(error.to_string(), format!("object blobs/ba/{ABC} could not be deleted"));
    store.fail_delete.store(false, Ordering::SeqCst);
    store.fail_put.store(true, Ordering::SeqCst);
    let error = blobs.put(bytes("")).await.unwrap_err();
    assert_eq!(error.to_string(), format!("object blobs/e3/{NOTHING} could not be written"));
    assert_eq!(blobs.put(bytes("abc")).await.unwrap(), ABC, "what is there needs no write");
    assert_eq!(blobs.list().await.unwrap(), [ABC]);
}

#[tokio::test]
async fn a_blob_that_could_not_be_synced_is_not_taken_for_whole() {
    let root = temp_dir();
    let store = Arc::new(InMemory::new());
    // there is nothing to sync at the place where its objects are said to be
    let unsynced = Blobs { root: Some(root.path().to_owned()), ..Blobs::new(store.clone()) };
    let error = unsynced.put(bytes("abc")).await.unwrap_err();
    assert!(error.to_string().contains("could not sync"), "{error}");
    let blobs = Blobs::new(store);
    assert!(blobs.list().await.unwrap().is_empty());
    // but one that others have put stays
    blobs.put(bytes("abc")).await.unwrap();
    unsynced.put(bytes("abc")).await.unwrap_err();
    assert_eq!(blobs.get(ABC).await.unwrap(), Some(bytes("abc")));
}

#[tokio::test]
async fn nothing_is_deleted_while_somebody_keeps_the_blobs() {
    let rig = Rig::new();
    let engine = rig.open().await;
    let (blobs, catalog) = (engine.blobs(), rig.catalog());
    let kept = engine.blobs().keep().await;
    blobs.put(bytes("abc")).await.unwrap();
    blobs.put(bytes("")).await.unwrap();
    {
        let mut one = Box::pin(blobs.delete(NOTHING));
        let mut unused = Box::pin(blobs.delete_unused(&catalog));
        assert!(futures::poll!(&mut one).is_pending() && futures::poll!(&mut unused).is_pending());
        upload(&catalog, "scrub", ABC);
        assert_eq!(blobs.list().await.unwrap().len(), 2);
        drop(kept);
        one.await.unwrap();
        assert_eq!(unused.await.unwrap(), 0, "the one was named meanwhile, the other is gone");
    }
    assert_eq!(blobs.list().await.unwrap(), [ABC]);
}

#[tokio::test]
async fn only_blobs_that_the_catalog_does_not_name_are_unused() {
    let rig = Rig::new();
    let engine = rig.open().await;
    let (blobs, catalog) = (engine.blobs(), rig.catalog());
    for text in ["abc", "", "more", "less"] {
        blobs.put(bytes(text)).await.unwrap();
    }
    for name in ["a", "b"] {
        upload(&catalog, name, ABC);
    }
    for (deleted, left) in [(None, 3), (Some("a"), 0), (Some("b"), 1)] {
        if let Some(name) = deleted {
            catalog.delete_plugin(&Actor::new("alice", "cli"), name, 0).unwrap();
        }
        assert_eq!(blobs.delete_unused(&catalog).await.unwrap(), left, "after {deleted:?}");
    }
    assert!(blobs.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_backup_holds_the_blobs_that_its_catalog_names() {
    let rig = Rig::new();
    let engine = rig.open().await;
    append(&engine, 0..5).await.unwrap();
    for text in ["abc", "", "not named"] {
        engine.blobs().put(bytes(text)).await.unwrap();
    }
    upload(&rig.catalog(), "scrub", ABC);
    upload(&rig.catalog(), "geo", NOTHING);
    let dir = temp_dir();
    let backup = dir.path().join("backup");
    let report = engine.backup(&backup).await.unwrap();
    assert_eq!((report.rows, report.blobs, report.blob_bytes), (5, 2, 3));

    let mut remote = Rig::new();
    remote.options.remote_store = true;
    remote.store = Some(Arc::new(InMemory::new()));
    for restored in [Rig::new(), remote] {
        assert_eq!(restore(&backup, restored.path(), restored.store.clone()).await.unwrap(), report);
        let copy = restored.open().await;
        assert_eq!(copy.blobs().list().await.unwrap(), [ABC, NOTHING]);
        assert_eq!(copy.blobs().get(ABC).await.unwrap(), Some(bytes("abc")));
        let checked = copy.check().await.unwrap();
        assert!(checked.is_sound(), "{:?}", checked.findings);
        assert_eq!((checked.blobs, checked.blob_bytes, checked.notes.len()), (2, 3, 0));
        assert_eq!(restored.catalog().plugins().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_backup_with_a_damaged_or_missing_blob_is_neither_made_nor_restored() {
    let rig = Rig::new();
    let engine = rig.open().await;
    engine.blobs().put(bytes("abc")).await.unwrap();
    upload(&rig.catalog(), "scrub", ABC);
    let dir = temp_dir();
    let backup = dir.path().join("backup");
    engine.backup(&backup).await.unwrap();
    for (what, expected) in [("damaged", "SHA-256 of its 2 bytes"), ("missing", "is missing"), ("none", "is missing")] {
        let bad = dir.path().join(what);
        copy_dir(&backup, &bad);
        for blobs in [bad.join("blobs"), rig.path().join("blobs")] {
            let file = file_of(&blobs, ABC);
            match what {
                "damaged" => fs::write(file, "ab").unwrap(),
                "missing" => fs::remove_file(file).unwrap(),
                _ => fs::remove_dir_all(blobs).unwrap(),
            }
        }
        let data = Rig::new();
        let restored = restore(&bad, data.path(), None).await.unwrap_err();
        let unfinished = dir.path().join(format!("{what}-again"));
        let made = engine.backup(&unfinished).await.unwrap_err();
        for error in [restored, made] {
            let text = error.to_string();
            assert!(text.contains(expected) && text.contains(ABC), "{what}: {text}");
        }
        assert!(!data.path().join("catalog.db").exists() && !unfinished.join("catalog.db").exists());
        assert_eq!(engine.blobs().put(bytes("abc")).await.unwrap(), ABC, "putting it again mends it");
    }
    engine.backup(&dir.path().join("mended")).await.unwrap();
}

#[tokio::test]
async fn a_check_finds_damaged_and_missing_blobs_and_notes_those_that_nothing_names() {
    let rig = Rig::new();
    let engine = rig.open().await;
    let good = engine.blobs().put(bytes("good")).await.unwrap();
    let stray = engine.blobs().put(bytes("stray")).await.unwrap();
    engine.blobs().put(bytes("abc")).await.unwrap();
    for (name, sha256) in [("a", ABC), ("b", NOTHING), ("c", &good)] {
        upload(&rig.catalog(), name, sha256);
    }
    fs::write(file_of(&rig.path().join("blobs"), ABC), "ab").unwrap();
    let online = engine.check().await.unwrap();
    drop(engine);
    let offline = check_offline(&rig.options, &rig.catalog(), &rig.local_store()).await.unwrap();
    for report in [&online, &offline] {
        let found: Vec<_> = report.findings.iter().map(|f| (f.subject.clone(), &f.detail[..10])).collect();
        let path = |sha256: &str| format!("blobs/{}/{sha256}", &sha256[..2]);
        assert_eq!(found, [(path(ABC), "SHA-256 of"), (path(NOTHING), "it is miss")]);
        let notes: Vec<_> = report.notes.iter().map(|f| (f.subject.clone(), f.detail.as_str())).collect();
        assert_eq!(notes, [(path(&stray), "blob is not in the catalog")]);
        assert_eq!((report.blobs, report.blob_bytes), (1, 4));
    }
    fs::remove_dir_all(rig.path().join("blobs")).unwrap();
    let offline = check_offline(&rig.options, &rig.catalog(), &rig.local_store()).await.unwrap();
    assert_eq!(offline.findings.len(), 3, "{:?}", offline.findings);
    assert!(!rig.path().join("blobs").exists(), "a check makes nothing");
}

#[tokio::test]
async fn blobs_without_a_catalog_are_not_taken_for_an_empty_directory() {
    let rig = Rig::new();
    let blobs = Blobs::local(&rig.path().join("blobs")).unwrap();
    drop(crate::open_catalog(rig.path()).unwrap());
    fs::remove_file(rig.path().join("catalog.db")).unwrap();
    blobs.put(bytes("abc")).await.unwrap();
    let error = crate::open_catalog(rig.path()).unwrap_err();
    assert!(matches!(error, EngineError::CatalogMissing { .. }), "{error}");
    assert!(error.to_string().contains("holds blobs but its catalog is missing"), "{error}");
}
