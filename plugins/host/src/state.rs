//! Keys and values that a plugin keeps.

use parking_lot::Mutex;
use std::collections::HashMap;

/// Bytes of a key.
pub(crate) const KEY_BYTES_MAX: usize = 256;

/// All entries of one plugin, shared by its instances.
#[derive(Debug, Default)]
pub struct StateStore {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: HashMap<String, Vec<u8>>,
    bytes: u64,
    is_changed: bool,
}

/// Why nothing was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StateRefused {
    Full(String),
    Invalid(String),
}

/// What the plugin may keep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StateBounds {
    pub(crate) bytes: u64,
    pub(crate) entries: u32,
}

fn size(key: &str, value: &[u8]) -> u64 {
    (key.len() + value.len()) as u64
}

impl Inner {
    fn set(&mut self, key: &str, value: Vec<u8>, bounds: StateBounds) -> Result<(), StateRefused> {
        let before = self.entries.get(key).map(|value| size(key, value));
        let bytes = self.bytes - before.unwrap_or(0) + size(key, &value);
        if bytes > bounds.bytes {
            let message = format!("{bytes} bytes of state, at most {} are allowed", bounds.bytes);
            return Err(StateRefused::Full(message));
        }
        if before.is_none() && self.entries.len() as u64 >= u64::from(bounds.entries) {
            let message = format!("{} entries of state, at most that many are allowed", bounds.entries);
            return Err(StateRefused::Full(message));
        }
        self.entries.insert(key.to_owned(), value);
        self.bytes = bytes;
        self.is_changed = true;
        Ok(())
    }
}

fn check_key(key: &str) -> Result<(), StateRefused> {
    if key.is_empty() || key.len() > KEY_BYTES_MAX {
        let message = format!("a key has {} bytes; 1 to {KEY_BYTES_MAX} are allowed", key.len());
        return Err(StateRefused::Invalid(message));
    }
    Ok(())
}

impl StateStore {
    /// With what was kept before.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let entries: HashMap<_, _> = entries.into_iter().collect();
        let bytes = entries.iter().map(|(key, value)| size(key, value)).sum();
        Self { inner: Mutex::new(Inner { entries, bytes, is_changed: false }) }
    }

    pub(crate) fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.inner.lock().entries.get(key).cloned()
    }

    pub(crate) fn set(&self, key: &str, value: Vec<u8>, bounds: StateBounds) -> Result<(), StateRefused> {
        check_key(key)?;
        self.inner.lock().set(key, value, bounds)
    }

    pub(crate) fn delete(&self, key: &str) -> bool {
        let mut inner = self.inner.lock();
        let Some(value) = inner.entries.remove(key) else { return false };
        inner.bytes -= size(key, &value);
        inner.is_changed = true;
        true
    }

    pub(crate) fn add(&self, key: &str, by: i64, bounds: StateBounds) -> Result<i64, StateRefused> {
        check_key(key)?;
        let mut inner = self.inner.lock();
        let before = match inner.entries.get(key) {
            None => 0,
            Some(value) => {
                let number = std::str::from_utf8(value).ok().and_then(|text| text.parse::<i64>().ok());
                number.ok_or_else(|| StateRefused::Invalid(format!("what is kept under {key:?} is no number")))?
            }
        };
        let sum = before.saturating_add(by);
        inner.set(key, sum.to_string().into_bytes(), bounds)?;
        Ok(sum)
    }

    /// All entries if they changed since this was last asked, by key.
    #[must_use]
    pub fn take_changed(&self) -> Option<Vec<(String, Vec<u8>)>> {
        let mut inner = self.inner.lock();
        if !std::mem::take(&mut inner.is_changed) {
            return None;
        }
        let mut entries: Vec<_> = inner.entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        entries.sort();
        Some(entries)
    }

    /// They could not be written: ask again.
    pub fn put_back_changed(&self) {
        self.inner.lock().is_changed = true;
    }

    /// Entries and bytes now.
    #[must_use]
    pub fn size(&self) -> (usize, u64) {
        let inner = self.inner.lock();
        (inner.entries.len(), inner.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: StateBounds = StateBounds { bytes: 10, entries: 2 };

    #[test]
    fn entries_are_bounded_together_and_a_refusal_changes_nothing() {
        let state = StateStore::new([("a".to_owned(), b"1234".to_vec())]);
        assert_eq!(state.take_changed(), None);
        state.set("b", b"123".to_vec(), BOUNDS).unwrap();
        assert!(matches!(state.set("b", b"12345".to_vec(), BOUNDS), Err(StateRefused::Full(_))));
        assert!(matches!(state.set("c", Vec::new(), BOUNDS), Err(StateRefused::Full(_))));
        assert_eq!(state.get("b").unwrap(), b"123");
        assert_eq!(state.size(), (2, 9));
        assert!(state.delete("a"));
        assert!(!state.delete("a"));
        state.set("b", b"123456789".to_vec(), BOUNDS).unwrap();
        assert_eq!(state.take_changed().unwrap(), [("b".to_owned(), b"123456789".to_vec())]);
        assert_eq!(state.take_changed(), None);
        state.put_back_changed();
        assert!(state.take_changed().is_some());
    }

    #[test]
    fn numbers_are_added_up() {
        let state = StateStore::default();
        assert_eq!(state.add("n", 2, BOUNDS), Ok(2));
        assert_eq!(state.add("n", -5, BOUNDS), Ok(-3));
        assert_eq!(state.get("n").unwrap(), b"-3");
        assert_eq!(state.add("n", i64::MIN, StateBounds { bytes: 100, entries: 2 }), Ok(i64::MIN));
        state.set("t", b"x".to_vec(), StateBounds { bytes: 100, entries: 2 }).unwrap();
        assert!(matches!(state.add("t", 1, BOUNDS), Err(StateRefused::Invalid(_))));
        let long = "k".repeat(257);
        for key in ["", long.as_str()] {
            assert!(matches!(state.set(key, Vec::new(), BOUNDS), Err(StateRefused::Invalid(_))), "{}", key.len());
        }
    }
}
