//! Rows as columns of bytes: the data of a frame of kind 2.
//!
//! What repeats in telemetry is written once: the keys of attributes, resources that many rows
//! share, services and severities. Views, and keys that repeat, are what Arrow's buffers are
//! compressed for; here they are left out, so that most data needs no compression.
//!
//! The columns of the schema follow one another. A number of values is known from the schema and
//! the number of rows. *varint*: seven bits a byte, least first, the high bit set on all but the
//! last. *zigzag*: signed numbers as 0, -1, 1, -2 … Fixed-width numbers are little endian.
//!
//! A column begins with one byte: 0 no value is null; 1 some are, a bitmap follows (least bit first,
//! 1 is a value); 2 all are, and nothing follows. Then, of the values that are not null unless said
//! otherwise:
//!
//! | type | bytes |
//! |---|---|
//! | timestamp, i64 | zigzag varint of the difference to the value before, 0 before the first |
//! | u8, i32, u32, u64, f64 | fixed width, null ones too |
//! | bool | bitmap, null ones too |
//! | text, binary | a *text column*, below |
//! | struct | its columns, of as many values |
//! | list | varint lengths, 0 for null, then a column of all items |
//! | map | below |
//!
//! Text column: byte 0, then varint lengths, then all bytes; or, where few values are distinct, byte
//! 1, varint n ≤ 255, n values (lengths, bytes), and unless n is 1 a byte for each value: its number.
//!
//! Map (text to text; a row is a list of entries):
//!
//! | bytes | |
//! |---|---|
//! | 1 | 0: rows differ; 1: runs of equal rows, of which one is written |
//! | if 1 | varint number of runs, varint rows of each |
//! | 1 | 0: rows of few shapes (lists of keys); 1: of many |
//! | if 0 | varint number of shapes, varint keys of each, text column of all their keys; unless there is one shape, a byte for each row: its shape; then for each shape and each of its keys a column of the values |
//! | if 1 | varint entries of each row, text column of the keys, column of the values |

mod map;
mod read;
mod text;
mod write;

pub(super) use read::read;
pub(super) use write::write;

use super::frame::FrameError;

/// No value of a column is null.
const VALID: u8 = 0;
/// Some values are null.
const MIXED: u8 = 1;
/// All values are null.
const NULL: u8 = 2;

/// All values of a text column are written.
const PLAIN: u8 = 0;
/// Distinct values of a text column are written once.
const FEW: u8 = 1;

/// Each row of a map is written.
const EACH: u8 = 0;
/// Each run of equal rows of a map is written once.
const RUNS: u8 = 1;

/// Rows of a map have few lists of keys.
const SHAPED: u8 = 0;
/// Rows of a map have keys of their own.
const FREE: u8 = 1;

fn push_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

const fn from_zigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

fn malformed(error: impl std::fmt::Display) -> FrameError {
    FrameError::Malformed(error.to_string())
}

#[cfg(test)]
mod tests;
