//! Parts of a Parquet file that other readers skip, which say what the file's rows come to. Each is
//! read whole, and kept decoded within a bound of bytes.
//!
//! All begin with a magic and end with the CRC-32 of everything before. Between lie numbers, little
//! endian, and batches: u32, and that many bytes of the zstd of an Arrow IPC stream.

use crate::live_file::LiveFile;
use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;
use lincei_catalog::FilePart;
use moka::sync::Cache;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::sync::Arc;
use ulid::Ulid;

const ZSTD_LEVEL: i32 = 3;
/// Bytes of one batch before compression.
const BATCH_BYTES_MAX: usize = 64 << 20;

/// What a part holds.
pub(crate) trait Contents: Sized + Send + Sync + 'static {
    /// What it is, for the log.
    const NAME: &'static str;
    const MAGIC: &'static [u8; 4];

    fn place(file: &LiveFile) -> Option<FilePart>;

    /// From the bytes between magic and checksum.
    fn decode(bytes: &[u8]) -> Option<Self>;

    /// Bytes in memory.
    fn size(&self) -> usize;
}

/// Begins a part.
pub(crate) fn begin<C: Contents>() -> Vec<u8> {
    C::MAGIC.to_vec()
}

/// Ends a part.
pub(crate) fn end(mut out: Vec<u8>) -> Vec<u8> {
    let crc = crc32fast::hash(&out);
    out.extend(crc.to_le_bytes());
    out
}

/// Adds a batch, or nothing in the place of one.
pub(crate) fn put(out: &mut Vec<u8>, batch: Option<&RecordBatch>) -> Result<(), ArrowError> {
    let packed = batch.map(packed).transpose()?.unwrap_or_default();
    out.extend(u32::try_from(packed.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(packed);
    Ok(())
}

fn packed(batch: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let mut writer = StreamWriter::try_new(Vec::new(), batch.schema_ref())?;
    writer.write(batch)?;
    writer.finish()?;
    Ok(zstd::bulk::compress(&writer.into_inner()?, ZSTD_LEVEL)?)
}

/// Takes a number from the front.
pub(crate) fn take_u64(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*number))
}

/// Takes a packed batch from the front; it is empty where there is none.
pub(crate) fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (part, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    *bytes = rest;
    Some(part)
}

pub(crate) fn unpacked(batch: &[u8]) -> Option<RecordBatch> {
    let bytes = zstd::bulk::decompress(batch, BATCH_BYTES_MAX).ok()?;
    StreamReader::try_new(bytes.as_slice(), None).ok()?.next()?.ok()
}

fn decode<C: Contents>(bytes: &[u8]) -> Option<C> {
    let (body, crc) = bytes.split_last_chunk()?;
    let body = (crc32fast::hash(body) == u32::from_le_bytes(*crc)).then_some(body)?;
    C::decode(body.strip_prefix(C::MAGIC)?)
}

/// Reads the parts of files, and keeps what was read last.
pub(crate) struct FileParts<C> {
    store: Arc<dyn ObjectStore>,
    cache: Cache<Ulid, Arc<C>>,
}

impl<C: Contents> FileParts<C> {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, cache_bytes_max: u64) -> Self {
        let weight = |_: &Ulid, part: &Arc<C>| u32::try_from(part.size()).unwrap_or(u32::MAX);
        Self { store, cache: Cache::builder().max_capacity(cache_bytes_max).weigher(weight).build() }
    }

    /// `None` when the file has none, or it cannot be read: then its rows have to be.
    pub(crate) async fn get(&self, file: &LiveFile) -> Option<Arc<C>> {
        let place = C::place(file)?;
        if let Some(known) = self.cache.get(&file.id) {
            return Some(known);
        }
        let path = Path::parse(&file.path).ok()?;
        let range = place.start..place.start.checked_add(place.bytes)?;
        let bytes = match self.store.get_range(&path, range).await {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::warn!(path = file.path, part = C::NAME, %error, "a part of a file could not be read and is not used");
                return None;
            }
        };
        let Some(part) = decode(&bytes) else {
            tracing::warn!(path = file.path, part = C::NAME, "a part of a file is damaged and is not used");
            return None;
        };
        let part = Arc::new(part);
        self.cache.insert(file.id, Arc::clone(&part));
        Some(part)
    }
}
