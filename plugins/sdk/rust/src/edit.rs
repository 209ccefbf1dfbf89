//! Changing a batch record by record.

use crate::bindings::columns as wit;
use crate::bitmap::{Bitmap, bit};
use crate::column::{Access, Buffer, Column, Kind, Use};
use crate::delta::Delta;
use crate::frame::Frame;

/// Whether a record stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// It stays.
    Yes,
    /// It is dropped.
    No,
}

impl From<bool> for Keep {
    fn from(keep: bool) -> Self {
        if keep { Self::Yes } else { Self::No }
    }
}

/// What is changed of one record.
///
/// A column that is declared `read_write` stays as it is in records that do not set it. A column that is
/// declared `write` is the plugin's own: where a record does not set it, it has no value afterwards.
#[derive(Debug)]
pub struct Edit<'a> {
    frame: &'a Frame,
    row: usize,
    writers: Vec<Writer>,
    routes: Vec<(usize, u16)>,
    problem: Option<String>,
}

impl<'a> Edit<'a> {
    /// For all records of a frame.
    #[must_use]
    pub fn new(frame: &'a Frame, columns: &[Use]) -> Self {
        let writers = (0..)
            .zip(columns)
            .filter(|(_, column)| column.is_written())
            .map(|(id, column)| Writer::new(id, *column, frame.rows()))
            .collect();
        Self { frame, row: 0, writers, routes: Vec::new(), problem: None }
    }

    /// Goes on to a later record.
    pub fn at(&mut self, row: usize) -> &mut Self {
        self.row = row;
        self
    }

    /// Gives the record a value.
    #[inline]
    pub fn set<K: Kind>(&mut self, column: Column<K>, value: K::New<'_>) {
        if let Some(writer) = self.writer(column) {
            K::push(&mut writer.buffer, value);
            writer.valid.push(true);
        }
    }

    /// Takes the value of the record away.
    pub fn clear<K: Kind>(&mut self, column: Column<K>) {
        if let Some(writer) = self.writer(column) {
            writer.buffer.push_blank(1);
            writer.valid.push(false);
            writer.missing = true;
        }
    }

    /// Sends the record to a route: its place in `Info::routes` from 1.
    pub fn route(&mut self, route: u16) {
        self.routes.push((self.row, route));
    }

    /// The writer of a column, filled up to the record.
    fn writer<K: Kind>(&mut self, column: Column<K>) -> Option<&mut Writer> {
        let (frame, row) = (self.frame, self.row);
        match self.writers.iter_mut().find(|writer| writer.id == column.id() && writer.column.column_type == K::TYPE) {
            Some(writer) => {
                writer.fill(frame, row);
                writer.touched = true;
                Some(writer)
            }
            None => {
                self.problem.get_or_insert_with(|| format!("column {} is not declared as written", column.id()));
                None
            }
        }
    }

    /// Hands the changes over.
    ///
    /// # Errors
    ///
    /// When a column was set that is not declared as written.
    pub fn finish(self, out: &mut Delta) -> Result<(), String> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let rows = self.frame.rows();
        for mut writer in self.writers {
            if writer.touched || !writer.copies() {
                writer.fill(self.frame, rows);
                out.set_column(writer.into_wit());
            }
        }
        for (row, route) in self.routes {
            out.route(row, route);
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Writer {
    id: u32,
    column: Use,
    buffer: Buffer,
    valid: Bitmap,
    missing: bool,
    touched: bool,
}

impl Writer {
    fn new(id: u32, column: Use, rows: usize) -> Self {
        Self {
            id,
            column,
            buffer: Buffer::new(column.column_type, rows),
            valid: Bitmap::with_capacity(rows),
            missing: false,
            touched: false,
        }
    }

    fn copies(&self) -> bool {
        matches!(self.column.access, Access::ReadWrite)
    }

    /// Leaves exactly `rows` rows: those that nobody set are as they were, or missing.
    #[inline]
    fn fill(&mut self, frame: &Frame, rows: usize) {
        let have = self.valid.len();
        if have < rows {
            self.fill_up(frame, have, rows);
        } else if have > rows {
            self.buffer.truncate(rows);
            self.valid.truncate(rows);
        }
    }

    fn fill_up(&mut self, frame: &Frame, from: usize, until: usize) {
        let source = if self.copies() { frame.raw(self.id) } else { None };
        let Some(source) = source else {
            self.buffer.push_blank(until - from);
            self.valid.push_many(false, until - from);
            self.missing = true;
            return;
        };
        self.buffer.copy(&source.values, from..until);
        match &source.valid {
            None => self.valid.push_many(true, until - from),
            Some(valid) => {
                (from..until).for_each(|row| self.valid.push(bit(valid, row)));
                self.missing = true;
            }
        }
    }

    fn into_wit(self) -> wit::Column {
        wit::Column {
            id: self.id,
            valid: self.missing.then(|| self.valid.into_bytes()),
            values: self.buffer.into_wit(),
        }
    }
}

#[cfg(test)]
mod tests;
