//! Attributes: what their text form is, and how the frequent ones become columns of a file.
//!
//! In the tables, `attributes` and `resource` are maps of text to text. In a Parquet file, a key
//! that many rows have is a column of its own, named `<map>.<key>`, of the type that all of its
//! values in that file have; the map holds the rest. Nothing about a value is lost by that: a typed
//! column is chosen only where [`text_of_f64`] and its like give back every text exactly.

use arrow_schema::DataType;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Names of the map columns of every table that has them.
pub const ATTRIBUTE_MAPS: [&str; 2] = ["attributes", "resource"];

/// Integers up to this magnitude are doubles, too, without loss.
pub const DOUBLE_INTEGER_MAX: i64 = 1 << 53;

/// What all values of a key in one file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeType {
    /// Any text.
    Text,
    /// Decimal integers of 64 bits.
    Int,
    /// Finite doubles in their shortest form.
    Double,
    /// `true` and `false`.
    Bool,
}

impl AttributeType {
    /// The Arrow type of such a column.
    #[must_use]
    pub const fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8View,
            Self::Int => DataType::Int64,
            Self::Double => DataType::Float64,
            Self::Bool => DataType::Boolean,
        }
    }
}

/// A key that has, or could have, a column of its own in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(String, String, AttributeType, u64)", into = "(String, String, AttributeType, u64)")]
pub struct AttributeColumn {
    /// `attributes` or `resource`.
    pub map: String,
    /// The key, as sent.
    pub key: String,
    /// Type of the column.
    pub kind: AttributeType,
    /// Rows that have a value.
    pub rows: u64,
}

impl AttributeColumn {
    /// Name of the column in the file.
    #[must_use]
    pub fn name(&self) -> String {
        attribute_column_name(&self.map, &self.key)
    }
}

impl From<(String, String, AttributeType, u64)> for AttributeColumn {
    fn from((map, key, kind, rows): (String, String, AttributeType, u64)) -> Self {
        Self { map, key, kind, rows }
    }
}

impl From<AttributeColumn> for (String, String, AttributeType, u64) {
    fn from(column: AttributeColumn) -> Self {
        (column.map, column.key, column.kind, column.rows)
    }
}

/// Where the attributes of a file's rows are. As JSON
/// `{"columns":[["attributes","http.route","text",81]],"rest":[["attributes","x","int",3]]}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileAttributes {
    /// Keys with a column of their own, which holds the first value of the key in each row.
    pub columns: Vec<AttributeColumn>,
    /// Keys of everything left in the maps, with the type of all their values and the number of
    /// entries; `None` where that is not known or too long a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<Vec<AttributeColumn>>,
}

/// Where in a file a key's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributePlace {
    /// In a column of its own.
    Column(AttributeType),
    /// Perhaps in the map.
    Map,
    /// No row has the key.
    Absent,
}

impl FileAttributes {
    /// Where the values of a key are.
    #[must_use]
    pub fn place(&self, map: &str, key: &str) -> AttributePlace {
        let column = self.columns.iter().find(|column| column.map == map && column.key == key);
        match (column, &self.rest) {
            (Some(column), _) => AttributePlace::Column(column.kind),
            (None, Some(rest)) if !rest.iter().any(|left| left.map == map && left.key == key) => AttributePlace::Absent,
            _ => AttributePlace::Map,
        }
    }

    /// The columns of one map, in the file's order.
    pub fn of_map<'a>(&'a self, map: &'a str) -> impl Iterator<Item = &'a AttributeColumn> {
        self.columns.iter().filter(move |column| column.map == map)
    }
}

/// Name of a key's column.
#[must_use]
pub fn attribute_column_name(map: &str, key: &str) -> String {
    format!("{map}.{key}")
}

/// Map and key of a column's name, `None` for columns that are not of attributes.
#[must_use]
pub fn attribute_of_column(name: &str) -> Option<(&'static str, &str)> {
    ATTRIBUTE_MAPS.into_iter().find_map(|map| Some((map, name.strip_prefix(map)?.strip_prefix('.')?)))
}

/// Appends the shortest decimal that reads back as `value`: plain digits from 1e-6 up to 1e21,
/// with an exponent beyond (the bounds of ECMAScript's `Number::toString`), without `.0` or `e+`.
/// `NaN`, `Infinity` and `-Infinity` for the rest, which are not JSON numbers.
pub fn text_of_f64(out: &mut String, value: f64) {
    let magnitude = value.abs();
    let _ = if value.is_nan() {
        write!(out, "NaN")
    } else if value.is_infinite() {
        write!(out, "{}Infinity", if value < 0.0 { "-" } else { "" })
    } else if magnitude == 0.0 || (1e-6..1e21).contains(&magnitude) {
        write!(out, "{value}")
    } else {
        write!(out, "{value:e}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_can_be_taken_apart() {
        for (map, key) in [("attributes", "http.route"), ("resource", "it's \"x\""), ("attributes", "")] {
            assert_eq!(attribute_of_column(&attribute_column_name(map, key)), Some((map, key)));
        }
        for name in ["attributes", "resource", "body", "attributesx.y", "scope.name"] {
            assert_eq!(attribute_of_column(name), None, "{name}");
        }
    }

    #[test]
    fn a_key_is_in_a_column_in_the_map_or_nowhere() {
        let column = |map: &str, key: &str, kind| AttributeColumn { map: map.into(), key: key.into(), kind, rows: 1 };
        let mut file = FileAttributes { columns: vec![column("attributes", "a", AttributeType::Int)], rest: None };
        assert_eq!(file.place("attributes", "a"), AttributePlace::Column(AttributeType::Int));
        assert_eq!(file.place("resource", "a"), AttributePlace::Map, "an unknown rest may hold anything");
        file.rest = Some(vec![column("resource", "b", AttributeType::Text)]);
        assert_eq!(file.place("resource", "a"), AttributePlace::Absent);
        assert_eq!(file.place("resource", "b"), AttributePlace::Map);
        assert_eq!(FileAttributes::default().place("attributes", "a"), AttributePlace::Map);
    }

    #[test]
    fn persisted_as_short_json() {
        let file = FileAttributes {
            columns: vec![AttributeColumn {
                map: "attributes".into(),
                key: "http.route".into(),
                kind: AttributeType::Text,
                rows: 81,
            }],
            rest: Some(vec![AttributeColumn {
                map: "attributes".into(),
                key: "x".into(),
                kind: AttributeType::Int,
                rows: 3,
            }]),
        };
        let json = r#"{"columns":[["attributes","http.route","text",81]],"rest":[["attributes","x","int",3]]}"#;
        assert_eq!(serde_json::to_string(&file).unwrap(), json);
        assert_eq!(serde_json::from_str::<FileAttributes>(json).unwrap(), file);
    }
}
