use super::layout::{FORMAT_VERSION, KEY_ATTRIBUTES, KEY_FORMAT_VERSION, KEY_TABLE};
use super::{BATCH_ROWS, Corruption, parquet_error};
use crate::EngineError;
use crate::attributes::{narrow, reshape, wide_schema};
use arrow_array::{RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::{ArrowError, Schema, SchemaRef};
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryFutureExt};
use lincei_catalog::DataFile;
use lincei_model::{FileAttributes, Table};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ParquetRecordBatchStreamBuilder;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use std::ops::Range;
use std::sync::Arc;

/// Bytes at the end of an object that are fetched for its footer; more follow where it is larger.
const FOOTER_BYTES: usize = 64 << 10;
/// Decoded bytes of one batch that reading aims at: batches have fewer rows where rows are large.
pub(super) const BATCH_BYTES: usize = 16 << 20;

/// Streams a file's rows in file order, as batches of at most 8 Ki rows with exactly the table's
/// schema. A column that the file does not have yet is null. Every page's checksum is verified.
///
/// Memory: the compressed bytes of one row group, and one batch.
///
/// # Errors
/// [`EngineError::Corrupt`] when the object is missing, its footer unreadable, or it does not hold
/// this table's rows; failures of the store. In the stream, a damaged page is
/// [`EngineError::Parquet`].
pub(crate) async fn read(
    store: &Arc<dyn ObjectStore>,
    file: &DataFile,
) -> Result<BoxStream<'static, Result<RecordBatch, EngineError>>, EngineError> {
    let open = OpenFile::open(store, file).await.map_err(|corruption| corruption.into_error(&file.path))?;
    let (table, attributes) = (open.table, open.attributes.clone());
    let batches = open.stream(&file.path, BATCH_BYTES)?;
    Ok(batches.map(move |batch| narrow(table, &batch?, &attributes)).boxed())
}

/// [`read`], but rows with the columns `attributes` beside the table's, in batches of about `batch_bytes`
/// at most.
pub(super) async fn read_wide(
    store: &Arc<dyn ObjectStore>,
    file: &DataFile,
    attributes: &Arc<FileAttributes>,
    batch_bytes: usize,
) -> Result<BoxStream<'static, Result<RecordBatch, EngineError>>, EngineError> {
    let open = OpenFile::open(store, file).await.map_err(|corruption| corruption.into_error(&file.path))?;
    let (table, from, to) = (open.table, open.attributes.clone(), Arc::clone(attributes));
    let batches = open.stream(&file.path, batch_bytes)?;
    Ok(batches.map(move |batch| reshape(table, &batch?, &from, &to)).boxed())
}

/// A file whose footer was read and found to describe its table.
pub(super) struct OpenFile {
    object: Object,
    table: Table,
    attributes: FileAttributes,
    metadata: ArrowReaderMetadata,
}

impl OpenFile {
    /// Reads the footer and holds it against the catalog.
    pub(super) async fn open(store: &Arc<dyn ObjectStore>, file: &DataFile) -> Result<Self, Corruption> {
        let path = Path::parse(&file.path).map_err(|e| Corruption::Unreadable { source: e.into() })?;
        let mut object = Object { store: store.clone(), path, bytes: file.bytes };
        let footer = object.get_metadata(None).await.map_err(Corruption::footer)?;
        check_keys(file.table, &footer)?;
        let rows = u64::try_from(footer.file_metadata().num_rows()).unwrap_or(0);
        if rows != file.rows {
            return Err(Corruption::Rows { expected: file.rows, found: rows });
        }
        let attributes = stored_attributes(&footer)?;
        let schema = stored_schema(&wide_schema(file.table, &attributes), &footer)?;
        let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
        let metadata =
            ArrowReaderMetadata::try_new(footer, options).map_err(|e| Corruption::Schema { detail: e.to_string() })?;
        Ok(Self { object, table: file.table, attributes, metadata })
    }

    fn stream(
        self,
        path: &str,
        batch_bytes: usize,
    ) -> Result<BoxStream<'static, Result<RecordBatch, EngineError>>, EngineError> {
        let Self { object, table, attributes, metadata } = self;
        let schema = wide_schema(table, &attributes);
        let rows = batch_rows(metadata.metadata(), batch_bytes);
        let builder = ParquetRecordBatchStreamBuilder::new_with_metadata(object, metadata).with_batch_size(rows);
        let stream = builder.build().map_err(|e| parquet_error("read", path, e))?;
        let path = path.to_owned();
        let batches = stream.map(move |batch| {
            let batch = batch.map_err(|e| parquet_error("read", &path, e))?;
            complete(&schema, &batch).map_err(|e| parquet_error("read", &path, e.into()))
        });
        Ok(batches.boxed())
    }
}

/// Fewer rows than usual in a batch where the file's rows are large.
fn batch_rows(footer: &ParquetMetaData, batch_bytes: usize) -> usize {
    let group_row_bytes = footer.row_groups().iter().map(|group| {
        let (bytes, rows) = (group.total_byte_size().max(0), group.num_rows().max(1));
        (bytes / rows).cast_unsigned()
    });
    let row_bytes = group_row_bytes.max().unwrap_or(0).max(1);
    usize::try_from(batch_bytes as u64 / row_bytes).map_or(BATCH_ROWS, |rows| rows.clamp(1, BATCH_ROWS))
}

fn check_keys(table: Table, footer: &ParquetMetaData) -> Result<(), Corruption> {
    let value = |key| value_of(footer, key).unwrap_or_default();
    let (found, version) = (value(KEY_TABLE), value(KEY_FORMAT_VERSION));
    if found != table.name() {
        return Err(Corruption::Schema { detail: format!("{KEY_TABLE} is {found:?}, not {:?}", table.name()) });
    }
    if !version.parse().is_ok_and(|v| (1..=FORMAT_VERSION).contains(&v)) {
        let detail = format!("{KEY_FORMAT_VERSION} is {version:?}, and this version reads 1 to {FORMAT_VERSION}");
        return Err(Corruption::Schema { detail });
    }
    Ok(())
}

fn value_of<'a>(footer: &'a ParquetMetaData, key: &str) -> Option<&'a str> {
    let pairs = footer.file_metadata().key_value_metadata()?;
    pairs.iter().find(|pair| pair.key == key)?.value.as_deref()
}

/// Files of layout 1 have all attributes in their maps.
fn stored_attributes(footer: &ParquetMetaData) -> Result<FileAttributes, Corruption> {
    let Some(json) = value_of(footer, KEY_ATTRIBUTES) else { return Ok(FileAttributes::default()) };
    serde_json::from_str(json).map_err(|e| Corruption::Schema { detail: format!("{KEY_ATTRIBUTES}: {e}") })
}

/// The fields of `schema` that the file has, in the file's order.
fn stored_schema(schema: &Schema, footer: &ParquetMetaData) -> Result<Schema, Corruption> {
    let stored = footer.file_metadata().schema_descr().root_schema().get_fields();
    let field = |name: &str| {
        let field = schema.fields().iter().find(|f| f.name() == name).cloned();
        field.ok_or_else(|| Corruption::Schema { detail: format!("the table has no column {name:?}") })
    };
    let fields = stored.iter().map(|column| field(column.name())).collect::<Result<Vec<_>, _>>()?;
    let missing = |f: &&Arc<arrow_schema::Field>| !f.is_nullable() && !fields.contains(f);
    if let Some(missing) = schema.fields().iter().find(missing) {
        return Err(Corruption::Schema { detail: format!("column {:?} is missing", missing.name()) });
    }
    Ok(Schema::new(fields))
}

/// Puts columns in the schema's order and nulls where the file has no column.
fn complete(schema: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let rows = batch.num_rows();
    let columns = schema.fields().iter().map(|field| match batch.column_by_name(field.name()) {
        Some(column) => column.clone(),
        None => new_null_array(field.data_type(), rows),
    });
    let columns = columns.collect();
    RecordBatch::try_new_with_options(
        Arc::clone(schema),
        columns,
        &RecordBatchOptions::new().with_row_count(Some(rows)),
    )
}

/// An object as the Parquet library reads one: by ranges.
struct Object {
    store: Arc<dyn ObjectStore>,
    path: Path,
    bytes: u64,
}

fn external(error: object_store::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

impl AsyncFileReader for Object {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<Bytes>> {
        self.store.get_range(&self.path, range).map_err(external).boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, ParquetResult<Vec<Bytes>>> {
        async move { self.store.get_ranges(&self.path, &ranges).await.map_err(external) }.boxed()
    }

    /// Without page indexes: rows are read from the first to the last.
    fn get_metadata<'a>(
        &'a mut self,
        _: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        async move {
            let bytes = self.bytes;
            let reader = ParquetMetaDataReader::new().with_prefetch_hint(Some(FOOTER_BYTES));
            Ok(Arc::new(reader.load_and_finish(self, bytes).await?))
        }
        .boxed()
    }
}

/// Streams an object's bytes from the first to the last.
pub(super) async fn for_each_chunk(
    store: &Arc<dyn ObjectStore>,
    path: &str,
    mut take: impl FnMut(&Bytes) + Send,
) -> object_store::Result<()> {
    let object = store.get(&Path::parse(path)?).await?;
    let mut chunks = object.into_stream();
    while let Some(chunk) = chunks.next().await {
        take(&chunk?);
    }
    Ok(())
}
