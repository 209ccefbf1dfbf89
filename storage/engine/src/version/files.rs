use crate::live_file::LiveFile;
use crate::memtable::Key;
use lincei_catalog::DataFile;
use lincei_model::TimeRange;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use ulid::Ulid;

/// The live files, found by table and time.
#[derive(Debug, Default)]
pub(super) struct Files {
    tables: HashMap<Key, TableFiles>,
    count: usize,
    bytes: u64,
}

#[derive(Debug, Default)]
struct TableFiles {
    /// By least time, then id.
    by_start: Vec<Arc<LiveFile>>,
    /// No file spans more time than this. Only grows: files are of one hour each, so it has its
    /// final value early.
    span_max_ns: i64,
}

fn order(file: &DataFile) -> (i64, Ulid) {
    (file.min_time_ns, file.id)
}

impl Files {
    pub(super) fn new(files: Vec<DataFile>) -> Self {
        let mut this = Self::default();
        this.add(files);
        this
    }

    pub(super) fn add(&mut self, files: Vec<DataFile>) {
        for file in files {
            self.count += 1;
            self.bytes += file.bytes;
            let table = self.tables.entry((file.tenant.clone(), file.table)).or_default();
            table.span_max_ns = table.span_max_ns.max(file.max_time_ns.saturating_sub(file.min_time_ns));
            let at = table.by_start.partition_point(|f| order(f) < order(&file));
            table.by_start.insert(at, Arc::new(LiveFile::new(file)));
        }
    }

    pub(super) fn remove(&mut self, ids: &[Ulid]) -> Vec<Arc<LiveFile>> {
        let ids: HashSet<_> = ids.iter().collect();
        let mut removed = Vec::with_capacity(ids.len());
        if ids.is_empty() {
            return removed;
        }
        for table in self.tables.values_mut() {
            removed.extend(table.by_start.extract_if(.., |f| ids.contains(&f.id)));
        }
        self.tables.retain(|_, table| !table.by_start.is_empty());
        self.count -= removed.len();
        self.bytes -= removed.iter().map(|f| f.bytes).sum::<u64>();
        removed
    }

    /// The files that can have a row inside `range`, and how many others the table has.
    pub(super) fn select(&self, key: &Key, range: &TimeRange) -> (Vec<Arc<LiveFile>>, usize) {
        let Some(table) = self.tables.get(key) else { return (Vec::new(), 0) };
        let earliest = range.start_ns.saturating_sub(table.span_max_ns);
        let from = table.by_start.partition_point(|f| f.min_time_ns < earliest);
        let candidates = table.by_start.iter().skip(from).take_while(|f| f.min_time_ns < range.end_ns);
        let hits: Vec<_> = candidates.filter(|f| range.overlaps(f.min_time_ns, f.max_time_ns)).cloned().collect();
        let pruned = table.by_start.len() - hits.len();
        (hits, pruned)
    }

    pub(super) fn all(&self) -> Vec<Arc<LiveFile>> {
        self.tables.values().flat_map(|t| t.by_start.iter().cloned()).collect()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.tables.keys()
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

#[cfg(test)]
mod tests;
