use super::layout::{ROW_GROUP_BYTES_MAX, Tier, properties};
use super::page_checksum::PageShelf;
use super::repetition::Repetition;
use super::rival::Rival;
use crate::patterns::PatternWriter;
use crate::summary::SummaryWriter;
use crate::term_index::{Encoded, TermIndexWriter};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use lincei_catalog::{FilePart, TermsPlace};
use lincei_model::Table;
use parquet::arrow::arrow_writer::{
    ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriter, ArrowWriterOptions, compute_leaves,
};
use parquet::arrow::{ArrowSchemaConverter, arrow_writer::ArrowColumnChunk};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{KeyValue, ParquetMetaData};
use parquet::file::writer::SerializedFileWriter;
use std::sync::Arc;

/// Turns batches into the bytes of one file. Holds at most one encoded row group, and the bytes
/// that were not yet taken.
pub(super) struct FileEncoder {
    table: Table,
    schema: SchemaRef,
    writer: SerializedFileWriter<Vec<u8>>,
    factory: ArrowRowGroupWriterFactory,
    shelf: PageShelf,
    /// One for each leaf while a row group is under way, else empty.
    columns: Vec<ArrowColumnWriter>,
    rival: Option<Rival>,
    group_rows: usize,
    terms: TermIndexWriter,
    summary: Option<SummaryWriter>,
    patterns: Option<PatternWriter>,
}

/// What is left of a file when its last row was taken.
pub(super) struct Finished {
    pub(super) metadata: ParquetMetaData,
    pub(super) terms: Option<TermsPlace>,
    pub(super) summary: Option<FilePart>,
    pub(super) patterns: Option<FilePart>,
    /// Not yet taken.
    pub(super) bytes: Vec<u8>,
}

impl FileEncoder {
    /// For rows of `schema`, of which `sample` is the beginning.
    pub(super) fn new(table: Table, tier: Tier, schema: SchemaRef, sample: &RecordBatch) -> Result<Self> {
        let leaves = ArrowSchemaConverter::new().convert(&schema)?;
        let repetition = Repetition::of(table, sample);
        let terms = TermIndexWriter::new(table, sample, &repetition.unrepeated);
        let summary = SummaryWriter::new(table, sample);
        let patterns = if tier == Tier::Fresh { None } else { PatternWriter::new(table) };
        let shelf = PageShelf::default();
        let options = ArrowWriterOptions::new()
            .with_properties(properties(table, tier, &leaves, &repetition)?)
            .with_skip_arrow_metadata(true)
            .with_page_store_factory(Arc::new(shelf.clone()));
        let leaf_of =
            |name: &str| leaves.columns().iter().position(|leaf| matches!(leaf.path().parts(), [only] if only == name));
        let rival = Rival::new(table, tier, &schema, leaf_of)?;
        let writer = ArrowWriter::try_new_with_options(Vec::new(), schema.clone(), options)?;
        let (writer, factory) = writer.into_serialized_writer()?;
        Ok(Self {
            table,
            schema,
            writer,
            factory,
            shelf,
            columns: Vec::new(),
            rival,
            group_rows: 0,
            terms,
            summary,
            patterns,
        })
    }

    /// Encodes rows of the table's schema. Page and row group boundaries do not depend on how the
    /// rows are cut into batches, except where rows are so large that bytes decide.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut start = 0;
        while start < batch.num_rows() {
            // the library ends a page only between two writes
            let page_rest = self.table.page_rows() - self.group_rows % self.table.page_rows();
            let rows = page_rest.min(batch.num_rows() - start);
            self.write_within_page(&batch.slice(start, rows))?;
            start += rows;
            let mut encoded: usize = self.columns.iter().map(ArrowColumnWriter::get_estimated_total_bytes).sum();
            encoded += self.rival.as_ref().map_or(0, Rival::bytes);
            if self.group_rows >= self.table.row_group_rows() || encoded >= ROW_GROUP_BYTES_MAX {
                self.end_row_group()?;
            }
        }
        Ok(())
    }

    /// What was encoded since [`Self::clear_bytes`]: whole row groups.
    pub(super) fn bytes(&self) -> &[u8] {
        self.writer.inner()
    }

    /// Forgets the bytes and keeps their memory for the next row group.
    pub(super) fn clear_bytes(&mut self) {
        self.writer.inner_mut().clear();
    }

    /// Ends the file: its metadata, and the bytes not yet taken. `facts` go to the footer.
    pub(super) fn finish(mut self, facts: Vec<KeyValue>) -> Result<Finished> {
        self.end_row_group()?;
        let mut put = |part: Option<Vec<u8>>| -> Result<Option<FilePart>> {
            let Some(bytes) = part else { return Ok(None) };
            let place = FilePart { start: self.writer.bytes_written() as u64, bytes: bytes.len() as u64 };
            self.writer.write_all(&bytes)?;
            Ok(Some(place))
        };
        let summary = put(self.summary.map(SummaryWriter::finish).transpose()?.flatten())?;
        let patterns = put(self.patterns.map(PatternWriter::finish).transpose()?.flatten())?;
        let mut terms = None;
        if let Some(Encoded { bytes, directory }) = self.terms.finish()? {
            let start = self.writer.bytes_written() as u64;
            self.writer.write_all(&bytes)?;
            let directory_bytes = (bytes.len() - directory) as u64;
            terms = Some(TermsPlace { start, directory: start + directory as u64, directory_bytes });
        }
        for fact in facts {
            self.writer.append_key_value_metadata(fact);
        }
        let metadata = self.writer.finish()?;
        let bytes = std::mem::take(self.writer.inner_mut());
        Ok(Finished { metadata, terms, summary, patterns, bytes })
    }

    fn write_within_page(&mut self, batch: &RecordBatch) -> Result<()> {
        if self.columns.is_empty() {
            self.columns = self.factory.create_column_writers(self.writer.flushed_row_groups().len())?;
        }
        let mut writers = self.columns.iter_mut().enumerate();
        for (field, column) in self.schema.fields().iter().zip(batch.columns()) {
            for leaf in compute_leaves(field, column)? {
                let (at, writer) = writers.next().ok_or_else(|| missing_leaf(field.name()))?;
                writer.write(&leaf)?;
                if let Some(rival) = &mut self.rival {
                    rival.write(at, &leaf)?;
                }
            }
        }
        self.terms.add(batch);
        if let Some(summary) = &mut self.summary {
            summary.add(batch);
        }
        if let Some(patterns) = &mut self.patterns {
            patterns.add(batch);
        }
        self.group_rows += batch.num_rows();
        if self.group_rows.is_multiple_of(self.table.page_rows()) {
            self.terms.end_page();
        }
        Ok(())
    }

    fn end_row_group(&mut self) -> Result<()> {
        if self.group_rows == 0 {
            return Ok(());
        }
        self.terms.end_group(std::mem::take(&mut self.group_rows));
        let chunks: Vec<ArrowColumnChunk> =
            std::mem::take(&mut self.columns).into_iter().map(ArrowColumnWriter::close).collect::<Result<_>>()?;
        let mut group = self.writer.next_row_group()?;
        for (leaf, (chunk, mut pages)) in chunks.iter().zip(self.shelf.take()).enumerate() {
            if let Some(rival) = &mut self.rival {
                pages = rival.end_row_group(leaf, pages)?;
            }
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
