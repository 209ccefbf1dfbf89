//! Records to try something on, as a link has them: how many of the newest, or examples.

use lincei_api::RecordSample;
use serde_json::{Value, json};

/// Signals that have a pipeline.
pub const SIGNALS: [&str; 3] = ["logs", "spans", "metrics"];
/// How many of the newest can be chosen.
pub const COUNTS: [&str; 4] = ["10", "50", "200", "1000"];
/// How many it is without a choice.
pub const COUNT: &str = "50";
/// The choice of records that are made up, for servers that have none.
pub const EXAMPLES: &str = "examples";

/// The signal by its name in a link; logs for any other.
#[must_use]
pub fn signal(name: &str) -> &'static str {
    SIGNALS.into_iter().find(|signal| *signal == name).unwrap_or("logs")
}

/// The choice by its text in a link; that without a choice for any other.
#[must_use]
pub fn choice(text: &str) -> &'static str {
    COUNTS.into_iter().chain([EXAMPLES]).find(|choice| *choice == text).unwrap_or(COUNT)
}

/// What is asked for.
#[must_use]
pub fn sample(signal: &str, choice: &str, search: &str) -> RecordSample {
    if choice == EXAMPLES {
        return RecordSample { records: Some(examples(signal)), ..RecordSample::default() };
    }
    let search = search.trim();
    RecordSample {
        newest: choice.parse().ok(),
        search: (!search.is_empty()).then(|| search.to_owned()),
        ..RecordSample::default()
    }
}

/// Records as they are stored, by column.
fn examples(signal: &str) -> Vec<Value> {
    match signal {
        "spans" => vec![
            json!({ "name": "GET /cart", "kind": "server", "service": "cart", "duration_ns": 18_400_000,
                "status": "ok", "attributes": { "http.route": "/cart", "http.response.status_code": "200" } }),
            json!({ "name": "POST /pay", "kind": "server", "service": "payment", "duration_ns": 2_504_000_000_u64,
                "status": "error", "attributes": { "http.route": "/pay", "http.response.status_code": "504" } }),
            json!({ "name": "GET /healthz", "kind": "server", "service": "cart", "duration_ns": 200_000,
                "status": "unset", "attributes": { "http.route": "/healthz" } }),
        ],
        "metrics" => vec![
            json!({ "metric": "http.server.requests", "kind": "sum", "unit": "1", "value": 1204.0, "service": "cart",
                "attributes": { "http.route": "/cart", "pod": "cart-7d9f" } }),
            json!({ "metric": "process.memory.usage", "kind": "gauge", "unit": "By", "value": 51_380_224.0,
                "service": "payment", "attributes": { "pod": "payment-5c2a" } }),
        ],
        _ => vec![
            json!({ "severity_number": 9, "severity": "INFO", "service": "cart", "body": "GET /healthz 200",
                "attributes": { "http.route": "/healthz" } }),
            json!({ "severity_number": 17, "severity": "ERROR", "service": "payment",
                "body": "card 4929118403715526 of lena.voss@mail.example declined",
                "attributes": { "error.type": "card_declined", "user.id": "u-118" } }),
            json!({ "severity_number": 9, "severity": "INFO", "service": "checkout",
                "body": "{\"user\": {\"id\": \"u-204\"}, \"status\": 500, \"ms\": 41}", "attributes": {} }),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_choose_what_there_is() {
        assert_eq!((choice("200"), choice(""), choice("7"), choice("examples")), ("200", COUNT, COUNT, EXAMPLES));
        assert_eq!((signal("spans"), signal("profiles"), signal("")), ("spans", "logs", "logs"));
    }

    #[test]
    fn samples_are_newest_found_or_made_up() {
        let newest = sample("logs", "200", "  ");
        assert_eq!((newest.newest, newest.search, newest.records), (Some(200), None, None));
        assert_eq!(sample("logs", "10", " service:cart ").search.as_deref(), Some("service:cart"));
        for signal in SIGNALS {
            let made_up = sample(signal, EXAMPLES, "service:cart");
            assert_eq!((made_up.newest, made_up.search), (None, None), "a search finds what is stored");
            assert!(made_up.records.is_some_and(|records| records.len() > 1));
        }
    }
}
