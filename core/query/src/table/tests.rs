//! Files of layout 1, newer files and rows in memory answer as one table. What the fixture holds is
//! said in `storage/engine/src/tests/layout_v1.rs`.

use crate::QueryOptions;
use crate::test_support::{Fixture, batch, map, request, text};
use datafusion::arrow::array::{ArrayRef, RecordBatch, TimestampNanosecondArray};
use datafusion::arrow::util::display::array_value_to_string;
use lincei_model::{Batch, Table, timestamp_type};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// 2026-11-20T10:00:00Z.
const START_NS: i64 = 1_795_168_800_000_000_000;
const SECOND_NS: i64 = 1_000_000_000;

fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (entry, to) = entry.map(|e| (e.path(), to.join(e.file_name()))).unwrap();
        if entry.is_dir() { copy_dir(&entry, &to) } else { std::fs::copy(entry, to).map(drop).unwrap() }
    }
}

async fn layout_v1() -> Fixture {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../storage/engine/tests/fixtures/v1");
    let dir = TempDir::new().unwrap();
    std::fs::copy(fixture.join("catalog.db"), dir.path().join("catalog.db")).unwrap();
    copy_dir(&fixture.join("parquet"), &dir.path().join("parquet"));
    let options = QueryOptions { target_partitions: 2, ..QueryOptions::default() };
    Fixture::of_directory(dir, options, Vec::new()).await
}

/// Records that go on where the fixture's 300 end, all in its first hour.
fn more(rows: std::ops::Range<usize>) -> Batch {
    let at = |i: usize| START_NS + SECOND_NS * i64::try_from(i).unwrap() + 1;
    let time = TimestampNanosecondArray::from_iter_values(rows.clone().map(at)).with_data_type(timestamp_type());
    let attributes = |i: usize| {
        let half = if i.is_multiple_of(2) { "" } else { ".5" };
        let list = vec![
            ("http.response.status_code", (200 + i % 5).to_string()),
            ("took_ms", format!("{}{half}", i / 2)),
            ("cached", i.is_multiple_of(2).to_string()),
            ("user.id", format!("u{}", i % 7)),
            ("dup", format!("first {i}")),
            ("dup", format!("second {i}")),
        ];
        let tenth = i.is_multiple_of(10).then(|| ("schlüssel", format!("größe ✓ {i}")));
        list.into_iter().chain(tenth).map(|(key, value)| (key.to_owned(), value)).collect::<Vec<_>>()
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("time", Arc::new(time)),
        ("service", text(rows.clone().map(|i| ["api", "web", "db"][i % 3]))),
        ("body", text(rows.clone().map(|i| format!("record number {i}")))),
        ("attributes", map(rows.clone().map(attributes))),
        ("resource", map(rows.clone().map(|i| vec![("host.name".to_owned(), format!("h{}", i % 2))]))),
    ];
    batch(Table::Logs, rows.len(), &columns)
}

fn shown(batches: &[RecordBatch]) -> Vec<Vec<String>> {
    let cell = |b: &RecordBatch, column: usize, row| array_value_to_string(b.column(column), row).unwrap();
    let rows = batches.iter().flat_map(|b| (0..b.num_rows()).map(move |row| (b, row)));
    rows.map(|(b, row)| (0..b.num_columns()).map(|column| cell(b, column, row)).collect()).collect()
}

/// Every answer follows from the number of records alone, wherever they lie.
async fn agrees(fixture: &Fixture, records: usize, moment: &str) {
    let ask = async |sql: &str| shown(&fixture.rows(request(sql)).await.unwrap().0);
    let count = |wanted: &dyn Fn(usize) -> bool| (0..records).filter(|i| wanted(*i)).count().to_string();
    for (condition, expected) in [
        ("attributes['user.id'] = 'u3'", count(&|i| i % 7 == 3)),
        ("attributes['http.response.status_code']::int >= 203", count(&|i| i % 5 >= 3)),
        ("attributes['took_ms']::double > 100.25", count(&|i| i >= 201)),
        ("attributes['took_ms'] = '10.5'", count(&|i| i == 21)),
        ("attributes['cached'] = 'true'", count(&|i| i % 2 == 0)),
        ("attributes['dup'] = 'first 17'", count(&|i| i == 17)),
        ("attributes['dup'] LIKE 'second%'", "0".to_owned()),
        ("attributes['schlüssel'] IS NOT NULL", count(&|i| i % 10 == 0)),
        ("attributes['schlüssel'] = 'größe ✓ 310'", count(&|i| i == 310)),
        ("attributes['nowhere'] IS NULL", records.to_string()),
        ("resource['host.name'] = 'h1'", count(&|i| i % 2 == 1)),
        ("search('user.id:u5 http.response.status_code:<=201')", count(&|i| i % 7 == 5 && i % 5 <= 1)),
        ("search('\"record number 299\"')", count(&|i| i == 299)),
    ] {
        let sql = format!("SELECT count(*) FROM logs WHERE {condition}");
        assert_eq!(ask(&sql).await, [[expected]], "{moment}: {condition}");
    }
    let groups = ask("SELECT attributes['user.id'], sum(attributes['took_ms']::double) FROM logs GROUP BY 1").await;
    let sum = |user: usize| (0..records).filter(|i| i % 7 == user).map(|i| i as f64 / 2.0).sum::<f64>();
    let expected: BTreeMap<String, f64> = (0..7).map(|user| (format!("u{user}"), sum(user))).collect();
    let groups: BTreeMap<String, f64> = groups.into_iter().map(|g| (g[0].clone(), g[1].parse().unwrap())).collect();
    assert_eq!(groups, expected, "{moment}");
}

#[tokio::test]
async fn files_of_layout_1_answer_as_newer_files_and_memory_do() {
    let fixture = layout_v1().await;
    agrees(&fixture, 300, "layout 1 alone").await;
    fixture.append(vec![more(300..500)]).await;
    agrees(&fixture, 500, "layout 1 and memory").await;
    fixture.engine.flush().await.unwrap();
    let columns = |f: &Arc<lincei_engine::LiveFile>| f.table == Table::Logs && !f.attributes.columns.is_empty();
    assert_eq!(fixture.engine.files().iter().filter(|f| columns(f)).count(), 1, "the newer file has columns");
    agrees(&fixture, 500, "layout 1 and a newer file").await;
    fixture.append(vec![more(500..520)]).await;
    agrees(&fixture, 520, "layout 1, a newer file and memory").await;
}
