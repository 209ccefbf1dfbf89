use super::encoder::FileEncoder;
use super::layout::Tier;
use super::order::OrderCheck;
use super::ranges::{column_ranges, time_range};
use super::{Hour, check_schema, parquet_error};
use crate::EngineError;
use arrow_array::RecordBatch;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use lincei_catalog::ColumnRange;
use lincei_model::Table;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use std::pin::pin;
use std::sync::Arc;

/// Bytes of one part of a multipart upload, all parts but the last. S3 wants at least 5 MiB.
const PART_BYTES: usize = 8 << 20;

/// What became of a file: what the catalog keeps of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Written {
    /// Rows in the file; at least one.
    pub(crate) rows: u64,
    /// Length of the object.
    pub(crate) bytes: u64,
    /// Least `time`.
    pub(crate) min_time_ns: i64,
    /// Greatest `time`, in the same hour.
    pub(crate) max_time_ns: i64,
    /// CRC-32 (IEEE) of the whole object.
    pub(crate) crc32: u32,
    /// Bounds of the integer columns and of the text columns that queries select by: inclusive,
    /// text cut to 64 bytes. A column without an entry can hold anything.
    pub(crate) columns: Vec<ColumnRange>,
}

/// Writes one file to `path` and returns once the store has completed it; it is invisible before.
///
/// Rows must have the table's schema and sort order and lie in one hour; how they are cut into
/// batches does not matter. Memory: one encoded row group, twice for a moment when it ends
/// (normally 20 MiB, at most 512), and one part of 8 MiB.
///
/// # Errors
/// What the stream yields, [`EngineError::Rows`] for rows that break the rules above or for no
/// rows at all, and failures of the encoder and the store. The upload is then aborted and nothing
/// exists at `path`.
pub(crate) async fn write(
    store: &Arc<dyn ObjectStore>,
    table: Table,
    tier: Tier,
    path: &str,
    batches: impl Stream<Item = Result<RecordBatch, EngineError>> + Send,
) -> Result<Written, EngineError> {
    let mut file = FileWriter::new(store, table, tier, path)?;
    let mut batches = pin!(batches);
    while let Some(batch) = batches.next().await {
        let written = match batch {
            Ok(batch) => file.write(&batch).await,
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            file.abort().await;
            return Err(error);
        }
        tokio::task::yield_now().await;
    }
    file.finish().await
}

/// A file under way. It becomes visible in the store with [`FileWriter::finish`]; call
/// [`FileWriter::abort`] otherwise, or the store may keep the parts.
pub(super) struct FileWriter {
    table: Table,
    path: String,
    encoder: FileEncoder,
    order: OrderCheck,
    upload: Upload,
    rows: u64,
}

impl FileWriter {
    pub(super) fn new(store: &Arc<dyn ObjectStore>, table: Table, tier: Tier, path: &str) -> Result<Self, EngineError> {
        let encoder = FileEncoder::new(table, tier).map_err(|e| parquet_error("written", path, e))?;
        let upload = Upload::new(store, path)?;
        Ok(Self { table, path: path.to_owned(), encoder, order: OrderCheck::new(table)?, upload, rows: 0 })
    }

    /// Rows written so far.
    pub(super) const fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) async fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        check_schema(self.table, batch.schema_ref())?;
        self.order.accept(batch)?;
        self.encoder.write(batch).map_err(|e| parquet_error("written", &self.path, e))?;
        self.rows += batch.num_rows() as u64;
        self.upload.put(&self.encoder.take_bytes()).await
    }

    pub(super) async fn finish(self) -> Result<Written, EngineError> {
        let Self { table, path, encoder, mut upload, rows, .. } = self;
        let ended = encoder.finish().map_err(|e| parquet_error("written", &path, e)).and_then(|(metadata, bytes)| {
            let (min, max) = time_range(&metadata).filter(|_| rows > 0).ok_or_else(|| bad_rows(table, "no rows"))?;
            if Hour::of(min) != Hour::of(max) {
                let detail = format!("times from {} to {} are not of one hour", Hour::of(min), Hour::of(max));
                return Err(bad_rows(table, &detail));
            }
            Ok((metadata, bytes, min, max))
        });
        let (metadata, bytes, min_time_ns, max_time_ns) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                upload.abort().await;
                return Err(error);
            }
        };
        upload.put(&bytes).await?;
        let (bytes, crc32) = upload.complete().await?;
        let columns = column_ranges(table, &metadata);
        Ok(Written { rows, bytes, min_time_ns, max_time_ns, crc32, columns })
    }

    pub(super) async fn abort(mut self) {
        self.upload.abort().await;
    }
}

fn bad_rows(table: Table, detail: &str) -> EngineError {
    EngineError::Rows { table, detail: detail.to_owned() }
}

/// An object under way, with the checksum and length of what was put. Parts go one by one.
struct Upload {
    store: Arc<dyn ObjectStore>,
    path: String,
    location: Path,
    /// Less than a part, not yet sent.
    buffer: BytesMut,
    /// Begun with the first whole part; small objects go in one request.
    multipart: Option<Box<dyn MultipartUpload>>,
    crc: crc32fast::Hasher,
    bytes: u64,
}

impl Upload {
    fn new(store: &Arc<dyn ObjectStore>, path: &str) -> Result<Self, EngineError> {
        let location = Path::parse(path).and_then(|location| {
            let root = || object_store::path::Error::EmptySegment { path: path.to_owned() };
            if location.as_ref().is_empty() { Err(root()) } else { Ok(location) }
        });
        let location = location.map_err(|e| EngineError::store("written", path)(e.into()))?;
        Ok(Self {
            store: store.clone(),
            path: path.to_owned(),
            location,
            buffer: BytesMut::new(),
            multipart: None,
            crc: crc32fast::Hasher::new(),
            bytes: 0,
        })
    }

    /// Appends; aborts the upload when a part cannot be sent.
    async fn put(&mut self, bytes: &[u8]) -> Result<(), EngineError> {
        self.crc.update(bytes);
        self.bytes += bytes.len() as u64;
        let mut rest = bytes;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(PART_BYTES - self.buffer.len()));
            self.buffer.extend_from_slice(piece);
            rest = after;
            if self.buffer.len() == PART_BYTES {
                let part = std::mem::take(&mut self.buffer).freeze();
                if let Err(error) = self.put_part(part).await {
                    self.abort().await;
                    return Err(EngineError::store("written", &self.path)(error));
                }
            }
        }
        Ok(())
    }

    async fn put_part(&mut self, part: Bytes) -> object_store::Result<()> {
        let multipart = match &mut self.multipart {
            Some(multipart) => multipart,
            none => none.insert(self.store.put_multipart(&self.location).await?),
        };
        multipart.put_part(PutPayload::from_bytes(part)).await
    }

    /// Makes the object visible: its length and checksum.
    async fn complete(mut self) -> Result<(u64, u32), EngineError> {
        let rest = self.buffer.split().freeze();
        let result = if self.multipart.is_none() {
            self.store.put(&self.location, PutPayload::from_bytes(rest)).await.map(drop)
        } else {
            self.complete_multipart(rest).await
        };
        if let Err(error) = result {
            self.abort().await;
            return Err(EngineError::store("written", &self.path)(error));
        }
        Ok((self.bytes, self.crc.finalize()))
    }

    async fn complete_multipart(&mut self, rest: Bytes) -> object_store::Result<()> {
        if !rest.is_empty() {
            self.put_part(rest).await?;
        }
        match &mut self.multipart {
            Some(multipart) => multipart.complete().await.map(drop),
            None => Ok(()),
        }
    }

    /// Frees the parts in the store. A failure only leaves garbage, so it is logged.
    async fn abort(&mut self) {
        if let Some(mut multipart) = self.multipart.take()
            && let Err(error) = multipart.abort().await
        {
            tracing::warn!(path = %self.path, %error, "cannot abort an upload; its parts stay in the store");
        }
    }
}
