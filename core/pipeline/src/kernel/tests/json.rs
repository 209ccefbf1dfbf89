//! Fields of JSON texts, and `key=value` pairs.

use crate::kernel::{Extraction, JsonFields, Target, json as json_kernel, logfmt};
use crate::test_support::{NOW_NS, bits, column, column_as, finished, logs, read, texts, work_of};
use crate::{ColumnType, Work};
use serde_json::{Value, json};

/// Reads these paths of a text into attributes `0`, `1`, …; a path that is not found is missing.
fn extracted(text: &str, paths: &[&str], as_type: ColumnType) -> (bool, Vec<Value>) {
    let mut work = work_of([Some(text)]);
    let names: Vec<String> = (0..paths.len()).map(|at| format!("attributes.{at}")).collect();
    let targets: Vec<Target> = names.iter().map(|name| column_as(name, as_type)).collect();
    let fields: Vec<_> = paths.iter().zip(&targets).map(|(path, into)| Extraction { path, into }).collect();
    let set = JsonFields::new(paths.iter().copied()).unwrap();
    let objects = json_kernel(&mut work, &column("body"), &set, &fields).unwrap();
    let found = names.iter().flat_map(|name| read(&mut work, name, as_type)).collect();
    (objects.value(0), found)
}

fn check(text: &str, paths: &[&str], want: &[Value]) {
    assert_eq!(extracted(text, paths, ColumnType::Text), (true, want.to_vec()), "{text} {paths:?}");
}

#[test]
fn paths_lead_into_objects_and_to_keys_with_full_stops() {
    let t = |text: &str| json!(text);
    check(r#"{"a":"x","b":{"c":"y"}}"#, &["a", "b.c"], &[t("x"), t("y")]);
    check(r#"{"b.c":"y"}"#, &["b.c"], &[t("y")]);
    check(r#"{"a":{"b.c":"1"},"a.b":{"d":"2"}}"#, &["a.b.c", "a.b.d"], &[t("1"), t("2")]);
    check(r#"{"a.b.c":"1"}"#, &["a.b.c", "a.b"], &[t("1"), Value::Null]);
    check(r#" {"a" : "x"} "#, &["a"], &[t("x")]);
    check("\n\t{\"a\":\"x\"}\r\n", &["a"], &[t("x")]);
    check(r#"{"":{"":"x"}}"#, &["."], &[t("x")]);
    check(r#"{"a":[{"b":"x"}]}"#, &["a.b", "a.0"], &[Value::Null, Value::Null]);
    check(r#"{"a":"x"}"#, &["a.b", "b", "A"], &[Value::Null, Value::Null, Value::Null]);
    check(r#"{"a":"x"}"#, &["a", "a"], &[t("x"), t("x")]);
    check("{}", &["a"], &[Value::Null]);
    check(r#"{"é":{"日本":"ü😀"}}"#, &["é.日本"], &[t("ü😀")]);
}

#[test]
fn escapes_are_resolved_in_keys_and_values() {
    check(r#"{"a\"b":"x\n\t\\\/\u00e9\ud83d\ude00"}"#, &["a\"b"], &[json!("x\n\t\\/é😀")]);
    check(r#"{"\u0061":"x"}"#, &["a"], &[json!("x")]);
    check(r#"{"a":{"\u0062\u002ec":"x"}}"#, &["a.b.c"], &[json!("x")]);
    // half of a surrogate pair is no character: the value is missing, its neighbour is not
    check(r#"{"a":"\ud83d","b":"x"}"#, &["a", "b"], &[Value::Null, json!("x")]);
}

#[test]
fn of_several_values_the_last_that_is_not_null_counts() {
    check(r#"{"a":1,"a":2}"#, &["a"], &[json!("2")]);
    check(r#"{"a":1,"a":null}"#, &["a"], &[json!("1")]);
    check(r#"{"a":{"b":1},"a.b":2}"#, &["a.b"], &[json!("2")]);
    check(r#"{"a.b":2,"a":{"b":1}}"#, &["a.b"], &[json!("1")]);
}

#[test]
fn numbers_are_kept_as_they_are_written() {
    for number in [
        "0",
        "-0",
        "-0.0",
        "1.50",
        "1e3",
        "1E+3",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "1e400",
        "-1e400",
        "1e-400",
        "0.1234567890123456789012345",
    ] {
        check(&format!("{{\"a\":{number}}}"), &["a"], &[json!(number)]);
    }
    check(r#"{"a":true,"b":false,"c":null}"#, &["a", "b", "c"], &[json!("true"), json!("false"), Value::Null]);
}

#[test]
fn numbers_go_into_columns_of_numbers_where_they_fit() {
    let null = Value::Null;
    for (text, int, float) in [
        ("5", json!(5), json!(5.0)),
        ("-0", json!(0), json!(-0.0)),
        ("5.0", json!(5), json!(5.0)),
        ("1e3", json!(1000), json!(1000.0)),
        ("5.5", null.clone(), json!(5.5)),
        ("9223372036854775807", json!(i64::MAX), json!(9_223_372_036_854_775_807.0)),
        ("-9223372036854775808", json!(i64::MIN), json!(-9_223_372_036_854_775_808.0)),
        ("9223372036854775808", null.clone(), json!(9_223_372_036_854_775_808.0)),
        ("-9223372036854775809", null.clone(), json!(-9_223_372_036_854_775_808.0)),
        ("1e400", null.clone(), null.clone()),
        ("\"12\"", json!(12), json!(12.0)),
        ("\"x\"", null.clone(), null.clone()),
        ("true", null.clone(), null.clone()),
        ("[1]", null.clone(), null.clone()),
    ] {
        let text = format!("{{\"a\":{text}}}");
        assert_eq!(extracted(&text, &["a"], ColumnType::Ints), (true, vec![int]), "{text}");
        assert_eq!(extracted(&text, &["a"], ColumnType::Floats), (true, vec![float]), "{text}");
    }
    for (text, want) in [("true", json!(true)), ("\"false\"", json!(false)), ("1", null.clone()), ("\"yes\"", null)] {
        let text = format!("{{\"a\":{text}}}");
        assert_eq!(extracted(&text, &["a"], ColumnType::Bools), (true, vec![want]), "{text}");
    }
}

#[test]
fn arrays_and_objects_are_json_without_blanks() {
    let text = r#"{"o": {"b" : 1.50, "a": " x \" } y ", "a": [ ]}, "l": [1,	2, {"k": "v"}]}"#;
    let object = r#"{"b":1.50,"a":" x \" } y ","a":[]}"#;
    check(text, &["o", "l"], &[json!(object), json!(r#"[1,2,{"k":"v"}]"#)]);
    check(text, &["o.b", "o", "l"], &[json!("1.50"), json!(object), json!(r#"[1,2,{"k":"v"}]"#)]);
    check(
        r#"{"a":{"b":{"c":"x"}}}"#,
        &["a", "a.b", "a.b.c"],
        &[json!(r#"{"b":{"c":"x"}}"#), json!(r#"{"c":"x"}"#), json!("x")],
    );
    check("{\"a\":[\"\\\\\",\n \"b\"]}", &["a"], &[json!(r#"["\\","b"]"#)]);
    check(r#"{"a":[],"b":{}}"#, &["a", "b"], &[json!("[]"), json!("{}")]);
}

#[test]
fn what_is_no_json_object_changes_nothing() {
    for text in [
        "",
        " ",
        "plain",
        "[1]",
        "\"x\"",
        "1",
        "null",
        "{",
        "{}x",
        r#"{"a":1} {"a":2}"#,
        r#"{"a":1"#,
        r#"{"a":1,}"#,
        r#"{a:1}"#,
        r#"{"a":01}"#,
        r#"{"a":+1}"#,
        r#"{"a":.5}"#,
        r#"{"a":NaN}"#,
        r#"{'a':1}"#,
        r#"{"a":"\x"}"#,
        "{\"a\":\"\n\"}",
        r#"{"a":tru}"#,
        r#"{"a":1 "b":2}"#,
        r#"{"a"}"#,
        r#"{"a":"unclosed}"#,
        "\u{feff}{}",
    ] {
        let records = [json!({"body": text, "attributes": {"k": "before"}})];
        let mut work = Work::new(&logs(&records), NOW_NS);
        let into = column("attributes.k");
        let paths = JsonFields::new(["a"]).unwrap();
        let fields = [Extraction { path: "a", into: &into }];
        let objects = json_kernel(&mut work, &column("body"), &paths, &fields).unwrap();
        assert_eq!(bits(&objects), [0], "{text}");
        assert_eq!(texts(&mut work, "attributes.k"), [json!("before")], "{text}");
    }
}

#[test]
fn deep_nesting_needs_no_stack() {
    let deep = 200_000;
    let arrays = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
    let objects = format!("{}1{}", "{\"a\":".repeat(deep), "}".repeat(deep));
    check(&format!("{{\"other\":{arrays},\"a\":1}}"), &["a"], &[json!("1")]);
    check(&format!("{{\"a\":{arrays}}}"), &["a"], &[json!(arrays)]);
    let (is_object, found) = extracted(&objects, &["a.a.a.a.a.a.a.a", "a.b"], ColumnType::Text);
    assert!(is_object);
    assert_eq!(found[0].as_str().map(str::len), Some(objects.len() - 8 * 6));
    assert!(!extracted(&"{\"a\":".repeat(deep), &["a"], ColumnType::Text).0);
}

#[test]
fn a_text_of_4_mb_is_read() {
    let long = "é".repeat(2 << 20);
    check(&format!("{{\"a\":\"{long}\",\"b\":1}}"), &["b", "a"], &[json!("1"), json!(long)]);
}

#[test]
fn rows_without_a_field_keep_what_they_had() {
    let records = [
        json!({"body": r#"{"level":3,"k":"new"}"#, "severity_number": 9, "attributes": {"k": "abc"}}),
        json!({"body": r#"{"k":null}"#, "severity_number": 9, "attributes": {"k": "abc"}}),
        json!({"body": r#"{"level":300}"#, "severity_number": 9, "attributes": {"k": "abc"}}),
        json!({"severity_number": 9}),
    ];
    let (severity, k, n) =
        (column("severity_number"), column("attributes.k"), column_as("attributes.k", ColumnType::Ints));
    let mut work = Work::new(&logs(&records), NOW_NS);
    let paths = JsonFields::new(["level", "k"]).unwrap();
    let fields = [Extraction { path: "level", into: &severity }, Extraction { path: "k", into: &k }];
    let objects = json_kernel(&mut work, &column("body"), &paths, &fields).unwrap();
    assert_eq!(bits(&objects), [1, 1, 1, 0]);
    assert_eq!(read(&mut work, "severity_number", ColumnType::Ints), [json!(3), json!(9), json!(9), json!(9)]);
    assert_eq!(texts(&mut work, "attributes.k"), [json!("new"), json!("abc"), json!("abc"), Value::Null]);
    // as integers: rows in which nothing was found keep texts that are none
    let mut work = Work::new(&logs(&records), NOW_NS);
    let paths = JsonFields::new(["level"]).unwrap();
    json_kernel(&mut work, &column("body"), &paths, &[Extraction { path: "level", into: &n }]).unwrap();
    assert_eq!(texts(&mut work, "attributes.k"), [json!("3"), json!("abc"), json!("300"), Value::Null]);
}

#[test]
fn arguments_that_break_a_rule_are_refused_before_anything_changes() {
    let too_many: Vec<String> = (0..257).map(|at| at.to_string()).collect();
    for (paths, reason) in [
        (vec![""], "has not 1 to 8 parts"),
        (vec!["a.b.c.d.e.f.g.h.i"], "has not 1 to 8 parts"),
        (too_many.iter().map(String::as_str).collect(), "more than 256"),
    ] {
        let error = JsonFields::new(paths).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    assert!(JsonFields::new(["a.b.c.d.e.f.g.h"]).is_ok());
    let (k, map) = (column("attributes.k"), column("attributes"));
    let paths = JsonFields::new(["a", "b"]).unwrap();
    let mut work = work_of([Some(r#"{"a":1,"b":2}"#)]);
    for (source, fields) in [
        ("body", vec![Extraction { path: "a", into: &k }, Extraction { path: "b", into: &map }]),
        ("body", vec![Extraction { path: "a", into: &k }]),
        ("attributes", vec![Extraction { path: "a", into: &k }, Extraction { path: "b", into: &k }]),
    ] {
        assert!(json_kernel(&mut work, &column(source), &paths, &fields).is_err());
    }
    assert_eq!(finished(work), finished(work_of([Some(r#"{"a":1,"b":2}"#)])));
}

fn pairs(text: &str, keys: &[&str]) -> (bool, Vec<Value>) {
    let mut work = work_of([Some(text)]);
    let names: Vec<String> = (0..keys.len()).map(|at| format!("attributes.{at}")).collect();
    let targets: Vec<Target> = names.iter().map(|name| column(name)).collect();
    let fields: Vec<_> = keys.iter().zip(&targets).map(|(path, into)| Extraction { path, into }).collect();
    let matched = logfmt(&mut work, &column("body"), &fields).unwrap();
    (matched.value(0), names.iter().flat_map(|name| texts(&mut work, name)).collect())
}

#[test]
fn pairs_have_plain_or_quoted_values() {
    for (text, want) in [
        ("a=1 b=2", ["1", "2"]),
        ("  a=1\tword b=x=y ", ["1", "x=y"]),
        (r#"a="x y" b="""#, ["x y", ""]),
        (r#"a="say \"hi\" \\ \n\t\u00e9\ud83e\udd80 \x \ud83e" b=2"#, ["say \"hi\" \\ \n\té🦀 \\x \\ud83e", "2"]),
        ("a= b=2", ["", "2"]),
        (r#"a="no end b=2"#, ["\"no", "2"]),
        (r#"a="x"b=2"#, ["x", "2"]),
        ("a=0 a=1 b=2", ["1", "2"]),
        ("=x a=1 ==b=2 b=3", ["1", "3"]),
        ("é=ü a=日本 b=😀", ["日本", "😀"]),
    ] {
        assert_eq!(pairs(text, &["a", "b"]), (true, vec![json!(want[0]), json!(want[1])]), "{text}");
    }
    assert_eq!(pairs("a=1", &["a", "a"]), (true, vec![json!("1"), json!("1")]));
}

#[test]
fn texts_without_the_keys_have_no_pairs() {
    for text in ["", "a", "a b", "A=1", "xa=1", "a:1", "\"a=1\"x", "=", "= a", "\"", "x=\"a=1\""] {
        assert_eq!(pairs(text, &["a"]), (false, vec![Value::Null]), "{text}");
    }
    let (into, map) = (column("attributes.k"), column("attributes"));
    let mut work = work_of([None, Some("a=1")]);
    let matched = logfmt(&mut work, &column("body"), &[Extraction { path: "a", into: &into }]).unwrap();
    assert_eq!(bits(&matched), [0, 1]);
    assert!(logfmt(&mut work, &column("body"), &[Extraction { path: "none", into: &map }]).is_err());
    let many = vec![Extraction { path: "a", into: &into }; 257];
    assert!(logfmt(&mut work, &column("body"), &many).unwrap_err().to_string().contains("more than 256"));
}
