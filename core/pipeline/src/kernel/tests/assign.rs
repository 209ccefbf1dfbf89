//! Constants, copies, clearing and simple changes of text.

use crate::Work;
use crate::kernel::{Constant, KernelError, clear, copy, lowercase, put, truncate};
use crate::test_support::{NOW_NS, batch, column, finished, logs, mask, read, texts, work_of};
use crate::{ColumnType, kernel};
use lincei_model::{Table, limits};
use serde_json::{Value, json};

fn text(text: &str) -> Constant {
    Constant::Text(text.to_owned())
}

#[test]
fn constants_are_put_into_all_rows_or_those_of_a_mask() {
    let long = "longer than the twelve bytes of a view";
    for (name, value, all, some) in [
        ("body", text(long), [json!(long), json!(long)], [json!("a"), json!(long)]),
        ("body", Constant::Int(5), [json!("5"), json!("5")], [json!("a"), json!("5")]),
        ("attributes.k", Constant::Bool(true), [json!("true"), json!("true")], [Value::Null, json!("true")]),
        ("attributes.k", Constant::Float(0.5), [json!("0.5"), json!("0.5")], [Value::Null, json!("0.5")]),
        ("severity_number", Constant::Int(9), [json!("9"), json!("9")], [json!("0"), json!("9")]),
        ("severity_number", text("9"), [json!("9"), json!("9")], [json!("0"), json!("9")]),
        ("severity_number", Constant::Float(9.0), [json!("9"), json!("9")], [json!("0"), json!("9")]),
        ("observed_time", Constant::Int(1), [json!("1"), json!("1")], [Value::Null, json!("1")]),
    ] {
        let mut work = work_of([Some("a"), Some("b")]);
        put(&mut work, &column(name), &value, None).unwrap();
        assert_eq!(texts(&mut work, name), all, "{name} {value:?}");
        let mut work = work_of([Some("a"), Some("b")]);
        put(&mut work, &column(name), &value, Some(&mask(&[0, 1]))).unwrap();
        assert_eq!(texts(&mut work, name), some, "{name} {value:?} in some rows");
        put(&mut work, &column(name), &value, Some(&mask(&[0, 0]))).unwrap();
        assert_eq!(texts(&mut work, name), some, "{name} {value:?} in no row");
        assert_eq!(finished(work).len(), 2);
    }
}

#[test]
fn rows_outside_of_the_mask_keep_texts_that_are_no_numbers() {
    let records = [json!({"attributes": {"k": "abc"}}), json!({"attributes": {"k": "def"}})];
    for value in [Constant::Int(5), Constant::Float(5.0), Constant::Bool(true)] {
        let mut work = Work::new(&logs(&records), NOW_NS);
        put(&mut work, &column("attributes.k"), &value, Some(&mask(&[1, 0]))).unwrap();
        assert_eq!(texts(&mut work, "attributes.k")[1], json!("def"), "{value:?}");
    }
}

#[test]
fn constants_that_do_not_fit_are_refused_and_change_nothing() {
    for (name, value, reason) in [
        ("severity_number", Constant::Int(256), "cannot hold Int(256)"),
        ("severity_number", Constant::Int(-1), "cannot hold"),
        ("severity_number", Constant::Float(1.5), "cannot hold"),
        ("severity_number", text("error"), "column \"severity_number\" of table logs cannot hold Text(\"error\")"),
        ("time", text("yesterday"), "cannot hold"),
        ("attributes", text("x"), "a map cannot be set to a constant"),
        ("body", text(&"x".repeat(limits::RECORD_BYTES_MAX + 1)), "at most 4194304 fit"),
    ] {
        let mut work = work_of([Some("a")]);
        let error = put(&mut work, &column(name), &value, None).unwrap_err();
        assert!(matches!(error, KernelError::Argument(_)));
        assert!(error.to_string().contains(reason), "{error}");
        assert_eq!(finished(work), finished(work_of([Some("a")])));
    }
}

#[test]
fn masks_of_wrong_length_are_refused_by_every_kernel_that_takes_one() {
    let body = &column("body");
    for rows in [0, 1, 3] {
        let other = mask(&vec![1; rows]);
        let mut work = work_of([Some("a"), Some("b")]);
        for failed in [
            put(&mut work, body, &text("x"), Some(&other)),
            copy(&mut work, body, &column("severity"), Some(&other)),
            clear(&mut work, body, Some(&other)),
            kernel::hash(&mut work, body, "key", Some(&other)),
        ] {
            assert_eq!(failed.unwrap_err().to_string(), format!("a mask has {rows} rows, the batch has 2"));
        }
        assert_eq!(texts(&mut work, "body"), [json!("a"), json!("b")]);
        assert_eq!(texts(&mut work, "severity"), [Value::Null, Value::Null]);
    }
}

#[test]
fn columns_are_copied_as_what_the_other_one_holds() {
    let record = json!({"time": "1970-01-01T00:00:00.000000005Z", "severity_number": 9, "body": "7",
        "attributes": {"k": "x", "n": "12"}});
    for (from, into, want) in [
        ("body", "attributes.new", json!("7")),
        ("body", "severity_number", json!("7")),
        ("attributes.n", "severity_number", json!("12")),
        ("severity_number", "body", json!("9")),
        ("time", "observed_time", json!("5")),
        ("time", "body", json!("5")),
        ("attributes.k", "severity_number", json!("9")), // no number: what must have a value keeps it
        ("attributes.none", "body", Value::Null),
        ("attributes.k", "attributes.k", json!("x")),
        ("attributes.k", "resource.k", json!("x")),
    ] {
        let mut work = Work::new(&logs(std::slice::from_ref(&record)), NOW_NS);
        copy(&mut work, &column(from), &column(into), None).unwrap();
        assert_eq!(texts(&mut work, into), [want], "{from} to {into}");
    }
    let mut work = Work::new(&logs(&[record.clone(), record]), NOW_NS);
    copy(&mut work, &column("attributes"), &column("resource"), Some(&mask(&[0, 1]))).unwrap();
    copy(&mut work, &column("body"), &column("severity"), Some(&mask(&[1, 0]))).unwrap();
    let rows = finished(work);
    assert_eq!(rows[0]["resource"], json!({}));
    assert_eq!(rows[1]["resource"], json!({"k": "x", "n": "12"}));
    assert_eq!((rows[0]["severity"].clone(), rows[1].get("severity")), (json!("7"), None));
}

#[test]
fn maps_are_copied_to_maps_only() {
    let mut work = work_of([Some("a")]);
    assert!(copy(&mut work, &column("attributes"), &column("body"), None).is_err());
    assert!(copy(&mut work, &column("body"), &column("attributes"), None).is_err());
    assert!(copy(&mut work, &column("attributes"), &column("attributes.k"), None).is_err());
}

#[test]
fn clearing_takes_away_what_need_not_be_there() {
    let record = json!({"service": "s", "severity_number": 9, "body": "b", "observed_time": 5,
        "attributes": {"k": "1", "l": "2"}});
    for (name, want) in [
        ("body", Value::Null),
        ("observed_time", Value::Null),
        ("attributes.k", Value::Null),
        ("attributes.none", Value::Null),
        ("service", json!("s")),
        ("severity_number", json!("9")),
        ("time", json!(NOW_NS.to_string())),
    ] {
        let mut work = Work::new(&logs(&[record.clone(), record.clone()]), NOW_NS);
        let before = texts(&mut work, name);
        clear(&mut work, &column(name), Some(&mask(&[1, 0]))).unwrap();
        assert_eq!(texts(&mut work, name), [want.clone(), before[1].clone()], "{name}");
        clear(&mut work, &column(name), None).unwrap();
        assert_eq!(texts(&mut work, name), [want.clone(), want], "{name}");
    }
    let mut work = Work::new(&logs(&[record.clone(), record]), NOW_NS);
    clear(&mut work, &column("attributes"), Some(&mask(&[0, 1]))).unwrap();
    let rows = finished(work);
    assert_eq!(rows[0]["attributes"], json!({"k": "1", "l": "2"}));
    assert_eq!(rows[1]["attributes"], json!({}));
}

#[test]
fn texts_are_cut_between_characters() {
    for (text, bytes_max, want) in [
        ("abc", 3, "abc"),
        ("abc", 2, "ab"),
        ("abc", 0, ""),
        ("aé", 2, "a"), // é is c3 a9
        ("aé", 3, "aé"),
        ("😀x", 3, ""), // 😀 has four bytes
        ("😀x", 4, "😀"),
        ("", 0, ""),
        ("abc", usize::MAX, "abc"),
    ] {
        let mut work = work_of([Some(text), None]);
        truncate(&mut work, &column("body"), bytes_max).unwrap();
        assert_eq!(texts(&mut work, "body"), [json!(want), Value::Null], "{text:?} to {bytes_max}");
    }
}

#[test]
fn only_ascii_letters_become_small() {
    let mut work = work_of([Some("GET /Ä?Q=É"), None, Some("x"), Some("")]);
    lowercase(&mut work, &column("body")).unwrap();
    assert_eq!(texts(&mut work, "body"), [json!("get /Ä?q=É"), Value::Null, json!("x"), json!("")]);
}

#[test]
fn texts_of_numbers_are_not_changed() {
    let rows = batch(Table::Logs, &[json!({"severity_number": 9})]);
    for name in ["severity_number", "time", "attributes"] {
        let mut work = Work::new(&rows, NOW_NS);
        let target = column(name);
        let pattern = kernel::Patterns::default().regex("9").unwrap();
        let errors = [
            truncate(&mut work, &target, 1).unwrap_err(),
            lowercase(&mut work, &target).unwrap_err(),
            kernel::redact(&mut work, &target, &pattern, "x").unwrap_err(),
            kernel::hash(&mut work, &target, "key", None).unwrap_err(),
        ];
        for error in errors {
            assert!(error.to_string().ends_with("not text"), "{error}");
        }
        assert_eq!(read(&mut work, "severity_number", ColumnType::Ints), [json!(9)]);
    }
}
