//! Reading a document from JSON. Whatever is wrong is named with its place, `panels[2].at.w`.

use super::grid::ROW_MAX;
use super::variable::name_is_valid;
use super::{COLUMNS, Document, FORMAT, PANELS_MAX, Panel, Place, Query, VARIABLES_MAX, Values, Variable, View};
use serde_json::{Map, Value};

/// Why a text is no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where: a path, or line and column of what is no JSON; empty for the whole.
    pub place: String,
    /// What is wrong.
    pub kind: FlawKind,
}

/// What is wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlawKind {
    /// No JSON: what the reader says.
    Syntax(String),
    /// Not of this type: object, list, text, number, true or false.
    Type(&'static str),
    /// Not there.
    Missing,
    /// A field of this name is not known.
    Unknown(String),
    /// Of a later format, whose number this is.
    Format(u64),
    /// Not one of these.
    OneOf(String),
    /// Not within these bounds.
    Range(String),
    /// More than this many.
    TooMany(usize),
    /// No name of a variable.
    Name,
    /// Used before.
    Twice(String),
    /// None of these fields, or several of them.
    OneField(&'static str),
}

type Read<T> = Result<T, Flaw>;

/// Name, if there is one, and document of an exported file.
///
/// # Errors
/// The first flaw.
pub fn read(text: &str) -> Read<(Option<String>, Document)> {
    let value = serde_json::from_str::<Value>(text).map_err(|error| {
        let said = error.to_string();
        let what = said.split(" at line ").next().unwrap_or_default().to_owned();
        flaw(format!("{}:{}", error.line(), error.column()), FlawKind::Syntax(what))
    })?;
    document_of(&value)
}

/// The same of JSON that is read already.
///
/// # Errors
/// The first flaw.
pub fn document_of(value: &Value) -> Read<(Option<String>, Document)> {
    let fields = Fields::of(value, String::new())?;
    let format = fields.value("format").ok_or_else(|| flaw("format".into(), FlawKind::Missing))?;
    match format.as_u64() {
        Some(FORMAT) => {}
        Some(later) if later > FORMAT => return Err(flaw("format".into(), FlawKind::Format(later))),
        _ => return Err(flaw("format".into(), FlawKind::OneOf(FORMAT.to_string()))),
    }
    fields.only(&["format", "name", "description", "variables", "panels"])?;
    let name = fields.optional_text("name")?;
    let document = Document {
        description: fields.optional_text("description")?.unwrap_or_default(),
        variables: fields.each("variables", VARIABLES_MAX, variable)?,
        panels: fields.each("panels", PANELS_MAX, panel)?,
    };
    unique(document.variables.iter().map(|variable| &variable.name), "variables", "name")?;
    unique(document.panels.iter().map(|panel| &panel.id), "panels", "id")?;
    let compact = document.layout().compact();
    let mut document = document;
    document.arrange(&compact);
    Ok((name, document))
}

fn flaw(place: String, kind: FlawKind) -> Flaw {
    Flaw { place, kind }
}

fn unique<'a>(names: impl Iterator<Item = &'a String>, list: &str, field: &str) -> Read<()> {
    let mut known: Vec<&String> = Vec::new();
    for (at, name) in names.enumerate() {
        if known.contains(&name) {
            return Err(flaw(format!("{list}[{at}].{field}"), FlawKind::Twice(name.clone())));
        }
        known.push(name);
    }
    Ok(())
}

fn variable(value: &Value, place: String) -> Read<Variable> {
    let fields = Fields::of(value, place)?;
    fields.only(&["name", "label", "multi", "default", "text", "list", "table", "field", "sql"])?;
    let name = fields.text("name")?;
    if !name_is_valid(&name) {
        return Err(flaw(fields.at("name"), FlawKind::Name));
    }
    let values = match fields.one_of(&["text", "list", "field", "sql"], "text, list, field, sql")? {
        "text" if fields.truth("text")? => Values::Text,
        "text" => return Err(flaw(fields.at("text"), FlawKind::OneOf("true".into()))),
        "list" => Values::List(fields.texts("list")?),
        "field" => Values::Field { table: fields.text("table")?, field: fields.text("field")? },
        _ => Values::Sql(fields.text("sql")?),
    };
    if fields.value("table").is_some() && !matches!(values, Values::Field { .. }) {
        return Err(flaw(fields.at("table"), FlawKind::Unknown("table".into())));
    }
    Ok(Variable {
        name,
        label: fields.optional_text("label")?.unwrap_or_default(),
        multi: fields.truth("multi")?,
        default: fields.texts("default")?,
        values,
    })
}

fn panel(value: &Value, place: String) -> Read<Panel> {
    let fields = Fields::of(value, place)?;
    fields.only(&["id", "title", "at", "query", "view", "unit", "warn", "bad"])?;
    let id = fields.text("id")?;
    if id.is_empty() || id.len() > 64 {
        return Err(flaw(fields.at("id"), FlawKind::Range("1–64".into())));
    }
    let query = query(fields.required("query")?, fields.at("query"))?;
    let view = View::by_name(&fields.text("view")?).filter(|view| query.views().contains(view));
    let views = || query.views().iter().map(|view| view.name()).collect::<Vec<_>>().join(", ");
    let view = view.ok_or_else(|| flaw(fields.at("view"), FlawKind::OneOf(views())))?;
    Ok(Panel {
        id,
        title: fields.optional_text("title")?.unwrap_or_default(),
        at: at(fields.required("at")?, fields.at("at"))?,
        query,
        view,
        unit: fields.optional_text("unit")?.unwrap_or_default(),
        warn: fields.optional_number("warn")?,
        bad: fields.optional_number("bad")?,
    })
}

fn query(value: &Value, place: String) -> Read<Query> {
    let fields = Fields::of(value, place)?;
    fields.only(&["counts", "by", "lines", "sql"])?;
    let query = match fields.one_of(&["counts", "lines", "sql"], "counts, lines, sql")? {
        "counts" => {
            Query::Counts { search: fields.text("counts")?, by: fields.optional_text("by")?.unwrap_or_default() }
        }
        "lines" => Query::Lines { search: fields.text("lines")? },
        _ => Query::Sql(fields.text("sql")?),
    };
    if fields.value("by").is_some() && !matches!(query, Query::Counts { .. }) {
        return Err(flaw(fields.at("by"), FlawKind::Unknown("by".into())));
    }
    Ok(query)
}

fn at(value: &Value, place: String) -> Read<Place> {
    let fields = Fields::of(value, place)?;
    fields.only(&["x", "y", "w", "h"])?;
    let within = |name: &str, low: u32, high: u32| {
        let number = fields.required(name)?.as_u64().and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| (low..=high).contains(number));
        number.ok_or_else(|| flaw(fields.at(name), FlawKind::Range(format!("{low}–{high}"))))
    };
    let (x, w) = (within("x", 0, COLUMNS - 1)?, within("w", 1, COLUMNS)?);
    Ok(Place { x, y: within("y", 0, ROW_MAX)?, w, h: within("h", 1, 60)? }.clamped())
}

/// The fields of an object, and where it is.
struct Fields<'a> {
    map: &'a Map<String, Value>,
    place: String,
}

impl<'a> Fields<'a> {
    fn of(value: &'a Value, place: String) -> Read<Self> {
        match value.as_object() {
            Some(map) => Ok(Self { map, place }),
            None => Err(flaw(place, FlawKind::Type("object"))),
        }
    }

    fn at(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    fn only(&self, known: &[&str]) -> Read<()> {
        match self.map.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(flaw(self.at(name), FlawKind::Unknown(name.clone()))),
            None => Ok(()),
        }
    }

    /// A field that is there and not null.
    fn value(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    fn required(&self, name: &str) -> Read<&'a Value> {
        self.value(name).ok_or_else(|| flaw(self.at(name), FlawKind::Missing))
    }

    fn optional_text(&self, name: &str) -> Read<Option<String>> {
        let text = |value: &Value| {
            value.as_str().map(str::to_owned).ok_or_else(|| flaw(self.at(name), FlawKind::Type("text")))
        };
        self.value(name).map(text).transpose()
    }

    fn text(&self, name: &str) -> Read<String> {
        self.required(name)?;
        Ok(self.optional_text(name)?.unwrap_or_default())
    }

    fn optional_number(&self, name: &str) -> Read<Option<f64>> {
        let number = |value: &Value| value.as_f64().ok_or_else(|| flaw(self.at(name), FlawKind::Type("number")));
        self.value(name).map(number).transpose()
    }

    fn truth(&self, name: &str) -> Read<bool> {
        let truth = |value: &Value| value.as_bool().ok_or_else(|| flaw(self.at(name), FlawKind::Type("true or false")));
        self.value(name).map_or(Ok(false), truth)
    }

    fn texts(&self, name: &str) -> Read<Vec<String>> {
        self.each(name, 1000, |value, place| {
            value.as_str().map(str::to_owned).ok_or_else(|| flaw(place, FlawKind::Type("text")))
        })
    }

    fn each<T>(&self, name: &str, most: usize, read: impl Fn(&Value, String) -> Read<T>) -> Read<Vec<T>> {
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        let list = value.as_array().ok_or_else(|| flaw(self.at(name), FlawKind::Type("list")))?;
        if list.len() > most {
            return Err(flaw(self.at(name), FlawKind::TooMany(most)));
        }
        let place = |at: usize| format!("{}[{at}]", self.at(name));
        list.iter().enumerate().map(|(at, value)| read(value, place(at))).collect()
    }

    fn one_of(&self, names: &[&'static str], told: &'static str) -> Read<&'static str> {
        let mut there = names.iter().filter(|name| self.value(name).is_some());
        match (there.next(), there.next()) {
            (Some(name), None) => Ok(name),
            _ => Err(flaw(self.place.clone(), FlawKind::OneField(told))),
        }
    }
}
