//! One log line as the page holds it, read from an answer of the SQL API.

use crate::calendar::{parse_utc, rfc3339};
use crate::severity::Level;
use lincei_api::SqlResponse;
use serde_json::{Value, json};

/// A log line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogRow {
    /// When it happened, nanoseconds since the epoch.
    pub time_ns: i64,
    /// When it was first seen by a collector.
    pub observed_ns: Option<i64>,
    /// 0 to 24.
    pub severity_number: u64,
    /// As the sender wrote it.
    pub severity: Option<String>,
    /// Sender.
    pub service: String,
    /// Text.
    pub body: Option<String>,
    /// Name of the event, where it is one.
    pub event_name: Option<String>,
    /// 32 hexadecimal digits.
    pub trace_id: Option<String>,
    /// 16 hexadecimal digits.
    pub span_id: Option<String>,
    /// Name of the instrumentation scope.
    pub scope: Option<String>,
    /// By key.
    pub attributes: Vec<(String, String)>,
    /// By key.
    pub resource: Vec<(String, String)>,
}

/// What a link needs to find a line again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowKey {
    /// Time of the line.
    pub time_ns: i64,
    /// Of service, body and ids: 32-bit FNV-1a.
    pub hash: u32,
}

impl RowKey {
    /// As a link carries it: `2026-11-22T03:01:52.418Z.1f3c09ab`.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}.{:08x}", rfc3339(self.time_ns), self.hash)
    }

    /// Reads what a link carries.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let (time, hash) = text.rsplit_once('.')?;
        let hash = if hash.len() == 8 { u32::from_str_radix(hash, 16).ok()? } else { return None };
        Some(Self { time_ns: parse_utc(time)?, hash })
    }
}

impl LogRow {
    /// Key for links.
    #[must_use]
    pub fn key(&self) -> RowKey {
        let parts = [Some(&self.service), self.body.as_ref(), self.trace_id.as_ref(), self.span_id.as_ref()];
        let mut hash = 0x811c_9dc5_u32;
        for part in parts {
            for byte in part.map_or(&b""[..], |text| text.as_bytes()).iter().chain(&[0xff]) {
                hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
            }
        }
        RowKey { time_ns: self.time_ns, hash }
    }

    /// Reads a line from an object of its columns, as tail and surrounding lines have it.
    ///
    /// # Errors
    /// When it has no time, or one that cannot be read.
    pub fn from_object(object: &Value) -> Result<Self, ShapeError> {
        let text = |name: &str| match object.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let time = text("time").ok_or_else(|| ShapeError("line without a time".into()))?;
        Ok(Self {
            time_ns: parse_utc(&time).ok_or_else(|| ShapeError(format!("{time:?} is not a time")))?,
            observed_ns: text("observed_time").and_then(|text| parse_utc(&text)),
            severity_number: object.get("severity_number").and_then(Value::as_u64).unwrap_or(0),
            severity: text("severity"),
            service: text("service").unwrap_or_default(),
            body: text("body"),
            event_name: text("event_name"),
            trace_id: text("trace_id"),
            span_id: text("span_id"),
            scope: text("scope"),
            attributes: entries(object.get("attributes")),
            resource: entries(object.get("resource")),
        })
    }

    /// Named level.
    #[must_use]
    pub fn level(&self) -> Level {
        Level::of_number(self.severity_number)
    }

    /// The value of a field by the name that a search gives it: a column, or else a key of the
    /// attributes or the resource.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let find = |map: &'_ [(String, String)], key: &str| map.iter().position(|(known, _)| known == key);
        let of = |map: &'static str| name.strip_prefix(map).and_then(|rest| rest.strip_prefix('.'));
        let column = match name {
            "service" => Some(self.service.as_str()),
            "severity" => self.severity.as_deref(),
            "body" => self.body.as_deref(),
            "event_name" => self.event_name.as_deref(),
            "trace_id" => self.trace_id.as_deref(),
            "span_id" => self.span_id.as_deref(),
            "scope" => self.scope.as_deref(),
            _ => {
                let keys = [
                    (&self.attributes, Some(name)),
                    (&self.resource, Some(name)),
                    (&self.attributes, of("attributes")),
                    (&self.resource, of("resource")),
                ];
                keys.into_iter().find_map(|(map, key)| map.get(find(map, key?)?).map(|(_, value)| value.as_str()))
            }
        };
        column.filter(|value| !value.is_empty())
    }

    /// The line as one indented JSON object, line by line: columns by name, time and text first,
    /// those without a value left out.
    #[must_use]
    pub fn json_lines(&self) -> Vec<JsonLine> {
        let named = |name: &str, value: &Option<String>| value.as_ref().map(|v| JsonLine::field(1, name, v));
        let plain = |name: &str, value: Value| Some(JsonLine::plain(name, &value));
        let attributes = JsonLine::map("attributes", &self.attributes);
        let resource = JsonLine::map("resource", &self.resource);
        let columns: [Vec<JsonLine>; 12] = [
            plain("time", json!(rfc3339(self.time_ns))).into_iter().collect(),
            named("severity", &self.severity).into_iter().collect(),
            plain("severity_number", json!(self.severity_number)).into_iter().collect(),
            vec![JsonLine::field(1, "service", &self.service)],
            named("event_name", &self.event_name).into_iter().collect(),
            self.body.as_ref().and_then(|body| plain("body", json!(body))).into_iter().collect(),
            attributes,
            resource,
            named("scope", &self.scope).into_iter().collect(),
            named("trace_id", &self.trace_id).into_iter().collect(),
            named("span_id", &self.span_id).into_iter().collect(),
            self.observed_ns.and_then(|ns| plain("observed_time", json!(rfc3339(ns)))).into_iter().collect(),
        ];
        let mut lines = vec![JsonLine::bracket(0, "{")];
        for mut column in columns.into_iter().filter(|column| !column.is_empty()) {
            if lines.len() > 1
                && let Some(last) = lines.last_mut()
            {
                last.after.push(',');
            }
            lines.append(&mut column);
        }
        lines.push(JsonLine::bracket(0, "}"));
        lines
    }

    /// The line as one indented JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.json_lines().iter().map(JsonLine::text).collect::<Vec<_>>().join("\n")
    }
}

/// One line of JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonLine {
    /// What stands before the value: spaces, and the key.
    pub before: String,
    /// The value as JSON, or nothing where the line is a bracket.
    pub value: String,
    /// What stands after the value.
    pub after: String,
    /// The name of the field in a search, and its value, where it can be searched for.
    pub field: Option<(String, String)>,
}

impl JsonLine {
    fn plain(name: &str, value: &Value) -> Self {
        Self { before: format!("  {}: ", json!(name)), value: value.to_string(), ..Self::default() }
    }

    fn field(depth: usize, name: &str, value: &str) -> Self {
        Self {
            before: format!("{}{}: ", "  ".repeat(depth), json!(name)),
            value: json!(value).to_string(),
            after: String::new(),
            field: Some((name.to_owned(), value.to_owned())),
        }
    }

    fn bracket(depth: usize, text: &str) -> Self {
        Self { before: format!("{}{text}", "  ".repeat(depth)), ..Self::default() }
    }

    /// A map over several lines; nothing for an empty one.
    fn map(name: &str, entries: &[(String, String)]) -> Vec<Self> {
        if entries.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![Self::bracket(1, &format!("{}: {{", json!(name)))];
        lines.extend(entries.iter().map(|(key, value)| Self { after: ",".to_owned(), ..Self::field(2, key, value) }));
        if let Some(last) = lines.last_mut() {
            last.after.clear();
        }
        lines.push(Self::bracket(1, "}"));
        lines
    }

    /// The line as it is written.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}{}", self.before, self.value, self.after)
    }
}

/// The answer does not have the shape asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError(pub String);

fn column(response: &SqlResponse, name: &str) -> Result<usize, ShapeError> {
    let found = response.columns.iter().position(|column| column.name == name);
    found.ok_or_else(|| ShapeError(format!("no column {name}")))
}

/// Reads lines; columns are found by name.
///
/// # Errors
/// When a column is missing or a time cannot be read.
pub fn lines(response: &SqlResponse) -> Result<Vec<LogRow>, ShapeError> {
    let at = |name: &str| column(response, name);
    let (time, observed, number, severity) =
        (at("time")?, at("observed_time")?, at("severity_number")?, at("severity")?);
    let (service, body, event, trace, span) =
        (at("service")?, at("body")?, at("event_name")?, at("trace_id")?, at("span_id")?);
    let (attributes, resource, scope) = (at("attributes")?, at("resource")?, at("scope")?);
    let read = |row: &Vec<Value>| -> Result<LogRow, ShapeError> {
        let time_text = text(row, time).ok_or_else(|| ShapeError("line without a time".into()))?;
        Ok(LogRow {
            time_ns: parse_utc(&time_text).ok_or_else(|| ShapeError(format!("{time_text:?} is not a time")))?,
            observed_ns: text(row, observed).and_then(|text| parse_utc(&text)),
            severity_number: row.get(number).and_then(Value::as_u64).unwrap_or(0),
            severity: text(row, severity),
            service: text(row, service).unwrap_or_default(),
            body: text(row, body),
            event_name: text(row, event),
            trace_id: text(row, trace),
            span_id: text(row, span),
            scope: text(row, scope),
            attributes: entries(row.get(attributes)),
            resource: entries(row.get(resource)),
        })
    };
    response.rows.iter().map(read).collect()
}

fn text(row: &[Value], column: usize) -> Option<String> {
    match row.get(column)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn entries(value: Option<&Value>) -> Vec<(String, String)> {
    let Some(Value::Object(map)) = value else { return Vec::new() };
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    map.iter().map(|(key, value)| (key.clone(), shown(value))).collect()
}

/// Reads (start of bucket in nanoseconds, level, lines) of the histogram's answer.
///
/// # Errors
/// When a column is missing.
pub fn histogram_cells(response: &SqlResponse, shift_ns: i64) -> Result<Vec<(i64, Level, u64)>, ShapeError> {
    let (bucket, level, lines) = (column(response, "bucket")?, column(response, "level")?, column(response, "lines")?);
    let cell = |row: &Vec<Value>| {
        let start = text(row, bucket).and_then(|text| parse_utc(&text))?;
        Some((start - shift_ns, Level::of_rank(number(row, level)), number(row, lines)))
    };
    Ok(response.rows.iter().filter_map(cell).collect())
}

/// Reads (value as text, lines) of a facet's answer.
///
/// # Errors
/// When a column is missing.
pub fn value_counts(response: &SqlResponse, name: &str) -> Result<Vec<(String, u64)>, ShapeError> {
    let (value, lines) = (column(response, name)?, column(response, "lines")?);
    Ok(response.rows.iter().map(|row| (text(row, value).unwrap_or_default(), number(row, lines))).collect())
}

/// Reads the one number of a count.
#[must_use]
pub fn single_count(response: &SqlResponse) -> Option<u64> {
    response.rows.first().and_then(|row| row.first()).and_then(Value::as_u64)
}

/// Reads the one time of an answer; `None` when it is null.
#[must_use]
pub fn single_time(response: &SqlResponse) -> Option<i64> {
    response.rows.first().and_then(|row| text(row, 0)).and_then(|text| parse_utc(&text))
}

fn number(row: &[Value], column: usize) -> u64 {
    row.get(column).and_then(Value::as_u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(text: &str) -> SqlResponse {
        serde_json::from_str(text).unwrap()
    }

    const STATS: &str = r#""stats":{"query_id":"q","rows":1,"truncated":false,"rows_scanned":1,"bytes_scanned":1,"files_scanned":0,"files_pruned":0,"elapsed_ms":1.0,"memory_bytes":0}"#;

    fn sample() -> SqlResponse {
        let names = crate::statement::COLUMNS.split(", ");
        let columns: Vec<String> = names.map(|n| format!(r#"{{"name":"{n}","type":"x"}}"#)).collect();
        response(&format!(
            r#"{{"columns":[{}],"rows":[["2026-11-22T03:01:52.418000001Z","ERROR","payment","pool \"full\"",null,"00f067aa0ba902b7",{{"pool.max":"8","error":"a"}},{{}},null,null,null,17]],{STATS}}}"#,
            columns.join(",")
        ))
    }

    #[test]
    fn lines_are_read_by_column_name() {
        let rows = lines(&sample()).unwrap();
        let row = &rows[0];
        assert_eq!(row.time_ns, 1_795_316_512_418_000_001);
        assert_eq!((row.level(), row.service.as_str()), (Level::Error, "payment"));
        assert_eq!((row.body.as_deref(), row.trace_id.as_deref()), (Some("pool \"full\""), None));
        assert_eq!(row.attributes, [("error".to_owned(), "a".to_owned()), ("pool.max".to_owned(), "8".to_owned())]);
    }

    #[test]
    fn a_key_finds_its_line_again() {
        let row = lines(&sample()).unwrap().remove(0);
        let key = row.key();
        assert_eq!(RowKey::from_text(&key.to_text()), Some(key));
        let other = LogRow { body: Some("other".into()), ..row };
        assert_ne!(other.key(), key);
        for text in ["", "x", "2026-11-22T03:01:52Z", "2026-11-22T03:01:52Z.12", "2026-11-22T03:01:52Z.1234567g"] {
            assert_eq!(RowKey::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn json_leaves_out_what_is_missing() {
        let text = lines(&sample()).unwrap()[0].to_json();
        assert!(text.starts_with("{\n  \"time\": \"2026"), "{text}");
        assert!(text.contains("\n    \"pool.max\": \"8\"\n  },\n"), "{text}");
        let json: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["time"], "2026-11-22T03:01:52.418000001Z");
        assert_eq!(json["attributes"]["pool.max"], "8");
        assert!(json.get("trace_id").is_none());
    }

    #[test]
    fn an_object_is_the_same_line() {
        let row = lines(&sample()).unwrap().remove(0);
        let object: Value = serde_json::from_str(&row.to_json()).unwrap();
        assert_eq!(LogRow::from_object(&object), Ok(row));
        for odd in [json!({}), json!({ "time": null }), json!({ "time": "yesterday" }), json!(7)] {
            assert!(LogRow::from_object(&odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_field_is_found_by_the_name_of_a_search() {
        let map = |entries: &[(&str, &str)]| entries.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let row = LogRow {
            service: "payment".into(),
            attributes: map(&[("service", "hidden"), ("k", "a"), ("empty", "")]),
            resource: map(&[("k", "r"), ("host.name", "h1")]),
            ..LogRow::default()
        };
        for (name, value) in [
            ("service", Some("payment")),
            ("attributes.service", Some("hidden")),
            ("k", Some("a")),
            ("resource.k", Some("r")),
            ("host.name", Some("h1")),
            ("trace_id", None),
            ("empty", None),
            ("attributes", None),
            ("nothing", None),
        ] {
            assert_eq!(row.field(name), value, "{name}");
        }
        let fields: Vec<_> = row.json_lines().into_iter().filter_map(|line| line.field).collect();
        assert!(fields.contains(&("host.name".to_owned(), "h1".to_owned())), "{fields:?}");
        assert!(!fields.iter().any(|(name, _)| name == "time"), "{fields:?}");
    }

    #[test]
    fn an_answer_of_another_shape_is_an_error() {
        let mut missing = sample();
        missing.columns.remove(0);
        assert_eq!(lines(&missing), Err(ShapeError("no column time".into())));
        let mut timeless = sample();
        timeless.rows[0][0] = Value::Null;
        assert!(lines(&timeless).is_err());
        let mut odd = sample();
        odd.rows[0][0] = "yesterday".into();
        assert!(lines(&odd).is_err());
    }

    #[test]
    fn small_answers_are_read() {
        let cells = response(&format!(
            r#"{{"columns":[{{"name":"bucket","type":"t"}},{{"name":"level","type":"i"}},{{"name":"lines","type":"i"}}],"rows":[["2026-11-22T03:00:00Z",5,12],[null,1,1]],{STATS}}}"#
        ));
        assert_eq!(
            histogram_cells(&cells, 60).unwrap(),
            [(parse_utc("2026-11-22T03:00:00Z").unwrap() - 60, Level::Error, 12)]
        );
        assert!(value_counts(&cells, "service").is_err());
        let newest = response(&format!(r#"{{"columns":[{{"name":"newest","type":"t"}}],"rows":[[null]],{STATS}}}"#));
        assert_eq!((single_time(&newest), single_count(&newest)), (None, None));
    }
}
