//! Between Arrow arrays and the flat columns that cross the border.
//!
//! What comes from a guest is checked before it is used: number of rows, offsets, UTF-8, bitmaps.

use crate::v1::columns::{Attributes, Column, Text, Values};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, MapArray, StringArray, StringViewArray, StructArray,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field};
use lincei_model::{attribute_map_type, string_map_entry_fields};
use lincei_pipeline::ColumnType;
use std::sync::Arc;

/// Why a column of a guest is none.
pub(crate) type FlatError = String;

fn position(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Texts one behind the other. A missing one is empty.
fn flat_text(values: &StringViewArray, rows: impl Iterator<Item = usize> + Clone) -> Text {
    let present = |row: usize| if values.is_valid(row) { values.value(row) } else { "" };
    let total = rows.clone().map(|row| present(row).len()).sum();
    let mut offsets = Vec::with_capacity(rows.size_hint().0 + 1);
    let mut bytes = Vec::with_capacity(total);
    offsets.push(0);
    for row in rows {
        bytes.extend_from_slice(present(row).as_bytes());
        offsets.push(position(bytes.len()));
    }
    Text { offsets, bytes }
}

/// Bits from the start, in whole bytes.
pub(crate) fn flat_bits(bits: &BooleanBuffer) -> Vec<u8> {
    let mut bytes = bits.sliced().as_slice().to_vec();
    bytes.truncate(bits.len().div_ceil(8));
    bytes
}

/// A column as it crosses the border. The array is one that [`Work::read`](lincei_pipeline::Work::read)
/// gives.
pub(crate) fn flatten(id: u32, array: &ArrayRef) -> Column {
    let valid = array.nulls().filter(|nulls| nulls.null_count() > 0).map(|nulls| flat_bits(nulls.inner()));
    let values = match array.data_type() {
        DataType::Int64 => Values::Ints(array.as_primitive::<Int64Type>().values().to_vec()),
        DataType::Float64 => Values::Floats(array.as_primitive::<Float64Type>().values().to_vec()),
        DataType::Boolean => Values::Bools(flat_bits(array.as_boolean().values())),
        DataType::Map(..) => Values::Attributes(flat_map(array.as_map())),
        _ => Values::Text(flat_text(array.as_string_view(), 0..array.len())),
    };
    Column { id, valid, values }
}

fn flat_map(map: &MapArray) -> Attributes {
    let offset = |offset: &i32| usize::try_from(*offset).unwrap_or(0);
    let first = map.value_offsets().first().map_or(0, offset);
    let last = map.value_offsets().last().map_or(0, offset);
    Attributes {
        offsets: map.value_offsets().iter().map(|at| position(offset(at) - first)).collect(),
        keys: flat_text(map.keys().as_string_view(), first..last),
        values: flat_text(map.values().as_string_view(), first..last),
    }
}

/// A bitmap of a guest.
pub(crate) fn bits(bytes: Vec<u8>, rows: usize, what: &str) -> Result<BooleanBuffer, FlatError> {
    if bytes.len() != rows.div_ceil(8) {
        return Err(format!("{what} has {} bytes; {rows} rows have {}", bytes.len(), rows.div_ceil(8)));
    }
    Ok(BooleanBuffer::new(Buffer::from_vec(bytes), 0, rows))
}

/// Offsets as Arrow has them, for so many rows and at most so many values.
fn offsets(offsets: &[u32], rows: usize, values: usize, what: &str) -> Result<OffsetBuffer<i32>, FlatError> {
    if offsets.len() != rows + 1 {
        return Err(format!("{what} has {} offsets; {rows} rows have {}", offsets.len(), rows + 1));
    }
    let mut before = 0;
    for offset in offsets {
        if *offset < before {
            return Err(format!("{what} has an offset {offset} behind {before}"));
        }
        before = *offset;
    }
    let last = usize::try_from(before).unwrap_or(usize::MAX);
    if offsets.first() != Some(&0) || last != values {
        return Err(format!("{what} has offsets up to {last} for {values} bytes or entries, starting at 0"));
    }
    let signed = offsets.iter().map(|offset| i32::try_from(*offset)).collect::<Result<Vec<_>, _>>();
    let signed = signed.map_err(|_| format!("{what} has more than 2 GiB"))?;
    Ok(OffsetBuffer::new(ScalarBuffer::from(signed)))
}

fn texts(text: Text, rows: usize, nulls: Option<NullBuffer>, what: &str) -> Result<StringViewArray, FlatError> {
    let offsets = offsets(&text.offsets, rows, text.bytes.len(), what)?;
    let array = StringArray::try_new(offsets, Buffer::from_vec(text.bytes), nulls);
    Ok(StringViewArray::from(&array.map_err(|error| format!("{what} is not UTF-8 between its offsets: {error}"))?))
}

/// A column of a guest as an array of so many rows.
pub(crate) fn unflatten(column: Column, rows: usize, wanted: ColumnType, what: &str) -> Result<ArrayRef, FlatError> {
    let nulls = match column.valid {
        Some(valid) => Some(NullBuffer::new(bits(valid, rows, &format!("validity of {what}"))?)),
        None => None,
    };
    let count = |given: usize| {
        if given == rows { Ok(()) } else { Err(format!("{what} has {given} values for {rows} rows")) }
    };
    Ok(match (column.values, wanted) {
        (Values::Text(text), ColumnType::Text) => Arc::new(texts(text, rows, nulls, what)?),
        (Values::Ints(values), ColumnType::Ints) => {
            count(values.len())?;
            Arc::new(Int64Array::new(ScalarBuffer::from(values), nulls))
        }
        (Values::Floats(values), ColumnType::Floats) => {
            count(values.len())?;
            Arc::new(Float64Array::new(ScalarBuffer::from(values), nulls))
        }
        (Values::Bools(values), ColumnType::Bools) => Arc::new(BooleanArray::new(bits(values, rows, what)?, nulls)),
        (Values::Attributes(map), ColumnType::Attributes) => map_of(map, rows, what)?,
        (values, wanted) => {
            return Err(format!("{what} was declared as {wanted} and is given as {}", name(&values)));
        }
    })
}

const fn name(values: &Values) -> &'static str {
    match values {
        Values::Text(_) => "text",
        Values::Ints(_) => "ints",
        Values::Floats(_) => "floats",
        Values::Bools(_) => "bools",
        Values::Attributes(_) => "attributes",
    }
}

/// Maps are never null: a row without a value has an empty one.
fn map_of(map: Attributes, rows: usize, what: &str) -> Result<ArrayRef, FlatError> {
    let entries = map.keys.offsets.len().saturating_sub(1);
    let offsets = offsets(&map.offsets, rows, entries, what)?;
    let keys = texts(map.keys, entries, None, &format!("keys of {what}"))?;
    let values = texts(map.values, entries, None, &format!("values of {what}"))?;
    let columns: Vec<ArrayRef> = vec![Arc::new(keys), Arc::new(values)];
    let broken = |error: arrow_schema::ArrowError| format!("{what}: {error}");
    let pairs = StructArray::try_new(string_map_entry_fields(), columns, None).map_err(broken)?;
    let field = match attribute_map_type() {
        DataType::Map(field, _) => field,
        other => Arc::new(Field::new("key_value", other, false)),
    };
    Ok(Arc::new(MapArray::try_new(field, offsets, pairs, None, false).map_err(broken)?))
}

#[cfg(test)]
mod tests;
