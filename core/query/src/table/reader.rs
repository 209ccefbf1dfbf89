//! Reads of Parquet files: footers come from the shared cache, bytes are counted, and the files
//! under way are known when one of them cannot be read.

use crate::stats::ScanCounters;
use bytes::Bytes;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::parquet::arrow::arrow_reader::ArrowReaderOptions;
use datafusion::parquet::arrow::async_reader::AsyncFileReader;
use datafusion::parquet::errors::Result as ParquetResult;
use datafusion::parquet::file::metadata::ParquetMetaData;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::future::BoxFuture;
use lincei_engine::LiveFile;
use object_store::ObjectStore;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Carried by a planned file; keeps its object in the store.
#[derive(Clone)]
pub(super) struct FileHandle(pub(super) Arc<LiveFile>);

pub(super) struct ReaderFactory {
    inner: CachedParquetFileReaderFactory,
    counters: Arc<ScanCounters>,
}

impl ReaderFactory {
    pub(super) fn new(
        store: Arc<dyn ObjectStore>,
        footers: Arc<FileMetadataCache>,
        counters: Arc<ScanCounters>,
    ) -> Self {
        Self { inner: CachedParquetFileReaderFactory::new(store, footers), counters }
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
        Ok(Box::new(CountingReader { inner, file: live, counters: Arc::clone(&self.counters) }))
    }
}

struct CountingReader {
    inner: Box<dyn AsyncFileReader + Send>,
    file: Arc<LiveFile>,
    counters: Arc<ScanCounters>,
}

impl AsyncFileReader for CountingReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<Bytes>> {
        self.counters.read(range.end.saturating_sub(range.start));
        self.inner.get_bytes(range)
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, ParquetResult<Vec<Bytes>>> {
        self.counters.read(ranges.iter().map(|range| range.end.saturating_sub(range.start)).sum());
        self.inner.get_byte_ranges(ranges)
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        self.inner.get_metadata(options)
    }
}

impl Drop for CountingReader {
    fn drop(&mut self) {
        self.counters.touch(&self.file);
    }
}
