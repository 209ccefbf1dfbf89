use crate::error::EngineError;
use arrow_buffer::BooleanBuffer;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far a deletion is, and a way to end it. Shared by the one that runs it and those who watch.
#[derive(Debug, Default)]
pub struct DeletionProgress {
    cancelled: AtomicBool,
    files_of_table: AtomicU64,
    files_total: AtomicU64,
    files_done: AtomicU64,
    files_rewritten: AtomicU64,
    files_removed: AtomicU64,
    files_gone: AtomicU64,
    rows_scanned: AtomicU64,
    rows_deleted: AtomicU64,
}

/// What a deletion did so far, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeletionReport {
    /// Files of the table when it began.
    pub files_of_table: u64,
    /// Of these, files that could have such rows by their times, column ranges and index of terms.
    pub files_total: u64,
    /// Of these, files that it is done with.
    pub files_done: u64,
    /// Of these, files replaced by one with fewer rows.
    pub files_rewritten: u64,
    /// Files of which every row went.
    pub files_removed: u64,
    /// Files that something else removed meanwhile, or that were found damaged and set aside.
    pub files_gone: u64,
    /// Rows read.
    pub rows_scanned: u64,
    /// Rows deleted.
    pub rows_deleted: u64,
    /// Damaged files and parts of the log, set aside earlier, that may hold such rows.
    pub set_aside: Vec<String>,
}

impl DeletionProgress {
    /// Ends the deletion before its next file. Files already rewritten stay so.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }

    /// What was done so far, without what was set aside.
    #[must_use]
    pub fn now(&self) -> DeletionReport {
        self.report(Vec::new())
    }

    pub(super) fn report(&self, set_aside: Vec<String>) -> DeletionReport {
        let get = |count: &AtomicU64| count.load(Ordering::SeqCst);
        DeletionReport {
            files_of_table: get(&self.files_of_table),
            files_total: get(&self.files_total),
            files_done: get(&self.files_done),
            files_rewritten: get(&self.files_rewritten),
            files_removed: get(&self.files_removed),
            files_gone: get(&self.files_gone),
            rows_scanned: get(&self.rows_scanned),
            rows_deleted: get(&self.rows_deleted),
            set_aside,
        }
    }

    pub(super) fn must_go_on(&self) -> Result<(), EngineError> {
        if self.cancelled.load(Ordering::SeqCst) { Err(EngineError::Cancelled) } else { Ok(()) }
    }

    pub(super) fn begin(&self, files_of_table: usize, files_total: usize) {
        self.files_of_table.store(files_of_table as u64, Ordering::SeqCst);
        self.files_total.store(files_total as u64, Ordering::SeqCst);
    }

    pub(super) fn scanned(&self, rows: usize) {
        self.rows_scanned.fetch_add(rows as u64, Ordering::SeqCst);
    }

    pub(super) fn matched(&self, rows: u64) {
        self.rows_deleted.fetch_add(rows, Ordering::SeqCst);
    }

    /// A file that would have become this.
    pub(super) fn measured(&self, kept: &BooleanBuffer) {
        let stay = kept.count_set_bits();
        if stay == kept.len() { self.untouched() } else { self.rewritten((kept.len() - stay) as u64, stay as u64) }
    }

    pub(super) fn rewritten(&self, deleted: u64, stay: u64) {
        let files = if stay == 0 { &self.files_removed } else { &self.files_rewritten };
        files.fetch_add(1, Ordering::SeqCst);
        self.matched(deleted);
        self.untouched();
    }

    pub(super) fn gone(&self) {
        self.files_gone.fetch_add(1, Ordering::SeqCst);
        self.untouched();
    }

    pub(super) fn untouched(&self) {
        self.files_done.fetch_add(1, Ordering::SeqCst);
    }
}
