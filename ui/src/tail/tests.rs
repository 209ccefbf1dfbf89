use super::*;

fn line(number: usize) -> LogRow {
    LogRow { time_ns: number as i64, service: "web".into(), body: Some(format!("line {number}")), ..LogRow::default() }
}

fn lines(numbers: std::ops::Range<usize>) -> Vec<LogRow> {
    numbers.map(line).collect()
}

fn shown(tail: &Tail) -> Vec<i64> {
    (0..tail.len()).map(|index| tail.row(tail.number_at(index).unwrap()).unwrap().time_ns).collect()
}

/// The example of the HTML standard, section 9.2.6, and what servers do beside it.
#[test]
fn events_are_read_however_the_bytes_are_cut() {
    let stream = "\u{feff}: hello\r\nevent: add\r\ndata: YHOO\ndata: +2\ndata\n\n\rid: 7-1\n\nid\0: x\nretry: 5\n\
                  event: rows\nid: 7-2\ndata:{\"ü\":1}\n\ndata:  two spaces\n\nevent: cut\ndata: off\n";
    let whole = EventReader::default().feed(stream.as_bytes());
    let expected = [("add", "YHOO\n+2\n"), ("rows", "{\"ü\":1}"), ("", " two spaces")];
    let pairs: Vec<_> = whole.iter().map(|event| (event.name.as_str(), event.data.as_str())).collect();
    assert_eq!(pairs, expected);
    for size in [1, 2, 3, 7] {
        let mut reader = EventReader::default();
        let pieces: Vec<Event> = stream.as_bytes().chunks(size).flat_map(|bytes| reader.feed(bytes)).collect();
        assert_eq!(pieces, whole, "pieces of {size}");
        assert_eq!(reader.last_id(), "7-2");
    }
}

#[test]
fn an_id_without_data_is_where_to_resume() {
    let mut reader = EventReader::after("5-1".into());
    assert_eq!(reader.last_id(), "5-1");
    assert!(reader.feed(b"id: 5-9\n").is_empty());
    assert_eq!(reader.last_id(), "5-1", "only once the event is whole");
    assert!(reader.feed(b"\n").is_empty());
    assert_eq!(reader.last_id(), "5-9");
}

/// Shapes as in docs/explore.md, "GET /api/v1/logs/tail".
#[test]
fn what_the_server_says_is_understood() {
    let said = |name: &str, data: &str| read(&Event { name: name.into(), data: data.into() });
    assert_eq!(said("start", r#"{"query_id":"q"}"#), Ok(Some(TailEvent::Started)));
    let rows = said("rows", r#"{"rows":[{"time":"1970-01-01T00:00:00.000000005Z","service":"web","body":"line 5"}]}"#);
    assert_eq!(rows, Ok(Some(TailEvent::Rows(vec![line(5)]))));
    assert_eq!(said("dropped", r#"{"rows":1200,"reason":"rate"}"#), Ok(Some(TailEvent::OverRate(1200))));
    assert_eq!(said("dropped", r#"{"rows":3,"reason":"slow"}"#), Ok(Some(TailEvent::Missed(Some(3)))));
    assert_eq!(said("dropped", r#"{"rows":null,"reason":"slow"}"#), Ok(Some(TailEvent::Missed(None))));
    assert_eq!(said("end", r#"{"reason":"reconnect"}"#), Ok(Some(TailEvent::Ended(End::Reconnect))));
    assert_eq!(said("end", r#"{"reason":"shutdown"}"#), Ok(Some(TailEvent::Ended(End::Shutdown))));
    assert_eq!(said("end", r#"{"reason":"cancelled"}"#), Ok(Some(TailEvent::Ended(End::Cancelled))));
    assert_eq!(said("end", r#"{"reason":"failed"}"#), Ok(Some(TailEvent::Ended(End::Failed(None)))));
    assert_eq!(said("weather", "{}"), Ok(None));
    assert!(said("rows", "[").is_err());
    assert!(said("rows", r#"{"rows":[{"body":"no time"}]}"#).is_err());
}

#[test]
fn lines_that_come_together_are_put_in_the_order_of_their_times() {
    let mut tail = Tail::default();
    tail.add([5, 2, 4].map(line).into(), false);
    assert_eq!(shown(&tail), [5, 4, 2]);
    tail.add([3, 1].map(line).into(), false);
    assert_eq!(shown(&tail), [3, 1, 5, 4, 2], "those that were shown stay where they are");
}

#[test]
fn lines_wait_while_they_are_held() {
    let mut tail = Tail::default();
    tail.add(lines(0..3), false);
    assert_eq!(shown(&tail), [2, 1, 0]);
    let first = tail.number_at(0);
    tail.add(lines(3..5), true);
    assert_eq!((shown(&tail), tail.waiting()), (vec![2, 1, 0], (2, false)));
    tail.show();
    assert_eq!((shown(&tail), tail.waiting()), (vec![4, 3, 2, 1, 0], (0, false)));
    assert_eq!(tail.index_of(first.unwrap()), Some(2), "a line keeps its number");
    tail.add(lines(5..6), true);
    tail.add(lines(6..7), false);
    assert_eq!(shown(&tail), [6, 5, 4, 3, 2, 1, 0], "none is overtaken");
    assert_eq!(tail.received(), 7);
}

#[test]
fn the_newest_are_held_and_no_gap_is_shown() {
    let mut tail = Tail::default();
    tail.add(lines(0..100), false);
    tail.add(lines(100..100 + ROWS_MAX + 1), true);
    assert_eq!((tail.len(), tail.waiting()), (100, (ROWS_MAX, true)));
    tail.show();
    assert_eq!(tail.len(), ROWS_MAX);
    assert_eq!(shown(&tail).last(), Some(&101), "line 100 is gone, so those before it are as well");
    tail.add(lines(0..5), false);
    assert_eq!((tail.len(), tail.waiting()), (ROWS_MAX, (0, false)));
}

#[test]
fn long_lines_are_fewer() {
    let mut tail = Tail::default();
    let long = LogRow { body: Some("x".repeat(BYTES_MAX / 4)), ..LogRow::default() };
    tail.add(vec![long; 9], false);
    assert_eq!(tail.len(), 3);
}

#[test]
fn stored_lines_come_below_and_not_twice() {
    let mut tail = Tail::default();
    tail.add(lines(8..10), true);
    tail.add_stored(lines(5..9).into_iter().rev().collect());
    assert_eq!(shown(&tail), [7, 6, 5]);
    tail.show();
    assert_eq!(shown(&tail), [9, 8, 7, 6, 5]);
    for index in 0..5 {
        assert_eq!(tail.index_of(tail.number_at(index).unwrap()), Some(index));
    }
    assert_eq!(tail.received(), 2);
}

#[test]
fn what_is_left_out_is_added_up() {
    let mut tail = Tail::default();
    for event in [TailEvent::OverRate(5), TailEvent::OverRate(2), TailEvent::Missed(Some(3)), TailEvent::Started] {
        tail.leave_out(&event);
    }
    assert_eq!(tail.left_out(), LeftOut { over_rate: 7, missed: 3, gap: false });
    tail.leave_out(&TailEvent::Missed(None));
    assert!(tail.left_out().gap);
}

#[test]
fn waits_grow_and_stay_bounded() {
    assert_eq!([0, 1, 2, 3, 4, 5, 100].map(wait_seconds), [1, 1, 2, 5, 10, 20, 20]);
}
