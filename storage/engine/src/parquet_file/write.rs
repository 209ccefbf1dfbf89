use super::encoder::{FileEncoder, Finished};
use super::layout::{KEY_ATTRIBUTES, Tier};
use super::order::OrderCheck;
use super::ranges::{column_ranges, time_range};
use super::{Hour, check_schema, parquet_error};
use crate::EngineError;
use crate::attributes::{AttributeCount, wide_schema};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use lincei_catalog::{ColumnRange, FilePart, TermsPlace};
use lincei_model::{FileAttributes, Table};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use parquet::file::metadata::{KeyValue, ParquetMetaData};
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
    /// Where the attributes are.
    pub(crate) attributes: FileAttributes,
    /// Where the index of terms is.
    pub(crate) terms: Option<TermsPlace>,
    /// Where the summary is.
    pub(crate) summary: Option<FilePart>,
    /// Where the patterns of bodies are.
    pub(crate) patterns: Option<FilePart>,
}

/// Writes one file to `path` and returns once the store has completed it; it is invisible before.
///
/// Rows must have the table's columns and those of `attributes`, the table's sort order, and lie in
/// one hour; how they are cut into batches does not matter. Memory: one encoded row group, twice
/// for a moment when it ends (normally 20 MiB, at most 512), one part of 8 MiB, and, unless straight
/// from memory, patterns of bodies (normally 2 MiB, at most 32).
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
    attributes: &FileAttributes,
    batches: impl Stream<Item = Result<RecordBatch, EngineError>> + Send,
) -> Result<Written, EngineError> {
    let mut file = FileWriter::new(store, table, tier, path, attributes)?;
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
    tier: Tier,
    path: String,
    schema: SchemaRef,
    /// Made from the first rows.
    encoder: Option<FileEncoder>,
    order: OrderCheck,
    attributes: AttributeCount,
    upload: Upload,
    rows: u64,
}

impl FileWriter {
    pub(super) fn new(
        store: &Arc<dyn ObjectStore>,
        table: Table,
        tier: Tier,
        path: &str,
        attributes: &FileAttributes,
    ) -> Result<Self, EngineError> {
        Ok(Self {
            table,
            tier,
            path: path.to_owned(),
            schema: wide_schema(table, attributes),
            encoder: None,
            order: OrderCheck::new(table),
            attributes: AttributeCount::new(table, attributes),
            upload: Upload::new(store, path)?,
            rows: 0,
        })
    }

    /// Rows written so far.
    pub(super) const fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) async fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        check_schema(self.table, &self.schema, batch.schema_ref())?;
        self.order.accept(batch)?;
        self.attributes.add(batch);
        let failed = |e| parquet_error("written", &self.path, e);
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            none => {
                let schema = Arc::clone(&self.schema);
                none.insert(FileEncoder::new(self.table, self.tier, schema, batch).map_err(failed)?)
            }
        };
        encoder.write(batch).map_err(failed)?;
        self.rows += batch.num_rows() as u64;
        self.upload.put(encoder.bytes()).await?;
        encoder.clear_bytes();
        Ok(())
    }

    pub(super) async fn finish(self) -> Result<Written, EngineError> {
        let Self { table, path, schema, encoder, attributes, mut upload, rows, .. } = self;
        let attributes = attributes.finish();
        let ended = end(table, &path, encoder, &attributes);
        let Ended { metadata, terms, summary, patterns, bytes, min_time_ns, max_time_ns } = match ended {
            Ok(ended) => ended,
            Err(error) => {
                upload.abort().await;
                return Err(error);
            }
        };
        upload.put(&bytes).await?;
        let (bytes, crc32) = upload.complete().await?;
        let columns = column_ranges(&schema, &metadata);
        Ok(Written { rows, bytes, min_time_ns, max_time_ns, crc32, columns, attributes, terms, summary, patterns })
    }

    pub(super) async fn abort(mut self) {
        self.upload.abort().await;
    }
}

/// A file's end.
struct Ended {
    metadata: ParquetMetaData,
    terms: Option<TermsPlace>,
    summary: Option<FilePart>,
    patterns: Option<FilePart>,
    bytes: Vec<u8>,
    min_time_ns: i64,
    max_time_ns: i64,
}

fn end(
    table: Table,
    path: &str,
    encoder: Option<FileEncoder>,
    attributes: &FileAttributes,
) -> Result<Ended, EngineError> {
    let encoder = encoder.ok_or_else(|| bad_rows(table, "no rows"))?;
    let json = serde_json::to_string(attributes).map_err(|e| bad_rows(table, &format!("attributes: {e}")))?;
    let facts = vec![KeyValue::new(KEY_ATTRIBUTES.to_owned(), json)];
    let Finished { metadata, terms, summary, patterns, bytes } =
        encoder.finish(facts).map_err(|e| parquet_error("written", path, e))?;
    let (min, max) = time_range(&metadata).ok_or_else(|| bad_rows(table, "no rows"))?;
    if Hour::of(min) != Hour::of(max) {
        let detail = format!("times from {} to {} are not of one hour", Hour::of(min), Hour::of(max));
        return Err(bad_rows(table, &detail));
    }
    Ok(Ended { metadata, terms, summary, patterns, bytes, min_time_ns: min, max_time_ns: max })
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
