//! Builders of the columns that all tables share.

mod attributes;
mod logs;
mod shared;

pub(crate) use attributes::AttributeColumn;
pub(crate) use logs::{LogColumns, LogRow};
pub(crate) use shared::{ResourceColumn, SharedText};

use arrow_array::builder::TimestampNanosecondBuilder;
use arrow_array::{ArrayRef, ListArray, MapArray, StructArray, TimestampNanosecondArray};
use arrow_buffer::{NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, FieldRef};
use lincei_model::{attribute_map_type, string_map_entry_fields};
use std::sync::Arc;

/// A required time column.
pub(crate) fn times(values: Vec<i64>) -> ArrayRef {
    Arc::new(TimestampNanosecondArray::from(values).with_timezone("UTC"))
}

/// A time column with nulls.
pub(crate) fn optional_times(mut builder: TimestampNanosecondBuilder) -> ArrayRef {
    Arc::new(builder.finish().with_timezone("UTC"))
}

/// Offsets of a list or map column. `ends` begins with 0 and never decreases.
pub(crate) fn offsets(ends: Vec<i32>) -> OffsetBuffer<i32> {
    OffsetBuffer::new(ScalarBuffer::from(ends))
}

/// A map column out of its parts.
pub(crate) fn map(keys: ArrayRef, values: ArrayRef, ends: Vec<i32>) -> Result<ArrayRef, ArrowError> {
    let DataType::Map(entry, sorted) = attribute_map_type() else {
        return Err(ArrowError::SchemaError("the attribute map type is no map".to_owned()));
    };
    let entries = StructArray::try_new(string_map_entry_fields(), vec![keys, values], None)?;
    Ok(Arc::new(MapArray::try_new(entry, offsets(ends), entries, None, sorted)?))
}

/// The items of list column `field`, which are structs of `children`.
pub(crate) fn structs(field: &Field, children: Vec<ArrayRef>) -> Result<ArrayRef, ArrowError> {
    let item = list_item(field)?;
    let DataType::Struct(fields) = item.data_type() else {
        return Err(ArrowError::SchemaError(format!("items of {} are no structs", field.name())));
    };
    Ok(Arc::new(StructArray::try_new(fields.clone(), children, None)?))
}

fn list_item(field: &Field) -> Result<&FieldRef, ArrowError> {
    match field.data_type() {
        DataType::List(item) => Ok(item),
        _ => Err(ArrowError::SchemaError(format!("{} is no list", field.name()))),
    }
}

/// The offsets and nulls of a list column.
pub(crate) struct ListColumn {
    len: usize,
    ends: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl ListColumn {
    pub(crate) fn new() -> Self {
        Self { len: 0, ends: vec![0], nulls: NullBufferBuilder::new(0) }
    }

    /// Adds a row of that many items, or a null.
    pub(crate) fn push(&mut self, items: Option<usize>) -> Result<(), ArrowError> {
        self.len += items.unwrap_or(0);
        self.ends.push(end_offset(self.len)?);
        self.nulls.append(items.is_some());
        Ok(())
    }

    /// Column `field`, whose items are `values`.
    pub(crate) fn finish(mut self, field: &Field, values: ArrayRef) -> Result<ArrayRef, ArrowError> {
        let item = list_item(field)?.clone();
        Ok(Arc::new(ListArray::try_new(item, offsets(self.ends), values, self.nulls.finish())?))
    }
}

/// The position after `count` entries as an Arrow offset.
pub(crate) fn end_offset(count: usize) -> Result<i32, ArrowError> {
    i32::try_from(count).map_err(|_| ArrowError::OffsetOverflowError(count))
}
