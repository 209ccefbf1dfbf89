use crate::{QueryStats, TimeInput};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `POST /api/v1/logs/histogram`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HistogramRequest {
    /// Only rows that match, in the search language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Only rows at or after this; the oldest row when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<TimeInput>,
    /// Only rows before this; now, or the newest row, when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<TimeInput>,
    /// Buckets at most, 1 to 2,000; 60 when missing. Their length is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buckets: Option<u32>,
    /// Length of a bucket instead: `500ms`, `30s`, `5m`, `1h`, `7d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Offset from UTC of the zone to whose hours and days long buckets are aligned, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_minutes: Option<i32>,
    /// `severity` for a series each level, or a field for a series each value; one series when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Series of a field's values, 1 to 50; 10 when missing. Other values become one more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<u32>,
    /// As in `POST /api/v1/sql`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_id: Option<String>,
}

/// The answer of `POST /api/v1/logs/histogram`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistogramResponse {
    /// Start of each bucket, RFC 3339, oldest first; buckets without rows are there. The first may
    /// begin before `from`, but only rows of the window count.
    pub buckets: Vec<String>,
    /// Length of a bucket.
    pub step_ms: u64,
    /// Rows per bucket.
    pub counts: Vec<u64>,
    /// The same by series: levels from the least severe, values from the most frequent.
    pub series: Vec<HistogramSeries>,
    /// Rows in all buckets.
    pub total: u64,
    /// Whether the series are certainly the most frequent values, with all their rows.
    pub exact: bool,
    /// SQL that gives the same counts.
    pub sql: String,
    /// What it cost.
    pub stats: QueryStats,
}

/// One series.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistogramSeries {
    /// Level or value; null for rows without one, and for the rest.
    pub name: Option<String>,
    /// Whether it holds the values that have no series of their own.
    pub rest: bool,
    /// Rows per bucket.
    pub counts: Vec<u64>,
    /// Rows in all buckets.
    pub total: u64,
}

/// `POST /api/v1/logs/facets`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FacetsRequest {
    /// Only rows that match, in the search language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Only rows at or after this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<TimeInput>,
    /// Only rows before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<TimeInput>,
    /// Columns, or attribute or resource keys; 1 to 32.
    pub fields: Vec<String>,
    /// Values per field, 1 to 1,000; 10 when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// As in `POST /api/v1/sql`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_id: Option<String>,
}

/// The answer of `POST /api/v1/logs/facets`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FacetsResponse {
    /// In the order asked for, each field once.
    pub facets: Vec<Facet>,
    /// SQL that gives the first facet.
    pub sql: String,
    /// What it cost.
    pub stats: QueryStats,
}

/// What one field holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Facet {
    /// The field.
    pub field: String,
    /// Rows that have it, with a value that is not empty.
    pub rows: u64,
    /// Different values; a lower bound when not exact.
    pub distinct: u64,
    /// The most frequent values.
    pub values: Vec<ValueCount>,
    /// Whether all counts are exact.
    pub exact: bool,
}

/// A value and its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValueCount {
    /// As text.
    pub value: String,
    /// Rows that have it.
    pub count: u64,
}

/// `POST /api/v1/logs/surrounding`: the row is named by its time and as many of its columns as tell
/// it from others of that time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SurroundingRequest {
    /// Time of the row, RFC 3339 with its nanoseconds.
    pub time: String,
    /// Its service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Its body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Its trace id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Its span id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    /// Rows before it, at most 1,000; 10 when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u32>,
    /// Rows after it, at most 1,000; 10 when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u32>,
    /// Fields in which the rows equal it; `service` and `host.name` when missing. One that it lacks
    /// does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same: Option<Vec<String>>,
    /// Only rows around that match, in the search language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// As in `POST /api/v1/sql`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_id: Option<String>,
}

/// The answer of `POST /api/v1/logs/surrounding`. Rows are objects of all columns, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SurroundingResponse {
    /// Rows before the row.
    pub before: Vec<serde_json::Value>,
    /// The row; null when there is none like it: `after` then begins with rows of its time.
    pub row: Option<serde_json::Value>,
    /// Rows after the row.
    pub after: Vec<serde_json::Value>,
    /// The fields and values that all rows share.
    pub same: BTreeMap<String, String>,
    /// SQL of these rows, without its bounds in time.
    pub sql: String,
    /// What it cost, all steps together.
    pub stats: QueryStats,
}

/// `GET /api/v1/logs/tail`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[serde(deny_unknown_fields)]
pub struct TailQuery {
    /// Only rows that match, in the search language.
    #[serde(default)]
    pub search: Option<String>,
    /// `now`, which is also meant when missing: earlier rows are a query's task.
    #[serde(default)]
    pub from: Option<String>,
    /// Rows a second at most, 1 to 10,000; 500 when missing.
    #[serde(default)]
    pub rate: Option<u32>,
    /// As in `POST /api/v1/sql`.
    #[serde(default)]
    pub query_id: Option<String>,
}

/// `POST /api/v1/logs/patterns`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PatternsRequest {
    /// Only rows that match, in the search language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Only rows at or after this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<TimeInput>,
    /// Only rows before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<TimeInput>,
    /// Patterns, 1 to 1,000; 50 when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Rows read, of memory and of the newest files, up to 10,000,000; 1,000,000 when missing. Without
    /// a search, merged files know their patterns, and their rows are counted without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u32>,
    /// As in `POST /api/v1/sql`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_id: Option<String>,
}

/// The answer of `POST /api/v1/logs/patterns`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PatternsResponse {
    /// The most frequent first.
    pub patterns: Vec<LogPattern>,
    /// Patterns found, those beyond the limit included.
    pub found: u64,
    /// Rows with a body that were counted.
    pub rows: u64,
    /// Rows that belong to no pattern, because there were too many.
    pub uncounted: u64,
    /// Whether only a part of the rows was counted.
    pub sampled: bool,
    /// SQL that counts the patterns before similar ones are joined.
    pub sql: String,
    /// What it cost.
    pub stats: QueryStats,
}

/// One pattern.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogPattern {
    /// The body with `<num>`, `<ip>`, `<*>` and so on for its values.
    pub pattern: String,
    /// Rows.
    pub count: u64,
    /// Share of the rows looked at, 0 to 1.
    pub share: f64,
    /// Rows by level, the least severe first.
    pub severities: Vec<PatternSeverity>,
    /// Time of the oldest row, RFC 3339.
    pub first_seen: String,
    /// Time of the newest row, RFC 3339.
    pub last_seen: String,
    /// The body of the newest row, up to 2 KiB.
    pub sample: String,
}

/// Rows of one level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PatternSeverity {
    /// Level; null for rows without one.
    pub severity: Option<String>,
    /// Rows.
    pub count: u64,
}
