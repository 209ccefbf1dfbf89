//! How the executor feeds texts: with groups and without. A state is a list of keys, among them
//! ones that occur again.

use super::groups::Groups;
use super::key::Keyed;
use super::keys::{Finder, Keys};
use crate::function::used_rows::used;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Int64Array, ListArray, StringViewArray,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Decimal128Type, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, exec_err};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};
use std::sync::Arc;

/// Arrow's only type of 16 bytes with values of its own; what they are as decimals means nothing.
const KEY_TYPE: DataType = DataType::Decimal128(DECIMAL128_MAX_PRECISION, 0);

/// The items of a state's list.
pub(super) fn key_field() -> FieldRef {
    Arc::new(Field::new_list_field(KEY_TYPE, true))
}

fn texts(values: &[ArrayRef]) -> Result<&StringViewArray> {
    values
        .first()
        .and_then(|values| values.as_string_view_opt())
        .ok_or_else(|| exec_datafusion_err!("different texts of something else"))
}

/// Calls `each` with a row and its state.
fn each_state(values: &[ArrayRef], mut each: impl FnMut(usize, &[i128])) -> Result<()> {
    let damaged = || exec_datafusion_err!("a state of different texts is something else");
    let lists = values.first().and_then(|lists| lists.as_list_opt::<i32>()).ok_or_else(damaged)?;
    let keys = lists.values().as_primitive_opt::<Decimal128Type>().ok_or_else(damaged)?.values();
    for (row, window) in lists.value_offsets().windows(2).enumerate() {
        let [start, end] = window else { continue };
        if lists.is_valid(row) {
            let range = usize::try_from(*start).unwrap_or(0)..usize::try_from(*end).unwrap_or(0);
            each(row, keys.get(range).ok_or_else(damaged)?);
        }
    }
    Ok(())
}

fn states(lengths: impl IntoIterator<Item = usize>, keys: Vec<i128>) -> Result<ListArray> {
    if i32::try_from(keys.len()).is_err() {
        return exec_err!("{} different texts are more than a batch holds", keys.len());
    }
    let keys = Decimal128Array::from(keys).with_data_type(KEY_TYPE);
    Ok(ListArray::try_new(key_field(), OffsetBuffer::from_lengths(lengths), Arc::new(keys), None)?)
}

fn states_of(sets: &[Keys]) -> Result<ListArray> {
    let mut keys = Vec::with_capacity(sets.iter().map(Keys::listed).sum());
    keys.extend(sets.iter().flat_map(Keys::iter).map(|key| key.cast_signed()));
    states(sets.iter().map(Keys::listed), keys)
}

fn count(set: &mut Keys, finder: &mut Finder) -> i64 {
    i64::try_from(set.count(finder)).unwrap_or(i64::MAX)
}

/// Calls `each` with the rows that count, and their keys.
#[inline]
fn each_key(texts: &StringViewArray, used: Option<&NullBuffer>, keyed: Keyed, mut each: impl FnMut(usize, u128)) {
    let views = texts.views().iter().enumerate();
    match used {
        None => views.for_each(|(row, view)| each(row, keyed.key(texts, row, *view))),
        Some(used) => {
            for ((row, view), used) in views.zip(used) {
                if used {
                    each(row, keyed.key(texts, row, *view));
                }
            }
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct CountOfGroups {
    groups: Groups,
}

impl GroupsAccumulator for CountOfGroups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let texts = texts(values)?;
        self.groups.resize(total_num_groups);
        let keyed = self.groups.finder().keyed();
        each_key(texts, used(texts.nulls(), opt_filter).as_ref(), keyed, |row, key| {
            if let Some(group) = group_indices.get(row) {
                self.groups.push(*group, key);
            }
        });
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.groups.resize(total_num_groups);
        each_state(values, |row, keys| {
            if let Some(group) = group_indices.get(row) {
                keys.iter().for_each(|key| self.groups.push(*group, key.cast_unsigned()));
            }
        })
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let mut sets = self.groups.take(emit_to);
        let finder = self.groups.finder();
        Ok(Arc::new(Int64Array::from_iter_values(sets.iter_mut().map(|set| count(set, finder)))))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(states_of(&self.groups.take(emit_to))?)])
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let texts = texts(values)?;
        let (mut keys, mut lengths) = (Vec::with_capacity(texts.len()), vec![0; texts.len()]);
        each_key(texts, used(texts.nulls(), opt_filter).as_ref(), Keyed::default(), |row, key| {
            keys.push(key.cast_signed());
            if let Some(length) = lengths.get_mut(row) {
                *length = 1;
            }
        });
        Ok(vec![Arc::new(states(lengths, keys)?)])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.groups.heap_bytes()
    }
}

/// Without groups.
#[derive(Debug, Default)]
pub(super) struct CountOfAll {
    set: Keys,
    finder: Finder,
}

impl Accumulator for CountOfAll {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let texts = texts(values)?;
        each_key(texts, texts.nulls(), self.finder.keyed(), |_, key| {
            self.set.push(key, &mut self.finder);
        });
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        each_state(states, |_, keys| {
            for key in keys {
                self.set.push(key.cast_unsigned(), &mut self.finder);
            }
        })
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Int64(Some(count(&mut self.set, &mut self.finder))))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::List(Arc::new(states_of(std::slice::from_ref(&self.set))?))])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.set.heap_bytes() + self.finder.heap_bytes()
    }
}
