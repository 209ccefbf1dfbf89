//! A new version, from its bytes to the moment when it takes over.

use super::load::Code;
use super::{Installed, Plugins, Works};
use crate::catalog::on_catalog;
use crate::problem::Failure;
use bytes::Bytes;
use lincei_catalog::{Actor, InstalledPlugin, NewPluginVersion, PluginRuntime};
use lincei_host::{Plugin, PluginLimits, StateStore};
use lincei_model::ErrorCode;
use lincei_query::UserFunction as _;
use std::sync::Arc;

/// Bytes of a script.
const SCRIPT_BYTES_MAX: usize = 256 << 10;
/// Bytes of a module or component.
pub(crate) const WASM_BYTES_MAX: usize = 64 << 20;

/// What somebody uploads.
pub(crate) enum Upload {
    /// A component, or a module that says which world it implements.
    Wasm(Bytes),
    /// A script.
    Script(PluginRuntime, String),
}

impl Upload {
    pub(super) fn code(&self) -> Result<Code, Failure> {
        let too_large = |bytes: usize, max: usize| {
            Failure::new(ErrorCode::TooLarge, format!("the upload has {bytes} bytes (limit {max})"))
        };
        match self {
            Self::Wasm(bytes) if bytes.len() > WASM_BYTES_MAX => Err(too_large(bytes.len(), WASM_BYTES_MAX)),
            Self::Script(_, source) if source.len() > SCRIPT_BYTES_MAX => {
                Err(too_large(source.len(), SCRIPT_BYTES_MAX))
            }
            Self::Wasm(bytes) => Ok(Code::Wasm(bytes.to_vec())),
            Self::Script(language, source) => Ok(Code::Script(*language, source.clone())),
        }
    }

    const fn runtime(&self) -> PluginRuntime {
        match self {
            Self::Wasm(_) => PluginRuntime::Wasm,
            Self::Script(language, _) => *language,
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Wasm(bytes) => bytes,
            Self::Script(_, source) => source.into_bytes().into(),
        }
    }
}

/// Limits of a plugin that has none yet.
pub(super) fn default_limits(runtime: PluginRuntime) -> PluginLimits {
    match runtime {
        PluginRuntime::Wasm => PluginLimits::default(),
        PluginRuntime::Python | PluginRuntime::Javascript => PluginLimits::of_scripts(),
    }
}

/// A plugin that is not installed, to try something.
pub(super) fn draft(name: &str, runtime: PluginRuntime, config: serde_json::Value) -> InstalledPlugin {
    InstalledPlugin {
        name: name.to_owned(),
        kind: String::new(),
        active_version: 0,
        enabled: true,
        limits: serde_json::to_value(default_limits(runtime)).unwrap_or_default(),
        config,
        hosts: Vec::new(),
        created_ns: 0,
    }
}

impl Plugins {
    /// Checks a new version, keeps it and, when it is to be active, lets it take over.
    pub(crate) async fn upload(
        &self,
        actor: Actor,
        name: &str,
        upload: Upload,
        activate: bool,
    ) -> Result<Installed, Failure> {
        let _turn = self.changing.lock().await;
        let (code, runtime) = (upload.code()?, upload.runtime());
        let before = self.get(name);
        let row = match &before {
            Some(before) => before.row.clone(),
            None => draft(name, runtime, serde_json::json!({})),
        };
        // whatever the trial counts, logs or keeps is not the installed plugin's
        let trial = Arc::new(Plugin::new(name, StateStore::default()));
        let tried = self.load(&row, code.clone(), &trial).await?;
        if let Works::Operator(slot) = &tried {
            self.dry_run(slot, runtime != PluginRuntime::Wasm).await?;
        }
        self.check_function_name(name, &tried)?;
        if activate || before.is_none() {
            self.check_pipelines(name, &tried).await?;
        }
        let missing = || Failure::internal("a plugin that was just loaded does not say what it is");
        let description = tried.description().ok_or_else(missing)?;
        let kind = description.kind.as_str().to_owned();
        let bytes = upload.into_bytes();
        let length = bytes.len() as u64;
        let sha256 = self.blobs.put(bytes).await?;
        let new = NewPluginVersion {
            plugin: name.to_owned(),
            kind: kind.clone(),
            runtime,
            sha256,
            bytes: length,
            description: serde_json::to_value(&description).unwrap_or_default(),
            limits: row.limits.clone(),
            activate,
        };
        let now = self.clock.now_ns();
        let number = on_catalog(&self.catalog, move |catalog| catalog.add_plugin_version(&actor, new, now)).await?;
        let found = name.to_owned();
        let stored = on_catalog(&self.catalog, move |catalog| {
            Ok((catalog.plugin(&found)?, catalog.plugin_version(&found, number)?))
        });
        let (Some(row), Some(version)) = stored.await? else {
            return Err(Failure::internal("the version that was just kept is not there"));
        };
        if row.active_version != number {
            return self.find(name);
        }
        let before = before.unwrap_or_else(|| Installed {
            row: row.clone(),
            version: version.clone(),
            plugin: Arc::new(Plugin::new(name, StateStore::default())),
            works: Works::Disabled,
        });
        let works = if row.enabled { self.load(&row, code, &before.plugin).await? } else { Works::Disabled };
        Ok(self.take_over(&before, row, version, works))
    }

    /// A name in SQL belongs to one function.
    fn check_function_name(&self, name: &str, works: &Works) -> Result<(), Failure> {
        let Works::Function(function) = works else { return Ok(()) };
        let sql = &function.signature().name;
        let other = self.all().into_iter().find(|other| match &other.works {
            Works::Function(other_function) => other.row.name != name && other_function.signature().name == *sql,
            _ => false,
        });
        if let Some(other) = other {
            let detail = format!("plugin {:?} has the function {sql} already", other.row.name);
            return Err(Failure::new(ErrorCode::Conflict, detail));
        }
        if self.query.is_own_function(sql) {
            return Err(Failure::new(ErrorCode::Conflict, format!("{sql} is a function that SQL has already")));
        }
        Ok(())
    }
}
