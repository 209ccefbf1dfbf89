//! The built-in operators: what they do, and which configurations they refuse.

use crate::operator::{BUILT_IN, built_in};
use crate::test_support::{NOW_NS, finished, logs};
use crate::{Access, Work};
use lincei_model::{ErrorCode, Table};
use serde_json::{Value, json};

/// What an operator makes of one log record.
fn check(name: &str, config: &Value, record: Value, want: &[Value]) {
    let operator = built_in(name, Table::Logs, config).unwrap();
    let mut work = Work::new(&logs(&[record]), NOW_NS);
    operator.process(&mut work).unwrap();
    // members that every record has
    let rows: Vec<Value> = finished(work)
        .into_iter()
        .map(|mut row| {
            let members = row.as_object_mut().unwrap();
            members.retain(|name, value| name != "time" && ![json!({}), json!(""), json!(0)].contains(value));
            row
        })
        .collect();
    assert_eq!(rows, want, "{name} {config}");
}

#[test]
fn drop_takes_out_every_row() {
    check("drop", &json!({}), json!({"body": "x"}), &[]);
    check("drop", &Value::Null, json!({"body": "x"}), &[]);
}

#[test]
fn set_puts_constants_and_takes_values_away() {
    let config = json!({"values": {"attributes.team": "payments", "severity_number": 9, "body": null, "service": true,
        "resource.ratio": 0.5, "attributes.gone": null, "observed_time": 1}});
    let record = json!({"body": "x", "attributes": {"gone": "1", "k": "v"}});
    let want = json!({"service": "true", "severity_number": 9, "attributes": {"team": "payments", "k": "v"},
        "resource": {"ratio": "0.5"}, "observed_time": "1970-01-01T00:00:00.000000001Z"});
    check("set", &config, record, &[want]);
    check("set", &json!({"values": {}}), json!({"body": "x"}), &[json!({"body": "x"})]);
    // a column that must have a value keeps it
    check("set", &json!({"values": {"service": null}}), json!({"service": "s"}), &[json!({"service": "s"})]);
}

#[test]
fn redact_replaces_in_each_of_its_columns() {
    let config =
        json!({"columns": ["body", "attributes.card"], "pattern": "\\b\\d{12}(\\d{4})\\b", "replacement": "…$1"});
    let record = json!({"body": "card 4111111111111111", "attributes": {"card": "4111111111111112", "n": "1"}});
    check("redact", &config, record, &[json!({"body": "card …1111", "attributes": {"n": "1", "card": "…1112"}})]);
    let stars = json!({"columns": ["body"], "pattern": "x"});
    check("redact", &stars, json!({"body": "axb"}), &[json!({"body": "a***b"})]);
}

#[test]
fn parse_json_sets_columns_from_fields() {
    let config = json!({"fields": {"user.id": "attributes.user.id", "level": "severity", "n": "severity_number"}});
    let body = r#"{"user":{"id":7},"level":"warn","n":13}"#;
    let want = json!({"body": body, "severity": "warn", "severity_number": 13, "attributes": {"user.id": "7"}});
    check("parse_json", &config, json!({"body": body}), &[want]);
    let plain = json!({"body": "plain", "severity": "info"});
    check("parse_json", &config, plain.clone(), &[plain]);
    let source = json!({"source": "attributes.raw", "fields": {"a": "body"}});
    let record = json!({"attributes": {"raw": "{\"a\":1}"}});
    check("parse_json", &source, record, &[json!({"body": "1", "attributes": {"raw": "{\"a\":1}"}})]);
}

#[test]
fn wrong_configurations_are_refused_with_the_reason() {
    let long = "x".repeat(20_000);
    let fields: serde_json::Map<String, Value> = (0..257).map(|at| (at.to_string(), json!("body"))).collect();
    for (name, config, reason) in [
        ("drop", json!({"rows": 1}), "configuration of drop: unknown field `rows`"),
        ("drop", json!([]), "configuration of drop: it is not an object"),
        ("redact", json!([["body"], "x"]), "configuration of redact: it is not an object"),
        ("set", json!(null), "missing field `values`"),
        ("set", json!({"values": {}, "x": 1}), "unknown field `x`"),
        ("set", json!({"values": {"nonsense": 1}}), "has no column \"nonsense\""),
        ("set", json!({"values": {"attributes": "x"}}), "a map has no constant"),
        ("set", json!({"values": {"body": [1]}}), "a value is text, a number, true, false or null"),
        ("set", json!({"values": {"body": {}}}), "a value is text, a number, true, false or null"),
        ("set", json!({"values": {"severity_number": "error"}}), "cannot hold Text(\"error\")"),
        ("set", json!({"values": {"severity_number": 300}}), "cannot hold Int(300)"),
        ("set", json!({"values": {"severity_number": 1.5}}), "cannot hold Float(1.5)"),
        ("set", json!({"values": {"time": "yesterday"}}), "cannot hold"),
        ("redact", json!({"columns": ["body"]}), "missing field `pattern`"),
        ("redact", json!({"columns": ["body"], "pattern": "("}), "unclosed group"),
        ("redact", json!({"columns": ["body"], "pattern": long}), "at most 16384"),
        ("redact", json!({"columns": ["attributes"], "pattern": "x"}), "is attributes, not text"),
        ("redact", json!({"columns": ["time"], "pattern": "x"}), "is ints, not text"),
        ("redact", json!({"columns": ["nonsense"], "pattern": "x"}), "has no column"),
        ("redact", json!({"columns": "body", "pattern": "x"}), "configuration of redact"),
        ("parse_json", json!({}), "missing field `fields`"),
        ("parse_json", json!({"fields": {"a": "nonsense"}}), "has no column"),
        ("parse_json", json!({"fields": {"a": "attributes"}}), "name a key of it"),
        ("parse_json", json!({"fields": {"": "body"}}), "has not 1 to 8 parts"),
        ("parse_json", json!({"fields": fields}), "more than 256"),
        ("parse_json", json!({"source": "time", "fields": {"a": "body"}}), "is ints, not text"),
        ("parse_json", json!({"source": "resource", "fields": {"a": "body"}}), "is attributes, not text"),
        ("parse_json", json!({"source": "attributes.", "fields": {"a": "body"}}), "has 0 bytes"),
        ("nothing", json!({}), "there is no built-in operator \"nothing\"; there are drop, parse_json, redact, set"),
    ] {
        let Err(error) = built_in(name, Table::Logs, &config) else { panic!("{name} {config} was not refused") };
        assert!(error.to_string().contains(reason), "{name}: {error}");
        assert_eq!(error.code(), ErrorCode::Invalid);
    }
}

#[test]
fn operators_say_what_they_read_and_set() {
    let config = [
        json!({}),
        json!({"fields": {"a": "severity_number"}}),
        json!({"columns": ["body"], "pattern": "x"}),
        json!({"values": {"attributes.k": 1}}),
    ];
    let uses = |name: &str, config: &Value| {
        let operator = built_in(name, Table::Logs, config).unwrap();
        let info = operator.info();
        assert_eq!((info.name.as_str(), &info.version, operator.is_foreign()), (name, &None, false));
        info.columns.iter().map(|column| (column.path.clone(), column.access)).collect::<Vec<_>>()
    };
    let column = |path: &str, access| (path.to_owned(), access);
    let want = [
        vec![],
        vec![column("body", Access::READ), column("severity_number", Access::READ_WRITE)],
        vec![column("body", Access::READ_WRITE)],
        vec![column("attributes.k", Access::WRITE)],
    ];
    for ((name, config), want) in BUILT_IN.iter().zip(&config).zip(want) {
        assert_eq!(uses(name, config), want, "{name}");
    }
    assert_eq!(built_in("drop", Table::Spans, &json!({})).unwrap().info().tables.len(), 3);
    assert_eq!(built_in("set", Table::Spans, &config[3]).unwrap().info().tables, [Table::Spans]);
    assert!(built_in("parse_json", Table::Metrics, &config[1]).is_err(), "metrics have no body");
}
