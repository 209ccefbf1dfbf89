use crate::file_part::{self, Contents};
use crate::live_file::LiveFile;
use arrow_array::RecordBatch;
use lincei_catalog::FilePart;

/// What the rows of a file come to.
#[derive(Debug)]
pub struct FileSummary {
    /// Rows per minute with the columns of [`super::count_schema`], exact; `None` where there would
    /// be too many.
    pub counts: Option<RecordBatch>,
    /// `field`, `value` and `rows` (text, text, Int64): the most frequent values of each field, the
    /// most frequent first, after a row without a value for all rows that have one. Estimates.
    pub values: RecordBatch,
}

impl Contents for FileSummary {
    const NAME: &'static str = "summary";
    const MAGIC: &'static [u8; 4] = b"LSM1";

    fn place(file: &LiveFile) -> Option<FilePart> {
        file.summary
    }

    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let counts = file_part::take(&mut bytes)?;
        let counts = if counts.is_empty() { None } else { Some(file_part::unpacked(counts)?) };
        Some(Self { counts, values: file_part::unpacked(file_part::take(&mut bytes)?)? })
    }

    fn size(&self) -> usize {
        self.values.get_array_memory_size() + self.counts.as_ref().map_or(0, RecordBatch::get_array_memory_size)
    }
}
