use super::by_service::{PatternsByService, Services};
use super::read::FilePatterns;
use crate::file_part;
use arrow_array::builder::{FixedSizeListBuilder, Int64Builder, StringBuilder, UInt32Builder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::ArrowError;
use lincei_model::pattern::{LEVELS, PatternFacts};
use lincei_model::{Table, TimeRange};
use std::sync::Arc;

/// Files of fewer rows have no patterns: their rows are read as fast.
const ROWS_MIN: usize = 2000;
/// Rows for each pattern, at least.
const ROWS_PER_PATTERN_MIN: u64 = 16;
/// Counts by pattern and service.
const COUNTS_MAX: usize = 64 << 10;
/// Bytes of patterns and samples.
const TEXT_BYTES_MAX: usize = 4 << 20;

/// Finds the patterns of a file's rows while they are written.
pub(crate) struct PatternWriter {
    patterns: PatternsByService,
    rows: usize,
}

impl PatternWriter {
    /// `None` for a table without bodies.
    pub(crate) fn new(table: Table) -> Option<Self> {
        (table == Table::Logs).then(|| Self { patterns: PatternsByService::default(), rows: 0 })
    }

    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows();
        // a table of logs has the columns
        let _ = self.patterns.add_rows(batch, TimeRange::ALL);
    }

    /// The bytes for the file; `None` where they would say little.
    ///
    /// # Errors
    /// When the patterns cannot be encoded.
    pub(crate) fn finish(self) -> Result<Option<Vec<u8>>, ArrowError> {
        let (counts, services) = self.patterns.into_parts();
        let (rows, mut uncounted) = (counts.rows(), counts.uncounted());
        if self.rows < ROWS_MIN || counts.len() as u64 * ROWS_PER_PATTERN_MIN > rows {
            return Ok(None);
        }
        let mut patterns = counts.into_patterns();
        let mut text_bytes = 0;
        let fit = patterns.iter().take_while(|(pattern, facts)| {
            text_bytes += pattern.len() + facts.sample.len();
            text_bytes <= TEXT_BYTES_MAX
        });
        let fit = fit.count();
        uncounted += patterns.drain(fit..).map(|(_, facts)| facts.count()).sum::<u64>();
        let mut out = file_part::begin::<FilePatterns>();
        out.extend(rows.to_le_bytes());
        out.extend(uncounted.to_le_bytes());
        file_part::put(&mut out, Some(&batch_of(&patterns)?))?;
        file_part::put(&mut out, services_of(&patterns, &services)?.as_ref())?;
        Ok(Some(file_part::end(out)))
    }
}

fn batch_of(patterns: &[(String, PatternFacts)]) -> Result<RecordBatch, ArrowError> {
    let (mut names, mut samples) = (StringBuilder::new(), StringBuilder::new());
    let (mut first, mut last) = (Int64Builder::new(), Int64Builder::new());
    let length = i32::try_from(LEVELS.len()).unwrap_or(i32::MAX);
    let mut levels = FixedSizeListBuilder::new(Int64Builder::new(), length);
    for (pattern, facts) in patterns {
        names.append_value(pattern);
        samples.append_value(&facts.sample);
        first.append_value(facts.first_ns);
        last.append_value(facts.last_ns);
        facts.levels.iter().for_each(|rows| levels.values().append_value(to_i64(*rows)));
        levels.append(true);
    }
    RecordBatch::try_from_iter([
        ("pattern", Arc::new(names.finish()) as ArrayRef),
        ("sample", Arc::new(samples.finish())),
        ("first", Arc::new(first.finish())),
        ("last", Arc::new(last.finish())),
        ("levels", Arc::new(levels.finish())),
    ])
}

fn services_of(patterns: &[(String, PatternFacts)], names: &Services) -> Result<Option<RecordBatch>, ArrowError> {
    let (mut rows_of, mut services) = (UInt32Builder::new(), StringBuilder::new());
    let mut counts = Int64Builder::new();
    for (number, (_, facts)) in (0..).zip(patterns) {
        for (group, rows) in facts.groups() {
            rows_of.append_value(number);
            services.append_option(names.name(group));
            counts.append_value(to_i64(rows));
        }
        if counts.values_slice().len() > COUNTS_MAX {
            return Ok(None);
        }
    }
    let columns = [
        ("pattern", Arc::new(rows_of.finish()) as ArrayRef, false),
        ("service", Arc::new(services.finish()), true),
        ("rows", Arc::new(counts.finish()), false),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).map(Some)
}

fn to_i64(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
