//! Packing of a batch's data in the log: LZ4 where it pays.
//!
//! The data holds little that repeats but for the texts themselves. In lines with ids and numbers
//! LZ4 finds little, in stack traces much. So a piece is tried first.

use super::frame::{BODY_BYTES_MAX, FrameError};
use std::borrow::Cow;

/// Data as it is.
const NONE: u16 = 0;
/// One LZ4 block.
const LZ4: u16 = 1;

/// Shorter data is not packed.
const PACKED_BYTES_MIN: usize = 16 << 10;
/// Bytes of the piece that is tried.
const PIECE_BYTES: usize = 4 << 10;

/// Packs what follows `start` in `out`, in place, if the piece in its middle shrinks to less than
/// half. Returns how it is packed.
pub(super) fn pack_from(out: &mut Vec<u8>, start: usize) -> u16 {
    let plain = out.get(start..).unwrap_or_default();
    let piece = plain.get(plain.len() / 2..).unwrap_or_default();
    let piece = piece.get(..PIECE_BYTES.min(piece.len())).unwrap_or_default();
    if plain.len() < PACKED_BYTES_MIN || 2 * lz4_flex::block::compress(piece).len() > piece.len() {
        return NONE;
    }
    let packed = lz4_flex::block::compress(plain);
    out.truncate(start);
    out.extend(packed);
    LZ4
}

/// The data of a batch: `plain_bytes` bytes.
pub(super) fn unpack(packing: u16, data: &[u8], plain_bytes: usize) -> Result<Cow<'_, [u8]>, FrameError> {
    let plain = match packing {
        NONE => Cow::Borrowed(data),
        LZ4 if plain_bytes > BODY_BYTES_MAX => {
            return Err(FrameError::Malformed(format!("{plain_bytes} bytes of data (limit {BODY_BYTES_MAX})")));
        }
        LZ4 => {
            let plain = lz4_flex::block::decompress(data, plain_bytes);
            Cow::Owned(plain.map_err(|e| FrameError::Malformed(e.to_string()))?)
        }
        other => return Err(FrameError::Packing(other)),
    };
    if plain.len() != plain_bytes {
        return Err(FrameError::Malformed(format!("{} bytes of data, header says {plain_bytes}", plain.len())));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests;
