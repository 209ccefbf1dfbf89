use super::MAGIC;
use crate::live_file::LiveFile;
use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use moka::sync::Cache;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::sync::Arc;
use ulid::Ulid;

/// Bytes of one part of a summary before compression.
const PART_BYTES_MAX: usize = 64 << 20;

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

impl FileSummary {
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, crc) = bytes.split_last_chunk()?;
        if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
            return None;
        }
        let mut rest = body.strip_prefix(MAGIC)?;
        let counts = part(&mut rest)?;
        let counts = if counts.is_empty() { None } else { Some(unpacked(counts)?) };
        Some(Self { counts, values: unpacked(part(&mut rest)?)? })
    }

    fn size(&self) -> usize {
        self.values.get_array_memory_size() + self.counts.as_ref().map_or(0, RecordBatch::get_array_memory_size)
    }
}

fn part<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (part, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    *bytes = rest;
    Some(part)
}

fn unpacked(part: &[u8]) -> Option<RecordBatch> {
    let bytes = zstd::bulk::decompress(part, PART_BYTES_MAX).ok()?;
    StreamReader::try_new(bytes.as_slice(), None).ok()?.next()?.ok()
}

/// Reads the summaries of files, and keeps what was read last.
pub(crate) struct Summaries {
    store: Arc<dyn ObjectStore>,
    cache: Cache<Ulid, Arc<FileSummary>>,
}

impl Summaries {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, cache_bytes_max: u64) -> Self {
        let weight = |_: &Ulid, summary: &Arc<FileSummary>| u32::try_from(summary.size()).unwrap_or(u32::MAX);
        Self { store, cache: Cache::builder().max_capacity(cache_bytes_max).weigher(weight).build() }
    }

    /// `None` when the file has none, or it cannot be read: then its rows have to be.
    pub(crate) async fn get(&self, file: &LiveFile) -> Option<Arc<FileSummary>> {
        let place = file.summary?;
        if let Some(known) = self.cache.get(&file.id) {
            return Some(known);
        }
        let path = Path::parse(&file.path).ok()?;
        let range = place.start..place.start.checked_add(place.bytes)?;
        let bytes = match self.store.get_range(&path, range).await {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::warn!(path = file.path, %error, "a summary could not be read and is not used");
                return None;
            }
        };
        let Some(summary) = FileSummary::decode(&bytes) else {
            tracing::warn!(path = file.path, "a summary is damaged and is not used");
            return None;
        };
        let summary = Arc::new(summary);
        self.cache.insert(file.id, Arc::clone(&summary));
        Some(summary)
    }
}
