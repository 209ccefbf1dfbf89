//! What a newcomer copies to send the first lines, with the addresses of this server filled in.

use crate::strings::text;
use lincei_api::Endpoints;

/// A way to send logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// Short and stable, for ids.
    pub id: &'static str,
    /// Name of the client.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub note: &'static str,
    /// To be copied.
    pub code: String,
}

/// Base URLs as a client reaches them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Urls {
    page: String,
    otlp_http: String,
    otlp_host: String,
    otlp_port: String,
}

/// `host:port` of a listener as a client of this page reaches it: a wildcard address becomes the
/// host that the page itself came from.
#[must_use]
pub fn reachable(address: &str, page_host: &str) -> String {
    let Some((host, port)) = address.rsplit_once(':') else { return address.to_owned() };
    let host = if matches!(host, "0.0.0.0" | "[::]" | "::" | "") { page_host } else { host };
    format!("{host}:{port}")
}

/// The ways to send, easiest first. `key_needed` is whether clients have to authenticate.
#[must_use]
pub fn snippets(endpoints: &Endpoints, page_origin: &str, page_host: &str, key_needed: bool) -> Vec<Snippet> {
    let otlp = reachable(&endpoints.otlp_http, page_host);
    let (host, port) = otlp.rsplit_once(':').unwrap_or((&otlp, "4318"));
    let urls = Urls {
        page: page_origin.to_owned(),
        otlp_http: format!("http://{otlp}"),
        otlp_host: host.to_owned(),
        otlp_port: port.to_owned(),
    };
    let t = &text().guide;
    let snippet = |id, name, note, code| Snippet { id, name, note, code };
    vec![
        snippet("curl", t.curl, t.curl_note, curl(&urls, key_needed)),
        snippet("python", t.python, t.python_note, python(&urls, key_needed)),
        snippet("node", t.node, t.node_note, node(&urls, key_needed)),
        snippet("collector", t.collector, t.collector_note, collector(&urls, key_needed)),
        snippet("fluent-bit", t.fluent_bit, t.fluent_bit_note, fluent_bit(&urls, key_needed)),
        snippet("import", t.import, t.import_note, import("lincei import app.log", &urls, key_needed)),
        snippet(
            "journal",
            t.journal,
            t.journal_note,
            import("journalctl -o json | lincei import -", &urls, key_needed),
        ),
    ]
}

fn curl(urls: &Urls, key: bool) -> String {
    let auth = if key { " \\\n  -H 'Authorization: Bearer <key>'" } else { "" };
    format!(
        "curl {}/api/v1/ingest/logs{auth} \\\n  -H 'Content-Type: application/x-ndjson' \\\n  -d '{{\"level\":\"info\",\"service\":\"shop\",\"message\":\"hello from curl\"}}'",
        urls.page
    )
}

fn python(urls: &Urls, key: bool) -> String {
    let auth = if key { ",\n    headers={\"Authorization\": \"Bearer <key>\"}" } else { "" };
    format!(
        r#"# pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http
import logging
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource

provider = LoggerProvider(resource=Resource.create({{"service.name": "shop"}}))
provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(
    endpoint="{}/v1/logs"{auth})))
logging.getLogger().addHandler(LoggingHandler(logger_provider=provider))

logging.warning("hello from Python")
provider.shutdown()"#,
        urls.otlp_http
    )
}

fn node(urls: &Urls, key: bool) -> String {
    let auth = if key { ",\n  headers: { Authorization: 'Bearer <key>' }" } else { "" };
    format!(
        r"// npm install @opentelemetry/sdk-logs @opentelemetry/exporter-logs-otlp-http @opentelemetry/resources
import {{ BatchLogRecordProcessor, LoggerProvider }} from '@opentelemetry/sdk-logs';
import {{ OTLPLogExporter }} from '@opentelemetry/exporter-logs-otlp-http';
import {{ resourceFromAttributes }} from '@opentelemetry/resources';

const exporter = new OTLPLogExporter({{
  url: '{}/v1/logs'{auth}
}});
const provider = new LoggerProvider({{
  resource: resourceFromAttributes({{ 'service.name': 'shop' }}),
  processors: [new BatchLogRecordProcessor(exporter)]
}});

provider.getLogger('shop').emit({{ severityNumber: 9, severityText: 'INFO', body: 'hello from Node' }});
await provider.shutdown();",
        urls.otlp_http
    )
}

fn collector(urls: &Urls, key: bool) -> String {
    let auth = if key { "\n    headers:\n      authorization: Bearer <key>" } else { "" };
    format!(
        "exporters:
  otlphttp/lincei:
    endpoint: {}{auth}

service:
  pipelines:
    logs:
      receivers: [otlp]
      exporters: [otlphttp/lincei]",
        urls.otlp_http
    )
}

fn fluent_bit(urls: &Urls, key: bool) -> String {
    let auth = if key { "\n      header: Authorization Bearer <key>" } else { "" };
    format!(
        "pipeline:
  inputs:
    - name: tail
      path: /var/log/*.log
  outputs:
    - name: opentelemetry
      match: '*'
      host: {}
      port: {}
      logs_uri: /v1/logs
      logs_body_key: log{auth}",
        urls.otlp_host, urls.otlp_port
    )
}

fn import(command: &str, urls: &Urls, key: bool) -> String {
    let mut lines = Vec::new();
    if urls.page != "http://127.0.0.1:1609" {
        lines.push(format!("export LINCEI_URL={}", urls.page));
    }
    if key {
        lines.push("export LINCEI_KEY='<key>'".to_owned());
    }
    lines.push(command.to_owned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(host: &str) -> Endpoints {
        Endpoints { http: format!("{host}:1609"), otlp_grpc: format!("{host}:4317"), otlp_http: format!("{host}:4318") }
    }

    #[test]
    fn wildcard_addresses_become_the_host_of_the_page() {
        for (address, expected) in [
            ("127.0.0.1:4318", "127.0.0.1:4318"),
            ("0.0.0.0:4318", "logs.shop:4318"),
            ("[::]:4318", "logs.shop:4318"),
            ("[::1]:4318", "[::1]:4318"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(reachable(address, "logs.shop"), expected);
        }
    }

    #[test]
    fn every_snippet_names_this_server() {
        for snippet in snippets(&endpoints("0.0.0.0"), "https://logs.shop", "logs.shop", false) {
            assert!(snippet.code.contains("logs.shop"), "{}", snippet.code);
            assert!(!snippet.code.contains("<key>"), "{}", snippet.code);
        }
        let usual = snippets(&endpoints("127.0.0.1"), "http://127.0.0.1:1609", "127.0.0.1", false);
        assert_eq!(usual.iter().find(|s| s.id == "import").map(|s| s.code.as_str()), Some("lincei import app.log"));
    }

    #[test]
    fn keys_are_asked_for_where_they_are_needed() {
        for snippet in snippets(&endpoints("127.0.0.1"), "http://127.0.0.1:1609", "127.0.0.1", true) {
            assert!(snippet.code.contains("<key>"), "{}", snippet.code);
        }
    }
}
