mod cache;

pub(crate) use cache::KeyCache;

use crate::audit::append;
use crate::limits::{KEY_NAME_CHARS_MAX, KEYS_ACTIVE_MAX};
use crate::secret::TokenHash;
use crate::{Actor, AuditChange, Catalog, CatalogError, KeyId, Secret, sql};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt;
use std::str::FromStr;
use std::time::Instant;

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// Sending telemetry, nothing else. Tokens start with `lnc_i_`.
    Ingest,
    /// The HTTP API. Tokens start with `lnc_a_`.
    Api,
}

impl KeyKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Ingest, Self::Api];

    /// The stored and JSON name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Api => "api",
        }
    }

    const fn token_prefix(self) -> &'static str {
        match self {
            Self::Ingest => "lnc_i_",
            Self::Api => "lnc_a_",
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for KeyKind {
    type Err = CatalogError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| CatalogError::invalid(format!("key kind {name:?} is neither \"ingest\" nor \"api\"")))
    }
}

/// A key for a machine. Holds nothing secret; the token is handed out once, by
/// [`Catalog::create_key`].
///
/// Persisted in `keys`, with the SHA-256 of the whole token (32 bytes) in `token_sha256`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Never changes.
    pub id: KeyId,
    /// For people; need not be unique.
    pub name: String,
    /// What it opens.
    pub kind: KeyKind,
    /// First 10 characters of the token, to recognise it by.
    pub prefix: String,
    /// Nanoseconds since the Unix epoch.
    pub created_ns: i64,
    /// Last use, to the minute; `None` when never used.
    pub last_used_ns: Option<i64>,
    /// `None` while it is good.
    pub revoked_ns: Option<i64>,
}

/// Characters of a token that are kept in the clear.
const SHOWN_CHARS: usize = 10;

/// How often a key's last use is written at most.
const TOUCH_INTERVAL_NS: i64 = 60_000_000_000;

const COLUMNS: &str = "id, name, kind, prefix, created_ns, last_used_ns, revoked_ns";

/// Reads a row that starts with [`COLUMNS`].
fn decode(row: &Row<'_>) -> Result<ApiKey, CatalogError> {
    let (id, kind): (String, String) = (row.get(0)?, row.get(2)?);
    Ok(ApiKey {
        id: KeyId::stored(&id)?,
        name: row.get(1)?,
        kind: sql::parse("key kind", &kind)?,
        prefix: row.get(3)?,
        created_ns: row.get(4)?,
        last_used_ns: row.get(5)?,
        revoked_ns: row.get(6)?,
    })
}

/// The keys that are good, each with its hash.
fn active(connection: &Connection) -> Result<Vec<(ApiKey, TokenHash)>, CatalogError> {
    let select = format!("SELECT {COLUMNS}, token_sha256 FROM keys WHERE revoked_ns IS NULL ORDER BY id");
    sql::rows(connection, &select, [], |row| Ok((decode(row)?, row.get("token_sha256")?)))
}

fn check_name(name: &str) -> Result<(), CatalogError> {
    let chars = name.chars().count();
    if chars == 0 || chars > KEY_NAME_CHARS_MAX || name.chars().any(char::is_control) || name.trim() != name {
        return Err(CatalogError::invalid(format!(
            "key name {name:?} is not 1 to {KEY_NAME_CHARS_MAX} characters without control characters and outer spaces"
        )));
    }
    Ok(())
}

impl Catalog {
    /// Creates a key and returns it with its token, `lnc_i_` or `lnc_a_` and 32 random bytes as 43
    /// characters of base64url. The token cannot be had again. Audited as `key.create` of
    /// `key/<id>`. Durable on return; this process honours it at once, others within a second.
    ///
    /// # Errors
    /// [`CatalogError::Invalid`] for a bad name, [`CatalogError::Conflict`] when there are
    /// [`KEYS_ACTIVE_MAX`] keys that are not revoked.
    pub fn create_key(
        &self,
        actor: &Actor,
        name: &str,
        kind: KeyKind,
        now_ns: i64,
    ) -> Result<(ApiKey, Secret), CatalogError> {
        check_name(name)?;
        let token = Secret::generate(kind.token_prefix())?;
        let key = ApiKey {
            id: KeyId::fresh(now_ns)?,
            name: name.to_owned(),
            kind,
            prefix: token.expose().chars().take(SHOWN_CHARS).collect(),
            created_ns: now_ns,
            last_used_ns: None,
            revoked_ns: None,
        };
        self.write(|tx| {
            let count = sql::integer(tx, "SELECT count(*) FROM keys WHERE revoked_ns IS NULL", [])?;
            if sql::from_integer::<usize>("count", count)? >= KEYS_ACTIVE_MAX {
                return Err(CatalogError::conflict(format!(
                    "{count} keys are active, at most {KEYS_ACTIVE_MAX} may be; revoke one first"
                )));
            }
            tx.execute(
                "INSERT INTO keys (id, name, kind, prefix, token_sha256, created_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![key.id.to_string(), name, kind.as_str(), key.prefix, token.hash(), now_ns],
            )?;
            let change = AuditChange {
                action: "key.create".to_owned(),
                target: format!("key/{}", key.id),
                before: None,
                after: Some(json!({ "name": name, "kind": kind, "prefix": key.prefix })),
            };
            append(tx, actor, change, now_ns)?;
            Ok(())
        })?;
        self.keys.reload(Instant::now());
        Ok((key, token))
    }

    /// The key of a token, `None` when there is none or it is revoked. Served from memory; asks the
    /// database at most once a second whether keys have changed, so a key made or revoked by another
    /// process counts within a second, and one of this process at once. The caller checks the kind.
    ///
    /// The time taken does not depend on which key matches or how nearly.
    ///
    /// # Errors
    /// When that question fails.
    pub fn verify_key(&self, token: &str) -> Result<Option<ApiKey>, CatalogError> {
        self.keys.verify(token, Instant::now())
    }

    /// Notes that a key was used. Writes (and then blocks for the disk) at most once a minute a key;
    /// otherwise only looks in memory.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown key.
    pub fn touch_key(&self, id: KeyId, now_ns: i64) -> Result<(), CatalogError> {
        if !self.keys.is_touch_due(id, now_ns) {
            return Ok(());
        }
        self.write(|tx| {
            let update = "UPDATE keys SET last_used_ns = max(coalesce(last_used_ns, ?2), ?2) WHERE id = ?1";
            match tx.execute(update, params![id.to_string(), now_ns])? {
                0 => Err(CatalogError::NotFound { what: "key", id: id.to_string() }),
                _ => Ok(()),
            }
        })
    }

    /// All keys, revoked ones too, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keys(&self) -> Result<Vec<ApiKey>, CatalogError> {
        let select = format!("SELECT {COLUMNS} FROM keys ORDER BY id");
        self.read(|connection| sql::rows(connection, &select, [], decode))
    }

    /// Revokes a key for good: no later request of this process is let in, none of another after a
    /// second. Audited as `key.revoke` of `key/<id>`. Idempotent: a second call changes and audits
    /// nothing. Returns the key as it is then.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown key.
    pub fn revoke_key(&self, actor: &Actor, id: KeyId, now_ns: i64) -> Result<ApiKey, CatalogError> {
        let select = format!("SELECT {COLUMNS} FROM keys WHERE id = ?1");
        let key = self.write(|tx| {
            let mut key = sql::first(tx, &select, [id.to_string()], decode)?
                .ok_or_else(|| CatalogError::NotFound { what: "key", id: id.to_string() })?;
            if key.revoked_ns.is_some() {
                return Ok(key);
            }
            tx.execute("UPDATE keys SET revoked_ns = ?2 WHERE id = ?1", params![id.to_string(), now_ns])?;
            let change = AuditChange {
                action: "key.revoke".to_owned(),
                target: format!("key/{id}"),
                before: Some(json!({ "name": key.name, "kind": key.kind, "prefix": key.prefix })),
                after: Some(json!({ "revoked_ns": now_ns })),
            };
            append(tx, actor, change, now_ns)?;
            key.revoked_ns = Some(now_ns);
            Ok(key)
        })?;
        self.keys.reload(Instant::now());
        Ok(key)
    }

    /// Whether an ingest key that is not revoked exists: one of the conditions for listening beyond
    /// loopback.
    ///
    /// # Errors
    /// When the database fails.
    pub fn has_ingest_key(&self) -> Result<bool, CatalogError> {
        let select = "SELECT 1 FROM keys WHERE kind = 'ingest' AND revoked_ns IS NULL";
        self.read(|connection| sql::exists(connection, select, []))
    }
}

#[cfg(test)]
mod tests;
