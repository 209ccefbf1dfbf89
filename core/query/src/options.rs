use lincei_model::limits;
use std::path::PathBuf;
use std::time::Duration;

/// Bounds of the query service.
#[derive(Clone, Debug)]
pub struct QueryOptions {
    /// Bytes of memory of all queries together (operators' state; default 1 GiB).
    pub memory_bytes: usize,
    /// Bytes of memory of one query (default 512 MiB). Sorts, groupings and joins that need more
    /// go on with the disk.
    pub query_memory_bytes: usize,
    /// Bytes of intermediate results on disk, all queries together (default 20 GiB).
    pub spill_bytes_max: u64,
    /// Where intermediate results go. Created when missing; remains of a crash are removed.
    /// `None` for the system's temporary directory.
    pub spill_dir: Option<PathBuf>,
    /// Running time of one query, time its client takes to read included (default 60 s).
    pub time_max: Duration,
    /// Rows of one answer; more are cut and the statistics say so (default 1 000 000).
    pub rows_max: u64,
    /// Queries that run at once (default 16).
    pub running_max: usize,
    /// Queries that wait for their turn; more are refused (default 64).
    pub queued_max: usize,
    /// How long one waits for its turn before it is refused (default 10 s).
    pub queue_wait: Duration,
    /// Threads that work on queries, and partitions of one plan (default: cores).
    pub target_partitions: usize,
    /// Bytes of Parquet footers and page indexes kept (default 256 MiB).
    pub metadata_cache_bytes: usize,
}

impl Default for QueryOptions {
    fn default() -> Self {
        Self {
            memory_bytes: 1 << 30,
            query_memory_bytes: 512 << 20,
            spill_bytes_max: 20 << 30,
            spill_dir: None,
            time_max: limits::QUERY_TIME_MAX,
            rows_max: u64::try_from(limits::QUERY_ROWS_MAX).unwrap_or(u64::MAX),
            running_max: limits::QUERIES_RUNNING_MAX,
            queued_max: 64,
            queue_wait: Duration::from_secs(10),
            target_partitions: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            metadata_cache_bytes: 256 << 20,
        }
    }
}
