use super::MAGIC;
use super::counts::Counts;
use super::values::Values;
use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;
use lincei_model::Table;

/// Files of fewer rows have no summary: their rows are counted as fast.
const ROWS_MIN: usize = 2000;
const ZSTD_LEVEL: i32 = 3;

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
        let mut out = MAGIC.to_vec();
        put(&mut out, &self.counts.finish()?.map(|batch| packed(&batch)).transpose()?.unwrap_or_default());
        put(&mut out, &packed(&self.values.finish()?)?);
        let crc = crc32fast::hash(&out);
        out.extend(crc.to_le_bytes());
        Ok(Some(out))
    }
}

fn put(out: &mut Vec<u8>, part: &[u8]) {
    out.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(part);
}

fn packed(batch: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let mut writer = StreamWriter::try_new(Vec::new(), batch.schema_ref())?;
    writer.write(batch)?;
    writer.finish()?;
    Ok(zstd::bulk::compress(&writer.into_inner()?, ZSTD_LEVEL)?)
}
