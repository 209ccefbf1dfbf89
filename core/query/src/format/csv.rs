use super::cell::write_csv_text;
use super::json::columns;
use crate::error::QueryError;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

/// RFC 4180 with a header line.
pub(super) struct CsvEncoder {
    head: Vec<u8>,
}

impl CsvEncoder {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let mut head = Vec::new();
        for (i, field) in schema.fields().iter().enumerate() {
            if i > 0 {
                head.push(b',');
            }
            write_csv_text(field.name().as_bytes(), &mut head);
        }
        head.extend_from_slice(b"\r\n");
        Self { head }
    }

    pub(super) fn start(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.head)
    }

    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, QueryError> {
        let columns = columns(batch)?;
        let mut out = Vec::with_capacity(batch.num_rows() * 16 * columns.len());
        for row in 0..batch.num_rows() {
            for (i, column) in columns.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                column.csv(row, &mut out);
            }
            out.extend_from_slice(b"\r\n");
        }
        Ok(out)
    }
}
