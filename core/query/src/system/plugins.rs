//! `lincei_plugins`: installed plugins, what they did and what they cost since the server started.
//!
//! | column | type | meaning |
//! |---|---|---|
//! | `name`, `kind`, `runtime`, `status` | text | as in `GET /api/v1/plugins` |
//! | `version` | u64 | number of the version that works |
//! | `author_version` | text | what its author calls it |
//! | `calls`, `records_in`, `records_out`, `records_dropped` | u64 | |
//! | `cpu_seconds` | f64 | CPU time of its calls |
//! | `call_p99_us` | f64 | microseconds that 99 of 100 calls stay below |
//! | `memory_bytes` | u64 | the most that an instance had |
//! | `traps` | u64 | calls that broke off or broke a limit |
//! | `last_error_time` | timestamp | when the latest failed call failed |
//! | `last_error`, `last_error_backtrace` | text | why, and where in the guest |

use super::{Sources, schema_of, times};
use datafusion::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringViewArray, UInt64Array};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use lincei_model::timestamp_type;
use std::sync::Arc;

pub(super) const NAME: &str = "lincei_plugins";

/// One row of `lincei_plugins`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PluginRow {
    /// Under which it is installed.
    pub name: String,
    /// operator, function, rule, notifier or escalation.
    pub kind: String,
    /// wasm, python or javascript.
    pub runtime: String,
    /// working, open, failed or disabled.
    pub status: String,
    /// Number of the version that works.
    pub version: u64,
    /// What its author calls it.
    pub author_version: String,
    /// Calls.
    pub calls: u64,
    /// Records given to it.
    pub records_in: u64,
    /// Records that it let through or added.
    pub records_out: u64,
    /// Records that it dropped.
    pub records_dropped: u64,
    /// CPU time of its calls.
    pub cpu_seconds: f64,
    /// Microseconds that 99 of 100 calls stay below.
    pub call_p99_us: Option<f64>,
    /// The most memory that an instance had.
    pub memory_bytes: u64,
    /// Calls that broke off or broke a limit.
    pub traps: u64,
    /// When the latest failed call failed, nanoseconds since the Unix epoch.
    pub last_error_ns: Option<i64>,
    /// Why.
    pub last_error: Option<String>,
    /// Where in the guest, a line for each function.
    pub last_error_backtrace: Option<String>,
}

pub(super) fn schema() -> SchemaRef {
    let text = DataType::Utf8View;
    schema_of(&[
        ("name", text.clone(), false),
        ("kind", text.clone(), false),
        ("runtime", text.clone(), false),
        ("status", text.clone(), false),
        ("version", DataType::UInt64, false),
        ("author_version", text.clone(), false),
        ("calls", DataType::UInt64, false),
        ("records_in", DataType::UInt64, false),
        ("records_out", DataType::UInt64, false),
        ("records_dropped", DataType::UInt64, false),
        ("cpu_seconds", DataType::Float64, false),
        ("call_p99_us", DataType::Float64, true),
        ("memory_bytes", DataType::UInt64, false),
        ("traps", DataType::UInt64, false),
        ("last_error_time", timestamp_type(), true),
        ("last_error", text.clone(), true),
        ("last_error_backtrace", text, true),
    ])
}

pub(super) fn rows(sources: &Sources) -> Result<RecordBatch> {
    let rows = sources.plugins.get().map(|status| status.plugins()).unwrap_or_default();
    let text = |value: fn(&PluginRow) -> &str| Arc::new(StringViewArray::from_iter_values(rows.iter().map(value)));
    let count = |value: fn(&PluginRow) -> u64| Arc::new(UInt64Array::from_iter_values(rows.iter().map(value)));
    let columns: Vec<ArrayRef> = vec![
        text(|row| &row.name),
        text(|row| &row.kind),
        text(|row| &row.runtime),
        text(|row| &row.status),
        count(|row| row.version),
        text(|row| &row.author_version),
        count(|row| row.calls),
        count(|row| row.records_in),
        count(|row| row.records_out),
        count(|row| row.records_dropped),
        Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.cpu_seconds))),
        Arc::new(Float64Array::from_iter(rows.iter().map(|row| row.call_p99_us))),
        count(|row| row.memory_bytes),
        count(|row| row.traps),
        times(rows.iter().map(|row| row.last_error_ns)),
        Arc::new(StringViewArray::from_iter(rows.iter().map(|row| row.last_error.as_deref()))),
        Arc::new(StringViewArray::from_iter(rows.iter().map(|row| row.last_error_backtrace.as_deref()))),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}
