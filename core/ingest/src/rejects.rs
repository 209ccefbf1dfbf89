//! Rows of the `rejects` table.

use crate::context::Refusal;
use crate::{Decoded, IngestContext, IngestError, Signal};
use arrow_array::builder::{BinaryBuilder, StringViewBuilder};
use arrow_array::{ArrayRef, RecordBatch, TimestampNanosecondArray, UInt64Array, new_null_array};
use arrow_schema::DataType;
use lincei_model::limits::{BODY_BYTES_MAX, REJECT_RAW_BYTES_MAX, REJECTS_PER_REQUEST_MAX};
use lincei_model::{Batch, BatchError, ErrorCode, Table};
use std::sync::Arc;

/// Raw bytes of all refused records of one request together: no more than a request may have.
const RAW_BYTES_MAX: usize = BODY_BYTES_MAX;
/// Distinct reasons told to the client.
const REASONS_TOLD: usize = 3;

/// Bytes that are counted in full but kept only up to
/// [`REJECT_RAW_BYTES_MAX`](lincei_model::limits::REJECT_RAW_BYTES_MAX).
#[derive(Debug, Default)]
pub(crate) struct RawRecord {
    kept: Vec<u8>,
    bytes: u64,
}

impl RawRecord {
    pub(crate) fn push(&mut self, part: &[u8]) {
        self.bytes += part.len() as u64;
        let room = REJECT_RAW_BYTES_MAX - self.kept.len();
        self.kept.extend_from_slice(part.get(..room).unwrap_or(part));
    }

    /// Bytes pushed.
    pub(crate) fn len(&self) -> usize {
        usize::try_from(self.bytes).unwrap_or(usize::MAX)
    }
}

impl From<&[u8]> for RawRecord {
    fn from(bytes: &[u8]) -> Self {
        let mut raw = Self::default();
        raw.push(bytes);
        raw
    }
}

/// What was refused for want of room, as one row.
#[derive(Default)]
struct Overflow {
    records: u64,
    bytes: u64,
    code: Option<ErrorCode>,
    reason: String,
}

/// Collects the refused records of one request.
pub(crate) struct Rejects<'a> {
    context: &'a IngestContext<'a>,
    signal: Signal,
    codes: StringViewBuilder,
    reasons: StringViewBuilder,
    encodings: StringViewBuilder,
    raw: BinaryBuilder,
    raw_kept: usize,
    records: Vec<u64>,
    raw_bytes: Vec<u64>,
    overflow: Overflow,
    rejected: u64,
    told: Vec<String>,
}

impl<'a> Rejects<'a> {
    pub(crate) fn new(context: &'a IngestContext<'a>, signal: Signal) -> Self {
        Self {
            context,
            signal,
            codes: StringViewBuilder::with_capacity(0),
            reasons: StringViewBuilder::with_capacity(0),
            encodings: StringViewBuilder::with_capacity(0),
            raw: BinaryBuilder::with_capacity(0, 0),
            raw_kept: 0,
            records: Vec::new(),
            raw_bytes: Vec::new(),
            overflow: Overflow::default(),
            rejected: 0,
            told: Vec::new(),
        }
    }

    /// Adds one refused record. `raw` is asked for its bytes only while there is room for them.
    pub(crate) fn push(&mut self, refusal: &Refusal, encoding: &str, raw: impl FnOnce() -> RawRecord) {
        self.rejected += 1;
        if self.told.len() < REASONS_TOLD && !self.told.contains(&refusal.reason) {
            self.told.push(refusal.reason.clone());
        }
        if self.records.len() >= REJECTS_PER_REQUEST_MAX || self.raw_kept >= RAW_BYTES_MAX {
            self.overflow.records += 1;
            if self.overflow.code.is_none() {
                self.overflow.code = Some(refusal.code);
                self.overflow.reason.clone_from(&refusal.reason);
                self.overflow.bytes = raw().bytes;
            }
            return;
        }
        self.row(1, refusal.code, &refusal.reason, encoding, &raw());
    }

    fn row(&mut self, records: u64, code: ErrorCode, reason: &str, encoding: &str, raw: &RawRecord) {
        self.codes.append_value(code.as_str());
        self.reasons.append_value(reason);
        self.encodings.append_value(encoding);
        self.raw.append_value(&raw.kept);
        self.raw_kept += raw.kept.len();
        self.raw_bytes.push(raw.bytes);
        self.records.push(records);
    }

    /// The rows and the message; `None` when nothing was refused.
    fn finish(mut self) -> Result<Option<(Batch, String)>, BatchError> {
        if self.rejected == 0 {
            return Ok(None);
        }
        let mut message = self.told.join("; ");
        let untold = self.rejected.saturating_sub(self.told.len() as u64);
        if untold > 0 {
            message = format!("{message} (first reasons of {} refused records)", self.rejected);
        }
        let overflow = std::mem::take(&mut self.overflow);
        if let Some(code) = overflow.code {
            let reason = format!(
                "{} more records of the same request were refused and are not kept; the first of them because: {}",
                overflow.records, overflow.reason
            );
            let raw = RawRecord { kept: Vec::new(), bytes: overflow.bytes };
            self.row(overflow.records, code, &reason, "none", &raw);
        }
        Ok(Some((self.batch()?, message)))
    }

    fn batch(mut self) -> Result<Batch, BatchError> {
        let rows = self.records.len();
        let mut signals = StringViewBuilder::with_capacity(rows);
        let mut clients = StringViewBuilder::with_capacity(rows);
        // one copy of each text, however many rows: cannot fail below 4 GiB
        let _ = signals.try_append_value_n(self.signal.as_str(), rows);
        let _ = clients.try_append_value_n(self.context.client, rows);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(TimestampNanosecondArray::from(vec![self.context.now_ns; rows]).with_timezone("UTC")),
            Arc::new(signals.finish()),
            Arc::new(clients.finish()),
            Arc::new(self.codes.finish()),
            Arc::new(self.reasons.finish()),
            new_null_array(&DataType::Utf8View, rows),
            new_null_array(&DataType::Utf8View, rows),
            Arc::new(UInt64Array::from(std::mem::take(&mut self.records))),
            Arc::new(self.encodings.finish()),
            Arc::new(self.raw.finish()),
            Arc::new(UInt64Array::from(std::mem::take(&mut self.raw_bytes))),
        ];
        let records = RecordBatch::try_new(Table::Rejects.schema(), columns)
            .map_err(|error| BatchError::Schema { table: Table::Rejects, detail: error.to_string() })?;
        Batch::new(Table::Rejects, records)
    }

    /// Joins the accepted rows with what was refused.
    pub(crate) fn into_decoded(self, batch: Option<Batch>) -> Result<Decoded, IngestError> {
        let rejected = self.rejected;
        let (rejects, reject_message) = self.finish()?.unzip();
        let batch = batch.filter(|batch| batch.rows() > 0);
        let accepted = batch.as_ref().map_or(0, |batch| batch.rows() as u64);
        Ok(Decoded { batch, rejects, accepted, rejected, reject_message })
    }
}

/// One row of `rejects` for a body that was refused as a whole. `encoding` is how to read it:
/// `otlp-protobuf`, `otlp-json`, `json`, `logfmt`, `syslog` or `text`, with the compression in
/// front where the body is kept compressed, as in `gzip+otlp-protobuf`. `records` of the row is 0:
/// how many there were is not known.
#[expect(clippy::missing_panics_doc, clippy::expect_used, reason = "the columns are those of the rejects schema")]
#[must_use]
pub fn reject_body(
    signal: Signal,
    reason: &IngestError,
    encoding: &str,
    body: &[u8],
    context: &IngestContext<'_>,
) -> Batch {
    let mut rejects = Rejects::new(context, signal);
    rejects.row(0, reason.code(), &reason.reason(), encoding, &RawRecord::from(body));
    rejects.batch().expect("columns match the schema")
}
