//! Spans and log lines on their way, by the service that they come from, as OTLP requests.

use super::fault::Fault;
use super::metrics::Served;
use super::otlp::{AnyValue, KeyValue, LogRecord, Metric, OfResource, OfScope, Request, Resource, Scope, Span, Value};
use super::shop::{Operation, Service};
use bytes::Bytes;
use lincei_ingest::Signal;
use prost::Message;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// What an attribute may be in the shop.
pub(super) trait Attribute {
    fn value(self) -> Value;
}

impl Attribute for &str {
    fn value(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl Attribute for String {
    fn value(self) -> Value {
        Value::Text(self)
    }
}

impl Attribute for i64 {
    fn value(self) -> Value {
        Value::Int(self)
    }
}

pub(super) fn attribute(key: &str, value: impl Attribute) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value.value()) }) }
}

/// One program that sends: a service's instance, of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sender {
    pub(super) service: Service,
    pub(super) instance: u64,
    pub(super) version: &'static str,
}

impl Sender {
    pub(super) fn of(service: Service, instance: u64, fault: Option<Fault>) -> Self {
        let version = fault.and_then(|fault| fault.version(service)).unwrap_or(service.version());
        Self { service, instance: instance % service.instances(), version }
    }

    fn resource(self) -> Resource {
        let name = self.service.name();
        let instance = format!("{name}-{}", self.instance);
        Resource {
            attributes: vec![
                attribute("service.name", name),
                attribute("service.namespace", "shop"),
                attribute("service.version", self.version),
                attribute("service.instance.id", instance.as_str()),
                attribute("host.name", format!("node-{}", 1 + self.instance)),
                attribute("k8s.pod.name", instance),
                attribute("deployment.environment.name", "production"),
                attribute("telemetry.sdk.language", self.service.language()),
            ],
        }
    }
}

/// What is to be sent, and figures of what was served.
#[derive(Default)]
pub(super) struct Outbox {
    spans: BTreeMap<Sender, Vec<Span>>,
    logs: BTreeMap<Sender, Vec<LogRecord>>,
    pub(super) served: Served,
    /// Of this visit: which instances answer, and what is wrong.
    pub(super) draw: u64,
    pub(super) fault: Option<Fault>,
}

impl Outbox {
    fn sender(&self, service: Service) -> Sender {
        Sender::of(service, self.draw, self.fault)
    }

    pub(super) fn span(&mut self, service: Service, span: Span) {
        self.spans.entry(self.sender(service)).or_default().push(span);
    }

    pub(super) fn served(&mut self, operation: &Operation, status: u16, took_ns: u64) {
        self.served.count(self.sender(operation.service), operation, status, took_ns);
    }

    pub(super) fn log(
        &mut self,
        service: Service,
        at_ns: u64,
        severity: &str,
        body: String,
        within: Option<([u8; 16], [u8; 8])>,
        attributes: Vec<KeyValue>,
    ) {
        let number = match severity {
            "DEBUG" => 5,
            "INFO" => 9,
            "WARN" => 13,
            _ => 17,
        };
        let (trace_id, span_id) = within.map_or_else(Default::default, |(trace, span)| (trace.to_vec(), span.to_vec()));
        let record = LogRecord {
            time_ns: at_ns,
            observed_ns: at_ns,
            severity_number: number,
            severity_text: severity.to_owned(),
            body: Some(AnyValue { value: Some(Value::Text(body)) }),
            attributes,
            trace_id,
            span_id,
        };
        self.logs.entry(self.sender(service)).or_default().push(record);
    }

    /// Requests with all that is there, of spans and of log lines.
    pub(super) fn take(&mut self) -> Vec<(Signal, Bytes)> {
        let (spans, logs) = (std::mem::take(&mut self.spans), std::mem::take(&mut self.logs));
        vec![(Signal::Traces, request(spans)), (Signal::Logs, request(logs))]
    }
}

/// A request with metrics.
pub(super) fn metrics(all: BTreeMap<Sender, Vec<Metric>>) -> (Signal, Bytes) {
    (Signal::Metrics, request(all))
}

fn request<T: Message + Default + Debug>(all: BTreeMap<Sender, Vec<T>>) -> Bytes {
    let scope = || Scope { name: "shop".to_owned() };
    let of = |(sender, items): (Sender, Vec<T>)| OfResource {
        resource: Some(sender.resource()),
        scopes: vec![OfScope { scope: Some(scope()), items }],
    };
    Request { resources: all.into_iter().map(of).collect() }.encode_to_vec().into()
}
