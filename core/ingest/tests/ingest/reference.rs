//! What the OTLP decoders should make of a request, said a second time: prost's structs to rows,
//! one plain value after another. Slow, simple, and sharing no code with the decoders.

use super::cells::{Cell, Row};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lincei_ingest::IngestContext;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;

/// Key and value of map columns.
pub(crate) type Entries = Vec<(String, Option<String>)>;

/// Rows that are stored, and how many records are refused.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) rows: Vec<Row>,
    pub(crate) rejected: u64,
}

impl Expected {
    pub(crate) fn push(&mut self, row: Option<Row>) {
        match row {
            Some(row) => self.rows.push(row),
            None => self.rejected += 1,
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// A valid id as text.
pub(crate) fn id(bytes: &[u8], len: usize) -> Option<String> {
    (bytes.len() == len && !is_zero(bytes)).then(|| hex(bytes))
}

/// An id that is neither valid nor absent.
pub(crate) fn invalid_id(bytes: &[u8], len: usize) -> Option<String> {
    (!bytes.is_empty() && bytes.len() != len).then(|| hex(bytes))
}

pub(crate) fn double_text(value: f64) -> String {
    let magnitude = value.abs();
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else if value == 0.0 || (1e-6..1e21).contains(&magnitude) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn json(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::StringValueStrindex(_)) => "null".to_owned(),
        Some(Value::StringValue(text)) => json_string(text),
        Some(Value::BoolValue(value)) => value.to_string(),
        Some(Value::IntValue(value)) => value.to_string(),
        Some(Value::DoubleValue(value)) if value.is_finite() => double_text(*value),
        Some(Value::DoubleValue(value)) => json_string(&double_text(*value)),
        Some(Value::BytesValue(bytes)) => json_string(&STANDARD.encode(bytes)),
        Some(Value::ArrayValue(list)) => {
            let items: Vec<String> = list.values.iter().map(|item| json(item.value.as_ref())).collect();
            format!("[{}]", items.join(","))
        }
        Some(Value::KvlistValue(list)) => {
            let members = list.values.iter().map(|entry| {
                format!("{}:{}", json_string(&entry.key), json(entry.value.as_ref().and_then(|v| v.value.as_ref())))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}

pub(crate) fn any_text(value: Option<&AnyValue>) -> Option<String> {
    match value.and_then(|value| value.value.as_ref()) {
        None | Some(Value::StringValueStrindex(_)) => None,
        Some(Value::StringValue(text)) => Some(text.clone()),
        Some(Value::BytesValue(bytes)) => Some(STANDARD.encode(bytes)),
        Some(Value::DoubleValue(value)) => Some(double_text(*value)),
        some => Some(json(some)),
    }
}

pub(crate) fn attributes(list: &[KeyValue]) -> Entries {
    list.iter().map(|entry| (entry.key.clone(), any_text(entry.value.as_ref()))).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "numbers and texts alike")]
pub(crate) fn extra(entries: &mut Entries, key: &str, value: impl ToString) {
    entries.push((key.to_owned(), Some(value.to_string())));
}

pub(crate) fn count(entries: &mut Entries, key: &str, value: u32) {
    if value > 0 {
        extra(entries, key, value);
    }
}

/// What the rows of a resource share.
#[derive(Clone)]
pub(crate) struct Owner {
    pub(crate) service: String,
    pub(crate) resource: Entries,
    /// Without what OTLP carries beside attributes.
    pub(crate) resource_attributes: Entries,
    pub(crate) scope: String,
    pub(crate) scope_entries: Entries,
}

impl Owner {
    pub(crate) fn new(
        resource: Option<&Resource>,
        resource_url: &str,
        scope: Option<&InstrumentationScope>,
        scope_url: &str,
    ) -> Self {
        let resource = resource.cloned().unwrap_or_default();
        let scope = scope.cloned().unwrap_or_default();
        let resource_attributes = attributes(&resource.attributes);
        let mut entries = resource_attributes.clone();
        let name = entries.iter().find(|(key, _)| key == "service.name").and_then(|(_, value)| value.clone());
        if !resource_url.is_empty() {
            extra(&mut entries, "otel.resource.schema_url", resource_url);
        }
        count(&mut entries, "otel.dropped_attributes_count", resource.dropped_attributes_count);
        if !resource.entity_refs.is_empty() {
            let refs: Vec<String> = resource.entity_refs.iter().map(entity_json).collect();
            extra(&mut entries, "otel.entity_refs", format!("[{}]", refs.join(",")));
        }
        let mut scope_entries = Entries::new();
        if !scope.version.is_empty() {
            extra(&mut scope_entries, "otel.scope.version", &scope.version);
        }
        if !scope_url.is_empty() {
            extra(&mut scope_entries, "otel.scope.schema_url", scope_url);
        }
        count(&mut scope_entries, "otel.scope.dropped_attributes_count", scope.dropped_attributes_count);
        let own = attributes(&scope.attributes);
        scope_entries.extend(own.into_iter().map(|(key, value)| (format!("otel.scope.{key}"), value)));
        Self {
            service: name.filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown_service".to_owned()),
            resource: entries,
            resource_attributes,
            scope: scope.name,
            scope_entries,
        }
    }

    /// The columns that every signal has.
    pub(crate) fn columns(&self, mut attributes: Entries) -> Row {
        attributes.extend(self.scope_entries.iter().cloned());
        Row::from([
            ("service".to_owned(), Cell::text(&self.service)),
            ("resource".to_owned(), Cell::Map(self.resource.clone())),
            ("scope".to_owned(), Cell::non_empty(&self.scope)),
            ("attributes".to_owned(), Cell::Map(attributes)),
        ])
    }
}

fn entity_json(entity: &opentelemetry_proto::tonic::common::v1::EntityRef) -> String {
    let mut members = Vec::new();
    for (name, text) in [("schemaUrl", &entity.schema_url), ("type", &entity.r#type)] {
        if !text.is_empty() {
            members.push(format!("{}:{}", json_string(name), json_string(text)));
        }
    }
    for (name, list) in [("idKeys", &entity.id_keys), ("descriptionKeys", &entity.description_keys)] {
        if !list.is_empty() {
            members.push(format!("{}:{}", json_string(name), serde_json::Value::from(list.clone())));
        }
    }
    format!("{{{}}}", members.join(","))
}

/// Whether a record may have that time.
pub(crate) fn stored_time(time: u64, context: &IngestContext<'_>) -> Option<i64> {
    i64::try_from(time).ok().filter(|time| (context.oldest_ns..=context.newest_ns).contains(time))
}

/// A column's time; kept as an attribute when it does not fit.
pub(crate) fn optional_time(entries: &mut Entries, key: &str, time: u64) -> Cell {
    match i64::try_from(time) {
        Ok(0) => Cell::Null,
        Ok(time) => Cell::Int(time),
        Err(_) => {
            extra(entries, key, time);
            Cell::Null
        }
    }
}

/// The number that a level's name stands for, as far as generated requests use names.
fn severity_of(text: &str) -> u64 {
    match text.to_lowercase().trim() {
        "info" | "information" => 9,
        "warning" | "warn" => 13,
        "error" | "err" => 17,
        "crit" => 18,
        "notice" => 10,
        "panic" | "fatal" => 21,
        "debug" => 5,
        _ => 0,
    }
}

/// Rows of `logs`.
pub(crate) fn logs(requests: &[ResourceLogs], context: &IngestContext<'_>) -> Expected {
    let mut expected = Expected::default();
    for resource in requests {
        for scope in &resource.scope_logs {
            let owner =
                Owner::new(resource.resource.as_ref(), &resource.schema_url, scope.scope.as_ref(), &scope.schema_url);
            for record in &scope.log_records {
                expected.push(log(record, &owner, context));
            }
        }
    }
    expected
}

fn log(record: &LogRecord, owner: &Owner, context: &IngestContext<'_>) -> Option<Row> {
    let time = match (record.time_unix_nano, record.observed_time_unix_nano) {
        (0, 0) => context.now_ns,
        (0, observed) => stored_time(observed, context)?,
        (time, _) => stored_time(time, context)?,
    };
    let mut entries = attributes(&record.attributes);
    let sent = u64::try_from(record.severity_number).ok().filter(|number| (1..=24).contains(number));
    let number = sent.unwrap_or_else(|| severity_of(&record.severity_text));
    let names = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
    let name = number.checked_sub(1).and_then(|n| names.get(usize::try_from(n / 4).ok()?)).copied();
    if !record.severity_text.is_empty() && !name.unwrap_or_default().eq_ignore_ascii_case(&record.severity_text) {
        extra(&mut entries, "otel.severity_text", &record.severity_text);
    }
    if record.severity_number < 0 || record.severity_number > 24 {
        extra(&mut entries, "otel.severity_number", record.severity_number);
    }
    count(&mut entries, "otel.dropped_attributes_count", record.dropped_attributes_count);
    count(&mut entries, "otel.trace_flags", record.flags);
    if let Some(hex) = invalid_id(&record.trace_id, 16) {
        extra(&mut entries, "otel.trace_id_invalid", hex);
    }
    if let Some(hex) = invalid_id(&record.span_id, 8) {
        extra(&mut entries, "otel.span_id_invalid", hex);
    }
    let observed = optional_time(&mut entries, "otel.observed_time_unix_nano_invalid", record.observed_time_unix_nano);
    let mut row = owner.columns(entries);
    row.extend([
        ("time".to_owned(), Cell::Int(time)),
        ("observed_time".to_owned(), observed),
        ("severity_number".to_owned(), Cell::Unsigned(number)),
        ("severity".to_owned(), Cell::option(name, Cell::text)),
        ("body".to_owned(), Cell::option(any_text(record.body.as_ref()), Cell::Text)),
        ("event_name".to_owned(), Cell::non_empty(&record.event_name)),
        ("trace_id".to_owned(), Cell::option(id(&record.trace_id, 16), Cell::Text)),
        ("span_id".to_owned(), Cell::option(id(&record.span_id, 8), Cell::Text)),
    ]);
    Some(row)
}
