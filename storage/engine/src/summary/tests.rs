use super::FileSummary;
use super::write::SummaryWriter;
use crate::file_part::FileParts;
use crate::live_file::LiveFile;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampNanosecondType, UInt8Type};
use arrow_array::{
    Array, ArrayRef, Int64Array, RecordBatch, StringViewArray, TimestampNanosecondArray, UInt8Array, new_null_array,
};
use arrow_schema::{Field, Schema};
use fastrand::Rng;
use lincei_catalog::{DataFile, FilePart};
use lincei_model::{FileAttributes, Table, TenantId};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::collections::BTreeMap;
use std::sync::Arc;

const MINUTE_NS: i64 = 60_000_000_000;

/// Log records with these times, services and severities, and a status in a column of its own.
fn rows(rng: &mut Rng, count: usize, services: usize) -> RecordBatch {
    let own = Table::Logs.schema();
    let mut times: Vec<i64> = (0..count).map(|_| rng.i64(-90 * MINUTE_NS..90 * MINUTE_NS)).collect();
    times.sort_unstable_by(|a, b| b.cmp(a));
    let text = |values: Vec<Option<String>>| Arc::new(StringViewArray::from_iter(values)) as ArrayRef;
    let names: Vec<Option<String>> = (0..count).map(|i| Some(format!("service {}", i * services / count))).collect();
    let numbers: Vec<u8> = (0..count).map(|_| rng.u8(0..4)).collect();
    let severity = numbers.iter().map(|n| (*n > 0).then(|| format!("S{n}"))).collect();
    let mut columns: Vec<ArrayRef> = own
        .fields()
        .iter()
        .map(|field| match field.name().as_str() {
            "time" => Arc::new(TimestampNanosecondArray::from(times.clone()).with_timezone("UTC")) as ArrayRef,
            "service" => text(names.clone()),
            "severity" => text(Vec::clone(&severity)),
            "severity_number" => Arc::new(UInt8Array::from(numbers.clone())),
            _ => new_null_array(field.data_type(), count),
        })
        .collect();
    columns.push(Arc::new(Int64Array::from_iter((0..count).map(|i| (i % 10 != 0).then_some([200, 404][i % 2])))));
    let status = Field::new("attributes.status", arrow_schema::DataType::Int64, true);
    let fields = own.fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).chain([status]);
    RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), columns).unwrap()
}

type Counts = BTreeMap<(i64, String, Option<String>, u8), i64>;

fn counts_of_rows(batch: &RecordBatch) -> Counts {
    let times = batch.column_by_name("time").unwrap().as_primitive::<TimestampNanosecondType>();
    let services = batch.column_by_name("service").unwrap().as_string_view();
    let severities = batch.column_by_name("severity").unwrap().as_string_view();
    let numbers = batch.column_by_name("severity_number").unwrap().as_primitive::<UInt8Type>();
    let rows = batch.column_by_name("rows").map(|rows| rows.as_primitive::<Int64Type>());
    let mut counts = Counts::new();
    for i in 0..batch.num_rows() {
        let minute = times.value(i).div_euclid(MINUTE_NS) * MINUTE_NS;
        let severity = severities.is_valid(i).then(|| severities.value(i).to_owned());
        *counts.entry((minute, services.value(i).to_owned(), severity, numbers.value(i))).or_default() +=
            rows.map_or(1, |rows| rows.value(i));
    }
    counts
}

async fn summary_of(batches: &[RecordBatch]) -> Option<(Arc<FileSummary>, usize)> {
    let mut writer = SummaryWriter::new(Table::Logs, &batches[0]).unwrap();
    batches.iter().for_each(|batch| writer.add(batch));
    let bytes = writer.finish().unwrap()?;
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    store.put(&Path::from("f"), [vec![7; 3], bytes.clone(), vec![7; 3]].concat().into()).await.unwrap();
    let file = LiveFile::new(DataFile {
        id: ulid::Ulid::nil(),
        tenant: TenantId::default(),
        table: Table::Logs,
        path: "f".into(),
        rows: 0,
        bytes: 0,
        min_time_ns: 0,
        max_time_ns: 0,
        level: 0,
        crc32: 0,
        created_ns: 0,
        columns: Vec::new(),
        attributes: FileAttributes::default(),
        terms: None,
        summary: Some(FilePart { start: 3, bytes: bytes.len() as u64 }),
        patterns: None,
    });
    Some((FileParts::<FileSummary>::new(store, 1 << 20).get(&file).await.unwrap(), bytes.len()))
}

#[tokio::test]
async fn rows_are_counted_by_minute_service_and_severity() {
    let mut rng = Rng::with_seed(4);
    let batch = rows(&mut rng, 50_000, 7);
    let parts: Vec<RecordBatch> = (0..50_000).step_by(777).map(|at| batch.slice(at, 777.min(50_000 - at))).collect();
    let (summary, bytes) = summary_of(&parts).await.unwrap();
    let counts = summary.counts.as_ref().unwrap();
    assert_eq!(counts.schema(), super::count_schema(Table::Logs).unwrap());
    assert_eq!(counts_of_rows(counts), counts_of_rows(&batch));
    assert!(counts.num_rows() < 10_000 && bytes < 40_000, "{} counts, {bytes} bytes", counts.num_rows());
}

#[tokio::test]
async fn frequent_values_of_fields_are_estimated() {
    let batch = rows(&mut Rng::with_seed(4), 50_000, 5);
    let (summary, _) = summary_of(std::slice::from_ref(&batch)).await.unwrap();
    let fields = summary.values.column_by_name("field").unwrap().as_string::<i32>();
    let values = summary.values.column_by_name("value").unwrap().as_string::<i32>();
    let counts = summary.values.column_by_name("rows").unwrap().as_primitive::<Int64Type>();
    let found: Vec<(&str, Option<&str>, i64)> = (0..summary.values.num_rows())
        .map(|i| (fields.value(i), values.is_valid(i).then(|| values.value(i)), counts.value(i)))
        .collect();
    let of = |field: &str| found.iter().filter(|f| f.0 == field).collect::<Vec<_>>();
    // nine rows of ten, of which four of nine are even and have 200
    let near = |found: i64, expected: i64| (found - expected).abs() < expected / 5;
    let [all, most, other] = of("attributes.status")[..] else { panic!("{found:?}") };
    assert!(all.1.is_none() && near(all.2, 45_000), "{all:?}");
    assert!(most.1 == Some("404") && near(most.2, 25_000), "{most:?}");
    assert!(other.1 == Some("200") && near(other.2, 20_000), "{other:?}");
    assert_eq!(of("service").len(), 6);
    assert!(of("severity")[1..].iter().all(|f| near(f.2, 12_500)), "{found:?}");
    assert!(of("event_name").is_empty() && of("body").is_empty());
}

#[tokio::test]
async fn few_rows_or_too_many_counts_have_none() {
    let batch = rows(&mut Rng::with_seed(1), 1999, 2);
    assert!(summary_of(&[batch]).await.is_none());
    let many = rows(&mut Rng::with_seed(1), 100_000, 90_000);
    let (summary, _) = summary_of(&[many]).await.unwrap();
    assert!(summary.counts.is_none());
}
