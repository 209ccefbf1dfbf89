//! Storage: write-ahead log, rows in memory, Parquet files, compaction and retention; and blobs.
//!
//! ```text
//!  append ─► encode ─► WAL (one thread, one sync for many) ─► memtable ─► acknowledged
//!                                                                │ flush
//!  snapshot ◄── memtable + files, as of one moment               ▼
//!                                              objects ─► catalog commit ─► publish ─► drop segments
//! ```
//!
//! Invariants, stated as absences:
//! - No append returns `Ok` before its frame is synced and its rows are in every later snapshot.
//! - No row is in two batches or files of one snapshot, or in none, while flush and compaction run.
//! - No object is deleted before the catalog has recorded that it is obsolete and its last reader
//!   is gone; none is written before the catalog has recorded the intent.
//! - No directory of objects is listed to plan anything, no object is renamed, locked or mapped.
//! - No write to the log follows a failed sync.
//!
//! Order of locks: that of [`Blobs::keep`], then `maintenance`, then `flushing`, then `commit`, then the version.

mod attributes;
mod background;
mod backup;
mod blobs;
mod buffers;
mod check;
mod compaction;
mod data_dir;
mod deletion;
mod disk;
mod engine;
mod error;
mod fault;
mod feed;
mod file_part;
mod flush;
mod live_file;
mod memory;
mod memtable;
mod obsolete;
mod options;
mod parquet_file;
mod patterns;
mod recovery;
mod retention;
mod summary;
mod term_index;
mod version;
mod wal;

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;

pub use attributes::{attribute_text, rebuild_map};
pub use backup::{BackupReport, restore};
pub use blobs::{BLOB_BYTES_MAX, Blobs, KeptBlobs};
pub use buffers::compact_records;
pub use check::{CheckReport, Finding, check_offline};
pub use data_dir::{DataDirLock, open_catalog};
pub use deletion::{Deletion, DeletionProgress, DeletionReport, RowPredicate};
pub use disk::DiskSpace;
pub use engine::{CompactionReport, Engine, EngineStatus};
pub use error::EngineError;
pub use feed::{FeedItem, FeedPosition, Subscription};
pub use flush::FlushReport;
pub use live_file::LiveFile;
pub use options::{CompactionOptions, EngineOptions};
pub use parquet_file::Corruption;
pub use patterns::{FilePatterns, PatternsByService};
pub use recovery::{DamagedLog, Recovery};
pub use summary::{FileSummary, count_schema};
pub use term_index::{PageSet, Term};
pub use version::{MemoryStatus, Snapshot};
