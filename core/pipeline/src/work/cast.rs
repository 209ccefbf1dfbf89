//! Between what tables store and what operators see.

use super::{WorkError, attributes};
use crate::column::ColumnType;
use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampNanosecondType};
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, StringViewArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, TimeUnit};
use lincei_model::{text_of_f64, timestamp_type};
use std::fmt::Write as _;
use std::sync::Arc;

/// What an array is to an operator; text for types that operators never make.
pub(super) fn type_of(values: &ArrayRef) -> ColumnType {
    match values.data_type() {
        DataType::Int64 => ColumnType::Ints,
        DataType::Float64 => ColumnType::Floats,
        DataType::Boolean => ColumnType::Bools,
        DataType::Map(..) => ColumnType::Attributes,
        _ => ColumnType::Text,
    }
}

/// Text as what it is asked for; text that is no such value is missing.
pub(super) fn from_text(text: StringViewArray, as_type: ColumnType) -> ArrayRef {
    match as_type {
        ColumnType::Text | ColumnType::Attributes => Arc::new(text),
        ColumnType::Ints => Arc::new(text.iter().map(|t| t?.parse().ok()).collect::<Int64Array>()),
        ColumnType::Floats => Arc::new(text.iter().map(|t| t?.parse().ok()).collect::<Float64Array>()),
        ColumnType::Bools => Arc::new(text.iter().map(|t| t?.parse().ok()).collect::<BooleanArray>()),
    }
}

/// A column of a table as what it is asked for.
pub(super) fn from_stored(stored: &ArrayRef, as_type: ColumnType) -> Result<ArrayRef, WorkError> {
    let native: ArrayRef = match stored.data_type() {
        // beyond what an `Int64` holds
        DataType::UInt64 if as_type == ColumnType::Text => return Ok(cast(stored, &DataType::Utf8View)?),
        DataType::UInt64 if as_type == ColumnType::Floats => return Ok(cast(stored, &DataType::Float64)?),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            Arc::new(stored.as_primitive::<TimestampNanosecondType>().reinterpret_cast::<Int64Type>())
        }
        DataType::UInt8 | DataType::UInt32 | DataType::UInt64 | DataType::Int32 => cast(stored, &DataType::Int64)?,
        _ => Arc::clone(stored),
    };
    convert(&native, as_type)
}

/// Between the four flat types; maps stay what they are.
fn convert(values: &ArrayRef, as_type: ColumnType) -> Result<ArrayRef, WorkError> {
    let from = type_of(values);
    if from == as_type || as_type == ColumnType::Attributes {
        return Ok(Arc::clone(values));
    }
    Ok(match (from, as_type) {
        (_, ColumnType::Text) => Arc::new(to_text(values)?),
        (ColumnType::Text, _) => from_text(values.as_string_view().clone(), as_type),
        (ColumnType::Bools, ColumnType::Ints) => cast(values, &DataType::Int64)?,
        (ColumnType::Bools, _) => cast(values, &DataType::Float64)?,
        (ColumnType::Ints, ColumnType::Floats) => cast(values, &DataType::Float64)?,
        // a fraction is no integer, and a number no truth
        (ColumnType::Floats, ColumnType::Ints) => {
            Arc::new(values.as_primitive::<Float64Type>().iter().map(|v| v.and_then(integer)).collect::<Int64Array>())
        }
        _ => Arc::new(BooleanArray::new_null(values.len())),
    })
}

/// A float that is an integer.
pub(crate) fn integer(value: f64) -> Option<i64> {
    let bound = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "it is an integer inside the range")]
    (value.fract() == 0.0 && value >= -bound && value < bound).then_some(value as i64)
}

/// As attributes are stored: numbers in their shortest exact form.
pub(super) fn to_text(values: &ArrayRef) -> Result<StringViewArray, WorkError> {
    let mut builder = StringViewBuilder::with_capacity(values.len());
    let mut scratch = String::new();
    match values.data_type() {
        DataType::Utf8View => return Ok(values.as_string_view().clone()),
        DataType::Int64 => {
            for value in values.as_primitive::<Int64Type>() {
                builder.append_option(value.map(|value| {
                    scratch.clear();
                    let _ = write!(scratch, "{value}");
                    scratch.as_str()
                }));
            }
        }
        DataType::Float64 => {
            for value in values.as_primitive::<Float64Type>() {
                builder.append_option(value.map(|value| {
                    scratch.clear();
                    text_of_f64(&mut scratch, value);
                    scratch.as_str()
                }));
            }
        }
        DataType::Boolean => {
            for value in values.as_boolean() {
                builder.append_option(value.map(|value| if value { "true" } else { "false" }));
            }
        }
        other => return Err(ArrowError::CastError(format!("{other} has no text")).into()),
    }
    Ok(builder.finish())
}

/// What an operator gave as the column's own type; what does not fit is missing.
pub(super) fn to_stored(values: &ArrayRef, stored: &DataType) -> Result<ArrayRef, WorkError> {
    Ok(match stored {
        DataType::Utf8View => Arc::new(to_text(values)?),
        DataType::Map(..) => attributes::checked(values.as_map())?,
        DataType::Timestamp(..) => {
            let ints = convert(values, ColumnType::Ints)?;
            let times = ints.as_primitive::<Int64Type>().reinterpret_cast::<TimestampNanosecondType>();
            Arc::new(times.with_data_type(timestamp_type()))
        }
        DataType::Float64 => convert(values, ColumnType::Floats)?,
        DataType::Boolean => convert(values, ColumnType::Bools)?,
        integers => cast(&convert(values, ColumnType::Ints)?, integers)?,
    })
}
