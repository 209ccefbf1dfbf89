use crate::live_file::LiveFile;
use crate::test_support::store::FaultyStore;
use crate::test_support::{HOUR_NS, HOUR_START, Rig, append, logged};
use crate::{Engine, EngineError, check_offline};
use lincei_model::telemetry::{Counter, Gauge};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Files of one row each, in order.
async fn files(rig: &Rig, count: u64) -> (Engine, Vec<Arc<LiveFile>>) {
    let engine = rig.open().await;
    for n in 0..count {
        append(&engine, [n]).await.unwrap();
        engine.flush().await.unwrap();
    }
    let mut files = engine.files();
    files.sort_by_key(|f| f.min_time_ns);
    (engine, files)
}

fn path(rig: &Rig, file: &LiveFile) -> PathBuf {
    rig.path().join("parquet").join(&file.path)
}

fn flip(path: &PathBuf, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    let length = bytes.len();
    bytes[at % length] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn compaction_sets_a_damaged_file_aside_and_merges_the_rest() {
    let rig = Rig::new();
    let (engine, files) = files(&rig, 6).await;
    flip(&path(&rig, &files[1]), 100);
    fs::remove_file(path(&rig, &files[3])).unwrap();
    rig.clock.set(HOUR_START + 2 * HOUR_NS);
    let report = engine.compact().await.unwrap();
    assert_eq!((report.quarantined, report.merges, report.files_in), (2, 1, 4));
    assert_eq!(logged(&engine).await, [0, 2, 4, 5]);
    assert!(path(&rig, &files[1]).exists(), "kept for whoever can still read something out of it");
    assert_eq!(rig.telemetry.counter(Counter::QuarantinedFiles), 2);
    assert_eq!(rig.telemetry.gauge(Gauge::Files), 1);
    let aside = rig.catalog().quarantined().unwrap();
    let reasons: Vec<_> = aside.iter().map(|q| q.reason.as_str()).collect();
    assert!(reasons[0].contains("crc-32"), "{reasons:?}");
    assert!(reasons[1].contains("missing"), "{reasons:?}");
    // a restart neither deletes nor serves it
    drop(files);
    drop(engine);
    let engine = rig.open().await;
    engine.delete_obsolete().await.unwrap();
    assert_eq!(logged(&engine).await, [0, 2, 4, 5]);
    let report = engine.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(report.notes.len(), 2);
}

#[tokio::test]
async fn a_suspected_file_is_verified_before_it_is_set_aside() {
    let rig = Rig::new();
    let (engine, files) = files(&rig, 2).await;
    assert!(!engine.inspect(&files[0]).await.unwrap(), "a sound file stays");
    flip(&path(&rig, &files[1]), 9);
    engine.suspect(&files[1], "page checksum");
    engine.suspect(&files[1], "page checksum");
    while engine.files().len() == 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(logged(&engine).await, [0]);
    assert_eq!(rig.catalog().quarantined().unwrap().len(), 1);
    assert!(!engine.inspect(&files[1]).await.unwrap(), "nothing more to do");
}

#[tokio::test]
async fn a_store_that_fails_is_no_proof_against_a_file() {
    let mut rig = Rig::new();
    let store = FaultyStore::new(rig.local_store());
    rig.store = Some(store.clone());
    let (engine, files) = files(&rig, 4).await;
    store.fail_get.store(true, Ordering::SeqCst);
    assert!(matches!(engine.inspect(&files[0]).await, Err(EngineError::Unverified { .. })));
    rig.clock.set(HOUR_START + 2 * HOUR_NS);
    engine.compact().await.unwrap_err();
    assert_eq!(engine.files().len(), 4);
    assert_eq!(rig.telemetry.counter(Counter::CompactionFailures), 1);
    // not again at once, but later
    assert_eq!(engine.compact().await.unwrap().merges, 0);
    assert_eq!(rig.telemetry.counter(Counter::CompactionFailures), 1);
    store.fail_get.store(false, Ordering::SeqCst);
    rig.clock.set(HOUR_START + 2 * HOUR_NS + 10_000_000_000);
    assert_eq!(engine.compact().await.unwrap().merges, 1);
    assert_eq!(logged(&engine).await, [0, 1, 2, 3]);
}

#[tokio::test]
async fn check_names_everything_that_is_wrong_and_changes_nothing() {
    let rig = Rig::new();
    let (engine, files) = files(&rig, 3).await;
    append(&engine, 3..9).await.unwrap();
    append(&engine, 9..12).await.unwrap();
    let sound = engine.check().await.unwrap();
    assert!(sound.is_sound() && sound.notes.is_empty(), "{sound:?}");
    assert_eq!((sound.files, sound.segments, sound.frames), (3, 1, 2));
    assert_eq!(sound.file_bytes, files.iter().map(|f| f.bytes).sum::<u64>());

    let (damaged, missing) = (path(&rig, &files[0]), path(&rig, &files[2]));
    flip(&damaged, 50);
    fs::remove_file(&missing).unwrap();
    let segment = rig.segments().remove(0);
    flip(&segment, 40 + 32 + 5);
    fs::write(rig.path().join("parquet/stray.parquet"), "x").unwrap();
    let online = engine.check().await.unwrap();
    drop(engine);
    let catalog = rig.catalog();
    let offline = check_offline(&rig.options, &catalog, &rig.local_store()).await.unwrap();
    for report in [online, offline] {
        let mut findings: Vec<_> = report.findings.iter().map(|f| (f.subject.as_str(), f.detail.as_str())).collect();
        findings.sort_unstable();
        let mut expected = vec![files[0].path.as_str(), files[2].path.as_str(), segment.to_str().unwrap()];
        expected.sort_unstable();
        assert_eq!(findings.iter().map(|f| f.0).collect::<Vec<_>>(), expected);
        assert!(findings.iter().any(|f| f.1.contains("at byte 40: frame 4 does not match")), "{findings:?}");
        assert_eq!((report.frames, report.notes.len()), (1, 1));
        assert_eq!(report.notes[0].subject, "stray.parquet");
    }
    assert_eq!(catalog.files().unwrap().len(), 3, "nothing was set aside");
    assert!(!rig.path().join("quarantine").exists());
}

#[tokio::test]
async fn an_offline_check_needs_the_directory_to_itself() {
    let rig = Rig::new();
    let engine = rig.open().await;
    let catalog = rig.catalog();
    let refused = check_offline(&rig.options, &catalog, &rig.local_store()).await;
    assert!(matches!(refused, Err(EngineError::InUse { .. })));
    drop(engine);
    assert!(check_offline(&rig.options, &catalog, &rig.local_store()).await.unwrap().is_sound());
}
