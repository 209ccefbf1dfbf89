use super::*;
use tracing_subscriber::layer::SubscriberExt as _;

fn record(work: impl FnOnce()) -> Vec<Record> {
    let (sender, mut receiver) = mpsc::channel(16);
    let subscriber = tracing_subscriber::registry().with(OwnLayer { sender });
    tracing::subscriber::with_default(subscriber, work);
    std::iter::from_fn(|| receiver.try_recv().ok()).collect()
}

#[test]
fn events_and_spans_become_records_that_share_ids() {
    let records = record(|| {
        let _span = tracing::info_span!("flush", rows = 7).entered();
        tracing::warn!(bytes = 3_u64, "disk is slow");
    });
    let [Record::Log(line), Record::Span(span)] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["message"], "disk is slow");
    assert_eq!(line["bytes"], 3);
    assert_eq!(line["trace_id"], span["traceId"]);
    assert_eq!(line["span_id"], span["spanId"]);
    assert_eq!(span["name"], "flush");
    assert_eq!(span["attributes"][0]["value"]["intValue"], "7");
    assert_eq!(span["spanId"].as_str().unwrap().len(), 16);
}

#[test]
fn a_request_is_a_server_span_with_its_status() {
    let records = record(|| {
        let status = tracing::field::Empty;
        let span = tracing::info_span!("request", otel.name = "GET /x", otel.kind = "server", status = status);
        span.record("status", 404);
    });
    let [Record::Span(span)] = records.as_slice() else { panic!("{records:?}") };
    // 2 is SPAN_KIND_SERVER of opentelemetry/proto/trace/v1/trace.proto
    assert_eq!((&span["name"], &span["kind"]), (&json!("GET /x"), &json!(2)));
    assert_eq!(span["attributes"], json!([{ "key": "status", "value": { "intValue": "404" } }]));
}

#[test]
fn nothing_is_recorded_while_own_telemetry_is_stored() {
    let records = record(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(STORING.scope((), async { tracing::error!("again") }));
    });
    assert!(records.is_empty(), "{records:?}");
}
