use crate::audit::append;
use crate::limits::ACCOUNTS_MAX;
use crate::password::{check_account_name, check_password};
use crate::{AccountId, Actor, AuditChange, Catalog, CatalogError, sql};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt;
use std::str::FromStr;

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Admin,
    /// Reads; changes nothing.
    Viewer,
}

impl Role {
    /// Both roles.
    pub const ALL: [Self; 2] = [Self::Admin, Self::Viewer];

    /// The stored and JSON name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Viewer => "viewer",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = CatalogError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == name)
            .ok_or_else(|| CatalogError::invalid(format!("role {name:?} is neither \"admin\" nor \"viewer\"")))
    }
}

/// A person who may log in.
///
/// Persisted in `accounts`, with the password as an Argon2id PHC string in `password_phc`, which
/// never leaves this crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Never changes.
    pub id: AccountId,
    /// Unique; 1 to 64 of `a-z`, `0-9`, `.`, `_`, `@`, `-`.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Nanoseconds since the Unix epoch.
    pub created_ns: i64,
    /// Nanoseconds since the Unix epoch.
    pub password_changed_ns: i64,
}

/// For a select of [`decode`]'s columns from `accounts AS a`.
pub(crate) const COLUMNS: &str = "a.id, a.name, a.role, a.created_ns, a.password_changed_ns";

/// Reads a row that starts with [`COLUMNS`].
pub(crate) fn decode(row: &Row<'_>) -> Result<Account, CatalogError> {
    let (id, role): (String, String) = (row.get(0)?, row.get(2)?);
    Ok(Account {
        id: AccountId::stored(&id)?,
        name: row.get(1)?,
        role: sql::parse("role", &role)?,
        created_ns: row.get(3)?,
        password_changed_ns: row.get(4)?,
    })
}

fn by_id(connection: &Connection, id: AccountId) -> Result<Account, CatalogError> {
    let select = format!("SELECT {COLUMNS} FROM accounts a WHERE a.id = ?1");
    sql::first(connection, &select, [id.to_string()], decode)?
        .ok_or_else(|| CatalogError::NotFound { what: "account", id: id.to_string() })
}

impl Catalog {
    /// Creates an account. Audited as `account.create` of `account/<name>`. Blocks for the hashing,
    /// tens of milliseconds, during which other calls proceed.
    ///
    /// # Errors
    /// [`CatalogError::Invalid`] for a name or password that breaks the rules (see
    /// [`limits`](crate::limits)); [`CatalogError::Conflict`] when the name is taken or there are
    /// [`ACCOUNTS_MAX`] accounts.
    pub fn create_account(
        &self,
        actor: &Actor,
        name: &str,
        password: &str,
        role: Role,
        now_ns: i64,
    ) -> Result<Account, CatalogError> {
        check_account_name(name)?;
        check_password(password)?;
        let phc = self.hasher.hash(password)?;
        let id = AccountId::fresh(now_ns)?;
        let account = Account { id, name: name.to_owned(), role, created_ns: now_ns, password_changed_ns: now_ns };
        self.write(|tx| {
            if sql::exists(tx, "SELECT 1 FROM accounts WHERE name = ?1", [name])? {
                return Err(CatalogError::conflict(format!("account {name:?} exists already")));
            }
            let accounts: usize = sql::from_integer("count", sql::integer(tx, "SELECT count(*) FROM accounts", [])?)?;
            if accounts >= ACCOUNTS_MAX {
                return Err(CatalogError::conflict(format!("{accounts} accounts exist, at most {ACCOUNTS_MAX} may")));
            }
            tx.execute(
                "INSERT INTO accounts (id, name, password_phc, role, created_ns, password_changed_ns)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
                params![id.to_string(), name, phc, role.as_str(), now_ns],
            )?;
            let change = AuditChange {
                action: "account.create".to_owned(),
                target: format!("account/{name}"),
                before: None,
                after: Some(json!({ "id": id.to_string(), "name": name, "role": role })),
            };
            append(tx, actor, change, now_ns)?;
            Ok(())
        })?;
        Ok(account)
    }

    /// The account of that name if the password is right, else `None`. An unknown name takes the same
    /// work as a wrong password. Blocks for tens of milliseconds of computing, one password at a
    /// time; the caller limits the rate.
    ///
    /// # Errors
    /// When the database fails or the stored hash is damaged.
    pub fn verify_password(&self, name: &str, password: &str) -> Result<Option<Account>, CatalogError> {
        let select = format!("SELECT {COLUMNS}, a.password_phc FROM accounts a WHERE a.name = ?1");
        let found = self.read(|connection| {
            sql::first(connection, &select, [name], |row| Ok((decode(row)?, row.get::<_, String>("password_phc")?)))
        })?;
        let phc = found.as_ref().map(|(_, phc)| phc.as_str());
        let right = self.hasher.verify(phc, password)?;
        Ok(found.filter(|_| right).map(|(account, _)| account))
    }

    /// Sets a new password and ends the account's sessions. Audited as `account.set_password`.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown account, [`CatalogError::Invalid`] for a password
    /// that breaks the rules.
    pub fn set_password(&self, actor: &Actor, id: AccountId, password: &str, now_ns: i64) -> Result<(), CatalogError> {
        check_password(password)?;
        let phc = self.hasher.hash(password)?;
        self.write(|tx| {
            let account = by_id(tx, id)?;
            tx.execute(
                "UPDATE accounts SET password_phc = ?2, password_changed_ns = ?3 WHERE id = ?1",
                params![id.to_string(), phc, now_ns],
            )?;
            let ended = tx.execute("DELETE FROM sessions WHERE account_id = ?1", [id.to_string()])?;
            let change = AuditChange {
                action: "account.set_password".to_owned(),
                target: format!("account/{}", account.name),
                before: Some(json!({ "changed_ns": account.password_changed_ns })),
                after: Some(json!({ "changed_ns": now_ns, "sessions_ended": ended })),
            };
            append(tx, actor, change, now_ns)?;
            Ok(())
        })
    }

    /// All accounts, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn accounts(&self) -> Result<Vec<Account>, CatalogError> {
        let select = format!("SELECT {COLUMNS} FROM accounts a ORDER BY a.name");
        self.read(|connection| sql::rows(connection, &select, [], decode))
    }

    /// The account of that name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn account(&self, name: &str) -> Result<Option<Account>, CatalogError> {
        let select = format!("SELECT {COLUMNS} FROM accounts a WHERE a.name = ?1");
        self.read(|connection| sql::first(connection, &select, [name], decode))
    }

    /// Deletes an account and its sessions. Audited as `account.delete`.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown account, [`CatalogError::Conflict`] for the last
    /// administrator.
    pub fn delete_account(&self, actor: &Actor, id: AccountId, now_ns: i64) -> Result<(), CatalogError> {
        self.write(|tx| {
            let account = by_id(tx, id)?;
            let another = "SELECT 1 FROM accounts WHERE role = 'admin' AND id <> ?1";
            if account.role == Role::Admin && !sql::exists(tx, another, [id.to_string()])? {
                return Err(CatalogError::conflict(format!(
                    "account {:?} is the last administrator; create another first",
                    account.name
                )));
            }
            tx.execute("DELETE FROM accounts WHERE id = ?1", [id.to_string()])?;
            let change = AuditChange {
                action: "account.delete".to_owned(),
                target: format!("account/{}", account.name),
                before: Some(json!({ "id": id.to_string(), "name": account.name, "role": account.role })),
                after: None,
            };
            append(tx, actor, change, now_ns)?;
            Ok(())
        })
    }

    /// Whether an administrator exists: one of the conditions for listening beyond loopback.
    ///
    /// # Errors
    /// When the database fails.
    pub fn has_admin(&self) -> Result<bool, CatalogError> {
        self.read(|connection| sql::exists(connection, "SELECT 1 FROM accounts WHERE role = 'admin'", []))
    }
}

#[cfg(test)]
mod tests;
