//! Constants, copies and simple changes of text.

use super::{Constant, KernelError, Target};
use crate::column::{ColumnPath, ColumnType};
use crate::work::Work;
use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, StringViewArray, UInt32Array, new_null_array,
};
use arrow_buffer::BooleanBuffer;
use arrow_select::take::take;
use lincei_model::Table;
use lincei_model::limits::RECORD_BYTES_MAX;
use std::sync::Arc;

/// Refuses columns that hold numbers: what is made of their text would be no number.
pub(crate) fn check_text(table: Table, path: &ColumnPath) -> Result<(), KernelError> {
    if path.native_type(table) == ColumnType::Text {
        return Ok(());
    }
    let (path, actual) = (path.text(table), path.native_type(table));
    Err(KernelError::Argument(format!("column {path:?} of table {table} is {actual}, not text")))
}

/// Sets a column to a constant.
///
/// # Errors
/// When the column cannot hold it, or the mask is of another batch.
pub fn put(
    work: &mut Work,
    column: &Target,
    value: &Constant,
    rows: Option<&BooleanBuffer>,
) -> Result<(), KernelError> {
    let one = constant(work.table(), column, value)?;
    // one copy of a text, however many rows
    let places = UInt32Array::from_value(0, work.rows());
    let values = take(&one, &places, None).map_err(crate::WorkError::from)?;
    Ok(work.write_where(&column.path, &values, rows)?)
}

/// A constant as one value that the column can hold.
pub(crate) fn constant(table: Table, column: &Target, value: &Constant) -> Result<ArrayRef, KernelError> {
    if column.path.native_type(table) == ColumnType::Attributes {
        return Err(KernelError::Argument("a map cannot be set to a constant".to_owned()));
    }
    let one: ArrayRef = match value {
        Constant::Text(text) if text.len() > RECORD_BYTES_MAX => {
            let bytes = text.len();
            return Err(KernelError::Argument(format!("a text has {bytes} bytes, at most {RECORD_BYTES_MAX} fit")));
        }
        Constant::Text(text) => Arc::new(StringViewArray::from_iter_values([text])),
        Constant::Int(value) => Arc::new(Int64Array::from_value(*value, 1)),
        Constant::Float(value) => Arc::new(Float64Array::from_value(*value, 1)),
        Constant::Bool(value) => Arc::new(BooleanArray::from(vec![*value])),
    };
    if Work::can_hold(table, &column.path, &one)? {
        return Ok(one);
    }
    let path = column.path.text(table);
    Err(KernelError::Argument(format!("column {path:?} of table {table} cannot hold {value:?}")))
}

/// Copies a column to another.
///
/// # Errors
/// When one is a map and the other is not, or the mask is of another batch.
pub fn copy(work: &mut Work, source: &Target, into: &Target, rows: Option<&BooleanBuffer>) -> Result<(), KernelError> {
    let values = work.read(&source.path, into.path.native_type(work.table()))?;
    Ok(work.write_where(&into.path, &values, rows)?)
}

/// Takes the values of a column away; a column of the table that must have a value keeps it.
///
/// # Errors
/// When the mask is of another batch.
pub fn clear(work: &mut Work, column: &Target, rows: Option<&BooleanBuffer>) -> Result<(), KernelError> {
    let n = work.rows();
    let native = column.path.native_type(work.table());
    let values = match native {
        ColumnType::Attributes => {
            let none = crate::work::start_rows(work.table(), n, 0)?;
            let Some(empty) = none.column_by_name(&column.path.text(work.table())).cloned() else { return Ok(()) };
            empty
        }
        flat => new_null_array(&super::parsed::data_type(flat), n),
    };
    Ok(work.write_where(&column.path, &values, rows)?)
}

/// Rewrites the texts of a column, of the rows for which `change` says so.
pub(super) fn rewrite(
    work: &mut Work,
    column: &Target,
    mut change: impl FnMut(usize, &str, &mut String) -> Result<bool, KernelError>,
) -> Result<BooleanBuffer, KernelError> {
    check_text(work.table(), &column.path)?;
    let values = work.read(&column.path, ColumnType::Text)?;
    let values: &StringViewArray = values.as_string_view();
    let mut builder = StringViewBuilder::with_capacity(values.len());
    let mut scratch = String::new();
    let mut changed = Vec::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        scratch.clear();
        let is_changed = match value {
            Some(value) => change(row, value, &mut scratch)?,
            None => false,
        };
        changed.push(is_changed);
        // what is not changed is not copied
        builder.append_option(is_changed.then_some(scratch.as_str()));
    }
    let changed = BooleanBuffer::from(changed);
    work.write_where(&column.path, &(Arc::new(builder.finish()) as ArrayRef), Some(&changed))?;
    Ok(changed)
}

/// Cuts texts to at most so many bytes, between characters.
///
/// # Errors
/// When the column has no text.
pub fn truncate(work: &mut Work, column: &Target, bytes_max: usize) -> Result<(), KernelError> {
    rewrite(work, column, |_, text, out| {
        if text.len() <= bytes_max {
            return Ok(false);
        }
        let end = (0..=bytes_max).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        out.push_str(text.get(..end).unwrap_or_default());
        Ok(true)
    })
    .map(drop)
}

/// ASCII letters to small ones.
///
/// # Errors
/// When the column has no text.
pub fn lowercase(work: &mut Work, column: &Target) -> Result<(), KernelError> {
    rewrite(work, column, |_, text, out| {
        if !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Ok(false);
        }
        out.push_str(text);
        out.make_ascii_lowercase();
        Ok(true)
    })
    .map(drop)
}
