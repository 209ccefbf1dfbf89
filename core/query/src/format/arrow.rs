use super::plain::Plain;
use crate::error::QueryError;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::writer::StreamWriter;
use std::sync::Arc;

/// Writes the streaming format.
pub(super) struct ArrowEncoder {
    plain: Plain,
    writer: Option<StreamWriter<Vec<u8>>>,
}

impl ArrowEncoder {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        Self { plain: Plain::new(schema, DataType::clone), writer: None }
    }

    pub(super) fn start(&mut self) -> Result<Vec<u8>, QueryError> {
        let mut writer = StreamWriter::try_new(Vec::new(), &self.plain.schema()).map_err(failed)?;
        let bytes = std::mem::take(writer.get_mut());
        self.writer = Some(writer);
        Ok(bytes)
    }

    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, QueryError> {
        let batch = self.plain.batch(batch).map_err(failed)?;
        self.with_writer(|writer| writer.write(&batch))
    }

    pub(super) fn finish(&mut self) -> Result<Vec<u8>, QueryError> {
        self.with_writer(StreamWriter::finish)
    }

    fn with_writer(
        &mut self,
        write: impl FnOnce(&mut StreamWriter<Vec<u8>>) -> Result<(), ArrowError>,
    ) -> Result<Vec<u8>, QueryError> {
        let writer = self.writer.as_mut().ok_or_else(|| QueryError::internal("arrow stream was not started"))?;
        write(writer).map_err(failed)?;
        Ok(std::mem::take(writer.get_mut()))
    }
}

fn failed(error: ArrowError) -> QueryError {
    let message = format!("arrow stream: {error}");
    QueryError::Internal { message, source: Some(Arc::new(error.into())) }
}
