//! The SQL that the page runs. Time bounds travel beside the statement, so no literal but the
//! search text is ever written into it.

use crate::calendar::{SECOND_NS, rfc3339};
use crate::histogram::Buckets;
use crate::time_range::Window;
use lincei_api::{SqlLocation, SqlRequest, TimeInput};

/// Columns of a line, in the order asked for.
pub const COLUMNS: &str = "time, severity, service, body, trace_id, span_id, attributes, resource, scope, event_name, observed_time, severity_number";
/// Services counted at most.
pub const SERVICES_MAX: usize = 100;
/// Lines in one file.
pub const EXPORT_ROWS_MAX: u64 = 100_000;

/// `text` as an SQL string.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn condition(query: &str) -> String {
    let query = query.trim();
    if query.is_empty() { String::new() } else { format!("\nWHERE search({})", literal(query)) }
}

/// Lines, newest first. Ties are broken so that pages neither repeat nor skip a line.
#[must_use]
pub fn lines(query: &str, limit: usize, offset: usize) -> String {
    let skip = if offset == 0 { String::new() } else { format!(" OFFSET {offset}") };
    format!("SELECT {COLUMNS}\nFROM logs{}\nORDER BY time DESC, service, body\nLIMIT {limit}{skip}", condition(query))
}

/// Lines to keep in a file, newest first: every column, or time, severity, service, `columns` and body.
#[must_use]
pub fn export(query: &str, columns: Option<&[String]>) -> String {
    let list = columns.map_or_else(
        || COLUMNS.to_owned(),
        |columns| {
            let fixed = ["time", "severity", "service"];
            let own = columns.iter().filter(|name| !fixed.contains(&name.as_str()) && *name != "body");
            let own = own.map(|name| column(name));
            fixed.map(str::to_owned).into_iter().chain(own).chain(["body".to_owned()]).collect::<Vec<_>>().join(", ")
        },
    );
    format!("SELECT {list}\nFROM logs{}\nORDER BY time DESC\nLIMIT {EXPORT_ROWS_MAX}", condition(query))
}

/// A field under its own name.
fn column(name: &str) -> String {
    if COLUMNS.split(", ").any(|known| known == name) {
        return name.to_owned();
    }
    let inner = |map: &str| name.strip_prefix(map).and_then(|rest| rest.strip_prefix('.'));
    let mut keys = vec![("attributes", name), ("resource", name)];
    keys.extend(["attributes", "resource"].into_iter().filter_map(|map| Some((map, inner(map)?))));
    let keys: Vec<String> = keys.into_iter().map(|(map, key)| format!("{map}[{}]", literal(key))).collect();
    format!("coalesce({}) AS \"{}\"", keys.join(", "), name.replace('"', "\"\""))
}

/// Start of bucket, rank of level, lines.
#[must_use]
pub fn histogram(query: &str, buckets: &Buckets) -> String {
    let seconds = buckets.step_ns / SECOND_NS;
    let interval = match seconds {
        s if s % 86_400 == 0 => format!("{} days", s / 86_400),
        s if s % 3600 == 0 => format!("{} hours", s / 3600),
        s if s % 60 == 0 => format!("{} minutes", s / 60),
        s => format!("{s} seconds"),
    };
    let time = if buckets.shift_ns == 0 {
        "time".to_owned()
    } else {
        format!("time + INTERVAL '{} minutes'", buckets.shift_ns / (60 * SECOND_NS))
    };
    format!(
        "SELECT date_bin(INTERVAL '{interval}', {time}) AS bucket, (severity_number + 3) / 4 AS level, count(*) AS lines\nFROM logs{}\nGROUP BY 1, 2",
        condition(query)
    )
}

/// Services with their lines, most first.
#[must_use]
pub fn services(query: &str) -> String {
    format!(
        "SELECT service, count(*) AS lines\nFROM logs{}\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT {}",
        condition(query),
        SERVICES_MAX + 1
    )
}

/// Ranks of level with their lines.
#[must_use]
pub fn levels(query: &str) -> String {
    format!("SELECT (severity_number + 3) / 4 AS level, count(*) AS lines\nFROM logs{}\nGROUP BY 1", condition(query))
}

/// The newest time of a line, one row, null when there is none.
#[must_use]
pub fn newest(query: &str) -> String {
    format!("SELECT max(time) AS newest\nFROM logs{}", condition(query))
}

/// The number of lines, one row.
#[must_use]
pub fn count(query: &str) -> String {
    format!("SELECT count(*) AS lines\nFROM logs{}", condition(query))
}

/// The command that asks the same from a shell.
#[must_use]
pub fn curl(origin: &str, sql: &str, window: Window) -> String {
    let request = SqlRequest {
        sql: sql.to_owned(),
        from: Some(TimeInput::Text(rfc3339(window.from_ns))),
        to: Some(TimeInput::Text(rfc3339(window.to_ns))),
        ..SqlRequest::default()
    };
    let body = serde_json::to_string(&request).unwrap_or_default().replace('\'', r"'\''");
    format!("curl {origin}/api/v1/sql \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'")
}

/// Where in the search text a place in one of these statements is, in characters from its start;
/// `None` when it is elsewhere in the statement.
#[must_use]
pub fn place_in_search(query: &str, location: SqlLocation) -> Option<usize> {
    const BEFORE: &str = "WHERE search('";
    const CONDITION_LINE: u64 = 3;
    let query = query.trim();
    if location.line != CONDITION_LINE || query.is_empty() {
        return None;
    }
    let column = usize::try_from(location.column).ok()?.checked_sub(1 + BEFORE.len())?;
    let mut written = 0;
    for (place, c) in query.chars().enumerate() {
        if written >= column {
            return Some(place);
        }
        written += if c == '\'' { 2 } else { 1 };
    }
    (column <= written).then(|| query.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::MINUTE_NS;

    #[test]
    fn a_search_text_cannot_leave_its_literal() {
        assert_eq!(literal("it's'; DROP--"), "'it''s''; DROP--'");
        assert_eq!(newest("a' OR 'b"), "SELECT max(time) AS newest\nFROM logs\nWHERE search('a'' OR ''b')");
    }

    #[test]
    fn an_empty_search_has_no_condition() {
        assert_eq!(count("  "), "SELECT count(*) AS lines\nFROM logs");
    }

    #[test]
    fn lines_are_in_a_total_order() {
        let sql = lines("x", 500, 7);
        assert!(sql.ends_with("WHERE search('x')\nORDER BY time DESC, service, body\nLIMIT 500 OFFSET 7"), "{sql}");
        assert!(!lines("x", 500, 0).contains("OFFSET"));
    }

    #[test]
    fn a_file_has_the_columns_of_the_list() {
        let columns = ["body", "trace_id", "host.name", "attributes.it's \"x\""].map(String::from);
        let sql = export("x", Some(&columns));
        assert!(
            sql.starts_with(concat!(
                "SELECT time, severity, service, trace_id, ",
                "coalesce(attributes['host.name'], resource['host.name']) AS \"host.name\", ",
                "coalesce(attributes['attributes.it''s \"x\"'], resource['attributes.it''s \"x\"'], ",
                "attributes['it''s \"x\"']) AS \"attributes.it's \"\"x\"\"\", body\nFROM logs",
            )),
            "{sql}"
        );
        assert!(sql.ends_with("ORDER BY time DESC\nLIMIT 100000"), "{sql}");
        assert!(export("", None).starts_with(&format!("SELECT {COLUMNS}\nFROM logs\nORDER")));
    }

    #[test]
    fn buckets_of_a_shifted_zone_are_moved() {
        let mut buckets = Buckets { first_ns: 0, step_ns: 60 * SECOND_NS, count: 1, shift_ns: 0 };
        assert!(histogram("", &buckets).contains("date_bin(INTERVAL '1 minutes', time) AS bucket"));
        buckets.step_ns = 86_400 * SECOND_NS;
        buckets.shift_ns = 60 * MINUTE_NS;
        assert!(
            histogram("", &buckets).contains("date_bin(INTERVAL '1 days', time + INTERVAL '60 minutes') AS bucket")
        );
    }

    #[test]
    fn a_place_in_the_statement_is_found_in_the_search() {
        let at = |query: &str, column: u64| place_in_search(query, SqlLocation { line: 3, column });
        // column 15 of "WHERE search('…" is the first character of the text
        assert_eq!(at("service:>= x", 15), Some(0));
        assert_eq!(at("service:>= x", 25), Some(10));
        assert_eq!(at("a'b c", 18), Some(2), "a quote is two characters in SQL");
        assert_eq!(at("ab", 17), Some(2), "the end");
        assert_eq!(at("ab", 18), None);
        assert_eq!(at("ab", 3), None);
        assert_eq!(at("", 15), None);
        assert_eq!(place_in_search("ab", SqlLocation { line: 1, column: 15 }), None);
        assert!(lines("ab", 1, 0).lines().nth(2).is_some_and(|line| line.find("ab") == Some(14)));
    }

    #[test]
    fn the_command_survives_a_shell() {
        let window = Window { from_ns: 0, to_ns: SECOND_NS };
        let command = curl("http://127.0.0.1:1609", &count("it's"), window);
        assert!(command.contains(r"search('\''it'\'''\''s'\'')"), "{command}");
        assert!(command.contains(r#""from":"1970-01-01T00:00:00Z","to":"1970-01-01T00:00:01Z""#), "{command}");
    }
}
