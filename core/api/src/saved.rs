use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `POST /api/v1/saved`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSaved {
    /// view, query or dashboard.
    pub kind: String,
    /// 1 to 120 characters; need not be unique.
    pub name: String,
    /// A JSON object of at most 256 KiB, which the server keeps as it is.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub content: Value,
}

/// `PUT /api/v1/saved/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SavedChange {
    /// 1 to 120 characters; need not be unique.
    pub name: String,
    /// A JSON object of at most 256 KiB, which the server keeps as it is.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub content: Value,
    /// The version that was read and changed. When it is not the latest any more, the answer is 409.
    pub version: u64,
}

/// A saved view, query or dashboard, without its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedInfo {
    /// Id.
    pub id: String,
    /// view, query or dashboard.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Number of this version; the first is 1.
    pub version: u64,
    /// RFC 3339.
    pub created_at: String,
    /// When this version was saved, RFC 3339.
    pub updated_at: String,
    /// Who saved this version, named as in the audit log.
    pub updated_by: String,
}

/// A saved view, query or dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedObject {
    /// All but the content.
    #[serde(flatten)]
    pub info: SavedInfo,
    /// A JSON object.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub content: Value,
}

/// `GET /api/v1/saved`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedList {
    /// By name.
    pub items: Vec<SavedInfo>,
}

/// One version, in the answer to `GET /api/v1/saved/{id}/versions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedVersion {
    /// Its number.
    pub version: u64,
    /// The name it had.
    pub name: String,
    /// RFC 3339.
    pub saved_at: String,
    /// Who saved it, named as in the audit log.
    pub saved_by: String,
}
