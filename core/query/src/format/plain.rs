use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use std::sync::Arc;

/// Turns views into plain arrays: many readers do not know views, and a view array is written with
/// every buffer it points into, however few rows are left.
pub(super) struct Plain {
    schema: SchemaRef,
}

/// What becomes of types without children that are not views.
type Leaf = fn(&DataType) -> DataType;

impl Plain {
    pub(super) fn new(schema: &SchemaRef, leaf: Leaf) -> Self {
        let fields: Vec<FieldRef> = schema.fields().iter().map(|field| plain_field(field, leaf)).collect();
        Self { schema: Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())) }
    }

    pub(super) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    pub(super) fn batch(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let pairs = batch.columns().iter().zip(self.schema.fields());
        let columns = pairs.map(|(column, field)| cast(column, field.data_type())).collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(self.schema(), columns, &options)
    }
}

fn plain_field(field: &FieldRef, leaf: Leaf) -> FieldRef {
    let plain = Field::new(field.name(), plain_type(field.data_type(), leaf), field.is_nullable());
    Arc::new(plain.with_metadata(field.metadata().clone()))
}

fn plain_type(data_type: &DataType, leaf: Leaf) -> DataType {
    match data_type {
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        DataType::List(item) => DataType::List(plain_field(item, leaf)),
        DataType::LargeList(item) => DataType::LargeList(plain_field(item, leaf)),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(plain_field(item, leaf), *size),
        DataType::Struct(fields) => {
            DataType::Struct(fields.iter().map(|field| plain_field(field, leaf)).collect::<Fields>())
        }
        DataType::Map(entries, sorted) => DataType::Map(plain_field(entries, leaf), *sorted),
        other => leaf(other),
    }
}
