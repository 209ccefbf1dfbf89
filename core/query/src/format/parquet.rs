use super::plain::Plain;
use crate::error::QueryError;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef, TimeUnit};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;
use std::sync::Arc;

/// Memory of a row group that is being written; its bytes then go to the reader. An answer holds so
/// much, and what one batch comes to.
const ROW_GROUP_MEMORY_BYTES: usize = 4 << 20;

/// Writes row group after row group, and at the end the footer: a file without it is refused by
/// every reader.
pub(super) struct ParquetEncoder {
    plain: Plain,
    writer: Option<ArrowWriter<Vec<u8>>>,
}

impl ParquetEncoder {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        Self { plain: Plain::new(schema, storable), writer: None }
    }

    /// Gives no bytes yet: the first come with the first row group.
    pub(super) fn start(&mut self) -> Result<Vec<u8>, QueryError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!("lincei ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_coerce_types(true)
            .build();
        let writer = ArrowWriter::try_new(Vec::new(), self.plain.schema(), Some(properties)).map_err(failed)?;
        self.writer = Some(writer);
        Ok(Vec::new())
    }

    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, QueryError> {
        let batch = self.plain.batch(batch).map_err(|error| failed(error.into()))?;
        self.with_writer(|writer| {
            writer.write(&batch)?;
            if writer.memory_size() >= ROW_GROUP_MEMORY_BYTES {
                writer.flush()?;
                writer.sync()?;
            }
            Ok(())
        })
    }

    pub(super) fn finish(&mut self) -> Result<Vec<u8>, QueryError> {
        self.with_writer(|writer| writer.finish().map(drop))
    }

    fn with_writer(
        &mut self,
        write: impl FnOnce(&mut ArrowWriter<Vec<u8>>) -> Result<(), ParquetError>,
    ) -> Result<Vec<u8>, QueryError> {
        let writer = self.writer.as_mut().ok_or_else(|| QueryError::internal("parquet was not started"))?;
        write(writer).map_err(failed)?;
        // offsets are counted on the way in, so that the bytes may be taken
        Ok(std::mem::take(writer.inner_mut()))
    }
}

fn failed(error: ParquetError) -> QueryError {
    let message = format!("parquet: {error}");
    QueryError::Internal { message, source: Some(Arc::new(error.into())) }
}

/// What Parquet has no type for becomes the next wider one, or text.
fn storable(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Timestamp(TimeUnit::Second, zone) => DataType::Timestamp(TimeUnit::Millisecond, zone.clone()),
        DataType::Time32(TimeUnit::Second) => DataType::Time32(TimeUnit::Millisecond),
        DataType::Interval(_) => DataType::Utf8,
        other => other.clone(),
    }
}
