//! New columns.

use crate::bindings::columns as wit;
use crate::bitmap::Bitmap;
use crate::column::{Buffer, Column, Kind};

/// A column that is built row by row.
#[derive(Debug)]
pub struct Builder<K> {
    column: Column<K>,
    buffer: Buffer,
    valid: Bitmap,
    missing: bool,
}

impl<K: Kind> Builder<K> {
    /// An empty one with room for `rows`.
    #[must_use]
    pub fn new(column: Column<K>, rows: usize) -> Self {
        let buffer = Buffer::new(K::TYPE, rows);
        Self { column, buffer, valid: Bitmap::with_capacity(rows), missing: false }
    }

    /// Adds the value of the next row.
    pub fn push(&mut self, value: K::New<'_>) {
        K::push(&mut self.buffer, value);
        self.valid.push(true);
    }

    /// Adds the next row without a value.
    pub fn push_missing(&mut self) {
        self.buffer.push_blank(1);
        self.valid.push(false);
        self.missing = true;
    }

    /// Adds the next row, with a value or without.
    pub fn push_option(&mut self, value: Option<K::New<'_>>) {
        match value {
            Some(value) => self.push(value),
            None => self.push_missing(),
        }
    }

    /// The column with exactly so many rows: what is beyond goes, what lacks is missing.
    pub(crate) fn finish(mut self, rows: usize) -> wit::Column {
        self.buffer.truncate(rows);
        self.valid.truncate(rows);
        let lacking = rows - self.valid.len();
        self.buffer.push_blank(lacking);
        self.valid.push_many(false, lacking);
        let some_missing = self.missing || lacking > 0;
        wit::Column {
            id: self.column.id(),
            valid: some_missing.then(|| self.valid.into_bytes()),
            values: self.buffer.into_wit(),
        }
    }
}
