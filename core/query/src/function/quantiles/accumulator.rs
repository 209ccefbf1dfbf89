//! How the executor feeds numbers: with groups and without.
//!
//! A state is two columns: the keys of a group (`List<Int64>`), and its histogram as bytes
//! (`Binary`, NULL when there is none).

use super::group::{Group, Groups, Kind};
use super::select::Quantiles;
use super::sketch::key;
use crate::function::used_rows::used;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder, BooleanArray, Float64Array, Int64Array, ListArray,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, exec_err};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};
use std::sync::Arc;

/// The items of a state's list.
pub(super) fn key_field() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Int64, true))
}

/// The items of a result.
pub(super) fn item_field() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Float64, true))
}

fn numbers(values: &[ArrayRef]) -> Result<&Float64Array> {
    values
        .first()
        .and_then(|values| values.as_primitive_opt::<Float64Type>())
        .ok_or_else(|| exec_datafusion_err!("quantiles of something else than doubles"))
}

fn states(values: &[ArrayRef]) -> Result<(&ListArray, &BinaryArray)> {
    let [keys, histograms] = values else { return exec_err!("a quantile state has {} columns", values.len()) };
    match (keys.as_list_opt(), histograms.as_binary_opt()) {
        (Some(keys), Some(histograms)) => Ok((keys, histograms)),
        _ => exec_err!("a quantile state of {} and {}", keys.data_type(), histograms.data_type()),
    }
}

/// Calls `each` with a row, its keys and its histogram.
fn each_state(values: &[ArrayRef], mut each: impl FnMut(usize, &[i64], Option<&[u8]>) -> Result<()>) -> Result<()> {
    let (keys, histograms) = states(values)?;
    let items = keys
        .values()
        .as_primitive_opt::<Int64Type>()
        .ok_or_else(|| exec_datafusion_err!("a quantile state of {}", keys.values().data_type()))?;
    for (row, window) in keys.value_offsets().windows(2).enumerate() {
        let [start, end] = window else { continue };
        let range = if keys.is_valid(row) { *start as usize..*end as usize } else { 0..0 };
        let histogram = histograms.is_valid(row).then(|| histograms.value(row));
        each(row, items.values().get(range).unwrap_or_default(), histogram)?;
    }
    Ok(())
}

fn state_arrays(groups: &[Group]) -> Result<(ListArray, BinaryArray)> {
    let mut keys = Vec::with_capacity(groups.iter().map(|group| group.keys.len()).sum());
    let mut histograms = BinaryBuilder::with_capacity(groups.len(), 0);
    let mut bytes = Vec::new();
    for group in groups {
        keys.extend_from_slice(&group.keys);
        match &group.histogram {
            Some(histogram) => {
                bytes.clear();
                histogram.write(&mut bytes);
                histograms.append_value(&bytes);
            }
            None => histograms.append_null(),
        }
    }
    if i32::try_from(keys.len()).is_err() {
        return exec_err!("{} numbers of quantiles are more than a batch holds", keys.len());
    }
    let offsets = OffsetBuffer::from_lengths(groups.iter().map(|group| group.keys.len()));
    let keys = ListArray::try_new(key_field(), offsets, Arc::new(Int64Array::from(keys)), None)?;
    Ok((keys, histograms.finish()))
}

fn results(groups: &mut [Group], quantiles: &Quantiles) -> Result<ListArray> {
    let mut values = Vec::with_capacity(groups.len() * quantiles.len());
    let filled: NullBuffer = groups.iter().map(|group| !group.is_empty()).collect();
    for group in &mut *groups {
        group.evaluate(quantiles, &mut values);
    }
    if i32::try_from(values.len()).is_err() {
        return exec_err!("{} quantiles are more than a batch holds", values.len());
    }
    let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(quantiles.len(), groups.len()));
    Ok(ListArray::try_new(item_field(), offsets, Arc::new(Float64Array::from(values)), Some(filled))?)
}

#[derive(Debug)]
pub(super) struct QuantilesGroups {
    quantiles: Quantiles,
    groups: Groups,
}

impl QuantilesGroups {
    pub(super) const fn new(quantiles: Quantiles, kind: Kind) -> Self {
        Self { quantiles, groups: Groups::new(kind) }
    }
}

impl GroupsAccumulator for QuantilesGroups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let values = numbers(values)?;
        self.groups.resize(total_num_groups);
        let rows = group_indices.iter().zip(values.values());
        match used(values.nulls(), opt_filter) {
            None => rows.for_each(|(group, value)| self.groups.push(*group, key(*value))),
            Some(used) => {
                for ((group, value), used) in rows.zip(used.iter()) {
                    if used {
                        self.groups.push(*group, key(*value));
                    }
                }
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.groups.resize(total_num_groups);
        each_state(values, |row, keys, histogram| match group_indices.get(row) {
            Some(group) => self.groups.merge(*group, keys, histogram),
            None => Ok(()),
        })
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(Arc::new(results(&mut self.groups.take(emit_to), &self.quantiles)?))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (keys, histograms) = state_arrays(&self.groups.take(emit_to))?;
        Ok(vec![Arc::new(keys), Arc::new(histograms)])
    }

    fn convert_to_state(&self, values: &[ArrayRef], opt_filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let values = numbers(values)?;
        let keys = Int64Array::from_iter_values(values.values().iter().map(|value| key(*value)));
        let rows = keys.len();
        let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(1, rows));
        let keys = ListArray::try_new(key_field(), offsets, Arc::new(keys), used(values.nulls(), opt_filter))?;
        Ok(vec![Arc::new(keys), Arc::new(BinaryArray::new_null(rows))])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.groups.heap_bytes()
    }
}

/// Without groups, and for window frames.
#[derive(Debug)]
pub(super) struct QuantilesOfAll {
    quantiles: Quantiles,
    kind: Kind,
    group: Group,
}

impl QuantilesOfAll {
    pub(super) fn new(quantiles: Quantiles, kind: Kind) -> Self {
        Self { quantiles, kind, group: Group::default() }
    }
}

impl Accumulator for QuantilesOfAll {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let values = numbers(values)?;
        match values.nulls() {
            None => values.values().iter().for_each(|value| self.group.push(self.kind, key(*value))),
            Some(_) => values.iter().flatten().for_each(|value| self.group.push(self.kind, key(value))),
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        each_state(states, |_, keys, histogram| {
            self.group.extend(self.kind, keys);
            histogram.map_or(Ok(()), |histogram| self.group.merge(histogram))
        })
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let result = results(std::slice::from_mut(&mut self.group), &self.quantiles)?;
        Ok(ScalarValue::List(Arc::new(result)))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let (keys, histograms) = state_arrays(std::slice::from_ref(&self.group))?;
        Ok(vec![ScalarValue::List(Arc::new(keys)), ScalarValue::try_from_array(&histograms, 0)?])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.group.heap_bytes()
    }
}
