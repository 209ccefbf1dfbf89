//! Rows as they came from the host, and views of their columns and records.

use crate::bindings::columns as wit;
use crate::bitmap::bit;
use crate::column::{Column, Kind};

/// Some columns of some rows.
#[derive(Debug)]
pub struct Frame {
    rows: usize,
    columns: Vec<wit::Column>,
    /// For each id the place in `columns` and one more, 0 for none.
    places: Vec<u16>,
}

impl Frame {
    /// Takes over what the host gave.
    #[must_use]
    pub fn new(frame: wit::Frame) -> Self {
        let length = frame.columns.iter().map(|column| column.id as usize + 1).max().unwrap_or(0);
        let mut places = vec![0; length];
        for (place, column) in (1..).zip(&frame.columns) {
            if let Some(slot) = places.get_mut(column.id as usize) {
                *slot = place;
            }
        }
        Self { rows: frame.rows as usize, columns: frame.columns, places }
    }

    /// Takes over arguments of a function, which are known by their place.
    #[must_use]
    pub fn of_arguments(mut frame: wit::Frame) -> Self {
        for (id, column) in (0..).zip(&mut frame.columns) {
            column.id = id;
        }
        Self::new(frame)
    }

    pub(crate) fn raw(&self, id: u32) -> Option<&wit::Column> {
        self.columns.get(usize::from(*self.places.get(id as usize)?).checked_sub(1)?)
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// A column, if it is here and of this kind.
    #[must_use]
    #[inline]
    pub fn column<K: Kind>(&self, column: Column<K>) -> Option<View<'_, K>> {
        let column = self.raw(column.id())?;
        Some(View { values: K::values(&column.values)?, valid: column.valid.as_deref() })
    }

    /// One record; of a row beyond the last all values are missing.
    #[must_use]
    pub fn record(&self, row: usize) -> Record<'_> {
        Record { frame: self, row }
    }

    /// All records in their order.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        (0..self.rows).map(|row| self.record(row))
    }
}

/// One column.
pub struct View<'a, K: Kind> {
    values: K::Values<'a>,
    valid: Option<&'a [u8]>,
}

impl<K: Kind> Clone for View<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Kind> Copy for View<'_, K> {}

impl<'a, K: Kind> View<'a, K> {
    /// The value of a row, if it has one.
    #[must_use]
    #[inline]
    pub fn get(&self, row: usize) -> Option<K::Value<'a>> {
        match self.valid {
            Some(valid) if !bit(valid, row) => None,
            _ => K::at(self.values, row),
        }
    }
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    frame: &'a Frame,
    row: usize,
}

impl<'a> Record<'a> {
    /// Its place in the batch, from 0.
    #[must_use]
    pub fn row(&self) -> usize {
        self.row
    }

    /// Its value in a column: `None` where it has none, or the column is not read.
    #[must_use]
    #[inline]
    pub fn get<K: Kind>(&self, column: Column<K>) -> Option<K::Value<'a>> {
        if self.row < self.frame.rows { self.frame.column(column)?.get(self.row) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Attributes, Bools, Floats, Ints, Text};

    fn column(id: u32, valid: Option<Vec<u8>>, values: wit::Values) -> wit::Column {
        wit::Column { id, valid, values }
    }

    #[test]
    fn values_are_read_by_column_and_row() {
        let text = |offsets: &[u32], bytes: &str| wit::Text { offsets: offsets.to_vec(), bytes: bytes.into() };
        let frame = Frame::new(wit::Frame {
            rows: 3,
            columns: vec![
                column(4, None, wit::Values::Text(text(&[0, 1, 1, 4], "aéx"))),
                column(0, Some(vec![0b101]), wit::Values::Ints(vec![7, 8, 9])),
                column(1, None, wit::Values::Floats(vec![0.5, 1.5, 2.5])),
                column(2, None, wit::Values::Bools(vec![0b010])),
                column(
                    3,
                    None,
                    wit::Values::Attributes(wit::Attributes {
                        offsets: vec![0, 0, 2, 3],
                        keys: text(&[0, 1, 2, 3], "kkl"),
                        values: text(&[0, 2, 3, 3], "v1w"),
                    }),
                ),
            ],
        });
        let all = |row| {
            let record = frame.record(row);
            (
                record.get(Column::<Text>::new(4)),
                record.get(Column::<Ints>::new(0)),
                record.get(Column::<Floats>::new(1)),
                record.get(Column::<Bools>::new(2)),
                record.get(Column::<Attributes>::new(3)).map(|entries| (entries.get("k"), entries.count())),
            )
        };
        assert_eq!(all(0), (Some("a"), Some(7), Some(0.5), Some(false), Some((None, 0))));
        assert_eq!(all(1), (Some(""), None, Some(1.5), Some(true), Some((Some("v1"), 2))));
        assert_eq!(all(2), (Some("éx"), Some(9), Some(2.5), Some(false), Some((None, 1))));
        assert_eq!(all(3).0, None);
    }

    #[test]
    fn a_column_that_is_not_here_or_of_another_kind_has_no_values() {
        let frame = Frame::new(wit::Frame { rows: 1, columns: vec![column(1, None, wit::Values::Ints(vec![1]))] });
        assert!(frame.record(0).get(Column::<Ints>::new(0)).is_none());
        assert!(frame.record(0).get(Column::<Ints>::new(9)).is_none());
        assert!(frame.record(0).get(Column::<Text>::new(1)).is_none());
    }
}
