//! Rows themselves: those around a row, and new ones.

use super::*;
use crate::{QueryOptions, test_support};

fn request(time_ns: i64, columns: &[(&str, &str)], same: &[&str]) -> SurroundingRequest {
    SurroundingRequest {
        selection: logs(""),
        anchor: Anchor { time_ns, columns: columns.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect() },
        before: 3,
        after: 3,
        same: same.iter().map(|field| (*field).to_owned()).collect(),
    }
}

/// Minutes after the start.
fn at(rows: &[String]) -> Vec<i64> {
    let minute = |row: &String| {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        let time = row["time"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        (time.timestamp_nanos_opt().unwrap() - START_NS) / MINUTE_NS
    };
    rows.iter().map(minute).collect()
}

fn bodies(rows: &[String]) -> Vec<String> {
    let body =
        |row: &String| serde_json::from_str::<serde_json::Value>(row).unwrap()["body"].as_str().unwrap().to_owned();
    rows.iter().map(body).collect()
}

#[tokio::test]
async fn neighbours_stay_within_the_fields_of_the_row() {
    for place in PLACES {
        let fixture = Fixture::new(place).await;
        let time = START_NS + 100 * MINUTE_NS;
        // every third row has its service, every second its host
        let found = fixture.service.surrounding(request(time, &[], &["service", "host.name"])).await.unwrap();
        assert_eq!(at(&found.before), [82, 88, 94]);
        assert_eq!(at(found.row.as_slice()), [100]);
        assert_eq!(at(&found.after), [106, 112, 118]);
        assert_eq!(found.same, [("service".into(), "web".into()), ("host.name".into(), "h0".into())]);
        let found = fixture.service.surrounding(request(time, &[("service", "web")], &["service"])).await.unwrap();
        assert_eq!((at(&found.before), at(&found.after)), (vec![91, 94, 97], vec![103, 106, 109]));
        let found = fixture.service.surrounding(request(time, &[], &[])).await.unwrap();
        assert_eq!((at(&found.before), at(&found.after)), (vec![97, 98, 99], vec![101, 102, 103]));
        // a search that neighbours have to match as well
        let searched = SurroundingRequest { selection: logs("severity:error"), ..request(time, &[], &[]) };
        let found = fixture.service.surrounding(searched).await.unwrap();
        assert_eq!((at(&found.before), at(&found.after)), (vec![91, 95, 99], vec![103, 107, 111]));
    }
}

#[tokio::test]
async fn at_the_ends_there_are_fewer() {
    let fixture = Fixture::new(Place::Both).await;
    let found = fixture.service.surrounding(request(START_NS + MINUTE_NS, &[], &[])).await.unwrap();
    assert_eq!((at(&found.before), at(&found.after)), (vec![0], vec![2, 3, 4]));
    let found = fixture.service.surrounding(request(START_NS + 359 * MINUTE_NS, &[], &[])).await.unwrap();
    assert_eq!((at(&found.before), at(&found.after)), (vec![356, 357, 358], vec![]));
    // between two rows
    let found = fixture.service.surrounding(request(START_NS + MINUTE_NS + 1, &[], &[])).await.unwrap();
    assert_eq!((at(&found.before), found.row, at(&found.after)), (vec![0, 1], None, vec![2, 3, 4]));
}

#[tokio::test]
async fn rows_of_one_time_have_an_order() {
    let fixture = Fixture::empty(QueryOptions::default(), Vec::new()).await;
    // each row three times, in files and in memory
    fixture.append(vec![test_support::logs(0..6)]).await;
    fixture.engine.flush().await.unwrap();
    fixture.append(vec![test_support::logs(3..9)]).await;
    let same_time = |n: usize| test_support::logs_at(START_NS + 4 * MINUTE_NS, n);
    fixture.append(vec![same_time(30), same_time(20)]).await;
    let body = "request 30 took 60ms";
    let first = fixture.service.surrounding(request(START_NS + 4 * MINUTE_NS, &[("body", body)], &[])).await.unwrap();
    for _ in 0..3 {
        let again =
            fixture.service.surrounding(request(START_NS + 4 * MINUTE_NS, &[("body", body)], &[])).await.unwrap();
        assert_eq!((&again.before, &again.row, &again.after), (&first.before, &first.row, &first.after));
    }
    assert_eq!(bodies(first.row.as_slice()), [body]);
    // by service, then severity, then body: rows 30 and 20 are of api and db, the two 4 of web
    assert_eq!(at(&first.before), [2, 3, 3]);
    assert_eq!(bodies(&first.after), ["request 20 took 40ms", "request 4 took 8ms", "request 4 took 8ms"]);
}

#[tokio::test]
async fn wrong_anchors_are_refused() {
    let fixture = Fixture::new(Place::Memory).await;
    for (request, part) in [
        (SurroundingRequest { before: 1_001, ..request(0, &[], &[]) }, "before 1001 is more than 1000"),
        (SurroundingRequest { after: 1_001, ..request(0, &[], &[]) }, "after 1001 is more than 1000"),
        (request(0, &[("attributes", "x")], &[]), "does not tell rows apart"),
        (request(0, &[], &["resource"]), "holds several values"),
        (request(0, &[], &["x"; 17]), "17 fields"),
        (
            SurroundingRequest { selection: Selection { table: Table::Spans, ..logs("") }, ..request(0, &[], &[]) },
            "no lines",
        ),
        (SurroundingRequest { selection: logs("("), ..request(0, &[], &[]) }, "expected a word"),
    ] {
        let error = fixture.service.surrounding(request).await.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}

fn tail(search: &str, rows_per_second: usize) -> TailRequest {
    TailRequest { selection: logs(search), rows_per_second, resume: None }
}

/// Reads until `rows` rows have come or were dropped; their minutes, how many were dropped, the place.
async fn read(tail: &mut Tail, rows: usize) -> (Vec<i64>, u64, String) {
    let (mut got, mut over, mut place) = (Vec::new(), 0, String::new());
    while got.len() + usize::try_from(over).unwrap() < rows {
        match tail.next().await.expect("it goes on") {
            TailEvent::Rows(rows, id) => {
                got.extend(at(&rows));
                place = id;
            }
            TailEvent::OverRate(rows) | TailEvent::Missed(Some(rows)) => over += rows,
            TailEvent::Missed(None) => panic!("a gap"),
            TailEvent::Position(_) => {}
        }
    }
    (got, over, place)
}

#[tokio::test]
async fn a_tail_gives_new_rows_that_match() {
    let fixture = Fixture::empty(QueryOptions::default(), Vec::new()).await;
    fixture.append(vec![test_support::logs(0..10)]).await;
    let mut all = fixture.service.tail(tail("", 1_000)).unwrap();
    let mut errors = fixture.service.tail(tail("severity:>=error http.response.status_code:>=500", 1_000)).unwrap();
    fixture.append(vec![test_support::logs(10..14), test_support::spans(0..3)]).await;
    fixture.append(vec![test_support::logs(14..30)]).await;
    assert_eq!(read(&mut all, 20).await.0, (10..30).collect::<Vec<_>>());
    // 11, 15, 19, 23, 27 are errors; of these the status is 500 or 503 where i % 5 is 3 or 4
    assert_eq!(read(&mut errors, 2).await.0, [19, 23]);
}

#[tokio::test]
async fn rows_over_the_rate_are_counted_and_the_newest_kept() {
    let fixture = Fixture::empty(QueryOptions::default(), Vec::new()).await;
    let mut tail = fixture.service.tail(tail("", 40)).unwrap();
    fixture.append(vec![test_support::logs(0..300)]).await;
    let (got, over, _) = read(&mut tail, 300).await;
    assert_eq!((got, over), ((290..300).collect::<Vec<_>>(), 290));
}

#[tokio::test]
async fn a_tail_goes_on_where_it_ended() {
    let fixture = Fixture::empty(QueryOptions::default(), Vec::new()).await;
    let mut first = fixture.service.tail(tail("", 1_000)).unwrap();
    fixture.append(vec![test_support::logs(0..5)]).await;
    let (_, _, place) = read(&mut first, 5).await;
    drop(first);
    fixture.append(vec![test_support::logs(5..9)]).await;
    let mut second = fixture.service.tail(TailRequest { resume: Some(place), ..tail("", 1_000) }).unwrap();
    assert_eq!(read(&mut second, 4).await.0, [5, 6, 7, 8]);
    let mut lost = fixture.service.tail(TailRequest { resume: Some("1-1".into()), ..tail("", 1_000) }).unwrap();
    assert_eq!(lost.next().await, Some(TailEvent::Missed(None)));
}

#[tokio::test]
async fn a_tail_is_listed_and_cancelled() {
    let fixture = Fixture::empty(QueryOptions::default(), Vec::new()).await;
    let selection = Selection { id: Some("t1".into()), ..logs("it's") };
    let mut tail = fixture.service.tail(TailRequest { selection, ..tail("", 10) }).unwrap();
    let listed = fixture.service.queries().into_iter().find(|query| query.id == "t1").unwrap();
    assert_eq!(listed.state, crate::QueryState::Running);
    assert_eq!(listed.sql, "SELECT * FROM logs WHERE search('it''s') -- tail");
    assert!(fixture.service.cancel("t1"));
    assert_eq!(tail.next().await, None);
    assert!(matches!(tail.error(), Some(QueryError::Cancelled { .. })));
    fixture.service.idle().await;
}

#[tokio::test]
async fn tails_are_bounded_and_checked() {
    let fixture = Fixture::empty(QueryOptions::default(), Vec::new()).await;
    let service = &fixture.service;
    for (request, part) in [
        (tail("", 0), "rate 0 is not"),
        (tail("", 10_001), "rate 10001 is not"),
        (tail("(", 1), "expected a word"),
        (tail("severity:>LOUD", 1), "expected TRACE"),
        (TailRequest { resume: Some("x".into()), ..tail("", 1) }, "is not the id of an event"),
    ] {
        let error = service.tail(request).err().unwrap();
        assert!(error.to_string().contains(part), "{error}");
    }
    service.idle().await;
    let mut tails: Vec<Tail> = Vec::new();
    let error = loop {
        match service.tail(tail("", 1)) {
            Ok(tail) => tails.push(tail),
            Err(error) => break error,
        }
    };
    assert_eq!((tails.len(), error.limit()), (32, Some(crate::Limit::Followers)));
    tails.clear();
    service.idle().await;
    while service.tail(tail("", 1)).is_err() {
        tokio::task::yield_now().await;
    }
}
