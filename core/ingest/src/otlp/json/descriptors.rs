//! The messages of OTLP as far as its JSON form needs them: names, numbers and types.
//! Taken from opentelemetry-proto 1.x (`logs.proto`, `trace.proto`, `metrics.proto`,
//! `common.proto`, `resource.proto`).

/// A message type.
pub(super) struct Message {
    pub(super) fields: &'static [Field],
    /// A bare array is taken as the values of its only field. Protobuf's JSON mapping has no such
    /// form, but the event example that OTLP itself publishes uses it.
    pub(super) is_list: bool,
}

/// A field of a message.
pub(super) struct Field {
    /// lowerCamelCase.
    pub(super) name: &'static str,
    pub(super) number: u8,
    pub(super) kind: Kind,
    pub(super) repeated: bool,
}

/// A field's type.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Base64,
    /// Bytes that OTLP writes in hex: trace and span ids.
    Hex,
    Bool,
    Double,
    Int(IntKind),
    Enum(&'static [(&'static str, i32)]),
    Message(&'static Message),
}

/// The integer types.
#[derive(Clone, Copy)]
pub(super) enum IntKind {
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Fixed32,
    Fixed64,
    Sfixed64,
}

impl Message {
    /// The field of that JSON name, or of its name in the `.proto` file.
    pub(super) fn field(&'static self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name || is_snake_case_of(name, field.name))
    }
}

fn is_snake_case_of(snake: &str, camel: &str) -> bool {
    let mut expected = camel.bytes().flat_map(|byte| {
        let underscore = byte.is_ascii_uppercase().then_some(b'_');
        underscore.into_iter().chain([byte.to_ascii_lowercase()])
    });
    snake.bytes().all(|byte| expected.next() == Some(byte)) && expected.next().is_none()
}

const fn one(number: u8, name: &'static str, kind: Kind) -> Field {
    Field { name, number, kind, repeated: false }
}

const fn many(number: u8, name: &'static str, kind: Kind) -> Field {
    Field { name, number, kind, repeated: true }
}

const fn message(fields: &'static [Field]) -> Message {
    Message { fields, is_list: false }
}

const UINT32: Kind = Kind::Int(IntKind::Uint32);
const FIXED64: Kind = Kind::Int(IntKind::Fixed64);

static ANY_VALUE: Message = message(&[
    one(1, "stringValue", Kind::Text),
    one(2, "boolValue", Kind::Bool),
    one(3, "intValue", Kind::Int(IntKind::Int64)),
    one(4, "doubleValue", Kind::Double),
    one(5, "arrayValue", Kind::Message(&ARRAY_VALUE)),
    one(6, "kvlistValue", Kind::Message(&KEY_VALUE_LIST)),
    one(7, "bytesValue", Kind::Base64),
    one(8, "stringValueStrindex", Kind::Int(IntKind::Int32)),
]);

static ARRAY_VALUE: Message = Message { fields: &[many(1, "values", Kind::Message(&ANY_VALUE))], is_list: true };
static KEY_VALUE_LIST: Message = Message { fields: &[many(1, "values", Kind::Message(&KEY_VALUE))], is_list: true };

static KEY_VALUE: Message = message(&[
    one(1, "key", Kind::Text),
    one(2, "value", Kind::Message(&ANY_VALUE)),
    one(3, "keyStrindex", Kind::Int(IntKind::Int32)),
]);

static SCOPE: Message = message(&[
    one(1, "name", Kind::Text),
    one(2, "version", Kind::Text),
    many(3, "attributes", Kind::Message(&KEY_VALUE)),
    one(4, "droppedAttributesCount", UINT32),
]);

static ENTITY_REF: Message = message(&[
    one(1, "schemaUrl", Kind::Text),
    one(2, "type", Kind::Text),
    many(3, "idKeys", Kind::Text),
    many(4, "descriptionKeys", Kind::Text),
]);

static RESOURCE: Message = message(&[
    many(1, "attributes", Kind::Message(&KEY_VALUE)),
    one(2, "droppedAttributesCount", UINT32),
    many(3, "entityRefs", Kind::Message(&ENTITY_REF)),
]);

/// `ExportLogsServiceRequest`.
pub(super) static LOGS_REQUEST: Message = message(&[many(1, "resourceLogs", Kind::Message(&RESOURCE_LOGS))]);

static RESOURCE_LOGS: Message = message(&[
    one(1, "resource", Kind::Message(&RESOURCE)),
    many(2, "scopeLogs", Kind::Message(&SCOPE_LOGS)),
    one(3, "schemaUrl", Kind::Text),
]);

static SCOPE_LOGS: Message = message(&[
    one(1, "scope", Kind::Message(&SCOPE)),
    many(2, "logRecords", Kind::Message(&LOG_RECORD)),
    one(3, "schemaUrl", Kind::Text),
]);

static LOG_RECORD: Message = message(&[
    one(1, "timeUnixNano", FIXED64),
    one(2, "severityNumber", Kind::Enum(SEVERITY_NUMBER)),
    one(3, "severityText", Kind::Text),
    one(5, "body", Kind::Message(&ANY_VALUE)),
    many(6, "attributes", Kind::Message(&KEY_VALUE)),
    one(7, "droppedAttributesCount", UINT32),
    one(8, "flags", Kind::Int(IntKind::Fixed32)),
    one(9, "traceId", Kind::Hex),
    one(10, "spanId", Kind::Hex),
    one(11, "observedTimeUnixNano", FIXED64),
    one(12, "eventName", Kind::Text),
]);

const SEVERITY_NUMBER: &[(&str, i32)] = &[
    ("SEVERITY_NUMBER_UNSPECIFIED", 0),
    ("SEVERITY_NUMBER_TRACE", 1),
    ("SEVERITY_NUMBER_TRACE2", 2),
    ("SEVERITY_NUMBER_TRACE3", 3),
    ("SEVERITY_NUMBER_TRACE4", 4),
    ("SEVERITY_NUMBER_DEBUG", 5),
    ("SEVERITY_NUMBER_DEBUG2", 6),
    ("SEVERITY_NUMBER_DEBUG3", 7),
    ("SEVERITY_NUMBER_DEBUG4", 8),
    ("SEVERITY_NUMBER_INFO", 9),
    ("SEVERITY_NUMBER_INFO2", 10),
    ("SEVERITY_NUMBER_INFO3", 11),
    ("SEVERITY_NUMBER_INFO4", 12),
    ("SEVERITY_NUMBER_WARN", 13),
    ("SEVERITY_NUMBER_WARN2", 14),
    ("SEVERITY_NUMBER_WARN3", 15),
    ("SEVERITY_NUMBER_WARN4", 16),
    ("SEVERITY_NUMBER_ERROR", 17),
    ("SEVERITY_NUMBER_ERROR2", 18),
    ("SEVERITY_NUMBER_ERROR3", 19),
    ("SEVERITY_NUMBER_ERROR4", 20),
    ("SEVERITY_NUMBER_FATAL", 21),
    ("SEVERITY_NUMBER_FATAL2", 22),
    ("SEVERITY_NUMBER_FATAL3", 23),
    ("SEVERITY_NUMBER_FATAL4", 24),
];

/// `ExportTraceServiceRequest`.
pub(super) static TRACES_REQUEST: Message = message(&[many(1, "resourceSpans", Kind::Message(&RESOURCE_SPANS))]);

static RESOURCE_SPANS: Message = message(&[
    one(1, "resource", Kind::Message(&RESOURCE)),
    many(2, "scopeSpans", Kind::Message(&SCOPE_SPANS)),
    one(3, "schemaUrl", Kind::Text),
]);

static SCOPE_SPANS: Message = message(&[
    one(1, "scope", Kind::Message(&SCOPE)),
    many(2, "spans", Kind::Message(&SPAN)),
    one(3, "schemaUrl", Kind::Text),
]);

static SPAN: Message = message(&[
    one(1, "traceId", Kind::Hex),
    one(2, "spanId", Kind::Hex),
    one(3, "traceState", Kind::Text),
    one(4, "parentSpanId", Kind::Hex),
    one(5, "name", Kind::Text),
    one(6, "kind", Kind::Enum(SPAN_KIND)),
    one(7, "startTimeUnixNano", FIXED64),
    one(8, "endTimeUnixNano", FIXED64),
    many(9, "attributes", Kind::Message(&KEY_VALUE)),
    one(10, "droppedAttributesCount", UINT32),
    many(11, "events", Kind::Message(&SPAN_EVENT)),
    one(12, "droppedEventsCount", UINT32),
    many(13, "links", Kind::Message(&SPAN_LINK)),
    one(14, "droppedLinksCount", UINT32),
    one(15, "status", Kind::Message(&STATUS)),
    one(16, "flags", Kind::Int(IntKind::Fixed32)),
]);

const SPAN_KIND: &[(&str, i32)] = &[
    ("SPAN_KIND_UNSPECIFIED", 0),
    ("SPAN_KIND_INTERNAL", 1),
    ("SPAN_KIND_SERVER", 2),
    ("SPAN_KIND_CLIENT", 3),
    ("SPAN_KIND_PRODUCER", 4),
    ("SPAN_KIND_CONSUMER", 5),
];

static SPAN_EVENT: Message = message(&[
    one(1, "timeUnixNano", FIXED64),
    one(2, "name", Kind::Text),
    many(3, "attributes", Kind::Message(&KEY_VALUE)),
    one(4, "droppedAttributesCount", UINT32),
]);

static SPAN_LINK: Message = message(&[
    one(1, "traceId", Kind::Hex),
    one(2, "spanId", Kind::Hex),
    one(3, "traceState", Kind::Text),
    many(4, "attributes", Kind::Message(&KEY_VALUE)),
    one(5, "droppedAttributesCount", UINT32),
    one(6, "flags", Kind::Int(IntKind::Fixed32)),
]);

static STATUS: Message = message(&[one(2, "message", Kind::Text), one(3, "code", Kind::Enum(STATUS_CODE))]);

const STATUS_CODE: &[(&str, i32)] = &[("STATUS_CODE_UNSET", 0), ("STATUS_CODE_OK", 1), ("STATUS_CODE_ERROR", 2)];

/// `ExportMetricsServiceRequest`.
pub(super) static METRICS_REQUEST: Message = message(&[many(1, "resourceMetrics", Kind::Message(&RESOURCE_METRICS))]);

static RESOURCE_METRICS: Message = message(&[
    one(1, "resource", Kind::Message(&RESOURCE)),
    many(2, "scopeMetrics", Kind::Message(&SCOPE_METRICS)),
    one(3, "schemaUrl", Kind::Text),
]);

static SCOPE_METRICS: Message = message(&[
    one(1, "scope", Kind::Message(&SCOPE)),
    many(2, "metrics", Kind::Message(&METRIC)),
    one(3, "schemaUrl", Kind::Text),
]);

static METRIC: Message = message(&[
    one(1, "name", Kind::Text),
    one(2, "description", Kind::Text),
    one(3, "unit", Kind::Text),
    one(5, "gauge", Kind::Message(&GAUGE)),
    one(7, "sum", Kind::Message(&SUM)),
    one(9, "histogram", Kind::Message(&HISTOGRAM)),
    one(10, "exponentialHistogram", Kind::Message(&EXPONENTIAL_HISTOGRAM)),
    one(11, "summary", Kind::Message(&SUMMARY)),
    many(12, "metadata", Kind::Message(&KEY_VALUE)),
]);

const TEMPORALITY: Kind = Kind::Enum(&[
    ("AGGREGATION_TEMPORALITY_UNSPECIFIED", 0),
    ("AGGREGATION_TEMPORALITY_DELTA", 1),
    ("AGGREGATION_TEMPORALITY_CUMULATIVE", 2),
]);

static GAUGE: Message = message(&[many(1, "dataPoints", Kind::Message(&NUMBER_POINT))]);
static SUM: Message = message(&[
    many(1, "dataPoints", Kind::Message(&NUMBER_POINT)),
    one(2, "aggregationTemporality", TEMPORALITY),
    one(3, "isMonotonic", Kind::Bool),
]);
static HISTOGRAM: Message =
    message(&[many(1, "dataPoints", Kind::Message(&HISTOGRAM_POINT)), one(2, "aggregationTemporality", TEMPORALITY)]);
static EXPONENTIAL_HISTOGRAM: Message =
    message(&[many(1, "dataPoints", Kind::Message(&EXPONENTIAL_POINT)), one(2, "aggregationTemporality", TEMPORALITY)]);
static SUMMARY: Message = message(&[many(1, "dataPoints", Kind::Message(&SUMMARY_POINT))]);

static NUMBER_POINT: Message = message(&[
    one(2, "startTimeUnixNano", FIXED64),
    one(3, "timeUnixNano", FIXED64),
    one(4, "asDouble", Kind::Double),
    many(5, "exemplars", Kind::Message(&EXEMPLAR)),
    one(6, "asInt", Kind::Int(IntKind::Sfixed64)),
    many(7, "attributes", Kind::Message(&KEY_VALUE)),
    one(8, "flags", UINT32),
]);

static HISTOGRAM_POINT: Message = message(&[
    one(2, "startTimeUnixNano", FIXED64),
    one(3, "timeUnixNano", FIXED64),
    one(4, "count", FIXED64),
    one(5, "sum", Kind::Double),
    many(6, "bucketCounts", FIXED64),
    many(7, "explicitBounds", Kind::Double),
    many(8, "exemplars", Kind::Message(&EXEMPLAR)),
    many(9, "attributes", Kind::Message(&KEY_VALUE)),
    one(10, "flags", UINT32),
    one(11, "min", Kind::Double),
    one(12, "max", Kind::Double),
]);

static EXPONENTIAL_POINT: Message = message(&[
    many(1, "attributes", Kind::Message(&KEY_VALUE)),
    one(2, "startTimeUnixNano", FIXED64),
    one(3, "timeUnixNano", FIXED64),
    one(4, "count", FIXED64),
    one(5, "sum", Kind::Double),
    one(6, "scale", Kind::Int(IntKind::Sint32)),
    one(7, "zeroCount", FIXED64),
    one(8, "positive", Kind::Message(&BUCKETS)),
    one(9, "negative", Kind::Message(&BUCKETS)),
    one(10, "flags", UINT32),
    many(11, "exemplars", Kind::Message(&EXEMPLAR)),
    one(12, "min", Kind::Double),
    one(13, "max", Kind::Double),
    one(14, "zeroThreshold", Kind::Double),
]);

static BUCKETS: Message =
    message(&[one(1, "offset", Kind::Int(IntKind::Sint32)), many(2, "bucketCounts", Kind::Int(IntKind::Uint64))]);

static SUMMARY_POINT: Message = message(&[
    one(2, "startTimeUnixNano", FIXED64),
    one(3, "timeUnixNano", FIXED64),
    one(4, "count", FIXED64),
    one(5, "sum", Kind::Double),
    many(6, "quantileValues", Kind::Message(&QUANTILE)),
    many(7, "attributes", Kind::Message(&KEY_VALUE)),
    one(8, "flags", UINT32),
]);

static QUANTILE: Message = message(&[one(1, "quantile", Kind::Double), one(2, "value", Kind::Double)]);

static EXEMPLAR: Message = message(&[
    one(2, "timeUnixNano", FIXED64),
    one(3, "asDouble", Kind::Double),
    one(4, "spanId", Kind::Hex),
    one(5, "traceId", Kind::Hex),
    one(6, "asInt", Kind::Int(IntKind::Sfixed64)),
    many(7, "filteredAttributes", Kind::Message(&KEY_VALUE)),
]);
