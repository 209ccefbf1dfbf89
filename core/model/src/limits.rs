//! Hard bounds. Each names its unit; nothing is allocated for a client beyond one of these.
//! Where a bound can be configured, this is the default and says so.

use std::time::Duration;

/// Bytes of a request body after decompression (OTLP specification: 64 MiB recommended).
pub const BODY_BYTES_MAX: usize = 64 << 20;
/// Bytes of a request body as received, compressed or not.
pub const WIRE_BYTES_MAX: usize = 64 << 20;
/// Bytes of one record (log record, span, data point) as encoded by the client.
pub const RECORD_BYTES_MAX: usize = 4 << 20;
/// Bytes of an attribute key.
pub const ATTRIBUTE_KEY_BYTES_MAX: usize = 4 << 10;
/// Nested messages in one OTLP message (prost's own recursion limit).
pub const NESTING_MAX: usize = 100;
/// Bytes that shared resource and scope attributes may come to once every record of one request
/// carries its own copy. Bounds the amplification of a small body.
pub const EXPANDED_BYTES_MAX: usize = 512 << 20;
/// Records in one request.
pub const RECORDS_MAX: usize = 2_000_000;
/// Bytes kept of one refused record or body in `rejects`.
pub const REJECT_RAW_BYTES_MAX: usize = 1 << 20;
/// Rejected records of one request that are kept one by one; the rest are counted in one row.
pub const REJECTS_PER_REQUEST_MAX: usize = 10_000;
/// How far in the future an event time may lie.
pub const FUTURE_MAX: Duration = Duration::from_secs(10 * 60);
/// Age at which `rejects` rows are deleted (default). The other tables keep their rows, however old
/// their event times are, until somebody sets a bound.
pub const RETENTION_REJECTS_DEFAULT: Duration = Duration::from_secs(7 * 24 * 3600);
/// Bytes of `rejects` (default): refused traffic must not push out good data.
pub const RETENTION_REJECTS_BYTES_DEFAULT: u64 = 1 << 30;
/// Rows in one Parquet file, of all tables but `metrics`.
pub const FILE_ROWS_MAX: usize = 1_000_000;
/// Rows in one Parquet row group.
pub const ROW_GROUP_ROWS: usize = 128 << 10;
/// Rows in one Parquet data page.
pub const PAGE_ROWS: usize = 8 << 10;
/// How many times as many rows a file, a row group and a page of `metrics` hold: a data point comes
/// to some three bytes, and the labels of a series are paid for once in a file.
pub const METRIC_ROWS_FACTOR: usize = 8;
/// Rows returned by one query (default of `limit`, and its greatest value for JSON and CSV).
pub const QUERY_ROWS_MAX: usize = 1_000_000;
/// Running time of one query (default).
pub const QUERY_TIME_MAX: Duration = Duration::from_secs(60);
/// Queries that run at once (default); more wait, then are refused.
pub const QUERIES_RUNNING_MAX: usize = 16;
/// Bytes of one SQL text.
pub const SQL_BYTES_MAX: usize = 256 << 10;
