//! Requests in OTLP's JSON form, written from prost's structs as the specification says.

use fastrand::Rng;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Exemplar, Metric, NumberDataPoint, exemplar, number_data_point};
use opentelemetry_proto::tonic::resource::v1::Resource;
use serde_json::{Map, Value, json};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Writes with the freedoms that the form leaves, taken at random.
pub(crate) struct Writer<'r> {
    pub(crate) rng: &'r mut Rng,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn double(value: f64) -> Value {
    match value {
        value if value.is_nan() => json!("NaN"),
        f64::INFINITY => json!("Infinity"),
        f64::NEG_INFINITY => json!("-Infinity"),
        value => json!(value),
    }
}

impl Writer<'_> {
    /// 64-bit integers are strings or numbers.
    fn integer(&mut self, value: impl Into<i128>) -> Value {
        let value = value.into();
        let number = u64::try_from(value).map(Value::from).or_else(|_| i64::try_from(value).map(Value::from));
        match number {
            Ok(number) if self.rng.bool() => number,
            _ => Value::from(value.to_string()),
        }
    }

    /// An object whose default members may be left out, be null, or have snake-case names.
    fn object(&mut self, members: Vec<(&str, Value)>) -> Value {
        let mut object = Map::new();
        for (name, value) in members {
            let empty = value.is_null() || value == json!([]) || value == json!("") || value == json!(0);
            if empty && self.rng.bool() {
                continue;
            }
            let snake: String = name
                .chars()
                .flat_map(|c| if c.is_uppercase() { vec!['_', c.to_ascii_lowercase()] } else { vec![c] })
                .collect();
            object.insert(if self.rng.u8(0..5) == 0 { snake } else { name.to_owned() }, value);
        }
        if self.rng.u8(0..9) == 0 {
            object.insert("aNewMember".to_owned(), json!({"of": ["a", "later", {"version": 2}]}));
        }
        Value::Object(object)
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T) -> Value) -> Value {
        Value::Array(items.iter().map(|item| write(self, item)).collect())
    }

    fn option<T>(&mut self, item: Option<&T>, write: impl FnOnce(&mut Self, &T) -> Value) -> Value {
        item.map_or(Value::Null, |item| write(self, item))
    }

    fn any(&mut self, value: &AnyValue) -> Value {
        match &value.value {
            None => json!({}),
            Some(Any::StringValue(text)) => json!({ "stringValue": text }),
            Some(Any::BoolValue(value)) => json!({ "boolValue": value }),
            Some(Any::IntValue(value)) => json!({ "intValue": self.integer(*value) }),
            Some(Any::DoubleValue(value)) => json!({ "doubleValue": double(*value) }),
            Some(Any::BytesValue(bytes)) => json!({ "bytesValue": STANDARD.encode(bytes) }),
            Some(Any::StringValueStrindex(index)) => json!({ "stringValueStrindex": index }),
            Some(Any::ArrayValue(list)) => {
                let values = self.list(&list.values, Self::any);
                // both forms are in use
                if self.rng.bool() {
                    json!({ "arrayValue": values })
                } else {
                    json!({ "arrayValue": { "values": values } })
                }
            }
            Some(Any::KvlistValue(list)) => {
                let values = self.list(&list.values, Self::key_value);
                if self.rng.bool() {
                    json!({ "kvlistValue": values })
                } else {
                    json!({ "kvlistValue": { "values": values } })
                }
            }
        }
    }

    fn key_value(&mut self, entry: &KeyValue) -> Value {
        let value = self.option(entry.value.as_ref(), Self::any);
        self.object(vec![("key", json!(entry.key)), ("value", value), ("keyStrindex", json!(entry.key_strindex))])
    }

    fn attributes(&mut self, entries: &[KeyValue]) -> Value {
        self.list(entries, Self::key_value)
    }

    fn resource(&mut self, resource: &Resource) -> Value {
        let attributes = self.attributes(&resource.attributes);
        let entities = self.list(&resource.entity_refs, |writer, entity| {
            writer.object(vec![
                ("schemaUrl", json!(entity.schema_url)),
                ("type", json!(entity.r#type)),
                ("idKeys", json!(entity.id_keys)),
                ("descriptionKeys", json!(entity.description_keys)),
            ])
        });
        self.object(vec![
            ("attributes", attributes),
            ("droppedAttributesCount", json!(resource.dropped_attributes_count)),
            ("entityRefs", entities),
        ])
    }

    fn scope(&mut self, scope: &InstrumentationScope) -> Value {
        let attributes = self.attributes(&scope.attributes);
        self.object(vec![
            ("name", json!(scope.name)),
            ("version", json!(scope.version)),
            ("attributes", attributes),
            ("droppedAttributesCount", json!(scope.dropped_attributes_count)),
        ])
    }

    pub(crate) fn logs(&mut self, request: &ExportLogsServiceRequest) -> Value {
        let resources = self.list(&request.resource_logs, |w, group| {
            let resource = w.option(group.resource.as_ref(), Self::resource);
            let scopes = w.list(&group.scope_logs, |w, group| {
                let scope = w.option(group.scope.as_ref(), Self::scope);
                let records = w.list(&group.log_records, |w, record| {
                    let members = vec![
                        ("timeUnixNano", w.integer(record.time_unix_nano)),
                        ("observedTimeUnixNano", w.integer(record.observed_time_unix_nano)),
                        ("severityNumber", json!(record.severity_number)),
                        ("severityText", json!(record.severity_text)),
                        ("body", w.option(record.body.as_ref(), Self::any)),
                        ("attributes", w.attributes(&record.attributes)),
                        ("droppedAttributesCount", json!(record.dropped_attributes_count)),
                        ("flags", json!(record.flags)),
                        ("traceId", json!(hex(&record.trace_id))),
                        ("spanId", json!(hex(&record.span_id))),
                        ("eventName", json!(record.event_name)),
                    ];
                    w.object(members)
                });
                w.object(vec![("scope", scope), ("logRecords", records), ("schemaUrl", json!(group.schema_url))])
            });
            w.object(vec![("resource", resource), ("scopeLogs", scopes), ("schemaUrl", json!(group.schema_url))])
        });
        json!({ "resourceLogs": resources })
    }

    pub(crate) fn traces(&mut self, request: &ExportTraceServiceRequest) -> Value {
        let resources = self.list(&request.resource_spans, |w, group| {
            let resource = w.option(group.resource.as_ref(), Self::resource);
            let scopes = w.list(&group.scope_spans, |w, group| {
                let scope = w.option(group.scope.as_ref(), Self::scope);
                let spans = w.list(&group.spans, Self::span);
                w.object(vec![("scope", scope), ("spans", spans), ("schemaUrl", json!(group.schema_url))])
            });
            w.object(vec![("resource", resource), ("scopeSpans", scopes), ("schemaUrl", json!(group.schema_url))])
        });
        json!({ "resourceSpans": resources })
    }

    fn span(&mut self, span: &opentelemetry_proto::tonic::trace::v1::Span) -> Value {
        let events = self.list(&span.events, |w, event| {
            let members = vec![
                ("timeUnixNano", w.integer(event.time_unix_nano)),
                ("name", json!(event.name)),
                ("attributes", w.attributes(&event.attributes)),
                ("droppedAttributesCount", json!(event.dropped_attributes_count)),
            ];
            w.object(members)
        });
        let links = self.list(&span.links, |w, link| {
            let members = vec![
                ("traceId", json!(hex(&link.trace_id))),
                ("spanId", json!(hex(&link.span_id))),
                ("traceState", json!(link.trace_state)),
                ("attributes", w.attributes(&link.attributes)),
                ("droppedAttributesCount", json!(link.dropped_attributes_count)),
                ("flags", json!(link.flags)),
            ];
            w.object(members)
        });
        let kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
        let kind = match usize::try_from(span.kind).ok().and_then(|kind| kinds.get(kind)) {
            Some(name) if self.rng.bool() => json!(format!("SPAN_KIND_{name}")),
            _ => json!(span.kind),
        };
        let status = self.option(span.status.as_ref(), |w, status| {
            w.object(vec![("message", json!(status.message)), ("code", json!(status.code))])
        });
        let members = vec![
            ("traceId", json!(hex(&span.trace_id))),
            ("spanId", json!(hex(&span.span_id))),
            ("traceState", json!(span.trace_state)),
            ("parentSpanId", json!(hex(&span.parent_span_id))),
            ("flags", json!(span.flags)),
            ("name", json!(span.name)),
            ("kind", kind),
            ("startTimeUnixNano", self.integer(span.start_time_unix_nano)),
            ("endTimeUnixNano", self.integer(span.end_time_unix_nano)),
            ("attributes", self.attributes(&span.attributes)),
            ("droppedAttributesCount", json!(span.dropped_attributes_count)),
            ("events", events),
            ("droppedEventsCount", json!(span.dropped_events_count)),
            ("links", links),
            ("droppedLinksCount", json!(span.dropped_links_count)),
            ("status", status),
        ];
        self.object(members)
    }

    pub(crate) fn metrics(&mut self, request: &ExportMetricsServiceRequest) -> Value {
        let resources = self.list(&request.resource_metrics, |w, group| {
            let resource = w.option(group.resource.as_ref(), Self::resource);
            let scopes = w.list(&group.scope_metrics, |w, group| {
                let scope = w.option(group.scope.as_ref(), Self::scope);
                let metrics = w.list(&group.metrics, Self::metric);
                w.object(vec![("scope", scope), ("metrics", metrics), ("schemaUrl", json!(group.schema_url))])
            });
            w.object(vec![("resource", resource), ("scopeMetrics", scopes), ("schemaUrl", json!(group.schema_url))])
        });
        json!({ "resourceMetrics": resources })
    }

    fn metric(&mut self, metric: &Metric) -> Value {
        let mut members = vec![
            ("name", json!(metric.name)),
            ("description", json!(metric.description)),
            ("unit", json!(metric.unit)),
            ("metadata", self.attributes(&metric.metadata)),
        ];
        match &metric.data {
            None => {}
            Some(Data::Gauge(data)) => {
                members.push(("gauge", json!({ "dataPoints": self.list(&data.data_points, Self::number_point) })));
            }
            Some(Data::Sum(data)) => members.push((
                "sum",
                json!({
                    "dataPoints": self.list(&data.data_points, Self::number_point),
                    "aggregationTemporality": data.aggregation_temporality,
                    "isMonotonic": data.is_monotonic,
                }),
            )),
            Some(Data::Histogram(data)) => members.push((
                "histogram",
                json!({
                    "dataPoints": self.list(&data.data_points, Self::histogram_point),
                    "aggregationTemporality": data.aggregation_temporality,
                }),
            )),
            Some(Data::ExponentialHistogram(data)) => members.push((
                "exponentialHistogram",
                json!({
                    "dataPoints": self.list(&data.data_points, Self::exponential_point),
                    "aggregationTemporality": data.aggregation_temporality,
                }),
            )),
            Some(Data::Summary(data)) => {
                members.push(("summary", json!({ "dataPoints": self.list(&data.data_points, Self::summary_point) })));
            }
        }
        self.object(members)
    }

    fn exemplar(&mut self, exemplar: &Exemplar) -> Value {
        let mut members = vec![
            ("filteredAttributes", self.attributes(&exemplar.filtered_attributes)),
            ("timeUnixNano", self.integer(exemplar.time_unix_nano)),
            ("spanId", json!(hex(&exemplar.span_id))),
            ("traceId", json!(hex(&exemplar.trace_id))),
        ];
        match exemplar.value {
            None => {}
            Some(exemplar::Value::AsDouble(value)) => members.push(("asDouble", double(value))),
            // 0 is a value here, not a default to be left out
            Some(exemplar::Value::AsInt(value)) => members.push(("asInt", json!(value.to_string()))),
        }
        self.object(members)
    }

    fn number_point(&mut self, point: &NumberDataPoint) -> Value {
        let mut members = vec![
            ("attributes", self.attributes(&point.attributes)),
            ("startTimeUnixNano", self.integer(point.start_time_unix_nano)),
            ("timeUnixNano", self.integer(point.time_unix_nano)),
            ("exemplars", self.list(&point.exemplars, Self::exemplar)),
            ("flags", json!(point.flags)),
        ];
        match point.value {
            None => {}
            Some(number_data_point::Value::AsDouble(value)) => members.push(("asDouble", double(value))),
            Some(number_data_point::Value::AsInt(value)) => members.push(("asInt", json!(value.to_string()))),
        }
        self.object(members)
    }

    fn histogram_point(&mut self, point: &opentelemetry_proto::tonic::metrics::v1::HistogramDataPoint) -> Value {
        let members = vec![
            ("attributes", self.attributes(&point.attributes)),
            ("startTimeUnixNano", self.integer(point.start_time_unix_nano)),
            ("timeUnixNano", self.integer(point.time_unix_nano)),
            ("count", self.integer(point.count)),
            ("sum", point.sum.map_or(Value::Null, double)),
            ("bucketCounts", self.list(&point.bucket_counts, |w, count| w.integer(*count))),
            ("explicitBounds", self.list(&point.explicit_bounds, |_, bound| double(*bound))),
            ("exemplars", self.list(&point.exemplars, Self::exemplar)),
            ("flags", json!(point.flags)),
            ("min", point.min.map_or(Value::Null, double)),
            ("max", point.max.map_or(Value::Null, double)),
        ];
        self.object(members)
    }

    fn exponential_point(
        &mut self,
        point: &opentelemetry_proto::tonic::metrics::v1::ExponentialHistogramDataPoint,
    ) -> Value {
        let buckets = |w: &mut Self, buckets: &Buckets| json!({ "offset": buckets.offset, "bucketCounts": w.list(&buckets.bucket_counts, |w, n| w.integer(*n)) });
        let members = vec![
            ("attributes", self.attributes(&point.attributes)),
            ("startTimeUnixNano", self.integer(point.start_time_unix_nano)),
            ("timeUnixNano", self.integer(point.time_unix_nano)),
            ("count", self.integer(point.count)),
            ("sum", point.sum.map_or(Value::Null, double)),
            ("scale", json!(point.scale)),
            ("zeroCount", self.integer(point.zero_count)),
            ("positive", self.option(point.positive.as_ref(), buckets)),
            ("negative", self.option(point.negative.as_ref(), buckets)),
            ("flags", json!(point.flags)),
            ("exemplars", self.list(&point.exemplars, Self::exemplar)),
            ("min", point.min.map_or(Value::Null, double)),
            ("max", point.max.map_or(Value::Null, double)),
            ("zeroThreshold", double(point.zero_threshold)),
        ];
        self.object(members)
    }

    fn summary_point(&mut self, point: &opentelemetry_proto::tonic::metrics::v1::SummaryDataPoint) -> Value {
        let members = vec![
            ("attributes", self.attributes(&point.attributes)),
            ("startTimeUnixNano", self.integer(point.start_time_unix_nano)),
            ("timeUnixNano", self.integer(point.time_unix_nano)),
            ("count", self.integer(point.count)),
            ("sum", double(point.sum)),
            (
                "quantileValues",
                self.list(
                    &point.quantile_values,
                    |_, item| json!({ "quantile": double(item.quantile), "value": double(item.value) }),
                ),
            ),
            ("flags", json!(point.flags)),
        ];
        self.object(members)
    }
}
