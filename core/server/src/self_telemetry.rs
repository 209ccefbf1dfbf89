//! The own log, and on request own log records and spans in the own tables, as service `lincei`.
//! Never looping: what happens while own telemetry is stored is not recorded again, and a full
//! queue drops.

#[cfg(test)]
mod tests;

use crate::config::Config;
use crate::data_path::{Format, Intake};
use crate::http::App;
use bytes::Bytes;
use lincei_ingest::{ContentEncoding, LogFormat, Signal};
use lincei_model::{Clock as _, SystemClock};
use serde_json::{Map, Value, json};
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record as Values};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// Records that wait to be stored.
const QUEUE: usize = 4096;
/// Records of one own request.
const BATCH: usize = 512;
const INTERVAL: Duration = Duration::from_secs(1);

tokio::task_local! {
    /// Set while own telemetry is being stored.
    static STORING: ();
}

/// One record on its way to a table.
#[derive(Debug)]
enum Record {
    Log(Value),
    Span(Value),
}

/// Sets up logging to standard error, and the collector when own telemetry is stored too.
pub(crate) fn start_logging(config: &Config) -> anyhow::Result<Option<Collector>> {
    let filter =
        EnvFilter::try_new(&config.log).map_err(|error| anyhow::anyhow!("log is {:?}: {error}", config.log))?;
    let (sender, receiver) = mpsc::channel(QUEUE);
    let own = config.self_telemetry.then_some(OwnLayer { sender });
    let collector = config.self_telemetry.then_some(Collector { receiver });
    let output = if config.log_json {
        fmt::layer().json().with_writer(std::io::stderr).boxed()
    } else {
        fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(std::io::stderr().is_terminal()).boxed()
    };
    tracing_subscriber::registry().with(filter).with(output).with(own).try_init()?;
    Ok(collector)
}

/// Stores own telemetry.
pub(crate) struct Collector {
    receiver: mpsc::Receiver<Record>,
}

impl Collector {
    /// Stores what comes, about once a second, until `stop`.
    pub(crate) async fn run(mut self, app: Arc<App>, stop: CancellationToken) {
        let mut waiting = Vec::with_capacity(BATCH);
        loop {
            let stopped = stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_none();
            while let Ok(record) = self.receiver.try_recv() {
                waiting.push(record);
                if waiting.len() == BATCH {
                    store(&app, &mut waiting).await;
                }
            }
            store(&app, &mut waiting).await;
            if stopped {
                return;
            }
        }
    }
}

async fn store(app: &Arc<App>, records: &mut Vec<Record>) {
    let (mut lines, mut spans) = (Vec::new(), Vec::new());
    for record in records.drain(..) {
        match record {
            Record::Log(line) => {
                lines.extend_from_slice(line.to_string().as_bytes());
                lines.push(b'\n');
            }
            Record::Span(span) => spans.push(span),
        }
    }
    if !lines.is_empty() {
        take_in(app, Signal::Logs, Format::Lines(LogFormat::Json), lines).await;
    }
    if !spans.is_empty() {
        let resource = json!({ "attributes": [attribute("service.name", json!({ "stringValue": "lincei" }))] });
        let request = json!({ "resourceSpans": [{ "resource": resource, "scopeSpans": [{ "spans": spans }] }] });
        take_in(app, Signal::Traces, Format::OtlpJson, request.to_string().into_bytes()).await;
    }
}

async fn take_in(app: &Arc<App>, signal: Signal, format: Format, body: Vec<u8>) {
    let intake = Intake {
        signal,
        format,
        encoding: ContentEncoding::Identity,
        client: "lincei".to_owned(),
        service: None,
        body: Bytes::from(body),
        share: app.data_path.share(),
    };
    // a failure is already counted and shown by readiness; recording it here would loop
    let _ = STORING.scope((), app.data_path.take_in(intake)).await;
}

/// The layer that hands events and closed spans to the collector.
struct OwnLayer {
    sender: mpsc::Sender<Record>,
}

/// What a span gathers until it closes.
struct OpenSpan {
    start_ns: i64,
    span_id: u64,
    trace_id: u128,
    parent_span_id: Option<u64>,
    fields: Map<String, Value>,
}

fn storing() -> bool {
    STORING.try_with(|()| ()).is_ok()
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for OwnLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if storing() {
            return;
        }
        let parent = span.parent();
        let parent = parent.as_ref().and_then(|p| p.extensions().get::<OpenSpan>().map(|o| (o.trace_id, o.span_id)));
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let open = OpenSpan {
            start_ns: SystemClock.now_ns(),
            span_id: random_id(),
            trace_id: parent
                .map_or_else(|| u128::from(random_id()) << 64 | u128::from(random_id()), |(trace, _)| trace),
            parent_span_id: parent.map(|(_, span)| span),
            fields: fields.0,
        };
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Values<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<OpenSpan>() {
            let mut fields = Fields::default();
            values.record(&mut fields);
            open.fields.extend(fields.0);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if storing() {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut line = fields.0;
        let metadata = event.metadata();
        line.insert("time".into(), json!(SystemClock.now_ns()));
        line.insert("level".into(), json!(metadata.level().as_str()));
        line.insert("service".into(), json!("lincei"));
        line.insert("code.namespace".into(), json!(metadata.target()));
        if let Some(span) = context.event_span(event)
            && let Some(open) = span.extensions().get::<OpenSpan>()
        {
            line.insert("trace_id".into(), json!(format!("{:032x}", open.trace_id)));
            line.insert("span_id".into(), json!(format!("{:016x}", open.span_id)));
        }
        let _ = self.sender.try_send(Record::Log(Value::Object(line)));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        if *span.metadata().level() > Level::INFO {
            return;
        }
        let Some(open) = span.extensions_mut().remove::<OpenSpan>() else { return };
        let _ = self.sender.try_send(Record::Span(span_json(span.name(), &open, SystemClock.now_ns())));
    }
}

/// A span as OTLP/JSON. `otel.name` and `otel.kind` are not attributes but say what the span is.
fn span_json(name: &str, open: &OpenSpan, end_ns: i64) -> Value {
    let name = open.fields.get("otel.name").and_then(Value::as_str).unwrap_or(name);
    let kind = if open.fields.get("otel.kind").is_some_and(|kind| kind == "server") { 2 } else { 1 };
    let fields = open.fields.iter().filter(|(key, _)| !key.starts_with("otel.")).map(|(key, value)| {
        let value = match value {
            Value::Number(n) if n.is_i64() || n.is_u64() => json!({ "intValue": n.to_string() }),
            Value::Number(n) => json!({ "doubleValue": n }),
            Value::Bool(b) => json!({ "boolValue": b }),
            Value::String(s) => json!({ "stringValue": s }),
            other => json!({ "stringValue": other.to_string() }),
        };
        attribute(key, value)
    });
    json!({
        "traceId": format!("{:032x}", open.trace_id),
        "spanId": format!("{:016x}", open.span_id),
        "parentSpanId": open.parent_span_id.map(|id| format!("{id:016x}")).unwrap_or_default(),
        "name": name,
        "kind": kind,
        "startTimeUnixNano": open.start_ns.to_string(),
        "endTimeUnixNano": end_ns.to_string(),
        "attributes": fields.collect::<Vec<_>>(),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the value becomes part of the result")]
fn attribute(key: &str, value: Value) -> Value {
    json!({ "key": key, "value": value })
}

/// A random id, never zero: zero is the invalid id of W3C Trace Context.
fn random_id() -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(SystemClock.now_ns()) | 1
}

/// Collects fields as JSON.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().into(), json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().into(), json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().into(), json!(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().into(), json!(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), json!(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().into(), json!(format!("{value:?}")));
    }
}
