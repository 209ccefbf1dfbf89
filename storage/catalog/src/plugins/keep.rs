//! What plugins keep while they work: entries by key, and the memory of an instance.

use super::not_found;
use crate::limits::{PLUGIN_MEMORY_BYTES_MAX, PLUGIN_STATE_BYTES_MAX, PLUGIN_STATE_ENTRIES_MAX};
use crate::{Catalog, CatalogError, sql};
use rusqlite::{Transaction, params};
use serde_json::Value;
use std::collections::HashSet;

fn check_exists(tx: &Transaction<'_>, name: &str) -> Result<(), CatalogError> {
    match sql::exists(tx, "SELECT 1 FROM plugins WHERE name = ?1", [name])? {
        true => Ok(()),
        false => Err(not_found(name)),
    }
}

fn check_state(name: &str, entries: &[(String, Vec<u8>)]) -> Result<(), CatalogError> {
    let count = entries.len();
    if count > PLUGIN_STATE_ENTRIES_MAX {
        return Err(CatalogError::invalid(format!(
            "state of plugin {name:?} has {count} entries, at most {PLUGIN_STATE_ENTRIES_MAX} are kept"
        )));
    }
    let bytes: usize = entries.iter().map(|(key, value)| key.len() + value.len()).sum();
    if bytes > PLUGIN_STATE_BYTES_MAX {
        return Err(CatalogError::invalid(format!(
            "state of plugin {name:?} has {bytes} bytes, at most {PLUGIN_STATE_BYTES_MAX} are kept"
        )));
    }
    let mut keys = HashSet::with_capacity(count);
    match entries.iter().find(|(key, _)| !keys.insert(key)) {
        Some((key, _)) => Err(CatalogError::invalid(format!("state of plugin {name:?} has key {key:?} twice"))),
        None => Ok(()),
    }
}

impl Catalog {
    /// The entries that a plugin keeps, by key; none for an unknown plugin.
    ///
    /// # Errors
    /// When the database fails.
    pub fn plugin_state(&self, name: &str) -> Result<Vec<(String, Vec<u8>)>, CatalogError> {
        let select = "SELECT key, value FROM plugin_state WHERE plugin = ?1 ORDER BY key";
        self.read(|connection| sql::rows(connection, select, [name], |row| Ok((row.get(0)?, row.get(1)?))))
    }

    /// Replaces all entries that a plugin keeps; those that are as they were are not written again. Not
    /// audited.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown plugin, such as one that was deleted while it worked;
    /// [`CatalogError::Invalid`] for a key that is given twice, and for more than
    /// [`PLUGIN_STATE_ENTRIES_MAX`] entries or [`PLUGIN_STATE_BYTES_MAX`] of keys and values.
    pub fn set_plugin_state(&self, name: &str, entries: &[(String, Vec<u8>)]) -> Result<(), CatalogError> {
        check_state(name, entries)?;
        let keys = Value::from_iter(entries.iter().map(|(key, _)| key.as_str())).to_string();
        self.write(|tx| {
            check_exists(tx, name)?;
            tx.execute(
                "DELETE FROM plugin_state WHERE plugin = ?1 AND key NOT IN (SELECT value FROM json_each(?2))",
                params![name, keys],
            )?;
            let mut upsert = tx.prepare(
                "INSERT INTO plugin_state (plugin, key, value) VALUES (?1, ?2, ?3)
                 ON CONFLICT (plugin, key) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value",
            )?;
            for (key, value) in entries {
                upsert.execute(params![name, key, value])?;
            }
            Ok(())
        })
    }

    /// The memory of a plugin that its next instance starts from, `None` when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub fn plugin_memory(&self, name: &str) -> Result<Option<Vec<u8>>, CatalogError> {
        let select = "SELECT memory FROM plugin_memory WHERE plugin = ?1";
        self.read(|connection| sql::first(connection, select, [name], |row| Ok(row.get(0)?)))
    }

    /// Replaces the memory of a plugin, or forgets it. Not audited.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown plugin, [`CatalogError::Invalid`] above
    /// [`PLUGIN_MEMORY_BYTES_MAX`].
    pub fn set_plugin_memory(&self, name: &str, memory: Option<&[u8]>, now_ns: i64) -> Result<(), CatalogError> {
        let bytes = memory.map_or(0, <[u8]>::len);
        if bytes > PLUGIN_MEMORY_BYTES_MAX {
            return Err(CatalogError::invalid(format!(
                "memory of plugin {name:?} has {bytes} bytes, at most {PLUGIN_MEMORY_BYTES_MAX} are kept"
            )));
        }
        self.write(|tx| {
            check_exists(tx, name)?;
            match memory {
                Some(memory) => tx.execute(
                    "INSERT OR REPLACE INTO plugin_memory (plugin, memory, taken_ns) VALUES (?1, ?2, ?3)",
                    params![name, memory, now_ns],
                )?,
                None => tx.execute("DELETE FROM plugin_memory WHERE plugin = ?1", [name])?,
            };
            Ok(())
        })
    }
}
