use lincei_catalog::CatalogError;
use lincei_model::{ErrorCode, Table};
use std::io;
use std::path::PathBuf;

/// What can fail in storage. Display never repeats the source; walk [`std::error::Error::source`].
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Another process holds the data directory's lock.
    #[error("data directory {} is in use by process {pid}", dir.display())]
    InUse {
        /// The data directory.
        dir: PathBuf,
        /// Process id that the lock file names, 0 when it names none.
        pid: u32,
    },
    /// Data without the catalog that describes it.
    #[error("data directory {} holds {found} but its catalog {what}; put back catalog.db or restore a backup", dir.display())]
    CatalogMissing {
        /// The data directory.
        dir: PathBuf,
        /// The data that was found.
        found: String,
        /// What is wrong with the catalog.
        what: &'static str,
    },
    /// An operation that needs an empty directory was pointed at one that is not.
    #[error("directory {} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A file operation on the local disk failed.
    #[error("could not {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The write-ahead log refused the rows, nothing of them was kept.
    #[error("write-ahead log could not be written")]
    WalWrite(#[source] std::sync::Arc<io::Error>),
    /// A sync failed earlier; what the disk holds is unknown until the log is replayed.
    #[error("write-ahead log is read-only after a failed sync until the server is restarted")]
    WalPoisoned,
    /// A log that another version wrote; that version can still read it.
    #[error("write-ahead log segment {} was written by another version: {detail}", path.display())]
    WalVersion {
        /// The segment.
        path: PathBuf,
        /// What is not known.
        detail: String,
    },
    /// Too little room is left on the disk to accept rows.
    #[error("disk has {free_bytes} bytes free, rows are accepted above {reserve_bytes}")]
    DiskReserve {
        /// Bytes free now.
        free_bytes: u64,
        /// Bytes kept for flush, compaction and catalog.
        reserve_bytes: u64,
    },
    /// Rows arrive faster than the log or the flush can take them.
    #[error("{what} stayed full for {waited_ms} ms (limit {limit_bytes} bytes)")]
    Full {
        /// The bounded thing.
        what: &'static str,
        /// Its bound.
        limit_bytes: usize,
        /// How long the rows waited.
        waited_ms: u64,
    },
    /// One append is larger than a frame of the log may be.
    #[error("append of {bytes} bytes is larger than {limit_bytes} bytes")]
    TooLarge {
        /// Encoded size.
        bytes: usize,
        /// Its bound.
        limit_bytes: usize,
    },
    /// A blob is larger than one may be.
    #[error("blob of {bytes} bytes is larger than {limit_bytes} bytes")]
    BlobTooLarge {
        /// Its size.
        bytes: usize,
        /// Its bound.
        limit_bytes: usize,
    },
    /// A deletion's condition could not be evaluated.
    #[error("the condition could not be evaluated on rows of table {table}")]
    Predicate {
        /// The table.
        table: Table,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Whoever began a deletion ended it.
    #[error("the deletion was cancelled")]
    Cancelled,
    /// The engine is shutting down or was shut down.
    #[error("storage is shutting down")]
    ShuttingDown,
    /// Arrow refused an operation on rows of a table.
    #[error("rows of table {table} could not be {action}")]
    Arrow {
        /// The table.
        table: Table,
        /// What was tried, as a participle.
        action: &'static str,
        /// Why it failed.
        #[source]
        source: arrow_schema::ArrowError,
    },
    /// Rows break a rule of the Parquet file they were meant for.
    #[error("rows of table {table} do not fit a file: {detail}")]
    Rows {
        /// The table.
        table: Table,
        /// The rule, and the value that breaks it.
        detail: String,
    },
    /// Reading or writing Parquet failed.
    #[error("parquet file {path} could not be {action}")]
    Parquet {
        /// Object path.
        path: String,
        /// What was tried, as a participle.
        action: &'static str,
        /// Why it failed.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// The object store failed.
    #[error("object {path} could not be {action}")]
    Store {
        /// Object path.
        path: String,
        /// What was tried, as a participle.
        action: &'static str,
        /// Why it failed.
        #[source]
        source: object_store::Error,
    },
    /// A stored file is not what was written.
    #[error("file {path} is damaged: {detail}")]
    Corrupt {
        /// Object or file path.
        path: String,
        /// The first difference.
        detail: String,
    },
    /// Whether a stored file is damaged could not be found out.
    #[error("file {path} could not be verified")]
    Unverified {
        /// Object path.
        path: String,
        /// Why.
        #[source]
        source: crate::Corruption,
    },
    /// A rewrite did not keep every row; its result was thrown away.
    #[error("rewrite of rows of {table} read {rows_in} and wrote {rows_out}")]
    RowsDiffer {
        /// The table.
        table: Table,
        /// Rows of the inputs.
        rows_in: u64,
        /// Rows of the outputs.
        rows_out: u64,
    },
    /// The catalog failed.
    #[error("catalog operation failed")]
    Catalog(#[from] CatalogError),
    /// A background task ended without an answer.
    #[error("{0} ended unexpectedly")]
    TaskEnded(&'static str),
}

impl EngineError {
    /// The kind of failure, for callers beyond this crate.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Predicate { .. } => ErrorCode::Invalid,
            Self::Cancelled => ErrorCode::Conflict,
            Self::InUse { .. } | Self::NotEmpty(_) | Self::CatalogMissing { .. } | Self::WalVersion { .. } => {
                ErrorCode::Conflict
            }
            Self::WalWrite(_)
            | Self::WalPoisoned
            | Self::DiskReserve { .. }
            | Self::Full { .. }
            | Self::ShuttingDown => ErrorCode::Unavailable,
            Self::TooLarge { .. } | Self::BlobTooLarge { .. } => ErrorCode::TooLarge,
            Self::Catalog(error) => error.code(),
            Self::Io { .. }
            | Self::Arrow { .. }
            | Self::Rows { .. }
            | Self::Parquet { .. }
            | Self::Store { .. }
            | Self::Corrupt { .. }
            | Self::Unverified { .. }
            | Self::RowsDiffer { .. }
            | Self::TaskEnded(_) => ErrorCode::Internal,
        }
    }

    /// For `map_err` on file operations.
    pub(crate) fn io(action: &'static str, path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// For `map_err` on operations of the object store.
    pub(crate) fn store(action: &'static str, path: &str) -> impl FnOnce(object_store::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Store { path, action, source }
    }
}
