use super::any_value::KeyValue;
use super::tally::Tally;
use super::wire::{Depth, WireError};
use std::ops::Deref;

/// Keys that are remembered by their positions.
const KEYS_MAX: usize = 4096;

/// Tag of `KeyValue.key`.
const KEY_TAG: u8 = 1 << 3 | 2;

/// The attributes of one record, resource or scope; reused from one to the next.
///
/// Keys mostly repeat in the same order, so each is first compared to the one that stood at its
/// position before: if the bytes are the same they have been checked, and the text is shared.
#[derive(Debug, Default)]
pub(crate) struct KeyValues<'a> {
    entries: Vec<KeyValue<'a>>,
    /// The key seen last at each position.
    keys: Vec<&'a str>,
}

impl<'a> KeyValues<'a> {
    /// Reads one more entry.
    pub(crate) fn read(&mut self, (body, depth): (&'a [u8], Depth), tally: &mut Tally) -> Result<(), WireError> {
        tally.entry()?;
        let mut entry = KeyValue::default();
        let position = self.entries.len();
        match self.keys.get(position).and_then(|key| after_key(body, key)) {
            Some((key, rest)) => {
                entry.key = key;
                entry.merge(rest, depth)?;
            }
            None => entry.merge(body, depth)?,
        }
        match self.keys.get_mut(position) {
            Some(key) => *key = entry.key,
            None if position < KEYS_MAX => self.keys.push(entry.key),
            None => {}
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Forgets the entries, and not their keys.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

impl<'a> Deref for KeyValues<'a> {
    type Target = [KeyValue<'a>];

    fn deref(&self) -> &Self::Target {
        &self.entries
    }
}

/// `key` and what follows it, if `body` begins with that key in the shortest encoding.
#[inline]
fn after_key<'a>(body: &'a [u8], key: &'a str) -> Option<(&'a str, &'a [u8])> {
    let [KEY_TAG, len, rest @ ..] = body else { return None };
    if *len >= 0x80 || usize::from(*len) != key.len() {
        return None;
    }
    Some((key, rest.strip_prefix(key.as_bytes())?))
}
