//! Rows that are durable in the log and not yet in Parquet.
//!
//! Rows are kept per tenant and table as batches by size: fewer than 16 rows, fewer than 256,
//! fewer than 4096, and full. Sixteen batches of one size are merged into one of a larger size, so
//! a row is copied at most three times, and n appends of one row each leave at most 45 batches and
//! one more per 4096 rows.

use crate::buffers::compact_records;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use arrow_select::concat::concat_batches;
use lincei_model::{Batch, Table, TenantId, TimeRange};
use std::collections::HashMap;

/// Batches of one size that are merged.
const FAN_IN: usize = 16;
/// Bytes from which a batch is never merged again: what a client sends in batches of its own is not
/// copied.
const FULL_BYTES: usize = 256 << 10;
/// Sizes below "full", which is 16³ rows.
const SIZES: usize = 3;

/// A table of a tenant.
pub(crate) type Key = (TenantId, Table);

/// Rows with the least and greatest of their times.
#[derive(Clone, Debug)]
pub(crate) struct MemBatch {
    pub(crate) records: RecordBatch,
    min_ns: i64,
    max_ns: i64,
    bytes: usize,
}

impl MemBatch {
    /// `None` for no rows.
    pub(crate) fn new(batch: Batch) -> Option<Self> {
        let (min_ns, max_ns) = batch.time_bounds()?;
        let records = batch.into_records();
        let bytes = records.get_array_memory_size();
        Some(Self { records, min_ns, max_ns, bytes })
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    fn rows(&self) -> usize {
        self.records.num_rows()
    }

    /// Which batches this one may be merged with, `None` when it is full.
    fn size(&self) -> Option<usize> {
        if self.bytes >= FULL_BYTES {
            return None;
        }
        (0..SIZES).find(|size| self.rows() < FAN_IN.pow(*size as u32 + 1))
    }
}

#[derive(Debug, Default)]
struct TableRows {
    by_size: [Vec<MemBatch>; SIZES],
    full: Vec<MemBatch>,
}

impl TableRows {
    fn batches(&self) -> impl Iterator<Item = &MemBatch> {
        self.full.iter().chain(self.by_size.iter().flatten())
    }
}

/// Batches that are due for a merge.
pub(crate) struct Crowd {
    key: Key,
    size: usize,
    batches: Vec<MemBatch>,
}

impl Crowd {
    /// One batch with the rows of all.
    pub(crate) fn merge(&self) -> Result<MemBatch, ArrowError> {
        let schema = self.key.1.schema();
        let merged = concat_batches(&schema, self.batches.iter().map(|b| &b.records))?;
        let records = compact_records(merged)?;
        let min_ns = self.batches.iter().map(|b| b.min_ns).min().unwrap_or(i64::MAX);
        let max_ns = self.batches.iter().map(|b| b.max_ns).max().unwrap_or(i64::MIN);
        let bytes = records.get_array_memory_size();
        Ok(MemBatch { records, min_ns, max_ns, bytes })
    }
}

/// All rows that came between two freezes.
#[derive(Debug, Default)]
pub(crate) struct Generation {
    tables: HashMap<Key, TableRows>,
    crowded: Vec<(Key, usize)>,
    rows: usize,
    bytes: usize,
    /// When the first row came.
    since_ns: Option<i64>,
}

impl Generation {
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn since_ns(&self) -> Option<i64> {
        self.since_ns
    }

    pub(crate) fn push(&mut self, tenant: &TenantId, table: Table, batch: MemBatch, now_ns: i64) {
        self.since_ns.get_or_insert(now_ns);
        self.rows += batch.rows();
        self.bytes += batch.bytes;
        let key = (tenant.clone(), table);
        self.place(&key, batch);
    }

    fn place(&mut self, key: &Key, batch: MemBatch) {
        let rows = self.tables.entry(key.clone()).or_default();
        let Some((size, peers)) = batch.size().and_then(|s| rows.by_size.get_mut(s).map(|peers| (s, peers))) else {
            rows.full.push(batch);
            return;
        };
        peers.push(batch);
        if peers.len() == FAN_IN {
            self.crowded.push((key.clone(), size));
        }
    }

    /// The next batches to merge. Nothing else changes this generation until they are put back
    /// with [`Generation::replace`] or [`Generation::give_up`].
    pub(crate) fn next_crowd(&mut self) -> Option<Crowd> {
        let (key, size) = self.crowded.pop()?;
        let peers = self.tables.get(&key)?.by_size.get(size)?;
        let mut bytes = 0;
        let fits = |batch: &&MemBatch| {
            bytes += batch.bytes;
            bytes <= FAN_IN * FULL_BYTES
        };
        let batches: Vec<_> = peers.iter().take_while(fits).cloned().collect();
        Some(Crowd { key, size, batches })
    }

    /// Puts the merged rows in place of the crowd; returns how many bytes became free.
    pub(crate) fn replace(&mut self, crowd: &Crowd, merged: MemBatch) -> usize {
        let before: usize = crowd.batches.iter().map(|b| b.bytes).sum();
        let freed = before.saturating_sub(merged.bytes);
        self.bytes -= freed;
        self.take(crowd);
        self.place(&crowd.key, merged);
        freed
    }

    /// Keeps a crowd that cannot be merged as it is.
    pub(crate) fn give_up(&mut self, crowd: &Crowd) {
        let batches = self.take(crowd);
        if let Some(rows) = self.tables.get_mut(&crowd.key) {
            rows.full.extend(batches);
        }
    }

    fn take(&mut self, crowd: &Crowd) -> Vec<MemBatch> {
        let Some(peers) = self.tables.get_mut(&crowd.key).and_then(|rows| rows.by_size.get_mut(crowd.size)) else {
            return Vec::new();
        };
        let taken = peers.drain(..crowd.batches.len().min(peers.len())).collect();
        if peers.len() >= FAN_IN {
            self.crowded.push((crowd.key.clone(), crowd.size));
        }
        taken
    }

    /// Adds the batches of a table that can have a row inside `range`.
    pub(crate) fn collect(&self, key: &Key, range: &TimeRange, out: &mut Vec<RecordBatch>) {
        let Some(rows) = self.tables.get(key) else { return };
        let hits = rows.batches().filter(|b| range.overlaps(b.min_ns, b.max_ns));
        out.extend(hits.map(|b| b.records.clone()));
    }

    /// Every table that has rows, with all of them, in a fixed order.
    pub(crate) fn tables(&self) -> Vec<(Key, Vec<RecordBatch>)> {
        let mut tables: Vec<_> = self
            .tables
            .iter()
            .map(|(key, rows)| (key.clone(), rows.batches().map(|b| b.records.clone()).collect()))
            .collect();
        tables.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        tables
    }

    /// Rows and batches of a table.
    pub(crate) fn count(&self, key: &Key) -> (usize, usize) {
        self.tables.get(key).map_or((0, 0), |rows| rows.batches().fold((0, 0), |(r, b), x| (r + x.rows(), b + 1)))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.tables.keys()
    }
}

#[cfg(test)]
mod tests;
