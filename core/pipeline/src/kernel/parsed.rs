//! Columns made from what a parser found in each row.

use super::{Extraction, KernelError};
use crate::column::ColumnType;
use crate::work::{Work, integer};
use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringViewBuilder};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use std::borrow::Cow;
use std::sync::Arc;

/// What was found in a row for one target.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Found<'a> {
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    /// A number of JSON as it is written.
    Number(&'a str),
    Bool(bool),
}

pub(super) fn data_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Text | ColumnType::Attributes => DataType::Utf8View,
        ColumnType::Ints => DataType::Int64,
        ColumnType::Floats => DataType::Float64,
        ColumnType::Bools => DataType::Boolean,
    }
}

enum Values {
    Text(StringViewBuilder),
    Ints(Int64Builder),
    Floats(Float64Builder),
    Bools(BooleanBuilder),
}

/// One column in the making.
pub(super) struct Column {
    values: Values,
    /// Rows in which something was found.
    found: usize,
}

impl Column {
    fn new(column_type: ColumnType, rows: usize) -> Self {
        let values = match column_type {
            ColumnType::Text | ColumnType::Attributes => Values::Text(StringViewBuilder::with_capacity(rows)),
            ColumnType::Ints => Values::Ints(Int64Builder::with_capacity(rows)),
            ColumnType::Floats => Values::Floats(Float64Builder::with_capacity(rows)),
            ColumnType::Bools => Values::Bools(BooleanBuilder::with_capacity(rows)),
        };
        Self { values, found: 0 }
    }

    pub(super) fn push(&mut self, found: &Found<'_>) {
        let was_there = match &mut self.values {
            Values::Text(builder) => {
                let text = text(found);
                builder.append_option(text);
                text.is_some()
            }
            Values::Ints(builder) => append(builder, int(found), Int64Builder::append_option),
            Values::Floats(builder) => append(builder, float(found), Float64Builder::append_option),
            Values::Bools(builder) => append(builder, truth(found), BooleanBuilder::append_option),
        };
        self.found += usize::from(was_there);
    }

    fn finish(self) -> ArrayRef {
        match self.values {
            Values::Text(mut builder) => Arc::new(builder.finish()),
            Values::Ints(mut builder) => Arc::new(builder.finish()),
            Values::Floats(mut builder) => Arc::new(builder.finish()),
            Values::Bools(mut builder) => Arc::new(builder.finish()),
        }
    }
}

fn append<B, V: Copy>(builder: &mut B, value: Option<V>, push: fn(&mut B, Option<V>)) -> bool {
    push(builder, value);
    value.is_some()
}

fn text<'f>(found: &'f Found<'_>) -> Option<&'f str> {
    Some(match found {
        Found::Nothing => return None,
        Found::Text(text) => text,
        Found::Number(digits) => digits,
        Found::Bool(value) => {
            if *value {
                "true"
            } else {
                "false"
            }
        }
    })
}

fn int(found: &Found<'_>) -> Option<i64> {
    match found {
        Found::Text(text) => text.parse().ok(),
        Found::Number(digits) => match digits.parse() {
            Ok(value) => Some(value),
            // an integer with a fraction or an exponent, as 5.0 or 1e3
            Err(_) if digits.contains(['.', 'e', 'E']) => integer(digits.parse().ok()?),
            Err(_) => None,
        },
        Found::Nothing | Found::Bool(_) => None,
    }
}

fn float(found: &Found<'_>) -> Option<f64> {
    match found {
        Found::Text(text) => text.parse().ok(),
        // one beyond all doubles is missing and not infinite
        Found::Number(digits) => digits.parse().ok().filter(|value: &f64| value.is_finite()),
        Found::Nothing | Found::Bool(_) => None,
    }
}

fn truth(found: &Found<'_>) -> Option<bool> {
    match found {
        Found::Text(text) => text.parse().ok(),
        Found::Bool(value) => Some(*value),
        _ => None,
    }
}

/// Columns for all targets of an extraction.
///
/// # Errors
/// For targets that cannot be set from a text, before anything is changed.
pub(super) fn columns(work: &Work, fields: &[Extraction<'_>]) -> Result<Vec<Column>, KernelError> {
    let column = |field: &Extraction<'_>| {
        let target = field.into;
        let flat = if target.column_type == ColumnType::Attributes { ColumnType::Text } else { target.column_type };
        target.path.check_type(work.table(), flat).map_err(crate::WorkError::from)?;
        Ok(Column::new(flat, work.rows()))
    };
    fields.iter().map(column).collect()
}

/// Sets the columns; where nothing was found a row keeps what it had.
pub(super) fn store(work: &mut Work, fields: &[Extraction<'_>], columns: Vec<Column>) -> Result<(), KernelError> {
    for (field, column) in fields.iter().zip(columns) {
        if column.found == 0 {
            continue;
        }
        let values = column.finish();
        let found = values.nulls().map(|nulls| nulls.inner().clone());
        work.write_where(&field.into.path, &values, found.as_ref())?;
    }
    Ok(())
}
