use serde::{Deserialize, Serialize};

/// Answer of `POST /api/v1/ingest/logs`: what is stored, durably, and what was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestResult {
    /// Records stored.
    pub accepted: u64,
    /// Records refused; each is kept in table `rejects` with its reason.
    pub rejected: u64,
    /// The first reasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
