//! Memory of queries: each has a bound of its own, shared fairly among its operators, below a
//! bound for all queries together. An operator that can spill does so when it is refused more.
//!
//! All queries of one user get three quarters of the whole at most, and the last eighth is for queries
//! that hold little, so that whoever holds much keeps nobody from asking something small.
//!
//! Not all memory is reserved: batches between operators, and pages that their rows keep alive, are
//! not. When the process has more than it may have, queries that hold much do without as much of
//! theirs ([`SharedMemory::set_excess`]): they spill, wait or fail.

mod size;

pub(crate) use size::{batch_bytes, without_waste};

use crate::error::{Limit, QueryError};
use datafusion::common::{Result, resources_err};
use datafusion::execution::memory_pool::{FairSpillPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

/// Bytes reserved by all queries together.
#[derive(Debug)]
pub(crate) struct SharedMemory {
    used: AtomicUsize,
    bytes_max: usize,
    /// What the process has above its budget.
    excess: AtomicUsize,
    /// What each user with a query holds.
    users: Mutex<HashMap<String, Weak<AtomicUsize>>>,
}

impl SharedMemory {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { used: AtomicUsize::new(0), bytes_max, excess: AtomicUsize::new(0), users: Mutex::default() }
    }

    /// From now on queries that hold much get so many bytes less, all together.
    pub(crate) fn set_excess(&self, bytes: usize) {
        self.excess.store(bytes, Ordering::Relaxed);
    }

    /// Bytes that all queries of a user hold.
    fn user(&self, name: &str) -> Arc<AtomicUsize> {
        let mut users = self.users.lock();
        if let Some(user) = users.get(name).and_then(Weak::upgrade) {
            return user;
        }
        users.retain(|_, user| user.strong_count() > 0);
        let user = Arc::default();
        users.insert(name.to_owned(), Arc::downgrade(&user));
        user
    }

    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    fn grow(&self, bytes: usize) {
        self.used.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether a query that holds so much may have of the last eighth.
    const fn is_small(&self, bytes: usize) -> bool {
        bytes <= self.bytes_max / 16
    }

    fn try_grow(&self, bytes: usize, is_small: bool) -> bool {
        let excess = self.excess.load(Ordering::Relaxed);
        let for_large = (self.bytes_max - self.bytes_max / 8).saturating_sub(excess);
        let bound = if is_small { self.bytes_max } else { for_large };
        grow_below(&self.used, bytes, bound)
    }

    fn shrink(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

fn grow_below(used: &AtomicUsize, bytes: usize, bound: usize) -> bool {
    let fits = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= bound);
    used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
}

/// The pool of one query.
pub(crate) struct QueryPool {
    own: FairSpillPool,
    bytes_max: usize,
    peak: AtomicUsize,
    shared: Arc<SharedMemory>,
    /// Of all queries of its user.
    user: Arc<AtomicUsize>,
    user_bytes_max: usize,
    /// The last refusal for want of shared memory, which is not the query's own fault.
    shared_refused: Mutex<bool>,
}

impl QueryPool {
    pub(crate) fn new(bytes_max: usize, user: &str, shared: Arc<SharedMemory>) -> Self {
        let bytes_max = bytes_max.min(shared.bytes_max);
        Self {
            own: FairSpillPool::new(bytes_max),
            bytes_max,
            peak: AtomicUsize::new(0),
            user: shared.user(user),
            // one query alone may have all that it may have
            user_bytes_max: (shared.bytes_max - shared.bytes_max / 4).max(bytes_max),
            shared,
            shared_refused: Mutex::new(false),
        }
    }

    /// Most bytes reserved at once so far.
    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    /// The error of a query that was refused memory because others hold it, if that was the last
    /// reason for a refusal.
    pub(crate) fn refused(&self) -> Option<QueryError> {
        (*self.shared_refused.lock()).then(|| QueryError::Limit {
            limit: Limit::Memory,
            message: format!(
                "queries together need more than {} of memory (limit {}): try again when fewer run",
                bytes_text(self.shared.bytes_max),
                Limit::Memory.name()
            ),
            location: None,
        })
    }

    /// The error of a query that was ended because it held more than any other when the process had too
    /// little left.
    pub(crate) fn evicted(&self) -> QueryError {
        QueryError::Limit {
            limit: Limit::Memory,
            message: format!(
                "all memory is in use, and of the queries that run this one held the most, {} bytes at its peak (limit {}): try again when fewer run, or narrow the time range",
                self.peak(),
                Limit::Memory.name()
            ),
            location: None,
        }
    }

    /// The error of a query that needs more than its own bound.
    pub(crate) fn limit(&self) -> QueryError {
        QueryError::Limit {
            limit: Limit::QueryMemory,
            message: format!(
                "the query needs more than {} of memory (limit {}): narrow the time range, group by less, or add a LIMIT",
                bytes_text(self.bytes_max),
                Limit::QueryMemory.name()
            ),
            location: None,
        }
    }

    /// Whoever can go on with the disk leaves room to those who cannot. A merge of runs takes as many
    /// as memory allows, so it is held to a share too: two sorts and the operator that reads them
    /// would else starve each other.
    fn try_grow_own(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let (consumer, eighth) = (reservation.consumer(), self.bytes_max / 8);
        let total = self.own.reserved().saturating_add(additional);
        let refused = if consumer.can_spill() {
            total > 5 * eighth
        } else if consumer.name().starts_with("ExternalSorterMerge") {
            total > 7 * eighth || reservation.size().saturating_add(additional) > 2 * eighth
        } else {
            false
        };
        if refused {
            return resources_err!("{additional} more bytes for {}", consumer.name());
        }
        self.own.try_grow(reservation, additional)
    }

    fn try_grow_shared(&self, additional: usize) -> bool {
        let is_small = self.shared.is_small(self.own.reserved().saturating_add(additional));
        let user_max = if is_small { self.shared.bytes_max } else { self.user_bytes_max };
        if !grow_below(&self.user, additional, user_max) {
            return false;
        }
        let grown = self.shared.try_grow(additional, is_small);
        if !grown {
            self.user.fetch_sub(additional, Ordering::Relaxed);
        }
        grown
    }

    fn shrink_shared(&self, bytes: usize) {
        self.user.fetch_sub(bytes, Ordering::Relaxed);
        self.shared.shrink(bytes);
    }

    fn note_peak(&self) {
        self.peak.fetch_max(self.own.reserved(), Ordering::Relaxed);
    }
}

impl MemoryPool for QueryPool {
    fn name(&self) -> &str {
        "query"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.own.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.own.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.user.fetch_add(additional, Ordering::Relaxed);
        self.shared.grow(additional);
        self.own.grow(reservation, additional);
        self.note_peak();
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.own.shrink(reservation, shrink);
        self.shrink_shared(shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        if !self.try_grow_shared(additional) {
            *self.shared_refused.lock() = true;
            return resources_err!("{additional} more bytes for {} of all queries", reservation.consumer().name());
        }
        if let Err(error) = self.try_grow_own(reservation, additional) {
            self.shrink_shared(additional);
            *self.shared_refused.lock() = false;
            return Err(error);
        }
        self.note_peak();
        Ok(())
    }

    fn reserved(&self) -> usize {
        self.own.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.bytes_max)
    }
}

impl fmt::Debug for QueryPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryPool").field("reserved", &self.reserved()).field("bytes_max", &self.bytes_max).finish()
    }
}

impl fmt::Display for QueryPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "query({} of {})", bytes_text(self.reserved()), bytes_text(self.bytes_max))
    }
}

/// `512 MiB`, in the largest unit that keeps it a whole number.
pub(crate) fn bytes_text(bytes: usize) -> String {
    for (unit, name) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] {
        if bytes >= unit && bytes.is_multiple_of(unit) {
            return format!("{} {name}", bytes / unit);
        }
    }
    format!("{bytes} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pool: &Arc<QueryPool>) -> MemoryReservation {
        MemoryConsumer::new("t").register(&(Arc::clone(pool) as Arc<dyn MemoryPool>))
    }

    #[test]
    fn the_last_part_is_for_small_queries() {
        let shared = Arc::new(SharedMemory::new(1600));
        let pools: Vec<_> = ["a", "b", "c"].map(|user| Arc::new(QueryPool::new(700, user, Arc::clone(&shared)))).into();
        let [a, b, c] = pools.iter().map(of).collect::<Vec<_>>().try_into().unwrap();
        a.try_grow(700).unwrap();
        b.try_grow(700).unwrap();
        b.try_grow(1).unwrap_err();
        c.try_grow(101).unwrap_err();
        c.try_grow(100).unwrap();
        c.try_grow(1).unwrap_err();
    }

    #[test]
    fn queries_of_one_user_leave_a_quarter() {
        let shared = Arc::new(SharedMemory::new(800));
        let pools: Vec<_> = ["a", "a", "b"].map(|user| Arc::new(QueryPool::new(400, user, Arc::clone(&shared)))).into();
        let [first, second, other] = pools.iter().map(of).collect::<Vec<_>>().try_into().unwrap();
        first.try_grow(400).unwrap();
        second.try_grow(201).unwrap_err();
        assert!(pools[1].refused().is_some(), "the others of the user hold it");
        second.try_grow(200).unwrap();
        other.try_grow(100).unwrap();
        drop((first, second, other));
        assert_eq!(shared.used(), 0);
        assert_eq!(shared.user("a").load(Ordering::Relaxed), 0);
    }

    #[test]
    fn what_the_process_has_too_much_is_taken_from_those_that_hold_much() {
        let shared = Arc::new(SharedMemory::new(1600));
        let pool = Arc::new(QueryPool::new(1600, "a", Arc::clone(&shared)));
        let query = of(&pool);
        query.try_grow(1000).unwrap();
        shared.set_excess(300);
        query.try_grow(101).unwrap_err();
        assert_eq!(pool.refused().and_then(|e| e.limit()), Some(Limit::Memory));
        query.try_grow(100).unwrap();
        shared.set_excess(usize::MAX);
        let small = Arc::new(QueryPool::new(1600, "b", Arc::clone(&shared)));
        of(&small).try_grow(100).unwrap();
        shared.set_excess(0);
        query.try_grow(200).unwrap();
    }

    #[test]
    fn a_query_is_bounded_by_itself_and_by_all() {
        let shared = Arc::new(SharedMemory::new(1000));
        let first = Arc::new(QueryPool::new(600, "a", Arc::clone(&shared)));
        let second = Arc::new(QueryPool::new(600, "b", Arc::clone(&shared)));

        let a = of(&first);
        a.try_grow(601).unwrap_err();
        assert!(first.refused().is_none());
        assert_eq!(shared.used(), 0, "a refusal reserves nothing");
        a.try_grow(600).unwrap();
        assert_eq!((shared.used(), first.peak()), (600, 600));

        let b = of(&second);
        b.try_grow(276).unwrap_err();
        assert_eq!(second.refused().and_then(|e| e.limit()), Some(Limit::Memory));
        assert_eq!(second.limit().limit(), Some(Limit::QueryMemory));
        b.try_grow(275).unwrap();
        assert_eq!(shared.used(), 875, "all but the last eighth");

        a.shrink(100);
        assert_eq!((shared.used(), first.reserved(), first.peak()), (775, 500, 600));
        drop((a, b));
        assert_eq!((shared.used(), first.reserved(), second.reserved()), (0, 0, 0));
    }

    #[test]
    fn sizes_are_spelled_in_whole_units() {
        for (bytes, text) in
            [(0, "0 bytes"), (1023, "1023 bytes"), (1 << 10, "1 KiB"), (512 << 20, "512 MiB"), (1 << 30, "1 GiB")]
        {
            assert_eq!(bytes_text(bytes), text);
        }
    }
}
