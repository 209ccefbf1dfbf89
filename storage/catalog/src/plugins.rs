mod check;
mod configure;
mod keep;

pub use configure::PluginChange;

use crate::audit::append;
use crate::limits::{PLUGIN_BYTES_MAX, PLUGIN_VERSIONS_MAX, PLUGINS_MAX};
use crate::{Actor, AuditChange, Catalog, CatalogError, pipelines, sql};
pub(crate) use check::shown;
use check::{check_kind, check_name, check_sha256, object_text};
use rusqlite::{Connection, Row, Transaction, params};
use serde_json::{Value, json};
use std::fmt;
use std::str::FromStr;

/// What runs a version of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PluginRuntime {
    /// A WebAssembly component.
    Wasm,
    /// A Python script.
    Python,
    /// A JavaScript script.
    Javascript,
}

impl PluginRuntime {
    /// All runtimes.
    pub const ALL: [Self; 3] = [Self::Wasm, Self::Python, Self::Javascript];

    /// The stored and JSON name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::Python => "python",
            Self::Javascript => "javascript",
        }
    }
}

impl fmt::Display for PluginRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PluginRuntime {
    type Err = CatalogError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|runtime| runtime.as_str() == name).ok_or_else(|| {
            CatalogError::invalid(format!("runtime {name:?} is none of \"wasm\", \"python\" and \"javascript\""))
        })
    }
}

/// A plugin, whose versions are [`StoredPluginVersion`]s.
///
/// Persisted as a row of `plugins`; `limits` and `config` are JSON text of an object, `hosts` of an
/// array of strings, `enabled` is 0 or 1. What it keeps while it works is in `plugin_state`, a row
/// for each key, and `plugin_memory`.
#[derive(Clone, Debug, PartialEq)]
pub struct InstalledPlugin {
    /// 1 to 64 of `a-z`, `0-9` and `-`. Never changes.
    pub name: String,
    /// `operator`, `function`, `rule`, `notifier` or `escalation`. Never changes.
    pub kind: String,
    /// The version that works; it exists.
    pub active_version: u64,
    /// Whether it works at all.
    pub enabled: bool,
    /// What it may use: a JSON object, whose members are the host's own.
    pub limits: Value,
    /// What it is given when it starts: a JSON object, whose members are the plugin's own.
    pub config: Value,
    /// Hosts that it may send to.
    pub hosts: Vec<String>,
    /// Nanoseconds since the Unix epoch.
    pub created_ns: i64,
}

/// One version of a plugin. Never changes, and goes only with its plugin.
///
/// Persisted as a row of `plugin_versions`. The bytes themselves are a blob beside the catalog.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPluginVersion {
    /// From 1, one more with each.
    pub version: u64,
    /// What runs it.
    pub runtime: PluginRuntime,
    /// SHA-256 of what was uploaded, 64 lower-case hexadecimal digits: the name of the blob.
    pub sha256: String,
    /// Bytes of what was uploaded.
    pub bytes: u64,
    /// What it says of itself: a JSON object, whose members are the host's own.
    pub description: Value,
    /// Nanoseconds since the Unix epoch.
    pub created_ns: i64,
    /// Who uploaded it.
    pub created_by: String,
}

/// What is uploaded. Its blob must be durable before it is added.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPluginVersion {
    /// Name of the plugin, see [`InstalledPlugin::name`]; it is made when there is none.
    pub plugin: String,
    /// See [`InstalledPlugin::kind`].
    pub kind: String,
    /// What runs it.
    pub runtime: PluginRuntime,
    /// See [`StoredPluginVersion::sha256`].
    pub sha256: String,
    /// Bytes of the blob.
    pub bytes: u64,
    /// A JSON object of at most [`crate::limits::PLUGIN_JSON_BYTES_MAX`] as text.
    pub description: Value,
    /// As `description`. Used when the plugin is new.
    pub limits: Value,
    /// Whether it works from now on. The first version always does.
    pub activate: bool,
}

/// A version that was found to keep the rules.
struct Checked {
    new: NewPluginVersion,
    description: String,
    limits: String,
}

const PLUGIN_COLUMNS: &str = "name, kind, active_version, enabled, limits, config, hosts, created_ns";
const VERSION_COLUMNS: &str = "version, runtime, sha256, bytes, description, created_ns, created_by";

/// Reads a row of [`PLUGIN_COLUMNS`].
fn decode(row: &Row<'_>) -> Result<InstalledPlugin, CatalogError> {
    let name: String = row.get(0)?;
    let json = |column: &str| -> Result<Value, CatalogError> {
        let text: String = row.get(column)?;
        serde_json::from_str(&text)
            .map_err(|error| CatalogError::corrupt(format!("{column:?} of plugin {name:?}: {error}")))
    };
    let hosts = serde_json::from_value(json("hosts")?)
        .map_err(|error| CatalogError::corrupt(format!("\"hosts\" of plugin {name:?}: {error}")))?;
    Ok(InstalledPlugin {
        kind: row.get(1)?,
        active_version: sql::from_integer("active_version", row.get(2)?)?,
        enabled: row.get(3)?,
        limits: json("limits")?,
        config: json("config")?,
        hosts,
        created_ns: row.get(7)?,
        name,
    })
}

/// Reads a row of [`VERSION_COLUMNS`].
fn decode_version(row: &Row<'_>) -> Result<StoredPluginVersion, CatalogError> {
    let (runtime, text): (String, String) = (row.get(1)?, row.get(4)?);
    let version = sql::from_integer("version", row.get(0)?)?;
    let description = serde_json::from_str(&text)
        .map_err(|error| CatalogError::corrupt(format!("description of plugin version {version}: {error}")))?;
    Ok(StoredPluginVersion {
        version,
        runtime: sql::parse("plugin runtime", &runtime)?,
        sha256: row.get(2)?,
        bytes: sql::from_integer("bytes", row.get(3)?)?,
        description,
        created_ns: row.get(5)?,
        created_by: row.get(6)?,
    })
}

fn find(connection: &Connection, name: &str) -> Result<Option<InstalledPlugin>, CatalogError> {
    sql::first(connection, &format!("SELECT {PLUGIN_COLUMNS} FROM plugins WHERE name = ?1"), [name], decode)
}

fn existing(connection: &Connection, name: &str) -> Result<InstalledPlugin, CatalogError> {
    find(connection, name)?.ok_or_else(|| not_found(name))
}

fn not_found(name: &str) -> CatalogError {
    CatalogError::NotFound { what: "plugin", id: name.to_owned() }
}

/// The kind of a plugin, for those who refer to one.
pub(crate) fn kind_of(connection: &Connection, name: &str) -> Result<Option<String>, CatalogError> {
    sql::first(connection, "SELECT kind FROM plugins WHERE name = ?1", [name], |row| Ok(row.get(0)?))
}

fn target(name: &str) -> String {
    format!("plugin/{name}")
}

/// The version of a plugin that already is what `new` is.
fn same_version(tx: &Transaction<'_>, new: &NewPluginVersion) -> Result<Option<u64>, CatalogError> {
    let select = "SELECT version FROM plugin_versions WHERE plugin = ?1 AND sha256 = ?2 AND runtime = ?3";
    sql::first(tx, select, params![new.plugin, new.sha256, new.runtime.as_str()], |row| {
        sql::from_integer("version", row.get(0)?)
    })
}

fn check_room_for_plugin(tx: &Transaction<'_>) -> Result<(), CatalogError> {
    let count: usize = sql::from_integer("count", sql::integer(tx, "SELECT count(*) FROM plugins", [])?)?;
    if count >= PLUGINS_MAX {
        return Err(CatalogError::conflict(format!(
            "{count} plugins are installed, at most {PLUGINS_MAX} may be; delete one first"
        )));
    }
    Ok(())
}

fn check_room_for_version(tx: &Transaction<'_>, new: &NewPluginVersion) -> Result<(), CatalogError> {
    let select = "SELECT count(*) FROM plugin_versions WHERE plugin = ?1";
    let count: usize = sql::from_integer("count", sql::integer(tx, select, [&new.plugin])?)?;
    if count >= PLUGIN_VERSIONS_MAX {
        return Err(CatalogError::conflict(format!(
            "plugin {:?} has {count} versions, at most {PLUGIN_VERSIONS_MAX} are kept and none is deleted to make \
             room; delete the plugin and upload it anew, or upload under another name",
            new.plugin
        )));
    }
    let stored = sql::integer(tx, "SELECT coalesce(sum(bytes), 0) FROM plugin_versions", [])?;
    let bytes = sql::from_integer::<u64>("bytes", stored)?.saturating_add(new.bytes);
    if bytes > PLUGIN_BYTES_MAX {
        return Err(CatalogError::conflict(format!(
            "all versions of all plugins would come to {bytes} bytes, at most {PLUGIN_BYTES_MAX} may be; delete a \
             plugin that is not needed"
        )));
    }
    Ok(())
}

/// Makes the plugin, with what is to become its first version.
fn insert_plugin(tx: &Transaction<'_>, checked: &Checked, now_ns: i64) -> Result<(), CatalogError> {
    check_room_for_plugin(tx)?;
    tx.execute(
        "INSERT INTO plugins (name, kind, active_version, enabled, limits, config, hosts, created_ns)
         VALUES (?1, ?2, 1, 1, ?3, '{}', '[]', ?4)",
        params![checked.new.plugin, checked.new.kind, checked.limits, now_ns],
    )?;
    Ok(())
}

/// Adds a version under the next number and audits it.
fn insert_version(
    tx: &Transaction<'_>,
    actor: &Actor,
    checked: &Checked,
    is_active: impl FnOnce(u64) -> Result<bool, CatalogError>,
    now_ns: i64,
) -> Result<u64, CatalogError> {
    let new = &checked.new;
    check_room_for_version(tx, new)?;
    let select = "SELECT coalesce(max(version), 0) + 1 FROM plugin_versions WHERE plugin = ?1";
    let version: u64 = sql::from_integer("version", sql::integer(tx, select, [&new.plugin])?)?;
    tx.execute(
        "INSERT INTO plugin_versions (plugin, version, runtime, sha256, bytes, description, created_ns, created_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            new.plugin,
            sql::to_integer("version", version)?,
            new.runtime.as_str(),
            new.sha256,
            sql::to_integer("bytes", new.bytes)?,
            checked.description,
            now_ns,
            actor.name
        ],
    )?;
    let after = json!({
        "kind": new.kind,
        "version": version,
        "runtime": new.runtime.as_str(),
        "sha256": new.sha256,
        "bytes": new.bytes,
        "active": is_active(version)?,
    });
    let change = AuditChange {
        action: "plugin.upload".to_owned(),
        target: target(&new.plugin),
        before: None,
        after: Some(after),
    };
    append(tx, actor, change, now_ns)?;
    Ok(version)
}

fn set_active(tx: &Transaction<'_>, name: &str, version: u64) -> Result<(), CatalogError> {
    let update = "UPDATE plugins SET active_version = ?2 WHERE name = ?1";
    tx.execute(update, params![name, sql::to_integer("version", version)?])?;
    Ok(())
}

/// Lets a version that is stored take over, and audits it; nothing when it works already.
fn activate(
    tx: &Transaction<'_>,
    actor: &Actor,
    plugin: &InstalledPlugin,
    version: u64,
    now_ns: i64,
) -> Result<(), CatalogError> {
    if plugin.active_version == version {
        return Ok(());
    }
    set_active(tx, &plugin.name, version)?;
    let change = AuditChange {
        action: "plugin.activate".to_owned(),
        target: target(&plugin.name),
        before: Some(json!({ "version": plugin.active_version })),
        after: Some(json!({ "version": version })),
    };
    append(tx, actor, change, now_ns)?;
    Ok(())
}

impl Catalog {
    /// Adds a version to a plugin, which is made when there is none; returns the version's number. The
    /// first version works at once, a later one when `activate` asks for it. What is a version of the
    /// plugin already (same bytes, same runtime) is not added again: the number is that version's, which
    /// is activated if asked. Audited as `plugin.upload` of `plugin/<name>`, or as `plugin.activate` when
    /// nothing was added.
    ///
    /// # Errors
    /// [`CatalogError::Invalid`] for a value that breaks the rules of [`NewPluginVersion`];
    /// [`CatalogError::Conflict`] when the plugin is of another kind, when there are [`PLUGINS_MAX`]
    /// plugins or [`PLUGIN_VERSIONS_MAX`] versions of this one, and when all versions would come to more
    /// than [`PLUGIN_BYTES_MAX`].
    pub fn add_plugin_version(&self, actor: &Actor, new: NewPluginVersion, now_ns: i64) -> Result<u64, CatalogError> {
        check_name(&new.plugin)?;
        check_kind(&new.kind)?;
        check_sha256(&new.sha256)?;
        let description = object_text("description", &new.description)?;
        let limits = object_text("limits", &new.limits)?;
        let checked = Checked { new, description, limits };
        self.write(|tx| {
            let new = &checked.new;
            let Some(plugin) = find(tx, &new.plugin)? else {
                insert_plugin(tx, &checked, now_ns)?;
                return insert_version(tx, actor, &checked, |_| Ok(true), now_ns);
            };
            if plugin.kind != new.kind {
                return Err(CatalogError::conflict(format!(
                    "plugin {:?} is of kind {:?}, what was uploaded is of kind {:?}; upload it under another name",
                    plugin.name, plugin.kind, new.kind
                )));
            }
            if let Some(version) = same_version(tx, new)? {
                if new.activate {
                    activate(tx, actor, &plugin, version, now_ns)?;
                }
                return Ok(version);
            }
            let is_active = |version| match new.activate {
                true => set_active(tx, &plugin.name, version).map(|()| true),
                false => Ok(false),
            };
            insert_version(tx, actor, &checked, is_active, now_ns)
        })
    }

    /// All plugins, by name.
    ///
    /// # Errors
    /// [`CatalogError::Corrupt`] when a row cannot be read.
    pub fn plugins(&self) -> Result<Vec<InstalledPlugin>, CatalogError> {
        let select = format!("SELECT {PLUGIN_COLUMNS} FROM plugins ORDER BY name");
        self.read(|connection| sql::rows(connection, &select, [], decode))
    }

    /// One plugin, `None` when there is none of this name.
    ///
    /// # Errors
    /// As [`Self::plugins`].
    pub fn plugin(&self, name: &str) -> Result<Option<InstalledPlugin>, CatalogError> {
        self.read(|connection| find(connection, name))
    }

    /// All versions of a plugin, newest first.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown plugin.
    pub fn plugin_versions(&self, name: &str) -> Result<Vec<StoredPluginVersion>, CatalogError> {
        let select = format!("SELECT {VERSION_COLUMNS} FROM plugin_versions WHERE plugin = ?1 ORDER BY version DESC");
        let versions = self.read(|connection| sql::rows(connection, &select, [name], decode_version))?;
        // a plugin has at least its active version
        if versions.is_empty() { Err(not_found(name)) } else { Ok(versions) }
    }

    /// One version of a plugin, `None` when there is no such plugin or version.
    ///
    /// # Errors
    /// As [`Self::plugins`].
    pub fn plugin_version(&self, name: &str, version: u64) -> Result<Option<StoredPluginVersion>, CatalogError> {
        let Ok(version) = i64::try_from(version) else { return Ok(None) };
        let select = format!("SELECT {VERSION_COLUMNS} FROM plugin_versions WHERE plugin = ?1 AND version = ?2");
        self.read(|connection| sql::first(connection, &select, params![name, version], decode_version))
    }

    /// Lets another version of a plugin work, an older one too; returns the plugin as it is then. What
    /// the plugin keeps (state and memory) stays. Audited as `plugin.activate` of `plugin/<name>`, unless
    /// that version works already.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown plugin or version.
    pub fn activate_plugin_version(
        &self,
        actor: &Actor,
        name: &str,
        version: u64,
        now_ns: i64,
    ) -> Result<InstalledPlugin, CatalogError> {
        let unknown = || CatalogError::NotFound { what: "plugin version", id: format!("{name}/{version}") };
        let stored = i64::try_from(version).map_err(|_| unknown())?;
        self.write(|tx| {
            let plugin = existing(tx, name)?;
            let select = "SELECT 1 FROM plugin_versions WHERE plugin = ?1 AND version = ?2";
            if !sql::exists(tx, select, params![name, stored])? {
                return Err(unknown());
            }
            activate(tx, actor, &plugin, version, now_ns)?;
            Ok(InstalledPlugin { active_version: version, ..plugin })
        })
    }

    /// Deletes a plugin with all its versions and what it keeps. Its blobs stay until somebody deletes
    /// those that [`Self::plugin_blobs`] does not name any more. Audited as `plugin.delete` of
    /// `plugin/<name>`.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown plugin; [`CatalogError::Conflict`] when steps of
    /// pipelines use it, naming them.
    pub fn delete_plugin(&self, actor: &Actor, name: &str, now_ns: i64) -> Result<(), CatalogError> {
        self.write(|tx| {
            let plugin = existing(tx, name)?;
            let used_by = pipelines::steps_with_plugin(tx, name)?;
            if !used_by.is_empty() {
                return Err(CatalogError::conflict(format!(
                    "plugin {name:?} is used by {}; take it out of there first",
                    pipelines::some_of(&used_by)
                )));
            }
            let versions = sql::integer(tx, "SELECT count(*) FROM plugin_versions WHERE plugin = ?1", [name])?;
            tx.execute("DELETE FROM plugins WHERE name = ?1", [name])?;
            let before = json!({ "kind": plugin.kind, "version": plugin.active_version, "versions": versions });
            let change = AuditChange {
                action: "plugin.delete".to_owned(),
                target: target(name),
                before: Some(before),
                after: None,
            };
            append(tx, actor, change, now_ns)?;
            Ok(())
        })
    }

    /// SHA-256 of every blob that a version of a plugin is, each once, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub fn plugin_blobs(&self) -> Result<Vec<String>, CatalogError> {
        let select = "SELECT DISTINCT sha256 FROM plugin_versions ORDER BY sha256";
        self.read(|connection| sql::rows(connection, select, [], |row| Ok(row.get(0)?)))
    }
}

#[cfg(test)]
mod tests;
