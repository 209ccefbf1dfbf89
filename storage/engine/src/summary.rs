//! What a file's rows come to: how many there are per minute, and which values fields have. Charts
//! of counts and the completion of searches are answered from it, without reading rows.
//!
//! It lies in the Parquet file before the index of terms. Integers are little endian:
//!
//! | bytes | contents |
//! |---|---|
//! | `LSM1` | magic |
//! | u32 + that many | rows per minute: zstd of an Arrow IPC stream with the columns of [`count_schema`]; none where there would be too many |
//! | u32 + that many | values: zstd of an Arrow IPC stream with `field`, `value`, `rows` |
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
pub(crate) use read::Summaries;
pub(crate) use write::SummaryWriter;

const MAGIC: &[u8; 4] = b"LSM1";

#[cfg(test)]
mod tests;
