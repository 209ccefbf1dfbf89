//! Values of a text column and how often each occurs, in bounded memory.
//!
//! Counts are exact until the table is full. Then the rarer half of the values is forgotten and the
//! greatest count among them noted: no count shown later is too low by more than the sum of these
//! (lossy counting; Manku and Motwani, "Approximate Frequency Counts over Data Streams", 2002).

use super::tally::{self, Tally};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringViewArray};
use datafusion::common::{HashMap, Result};
use serde::{Deserialize, Serialize};

/// Values in the table.
const VALUES_MAX: usize = 1 << 16;
/// Bytes of values in the table.
const BYTES_MAX: usize = 16 << 20;
/// Values longer than this are counted as present, but not told apart.
const VALUE_BYTES_MAX: usize = 1 << 10;
/// What an entry costs beside its text.
const ENTRY_BYTES: usize = 48;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ValueCounts {
    #[serde(with = "tally::pairs")]
    counts: HashMap<Box<str>, u64>,
    /// Rows with a value that is not empty.
    pub(super) rows: u64,
    /// Rows whose value is too long to be told apart.
    pub(super) long: u64,
    /// How much too low a count can be.
    pub(super) error: u64,
    #[serde(skip)]
    bytes: usize,
    #[serde(skip)]
    /// Of the batch at hand: view to a row that has it, and how many have. Kept for its room.
    views: HashMap<u128, (usize, u64)>,
}

impl ValueCounts {
    /// The values that occur most, the most frequent first, equal ones by value.
    pub(super) fn top(self, limit: usize) -> Vec<(String, u64)> {
        let mut all: Vec<(Box<str>, u64)> = self.counts.into_iter().collect();
        all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all.truncate(limit);
        all.into_iter().map(|(value, count)| (value.into(), count)).collect()
    }

    pub(super) fn distinct(&self) -> usize {
        self.counts.len()
    }

    pub(super) const fn is_exact(&self) -> bool {
        self.error == 0 && self.long == 0
    }

    /// Counts the values of a column; NULL and the empty text are no values.
    ///
    /// A view is told apart by its 16 bytes first: repeated values of a dictionary share one, so
    /// most rows cost a small integer's lookup and no look at the text.
    pub(super) fn add_text(&mut self, column: &StringViewArray) {
        let mut views = std::mem::take(&mut self.views);
        let mut run: Option<(u128, (usize, u64))> = None;
        for (row, view) in column.views().iter().enumerate() {
            if column.is_null(row) {
                continue;
            }
            match &mut run {
                Some((seen, (_, count))) if *seen == *view => *count += 1,
                _ => {
                    if let Some((seen, (first, count))) = run.replace((*view, (row, 1))) {
                        views.entry(seen).or_insert((first, 0)).1 += count;
                    }
                }
            }
        }
        if let Some((seen, (first, count))) = run {
            views.entry(seen).or_insert((first, 0)).1 += count;
        }
        for (_, (row, count)) in views.drain() {
            self.add_value(column.value(row), count);
        }
        self.views = views;
    }

    pub(super) fn add_value(&mut self, value: &str, count: u64) {
        if value.is_empty() {
            return;
        }
        self.rows += count;
        if value.len() > VALUE_BYTES_MAX {
            self.long += count;
            return;
        }
        if let Some(known) = self.counts.get_mut(value) {
            *known += count;
            return;
        }
        self.bytes += value.len() + ENTRY_BYTES;
        self.counts.insert(value.into(), count);
        if self.counts.len() > VALUES_MAX || self.bytes > BYTES_MAX {
            self.forget_rare();
        }
    }

    fn forget_rare(&mut self) {
        let mut counts: Vec<u64> = self.counts.values().copied().collect();
        let middle = counts.len() / 2;
        let (_, median, _) = counts.select_nth_unstable(middle);
        let median = *median;
        // among equals some must go as well, or a table of equals would never shrink
        let mut equals = self.counts.len() / 4;
        self.counts.retain(|_, count| {
            let stays_equal = *count == median && equals > 0;
            if stays_equal {
                equals -= 1;
            }
            *count > median || stays_equal
        });
        self.error += median;
        self.bytes = self.counts.keys().map(|value| value.len() + ENTRY_BYTES).sum();
    }
}

impl Tally for ValueCounts {
    fn add(&mut self, columns: &[ArrayRef]) -> Result<()> {
        self.add_text(tally::text(columns, 0)?.as_string_view());
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        let (rows, long) = (self.rows + other.rows, self.long + other.long);
        for (value, count) in other.counts {
            self.add_value(&value, count);
        }
        // values that either side has forgotten are in its rows already
        self.rows = rows;
        self.long = long;
        self.error += other.error;
    }

    fn bytes(&self) -> usize {
        self.bytes + self.views.capacity() * 48
    }
}
