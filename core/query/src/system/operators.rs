//! `lincei_operators`: the steps of all pipelines, what they did and what they cost.
//!
//! | column | type | meaning |
//! |---|---|---|
//! | `signal`, `step`, `operator`, `on_failure` | text | as in `GET /api/v1/pipelines` |
//! | `position` | u64 | place of the step, from 1 |
//! | `calls`, `failures` | u64 | calls of the operator |
//! | `records_in`, `records_out`, `records_dropped`, `records_added`, `records_rejected`, `records_failed` | u64 | |
//! | `seconds` | f64 | time in the operator |
//! | `last_error` | text | why the latest failed call failed |

use super::{Sources, schema_of};
use datafusion::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringViewArray, UInt64Array};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use std::sync::Arc;

pub(super) const NAME: &str = "lincei_operators";

/// One row of `lincei_operators`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OperatorRow {
    /// logs, spans or metrics.
    pub signal: String,
    /// Name of the step.
    pub step: String,
    /// Place of the step, from 1.
    pub position: u64,
    /// A built-in operator, or `plugin:` and a name.
    pub operator: String,
    /// pass, hold or reject.
    pub on_failure: String,
    /// Calls of the operator.
    pub calls: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Records that the step's search chose.
    pub records_in: u64,
    /// Records that went on.
    pub records_out: u64,
    /// Records that were dropped.
    pub records_dropped: u64,
    /// Records that were added.
    pub records_added: u64,
    /// Records that went to rejects.
    pub records_rejected: u64,
    /// Records of calls that failed.
    pub records_failed: u64,
    /// Time in the operator.
    pub seconds: f64,
    /// Why the latest failed call failed.
    pub last_error: Option<String>,
}

pub(super) fn schema() -> SchemaRef {
    let text = DataType::Utf8View;
    schema_of(&[
        ("signal", text.clone(), false),
        ("step", text.clone(), false),
        ("position", DataType::UInt64, false),
        ("operator", text.clone(), false),
        ("on_failure", text.clone(), false),
        ("calls", DataType::UInt64, false),
        ("failures", DataType::UInt64, false),
        ("records_in", DataType::UInt64, false),
        ("records_out", DataType::UInt64, false),
        ("records_dropped", DataType::UInt64, false),
        ("records_added", DataType::UInt64, false),
        ("records_rejected", DataType::UInt64, false),
        ("records_failed", DataType::UInt64, false),
        ("seconds", DataType::Float64, false),
        ("last_error", text, true),
    ])
}

pub(super) fn rows(sources: &Sources) -> Result<RecordBatch> {
    let rows = sources.plugins.get().map(|status| status.operators()).unwrap_or_default();
    let text = |value: fn(&OperatorRow) -> &str| Arc::new(StringViewArray::from_iter_values(rows.iter().map(value)));
    let count = |value: fn(&OperatorRow) -> u64| Arc::new(UInt64Array::from_iter_values(rows.iter().map(value)));
    let columns: Vec<ArrayRef> = vec![
        text(|row| &row.signal),
        text(|row| &row.step),
        count(|row| row.position),
        text(|row| &row.operator),
        text(|row| &row.on_failure),
        count(|row| row.calls),
        count(|row| row.failures),
        count(|row| row.records_in),
        count(|row| row.records_out),
        count(|row| row.records_dropped),
        count(|row| row.records_added),
        count(|row| row.records_rejected),
        count(|row| row.records_failed),
        Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.seconds))),
        Arc::new(StringViewArray::from_iter(rows.iter().map(|row| row.last_error.as_deref()))),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}
