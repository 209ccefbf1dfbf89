use super::{AttributeColumn, ResourceColumn, SharedText, optional_times, times};
use crate::{IngestError, severity};
use arrow_array::builder::{StringViewBuilder, TimestampNanosecondBuilder};
use arrow_array::{RecordBatch, UInt8Array};
use lincei_model::{Batch, Table};
use std::sync::Arc;

/// One row of `logs` but for its attributes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LogRow<'a> {
    pub(crate) time_ns: i64,
    pub(crate) observed_ns: Option<i64>,
    /// 1-24, or 0.
    pub(crate) severity_number: u8,
    pub(crate) body: Option<&'a str>,
    pub(crate) event_name: Option<&'a str>,
    pub(crate) trace_id: Option<&'a str>,
    pub(crate) span_id: Option<&'a str>,
    /// Number from [`ResourceColumn::end`].
    pub(crate) resource: u32,
    /// Number from [`SharedText::add`].
    pub(crate) scope: u32,
}

/// The columns of `logs`.
pub(crate) struct LogColumns {
    time: Vec<i64>,
    observed_time: TimestampNanosecondBuilder,
    severity_number: Vec<u8>,
    severity: StringViewBuilder,
    body: StringViewBuilder,
    event_name: StringViewBuilder,
    trace_id: StringViewBuilder,
    span_id: StringViewBuilder,
    /// Entries are pushed before their row.
    pub(crate) attributes: AttributeColumn,
    pub(crate) resources: ResourceColumn,
    pub(crate) scopes: SharedText,
}

impl LogColumns {
    pub(crate) fn new() -> Self {
        Self::with_capacity(0)
    }

    /// With room for `rows` rows, so that fewer are moved.
    pub(crate) fn with_capacity(rows: usize) -> Self {
        let text = || StringViewBuilder::with_capacity(rows);
        Self {
            time: Vec::with_capacity(rows),
            observed_time: TimestampNanosecondBuilder::with_capacity(rows),
            severity_number: Vec::with_capacity(rows),
            severity: text(),
            body: text(),
            event_name: text(),
            trace_id: text(),
            span_id: text(),
            attributes: AttributeColumn::with_capacity(rows),
            resources: ResourceColumn::new(),
            scopes: SharedText::new(),
        }
    }

    /// Ends the row whose attributes were pushed.
    pub(crate) fn push(&mut self, row: &LogRow<'_>) -> Result<(), IngestError> {
        self.time.push(row.time_ns);
        self.observed_time.append_option(row.observed_ns);
        self.severity_number.push(row.severity_number);
        self.severity.append_option(severity::name(row.severity_number));
        self.body.append_option(row.body);
        self.event_name.append_option(row.event_name);
        self.trace_id.append_option(row.trace_id);
        self.span_id.append_option(row.span_id);
        self.resources.push(row.resource);
        self.scopes.push(row.scope);
        Ok(self.attributes.end_row()?)
    }

    pub(crate) fn finish(mut self) -> Result<Batch, IngestError> {
        let (service, resource) = self.resources.finish()?;
        let records = RecordBatch::try_new(
            Table::Logs.schema(),
            vec![
                times(self.time),
                optional_times(self.observed_time),
                Arc::new(UInt8Array::from(self.severity_number)),
                Arc::new(self.severity.finish()),
                service,
                Arc::new(self.body.finish()),
                Arc::new(self.event_name.finish()),
                Arc::new(self.trace_id.finish()),
                Arc::new(self.span_id.finish()),
                self.attributes.finish()?,
                resource,
                self.scopes.finish()?,
            ],
        )?;
        Ok(Batch::new(Table::Logs, records)?)
    }
}
