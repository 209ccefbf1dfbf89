//! What a file's rows come to: how many there are per minute, and which values fields have. Charts
//! of counts and the completion of searches are answered from it, without reading rows.
//!
//! It lies in the Parquet file after the last row group; see [`crate::file_part`]:
//!
//! | bytes | contents |
//! |---|---|
//! | `LSM1` | magic |
//! | batch | rows per minute with the columns of [`count_schema`]; none where there would be too many |
//! | batch | values: `field`, `value`, `rows` |
//! | u32 | CRC-32 of everything before |
//!
//! Rows per minute are exact. Values are counted in a part of the rows, and multiplied; for each
//! field there is a row without a value, whose count is that of all sampled rows that have one.

mod counts;
mod read;
mod values;
mod write;

pub use counts::count_schema;
pub use read::FileSummary;
pub(crate) use write::SummaryWriter;

#[cfg(test)]
mod tests;
