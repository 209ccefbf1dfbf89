//! Which patterns the bodies of a file of logs have, and how many rows each has. The page's patterns
//! and `lincei_patterns` are answered from it, without reading rows.
//!
//! It lies in the Parquet file after the summary. Only files that were merged have it: finding a pattern
//! costs some 0.4 µs a row, which intake shall not pay, and files straight from memory are soon merged.
//! Integers are little endian, batches as in [`crate::file_part`]:
//!
//! | bytes | contents |
//! |---|---|
//! | `LPT1` | magic |
//! | u64 | rows with a body |
//! | u64 | those of them that no pattern counts, because there were too many patterns |
//! | batch | patterns, the most frequent first: `pattern` and `sample` (the newest body) as text, `first` and `last` (nanoseconds, Int64), `levels` (rows by [`lincei_model::pattern::LEVELS`], fixed lists of Int64) |
//! | batch | `pattern` (UInt32, a row of the other batch), `service` (text or null) and `rows` (Int64), in this order; none where there would be more than 64 Ki |
//! | u32 | CRC-32 of everything before |
//!
//! Patterns are those of `log_pattern()` unless there are more than 10,000, of which similar ones are
//! one. A file with fewer than 16 rows a pattern has none of this: its rows are read as fast.

mod by_service;
mod read;
mod write;

pub use by_service::PatternsByService;
pub use read::FilePatterns;
pub(crate) use write::PatternWriter;

#[cfg(test)]
mod tests;
