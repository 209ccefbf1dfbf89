use super::{BATCH_ROWS, Table, arrow_error};
use crate::EngineError;
use arrow_array::{Array, BinaryArray, RecordBatch};
use arrow_select::interleave::interleave_record_batch;

/// Bytes of `Binary` columns in one gathered batch. Their offsets are 32-bit, and unlike text
/// views they are copied.
const BINARY_BYTES_MAX: usize = 64 << 20;

/// A row by the place of its batch in a list and its place in the batch.
pub(super) type RowAt = (usize, usize);

/// Copies the named rows, in the order named, into batches of at most 8 Ki rows (fewer where
/// binary values are large; a single larger value makes a batch of its own). Text is not copied:
/// the views point into the buffers of `batches`.
///
/// # Errors
/// When a place is outside of `batches` or a batch differs in schema.
pub(super) fn gather(table: Table, batches: &[&RecordBatch], rows: &[RowAt]) -> Result<Vec<RecordBatch>, EngineError> {
    let mut out = Vec::with_capacity(rows.len().div_ceil(BATCH_ROWS));
    for chunk in cut(batches, rows) {
        out.push(interleave_record_batch(batches, chunk).map_err(arrow_error("rearranged", table))?);
    }
    Ok(out)
}

fn cut<'a>(batches: &[&RecordBatch], rows: &'a [RowAt]) -> Vec<&'a [RowAt]> {
    let binary: Vec<Vec<&BinaryArray>> = batches.iter().map(|batch| binary_columns(batch)).collect();
    if binary.iter().all(Vec::is_empty) {
        return rows.chunks(BATCH_ROWS).collect();
    }
    let row_bytes = |(batch, row): RowAt| -> usize {
        let columns = binary.get(batch).map_or(&[][..], Vec::as_slice);
        let lengths = columns.iter().map(|c| if row < c.len() { c.value(row).len() } else { 0 });
        lengths.sum()
    };
    let mut chunks = Vec::new();
    let mut rest = rows;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = |&&at: &&RowAt| {
            bytes += row_bytes(at);
            bytes <= BINARY_BYTES_MAX
        };
        let take = rest.iter().take(BATCH_ROWS).take_while(fits).count().max(1);
        let (chunk, after) = rest.split_at(take);
        chunks.push(chunk);
        rest = after;
    }
    chunks
}

fn binary_columns(batch: &RecordBatch) -> Vec<&BinaryArray> {
    batch.columns().iter().filter_map(|c| c.as_any().downcast_ref()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::UInt64Array;
    use std::sync::Arc;

    #[test]
    fn large_binary_values_make_small_batches() {
        // five values of 24 MiB: two fit into 64 MiB, a third does not
        let raw = BinaryArray::from_iter_values((0..5).map(|i| vec![i; 24 << 20]));
        let ids = UInt64Array::from_iter_values(0..5);
        let batch = RecordBatch::try_from_iter([("raw", Arc::new(raw) as _), ("id", Arc::new(ids) as _)]).unwrap();
        let rows: Vec<RowAt> = (0..5).rev().map(|row| (0, row)).collect();
        let out = gather(Table::Rejects, &[&batch], &rows).unwrap();
        assert_eq!(out.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [2, 2, 1]);
        let first = out[2].column(0).as_any().downcast_ref::<BinaryArray>().unwrap();
        assert_eq!(first.value(0), vec![0; 24 << 20]);
    }

    #[test]
    fn one_value_beyond_the_limit_is_a_batch_of_its_own() {
        let raw = BinaryArray::from_iter_values([vec![1; BINARY_BYTES_MAX + 1], vec![2]]);
        let batch = RecordBatch::try_from_iter([("raw", Arc::new(raw) as _)]).unwrap();
        let out = gather(Table::Rejects, &[&batch], &[(0, 0), (0, 1)]).unwrap();
        assert_eq!(out.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [1, 1]);
    }
}
