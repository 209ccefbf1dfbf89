use serde::{Deserialize, Serialize};

/// A point in time as a person or program writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum TimeInput {
    /// Unix time; seconds, milliseconds, microseconds or nanoseconds by magnitude.
    Number(f64),
    /// RFC 3339, or relative to now: `now`, `now-15m`, `-1h`, `-7d`.
    Text(String),
}

/// `POST /api/v1/sql`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SqlRequest {
    /// One read-only statement.
    pub sql: String,
    /// Only rows whose `time` is at or after this, in every table the statement reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<TimeInput>,
    /// Only rows whose `time` is before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<TimeInput>,
    /// Rows returned at most; more are cut and `stats.truncated` says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// A name chosen by the client under which the query can be cancelled and listed
    /// (1 to 64 of letters, digits, `-`, `_`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_id: Option<String>,
}

/// One result column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Column {
    /// Name as in the statement.
    pub name: String,
    /// Arrow type in DataFusion's spelling.
    #[serde(rename = "type")]
    pub data_type: String,
}

/// What a query cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueryStats {
    /// The query's id.
    pub query_id: String,
    /// Rows in the answer.
    pub rows: u64,
    /// Whether `limit` cut the answer.
    pub truncated: bool,
    /// Rows read from memory and files after pruning.
    pub rows_scanned: u64,
    /// Bytes read from storage.
    pub bytes_scanned: u64,
    /// Files opened.
    pub files_scanned: u64,
    /// Files left out by time range or column ranges.
    pub files_pruned: u64,
    /// Wall time.
    pub elapsed_ms: f64,
    /// Peak memory of the query's operators.
    pub memory_bytes: u64,
}

/// The JSON answer of `POST /api/v1/sql`. Timestamps are RFC 3339 text with nanoseconds; 64-bit
/// integers outside ±2^53 and non-finite numbers are text; maps are objects, lists are arrays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SqlResponse {
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// One array per row, one value per column.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// What it cost.
    pub stats: QueryStats,
}

/// A running or just ended query, in `GET /api/v1/queries`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueryInfo {
    /// The id, for `DELETE /api/v1/queries/{id}`.
    pub id: String,
    /// The statement.
    pub sql: String,
    /// Who asked.
    pub client: String,
    /// queued, running, done, failed or cancelled.
    pub state: String,
    /// RFC 3339.
    pub started: String,
    /// Wall time so far.
    pub elapsed_ms: f64,
    /// Rows read so far.
    pub rows_scanned: u64,
    /// Rows that the files and memory chosen hold: the whole of the progress bar.
    pub rows_total: u64,
    /// Bytes read so far.
    pub bytes_scanned: u64,
    /// Rows answered so far.
    pub rows: u64,
    /// Whose share of turns and memory it takes: an account, a key, or an address where nobody signs in.
    #[serde(default)]
    pub user: String,
    /// Peak memory of the query's operators so far.
    #[serde(default)]
    pub memory_bytes: u64,
    /// Files opened so far.
    #[serde(default)]
    pub files_scanned: u64,
    /// Files left out by time range or column ranges.
    #[serde(default)]
    pub files_pruned: u64,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// `GET /api/v1/queries`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueryList {
    /// Newest first.
    pub queries: Vec<QueryInfo>,
}
