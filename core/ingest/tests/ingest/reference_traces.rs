//! The reference for spans.

use super::cells::{Cell, Row};
use super::reference::{Expected, Owner, attributes, count, extra, hex, id, invalid_id, stored_time};
use lincei_ingest::IngestContext;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span};
use std::collections::BTreeMap;

/// Rows of `spans`.
pub(crate) fn traces(requests: &[ResourceSpans], context: &IngestContext<'_>) -> Expected {
    let mut expected = Expected::default();
    for resource in requests {
        for scope in &resource.scope_spans {
            let owner =
                Owner::new(resource.resource.as_ref(), &resource.schema_url, scope.scope.as_ref(), &scope.schema_url);
            for record in &scope.spans {
                expected.push(span(record, &owner, context));
            }
        }
    }
    expected
}

fn span(span: &Span, owner: &Owner, context: &IngestContext<'_>) -> Option<Row> {
    let (trace_id, span_id) = (id(&span.trace_id, 16)?, id(&span.span_id, 8)?);
    if span.start_time_unix_nano == 0 {
        return None;
    }
    let start = stored_time(span.start_time_unix_nano, context)?;
    let end = i64::try_from(span.end_time_unix_nano).ok()?;
    let mut entries = attributes(&span.attributes);
    if !span.trace_state.is_empty() {
        extra(&mut entries, "w3c.tracestate", &span.trace_state);
    }
    count(&mut entries, "otel.trace_flags", span.flags);
    count(&mut entries, "otel.dropped_attributes_count", span.dropped_attributes_count);
    count(&mut entries, "otel.dropped_events_count", span.dropped_events_count);
    count(&mut entries, "otel.dropped_links_count", span.dropped_links_count);
    if let Some(hex) = invalid_id(&span.parent_span_id, 8) {
        extra(&mut entries, "otel.parent_span_id_invalid", hex);
    }
    if end < start {
        extra(&mut entries, "otel.end_before_start", end);
    }
    let kind = match span.kind {
        0 | 1 => "INTERNAL",
        2 => "SERVER",
        3 => "CLIENT",
        4 => "PRODUCER",
        5 => "CONSUMER",
        other => {
            extra(&mut entries, "otel.span_kind_number", other);
            "INTERNAL"
        }
    };
    let status = span.status.clone().unwrap_or_default();
    let code = match status.code {
        0 => "UNSET",
        1 => "OK",
        2 => "ERROR",
        other => {
            extra(&mut entries, "otel.status_code_number", other);
            "UNSET"
        }
    };
    let mut row = owner.columns(entries);
    row.extend([
        ("time".to_owned(), Cell::Int(start)),
        ("duration_ns".to_owned(), Cell::Int(if end < start { 0 } else { end - start })),
        ("trace_id".to_owned(), Cell::Text(trace_id)),
        ("span_id".to_owned(), Cell::Text(span_id)),
        ("parent_span_id".to_owned(), Cell::option(id(&span.parent_span_id, 8), Cell::Text)),
        ("name".to_owned(), Cell::text(&span.name)),
        ("kind".to_owned(), Cell::text(kind)),
        ("status".to_owned(), Cell::text(code)),
        ("status_message".to_owned(), Cell::non_empty(&status.message)),
        ("events".to_owned(), Cell::List(span.events.iter().map(|item| event(item, start)).collect())),
        ("links".to_owned(), Cell::List(span.links.iter().map(link).collect())),
    ]);
    for resolved_later in ["parent_service", "parent_kind", "peer_name", "peer_type"] {
        row.insert(resolved_later.to_owned(), Cell::Null);
    }
    Some(row)
}

fn event(event: &Event, span_start: i64) -> Cell {
    let mut entries = attributes(&event.attributes);
    count(&mut entries, "otel.dropped_attributes_count", event.dropped_attributes_count);
    let time = i64::try_from(event.time_unix_nano).unwrap_or_else(|_| {
        extra(&mut entries, "otel.time_unix_nano_invalid", event.time_unix_nano);
        span_start
    });
    Cell::Struct(BTreeMap::from([
        ("time".to_owned(), Cell::Int(time)),
        ("name".to_owned(), Cell::text(&event.name)),
        ("attributes".to_owned(), Cell::Map(entries)),
    ]))
}

fn link(link: &Link) -> Cell {
    let mut entries = attributes(&link.attributes);
    if !link.trace_state.is_empty() {
        extra(&mut entries, "w3c.tracestate", &link.trace_state);
    }
    count(&mut entries, "otel.trace_flags", link.flags);
    count(&mut entries, "otel.dropped_attributes_count", link.dropped_attributes_count);
    Cell::Struct(BTreeMap::from([
        ("trace_id".to_owned(), Cell::Text(hex(&link.trace_id))),
        ("span_id".to_owned(), Cell::Text(hex(&link.span_id))),
        ("attributes".to_owned(), Cell::Map(entries)),
    ]))
}
