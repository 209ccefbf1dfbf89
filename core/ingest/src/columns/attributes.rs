use super::{end_offset, map};
use arrow_array::builder::StringViewBuilder;
use arrow_array::{ArrayRef, UInt32Array};
use arrow_schema::ArrowError;
use arrow_select::take::take;
use std::collections::HashMap;
use std::sync::Arc;

/// Distinct keys that are looked for before a key is written out again. Beyond it a request does
/// not repeat its keys, and remembering them would only cost memory.
const KNOWN_KEYS_MAX: usize = 4096;

/// Entries of a row for which room is made.
const ENTRIES_GUESS: usize = 6;

/// A map column with entries of its own in every row.
///
/// Keys repeat from row to row, mostly in the same order, so each distinct key is stored once and
/// found again by its position in the row before: no hash, no copy.
pub(crate) struct AttributeColumn {
    unique: StringViewBuilder,
    unique_len: u32,
    known: HashMap<Box<str>, u32>,
    /// Key seen last at each position of a row.
    expected: Vec<u32>,
    position: usize,
    keys: Vec<u32>,
    values: StringViewBuilder,
    ends: Vec<i32>,
}

impl AttributeColumn {
    pub(crate) fn new() -> Self {
        Self::with_capacity(0)
    }

    /// With room for what `rows` rows mostly have.
    pub(crate) fn with_capacity(rows: usize) -> Self {
        let entries = rows * ENTRIES_GUESS;
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        Self {
            unique: StringViewBuilder::with_capacity(32),
            unique_len: 0,
            known: HashMap::new(),
            expected: Vec::new(),
            position: 0,
            keys: Vec::with_capacity(entries),
            values: StringViewBuilder::with_capacity(entries),
            ends,
        }
    }

    /// Adds an entry to the row under way.
    pub(crate) fn push(&mut self, key: &str, value: Option<&str>) {
        let key = self.key(key);
        self.keys.push(key);
        match value {
            Some(text) => self.values.append_value(text),
            None => self.values.append_null(),
        }
    }

    fn key(&mut self, key: &str) -> u32 {
        let position = self.position;
        self.position += 1;
        let expected = self.expected.get(position).copied();
        if let Some(id) = expected
            && self.unique.get_value(id as usize) == key.as_bytes()
        {
            return id;
        }
        let id = self.find_or_add(key);
        if let Some(slot) = self.expected.get_mut(position) {
            *slot = id;
        } else if position < KNOWN_KEYS_MAX {
            self.expected.push(id);
        }
        id
    }

    fn find_or_add(&mut self, key: &str) -> u32 {
        if let Some(id) = self.known.get(key) {
            return *id;
        }
        let id = self.unique_len;
        self.unique.append_value(key);
        self.unique_len += 1;
        if self.known.len() < KNOWN_KEYS_MAX {
            self.known.insert(key.into(), id);
        }
        id
    }

    /// Ends the row under way.
    pub(crate) fn end_row(&mut self) -> Result<(), ArrowError> {
        self.position = 0;
        self.ends.push(end_offset(self.keys.len())?);
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<ArrayRef, ArrowError> {
        let keys = take(&self.unique.finish(), &UInt32Array::from(self.keys), None)?;
        map(keys, Arc::new(self.values.finish()), self.ends)
    }
}
