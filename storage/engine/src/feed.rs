//! Rows as they become visible, for those who follow a table.
//!
//! Nobody who follows has a queue of his own: all read one ring of the last batches of a table, each
//! from his own place, so the memory is the same for one and for a hundred, and who is too slow
//! learns how many rows he missed. Without followers an append costs one atomic load.
//!
//! A ring outlives its last follower for a minute, so that one who comes back after a broken
//! connection goes on where he was.

use crate::memtable::Key;
use arrow_array::RecordBatch;
use lincei_model::{Table, TenantId};
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// Bytes of batches in one ring; the newest batch stays however large it is.
const RING_BYTES_MAX: usize = 16 << 20;
/// How long a ring without followers is kept.
const IDLE_NS: i64 = 60_000_000_000;

/// A place in a table's stream of new rows. As text it is `<ring>-<row>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedPosition {
    ring: i64,
    row: u64,
}

impl fmt::Display for FeedPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ring, self.row)
    }
}

impl FromStr for FeedPosition {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (ring, row) = text.split_once('-').unwrap_or((text, ""));
        Ok(Self { ring: ring.parse()?, row: row.parse()? })
    }
}

/// What a follower gets next.
#[derive(Clone, Debug, PartialEq)]
pub enum FeedItem {
    /// New rows of the table, synced and visible, and the place behind them.
    Rows(RecordBatch, FeedPosition),
    /// Rows that are no longer held; `None` where not even their number is known.
    Missed(Option<u64>),
}

struct Entry {
    /// Rows of the ring before this batch.
    first: u64,
    batch: RecordBatch,
    bytes: usize,
}

struct Ring {
    /// When it was made: tells rings of one table apart.
    id: i64,
    entries: VecDeque<Entry>,
    bytes: usize,
    followers: usize,
    /// Since when nobody follows.
    idle_since_ns: Option<i64>,
    /// Rows published so far.
    rows: watch::Sender<u64>,
}

impl Ring {
    fn new(id: i64) -> Self {
        let rows = watch::Sender::new(0);
        Self { id, entries: VecDeque::new(), bytes: 0, followers: 0, idle_since_ns: Some(id), rows }
    }

    fn is_over(&self, now_ns: i64) -> bool {
        self.followers == 0 && self.idle_since_ns.is_none_or(|since| now_ns.saturating_sub(since) > IDLE_NS)
    }

    fn push(&mut self, batch: RecordBatch) {
        let bytes = batch.get_array_memory_size();
        let (first, rows) = (*self.rows.borrow(), batch.num_rows() as u64);
        self.bytes += bytes;
        self.entries.push_back(Entry { first, batch, bytes });
        while self.bytes > RING_BYTES_MAX && self.entries.len() > 1 {
            self.bytes -= self.entries.pop_front().map_or(0, |entry| entry.bytes);
        }
        self.rows.send_replace(first + rows);
    }

    /// What stands at `row`; `None` when it is yet to come.
    fn at(&self, row: u64) -> Option<FeedItem> {
        let newest = *self.rows.borrow();
        if row >= newest {
            return None;
        }
        let oldest = self.entries.front().map_or(newest, |entry| entry.first);
        if row < oldest {
            return Some(FeedItem::Missed(Some(oldest - row)));
        }
        let index = self.entries.partition_point(|entry| entry.first <= row).checked_sub(1)?;
        let entry = self.entries.get(index)?;
        let skip = usize::try_from(row - entry.first).unwrap_or(usize::MAX).min(entry.batch.num_rows());
        let batch = entry.batch.slice(skip, entry.batch.num_rows() - skip);
        let behind = FeedPosition { ring: self.id, row: row + batch.num_rows() as u64 };
        Some(FeedItem::Rows(batch, behind))
    }
}

/// The rings of all tables.
#[derive(Default)]
pub(crate) struct Feed {
    is_watched: AtomicBool,
    rings: Mutex<HashMap<Key, Ring>>,
}

impl Feed {
    /// Whether [`Feed::publish`] has to be called at all.
    pub(crate) fn is_watched(&self) -> bool {
        self.is_watched.load(Ordering::Acquire)
    }

    /// Adds rows that just became visible.
    pub(crate) fn publish(&self, batches: Vec<(Key, RecordBatch)>, now_ns: i64) {
        let mut rings = self.rings.lock();
        self.forget(&mut rings, now_ns);
        for (key, batch) in batches {
            if let Some(ring) = rings.get_mut(&key) {
                ring.push(batch);
            }
        }
    }

    fn forget(&self, rings: &mut HashMap<Key, Ring>, now_ns: i64) {
        rings.retain(|_, ring| !ring.is_over(now_ns));
        self.is_watched.store(!rings.is_empty(), Ordering::Release);
    }

    /// Follows a table from now on, or from where it was left.
    pub(crate) fn follow(
        self: &Arc<Self>,
        tenant: &TenantId,
        table: Table,
        from: Option<FeedPosition>,
        now_ns: i64,
    ) -> Subscription {
        let key = (tenant.clone(), table);
        let mut rings = self.rings.lock();
        self.forget(&mut rings, now_ns);
        let ring = rings.entry(key.clone()).or_insert_with(|| Ring::new(now_ns));
        ring.followers += 1;
        ring.idle_since_ns = None;
        let rows = ring.rows.subscribe();
        let newest = *rows.borrow();
        let known = from.filter(|from| from.ring == ring.id && from.row <= newest);
        let subscription = Subscription {
            feed: Arc::clone(self),
            key,
            ring: ring.id,
            row: known.map_or(newest, |from| from.row),
            gap: from.is_some() && known.is_none(),
            left_ns: now_ns,
            rows,
        };
        self.is_watched.store(true, Ordering::Release);
        subscription
    }
}

/// Somebody who follows a table.
pub struct Subscription {
    feed: Arc<Feed>,
    key: Key,
    ring: i64,
    row: u64,
    /// The place asked for is not known any more.
    gap: bool,
    /// When a drop counts as having happened.
    left_ns: i64,
    rows: watch::Receiver<u64>,
}

impl Subscription {
    /// Where it stands.
    #[must_use]
    pub const fn position(&self) -> FeedPosition {
        FeedPosition { ring: self.ring, row: self.row }
    }

    /// Waits for what comes next. Nothing is lost when the future is dropped before it is ready.
    pub async fn next(&mut self) -> FeedItem {
        loop {
            if let Some(item) = self.try_next() {
                return item;
            }
            // the sender lives as long as the ring, which lives as long as its followers
            let row = self.row;
            let _ = self.rows.wait_for(|rows| *rows > row).await;
        }
    }

    /// What is there already.
    pub fn try_next(&mut self) -> Option<FeedItem> {
        if std::mem::take(&mut self.gap) {
            return Some(FeedItem::Missed(None));
        }
        let rings = self.feed.rings.lock();
        let item = rings.get(&self.key)?.at(self.row)?;
        match &item {
            FeedItem::Rows(_, behind) => self.row = behind.row,
            FeedItem::Missed(missed) => self.row += missed.unwrap_or(0),
        }
        Some(item)
    }

    /// Tells what time it is, for how long the place is kept once this is dropped.
    pub const fn tick(&mut self, now_ns: i64) {
        self.left_ns = now_ns;
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(ring) = self.feed.rings.lock().get_mut(&self.key) {
            ring.followers = ring.followers.saturating_sub(1);
            ring.idle_since_ns = Some(self.left_ns);
        }
    }
}

#[cfg(test)]
mod tests;
