//! OTLP requests to rows: what is written here by hand, limits, and refused records.

use crate::cells::{Cell, Row, rows};
use crate::wire::{attribute, bytes, fixed64, number, request};
use lincei_ingest::{Decoded, IngestContext, IngestError, Signal, otlp, reject_body};
use lincei_model::{ErrorCode, limits};

/// 2026-11-22T00:00:00Z.
const NOW_NS: i64 = 1_795_305_600_000_000_000;
const NOW: u64 = 1_795_305_600_000_000_000;

const CONTEXT: IngestContext<'static> = IngestContext {
    now_ns: NOW_NS,
    oldest_ns: NOW_NS - 30 * 86_400_000_000_000,
    newest_ns: NOW_NS + 600_000_000_000,
    client: "192.0.2.7 sdk/1.0",
    default_service: None,
};

fn logs(body: &[u8]) -> Decoded {
    otlp::decode_logs(body, &CONTEXT).unwrap()
}

fn stored(decoded: &Decoded) -> Vec<Row> {
    decoded.batch.as_ref().map(|batch| rows(batch.records())).unwrap_or_default()
}

fn refused(decoded: &Decoded) -> Vec<Row> {
    decoded.rejects.as_ref().map(|batch| rows(batch.records())).unwrap_or_default()
}

/// The members of `row` that `want` names, in its words.
fn check(row: &Row, want: &[(&str, Cell)]) {
    for (name, cell) in want {
        assert_eq!(row.get(*name), Some(cell), "{name}");
    }
}

fn map(entries: &[(&str, &str)]) -> Cell {
    Cell::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned()))).collect())
}

fn text_attribute(field: u64, name: &str, value: &str) -> Vec<u8> {
    attribute(field, name, bytes(1, value))
}

#[test]
fn a_log_record_as_an_sdk_sends_it() {
    let record = [
        fixed64(1, NOW - 5),
        fixed64(11, NOW - 3),
        number(2, 13),
        bytes(3, "Warning"),
        bytes(5, bytes(1, "cache is cold")),
        text_attribute(6, "http.route", "/cart/{id}"),
        attribute(6, "http.response.status_code", number(3, 503)),
        attribute(6, "ratio", fixed64(4, 0.25f64.to_bits())),
        attribute(6, "retry", number(2, 1)),
        attribute(6, "key", bytes(7, [0xde, 0xad])),
        attribute(6, "none", []),
        bytes(9, (1..=16).collect::<Vec<u8>>()),
        bytes(10, [0xab; 8]),
        bytes(12, "cache.miss"),
    ]
    .concat();
    let scope = bytes(1, [bytes(1, "my.library"), bytes(2, "1.2.0")].concat());
    let resource = bytes(1, text_attribute(1, "service.name", "cart"));
    let body = bytes(1, [resource, bytes(2, [scope, bytes(2, record)].concat())].concat());
    let decoded = logs(&body);
    assert_eq!((decoded.accepted, decoded.rejected, &decoded.reject_message), (1, 0, &None));
    assert!(decoded.rejects.is_none());
    let attributes = [
        ("http.route", "/cart/{id}"),
        ("http.response.status_code", "503"),
        ("ratio", "0.25"),
        ("retry", "true"),
        // base64 of de ad
        ("key", "3q0="),
    ];
    let mut entries: Vec<_> = attributes.map(|(k, v)| (k.to_owned(), Some(v.to_owned()))).to_vec();
    entries.push(("none".to_owned(), None));
    entries.push(("otel.severity_text".to_owned(), Some("Warning".to_owned())));
    entries.push(("otel.scope.version".to_owned(), Some("1.2.0".to_owned())));
    check(
        &stored(&decoded)[0],
        &[
            ("time", Cell::Int(NOW_NS - 5)),
            ("observed_time", Cell::Int(NOW_NS - 3)),
            ("severity_number", Cell::Unsigned(13)),
            ("severity", Cell::text("WARN")),
            ("service", Cell::text("cart")),
            ("body", Cell::text("cache is cold")),
            ("event_name", Cell::text("cache.miss")),
            ("trace_id", Cell::text("0102030405060708090a0b0c0d0e0f10")),
            ("span_id", Cell::text("abababababababab")),
            ("attributes", Cell::Map(entries)),
            ("resource", map(&[("service.name", "cart")])),
            ("scope", Cell::text("my.library")),
        ],
    );
}

#[test]
fn values_read_as_text() {
    let list = |values: &[Vec<u8>]| bytes(5, values.iter().flat_map(|value| bytes(1, value)).collect::<Vec<_>>());
    let entry = |name: &str, value: &[u8]| attribute(1, name, value);
    let cases: Vec<(Vec<u8>, Cell)> = vec![
        (vec![], Cell::Null),
        (bytes(1, ""), Cell::text("")),
        (number(3, u64::MAX), Cell::text("-1")),
        (number(3, 1 << 63), Cell::text("-9223372036854775808")),
        (fixed64(4, 637.704f64.to_bits()), Cell::text("637.704")),
        (fixed64(4, 5f64.to_bits()), Cell::text("5")),
        (fixed64(4, f64::NAN.to_bits()), Cell::text("NaN")),
        (fixed64(4, f64::NEG_INFINITY.to_bits()), Cell::text("-Infinity")),
        (bytes(7, []), Cell::text("")),
        (bytes(5, []), Cell::text("[]")),
        (bytes(6, []), Cell::text("{}")),
        (
            list(&[
                bytes(1, "a\"b"),
                number(2, 0),
                number(3, 9_007_199_254_740_993),
                fixed64(4, f64::NAN.to_bits()),
                fixed64(4, 0.5f64.to_bits()),
                bytes(7, "hi"),
                vec![],
                list(&[]),
            ]),
            Cell::text(r#"["a\"b",false,9007199254740993,"NaN",0.5,"aGk=",null,[]]"#),
        ),
        (
            bytes(6, [entry("k", &bytes(1, "v")), entry("k", &number(3, 2)), bytes(1, bytes(1, "n"))].concat()),
            Cell::text(r#"{"k":"v","k":2,"n":null}"#),
        ),
    ];
    for (value, want) in cases {
        let rows = stored(&logs(&request(bytes(5, &value))));
        check(&rows[0], &[("body", want)]);
    }
}

#[test]
fn a_record_without_a_time_gets_the_next_best() {
    for (parts, want) in [
        (vec![], NOW_NS),
        (vec![fixed64(11, NOW - 9)], NOW_NS - 9),
        (vec![fixed64(11, NOW - 9), fixed64(1, NOW - 7)], NOW_NS - 7),
    ] {
        check(&stored(&logs(&request(parts.concat())))[0], &[("time", Cell::Int(want))]);
    }
}

#[test]
fn refused_records_say_why_and_can_be_sent_again() {
    let day = 86_400_000_000_000;
    let resource = bytes(1, text_attribute(1, "service.name", "cart"));
    let scope = [bytes(1, bytes(1, "lib")), bytes(3, "https://scope")].concat();
    let record = |time: u64| [fixed64(1, time), bytes(5, bytes(1, "x"))].concat();
    let with = |records: &[Vec<u8>]| {
        let records: Vec<u8> = records.iter().flat_map(|record| bytes(2, record)).collect();
        bytes(1, [resource.clone(), bytes(2, [scope.clone(), records].concat()), bytes(3, "https://res")].concat())
    };
    let late = record(NOW - 31 * day);
    let far = record(NOW + 1500 * day);
    let decoded = logs(&with(&[record(NOW), late.clone(), record(NOW), far.clone(), record(u64::MAX)]));
    assert_eq!((decoded.accepted, decoded.rejected), (2, 3));
    let reasons = [
        "event time 2026-10-22T00:00:00Z is 31 days old, older than the retention of the table (30 days)",
        "event time 2030-12-31T00:00:00Z is 4.1 years in the future (limit 10 minutes)",
        "event time of 18446744073709551615 ns since 1970 is after 2262-04-11, the last day that can be stored",
    ];
    assert_eq!(decoded.reject_message.as_deref(), Some(reasons.join("; ").as_str()));
    let refused = refused(&decoded);
    for (row, reason) in refused.iter().zip(reasons) {
        check(
            row,
            &[
                ("time", Cell::Int(NOW_NS)),
                ("signal", Cell::text("logs")),
                ("client", Cell::text("192.0.2.7 sdk/1.0")),
                ("code", Cell::text("invalid")),
                ("reason", Cell::text(reason)),
                ("operator", Cell::Null),
                ("records", Cell::Unsigned(1)),
                ("encoding", Cell::text("otlp-protobuf")),
            ],
        );
    }
    // the raw record is a request of its own, with its resource and scope
    for (row, record) in refused.iter().zip([late, far]) {
        let alone = with(&[record]);
        check(row, &[("raw_bytes", Cell::Unsigned(alone.len() as u64))]);
        let Some(Cell::Bytes(raw)) = row.get("raw") else { panic!("no raw bytes") };
        let open = IngestContext { oldest_ns: i64::MIN, newest_ns: i64::MAX, ..CONTEXT };
        let again = otlp::decode_logs(raw, &open).unwrap();
        assert_eq!(stored(&again), stored(&otlp::decode_logs(&alone, &open).unwrap()));
        assert_eq!(again.accepted, 1);
    }
}

#[test]
fn oversized_records_and_keys_are_refused_alone() {
    let long = "x".repeat(limits::RECORD_BYTES_MAX);
    let key = "k".repeat(limits::ATTRIBUTE_KEY_BYTES_MAX + 1);
    let fits = "k".repeat(limits::ATTRIBUTE_KEY_BYTES_MAX);
    let body = [
        request(bytes(5, bytes(1, long))),
        request(text_attribute(6, &key, "v")),
        request(text_attribute(6, &fits, "v")),
        bytes(1, [bytes(1, text_attribute(1, &key, "v")), bytes(2, bytes(2, []))].concat()),
        bytes(1, bytes(2, [bytes(1, text_attribute(3, &key, "v")), bytes(2, [])].concat())),
    ]
    .concat();
    let decoded = logs(&body);
    assert_eq!((decoded.accepted, decoded.rejected), (1, 4));
    let reasons: Vec<_> = refused(&decoded).iter().map(|row| (row["reason"].clone(), row["code"].clone())).collect();
    let want = [
        "log record of 4194314 bytes exceeds 4194304 bytes",
        "log record attribute key of 4097 bytes exceeds 4096 bytes",
        "resource attribute key of 4097 bytes exceeds 4096 bytes",
        "scope attribute key of 4097 bytes exceeds 4096 bytes",
    ];
    assert_eq!(reasons, want.map(|reason| (Cell::text(reason), Cell::text("too_large"))));
    // only the start of the large one is kept
    let Cell::Bytes(raw) = &refused(&decoded)[0]["raw"] else { panic!("no raw bytes") };
    assert_eq!(raw.len(), limits::REJECT_RAW_BYTES_MAX);
    assert!(
        matches!(refused(&decoded)[0]["raw_bytes"], Cell::Unsigned(bytes) if bytes > limits::RECORD_BYTES_MAX as u64)
    );
}

#[test]
fn a_small_body_cannot_become_large() {
    // 1 MiB of resource, copied into each of 600 rows, would be 600 MiB
    let resource = bytes(1, text_attribute(1, "k", &"v".repeat(1 << 20)));
    let records = |count: usize| bytes(2, [0x12, 0x00].repeat(count));
    let expansion = logs_error(&bytes(1, [resource.clone(), records(600)].concat()));
    assert_eq!(expansion.code(), ErrorCode::TooLarge);
    assert_eq!(
        expansion.to_string(),
        "resource and scope attributes of the request come to more than 536870912 bytes once written per record"
    );
    assert_eq!(logs(&bytes(1, [resource, records(400)].concat())).accepted, 400);
    let scope = bytes(1, bytes(2, "v".repeat(1 << 20)));
    let scoped = bytes(1, bytes(2, [scope, [0x12, 0x00].repeat(600)].concat()));
    assert_eq!(logs_error(&scoped).code(), ErrorCode::TooLarge);

    let too_many = logs_error(&bytes(1, records(limits::RECORDS_MAX + 1)));
    assert_eq!(too_many.code(), ErrorCode::TooLarge);
    assert_eq!(too_many.to_string(), "request has more than 2000000 records");

    // two bytes on the wire, forty in memory
    let entries = logs_error(&bytes(1, bytes(1, [0x0a, 0x00].repeat(14 << 20))));
    assert_eq!(entries.code(), ErrorCode::TooLarge);
}

fn logs_error(body: &[u8]) -> IngestError {
    otlp::decode_logs(body, &CONTEXT).unwrap_err()
}

#[test]
fn beyond_a_limit_refused_records_are_only_counted() {
    let count = limits::REJECTS_PER_REQUEST_MAX + 5;
    let body = bytes(1, bytes(2, bytes(2, fixed64(1, 1)).repeat(count)));
    let decoded = logs(&body);
    assert_eq!((decoded.accepted, decoded.rejected), (0, count as u64));
    assert!(decoded.batch.is_none());
    let refused = refused(&decoded);
    assert_eq!(refused.len(), limits::REJECTS_PER_REQUEST_MAX + 1);
    let records: u64 = refused.iter().map(|row| if let Cell::Unsigned(n) = row["records"] { n } else { 0 }).sum();
    assert_eq!(records, count as u64);
    let Some(Cell::Text(reason)) = refused.last().and_then(|row| row.get("reason")) else { panic!("no reason") };
    assert!(reason.starts_with("5 more records of the same request were refused and are not kept"), "{reason}");
}

#[test]
fn malformed_bodies_name_the_place() {
    let body = request(bytes(3, [0xff]));
    let error = logs_error(&body);
    assert_eq!(error.code(), ErrorCode::Invalid);
    // the text is the last byte
    let place = body.len() - 1;
    assert_eq!(error.to_string(), format!("malformed protobuf at byte {place}: string is not valid UTF-8"));

    let row = reject_body(Signal::Logs, &error, "otlp-protobuf", &body, &CONTEXT);
    check(
        &rows(row.records())[0],
        &[
            ("records", Cell::Unsigned(0)),
            ("reason", Cell::Text(error.to_string())),
            ("encoding", Cell::text("otlp-protobuf")),
            ("raw", Cell::Bytes(body.clone())),
        ],
    );
}

#[test]
fn spans_need_ids_and_a_start() {
    let ids = [bytes(1, [7; 16]), bytes(2, [8; 8])].concat();
    let start = fixed64(7, NOW);
    let span = |parts: &[&[u8]]| request(parts.concat());
    let cases: Vec<(Vec<u8>, Result<i64, &str>)> = vec![
        (span(&[&ids, &start, &fixed64(8, NOW + 3)]), Ok(3)),
        (span(&[&ids, &start, &fixed64(8, NOW - 3)]), Ok(0)),
        (span(&[&ids, &start]), Ok(0)),
        (span(&[&bytes(2, [8; 8]), &start]), Err("trace id is missing")),
        (span(&[&bytes(1, [7; 16]), &start]), Err("span id is missing")),
        (span(&[&bytes(1, [0; 16]), &bytes(2, [8; 8]), &start]), Err("trace id is all zero")),
        (span(&[&bytes(1, [7; 3]), &bytes(2, [8; 8]), &start]), Err("trace id has 3 bytes, not 16")),
        (span(&[&bytes(1, [7; 16]), &bytes(2, [8; 16]), &start]), Err("span id has 16 bytes, not 8")),
        (span(&[&ids]), Err("start time of the span is missing")),
        (
            span(&[&ids, &start, &fixed64(8, 1 << 63)]),
            Err("end time of 9223372036854775808 ns since 1970 is after 2262-04-11, the last day that can be stored"),
        ),
    ];
    for (body, want) in cases {
        let decoded = otlp::decode_traces(&body, &CONTEXT).unwrap();
        match want {
            Ok(duration) => check(&stored(&decoded)[0], &[("duration_ns", Cell::Int(duration))]),
            Err(reason) => check(&refused(&decoded)[0], &[("reason", Cell::text(reason))]),
        }
    }
    let backwards = otlp::decode_traces(&span(&[&ids, &start, &fixed64(8, 5)]), &CONTEXT).unwrap();
    check(&stored(&backwards)[0], &[("attributes", map(&[("otel.end_before_start", "5")]))]);
}

fn metric(parts: &[Vec<u8>]) -> Decoded {
    otlp::decode_metrics(&request(parts.concat()), &CONTEXT).unwrap()
}

#[test]
fn integers_that_a_double_cannot_hold_stay_exact() {
    for (value, double, exact) in [
        (5i64, 5.0, Cell::Null),
        (1 << 53, 9_007_199_254_740_992.0, Cell::Null),
        ((1 << 53) + 1, 9_007_199_254_740_992.0, Cell::Int((1 << 53) + 1)),
        (i64::MAX, 9_223_372_036_854_775_808.0, Cell::Int(i64::MAX)),
        (i64::MIN, -9_223_372_036_854_775_808.0, Cell::Null),
    ] {
        let decoded = metric(&[bytes(5, bytes(1, [fixed64(3, NOW), fixed64(6, value.cast_unsigned())].concat()))]);
        check(&stored(&decoded)[0], &[("value", Cell::double(double)), ("value_int", exact)]);
    }
    // a value beside the flag that says there is none
    let gone = metric(&[bytes(5, bytes(1, [fixed64(4, 1f64.to_bits()), number(8, 1)].concat()))]);
    check(&stored(&gone)[0], &[("value", Cell::Null), ("flags", Cell::Unsigned(1)), ("time", Cell::Int(NOW_NS))]);
}

#[test]
fn series_ids_are_those_of_another_implementation() {
    // computed with the reference C library (Python package xxhash) over the drawn bytes
    let plain = metric(&[bytes(1, "m"), bytes(5, bytes(1, fixed64(3, NOW)))]);
    check(&stored(&plain)[0], &[("series_id", Cell::Unsigned(14_564_445_523_546_901_621))]);

    let point = [
        text_attribute(9, "http.route", "/a"),
        attribute(9, "code", number(3, 200)),
        attribute(9, "code", number(3, 500)),
        attribute(9, "empty", []),
        attribute(9, "ü", fixed64(4, 1.5f64.to_bits())),
    ]
    .concat();
    let metric = [bytes(1, "http.server.duration"), bytes(3, "ms"), bytes(9, bytes(1, point))].concat();
    let resource = bytes(1, [text_attribute(1, "service.name", "cart"), text_attribute(1, "host.name", "h1")].concat());
    let scope = bytes(1, bytes(1, "lib"));
    let body = bytes(1, [resource, bytes(2, [scope, bytes(2, metric)].concat())].concat());
    let decoded = otlp::decode_metrics(&body, &CONTEXT).unwrap();
    check(&stored(&decoded)[0], &[("series_id", Cell::Unsigned(5_166_236_386_678_144_780))]);
}

#[test]
fn histograms_with_the_wrong_number_of_bounds_are_refused() {
    for (counts, bounds, fits) in
        [(0, 0, true), (1, 0, true), (3, 2, true), (2, 2, false), (0, 1, false), (4, 2, false)]
    {
        let point = [fixed64(6, 1).repeat(counts), fixed64(7, 1f64.to_bits()).repeat(bounds)].concat();
        let decoded = metric(&[bytes(9, bytes(1, point))]);
        assert_eq!((decoded.accepted, decoded.rejected), (u64::from(fits), u64::from(!fits)), "{counts} {bounds}");
        if !fits {
            let reason = format!("histogram has {counts} bucket counts for {bounds} bounds, not one more");
            assert_eq!(decoded.reject_message, Some(reason));
        }
    }
}
