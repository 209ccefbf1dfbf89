#![cfg(test)]
//! Plugins that were built when a version of the interface was released still work. The expected values are
//! those of the templates' own cases (`plugins/sdk/templates/tests`).

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, ArrayRef, StringViewArray};
use lincei_host::{
    Action, Compiled, Compiler, EscalationPlugin, Event, FunctionPlugin, History, Http, HttpRefused, HttpRequest,
    HttpResponse, Incident, Label, Message, NotifierEnvironment, NotifierPlugin, OperatorPlugin, Page, Plugin,
    PluginEngine, PluginKind, PluginLimits, Receipt, RuleContext, RulePlugin, Secrets, StateStore, Step, Target,
};
use lincei_model::{Clock, FixedClock, Table};
use lincei_pipeline::{Operator as _, Work, records_from_json, records_to_json};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const NOW_NS: i64 = 1_772_323_200_000_000_000;

struct Fixture {
    engine: Arc<PluginEngine>,
    compiled: Compiled,
    plugin: Arc<Plugin>,
    clock: Arc<dyn Clock>,
    _folder: tempfile::TempDir,
}

fn fixture(version: &str, kind: PluginKind) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(PluginEngine::start().unwrap());
    let program = PathBuf::from(env!("CARGO_BIN_EXE_lincei-plugin-compiler"));
    let compiler = Compiler::new(Arc::clone(&engine), folder.path(), program, Vec::new()).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{version}/{kind}.wasm"));
    let compiled = compiler.compile(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(compiled.kind(), kind);
    let plugin = Arc::new(Plugin::new("fixture", StateStore::default()));
    Fixture { engine, compiled, plugin, clock: Arc::new(FixedClock::new(NOW_NS)), _folder: folder }
}

#[test]
fn an_operator_of_version_1_works() {
    let Fixture { engine, compiled, plugin, clock, _folder } = fixture("v1", PluginKind::Operator);
    let operator = OperatorPlugin::load(&engine, &compiled, &plugin, PluginLimits::default(), "{}", &clock).unwrap();
    let records = [
        json!({"severity_number": 8, "service": "cart", "body": "gone"}),
        json!({"severity_number": 9, "service": "cart", "body": "größer",
               "attributes": {"http.response.status_code": "503"}}),
        json!({"severity_number": 0, "service": "cart"}),
    ];
    let mut work = Work::new(&records_from_json(Table::Logs, &records, NOW_NS).unwrap(), NOW_NS);
    operator.process(&mut work).unwrap();
    let rows = records_to_json(work.into_batch().unwrap().records()).unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        rows[0]["attributes"],
        json!({"http.response.status_code": "503", "body.length": "8", "error.class": "server"})
    );
    assert_eq!(rows[1].get("body"), None);
    assert_eq!(rows[1]["attributes"], json!({}));
}

#[test]
fn a_function_of_version_1_works() {
    let Fixture { engine, compiled, plugin, clock, _folder } = fixture("v1", PluginKind::Function);
    let function = FunctionPlugin::load(&engine, &compiled, &plugin, PluginLimits::default(), &clock).unwrap();
    let texts: ArrayRef = Arc::new(StringViewArray::from(vec![
        Some("4242 4242 4242 4242"),
        Some("4242 4242 4242 4243"),
        None,
        Some("no card"),
    ]));
    let result = function.invoke(&[texts], 4).unwrap();
    let found: Vec<Option<bool>> = result.as_boolean().iter().collect();
    assert_eq!(found, [Some(true), Some(false), None, Some(false)]);
    assert!(result.is_null(2));
}

#[test]
fn a_rule_of_version_1_works() {
    let Fixture { engine, compiled, plugin, clock, _folder } = fixture("v1", PluginKind::Rule);
    let config = r#"{"from":"22:00","until":"06:00","services":["checkout"]}"#;
    let rule = RulePlugin::load(&engine, &compiled, &plugin, PluginLimits::default(), config, &clock).unwrap();
    let label = |value: &str| vec![Label { key: "service".to_owned(), value: value.to_owned() }];
    let decide = |service: &str, now: u64| {
        let event = Event { labels: label(service), ..Event::default() };
        rule.decide(event, RuleContext { now, ..RuleContext::default() }).unwrap()
    };
    // 2026-03-01 22:00 UTC, and a second before
    let starts = 1_772_402_400_000_000_000;
    assert_eq!(decide("checkout", starts), [Action::Suppress("deploy window".to_owned())]);
    assert_eq!(decide("checkout", starts - 1_000_000_000), []);
    assert_eq!(decide("cart", starts), []);
}

struct Answer(u16);

impl Http for Answer {
    fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpRefused> {
        assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://hooks.example.com/x"));
        Ok(HttpResponse { status: self.0, ..HttpResponse::default() })
    }
}

struct NoSecrets;

impl Secrets for NoSecrets {
    fn secret(&self, _: &str) -> Option<String> {
        None
    }
}

#[test]
fn a_notifier_of_version_1_works_and_reaches_only_its_hosts() {
    let Fixture { engine, compiled, plugin, clock, _folder } = fixture("v1", PluginKind::Notifier);
    let config = r#"{"url":"https://hooks.example.com/x"}"#;
    let send = |status: u16, host: &str| {
        let environment = NotifierEnvironment {
            http: Arc::new(Answer(status)),
            secrets: Arc::new(NoSecrets),
            hosts: vec![host.to_owned()],
            wait_max: Duration::from_secs(1),
        };
        let limits = PluginLimits::default();
        let notifier =
            NotifierPlugin::load(&engine, &compiled, &plugin, limits, config, &clock, Arc::new(environment)).unwrap();
        notifier.send(Message { subject: "s".to_owned(), ..Message::default() }).unwrap()
    };
    assert_eq!(send(200, "hooks.example.com"), Ok(Receipt::default()));
    assert!(send(503, "hooks.example.com").unwrap_err().retry);
    assert!(!send(400, "hooks.example.com").unwrap_err().retry);
    let denied = send(200, "other.example.com").unwrap_err();
    assert!(denied.detail.contains("not on the plugin's list of hosts"), "{}", denied.detail);
}

#[test]
fn an_escalation_of_version_1_works() {
    let Fixture { engine, compiled, plugin, clock, _folder } = fixture("v1", PluginKind::Escalation);
    let escalation =
        EscalationPlugin::load(&engine, &compiled, &plugin, PluginLimits::default(), "{}", &clock).unwrap();
    let label = Label { key: "committer".to_owned(), value: "ada".to_owned() };
    let incident = Incident { labels: vec![label], ..Incident::default() };
    let next =
        |incident: &Incident, step| escalation.next(incident.clone(), History { step, ..History::default() }).unwrap();
    let page =
        Page { targets: vec![Target::Person("ada".to_owned())], note: "last committer".to_owned(), next_after: 300 };
    assert_eq!(next(&incident, 0), Step::Page(page));
    assert_eq!(next(&incident, 1), Step::Pass);
    assert_eq!(next(&Incident::default(), 0), Step::Pass);
}
