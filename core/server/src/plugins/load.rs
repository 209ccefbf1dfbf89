//! From a stored version to something that works.

use super::secrets::EnvironmentSecrets;
use super::{Installed, Plugins, Works, failure_info, refused};
use crate::catalog::on_catalog;
use crate::problem::Failure;
use lincei_catalog::{InstalledPlugin, PluginRuntime, StoredPluginVersion};
use lincei_host::{
    Compiled, EscalationPlugin, FunctionPlugin, HostError, HttpClient, NotifierEnvironment, NotifierPlugin,
    OperatorPlugin, Plugin, PluginKind, PluginLimits, RulePlugin, StateStore, VersionSlot,
};
use lincei_pipeline::FailureKind;
use lincei_query::UserFunction;
use std::sync::Arc;
use std::time::Duration;

/// How long the requests of one call of a notifier may take together.
const NOTIFIER_WAIT_MAX: Duration = Duration::from_secs(60);

/// The limits of an installed plugin.
pub(super) fn check_limits(row: &InstalledPlugin) -> Result<PluginLimits, Failure> {
    let limits: PluginLimits =
        serde_json::from_value(row.limits.clone()).map_err(|error| Failure::invalid(format!("limits: {error}")))?;
    limits.check().map_err(|error| Failure::invalid(error.to_string()))?;
    Ok(limits)
}

/// What a plugin is made of, in the memory of this process.
#[derive(Clone)]
pub(super) enum Code {
    Wasm(Vec<u8>),
    Script(PluginRuntime, String),
}

impl Plugins {
    /// Loads everything that is installed. What cannot be loaded is there all the same, with the reason.
    pub(crate) async fn load_all(&self) -> Result<(), Failure> {
        for row in on_catalog(&self.catalog, |catalog| catalog.plugins()).await? {
            let (name, active) = (row.name.clone(), row.active_version);
            let stored = on_catalog(&self.catalog, move |catalog| {
                let version = catalog.plugin_version(&name, active)?;
                Ok((version, catalog.plugin_state(&name)?, catalog.plugin_memory(&name)?))
            });
            let (version, state, memory) = stored.await?;
            let Some(version) = version else { continue };
            let plugin = Arc::new(Plugin::new(&row.name, StateStore::new(state)));
            let works = if row.enabled {
                self.load_version(&row, &version, &plugin).await.unwrap_or_else(|failure| {
                    tracing::error!(plugin = row.name, error = %failure.detail, "a plugin cannot be loaded");
                    Works::Broken(failure_info(FailureKind::Internal, &failure.detail, &[]))
                })
            } else {
                Works::Disabled
            };
            if let (Works::Operator(slot), Some(memory)) = (&works, memory) {
                slot.active().restore_from(memory);
            }
            if let Works::Function(function) = &works {
                self.query.user_functions().install(Arc::clone(function) as Arc<dyn UserFunction>);
            }
            self.installed.write().insert(row.name.clone(), Installed { row, version, plugin, works });
        }
        Ok(())
    }

    /// What a stored version is made of.
    pub(super) async fn code(&self, version: &StoredPluginVersion) -> Result<Code, Failure> {
        let bytes = self.blobs.get(&version.sha256).await?.ok_or_else(|| {
            Failure::internal(format!(
                "version {} of the plugin is missing in blobs: {}",
                version.version, version.sha256
            ))
        })?;
        Ok(match version.runtime {
            PluginRuntime::Wasm => Code::Wasm(bytes.to_vec()),
            script => Code::Script(script, String::from_utf8_lossy(&bytes).into_owned()),
        })
    }

    /// Loads a stored version for an installed plugin.
    pub(super) async fn load_version(
        &self,
        row: &InstalledPlugin,
        version: &StoredPluginVersion,
        plugin: &Arc<Plugin>,
    ) -> Result<Works, Failure> {
        let code = self.code(version).await?;
        self.load(row, code, plugin).await
    }

    /// Compiles and loads, away from where requests are answered.
    pub(super) async fn load(&self, row: &InstalledPlugin, code: Code, plugin: &Arc<Plugin>) -> Result<Works, Failure> {
        let limits = check_limits(row)?;
        let loader = Loader {
            engine: Arc::clone(&self.engine),
            clock: Arc::clone(&self.clock),
            plugin: Arc::clone(plugin),
            limits,
            config: row.config.clone(),
            hosts: row.hosts.clone(),
        };
        let compiled = self.compiled(code.clone()).await?;
        let working = tokio::task::spawn_blocking(move || loader.load(&compiled, &code));
        let loaded = working.await.map_err(|_| Failure::internal("loading a plugin stopped unexpectedly"))?;
        loaded.map_err(|error| refused(&error))
    }

    /// The machine code.
    pub(super) async fn compiled(&self, code: Code) -> Result<Compiled, Failure> {
        let compiler = Arc::clone(&self.compiler);
        let scripts = self.scripts.clone();
        let working = tokio::task::spawn_blocking(move || match &code {
            Code::Wasm(bytes) => compiler.compile(bytes),
            Code::Script(language, _) => scripts.runtime(&compiler, *language),
        });
        let compiled = working.await.map_err(|_| Failure::internal("the compiler stopped unexpectedly"))?;
        compiled.map_err(|error| refused(&error))
    }
}

struct Loader {
    engine: Arc<lincei_host::PluginEngine>,
    clock: Arc<dyn lincei_model::Clock>,
    plugin: Arc<Plugin>,
    limits: PluginLimits,
    config: serde_json::Value,
    hosts: Vec<String>,
}

impl Loader {
    fn load(self, compiled: &Compiled, code: &Code) -> Result<Works, HostError> {
        let Self { engine, clock, plugin, limits, config, hosts } = self;
        let config = match code {
            Code::Wasm(_) => config.to_string(),
            Code::Script(_, source) => serde_json::json!({ "source": source, "config": config }).to_string(),
        };
        Ok(match compiled.kind() {
            PluginKind::Operator => {
                let operator = OperatorPlugin::load(&engine, compiled, &plugin, limits, &config, &clock)?;
                Works::Operator(Arc::new(VersionSlot::new(operator)))
            }
            PluginKind::Function => {
                Works::Function(Arc::new(FunctionPlugin::load(&engine, compiled, &plugin, limits, &clock)?))
            }
            PluginKind::Rule => {
                Works::Rule(Arc::new(RulePlugin::load(&engine, compiled, &plugin, limits, &config, &clock)?))
            }
            PluginKind::Escalation => {
                let escalation = EscalationPlugin::load(&engine, compiled, &plugin, limits, &config, &clock)?;
                Works::Escalation(Arc::new(escalation))
            }
            PluginKind::Notifier => {
                let environment = NotifierEnvironment {
                    http: Arc::new(HttpClient::default()),
                    secrets: Arc::new(EnvironmentSecrets),
                    hosts,
                    wait_max: NOTIFIER_WAIT_MAX,
                };
                let environment = Arc::new(environment);
                let notifier = NotifierPlugin::load(&engine, compiled, &plugin, limits, &config, &clock, environment)?;
                Works::Notifier(Arc::new(notifier))
            }
        })
    }
}

impl Works {
    /// What it says of itself; `None` when it does not work.
    pub(crate) fn description(&self) -> Option<lincei_host::Description> {
        match self {
            Self::Operator(slot) => Some(slot.active().description().clone()),
            Self::Function(function) => Some(function.description().clone()),
            Self::Rule(rule) => Some(rule.description().clone()),
            Self::Notifier(notifier) => Some(notifier.description().clone()),
            Self::Escalation(escalation) => Some(escalation.description().clone()),
            Self::Broken(_) | Self::Disabled => None,
        }
    }
}
