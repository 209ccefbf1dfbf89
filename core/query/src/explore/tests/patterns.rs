//! Patterns that files know, in an hour of which files were merged, beside one whose files were not, and
//! rows in memory.

use super::*;
use crate::test_support::{batch, request, text};
use datafusion::arrow::array::{ArrayRef, TimestampNanosecondArray, UInt8Array};
use datafusion::arrow::util::pretty::pretty_format_batches;
use lincei_model::Batch;
use lincei_model::timestamp_type;

/// Half a second apart, of two services in turn, of which every seventh body is another.
fn busy(start_ns: i64, rows: std::ops::Range<usize>) -> Batch {
    let times = rows.clone().map(|i| start_ns + i as i64 * 500_000_000);
    let body = |i: usize| match i % 7 {
        0 => format!("user {} logged in from 10.0.0.{}", ["ann", "bob", "eve", "joe", "kim"][i % 5], i % 256),
        1 => String::new(),
        _ => format!("request {i} took {}ms", i * 2),
    };
    let columns: [(&str, ArrayRef); 4] = [
        ("time", Arc::new(TimestampNanosecondArray::from_iter_values(times).with_data_type(timestamp_type()))),
        ("severity_number", Arc::new(UInt8Array::from_iter_values(rows.clone().map(|i| [9, 17, 0][i % 3])))),
        ("service", text(rows.clone().map(|i| ["api", "web"][i % 2]))),
        ("body", text(rows.clone().map(body))),
    ];
    batch(Table::Logs, rows.len(), &columns)
}

/// 4,000 rows in sixteen files of the first hour, as many as are merged at once, 1,000 of the next in a file, 300 in memory.
async fn unmerged() -> Fixture {
    let fixture = Fixture::empty(crate::QueryOptions::default(), Vec::new()).await;
    for part in 0..16 {
        fixture.append(vec![busy(START_NS, part * 250..(part + 1) * 250)]).await;
        fixture.engine.flush().await.unwrap();
    }
    fixture.append(vec![busy(START_NS + 60 * MINUTE_NS, 0..1_000)]).await;
    fixture.engine.flush().await.unwrap();
    fixture.append(vec![busy(START_NS + 59 * MINUTE_NS, 0..300)]).await;
    fixture
}

async fn patterns(fixture: &Fixture, search: &str, range: TimeRange, rows_max: usize) -> PatternsResult {
    let selection = Selection { range, ..logs(search) };
    fixture.service.patterns(PatternsRequest { selection, limit: 10, rows_max }).await.unwrap()
}

async fn table(fixture: &Fixture, sql: &str, range: Option<TimeRange>) -> String {
    let (batches, _) = fixture.rows(crate::QueryRequest { range, ..request(sql) }).await.unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

#[tokio::test]
async fn files_that_know_their_patterns_are_not_read() {
    let fixture = unmerged().await;
    let ranges = [TimeRange::ALL, minutes(0, 60), minutes(0, 33), minutes(10, 61), minutes(60, 61)];
    let mut before = Vec::new();
    for range in ranges {
        before.push(patterns(&fixture, "", range, 10_000).await);
    }
    // six of seven rows have a body
    assert_eq!((before[0].rows, before[0].found, before[0].stats.rows_scanned), (4_542, 2, 5_300));
    assert_eq!(before[0].patterns[1].pattern, "user <*> logged in from <ip>");
    fixture.engine.compact().await.unwrap();
    let known = fixture.engine.files().iter().filter(|file| file.patterns.is_some()).count();
    assert_eq!(known, 1, "only the hour with several files was merged");
    for (range, before) in ranges.into_iter().zip(before) {
        let after = patterns(&fixture, "", range, 10_000).await;
        assert_eq!(PatternsResult { stats: before.stats.clone(), ..after }, before, "{range:?}");
    }
    let all = patterns(&fixture, "", TimeRange::ALL, 10_000).await;
    assert_eq!(all.stats.rows_scanned, 1_300);
    // a condition needs rows
    let errors = patterns(&fixture, "severity_number:17", TimeRange::ALL, 10_000).await;
    assert!(errors.patterns[0].severities.len() == 1 && errors.stats.rows_scanned > 1_300);
    // rows that files know are not among those that are bounded
    let some = patterns(&fixture, "", TimeRange::ALL, 1_000).await;
    assert!(some.sampled && some.rows > 3_428 + 800, "{}", some.rows);
}

#[tokio::test]
async fn the_table_of_patterns_says_what_rows_say() {
    let of_rows = "SELECT date_trunc('hour', time) AS time, service, log_pattern(body) AS pattern, count(*) AS rows \
                   FROM logs WHERE body <> '' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
    let known = "SELECT time, service, pattern, rows::bigint AS rows FROM lincei_patterns";
    let fixture = unmerged().await;
    for merged in [false, true] {
        if merged {
            fixture.engine.compact().await.unwrap();
        }
        let found = table(&fixture, &format!("{known} ORDER BY 1, 2, 3"), None).await;
        assert_eq!(found, table(&fixture, of_rows, None).await, "merged: {merged}");
        // eight users and requests of two services, in two hours
        assert_eq!(found.lines().count(), 4 + 2 * 2 * 6);
        let later = "WHERE time >= TIMESTAMP '2026-01-01T00:30:00Z' ORDER BY 1, 2, 3";
        let of_later = of_rows.replace("WHERE", "WHERE time >= TIMESTAMP '2026-01-01T01:00:00Z' AND");
        let found = table(&fixture, &format!("{known} {later}"), None).await;
        assert_eq!(found, table(&fixture, &of_later, None).await);
        // an hour of which the window has a part is there as a whole
        let window = table(&fixture, &format!("{known} ORDER BY 1, 2, 3"), Some(minutes(70, 80))).await;
        assert_eq!(window, found);
        let example = "SELECT example FROM lincei_patterns WHERE pattern LIKE 'request%' AND service = 'web' ORDER BY time LIMIT 1";
        // of those in memory the first 120 are of the first hour, and the last of these is another pattern
        assert!(table(&fixture, example, None).await.contains("request 118 took 236ms"));
    }
}
