use super::check::{hosts_text, object_text};
use super::{InstalledPlugin, existing, target};
use crate::audit::append;
use crate::{Actor, AuditChange, Catalog, CatalogError};
use rusqlite::params;
use serde_json::{Map, Value, json};

/// What of a plugin is changed; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PluginChange {
    /// A JSON object of at most [`crate::limits::PLUGIN_JSON_BYTES_MAX`] as text.
    pub limits: Option<Value>,
    /// As `limits`.
    pub config: Option<Value>,
    /// At most [`crate::limits::PLUGIN_HOSTS_MAX`], each 1 to
    /// [`crate::limits::PLUGIN_HOST_BYTES_MAX`] visible ASCII characters without `@`.
    pub hosts: Option<Vec<String>>,
    /// Whether it works at all.
    pub enabled: Option<bool>,
}

impl PluginChange {
    /// The plugin as it is afterwards.
    fn applied_to(self, plugin: InstalledPlugin) -> InstalledPlugin {
        InstalledPlugin {
            limits: self.limits.unwrap_or(plugin.limits),
            config: self.config.unwrap_or(plugin.config),
            hosts: self.hosts.unwrap_or(plugin.hosts),
            enabled: self.enabled.unwrap_or(plugin.enabled),
            ..plugin
        }
    }
}

/// What of a plugin differs, as it was and as it is. A configuration may hold what people regard as
/// private, so only that it changed is told.
fn differences(before: &InstalledPlugin, after: &InstalledPlugin) -> (Value, Value) {
    let (mut was, mut is) = (Map::new(), Map::new());
    let mut note = |member: &str, old: Value, new: Value| {
        if old != new {
            was.insert(member.to_owned(), old);
            is.insert(member.to_owned(), new);
        }
    };
    note("limits", before.limits.clone(), after.limits.clone());
    note("hosts", json!(before.hosts), json!(after.hosts));
    note("enabled", json!(before.enabled), json!(after.enabled));
    if before.config != after.config {
        is.insert("config".to_owned(), json!("changed"));
    }
    (Value::Object(was), Value::Object(is))
}

impl Catalog {
    /// Changes a plugin and returns it as it is then. Audited as `plugin.configure` of `plugin/<name>`
    /// with what of limits, hosts and `enabled` changed, and with whether the configuration did; a change
    /// that changes nothing is not.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown plugin, [`CatalogError::Invalid`] for a value that
    /// breaks the rules of [`PluginChange`].
    pub fn configure_plugin(
        &self,
        actor: &Actor,
        name: &str,
        change: PluginChange,
        now_ns: i64,
    ) -> Result<InstalledPlugin, CatalogError> {
        self.write(|tx| {
            let before = existing(tx, name)?;
            let after = change.applied_to(before.clone());
            let limits = object_text("limits", &after.limits)?;
            let config = object_text("config", &after.config)?;
            let hosts = hosts_text(&after.hosts)?;
            if after == before {
                return Ok(after);
            }
            tx.execute(
                "UPDATE plugins SET enabled = ?2, limits = ?3, config = ?4, hosts = ?5 WHERE name = ?1",
                params![name, after.enabled, limits, config, hosts],
            )?;
            let (was, is) = differences(&before, &after);
            let change = AuditChange {
                action: "plugin.configure".to_owned(),
                target: target(name),
                before: Some(was),
                after: Some(is),
            };
            append(tx, actor, change, now_ns)?;
            Ok(after)
        })
    }
}
