use serde::{Deserialize, Serialize};

/// How long one table's rows are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RetentionSettings {
    /// SQL name of the table.
    pub table: String,
    /// Age in seconds at which rows are deleted; none for never.
    pub max_age_seconds: Option<u64>,
    /// Bytes of Parquet above which the oldest files are deleted; none for no bound.
    pub max_bytes: Option<u64>,
}

/// `GET` and `PUT /api/v1/settings/storage`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StorageSettings {
    /// One entry per table; on `PUT`, tables left out stay as they are.
    pub retention: Vec<RetentionSettings>,
}
