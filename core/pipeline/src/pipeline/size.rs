//! How large rows are, cutting them into calls, and putting small pieces together again.

use super::CALL_BYTES_MAX;
use crate::error::PipelineError;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, MapArray, RecordBatch, StructArray};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use arrow_select::concat::concat_batches;
use std::mem::size_of;
use std::sync::Arc;

/// Buffers of one column of texts from which on its texts are copied together.
const BUFFERS_MAX: usize = 4;

/// Bytes that the values come to, whatever the buffers hold beside them: rows that were filtered or
/// sliced keep the buffers of all rows.
pub(super) fn array_bytes(array: &dyn Array) -> usize {
    let range = |offsets: &[i32]| {
        let offset = |offset: Option<&i32>| offset.and_then(|offset| usize::try_from(*offset).ok()).unwrap_or(0);
        let start = offset(offsets.first());
        (start, offset(offsets.last()).saturating_sub(start))
    };
    match array.data_type() {
        DataType::Utf8View => array.as_string_view().total_bytes_len() + array.len() * size_of::<u128>(),
        DataType::Struct(_) => array.as_struct().columns().iter().map(|column| array_bytes(column)).sum(),
        DataType::Map(..) => {
            let (start, length) = range(array.as_map().value_offsets());
            size_of::<i32>() * array.len() + array_bytes(&array.as_map().entries().slice(start, length))
        }
        DataType::List(_) => {
            let (start, length) = range(array.as_list::<i32>().value_offsets());
            size_of::<i32>() * array.len() + array_bytes(&array.as_list::<i32>().values().slice(start, length))
        }
        flat => flat.primitive_width().unwrap_or(1) * array.len(),
    }
}

pub(super) fn rows_bytes(records: &RecordBatch) -> usize {
    records.columns().iter().map(|column| array_bytes(column)).sum()
}

/// Rows in pieces of at most so many rows and [`CALL_BYTES_MAX`]; a larger row stands alone.
pub(super) fn pieces(records: &RecordBatch, rows_max: usize) -> Vec<RecordBatch> {
    let rows = records.num_rows();
    let is_small = rows_bytes(records) <= CALL_BYTES_MAX;
    if is_small && rows <= rows_max {
        return vec![records.clone()];
    }
    let mut pieces = Vec::with_capacity(rows / rows_max.max(1) + 1);
    let mut start = 0;
    while start < rows {
        let mut piece = records.slice(start, rows_max.clamp(1, rows - start));
        while !is_small && piece.num_rows() > 1 && rows_bytes(&piece) > CALL_BYTES_MAX {
            piece = piece.slice(0, piece.num_rows().div_ceil(2));
        }
        start += piece.num_rows();
        pieces.push(piece);
    }
    pieces
}

/// Puts neighbours together that are small enough for one call.
pub(super) fn gathered(rows: Vec<RecordBatch>, rows_max: usize) -> Result<Vec<RecordBatch>, PipelineError> {
    if rows.len() < 2 {
        return Ok(rows);
    }
    let mut gathered = Vec::with_capacity(rows.len());
    let mut group: Vec<RecordBatch> = Vec::new();
    let (mut group_rows, mut group_bytes) = (0, 0);
    for piece in rows {
        let bytes = rows_bytes(&piece);
        if group_rows + piece.num_rows() > rows_max || group_bytes + bytes > CALL_BYTES_MAX {
            gathered.extend(joined(&std::mem::take(&mut group))?);
            (group_rows, group_bytes) = (0, 0);
        }
        group_rows += piece.num_rows();
        group_bytes += bytes;
        group.push(piece);
    }
    gathered.extend(joined(&group)?);
    Ok(gathered)
}

/// All rows in one; `None` for none.
pub(super) fn joined(rows: &[RecordBatch]) -> Result<Option<RecordBatch>, PipelineError> {
    match rows {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        [first, ..] => {
            let schema: SchemaRef = first.schema();
            let all = concat_batches(&schema, rows)?;
            let columns = all.columns().iter().map(compact).collect::<Result<Vec<_>, _>>()?;
            Ok(Some(RecordBatch::try_new(schema, columns)?))
        }
    }
}

/// Without buffers that stand many times in one column, as they do when pieces of a batch are joined.
fn compact(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    Ok(match array.data_type() {
        DataType::Utf8View if array.as_string_view().data_buffers().len() > BUFFERS_MAX => {
            Arc::new(array.as_string_view().gc())
        }
        DataType::Struct(_) => {
            let (fields, columns, nulls) = array.as_struct().clone().into_parts();
            let columns = columns.iter().map(compact).collect::<Result<Vec<_>, _>>()?;
            Arc::new(StructArray::try_new(fields, columns, nulls)?)
        }
        DataType::Map(..) => {
            let (field, offsets, entries, nulls, ordered) = array.as_map().clone().into_parts();
            let entries = compact(&(Arc::new(entries) as ArrayRef))?.as_struct().clone();
            Arc::new(MapArray::try_new(field, offsets, entries, nulls, ordered)?)
        }
        DataType::List(_) => {
            let (field, offsets, values, nulls) = array.as_list::<i32>().clone().into_parts();
            Arc::new(ListArray::try_new(field, offsets, compact(&values)?, nulls)?)
        }
        _ => Arc::clone(array),
    })
}
