use super::*;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampNanosecondType, UInt8Type};
use lincei_model::Batch;
use std::fmt::Write as _;

/// 2026-11-22T12:00:00Z.
const NOW_NS: i64 = 1_795_348_800_000_000_000;

const CONTEXT: IngestContext<'static> = IngestContext {
    now_ns: NOW_NS,
    oldest_ns: NOW_NS - 30 * 86_400_000_000_000,
    newest_ns: NOW_NS + 600_000_000_000,
    client: "test",
    default_service: None,
};

/// A map as `key=value`, separated by spaces.
fn map_text(batch: &Batch, column: &str, row: usize) -> String {
    let entries = batch.records().column_by_name(column).unwrap().as_map().value(row);
    let (keys, values) = (entries.column(0).as_string_view(), entries.column(1).as_string_view());
    let pairs: Vec<String> =
        keys.iter().zip(values).map(|(k, v)| format!("{}={}", k.unwrap(), v.unwrap_or("null"))).collect();
    pairs.join(" ")
}

fn text<'b>(batch: &'b Batch, column: &str, row: usize) -> Option<&'b str> {
    let column = batch.records().column_by_name(column).unwrap().as_string_view();
    column.is_valid(row).then(|| column.value(row))
}

/// The rows as `body|service|attributes|resource`, then the refused records as `!reason|raw`.
fn read(body: &[u8]) -> Vec<String> {
    let decoded = decode(body, &CONTEXT).unwrap();
    let mut out = Vec::new();
    if let Some(batch) = &decoded.batch {
        assert_eq!(decoded.accepted, batch.rows() as u64);
        for row in 0..batch.rows() {
            let mut line = String::new();
            let body = text(batch, "body", row).unwrap_or("null");
            let service = text(batch, "service", row).unwrap();
            let service = if service == "unknown_service" { "" } else { service };
            let (attributes, resource) = (map_text(batch, "attributes", row), map_text(batch, "resource", row));
            let _ = write!(line, "{body}|{service}|{attributes}|{resource}");
            out.push(line);
        }
    }
    if let Some(rejects) = &decoded.rejects {
        assert_eq!(decoded.rejected, rejects.rows() as u64);
        for row in 0..rejects.rows() {
            let raw = rejects.records().column_by_name("raw").unwrap().as_binary::<i32>().value(row);
            let reason = text(rejects, "reason", row).unwrap();
            out.push(format!("!{reason}|{}", String::from_utf8_lossy(raw)));
        }
    }
    out
}

fn check(cases: &[(&str, &[&str])]) {
    for (body, want) in cases {
        assert_eq!(read(body.as_bytes()), *want, "{body:?}");
    }
}

#[test]
fn lines_values_and_arrays_are_records() {
    check(&[
        ("", &[]),
        (" \r\n\n\t", &[]),
        (r#"{"msg":"a"}"#, &["a|||"]),
        ("{\"msg\":\"a\"}\n\n{\"msg\":\"b\"}\r\n", &["a|||", "b|||"]),
        (r#"{"msg":"a"}{"msg":"b"} {"msg":"c"}"#, &["a|||", "b|||", "c|||"]),
        (r#"[{"msg":"a"},{"msg":"b"}]"#, &["a|||", "b|||"]),
        ("[ ]", &[]),
        ("[\n {\"msg\": \"a\"},\n \"b\"\n]\n{\"msg\":\"c\"}", &["a|||", "b|||", "c|||"]),
        ("{\n  \"msg\": \"a\",\n  \"n\": {\n \"m\": 1\n}\n}\n{\"msg\":\"b\"}", &["a||n.m=1|", "b|||"]),
        ("\"text\"\n17\ntrue\nnull\n", &["text|||", "17|||", "true|||", "null|||"]),
        (r#"["a", [1, 2], 1.10]"#, &["a|||", "[1,2]|||", "1.10|||"]),
        (r#"{"msg":"tab\t \u00e9 \ud83e\udd80"}"#, &["tab\t é 🦀|||"]),
    ]);
}

#[test]
fn objects_are_flattened_and_numbers_kept_as_written() {
    check(&[
        (
            r#"{"msg":"m","http":{"status":200,"headers":{"a":"b"},"e":{}},"list":[1, {"a": "x y"}],"n":null}"#,
            &[r#"m||http.status=200 http.headers.a=b http.e={} list=[1,{"a":"x y"}] n=null|"#],
        ),
        (
            r#"{"i":9007199254740993,"big":123456789012345678901234567890,"d":1.10,"e":1E5,"neg":-0}"#,
            &["null||i=9007199254740993 big=123456789012345678901234567890 d=1.10 e=1E5 neg=-0|"],
        ),
        (r#"{"a":1,"a":2,"b":{"c":3},"b.c":4}"#, &["null||a=1 a=2 b.c=3 b.c=4|"]),
        (
            r#"{"service":"api","resource":{"host.name":"h1","k8s":{"pod":"p"}}}"#,
            &["null|api||host.name=h1 k8s.pod=p service.name=api"],
        ),
        (r#"{"service":"api","resource":{"service.name":"real"}}"#, &["null|real|service=api|service.name=real"]),
        (r#"{"a\"b":"c\\d","":"e"}"#, &[r#"null||a"b=c\d =e|"#]),
    ]);
}

#[test]
fn a_bad_line_is_refused_alone() {
    check(&[
        (
            "{\"msg\":\"a\"}\nplain text\n{\"msg\":\"b\"}",
            &["a|||", "b|||", "!malformed json at line 2 column 1: expected value|plain text"],
        ),
        (
            "{\"msg\":\"a\"\n{\"msg\":\"b\"}",
            &["b|||", "!malformed json at line 1 column 10: EOF while parsing an object|{\"msg\":\"a\""],
        ),
        ("{\"msg\":tru}", &["!malformed json at line 1 column 11: expected ident|{\"msg\":tru}"]),
        ("{\"a\":1} {\"b\":}", &["null||a=1|", "!malformed json at line 1 column 14: expected value|{\"b\":}"]),
        (
            "{\"a\":\"\\ud800\"}",
            &["!record at line 1: malformed json: unexpected end of hex escape|{\"a\":\"\\ud800\"}"],
        ),
        ("{\"a\":NaN}", &["!malformed json at line 1 column 6: expected value|{\"a\":NaN}"]),
        (
            "\n{\"time\":\"nope\"}\n{\"msg\":\"b\"}",
            &["b|||", "!record at line 2: time \"nope\" of field \"time\" cannot be read|{\"time\":\"nope\"}"],
        ),
        (
            "{\"time\":\"2031-01-01T00:00:00Z\"}",
            &[
                "!event time 2031-01-01T00:00:00Z is 4.1 years in the future (limit 10 minutes)|{\"time\":\"2031-01-01T00:00:00Z\"}",
            ],
        ),
    ]);
}

#[test]
fn a_broken_array_keeps_what_came_before() {
    check(&[
        (
            "[{\"msg\":\"a\"},\n{\"msg\":\"b\"},\n{\"msg\":oops},\n{\"msg\":\"d\"}]",
            &["a|||", "b|||", "!malformed json at line 3 column 8: expected value|{\"msg\":oops},\n{\"msg\":\"d\"}]"],
        ),
        ("[{\"msg\":\"a\"}", &["a|||", "!malformed json at line 1 column 13: expected `,` or `]`|"]),
        ("[{\"msg\":\"a\"},", &["a|||", "!malformed json at line 1 column 13: EOF while parsing a list|"]),
        ("[\"a\" \"b\"]", &["a|||", "!malformed json at line 1 column 6: expected `,` or `]`|\"b\"]"]),
        // a line of text that begins with a bracket
        (
            "[2026-11-22 10:00:00] started\n{\"msg\":\"b\"}",
            &["b|||", "!malformed json at line 1 column 6: trailing characters|[2026-11-22 10:00:00] started"],
        ),
    ]);
}

#[test]
fn bytes_that_are_not_utf8_are_refused() {
    let read = read(b"{\"msg\":\"a\xff\"}\n{\"msg\":\"b\"}");
    assert_eq!(read.len(), 2);
    assert_eq!(read[0], "b|||");
    assert!(read[1].starts_with("!malformed json at line 1 column"), "{}", read[1]);
}

#[test]
fn times_and_levels_reach_their_columns() {
    let body = br#"{"ts":1795348799.25,"level":"Warning","msg":"x"}
{"msg":"y","level":"info"}"#;
    let decoded = decode(body, &CONTEXT).unwrap();
    let batch = decoded.batch.unwrap();
    let column = |name: &str| batch.records().column_by_name(name).unwrap().clone();
    let times = column("time");
    assert_eq!(times.as_primitive::<TimestampNanosecondType>().values(), &[NOW_NS - 750_000_000, NOW_NS]);
    let observed = column("observed_time");
    assert_eq!(observed.as_primitive::<TimestampNanosecondType>().values(), &[NOW_NS, NOW_NS]);
    assert_eq!(column("severity_number").as_primitive::<UInt8Type>().values(), &[13, 9]);
    assert_eq!((text(&batch, "severity", 0), text(&batch, "severity", 1)), (Some("WARN"), Some("INFO")));
    // kept only where the column says something else
    assert_eq!(map_text(&batch, "attributes", 0), "otel.severity_text=Warning");
    assert_eq!(map_text(&batch, "attributes", 1), "");
}

#[test]
fn nesting_and_long_names_are_bounded() {
    // flattened to a depth, JSON below, and any depth is read
    let deep = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    let rows = read(deep.as_bytes());
    assert_eq!(rows.len(), 1);
    assert!(rows[0].starts_with(&format!("null||{}a={{\"a\":", "a.".repeat(32))), "{}", &rows[0][..120]);
    let brackets = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(read(brackets.as_bytes()).len(), 1);

    let long = format!("{{\"{}\":{{\"{}\":1}}}}", "k".repeat(3000), "l".repeat(3000));
    assert_eq!(
        read(long.as_bytes()),
        [format!("!record at line 1: attribute key of 6001 bytes exceeds 4096 bytes|{long}")]
    );

    // a long name above many short ones is not copied into each
    let members: Vec<String> = (0..20_000).map(|n| format!("\"{n}\":0")).collect();
    let wide = format!("{{\"{}\":{{{}}},\"z\":1}}", "k".repeat(4000), members.join(","));
    let batch = decode(wide.as_bytes(), &CONTEXT).unwrap().batch.unwrap();
    let entries = batch.records().column_by_name("attributes").unwrap().as_map().value(0);
    assert_eq!(entries.len(), 2);
    assert_eq!(entries.column(0).as_string_view().value(1), "z");
}

#[test]
fn unended_values_do_not_make_reading_quadratic() {
    // each line begins a list that never ends: the rest is looked through a bounded number of times
    let body = "{\"a\":[\n".repeat(200_000);
    let decoded = decode(body.as_bytes(), &CONTEXT).unwrap();
    assert_eq!((decoded.accepted, decoded.rejected), (0, 200_000));
    let rejects = decoded.rejects.unwrap();
    assert_eq!(rejects.rows(), lincei_model::limits::REJECTS_PER_REQUEST_MAX + 1);
    let told = decoded.reject_message.unwrap();
    assert!(told.contains("first reasons of 200000 refused records"), "{told}");
}

#[test]
fn a_line_beyond_the_record_limit_is_refused_alone() {
    let body = format!("{{\"msg\":\"{}\"}}\n{{\"msg\":\"b\"}}", "x".repeat(RECORD_BYTES_MAX));
    let decoded = decode(body.as_bytes(), &CONTEXT).unwrap();
    assert_eq!((decoded.accepted, decoded.rejected), (1, 1));
    let rejects = decoded.rejects.unwrap();
    assert_eq!(text(&rejects, "code", 0), Some("too_large"));
    assert_eq!(text(&rejects, "reason", 0), Some("log record of 4194314 bytes exceeds 4194304 bytes"));
    let raw_bytes = rejects.records().column_by_name("raw_bytes").unwrap();
    assert_eq!(raw_bytes.as_primitive::<arrow_array::types::UInt64Type>().value(0), 4_194_314);
    let raw = rejects.records().column_by_name("raw").unwrap().as_binary::<i32>().value(0).len();
    assert_eq!(raw, lincei_model::limits::REJECT_RAW_BYTES_MAX);
}
