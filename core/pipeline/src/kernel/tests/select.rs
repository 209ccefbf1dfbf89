//! Masks: what compares, contains, begins, is there and is sampled.

use crate::kernel::{
    Comparison, Constant, Patterns, compare, contains, ends_with, matches, one_of, present, sample, starts_with,
};
use crate::test_support::{NOW_NS, batch, bits, column, column_as, logs, path, work_of};
use crate::{ColumnType, Work};
use lincei_model::Table;
use serde_json::{Value, json};

const ALL: [Comparison; 6] =
    [Comparison::Eq, Comparison::Ne, Comparison::Lt, Comparison::Le, Comparison::Gt, Comparison::Ge];

/// One bit for each of eq, ne, lt, le, gt, ge.
fn check(name: &str, value: &Value, with: &Constant, want: [u8; 6]) {
    let record = match name.strip_prefix("attributes.") {
        Some(key) => json!({"attributes": {key: value}}),
        None => json!({ name: value }),
    };
    let mut work = Work::new(&logs(&[record]), NOW_NS);
    let have = ALL.map(|comparison| u8::from(compare(&mut work, &column(name), comparison, with).unwrap().value(0)));
    assert_eq!(have, want, "{name} {value} with {with:?}");
}

const LESS: [u8; 6] = [0, 1, 1, 1, 0, 0];
const EQUAL: [u8; 6] = [1, 0, 0, 1, 0, 1];
const GREATER: [u8; 6] = [0, 1, 0, 0, 1, 1];
const NOTHING: [u8; 6] = [0; 6];

#[test]
fn values_compare_with_constants_of_their_kind() {
    let text = |text: &str| Constant::Text(text.to_owned());
    let (body, k, severity) = ("body", "attributes.k", "severity_number");
    for (name, value, with, want) in [
        (body, json!("b"), text("b"), EQUAL),
        (body, json!("a"), text("b"), LESS),
        (body, json!("é"), text("z"), GREATER), // by bytes: 0xc3 > 0x7a
        (body, json!("10"), text("9"), LESS),   // two texts are not numbers
        (body, json!(""), text(""), EQUAL),
        (severity, json!(9), Constant::Int(9), EQUAL),
        (severity, json!(9), Constant::Float(9.5), LESS),
        (severity, json!(10), text("9"), GREATER), // a number and a text: 10 > 9
        (severity, json!(9), text("9.0"), EQUAL),
        (k, json!("10"), Constant::Int(9), GREATER),
        (k, json!("1e1"), Constant::Int(10), EQUAL),
        (k, json!("0.5"), Constant::Int(1), LESS),
        (k, json!("0.5"), Constant::Float(0.25), GREATER),
        (k, json!("-3"), Constant::Float(-3.0), EQUAL),
        // doubles hold neither of them
        (k, json!("9007199254740993"), Constant::Int(9_007_199_254_740_992), GREATER),
        (k, json!("9223372036854775807"), Constant::Int(i64::MAX), EQUAL),
        (k, json!("true"), Constant::Bool(true), EQUAL),
        (k, json!("false"), Constant::Bool(true), LESS),
    ] {
        check(name, &value, &with, want);
    }
}

#[test]
fn what_is_missing_or_of_another_kind_compares_with_nothing() {
    let text = |text: &str| Constant::Text(text.to_owned());
    let (body, k, severity) = ("body", "attributes.k", "severity_number");
    for (name, value, with) in [
        (body, Value::Null, text("")),
        (body, Value::Null, Constant::Int(0)),
        (k, Value::Null, Constant::Float(0.0)),
        (k, Value::Null, Constant::Bool(false)),
        (k, json!("ten"), Constant::Int(10)),
        (k, json!(""), Constant::Int(0)),
        (k, json!("NaN"), Constant::Float(0.0)),
        (k, json!("1"), Constant::Float(f64::NAN)),
        (k, json!("yes"), Constant::Bool(true)),
        (severity, json!(1), Constant::Bool(true)),
        (severity, json!(9), text("nine")),
        (severity, json!(9), text("")),
    ] {
        check(name, &value, &with, NOTHING);
    }
}

#[test]
fn maps_have_no_order_and_no_text() {
    let mut work = work_of([Some("a")]);
    let map = column("attributes");
    assert!(compare(&mut work, &map, Comparison::Eq, &Constant::Text("a".into())).is_err());
    assert!(compare(&mut work, &map, Comparison::Eq, &Constant::Int(1)).is_err());
    assert!(one_of(&mut work, &map, &["a".into()]).is_err());
    assert!(contains(&mut work, &map, "a", false).is_err());
    assert!(contains(&mut work, &map, "a", true).is_err());
    assert!(starts_with(&mut work, &map, "a").is_err());
    assert!(ends_with(&mut work, &map, "a").is_err());
    assert!(matches(&mut work, &map, &Patterns::default().regex("a").unwrap()).is_err());
    assert!(sample(&mut work, Some(&map), 0.5).is_err());
}

#[test]
fn texts_are_looked_through() {
    let texts = [Some("GET /a"), Some("get /B"), None, Some(""), Some("ÄGET"), Some("/a")];
    let mut work = work_of(texts);
    let body = &column("body");
    let among = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(bits(&one_of(&mut work, body, &among(&["/a", "", "x"])).unwrap()), [0, 0, 0, 1, 0, 1]);
    assert_eq!(bits(&one_of(&mut work, body, &[]).unwrap()), [0; 6]);
    for (text, ignore_case, want) in [
        ("GET", false, [1, 0, 0, 0, 1, 0]),
        ("GET", true, [1, 1, 0, 0, 1, 0]),
        ("äg", true, [0, 0, 0, 0, 1, 0]),
        ("äg", false, [0; 6]),
        ("", false, [1, 1, 0, 1, 1, 1]),
        (".", true, [0; 6]),
        ("/[a", true, [0; 6]),
    ] {
        assert_eq!(bits(&contains(&mut work, body, text, ignore_case).unwrap()), want, "{text:?} {ignore_case}");
    }
    assert_eq!(bits(&starts_with(&mut work, body, "GET").unwrap()), [1, 0, 0, 0, 0, 0]);
    assert_eq!(bits(&starts_with(&mut work, body, "").unwrap()), [1, 1, 0, 1, 1, 1]);
    assert_eq!(bits(&ends_with(&mut work, body, "/a").unwrap()), [1, 0, 0, 0, 0, 1]);
    assert_eq!(bits(&ends_with(&mut work, body, "longer than each of them").unwrap()), [0; 6]);
    let pattern = Patterns::default().regex("(?i)^get /[ab]$").unwrap();
    assert_eq!(bits(&matches(&mut work, body, &pattern).unwrap()), [1, 1, 0, 0, 0, 0]);
}

#[test]
fn kernels_work_on_marked_rows_too() {
    let mut work = work_of([Some("a"), Some("b")]);
    work.keep(&crate::test_support::mask(&[0, 1])).unwrap();
    assert_eq!(bits(&starts_with(&mut work, &column("body"), "a").unwrap()), [1, 0]);
}

#[test]
fn a_value_is_present_as_what_the_column_is_used_as() {
    let records = [json!({"attributes": {"k": "7"}}), json!({"attributes": {"k": "x"}}), json!({"body": ""})];
    let mut work = Work::new(&logs(&records), NOW_NS);
    for (name, as_type, want) in [
        ("attributes.k", ColumnType::Text, [1, 1, 0]),
        ("attributes.k", ColumnType::Ints, [1, 0, 0]),
        ("body", ColumnType::Text, [0, 0, 1]),
        ("observed_time", ColumnType::Ints, [0, 0, 0]),
        ("service", ColumnType::Text, [1, 1, 1]),
        ("attributes", ColumnType::Attributes, [1, 1, 1]),
    ] {
        assert_eq!(bits(&present(&mut work, &column_as(name, as_type)).unwrap()), want, "{name} as {as_type}");
    }
    assert!(present(&mut work, &column_as("attributes", ColumnType::Text)).is_err());
}

#[test]
fn a_sample_is_near_its_ratio_and_always_the_same() {
    const ROWS: usize = 20_000;
    let texts: Vec<String> = (0..ROWS).map(|row| format!("trace-{row}")).collect();
    let mut work = work_of(texts.iter().map(|text| Some(text.as_str())));
    let body = column("body");
    for by in [None, Some(&body)] {
        let mut smaller = None;
        for ratio in [0.0, 0.01, 0.1, 0.5, 0.99, 1.0] {
            let rows = sample(&mut work, by, ratio).unwrap();
            let (have, want) = (rows.count_set_bits() as f64, ratio * ROWS as f64);
            // five standard deviations of a binomial distribution
            let spread = 5.0 * (want * (1.0 - ratio)).sqrt();
            assert!((have - want).abs() <= spread, "{have} of {ROWS} for {ratio}");
            assert_eq!(rows, sample(&mut work, by, ratio).unwrap());
            if let Some(smaller) = smaller {
                assert_eq!(&rows & &smaller, smaller, "a greater ratio keeps what a smaller one does");
            }
            smaller = Some(rows);
        }
    }
}

#[test]
fn rows_with_one_text_are_all_in_or_all_out_in_every_batch() {
    let texts = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let body = column("body");
    let alone = |text: &str| sample(&mut work_of([Some(text)]), Some(&body), 0.5).unwrap().value(0);
    let mut work = work_of(texts.iter().chain(&texts).map(|text| Some(*text)));
    let together = sample(&mut work, Some(&body), 0.5).unwrap();
    for (row, text) in texts.iter().chain(&texts).enumerate() {
        assert_eq!(together.value(row), alone(text), "{text}");
    }
    let missing = sample(&mut work_of([None, None, Some("")]), Some(&body), 0.5).unwrap();
    assert!([0, 3].contains(&missing.count_set_bits()), "a missing text counts as the empty one");
}

#[test]
fn ratios_outside_of_0_to_1_are_refused() {
    for ratio in [-0.1, 1.1, f64::NAN, f64::INFINITY, -1e-9] {
        let error = sample(&mut work_of([Some("a")]), None, ratio).unwrap_err().to_string();
        assert!(error.contains("is not between 0 and 1"), "{error}");
    }
}

#[test]
fn integers_that_doubles_cannot_hold_compare_exactly() {
    let rows = batch(Table::Metrics, &[json!({"value_int": 9_007_199_254_740_993_i64})]);
    let mut work = Work::new(&rows, NOW_NS);
    let target = crate::kernel::Target { path: path(Table::Metrics, "value_int"), column_type: ColumnType::Ints };
    let near = Constant::Int(9_007_199_254_740_992);
    assert_eq!(bits(&compare(&mut work, &target, Comparison::Gt, &near).unwrap()), [1]);
    assert_eq!(bits(&compare(&mut work, &target, Comparison::Eq, &near).unwrap()), [0]);
}
