//! What a newcomer copies to send the first data, with the addresses of this server filled in. The
//! texts are the files of `snippet/`; `deploy/compat/snippets` runs them. In them, `{page}`,
//! `{otlp_http}`, `{otlp_host}` and `{otlp_port}` are addresses, and a line with `<key>` is there only
//! where keys are needed.

use crate::strings::guide;
use lincei_api::Endpoints;

/// A way to send.
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
    let otlp_url = format!("http://{otlp}");
    let addresses = [("{page}", page_origin), ("{otlp_http}", &otlp_url), ("{otlp_host}", host), ("{otlp_port}", port)];
    let t = guide::text();
    let snippet = |id, (name, note), template: &str| {
        let code = filled(template, &addresses, key_needed);
        Snippet { id, name, note, code }
    };
    vec![
        snippet("curl", t.curl, include_str!("snippet/curl.txt")),
        snippet("python", t.python, include_str!("snippet/python.txt")),
        snippet("node", t.node, include_str!("snippet/node.txt")),
        snippet("java", t.java, include_str!("snippet/java.txt")),
        snippet("dotnet", t.dotnet, include_str!("snippet/dotnet.txt")),
        snippet("rust", t.rust, include_str!("snippet/rust.txt")),
        snippet("sdk", t.sdk, include_str!("snippet/sdk.txt")),
        snippet("collector", t.collector, include_str!("snippet/collector.txt")),
        snippet("fluent-bit", t.fluent_bit, include_str!("snippet/fluent-bit.txt")),
        snippet("vector", t.vector, include_str!("snippet/vector.txt")),
        snippet("import", t.import, include_str!("snippet/import.txt")),
        snippet("journal", t.journal, include_str!("snippet/journal.txt")),
    ]
}

fn filled(template: &str, addresses: &[(&str, &str)], key_needed: bool) -> String {
    // `lincei` finds a server at its usual address by itself.
    let usual = |line: &str| line == "export LINCEI_URL=http://127.0.0.1:1609";
    let lines = template.trim_end().lines().filter(|line| key_needed || !line.contains("<key>"));
    let lines =
        lines.map(|line| addresses.iter().fold(line.to_owned(), |line, (name, address)| line.replace(name, address)));
    lines.filter(|line| !usual(line)).collect::<Vec<_>>().join("\n")
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

    #[test]
    fn nothing_is_left_to_be_filled_in() {
        for snippet in snippets(&endpoints("127.0.0.1"), "http://127.0.0.1:1609", "127.0.0.1", true) {
            for name in ["{page}", "{otlp"] {
                assert!(!snippet.code.contains(name), "{}", snippet.code);
            }
        }
    }
}
