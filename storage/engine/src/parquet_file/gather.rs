use super::order::bad;
use super::{BATCH_ROWS, Table, arrow_error};
use crate::EngineError;
use arrow_array::{Array, ArrayRef, BinaryArray, RecordBatch, UInt32Array};
use arrow_schema::DataType;
use arrow_select::concat::concat;
use arrow_select::interleave::{interleave, interleave_record_batch};
use arrow_select::take::take;

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

/// As [`gather`], for rows that lie strewn over many batches: each column of numbers or text views is
/// put together first, one at a time, so that a row is found without looking for its batch. Memory
/// beside the result: one such column of all rows.
///
/// # Errors
/// As [`gather`], and for 2^32 rows or more.
pub(super) fn gather_strewn(
    table: Table,
    batches: &[&RecordBatch],
    rows: &[RowAt],
) -> Result<Vec<RecordBatch>, EngineError> {
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let failed = arrow_error("rearranged", table);
    let chunks = cut(batches, rows);
    let places = places(batches, &chunks).ok_or_else(|| bad(table, "more than 2^32 rows"))?;
    let mut columns: Vec<Vec<ArrayRef>> = vec![Vec::new(); chunks.len()];
    for (index, field) in first.schema_ref().fields().iter().enumerate() {
        let arrays: Vec<&dyn Array> = batches.iter().map(|batch| batch.column(index).as_ref()).collect();
        if field.data_type().is_primitive() || field.data_type() == &DataType::Utf8View {
            let whole = concat(&arrays).map_err(&failed)?;
            for (places, columns) in places.iter().zip(&mut columns) {
                columns.push(take(&whole, places, None).map_err(&failed)?);
            }
        } else {
            for (chunk, columns) in chunks.iter().zip(&mut columns) {
                columns.push(interleave(&arrays, chunk).map_err(&failed)?);
            }
        }
    }
    let batch = |columns| RecordBatch::try_new(first.schema(), columns).map_err(&failed);
    columns.into_iter().map(batch).collect()
}

/// The places of rows in all batches one after the other.
fn places(batches: &[&RecordBatch], chunks: &[&[RowAt]]) -> Option<Vec<UInt32Array>> {
    let mut starts = Vec::with_capacity(batches.len());
    let mut total = 0_u32;
    for batch in batches {
        starts.push(total);
        total = total.checked_add(u32::try_from(batch.num_rows()).ok()?)?;
    }
    let place = |(batch, row): &RowAt| starts.get(*batch)?.checked_add(u32::try_from(*row).ok()?);
    let places = |chunk: &&[RowAt]| chunk.iter().map(place).collect::<Option<Vec<u32>>>().map(UInt32Array::from);
    chunks.iter().map(places).collect()
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
