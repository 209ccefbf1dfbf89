use super::promote::{arrow, map_column};
use crate::EngineError;
use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, MapArray, RecordBatch, StringViewArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, DataType};
use arrow_select::interleave::interleave;
use lincei_model::{ATTRIBUTE_MAPS, FileAttributes, Table, attribute_map_type, text_of_f64};
use std::fmt::Write as _;
use std::sync::Arc;

/// The values of an attribute's column as the text that was sent.
///
/// # Errors
/// For a column of another type than those of [`lincei_model::AttributeType`].
pub fn attribute_text(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let mut text = String::new();
    let mut out = StringViewBuilder::with_capacity(column.len());
    let mut push = |valid: bool, write: &mut dyn FnMut(&mut String)| {
        text.clear();
        write(&mut text);
        if valid {
            out.append_value(&text);
        } else {
            out.append_null();
        }
    };
    match column.data_type() {
        DataType::Utf8View => return Ok(Arc::clone(column)),
        DataType::Utf8 => return Ok(Arc::new(StringViewArray::from(column.as_string::<i32>()))),
        DataType::Int64 => {
            for value in column.as_primitive::<Int64Type>() {
                push(value.is_some(), &mut |out| {
                    let _ = write!(out, "{}", value.unwrap_or_default());
                });
            }
        }
        DataType::Float64 => {
            for value in column.as_primitive::<Float64Type>() {
                push(value.is_some(), &mut |out| text_of_f64(out, value.unwrap_or_default()));
            }
        }
        DataType::Boolean => {
            for value in column.as_boolean() {
                push(value.is_some(), &mut |out| out.push_str(if value == Some(true) { "true" } else { "false" }));
            }
        }
        other => return Err(ArrowError::CastError(format!("an attribute's column of type {other}"))),
    }
    Ok(Arc::new(out.finish()))
}

/// A map with, in each row, the columns' values under their keys, and then the entries of `rest`.
/// Keys and values are text views, whatever kind of text `rest` holds.
///
/// # Errors
/// When `rest` is no map of text to text, or lengths differ.
pub fn rebuild_map(rest: &ArrayRef, keys: &[&str], columns: &[ArrayRef]) -> Result<ArrayRef, ArrowError> {
    let wrong = || ArrowError::CastError(format!("{} is no map of text to text", rest.data_type()));
    let map: &MapArray = rest.as_any().downcast_ref().ok_or_else(wrong)?;
    let columns = columns.iter().map(attribute_text).collect::<Result<Vec<_>, _>>()?;
    let (rest_keys, rest_values) = (attribute_text(map.keys())?, attribute_text(map.values())?);
    let names: ArrayRef = Arc::new(StringViewArray::from_iter_values(keys));
    let mut places: Vec<(usize, usize)> = Vec::with_capacity(map.len() * (columns.len() + 1));
    let mut key_places: Vec<(usize, usize)> = Vec::with_capacity(places.capacity());
    let mut ends = Vec::with_capacity(map.len() + 1);
    ends.push(0_i32);
    for (row, bounds) in map.value_offsets().windows(2).enumerate() {
        for (slot, column) in columns.iter().enumerate() {
            if column.is_valid(row) {
                key_places.push((0, slot));
                places.push((slot + 1, row));
            }
        }
        if let &[start, end] = bounds
            && map.is_valid(row)
        {
            let entries = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
            key_places.extend(entries.clone().map(|entry| (1, entry)));
            places.extend(entries.map(|entry| (0, entry)));
        }
        ends.push(i32::try_from(places.len()).map_err(|_| ArrowError::OffsetOverflowError(places.len()))?);
    }
    let sources: Vec<&dyn Array> = std::iter::once(&rest_values).chain(&columns).map(|a| a.as_ref()).collect();
    let pairs = vec![interleave(&[&names, &rest_keys], &key_places)?, interleave(&sources, &places)?];
    let DataType::Map(field, ordered) = attribute_map_type() else { return Err(wrong()) };
    let DataType::Struct(fields) = field.data_type() else { return Err(wrong()) };
    let pairs = StructArray::try_new(fields.clone(), pairs, None)?;
    let map = MapArray::try_new(Arc::clone(&field), OffsetBuffer::new(ends.into()), pairs, None, ordered)?;
    Ok(Arc::new(map))
}

/// Rows as the table has them, from rows of a file with these columns.
pub(crate) fn narrow(
    table: Table,
    batch: &RecordBatch,
    attributes: &FileAttributes,
) -> Result<RecordBatch, EngineError> {
    let schema = table.schema();
    let mut columns = batch.columns().to_vec();
    columns.truncate(schema.fields().len());
    for map in ATTRIBUTE_MAPS {
        let Ok(index) = schema.index_of(map) else { continue };
        let promoted: Vec<(&str, ArrayRef)> = attributes
            .columns
            .iter()
            .zip(batch.columns().iter().skip(schema.fields().len()))
            .filter(|(column, _)| column.map == map)
            .map(|(column, array)| (column.key.as_str(), Arc::clone(array)))
            .collect();
        if promoted.is_empty() {
            continue;
        }
        let rest: ArrayRef = Arc::new(map_column(table, batch, index)?.clone());
        let (keys, arrays): (Vec<&str>, Vec<ArrayRef>) = promoted.into_iter().unzip();
        if let Some(slot) = columns.get_mut(index) {
            *slot = rebuild_map(&rest, &keys, &arrays).map_err(arrow("put together", table))?;
        }
    }
    RecordBatch::try_new(schema, columns).map_err(arrow("put together", table))
}
