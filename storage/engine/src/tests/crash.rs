//! A crash at every fault point: what was acknowledged is there, each row once.

use crate::Engine;
use crate::fault::{Faults, POINTS};
use crate::test_support::deletion::Numbers;
use crate::test_support::{HOUR_NS, HOUR_START, Rig, copy_dir, logged, numbered, numbered_at, temp_dir};
use lincei_catalog::{Actor, Retention};
use lincei_model::{Table, TenantId};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Rows from this number on are deleted on request.
const GONE: u64 = 500_000;
/// Rows from this number on lie in an hour that retention removes.
const OLD: u64 = 1_000_000;

/// What a client knows at some moment.
#[derive(Clone, Debug, Default)]
struct Known {
    sent: BTreeSet<u64>,
    acknowledged: BTreeSet<u64>,
    /// The deletion came to its end.
    deleted: bool,
}

/// What happened.
enum Told {
    Sent(Vec<u64>),
    Acknowledged(Vec<u64>),
    Deleted,
}

impl Known {
    /// Holds what a restart shows against what the client knows.
    fn check(&self, rows: &[u64], moment: &str) {
        let unique: BTreeSet<u64> = rows.iter().copied().collect();
        assert_eq!(rows.len(), unique.len(), "{moment}: a row twice");
        let lost: Vec<_> = self.acknowledged.difference(&unique).filter(|n| **n < GONE).collect();
        assert!(lost.is_empty(), "{moment}: acknowledged rows are missing: {lost:?}");
        let foreign: Vec<_> = unique.difference(&self.sent).collect();
        assert!(foreign.is_empty(), "{moment}: rows that nobody sent: {foreign:?}");
        let resurrected: Vec<_> = unique.range(GONE..OLD).filter(|_| self.deleted).collect();
        assert!(resurrected.is_empty(), "{moment}: deleted rows are back: {resurrected:?}");
        for append in &self.sent.iter().map(|n| n / 10).collect::<BTreeSet<_>>() {
            let present = unique.range(append * 10..append * 10 + 10).count();
            let sent = self.sent.range(append * 10..append * 10 + 10).count();
            assert!(present == 0 || present == sent || *append * 10 >= GONE, "{moment}: half of append {append}");
        }
    }
}

fn rig() -> Rig {
    let mut rig = Rig::new();
    configure(&mut rig);
    rig
}

fn configure(rig: &mut Rig) {
    rig.options.wal_segment_bytes_max = 1;
    rig.options.compaction.closed_files_min = 2;
    rig.options.file_rows_max = 40;
    rig.clock.set(HOUR_START + 3 * HOUR_NS);
}

/// Passes every point, most of them several times. `tell` hears of sent rows, then of the answer.
async fn work(rig: &Rig, engine: &Engine, tell: impl Fn(Told)) {
    let tenant = TenantId::default();
    let send = async |batches: Vec<lincei_model::Batch>, numbers: Vec<u64>| {
        tell(Told::Sent(numbers.clone()));
        engine.append(&tenant, batches).await.unwrap();
        tell(Told::Acknowledged(numbers));
    };
    let old = HOUR_START - 100 * HOUR_NS;
    send(vec![numbered_at(old, OLD..OLD + 3)], (OLD..OLD + 3).collect()).await;
    for round in 0..3 {
        for i in 0..2 {
            let first = (round * 2 + i) * 10;
            // two hours, one append
            let batches = vec![numbered(first..first + 6), numbered_at(HOUR_START - HOUR_NS, first + 6..first + 10)];
            send(batches, (first..first + 10).collect()).await;
        }
        engine.flush().await.unwrap();
    }
    engine.compact().await.unwrap();
    engine.delete_obsolete().await.unwrap();
    // one file of which some rows go, one of which all go, and rows still in memory
    let hour_before = HOUR_START - HOUR_NS;
    let mixed = (100..104).chain(GONE..GONE + 5).collect::<Vec<_>>();
    let batches = vec![numbered(mixed.clone()), numbered_at(hour_before - HOUR_NS, GONE + 10..GONE + 15)];
    send(batches, mixed.into_iter().chain(GONE + 10..GONE + 15).collect()).await;
    engine.flush().await.unwrap();
    send(vec![numbered_at(hour_before, GONE + 20..GONE + 23)], (GONE + 20..GONE + 23).collect()).await;
    let predicate = Arc::new(Numbers::of(|n| (GONE..OLD).contains(&n)));
    engine.delete_rows(predicate.deletion(), Arc::default()).await.unwrap();
    tell(Told::Deleted);
    send(vec![numbered(110..120)], (110..120).collect()).await;
    let one_day = Retention { max_age: Some(Duration::from_secs(24 * 3600)), max_bytes: None };
    rig.catalog().set_retention(&Actor::new("test", "cli"), &tenant, Table::Logs, one_day, 1).unwrap();
    assert_eq!(engine.enforce_retention().await.unwrap(), 1);
    engine.delete_obsolete().await.unwrap();
    engine.flush().await.unwrap();
}

/// Reopens a directory after a crash, twice, and works on with it.
async fn recover(dir: TempDir, known: &Known, moment: &str) {
    let mut rig = Rig::at(dir);
    configure(&mut rig);
    let (engine, recovery) = rig.try_open().await.unwrap();
    assert!(recovery.damaged.is_empty(), "{moment}: {:?}", recovery.damaged);
    let rows = logged(&engine).await;
    known.check(&rows, moment);
    let report = engine.check().await.unwrap();
    assert!(report.is_sound() && report.notes.is_empty(), "{moment}: {report:?}");
    drop(engine);
    let engine = rig.open().await;
    assert_eq!(logged(&engine).await, rows, "{moment}: the second restart shows other rows");
    engine.append(&TenantId::default(), vec![numbered([999])]).await.unwrap();
    engine.flush().await.unwrap();
    engine.compact().await.unwrap();
    engine.shutdown().await.unwrap();
    let mut expected = rows;
    expected.push(999);
    expected.sort_unstable();
    assert_eq!(logged(&engine).await, expected, "{moment}: after going on");
    assert_eq!(rig.objects().len() as u64, engine.status().files, "{moment}: objects are left over");
    assert!(rig.catalog().intents().unwrap().is_empty());
}

/// The directory is copied at every point, each time it is passed: what `kill -9` would leave.
#[tokio::test]
async fn every_step_survives_a_crash() {
    // a segment for each append, and one for each flush
    for segment_bytes_max in [1, 64 << 20] {
        crash_at_every_step(segment_bytes_max).await;
    }
}

async fn crash_at_every_step(segment_bytes_max: u64) {
    let mut rig = rig();
    rig.options.wal_segment_bytes_max = segment_bytes_max;
    let known = Arc::new(Mutex::new(Known::default()));
    let crashes = Arc::new(Mutex::new(Vec::new()));
    {
        let (known, crashes, dir) = (known.clone(), crashes.clone(), rig.path().to_owned());
        rig.environment.faults = Faults::with_hook(move |point| {
            let copy = temp_dir();
            copy_dir(&dir, copy.path());
            crashes.lock().push((point, copy, known.lock().clone()));
        });
    }
    let engine = rig.open().await;
    work(&rig, &engine, |told| {
        let mut known = known.lock();
        match told {
            Told::Sent(numbers) => known.sent.extend(numbers),
            Told::Acknowledged(numbers) => known.acknowledged.extend(numbers),
            Told::Deleted => known.deleted = true,
        }
    })
    .await;
    drop(engine);
    let crashes = std::mem::take(&mut *crashes.lock());
    let mut passed: BTreeMap<&str, usize> = POINTS.iter().map(|p| (*p, 0)).collect();
    for (point, copy, known) in crashes {
        let count = passed.entry(point).or_default();
        *count += 1;
        recover(copy, &known, &format!("{point} for the {count}. time")).await;
    }
    let never: Vec<_> = passed.iter().filter(|(_, n)| **n == 0).map(|(p, _)| *p).collect();
    assert!(never.is_empty(), "points that were never reached: {never:?}");
}

const CHILD_DIR: &str = "LINCEI_TEST_CRASH_DIR";

/// Not a test of its own: the process that `every_step_survives_an_abort` starts.
#[tokio::test]
async fn abort_child() {
    let Some(dir) = std::env::var_os(CHILD_DIR) else { return };
    let mut rig = rig();
    rig.options.data_dir = dir.into();
    let catalog = Arc::new(crate::open_catalog(&rig.options.data_dir).unwrap());
    let root = rig.options.data_dir.join("parquet");
    std::fs::create_dir_all(&root).unwrap();
    let store = Arc::new(object_store::local::LocalFileSystem::new_with_prefix(root).unwrap());
    let opened = Engine::open(rig.options.clone(), catalog.clone(), store, rig.clock.clone(), rig.telemetry.clone());
    let (engine, _) = opened.await.unwrap();
    // the retention setting goes to this rig's catalog, so put it into the engine's as well
    let one_day = Retention { max_age: Some(Duration::from_secs(24 * 3600)), max_bytes: None };
    catalog.set_retention(&Actor::new("test", "cli"), &TenantId::default(), Table::Logs, one_day, 1).unwrap();
    work(&rig, &engine, |told| {
        let (what, numbers) = match told {
            Told::Sent(numbers) => ("sent", numbers),
            Told::Acknowledged(numbers) => ("acknowledged", numbers),
            Told::Deleted => ("deleted", Vec::new()),
        };
        let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
        println!("\n{what} {}", numbers.join(" "));
    })
    .await;
}

/// As above, with a process that really ends.
#[tokio::test]
async fn every_step_survives_an_abort() {
    let scratch = temp_dir();
    for point in POINTS {
        let dir = temp_dir();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["tests::crash::abort_child", "--exact", "--nocapture", "--test-threads=1"])
            .env(CHILD_DIR, dir.path())
            .env("TMPDIR", scratch.path())
            .env("LINCEI_FAULT", format!("{point}:2"))
            .output()
            .unwrap();
        let twice = child.status.signal().is_some();
        // some points are passed once only
        assert!(twice || child.status.success(), "{point}: {}", String::from_utf8_lossy(&child.stderr));
        let mut known = Known::default();
        for line in String::from_utf8(child.stdout).unwrap().lines() {
            let (set, numbers) = match line.split_once(' ') {
                Some(("sent", numbers)) => (&mut known.sent, numbers),
                Some(("acknowledged", numbers)) => (&mut known.acknowledged, numbers),
                Some(("deleted", _)) => {
                    known.deleted = true;
                    continue;
                }
                _ => continue,
            };
            set.extend(numbers.split(' ').map(|n| n.parse::<u64>().unwrap()));
        }
        assert!(known.sent.len() > 3, "{point}: the child did nothing");
        recover(dir, &known, point).await;
    }
}
