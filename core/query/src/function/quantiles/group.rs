//! The numbers of one group, and of many.

use super::select::Quantiles;
use super::sketch::Histogram;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::logical_expr::EmitTo;

/// A group with more numbers than this is answered from a histogram: 4 KiB, about what a histogram
/// of times takes.
pub(super) const EXACT_MAX: usize = 512;

/// Numbers as keys until there are more than [`EXACT_MAX`], then a histogram and what is not in it
/// yet. Whether there is one depends on how many numbers there were in all, not on their order or
/// in how many parts they came.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) keys: Vec<i64>,
    pub(super) histogram: Option<Box<Histogram>>,
}

/// Whether groups keep all of their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Exact,
    Sketch,
}

impl Group {
    #[inline]
    pub(super) fn push(&mut self, kind: Kind, key: i64) {
        if self.keys.len() == self.keys.capacity() {
            self.make_room(kind);
        }
        self.keys.push(key);
    }

    #[cold]
    fn make_room(&mut self, kind: Kind) {
        match (kind, self.keys.len()) {
            (Kind::Sketch, EXACT_MAX..) => self.fold(),
            (_, length) => self.keys.reserve_exact(length.max(4)),
        }
    }

    pub(super) fn extend(&mut self, kind: Kind, keys: &[i64]) {
        if kind == Kind::Sketch && self.keys.len() + keys.len() > EXACT_MAX {
            self.fold();
            self.histogram.get_or_insert_default().add(keys);
        } else {
            self.keys.extend_from_slice(keys);
        }
    }

    pub(super) fn merge(&mut self, histogram: &[u8]) -> Result<()> {
        self.histogram.get_or_insert_default().merge(histogram)
    }

    fn fold(&mut self) {
        self.histogram.get_or_insert_default().add(&self.keys);
        self.keys.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.histogram.is_none()
    }

    /// Appends the quantiles, NaN if there are no numbers.
    pub(super) fn evaluate(&mut self, quantiles: &Quantiles, to: &mut Vec<f64>) {
        match &mut self.histogram {
            Some(histogram) => {
                histogram.add(&self.keys);
                self.keys.clear();
                quantiles.estimate(histogram, to);
            }
            None => quantiles.select(&mut self.keys, to),
        }
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        let histogram = self.histogram.as_ref().map_or(0, |h| size_of::<Histogram>() + h.heap_bytes());
        self.keys.capacity() * size_of::<i64>() + histogram
    }
}

#[derive(Debug)]
pub(super) struct Groups {
    kind: Kind,
    groups: Vec<Group>,
    heap_bytes: usize,
}

impl Groups {
    pub(super) const fn new(kind: Kind) -> Self {
        Self { kind, groups: Vec::new(), heap_bytes: 0 }
    }

    /// Makes this many groups.
    pub(super) fn resize(&mut self, groups: usize) {
        self.groups.resize_with(groups.max(self.groups.len()), Group::default);
    }

    #[inline]
    pub(super) fn push(&mut self, group: usize, key: i64) {
        let Some(group) = self.groups.get_mut(group) else { return };
        if group.keys.len() < group.keys.capacity() {
            group.keys.push(key);
        } else {
            let before = group.heap_bytes();
            group.push(self.kind, key);
            self.heap_bytes = (self.heap_bytes + group.heap_bytes()).saturating_sub(before);
        }
    }

    /// Adds a state: keys and the bytes of a histogram.
    pub(super) fn merge(&mut self, group: usize, keys: &[i64], histogram: Option<&[u8]>) -> Result<()> {
        let group = self.groups.get_mut(group).ok_or_else(|| exec_datafusion_err!("there is no group {group}"))?;
        let before = group.heap_bytes();
        group.extend(self.kind, keys);
        let merged = histogram.map_or(Ok(()), |histogram| group.merge(histogram));
        self.heap_bytes = (self.heap_bytes + group.heap_bytes()).saturating_sub(before);
        merged
    }

    /// Removes the first groups; the others move up.
    pub(super) fn take(&mut self, emit: EmitTo) -> Vec<Group> {
        let taken = emit.take_needed(&mut self.groups);
        let bytes: usize = taken.iter().map(Group::heap_bytes).sum();
        self.heap_bytes = self.heap_bytes.saturating_sub(bytes);
        taken
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.groups.capacity() * size_of::<Group>() + self.heap_bytes
    }
}
