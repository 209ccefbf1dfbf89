use serde::{Deserialize, Serialize};

/// An error answer, `application/problem+json` (RFC 9457) with Lincei's extension members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Short, stable summary of the code.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// One of invalid, unauthenticated, forbidden, not_found, conflict, too_large, rate_limited,
    /// timeout, unavailable, internal.
    pub code: String,
    /// What was wrong, where, and what to do.
    pub detail: String,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// Where in the SQL text, when it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<SqlLocation>,
    /// The name of the limit that was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// The query it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_id: Option<String>,
}

/// A place in an SQL text; line and column count from 1, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SqlLocation {
    /// Line.
    pub line: u64,
    /// Column.
    pub column: u64,
}
