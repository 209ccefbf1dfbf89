use crate::error::QueryError;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::writer::StreamWriter;
use std::sync::Arc;

/// Writes the streaming format. Views become plain arrays: many readers do not know views, and a
/// view array is written with every buffer it points into, however few rows are left.
pub(super) struct ArrowEncoder {
    schema: SchemaRef,
    writer: Option<StreamWriter<Vec<u8>>>,
}

impl ArrowEncoder {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let fields: Vec<FieldRef> = schema.fields().iter().map(plain_field).collect();
        Self { schema: Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())), writer: None }
    }

    pub(super) fn start(&mut self) -> Result<Vec<u8>, QueryError> {
        let mut writer = StreamWriter::try_new(Vec::new(), &self.schema).map_err(failed)?;
        let bytes = std::mem::take(writer.get_mut());
        self.writer = Some(writer);
        Ok(bytes)
    }

    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, QueryError> {
        let pairs = batch.columns().iter().zip(self.schema.fields());
        let columns = pairs.map(|(column, field)| cast(column, field.data_type()));
        let columns = columns.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let options = datafusion::arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options).map_err(failed)?;
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

fn plain_field(field: &FieldRef) -> FieldRef {
    let plain = Field::new(field.name(), plain_type(field.data_type()), field.is_nullable());
    Arc::new(plain.with_metadata(field.metadata().clone()))
}

fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        DataType::List(item) => DataType::List(plain_field(item)),
        DataType::LargeList(item) => DataType::LargeList(plain_field(item)),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(plain_field(item), *size),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(plain_field).collect::<Fields>()),
        DataType::Map(entries, sorted) => DataType::Map(plain_field(entries), *sorted),
        other => other.clone(),
    }
}
