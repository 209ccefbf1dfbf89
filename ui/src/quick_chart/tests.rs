use super::*;
use lincei_api::Column;
use serde_json::{Value, json};

const TIME: &str = "Timestamp(ns, \"UTC\")";

fn set(columns: &[(&str, &str)], rows: Value) -> ResultSet {
    let column = |(name, data_type): &(&str, &str)| Column { name: (*name).into(), data_type: (*data_type).into() };
    ResultSet::new(columns.iter().map(column).collect(), serde_json::from_value(rows).unwrap())
}

fn by_service() -> ResultSet {
    set(
        &[("minute", TIME), ("service", "Utf8"), ("errors", "Int64")],
        json!([
            ["2026-11-22T03:02:00Z", "cart", 4],
            ["2026-11-22T03:01:00Z", "cart", 1],
            ["2026-11-22T03:01:00Z", "payment", 2],
            ["2026-11-22T03:02:00Z", null, null]
        ]),
    )
}

#[test]
fn what_suits_an_answer_is_found() {
    let two = |columns: &[(&str, &str)], first: Value, second: Value| set(columns, json!([first, second]));
    let over_time = two(
        &[("t", TIME), ("a", "Int64"), ("b", "Float64")],
        json!(["2026-11-22T03:01:00Z", 1, 0.5]),
        json!(["2026-11-22T03:02:00Z", 2, 0.25]),
    );
    for (set, text) in [
        (by_service(), Some("lines:0:2:1")),
        (over_time, Some("lines:0:1.2:")),
        (two(&[("service", "Utf8"), ("n", "Int64")], json!(["a", 1]), json!(["b", 2])), Some("bars:0:1:")),
        (set(&[("n", "Int64")], json!([[42]])), Some("single::0:")),
        (set(&[("service", "Utf8"), ("n", "Int64")], json!([["a", 42]])), Some("bars:0:1:")),
        (set(&[("last", TIME), ("n", "Int64")], json!([["2026-11-22T03:01:00Z", 42]])), Some("single::1:")),
        (set(&[("body", "Utf8")], json!([["a"]])), None),
        (set(&[("n", "Int64")], json!([])), None),
    ] {
        assert_eq!(Chart::automatic(&set).map(|chart| chart.to_text()).as_deref(), text, "{:?}", set.columns);
    }
}

#[test]
fn links_restore_a_chart_that_fits() {
    let set = by_service();
    for text in ["lines:0:2:1", "columns:0:2:", "bars:1:2:", "bars:0:2:", "single::2:"] {
        assert_eq!(Chart::from_text(text, &set).map(|chart| chart.to_text()).as_deref(), Some(text));
    }
    for text in
        ["", "lines", "lines:1:2:", "lines:0:1:", "bars:1:2:1", "single:0", "pie:0:2:", "lines:::", "lines:0:9:"]
    {
        assert_eq!(Chart::from_text(text, &set), None, "{text}");
    }
}

#[test]
fn lines_are_split_by_category_and_in_the_order_of_time() {
    let set = by_service();
    let lines = lines(&set, &Chart::automatic(&set).unwrap());
    // 2026-11-22T03:01:00Z
    let first = 1_795_316_460_000.0;
    assert_eq!(lines.of, 2, "a line without numbers is none");
    assert_eq!(lines.drawn[0], Line { name: "cart".into(), points: vec![(first, 1.0), (first + 60_000.0, 4.0)] });
    assert_eq!(lines.drawn[1].name, "payment");
}

#[test]
fn of_many_lines_the_greatest_are_drawn() {
    let rows: Vec<Value> = (0..40).flat_map(|n| [json!(["2026-11-22T03:01:00Z", format!("s{n}"), n])]).collect();
    let set = set(&[("t", TIME), ("s", "Utf8"), ("n", "Int64")], json!(rows));
    let lines = lines(&set, &Chart::automatic(&set).unwrap());
    assert_eq!((lines.of, lines.drawn.len(), lines.drawn[0].name.as_str()), (40, LINES_MAX, "s39"));
}

#[test]
fn bars_keep_the_order_and_name_null() {
    let set = by_service();
    let chart = Chart::of_kind(&set, ChartKind::Bars).unwrap();
    let bars = bars(&set, &chart);
    assert_eq!((bars.of, bars.drawn[3].clone()), (4, ("null".to_owned(), None)));
    assert_eq!(bars.drawn[0], ("cart".to_owned(), Some(4.0)));
    assert_eq!(single(&set, &Chart::of_kind(&set, ChartKind::Single).unwrap()), Some(4.0));
}

#[test]
fn names_tell_units() {
    for (name, unit_of) in [
        ("p95_ms", Unit::Milliseconds),
        ("bytes", Unit::Bytes),
        ("Memory Bytes", Unit::Bytes),
        ("error_percent", Unit::Percent),
        ("items", Unit::Number),
        ("forms", Unit::Number),
        ("count(*)", Unit::Number),
    ] {
        assert_eq!(unit(name), unit_of, "{name}");
    }
}

#[test]
fn values_are_added_and_taken_away() {
    let chart = Chart { kind: ChartKind::Lines, along: Some(0), values: vec![1], split: None };
    let both = chart.with_value(3);
    assert_eq!(both.values, [1, 3]);
    let one = both.with_value(1);
    assert_eq!(one.values, [3]);
    assert_eq!(one.clone().with_value(3).values, [3], "the last one stays");
    let split = Chart { values: vec![1, 3], ..one }.with_split(Some(2));
    assert_eq!((split.values.clone(), split.split), (vec![1], Some(2)));
    assert_eq!(split.with_value(3).values, [3]);
}
