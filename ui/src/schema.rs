//! Tables, their columns and keys, as the schema browser and the completion of the editor have them.

use crate::editor;
use crate::order;
use crate::result_set::type_name;
use lincei_api::{FieldsResponse, SqlResponse};

/// The statement that lists all columns, in order.
pub const COLUMNS_SQL: &str = "SELECT table_name, column_name, data_type\nFROM information_schema.columns\nWHERE table_schema = 'public'\nORDER BY table_name, ordinal_position";

/// The statement that lists all functions with how they are called.
pub const FUNCTIONS_SQL: &str = "SELECT routine_name, min(syntax_example)\nFROM information_schema.routines\nGROUP BY routine_name\nORDER BY routine_name";
/// Characters of the call of a function that completion shows.
const CALL_CHARS: usize = 60;

/// Tables whose rows carry keys of their own, as `POST /fields` knows them.
const KEYED: [&str; 3] = ["logs", "spans", "metrics"];
/// The order in which people look for tables; all others follow by name.
const FIRST: [&str; 3] = ["logs", "spans", "metrics"];
/// Words that cannot stand as a name without quotes, as far as columns here use them.
const RESERVED: [&str; 24] = [
    "all", "and", "as", "by", "case", "cross", "from", "group", "having", "in", "inner", "is", "join", "left", "limit",
    "not", "null", "on", "or", "order", "select", "union", "where", "with",
];

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaColumn {
    /// Name.
    pub name: String,
    /// Short name of its type.
    pub type_name: String,
}

/// Where a key is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyOrigin {
    /// `attributes`.
    Attributes,
    /// `resource`.
    Resource,
}

impl KeyOrigin {
    /// Both, in the order of the columns.
    pub const ALL: [Self; 2] = [Self::Attributes, Self::Resource];

    /// Name of the column.
    #[must_use]
    pub const fn column(self) -> &'static str {
        match self {
            Self::Attributes => "attributes",
            Self::Resource => "resource",
        }
    }
}

/// A key of a map column, seen in recent rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaKey {
    /// Key.
    pub name: String,
    /// Where it is kept.
    pub origin: KeyOrigin,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaTable {
    /// SQL name.
    pub name: String,
    /// Columns, in order.
    pub columns: Vec<SchemaColumn>,
}

impl SchemaTable {
    /// Whether its rows carry keys that can be asked for.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        KEYED.contains(&self.name.as_str())
    }
}

/// Reads the answer to [`COLUMNS_SQL`]. Rows that are not three texts are left out.
#[must_use]
pub fn tables(response: &SqlResponse) -> Vec<SchemaTable> {
    let mut tables: Vec<SchemaTable> = Vec::new();
    for row in &response.rows {
        let text = |place: usize| row.get(place).and_then(|value| value.as_str());
        let (Some(table), Some(column), Some(data_type)) = (text(0), text(1), text(2)) else { continue };
        let column = SchemaColumn { name: column.to_owned(), type_name: type_name(data_type) };
        match tables.last_mut().filter(|last| last.name == table) {
            Some(last) => last.columns.push(column),
            None => tables.push(SchemaTable { name: table.to_owned(), columns: vec![column] }),
        }
    }
    let rank = |table: &SchemaTable| FIRST.iter().position(|name| *name == table.name).unwrap_or(FIRST.len());
    order::by_key(&mut tables, rank);
    tables
}

/// Keys of an answer of `POST /fields`, the most frequent first.
#[must_use]
pub fn keys(response: &FieldsResponse) -> Vec<SchemaKey> {
    let key = |field: &lincei_api::FieldInfo| {
        let origin = match field.origin.as_str() {
            "attribute" => KeyOrigin::Attributes,
            "resource" => KeyOrigin::Resource,
            _ => return None,
        };
        Some(SchemaKey { name: field.name.clone(), origin })
    };
    response.fields.iter().filter_map(key).collect()
}

/// Name and call of each function, from the answer to [`FUNCTIONS_SQL`]. Operators are left out.
#[must_use]
pub fn functions(response: &SqlResponse) -> Vec<(String, String)> {
    let word = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let function = |row: &Vec<serde_json::Value>| {
        let name = row.first()?.as_str().filter(|name| word(name))?;
        let call = row.get(1).and_then(|value| value.as_str()).unwrap_or_default();
        let call = call.strip_prefix(name).unwrap_or(call);
        Some((name.to_owned(), call.chars().take(CALL_CHARS).collect()))
    };
    response.rows.iter().filter_map(function).collect()
}

/// What the completion of an editor offers.
#[must_use]
pub fn for_editor(tables: &[SchemaTable], keys: &[SchemaKey], functions: &[(String, String)]) -> editor::Schema {
    let table = |table: &SchemaTable| editor::Table {
        name: table.name.clone(),
        columns: table.columns.iter().map(|column| (column.name.clone(), column.type_name.clone())).collect(),
    };
    let function = |(name, detail): &(String, String)| editor::Function { name: name.clone(), detail: detail.clone() };
    let phrase = |key: &SchemaKey| editor::Phrase {
        name: key.name.clone(),
        text: key_access(key),
        detail: key.origin.column().to_owned(),
    };
    editor::Schema {
        tables: tables.iter().map(table).collect(),
        functions: functions.iter().map(function).collect(),
        phrases: keys.iter().map(phrase).collect(),
    }
}

/// A name as a statement has it: quoted where it has to be.
#[must_use]
pub fn identifier(name: &str) -> String {
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_');
    let plain = starts && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain && !RESERVED.contains(&name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// The value of a key as a statement has it: `attributes['http.route']`.
#[must_use]
pub fn key_access(key: &SchemaKey) -> String {
    format!("{}[{}]", key.origin.column(), crate::statement::literal(&key.name))
}

/// Whether a name is shown when `filter` was typed.
#[must_use]
pub fn matches(name: &str, filter: &str) -> bool {
    let filter = filter.trim();
    filter.is_empty() || name.to_lowercase().contains(&filter.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lincei_api::FieldInfo;
    use serde_json::json;

    #[test]
    fn columns_become_tables_with_those_looked_for_first() {
        let rows = json!([
            ["lincei_files", "rows", "UInt64"],
            ["logs", "time", "Timestamp(ns, \"UTC\")"],
            ["logs", "body", "Utf8View"],
            ["logs", 7, "Utf8View"],
            ["rejects", "raw", "BinaryView"],
            ["spans", "events", "List(Struct(\"time\": Timestamp(ns)))"]
        ]);
        let response = SqlResponse { rows: serde_json::from_value(rows).unwrap(), ..SqlResponse::default() };
        let tables = tables(&response);
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["logs", "spans", "lincei_files", "rejects"]);
        let columns: Vec<(&str, &str)> =
            tables[0].columns.iter().map(|c| (c.name.as_str(), c.type_name.as_str())).collect();
        assert_eq!(columns, [("time", "timestamp"), ("body", "text")]);
        assert!(tables[0].has_keys() && !tables[3].has_keys());
    }

    #[test]
    fn keys_are_those_of_maps() {
        let field =
            |name: &str, origin: &str| FieldInfo { name: name.into(), origin: origin.into(), ..FieldInfo::default() };
        let response = FieldsResponse {
            fields: vec![field("time", "column"), field("http.route", "attribute"), field("host.name", "resource")],
            ..FieldsResponse::default()
        };
        let written: Vec<String> = keys(&response).iter().map(key_access).collect();
        assert_eq!(written, ["attributes['http.route']", "resource['host.name']"]);
    }

    #[test]
    fn completion_offers_names_keys_and_calls() {
        let rows = json!([["count", "count(expression)"], ["%", "a % b"], ["md5", null]]);
        let response = SqlResponse { rows: serde_json::from_value(rows).unwrap(), ..SqlResponse::default() };
        let functions = functions(&response);
        assert_eq!(functions, [("count".into(), "(expression)".into()), ("md5".into(), String::new())]);
        let key = SchemaKey { name: "http.route".into(), origin: KeyOrigin::Attributes };
        let schema = for_editor(&[], &[key], &functions);
        assert_eq!(schema.phrases[0].text, "attributes['http.route']");
        assert_eq!(schema.functions.len(), 2);
    }

    #[test]
    fn names_are_quoted_where_they_have_to_be() {
        for (name, written) in [
            ("service", "service"),
            ("_x1", "_x1"),
            ("Time", "\"Time\""),
            ("order", "\"order\""),
            ("a b", "\"a b\""),
            ("a\"b", "\"a\"\"b\""),
            ("1st", "\"1st\""),
            ("", "\"\""),
        ] {
            assert_eq!(identifier(name), written);
        }
        let key = SchemaKey { name: "it's".into(), origin: KeyOrigin::Attributes };
        assert_eq!(key_access(&key), "attributes['it''s']");
    }

    #[test]
    fn filters_look_anywhere_in_a_name() {
        assert!(matches("trace_id", " ID ") && matches("x", "") && !matches("body", "id"));
    }
}
