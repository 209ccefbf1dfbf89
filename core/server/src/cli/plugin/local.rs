//! The host of a server, in this process, for the plugin of a project.

use lincei_host::{
    Compiled, Compiler, EscalationPlugin, FunctionPlugin, Http, HttpRefused, HttpRequest, HttpResponse,
    NotifierEnvironment, NotifierPlugin, OperatorPlugin, Plugin, PluginEngine, PluginLimits, RulePlugin, Secrets,
    StateStore,
};
use lincei_model::{Clock, FixedClock};
use parking_lot::Mutex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What the clock of a test says: 2026-03-01T00:00:00Z.
pub(super) const NOW_NS: i64 = 1_772_323_200_000_000_000;

/// An engine and a compiled plugin.
pub(super) struct Local {
    engine: Arc<PluginEngine>,
    compiled: Compiled,
    limits: PluginLimits,
    clock: Arc<dyn Clock>,
}

/// An answer that a test has for a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    expect: Expected,
    respond: Answer,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    method: String,
    url: String,
    #[serde(default)]
    body: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
}

/// Answers as the case says, in its order.
pub(super) struct Script {
    left: Mutex<Vec<Exchange>>,
    pub(super) complaints: Mutex<Vec<String>>,
}

impl Script {
    pub(super) fn new(exchanges: &[Exchange]) -> Arc<Self> {
        let left = exchanges.iter().rev().cloned().collect();
        Arc::new(Self { left: Mutex::new(left), complaints: Mutex::default() })
    }

    /// What was expected and did not happen, too.
    pub(super) fn finish(&self) -> Vec<String> {
        let mut complaints = self.complaints.lock().clone();
        complaints.extend(self.left.lock().iter().map(|left| format!("no request to {}", left.expect.url)));
        complaints
    }
}

impl Http for Script {
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpRefused> {
        let Some(Exchange { expect, respond }) = self.left.lock().pop() else {
            self.complaints.lock().push(format!("an unexpected request to {}", request.url));
            return Err(HttpRefused::Failed("the test has no answer".to_owned()));
        };
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let complain = |what: &str, expected: &str, sent: &str| {
            if expected != sent {
                self.complaints.lock().push(format!("{what}: expected {expected:?}, sent {sent:?}"));
            }
        };
        complain("method", &expect.method, &request.method);
        complain("url", &expect.url, &request.url);
        if let Some(expected) = &expect.body {
            complain("body", expected, &body);
        }
        let headers = respond.headers.into_iter().collect();
        Ok(HttpResponse { status: respond.status, headers, body: respond.body.into_bytes() })
    }
}

/// Secrets stand as the plugin wrote them.
struct NamedSecrets;

impl Secrets for NamedSecrets {
    fn secret(&self, name: &str) -> Option<String> {
        Some(format!("${{secret:{name}}}"))
    }
}

impl Local {
    pub(super) fn new(component: &[u8], folder: &Path, is_script: bool) -> anyhow::Result<Self> {
        let engine = Arc::new(PluginEngine::start()?);
        let arguments = ["plugin", "compile"].map(Into::into).to_vec();
        let compiler = Compiler::new(Arc::clone(&engine), folder, std::env::current_exe()?, arguments)?;
        let compiled = compiler.compile(component)?;
        let limits = if is_script { PluginLimits::of_scripts() } else { PluginLimits::default() };
        Ok(Self { engine, compiled, limits, clock: Arc::new(FixedClock::new(NOW_NS)) })
    }

    fn plugin() -> Arc<Plugin> {
        Arc::new(Plugin::new("test", StateStore::default()))
    }

    pub(super) fn operator(&self, config: &str) -> anyhow::Result<OperatorPlugin> {
        let limits = self.limits.clone();
        Ok(OperatorPlugin::load(&self.engine, &self.compiled, &Self::plugin(), limits, config, &self.clock)?)
    }

    pub(super) fn function(&self) -> anyhow::Result<FunctionPlugin> {
        let limits = self.limits.clone();
        Ok(FunctionPlugin::load(&self.engine, &self.compiled, &Self::plugin(), limits, &self.clock)?)
    }

    pub(super) fn rule(&self, config: &str) -> anyhow::Result<RulePlugin> {
        let limits = self.limits.clone();
        Ok(RulePlugin::load(&self.engine, &self.compiled, &Self::plugin(), limits, config, &self.clock)?)
    }

    pub(super) fn escalation(&self, config: &str) -> anyhow::Result<EscalationPlugin> {
        let limits = self.limits.clone();
        Ok(EscalationPlugin::load(&self.engine, &self.compiled, &Self::plugin(), limits, config, &self.clock)?)
    }

    /// `script` answers its requests; every host that it expects is on the list.
    pub(super) fn notifier(&self, config: &str, script: &Arc<Script>) -> anyhow::Result<NotifierPlugin> {
        let url = |exchange: &Exchange| exchange.expect.url.parse::<http::Uri>().ok();
        let host = |uri: http::Uri| Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?));
        let hosts = script.left.lock().iter().filter_map(url).filter_map(host).collect();
        let environment = NotifierEnvironment {
            http: Arc::clone(script) as Arc<dyn Http>,
            secrets: Arc::new(NamedSecrets),
            hosts,
            wait_max: Duration::from_secs(10),
        };
        let (limits, environment) = (self.limits.clone(), Arc::new(environment));
        let plugin = Self::plugin();
        Ok(NotifierPlugin::load(&self.engine, &self.compiled, &plugin, limits, config, &self.clock, environment)?)
    }
}
