use super::{end_offset, map};
use arrow_array::builder::StringViewBuilder;
use arrow_array::{ArrayRef, UInt32Array};
use arrow_schema::ArrowError;
use arrow_select::take::take;

/// A text column of few distinct values that many rows share.
pub(crate) struct SharedText {
    values: StringViewBuilder,
    len: u32,
    rows: Vec<u32>,
}

impl SharedText {
    pub(crate) fn new() -> Self {
        Self { values: StringViewBuilder::with_capacity(4), len: 0, rows: Vec::new() }
    }

    /// Adds a value and returns its number.
    pub(crate) fn add(&mut self, value: Option<&str>) -> u32 {
        self.values.append_option(value);
        self.len += 1;
        self.len - 1
    }

    /// Adds a row with value `number`, which came from [`SharedText::add`].
    pub(crate) fn push(&mut self, number: u32) {
        self.rows.push(number);
    }

    pub(crate) fn finish(mut self) -> Result<ArrayRef, ArrowError> {
        take(&self.values.finish(), &UInt32Array::from(self.rows), None)
    }
}

/// The columns `resource` and `service`: one resource has many rows, and the rows of one share the
/// bytes of its keys and values.
pub(crate) struct ResourceColumn {
    services: StringViewBuilder,
    keys: StringViewBuilder,
    values: StringViewBuilder,
    entries: u32,
    /// First entry of each resource, and the end of the last one.
    bounds: Vec<u32>,
    rows: Vec<u32>,
}

impl ResourceColumn {
    pub(crate) fn new() -> Self {
        Self {
            services: StringViewBuilder::with_capacity(4),
            keys: StringViewBuilder::with_capacity(32),
            values: StringViewBuilder::with_capacity(32),
            entries: 0,
            bounds: vec![0],
            rows: Vec::new(),
        }
    }

    /// Adds an entry to the resource under way.
    pub(crate) fn entry(&mut self, key: &str, value: Option<&str>) {
        self.keys.append_value(key);
        self.values.append_option(value);
        self.entries += 1;
    }

    /// Ends the resource under way and returns its number.
    pub(crate) fn end(&mut self, service: &str) -> u32 {
        self.services.append_value(service);
        self.bounds.push(self.entries);
        u32::try_from(self.bounds.len() - 2).unwrap_or(u32::MAX)
    }

    /// Adds a row of resource `number`, which came from [`ResourceColumn::end`].
    pub(crate) fn push(&mut self, number: u32) {
        self.rows.push(number);
    }

    /// `service`, `resource`.
    pub(crate) fn finish(mut self) -> Result<(ArrayRef, ArrayRef), ArrowError> {
        let mut entries = Vec::new();
        let mut ends = Vec::with_capacity(self.rows.len() + 1);
        ends.push(0);
        for &row in &self.rows {
            if let Some(&[start, end]) = self.bounds.get(row as usize..row as usize + 2) {
                entries.extend(start..end);
            }
            ends.push(end_offset(entries.len())?);
        }
        let entries = UInt32Array::from(entries);
        let keys = take(&self.keys.finish(), &entries, None)?;
        let values = take(&self.values.finish(), &entries, None)?;
        let services = take(&self.services.finish(), &UInt32Array::from(self.rows), None)?;
        Ok((services, map(keys, values, ends)?))
    }
}
