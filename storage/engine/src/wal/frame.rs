mod arrow_rows;

use super::schema::{fingerprint_of, schema_of};
use super::{columns, pack};
use crate::error::EngineError;
use arrow_schema::SchemaRef;
use lincei_model::{Batch, Table, TenantId};

pub(super) const FRAME_MAGIC: [u8; 8] = [0xD7, b'L', b'C', b'W', b'F', b'\r', b'\n', 0xF1];
pub(super) const FRAME_HEADER_BYTES: usize = 32;
/// Bytes of one frame's body.
pub(super) const BODY_BYTES_MAX: usize = 1 << 30;
/// Rows as Arrow IPC, which earlier versions wrote.
const KIND_ARROW: u16 = 1;
/// Rows as `columns.rs` writes them.
const KIND_COLUMNS: u16 = 2;
const BATCH_HEADER_BYTES: usize = 24;

/// One append as it will stand in the log, but for the frame number.
#[derive(Debug)]
pub(crate) struct EncodedFrame {
    /// Header and body. The header is complete after [`EncodedFrame::number`].
    pub(super) bytes: Vec<u8>,
}

impl EncodedFrame {
    /// Fills in the frame number and closes the header.
    pub(super) fn number(&mut self, number: u64) {
        if let Some(header) = self.bytes.first_chunk_mut::<FRAME_HEADER_BYTES>() {
            put(header, 8, &number.to_le_bytes());
            let crc = crc32fast::hash(&header[..28]);
            put(header, 28, &crc.to_le_bytes());
        }
    }
}

fn put(header: &mut [u8; FRAME_HEADER_BYTES], at: usize, value: &[u8]) {
    for (to, from) in header.iter_mut().skip(at).zip(value) {
        *to = *from;
    }
}

/// A frame header that passed its checksum.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameHeader {
    pub(super) number: u64,
    pub(super) body_bytes: usize,
    body_crc32: u32,
    kind: u16,
    batches: u16,
}

impl FrameHeader {
    /// `None` when the bytes are no frame header.
    pub(super) fn read(bytes: &[u8; FRAME_HEADER_BYTES]) -> Option<Self> {
        let (fields, crc) = bytes.split_last_chunk::<4>()?;
        if u32::from_le_bytes(*crc) != crc32fast::hash(fields) {
            return None;
        }
        let mut cursor = Cursor { rest: fields };
        if cursor.array::<8>().ok()? != FRAME_MAGIC {
            return None;
        }
        let header = Self {
            number: cursor.u64().ok()?,
            body_bytes: cursor.u32().ok()? as usize,
            body_crc32: cursor.u32().ok()?,
            kind: cursor.u16().ok()?,
            batches: cursor.u16().ok()?,
        };
        (header.body_bytes <= BODY_BYTES_MAX).then_some(header)
    }

    pub(super) fn body_is_intact(&self, body: &[u8]) -> bool {
        body.len() == self.body_bytes && crc32fast::hash(body) == self.body_crc32
    }
}

/// Why an intact body could not be read: it was written by another version, or by a defect.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("frame kind {0} is not known to this version")]
    Kind(u16),
    #[error("packing {0} is not known to this version")]
    Packing(u16),
    #[error("table number {0} is not known to this version")]
    Table(u16),
    #[error("schema {fingerprint:016x} of table {table} is not known to this version")]
    Schema { table: Table, fingerprint: u64 },
    #[error("body ends inside its {0}")]
    Short(&'static str),
    #[error("body is malformed: {0}")]
    Malformed(String),
}

/// Encodes one append. `batches` hold no garbage: see `buffers::compact`.
pub(crate) fn encode(tenant: &TenantId, batches: &[Batch]) -> Result<EncodedFrame, EngineError> {
    let in_memory: usize = batches.iter().map(|b| b.records().get_array_memory_size()).sum();
    let mut bytes = Vec::with_capacity(in_memory / 3 + 512);
    bytes.resize(FRAME_HEADER_BYTES, 0);
    let name = tenant.as_str().as_bytes();
    bytes.extend(u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
    bytes.extend(name);
    pad(&mut bytes);
    for batch in batches {
        encode_batch(&mut bytes, batch)?;
    }
    let body = bytes.get(FRAME_HEADER_BYTES..).unwrap_or_default();
    if body.len() > BODY_BYTES_MAX || batches.len() > usize::from(u16::MAX) {
        return Err(EngineError::TooLarge { bytes: body.len(), limit_bytes: BODY_BYTES_MAX });
    }
    let (length, crc) = (u32::try_from(body.len()).unwrap_or(u32::MAX), crc32fast::hash(body));
    if let Some(header) = bytes.first_chunk_mut::<FRAME_HEADER_BYTES>() {
        put(header, 0, &FRAME_MAGIC);
        put(header, 16, &length.to_le_bytes());
        put(header, 20, &crc.to_le_bytes());
        put(header, 24, &KIND_COLUMNS.to_le_bytes());
        put(header, 26, &u16::try_from(batches.len()).unwrap_or(u16::MAX).to_le_bytes());
    }
    Ok(EncodedFrame { bytes })
}

fn encode_batch(out: &mut Vec<u8>, batch: &Batch) -> Result<(), EngineError> {
    let table = batch.table();
    let too_large = |bytes: usize| move |_| EngineError::TooLarge { bytes, limit_bytes: BODY_BYTES_MAX };
    let length = |bytes: usize| u32::try_from(bytes).map_err(too_large(bytes));
    let header = out.len();
    out.resize(header + BATCH_HEADER_BYTES, 0);
    let data = out.len();
    columns::write(out, batch.records().columns()).map_err(|source| EngineError::Arrow {
        table,
        action: "encoded for the log",
        source,
    })?;
    let plain_bytes = out.len() - data;
    let packing = pack::pack_from(out, data);
    let fields = [
        &table.wire_id().to_le_bytes()[..],
        &packing.to_le_bytes(),
        &length(batch.rows())?.to_le_bytes(),
        &fingerprint_of(batch.records().schema_ref()).to_le_bytes(),
        &length(plain_bytes)?.to_le_bytes(),
        &length(out.len() - data)?.to_le_bytes(),
    ];
    for (to, from) in out.iter_mut().skip(header).zip(fields.into_iter().flatten()) {
        *to = *from;
    }
    pad(out);
    Ok(())
}

fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(8), 0);
}

/// Decodes a body whose checksum was right.
pub(super) fn decode(header: &FrameHeader, body: &[u8]) -> Result<(TenantId, Vec<Batch>), FrameError> {
    let decode_batch = match header.kind {
        KIND_ARROW => arrow_rows::decode_batch,
        KIND_COLUMNS => decode_batch,
        other => return Err(FrameError::Kind(other)),
    };
    let mut cursor = Cursor { rest: body };
    let name_bytes = usize::from(cursor.u16()?);
    let name = cursor.padded(name_bytes, 2, "tenant id")?;
    let tenant = std::str::from_utf8(name)
        .map_err(|e| FrameError::Malformed(e.to_string()))
        .and_then(|name| TenantId::new(name).map_err(|e| FrameError::Malformed(e.to_string())))?;
    let batches = (0..header.batches).map(|_| decode_batch(&mut cursor)).collect::<Result<_, _>>()?;
    if !cursor.rest.is_empty() {
        return Err(FrameError::Malformed(format!("{} bytes follow the last batch", cursor.rest.len())));
    }
    Ok((tenant, batches))
}

fn decode_batch(cursor: &mut Cursor<'_>) -> Result<Batch, FrameError> {
    let malformed = |e: &dyn std::fmt::Display| FrameError::Malformed(e.to_string());
    let (wire_id, packing) = (cursor.u16()?, cursor.u16()?);
    let rows = cursor.u32()? as usize;
    let (table, schema) = table_and_schema(wire_id, cursor.u64()?)?;
    let (plain_bytes, data_bytes) = (cursor.u32()? as usize, cursor.u32()? as usize);
    let data = cursor.padded(data_bytes, 0, "data")?;
    let plain = pack::unpack(packing, data, plain_bytes)?;
    let records = columns::read(&plain, &schema, rows)?;
    Batch::new(table, records).map_err(|e| malformed(&e))
}

fn table_and_schema(wire_id: u16, fingerprint: u64) -> Result<(Table, SchemaRef), FrameError> {
    let table = Table::from_wire_id(wire_id).ok_or(FrameError::Table(wire_id))?;
    let schema = schema_of(table, fingerprint).ok_or(FrameError::Schema { table, fingerprint })?;
    Ok((table, schema))
}

/// Reads forward through bytes.
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(FrameError::Short("header"))?;
        self.rest = rest;
        Ok(*head)
    }

    pub(super) fn byte(&mut self) -> Result<u8, FrameError> {
        let (byte, rest) = self.rest.split_first().ok_or(FrameError::Short("columns"))?;
        self.rest = rest;
        Ok(*byte)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], FrameError> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(FrameError::Short("columns"))?;
        self.rest = rest;
        Ok(bytes)
    }

    fn u16(&mut self) -> Result<u16, FrameError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, FrameError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, FrameError> {
        self.array().map(u64::from_le_bytes)
    }

    /// `bytes` bytes and the zeros that pad them and the `before` bytes ahead of them to 8.
    fn padded(&mut self, bytes: usize, before: usize, what: &'static str) -> Result<&'a [u8], FrameError> {
        let padding = (before + bytes).next_multiple_of(8) - before - bytes;
        let (value, rest) = self.rest.split_at_checked(bytes).ok_or(FrameError::Short(what))?;
        self.rest = rest.get(padding..).ok_or(FrameError::Short(what))?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests;
