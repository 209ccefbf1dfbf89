//! Rows without garbage. A string view keeps the whole buffer it points into alive, and a builder
//! keeps the capacity it guessed: a one-row batch may hold 100 KiB. Rows that stay in memory or go
//! to the log are copied into buffers of their own size first, when it pays.

use crate::error::EngineError;
use arrow_array::Array as _;
use arrow_array::cast::AsArray;
use arrow_array::types::{BinaryViewType, ByteViewType, StringViewType};
use arrow_array::{ArrayRef, ListArray, MapArray, RecordBatch, RecordBatchOptions, StructArray};
use arrow_buffer::{Buffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType};
use lincei_model::Batch;
use std::sync::Arc;

/// Below this a column's text is not worth more than a few buffers.
const BUFFER_BYTES_MIN: usize = 16 << 10;

/// The same rows, holding at most about half again as many bytes as they use. Buffers that nobody
/// else holds are shrunk in place.
pub(crate) fn compact(batch: Batch) -> Result<Batch, EngineError> {
    let table = batch.table();
    let arrow = |source| EngineError::Arrow { table, action: "compacted", source };
    let records = compact_records(batch.into_records()).map_err(arrow)?;
    Batch::new(table, records).map_err(|e| arrow(ArrowError::SchemaError(e.to_string())))
}

/// The same rows, holding at most about half again as many bytes as they use: text that lies in buffers
/// with much else is copied into buffers of its own. Of any schema.
///
/// # Errors
/// When Arrow cannot put the columns together again.
pub fn compact_records(records: RecordBatch) -> Result<RecordBatch, ArrowError> {
    let (schema, columns, rows) = records.into_parts();
    let columns = columns.into_iter().map(compact_array).collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(schema, columns, &options)
}

fn compact_array(mut array: ArrayRef) -> Result<ArrayRef, ArrowError> {
    // what a builder guessed too large is given back where it lies, so that less is copied
    array.shrink_to_fit();
    let mut array = match array.data_type() {
        DataType::Utf8View => compact_views::<StringViewType>(array),
        DataType::BinaryView => compact_views::<BinaryViewType>(array),
        DataType::Struct(_) => {
            let (fields, columns, nulls) = array.as_struct().clone().into_parts();
            drop(array);
            let columns = columns.into_iter().map(compact_array).collect::<Result<Vec<_>, _>>()?;
            Arc::new(StructArray::try_new(fields, columns, nulls)?)
        }
        DataType::List(_) => {
            let (field, offsets, values, nulls) = array.as_list::<i32>().clone().into_parts();
            drop(array);
            let (offsets, values) = cut_children(offsets, values);
            Arc::new(ListArray::try_new(field, offsets, compact_array(values)?, nulls)?)
        }
        DataType::Map(..) => {
            let (field, offsets, entries, nulls, ordered) = array.as_map().clone().into_parts();
            drop(array);
            let (offsets, entries) = cut_children(offsets, Arc::new(entries));
            let entries = compact_array(entries)?.as_struct().clone();
            Arc::new(MapArray::try_new(field, offsets, entries, nulls, ordered)?)
        }
        _ => array,
    };
    array.shrink_to_fit();
    Ok(array)
}

/// The children that a slice of a list refers to, and offsets that start at 0.
fn cut_children(offsets: OffsetBuffer<i32>, children: ArrayRef) -> (OffsetBuffer<i32>, ArrayRef) {
    let (Some(first), Some(last)) = (offsets.first().copied(), offsets.last().copied()) else {
        return (offsets, children);
    };
    let (start, length) = (first as usize, (last - first) as usize);
    if start == 0 && length == children.len() {
        return (offsets, children);
    }
    let offsets = OffsetBuffer::new(offsets.iter().map(|o| o - first).collect());
    (offsets, children.slice(start, length))
}

fn compact_views<T: ByteViewType>(array: ArrayRef) -> ArrayRef {
    let Some(views) = array.as_byte_view_opt::<T>() else { return array };
    let buffers = views.data_buffers();
    let held: usize = buffers.iter().map(Buffer::capacity).sum();
    let used = views.total_buffer_bytes_used();
    let is_wasteful = held > used + used / 2 + 64;
    let is_scattered = buffers.len() > 4 && used < buffers.len() * BUFFER_BYTES_MIN;
    if is_wasteful || is_scattered { Arc::new(views.gc()) } else { array }
}

#[cfg(test)]
mod tests;
