//! The directory: see the table in [`super`].

use super::Kind;

const MAGIC: &[u8; 4] = b"LTI1";

/// What the index of a file has, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Directory {
    /// Rows of each row group.
    pub(super) groups: Vec<u32>,
    pub(super) columns: Vec<Column>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Bits of a slot.
    pub(super) bits: u8,
    /// Where each chunk begins, and where the last one ends.
    pub(super) starts: Vec<u32>,
}

impl Directory {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        put(&mut out, self.groups.len());
        self.groups.iter().for_each(|rows| out.extend(rows.to_le_bytes()));
        put(&mut out, self.columns.len());
        for column in &self.columns {
            out.extend(u16::try_from(column.name.len()).unwrap_or(u16::MAX).to_le_bytes());
            out.extend(column.name.as_bytes());
            out.push(match column.kind {
                Kind::Parts => 1,
                Kind::Whole => 2,
            });
            out.push(column.bits);
            put(&mut out, column.starts.len().saturating_sub(1));
            column.starts.iter().for_each(|start| out.extend(start.to_le_bytes()));
        }
        let crc = crc32fast::hash(&out);
        out.extend(crc.to_le_bytes());
        out
    }

    /// `None` when it is damaged or of a later layout.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, crc) = bytes.split_last_chunk()?;
        if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
            return None;
        }
        let mut rest = body.strip_prefix(MAGIC)?;
        let groups = numbers(&mut rest, 0)?;
        let count = u32_of(&mut rest)?;
        let mut columns = Vec::new();
        for _ in 0..count {
            let (length, after) = rest.split_first_chunk()?;
            let (name, after) = after.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
            let ([kind, bits], after) = after.split_first_chunk()?;
            rest = after;
            let kind = match kind {
                1 => Kind::Parts,
                2 => Kind::Whole,
                _ => return None,
            };
            let name = std::str::from_utf8(name).ok()?.to_owned();
            columns.push(Column { name, kind, bits: *bits, starts: numbers(&mut rest, 1)? });
        }
        Some(Self { groups, columns })
    }

    /// Bytes in memory.
    pub(super) fn size(&self) -> usize {
        let columns = self.columns.iter().map(|c| size_of::<Column>() + c.name.len() + 4 * c.starts.len());
        size_of::<Self>() + 4 * self.groups.len() + columns.sum::<usize>()
    }
}

fn put(out: &mut Vec<u8>, count: usize) {
    out.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

fn u32_of(bytes: &mut &[u8]) -> Option<u32> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*number))
}

/// As many numbers as the first one says, and `more`.
fn numbers(bytes: &mut &[u8], more: usize) -> Option<Vec<u32>> {
    let count = usize::try_from(u32_of(bytes)?).ok()?.checked_add(more)?;
    let (numbers, rest) = bytes.split_at_checked(count.checked_mul(4)?)?;
    *bytes = rest;
    Some(numbers.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
}
