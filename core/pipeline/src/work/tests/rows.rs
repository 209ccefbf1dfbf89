//! Rows that are dropped, routed and added; ids of series.

use crate::test_support::{NOW_NS, batch, bits, bodies, finished, mask, path, texts, work_of};
use crate::work::Finished;
use crate::{ColumnPath, Emission, Work, records_to_json};
use arrow_array::{ArrayRef, Float64Array, Int64Array, StringViewArray};
use lincei_model::{Batch, Table};
use serde_json::{Value, json};
use std::sync::Arc;

fn text(values: &[&str]) -> ArrayRef {
    Arc::new(StringViewArray::from_iter_values(values))
}

fn letters() -> Work {
    work_of(["a", "b", "c", "d"].map(Some))
}

fn bodies_of(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["body"].as_str().unwrap_or("-")).collect()
}

#[test]
fn drops_add_up() {
    for (masks, left, dropped) in [
        (vec![], "abcd", 0),
        (vec![[1, 1, 1, 1]], "abcd", 0),
        (vec![[1, 1, 0, 1]], "abd", 1),
        (vec![[1, 1, 0, 0], [0, 1, 1, 0]], "b", 3),
        (vec![[1, 0, 0, 0], [0, 1, 1, 1]], "", 4),
        (vec![[0, 0, 0, 0], [1, 1, 1, 1]], "", 4),
    ] {
        let mut work = letters();
        masks.iter().for_each(|rows| work.keep(&mask(rows)).unwrap());
        assert_eq!(work.rows(), 4, "rows keep their numbers");
        let finished = work.finish().unwrap();
        let rows = records_to_json(&finished.records).unwrap();
        assert_eq!(bodies_of(&rows).concat(), left, "{masks:?}");
        assert_eq!(finished.dropped, dropped, "{masks:?}");
    }
}

#[test]
fn kept_tells_what_is_not_dropped_yet() {
    let mut work = letters();
    assert_eq!(work.kept(), None);
    work.keep(&mask(&[1, 1, 0, 1])).unwrap();
    work.keep(&mask(&[0, 1, 1, 1])).unwrap();
    assert_eq!(work.kept().map(bits), Some(vec![0, 1, 0, 1]));
}

#[test]
fn routes_stay_with_their_rows_after_drops() {
    for (keep, routes, want) in [
        (vec![1, 1, 1, 1], vec![1, 0, 2, 3], Some(vec![1, 0, 2, 3])),
        (vec![1, 0, 1, 0], vec![1, 0, 2, 3], Some(vec![1, 2])),
        (vec![0, 1, 1, 1], vec![1, 0, 0, 0], Some(vec![0, 0, 0])),
        (vec![1, 1, 1, 1], vec![0, 0, 0, 0], None),
    ] {
        let mut work = letters();
        work.route(routes.clone()).unwrap();
        work.keep(&mask(&keep)).unwrap();
        let Finished { records, routes: left, .. } = work.finish().unwrap();
        assert_eq!(left, want, "{keep:?} {routes:?}");
        assert!(left.is_none_or(|routes| routes.len() == records.num_rows()));
    }
}

#[test]
fn masks_and_routes_of_other_lengths_are_refused() {
    for rows in [0, 3, 5] {
        let mut work = letters();
        let error = work.keep(&mask(&vec![0; rows])).unwrap_err().to_string();
        assert_eq!(error, format!("a mask has {rows} rows, the batch has 4"));
        assert_eq!(work.kept(), None);
        let error = work.route(vec![1; rows]).unwrap_err().to_string();
        assert_eq!(error, format!("a list of routes has {rows} rows, the batch has 4"));
    }
}

fn emission(table: Table, source: Option<Vec<u32>>, rows: usize, columns: &[(&str, ArrayRef)]) -> Emission {
    let columns = columns.iter().map(|(name, values)| (path(table, name), Arc::clone(values))).collect();
    Emission { table, source, rows, columns }
}

#[test]
fn added_rows_start_as_copies_of_rows_as_they_are_now() {
    let mut work = letters();
    work.write(&path(Table::Logs, "attributes.k"), &text(&["1", "2", "3", "4"])).unwrap();
    work.keep(&mask(&[1, 0, 0, 0])).unwrap();
    let columns = [("severity", text(&["x", "y", "z"]))];
    work.emit(&emission(Table::Logs, Some(vec![3, 1, 3]), 3, &columns)).unwrap();
    let finished = work.finish().unwrap();
    assert_eq!(finished.records.num_rows(), 1);
    let added = records_to_json(finished.emitted[0].records()).unwrap();
    let column = |name: &str| added.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    assert_eq!(bodies_of(&added), ["d", "b", "d"]);
    assert_eq!(column("severity"), ["x", "y", "z"]);
    assert_eq!(column("attributes"), [json!({"k": "4"}), json!({"k": "2"}), json!({"k": "4"})]);
}

#[test]
fn rows_without_a_source_start_empty_and_now() {
    let mut work = letters();
    work.emit(&emission(Table::Logs, None, 2, &[("attributes.k", text(&["1", "2"]))])).unwrap();
    work.emit(&emission(Table::Spans, None, 1, &[("name", text(&["GET"]))])).unwrap();
    work.emit(&emission(Table::Spans, None, 0, &[])).unwrap();
    let emitted = work.finish().unwrap().emitted;
    let rows: Vec<Value> = emitted.iter().flat_map(|batch| records_to_json(batch.records()).unwrap()).collect();
    // date -u -d @1700000000
    let (time, empty) = ("2023-11-14T22:13:20Z", json!({}));
    let log =
        |k: &str| json!({"time": time, "severity_number": 0, "service": "", "attributes": {"k": k}, "resource": {}});
    let span = json!({"time": time, "duration_ns": 0, "trace_id": "", "span_id": "", "name": "GET", "kind": "",
        "service": "", "status": "", "attributes": empty, "resource": empty, "events": [], "links": []});
    assert_eq!(rows, [log("1"), log("2"), span]);
}

#[test]
fn emissions_that_break_a_rule_are_refused_and_add_nothing() {
    let one = || text(&["x"]);
    for (emission, reason) in [
        (emission(Table::Logs, Some(vec![0, 4]), 2, &[]), "row 4 is not there: the batch has 4 rows"),
        (emission(Table::Logs, Some(vec![u32::MAX]), 1, &[]), "row 4294967295 is not there"),
        (emission(Table::Metrics, Some(vec![0]), 1, &[]), "cannot start as copies of rows of logs"),
        (emission(Table::Logs, Some(vec![0]), 2, &[]), "1 are copies, but there are 2"),
        (emission(Table::Logs, None, 2, &[("body", one())]), "a column has 1 rows, the batch has 2"),
        (emission(Table::Logs, Some(vec![0, 1]), 2, &[("body", one())]), "a column has 1 rows, the batch has 2"),
        (emission(Table::Logs, None, 1, &[("attributes", one())]), "cannot be used as text"),
        (
            Emission { table: Table::Spans, source: None, rows: 1, columns: vec![(ColumnPath::Field(999), one())] },
            "has no column 999",
        ),
    ] {
        let mut work = letters();
        let error = work.emit(&emission).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert!(work.finish().unwrap().emitted.is_empty());
    }
}

fn points(records: &[Value]) -> Batch {
    batch(Table::Metrics, records)
}

fn ids(rows: &[Value]) -> Vec<u64> {
    rows.iter().map(|row| row["series_id"].as_u64().unwrap()).collect()
}

#[test]
fn points_that_are_added_get_the_id_of_their_labels() {
    let add = |k: [&str; 2], id: i64| {
        let mut work = letters();
        let columns = [
            ("metric", text(&["m", "m"])),
            ("value", Arc::new(Float64Array::from(vec![1.0, 2.0])) as ArrayRef),
            ("attributes.k", text(&k)),
            ("series_id", Arc::new(Int64Array::from(vec![id, id])) as ArrayRef),
        ];
        work.emit(&emission(Table::Metrics, None, 2, &columns)).unwrap();
        ids(&records_to_json(work.finish().unwrap().emitted[0].records()).unwrap())
    };
    let [first, second] = add(["1", "2"], 7)[..] else { unreachable!() };
    assert_ne!(first, second);
    assert!(first != 7 && first != 0, "an id follows from labels, it is not set");
    assert_eq!(add(["2", "1"], 8), [second, first], "the same labels have the same id");
    let mut work = letters();
    work.emit(&emission(Table::Metrics, None, 1, &[])).unwrap();
    assert_ne!(ids(&records_to_json(work.finish().unwrap().emitted[0].records()).unwrap()), [0], "also without labels");
}

#[test]
fn equal_labels_give_equal_ids_in_whatever_order_they_come() {
    let mut work =
        Work::new(&points(&[json!({"metric": "m"}), json!({"metric": "m"}), json!({"metric": "n"})]), NOW_NS);
    let other: ArrayRef = text(&["1", "1", "1"]);
    work.write(&path(Table::Metrics, "attributes.b"), &other).unwrap();
    work.write(&path(Table::Metrics, "attributes.a"), &other).unwrap();
    let one = ids(&finished(work));
    let mut work = Work::new(&points(&[json!({"metric": "m", "attributes": {"a": "1"}})]), NOW_NS);
    work.write(&path(Table::Metrics, "attributes.b"), &text(&["1"])).unwrap();
    let two = ids(&finished(work));
    assert_eq!(one[0], one[1]);
    assert_ne!(one[0], one[2]);
    assert_eq!(two[0], one[0]);
}

#[test]
fn a_point_whose_labels_are_what_they_were_keeps_its_id() {
    let records = [json!({"metric": "m", "series_id": 11}), json!({"metric": "m", "series_id": 11, "unit": "s"})];
    let set = |name: &str, values: ArrayRef| {
        let mut work = Work::new(&points(&records), NOW_NS);
        work.write(&path(Table::Metrics, name), &values).unwrap();
        ids(&finished(work))
    };
    let none: ArrayRef = Arc::new(StringViewArray::from_iter([None::<&str>, None]));
    let second: ArrayRef = Arc::new(StringViewArray::from_iter([None, Some("1")]));
    assert_eq!(set("value", Arc::new(Float64Array::from(vec![1.0, 2.0]))), [11, 11]);
    assert_eq!(set("attributes.k", none.clone()), [11, 11]);
    assert_eq!(set("description", text(&["x", "y"])), [11, 11]);
    assert_eq!(set("series_id", Arc::new(Int64Array::from(vec![1, 2]))), [11, 11]);
    for (name, values) in [("attributes.k", &second), ("resource.k", &second), ("unit", &none)] {
        let ids = set(name, Arc::clone(values));
        assert_eq!(ids[0], 11, "{name}: another row was changed");
        assert_ne!(ids[1], 11, "{name}");
    }
    assert_ne!(set("metric", text(&["a", "b"]))[0], 11);
}

#[test]
fn copies_of_points_keep_the_id_unless_their_labels_change() {
    let mut work = Work::new(&points(&[json!({"metric": "m", "series_id": 11})]), NOW_NS);
    let value: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
    work.emit(&emission(Table::Metrics, Some(vec![0]), 1, &[("value", value)])).unwrap();
    work.emit(&emission(Table::Metrics, Some(vec![0]), 1, &[("attributes.k", text(&["1"]))])).unwrap();
    let emitted = work.finish().unwrap().emitted;
    let id = |at: usize| ids(&records_to_json(emitted[at].records()).unwrap())[0];
    assert_eq!(id(0), 11);
    assert_ne!(id(1), 11);
}

#[test]
fn work_on_no_rows_is_work() {
    let mut work = Work::new(&bodies([]), NOW_NS);
    assert_eq!(texts(&mut work, "attributes.k"), Vec::<Value>::new());
    work.write(&path(Table::Logs, "attributes.k"), &text(&[])).unwrap();
    work.keep(&mask(&[])).unwrap();
    work.route(Vec::new()).unwrap();
    assert_eq!(finished(work), Vec::<Value>::new());
}
