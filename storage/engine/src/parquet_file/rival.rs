//! A second encoding of one column, page by page: the smaller page goes into the file.
//!
//! Which encoding of doubles is smaller depends on the metric. Split into streams of bytes, whole
//! numbers and noise lose a fifth of their size, and decimal fractions, whose low bytes repeat
//! together, gain a fifth. Parquet states the encoding in each page's header, so one column chunk
//! may mix them, and readers take what comes.

use super::layout::{Tier, rival_properties};
use super::page_checksum::{ColumnPages, PageShelf};
use arrow_schema::{Schema, SchemaRef};
use lincei_model::Table;
use parquet::arrow::arrow_writer::{
    ArrowColumnWriter, ArrowLeafColumn, ArrowRowGroupWriterFactory, ArrowWriter, ArrowWriterOptions,
};
use parquet::basic::Encoding;
use parquet::errors::{ParquetError, Result};
use std::sync::Arc;

/// The column that has a second encoding, and which.
const RIVAL: (&str, Encoding) = ("value", Encoding::BYTE_STREAM_SPLIT);

/// Writes the pages of one column a second time. Holds its encoded pages of one row group.
pub(super) struct Rival {
    leaf: usize,
    factory: ArrowRowGroupWriterFactory,
    shelf: PageShelf,
    /// While a row group is under way.
    column: Option<ArrowColumnWriter>,
}

impl Rival {
    /// For a file of the table with columns `schema`; `None` for a table without a rival encoding.
    pub(super) fn new(
        table: Table,
        tier: Tier,
        schema: &SchemaRef,
        leaf_of: impl Fn(&str) -> Option<usize>,
    ) -> Result<Option<Self>> {
        let (name, encoding) = RIVAL;
        let (Table::Metrics, Some(leaf)) = (table, leaf_of(name)) else { return Ok(None) };
        let field = schema.field_with_name(name).map_err(|e| ParquetError::ArrowError(e.to_string()))?;
        let shelf = PageShelf::default();
        let options = ArrowWriterOptions::new()
            .with_properties(rival_properties(table, tier, encoding)?)
            .with_skip_arrow_metadata(true)
            .with_page_store_factory(Arc::new(shelf.clone()));
        let alone = Arc::new(Schema::new(vec![field.clone()]));
        let (_, factory) = ArrowWriter::try_new_with_options(Vec::new(), alone, options)?.into_serialized_writer()?;
        Ok(Some(Self { leaf, factory, shelf, column: None }))
    }

    /// Takes what goes to a leaf of the file, if it is the one.
    pub(super) fn write(&mut self, leaf: usize, values: &ArrowLeafColumn) -> Result<()> {
        if leaf != self.leaf {
            return Ok(());
        }
        let column = match &mut self.column {
            Some(column) => column,
            none => {
                let column = self.factory.create_column_writers(0)?.into_iter().next();
                none.insert(column.ok_or_else(|| ParquetError::General("no column for a rival".to_owned()))?)
            }
        };
        column.write(values)
    }

    /// Ends the row group: of a leaf's pages, each or its rival.
    pub(super) fn end_row_group(&mut self, leaf: usize, pages: ColumnPages) -> Result<ColumnPages> {
        let Some(column) = self.column.take_if(|_| leaf == self.leaf) else { return Ok(pages) };
        column.close()?;
        match self.shelf.take().pop() {
            Some(rivals) => pages.or_smaller(rivals, RIVAL.1),
            None => Ok(pages),
        }
    }

    /// Bytes of the pages that wait.
    pub(super) fn bytes(&self) -> usize {
        self.column.as_ref().map_or(0, ArrowColumnWriter::get_estimated_total_bytes)
    }
}
