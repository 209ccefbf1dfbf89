use serde::{Deserialize, Serialize};

/// `GET /api/v1/status`: what the page needs to know about the system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusInfo {
    /// Version of the binary.
    pub version: String,
    /// RFC 3339.
    pub started: String,
    /// RFC 3339, the server's clock.
    pub now: String,
    /// Stored tables.
    pub tables: Vec<TableStatus>,
    /// Records stored per second, mean of the last ten seconds.
    pub records_per_second: f64,
    /// Whether intake accepts now.
    pub accepting: bool,
    /// Why not, when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusing_because: Option<String>,
    /// Where clients send.
    pub endpoints: Endpoints,
    /// Whether requests need credentials.
    pub auth_required: bool,
}

/// Rows and size of one table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TableStatus {
    /// SQL name.
    pub name: String,
    /// Rows, memory and files together.
    pub rows: u64,
    /// Bytes of Parquet.
    pub bytes: u64,
    /// Parquet files.
    pub files: u64,
    /// Event time of the oldest row, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest: Option<String>,
    /// Event time of the newest row, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<String>,
}

/// Addresses that are listening, as `host:port`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Endpoints {
    /// Page, API and HTTP intake.
    pub http: String,
    /// OTLP over gRPC.
    pub otlp_grpc: String,
    /// OTLP over HTTP.
    pub otlp_http: String,
}
