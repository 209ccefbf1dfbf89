//! What a text is counted by.

use datafusion::arrow::array::StringViewArray;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// Never 0.
pub(super) type Key = u128;

/// The longest text that a view holds itself.
const INLINE_MAX: u128 = 12;
/// In place of the length, for a key with a hash.
const HASHED: u128 = u32::MAX as u128;
/// Of the empty text, whose view is 0. No other view of no bytes has bits behind its length.
const EMPTY: Key = 1 << 127;

static SEEDS: LazyLock<[u64; 3]> = LazyLock::new(|| {
    let random = RandomState::new();
    [random.hash_one(0) | 1, random.hash_one(1) | 1, random.hash_one(2)]
});

/// Makes keys, and spreads them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keyed([u64; 3]);

impl Default for Keyed {
    fn default() -> Self {
        Self(*SEEDS)
    }
}

impl Keyed {
    /// The key of a row that is not NULL and whose view is given.
    #[inline]
    pub(super) fn key(self, texts: &StringViewArray, row: usize, view: u128) -> Key {
        match view & HASHED {
            0 => EMPTY,
            1..=INLINE_MAX => view,
            _ => {
                let Self([_, _, seed]) = self;
                xxh3_128_with_seed(texts.value(row).as_bytes(), seed) | HASHED
            }
        }
    }

    /// 64 bits that depend on all of a key.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "halves of the key, and of a product")]
    pub(super) const fn spread(self, key: Key) -> u64 {
        let Self([low, high, _]) = self;
        let product = ((key as u64 ^ low) as u128) * (((key >> 64) as u64 ^ high) as u128);
        product as u64 ^ (product >> 64) as u64
    }
}
