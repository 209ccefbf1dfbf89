//! `lincei_queries`: queries of the tenant that wait, run, or ended lately; the one that reads the
//! table is among them.
//!
//! | column | type | meaning |
//! |---|---|---|
//! | `id`, `sql`, `client` | text | |
//! | `state` | text | queued, running, done, failed, cancelled |
//! | `started` | timestamp | when it was asked |
//! | `elapsed_ms` | f64 | |
//! | `rows`, `rows_scanned`, `rows_total`, `bytes_scanned`, `files_scanned`, `files_pruned`, `memory_bytes` | u64 | as in the statistics of an answer |
//! | `error` | text | why it failed |

use super::{Sources, schema_of, times};
use crate::QueryInfo;
use datafusion::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringViewArray, UInt64Array};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Result;
use lincei_model::timestamp_type;
use std::sync::Arc;

pub(super) const NAME: &str = "lincei_queries";

pub(super) fn schema() -> SchemaRef {
    schema_of(&[
        ("id", DataType::Utf8View, false),
        ("sql", DataType::Utf8View, false),
        ("client", DataType::Utf8View, false),
        ("state", DataType::Utf8View, false),
        ("started", timestamp_type(), false),
        ("elapsed_ms", DataType::Float64, false),
        ("rows", DataType::UInt64, false),
        ("rows_scanned", DataType::UInt64, false),
        ("rows_total", DataType::UInt64, false),
        ("bytes_scanned", DataType::UInt64, false),
        ("files_scanned", DataType::UInt64, false),
        ("files_pruned", DataType::UInt64, false),
        ("memory_bytes", DataType::UInt64, false),
        ("error", DataType::Utf8View, true),
    ])
}

pub(super) fn rows(sources: &Sources) -> Result<RecordBatch> {
    let mut infos = sources.registry.list();
    infos.retain(|info| info.tenant == sources.tenant);
    let text = |value: fn(&QueryInfo) -> &str| Arc::new(StringViewArray::from_iter_values(infos.iter().map(value)));
    let count = |value: fn(&QueryInfo) -> u64| Arc::new(UInt64Array::from_iter_values(infos.iter().map(value)));
    let columns: Vec<ArrayRef> = vec![
        text(|info| &info.id),
        text(|info| &info.sql),
        text(|info| &info.client),
        text(|info| info.state.as_str()),
        times(infos.iter().map(|info| Some(info.started_ns))),
        Arc::new(Float64Array::from_iter_values(infos.iter().map(|info| info.stats.elapsed.as_secs_f64() * 1e3))),
        count(|info| info.stats.rows),
        count(|info| info.stats.rows_scanned),
        count(|info| info.stats.rows_total),
        count(|info| info.stats.bytes_scanned),
        count(|info| info.stats.files_scanned),
        count(|info| info.stats.files_pruned),
        count(|info| info.stats.memory_bytes),
        Arc::new(StringViewArray::from_iter(infos.iter().map(|info| info.error.as_deref()))),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}
