use crate::QueryRequest;
use crate::table::counted::tests::{answer, fixture};
use crate::test_support::{Fixture, request};
use lincei_model::TimeRange;

/// The numbers of the rows that an answer has, in its order; row `i` is `i` seconds after the start.
async fn numbers(fixture: &Fixture, request: QueryRequest) -> Vec<u64> {
    let (table, _) = answer(fixture, request).await;
    let cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    cells.filter_map(|cell| cell.trim().parse().ok()).collect()
}

const NUMBER: &str = "(extract(epoch FROM time) - 1767225600)::bigint AS i";

#[tokio::test]
async fn the_newest_rows_are_those_of_the_rule() {
    let fixture = fixture().await;
    // of row i the service is b and the severity NULL where 3 divides i; INFO and ERROR follow
    type IsOf = fn(u64) -> bool;
    let of: [(&str, IsOf); 12] = [
        ("", |_| true),
        ("WHERE service = 'b'", |i| i % 3 == 0),
        ("WHERE severity = 'ERROR' AND service = 'a'", |i| i % 3 == 2),
        ("WHERE severity IS NULL", |i| i % 3 == 0),
        ("WHERE severity_number >= 9 OR service = 'b'", |_| true),
        ("WHERE time < '2026-01-01T01:30:07Z'", |i| i < 5407),
        ("WHERE time < '2026-01-01T01:30:07Z' AND severity = 'INFO'", |i| i < 5407 && i % 3 == 1),
        ("WHERE time BETWEEN '2026-01-01T01:30:07Z' AND '2026-01-01T01:30:09Z'", |i| (5407..=5409).contains(&i)),
        ("WHERE service = 'c'", |_| false),
        ("WHERE body IS NULL AND severity = 'INFO'", |i| i % 3 == 1),
        ("WHERE extract(second FROM time) = 5", |i| i % 60 == 5),
        ("WHERE search('severity:error service:a')", |i| i % 3 == 2),
    ];
    for (selection, is_of) in of {
        for (limit, offset) in [(1, 0), (10, 0), (10, 3000), (3000, 1), (20_000, 0)] {
            let sql = format!(
                "SELECT {NUMBER}, service FROM logs {selection} ORDER BY time DESC LIMIT {limit} OFFSET {offset}"
            );
            let want: Vec<u64> = (0..12_000).rev().filter(|i| is_of(*i)).skip(offset).take(limit).collect();
            assert_eq!(numbers(&fixture, request(&sql)).await, want, "{sql}");
        }
    }
}

#[tokio::test]
async fn tables_under_other_names_and_windows_too() {
    let fixture = fixture().await;
    let last = |sql: &str| request(format!("{sql} LIMIT 2"));
    for sql in [
        format!("SELECT {NUMBER} FROM logs AS l WHERE l.service = 'b' ORDER BY l.time DESC, l.severity"),
        format!("SELECT {NUMBER} FROM (SELECT time, service AS s FROM logs) WHERE s = 'b' ORDER BY time DESC"),
        "SELECT i FROM (SELECT observed_time, time AS t, (extract(epoch FROM time) - 1767225600)::bigint AS i FROM logs \
         WHERE service = 'b') ORDER BY t DESC"
            .to_owned(),
        format!("WITH b AS (SELECT * FROM logs WHERE service = 'b') SELECT {NUMBER} FROM b ORDER BY time DESC"),
    ] {
        assert_eq!(numbers(&fixture, last(&sql)).await, [11_997, 11_994], "{sql}");
    }
    let start = crate::test_support::START_NS;
    let window = TimeRange::new(start + 90_000_000_000, start + 125_000_000_000);
    let sql = format!("SELECT {NUMBER} FROM logs WHERE service = 'b' ORDER BY time DESC LIMIT 3");
    let request = QueryRequest { range: Some(window), ..request(&sql) };
    assert_eq!(numbers(&fixture, request).await, [123, 120, 117]);
}

#[tokio::test]
async fn older_files_are_not_read() {
    let fixture = fixture().await;
    let sql = "SELECT time, body FROM logs WHERE service = 'a' ORDER BY time DESC LIMIT 100";
    // two thousand rows in memory, and the newest file's
    let (_, scanned) = answer(&fixture, request(sql)).await;
    assert!(scanned <= 2000 + 2800, "{scanned}");
}
