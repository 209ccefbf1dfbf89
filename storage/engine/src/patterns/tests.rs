use super::{FilePatterns, PatternWriter, PatternsByService};
use crate::file_part::FileParts;
use crate::live_file::LiveFile;
use arrow_array::{ArrayRef, RecordBatch, StringViewArray, TimestampNanosecondArray, UInt8Array};
use lincei_catalog::{DataFile, FilePart};
use lincei_model::pattern::PatternCounts;
use lincei_model::{FileAttributes, Table, TenantId};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::sync::Arc;

/// Row `i` at time `-i`, of service `a` in the first half and of none in the second; every second row is
/// an error, and every fifth has no body.
fn rows(count: usize, body: impl Fn(usize) -> String) -> RecordBatch {
    let bodies = (0..count).map(|i| (i % 5 != 4).then(|| body(i)));
    let columns: [(&str, ArrayRef); 4] = [
        ("time", Arc::new(TimestampNanosecondArray::from_iter_values((0..count).map(|i| -(i as i64))))),
        ("severity_number", Arc::new(UInt8Array::from_iter_values((0..count).map(|i| [9, 17][i % 2])))),
        ("service", Arc::new(StringViewArray::from_iter((0..count).map(|i| (i < count / 2).then_some("a"))))),
        ("body", Arc::new(StringViewArray::from_iter(bodies))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

fn encoded(batches: &[RecordBatch]) -> Option<Vec<u8>> {
    let mut writer = PatternWriter::new(Table::Logs).unwrap();
    batches.iter().for_each(|batch| writer.add(batch));
    writer.finish().unwrap()
}

/// Reads a part that begins at the third byte of a file.
async fn read(bytes: &[u8]) -> Option<Arc<FilePatterns>> {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    store.put(&Path::from("f"), [&[7; 2], bytes].concat().into()).await.unwrap();
    let file = LiveFile::new(DataFile {
        id: ulid::Ulid::nil(),
        tenant: TenantId::default(),
        table: Table::Logs,
        path: "f".into(),
        rows: 1,
        bytes: 1,
        min_time_ns: 0,
        max_time_ns: 0,
        level: 1,
        crc32: 0,
        created_ns: 0,
        columns: Vec::new(),
        attributes: FileAttributes::default(),
        terms: None,
        summary: None,
        patterns: Some(FilePart { start: 2, bytes: bytes.len() as u64 }),
    });
    FileParts::new(store, 1 << 20).get(&file).await
}

#[tokio::test]
async fn patterns_are_counted_by_level_and_service() {
    let batch = rows(4_000, |i| if i % 5 == 0 { format!("user {i} left") } else { format!("took {i} ms") });
    let parts: Vec<RecordBatch> = (0..4_000).step_by(777).map(|at| batch.slice(at, 777.min(4_000 - at))).collect();
    let patterns = read(&encoded(&parts).unwrap()).await.unwrap();
    // of five rows one is of the first pattern, three of the second
    let mut counts = PatternCounts::default();
    patterns.add_to(&mut counts);
    assert_eq!((patterns.rows(), counts.rows(), counts.uncounted()), (3_200, 3_200, 0));
    let found = counts.into_patterns();
    let [(took, took_facts), (left, left_facts)] = &found[..] else { panic!("{found:?}") };
    assert_eq!((took.as_str(), took_facts.count()), ("took <num> ms", 2_400));
    assert_eq!((left.as_str(), left_facts.count()), ("user <num> left", 800));
    // rows 0, 10, 20, … of the first are not errors
    assert_eq!(left_facts.levels, [0, 0, 0, 400, 0, 400, 0]);
    assert_eq!((left_facts.first_ns, left_facts.last_ns, left_facts.sample.as_str()), (-3_995, 0, "user 0 left"));
    let mut by_service = PatternsByService::default();
    by_service.add_file(&patterns).unwrap();
    let mut services = Vec::new();
    by_service.each(|pattern, _, service, rows| services.push((pattern.to_owned(), service.map(str::to_owned), rows)));
    let of = |pattern: &str, service: Option<&str>, rows| (pattern.to_owned(), service.map(str::to_owned), rows);
    assert_eq!(
        services,
        [of(took, Some("a"), 1_200), of(took, None, 1_200), of(left, Some("a"), 400), of(left, None, 400)]
    );
}

#[tokio::test]
async fn few_rows_of_a_pattern_have_none() {
    let same = |_| "x".to_owned();
    assert!(encoded(&[rows(1_999, same)]).is_none() && encoded(&[rows(2_000, same)]).is_some());
    // letters, since digits would be values
    let letter = |i: usize| char::from(b'a' + u8::try_from(i % 26).unwrap());
    let word = |i: usize| [letter(i), letter(i / 26)].iter().collect::<String>();
    assert!(encoded(&[rows(2_000, |i| word(i % 200))]).is_none());
    assert!(encoded(&[rows(2_000, |i| word(i % 50))]).is_some());
    assert!(PatternWriter::new(Table::Spans).is_none());
}

#[tokio::test]
async fn damage_is_found() {
    let bytes = encoded(&[rows(2_000, |i| format!("took {i} ms"))]).unwrap();
    assert!(read(&bytes).await.is_some());
    for at in [0, 5, bytes.len() / 2, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(read(&damaged).await.is_none(), "byte {at}");
    }
    assert!(read(&bytes[..bytes.len() - 1]).await.is_none());
    assert!(read(&[]).await.is_none());
}
