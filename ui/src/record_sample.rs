//! Records to try something on, as a link has them: how many of the newest, or examples.

use lincei_api::RecordSample;
use serde_json::Value;

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
    let text = match signal {
        "spans" => include_str!("record_sample/spans.json"),
        "metrics" => include_str!("record_sample/metrics.json"),
        _ => include_str!("record_sample/logs.json"),
    };
    match serde_json::from_str(text) {
        Ok(Value::Array(records)) => records,
        _ => Vec::new(),
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
