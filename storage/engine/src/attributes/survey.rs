use super::keys::KeyIds;
use super::kind::Kinds;
use arrow_array::{Array, StringViewArray};
use lincei_model::{AttributeColumn, AttributeType, FileAttributes};
use std::collections::HashSet;

/// A key with fewer values in a file stays in the map: a column of its own costs some hundred
/// bytes in every row group and footer.
pub(super) const COLUMN_ROWS_MIN: u64 = 100;
/// A key gets a column from this share of the rows on: one in a hundred.
pub(super) const COLUMN_SHARE: u64 = 100;
/// Columns of one map. Every one costs a reader time to open the file.
pub(super) const COLUMNS_MAX: usize = 100;
/// Bytes of a key that may name a column.
const KEY_BYTES_MAX: usize = 256;
/// Keys left in the maps that are listed by name, and bytes of their names.
const REST_KEYS_MAX: usize = 1000;
const REST_BYTES_MAX: usize = 64 << 10;

/// What is known about one key of one map.
#[derive(Clone, Copy)]
struct KeyFacts {
    entries: u64,
    kinds: Kinds,
}

/// What the rows of a file have for keys, of one map column.
pub(super) struct Survey {
    facts: Vec<KeyFacts>,
}

impl Survey {
    pub(super) const fn new() -> Self {
        Self { facts: Vec::new() }
    }

    /// Counts the entries of one batch; `ids` has the key of each from the first offset on.
    pub(super) fn add(&mut self, ids: &[u32], offsets: &[i32], values: &StringViewArray, keys: &KeyIds) {
        self.facts.resize(keys.len(), KeyFacts { entries: 0, kinds: Kinds::ANY });
        let first = offsets.first().map_or(0, |first| usize::try_from(*first).unwrap_or(0));
        for (entry, id) in (first..).zip(ids) {
            let Some(facts) = self.facts.get_mut(*id as usize) else { continue };
            facts.entries += 1;
            if !facts.kinds.is_text() && values.is_valid(entry) {
                facts.kinds = facts.kinds.and(Kinds::of(values.value(entry)));
            }
        }
    }

    /// The columns that a file of `rows` rows gets, by key, and the keys that it does not.
    pub(super) fn decide(&self, map: &str, keys: &KeyIds, rows: u64) -> FileAttributes {
        let wanted = COLUMN_ROWS_MIN.max(rows / COLUMN_SHARE);
        let mut frequent: Vec<(u64, &str, AttributeType)> = self
            .facts
            .iter()
            .enumerate()
            .map(|(id, facts)| (facts.entries, keys.name(id), facts.kinds.narrowest()))
            .filter(|(entries, key, _)| *entries >= wanted && can_name_a_column(key))
            .collect();
        frequent.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let mut caseless = HashSet::new();
        frequent.retain(|(_, key, _)| caseless.insert(key.to_ascii_lowercase()));
        frequent.truncate(COLUMNS_MAX);
        frequent.sort_unstable_by(|a, b| a.1.cmp(b.1));
        let columns = frequent
            .into_iter()
            .map(|(rows, key, kind)| AttributeColumn { map: map.to_owned(), key: key.to_owned(), kind, rows })
            .collect();
        FileAttributes { columns, rest: None }
    }
}

impl Survey {
    pub(super) fn list_rest(&self, map: &str, keys: &KeyIds, rest: &mut RestKeys) {
        for (id, facts) in self.facts.iter().enumerate() {
            rest.add(map, keys.name(id), facts.kinds, facts.entries);
        }
    }
}

/// Whether other readers take the key as part of a column's name, too. (Names that differ in case
/// alone are one name to some, so only the first of such keys gets a column.)
pub(super) fn can_name_a_column(key: &str) -> bool {
    !key.is_empty() && key.len() <= KEY_BYTES_MAX && !key.chars().any(char::is_control) && !key.starts_with("key_value")
}

/// Keys left in the maps of a file.
#[derive(Default)]
pub(super) struct RestKeys {
    keys: Vec<AttributeColumn>,
    bytes: usize,
    too_many: bool,
}

impl RestKeys {
    pub(super) fn add(&mut self, map: &str, key: &str, kinds: Kinds, rows: u64) {
        self.bytes += map.len() + key.len();
        self.too_many |= self.keys.len() >= REST_KEYS_MAX || self.bytes > REST_BYTES_MAX;
        if !self.too_many {
            self.keys.push(AttributeColumn { map: map.to_owned(), key: key.to_owned(), kind: kinds.narrowest(), rows });
        }
    }

    /// `None` when they are too many to list.
    pub(super) fn list(self) -> Option<Vec<AttributeColumn>> {
        (!self.too_many).then_some(self.keys)
    }
}
