#![cfg(test)]
//! `kill -9` at random moments while rows are appended, flushed, merged and deleted: acknowledged
//! means present exactly once. `LINCEI_CRASH_ITERATIONS` sets how often (default 40).

use arrow_array::builder::{MapBuilder, MapFieldNames, StringViewBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch, StringViewArray, TimestampNanosecondArray, UInt8Array, new_null_array};
use lincei_engine::{DataDirLock, Engine, EngineOptions, Recovery, open_catalog};
use lincei_model::{Batch, Clock, SystemClock, Table, Telemetry, TenantId, TimeRange};
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const SOURCES: u64 = 4;
const HOUR_NS: i64 = 3_600_000_000_000;
/// Sequence numbers of one iteration.
const ITERATION: u64 = 1_000_000;
/// A directory is used for so many crashes, then a new one is begun.
const CRASHES_PER_DIRECTORY: usize = 8;
const DIR: &str = "LINCEI_TEST_CRASH_DIR";
const FIRST: &str = "LINCEI_TEST_CRASH_FIRST";

/// Everything small, so that each second holds many of every step.
fn options(dir: &Path) -> EngineOptions {
    let mut options = EngineOptions::new(dir);
    options.memtable_bytes_max = 4 << 20;
    options.wal_segment_bytes_max = 16 << 10;
    options.file_rows_max = 400;
    options.compaction.open_files_min = 3;
    options.compaction.closed_files_min = 2;
    options
}

async fn open(dir: &Path) -> (Engine, Recovery) {
    let lock = DataDirLock::acquire(dir).unwrap();
    let catalog = Arc::new(open_catalog(dir).unwrap());
    let root = dir.join("parquet");
    std::fs::create_dir_all(&root).unwrap();
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(root).unwrap());
    let telemetry = Arc::new(Telemetry::default());
    Engine::open_locked(lock, options(dir), catalog, store, Arc::new(SystemClock), telemetry).await.unwrap()
}

/// Log records of a source; the body is the sequence number.
fn numbered(source: u64, numbers: std::ops::Range<u64>, now_ns: i64) -> Batch {
    let schema = Table::Logs.schema();
    let rows = usize::try_from(numbers.end - numbers.start).unwrap();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.name().as_str() {
            // over three hours
            "time" => {
                let times = numbers.clone().map(|n| now_ns - i64::try_from(n % 3).unwrap() * HOUR_NS);
                Arc::new(TimestampNanosecondArray::from_iter_values(times).with_timezone("UTC"))
            }
            "severity_number" => Arc::new(UInt8Array::from(vec![9; rows])),
            "service" => Arc::new(StringViewArray::from_iter_values((0..rows).map(|_| source.to_string()))),
            "body" => Arc::new(StringViewArray::from_iter_values(numbers.clone().map(|n| n.to_string()))),
            "attributes" | "resource" => {
                let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
                let mut map = MapBuilder::new(Some(names), StringViewBuilder::new(), StringViewBuilder::new());
                for _ in 0..rows {
                    map.append(true).unwrap();
                }
                Arc::new(map.finish())
            }
            _ => new_null_array(field.data_type(), rows),
        }
    });
    let columns = columns.collect();
    Batch::new(Table::Logs, RecordBatch::try_new(schema.clone(), columns).unwrap()).unwrap()
}

/// Not a test of its own: the process that is killed. Prints a line for each acknowledgement.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let first: u64 = std::env::var(FIRST).unwrap().parse().unwrap();
    let (engine, _) = open(Path::new(&dir)).await;
    println!("\nopen");
    let movers = [
        tokio::spawn(repeat(engine.clone(), async |e| e.flush().await.map(drop))),
        tokio::spawn(repeat(engine.clone(), async |e| e.compact().await.map(drop))),
        tokio::spawn(repeat(engine.clone(), async |e| e.delete_obsolete().await.map(drop))),
    ];
    let senders = (0..SOURCES).map(|source| {
        let engine = engine.clone();
        tokio::spawn(async move {
            let mut next = first;
            loop {
                let rows = fastrand::u64(1..30);
                let batch = numbered(source, next..next + rows, SystemClock.now_ns());
                println!("sent {source} {next} {}", next + rows);
                engine.append(&TenantId::default(), vec![batch]).await.unwrap();
                println!("acknowledged {source} {next} {}", next + rows);
                next += rows;
            }
        })
    });
    // every task ends only with a failure
    let tasks: Vec<_> = senders.chain(movers).collect();
    futures::future::select_all(tasks).await.0.unwrap();
}

async fn repeat(engine: Engine, step: impl AsyncFn(&Engine) -> Result<(), lincei_engine::EngineError>) {
    loop {
        step(&engine).await.unwrap();
        tokio::task::yield_now().await;
    }
}

/// Sequence numbers by source.
type Numbers = BTreeMap<u64, BTreeSet<u64>>;

#[derive(Default)]
struct Client {
    sent: Numbers,
    acknowledged: Numbers,
}

impl Client {
    /// Takes what a child printed; a last line without an end was not finished.
    fn hear(&mut self, printed: &str) {
        let whole = printed.rfind('\n').map_or("", |end| &printed[..end]);
        for line in whole.lines() {
            let words: Vec<_> = line.split(' ').collect();
            let numbers = match words.first() {
                Some(&"sent") => &mut self.sent,
                Some(&"acknowledged") => &mut self.acknowledged,
                _ => continue,
            };
            let [source, start, end] = [1, 2, 3].map(|i| words[i].parse::<u64>().unwrap());
            numbers.entry(source).or_default().extend(start..end);
        }
    }

    fn check(&self, stored: &[(u64, u64)], moment: &str) {
        let unique: BTreeSet<_> = stored.iter().copied().collect();
        assert_eq!(stored.len(), unique.len(), "{moment}: rows are stored twice");
        for (source, numbers) in &self.acknowledged {
            let lost: Vec<_> = numbers.iter().filter(|n| !unique.contains(&(*source, **n))).collect();
            assert!(lost.is_empty(), "{moment}: acknowledged rows of source {source} are lost: {lost:?}");
        }
        for (source, number) in unique {
            let sent = self.sent.get(&source).is_some_and(|s| s.contains(&number));
            assert!(sent, "{moment}: row {number} of source {source} was never sent");
        }
    }
}

/// Source and number of every row that a snapshot shows.
async fn stored(engine: &Engine) -> Vec<(u64, u64)> {
    let snapshot = engine.snapshot(&TenantId::default(), Table::Logs, TimeRange::ALL);
    let mut rows = Vec::new();
    for batch in &snapshot.memory {
        rows.extend(numbers(batch));
    }
    for file in &snapshot.files {
        let location = object_store::path::Path::parse(&file.path).unwrap();
        let bytes = engine.object_store().get(&location).await.unwrap().bytes().await.unwrap();
        let options = ArrowReaderOptions::new().with_schema(Table::Logs.schema());
        let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(bytes, options).unwrap();
        for batch in reader.build().unwrap() {
            rows.extend(numbers(&batch.unwrap()));
        }
    }
    rows
}

fn numbers(batch: &RecordBatch) -> Vec<(u64, u64)> {
    let column = |name| batch.column_by_name(name).unwrap().as_string_view();
    let pairs = column("service").iter().zip(column("body"));
    pairs.map(|(source, body)| (source.unwrap().parse().unwrap(), body.unwrap().parse().unwrap())).collect()
}

/// Runs the child on `dir` and kills it after about `life`; gives what it printed.
fn run_and_kill(dir: &Path, first: u64, life: Duration) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(DIR, dir)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut errors = child.stderr.take().unwrap();
    let (opened, is_open) = std::sync::mpsc::channel::<()>();
    let mut opened = Some(opened);
    let reader = std::thread::spawn(move || {
        let (mut printed, mut chunk) = (Vec::new(), vec![0; 64 << 10]);
        loop {
            let read = output.read(&mut chunk).unwrap();
            if read == 0 {
                return String::from_utf8(printed).unwrap();
            }
            printed.extend_from_slice(&chunk[..read]);
            if opened.is_some() && printed.windows(5).any(|w| w == b"open\n") {
                opened = None;
            }
        }
    });
    // the channel closes when the child is open, or when it could not open and ended by itself
    let _ = is_open.recv();
    // the moment of the kill is what this test varies; no outcome depends on it
    std::thread::sleep(life);
    let _ = child.kill();
    let status = child.wait().unwrap();
    let printed = reader.join().unwrap();
    let mut text = String::new();
    errors.read_to_string(&mut text).unwrap();
    assert_eq!(status.signal(), Some(9), "the child ended by itself: {text}\n{printed}");
    printed
}

/// In memory where there is room: a killed process leaves the same there, only faster.
fn temp_dir() -> TempDir {
    let memory = Path::new("/dev/shm");
    let room = rustix::fs::statvfs(memory).map_or(0, |s| s.f_bavail * s.f_frsize);
    if room > 2 << 30 { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

#[test]
fn killed_at_random_nothing_acknowledged_is_lost_or_doubled() {
    let iterations = std::env::var("LINCEI_CRASH_ITERATIONS").map_or(40, |n| n.parse().unwrap());
    let seed = std::env::var("LINCEI_CRASH_SEED").map_or_else(|_| fastrand::u64(..), |n| n.parse().unwrap());
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut dir = temp_dir();
    let mut client = Client::default();
    let (mut acknowledged, mut replayed, mut files_seen) = (0, 0, false);
    for iteration in 0..iterations {
        if iteration % CRASHES_PER_DIRECTORY == 0 {
            dir = temp_dir();
            client = Client::default();
        }
        let first = iteration as u64 * ITERATION;
        let life = Duration::from_micros(rng.u64(0..200_000));
        let printed = run_and_kill(dir.path(), first, life);
        client.hear(&printed);
        let moment = format!("seed {seed}, iteration {iteration}, killed after {life:?}");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let (engine, recovery) = open(dir.path()).await;
            assert!(recovery.damaged.is_empty(), "{moment}: {:?}", recovery.damaged);
            client.check(&stored(&engine).await, &moment);
            if rng.u8(0..4) == 0 {
                let report = engine.check().await.unwrap();
                assert!(report.is_sound() && report.notes.is_empty(), "{moment}: {report:?}");
            }
            replayed += recovery.replayed_rows;
            files_seen |= !engine.files().is_empty();
            // now and then an orderly end in between
            if rng.u8(0..4) == 0 {
                engine.shutdown().await.unwrap();
                client.check(&stored(&engine).await, &moment);
            }
        });
        acknowledged += client.acknowledged.values().map(BTreeSet::len).sum::<usize>();
    }
    // or the test would have tested nothing
    assert!(acknowledged > 0 && replayed > 0 && files_seen, "{acknowledged} acknowledged, {replayed} replayed");
}
