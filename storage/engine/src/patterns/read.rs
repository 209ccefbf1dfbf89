use crate::file_part::{self, Contents};
use crate::live_file::LiveFile;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt32Type};
use bytes::Bytes;
use lincei_catalog::FilePart;
use lincei_model::pattern::{LEVELS, PatternCounts, PatternFacts};

/// The patterns of a file's bodies.
#[derive(Debug)]
pub struct FilePatterns {
    rows: u64,
    uncounted: u64,
    patterns: RecordBatch,
    /// Packed: only few questions ask for services.
    services: Bytes,
}

/// Rows by level, first and last time, sample.
type Facts = ([u64; LEVELS.len()], i64, i64, String);

impl Contents for FilePatterns {
    const NAME: &'static str = "patterns";
    const MAGIC: &'static [u8; 4] = b"LPT1";

    fn place(file: &LiveFile) -> Option<FilePart> {
        file.patterns
    }

    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let rows = file_part::take_u64(&mut bytes)?;
        let uncounted = file_part::take_u64(&mut bytes)?;
        let patterns = file_part::unpacked(file_part::take(&mut bytes)?)?;
        let services = Bytes::copy_from_slice(file_part::take(&mut bytes)?);
        Some(Self { rows, uncounted, patterns, services })
    }

    fn size(&self) -> usize {
        self.patterns.get_array_memory_size() + self.services.len()
    }
}

impl FilePatterns {
    /// Rows with a body.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds the rows of the file, without groups.
    pub fn add_to(&self, counts: &mut PatternCounts) {
        self.add(counts, |_| Vec::new());
    }

    /// Adds the rows of the file, grouped by service; `group` says the number of one. `None` when the
    /// file does not have them by service.
    pub(super) fn add_by_service(
        &self,
        counts: &mut PatternCounts,
        mut group: impl FnMut(Option<&str>) -> u32,
    ) -> Option<()> {
        let by_service = (!self.services.is_empty()).then(|| file_part::unpacked(&self.services))??;
        let column = |name: &str| by_service.column_by_name(name);
        let patterns = column("pattern")?.as_primitive_opt::<UInt32Type>()?;
        let services = column("service")?.as_string_opt::<i32>()?;
        let rows = column("rows")?.as_primitive_opt::<Int64Type>()?;
        let mut groups: Vec<Vec<(u32, u64)>> = vec![Vec::new(); self.patterns.num_rows()];
        for ((pattern, rows), service) in patterns.values().iter().zip(rows.values()).zip(services) {
            groups.get_mut(*pattern as usize)?.push((group(service), rows.unsigned_abs()));
        }
        self.add(counts, |number| groups.get_mut(number).map(std::mem::take).unwrap_or_default());
        Some(())
    }

    fn add(&self, counts: &mut PatternCounts, mut groups: impl FnMut(usize) -> Vec<(u32, u64)>) {
        counts.add_uncounted(self.uncounted);
        self.each(|number, pattern, (levels, first_ns, last_ns, sample)| {
            counts.add_counted(pattern, PatternFacts::new(levels, first_ns, last_ns, sample, groups(number)));
        });
    }

    fn each(&self, mut take: impl FnMut(usize, &str, Facts)) -> Option<()> {
        let column = |name: &str| self.patterns.column_by_name(name);
        let patterns = column("pattern")?.as_string_opt::<i32>()?;
        let samples = column("sample")?.as_string_opt::<i32>()?;
        let first = column("first")?.as_primitive_opt::<Int64Type>()?;
        let last = column("last")?.as_primitive_opt::<Int64Type>()?;
        let levels = column("levels")?.as_fixed_size_list_opt()?.values().as_primitive_opt::<Int64Type>()?;
        let levels = levels.values().chunks_exact(LEVELS.len());
        let times = first.values().iter().zip(last.values());
        let rows = patterns.iter().zip(samples.iter()).zip(times).zip(levels).enumerate();
        for (number, (((pattern, sample), (first_ns, last_ns)), levels)) in rows {
            let mut counts = [0; LEVELS.len()];
            counts.iter_mut().zip(levels).for_each(|(count, rows)| *count = rows.unsigned_abs());
            let sample = sample.unwrap_or_default().to_owned();
            take(number, pattern.unwrap_or_default(), (counts, *first_ns, *last_ns, sample));
        }
        Some(())
    }
}
