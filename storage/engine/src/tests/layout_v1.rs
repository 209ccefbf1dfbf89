//! Files of layout 1, which have neither columns of attributes nor an index of terms, are opened,
//! read and merged. Expected values are those that were sent when the fixture was made (see
//! `tests/fixtures/v1/README.md`), in the text forms that `docs/sql.md` promises.

use crate::test_support::deletion::Numbers;
use crate::test_support::{HOUR_NS, Rig, copy_dir, numbered_at, rows, temp_dir};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampNanosecondType, UInt8Type};
use arrow_array::{Array, RecordBatch};
use lincei_model::{AttributePlace, AttributeType, Table, TenantId};
use std::path::Path;
use std::sync::Arc;

/// 2026-11-20T10:00:00Z, when the first record happened.
const START_NS: i64 = 1_795_168_800_000_000_000;
const SECOND_NS: i64 = 1_000_000_000;

type Pairs = Vec<(String, String)>;

fn rig() -> Rig {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1");
    let dir = temp_dir();
    std::fs::copy(fixture.join("catalog.db"), dir.path().join("catalog.db")).unwrap();
    copy_dir(&fixture.join("parquet"), &dir.path().join("parquet"));
    let mut rig = Rig::at(dir);
    rig.options.compaction.closed_files_min = 2;
    rig.clock.set(START_NS + 4 * HOUR_NS);
    rig
}

fn pairs(list: &[(&str, String)]) -> Pairs {
    sorted(list.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

/// Keys have no order, but the first of two equal ones counts.
fn sorted(mut pairs: Pairs) -> Pairs {
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    pairs
}

/// Attributes of record and span `i`: an integer, a double, a boolean, text, a key that is there
/// twice, one that is not ASCII and in every tenth, and a list in every fiftieth.
fn attributes(i: usize) -> Pairs {
    let half = if i.is_multiple_of(2) { String::new() } else { ".5".to_owned() };
    let mut list = vec![
        ("http.response.status_code", (200 + i % 5).to_string()),
        ("took_ms", format!("{}{half}", i / 2)),
        ("cached", (i.is_multiple_of(2)).to_string()),
        ("user.id", format!("u{}", i % 7)),
        ("dup", format!("first {i}")),
        ("dup", format!("second {i}")),
    ];
    if i.is_multiple_of(10) {
        list.push(("schlüssel", format!("größe ✓ {i}")));
    }
    if i.is_multiple_of(50) {
        list.push(("list", format!("[{i},\"a\",true]")));
    }
    pairs(&list)
}

fn resource(i: usize) -> Pairs {
    pairs(&[
        ("service.name", service(i).to_owned()),
        ("host.name", format!("h{}", i % 2)),
        ("process.pid", (1000 + i % 2).to_string()),
    ])
}

fn service(i: usize) -> &'static str {
    ["api", "web", "db"][i % 3]
}

fn map_of(batch: &RecordBatch, column: &str, row: usize) -> Pairs {
    let entries = batch.column_by_name(column).unwrap().as_map().value(row);
    let (keys, values) = (entries.column(0).as_string_view(), entries.column(1).as_string_view());
    sorted((0..entries.len()).map(|i| (keys.value(i).to_owned(), values.value(i).to_owned())).collect())
}

fn text<'a>(batch: &'a RecordBatch, column: &str, row: usize) -> &'a str {
    batch.column_by_name(column).unwrap().as_string_view().value(row)
}

fn time(batch: &RecordBatch, row: usize) -> i64 {
    batch.column(0).as_primitive::<TimestampNanosecondType>().value(row)
}

/// All rows by time, each as its batch and place.
fn by_time(batches: &[RecordBatch]) -> Vec<(&RecordBatch, usize)> {
    let mut all: Vec<_> = batches.iter().flat_map(|b| (0..b.num_rows()).map(move |row| (b, row))).collect();
    all.sort_by_key(|(batch, row)| time(batch, *row));
    all
}

fn check_logs(batches: &[RecordBatch]) {
    let rows = by_time(batches);
    assert_eq!(rows.len(), 300);
    for (i, (batch, row)) in rows.into_iter().enumerate() {
        check_log(batch, row, i);
    }
}

fn check_log(batch: &RecordBatch, row: usize, i: usize) {
    assert_eq!(time(batch, row), START_NS + 20 * SECOND_NS * i64::try_from(i).unwrap(), "row {i}");
    assert_eq!(text(batch, "body", row), format!("record number {i}"));
    assert_eq!(text(batch, "service", row), service(i));
    assert_eq!(text(batch, "severity", row), ["INFO", "WARN", "ERROR"][i % 3]);
    let number = batch.column_by_name("severity_number").unwrap().as_primitive::<UInt8Type>().value(row);
    assert_eq!(usize::from(number), 9 + 4 * (i % 3));
    assert_eq!(text(batch, "trace_id", row), format!("{:032x}", i / 5 + 1));
    assert_eq!(text(batch, "span_id", row), format!("{:016x}", i + 1));
    assert_eq!(text(batch, "scope", row), "shop");
    assert_eq!(map_of(batch, "attributes", row), attributes(i), "row {i}");
    assert_eq!(map_of(batch, "resource", row), resource(i), "row {i}");
    assert!(batch.column_by_name("event_name").unwrap().is_null(row));
}

fn check_spans(batches: &[RecordBatch]) {
    let rows = by_time(batches);
    assert_eq!(rows.len(), 100);
    for (i, (batch, row)) in rows.into_iter().enumerate() {
        assert_eq!(time(batch, row), START_NS + 60 * SECOND_NS * i64::try_from(i).unwrap(), "row {i}");
        let duration = batch.column_by_name("duration_ns").unwrap().as_primitive::<Int64Type>().value(row);
        assert_eq!(duration, (i64::try_from(i).unwrap() + 1) * 1_000_000);
        assert_eq!(text(batch, "trace_id", row), format!("{:032x}", i / 5 + 1));
        assert_eq!(text(batch, "span_id", row), format!("{:016x}", i + 1));
        assert_eq!(text(batch, "name", row), ["GET /a", "POST /b"][i % 2]);
        assert_eq!(text(batch, "kind", row), ["SERVER", "CLIENT"][i % 2]);
        assert_eq!(text(batch, "status", row), ["UNSET", "OK", "ERROR"][i % 3]);
        assert_eq!(map_of(batch, "attributes", row), attributes(i), "row {i}");
        assert_eq!(map_of(batch, "resource", row), resource(i), "row {i}");
        let events = batch.column_by_name("events").unwrap().as_list::<i32>().value(row);
        assert_eq!(events.len(), usize::from(i.is_multiple_of(4)));
        if i.is_multiple_of(4) {
            let events = RecordBatch::from(events.as_struct());
            assert_eq!(text(&events, "name", 0), "retry");
            assert_eq!(map_of(&events, "attributes", 0), pairs(&[("n", i.to_string())]));
        }
    }
}

fn check_metrics(batches: &[RecordBatch]) {
    let rows = by_time(batches);
    assert_eq!(rows.len(), 100);
    for (i, (batch, row)) in rows.into_iter().enumerate() {
        assert_eq!(time(batch, row), START_NS + 60 * SECOND_NS * i64::try_from(i).unwrap(), "row {i}");
        let value = batch.column_by_name("value").unwrap().as_primitive::<Float64Type>().value(row);
        assert_eq!(value.to_bits(), (f64::from(u32::try_from(i).unwrap()) / 2.0).to_bits());
        assert_eq!((text(batch, "metric", row), text(batch, "kind", row)), ("cpu.usage", "gauge"));
        assert_eq!(map_of(batch, "attributes", row), pairs(&[("core", (i % 4).to_string())]));
        assert_eq!(map_of(batch, "resource", row), resource(i));
    }
}

#[tokio::test]
async fn files_of_layout_1_are_read() {
    let rig = rig();
    let engine = rig.open().await;
    assert_eq!(engine.files().len(), 9);
    assert!(engine.files().iter().all(|f| f.terms.is_none() && f.attributes.rest.is_none()));
    check_logs(&rows(&engine, Table::Logs).await);
    check_spans(&rows(&engine, Table::Spans).await);
    check_metrics(&rows(&engine, Table::Metrics).await);
    let report = engine.check().await.unwrap();
    assert!(report.is_sound() && report.files == 9, "{report:?}");
}

#[tokio::test]
async fn files_of_layout_1_are_merged_with_newer_ones() {
    let rig = rig();
    let engine = rig.open().await;
    // a millisecond after the hour, so that none has the time of a row of the fixture
    let start = START_NS + 1_000_000;
    engine.append(&TenantId::default(), vec![numbered_at(start, 1000..1200)]).await.unwrap();
    engine.flush().await.unwrap();
    let newer = engine.files().iter().find(|f| f.rows == 200).cloned().unwrap();
    assert_eq!(
        newer.attributes.place("attributes", "a key that is longer than a view"),
        AttributePlace::Column(AttributeType::Text)
    );
    rig.clock.set(START_NS + 40 * HOUR_NS);
    let report = engine.compact().await.unwrap();
    assert_eq!(report.merges, 3, "the first hour of each table");
    assert_eq!(engine.files().len(), 6);
    let merged = engine.files().iter().find(|f| f.table == Table::Logs && f.rows == 380).cloned().unwrap();
    assert!(!merged.attributes.columns.is_empty(), "{:?}", merged.attributes);
    let (old, new): (Vec<_>, Vec<_>) = split_new(&rows(&engine, Table::Logs).await);
    check_logs(&old);
    assert_eq!(crate::test_support::numbers(&new), (1000..1200).collect::<Vec<_>>());
    for (batch, row) in by_time(&new) {
        let number = text(batch, "body", row).rsplit(' ').next().unwrap();
        let expected = pairs(&[("a key that is longer than a view", format!("value {number}"))]);
        assert_eq!(map_of(batch, "attributes", row), expected);
    }
    check_spans(&rows(&engine, Table::Spans).await);
    check_metrics(&rows(&engine, Table::Metrics).await);
    assert!(engine.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn rows_are_deleted_from_files_of_layout_1() {
    let rig = rig();
    let engine = rig.open().await;
    let third = Arc::new(Numbers::of(|n| n % 3 == 1));
    let report = engine.delete_rows(third.deletion(), Arc::default()).await.unwrap();
    assert_eq!((report.files_total, report.files_rewritten, report.rows_deleted), (3, 3, 100));
    let left = rows(&engine, Table::Logs).await;
    let left = by_time(&left);
    assert_eq!(left.len(), 200);
    for ((batch, row), i) in left.into_iter().zip((0..300).filter(|i| i % 3 != 1)) {
        check_log(batch, row, i);
    }
    check_spans(&rows(&engine, Table::Spans).await);
    assert!(engine.check().await.unwrap().is_sound());
}

/// Rows of the fixture, which have a scope, and the others.
fn split_new(batches: &[RecordBatch]) -> (Vec<RecordBatch>, Vec<RecordBatch>) {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for (batch, row) in by_time(batches) {
        let is_old = batch.column_by_name("scope").unwrap().is_valid(row);
        if is_old { &mut old } else { &mut new }.push(batch.slice(row, 1));
    }
    (old, new)
}
