//! `lincei_files`: one row per Parquet file of the tenant.
//!
//! | column | type | meaning |
//! |---|---|---|
//! | `table` | text | which table's rows it holds |
//! | `path` | text | object path below the store's root |
//! | `rows`, `bytes` | u64 | |
//! | `min_time`, `max_time` | timestamp | span of its rows' `time`, both ends included |
//! | `level` | u8 | merges it went through |
//! | `created` | timestamp | |
//! | `state` | text | `live`, or `quarantined`: damaged and left out of queries |
//! | `reason` | text | why it is quarantined |

use super::{Sources, schema_of, times};
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringViewArray, UInt8Array, UInt64Array};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{DataFusionError, Result};
use lincei_catalog::DataFile;
use lincei_model::timestamp_type;
use std::sync::Arc;

pub(super) const NAME: &str = "lincei_files";

pub(super) fn schema() -> SchemaRef {
    schema_of(&[
        ("table", DataType::Utf8View, false),
        ("path", DataType::Utf8View, false),
        ("rows", DataType::UInt64, false),
        ("bytes", DataType::UInt64, false),
        ("min_time", timestamp_type(), false),
        ("max_time", timestamp_type(), false),
        ("level", DataType::UInt8, false),
        ("created", timestamp_type(), false),
        ("state", DataType::Utf8View, false),
        ("reason", DataType::Utf8View, true),
    ])
}

pub(super) fn rows(sources: &Sources) -> Result<RecordBatch> {
    let live = sources.engine.files();
    let quarantined = sources.catalog.quarantined().map_err(|e| DataFusionError::External(Box::new(e)))?;
    let live = live.iter().map(|file| (&***file, None));
    let quarantined = quarantined.iter().map(|q| (&q.file, Some(q.reason.as_str())));
    let files: Vec<(&DataFile, Option<&str>)> =
        live.chain(quarantined).filter(|(file, _)| file.tenant == sources.tenant).collect();
    let each = || files.iter().map(|(file, _)| *file);
    let text = |value: fn(&DataFile) -> &str| Arc::new(StringViewArray::from_iter_values(each().map(value)));
    let state = |reason: &Option<&str>| if reason.is_some() { "quarantined" } else { "live" };
    let columns: Vec<ArrayRef> = vec![
        text(|file| file.table.name()),
        text(|file| &file.path),
        Arc::new(UInt64Array::from_iter_values(each().map(|file| file.rows))),
        Arc::new(UInt64Array::from_iter_values(each().map(|file| file.bytes))),
        times(each().map(|file| Some(file.min_time_ns))),
        times(each().map(|file| Some(file.max_time_ns))),
        Arc::new(UInt8Array::from_iter_values(each().map(|file| file.level))),
        times(each().map(|file| Some(file.created_ns))),
        Arc::new(StringViewArray::from_iter_values(files.iter().map(|(_, reason)| state(reason)))),
        Arc::new(StringViewArray::from_iter(files.iter().map(|(_, reason)| *reason))),
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}
