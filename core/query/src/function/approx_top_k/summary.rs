//! Frequent values of a stream in bounded memory: Filtered Space-Saving (Homem, Carvalho: "Finding
//! top-k elements in data streams", Information Sciences 180, 2010), evicting in portions.
//!
//! Some values are monitored, with a count and an error. The others share cells by their hash; a
//! cell is at least the count of each of its values. A value comes in when its cell says that it
//! may be as frequent as the least frequent monitored one, with the cell as its error. When twice
//! as many as wanted are monitored, the less frequent half is put back into the cells. So
//!
//! - `count - error <= true count <= count` for every monitored value,
//! - `true count <=` its cell for every other one,
//! - nothing is lost, and all is exact, until there are more different values than are monitored.
//!
//! Two summaries of the same size merge by adding: what one of them does not monitor counts there
//! as its cell, which keeps these bounds.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Values monitored for each that is asked for.
const MONITORED_PER_K: usize = 8;
const MONITORED_MIN: usize = 256;
/// Cells for each monitored value.
const CELLS_PER_MONITORED: usize = 8;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frequent<V> {
    pub(super) value: V,
    /// At least how often it came.
    pub(super) count: u64,
    /// At most this much of the count is not its own.
    pub(super) error: u64,
}

/// Values are told apart by 64 bits of hash.
#[derive(Debug)]
pub(super) struct Summary<V> {
    /// Values that stay when some are evicted; up to twice as many are monitored.
    kept: usize,
    monitored: HashMap<u64, Frequent<V>, BuildHasherDefault<Hashed>>,
    /// By the upper bits of the hash; empty until values are evicted for the first time.
    cells: Vec<u64>,
    /// The largest count that was evicted last.
    evicted_count: u64,
}

/// Takes a hash as it is.
#[derive(Clone, Copy, Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = self.0.rotate_left(8) ^ hash;
    }
}

impl<V> Summary<V> {
    /// To find the `k` most frequent values.
    pub(super) fn new(k: usize) -> Self {
        let kept = (MONITORED_PER_K * k).max(MONITORED_MIN);
        Self { kept, monitored: HashMap::default(), cells: Vec::new(), evicted_count: 0 }
    }

    pub(super) fn add(&mut self, hash: u64, value: impl FnOnce() -> V) {
        if let Some(found) = self.monitored.get_mut(&hash) {
            found.count += 1;
            return;
        }
        let evicted_count = self.evicted_count;
        let error = match self.cell(hash) {
            Some(cell) if *cell < evicted_count => {
                *cell += 1;
                return;
            }
            Some(cell) => *cell,
            None => 0,
        };
        self.monitored.insert(hash, Frequent { value: value(), count: error + 1, error });
        self.evict();
    }

    fn cell(&mut self, hash: u64) -> Option<&mut u64> {
        let at = cell_of(hash, self.cells.len());
        self.cells.get_mut(at)
    }

    /// Puts the less frequent values back into the cells when too many are monitored.
    fn evict(&mut self) {
        if self.monitored.len() < 2 * self.kept {
            return;
        }
        let mut counts: Vec<u64> = self.monitored.values().map(|frequent| frequent.count).collect();
        let (_, largest, _) = counts.select_nth_unstable_by(self.kept, |a, b| b.cmp(a));
        let largest = *largest;
        if self.cells.is_empty() {
            self.cells = vec![0; cells(self.kept)];
        }
        let length = self.cells.len();
        let cells = &mut self.cells;
        self.monitored.retain(|hash, frequent| {
            let stays = frequent.count > largest;
            if let (false, Some(cell)) = (stays, cells.get_mut(cell_of(*hash, length))) {
                *cell = (*cell).max(frequent.count);
            }
            stays
        });
        self.evicted_count = largest;
    }

    /// The cells; none while nothing was evicted.
    pub(super) fn cells(&self) -> &[u64] {
        &self.cells
    }

    /// Adds another summary: what it monitors, with hashes, and its cells. False when that is none
    /// of the same size.
    pub(super) fn merge(&mut self, monitored: impl Iterator<Item = (u64, Frequent<V>)>, other: &[u64]) -> bool {
        if !other.is_empty() && other.len() != cells(self.kept) {
            return false;
        }
        let in_other = |hash| other.get(cell_of(hash, other.len())).copied().unwrap_or(0);
        // those of the other one are corrected below
        for (hash, mine) in &mut self.monitored {
            mine.count += in_other(*hash);
            mine.error += in_other(*hash);
        }
        for (hash, theirs) in monitored {
            if let Some(mine) = self.monitored.get_mut(&hash) {
                mine.count = (mine.count + theirs.count).saturating_sub(in_other(hash));
                mine.error = (mine.error + theirs.error).saturating_sub(in_other(hash));
            } else {
                let cell = self.cell(hash).map_or(0, |cell| *cell);
                let (count, error) = (theirs.count + cell, theirs.error + cell);
                self.monitored.insert(hash, Frequent { value: theirs.value, count, error });
            }
        }
        if self.cells.is_empty() {
            self.cells = other.to_vec();
        } else {
            self.cells.iter_mut().zip(other).for_each(|(mine, theirs)| *mine += theirs);
        }
        self.evict();
        true
    }

    pub(super) fn monitored(&self) -> impl ExactSizeIterator<Item = &Frequent<V>> {
        self.monitored.values()
    }

    /// Bytes on the heap, without those of the values.
    pub(super) fn heap_bytes(&self) -> usize {
        self.monitored.capacity() * (size_of::<(u64, Frequent<V>)>() + 1) + self.cells.capacity() * size_of::<u64>()
    }
}

fn cells(kept: usize) -> usize {
    (CELLS_PER_MONITORED * kept).next_power_of_two()
}

/// Of `cells`, a power of two: the table of monitored values uses the lower bits.
fn cell_of(hash: u64, cells: usize) -> usize {
    let bits = cells.checked_ilog2().unwrap_or(0);
    usize::try_from(hash.checked_shr(64 - bits).unwrap_or(0)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
