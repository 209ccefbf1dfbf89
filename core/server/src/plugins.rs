//! The plugins of this server: installed in the catalog, loaded here, called by pipelines, queries and,
//! later, on-call.
//!
//! ```text
//! upload ─► componentise, compile ─► load, dry run ─► blob ─► catalog ─► takes over between two batches
//! ```

mod failure;
mod load;
mod metrics;
mod operators;
mod sample;
mod scripts;
mod secrets;
mod status;
mod trial;
mod upload;

pub(crate) use failure::failure_info;
pub(crate) use operators::NotWorking;
pub(crate) use status::{Status, status};
pub(crate) use trial::{log_lines, table_of_signal};
pub(crate) use upload::{Upload, WASM_BYTES_MAX};

use crate::catalog::on_catalog;
use crate::pipelines::saved_steps;
use crate::problem::Failure;
use lincei_catalog::{Actor, Catalog, InstalledPlugin, PluginChange, StoredPluginVersion};
use lincei_engine::Blobs;
use lincei_host::{
    Compiler, EscalationPlugin, FunctionPlugin, HostError, NotifierPlugin, Plugin, PluginEngine, PluginThreads,
    RulePlugin, VersionSlot,
};
use lincei_model::{Clock, ErrorCode};
use lincei_pipeline::Operator;
use lincei_query::{QueryService, UserFunction as _};
use parking_lot::RwLock;
use scripts::Scripts;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often changed state goes to disk.
const STATE_INTERVAL: Duration = Duration::from_millis(500);

/// What an installed plugin is now.
#[derive(Clone)]
pub(crate) enum Works {
    Operator(Arc<VersionSlot>),
    Function(Arc<FunctionPlugin>),
    Rule(Arc<RulePlugin>),
    Notifier(Arc<NotifierPlugin>),
    Escalation(Arc<EscalationPlugin>),
    /// It cannot be loaded.
    Broken(lincei_api::PluginFailure),
    /// Somebody switched it off.
    Disabled,
}

/// An installed plugin.
#[derive(Clone)]
pub(crate) struct Installed {
    pub(crate) row: InstalledPlugin,
    pub(crate) version: StoredPluginVersion,
    /// What its versions share.
    pub(crate) plugin: Arc<Plugin>,
    pub(crate) works: Works,
}

/// All of them.
pub(crate) struct Plugins {
    engine: Arc<PluginEngine>,
    compiler: Arc<Compiler>,
    threads: Arc<PluginThreads>,
    catalog: Arc<Catalog>,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    query: QueryService,
    scripts: Scripts,
    installed: RwLock<BTreeMap<String, Installed>>,
    /// One change at a time.
    changing: tokio::sync::Mutex<()>,
}

/// What plugins are made with.
pub(crate) struct Parts {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) blobs: Blobs,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) query: QueryService,
}

impl Plugins {
    /// Starts threads and engine; [`Plugins::load_all`] comes next.
    pub(crate) fn new(data: &Path, parts: Parts) -> anyhow::Result<Self> {
        let engine = Arc::new(PluginEngine::start()?);
        let program = std::env::current_exe()?;
        let arguments = ["plugin", "compile"].map(Into::into).to_vec();
        let folder = data.join("cache").join("plugins");
        let compiler = Arc::new(Compiler::new(Arc::clone(&engine), &folder, program, arguments)?);
        let Parts { catalog, blobs, clock, query } = parts;
        Ok(Self {
            engine,
            compiler,
            threads: Arc::new(PluginThreads::start()?),
            catalog,
            blobs,
            clock,
            query,
            scripts: Scripts::default(),
            installed: RwLock::default(),
            changing: tokio::sync::Mutex::new(()),
        })
    }

    pub(crate) const fn threads(&self) -> &Arc<PluginThreads> {
        &self.threads
    }

    /// Runs something on a thread for plugins, unless nobody waits for it any more when its turn comes: a
    /// client that went away sends again what was not acknowledged.
    pub(crate) async fn on_thread<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let is_taken = self.threads.submit(move || {
            if !sender.is_closed() {
                let _ = sender.send(job());
            }
        });
        if !is_taken {
            let mut failure =
                Failure::new(ErrorCode::Unavailable, "too many requests wait for plugins: try again soon");
            failure.limit = Some("plugin_queue".into());
            return Err(failure);
        }
        receiver.await.map_err(|_| Failure::internal("a thread for plugins stopped unexpectedly"))
    }

    /// By name.
    pub(crate) fn all(&self) -> Vec<Installed> {
        self.installed.read().values().cloned().collect()
    }

    pub(crate) fn get(&self, name: &str) -> Option<Installed> {
        self.installed.read().get(name).cloned()
    }

    pub(crate) fn find(&self, name: &str) -> Result<Installed, Failure> {
        self.get(name).ok_or_else(|| Failure::not_found(format!("no plugin is installed as {name:?}")))
    }

    /// Languages of scripts that run here.
    pub(crate) fn languages(&self) -> Vec<String> {
        self.scripts.languages()
    }

    /// What a pipeline step calls; one that does not work fails each call with the reason.
    pub(crate) fn operator(&self, name: &str) -> Result<Arc<dyn Operator>, Failure> {
        let installed = self.find(name)?;
        Ok(match installed.works {
            Works::Operator(slot) => slot,
            Works::Broken(failure) => Arc::new(NotWorking::new(name, failure.detail)),
            Works::Disabled => Arc::new(NotWorking::new(name, "the plugin is switched off".to_owned())),
            _ => {
                let kind = installed.row.kind;
                return Err(Failure::invalid(format!("plugin {name:?} is of kind {kind}, a step needs an operator")));
            }
        })
    }

    /// All versions of a plugin, newest first.
    pub(crate) async fn versions(&self, name: &str) -> Result<Vec<StoredPluginVersion>, Failure> {
        let name = name.to_owned();
        on_catalog(&self.catalog, move |catalog| catalog.plugin_versions(&name)).await
    }

    /// A version and what was uploaded as it.
    pub(crate) async fn uploaded(
        &self,
        name: &str,
        version: u64,
    ) -> Result<(StoredPluginVersion, bytes::Bytes), Failure> {
        let wanted = name.to_owned();
        let stored = on_catalog(&self.catalog, move |catalog| catalog.plugin_version(&wanted, version)).await?;
        let missing = || Failure::not_found(format!("plugin {name:?} has no version {version}"));
        let stored = stored.ok_or_else(missing)?;
        let bytes = self.blobs.get(&stored.sha256).await?.ok_or_else(missing)?;
        Ok((stored, bytes))
    }

    /// Another version takes over.
    pub(crate) async fn activate(&self, actor: Actor, name: &str, version: u64) -> Result<Installed, Failure> {
        let _turn = self.changing.lock().await;
        let before = self.find(name)?;
        let stored = on_catalog(&self.catalog, {
            let name = name.to_owned();
            move |catalog| catalog.plugin_version(&name, version)
        });
        let stored =
            stored.await?.ok_or_else(|| Failure::not_found(format!("plugin {name:?} has no version {version}")))?;
        let loaded = self.load_version(&before.row, &stored, &before.plugin).await?;
        self.check_pipelines(name, &loaded).await?;
        let now = self.clock.now_ns();
        let changed = name.to_owned();
        on_catalog(&self.catalog, move |catalog| catalog.activate_plugin_version(&actor, &changed, version, now))
            .await?;
        let row = InstalledPlugin { active_version: version, ..before.row.clone() };
        Ok(self.take_over(&before, row, stored, loaded))
    }

    /// Other limits, configuration or hosts, or on and off.
    pub(crate) async fn configure(&self, actor: Actor, name: &str, change: PluginChange) -> Result<Installed, Failure> {
        let _turn = self.changing.lock().await;
        let before = self.find(name)?;
        let mut row = before.row.clone();
        let PluginChange { limits, config, hosts, enabled } = change.clone();
        row.limits = limits.unwrap_or(row.limits);
        row.config = config.unwrap_or(row.config);
        row.hosts = hosts.unwrap_or(row.hosts);
        row.enabled = enabled.unwrap_or(row.enabled);
        let works = if row.enabled {
            self.load_version(&row, &before.version, &before.plugin).await?
        } else {
            load::check_limits(&row)?;
            Works::Disabled
        };
        let (changed, now) = (name.to_owned(), self.clock.now_ns());
        on_catalog(&self.catalog, move |catalog| catalog.configure_plugin(&actor, &changed, change, now)).await?;
        Ok(self.take_over(&before, row, before.version.clone(), works))
    }

    pub(crate) async fn delete(&self, actor: Actor, name: &str) -> Result<(), Failure> {
        let _turn = self.changing.lock().await;
        let before = self.find(name)?;
        let (deleted, now) = (name.to_owned(), self.clock.now_ns());
        on_catalog(&self.catalog, move |catalog| catalog.delete_plugin(&actor, &deleted, now)).await?;
        self.forget_function(&before.works);
        self.installed.write().remove(name);
        if let Err(error) = self.blobs.delete_unused(&self.catalog).await {
            tracing::warn!(%error, "what no plugin uses any more could not be deleted");
        }
        Ok(())
    }

    /// A version must do what the steps that use the plugin ask of it.
    async fn check_pipelines(&self, name: &str, works: &Works) -> Result<(), Failure> {
        let Works::Operator(slot) = works else { return Ok(()) };
        let info = slot.info();
        for pipeline in on_catalog(&self.catalog, |catalog| catalog.pipelines()).await? {
            for step in saved_steps(pipeline.steps).iter().filter(|step| step.plugin() == Some(name)) {
                let place = format!("{}/{}", pipeline.signal, step.name);
                let refuse = |why: String| {
                    Err(Failure::new(
                        ErrorCode::Conflict,
                        format!("step {place} uses the plugin, but this version {why}"),
                    ))
                };
                if !info.tables.iter().any(|table| table.name() == pipeline.signal) {
                    return refuse(format!("does not work on {}", pipeline.signal));
                }
                if let Some(route) = step.routes.keys().find(|route| !info.routes.contains(route)) {
                    return refuse(format!("has no route {route:?}"));
                }
            }
        }
        Ok(())
    }

    /// Puts a loaded version in the place of the one before. A slot that pipelines hold stays.
    fn take_over(
        &self,
        before: &Installed,
        row: InstalledPlugin,
        version: StoredPluginVersion,
        works: Works,
    ) -> Installed {
        let works = match (&before.works, works) {
            (Works::Operator(slot), Works::Operator(new)) => {
                slot.replace_by(&new);
                Works::Operator(Arc::clone(slot))
            }
            (_, works) => works,
        };
        self.forget_function(&before.works);
        if let Works::Function(function) = &works {
            self.query.user_functions().install(Arc::clone(function) as Arc<dyn lincei_query::UserFunction>);
        }
        let installed = Installed { row, version, plugin: Arc::clone(&before.plugin), works };
        self.installed.write().insert(installed.row.name.clone(), installed.clone());
        installed
    }

    fn forget_function(&self, works: &Works) {
        if let Works::Function(function) = works {
            self.query.user_functions().remove(&function.signature().name);
        }
    }

    /// Writes changed state to disk until the server stops, then what instances remember.
    pub(crate) async fn keep_state(self: Arc<Self>, stop: CancellationToken) {
        let mut tick = tokio::time::interval(STATE_INTERVAL);
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            self.write_state().await;
        }
        self.write_state().await;
        for installed in self.all() {
            let Works::Operator(slot) = &installed.works else { continue };
            let (slot, name, now) = (Arc::clone(slot), installed.row.name.clone(), self.clock.now_ns());
            let written = on_catalog(&self.catalog, move |catalog| match slot.active().snapshot() {
                Some(memory) => catalog.set_plugin_memory(&name, Some(&memory), now),
                None => Ok(()),
            });
            if let Err(failure) = written.await {
                let plugin = &installed.row.name;
                tracing::warn!(plugin, error = %failure.detail, "what a plugin remembers could not be written");
            }
        }
    }

    async fn write_state(&self) {
        for installed in self.all() {
            let Some(entries) = installed.plugin.state().take_changed() else { continue };
            let name = installed.row.name.clone();
            if let Err(failure) =
                on_catalog(&self.catalog, move |catalog| catalog.set_plugin_state(&name, &entries)).await
            {
                installed.plugin.state().put_back_changed();
                let plugin = &installed.row.name;
                tracing::warn!(plugin, error = %failure.detail, "the state of a plugin could not be written");
            }
        }
    }
}

/// A host's error for the client.
pub(crate) fn refused(error: &HostError) -> Failure {
    let HostError::Trial(failed) = error else { return Failure::new(error.code(), error.to_string()) };
    let info = failure_info(failed.kind, &failed.detail, &failed.backtrace);
    let place = info.line.map(|line| format!(" in line {line}")).unwrap_or_default();
    let detail = format!("the plugin failed{place} when it was tried: {}", info.detail);
    let mut failure = Failure::new(error.code(), detail);
    failure.location = location(&info);
    failure
}

/// Where a script failed.
fn location(info: &lincei_api::PluginFailure) -> Option<lincei_api::SqlLocation> {
    info.line.map(|line| lincei_api::SqlLocation { line: line.into(), column: info.column.unwrap_or(1).into() })
}
