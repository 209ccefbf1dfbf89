//! The rows that one call of an operator is about.

mod attributes;
mod cast;
mod rows;

pub(crate) use cast::integer;
pub(crate) use rows::start_rows;

use crate::column::{ColumnError, ColumnPath, ColumnType};
use crate::series;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, StringViewArray, UInt32Array};
use arrow_buffer::BooleanBuffer;
use arrow_schema::ArrowError;
use arrow_select::filter::filter_record_batch;
use arrow_select::take::take_record_batch;
use arrow_select::zip::zip;
use lincei_model::{Batch, BatchError, Table};
use std::sync::Arc;

/// Why columns cannot be read or set.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The column, or what it is used as.
    #[error(transparent)]
    Column(#[from] ColumnError),
    /// A column, a mask or a list of routes is not about as many rows as the batch has.
    #[error("{what} has {given} rows, the batch has {rows}")]
    Rows {
        /// What was given.
        what: &'static str,
        /// Its rows.
        given: usize,
        /// Rows of the batch.
        rows: usize,
    },
    /// A new row starts as a copy of a row that is not there.
    #[error("row {row} is not there: the batch has {rows} rows")]
    Source {
        /// The row that was asked for.
        row: u32,
        /// Rows of the batch.
        rows: usize,
    },
    /// Rows to add that break a rule.
    #[error("rows to add to {table}: {detail}")]
    Emission {
        /// Where they were to go.
        table: Table,
        /// The rule.
        detail: String,
    },
    /// A key of an attribute map that was set is empty or too long.
    #[error("a key that was set has {bytes} bytes; 1 to 4096 are allowed")]
    Key {
        /// Its length.
        bytes: usize,
    },
    /// Arrow refused; a defect here.
    #[error("columns do not fit together: {0}")]
    Arrow(#[from] ArrowError),
    /// A defect here.
    #[error(transparent)]
    Batch(#[from] BatchError),
}

/// Rows that an operator adds.
#[derive(Debug)]
pub struct Emission {
    /// Where they belong.
    pub table: Table,
    /// The rows of the batch that they start as copies of; only for the table of the batch. Without it
    /// there are `rows` rows that start empty, their `time` now.
    pub source: Option<Vec<u32>>,
    /// How many.
    pub rows: usize,
    /// Their columns.
    pub columns: Vec<(ColumnPath, ArrayRef)>,
}

/// A key of a map that was set and is not in the map yet.
#[derive(Clone, Debug)]
struct SetKey {
    map: usize,
    key: Box<str>,
    values: StringViewArray,
}

/// Rows of one table on their way through an operator.
///
/// Rows keep their numbers: what is dropped leaves with [`Work::into_batch`]. A column that was set is read
/// as it was set. Keys of maps are gathered and put into their maps once, at the end or when the map is
/// read as a whole.
#[derive(Debug)]
pub struct Work {
    table: Table,
    rows: usize,
    now_ns: i64,
    columns: Vec<ArrayRef>,
    set_keys: Vec<SetKey>,
    keep: Option<BooleanBuffer>,
    routes: Option<Vec<u16>>,
    emitted: Vec<Batch>,
    /// A column that the identity of a series hangs on was set.
    is_other_series: bool,
    /// Columns of which `series_id` is right; `None` when no row has one yet, or the table has no series.
    series_of: Option<Vec<ArrayRef>>,
    /// `time` was set.
    is_other_time: bool,
}

/// What is left when an operator has worked.
#[derive(Debug)]
pub(crate) struct Finished {
    /// The rows that stay.
    pub(crate) records: RecordBatch,
    /// For each of them a route, 0 for none; `None` when all have none.
    pub(crate) routes: Option<Vec<u16>>,
    /// Rows that were added.
    pub(crate) emitted: Vec<Batch>,
    /// Rows that were dropped.
    pub(crate) dropped: usize,
    /// `time` was set.
    pub(crate) is_other_time: bool,
}

impl Work {
    /// `now_ns` is the `time` of rows that are added without one.
    #[must_use]
    pub fn new(batch: &Batch, now_ns: i64) -> Self {
        Self::of_records(batch.table(), batch.records(), now_ns)
    }

    /// Takes the rows and leaves none, not even columns: until they are put back there is nothing to read or
    /// to set.
    #[must_use]
    pub fn take(&mut self) -> Self {
        let hollow = Self::of_columns(self.table, 0, Vec::new(), self.now_ns);
        std::mem::replace(self, hollow)
    }

    pub(crate) fn of_records(table: Table, records: &RecordBatch, now_ns: i64) -> Self {
        Self::of_columns(table, records.num_rows(), records.columns().to_vec(), now_ns)
    }

    fn of_columns(table: Table, rows: usize, columns: Vec<ArrayRef>, now_ns: i64) -> Self {
        Self {
            table,
            rows,
            now_ns,
            set_keys: Vec::new(),
            keep: None,
            routes: None,
            emitted: Vec::new(),
            is_other_series: false,
            series_of: (table == Table::Metrics).then(|| columns.clone()),
            columns,
            is_other_time: false,
        }
    }

    /// The table that the rows belong to.
    #[must_use]
    pub const fn table(&self) -> Table {
        self.table
    }

    /// How many rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// A column as it is now: `Utf8View`, `Int64`, `Float64`, `Boolean` or a map, with one value a row.
    ///
    /// # Errors
    /// [`WorkError::Column`] when it cannot be read as that.
    pub fn read(&mut self, path: &ColumnPath, as_type: ColumnType) -> Result<ArrayRef, WorkError> {
        path.check_type(self.table, as_type)?;
        match path {
            ColumnPath::Key(map, key) => Ok(cast::from_text(self.key(*map, key)?, as_type)),
            ColumnPath::Field(index) => {
                self.merge_keys(*index)?;
                cast::from_stored(&self.column(*index)?, as_type)
            }
        }
    }

    /// Sets a column in all rows. A row without a value loses the one it had, but for columns of the
    /// table that must have a value.
    ///
    /// # Errors
    /// [`WorkError::Rows`], [`WorkError::Column`], [`WorkError::Key`].
    pub fn write(&mut self, path: &ColumnPath, values: &ArrayRef) -> Result<(), WorkError> {
        self.write_where(path, values, None)
    }

    /// The same in some rows; the others keep what they have, also what does not read as the type of
    /// `values`.
    pub(crate) fn write_where(
        &mut self,
        path: &ColumnPath,
        values: &ArrayRef,
        rows: Option<&BooleanBuffer>,
    ) -> Result<(), WorkError> {
        self.check_rows("a column", values.len())?;
        path.check_type(self.table, cast::type_of(values))?;
        if let Some(rows) = rows {
            self.check_rows("a mask", rows.len())?;
            if rows.count_set_bits() == 0 {
                return Ok(());
            }
        }
        let rows = rows.filter(|rows| rows.count_set_bits() < rows.len());
        let rows = rows.map(|rows| BooleanArray::new(rows.clone(), None));
        match path {
            ColumnPath::Key(map, key) => {
                let mut values = cast::to_text(values)?;
                if let Some(rows) = &rows {
                    values = zip(rows, &values, &self.key(*map, key)?)?.as_string_view().clone();
                }
                match self.set_keys.iter_mut().find(|set| set.map == *map && set.key == *key) {
                    Some(set) => set.values = values,
                    None => self.set_keys.push(SetKey { map: *map, key: key.clone(), values }),
                }
                self.is_other_series = true;
            }
            ColumnPath::Field(index) => {
                self.merge_keys(*index)?;
                let before = self.column(*index)?;
                let mut stored = cast::to_stored(values, before.data_type())?;
                if let Some(rows) = &rows {
                    stored = zip(rows, &stored, &before)?;
                }
                let schema = self.table.schema();
                let field = schema.fields().get(*index);
                let must = field.is_some_and(|field| !field.is_nullable());
                self.is_other_time |= *index == 0;
                self.is_other_series |= field.is_some_and(|field| series::is_identity(field.name()));
                let stored = if must && stored.null_count() > 0 { or_before(&stored, &before)? } else { stored };
                if let Some(column) = self.columns.get_mut(*index) {
                    *column = stored;
                }
            }
        }
        Ok(())
    }

    /// Marks all but these rows as dropped.
    ///
    /// # Errors
    /// [`WorkError::Rows`].
    pub fn keep(&mut self, rows: &BooleanBuffer) -> Result<(), WorkError> {
        self.check_rows("a mask", rows.len())?;
        self.keep = Some(match self.keep.take() {
            Some(keep) => &keep & rows,
            None => rows.clone(),
        });
        Ok(())
    }

    /// The rows that are not marked as dropped; `None` when none is.
    #[must_use]
    pub const fn kept(&self) -> Option<&BooleanBuffer> {
        self.keep.as_ref()
    }

    /// Rows that were added so far.
    #[must_use]
    pub fn emitted_rows(&self) -> usize {
        self.emitted.iter().map(Batch::rows).sum()
    }

    /// Sends each row somewhere: 0 on, or a route by its number from 1.
    ///
    /// # Errors
    /// [`WorkError::Rows`].
    pub fn route(&mut self, routes: Vec<u16>) -> Result<(), WorkError> {
        self.check_rows("a list of routes", routes.len())?;
        self.routes = Some(routes);
        Ok(())
    }

    /// Whether a column can hold these values, none of them missing.
    pub(crate) fn can_hold(table: Table, path: &ColumnPath, values: &ArrayRef) -> Result<bool, WorkError> {
        path.check_type(table, cast::type_of(values))?;
        let ColumnPath::Field(index) = path else { return Ok(true) };
        let schema = table.schema();
        let Some(field) = schema.fields().get(*index) else { return Ok(false) };
        Ok(cast::to_stored(values, field.data_type())?.null_count() == 0)
    }

    /// Adds rows. They have no part in the rest of the call.
    ///
    /// # Errors
    /// [`WorkError::Source`], [`WorkError::Emission`], and as [`Work::write`].
    pub fn emit(&mut self, emission: &Emission) -> Result<(), WorkError> {
        let table = emission.table;
        let refused = |detail: String| WorkError::Emission { table, detail };
        let start = match &emission.source {
            Some(_) if table != self.table => {
                return Err(refused(format!("they cannot start as copies of rows of {}", self.table)));
            }
            Some(source) if source.len() != emission.rows => {
                return Err(refused(format!("{} are copies, but there are {}", source.len(), emission.rows)));
            }
            Some(source) => {
                if let Some(row) = source.iter().find(|row| usize::try_from(**row).is_ok_and(|row| row >= self.rows)) {
                    return Err(WorkError::Source { row: *row, rows: self.rows });
                }
                let records = self.records()?;
                take_record_batch(&records, &UInt32Array::from(source.clone()))?
            }
            None => start_rows(table, emission.rows, self.now_ns)?,
        };
        let mut work = Self::of_records(table, &start, self.now_ns);
        for (path, values) in &emission.columns {
            work.write(path, values)?;
        }
        // ids of series were copied, or there is none yet
        if emission.source.is_none() {
            work.is_other_series = true;
            work.series_of = None;
        }
        let records = work.finish()?.records;
        if records.num_rows() > 0 {
            self.emitted.push(Batch::new(table, records)?);
        }
        Ok(())
    }

    /// The rows as they are now, without those that were dropped.
    ///
    /// # Errors
    /// For defects here only.
    pub fn into_batch(self) -> Result<Batch, WorkError> {
        let table = self.table;
        Ok(Batch::new(table, self.finish()?.records)?)
    }

    /// Puts what was set into the rows and takes out what was dropped.
    ///
    /// # Errors
    /// For defects here only.
    pub(crate) fn finish(mut self) -> Result<Finished, WorkError> {
        let mut records = self.records()?;
        let before = records.num_rows();
        let mut routes = self.routes.filter(|routes| routes.iter().any(|route| *route != 0));
        if let Some(keep) = self.keep.filter(|keep| keep.count_set_bits() < before) {
            if let Some(routes) = &mut routes {
                let mut row = 0;
                routes.retain(|_| {
                    row += 1;
                    keep.value(row - 1)
                });
            }
            records = filter_record_batch(&records, &BooleanArray::new(keep, None))?;
        }
        let dropped = before - records.num_rows();
        let is_other_time = self.is_other_time;
        Ok(Finished { records, routes, emitted: self.emitted, dropped, is_other_time })
    }

    /// All rows as they are now.
    fn records(&mut self) -> Result<RecordBatch, WorkError> {
        for map in 0..self.columns.len() {
            self.merge_keys(map)?;
        }
        if self.is_other_series && self.table == Table::Metrics {
            series::renew(self.series_of.as_deref(), &mut self.columns)?;
            self.series_of = Some(self.columns.clone());
            self.is_other_series = false;
        }
        Ok(RecordBatch::try_new(self.table.schema(), self.columns.clone())?)
    }

    /// Puts keys that were set into their map.
    fn merge_keys(&mut self, map: usize) -> Result<(), WorkError> {
        if !self.set_keys.iter().any(|set| set.map == map) {
            return Ok(());
        }
        let (mine, others) = self.set_keys.drain(..).partition::<Vec<_>, _>(|set| set.map == map);
        self.set_keys = others;
        let merged = attributes::merge(self.map(map)?, &mine)?;
        if let Some(column) = self.columns.get_mut(map) {
            *column = Arc::new(merged);
        }
        Ok(())
    }

    fn column(&self, index: usize) -> Result<ArrayRef, WorkError> {
        let missing = || ArrowError::SchemaError(format!("{} has no column {index}", self.table));
        Ok(Arc::clone(self.columns.get(index).ok_or_else(missing)?))
    }

    /// The values of a key as they are now.
    fn key(&self, map: usize, key: &str) -> Result<StringViewArray, WorkError> {
        match self.set_keys.iter().find(|set| set.map == map && *set.key == *key) {
            Some(set) => Ok(set.values.clone()),
            None => Ok(attributes::lookup(self.map(map)?, key)?),
        }
    }

    fn map(&self, index: usize) -> Result<&arrow_array::MapArray, WorkError> {
        let column = self.columns.get(index).and_then(|column| column.as_any().downcast_ref());
        column.ok_or_else(|| ArrowError::SchemaError(format!("column {index} of {} is no map", self.table)).into())
    }

    pub(crate) fn check_rows(&self, what: &'static str, given: usize) -> Result<(), WorkError> {
        if given == self.rows { Ok(()) } else { Err(WorkError::Rows { what, given, rows: self.rows }) }
    }
}

/// The new values, and where there is none the one before.
fn or_before(values: &ArrayRef, before: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let present = match values.nulls() {
        Some(nulls) => BooleanArray::new(nulls.inner().clone(), None),
        None => return Ok(Arc::clone(values)),
    };
    zip(&present, values, before)
}

#[cfg(test)]
mod tests;
