use super::{Table, arrow_error};
use crate::EngineError;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Int32Type, Int64Type, TimestampNanosecondType, UInt8Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch, StringViewArray};
use arrow_schema::{DataType, TimeUnit};
use lincei_model::SortColumn;
use std::cmp::Ordering;

/// Text of at most so many bytes lies whole in its view.
const INLINE_BYTES: u32 = 12;

/// The rows of one batch by their place in the table's order, comparable across batches and files.
pub(super) struct SortKeys(Vec<KeyColumn>);

enum KeyColumn {
    /// Greater for later rows.
    Numbers(Vec<u64>),
    Text {
        values: StringViewArray,
        descending: bool,
    },
}

impl SortKeys {
    /// One key a row, in the rows' order.
    ///
    /// # Errors
    /// [`EngineError::Rows`] for a null in a sort column.
    pub(super) fn new(table: Table, batch: &RecordBatch) -> Result<Self, EngineError> {
        let columns = table.sort_order().iter().map(|column| {
            let array = sort_column(table, *column, batch)?;
            match array.as_string_view_opt() {
                Some(values) => Ok(KeyColumn::Text { values: values.clone(), descending: column.descending }),
                None => numbers(table, *column, array).map(KeyColumn::Numbers),
            }
        });
        Ok(Self(columns.collect::<Result<_, EngineError>>()?))
    }

    /// The order of `row` and another batch's `other_row`.
    pub(super) fn compare(&self, row: usize, other: &Self, other_row: usize) -> Ordering {
        for pair in self.0.iter().zip(&other.0) {
            let order = match pair {
                (KeyColumn::Numbers(a), KeyColumn::Numbers(b)) => a.get(row).cmp(&b.get(other_row)),
                (KeyColumn::Text { values: a, descending }, KeyColumn::Text { values: b, .. }) => {
                    let order = compare_text(a, row, b, other_row);
                    if *descending { order.reverse() } else { order }
                }
                _ => Ordering::Equal,
            };
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }

    /// The key of one row alone, without the memory of its batch.
    fn alone(&self, row: usize) -> Self {
        let column = |column: &KeyColumn| match column {
            KeyColumn::Numbers(values) => KeyColumn::Numbers(values.get(row).copied().into_iter().collect()),
            KeyColumn::Text { values, descending } => {
                KeyColumn::Text { values: values.slice(row, 1).gc(), descending: *descending }
            }
        };
        Self(self.0.iter().map(column).collect())
    }
}

fn compare_text(a: &StringViewArray, row: usize, b: &StringViewArray, other_row: usize) -> Ordering {
    if let (Some(a), Some(b)) = (a.views().get(row), b.views().get(other_row))
        && a == b
        && (*a as u32) <= INLINE_BYTES
    {
        return Ordering::Equal;
    }
    a.value(row).cmp(b.value(other_row))
}

/// A batch's column that rows are sorted by, without nulls.
pub(super) fn sort_column(table: Table, column: SortColumn, batch: &RecordBatch) -> Result<&ArrayRef, EngineError> {
    let index = table.schema().index_of(column.name).map_err(arrow_error("ordered", table))?;
    let array = batch.columns().get(index).filter(|array| array.null_count() == 0);
    array.ok_or_else(|| bad(table, &format!("null in sort column {}", column.name)))
}

/// One number a row, ordered as the column is to be.
pub(super) fn numbers(table: Table, column: SortColumn, array: &ArrayRef) -> Result<Vec<u64>, EngineError> {
    let signed = |value: i64| value.cast_unsigned() ^ (1 << 63);
    let mut numbers = match array.data_type() {
        DataType::Timestamp(TimeUnit::Nanosecond, _) => ranks::<TimestampNanosecondType>(array, signed),
        DataType::Int64 => ranks::<Int64Type>(array, signed),
        DataType::Int32 => ranks::<Int32Type>(array, |v| signed(v.into())),
        DataType::UInt64 => ranks::<UInt64Type>(array, |v| v),
        DataType::UInt32 => ranks::<UInt32Type>(array, u64::from),
        DataType::UInt8 => ranks::<UInt8Type>(array, u64::from),
        other => return Err(bad(table, &format!("sort column {} of type {other}", column.name))),
    };
    if column.descending {
        numbers.iter_mut().for_each(|number| *number = !*number);
    }
    Ok(numbers)
}

fn ranks<T: ArrowPrimitiveType>(array: &ArrayRef, rank: impl Fn(T::Native) -> u64) -> Vec<u64> {
    array.as_primitive::<T>().values().iter().map(|v| rank(*v)).collect()
}

pub(super) fn bad(table: Table, detail: &str) -> EngineError {
    EngineError::Rows { table, detail: detail.to_owned() }
}

/// Proves that batches, one after the other, are sorted: the footer says so, and readers and
/// merges rely on it.
pub(super) struct OrderCheck {
    table: Table,
    last: Option<SortKeys>,
}

impl OrderCheck {
    pub(super) const fn new(table: Table) -> Self {
        Self { table, last: None }
    }

    /// Fails when a row is less than the one before it, in this batch or the last.
    pub(super) fn accept(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        let rows = batch.num_rows();
        if rows == 0 {
            return Ok(());
        }
        let keys = SortKeys::new(self.table, batch)?;
        let follows = self.last.as_ref().is_none_or(|last| last.compare(0, &keys, 0).is_le());
        if !follows || !(1..rows).all(|row| keys.compare(row - 1, &keys, row).is_le()) {
            return Err(bad(self.table, "not in the table's sort order"));
        }
        self.last = Some(keys.alone(rows - 1));
        Ok(())
    }
}
