use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `POST /api/v1/session`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Account name.
    pub name: String,
    /// Password.
    pub password: String,
}

/// `GET /api/v1/session`, and the answer to a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    /// Whether requests need credentials at all.
    pub auth_required: bool,
    /// The account signed in; none when not signed in, or when no credentials are needed.
    pub account: Option<AccountInfo>,
    /// To be sent as `x-lincei-csrf` with every changing request of this session.
    pub csrf_token: Option<String>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountInfo {
    /// Name.
    pub name: String,
    /// admin or viewer.
    pub role: String,
    /// RFC 3339.
    pub created: String,
}

/// `POST /api/v1/accounts`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// Name.
    pub name: String,
    /// Password, at least 10 characters.
    pub password: String,
    /// admin or viewer.
    pub role: String,
}

/// `PUT /api/v1/accounts/{name}/password`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The new password, at least 10 characters.
    pub password: String,
}

/// `POST /api/v1/keys`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What the key is for, in the owner's words.
    pub name: String,
    /// ingest or api.
    pub kind: String,
}

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyInfo {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// ingest or api.
    pub kind: String,
    /// The first characters of the secret.
    pub prefix: String,
    /// RFC 3339.
    pub created: String,
    /// RFC 3339, to the minute.
    pub last_used: Option<String>,
    /// RFC 3339.
    pub revoked: Option<String>,
}

/// The answer to `POST /api/v1/keys`: the only time the secret is shown.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyCreated {
    /// The key.
    pub key: KeyInfo,
    /// What clients send as `Authorization: Bearer <secret>`.
    pub secret: String,
}

/// One change made by someone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Rising number.
    pub id: i64,
    /// RFC 3339.
    pub time: String,
    /// Who.
    pub actor: String,
    /// From where.
    pub origin: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub target: String,
    /// State before.
    pub before: Option<Value>,
    /// State after.
    pub after: Option<Value>,
}

/// `GET /api/v1/audit`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// `?before=` of the next page; none at the end.
    pub next: Option<i64>,
}
