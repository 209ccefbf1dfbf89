use crate::{QueryStats, TimeInput, ValueCount};
use serde::{Deserialize, Serialize};

/// `POST /api/v1/fields`: what can be typed next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FieldsRequest {
    /// SQL name of the table.
    pub table: String,
    /// Only rows at or after this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<TimeInput>,
    /// Only rows before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<TimeInput>,
    /// Only rows that match, in the search language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Give values of this field instead of names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What names or values begin with, whatever the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Names or values at most, 1 to 1,000; 50 when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// As in `POST /api/v1/sql`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_id: Option<String>,
}

/// The answer of `POST /api/v1/fields`, from a sample of the newest rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldsResponse {
    /// Names, columns first, then keys from the most frequent; empty when a field was named.
    pub fields: Vec<FieldInfo>,
    /// Values of the field that was named, the most frequent first.
    pub values: Vec<ValueCount>,
    /// Rows looked at.
    pub sampled_rows: u64,
    /// Whether these are all rows of the selection.
    pub complete: bool,
    /// What it cost.
    pub stats: QueryStats,
}

/// One field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldInfo {
    /// Column, or attribute or resource key.
    pub name: String,
    /// column, attribute or resource.
    pub origin: String,
    /// Arrow type in DataFusion's spelling; keys are text.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Rows of the sample that have it; only for keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}
