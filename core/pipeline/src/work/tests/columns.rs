//! Columns of tables: types, ranges, what must have a value.

use crate::test_support::{NOW_NS, batch, finished, path, read, values};
use crate::{ColumnType, Work};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringViewArray};
use arrow_buffer::BooleanBuffer;
use lincei_model::Table;
use serde_json::{Value, json};
use std::sync::Arc;

fn ints(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn floats(values: &[Option<f64>]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringViewArray::from_iter(values.iter().copied()))
}

fn bools(values: &[Option<bool>]) -> ArrayRef {
    Arc::new(BooleanArray::from(values.to_vec()))
}

/// Sets a column that starts as `before` in each row, and reads it back.
fn check(table: Table, name: &str, before: &Value, set: &ArrayRef, as_type: ColumnType, want: &[Value]) {
    let record = if name.contains('.') { json!({}) } else { json!({ name: before }) };
    let records = vec![record; set.len()];
    let mut work = Work::new(&batch(table, &records), NOW_NS);
    work.write(&path(table, name), set).unwrap();
    assert_eq!(read(&mut work, name, as_type), want, "{table}.{name} set to {set:?}");
    assert_eq!(finished(work).len(), set.len());
}

#[test]
fn a_column_that_must_have_a_value_keeps_it() {
    let time = json!("2024-01-01T00:00:00Z");
    let time_ns = json!(1_704_067_200_000_000_000_i64); // date -d 2024-01-01T00:00Z +%s
    check(Table::Logs, "time", &time, &ints(&[None, Some(5)]), ColumnType::Ints, &[time_ns, json!(5)]);
    check(Table::Logs, "service", &json!("a"), &texts(&[None, Some("b")]), ColumnType::Text, &[json!("a"), json!("b")]);
    check(Table::Logs, "severity_number", &json!(9), &ints(&[None; 2]), ColumnType::Ints, &[json!(9), json!(9)]);
    check(Table::Logs, "body", &json!("a"), &texts(&[None, Some("b")]), ColumnType::Text, &[Value::Null, json!("b")]);
}

#[test]
fn integers_out_of_the_columns_range_are_missing() {
    let wide = ints(&[Some(255), Some(256), Some(-1), Some(i64::MAX), Some(0)]);
    let nine = json!(9);
    let want = [json!(255), nine.clone(), nine.clone(), nine.clone(), json!(0)];
    check(Table::Logs, "severity_number", &nine, &wide, ColumnType::Ints, &want);
    let want = [json!(255), json!(256), Value::Null, json!(i64::MAX), json!(0)];
    check(Table::Metrics, "count", &nine, &wide, ColumnType::Ints, &want);
    let want = [json!(255), json!(256), json!(-1), Value::Null, json!(0)];
    check(Table::Metrics, "scale", &nine, &wide, ColumnType::Ints, &want);
}

#[test]
fn numbers_texts_and_truths_are_converted_where_they_can_be() {
    let key = "attributes.k";
    let (ints_, floats_, bools_, text) = (ColumnType::Ints, ColumnType::Floats, ColumnType::Bools, ColumnType::Text);
    // texts as `text_of_f64` describes them: shortest, plain from 1e-6 up to 1e21
    let numbers = floats(&[Some(1.0), Some(-0.5), Some(1e21), Some(1e-7), Some(f64::NAN), Some(-0.0)]);
    let want = ["1", "-0.5", "1e21", "1e-7", "NaN", "-0"].map(|text| json!(text));
    check(Table::Logs, key, &Value::Null, &numbers, text, &want);
    let wide = ints(&[Some(i64::MIN), Some(i64::MAX)]);
    check(Table::Logs, key, &Value::Null, &wide, text, &[json!(i64::MIN.to_string()), json!(i64::MAX.to_string())]);
    check(Table::Logs, key, &Value::Null, &wide, ints_, &[json!(i64::MIN), json!(i64::MAX)]);
    check(Table::Logs, key, &Value::Null, &bools(&[Some(true), None]), text, &[json!("true"), Value::Null]);
    check(Table::Logs, key, &Value::Null, &bools(&[Some(true), Some(false)]), bools_, &[json!(true), json!(false)]);
    let words = texts(&[Some("12"), Some("1.5"), Some("x"), Some(""), Some("9223372036854775808"), Some(" 1")]);
    let null = Value::Null;
    let want = [json!(12), null.clone(), null.clone(), null.clone(), null.clone(), null.clone()];
    check(Table::Logs, key, &null, &words, ints_, &want);
    let want = [json!(12.0), json!(1.5), null.clone(), null.clone(), json!(9_223_372_036_854_775_808.0), null.clone()];
    check(Table::Logs, key, &null, &words, floats_, &want);
    let want = [json!(12), json!(7), json!(7), json!(7), json!(7), json!(7)];
    check(Table::Logs, "severity_number", &json!(7), &words, ints_, &want);
    let fractions = floats(&[Some(3.0), Some(3.5), Some(f64::INFINITY)]);
    check(Table::Logs, "severity_number", &json!(7), &fractions, ints_, &[json!(3), json!(7), json!(7)]);
    check(Table::Logs, "body", &null, &ints(&[Some(5)]), text, &[json!("5")]);
    let truths = ints(&[Some(0), Some(1)]);
    check(Table::Metrics, "monotonic", &json!(true), &truths, bools_, &[null.clone(), null.clone()]);
    check(Table::Metrics, "value", &json!(1.5), &truths, floats_, &[json!(0.0), json!(1.0)]);
    check(Table::Metrics, "value", &json!(1.5), &bools(&[Some(true), Some(false)]), ints_, &[json!(1), json!(0)]);
}

#[test]
fn unsigned_integers_beyond_the_signed_are_not_lost_as_text() {
    let count = u64::MAX; // 18446744073709551615
    let mut work = Work::new(&batch(Table::Metrics, &[json!({ "count": count })]), NOW_NS);
    assert_eq!(read(&mut work, "count", ColumnType::Text), [json!("18446744073709551615")]);
    assert_eq!(read(&mut work, "count", ColumnType::Floats), [json!(18_446_744_073_709_551_615.0)]);
    assert_eq!(read(&mut work, "count", ColumnType::Ints), [Value::Null]);
    let three = ints(&[Some(3)]);
    work.write_where(&path(Table::Metrics, "count"), &three, Some(&BooleanBuffer::new_unset(1))).unwrap();
    assert_eq!(finished(work)[0]["count"], json!(count), "what is not chosen is not touched");
}

#[test]
fn points_in_time_are_nanoseconds() {
    let mut work = Work::new(&batch(Table::Logs, &[json!({"time": "1970-01-01T00:00:01.000000002Z"})]), NOW_NS);
    assert_eq!(read(&mut work, "time", ColumnType::Ints), [json!(1_000_000_002)]);
    assert_eq!(read(&mut work, "time", ColumnType::Text), [json!("1000000002")]);
    assert_eq!(read(&mut work, "observed_time", ColumnType::Ints), [Value::Null]);
    work.write(&path(Table::Logs, "observed_time"), &texts(&[Some("3")])).unwrap();
    assert_eq!(finished(work)[0]["observed_time"], json!("1970-01-01T00:00:00.000000003Z"));
}

#[test]
fn columns_of_other_lengths_are_refused() {
    let mut work = Work::new(&batch(Table::Logs, &[json!({"body": "b"}), json!({})]), NOW_NS);
    for name in ["body", "attributes.k", "time"] {
        for rows in [0, 1, 3] {
            let error = work.write(&path(Table::Logs, name), &ints(&vec![Some(1); rows])).unwrap_err().to_string();
            assert_eq!(error, format!("a column has {rows} rows, the batch has 2"));
        }
    }
    assert_eq!(read(&mut work, "body", ColumnType::Text), [json!("b"), Value::Null]);
}

#[test]
fn rows_outside_of_a_mask_keep_what_does_not_read_as_the_new_type() {
    let records = [json!({"attributes": {"k": "abc"}}), json!({"attributes": {"k": "7"}}), json!({})];
    for (set, want) in [
        (ints(&[Some(1); 3]), [json!("abc"), json!("1"), Value::Null]),
        (bools(&[Some(true); 3]), [json!("abc"), json!("true"), Value::Null]),
        (floats(&[None; 3]), [json!("abc"), Value::Null, Value::Null]),
    ] {
        let mut work = Work::new(&batch(Table::Logs, &records), NOW_NS);
        let second = BooleanBuffer::from(vec![false, true, false]);
        work.write_where(&path(Table::Logs, "attributes.k"), &set, Some(&second)).unwrap();
        assert_eq!(values(&work.read(&path(Table::Logs, "attributes.k"), ColumnType::Text).unwrap()), want);
    }
}
