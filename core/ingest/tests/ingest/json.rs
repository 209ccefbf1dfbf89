//! OTLP/JSON: a request decodes as its protobuf twin does, and errors name the place.

use crate::cells::{Cell, rows};
use crate::check::{CONTEXT, Outcome, check_logs, check_metrics, check_traces};
use crate::generate;
use crate::json_writer::Writer;
use fastrand::Rng;
use lincei_ingest::{IngestError, Signal, otlp};
use lincei_model::ErrorCode;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use prost::Message;

const REQUESTS: u64 = 300;

/// Rewrites random requests and gives both forms to the decoder.
fn run<M: Message + Default>(
    signal: Signal,
    generate: fn(&mut Rng) -> M,
    write: impl Fn(&mut Writer<'_>, &M) -> serde_json::Value,
    check: fn(&[u8]) -> Outcome,
    decode: otlp_decode::Decode,
) {
    for number in 0..REQUESTS {
        let mut rng = Rng::with_seed(7_000_000 + number);
        let request = generate(&mut rng);
        let json = write(&mut Writer { rng: &mut rng }, &request);
        let text = if number % 2 == 0 { json.to_string() } else { serde_json::to_string_pretty(&json).unwrap() };
        let protobuf =
            otlp::json_to_protobuf(signal, text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
        // prost and the decoder agree on what was written …
        let outcome = check(&protobuf);
        // … which has the rows of the request itself
        let body = request.encode_to_vec();
        assert_eq!(outcome, check(&body), "{text}");
        assert_eq!(decode(&protobuf), decode(&body), "{text}");
    }
}

mod otlp_decode {
    use super::{CONTEXT, otlp};
    use crate::cells::{Row, rows};
    use lincei_ingest::{Decoded, IngestError};

    pub(crate) type Decode = fn(&[u8]) -> Vec<Row>;

    fn stored(decoded: Result<Decoded, IngestError>) -> Vec<Row> {
        decoded.unwrap().batch.map(|batch| rows(batch.records())).unwrap_or_default()
    }

    pub(crate) fn logs(body: &[u8]) -> Vec<Row> {
        stored(otlp::decode_logs(body, &CONTEXT))
    }

    pub(crate) fn traces(body: &[u8]) -> Vec<Row> {
        stored(otlp::decode_traces(body, &CONTEXT))
    }

    pub(crate) fn metrics(body: &[u8]) -> Vec<Row> {
        stored(otlp::decode_metrics(body, &CONTEXT))
    }
}

#[test]
fn json_logs_are_their_protobuf_twins() {
    run(Signal::Logs, generate::logs, |writer, request| writer.logs(request), check_logs, otlp_decode::logs);
}

#[test]
fn json_traces_are_their_protobuf_twins() {
    run(Signal::Traces, generate::traces, |writer, request| writer.traces(request), check_traces, otlp_decode::traces);
}

#[test]
fn json_metrics_are_their_protobuf_twins() {
    run(
        Signal::Metrics,
        generate::metrics,
        |writer, request| writer.metrics(request),
        check_metrics,
        otlp_decode::metrics,
    );
}

/// A log request with one record of these members.
fn record(members: &str) -> String {
    format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{{members}}}]}}]}}]}}"#)
}

fn read(members: &str) -> ExportLogsServiceRequest {
    let body = otlp::json_to_protobuf(Signal::Logs, record(members).as_bytes()).unwrap();
    ExportLogsServiceRequest::decode(body.as_slice()).unwrap()
}

#[test]
fn members_have_the_freedoms_of_the_json_form() {
    let first = |members: &str| read(members).resource_logs[0].scope_logs[0].log_records[0].clone();
    assert_eq!(first(r#""timeUnixNano":"18446744073709551615""#).time_unix_nano, u64::MAX);
    assert_eq!(first(r#""time_unix_nano":18446744073709551615"#).time_unix_nano, u64::MAX);
    assert_eq!(first(r#""timeUnixNano":1.5e3"#).time_unix_nano, 1500);
    assert_eq!(first(r#""timeUnixNano":"1.5e3""#).time_unix_nano, 1500);
    assert_eq!(first(r#""timeUnixNano":null"#).time_unix_nano, 0);
    assert_eq!(first(r#""severityNumber":"SEVERITY_NUMBER_WARN2""#).severity_number, 14);
    assert_eq!(first(r#""severityNumber":99"#).severity_number, 99);
    assert_eq!(first(r#""traceId":"5B8EfFf7""#).trace_id, [0x5b, 0x8e, 0xff, 0xf7]);
    assert_eq!(first(r#""traceId":"""#).trace_id, b"");
    assert_eq!(first(r#""flags":1,"flags":2"#).flags, 2);
    assert_eq!(first(r#""newMember":{"a":[1,{}]},"severityText":"x""#).severity_text, "x");
    for (base64, want) in [("_-8", [0xff, 0xef]), ("/+8=", [0xff, 0xef]), ("/+8", [0xff, 0xef])] {
        let body = first(&format!(r#""body":{{"bytesValue":"{base64}"}}"#)).body.unwrap();
        let want = opentelemetry_proto::tonic::common::v1::any_value::Value::BytesValue(want.to_vec());
        assert_eq!(body.value, Some(want), "{base64}");
    }
    // a later member of a oneof wins, objects are merged
    let body = first(r#""body":{"stringValue":"a","intValue":"-7"}"#).body.unwrap();
    assert_eq!(body.value, Some(opentelemetry_proto::tonic::common::v1::any_value::Value::IntValue(-7)));
    assert_eq!(otlp::json_to_protobuf(Signal::Traces, b" {} ").unwrap(), b"");
}

#[test]
fn the_two_forms_of_a_map_are_one() {
    let list =
        r#"[{"key":"type","value":{"intValue":"0"}},{"key":"url","value":{"stringValue":"https://example.org"}}]"#;
    let mut bodies = Vec::new();
    for map in [list.to_owned(), format!(r#"{{"values":{list}}}"#)] {
        let json = record(&format!(r#""severityNumber":9,"body":{{"kvlistValue":{map}}}"#));
        let body = otlp::json_to_protobuf(Signal::Logs, json.as_bytes()).unwrap();
        let batch = otlp::decode_logs(&body, &CONTEXT).unwrap().batch.unwrap();
        bodies.push(rows(batch.records())[0]["body"].clone());
    }
    let want = Cell::text(r#"{"type":0,"url":"https://example.org"}"#);
    assert_eq!(bodies, [want.clone(), want]);
}

#[test]
fn errors_name_member_line_and_column() {
    let at = "resourceLogs[0].scopeLogs[0].logRecords[0]";
    let cases = [
        ("", "$", "EOF while parsing a value".to_owned()),
        ("[]", "$", "invalid type: sequence, expected an object".to_owned()),
        ("null", "$", "invalid type: null, expected an object".to_owned()),
        ("{} {}", "$", "trailing characters".to_owned()),
        ("{\"resourceLogs\":{}}", "resourceLogs", "invalid type: map, expected an array".to_owned()),
        ("{\"resourceLogs\":[1]}", "resourceLogs[0]", "expected an object, not 1".to_owned()),
        (
            "{\"resourceLogs\":[{\"scopeLogs\":[[]]}]}",
            "resourceLogs[0].scopeLogs[0]",
            "expected an object, not an array".to_owned(),
        ),
        ("{\"resourceLogs\":[{\"scopeLogs\":[", "resourceLogs[0].scopeLogs[0]", "EOF while parsing a list".to_owned()),
    ];
    let members = [
        (r#""traceId":"xyz""#, "traceId", "expected a string of hex digits, not the string \"xyz\""),
        (r#""traceId":"abc""#, "traceId", "expected a string of hex digits, not the string \"abc\""),
        (r#""traceId":7"#, "traceId", "expected a string of hex digits, not 7"),
        (r#""timeUnixNano":-1"#, "timeUnixNano", "-1 is out of range for an unsigned 64-bit integer"),
        (
            r#""timeUnixNano":"18446744073709551616""#,
            "timeUnixNano",
            "18446744073709551616 is out of range for an unsigned 64-bit integer",
        ),
        (r#""timeUnixNano":1.5"#, "timeUnixNano", "expected an unsigned 64-bit integer, not 1.5"),
        (r#""timeUnixNano":"soon""#, "timeUnixNano", "expected an unsigned 64-bit integer, not the string \"soon\""),
        (r#""flags":4294967296"#, "flags", "4294967296 is out of range for an unsigned 32-bit integer"),
        (
            r#""severityNumber":"LOUD""#,
            "severityNumber",
            "expected a number or name of the enum, not the string \"LOUD\"",
        ),
        (r#""severityText":5"#, "severityText", "expected a string, not 5"),
        (r#""severityText":{}"#, "severityText", "expected a string, not an object"),
        (r#""severityText":true"#, "severityText", "expected a string, not true"),
        (r#""severityText":"\ud800""#, "severityText", "unexpected end of hex escape"),
        (r#""body":"text""#, "body", "expected an object, not the string \"text\""),
        (r#""body":{"boolValue":"true"}"#, "body.boolValue", "expected true or false, not the string \"true\""),
        (r#""body":{"doubleValue":"one"}"#, "body.doubleValue", "expected a number, not the string \"one\""),
        (r#""body":{"bytesValue":"*"}"#, "body.bytesValue", "expected a base64 string, not the string \"*\""),
        (
            r#""body":{"intValue":9223372036854775808}"#,
            "body.intValue",
            "9223372036854775808 is out of range for a 64-bit integer",
        ),
        (
            r#""body":{"arrayValue":{"values":[{},{"intValue":[]}]}}"#,
            "body.arrayValue.values[1].intValue",
            "expected a 64-bit integer, not an array",
        ),
        (r#""attributes":[{"key":5}]"#, "attributes[0].key", "expected a string, not 5"),
    ];
    let members = members.map(|(json, path, detail)| (record(json), format!("{at}.{path}"), detail.to_owned()));
    let bodies = cases.map(|(json, path, detail)| (json.to_owned(), path.to_owned(), detail));
    for (json, want_path, want_detail) in bodies.into_iter().chain(members) {
        let error = otlp::json_to_protobuf(Signal::Logs, json.as_bytes()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Invalid);
        let IngestError::Json { path, line, column, detail } = error else { panic!("{error:?}") };
        assert_eq!((path, detail), (want_path, want_detail), "{json}");
        assert!(line == 1 && column <= json.len(), "{line}:{column} {json}");
    }
    let error = otlp::json_to_protobuf(Signal::Logs, b"{\n \"resourceLogs\": [\n  5\n ]\n}").unwrap_err();
    assert_eq!(error.to_string(), "malformed json at resourceLogs[0], line 3 column 3: expected an object, not 5");
    let error =
        otlp::json_to_protobuf(Signal::Metrics, b"{\"resourceMetrics\":[{\"schemaUrl\":\"\xff\"}]}").unwrap_err();
    assert_eq!(error.code(), ErrorCode::Invalid);
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels: usize| {
        let value = format!("{}{}{}", "{\"arrayValue\":[".repeat(levels), "{}", "]}".repeat(levels));
        otlp::json_to_protobuf(Signal::Logs, record(&format!("\"body\":{value}")).as_bytes())
    };
    assert!(nested(40).is_ok());
    assert!(nested(200).unwrap_err().to_string().contains("recursion limit exceeded"));
    // in members that are not read, any depth costs nothing
    let ignored = record(&format!("\"other\":{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    assert!(otlp::json_to_protobuf(Signal::Logs, ignored.as_bytes()).is_ok());
}

#[test]
fn counts_in_an_array_cannot_be_null() {
    let point = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"bucketCounts":[1,null]}]}}]}]}]}"#;
    let error = otlp::json_to_protobuf(Signal::Metrics, point.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("bucketCounts[1], line 1"), "{error}");
    assert!(error.to_string().ends_with("expected an unsigned 64-bit integer, not null"), "{error}");
}
