//! Frames of kind 1, as versions before the columns of kind 2 wrote them.

use super::{BATCH_HEADER_BYTES, Cursor, FrameError, table_and_schema};
use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::reader::read_record_batch;
use arrow_schema::ArrowError;
use lincei_model::Batch;
use std::collections::HashMap;

pub(super) fn decode_batch(cursor: &mut Cursor<'_>) -> Result<Batch, FrameError> {
    let wire_id = cursor.u16()?;
    cursor.u16()?;
    let rows = cursor.u32()? as usize;
    let (table, schema) = table_and_schema(wire_id, cursor.u64()?)?;
    let (message_bytes, data_bytes) = (cursor.u32()? as usize, cursor.u32()? as usize);
    let message = cursor.padded(message_bytes, BATCH_HEADER_BYTES, "message")?;
    let data = Buffer::from(cursor.padded(data_bytes, 0, "data")?);
    let malformed = |e: &dyn std::fmt::Display| FrameError::Malformed(e.to_string());
    let message = arrow_ipc::root_as_message(message).map_err(|e| malformed(&e))?;
    let header = message.header_as_record_batch().ok_or_else(|| malformed(&"message holds no record batch"))?;
    let records: Result<RecordBatch, ArrowError> =
        read_record_batch(&data, header, schema, &HashMap::new(), None, &message.version());
    let records = records.map_err(|e| malformed(&e))?;
    if records.num_rows() != rows {
        return Err(malformed(&format!("{} rows, header says {rows}", records.num_rows())));
    }
    Batch::new(table, records).map_err(|e| malformed(&e))
}

#[cfg(test)]
mod tests;
