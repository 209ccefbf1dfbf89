use crate::limits::SESSIONS_PER_ACCOUNT_MAX;
use crate::secret::token_hash;
use crate::{Account, AccountId, Catalog, CatalogError, Secret, accounts, sql};
use rusqlite::params;
use std::time::Duration;

/// A login that has not expired.
///
/// Persisted in `sessions`: `token_sha256` is the SHA-256 of the cookie's text (32 bytes), the
/// token itself is not kept; `csrf_token` is kept in the clear, since it is worthless without it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose it is, as the account is now.
    pub account: Account,
    /// What a changing request must repeat in a header. Compare with [`Secret::matches`].
    pub csrf_token: Secret,
    /// First nanosecond at which the session is over.
    pub expires_ns: i64,
}

impl Catalog {
    /// Starts a session that lasts for `ttl` and returns its token, 32 random bytes as 43
    /// characters of base64url. Ends the account's expired sessions, and its oldest ones beyond
    /// [`SESSIONS_PER_ACCOUNT_MAX`]. Durable on return.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown account, [`CatalogError::Invalid`] for a `ttl` of 0.
    pub fn create_session(&self, account: AccountId, now_ns: i64, ttl: Duration) -> Result<Secret, CatalogError> {
        let ttl_ns = i64::try_from(ttl.as_nanos()).unwrap_or(i64::MAX);
        if ttl_ns == 0 {
            return Err(CatalogError::invalid("session lifetime 0s is not above 0s"));
        }
        let (token, csrf) = (Secret::generate("")?, Secret::generate("")?);
        let id = account.to_string();
        self.write(|tx| {
            if !sql::exists(tx, "SELECT 1 FROM accounts WHERE id = ?1", [&id])? {
                return Err(CatalogError::NotFound { what: "account", id: id.clone() });
            }
            tx.execute("DELETE FROM sessions WHERE account_id = ?1 AND expires_ns <= ?2", params![id, now_ns])?;
            tx.execute(
                "INSERT INTO sessions (token_sha256, account_id, csrf_token, created_ns, expires_ns)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![token.hash(), id, csrf.expose(), now_ns, now_ns.saturating_add(ttl_ns)],
            )?;
            // The new one is not a candidate even when the clock has gone back.
            tx.execute(
                "DELETE FROM sessions WHERE token_sha256 IN (
                   SELECT token_sha256 FROM sessions WHERE account_id = ?1 AND token_sha256 <> ?2
                   ORDER BY created_ns DESC LIMIT -1 OFFSET ?3)",
                params![id, token.hash(), SESSIONS_PER_ACCOUNT_MAX.saturating_sub(1)],
            )?;
            Ok(())
        })?;
        Ok(token)
    }

    /// The session of a token, `None` when it never was, was ended, or has expired.
    ///
    /// The token is looked up by its SHA-256. How long that takes may tell something about stored
    /// hashes, but nobody can choose a token by its hash, so it tells nothing about tokens.
    ///
    /// # Errors
    /// When the database fails.
    pub fn session(&self, token: &str, now_ns: i64) -> Result<Option<Session>, CatalogError> {
        let select = format!(
            "SELECT {}, s.csrf_token, s.expires_ns FROM sessions s JOIN accounts a ON a.id = s.account_id
             WHERE s.token_sha256 = ?1 AND s.expires_ns > ?2",
            accounts::COLUMNS
        );
        self.read(|connection| {
            sql::first(connection, &select, params![token_hash(token), now_ns], |row| {
                Ok(Session {
                    account: accounts::decode(row)?,
                    csrf_token: Secret::new(row.get("csrf_token")?),
                    expires_ns: row.get("expires_ns")?,
                })
            })
        })
    }

    /// Ends a session. Idempotent.
    ///
    /// # Errors
    /// When the database fails.
    pub fn delete_session(&self, token: &str) -> Result<(), CatalogError> {
        self.write(|tx| {
            tx.execute("DELETE FROM sessions WHERE token_sha256 = ?1", [token_hash(token)])?;
            Ok(())
        })
    }

    /// Deletes expired sessions; returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub fn delete_expired(&self, now_ns: i64) -> Result<usize, CatalogError> {
        self.write(|tx| Ok(tx.execute("DELETE FROM sessions WHERE expires_ns <= ?1", [now_ns])?))
    }
}

#[cfg(test)]
mod tests;
