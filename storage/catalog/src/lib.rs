//! Durable metadata in one SQLite file: the list of Parquet files, settings, accounts, sessions,
//! keys, saved views, queries and dashboards, plugins, pipelines, and the audit log.
//!
//! Everything hangs off [`Catalog`]. All calls are synchronous and block: reads for microseconds,
//! writes until the disk has synced (WAL mode, `synchronous=FULL`), password checks for tens of
//! milliseconds of computing. A call that returned `Ok` is durable. Callers on an async runtime
//! use its blocking pool; only [`Catalog::verify_key`] is meant for the intake path.
//!
//! Several processes may hold the same catalog open: `lincei key create` works while a server
//! runs, and the server honours the new key within a second.
//!
//! The tables are drawn in `migrations/`, one file a step; what their columns hold is documented
//! at the type that they persist ([`DataFile`], [`ColumnRange`], [`AuditEntry`], [`ApiKey`], …).
//! Times are nanoseconds since the Unix epoch, ids are ULIDs as 26 characters of text.

mod accounts;
mod audit;
mod catalog;
mod error;
mod files;
mod ids;
mod keys;
pub mod limits;
mod maintenance;
mod migrate;
mod password;
mod pipelines;
mod plugins;
mod saved;
mod scalar;
mod secret;
mod sessions;
mod settings;
mod sql;

#[cfg(test)]
mod test_support;

pub use accounts::{Account, Role};
pub use audit::{Actor, AuditChange, AuditEntry};
pub use catalog::Catalog;
pub use error::CatalogError;
pub use files::{DataFile, FileCommit, FilePart, ObsoleteFile, QuarantinedFile, TermsPlace};
pub use ids::{AccountId, KeyId, SavedId};
pub use keys::{ApiKey, KeyKind};
pub use pipelines::StoredPipeline;
pub use plugins::{InstalledPlugin, NewPluginVersion, PluginChange, PluginRuntime, StoredPluginVersion};
pub use saved::{Saved, SavedDraft, SavedInfo, SavedKind, SavedVersion};
pub use scalar::{ColumnRange, Scalar};
pub use secret::Secret;
pub use sessions::Session;
pub use settings::Retention;
