//! The JSON of a document. What is at its default is left out.

use super::{Document, FORMAT, Panel, Query, Values, Variable};
use serde_json::{Map, Value, json};

/// The content under which a dashboard is saved.
#[must_use]
pub fn document_json(document: &Document) -> Value {
    let mut object = Map::new();
    object.insert("format".into(), json!(FORMAT));
    put_text(&mut object, "description", &document.description);
    let variables: Vec<Value> = document.variables.iter().map(variable_json).collect();
    object.insert("variables".into(), Value::Array(variables));
    object.insert("panels".into(), document.panels.iter().map(panel_json).collect());
    Value::Object(object)
}

/// A file that can be imported: the content with the name.
#[must_use]
pub fn exported(name: &str, document: &Document) -> String {
    let mut content = document_json(document);
    if let Some(object) = content.as_object_mut() {
        object.insert("name".into(), json!(name));
    }
    let mut text = serde_json::to_string_pretty(&content).unwrap_or_default();
    text.push('\n');
    text
}

fn put_text(object: &mut Map<String, Value>, name: &str, text: &str) {
    if !text.is_empty() {
        object.insert(name.into(), json!(text));
    }
}

fn variable_json(variable: &Variable) -> Value {
    let mut object = Map::new();
    object.insert("name".into(), json!(variable.name));
    put_text(&mut object, "label", &variable.label);
    if variable.multi {
        object.insert("multi".into(), json!(true));
    }
    if !variable.default.is_empty() {
        object.insert("default".into(), json!(variable.default));
    }
    let (name, value) = match &variable.values {
        Values::Text => ("text", json!(true)),
        Values::List(values) => ("list", json!(values)),
        Values::Field { table, field } => {
            object.insert("table".into(), json!(table));
            ("field", json!(field))
        }
        Values::Sql(sql) => ("sql", json!(sql)),
    };
    object.insert(name.into(), value);
    Value::Object(object)
}

fn panel_json(panel: &Panel) -> Value {
    let mut object = Map::new();
    object.insert("id".into(), json!(panel.id));
    put_text(&mut object, "title", &panel.title);
    let at = panel.at;
    object.insert("at".into(), json!({ "x": at.x, "y": at.y, "w": at.w, "h": at.h }));
    let query = match &panel.query {
        Query::Counts { search, by } if by.is_empty() => json!({ "counts": search }),
        Query::Counts { search, by } => json!({ "counts": search, "by": by }),
        Query::Lines { search } => json!({ "lines": search }),
        Query::Sql(sql) => json!({ "sql": sql }),
    };
    object.insert("query".into(), query);
    object.insert("view".into(), json!(panel.view.name()));
    put_text(&mut object, "unit", &panel.unit);
    for (name, bound) in [("warn", panel.warn), ("bad", panel.bad)] {
        if let Some(bound) = bound {
            object.insert(name.into(), json!(bound));
        }
    }
    Value::Object(object)
}
