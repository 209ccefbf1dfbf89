use super::*;
use serde_json::json;

fn set(columns: &[(&str, &str)], rows: Value) -> ResultSet {
    let column = |(name, data_type): &(&str, &str)| Column { name: (*name).into(), data_type: (*data_type).into() };
    let rows: Vec<Vec<Value>> = serde_json::from_value(rows).unwrap();
    ResultSet::new(columns.iter().map(column).collect(), rows)
}

#[test]
fn kinds_and_names_of_types() {
    for (data_type, kind, name) in [
        ("Timestamp(ns, \"UTC\")", ValueKind::Time, "timestamp"),
        ("Timestamp(Nanosecond, Some(\"UTC\"))", ValueKind::Time, "timestamp"),
        ("Date32", ValueKind::Time, "date"),
        ("Int64", ValueKind::Number, "int64"),
        ("UInt8", ValueKind::Number, "uint8"),
        ("Float64", ValueKind::Number, "double"),
        ("Decimal128(38, 10)", ValueKind::Number, "decimal"),
        ("Boolean", ValueKind::Bool, "bool"),
        ("Utf8View", ValueKind::Text, "text"),
        ("Dictionary(Int32, Utf8)", ValueKind::Text, "text"),
        ("Map(\"key_value\": Struct(\"key\": Utf8View))", ValueKind::Structure, "map"),
        ("List(Float64)", ValueKind::Structure, "list"),
        ("Interval(MonthDayNano)", ValueKind::Text, "interval"),
        ("Null", ValueKind::Text, "null"),
    ] {
        assert_eq!((ValueKind::of(data_type), type_name(data_type).as_str()), (kind, name), "{data_type}");
    }
}

#[test]
fn cells_show_times_in_the_zone_and_null_as_none() {
    let set = set(
        &[("t", "Timestamp(ns, \"UTC\")"), ("day", "Date32"), ("n", "Int64"), ("m", "Map(x)")],
        json!([
            ["2026-11-22T03:01:52.418000000Z", "2026-11-22", 7, {"a": "b"}],
            [null, null, "9223372036854775807", null]
        ]),
    );
    let hour = |_: i64| 60;
    assert_eq!(set.cell(0, 0, &hour).as_deref(), Some("2026-11-22 04:01:52.418"));
    assert_eq!(set.cell(0, 1, &hour).as_deref(), Some("2026-11-22"));
    assert_eq!(set.cell(0, 3, &hour).as_deref(), Some("{\"a\":\"b\"}"));
    assert_eq!(set.cell(1, 2, &hour).as_deref(), Some("9223372036854775807"));
    assert_eq!(set.cell(1, 0, &hour), None);
    assert_eq!(set.cell(2, 0, &hour), None, "beyond the last row");
    assert_eq!(set.copied(0, 0), "2026-11-22T03:01:52.418000000Z");
    assert_eq!(set.copied(1, 0), "");
    assert_eq!(set.time_ns(0, 0), parse_utc("2026-11-22T03:01:52.418Z"));
    assert_eq!(set.number(1, 2), Some(9_223_372_036_854_775_807.0));
}

#[test]
fn long_and_broken_texts_stay_on_one_line() {
    let set = set(&[("body", "Utf8")], json!([["a\nb\tc"], ["x".repeat(400)]]));
    assert_eq!(set.cell(0, 0, &|_| 0).as_deref(), Some("a b c"));
    let cut = set.cell(1, 0, &|_| 0).unwrap();
    assert!(cut.ends_with('…') && cut.chars().count() == CELL_MAX + 1, "{cut}");
    assert_eq!(set.copied(1, 0).len(), 400);
}

#[test]
fn columns_are_as_wide_as_what_they_hold() {
    let set = set(
        &[("n", "Int64"), ("service", "Utf8"), ("body", "Utf8"), ("名字", "Utf8")],
        json!([[1, "storefront-gateway", "y".repeat(900), "订单服务订单服务"], [22, "b", "", ""]]),
    );
    let widths: Vec<usize> = set.columns.iter().map(|column| column.width).collect();
    assert_eq!(widths, [9, 18, WIDTH_MAX, 16]);
}

#[test]
fn order_of_numbers_times_and_texts() {
    let set = set(
        &[("n", "UInt64"), ("t", "Timestamp(ns, \"UTC\")"), ("s", "Utf8"), ("b", "Boolean")],
        json!([
            [10, "2026-11-22T03:01:52.5Z", "b", true],
            [9, "2026-11-22T03:01:52Z", "a", false],
            ["18446744073709551615", null, null, null],
            [null, "2026-11-22T02:00:00Z", "a", true],
            [-1, "2026-11-22T03:01:52.25Z", "B", true]
        ]),
    );
    let by = |column, descending| set.order(Some(Sort { column, descending }));
    assert_eq!(set.order(None), [0, 1, 2, 3, 4]);
    assert_eq!(by(0, false), [4, 1, 0, 2, 3]);
    assert_eq!(by(0, true), [2, 0, 1, 4, 3], "null is last either way");
    assert_eq!(by(1, false), [3, 1, 4, 0, 2], "by the point, not by the letters");
    assert_eq!(by(2, false), [4, 1, 3, 0, 2], "equal values keep their order");
    assert_eq!(by(3, true), [0, 3, 4, 1, 2]);
    assert_eq!(by(9, true), [0, 1, 2, 3, 4], "no such column");
}

#[test]
fn a_head_is_pressed_three_times_around() {
    let first = Sort::pressed(None, 2);
    assert_eq!(first, Some(Sort { column: 2, descending: false }));
    let second = Sort::pressed(first, 2);
    assert_eq!(second, Some(Sort { column: 2, descending: true }));
    assert_eq!(Sort::pressed(second, 2), None);
    assert_eq!(Sort::pressed(second, 1), Some(Sort { column: 1, descending: false }));
}

#[test]
fn a_row_is_an_object() {
    let set = set(&[("a", "Int64"), ("b", "Utf8")], json!([[1, null]]));
    assert_eq!(set.row_json(0), "{\n  \"a\": 1,\n  \"b\": null\n}");
    assert_eq!(set.row_json(7), "{}");
    assert_eq!(readable(&json!(["x"])), "[\n  \"x\"\n]");
    assert_eq!(readable(&json!("two\nlines")), "two\nlines");
}

#[test]
fn an_answer_without_rows_keeps_its_columns() {
    let set = set(&[("service", "Utf8")], json!([]));
    assert_eq!(set.columns.len(), 1);
    assert!(set.order(Some(Sort { column: 0, descending: false })).is_empty());
}
