use crate::memory::MemoryBudget;
use crate::test_support::{HOUR_START, Rig, append, copy_dir, logged, numbered, numbered_at, numbers, temp_dir};
use crate::version::State;
use crate::wal::{self, Replay};
use crate::{EngineError, Recovery};
use lincei_catalog::Catalog;
use lincei_model::{Table, Telemetry, TenantId, TimeRange};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A directory whose log holds appends of rows 0..3, 3..6, 6..9 in one segment.
async fn three_frames() -> (Rig, Vec<u8>) {
    let rig = Rig::new();
    let engine = rig.open().await;
    for n in 0..3 {
        append(&engine, n * 3..n * 3 + 3).await.unwrap();
    }
    drop(engine);
    let bytes = fs::read(&rig.segments()[0]).unwrap();
    (rig, bytes)
}

/// Where frames start: header lengths are in the module documentation.
fn frame_starts(bytes: &[u8]) -> Vec<usize> {
    let mut at = 40;
    let mut starts = Vec::new();
    while at < bytes.len() {
        starts.push(at);
        at += 32 + u32::from_le_bytes(bytes[at + 16..at + 20].try_into().unwrap()) as usize;
    }
    assert_eq!(at, bytes.len());
    starts
}

/// Replays a log whose only segment has these bytes, without an engine around it: opening a
/// catalog for each of a thousand damaged bytes would take minutes.
fn replay_bytes(bytes: &[u8]) -> (TempDir, Vec<u64>, Replay) {
    let dir = temp_dir();
    let log = dir.path().join("wal");
    fs::create_dir(&log).unwrap();
    fs::write(log.join("00000000000000000001.wal"), bytes).unwrap();
    let telemetry = Arc::new(Telemetry::default());
    let state = State::new(Vec::new(), Arc::new(MemoryBudget::new(1 << 30)), telemetry, 1 << 30);
    let keep = |rows| state.insert(vec![rows], 0);
    let replayed = wal::replay(&log, &dir.path().join("quarantine"), 0, keep).unwrap();
    let memory = state.snapshot(&TenantId::default(), Table::Logs, &TimeRange::ALL).memory;
    (dir, numbers(&memory), replayed)
}

fn segment_of(dir: &TempDir) -> Option<PathBuf> {
    wal::list_segments(&dir.path().join("wal")).unwrap().pop().map(|s| s.path)
}

/// Opens a copy of the directory whose only segment has other bytes.
async fn open_with(rig: &Rig, bytes: &[u8]) -> (Rig, Vec<u64>, Recovery) {
    let copy = Rig::new();
    copy_dir(rig.path(), copy.path());
    fs::write(&copy.segments()[0], bytes).unwrap();
    let (engine, recovery) = copy.try_open().await.unwrap();
    let rows = logged(&engine).await;
    drop(engine);
    (copy, rows, recovery)
}

#[tokio::test]
async fn replay_brings_back_every_append() {
    let (rig, bytes) = three_frames().await;
    let (copy, rows, recovery) = open_with(&rig, &bytes).await;
    assert_eq!(rows, (0..9).collect::<Vec<_>>());
    assert_eq!((recovery.replayed_frames, recovery.replayed_rows, recovery.torn_bytes), (3, 9, 0));
    assert!(recovery.damaged.is_empty());
    // again, and with rows after the replay
    let engine = copy.open().await;
    append(&engine, 9..12).await.unwrap();
    drop(engine);
    assert_eq!(copy.segments().len(), 2, "a segment is only written by the process that made it");
    let engine = copy.open().await;
    assert_eq!(logged(&engine).await, (0..12).collect::<Vec<_>>());
    engine.flush().await.unwrap();
    assert!(copy.segments().is_empty());
    assert_eq!(logged(&engine).await, (0..12).collect::<Vec<_>>());
}

/// A crash in the middle of a write, at every byte of it.
#[tokio::test]
async fn a_torn_tail_is_cut_at_every_byte() {
    let (rig, bytes) = three_frames().await;
    let last = *frame_starts(&bytes).last().unwrap();
    for length in last..bytes.len() {
        let (dir, rows, replayed) = replay_bytes(&bytes[..length]);
        assert_eq!(rows, (0..6).collect::<Vec<_>>(), "cut to {length}");
        assert_eq!(replayed.torn_bytes as usize, length - last, "cut to {length}");
        assert!(replayed.damaged.is_empty(), "cut to {length}: {:?}", replayed.damaged);
        assert_eq!(fs::metadata(segment_of(&dir).unwrap()).unwrap().len() as usize, last);
        assert_eq!((replayed.next_segment, replayed.next_frame), (2, 3));
    }
    // and through the engine, which goes on behind the cut
    let (copy, rows, recovery) = open_with(&rig, &bytes[..bytes.len() - 1]).await;
    assert_eq!(rows, (0..6).collect::<Vec<_>>());
    assert_eq!(recovery.torn_bytes as usize, bytes.len() - 1 - last);
    let engine = copy.open().await;
    append(&engine, 6..9).await.unwrap();
    drop(engine);
    let (engine, recovery) = copy.try_open().await.unwrap();
    assert_eq!(logged(&engine).await, (0..9).collect::<Vec<_>>());
    assert!(recovery.damaged.is_empty() && recovery.torn_bytes == 0);
}

#[tokio::test]
async fn a_torn_segment_header_is_removed_and_its_number_used_again() {
    let (rig, bytes) = three_frames().await;
    for length in 0..40 {
        let (dir, rows, replayed) = replay_bytes(&bytes[..length]);
        assert!(rows.is_empty());
        assert_eq!((replayed.torn_bytes as usize, replayed.damaged.len()), (length, 0));
        assert_eq!((segment_of(&dir), replayed.next_segment), (None, 1));
    }
    let (_, rows, replayed) = replay_bytes(&bytes[..40]);
    assert!(rows.is_empty() && replayed.torn_bytes == 0 && replayed.damaged.is_empty());
    let (copy, ..) = open_with(&rig, &bytes[..39]).await;
    let engine = copy.open().await;
    append(&engine, [1]).await.unwrap();
    assert!(copy.segments()[0].ends_with("00000000000000000001.wal"));
}

#[tokio::test]
async fn a_damaged_frame_is_reported_and_the_others_served() {
    let (_rig, bytes) = three_frames().await;
    let starts = frame_starts(&bytes);
    // every byte of the header, and some of the body
    for at in (starts[1]..starts[1] + 40).chain((starts[1] + 40..starts[2]).step_by(23)) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        let (_dir, rows, replayed) = replay_bytes(&damaged);
        assert_eq!(rows, [0, 1, 2, 6, 7, 8], "byte {at}");
        assert_eq!(replayed.damaged.len(), 1, "byte {at}: {:?}", replayed.damaged);
        let report = &replayed.damaged[0];
        assert_eq!((report.segment, report.offset as usize), (1, starts[1]));
        assert_eq!(report.bytes as usize, starts[2] - starts[1]);
        assert_eq!(fs::read(report.set_aside.as_ref().unwrap()).unwrap(), damaged, "a copy of the whole segment");
        assert_eq!(replayed.torn_bytes, 0);
    }
}

#[tokio::test]
async fn damage_in_the_last_frame_is_not_taken_for_a_torn_write() {
    let (_rig, bytes) = three_frames().await;
    let last = *frame_starts(&bytes).last().unwrap();
    for at in (last..last + 40).chain((last + 40..bytes.len()).step_by(23)) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        let (_dir, rows, replayed) = replay_bytes(&damaged);
        assert_eq!(rows, (0..6).collect::<Vec<_>>(), "byte {at}");
        assert_eq!((replayed.damaged.len(), replayed.torn_bytes), (1, 0), "byte {at}");
    }
}

#[tokio::test]
async fn a_damaged_segment_header_costs_no_rows() {
    let (_rig, bytes) = three_frames().await;
    for at in 0..40 {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        let (_dir, rows, replayed) = replay_bytes(&damaged);
        assert_eq!(rows, (0..9).collect::<Vec<_>>(), "byte {at}");
        assert_eq!(replayed.damaged.len(), 1, "byte {at}");
    }
}

#[tokio::test]
async fn garbage_between_and_after_frames_is_skipped() {
    let (_rig, bytes) = three_frames().await;
    let starts = frame_starts(&bytes);
    let magic = &bytes[starts[0]..starts[0] + 8];
    // longer than what is searched at once as well
    for garbage in [vec![0; 5000], vec![0xD7; 100], magic.to_vec(), [magic, &[0; 100]].concat(), vec![1; (1 << 20) + 4]]
    {
        let between = [&bytes[..starts[1]], &garbage, &bytes[starts[1]..]].concat();
        let (_dir, rows, replayed) = replay_bytes(&between);
        assert_eq!(rows, (0..9).collect::<Vec<_>>());
        let lost: u64 = replayed.damaged.iter().map(|d| d.bytes).sum();
        assert_eq!(lost as usize, garbage.len());
        let after = [&bytes[..], &garbage].concat();
        let (_dir, rows, replayed) = replay_bytes(&after);
        assert_eq!(rows, (0..9).collect::<Vec<_>>());
        let lost: u64 = replayed.damaged.iter().map(|d| d.bytes).sum();
        assert_eq!(lost + replayed.torn_bytes, garbage.len() as u64);
    }
}

#[tokio::test]
async fn frames_that_are_missing_are_reported() {
    let (rig, bytes) = three_frames().await;
    let starts = frame_starts(&bytes);
    let without = [&bytes[..starts[1]], &bytes[starts[2]..]].concat();
    let (_, rows, recovery) = open_with(&rig, &without).await;
    assert_eq!(rows, [0, 1, 2, 6, 7, 8]);
    assert_eq!(recovery.damaged.len(), 1);
    assert_eq!(recovery.damaged[0].detail, "frames 2 to 2 are missing");
}

/// A write that failed was cut off, but the cut did not reach the disk before the crash.
#[tokio::test]
async fn frames_left_behind_by_a_write_that_was_cut_off_are_not_served_twice() {
    let (rig, bytes) = three_frames().await;
    let starts = frame_starts(&bytes);
    let twice = [&bytes[..], &bytes[starts[1]..]].concat();
    let (_, rows, recovery) = open_with(&rig, &twice).await;
    assert_eq!(rows, (0..9).collect::<Vec<_>>());
    assert!(recovery.damaged.is_empty());
}

/// A log of several segments, three rows in each.
async fn segments(count: u64) -> Rig {
    let mut rig = Rig::new();
    rig.options.wal_segment_bytes_max = 1;
    let engine = rig.open().await;
    for n in 0..count {
        append(&engine, n * 3..n * 3 + 3).await.unwrap();
    }
    drop(engine);
    assert_eq!(rig.segments().len() as u64, count);
    rig
}

#[tokio::test]
async fn a_missing_segment_is_reported() {
    for (missing, rows, detail) in
        [(0, vec![3, 4, 5, 6, 7, 8], "starts at segment 2"), (1, vec![0, 1, 2, 6, 7, 8], "frames 2 to 2 are missing")]
    {
        let rig = segments(3).await;
        fs::remove_file(&rig.segments()[missing]).unwrap();
        match rig.try_open().await {
            Ok((engine, recovery)) => {
                assert_eq!(logged(&engine).await, rows);
                assert_eq!(recovery.damaged.len(), 1);
                assert!(recovery.damaged[0].detail.contains(detail), "{:?}", recovery.damaged);
            }
            // with nothing flushed yet, a log that does not start at 1 is not this catalog's
            Err(error) => assert!(error.to_string().contains(detail), "{error}"),
        }
    }
}

#[tokio::test]
async fn the_first_segment_after_a_flush_may_not_be_missing_either() {
    let rig = segments(1).await;
    let engine = rig.open().await;
    engine.flush().await.unwrap();
    append(&engine, 3..6).await.unwrap();
    drop(engine);
    let only = rig.segments().remove(0);
    fs::rename(&only, only.with_file_name("00000000000000000005.wal")).unwrap();
    let (engine, recovery) = rig.try_open().await.unwrap();
    assert_eq!(logged(&engine).await, (0..6).collect::<Vec<_>>());
    let details: Vec<_> = recovery.damaged.iter().map(|d| d.detail.as_str()).collect();
    assert_eq!(details, ["segments 2 to 4 are missing", "segment header says number 2"]);
}

#[tokio::test]
async fn check_mentions_segments_that_were_set_aside() {
    let (rig, mut bytes) = three_frames().await;
    bytes[40 + 32] ^= 1;
    let (copy, ..) = open_with(&rig, &bytes).await;
    let engine = copy.open().await;
    assert_eq!(engine.check().await.unwrap().findings.len(), 1, "still in the log");
    engine.flush().await.unwrap();
    let report = engine.check().await.unwrap();
    assert!(report.is_sound());
    assert_eq!(report.notes.len(), 1);
    assert!(report.notes[0].subject.ends_with("quarantine/00000000000000000001.wal"));
}

#[tokio::test]
async fn a_cut_in_a_segment_that_is_not_the_last_is_damage() {
    let rig = segments(3).await;
    let second = rig.segments().remove(1);
    let bytes = fs::read(&second).unwrap();
    fs::write(&second, &bytes[..bytes.len() - 1]).unwrap();
    let (engine, recovery) = rig.try_open().await.unwrap();
    assert_eq!(logged(&engine).await, [0, 1, 2, 6, 7, 8]);
    assert_eq!((recovery.damaged.len(), recovery.torn_bytes), (1, 0));
    assert_eq!(recovery.damaged[0].segment, 2);
    assert!(recovery.damaged[0].set_aside.is_some());
}

/// Another version's log is not damage: nothing is set aside or removed.
#[tokio::test]
async fn a_log_of_another_version_is_refused() {
    let (rig, bytes) = three_frames().await;
    let mut newer = bytes.clone();
    newer[8] = 2;
    let crc = crc32fast::hash(&newer[..36]);
    newer[36..40].copy_from_slice(&crc.to_le_bytes());
    fs::write(&rig.segments()[0], &newer).unwrap();
    let refused = rig.try_open().await.err().unwrap();
    assert!(matches!(refused, EngineError::WalVersion { .. }), "{refused}");
    assert!(refused.to_string().ends_with("format version 2, this version reads 1"), "{refused}");
    assert_eq!(fs::read(&rig.segments()[0]).unwrap(), newer);
}

#[tokio::test]
async fn flushed_segments_that_a_crash_left_are_not_replayed() {
    let (rig, bytes) = three_frames().await;
    let engine = rig.open().await;
    engine.flush().await.unwrap();
    drop(engine);
    fs::write(rig.path().join("wal/00000000000000000001.wal"), bytes).unwrap();
    let (engine, recovery) = rig.try_open().await.unwrap();
    assert_eq!(recovery.replayed_frames, 0);
    assert_eq!(logged(&engine).await, (0..9).collect::<Vec<_>>());
    assert!(rig.segments().is_empty());
}

#[tokio::test]
async fn files_that_are_not_segments_are_left_alone() {
    let (rig, _) = three_frames().await;
    for name in ["1.wal", "notes.txt", "0000000000000000000x.wal"] {
        fs::write(rig.path().join("wal").join(name), "x").unwrap();
    }
    let engine = rig.open().await;
    engine.flush().await.unwrap();
    assert_eq!(fs::read_dir(rig.path().join("wal")).unwrap().count(), 3);
}

/// The log of version 1 as released; every later version opens it. Two appends: rows 0..3 of
/// `logs`, and rows 3..5 of `logs` and 5..7 an hour earlier, of tenant `default`.
#[tokio::test]
async fn the_log_of_version_1_is_read() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1/wal/00000000000000000001.wal");
    if std::env::var_os("LINCEI_WRITE_FIXTURES").is_some() {
        write_fixture(&fixture).await;
    }
    let rig = Rig::new();
    fs::create_dir(rig.path().join("wal")).unwrap();
    drop(Catalog::open(&rig.path().join("catalog.db")).unwrap());
    fs::copy(&fixture, rig.path().join("wal/00000000000000000001.wal")).unwrap();
    let (engine, recovery) = rig.try_open().await.unwrap();
    assert_eq!((recovery.replayed_frames, recovery.replayed_rows), (2, 7));
    assert!(recovery.damaged.is_empty());
    let rows = crate::test_support::rows(&engine, Table::Logs).await;
    let rows = arrow_select::concat::concat_batches(&Table::Logs.schema(), &rows).unwrap();
    let expected = [numbered(0..3), numbered(3..5), numbered_at(HOUR_START - 3_600_000_000_000, 5..7)];
    let expected: Vec<_> = expected.into_iter().map(lincei_model::Batch::into_records).collect();
    assert_eq!(rows, arrow_select::concat::concat_batches(&Table::Logs.schema(), &expected).unwrap());
}

async fn write_fixture(path: &PathBuf) {
    let rig = Rig::new();
    let engine = rig.open().await;
    append(&engine, 0..3).await.unwrap();
    let second = vec![numbered(3..5), numbered_at(HOUR_START - 3_600_000_000_000, 5..7)];
    engine.append(&TenantId::default(), second).await.unwrap();
    drop(engine);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::copy(&rig.segments()[0], path).unwrap();
}
