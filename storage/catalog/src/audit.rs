use crate::limits::{AUDIT_PAGE_ROWS_MAX, AUDIT_VALUE_BYTES_MAX};
use crate::{Catalog, CatalogError, sql};
use rusqlite::{Row, Transaction, params};
use serde_json::Value;

/// Who makes a change, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Account or key name, or the name of the system user on the command line.
    pub name: String,
    /// Peer address, or `cli`.
    pub origin: String,
}

impl Actor {
    /// `name` from `origin`.
    #[must_use]
    pub fn new(name: impl Into<String>, origin: impl Into<String>) -> Self {
        Self { name: name.into(), origin: origin.into() }
    }
}

/// What was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditChange {
    /// `<noun>.<verb>`, as in `key.revoke`.
    pub action: String,
    /// `<noun>/<name or id>`, as in `account/alice`.
    pub target: String,
    /// State before; `None` when there was none.
    pub before: Option<Value>,
    /// State after; `None` when there is none.
    pub after: Option<Value>,
}

/// One row of the append-only audit log.
///
/// | column | holds |
/// |---|---|
/// | `id` | integer, ascending, never used twice |
/// | `time_ns` | nanoseconds since the Unix epoch |
/// | `actor`, `origin`, `action`, `target` | text |
/// | `before`, `after` | JSON text without secrets, or null |
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Ascends with time; the cursor of [`Catalog::audit`].
    pub id: i64,
    /// When, nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// Who.
    pub actor: String,
    /// From where.
    pub origin: String,
    /// What was done, `<noun>.<verb>`.
    pub action: String,
    /// To what, `<noun>/<name or id>`.
    pub target: String,
    /// State before; `None` when there was none.
    pub before: Option<Value>,
    /// State after; `None` when there is none.
    pub after: Option<Value>,
}

impl Catalog {
    /// The audit log, newest first: at most `limit` rows (and [`AUDIT_PAGE_ROWS_MAX`]), older than
    /// row `before_id` when that is given. The next page starts at the last row's id.
    ///
    /// # Errors
    /// [`CatalogError::Corrupt`] when a row cannot be read.
    pub fn audit(&self, limit: usize, before_id: Option<i64>) -> Result<Vec<AuditEntry>, CatalogError> {
        let limit = i64::try_from(limit.min(AUDIT_PAGE_ROWS_MAX)).unwrap_or(0);
        let select = "SELECT id, time_ns, actor, origin, action, target, before, after FROM audit
                      WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
        self.read(|c| sql::rows(c, select, params![before_id.unwrap_or(i64::MAX), limit], decode))
    }

    /// Writes a row for a change that was made elsewhere (files, configuration, logins). Changes made
    /// through this crate write their own. Members of `before` and `after` that are named like
    /// secrets are blanked. Returns the row's id; durable on return.
    ///
    /// # Errors
    /// [`CatalogError::Invalid`] when a value is above [`AUDIT_VALUE_BYTES_MAX`].
    pub fn record(&self, actor: &Actor, change: AuditChange, now_ns: i64) -> Result<i64, CatalogError> {
        self.write(|tx| append(tx, actor, change, now_ns))
    }
}

fn decode(row: &Row<'_>) -> Result<AuditEntry, CatalogError> {
    let id = row.get(0)?;
    let json = |column: &str| -> Result<Option<Value>, CatalogError> {
        let text: Option<String> = row.get(column)?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| CatalogError::corrupt(format!("{column:?} of audit row {id}: {error}")))
    };
    Ok(AuditEntry {
        id,
        time_ns: row.get(1)?,
        actor: row.get(2)?,
        origin: row.get(3)?,
        action: row.get(4)?,
        target: row.get(5)?,
        before: json("before")?,
        after: json("after")?,
    })
}

/// Appends a row in the transaction of the change itself, so that neither exists without the other.
pub(crate) fn append(
    tx: &Transaction<'_>,
    actor: &Actor,
    change: AuditChange,
    now_ns: i64,
) -> Result<i64, CatalogError> {
    let before = encode("before", change.before)?;
    let after = encode("after", change.after)?;
    tx.execute(
        "INSERT INTO audit (time_ns, actor, origin, action, target, before, after)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![now_ns, actor.name, actor.origin, change.action, change.target, before, after],
    )?;
    Ok(tx.last_insert_rowid())
}

fn encode(what: &str, value: Option<Value>) -> Result<Option<String>, CatalogError> {
    let Some(value) = value else { return Ok(None) };
    let text = without_secrets(value).to_string();
    if text.len() > AUDIT_VALUE_BYTES_MAX {
        return Err(CatalogError::invalid(format!(
            "{what:?} of the audit row has {} bytes, at most {AUDIT_VALUE_BYTES_MAX} are kept",
            text.len()
        )));
    }
    Ok(Some(text))
}

/// Whether a value is short enough for a row.
pub(crate) fn fits(value: &Value) -> bool {
    without_secrets(value.clone()).to_string().len() <= AUDIT_VALUE_BYTES_MAX
}

/// What stands in the log for a secret.
const BLANK: &str = "(secret)";

fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let value = if names_secret(&name) { blank(&value) } else { without_secrets(value) };
                    (name, value)
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_secrets).collect()),
        other => other,
    }
}

/// Null stays null: that a secret is unset is worth knowing.
pub(crate) fn blank(value: &Value) -> Value {
    if value.is_null() { Value::Null } else { Value::from(BLANK) }
}

/// Whether a setting or JSON member of this name holds a secret. Settings that do must be named so.
pub(crate) fn names_secret(name: &str) -> bool {
    const PARTS: [&str; 12] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "credential",
        "authorization",
        "cookie",
        "apikey",
        "privatekey",
        "accesskey",
        "signingkey",
    ];
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    PARTS.iter().any(|part| plain.contains(part))
}

#[cfg(test)]
mod tests;
