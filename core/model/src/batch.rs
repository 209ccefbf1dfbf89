use crate::Table;
use arrow_array::{Array, RecordBatch, TimestampNanosecondArray};

/// Rows of one table, in any order, with exactly that table's schema.
#[derive(Clone, Debug)]
pub struct Batch {
    table: Table,
    records: RecordBatch,
}

/// Why rows are not a batch.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// Column names, types or nullability differ from the table's.
    #[error("rows for table {table} do not have its schema: {detail}")]
    Schema {
        /// The table.
        table: Table,
        /// The first difference.
        detail: String,
    },
}

impl Batch {
    /// Wraps rows that have `table`'s schema.
    ///
    /// # Errors
    /// [`BatchError::Schema`] naming the first column that differs.
    pub fn new(table: Table, records: RecordBatch) -> Result<Self, BatchError> {
        let want = table.schema();
        let have = records.schema_ref();
        if want.fields() != have.fields() {
            let detail = want.fields().iter().zip(have.fields()).find(|(w, h)| w != h).map_or_else(
                || format!("{} columns, not {}", have.fields().len(), want.fields().len()),
                |(w, h)| format!("column {} is {}, not {}", h.name(), h.data_type(), w.data_type()),
            );
            return Err(BatchError::Schema { table, detail });
        }
        Ok(Self { table, records })
    }

    /// The table the rows belong to.
    #[must_use]
    pub const fn table(&self) -> Table {
        self.table
    }

    /// The rows.
    #[must_use]
    pub const fn records(&self) -> &RecordBatch {
        &self.records
    }

    /// The rows, owned.
    #[must_use]
    pub fn into_records(self) -> RecordBatch {
        self.records
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.records.num_rows()
    }

    /// Least and greatest event time in nanoseconds, `None` when there are no rows.
    #[must_use]
    pub fn time_bounds(&self) -> Option<(i64, i64)> {
        time_bounds(&self.records)
    }
}

/// Least and greatest value of column 0 of a table's rows, in nanoseconds; `None` when there are
/// no rows.
#[must_use]
pub fn time_bounds(records: &RecordBatch) -> Option<(i64, i64)> {
    let times = records.column(0).as_any().downcast_ref::<TimestampNanosecondArray>()?;
    let mut values = times.values().iter().copied();
    let first = values.next()?;
    Some(values.fold((first, first), |(lo, hi), t| (lo.min(t), hi.max(t))))
}
