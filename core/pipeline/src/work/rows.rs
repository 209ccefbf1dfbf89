//! Rows that start empty.

use super::{WorkError, attributes};
use arrow_array::{ArrayRef, ListArray, StringViewArray, TimestampNanosecondArray, new_empty_array, new_null_array};
use arrow_array::{Int64Array, RecordBatch};
use arrow_buffer::OffsetBuffer;
use arrow_cast::cast;
use arrow_schema::{DataType, Field};
use lincei_model::{Table, timestamp_type};
use std::sync::Arc;

/// Rows of a table without values: what must have one is 0, empty, or for points in time now.
pub(crate) fn start_rows(table: Table, rows: usize, now_ns: i64) -> Result<RecordBatch, WorkError> {
    let schema = table.schema();
    let columns =
        schema.fields().iter().map(|field| start_column(field, rows, now_ns)).collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(schema, columns)?)
}

fn start_column(field: &Field, rows: usize, now_ns: i64) -> Result<ArrayRef, WorkError> {
    if field.is_nullable() {
        return Ok(new_null_array(field.data_type(), rows));
    }
    Ok(match field.data_type() {
        DataType::Timestamp(..) => {
            Arc::new(TimestampNanosecondArray::from(vec![now_ns; rows]).with_data_type(timestamp_type()))
        }
        DataType::Utf8View => Arc::new(StringViewArray::from_iter_values(std::iter::repeat_n("", rows))),
        map @ DataType::Map(..) => {
            let none: ArrayRef = new_empty_array(&DataType::Utf8View);
            Arc::new(attributes::build(map, vec![0; rows + 1], Arc::clone(&none), none)?)
        }
        DataType::List(item) => {
            let none = new_empty_array(item.data_type());
            Arc::new(ListArray::try_new(Arc::clone(item), OffsetBuffer::new_zeroed(rows), none, None)?)
        }
        number => cast(&(Arc::new(Int64Array::from(vec![0; rows])) as ArrayRef), number)?,
    })
}
