//! Protocol bytes to batches, as pure functions: no I/O, no clock, no async.
//!
//! Each decoder takes a whole (decompressed) body and an [`IngestContext`] and gives [`Decoded`]:
//! the accepted rows, and the refused records as rows of `rejects`, so that nothing is acknowledged
//! and dropped. An [`IngestError`] means that nothing of the body could be used; the caller answers
//! with its code and keeps the body by [`reject_body`].

mod columns;
mod compression;
mod context;
mod detect;
mod error;
mod fields;
pub mod json_lines;
mod lines;
mod log_writer;
pub mod logfmt;
mod number_text;
pub mod otlp;
mod rejects;
mod severity;
pub mod syslog;
pub mod text;
mod timestamps;

pub use compression::{ContentEncoding, decompress};
pub use context::{Decoded, IngestContext, Signal};
pub use detect::{LogFormat, detect};
pub use error::IngestError;
pub use rejects::reject_body;
