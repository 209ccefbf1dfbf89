//! Regular expressions and Grok.

use crate::kernel::{Extraction, Patterns, grok, regex};
use crate::test_support::{NOW_NS, bits, column, column_as, logs, read, texts, work_of};
use crate::{ColumnType, Work};
use serde_json::{Value, json};
use std::sync::Arc;

#[test]
fn named_groups_go_into_columns() {
    let (method, status) = (column("attributes.method"), column_as("attributes.status", ColumnType::Ints));
    let groups = [Extraction { path: "method", into: &method }, Extraction { path: "status", into: &status }];
    let pattern = Patterns::default().regex(r"(?<method>[A-ZÄ]+) \S+(?: (?<status>\d+))?").unwrap();
    let records = [
        json!({"body": "x GET / 200"}),
        json!({"body": "ÄH /", "attributes": {"method": "old", "status": "old"}}),
        json!({"body": "no match", "attributes": {"method": "old"}}),
        json!({"attributes": {"status": "old"}}),
        json!({"body": "GET / 99999999999999999999", "attributes": {"status": "old"}}),
    ];
    let mut work = Work::new(&logs(&records), NOW_NS);
    let matched = regex(&mut work, &column("body"), &pattern, &groups).unwrap();
    assert_eq!(bits(&matched), [1, 1, 0, 0, 1]);
    let want = [json!("GET"), json!("ÄH"), json!("old"), Value::Null, json!("GET")];
    assert_eq!(texts(&mut work, "attributes.method"), want);
    let want = [json!("200"), json!("old"), Value::Null, json!("old"), json!("old")];
    assert_eq!(texts(&mut work, "attributes.status"), want, "a group without a part leaves what was there");
}

#[test]
fn a_source_may_be_its_own_target() {
    let body = column("body");
    let pattern = Patterns::default().regex("b=(?<b>.)").unwrap();
    let mut work = work_of([Some("a=1 b=2"), Some("c")]);
    regex(&mut work, &body, &pattern, &[Extraction { path: "b", into: &body }]).unwrap();
    assert_eq!(texts(&mut work, "body"), [json!("2"), json!("c")]);
}

#[test]
fn groups_and_targets_that_are_not_there_are_refused_before_anything_changes() {
    let (k, map) = (column("attributes.k"), column("attributes"));
    let mut patterns = Patterns::default();
    let pattern = patterns.regex("(?<a>x)(y)").unwrap();
    let a = Extraction { path: "a", into: &k };
    let mut work = work_of([Some("xy")]);
    for (groups, reason) in [
        (vec![a.clone(), Extraction { path: "b", into: &k }], "no group named \"b\""),
        (vec![a.clone(), Extraction { path: "2", into: &k }], "no group named \"2\""),
        (vec![a.clone(), Extraction { path: "", into: &k }], "no group named \"\""),
        (vec![a.clone(), Extraction { path: "a", into: &map }], "cannot be used as text"),
        (vec![a.clone(); 257], "more than 256"),
    ] {
        let error = regex(&mut work, &column("body"), &pattern, &groups).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert_eq!(texts(&mut work, "attributes.k"), [Value::Null]);
    }
    assert!(regex(&mut work, &map, &pattern, &[a]).is_err());
}

#[test]
fn patterns_that_are_none_or_too_large_are_refused() {
    let long = "x".repeat((16 << 10) + 1);
    for (pattern, reason) in [
        ("(", "unclosed group"),
        ("(?<a>x", "unclosed group"),
        (r"(?=x)", "look-around"),
        (r"(x)\1", "backreferences"),
        (r"(\w{100}){100}", "exceeds size limit"),
        (long.as_str(), "16385 bytes, at most 16384"),
    ] {
        let error = Patterns::default().regex(pattern).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    assert!(Patterns::default().regex(long.strip_prefix('x').unwrap()).is_ok());
}

#[test]
fn patterns_are_compiled_once_and_not_kept_for_ever() {
    let mut patterns = Patterns::default();
    let first = patterns.regex("a+").unwrap();
    assert!(Arc::ptr_eq(&first, &patterns.regex("a+").unwrap()));
    for number in 0..200 {
        patterns.regex(&format!("a{number}")).unwrap();
    }
    assert!(!Arc::ptr_eq(&first, &patterns.regex("a+").unwrap()));
}

#[test]
fn grok_fields_go_into_columns() {
    let mut patterns = Patterns::default();
    let (client, verb) = (column("attributes.client"), column("attributes.verb"));
    let bytes = column_as("attributes.bytes", ColumnType::Ints);
    let fields = [
        Extraction { path: "client", into: &client },
        Extraction { path: "verb", into: &verb },
        Extraction { path: "bytes", into: &bytes },
    ];
    let pattern = r"%{IPORHOST:client} %{WORD:verb}(?: %{INT:bytes})?$";
    let mut work = work_of([Some("10.0.0.1 GET 15"), Some("example.com POST"), Some("?"), None]);
    for _ in 0..2 {
        let matched = grok(&mut work, &column("body"), pattern, &mut patterns, &fields).unwrap();
        assert_eq!(bits(&matched), [1, 1, 0, 0]);
        let null = Value::Null;
        let want = [json!("10.0.0.1"), json!("example.com"), null.clone(), null.clone()];
        assert_eq!(texts(&mut work, "attributes.client"), want);
        assert_eq!(texts(&mut work, "attributes.verb"), [json!("GET"), json!("POST"), null.clone(), null.clone()]);
        let want = [json!(15), null.clone(), null.clone(), null];
        assert_eq!(read(&mut work, "attributes.bytes", ColumnType::Ints), want);
    }
}

#[test]
fn grok_patterns_that_are_none_and_fields_that_are_not_there_are_refused() {
    let (k, map) = (column("attributes.k"), column("attributes"));
    let long = "x".repeat((16 << 10) + 1);
    let mut patterns = Patterns::default();
    let mut work = work_of([Some("GET")]);
    for (pattern, path, into, reason) in [
        ("%{NOSUCH:a}", "a", &k, "grok pattern"),
        ("%{WORD:a}(", "a", &k, "grok pattern"),
        ("", "a", &k, "grok pattern"),
        ("%{A=%{A}%{A}}", "a", &k, "grok pattern"),
        (long.as_str(), "a", &k, "at most 16384"),
        ("%{WORD:a}", "b", &k, "no field named \"b\""),
        ("%{WORD}", "WORD", &k, "no field named \"WORD\""),
        ("%{WORD:a}", "a", &map, "cannot be used as text"),
    ] {
        let fields = [Extraction { path, into }];
        let error = grok(&mut work, &column("body"), pattern, &mut patterns, &fields).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert_eq!(texts(&mut work, "attributes.k"), [Value::Null]);
    }
}

#[test]
fn every_usual_grok_pattern_is_one() {
    let body = column("body");
    let mut work = work_of([None]);
    for (name, _) in ::grok::patterns() {
        let pattern = format!("%{{{name}:found}}");
        let fields = [Extraction { path: "found", into: &body }];
        let done = grok(&mut work, &column("body"), &pattern, &mut Patterns::default(), &fields);
        assert!(done.is_ok(), "{name}: {}", done.unwrap_err());
    }
}

#[test]
fn patterns_without_lookaround_find_what_they_are_for() {
    for (pattern, text, want) in [
        ("%{IPV4:x}", "from 192.168.255.249, then", Some("192.168.255.249")),
        ("%{IPV4:x}", "10.0.0.256", None),
        ("%{IPV4:x}", "1.2.3", None),
        ("%{IP:x}", "from 2001:db8::1 on", Some("2001:db8::1")),
        ("%{NUMBER:x}", "took -12.5 ms", Some("-12.5")),
        ("%{NUMBER:x}", "took .5 ms", Some(".5")),
        ("%{NUMBER:x}", "none", None),
        ("%{BASE16NUM:x}", "=0xFf0", Some("0xFf0")),
        ("%{YEAR:x}-", "2024-01", Some("2024")),
        ("%{TIMESTAMP_ISO8601:x}", "at 2024-02-29T23:59:60.5+01:00 it", Some("2024-02-29T23:59:60.5+01:00")),
        ("%{HTTPDATE:x}", "[10/Oct/2000:13:55:36 -0700]", Some("10/Oct/2000:13:55:36 -0700")),
        ("%{SYSLOGTIMESTAMP:x}", "Feb  5 17:32:18 host", Some("Feb  5 17:32:18")),
        ("%{QS:x}", r#"say "a \" b" c"#, Some(r#""a \" b""#)),
        ("%{QS:x}", r#"say "a"#, None),
        ("%{WINPATH:x}$", r"in C:\Temp\x.log", Some(r"C:\Temp\x.log")),
        ("%{RUUID:x}", "id 0123456789abcdef0123456789ABCDEF", Some("0123456789abcdef0123456789ABCDEF")),
        ("%{URI:x}$", "GET https://example.com:8080/a?b=c", Some("https://example.com:8080/a?b=c")),
    ] {
        let mut work = work_of([Some(text)]);
        let into = column("attributes.x");
        let fields = [Extraction { path: "x", into: &into }];
        let matched = grok(&mut work, &column("body"), pattern, &mut Patterns::default(), &fields).unwrap();
        assert_eq!(matched.value(0), want.is_some(), "{pattern} in {text:?}");
        assert_eq!(texts(&mut work, "attributes.x"), [json!(want)], "{pattern} in {text:?}");
    }
}

#[test]
fn the_combined_log_of_the_apache_manual_is_read() {
    // https://httpd.apache.org/docs/2.4/logs.html#combined
    let line = r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)""#;
    let wanted = [
        ("clientip", "127.0.0.1"),
        ("auth", "frank"),
        ("timestamp", "10/Oct/2000:13:55:36 -0700"),
        ("verb", "GET"),
        ("request", "/apache_pb.gif"),
        ("httpversion", "1.0"),
        ("response", "200"),
        ("bytes", "2326"),
        ("agent", "\"Mozilla/4.08 [en] (Win98; I ;Nav)\""),
    ];
    let targets: Vec<_> = wanted.iter().map(|(name, _)| column(&format!("attributes.{name}"))).collect();
    let fields: Vec<_> = wanted.iter().zip(&targets).map(|((path, _), into)| Extraction { path, into }).collect();
    let mut work = work_of([Some(line)]);
    grok(&mut work, &column("body"), "%{COMBINEDAPACHELOG}", &mut Patterns::default(), &fields).unwrap();
    for (name, want) in wanted {
        assert_eq!(texts(&mut work, &format!("attributes.{name}")), [json!(want)], "{name}");
    }
}
