//! Which columns an operator uses, and what they hold.

use arrow_schema::{DataType, Field};
use lincei_model::{ATTRIBUTE_MAPS, Table, limits};
use std::fmt;

/// Stands for every column in what an operator says it uses.
pub const ANY_COLUMN: &str = "*";

/// A column of a table, or one key of one of its maps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ColumnPath {
    /// A column by its place in the table's schema.
    Field(usize),
    /// A key of a map by the map's place in the table's schema.
    Key(usize, Box<str>),
}

/// What a column is read and written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// `Utf8View`.
    Text,
    /// `Int64`; points in time as nanoseconds.
    Ints,
    /// `Float64`.
    Floats,
    /// `Boolean`.
    Bools,
    /// A map of text to text.
    Attributes,
}

impl ColumnType {
    /// For messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Ints => "ints",
            Self::Floats => "floats",
            Self::Bools => "bools",
            Self::Attributes => "attributes",
        }
    }
}

/// What an operator does with a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// It sees the values.
    pub read: bool,
    /// It may set them.
    pub write: bool,
}

impl Access {
    /// Only sees.
    pub const READ: Self = Self { read: true, write: false };
    /// Only sets.
    pub const WRITE: Self = Self { read: false, write: true };
    /// Both.
    pub const READ_WRITE: Self = Self { read: true, write: true };
}

/// A column that an operator uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnUse {
    /// As in [`ColumnPath::parse`], or [`ANY_COLUMN`].
    pub path: String,
    /// What it is read and written as.
    pub column_type: ColumnType,
    /// What for.
    pub access: Access,
}

/// Why a column cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnError {
    /// No such column.
    #[error("table {table} has no column {path:?}; a key of a map is written as attributes.key or resource.key")]
    Unknown {
        /// The table.
        table: Table,
        /// What was asked for.
        path: String,
    },
    /// Columns of lists and structures have no flat form.
    #[error("column {path:?} of table {table} cannot be used by operators: it has type {data_type}")]
    Nested {
        /// The table.
        table: Table,
        /// What was asked for.
        path: String,
        /// Its type.
        data_type: String,
    },
    /// The column cannot be read or written as that.
    #[error("column {path:?} of table {table} is {actual}, it cannot be used as {wanted}")]
    Type {
        /// The table.
        table: Table,
        /// What was asked for.
        path: String,
        /// What it is.
        actual: &'static str,
        /// What it was to be.
        wanted: &'static str,
    },
    /// The key of an attribute is empty or too long.
    #[error("the key of {map} has {bytes} bytes; 1 to {} are allowed", limits::ATTRIBUTE_KEY_BYTES_MAX)]
    Key {
        /// The map.
        map: &'static str,
        /// Length of the key.
        bytes: usize,
    },
}

impl ColumnPath {
    /// Reads a path: a column's name, or a map's name, a full stop and a key as it is.
    ///
    /// # Errors
    /// [`ColumnError::Unknown`], [`ColumnError::Nested`], [`ColumnError::Key`].
    pub fn parse(table: Table, path: &str) -> Result<Self, ColumnError> {
        let schema = table.schema();
        for map in ATTRIBUTE_MAPS {
            let Some(key) = path.strip_prefix(map).and_then(|rest| rest.strip_prefix('.')) else { continue };
            let Ok(index) = schema.index_of(map) else { break };
            if key.is_empty() || key.len() > limits::ATTRIBUTE_KEY_BYTES_MAX {
                return Err(ColumnError::Key { map, bytes: key.len() });
            }
            return Ok(Self::Key(index, key.into()));
        }
        let unknown = || ColumnError::Unknown { table, path: path.to_owned() };
        let index = schema.index_of(path).map_err(|_| unknown())?;
        let field = schema.fields().get(index).ok_or_else(unknown)?;
        match native_type(field) {
            Some(_) => Ok(Self::Field(index)),
            None => Err(ColumnError::Nested { table, path: path.to_owned(), data_type: field.data_type().to_string() }),
        }
    }

    /// As it is written.
    #[must_use]
    pub fn text(&self, table: Table) -> String {
        let schema = table.schema();
        let name = |index: usize| schema.fields().get(index).map_or("?", |field| field.name().as_str()).to_owned();
        match self {
            Self::Field(index) => name(*index),
            Self::Key(index, key) => format!("{}.{key}", name(*index)),
        }
    }

    /// Whether it can be read and written as that: maps only as attributes, everything else as
    /// anything but attributes.
    ///
    /// # Errors
    /// [`ColumnError::Type`].
    pub fn check_type(&self, table: Table, wanted: ColumnType) -> Result<(), ColumnError> {
        let actual = self.native_type(table);
        if (actual == ColumnType::Attributes) == (wanted == ColumnType::Attributes) {
            return Ok(());
        }
        let path = self.text(table);
        Err(ColumnError::Type { table, path, actual: actual.name(), wanted: wanted.name() })
    }

    /// What the column holds by itself.
    #[must_use]
    pub fn native_type(&self, table: Table) -> ColumnType {
        match self {
            Self::Key(..) => ColumnType::Text,
            Self::Field(index) => {
                table.schema().fields().get(*index).and_then(|field| native_type(field)).unwrap_or(ColumnType::Text)
            }
        }
    }
}

/// `None` for lists and structures.
fn native_type(field: &Field) -> Option<ColumnType> {
    match field.data_type() {
        DataType::Utf8View => Some(ColumnType::Text),
        DataType::Timestamp(..)
        | DataType::UInt8
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Int32
        | DataType::Int64 => Some(ColumnType::Ints),
        DataType::Float64 => Some(ColumnType::Floats),
        DataType::Boolean => Some(ColumnType::Bools),
        DataType::Map(..) => Some(ColumnType::Attributes),
        _ => None,
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_columns_or_keys_of_maps() {
        for (path, kind) in [
            ("body", ColumnType::Text),
            ("time", ColumnType::Ints),
            ("severity_number", ColumnType::Ints),
            ("attributes", ColumnType::Attributes),
            ("attributes.http.route", ColumnType::Text),
            ("resource.attributes.x", ColumnType::Text),
        ] {
            let parsed = ColumnPath::parse(Table::Logs, path).unwrap();
            assert_eq!(parsed.native_type(Table::Logs), kind, "{path}");
            assert_eq!(parsed.text(Table::Logs), path);
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_by_name() {
        let long = format!("attributes.{}", "k".repeat(limits::ATTRIBUTE_KEY_BYTES_MAX + 1));
        for (table, path, reason) in [
            (Table::Logs, "nonsense", "has no column \"nonsense\""),
            (Table::Logs, "", "has no column"),
            (Table::Logs, "attributes.", "has 0 bytes"),
            (Table::Logs, long.as_str(), "has 4097 bytes"),
            (Table::Spans, "events", "cannot be used by operators"),
            (Table::Rejects, "attributes.x", "has no column"),
        ] {
            let error = ColumnPath::parse(table, path).unwrap_err().to_string();
            assert!(error.contains(reason), "{path}: {error}");
        }
        let map = ColumnPath::parse(Table::Logs, "attributes").unwrap();
        let error = map.check_type(Table::Logs, ColumnType::Text).unwrap_err().to_string();
        assert!(error.contains("is attributes, it cannot be used as text"), "{error}");
        let body = ColumnPath::parse(Table::Logs, "body").unwrap();
        assert!(body.check_type(Table::Logs, ColumnType::Attributes).is_err());
        assert!(body.check_type(Table::Logs, ColumnType::Ints).is_ok());
    }
}
