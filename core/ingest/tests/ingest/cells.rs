//! Rows of a batch as plain values, so that two ways of making them can be compared.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float64Type, Int32Type, Int64Type, TimestampNanosecondType, UInt8Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use std::collections::BTreeMap;

/// One value. Doubles are compared by their bits, all NaNs being one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Double(u64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Cell>),
    Struct(BTreeMap<String, Cell>),
    Map(Vec<(String, Option<String>)>),
}

/// A row by column name.
pub(crate) type Row = BTreeMap<String, Cell>;

impl Cell {
    pub(crate) fn double(value: f64) -> Self {
        Self::Double(if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() })
    }

    pub(crate) fn text(value: &str) -> Self {
        Self::Text(value.to_owned())
    }

    /// Null when empty.
    pub(crate) fn non_empty(value: &str) -> Self {
        if value.is_empty() { Self::Null } else { Self::text(value) }
    }

    pub(crate) fn option<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, cell)
    }
}

/// The rows of a batch.
pub(crate) fn rows(batch: &RecordBatch) -> Vec<Row> {
    let schema = batch.schema();
    (0..batch.num_rows())
        .map(|row| {
            let cells = schema.fields().iter().zip(batch.columns());
            cells.map(|(field, column)| (field.name().clone(), cell(column.as_ref(), row))).collect()
        })
        .collect()
}

fn list(array: &dyn Array) -> Vec<Cell> {
    (0..array.len()).map(|index| cell(array, index)).collect()
}

fn cell(array: &dyn Array, row: usize) -> Cell {
    if array.is_null(row) {
        return Cell::Null;
    }
    match array.data_type() {
        DataType::Boolean => Cell::Bool(array.as_boolean().value(row)),
        DataType::UInt8 => Cell::Unsigned(u64::from(array.as_primitive::<UInt8Type>().value(row))),
        DataType::UInt32 => Cell::Unsigned(u64::from(array.as_primitive::<UInt32Type>().value(row))),
        DataType::UInt64 => Cell::Unsigned(array.as_primitive::<UInt64Type>().value(row)),
        DataType::Int32 => Cell::Int(i64::from(array.as_primitive::<Int32Type>().value(row))),
        DataType::Int64 => Cell::Int(array.as_primitive::<Int64Type>().value(row)),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            Cell::Int(array.as_primitive::<TimestampNanosecondType>().value(row))
        }
        DataType::Float64 => Cell::double(array.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8View => Cell::text(array.as_string_view().value(row)),
        DataType::Binary => Cell::Bytes(array.as_binary::<i32>().value(row).to_vec()),
        DataType::List(_) => Cell::List(list(array.as_list::<i32>().value(row).as_ref())),
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let members = fields.iter().zip(columns).map(|(field, column)| (field.name().clone(), cell(column, row)));
            Cell::Struct(members.collect())
        }
        DataType::Map(_, _) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0).as_string_view(), entries.column(1).as_string_view());
            Cell::Map(
                keys.iter()
                    .zip(values)
                    .map(|(k, v)| (k.unwrap_or_default().to_owned(), v.map(str::to_owned)))
                    .collect(),
            )
        }
        other => Cell::Text(format!("no cell for {other}")),
    }
}
