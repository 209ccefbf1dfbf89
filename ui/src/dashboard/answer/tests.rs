use super::*;
use serde_json::json;

const MINUTE: f64 = 60_000.0;

fn response(columns: &[(&str, &str)], rows: &Value) -> SqlResponse {
    let column = |(name, kind): &(&str, &str)| Column { name: (*name).into(), data_type: (*kind).into() };
    let rows = rows.as_array().into_iter().flatten().map(|row| row.as_array().cloned().unwrap_or_default());
    SqlResponse { columns: columns.iter().map(column).collect(), rows: rows.collect(), ..SqlResponse::default() }
}

const TIME: (&str, &str) = ("time", "Timestamp(Nanosecond, Some(\"+00:00\"))");
const SERVICE: (&str, &str) = ("service", "Utf8View");

#[test]
fn texts_name_series_and_numbers_are_their_values() {
    let rows = json!([
        ["1970-01-01T00:01:00Z", "b", 4],
        ["1970-01-01T00:00:00Z", "b", 3],
        ["1970-01-01T00:00:00Z", "a", null],
        ["1970-01-01T00:01:00Z", "a", "9007199254740993"],
        [null, "a", 1],
    ]);
    let answer = answer(View::Line, &response(&[TIME, SERVICE, ("n", "Int64")], &rows), Some(MINUTE));
    let Ok(Answer::Timelines(timelines)) = answer else { panic!("{answer:?}") };
    let named = |line: &TimeLine| (line.name.clone(), line.points.clone());
    let lines: Vec<_> = timelines.lines.iter().map(named).collect();
    assert_eq!(
        lines,
        [("a".into(), vec![(MINUTE, 9_007_199_254_740_992.0)]), ("b".into(), vec![(0.0, 3.0), (MINUTE, 4.0)])]
    );
}

#[test]
fn several_numbers_are_a_series_each() {
    let rows = json!([["1970-01-01T00:00:00Z", 1.5, 2]]);
    let columns = [TIME, ("p50", "Float64"), ("p95", "UInt64")];
    let Ok(Answer::Timelines(one)) = answer(View::Area, &response(&columns, &rows), None) else { panic!() };
    assert_eq!(one.lines.iter().map(|l| l.name.as_str()).collect::<Vec<_>>(), ["p50", "p95"]);
    let columns = [TIME, SERVICE, ("p50", "Float64"), ("p95", "Float64")];
    let rows = json!([["1970-01-01T00:00:00Z", "cart", 1.5, 2]]);
    let Ok(Answer::Timelines(two)) = answer(View::Area, &response(&columns, &rows), None) else { panic!() };
    assert_eq!(two.lines.iter().map(|l| l.name.as_str()).collect::<Vec<_>>(), ["cart · p50", "cart · p95"]);
}

#[test]
fn levels_keep_their_colours_and_the_smallest_series_are_left_out() {
    let rows = json!([["1970-01-01T00:00:00Z", "ERROR", 1], ["1970-01-01T00:00:00Z", "INFO", 9]]);
    let columns = [TIME, ("severity", "Utf8View"), ("n", "Int64")];
    let Ok(Answer::Timelines(levels)) = answer(View::Columns, &response(&columns, &rows), None) else { panic!() };
    assert_eq!(levels.lines.iter().map(|l| l.level).collect::<Vec<_>>(), [Some(Level::Info), Some(Level::Error)]);
    let rows: Vec<Value> = (0..32).map(|n| json!(["1970-01-01T00:00:00Z", format!("s{n:02}"), n])).collect();
    let many = answer(View::Line, &response(&[TIME, SERVICE, ("n", "Int64")], &json!(rows)), None);
    let Ok(Answer::Timelines(many)) = many else { panic!() };
    assert_eq!((many.lines.len(), many.left_out, many.lines[0].name.as_str()), (30, 2, "s02"));
}

#[test]
fn bars_are_named_by_all_but_the_number() {
    let rows = json!([["cart", "GET", 3], [null, "PUT", null]]);
    let columns = [SERVICE, ("method", "Utf8View"), ("n", "Int64")];
    let bar = |label: &str, value| BarRow { label: label.into(), value };
    assert_eq!(
        answer(View::Bars, &response(&columns, &rows), None),
        Ok(Answer::Bars(vec![bar("cart · GET", Some(3.0)), bar(" · PUT", None)]))
    );
}

#[test]
fn one_number_is_the_newest_and_the_others_are_how_it_went() {
    let rows = json!([["1970-01-01T00:01:00Z", 4], ["1970-01-01T00:00:00Z", 3]]);
    let columns = [TIME, ("n", "Int64")];
    let newest = Answer::Figure(Figure { value: Some(4.0), trend: vec![3.0, 4.0] });
    assert_eq!(answer(View::Value, &response(&columns, &rows), None), Ok(newest));
    let alone = answer(View::Value, &response(&[("n", "Float64")], &json!([["NaN"]])), None);
    assert!(matches!(alone, Ok(Answer::Figure(Figure { value: Some(nan), .. })) if nan.is_nan()));
    let null = answer(View::Value, &response(&[("n", "Int64")], &json!([[null]])), None);
    assert_eq!(null.map(|answer| answer.is_empty()), Ok(true));
}

#[test]
fn a_heat_map_has_a_column_for_every_step() {
    let rows = json!([
        ["1970-01-01T00:00:00Z", 10.0, 1],
        ["1970-01-01T00:01:00Z", 9.0, 2],
        ["1970-01-01T00:03:00Z", 10.0, 3],
        ["1970-01-01T00:03:00Z", null, 3],
    ]);
    let columns = [TIME, ("ms", "Int64"), ("n", "Int64")];
    let Ok(Answer::Heat(heat)) = answer(View::Heat, &response(&columns, &rows), None) else { panic!() };
    assert_eq!(heat.times_ms, [0.0, MINUTE, 2.0 * MINUTE, 3.0 * MINUTE]);
    assert_eq!(heat.rows, [("9".into(), vec![0.0, 2.0, 0.0, 0.0]), ("10".into(), vec![1.0, 0.0, 0.0, 3.0])]);
}

#[test]
fn what_a_view_lacks_is_named() {
    let none = json!([]);
    let of = |view, columns: &[(&str, &str)]| answer(view, &response(columns, &none), None).map(|_| ());
    assert_eq!(of(View::Line, &[SERVICE, ("n", "Int64")]), Err(ShapeFlaw::NoTime));
    assert_eq!(of(View::Line, &[TIME, SERVICE]), Err(ShapeFlaw::NoNumber));
    assert_eq!(of(View::Bars, &[SERVICE]), Err(ShapeFlaw::NoNumber));
    assert_eq!(of(View::Value, &[TIME]), Err(ShapeFlaw::NoNumber));
    assert_eq!(of(View::Heat, &[TIME, ("n", "Int64")]), Err(ShapeFlaw::NoRange));
    assert_eq!(of(View::Table, &[]), Ok(()));
}

#[test]
fn a_histogram_is_series_over_time() {
    let series = |name: Option<&str>, rest, counts: Vec<u64>| lincei_api::HistogramSeries {
        name: name.map(Into::into),
        rest,
        total: counts.iter().sum(),
        counts,
    };
    let response = HistogramResponse {
        buckets: vec!["1970-01-01T00:00:00Z".into(), "1970-01-01T00:01:00Z".into()],
        step_ms: 60_000,
        counts: vec![3, 4],
        series: vec![
            series(Some("cart"), false, vec![1, 0]),
            series(None, false, vec![2, 0]),
            series(None, true, vec![0, 4]),
        ],
        total: 7,
        ..HistogramResponse::default()
    };
    let by = of_histogram(&response, "service", "none", "others");
    let names: Vec<&str> = by.lines.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(names, ["cart", "none", "others"]);
    assert_eq!(by.lines[2].points, [(0.0, 0.0), (MINUTE, 4.0)]);
    assert_eq!(of_histogram(&response, "", "none", "others").lines[0].points, [(0.0, 3.0), (MINUTE, 4.0)]);
    assert!(of_histogram(&HistogramResponse::default(), "", "", "").lines.is_empty());
}
