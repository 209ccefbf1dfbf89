use super::span::Span;
use crate::IngestError;
use crate::columns::{AttributeColumn, ListColumn, ResourceColumn, SharedText, structs, times};
use crate::number_text::push_hex;
use crate::otlp::attributes::{AttributeWriter, names};
use crate::otlp::tally::Tally;
use crate::otlp::walk::Stop;
use arrow_array::builder::StringViewBuilder;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, new_null_array};
use arrow_schema::{ArrowError, DataType};
use lincei_model::{Batch, Table};
use std::sync::Arc;

/// One row of `spans` but for its attributes, events and links.
pub(super) struct SpanRow<'a> {
    pub(super) time_ns: i64,
    pub(super) duration_ns: i64,
    pub(super) trace_id: &'a str,
    pub(super) span_id: &'a str,
    pub(super) parent_span_id: Option<&'a str>,
    pub(super) name: &'a str,
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    pub(super) status_message: Option<&'a str>,
    pub(super) resource: u32,
    pub(super) scope: u32,
}

/// The children of column `events`.
struct EventColumns {
    time: Vec<i64>,
    name: StringViewBuilder,
    attributes: AttributeColumn,
    rows: ListColumn,
}

/// The children of column `links`.
struct LinkColumns {
    trace_id: StringViewBuilder,
    span_id: StringViewBuilder,
    attributes: AttributeColumn,
    rows: ListColumn,
}

/// The columns of `spans`.
pub(super) struct SpanColumns {
    time: Vec<i64>,
    duration_ns: Vec<i64>,
    trace_id: StringViewBuilder,
    span_id: StringViewBuilder,
    parent_span_id: StringViewBuilder,
    name: StringViewBuilder,
    kind: StringViewBuilder,
    status: StringViewBuilder,
    status_message: StringViewBuilder,
    /// Entries are pushed before their row.
    pub(super) attributes: AttributeColumn,
    pub(super) resources: ResourceColumn,
    pub(super) scopes: SharedText,
    events: EventColumns,
    links: LinkColumns,
    scratch_id: String,
}

impl SpanColumns {
    pub(super) fn new() -> Self {
        let text = || StringViewBuilder::with_capacity(0);
        Self {
            time: Vec::new(),
            duration_ns: Vec::new(),
            trace_id: text(),
            span_id: text(),
            parent_span_id: text(),
            name: text(),
            kind: text(),
            status: text(),
            status_message: text(),
            attributes: AttributeColumn::new(),
            resources: ResourceColumn::new(),
            scopes: SharedText::new(),
            events: EventColumns {
                time: Vec::new(),
                name: text(),
                attributes: AttributeColumn::new(),
                rows: ListColumn::new(),
            },
            links: LinkColumns {
                trace_id: text(),
                span_id: text(),
                attributes: AttributeColumn::new(),
                rows: ListColumn::new(),
            },
            scratch_id: String::new(),
        }
    }

    /// Adds the events of the row under way. An event whose time a column cannot hold gets the
    /// time of its span and keeps its own as an attribute.
    pub(super) fn push_events(
        &mut self,
        span: &Span<'_>,
        span_time_ns: i64,
        scratch: &mut String,
        tally: &mut Tally,
    ) -> Result<(), Stop> {
        let columns = &mut self.events;
        for event in &span.events {
            let mut writer = AttributeWriter { column: &mut columns.attributes, scratch: &mut *scratch };
            writer.client(span.event_attributes.get(event.attributes.clone()).unwrap_or_default(), tally)?;
            writer.count(names::DROPPED_ATTRIBUTES, event.dropped_attributes_count);
            let time_ns = i64::try_from(event.time_unix_nano).unwrap_or_else(|_| {
                writer.unsigned(names::TIME_INVALID, event.time_unix_nano);
                span_time_ns
            });
            columns.attributes.end_row()?;
            columns.time.push(time_ns);
            columns.name.append_value(event.name);
        }
        columns.rows.push(Some(span.events.len()))?;
        Ok(())
    }

    /// Adds the links of the row under way.
    pub(super) fn push_links(&mut self, span: &Span<'_>, scratch: &mut String, tally: &mut Tally) -> Result<(), Stop> {
        let columns = &mut self.links;
        for link in &span.links {
            let mut writer = AttributeWriter { column: &mut columns.attributes, scratch: &mut *scratch };
            writer.client(span.link_attributes.get(link.attributes.clone()).unwrap_or_default(), tally)?;
            writer.text(names::TRACE_STATE, link.trace_state);
            writer.count(names::TRACE_FLAGS, link.flags);
            writer.count(names::DROPPED_ATTRIBUTES, link.dropped_attributes_count);
            columns.attributes.end_row()?;
            for (column, id) in [(&mut columns.trace_id, link.trace_id), (&mut columns.span_id, link.span_id)] {
                self.scratch_id.clear();
                push_hex(&mut self.scratch_id, id);
                column.append_value(&self.scratch_id);
            }
        }
        columns.rows.push(Some(span.links.len()))?;
        Ok(())
    }

    /// Ends the row whose attributes, events and links were pushed.
    pub(super) fn push(&mut self, row: &SpanRow<'_>) -> Result<(), ArrowError> {
        self.time.push(row.time_ns);
        self.duration_ns.push(row.duration_ns);
        self.trace_id.append_value(row.trace_id);
        self.span_id.append_value(row.span_id);
        self.parent_span_id.append_option(row.parent_span_id);
        self.name.append_value(row.name);
        self.kind.append_value(row.kind);
        self.status.append_value(row.status);
        self.status_message.append_option(row.status_message);
        self.resources.push(row.resource);
        self.scopes.push(row.scope);
        self.attributes.end_row()
    }

    pub(super) fn finish(mut self) -> Result<Batch, IngestError> {
        let schema = Table::Spans.schema();
        let rows = self.time.len();
        let (service, resource) = self.resources.finish()?;
        let events: Vec<ArrayRef> =
            vec![times(self.events.time), Arc::new(self.events.name.finish()), self.events.attributes.finish()?];
        let links: Vec<ArrayRef> = vec![
            Arc::new(self.links.trace_id.finish()),
            Arc::new(self.links.span_id.finish()),
            self.links.attributes.finish()?,
        ];
        let (events_field, links_field) = (schema.field_with_name("events")?, schema.field_with_name("links")?);
        let unresolved = || new_null_array(&DataType::Utf8View, rows);
        let columns: Vec<ArrayRef> = vec![
            times(self.time),
            Arc::new(Int64Array::from(self.duration_ns)),
            Arc::new(self.trace_id.finish()),
            Arc::new(self.span_id.finish()),
            Arc::new(self.parent_span_id.finish()),
            Arc::new(self.name.finish()),
            Arc::new(self.kind.finish()),
            service,
            Arc::new(self.status.finish()),
            Arc::new(self.status_message.finish()),
            self.attributes.finish()?,
            resource,
            self.scopes.finish()?,
            self.events.rows.finish(events_field, structs(events_field, events)?)?,
            self.links.rows.finish(links_field, structs(links_field, links)?)?,
            unresolved(),
            unresolved(),
            unresolved(),
            unresolved(),
        ];
        Ok(Batch::new(Table::Spans, RecordBatch::try_new(schema.clone(), columns)?)?)
    }
}
