//! Answers of statements, read by the names of their columns.

use crate::calendar::parse_utc;
use lincei_api::SqlResponse;
use serde_json::Value;
use std::fmt;

/// The answer does not have the shape asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError(pub String);

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no column {}", self.0)
    }
}

/// A column of an answer.
#[derive(Clone, Copy)]
pub(super) struct Field(usize);

/// One row.
pub(super) type Row = [Value];

/// The column of a name.
pub(super) fn field(response: &SqlResponse, name: &str) -> Result<Field, ShapeError> {
    let found = response.columns.iter().position(|column| column.name == name);
    found.map(Field).ok_or_else(|| ShapeError(name.to_owned()))
}

impl Field {
    /// Text; none for null.
    pub(super) fn text(self, row: &Row) -> Option<&str> {
        row.get(self.0)?.as_str()
    }

    /// A count; 0 for null.
    pub(super) fn count(self, row: &Row) -> u64 {
        row.get(self.0).and_then(Value::as_u64).unwrap_or(0)
    }

    /// A finite number; none for null.
    pub(super) fn number(self, row: &Row) -> Option<f64> {
        row.get(self.0)?.as_f64().filter(|number| number.is_finite())
    }

    /// A point in time.
    pub(super) fn time(self, row: &Row) -> Option<i64> {
        parse_utc(self.text(row)?)
    }
}
