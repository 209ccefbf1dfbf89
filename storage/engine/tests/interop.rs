#![cfg(test)]
//! The promise that any Parquet reader can open our files: rows go in through the engine's public
//! interface, and pyarrow and DuckDB read the objects back. `interop_check.py` compares every
//! value; it shares only the formulas below. It needs a Python with both packages, named by the
//! environment variable `LINCEI_TEST_PYTHON`.

use arrow_array::builder::{MapBuilder, MapFieldNames, StringViewBuilder};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, ListArray, MapArray, RecordBatch,
    StringViewArray, StructArray, TimestampNanosecondArray, UInt8Array, UInt32Array, UInt64Array, new_null_array,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field};
use lincei_engine::{Engine, EngineOptions, open_catalog};
use lincei_model::{Batch, FixedClock, Table, Telemetry, TenantId, TimeRange};
use object_store::local::LocalFileSystem;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// 2026-11-22 15:00 UTC.
const START_NS: i64 = 1_795_359_600_000_000_000;
/// All rows lie in one hour, and their times differ.
const STEP_NS: i64 = 100_000_001;
const ROWS: u64 = 20_000;
const SERVICES: [&str; 3] = ["payment", "größe", "gateway"];

#[tokio::test]
async fn pyarrow_and_duckdb_read_every_row() {
    let Some(python) = std::env::var_os("LINCEI_TEST_PYTHON") else {
        println!("skipped: LINCEI_TEST_PYTHON is not set");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path()).await;
    for (table, rows) in
        [(Table::Logs, logs as fn(&[u64]) -> RecordBatch), (Table::Spans, spans), (Table::Metrics, metrics)]
    {
        // every row once, in no order, in several appends
        let shuffled: Vec<u64> = (0..ROWS).map(|i| i * 7919 % ROWS).collect();
        for numbers in shuffled.chunks(3000) {
            engine.append(&TenantId::default(), vec![Batch::new(table, rows(numbers)).unwrap()]).await.unwrap();
        }
        engine.flush().await.unwrap();
        let files = engine.snapshot(&TenantId::default(), table, TimeRange::ALL).files;
        let [file] = &files[..] else { panic!("{} files of {table}", files.len()) };
        assert_eq!(file.rows, ROWS);
        let checked = Command::new(&python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop_check.py"))
            .args([table.name(), &ROWS.to_string()])
            .arg(folder.path().join("parquet").join(&file.path))
            .arg(file.crc32.to_string())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(checked.status.success(), "{}{}", text(&checked.stdout), text(&checked.stderr));
        assert_eq!(text(&checked.stdout).trim(), format!("{table}: {ROWS} rows are equal"));
    }
    engine.shutdown().await.unwrap();
}

async fn open(folder: &Path) -> Engine {
    let catalog = Arc::new(open_catalog(folder).unwrap());
    let objects = folder.join("parquet");
    std::fs::create_dir_all(&objects).unwrap();
    let store = Arc::new(LocalFileSystem::new_with_prefix(objects).unwrap());
    let clock = Arc::new(FixedClock::new(START_NS + 3_600_000_000_000));
    let (engine, _) =
        Engine::open(EngineOptions::new(folder), catalog, store, clock, Arc::new(Telemetry::default())).await.unwrap();
    engine
}

fn logs(numbers: &[u64]) -> RecordBatch {
    let service = |i: u64| SERVICES[(i % 3) as usize].to_owned();
    batch(Table::Logs, numbers.len(), |column| match column {
        "time" => times(numbers, |i| Some(time(i))),
        "observed_time" => times(numbers, |i| (i % 3 != 0).then(|| time(i) - 7)),
        "severity_number" => Arc::new(numbers.iter().map(|i| Some((i % 25) as u8)).collect::<UInt8Array>()),
        "severity" => text(numbers, |i| (i % 25 != 0).then(|| format!("S{}", i % 25))),
        "service" => text(numbers, |i| Some(service(i))),
        "body" => text(numbers, |i| (i % 10 != 0).then(|| format!("line {i} → 日本 '\"\\\n🚒"))),
        "event_name" => text(numbers, |i| (i % 7 == 0).then(|| "evt".to_owned())),
        "trace_id" => text(numbers, |i| (i % 5 == 0).then(|| format!("{i:032x}"))),
        "span_id" => text(numbers, |i| (i % 5 == 0).then(|| format!("{i:016x}"))),
        "attributes" => maps(numbers.iter().map(|&i| {
            let blank = (i % 2 == 0).then(String::new);
            let all = vec![entry("i", i), ("k.ü→", Some("v".repeat((i % 40) as usize))), ("none", blank)];
            if i % 4 == 0 { Vec::new() } else { all }
        })),
        "resource" => maps(
            numbers.iter().map(|&i| vec![("service.name", Some(service(i))), ("host", Some(format!("h{}", i % 10)))]),
        ),
        "scope" => text(numbers, |i| (i % 2 == 0).then(|| "scope".to_owned())),
        other => panic!("no formula for {other}"),
    })
}

fn spans(numbers: &[u64]) -> RecordBatch {
    let pick = |i: u64, names: &[&str]| Some(names[i as usize % names.len()].to_owned());
    let event_count = |i: u64| (i % 4) as usize;
    let link_count = |i: u64| usize::from(i.is_multiple_of(6));
    batch(Table::Spans, numbers.len(), |column| match column {
        "time" => times(numbers, |i| Some(time(i))),
        "duration_ns" => signed(numbers, |i| match i {
            3 => Some(i64::MIN),
            4 => Some(i64::MAX),
            _ => Some(i as i64 * 1000),
        }),
        "trace_id" => text(numbers, |i| Some(format!("{:032x}", i / 10))),
        "span_id" => text(numbers, |i| Some(format!("{i:016x}"))),
        "parent_span_id" => text(numbers, |i| (i % 10 != 0).then(|| format!("{:016x}", i - 1))),
        "name" => text(numbers, |i| Some(format!("GET /{}", i % 50))),
        "kind" => text(numbers, |i| pick(i, &["SERVER", "CLIENT"])),
        "service" => text(numbers, |i| pick(i, &SERVICES)),
        "status" => text(numbers, |i| pick(i, &["UNSET", "OK", "ERROR"])),
        "status_message" => text(numbers, |i| (i % 3 == 2).then(|| "boom".to_owned())),
        "attributes" => maps(numbers.iter().map(|&i| vec![entry("i", i)])),
        "resource" => maps(numbers.iter().map(|_| Vec::new())),
        "events" => {
            let all: Vec<(u64, u64)> =
                numbers.iter().flat_map(|&i| (0..event_count(i) as u64).map(move |n| (i, n))).collect();
            lists(Table::Spans, column, numbers.iter().map(|i| Some(event_count(*i))), |field| match field {
                "time" => utc(all.iter().map(|(i, n)| Some(START_NS + (i + n) as i64)).collect()),
                "name" => Arc::new(all.iter().map(|(_, n)| Some(format!("e{n}"))).collect::<StringViewArray>()),
                _ => maps(all.iter().map(|&(_, n)| vec![entry("n", n); n as usize])),
            })
        }
        "links" => {
            let all: Vec<u64> = numbers.iter().copied().filter(|i| link_count(*i) > 0).collect();
            lists(Table::Spans, column, numbers.iter().map(|i| Some(link_count(*i))), |field| match field {
                "trace_id" => text(&all, |i| Some(format!("{i:032X}"))),
                "span_id" => text(&all, |i| Some(format!("{i:016X}"))),
                _ => maps(all.iter().map(|_| Vec::new())),
            })
        }
        _ => nulls(Table::Spans, column, numbers.len()),
    })
}

fn metrics(numbers: &[u64]) -> RecordBatch {
    let histogram = |i: u64| i.is_multiple_of(3);
    let exact = |i: u64| (i as i64 - 10) * (1 << 48) + 1;
    batch(Table::Metrics, numbers.len(), |column| match column {
        "time" => times(numbers, |i| Some(time(i))),
        "start_time" => times(numbers, |i| Some(START_NS - i as i64)),
        "metric" => text(numbers, |i| Some(format!("http.server.duration.{}", i % 3))),
        "kind" => text(numbers, |i| Some(if histogram(i) { "histogram" } else { "sum" }.to_owned())),
        "unit" => text(numbers, |_| Some("ms".to_owned())),
        "monotonic" => Arc::new(
            numbers.iter().map(|i| [None, Some(true), Some(false)][(i % 3) as usize]).collect::<BooleanArray>(),
        ),
        "value" => doubles(numbers, |i| {
            [None, Some(f64::NAN), Some(f64::INFINITY), Some(-0.0), Some(i as f64 / 7.0)][(i % 5) as usize]
        }),
        "value_int" => signed(numbers, |i| i.is_multiple_of(4).then(|| exact(i))),
        "series_id" => unsigned(numbers, |i| Some(u64::MAX - i % 11)),
        "flags" => {
            Arc::new(numbers.iter().map(|i| Some(if i % 2 == 1 { u32::MAX } else { 0 })).collect::<UInt32Array>())
        }
        "service" => text(numbers, |_| Some("payment".to_owned())),
        "attributes" => maps(numbers.iter().map(|&i| vec![entry("i", i)])),
        "resource" => maps(numbers.iter().map(|_| Vec::new())),
        "count" => unsigned(numbers, |i| histogram(i).then_some(i)),
        "scale" => Arc::new(numbers.iter().map(|i| Some(-((i % 20) as i32))).collect::<Int32Array>()),
        "bucket_bounds" | "bucket_counts" | "quantiles" | "exemplars" => histograms(numbers, column),
        _ => nulls(Table::Metrics, column, numbers.len()),
    })
}

/// The list columns of metrics, null but for every third row.
fn histograms(numbers: &[u64], column: &str) -> ArrayRef {
    let own: Vec<u64> = numbers.iter().copied().filter(|i| i.is_multiple_of(3)).collect();
    let lengths = |count: fn(u64) -> u64| numbers.iter().map(move |i| i.is_multiple_of(3).then(|| count(*i) as usize));
    let expand = |count: fn(u64) -> u64| own.iter().flat_map(move |&i| (0..count(i)).map(move |n| (i, n)));
    match column {
        "bucket_bounds" => {
            let bounds: Float64Array = expand(|i| i % 5).map(|(_, n)| Some(n as f64 / 4.0)).collect();
            list(Table::Metrics, column, lengths(|i| i % 5), Arc::new(bounds))
        }
        "bucket_counts" => {
            let counts: UInt64Array = expand(|i| i % 5 + 1).map(|(_, n)| Some(u64::MAX - n)).collect();
            list(Table::Metrics, column, lengths(|i| i % 5 + 1), Arc::new(counts))
        }
        "quantiles" => lists(Table::Metrics, column, lengths(|_| 1), |field| match field {
            "quantile" => doubles(&own, |_| Some(0.5)),
            _ => doubles(&own, |i| Some(i as f64)),
        }),
        _ => {
            let odd: Vec<u64> = own.iter().copied().filter(|i| i % 2 == 1).collect();
            lists(Table::Metrics, column, lengths(|i| i % 2), |field| match field {
                "time" => times(&odd, |i| Some(START_NS + i as i64)),
                "value" => doubles(&odd, |i| Some(i as f64 / 3.0)),
                "trace_id" | "span_id" => text(&odd, |_| None),
                _ => maps(odd.iter().map(|_| vec![("x", None)])),
            })
        }
    }
}

fn batch(table: Table, rows: usize, column: impl Fn(&str) -> ArrayRef) -> RecordBatch {
    let schema = table.schema();
    let columns: Vec<ArrayRef> = schema.fields().iter().map(|field| column(field.name())).collect();
    assert!(columns.iter().all(|c| c.len() == rows));
    RecordBatch::try_new(schema, columns).unwrap()
}

const fn time(i: u64) -> i64 {
    START_NS + i as i64 * STEP_NS
}

fn utc(values: Vec<Option<i64>>) -> ArrayRef {
    Arc::new(TimestampNanosecondArray::from(values).with_timezone("UTC"))
}

fn times(numbers: &[u64], value: impl Fn(u64) -> Option<i64>) -> ArrayRef {
    utc(numbers.iter().map(|i| value(*i)).collect())
}

fn text(numbers: &[u64], value: impl Fn(u64) -> Option<String>) -> ArrayRef {
    Arc::new(numbers.iter().map(|i| value(*i)).collect::<StringViewArray>())
}

fn signed(numbers: &[u64], value: impl Fn(u64) -> Option<i64>) -> ArrayRef {
    Arc::new(numbers.iter().map(|i| value(*i)).collect::<Int64Array>())
}

fn unsigned(numbers: &[u64], value: impl Fn(u64) -> Option<u64>) -> ArrayRef {
    Arc::new(numbers.iter().map(|i| value(*i)).collect::<UInt64Array>())
}

fn doubles(numbers: &[u64], value: impl Fn(u64) -> Option<f64>) -> ArrayRef {
    Arc::new(numbers.iter().map(|i| value(*i)).collect::<Float64Array>())
}

fn nulls(table: Table, column: &str, rows: usize) -> ArrayRef {
    new_null_array(field(table, column).data_type(), rows)
}

fn field(table: Table, column: &str) -> Field {
    table.schema().field_with_name(column).unwrap().clone()
}

fn entry(key: &'static str, value: u64) -> (&'static str, Option<String>) {
    (key, Some(value.to_string()))
}

fn maps(rows: impl Iterator<Item = Vec<(&'static str, Option<String>)>>) -> ArrayRef {
    let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
    let mut builder = MapBuilder::new(Some(names), StringViewBuilder::new(), StringViewBuilder::new());
    for row in rows {
        for (key, value) in row {
            builder.keys().append_value(key);
            builder.values().append_option(value);
        }
        builder.append(true).unwrap();
    }
    let map: MapArray = builder.finish();
    assert_eq!(map.data_type(), &lincei_model::attribute_map_type());
    Arc::new(map)
}

/// A list column of structs, whose fields are given for all items one after the other.
fn lists(
    table: Table,
    column: &str,
    lengths: impl Iterator<Item = Option<usize>>,
    items: impl Fn(&str) -> ArrayRef,
) -> ArrayRef {
    let list_field = field(table, column);
    let DataType::List(item) = list_field.data_type() else { panic!("{column} is no list") };
    let DataType::Struct(fields) = item.data_type() else { panic!("{column} is no list of structs") };
    let columns = fields.iter().map(|f| items(f.name())).collect();
    list(table, column, lengths, Arc::new(StructArray::new(fields.clone(), columns, None)))
}

/// A list column; a length of `None` is a null.
fn list(table: Table, column: &str, lengths: impl Iterator<Item = Option<usize>>, items: ArrayRef) -> ArrayRef {
    let list_field = field(table, column);
    let DataType::List(item) = list_field.data_type() else { panic!("{column} is no list") };
    let lengths: Vec<Option<usize>> = lengths.collect();
    let offsets = OffsetBuffer::from_lengths(lengths.iter().map(|length| length.unwrap_or(0)));
    let nulls = list_field.is_nullable().then(|| lengths.iter().map(Option::is_some).collect::<NullBuffer>());
    Arc::new(ListArray::new(item.clone(), offsets, items, nulls))
}
