//! Which pages of a file can hold a term: a part of a text, or a whole value.
//!
//! A *page* here is 8 Ki rows of a row group, fewer at its end, counted through the file. Terms are
//! hashed to slots, and for each slot the index has the set of pages in which some row has a term
//! of that slot. Terms of a text are its runs of four bytes, with ASCII letters in lower case, so
//! that a search in any case can use them; a part of a text is then in a page only if all of its
//! runs are. A slot that more than half of the pages have says nothing: it is only noted as common,
//! which is what keeps the index small. What the index lets through is read and compared: it never
//! decides what matches.
//!
//! The index lies in the Parquet file between the last row group and the page indexes, where other
//! readers do not look. Integers are little endian. Layout version 1:
//!
//! | part | contents |
//! |---|---|
//! | chunk × n | for each column, 1024 slots each: zstd of the bytes below, then their CRC-32 (4 bytes) |
//! | … common | 128 bytes, one bit a slot |
//! | … gaps | varints: from each set bit to the next in the row-major matrix slot × page, the first from -1 |
//! | directory | the bytes below, then their CRC-32 |
//! | … `LTI1` | magic |
//! | … groups | u32, and that many u32: rows of each row group |
//! | … columns | u32, and for each: u16 and that many bytes of its name; u8 kind (1 parts of text, 2 whole values); u8 bits of a slot; u32 chunks, and as many u32 plus one: where each chunk begins, from the first byte of the index |
//!
//! The catalog has the place of the directory.

mod chunk;
mod directory;
mod slots;
mod write;

mod cache;
mod lookup;

pub(crate) use lookup::TermIndexes;
pub use lookup::{PageSet, Term};
pub(crate) use write::{Encoded, TermIndexWriter};

/// How a column's values are taken apart into terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Runs of four bytes.
    Parts,
    /// The value.
    Whole,
}

/// Slots of one chunk.
const CHUNK_SLOTS: usize = 1024;

#[cfg(test)]
mod tests;
