//! Rows of `rejects` for records that an operator could not work on, or sent there.

use super::{RunContext, Step};
use crate::error::PipelineError;
use crate::record;
use arrow_array::builder::{BinaryBuilder, StringViewBuilder};
use arrow_array::{ArrayRef, RecordBatch, TimestampNanosecondArray, UInt64Array};
use lincei_model::limits::{BODY_BYTES_MAX, REJECT_RAW_BYTES_MAX, REJECTS_PER_REQUEST_MAX};
use lincei_model::{Batch, Table};
use std::sync::Arc;

/// Bytes kept of all refused records of one batch: no more than a request may have.
const RAW_BYTES_MAX: usize = BODY_BYTES_MAX;
/// Bytes of a reason, which stands in every row.
const REASON_BYTES_MAX: usize = 1 << 10;
/// Rows that are written as JSON at once.
const ROWS_AT_ONCE: usize = 64;

struct Group {
    records: RecordBatch,
    code: &'static str,
    reason: String,
    operator: String,
    version: Option<String>,
}

/// Collects them.
#[derive(Default)]
pub(super) struct Rejects {
    groups: Vec<Group>,
}

/// The columns of `rejects` that differ from row to row.
#[derive(Default)]
struct Columns {
    codes: StringViewBuilder,
    reasons: StringViewBuilder,
    operators: StringViewBuilder,
    versions: StringViewBuilder,
    encodings: StringViewBuilder,
    raw: BinaryBuilder,
    raw_kept: usize,
    raw_bytes: Vec<u64>,
    records: Vec<u64>,
}

impl Rejects {
    pub(super) fn push(&mut self, step: &Step, records: RecordBatch, code: &'static str, mut reason: String) {
        let info = step.operator.info();
        reason.truncate(reason.floor_char_boundary(REASON_BYTES_MAX));
        let operator = format!("{}/{}", step.name, info.name);
        self.groups.push(Group { records, code, reason, operator, version: info.version.clone() });
    }

    /// Records so far.
    pub(super) fn rows(&self) -> u64 {
        self.groups.iter().map(|group| group.records.num_rows() as u64).sum()
    }

    /// One row a record as a line of JSON, up to the bounds of a request; then one row for each step and
    /// code that counts the rest.
    pub(super) fn finish(self, table: Table, context: &RunContext) -> Result<Option<Batch>, PipelineError> {
        if self.groups.is_empty() {
            return Ok(None);
        }
        let mut columns = Columns::default();
        let mut rest: Vec<(&Group, u64)> = Vec::new();
        for group in &self.groups {
            let left = columns.lines(group)?;
            let same = |other: &Group| other.operator == group.operator && other.code == group.code;
            match rest.iter_mut().find(|(other, _)| same(other)) {
                Some((_, records)) => *records += left,
                None if left > 0 => rest.push((group, left)),
                None => {}
            }
        }
        for (group, records) in rest {
            let reason = format!("{records} more records are not kept; the first of them because: {}", group.reason);
            columns.push(group, &reason, records, "none", &[]);
        }
        columns.batch(table, context).map(Some)
    }
}

impl Columns {
    /// Records of a group as JSON, as long as there is room; gives how many are left.
    fn lines(&mut self, group: &Group) -> Result<u64, PipelineError> {
        let rows = group.records.num_rows();
        let mut done = 0;
        while done < rows && self.records.len() < REJECTS_PER_REQUEST_MAX && self.raw_kept < RAW_BYTES_MAX {
            let room = REJECTS_PER_REQUEST_MAX - self.records.len();
            let some = group.records.slice(done, room.min(rows - done).min(ROWS_AT_ONCE));
            for line in record::lines(&some)?.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                self.push(group, &group.reason, 1, "json", line);
            }
            done += some.num_rows();
        }
        Ok((rows - done) as u64)
    }

    fn push(&mut self, group: &Group, reason: &str, records: u64, encoding: &str, raw: &[u8]) {
        let kept = raw.get(..REJECT_RAW_BYTES_MAX).unwrap_or(raw);
        self.codes.append_value(group.code);
        self.reasons.append_value(reason);
        self.operators.append_value(&group.operator);
        self.versions.append_option(group.version.as_deref());
        self.encodings.append_value(encoding);
        self.raw.append_value(kept);
        self.raw_kept += kept.len();
        self.raw_bytes.push(raw.len() as u64);
        self.records.push(records);
    }

    fn batch(mut self, table: Table, context: &RunContext) -> Result<Batch, PipelineError> {
        let rows = self.records.len();
        let signal = if table == Table::Spans { "traces" } else { table.name() };
        let (mut signals, mut clients) = (StringViewBuilder::new(), StringViewBuilder::new());
        // one copy of each text, however many rows
        signals.try_append_value_n(signal, rows)?;
        clients.try_append_value_n(&context.client, rows)?;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(TimestampNanosecondArray::from(vec![context.now_ns; rows]).with_timezone("UTC")),
            Arc::new(signals.finish()),
            Arc::new(clients.finish()),
            Arc::new(self.codes.finish()),
            Arc::new(self.reasons.finish()),
            Arc::new(self.operators.finish()),
            Arc::new(self.versions.finish()),
            Arc::new(UInt64Array::from(self.records)),
            Arc::new(self.encodings.finish()),
            Arc::new(self.raw.finish()),
            Arc::new(UInt64Array::from(self.raw_bytes)),
        ];
        Ok(Batch::new(Table::Rejects, RecordBatch::try_new(Table::Rejects.schema(), columns)?)?)
    }
}
