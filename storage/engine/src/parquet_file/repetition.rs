use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use lincei_model::Table;
use std::collections::HashSet;
use std::hash::Hash;

/// Values from which on a sample says whether they repeat.
const SAMPLE_VALUES_MIN: usize = 500;
/// Integers go into a dictionary when each is in the sample so many times, on average.
const NUMBERS_REPEAT_MIN: usize = 16;

/// Which columns of attributes deserve a dictionary, by the beginning of a file.
#[derive(Debug, Default)]
pub(super) struct Repetition {
    /// Text of which more than half of the values are different.
    pub(super) unrepeated: HashSet<String>,
    /// Integers of few values.
    pub(super) few_numbers: HashSet<String>,
}

impl Repetition {
    /// `sample` holds the columns of `table` and then those of attributes. A column with few values
    /// in it is in neither set.
    pub(super) fn of(table: Table, sample: &RecordBatch) -> Self {
        let own = table.schema().fields().len();
        let mut found = Self::default();
        for (field, column) in sample.schema_ref().fields().iter().zip(sample.columns()).skip(own) {
            let values = column.len() - column.null_count();
            let Some(distinct) = distinct(column).filter(|_| values >= SAMPLE_VALUES_MIN) else { continue };
            if column.as_string_view_opt().is_none() {
                if distinct * NUMBERS_REPEAT_MIN <= values {
                    found.few_numbers.insert(field.name().clone());
                }
            } else if distinct > values / 2 {
                found.unrepeated.insert(field.name().clone());
            }
        }
        found
    }
}

/// Different values of a column of text or integers.
fn distinct(column: &ArrayRef) -> Option<usize> {
    fn count<T: Hash + Eq>(values: impl Iterator<Item = T>) -> usize {
        values.collect::<HashSet<_>>().len()
    }
    let texts = column.as_string_view_opt().map(|texts| count(texts.iter().flatten()));
    texts.or_else(|| Some(count(column.as_primitive_opt::<Int64Type>()?.iter().flatten())))
}
