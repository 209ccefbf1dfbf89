use crate::TableStatus;
use serde::{Deserialize, Serialize};

/// `GET /api/v1/storage`: what takes the room, and for how long it will do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StorageInfo {
    /// RFC 3339, the server's clock.
    pub now: String,
    /// Stored tables.
    pub tables: Vec<TableStorage>,
    /// Why `services` are missing, when they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub services_unknown_because: Option<String>,
    /// Bytes of the write-ahead log, whose rows are in memory and not yet in files.
    pub wal_bytes: u64,
    /// The disk of the data directory; none where the system does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<DiskSpace>,
    /// Parquet bytes of a mean day, over the last seven days or as many as there are. An estimate; null
    /// with less than an hour of data.
    pub growth_bytes_per_day: Option<u64>,
    /// Days until intake is refused for want of room if it goes on like that and retention deletes what it
    /// should. An estimate; null when unknown, and when retention keeps everything below the size of
    /// the disk (then `growth_bytes_per_day` and `disk` are there) or nothing comes in.
    pub days_until_full: Option<f64>,
}

/// One table's part of the room.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TableStorage {
    /// Rows, files, bytes and times, as in `GET /api/v1/status`.
    #[serde(flatten)]
    pub table: TableStatus,
    /// The last 60 days by event time in UTC that have files, oldest first.
    pub days: Vec<DayStorage>,
    /// For logs and spans: services by rows, the largest first. Beyond 100 the rest is one without a
    /// service and with `rest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub services: Option<Vec<ServiceStorage>>,
}

/// The files of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayStorage {
    /// `2026-01-31`.
    pub day: String,
    /// Parquet files.
    pub files: u64,
    /// Their rows.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The rows of one service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceStorage {
    /// Name; null for rows without one.
    pub service: Option<String>,
    /// Rows in files and memory.
    pub rows: u64,
    /// Its share of the table's bytes, if its rows were as large as those of others.
    pub bytes_estimated: u64,
    /// Whether these are all the services that are not listed.
    #[serde(default)]
    pub rest: bool,
}

/// Room on a disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiskSpace {
    /// Size.
    pub total_bytes: u64,
    /// Free for Lincei.
    pub free_bytes: u64,
    /// Free bytes below which intake is refused.
    pub reserve_bytes: u64,
}
