use crate::test_support::{Fixture, START_NS, request};
use crate::{QueryOptions, QueryRequest};
use datafusion::arrow::array::{
    ArrayRef, MapArray, RecordBatch, StringViewArray, StructArray, TimestampNanosecondArray, UInt8Array, new_null_array,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::util::pretty::pretty_format_batches;
use lincei_model::{Batch, Table, TimeRange, attribute_map_type};
use std::sync::Arc;

const SECOND_NS: i64 = 1_000_000_000;
/// One row a second, from the start on.
const ROWS: i64 = 12_000;

fn logs(numbers: std::ops::Range<i64>) -> Batch {
    let schema = Table::Logs.schema();
    let rows = usize::try_from(numbers.end - numbers.start).unwrap();
    let text = |value: fn(i64) -> Option<&'static str>| -> ArrayRef {
        Arc::new(numbers.clone().map(value).collect::<StringViewArray>())
    };
    let columns = schema.fields().iter().map(|field| match field.name().as_str() {
        "time" => Arc::new(
            TimestampNanosecondArray::from_iter_values(numbers.clone().map(|i| START_NS + i * SECOND_NS))
                .with_timezone("UTC"),
        ) as ArrayRef,
        "service" => text(|i| Some(if i % 3 == 0 { "b" } else { "a" })),
        "severity" => text(|i| [None, Some("INFO"), Some("ERROR")][(i % 3) as usize]),
        "severity_number" => {
            Arc::new(UInt8Array::from_iter_values(numbers.clone().map(|i| [0, 9, 17][(i % 3) as usize])))
        }
        "attributes" | "resource" => empty_maps(rows),
        _ => new_null_array(field.data_type(), rows),
    });
    Batch::new(Table::Logs, RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()).unwrap()
}

fn empty_maps(rows: usize) -> ArrayRef {
    let DataType::Map(field, ordered) = attribute_map_type() else { unreachable!() };
    let DataType::Struct(fields) = field.data_type().clone() else { unreachable!() };
    let none: ArrayRef = Arc::new(StringViewArray::from_iter_values(Vec::<&str>::new()));
    let pairs = StructArray::new(fields, vec![none; 2], None);
    Arc::new(MapArray::new(field, OffsetBuffer::new_zeroed(rows), pairs, None, ordered))
}

/// Of all rows but the last two thousand, which are in memory, there are files, one an hour.
pub(in crate::table) async fn fixture() -> Fixture {
    let fixture = Fixture::empty(QueryOptions { target_partitions: 2, ..QueryOptions::default() }, Vec::new()).await;
    for hours in [0..3600, 3600..7200, 7200..10_000] {
        fixture.append(vec![logs(hours)]).await;
        fixture.engine.flush().await.unwrap();
    }
    fixture.append(vec![logs(10_000..ROWS)]).await;
    fixture
}

pub(in crate::table) async fn answer(fixture: &Fixture, request: QueryRequest) -> (String, u64) {
    let sql = request.sql.clone();
    let (batches, stats) = fixture.rows(request).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    (pretty_format_batches(&batches).unwrap().to_string(), stats.rows_scanned)
}

#[tokio::test]
async fn counts_are_those_of_the_rows() {
    let fixture = fixture().await;
    let hour = "date_trunc('hour', time)";
    let five = "date_bin(INTERVAL '5 minutes', time)";
    let selections = [
        "",
        "WHERE severity = 'ERROR'",
        "WHERE service = 'b' AND severity IS NULL",
        "WHERE severity_number >= 9 OR service = 'b'",
        "WHERE time >= '2026-01-01T01:00:00Z' AND time < '2026-01-01T02:30:00Z'",
        "WHERE time > '2026-01-01T01:00:07Z' AND time <= '2026-01-01T02:31:12Z' AND service = 'a'",
        "WHERE time BETWEEN '2026-01-01T01:00:30Z' AND '2026-01-01T02:59:57Z'",
        "WHERE date_trunc('hour', time) = '2026-01-01T01:00:00Z'",
        "WHERE time < '2025-01-01T00:00:00Z'",
        "WHERE search('severity:>=WARN service:a')",
    ];
    let groups = ["", hour, five, "service", "severity, service", "date_trunc('minute', time), severity"];
    for selection in selections {
        for group in groups {
            let (columns, by) = match group {
                "" => (String::new(), String::new()),
                group => (format!("{group}, "), format!("GROUP BY {group} ORDER BY {group}")),
            };
            // body is not counted in summaries, so the second reads rows
            let ask = |count: &str| request(format!("SELECT {columns}{count} AS n FROM logs {selection} {by}"));
            let (by_summaries, _) = answer(&fixture, ask("count(*)")).await;
            let (by_rows, _) = answer(&fixture, ask("count(coalesce(body, ''))")).await;
            assert_eq!(by_summaries, by_rows, "{columns} {selection}");
        }
    }
}

#[tokio::test]
async fn summaries_are_read_in_place_of_rows() {
    let fixture = fixture().await;
    let scanned = async |sql: &str| answer(&fixture, request(sql)).await.1;
    let by_minute = scanned("SELECT date_trunc('minute', time), count(*) FROM logs GROUP BY 1").await;
    // of 10 000 rows in 167 minutes; b has one severity, a has two; and the rows in memory
    assert_eq!(by_minute, 167 * 3 + 2000);
    for sql in [
        "SELECT count(*) FROM logs l WHERE l.service = 'a'",
        "SELECT h, s, count(*) FROM (SELECT date_trunc('hour', time) AS h, severity AS s FROM logs) GROUP BY 1, 2",
        "SELECT date_trunc('day', time), count(*) FROM logs WHERE time >= '2026-01-01T00:00:00Z' GROUP BY 1",
    ] {
        assert!(scanned(sql).await <= by_minute, "{sql}");
    }
    // what needs rows has them
    for sql in [
        "SELECT date_trunc('second', time), count(*) FROM logs GROUP BY 1",
        "SELECT date_bin(INTERVAL '90 seconds', time), count(*) FROM logs GROUP BY 1",
        "SELECT count(DISTINCT service) FROM logs",
        "SELECT service, count(severity) FROM logs GROUP BY 1",
        "SELECT event_name, count(*) FROM logs GROUP BY 1",
        "SELECT time, count(*) FROM logs GROUP BY 1",
        "SELECT count(*) FROM logs WHERE body IS NULL",
        "SELECT count(*) FROM logs WHERE random() < 2 AND service = 'a'",
    ] {
        assert_eq!(scanned(sql).await, 12_000, "{sql}");
    }
}

#[tokio::test]
async fn the_requested_window_cuts_minutes() {
    let fixture = fixture().await;
    for (from, to) in [(0, 3600), (30, 3630), (31, 7213), (3599, 3601), (-100, 100_000)] {
        let range = TimeRange::new(START_NS + from * SECOND_NS, START_NS + to * SECOND_NS);
        let request =
            QueryRequest { range: Some(range), ..request("SELECT service, count(*) FROM logs GROUP BY 1 ORDER BY 1") };
        let (found, _) = answer(&fixture, request).await;
        let inside = (0..ROWS).filter(|i| range.contains(START_NS + i * SECOND_NS));
        let (b, a): (Vec<i64>, Vec<i64>) = inside.partition(|i| i % 3 == 0);
        for (service, rows) in [("a", a.len()), ("b", b.len())] {
            let line = found.lines().find(|line| line.contains(&format!("| {service} ")));
            let count = line.and_then(|line| line.split('|').nth(2)?.trim().parse::<usize>().ok());
            assert_eq!(count.unwrap_or(0), rows, "{service} {from} {to}\n{found}");
        }
    }
}
