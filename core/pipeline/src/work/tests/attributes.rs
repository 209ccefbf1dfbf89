//! Keys of maps: reading, setting, and both on slices of larger batches.

use crate::test_support::{NOW_NS, finished, logs, path, read, texts, values};
use crate::{ColumnType, Work, records_to_json};
use arrow_array::builder::{MapBuilder, MapFieldNames, StringViewBuilder};
use arrow_array::{Array, ArrayRef, Int64Array, MapArray, RecordBatch, StringViewArray};
use lincei_model::{Batch, Table};
use serde_json::{Value, json};
use std::sync::Arc;

type Entries<'t> = &'t [(&'t str, Option<&'t str>)];

/// A map with entries as they are given, also several with one key.
fn map_of(rows: &[Entries<'_>]) -> MapArray {
    let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
    let mut builder = MapBuilder::new(Some(names), StringViewBuilder::new(), StringViewBuilder::new());
    for row in rows {
        for (key, value) in *row {
            builder.keys().append_value(key);
            builder.values().append_option(*value);
        }
        builder.append(true).unwrap();
    }
    let built = builder.finish();
    let lincei_type = lincei_model::attribute_map_type();
    let arrow_schema::DataType::Map(field, _) = lincei_type else { unreachable!() };
    MapArray::new(field, built.offsets().clone(), built.entries().clone(), None, false)
}

fn batch_of(rows: &[Entries<'_>]) -> Batch {
    let records: Vec<Value> = (0..rows.len()).map(|row| json!({ "body": format!("row {row}") })).collect();
    let start = logs(&records).into_records();
    let mut columns = start.columns().to_vec();
    let place = start.schema().index_of("attributes").unwrap();
    columns[place] = Arc::new(map_of(rows));
    Batch::new(Table::Logs, RecordBatch::try_new(start.schema(), columns).unwrap()).unwrap()
}

fn work_of(rows: &[Entries<'_>]) -> Work {
    Work::new(&batch_of(rows), NOW_NS)
}

fn set(work: &mut Work, name: &str, texts: &[Option<&str>]) {
    let array: ArrayRef = Arc::new(StringViewArray::from_iter(texts.iter().copied()));
    work.write(&path(work.table(), name), &array).unwrap();
}

fn entries(work: &mut Work, row: usize) -> Vec<(String, Option<String>)> {
    let map = work.read(&path(Table::Logs, "attributes"), ColumnType::Attributes).unwrap();
    let map = map.as_any().downcast_ref::<MapArray>().unwrap().value(row);
    let text = |index: usize| map.column(index).as_any().downcast_ref::<StringViewArray>().unwrap().clone();
    let (keys, values) = (text(0), text(1));
    keys.iter().map(|key| key.unwrap().to_owned()).zip(values.iter().map(|value| value.map(str::to_owned))).collect()
}

const LONG: &str = "http.request.method";

#[test]
fn a_key_is_found_by_all_of_its_bytes() {
    // lengths around the 12 bytes of an inline view, and tails that differ behind equal prefixes
    let row: Entries<'_> = &[
        ("a", Some("1")),
        ("abcdefghijk", Some("11")),
        ("abcdefghijkl", Some("12")),
        ("abcdefghijkm", Some("12m")),
        ("abcdefghijklm", Some("13")),
        ("abcdefghijkln", Some("13n")),
        (LONG, Some("GET")),
        ("http.request.nethod", Some("typo")),
        ("schlüssel", Some("ü")),
        ("key\0", Some("nul")),
    ];
    for (key, value) in row {
        assert_eq!(texts(&mut work_of(&[row]), &format!("attributes.{key}")), [json!(value)], "{key:?}");
    }
    for absent in ["b", "key", "key\0\0", "abcdefghij", "abcdefghijko", "abcdefghijklo", "http.request.metho", "A"] {
        assert_eq!(texts(&mut work_of(&[row]), &format!("attributes.{absent}")), [Value::Null], "{absent:?}");
    }
}

#[test]
fn of_entries_with_one_key_the_first_counts_even_if_it_has_no_value() {
    for key in ["k", LONG] {
        let rows: [Entries<'_>; 4] = [
            &[(key, Some("first")), (key, Some("second"))],
            &[(key, None), (key, Some("second"))],
            &[],
            &[(key, None)],
        ];
        let mut work = work_of(&rows);
        let want = [json!("first"), Value::Null, Value::Null, Value::Null];
        assert_eq!(texts(&mut work, &format!("attributes.{key}")), want);
    }
}

#[test]
fn setting_a_key_replaces_all_its_entries_and_leaves_the_others() {
    for key in ["k", LONG] {
        let rows: [Entries<'_>; 3] = [&[(key, Some("1")), ("x", Some("x")), (key, Some("2"))], &[("x", None)], &[]];
        let mut work = work_of(&rows);
        set(&mut work, &format!("attributes.{key}"), &[Some("new"), Some("added"), None]);
        let owned = |key: &str, value: Option<&str>| (key.to_owned(), value.map(str::to_owned));
        assert_eq!(entries(&mut work, 0), [owned("x", Some("x")), owned(key, Some("new"))]);
        assert_eq!(entries(&mut work, 1), [owned("x", None), owned(key, Some("added"))]);
        assert_eq!(entries(&mut work, 2), []);
    }
}

#[test]
fn a_row_without_a_value_loses_its_entry() {
    let mut work = work_of(&[&[("k", Some("1")), ("k", Some("2"))], &[("k", Some("3"))]]);
    set(&mut work, "attributes.k", &[None, Some("stays")]);
    assert_eq!(entries(&mut work, 0), []);
    assert_eq!(texts(&mut work, "attributes.k"), [Value::Null, json!("stays")]);
}

#[test]
fn many_keys_set_at_once_are_all_there() {
    let mut work = work_of(&[&[("k7", Some("old")), ("other", Some("o"))], &[]]);
    for number in 0..50 {
        let (a, b) = (format!("a{number}"), format!("b{number}"));
        set(&mut work, &format!("attributes.k{number}"), &[Some(&a), if number % 2 == 0 { Some(&b) } else { None }]);
    }
    let mut want: Vec<serde_json::Map<String, Value>> = vec![serde_json::Map::new(), serde_json::Map::new()];
    want[0].insert("other".into(), json!("o"));
    for number in 0..50 {
        want[0].insert(format!("k{number}"), json!(format!("a{number}")));
        if number % 2 == 0 {
            want[1].insert(format!("k{number}"), json!(format!("b{number}")));
        }
    }
    assert_eq!(entries(&mut work, 0).len(), 51, "the old entry is gone");
    let rows = finished(work);
    assert_eq!(rows[0]["attributes"], Value::Object(want.remove(0)));
    assert_eq!(rows[1]["attributes"], Value::Object(want.remove(0)));
}

#[test]
fn what_was_set_last_is_what_is_read() {
    let mut work = work_of(&[&[("k", Some("0"))]]);
    set(&mut work, "attributes.k", &[Some("1")]);
    set(&mut work, "attributes.k", &[Some("2")]);
    assert_eq!(texts(&mut work, "attributes.k"), [json!("2")]);
    assert_eq!(entries(&mut work, 0), [("k".to_owned(), Some("2".to_owned()))], "the map after its key");
    set(&mut work, "attributes.k", &[Some("3")]);
    assert_eq!(texts(&mut work, "attributes.k"), [json!("3")], "the key after its map was read");
    let whole: ArrayRef = Arc::new(map_of(&[&[("only", Some("this"))]]));
    work.write(&path(Table::Logs, "attributes"), &whole).unwrap();
    assert_eq!(texts(&mut work, "attributes.k"), [Value::Null], "the whole map after its key");
    set(&mut work, "attributes.late", &[Some("l")]);
    set(&mut work, "resource.late", &[Some("r")]);
    let rows = finished(work);
    assert_eq!(rows[0]["attributes"], json!({"only": "this", "late": "l"}));
    assert_eq!(rows[0]["resource"], json!({"late": "r"}));
}

#[test]
fn slices_read_and_set_their_own_rows() {
    let keep: Vec<String> = (0..40).map(|row| format!("value of row {row:02}, longer than a view")).collect();
    let owned: Vec<Vec<(&str, Option<&str>)>> = keep
        .iter()
        .enumerate()
        .map(|(row, text)| match row % 3 {
            0 => vec![(LONG, Some(text.as_str())), ("n", Some("x"))],
            1 => vec![("n", None)],
            _ => vec![],
        })
        .collect();
    let rows: Vec<Entries<'_>> = owned.iter().map(Vec::as_slice).collect();
    let whole = batch_of(&rows).into_records();
    let of_row = |row: usize| if row.is_multiple_of(3) { json!(keep[row]) } else { Value::Null };
    for (start, length) in [(0, 40), (1, 7), (13, 9), (39, 1), (8, 8), (5, 0)] {
        let slice = Batch::new(Table::Logs, whole.slice(start, length)).unwrap();
        let mut work = Work::new(&slice, NOW_NS);
        let want: Vec<Value> = (start..start + length).map(of_row).collect();
        assert_eq!(texts(&mut work, &format!("attributes.{LONG}")), want, "{start}+{length}");
        let body: Vec<Value> = (start..start + length).map(|row| json!(format!("row {row}"))).collect();
        assert_eq!(texts(&mut work, "body"), body, "{start}+{length}");
        // a sliced array is set, too
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter((0..50).map(|n| (n % 4 != 0).then_some(n))));
        work.write(&path(Table::Logs, "attributes.n"), &numbers.slice(start + 3, length)).unwrap();
        let rows = finished(work);
        assert_eq!(rows.len(), length);
        for (at, row) in rows.iter().enumerate() {
            let number = start + 3 + at;
            let want = if number % 4 == 0 { Value::Null } else { json!(number.to_string()) };
            let attributes = row["attributes"].as_object().unwrap();
            assert_eq!(attributes.get("n").cloned().unwrap_or_default(), want, "{start}+{at}");
            assert_eq!(attributes.get(LONG).cloned().unwrap_or_default(), of_row(start + at));
        }
    }
}

#[test]
fn nulls_of_sliced_columns_stay_with_their_rows() {
    let bodies: Vec<Value> =
        (0..20).map(|row| if row % 2 == 0 { json!({"body": format!("b{row}")}) } else { json!({}) }).collect();
    let slice = logs(&bodies).into_records().slice(3, 6);
    let mut work = Work::new(&Batch::new(Table::Logs, slice).unwrap(), NOW_NS);
    let want = [Value::Null, json!("b4"), Value::Null, json!("b6"), Value::Null, json!("b8")];
    assert_eq!(texts(&mut work, "body"), want);
    set(&mut work, "attributes.k", &[None, Some("1"), None, None, Some("4"), None]);
    assert_eq!(texts(&mut work, "body"), want);
    assert_eq!(values(&work.read(&path(Table::Logs, "attributes.k"), ColumnType::Ints).unwrap())[4], json!(4));
    assert_eq!(finished(work).iter().map(|row| row.get("body").cloned().unwrap_or_default()).collect::<Vec<_>>(), want);
}

#[test]
fn keys_beyond_the_rules_are_refused_in_whole_maps() {
    let long = "k".repeat(4097);
    for (key, bytes) in [("", "0 bytes"), (long.as_str(), "4097 bytes")] {
        let mut work = work_of(&[&[("k", Some("v"))]]);
        let map: ArrayRef = Arc::new(map_of(&[&[(key, Some("v"))]]));
        let error = work.write(&path(Table::Logs, "attributes"), &map).unwrap_err().to_string();
        assert!(error.contains(bytes), "{error}");
        assert_eq!(texts(&mut work, "attributes.k"), [json!("v")], "nothing was changed");
    }
}

#[test]
fn maps_and_flat_columns_are_not_mixed_up() {
    let mut work = work_of(&[&[]]);
    let text: ArrayRef = Arc::new(StringViewArray::from_iter_values(["x"]));
    let map: ArrayRef = Arc::new(map_of(&[&[]]));
    for (name, values) in [("attributes", &text), ("body", &map), ("attributes.k", &map), ("time", &map)] {
        assert!(work.write(&path(Table::Logs, name), values).is_err(), "{name}");
    }
    for (name, as_type) in [("attributes", ColumnType::Text), ("body", ColumnType::Attributes)] {
        assert!(work.read(&path(Table::Logs, name), as_type).is_err(), "{name}");
    }
    assert_eq!(read(&mut work, "body", ColumnType::Text), [json!("row 0")]);
}

#[test]
fn a_slice_that_was_changed_is_written_as_json_without_its_neighbours() {
    let whole = batch_of(&[&[("a", Some("1"))], &[("a", Some("2"))], &[("a", Some("3"))]]).into_records();
    let rows = records_to_json(&whole.slice(1, 1)).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["attributes"], json!({"a": "2"}));
}
