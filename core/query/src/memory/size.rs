//! Bytes of the rows of a batch. Arrow's own figure counts whole buffers, of which a slice, or the
//! views of a few rows, may need a small part.

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::Result;

/// Bytes that a copy of the rows would take.
pub(crate) fn batch_bytes(batch: &RecordBatch) -> usize {
    batch.columns().iter().map(|column| array_bytes(column)).sum()
}

/// Bytes below which a batch is not worth a copy.
const WASTE_BYTES_MIN: usize = 256 << 10;

/// The same rows. Views of a few rows keep the whole pages alive that they were decoded from, and
/// whoever keeps the rows keeps the pages: such rows are copied into buffers of their own.
///
/// # Errors
/// When Arrow cannot put the columns together again.
pub(crate) fn without_waste(batch: RecordBatch) -> Result<RecordBatch> {
    let held = batch.get_array_memory_size();
    if held < WASTE_BYTES_MIN || held < 4 * batch_bytes(&batch) {
        return Ok(batch);
    }
    Ok(lincei_engine::compact_records(batch)?)
}

fn array_bytes(array: &dyn Array) -> usize {
    // the views themselves, or offsets
    let fixed = |bytes: usize| array.len() * bytes;
    let children = |offsets: &[i32], values: &dyn Array| match (offsets.first(), offsets.last()) {
        (Some(first), Some(last)) => {
            let (first, last) = (usize::try_from(*first).unwrap_or(0), usize::try_from(*last).unwrap_or(0));
            array_bytes(&values.slice(first, last.saturating_sub(first)))
        }
        _ => 0,
    };
    match array.data_type() {
        DataType::Utf8View => fixed(16) + array.as_string_view().total_buffer_bytes_used(),
        DataType::BinaryView => fixed(16) + array.as_binary_view().total_buffer_bytes_used(),
        DataType::Struct(_) => array.as_struct().columns().iter().map(|column| array_bytes(column)).sum(),
        DataType::Map(..) => {
            let map = array.as_map();
            fixed(4) + children(map.value_offsets(), map.entries())
        }
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            fixed(4) + children(list.value_offsets(), list.values())
        }
        _ => array.to_data().get_slice_memory_size().unwrap_or_else(|_| array.get_array_memory_size()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{ArrayRef, Int64Array, ListArray, StringViewArray};
    use datafusion::arrow::datatypes::Int64Type;
    use std::sync::Arc;

    #[test]
    fn few_rows_let_go_of_many() {
        let text = StringViewArray::from_iter_values((0..10_000).map(|i| format!("{i:0100}")));
        let batch = RecordBatch::try_from_iter([("t", Arc::new(text) as ArrayRef)]).unwrap();
        let all = batch.get_array_memory_size();
        assert_eq!(without_waste(batch.clone()).unwrap().get_array_memory_size(), all);
        let few = without_waste(batch.slice(20, 10)).unwrap();
        assert_eq!(few, batch.slice(20, 10));
        assert!(few.get_array_memory_size() < 3000, "{}", few.get_array_memory_size());
    }

    #[test]
    fn a_slice_counts_its_own_rows() {
        let text: ArrayRef = Arc::new(StringViewArray::from_iter_values((0..1000).map(|i| format!("{i:0100}"))));
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1000));
        let lists = (0..1000).map(|i| Some(vec![Some(i); 4]));
        let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists));
        // 16 bytes of view and 100 of text; 8; 4 of offset and 4 times 8
        let row = 16 + 100 + 8 + 4 + 32;
        let batch = RecordBatch::try_from_iter([("t", text), ("n", numbers), ("l", lists)]).unwrap();
        assert_eq!(batch_bytes(&batch), 1000 * row);
        assert_eq!(batch_bytes(&batch.slice(500, 10)), 10 * row);
        assert!(batch.slice(500, 10).get_array_memory_size() > 100 * row, "this is why");
    }
}
