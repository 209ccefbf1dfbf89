use super::key::Key;
use super::keys::{Finder, Keys};
use datafusion::logical_expr::EmitTo;

/// The sets of many groups.
#[derive(Debug, Default)]
pub(super) struct Groups {
    sets: Vec<Keys>,
    finder: Finder,
    heap_bytes: usize,
}

impl Groups {
    pub(super) const fn finder(&mut self) -> &mut Finder {
        &mut self.finder
    }

    /// Makes this many groups.
    pub(super) fn resize(&mut self, groups: usize) {
        self.sets.resize_with(groups.max(self.sets.len()), Keys::default);
    }

    #[inline]
    pub(super) fn push(&mut self, group: usize, key: Key) {
        if let Some(set) = self.sets.get_mut(group) {
            self.heap_bytes += set.push(key, &mut self.finder);
        }
    }

    /// Removes the first groups; the others move up.
    pub(super) fn take(&mut self, emit: EmitTo) -> Vec<Keys> {
        let taken = emit.take_needed(&mut self.sets);
        self.heap_bytes = self.sets.iter().map(Keys::heap_bytes).sum();
        taken
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.sets.capacity() * size_of::<Keys>() + self.heap_bytes + self.finder.heap_bytes()
    }
}
