//! Numbers as integers of the same order, and a histogram of them with a bounded relative error.
//!
//! The buckets are those of `DDSketch` (Masson, Rim, Lee: "`DDSketch`: A Fast and Fully-Mergeable
//! Quantile Sketch with Relative-Error Guarantees", VLDB 2019, arXiv 1908.10693), with a mapping
//! that needs no logarithm: a bucket is the sign, the exponent and the first six bits of the
//! mantissa of an IEEE 754 double. Every power of two is cut into 64 buckets of equal width, so the
//! middle of a bucket is at most `(1/128) / 1 = 0.78 %` away from each of its numbers. Numbers
//! nearer to zero than 2.2e-308 (subnormals) are the exception: their error is absolute, at most
//! 2^-1028.

use datafusion::common::{Result, exec_err};

/// Mantissa bits of a double that do not tell buckets apart.
const IGNORED_BITS: u32 = 46;
/// Buckets of one power of two.
const BUCKETS: usize = 64;
const OCTAVE_BITS: u32 = 52;
const NAN: u64 = 0x7ff8_0000_0000_0000;
const INFINITE: i64 = 2047 << 6;
const NEGATIVE_INFINITE: i64 = -INFINITE - 1;

/// An integer of the same order: `key(a) < key(b)` when `a < b`. -0 is 0, and every NaN is one
/// above +∞, as `ORDER BY` has it.
pub(super) fn key(value: f64) -> i64 {
    let bits = if value.is_nan() { NAN } else { (value + 0.0).to_bits() };
    swap(bits.cast_signed())
}

/// The number of a key.
pub(super) fn value(key: i64) -> f64 {
    f64::from_bits(swap(key).cast_unsigned())
}

/// Of negative doubles larger bits mean smaller numbers.
const fn swap(bits: i64) -> i64 {
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

/// Counts of numbers by bucket.
///
/// A page counts the 64 buckets of one power of two, so only powers that occur take memory: 256
/// bytes each, at most 4096 of them. A count stops at 2^32 - 1.
///
/// As bytes, little endian, pages ascending:
///
/// | bytes | |
/// |---|---|
/// | 8 | smallest key |
/// | 8 | largest key |
/// | 2 | page: sign and exponent |
/// | 8 | bit `i` set: bucket `i` of the page is not empty |
/// | 1-5 each | counts of those buckets, LEB128 |
/// | … | further pages |
#[derive(Debug, Default)]
pub(super) struct Histogram {
    pages: Vec<[u32; BUCKETS]>,
    /// The page of power `first + i`, plus one, or 0.
    directory: Vec<u16>,
    first: i64,
    count: u64,
    min: i64,
    max: i64,
}

impl Histogram {
    /// Numbers in it, as their keys.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn add(&mut self, keys: &[i64]) {
        let (Some(min), Some(max)) = (keys.iter().min(), keys.iter().max()) else { return };
        self.widen(*min, *max);
        for key in keys {
            if let Some(bucket) = self.bucket(key >> IGNORED_BITS) {
                *bucket = bucket.saturating_add(1);
            }
        }
        self.count = self.count.saturating_add(keys.len() as u64);
    }

    /// Makes the directory reach from one key to the other.
    fn widen(&mut self, min: i64, max: i64) {
        let (low, high) = (min >> OCTAVE_BITS, max >> OCTAVE_BITS);
        if self.directory.is_empty() {
            (self.first, self.min, self.max) = (low, min, max);
        }
        let missing = usize::try_from(self.first - low).unwrap_or(0);
        if missing > 0 {
            self.directory.splice(0..0, std::iter::repeat_n(0, missing));
            self.first = low;
        }
        let length = usize::try_from(high - self.first + 1).unwrap_or(0);
        if length > self.directory.len() {
            self.directory.resize(length, 0);
        }
        self.min = self.min.min(min);
        self.max = self.max.max(max);
    }

    /// The count of a bucket, which is sign, exponent and first bits of the mantissa.
    fn bucket(&mut self, bucket: i64) -> Option<&mut u32> {
        let octave = usize::try_from((bucket >> 6) - self.first).ok()?;
        let slot = self.directory.get_mut(octave)?;
        if *slot == 0 {
            self.pages.push([0; BUCKETS]);
            *slot = u16::try_from(self.pages.len()).ok()?;
        }
        let page = self.pages.get_mut(usize::from(*slot) - 1)?;
        page.get_mut(usize::try_from(bucket & 63).ok()?)
    }

    /// Pages ascending, with sign and exponent.
    fn pages(&self) -> impl Iterator<Item = (i64, &[u32; BUCKETS])> {
        (self.first..)
            .zip(&self.directory)
            .filter_map(|(octave, slot)| Some((octave, self.pages.get(usize::from(*slot).checked_sub(1)?)?)))
    }

    /// To look up ranks in it.
    pub(super) fn ranked(&self) -> Ranked<'_> {
        let total = |page: &[u32; BUCKETS]| page.iter().map(|count| u64::from(*count)).sum();
        let pages = self.pages().map(|(octave, page)| (octave, page, total(page))).collect();
        Ranked { histogram: self, pages }
    }

    /// The middle of a bucket, but no number outside of what was added.
    fn estimate(&self, bucket: i64) -> f64 {
        let start = bucket << IGNORED_BITS;
        let middle = match bucket {
            0 | INFINITE => start,
            NEGATIVE_INFINITE => start | ((1 << IGNORED_BITS) - 1),
            _ => start | 1 << (IGNORED_BITS - 1),
        };
        value(middle.clamp(self.min, self.max))
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.pages.capacity() * size_of::<[u32; BUCKETS]>() + self.directory.capacity() * size_of::<u16>()
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.min.to_le_bytes());
        to.extend_from_slice(&self.max.to_le_bytes());
        for (octave, page) in self.pages() {
            let set = page.iter().rev().fold(0_u64, |set, count| set << 1 | u64::from(*count > 0));
            to.extend_from_slice(&i16::try_from(octave).unwrap_or_default().to_le_bytes());
            to.extend_from_slice(&set.to_le_bytes());
            for count in page.iter().filter(|count| **count > 0) {
                let mut rest = *count;
                while rest >= 0x80 {
                    to.push(rest.to_le_bytes()[0] | 0x80);
                    rest >>= 7;
                }
                to.push(rest.to_le_bytes()[0]);
            }
        }
    }

    /// Adds what [`Self::write`] has written.
    pub(super) fn merge(&mut self, bytes: &[u8]) -> Result<()> {
        match self.try_merge(bytes) {
            Some(()) => Ok(()),
            None => exec_err!("a quantile sketch of {} bytes is damaged", bytes.len()),
        }
    }

    fn try_merge(&mut self, bytes: &[u8]) -> Option<()> {
        let (min, bytes) = bytes.split_first_chunk::<8>()?;
        let (max, mut bytes) = bytes.split_first_chunk::<8>()?;
        let (min, max) = (i64::from_le_bytes(*min), i64::from_le_bytes(*max));
        if min > max {
            return None;
        }
        self.widen(min, max);
        while !bytes.is_empty() {
            let (octave, rest) = bytes.split_first_chunk::<2>()?;
            let (set, rest) = rest.split_first_chunk::<8>()?;
            bytes = rest;
            let (octave, mut set) = (i64::from(i16::from_le_bytes(*octave)), u64::from_le_bytes(*set));
            while set != 0 {
                let count = leb128(&mut bytes)?;
                let bucket = self.bucket(octave << 6 | i64::from(set.trailing_zeros()))?;
                *bucket = bucket.saturating_add(count);
                self.count = self.count.saturating_add(u64::from(count));
                set &= set - 1;
            }
        }
        Some(())
    }
}

/// A histogram with the sums that ranks are found by.
pub(super) struct Ranked<'a> {
    histogram: &'a Histogram,
    /// Sign and exponent, counts, and their sum, ascending.
    pages: Vec<(i64, &'a [u32; BUCKETS], u64)>,
}

impl Ranked<'_> {
    /// The estimates of the numbers of rank `rank` and `rank + 1`, counted from 0. The smallest
    /// and the largest number are exact.
    pub(super) fn neighbours(&self, rank: u64) -> (f64, f64) {
        let (min, max) = (value(self.histogram.min), value(self.histogram.max));
        let last = self.histogram.count.saturating_sub(1);
        if rank >= last {
            return (max, max);
        }
        let (found, end) = if rank == 0 { (min, 1) } else { self.at_rank(rank) };
        let next = match rank + 1 {
            next if next == last => max,
            next if next < end => found,
            next => self.at_rank(next).0,
        };
        (found, next)
    }

    /// An estimate of the number of this rank, and how many numbers are up to the end of its bucket.
    fn at_rank(&self, rank: u64) -> (f64, u64) {
        let mut before = 0_u64;
        for (octave, page, total) in &self.pages {
            if before + total <= rank {
                before += total;
                continue;
            }
            for (bucket, count) in (octave << 6..).zip(*page) {
                before += u64::from(*count);
                if before > rank {
                    return (self.histogram.estimate(bucket), before);
                }
            }
        }
        (value(self.histogram.max), u64::MAX)
    }
}

fn leb128(bytes: &mut &[u8]) -> Option<u32> {
    let mut value = 0_u32;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests;
