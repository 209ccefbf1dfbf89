//! What becomes of a batch.

use crate::bindings::columns as wit;
use crate::bindings::operator::lincei::plugin::operators;
use crate::bitmap::Bitmap;
use crate::builder::Builder;
use crate::column::Kind;

pub use operators::Signal;

/// What becomes of a batch. Nothing given leaves everything as it is.
#[derive(Debug, Default)]
pub struct Delta {
    rows: usize,
    keep: Option<Bitmap>,
    set: Vec<wit::Column>,
    emit: Vec<operators::Emission>,
    route: Vec<u16>,
}

impl Delta {
    /// For a batch of so many rows.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        Self { rows, ..Self::default() }
    }

    /// Drops a row.
    pub fn drop_row(&mut self, row: usize) {
        self.keep.get_or_insert_with(|| Bitmap::filled(self.rows, true)).set(row, false);
    }

    /// Says of all rows at once which stay; rows that the bitmap does not have go.
    pub fn keep(&mut self, rows: Bitmap) {
        let mut rows = rows;
        rows.truncate(self.rows);
        rows.push_many(false, self.rows - rows.len());
        self.keep = Some(rows);
    }

    /// Sets a column in all rows; what it does not have is taken away.
    pub fn set<K: Kind>(&mut self, builder: Builder<K>) {
        let column = builder.finish(self.rows);
        self.set.push(column);
    }

    pub(crate) fn set_column(&mut self, column: wit::Column) {
        self.set.push(column);
    }

    /// Sends a row to a route: its place in `Info::routes` from 1, or 0 to go on.
    pub fn route(&mut self, row: usize, route: u16) {
        if self.route.is_empty() {
            self.route.resize(self.rows, 0);
        }
        if let Some(place) = self.route.get_mut(row) {
            *place = route;
        }
    }

    /// Adds rows behind those that stay.
    pub fn emit(&mut self, rows: Emission) {
        self.emit.push(operators::Emission {
            signal: rows.signal,
            source: rows.source,
            rows: wit::Frame { rows: u32::try_from(rows.rows).unwrap_or(u32::MAX), columns: rows.columns },
        });
    }

    pub(crate) fn into_wit(self) -> operators::Delta {
        operators::Delta {
            keep: self.keep.map(Bitmap::into_bytes),
            set: self.set,
            emit: self.emit,
            route: (!self.route.is_empty()).then_some(self.route),
        }
    }
}

/// Rows that are added.
#[derive(Debug)]
pub struct Emission {
    signal: Signal,
    source: Option<Vec<u32>>,
    rows: usize,
    columns: Vec<wit::Column>,
}

impl Emission {
    /// Empty rows of a signal, with `time` now.
    #[must_use]
    pub fn new(signal: Signal, rows: usize) -> Self {
        Self { signal, source: None, rows, columns: Vec::new() }
    }

    /// Copies of rows of the batch, whose signal it must be.
    #[must_use]
    pub fn copies(signal: Signal, source: Vec<u32>) -> Self {
        Self { signal, rows: source.len(), source: Some(source), columns: Vec::new() }
    }

    /// Sets a column in all of these rows.
    #[must_use]
    pub fn with<K: Kind>(mut self, builder: Builder<K>) -> Self {
        self.columns.push(builder.finish(self.rows));
        self
    }
}
