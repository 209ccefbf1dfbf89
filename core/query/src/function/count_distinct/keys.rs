//! A set of keys that grows by appending: what is new is only now and then looked up among the old.

use super::key::{Key, Keyed};

/// Keys up to which they stay in one list.
const WHOLE_MAX: usize = 1024;
/// Lists of a larger set, by the first bits of the spread key.
const PARTS: usize = 256;
const PART_BITS: u32 = PARTS.ilog2();

/// A set of keys. Most of the work on a large one is done on a part of it that stays in the
/// processor's cache.
#[derive(Debug, Default)]
pub(super) struct Keys {
    whole: List,
    parts: Option<Box<[List]>>,
}

/// A list in which keys may occur again. It is full when it has no capacity left; then what occurs
/// again is removed, and only if more than half is left it becomes larger: a key is looked up about
/// twice, however large the set becomes.
#[derive(Debug, Default)]
struct List(Vec<Key>);

/// What tells keys apart, shared by many sets.
#[derive(Debug, Default)]
pub(super) struct Finder {
    keyed: Keyed,
    /// Open addressing; 0 is free. At least half is.
    slots: Vec<Key>,
}

impl Finder {
    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Key>()
    }

    pub(super) const fn keyed(&self) -> Keyed {
        self.keyed
    }

    fn clear(&mut self, keys: usize) {
        self.slots.clear();
        self.slots.resize((2 * keys).next_power_of_two(), 0);
    }

    /// Whether the key was not there. Called for as many keys as were given to `clear`.
    #[inline]
    fn insert(&mut self, key: Key) -> bool {
        let mask = self.slots.len().wrapping_sub(1);
        #[expect(clippy::cast_possible_truncation, reason = "masked")]
        let mut place = self.keyed.spread(key) as usize & mask;
        while let Some(slot) = self.slots.get_mut(place) {
            if *slot == 0 {
                *slot = key;
                return true;
            }
            if *slot == key {
                return false;
            }
            place = (place + 1) & mask;
        }
        false
    }
}

impl List {
    /// Appends a key; gives the bytes that the list has become larger by.
    #[inline]
    fn push(&mut self, key: Key, finder: &mut Finder) -> usize {
        let added = if self.0.len() == self.0.capacity() { self.make_room(finder) } else { 0 };
        self.0.push(key);
        added
    }

    #[cold]
    fn make_room(&mut self, finder: &mut Finder) -> usize {
        let capacity = self.0.capacity();
        self.remove_repeated(finder);
        if self.0.len() > capacity / 2 || capacity == 0 {
            self.0.reserve_exact((2 * capacity).max(4) - self.0.len());
        }
        (self.0.capacity() - capacity) * size_of::<Key>()
    }

    fn remove_repeated(&mut self, finder: &mut Finder) {
        if self.0.len() > 1 {
            finder.clear(self.0.len());
            self.0.retain(|key| finder.insert(*key));
        }
    }
}

impl Keys {
    /// Adds a key; gives the bytes that the set has become larger by.
    #[inline]
    pub(super) fn push(&mut self, key: Key, finder: &mut Finder) -> usize {
        if let Some(parts) = &mut self.parts {
            let part = (finder.keyed.spread(key) >> (u64::BITS - PART_BITS)) as usize;
            return parts.get_mut(part).map_or(0, |part| part.push(key, finder));
        }
        let added = self.whole.push(key, finder);
        if self.whole.0.len() > WHOLE_MAX { added + self.divide(finder) } else { added }
    }

    #[cold]
    fn divide(&mut self, finder: &mut Finder) -> usize {
        let keys = std::mem::take(&mut self.whole.0);
        self.parts = Some(std::iter::repeat_with(List::default).take(PARTS).collect());
        let added: usize = keys.iter().map(|key| self.push(*key, finder)).sum();
        (PARTS * size_of::<List>() + added).saturating_sub(keys.capacity() * size_of::<Key>())
    }

    fn lists(&self) -> impl Iterator<Item = &List> {
        std::iter::once(&self.whole).chain(self.parts.iter().flatten())
    }

    /// The keys, among them ones that occur again.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.lists().flat_map(|list| &list.0)
    }

    /// How many `iter` gives.
    pub(super) fn listed(&self) -> usize {
        self.lists().map(|list| list.0.len()).sum()
    }

    /// How many different keys there are.
    pub(super) fn count(&mut self, finder: &mut Finder) -> usize {
        let lists = std::iter::once(&mut self.whole).chain(self.parts.iter_mut().flatten());
        lists.fold(0, |count, list| {
            list.remove_repeated(finder);
            count + list.0.len()
        })
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        let parts = self.parts.as_ref().map_or(0, |parts| size_of_val(parts.as_ref()));
        parts + self.lists().map(|list| list.0.capacity() * size_of::<Key>()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// Counts, and checks what is said of the memory.
    fn counted(keys: impl Iterator<Item = Key>) -> (usize, usize) {
        let (mut set, mut finder, mut bytes) = (Keys::default(), Finder::default(), 0_usize);
        for key in keys {
            let before = set.heap_bytes();
            let added = set.push(key, &mut finder);
            assert_eq!((before + added).max(set.heap_bytes()), before + added, "said {added}");
            bytes += added;
        }
        (set.count(&mut finder), bytes)
    }

    #[test]
    fn counts_what_a_hash_set_counts() {
        for (rows, different) in
            [(0, 1), (1, 1), (5, 2), (1025, 1), (5000, 900), (5000, 1024), (9000, 1100), (300_000, 70_000)]
        {
            // Fibonacci hashing: the same few keys again and again, in no order
            let keys = || (0..rows).map(|row: u128| 1 + (row * 0x9E37_79B9 % different) * 0x1_0000_0001_0001);
            let want = keys().collect::<HashSet<_>>().len();
            assert_eq!(counted(keys()).0, want, "{rows} rows, {different} keys");
        }
    }

    #[test]
    fn repeated_keys_take_no_room() {
        let (count, bytes) = counted((0..1_000_000).map(|row| 1 + row % 10_000));
        assert_eq!(count, 10_000);
        // 16 bytes a key, in lists that are up to four times as long
        assert!(bytes < 10_000 * 16 * 5, "{bytes}");
    }
}
