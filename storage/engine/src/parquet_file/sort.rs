use super::gather::{RowAt, gather_strewn};
use super::order::{bad, numbers, sort_column};
use super::{Hour, Table, check_schema};
use crate::EngineError;
use crate::attributes::{Wide, promote};
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampNanosecondType;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use lincei_model::{FileAttributes, SortColumn};
use std::collections::{BTreeMap, HashMap};

/// Columns that a table can be sorted by.
const SORT_COLUMNS_MAX: usize = 3;

/// Values of the first sort column that are sorted one by one.
const GROUPS_MAX: usize = 4096;

/// A row's place in the order: one number for each sort column, greater for later rows, then its
/// place among all rows, so that equal rows keep the order they came in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    columns: [u64; SORT_COLUMNS_MAX],
    batch: u32,
    row: u32,
}

/// Rows as files want them.
#[derive(Debug)]
pub(crate) struct Sorted {
    /// The columns that were added to the table's.
    pub(crate) attributes: FileAttributes,
    /// Hours in order, each as batches of at most 8 Ki rows that share the text of the input.
    pub(crate) hours: Vec<(Hour, Vec<RecordBatch>)>,
}

/// Gives frequent attributes columns of their own, splits rows by the hour of `time` and sorts each
/// hour by the table's order; equal rows keep the order they came in. Empty input gives no hours.
///
/// One key of 32 bytes for each row is sorted, in place of the rows: numbers stand for themselves
/// and text for its rank among the column's distinct values.
///
/// # Errors
/// [`EngineError::Rows`] when a batch does not have the table's schema.
pub(crate) fn sort_by_hour(table: Table, batches: Vec<RecordBatch>) -> Result<Sorted, EngineError> {
    for batch in &batches {
        check_schema(table, &table.schema(), batch.schema_ref())?;
    }
    let batches: Vec<RecordBatch> = batches.into_iter().filter(|batch| batch.num_rows() > 0).collect();
    let Wide { attributes, batches, .. } = promote(table, batches)?;
    let columns = table.sort_order().iter().map(|c| rank_column(table, *c, &batches)).collect::<Result<Vec<_>, _>>()?;
    let mut hours: BTreeMap<Hour, Vec<Key>> = BTreeMap::new();
    for (index, batch) in batches.iter().enumerate() {
        add_keys(table, index, batch, &columns, &mut hours)?;
    }
    drop(columns);
    let refs: Vec<&RecordBatch> = batches.iter().collect();
    let sorted = hours.into_iter().map(|(hour, mut keys)| {
        sort(&mut keys);
        let rows: Vec<RowAt> = keys.iter().map(|key| (key.batch as usize, key.row as usize)).collect();
        Ok((hour, gather_strewn(table, &refs, &rows)?))
    });
    Ok(Sorted { attributes, hours: sorted.collect::<Result<_, EngineError>>()? })
}

/// Sorts keys. Rows mostly come in the order of time, so those of one value of the first column are
/// nearly sorted already, forwards or backwards: they are put together first.
fn sort(keys: &mut Vec<Key>) {
    let mut groups: HashMap<u64, Vec<Key>> = HashMap::new();
    for run in keys.chunk_by(|a, b| a.columns.first() == b.columns.first()) {
        let first = run.first().and_then(|key| key.columns.first()).copied().unwrap_or_default();
        groups.entry(first).or_default().extend_from_slice(run);
        if groups.len() > GROUPS_MAX {
            return keys.sort_unstable();
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_unstable_by_key(|(first, _)| *first);
    keys.clear();
    for (_, mut group) in groups {
        group.sort();
        keys.append(&mut group);
    }
}

/// Files the keys of one batch under the hours of its rows. `columns` holds, for each sort column
/// and batch, one number a row.
fn add_keys(
    table: Table,
    index: usize,
    batch: &RecordBatch,
    columns: &[Vec<Vec<u64>>],
    hours: &mut BTreeMap<Hour, Vec<Key>>,
) -> Result<(), EngineError> {
    let too_many = |_| bad(table, "more than 2^32 rows or batches");
    let (batch_index, rows) = (u32::try_from(index), u32::try_from(batch.num_rows()));
    let (batch_index, rows) = (batch_index.map_err(too_many)?, rows.map_err(too_many)?);
    let mut keys: Vec<Key> = (0..rows).map(|row| Key { columns: [0; 3], batch: batch_index, row }).collect();
    for (slot, column) in columns.iter().enumerate() {
        let values = column.get(index).map_or(&[][..], Vec::as_slice);
        for (key, value) in keys.iter_mut().zip(values) {
            if let Some(at) = key.columns.get_mut(slot) {
                *at = *value;
            }
        }
    }
    let times = batch.column(0).as_primitive::<TimestampNanosecondType>().values();
    let mut rows = keys.into_iter().zip(times.iter().map(|t| Hour::of(*t))).peekable();
    while let Some((key, hour)) = rows.next() {
        let of_hour = hours.entry(hour).or_default();
        of_hour.push(key);
        // neighbours are mostly of one hour
        while let Some((key, _)) = rows.next_if(|(_, next)| *next == hour) {
            of_hour.push(key);
        }
    }
    Ok(())
}

/// One number a row for a sort column, for each batch, ordered as the column is to be.
fn rank_column(table: Table, column: SortColumn, batches: &[RecordBatch]) -> Result<Vec<Vec<u64>>, EngineError> {
    if table.sort_order().len() > SORT_COLUMNS_MAX {
        return Err(bad(table, "sorted by more than three columns"));
    }
    let arrays = batches.iter().map(|batch| sort_column(table, column, batch)).collect::<Result<Vec<_>, _>>()?;
    if arrays.iter().any(|array| array.data_type() != &DataType::Utf8View) {
        return arrays.into_iter().map(|array| numbers(table, column, array)).collect();
    }
    let mut ranks = text_ranks(&arrays);
    if column.descending {
        ranks.iter_mut().flatten().for_each(|rank| *rank = !*rank);
    }
    Ok(ranks)
}

/// Each value's place among the column's distinct values, which compare as bytes.
fn text_ranks(arrays: &[&ArrayRef]) -> Vec<Vec<u64>> {
    let mut ids: HashMap<&str, u64> = HashMap::new();
    let mut last = ("", u64::MAX);
    let mut columns: Vec<Vec<u64>> = Vec::with_capacity(arrays.len());
    for array in arrays {
        let id = |value| {
            // neighbours are mostly equal
            if last.0 != value || last.1 == u64::MAX {
                let next = ids.len() as u64;
                last = (value, *ids.entry(value).or_insert(next));
            }
            last.1
        };
        columns.push(array.as_string_view().iter().map(Option::unwrap_or_default).map(id).collect());
    }
    let mut distinct: Vec<(&str, u64)> = ids.into_iter().collect();
    distinct.sort_unstable();
    let mut rank_of_id = vec![0; distinct.len()];
    for (rank, (_, id)) in distinct.iter().enumerate() {
        if let Some(slot) = rank_of_id.get_mut(*id as usize) {
            *slot = rank as u64;
        }
    }
    for id in columns.iter_mut().flatten() {
        *id = rank_of_id.get(*id as usize).copied().unwrap_or_default();
    }
    columns
}
