use lincei_model::ErrorCode;
use rusqlite::ErrorCode as SqliteCode;
use std::io;
use std::path::PathBuf;

/// Why a catalog call failed. A call that returned an error changed nothing, unless the error is
/// [`CatalogError::Unavailable`] from a commit that the disk may or may not have kept; every write
/// can be repeated then (file commits are idempotent, the rest reports a conflict).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// The named row does not exist.
    #[error("no {what} {id:?}")]
    NotFound {
        /// Kind of row.
        what: &'static str,
        /// What was asked for.
        id: String,
    },
    /// The present state does not allow it.
    #[error("{detail}")]
    Conflict {
        /// What stands in the way.
        detail: String,
    },
    /// An argument breaks a rule.
    #[error("{detail}")]
    Invalid {
        /// The argument, its value (never a secret) and the rule.
        detail: String,
    },
    /// A later program wrote this catalog.
    #[error(
        "catalog has version {found}, newer than {known}, the latest that this program knows; use the newer program"
    )]
    Newer {
        /// Version in the file.
        found: i64,
        /// Latest version that this program knows.
        known: i64,
    },
    /// The file, or a row of it, is not what this crate writes.
    #[error("catalog is damaged: {detail}")]
    Corrupt {
        /// Where, and what was found.
        detail: String,
    },
    /// Out of service for now; the same call may succeed later.
    #[error("catalog is unavailable: {reason}")]
    Unavailable {
        /// `disk full`, `disk i/o error`, `locked by another process`, `out of memory` or
        /// `not writable`.
        reason: &'static str,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// The file could not be opened or made.
    #[error("cannot open catalog {}", path.display())]
    Open {
        /// The catalog file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// The file system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// SQLite failed in a way that is a defect here.
    #[error("catalog database failed")]
    Sqlite(#[source] rusqlite::Error),
    /// The operating system gave no random bytes.
    #[error("no random bytes from the operating system: {detail}")]
    Random {
        /// What it said.
        detail: String,
    },
    /// Argon2 refused its input.
    #[error("password hashing failed")]
    Hash(#[source] argon2::password_hash::Error),
}

impl CatalogError {
    /// The failure kind, for HTTP, gRPC and metrics.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound { .. } => ErrorCode::NotFound,
            Self::Conflict { .. } | Self::Newer { .. } => ErrorCode::Conflict,
            Self::Invalid { .. } => ErrorCode::Invalid,
            Self::Unavailable { .. } => ErrorCode::Unavailable,
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => ErrorCode::Unavailable,
            Self::Corrupt { .. }
            | Self::Open { .. }
            | Self::Io { .. }
            | Self::Sqlite(_)
            | Self::Random { .. }
            | Self::Hash(_) => ErrorCode::Internal,
        }
    }

    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::Conflict { detail: detail.into() }
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::Invalid { detail: detail.into() }
    }

    pub(crate) fn corrupt(detail: impl Into<String>) -> Self {
        Self::Corrupt { detail: detail.into() }
    }
}

impl From<rusqlite::Error> for CatalogError {
    fn from(source: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        let unavailable = |reason, source| Self::Unavailable { reason, source };
        match source.sqlite_error_code() {
            Some(SqliteCode::DiskFull) => unavailable("disk full", source),
            Some(SqliteCode::SystemIoFailure) => unavailable("disk i/o error", source),
            Some(SqliteCode::DatabaseBusy | SqliteCode::DatabaseLocked) => {
                unavailable("locked by another process", source)
            }
            Some(SqliteCode::OutOfMemory) => unavailable("out of memory", source),
            Some(SqliteCode::ReadOnly | SqliteCode::CannotOpen) => unavailable("not writable", source),
            Some(SqliteCode::DatabaseCorrupt | SqliteCode::NotADatabase) => Self::corrupt(source.to_string()),
            _ => match source {
                E::FromSqlConversionFailure(..)
                | E::IntegralValueOutOfRange(..)
                | E::InvalidColumnType(..)
                | E::Utf8Error(..) => Self::corrupt(source.to_string()),
                source => Self::Sqlite(source),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;
    use std::error::Error as _;

    #[test]
    fn sqlite_failures_map_to_codes_by_what_a_client_can_do() {
        // Result codes: sqlite.org/rescode.html.
        for (code, expected, text) in [
            (13, ErrorCode::Unavailable, "catalog is unavailable: disk full"),
            (10 | (4 << 8), ErrorCode::Unavailable, "catalog is unavailable: disk i/o error"), // IOERR_FSYNC
            (5, ErrorCode::Unavailable, "catalog is unavailable: locked by another process"),
            (6, ErrorCode::Unavailable, "catalog is unavailable: locked by another process"),
            (7, ErrorCode::Unavailable, "catalog is unavailable: out of memory"),
            (8, ErrorCode::Unavailable, "catalog is unavailable: not writable"),
            (19, ErrorCode::Internal, "catalog database failed"),
            (1, ErrorCode::Internal, "catalog database failed"),
        ] {
            let error = CatalogError::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
            assert_eq!(error.code(), expected, "{code}");
            assert_eq!(error.to_string(), text, "{code}");
            assert!(error.source().is_some(), "{code}");
        }
        for code in [11, 26] {
            let error = CatalogError::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
            assert!(matches!(error, CatalogError::Corrupt { .. }), "{code}: {error}");
            assert_eq!(error.code(), ErrorCode::Internal);
        }
    }
}
