use super::FileSummary;
use super::counts::Counts;
use super::values::Values;
use crate::file_part;
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use lincei_model::Table;

/// Files of fewer rows have no summary: their rows are counted as fast.
const ROWS_MIN: usize = 2000;

/// Sums up the rows of a file while they are written.
pub(crate) struct SummaryWriter {
    counts: Counts,
    values: Values,
    rows: usize,
}

impl SummaryWriter {
    /// For rows with the columns of `sample`; `None` for a table that has no summaries.
    pub(crate) fn new(table: Table, sample: &RecordBatch) -> Option<Self> {
        Some(Self { counts: Counts::new(table)?, values: Values::new(sample.schema_ref()), rows: 0 })
    }

    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows();
        self.counts.add(batch);
        self.values.add(batch);
    }

    /// The bytes for the file; `None` for few rows.
    ///
    /// # Errors
    /// When the summary cannot be encoded.
    pub(crate) fn finish(self) -> Result<Option<Vec<u8>>, ArrowError> {
        if self.rows < ROWS_MIN {
            return Ok(None);
        }
        let mut out = file_part::begin::<FileSummary>();
        file_part::put(&mut out, self.counts.finish()?.as_ref())?;
        file_part::put(&mut out, Some(&self.values.finish()?))?;
        Ok(Some(file_part::end(out)))
    }
}
