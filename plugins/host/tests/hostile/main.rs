#![cfg(test)]
//! Guests that mean harm, and what becomes of them: each is stopped within its limits, costs no other
//! anything, and says in the end what it did.

mod calls;
mod guests;
mod install;

use lincei_host::{Compiled, Compiler, HostError, OperatorPlugin, Plugin, PluginEngine, PluginLimits, StateStore};
use lincei_model::{Batch, Clock, FixedClock, Table};
use lincei_pipeline::{Operator as _, OperatorError, Work, records_from_json};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// An engine and a compiler for all tests of this process.
pub(crate) struct Host {
    pub(crate) engine: Arc<PluginEngine>,
    pub(crate) compiler: Compiler,
    pub(crate) clock: Arc<dyn Clock>,
    _folder: tempfile::TempDir,
}

pub(crate) fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let engine = Arc::new(PluginEngine::start().unwrap());
        let program = PathBuf::from(env!("CARGO_BIN_EXE_lincei-plugin-compiler"));
        let compiler = Compiler::new(Arc::clone(&engine), folder.path(), program, Vec::new()).unwrap();
        Host { engine, compiler, clock: Arc::new(FixedClock::new(1_700_000_000_000_000_000)), _folder: folder }
    })
}

/// An installed operator and what its versions share.
pub(crate) struct Installed {
    pub(crate) operator: OperatorPlugin,
    pub(crate) plugin: Arc<Plugin>,
}

pub(crate) fn limits() -> PluginLimits {
    PluginLimits { call_cpu_ms: 20, init_cpu_ms: 50, ..PluginLimits::default() }
}

pub(crate) fn load(compiled: &Compiled, limits: PluginLimits) -> Result<Installed, HostError> {
    let plugin = Arc::new(Plugin::new("evil", StateStore::default()));
    let operator = OperatorPlugin::load(&host().engine, compiled, &plugin, limits, "{}", &host().clock)?;
    Ok(Installed { operator, plugin })
}

pub(crate) fn install(component: &[u8]) -> Result<Installed, HostError> {
    load(&host().compiler.compile(component)?, limits())
}

/// Three log records.
pub(crate) fn batch() -> Batch {
    let records: Vec<serde_json::Value> = ["a", "bb", "ccc"]
        .iter()
        .map(|body| serde_json::json!({"service": "shop", "severity_number": 9, "body": body}))
        .collect();
    records_from_json(Table::Logs, &records, 1_700_000_000_000_000_000).unwrap()
}

/// One call.
pub(crate) fn call(installed: &Installed) -> Result<Work, OperatorError> {
    let mut work = Work::new(&batch(), 1_700_000_000_000_000_000);
    installed.operator.process(&mut work).map(|()| work)
}
