//! Bounds on how often and how much: sign-in attempts, and body bytes under way.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const NS: i64 = 1_000_000_000;

/// At most `attempts` in `window_seconds` per key, over a bounded number of keys.
#[derive(Debug)]
pub(crate) struct Attempts<K> {
    attempts: u32,
    window_seconds: i64,
    keys_max: usize,
    seen: Mutex<HashMap<K, (u32, i64)>>,
}

impl<K: Eq + Hash> Attempts<K> {
    pub(crate) fn new(attempts: u32, window_seconds: i64, keys_max: usize) -> Self {
        Self { attempts, window_seconds, keys_max, seen: Mutex::new(HashMap::new()) }
    }

    /// Counts one attempt; `Err` holds the seconds to wait.
    pub(crate) fn count(&self, key: K, now_ns: i64) -> Result<(), u32> {
        let window = self.window_seconds * NS;
        let mut seen = self.seen.lock();
        if seen.len() >= self.keys_max {
            seen.retain(|_, (_, start)| now_ns.saturating_sub(*start) < window);
        }
        if seen.len() >= self.keys_max && !seen.contains_key(&key) {
            return Err(u32::try_from(self.window_seconds).unwrap_or(u32::MAX));
        }
        let entry = seen.entry(key).or_insert((0, now_ns));
        if now_ns.saturating_sub(entry.1) >= window {
            *entry = (0, now_ns);
        }
        if entry.0 >= self.attempts {
            let left = (entry.1 + window - now_ns) / NS + 1;
            return Err(u32::try_from(left).unwrap_or(u32::MAX));
        }
        entry.0 += 1;
        Ok(())
    }

    /// Forgets a key, after a success.
    pub(crate) fn clear(&self, key: &K) {
        self.seen.lock().remove(key);
    }
}

/// A sum of bytes that may not pass a maximum.
#[derive(Debug)]
pub(crate) struct Budget {
    used: AtomicUsize,
    max: usize,
}

impl Budget {
    pub(crate) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { used: AtomicUsize::new(0), max })
    }

    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// An empty share that can grow.
    pub(crate) fn share(self: &Arc<Self>) -> Share {
        Share { budget: Arc::clone(self), bytes: 0 }
    }
}

/// A part of a [`Budget`], given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Share {
    /// Takes `bytes` more; false when the budget has no room.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let before = self.budget.used.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.budget.max {
            self.budget.used.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        self.bytes += bytes;
        true
    }
}

impl Share {
    /// As [`Share::grow`], but what is alone in the budget may exceed it: it would never fit else.
    pub(crate) fn grow_to_fit(&mut self, bytes: usize) -> bool {
        if self.grow(bytes) {
            return true;
        }
        let alone = self.budget.used.load(Ordering::Relaxed) <= self.bytes;
        if alone {
            self.budget.used.fetch_add(bytes, Ordering::Relaxed);
            self.bytes += bytes;
        }
        alone
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_counted_per_key_and_window() {
        let attempts = Attempts::new(2, 60, 10);
        assert_eq!(attempts.count("a", 0), Ok(()));
        assert_eq!(attempts.count("a", NS), Ok(()));
        assert_eq!(attempts.count("a", 2 * NS), Err(59));
        assert_eq!(attempts.count("b", 2 * NS), Ok(()));
        assert_eq!(attempts.count("a", 60 * NS), Ok(()));
        attempts.clear(&"a");
        assert_eq!(attempts.count("a", 61 * NS), Ok(()));
    }

    #[test]
    fn the_number_of_keys_is_bounded() {
        let attempts = Attempts::new(1, 60, 2);
        for key in ["a", "b"] {
            assert_eq!(attempts.count(key, 0), Ok(()));
        }
        assert_eq!(attempts.count("c", 1), Err(60));
        assert_eq!(attempts.count("c", 61 * NS), Ok(()));
    }

    #[test]
    fn a_budget_never_passes_its_maximum() {
        let budget = Budget::new(10);
        let mut one = budget.share();
        assert!(one.grow(6));
        let mut two = budget.share();
        assert!(!two.grow(5));
        assert!(two.grow(4));
        assert!(!two.grow_to_fit(1), "it is not alone");
        drop(one);
        assert_eq!(budget.used(), 4);
        assert!(two.grow_to_fit(7));
        assert_eq!(budget.used(), 11);
        drop(two);
        assert_eq!(budget.used(), 0);
    }
}
