//! Masks.

use super::{Comparison, Constant, KernelError, Target};
use crate::column::ColumnType;
use crate::work::Work;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, StringViewArray};
use arrow_buffer::BooleanBuffer;
use memchr::memmem;
use std::cmp::Ordering;
use std::collections::HashSet;
use xxhash_rust::xxh3::xxh3_64;

/// One bit for each row that has a value of which `holds` is true.
fn of_rows(values: &dyn Array, holds: impl Fn(usize) -> bool) -> BooleanBuffer {
    match values.nulls() {
        Some(nulls) => BooleanBuffer::collect_bool(values.len(), |row| nulls.is_valid(row) && holds(row)),
        None => BooleanBuffer::collect_bool(values.len(), holds),
    }
}

fn text_of(work: &mut Work, column: &Target) -> Result<StringViewArray, KernelError> {
    Ok(work.read(&column.path, ColumnType::Text)?.as_string_view().clone())
}

/// Rows whose value compares. A missing value compares with nothing; text and a number compare after
/// reading the text as a number, two integers exactly, and two texts by their bytes.
///
/// # Errors
/// When the column cannot be compared.
pub fn compare(
    work: &mut Work,
    column: &Target,
    comparison: Comparison,
    with: &Constant,
) -> Result<BooleanBuffer, KernelError> {
    let native = column.path.native_type(work.table());
    Ok(match with {
        Constant::Text(with) if matches!(native, ColumnType::Ints | ColumnType::Floats) => {
            let number = with.parse().map(Constant::Int).or_else(|_| with.parse().map(Constant::Float));
            match number {
                Ok(number) => compare(work, column, comparison, &number)?,
                Err(_) => BooleanBuffer::new_unset(work.rows()),
            }
        }
        Constant::Text(with) => {
            let values = text_of(work, column)?;
            of_rows(&values, |row| comparison.holds(values.value(row).as_bytes().cmp(with.as_bytes())))
        }
        Constant::Int(with) if native == ColumnType::Ints => {
            let values = work.read(&column.path, ColumnType::Ints)?;
            let values = values.as_primitive::<Int64Type>();
            of_rows(values, |row| comparison.holds(values.value(row).cmp(with)))
        }
        Constant::Int(with) if native == ColumnType::Text => {
            let values = text_of(work, column)?;
            of_rows(&values, |row| order(values.value(row), *with).is_some_and(|ordering| comparison.holds(ordering)))
        }
        #[expect(clippy::cast_precision_loss, reason = "compared as doubles, as SQL does")]
        Constant::Int(with) => floats(work, column, comparison, *with as f64)?,
        Constant::Float(with) => floats(work, column, comparison, *with)?,
        Constant::Bool(with) => {
            let values = work.read(&column.path, ColumnType::Bools)?;
            let values = values.as_boolean();
            of_rows(values, |row| comparison.holds(values.value(row).cmp(with)))
        }
    })
}

/// How the number that a text is compares with another.
#[expect(clippy::cast_precision_loss, reason = "compared as doubles, as SQL does")]
fn order(text: &str, with: i64) -> Option<Ordering> {
    match text.parse::<i64>() {
        Ok(value) => Some(value.cmp(&with)),
        Err(_) => text.parse::<f64>().ok()?.partial_cmp(&(with as f64)),
    }
}

fn floats(work: &mut Work, column: &Target, comparison: Comparison, with: f64) -> Result<BooleanBuffer, KernelError> {
    let values = work.read(&column.path, ColumnType::Floats)?;
    let values = values.as_primitive::<Float64Type>();
    let holds = |ordering: Option<Ordering>| ordering.is_some_and(|ordering| comparison.holds(ordering));
    Ok(of_rows(values, |row| holds(values.value(row).partial_cmp(&with))))
}

/// Rows whose text is one of these.
///
/// # Errors
/// When the column has no text.
pub fn one_of(work: &mut Work, column: &Target, among: &[String]) -> Result<BooleanBuffer, KernelError> {
    let values = text_of(work, column)?;
    let among: HashSet<&str> = among.iter().map(String::as_str).collect();
    Ok(of_rows(&values, |row| among.contains(values.value(row))))
}

/// Rows whose text contains this.
///
/// # Errors
/// When the column has no text.
pub fn contains(work: &mut Work, column: &Target, text: &str, ignore_case: bool) -> Result<BooleanBuffer, KernelError> {
    let values = text_of(work, column)?;
    if ignore_case {
        let pattern = regex::RegexBuilder::new(&regex::escape(text)).case_insensitive(true).build();
        let pattern = pattern.map_err(|error| KernelError::Argument(format!("text is too long: {error}")))?;
        return Ok(of_rows(&values, |row| pattern.is_match(values.value(row))));
    }
    let finder = memmem::Finder::new(text.as_bytes());
    Ok(of_rows(&values, |row| finder.find(values.value(row).as_bytes()).is_some()))
}

/// Rows whose text begins with this.
///
/// # Errors
/// When the column has no text.
pub fn starts_with(work: &mut Work, column: &Target, text: &str) -> Result<BooleanBuffer, KernelError> {
    let values = text_of(work, column)?;
    Ok(of_rows(&values, |row| values.value(row).starts_with(text)))
}

/// Rows whose text ends with this.
///
/// # Errors
/// When the column has no text.
pub fn ends_with(work: &mut Work, column: &Target, text: &str) -> Result<BooleanBuffer, KernelError> {
    let values = text_of(work, column)?;
    Ok(of_rows(&values, |row| values.value(row).ends_with(text)))
}

/// Rows that have a value.
///
/// # Errors
/// When the column cannot be read.
pub fn present(work: &mut Work, column: &Target) -> Result<BooleanBuffer, KernelError> {
    let values: ArrayRef = work.read(&column.path, column.column_type)?;
    Ok(of_rows(&values, |_| true))
}

/// `ratio` of the rows, 0 to 1, chosen by XXH3-64 of the text of `by`, so that rows with one text are all
/// in or all out; without `by` by the row's number in the batch.
///
/// # Errors
/// When `ratio` is not between 0 and 1, or the column has no text.
pub fn sample(work: &mut Work, by: Option<&Target>, ratio: f64) -> Result<BooleanBuffer, KernelError> {
    if !(0.0..=1.0).contains(&ratio) {
        return Err(KernelError::Argument(format!("ratio {ratio} is not between 0 and 1")));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2^53")]
    let bound = (ratio * 9_007_199_254_740_992.0) as u64;
    let is_in = |bytes: &[u8]| xxh3_64(bytes) >> 11 < bound;
    Ok(match by {
        Some(by) => {
            let values = text_of(work, by)?;
            BooleanBuffer::collect_bool(values.len(), |row| {
                is_in(if values.is_valid(row) { values.value(row).as_bytes() } else { b"" })
            })
        }
        None => BooleanBuffer::collect_bool(work.rows(), |row| is_in(&row.to_le_bytes())),
    })
}
