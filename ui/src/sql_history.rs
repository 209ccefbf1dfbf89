//! The statements run in this browser, newest first, as they are remembered between visits.

use serde_json::{Value, json};

/// Statements remembered.
pub const ENTRIES_MAX: usize = 100;
/// Bytes of all statements together; browsers give a site about five million.
const BYTES_MAX: usize = 1_000_000;

/// How a statement ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// With so many rows, after so long.
    Rows {
        /// Rows answered.
        rows: u64,
        /// Time it took on the server.
        elapsed_ms: f64,
    },
    /// With an error, in its words.
    Failed(String),
    /// The reader stopped it.
    Cancelled,
}

/// A statement that was run.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEntry {
    /// The statement.
    pub sql: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: f64,
    /// How it ended.
    pub outcome: Outcome,
}

/// Adds what was run last. The same statement run again takes the place of the time before.
pub fn add(entries: &mut Vec<HistoryEntry>, entry: HistoryEntry) {
    entries.retain(|known| known.sql != entry.sql);
    entries.insert(0, entry);
    entries.truncate(ENTRIES_MAX);
    let mut bytes = 0;
    entries.retain(|known| {
        bytes += known.sql.len();
        bytes <= BYTES_MAX
    });
}

/// Those whose statement has every word of `search`, whatever the case, with their places.
#[must_use]
pub fn found<'a>(entries: &'a [HistoryEntry], search: &str) -> Vec<(usize, &'a HistoryEntry)> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let has_all = |entry: &HistoryEntry| {
        let sql = entry.sql.to_lowercase();
        words.iter().all(|word| sql.contains(word))
    };
    entries.iter().enumerate().filter(|(_, entry)| has_all(entry)).collect()
}

/// As it is remembered.
#[must_use]
pub fn to_text(entries: &[HistoryEntry]) -> String {
    let entry = |entry: &HistoryEntry| {
        let (sql, at) = (&entry.sql, entry.at_ms);
        match &entry.outcome {
            Outcome::Rows { rows, elapsed_ms } => json!({ "sql": sql, "at": at, "rows": rows, "ms": elapsed_ms }),
            Outcome::Failed(message) => json!({ "sql": sql, "at": at, "error": message }),
            Outcome::Cancelled => json!({ "sql": sql, "at": at }),
        }
    };
    Value::Array(entries.iter().map(entry).collect()).to_string()
}

/// Reads what was remembered; what cannot be read is left out.
#[must_use]
pub fn from_text(text: &str) -> Vec<HistoryEntry> {
    let entry = |value: &Value| {
        let outcome = match (value.get("rows").and_then(Value::as_u64), value.get("error").and_then(Value::as_str)) {
            (Some(rows), _) => Outcome::Rows { rows, elapsed_ms: value.get("ms").and_then(Value::as_f64)? },
            (None, Some(message)) => Outcome::Failed(message.to_owned()),
            (None, None) => Outcome::Cancelled,
        };
        Some(HistoryEntry { sql: value.get("sql")?.as_str()?.to_owned(), at_ms: value.get("at")?.as_f64()?, outcome })
    };
    let values = serde_json::from_str::<Vec<Value>>(text).unwrap_or_default();
    values.iter().filter_map(entry).take(ENTRIES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(sql: &str, outcome: Outcome) -> HistoryEntry {
        HistoryEntry { sql: sql.into(), at_ms: 1_795_316_512_418.0, outcome }
    }

    #[test]
    fn what_was_run_last_is_first_and_once() {
        let mut entries = Vec::new();
        for sql in ["a", "b", "a"] {
            add(&mut entries, entry(sql, Outcome::Cancelled));
        }
        let sqls: Vec<&str> = entries.iter().map(|entry| entry.sql.as_str()).collect();
        assert_eq!(sqls, ["a", "b"]);
    }

    #[test]
    fn number_and_size_are_bounded() {
        let mut entries = Vec::new();
        for number in 0..150 {
            add(&mut entries, entry(&format!("SELECT {number}"), Outcome::Cancelled));
        }
        assert_eq!(entries.len(), ENTRIES_MAX);
        assert_eq!(entries[0].sql, "SELECT 149");
        for number in 0..5 {
            add(&mut entries, entry(&format!("{number}{}", "x".repeat(260_000)), Outcome::Cancelled));
        }
        assert_eq!(entries.len(), 3);
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let entries = vec![
            entry("SELECT 'ä\n'", Outcome::Rows { rows: 12, elapsed_ms: 4.25 }),
            entry("SELEC", Outcome::Failed("expected a statement".into())),
            entry("SELECT 1", Outcome::Cancelled),
        ];
        assert_eq!(from_text(&to_text(&entries)), entries);
        for broken in ["", "{}", "[1, {\"sql\": 5}, {\"sql\": \"x\"}]", "[{\"sql\":\"x\",\"at\":1,\"rows\":2}]"] {
            assert_eq!(from_text(broken), [], "{broken}");
        }
    }

    #[test]
    fn search_wants_every_word() {
        let entries = [
            entry("SELECT count(*) FROM spans", Outcome::Cancelled),
            entry("SELECT body FROM logs", Outcome::Cancelled),
        ];
        let places = |search: &str| found(&entries, search).iter().map(|(place, _)| *place).collect::<Vec<_>>();
        assert_eq!(places("select"), [0, 1]);
        assert_eq!(places("LOGS body"), [1]);
        assert_eq!(places("logs spans"), [0_usize; 0]);
        assert_eq!(places(" "), [0, 1]);
    }
}
