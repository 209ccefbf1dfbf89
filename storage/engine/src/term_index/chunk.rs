//! One chunk: see the table in [`super`].

use super::CHUNK_SLOTS;
use zstd::bulk::Compressor;

const COMMON_BYTES: usize = CHUNK_SLOTS / 8;
const ZSTD_LEVEL: i32 = 3;
/// Bytes of a chunk before compression: every slot in half of 2^16 pages would be more.
const CHUNK_BYTES_MAX: usize = 64 << 20;

/// What a chunk says about one slot.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pages {
    /// Too many to be listed.
    Common,
    /// These, ascending.
    Listed(Vec<u32>),
}

/// What packs chunks, one after the other.
pub(super) fn compressor() -> std::io::Result<Compressor<'static>> {
    Compressor::new(ZSTD_LEVEL)
}

/// Packs the pages of each slot; `pairs` are (slot in the chunk, page), in that order and without
/// repetition.
pub(super) fn pack(pairs: &[(u16, u32)], pages: u32, compressor: &mut Compressor<'_>) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; COMMON_BYTES];
    let mut gaps = Vec::with_capacity(pairs.len());
    let mut last = -1_i64;
    for of_slot in pairs.chunk_by(|a, b| a.0 == b.0) {
        let slot = of_slot.first().map_or(0, |pair| pair.0);
        if of_slot.len() * 2 > pages as usize {
            if let Some(byte) = bytes.get_mut(usize::from(slot / 8)) {
                *byte |= 1 << (slot % 8);
            }
            continue;
        }
        for (_, page) in of_slot {
            let at = i64::from(slot) * i64::from(pages) + i64::from(*page);
            gaps.push((at - last).cast_unsigned());
            last = at;
        }
    }
    gaps.into_iter().for_each(|gap| write_varint(&mut bytes, gap));
    let mut packed = compressor.compress(&bytes)?;
    packed.extend(crc32fast::hash(&packed).to_le_bytes());
    Ok(packed)
}

/// The pages of a slot of a packed chunk; `None` when the chunk is damaged.
pub(super) fn pages_of(packed: &[u8], slot: u16, pages: u32) -> Option<Pages> {
    let (body, crc) = packed.split_last_chunk()?;
    if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
        return None;
    }
    let bytes = zstd::bulk::decompress(body, CHUNK_BYTES_MAX).ok()?;
    let (common, mut gaps) = bytes.split_at_checked(COMMON_BYTES)?;
    if common.get(usize::from(slot / 8))? & (1 << (slot % 8)) != 0 {
        return Some(Pages::Common);
    }
    let from = i64::from(slot) * i64::from(pages);
    let (mut at, mut found) = (-1_i64, Vec::new());
    while !gaps.is_empty() {
        let gap = read_varint(&mut gaps)?;
        at = at.checked_add(i64::try_from(gap).ok()?)?;
        if at >= from + i64::from(pages) {
            break;
        }
        if at >= from {
            found.push(u32::try_from(at - from).ok()?);
        }
    }
    Some(Pages::Listed(found))
}

/// LEB128, as Protocol Buffers have it.
fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
