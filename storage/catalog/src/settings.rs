use crate::audit::{append, blank, names_secret};
use crate::limits::{SETTING_KEY_BYTES_MAX, SETTING_VALUE_BYTES_MAX};
use crate::{Actor, AuditChange, Catalog, CatalogError, sql};
use lincei_model::limits::{RETENTION_REJECTS_BYTES_DEFAULT, RETENTION_REJECTS_DEFAULT};
use lincei_model::{Table, TenantId};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use std::time::Duration;

/// How much of a table is kept; whatever breaks either bound goes, oldest first.
///
/// Persisted in `retention`, one row per tenant and table that differs from the default:
/// `max_age_ns` and `max_bytes` are integers, null for "no bound".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Age by event time; `None`: no bound.
    pub max_age: Option<Duration>,
    /// Bytes of Parquet; `None`: no bound.
    pub max_bytes: Option<u64>,
}

impl Retention {
    /// What applies to a table until somebody changes it.
    #[must_use]
    pub const fn default_for(table: Table) -> Self {
        match table {
            Table::Rejects => {
                Self { max_age: Some(RETENTION_REJECTS_DEFAULT), max_bytes: Some(RETENTION_REJECTS_BYTES_DEFAULT) }
            }
            Table::Logs | Table::Spans | Table::Metrics => Self { max_age: None, max_bytes: None },
        }
    }

    fn to_json(self) -> Value {
        json!({ "max_age_seconds": self.max_age.map(|age| age.as_secs()), "max_bytes": self.max_bytes })
    }

    /// The two columns.
    fn to_integers(self) -> Result<(Option<i64>, Option<i64>), CatalogError> {
        let age = match self.max_age {
            None => None,
            Some(age) if age < Duration::from_secs(1) => {
                return Err(CatalogError::invalid(format!("retention age {age:?} is below 1s")));
            }
            Some(age) => Some(i64::try_from(age.as_nanos()).map_err(|_| {
                CatalogError::invalid(format!(
                    "retention age {}s is above {}s",
                    age.as_secs(),
                    i64::MAX / 1_000_000_000
                ))
            })?),
        };
        if self.max_bytes == Some(0) {
            return Err(CatalogError::invalid("retention bytes 0 is below 1"));
        }
        Ok((age, self.max_bytes.map(|bytes| sql::to_integer("retention bytes", bytes)).transpose()?))
    }
}

fn read_retention(connection: &Connection, tenant: &TenantId, table: Table) -> Result<Retention, CatalogError> {
    let select = "SELECT max_age_ns, max_bytes FROM retention WHERE tenant = ?1 AND \"table\" = ?2";
    let stored = sql::first(connection, select, params![tenant.as_str(), table.name()], |row| {
        let age: Option<i64> = row.get(0)?;
        let bytes: Option<i64> = row.get(1)?;
        Ok(Retention {
            max_age: age.map(|ns| sql::from_integer("max_age_ns", ns)).transpose()?.map(Duration::from_nanos),
            max_bytes: bytes.map(|bytes| sql::from_integer("max_bytes", bytes)).transpose()?,
        })
    })?;
    Ok(stored.unwrap_or_else(|| Retention::default_for(table)))
}

fn read_setting(connection: &Connection, key: &str) -> Result<Option<Value>, CatalogError> {
    sql::first(connection, "SELECT value FROM settings WHERE key = ?1", [key], |row| {
        let text: String = row.get(0)?;
        serde_json::from_str(&text).map_err(|error| CatalogError::corrupt(format!("setting {key:?}: {error}")))
    })
}

fn check_setting_key(key: &str) -> Result<(), CatalogError> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-/".contains(&b);
    if key.is_empty() || key.len() > SETTING_KEY_BYTES_MAX || !key.bytes().all(allowed) {
        return Err(CatalogError::invalid(format!(
            "setting key {key:?} is not 1 to {SETTING_KEY_BYTES_MAX} of a-z, 0-9, '.', '_', '-' and '/'"
        )));
    }
    Ok(())
}

impl Catalog {
    /// What applies to a tenant's table: what was set, else [`Retention::default_for`].
    ///
    /// # Errors
    /// When the database fails.
    pub fn retention(&self, tenant: &TenantId, table: Table) -> Result<Retention, CatalogError> {
        self.read(|connection| read_retention(connection, tenant, table))
    }

    /// Sets both bounds. Audited as `retention.set` of `retention/<tenant>/<table>`.
    ///
    /// # Errors
    /// [`CatalogError::Invalid`] for an age below a second or above 292 years, or 0 bytes.
    pub fn set_retention(
        &self,
        actor: &Actor,
        tenant: &TenantId,
        table: Table,
        retention: Retention,
        now_ns: i64,
    ) -> Result<(), CatalogError> {
        let (age, bytes) = retention.to_integers()?;
        self.write(|tx| {
            let before = read_retention(tx, tenant, table)?;
            tx.execute(
                "INSERT OR REPLACE INTO retention (tenant, \"table\", max_age_ns, max_bytes, changed_ns)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![tenant.as_str(), table.name(), age, bytes, now_ns],
            )?;
            let change = AuditChange {
                action: "retention.set".to_owned(),
                target: format!("retention/{tenant}/{table}"),
                before: Some(before.to_json()),
                after: Some(retention.to_json()),
            };
            append(tx, actor, change, now_ns)?;
            Ok(())
        })
    }

    /// A setting's JSON value, `None` when it was never set.
    ///
    /// # Errors
    /// When the database fails.
    pub fn setting(&self, key: &str) -> Result<Option<Value>, CatalogError> {
        self.read(|connection| read_setting(connection, key))
    }

    /// Sets a setting. Audited as `setting.set` of `setting/<key>`; the value is blanked there when
    /// the key, or a member inside, is named like a secret (`smtp.password`).
    ///
    /// # Errors
    /// [`CatalogError::Invalid`] for a key that is not 1 to [`SETTING_KEY_BYTES_MAX`] of `a-z`, `0-9`,
    /// `.`, `_`, `-` and `/`, or a value above [`SETTING_VALUE_BYTES_MAX`] of JSON text.
    pub fn set_setting(&self, actor: &Actor, key: &str, value: &Value, now_ns: i64) -> Result<(), CatalogError> {
        check_setting_key(key)?;
        let text = value.to_string();
        if text.len() > SETTING_VALUE_BYTES_MAX {
            return Err(CatalogError::invalid(format!(
                "setting {key:?} has {} bytes, at most {SETTING_VALUE_BYTES_MAX} are allowed",
                text.len()
            )));
        }
        self.write(|tx| {
            let shown = |value: &Value| if names_secret(key) { blank(value) } else { value.clone() };
            let before = read_setting(tx, key)?;
            tx.execute(
                "INSERT OR REPLACE INTO settings (key, value, changed_ns) VALUES (?1, ?2, ?3)",
                params![key, text, now_ns],
            )?;
            let change = AuditChange {
                action: "setting.set".to_owned(),
                target: format!("setting/{key}"),
                before: before.as_ref().map(shown),
                after: Some(shown(value)),
            };
            append(tx, actor, change, now_ns)?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
