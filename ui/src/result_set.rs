//! The answer to a statement as a table: what its columns hold, how values read, how wide columns
//! are, and the rows in the order of a column.

use crate::calendar::{parse_utc, to_full};
use lincei_api::Column;
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// Rows that widths are measured on, spread over the answer.
const MEASURED_ROWS: usize = 400;
/// Characters of a column, at least and at most.
const WIDTH_MIN: usize = 6;
const WIDTH_MAX: usize = 64;
/// Characters of a value that a cell shows.
const CELL_MAX: usize = 300;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Points in time, or days.
    Time,
    /// Numbers.
    Number,
    /// True or false.
    Bool,
    /// Texts, and what has no other place.
    Text,
    /// Maps, lists and structs.
    Structure,
}

impl ValueKind {
    /// Of an Arrow type in DataFusion's spelling.
    #[must_use]
    pub fn of(data_type: &str) -> Self {
        let inner =
            data_type.strip_prefix("Dictionary(").and_then(|rest| rest.split_once(", ")).map(|(_, value)| value);
        let name = inner.unwrap_or(data_type);
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
        if starts(&["Timestamp", "Date32", "Date64"]) {
            Self::Time
        } else if starts(&["Int8", "Int16", "Int32", "Int64", "UInt", "Float", "Decimal"]) {
            Self::Number
        } else if starts(&["Boolean"]) {
            Self::Bool
        } else if starts(&["Map", "List", "LargeList", "FixedSizeList", "Struct"]) {
            Self::Structure
        } else {
            Self::Text
        }
    }
}

/// The short name of an Arrow type: `text`, `timestamp`, `int64`, `map`.
#[must_use]
pub fn type_name(data_type: &str) -> String {
    let inner = data_type.strip_prefix("Dictionary(").and_then(|rest| rest.split_once(", ")).map(|(_, value)| value);
    let whole = inner.unwrap_or(data_type).trim_end_matches(')');
    let name = whole.split(['(', '<', ' ']).next().unwrap_or(whole);
    match name {
        "Utf8" | "Utf8View" | "LargeUtf8" => "text".to_owned(),
        "Binary" | "BinaryView" | "LargeBinary" | "FixedSizeBinary" => "bytes".to_owned(),
        "Boolean" => "bool".to_owned(),
        "Float64" => "double".to_owned(),
        "Float32" | "Float16" => "float".to_owned(),
        "Date32" | "Date64" => "date".to_owned(),
        "List" | "LargeList" | "FixedSizeList" => "list".to_owned(),
        "Decimal32" | "Decimal64" | "Decimal128" | "Decimal256" => "decimal".to_owned(),
        other => other.to_lowercase(),
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultColumn {
    /// Name as in the statement.
    pub name: String,
    /// Arrow type in DataFusion's spelling.
    pub data_type: String,
    /// What it holds.
    pub kind: ValueKind,
    /// Width in characters of the data face.
    pub width: usize,
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Place of the column.
    pub column: usize,
    /// Greatest first.
    pub descending: bool,
}

impl Sort {
    /// What a press on the head of `column` makes of it: ascending, descending, as answered.
    #[must_use]
    pub fn pressed(sort: Option<Self>, column: usize) -> Option<Self> {
        match sort {
            Some(sort) if sort.column == column && sort.descending => None,
            Some(sort) if sort.column == column => Some(Self { column, descending: true }),
            _ => Some(Self { column, descending: false }),
        }
    }
}

/// The offset of the zone shown at a point in time, in minutes east of UTC.
pub type OffsetAt<'a> = &'a dyn Fn(i64) -> i32;

/// The answer to a statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResultSet {
    /// Columns, in order.
    pub columns: Vec<ResultColumn>,
    /// Rows; as many values as columns.
    pub rows: Vec<Vec<Value>>,
}

impl ResultSet {
    /// Measures an answer.
    #[must_use]
    pub fn new(columns: Vec<Column>, rows: Vec<Vec<Value>>) -> Self {
        let step = rows.len().div_ceil(MEASURED_ROWS).max(1);
        let measure = |place: usize, column: Column| {
            let kind = ValueKind::of(&column.data_type);
            let sample = rows.iter().step_by(step).filter_map(|row| row.get(place));
            let widest = sample.map(|value| text_width(&cell_text(value, kind, &|_| 0))).max().unwrap_or(0);
            // Beside the name stand the type and the mark of the order.
            let head = text_width(&column.name) + text_width(&type_name(&column.data_type)) + 3;
            let width = widest.max(head).clamp(WIDTH_MIN, WIDTH_MAX);
            ResultColumn { name: column.name, data_type: column.data_type, kind, width }
        };
        let columns = columns.into_iter().enumerate().map(|(place, column)| measure(place, column)).collect();
        Self { columns, rows }
    }

    /// A value; none beyond the edges.
    #[must_use]
    pub fn value(&self, row: usize, column: usize) -> Option<&Value> {
        self.rows.get(row)?.get(column)
    }

    /// A value as a cell shows it; none for NULL.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize, offset_at: OffsetAt<'_>) -> Option<String> {
        let value = self.value(row, column).filter(|value| !value.is_null())?;
        Some(cell_text(value, self.columns.get(column)?.kind, offset_at))
    }

    /// A value as it is copied: whole, times in UTC, NULL as nothing.
    #[must_use]
    pub fn copied(&self, row: usize, column: usize) -> String {
        self.value(row, column).map(plain).unwrap_or_default()
    }

    /// A row as one indented JSON object. Of columns with one name the last counts.
    #[must_use]
    pub fn row_json(&self, row: usize) -> String {
        let values = self.rows.get(row).map(Vec::as_slice).unwrap_or_default();
        let pairs = self.columns.iter().zip(values).map(|(column, value)| (column.name.clone(), value.clone()));
        serde_json::to_string_pretty(&Value::Object(pairs.collect::<Map<_, _>>())).unwrap_or_default()
    }

    /// The numbers of rows in the order of a column, or as answered. NULLs are last either way, and
    /// equal values keep their order.
    #[must_use]
    pub fn order(&self, sort: Option<Sort>) -> Vec<u32> {
        let mut order: Vec<u32> = (0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX)).collect();
        let Some((sort, column)) = sort.and_then(|sort| Some((sort, self.columns.get(sort.column)?))) else {
            return order;
        };
        let keys: Vec<Key<'_>> = self
            .rows
            .iter()
            .map(|row| row.get(sort.column).map_or(Key::Null, |value| key(value, column.kind)))
            .collect();
        let key_of = |row: &u32| keys.get(*row as usize).unwrap_or(&Key::Null);
        order.sort_by(|a, b| compare(key_of(a), key_of(b), sort.descending));
        order
    }

    /// A value as a number.
    #[must_use]
    pub fn number(&self, row: usize, column: usize) -> Option<f64> {
        number(self.value(row, column)?)
    }

    /// A value as a point in time, in nanoseconds since the epoch.
    #[must_use]
    pub fn time_ns(&self, row: usize, column: usize) -> Option<i64> {
        parse_utc(self.value(row, column)?.as_str()?)
    }
}

/// A number, also where it is text because JSON cannot hold it.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

enum Key<'a> {
    Null,
    Number(f64),
    Time(i64),
    Text(&'a str),
    Written(String),
}

fn key(value: &Value, kind: ValueKind) -> Key<'_> {
    let special = match kind {
        _ if value.is_null() => Some(Key::Null),
        ValueKind::Number => number(value).map(Key::Number),
        ValueKind::Time => value.as_str().and_then(parse_utc).map(Key::Time),
        ValueKind::Bool => value.as_bool().map(|value| Key::Number(f64::from(u8::from(value)))),
        ValueKind::Text | ValueKind::Structure => None,
    };
    special.unwrap_or_else(|| match value {
        Value::String(text) => Key::Text(text),
        other => Key::Written(other.to_string()),
    })
}

fn compare(a: &Key<'_>, b: &Key<'_>, descending: bool) -> Ordering {
    let text = |key: &Key<'_>| match key {
        Key::Text(text) => Some((*text).to_owned()),
        Key::Written(text) => Some(text.clone()),
        _ => None,
    };
    let order = match (a, b) {
        (Key::Null, Key::Null) => return Ordering::Equal,
        (Key::Null, _) => return Ordering::Greater,
        (_, Key::Null) => return Ordering::Less,
        (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
        (Key::Time(a), Key::Time(b)) => a.cmp(b),
        (Key::Text(a), Key::Text(b)) => a.cmp(b),
        (a, b) => text(a).cmp(&text(b)),
    };
    if descending { order.reverse() } else { order }
}

/// A value whole and on as many lines as it has: texts as they are, the rest as JSON.
#[must_use]
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A value for reading at leisure: structures indented.
#[must_use]
pub fn readable(value: &Value) -> String {
    match value {
        Value::Object(_) | Value::Array(_) => serde_json::to_string_pretty(value).unwrap_or_default(),
        other => plain(other),
    }
}

/// A value on one line: times in the zone shown, long ones cut.
fn cell_text(value: &Value, kind: ValueKind, offset_at: OffsetAt<'_>) -> String {
    if kind == ValueKind::Time {
        // Only what carries a zone is a point in time; a day or a clock reading stays as it is.
        let point = value.as_str().filter(|text| text.ends_with('Z')).and_then(parse_utc);
        if let Some(ns) = point {
            return to_full(ns, offset_at(ns));
        }
    }
    let whole = match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => text.chars().take(CELL_MAX + 1).collect(),
        other => other.to_string(),
    };
    let mut line: String = whole.chars().take(CELL_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if whole.chars().nth(CELL_MAX).is_some() {
        line.push('…');
    }
    line
}

/// Characters of the data face that a text takes: East Asian letters take two.
fn text_width(text: &str) -> usize {
    text.chars().map(|c| if matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{ffdc}') { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests;
