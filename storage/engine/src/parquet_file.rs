//! Parquet files: how rows become one, how they are read, merged and checked.
//!
//! A file holds rows of one table and one hour of `time` (UTC), in the table's sort order, and is
//! never changed once written. Its columns are the table's, and one for each attribute that many rows
//! have (see [`crate::attributes`]). Any Parquet reader can open it; it uses nothing beyond the format
//! (<https://github.com/apache/parquet-format>). The key `ARROW:schema` is left out: it would make
//! Arrow readers take text as views, which most of their functions refuse. Reading here, and by
//! whoever wants views, supplies the schema. Layout version 2 (version 1 has neither columns of
//! attributes nor an index of terms):
//!
//! | part | contents |
//! |---|---|
//! | `PAR1` | magic |
//! | row group × n | 128 Ki rows, of metrics 1 Mi (fewer at the end, or where they would exceed 256 MiB) |
//! | … column chunk | one for each leaf: dictionary page if any, then data pages (version 2) |
//! | … … page | header with the CRC-32 of everything after it; 8 Ki rows, of metrics 64 Ki (fewer at the end of a row group, or where they would exceed 16 MiB) |
//! | summary | none in files of few rows; see [`crate::summary`] |
//! | patterns | of bodies; none in files straight from memory; see [`crate::patterns`] |
//! | index of terms | none in files of few pages; see [`crate::term_index`] |
//! | column indexes | least and greatest value of each page, of the columns that queries prune by |
//! | offset indexes | place and first row of each page, of every column |
//! | footer | schema, row groups, sort order, `created_by`, and the keys below |
//! | length, `PAR1` | 4 bytes little endian, magic |
//!
//! | footer key | value |
//! |---|---|
//! | `lincei.table` | the table's name |
//! | `lincei.format_version` | `2` |
//! | `lincei.attributes` | [`lincei_model::FileAttributes`] as JSON |
//!
//! | leaf | encoding |
//! |---|---|
//! | integers and timestamps | `DELTA_BINARY_PACKED` |
//! | times of metrics | dictionary; `DELTA_BINARY_PACKED` once the dictionary is full |
//! | `series_id` | `PLAIN` |
//! | `severity_number`, attributes' integers of few values | dictionary; `DELTA_BINARY_PACKED` once the dictionary is full |
//! | doubles | `PLAIN` |
//! | `value` of metrics | page by page `PLAIN` or `BYTE_STREAM_SPLIT`, whichever is smaller |
//! | `body`, `raw`, span ids | `DELTA_LENGTH_BYTE_ARRAY` |
//! | attributes' text whose values hardly repeat | `DELTA_LENGTH_BYTE_ARRAY` |
//! | all other text, map keys and values among it | dictionary; `DELTA_LENGTH_BYTE_ARRAY` once the dictionary is full |
//!
//! Everything is compressed with zstd; see [`Tier`] for the levels. The whole object's CRC-32 and
//! length are kept in the catalog: [`verify`] compares them.
//!
//! Encoding and decoding are CPU work in `async` functions: between two batches they yield, but a
//! batch takes some milliseconds, so run them where that does not delay other tasks.

mod encoder;
mod gather;
mod hour;
mod layout;
mod merge;
mod order;
mod page_checksum;
mod ranges;
mod reader;
mod repetition;
mod rewrite;
mod rival;
mod sort;
mod verify;
mod write;

pub(crate) use hour::Hour;
pub(crate) use layout::Tier;
pub(crate) use merge::{MergeLimits, merge, merge_bytes};
pub(crate) use reader::read;
pub(crate) use rewrite::rewrite;
pub(crate) use sort::{Sorted, sort_by_hour};
pub use verify::Corruption;
pub(crate) use verify::verify;
pub(crate) use write::{Written, write};

use crate::EngineError;
use arrow_schema::{ArrowError, Schema};
use lincei_model::Table;
use parquet::errors::ParquetError;

/// Rows that are decoded, moved and encoded at a time.
const BATCH_ROWS: usize = lincei_model::limits::PAGE_ROWS;

/// Names a Parquet failure; a failure of the store below it stays one.
fn parquet_error(action: &'static str, path: &str, error: ParquetError) -> EngineError {
    let path = path.to_owned();
    match error {
        ParquetError::External(inner) => match inner.downcast::<object_store::Error>() {
            Ok(source) => EngineError::Store { path, action, source: *source },
            Err(inner) => EngineError::Parquet { path, action, source: ParquetError::External(inner) },
        },
        source => EngineError::Parquet { path, action, source },
    }
}

fn arrow_error(action: &'static str, table: Table) -> impl Fn(ArrowError) -> EngineError {
    move |source| EngineError::Arrow { table, action, source }
}

/// Refuses rows whose columns are not exactly `expected`.
fn check_schema(table: Table, expected: &Schema, schema: &Schema) -> Result<(), EngineError> {
    if expected.fields() == schema.fields() {
        return Ok(());
    }
    let names: Vec<_> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    let detail = format!("columns [{}] are not the table's or differ in type", names.join(", "));
    Err(EngineError::Rows { table, detail })
}

#[cfg(test)]
mod tests;
