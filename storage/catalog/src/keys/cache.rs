use super::{TOUCH_INTERVAL_NS, active};
use crate::secret::{TokenHash, token_hash};
use crate::{ApiKey, CatalogError, KeyId, sql};
use parking_lot::{Mutex, RwLock};
use rusqlite::Connection;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq as _;

/// How old the copy may be.
pub(super) const REFRESH_INTERVAL: Duration = Duration::from_secs(1);

/// A copy of the good keys in memory, so that intake does not wait for SQLite.
///
/// A token is checked by its SHA-256 against every key's, each in constant time and without
/// stopping at a match: the time tells how many keys there are, nothing else.
///
/// The copy is read anew after each change that this process makes, and, at most once every
/// [`REFRESH_INTERVAL`], when `PRAGMA data_version` says that another connection has committed. It
/// has a connection of its own: nothing that is slow elsewhere delays it. When it cannot be read,
/// no key passes.
pub(crate) struct KeyCache {
    copy: RwLock<Option<Copy>>,
    connection: Mutex<Connection>,
    touched: Mutex<HashMap<KeyId, i64>>,
}

struct Copy {
    keys: Arc<[(ApiKey, TokenHash)]>,
    data_version: i64,
    checked: Instant,
}

impl KeyCache {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { copy: RwLock::new(None), connection: Mutex::new(connection), touched: Mutex::default() }
    }

    pub(super) fn verify(&self, token: &str, now: Instant) -> Result<Option<ApiKey>, CatalogError> {
        let keys = self.current(now)?;
        let hash = token_hash(token);
        let mut matching = None;
        for (key, stored) in keys.iter() {
            if bool::from(stored.ct_eq(&hash)) {
                matching = Some(key);
            }
        }
        Ok(matching.cloned())
    }

    /// Reads the copy anew. The change that calls for it is committed, so a failure is not its
    /// failure: the copy is dropped, and the next check reads it or fails.
    pub(super) fn reload(&self, now: Instant) {
        let connection = self.connection.lock();
        let copy = load(&connection, now);
        if let Err(error) = &copy {
            tracing::warn!(%error, "keys could not be read; none passes until they can");
        }
        *self.copy.write() = copy.ok();
    }

    fn fresh(&self, now: Instant) -> Option<Arc<[(ApiKey, TokenHash)]>> {
        let copy = self.copy.read();
        copy.as_ref()
            .filter(|copy| now.saturating_duration_since(copy.checked) < REFRESH_INTERVAL)
            .map(|copy| Arc::clone(&copy.keys))
    }

    fn current(&self, now: Instant) -> Result<Arc<[(ApiKey, TokenHash)]>, CatalogError> {
        if let Some(keys) = self.fresh(now) {
            return Ok(keys);
        }
        // Held while reading and storing, so that an older copy never replaces a newer one.
        let connection = self.connection.lock();
        if let Some(keys) = self.fresh(now) {
            return Ok(keys);
        }
        let version = data_version(&connection)?;
        if let Some(copy) = self.copy.write().as_mut().filter(|copy| copy.data_version == version) {
            copy.checked = now;
            return Ok(Arc::clone(&copy.keys));
        }
        let copy = load(&connection, now)?;
        let keys = Arc::clone(&copy.keys);
        *self.copy.write() = Some(copy);
        Ok(keys)
    }

    /// Whether the last use of a key is to be written again; if so, notes that it is being done.
    pub(super) fn is_touch_due(&self, id: KeyId, now_ns: i64) -> bool {
        let mut touched = self.touched.lock();
        match touched.get(&id) {
            Some(last) if now_ns.saturating_sub(*last) < TOUCH_INTERVAL_NS => false,
            _ => {
                touched.insert(id, now_ns);
                true
            }
        }
    }
}

/// The version is read first: what is committed in between is in the rows, and the next look at the
/// version brings them again.
fn load(connection: &Connection, now: Instant) -> Result<Copy, CatalogError> {
    let data_version = data_version(connection)?;
    Ok(Copy { keys: active(connection)?.into(), data_version, checked: now })
}

fn data_version(connection: &Connection) -> Result<i64, CatalogError> {
    sql::integer(connection, "PRAGMA data_version", [])
}
