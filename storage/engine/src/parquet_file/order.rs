use super::{Table, arrow_error};
use crate::EngineError;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_row::{OwnedRow, RowConverter, Rows, SortField};
use arrow_schema::SortOptions;

/// A table's sort order as keys that compare as bytes, across batches and files.
pub(super) struct RowOrder {
    table: Table,
    converter: RowConverter,
    columns: Vec<usize>,
}

impl RowOrder {
    pub(super) fn new(table: Table) -> Result<Self, EngineError> {
        let schema = table.schema();
        let mut fields = Vec::new();
        let mut columns = Vec::new();
        for column in table.sort_order() {
            let index = schema.index_of(column.name).map_err(arrow_error("ordered", table))?;
            let options = SortOptions { descending: column.descending, nulls_first: true };
            fields.push(SortField::new_with_options(schema.field(index).data_type().clone(), options));
            columns.push(index);
        }
        let converter = RowConverter::new(fields).map_err(arrow_error("ordered", table))?;
        Ok(Self { table, converter, columns })
    }

    /// The keys of a batch's rows, one each, in the rows' order.
    pub(super) fn keys(&self, batch: &RecordBatch) -> Result<Rows, EngineError> {
        let columns: Vec<ArrayRef> = self.columns.iter().map(|&i| batch.column(i).clone()).collect();
        self.converter.convert_columns(&columns).map_err(arrow_error("ordered", self.table))
    }
}

/// Proves that batches, one after the other, are sorted: the footer says so, and readers and
/// merges rely on it.
pub(super) struct OrderCheck {
    order: RowOrder,
    last: Option<OwnedRow>,
}

impl OrderCheck {
    pub(super) fn new(table: Table) -> Result<Self, EngineError> {
        Ok(Self { order: RowOrder::new(table)?, last: None })
    }

    /// Fails when a row is less than the one before it, in this batch or the last.
    pub(super) fn accept(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        let keys = self.order.keys(batch)?;
        let mut rows = keys.iter();
        let Some(first) = rows.next() else { return Ok(()) };
        let mut sorted = self.last.as_ref().is_none_or(|last| last.row() <= first);
        let mut before = first;
        for row in rows {
            sorted &= before <= row;
            before = row;
        }
        if !sorted {
            let table = self.order.table;
            return Err(EngineError::Rows { table, detail: "not in the table's sort order".to_owned() });
        }
        self.last = Some(before.owned());
        Ok(())
    }
}
