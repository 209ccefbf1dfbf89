//! The server as a process: new versions while it runs, what plugins do to its intake, memory.

use crate::host::{Host, lincei_plugin, workspace};
use crate::report::{Figures, Spread};
use lincei_bench::Server;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// New versions that take over.
const RELOADS: u32 = 12;
/// Until a server has given back what it does not need any more.
const REST: Duration = Duration::from_secs(12);
/// Plugins at rest.
const IDLE: u32 = 40;
/// Between two requests of the client whose waiting is measured.
const PAUSE: Duration = Duration::from_millis(2);
/// Of each quiet and each busy stretch.
const STRETCH: Duration = Duration::from_secs(8);
const STRETCHES: usize = 6;
/// Clients that keep the threads of plugins at work.
const BUSY_CLIENTS: usize = 4;
/// Rows of a request that the guest `moody` works on for a second.
const WORKING_ROWS: usize = 4;

/// A client of one server.
struct Client<'s> {
    server: &'s Server,
    agent: ureq::Agent,
}

impl<'s> Client<'s> {
    fn new(server: &'s Server) -> Self {
        Self { server, agent: ureq::Agent::new_with_defaults() }
    }

    fn post(&self, path: &str, media: &str, body: &[u8]) -> Value {
        let request = self.agent.post(format!("{}{path}", self.server.url())).header("content-type", media);
        serde_json::from_str(&request.send(body).unwrap().body_mut().read_to_string().unwrap()).unwrap()
    }

    fn push(&self, name: &str, component: &[u8]) -> Value {
        self.post(&format!("/api/v1/plugins/{name}/versions"), "application/wasm", component)
    }

    fn plugin(&self, name: &str) -> Value {
        let mut answer = self.agent.get(format!("{}/api/v1/plugins/{name}", self.server.url())).call().unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }

    fn put(&self, path: &str, body: &Value) {
        let request = self.agent.put(format!("{}{path}", self.server.url())).header("content-type", "application/json");
        request.send(body.to_string().as_bytes()).unwrap();
    }

    fn pipeline(&self, signal: &str, plugin: &str) {
        let step = json!({"name": "step", "operator": format!("plugin:{plugin}"), "on_failure": "pass"});
        self.put(&format!("/api/v1/pipelines/{signal}"), &json!({"revision": 0, "steps": [step]}));
    }
}

/// The same plugin as another version: with a section that says nothing.
fn version_of(component: &[u8], number: u32) -> Vec<u8> {
    let mut bytes = component.to_vec();
    // section 0, 6 bytes: a name of one byte, four of content
    bytes.extend([0, 6, 1, b'v']);
    bytes.extend(number.to_le_bytes());
    bytes
}

pub(crate) fn reloading(host: &Host, figures: &mut Figures) {
    let server = Server::start(&host.folder().join("reloading"));
    let client = Client::new(&server);
    let component = Host::rust_example("parse-json");
    client.push("parse", &component);
    client.pipeline("logs", "parse");
    let mut times = Spread::default();
    for number in 0..RELOADS {
        let version = version_of(&component, number);
        let start = Instant::now();
        let info = client.push("parse", &version);
        times.add(start.elapsed());
        assert_eq!(info["active_version"], number + 2);
    }
    figures.put("upload until it works, p50 ms", times.microseconds(0.5) / 1e3);
    figures.put("upload until it works, max ms", times.microseconds(1.0) / 1e3);
}

/// Resident memory and time to start without plugins, with plugins at rest, and what the first script takes.
#[expect(clippy::cast_precision_loss, reason = "bytes far below 2^52")]
pub(crate) fn memory(host: &Host, figures: &mut Figures) {
    let component = Host::rust_example("parse-json");
    let started = |folder: &Path| {
        let server = Server::start(folder);
        std::thread::sleep(REST);
        server
    };
    let (empty, full) = (host.folder().join("empty"), host.folder().join("full"));
    Server::start(&empty).stop();
    {
        let server = Server::start(&full);
        let client = Client::new(&server);
        for number in 0..IDLE {
            client.push(&format!("parse-{number}"), &version_of(&component, number));
        }
        server.stop();
    }
    let (without, with) = (started(&empty), started(&full));
    let more = with.resident().saturating_sub(without.resident());
    figures.put("memory of a plugin at rest, MB", more as f64 / f64::from(IDLE) / 1e6);
    with.stop();
    let before = without.resident();
    let script = json!({"language": "python", "source": "def process(record):\n    pass\n"});
    Client::new(&without).post("/api/v1/plugins/first/versions", "application/json", script.to_string().as_bytes());
    std::thread::sleep(REST);
    figures.put("memory of the first Python script, MB", without.resident().saturating_sub(before) as f64 / 1e6);
    without.stop();
    let mut times = [Spread::default(), Spread::default()];
    for _ in 0..5 {
        for (folder, times) in [&empty, &full].into_iter().zip(&mut times) {
            let start = Instant::now();
            let server = Server::start(folder);
            times.add(start.elapsed());
            server.stop();
        }
    }
    let more = times[1].microseconds(0.0) - times[0].microseconds(0.0);
    figures.put("start of the server for each plugin, ms", more.max(0.0) / 1e3 / f64::from(IDLE));
}

/// A request of OTLP in JSON.
fn request(records: usize, signal: &str) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos().to_string();
    let records: Vec<Value> = (0..records)
        .map(|number| match signal {
            "logs" => json!({"body": {"stringValue": format!("request {number} served")}, "severityNumber": 9}),
            _ => json!({"traceId": "5b8efff798038103d269b633813fc60c", "spanId": format!("{:016x}", number + 1),
                        "name": "work", "kind": 1, "startTimeUnixNano": now, "endTimeUnixNano": now}),
        })
        .collect();
    let (resource, scope, items) = match signal {
        "logs" => ("resourceLogs", "scopeLogs", "logRecords"),
        _ => ("resourceSpans", "scopeSpans", "spans"),
    };
    json!({resource: [{"resource": {}, scope: [{items: records}]}]}).to_string().into_bytes()
}

/// A client sends small requests of logs at a steady rate, in turns while the threads of plugins are at
/// rest and while all of them spin with the spans of other clients.
pub(crate) fn isolation(host: &Host, figures: &mut Figures) {
    let server = Server::start(&host.folder().join("isolation"));
    let client = Client::new(&server);
    client.push("moody", &host.c_guest("moody"));
    let mut limits = client.plugin("moody")["limits"].clone();
    limits["call_cpu_ms"] = json!(10_000);
    client.put("/api/v1/plugins/moody/settings", &json!({"limits": limits}));
    client.pipeline("spans", "moody");
    let (logs, spans) = (request(10, "logs"), request(WORKING_ROWS, "spans"));
    let mut waits = [Spread::default(), Spread::default()];
    for stretch in 0..STRETCHES {
        let is_busy = stretch % 2 == 1;
        let is_over = AtomicBool::new(false);
        let before = cpu_seconds(&client);
        std::thread::scope(|scope| {
            for _ in 0..if is_busy { BUSY_CLIENTS } else { 0 } {
                scope.spawn(|| {
                    let client = Client::new(&server);
                    while !is_over.load(Ordering::Relaxed) {
                        client.post("/v1/traces", "application/json", &spans);
                    }
                });
            }
            let start = Instant::now();
            while start.elapsed() < STRETCH {
                let sent = Instant::now();
                client.post("/v1/logs", "application/json", &logs);
                waits[usize::from(is_busy)].add(sent.elapsed());
                std::thread::sleep(PAUSE.saturating_sub(sent.elapsed()));
            }
            is_over.store(true, Ordering::Relaxed);
        });
        if is_busy {
            let spun = cpu_seconds(&client) - before;
            println!("plugins worked {spun:.1} s of CPU in {} s", STRETCH.as_secs());
            assert!(spun > STRETCH.as_secs_f64() / 2.0, "the threads of plugins were not busy: {spun} s");
        }
    }
    let [quiet, busy] = &waits;
    for (name, part) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)] {
        figures.put(&format!("intake, plugins at rest, {name} ms"), quiet.microseconds(part) / 1e3);
        figures.put(&format!("intake, plugins spinning, {name} ms"), busy.microseconds(part) / 1e3);
    }
}

fn cpu_seconds(client: &Client<'_>) -> f64 {
    client.plugin("moody")["cost"]["cpu_seconds"].as_f64().unwrap()
}

/// From nothing to a plugin that works, for each language: a project, its build, and a push to a server.
pub(crate) fn authors(host: &Host, figures: &mut Figures) {
    let server = Server::start(&host.folder().join("authors"));
    for language in ["rust", "c", "go", "python", "js"] {
        let start = Instant::now();
        let name = format!("hello-{language}");
        lincei_plugin(&["new", "--lang", language, "--kind", "operator", &name], host.folder());
        let project = host.folder().join(&name);
        if language == "js" {
            let modules = workspace().join("deploy/compat/plugins/node_modules");
            std::os::unix::fs::symlink(modules, project.join("node_modules")).unwrap();
        }
        lincei_plugin(&["push", "--url", server.url()], &project);
        figures.put(&format!("hello, {language}, s"), start.elapsed().as_secs_f64());
        assert_eq!(Client::new(&server).plugin(&name)["active_version"], 1);
    }
}
