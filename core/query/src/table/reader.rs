//! Reads of Parquet files: footers come from the shared cache, bytes are counted, and the files
//! under way are known when one of them cannot be read.
//!
//! What a read brings (of the columns of one row group, or some pages of them) stays until the next
//! one, and is reserved in the query's memory, with the pages of one batch unpacked. A scan that is refused waits for others to end before
//! its query fails: it can neither spill nor do with less.

use crate::stats::ScanCounters;
use bytes::Bytes;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use datafusion::parquet::arrow::arrow_reader::ArrowReaderOptions;
use datafusion::parquet::arrow::async_reader::AsyncFileReader;
use datafusion::parquet::errors::{ParquetError, Result as ParquetResult};
use datafusion::parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt;
use futures::future::BoxFuture;
use lincei_engine::LiveFile;
use object_store::ObjectStore;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Carried by a planned file; keeps its object in the store.
#[derive(Clone)]
pub(super) struct FileHandle(pub(super) Arc<LiveFile>);

pub(super) struct ReaderFactory {
    inner: CachedParquetFileReaderFactory,
    counters: Arc<ScanCounters>,
    pool: Arc<dyn MemoryPool>,
}

/// How often, and how many times, a scan that was refused memory asks again.
const RETRY: (Duration, u32) = (Duration::from_millis(50), 100);

impl ReaderFactory {
    pub(super) fn new(
        store: Arc<dyn ObjectStore>,
        footers: Arc<FileMetadataCache>,
        counters: Arc<ScanCounters>,
        pool: Arc<dyn MemoryPool>,
    ) -> Self {
        Self { inner: CachedParquetFileReaderFactory::new(store, footers), counters, pool }
    }
}

impl fmt::Debug for ReaderFactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReaderFactory").finish_non_exhaustive()
    }
}

impl ParquetFileReaderFactory for ReaderFactory {
    fn create_reader(
        &self,
        partition_index: usize,
        file: PartitionedFile,
        metadata_size_hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let handle = file.extension::<FileHandle>().cloned();
        let FileHandle(live) = handle.ok_or_else(|| exec_datafusion_err!("{} is not a planned file", file.path()))?;
        let inner = self.inner.create_reader(partition_index, file, metadata_size_hint, metrics)?;
        self.counters.touch(&live);
        let held = MemoryConsumer::new("scan").register(&self.pool);
        Ok(Box::new(CountingReader { inner, file: live, counters: Arc::clone(&self.counters), held, unpacked: (0, 1) }))
    }
}

struct CountingReader {
    inner: Box<dyn AsyncFileReader + Send>,
    file: Arc<LiveFile>,
    counters: Arc<ScanCounters>,
    held: MemoryReservation,
    /// Unpacked bytes of the pages of one batch, for so many bytes read; known with the footer.
    unpacked: (u64, u64),
}

impl CountingReader {
    /// Reserves the bytes of one read in place of those of the last one.
    async fn hold(&mut self, bytes: u64) -> ParquetResult<()> {
        self.counters.read(bytes);
        let (unpacked, packed) = self.unpacked;
        let pages = u128::from(bytes) * u128::from(unpacked) / u128::from(packed.max(1));
        let bytes = bytes.saturating_add(u64::try_from(pages).unwrap_or(u64::MAX));
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        for _ in 1..RETRY.1 {
            if self.held.try_resize(bytes).is_ok() {
                return Ok(());
            }
            tokio::time::sleep(RETRY.0).await;
        }
        self.held.try_resize(bytes).map_err(|error| ParquetError::External(Box::new(error)))
    }
}

impl AsyncFileReader for CountingReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<Bytes>> {
        async move {
            self.hold(range.end.saturating_sub(range.start)).await?;
            self.inner.get_bytes(range).await
        }
        .boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, ParquetResult<Vec<Bytes>>> {
        async move {
            self.hold(ranges.iter().map(|range| range.end.saturating_sub(range.start)).sum()).await?;
            self.inner.get_byte_ranges(ranges).await
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        async move {
            // DataFusion asks for a footer without page indexes, and would then read and decode them
            // for every query anew; without options the cache keeps both
            let footer = self.inner.get_metadata(None).await?;
            self.unpacked = unpacked(&footer, self.file.table.page_rows());
            Ok(footer)
        }
        .boxed()
    }
}

/// Unpacked bytes of as many rows as a page has, and packed bytes of the row group they lie in.
fn unpacked(footer: &ParquetMetaData, page_rows: usize) -> (u64, u64) {
    let of = |group: &RowGroupMetaData| {
        let rows = group.num_rows().max(1).cast_unsigned();
        let page_rows = rows.min(page_rows as u64);
        let bytes = group.total_byte_size().max(0).cast_unsigned();
        (bytes / rows * page_rows, group.compressed_size().max(1).cast_unsigned())
    };
    footer.row_groups().iter().map(of).max_by_key(|(unpacked, _)| *unpacked).unwrap_or((0, 1))
}

impl Drop for CountingReader {
    fn drop(&mut self) {
        self.counters.touch(&self.file);
    }
}
