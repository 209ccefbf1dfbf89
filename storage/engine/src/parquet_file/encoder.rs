use super::layout::{ROW_GROUP_BYTES_MAX, Tier, properties};
use super::page_checksum::PageShelf;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use lincei_model::{Table, limits};
use parquet::arrow::arrow_writer::{
    ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriter, ArrowWriterOptions, compute_leaves,
};
use parquet::arrow::{ArrowSchemaConverter, arrow_writer::ArrowColumnChunk};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::writer::SerializedFileWriter;
use std::sync::Arc;

/// Turns batches into the bytes of one file. Holds at most one encoded row group, and the bytes
/// that were not yet taken.
pub(super) struct FileEncoder {
    schema: SchemaRef,
    writer: SerializedFileWriter<Vec<u8>>,
    factory: ArrowRowGroupWriterFactory,
    shelf: PageShelf,
    /// One for each leaf while a row group is under way, else empty.
    columns: Vec<ArrowColumnWriter>,
    group_rows: usize,
}

impl FileEncoder {
    pub(super) fn new(table: Table, tier: Tier) -> Result<Self> {
        let schema = table.schema();
        let leaves = ArrowSchemaConverter::new().convert(&schema)?;
        let shelf = PageShelf::default();
        let options = ArrowWriterOptions::new()
            .with_properties(properties(table, tier, &leaves)?)
            .with_skip_arrow_metadata(true)
            .with_page_store_factory(Arc::new(shelf.clone()));
        let writer = ArrowWriter::try_new_with_options(Vec::new(), schema.clone(), options)?;
        let (writer, factory) = writer.into_serialized_writer()?;
        Ok(Self { schema, writer, factory, shelf, columns: Vec::new(), group_rows: 0 })
    }

    /// Encodes rows of the table's schema. Page and row group boundaries do not depend on how the
    /// rows are cut into batches, except where rows are so large that bytes decide.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut start = 0;
        while start < batch.num_rows() {
            // the library ends a page only between two writes
            let page_rest = limits::PAGE_ROWS - self.group_rows % limits::PAGE_ROWS;
            let rows = page_rest.min(batch.num_rows() - start);
            self.write_within_page(&batch.slice(start, rows))?;
            start += rows;
            let encoded: usize = self.columns.iter().map(ArrowColumnWriter::get_estimated_total_bytes).sum();
            if self.group_rows >= limits::ROW_GROUP_ROWS || encoded >= ROW_GROUP_BYTES_MAX {
                self.end_row_group()?;
            }
        }
        Ok(())
    }

    /// What was encoded since the last call: whole row groups.
    pub(super) fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(self.writer.inner_mut())
    }

    /// Ends the file: its metadata, and the bytes not yet taken.
    pub(super) fn finish(mut self) -> Result<(ParquetMetaData, Vec<u8>)> {
        self.end_row_group()?;
        let metadata = self.writer.finish()?;
        Ok((metadata, self.take_bytes()))
    }

    fn write_within_page(&mut self, batch: &RecordBatch) -> Result<()> {
        if self.columns.is_empty() {
            self.columns = self.factory.create_column_writers(self.writer.flushed_row_groups().len())?;
        }
        let mut writers = self.columns.iter_mut();
        for (field, column) in self.schema.fields().iter().zip(batch.columns()) {
            for leaf in compute_leaves(field, column)? {
                let writer = writers.next().ok_or_else(|| missing_leaf(field.name()))?;
                writer.write(&leaf)?;
            }
        }
        self.group_rows += batch.num_rows();
        Ok(())
    }

    fn end_row_group(&mut self) -> Result<()> {
        if self.group_rows == 0 {
            return Ok(());
        }
        self.group_rows = 0;
        let chunks: Vec<ArrowColumnChunk> =
            std::mem::take(&mut self.columns).into_iter().map(ArrowColumnWriter::close).collect::<Result<_>>()?;
        let mut group = self.writer.next_row_group()?;
        for (chunk, pages) in chunks.iter().zip(self.shelf.take()) {
            let (bytes, close) = pages.assemble(chunk.close().clone())?;
            group.append_column(&bytes, close)?;
        }
        group.close()?;
        Ok(())
    }
}

fn missing_leaf(column: &str) -> ParquetError {
    ParquetError::General(format!("column {column} has more leaves than the schema"))
}
