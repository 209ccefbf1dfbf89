use super::keys::{Entries, KeyIds};
use super::kind;
use super::survey::Survey;
use super::wide_schema;
use crate::EngineError;
use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder};
use arrow_array::{Array, ArrayRef, MapArray, RecordBatch, StringViewArray, StructArray, UInt32Array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType};
use arrow_select::take::take;
use lincei_model::{ATTRIBUTE_MAPS, AttributeColumn, AttributeType, FileAttributes, Table};
use std::sync::Arc;

/// No entry.
const NONE: u32 = u32::MAX;
/// The first entry has no value, and it counts.
const NULL: u32 = u32::MAX - 1;

/// Rows with their frequent attributes in columns, all with the schema of `attributes`.
pub(crate) struct Wide {
    /// Which columns were added to the table's; their counts of rows are not exact yet.
    pub(crate) attributes: FileAttributes,
    pub(crate) batches: Vec<RecordBatch>,
}

/// Finds the frequent keys of all rows and gives each a column.
///
/// # Errors
/// When a map is not of text views.
pub(crate) fn promote(table: Table, mut batches: Vec<RecordBatch>) -> Result<Wide, EngineError> {
    let rows = batches.iter().map(|batch| batch.num_rows() as u64).sum();
    let mut attributes = FileAttributes::default();
    let mut promoted: Vec<Vec<ArrayRef>> = vec![Vec::new(); batches.len()];
    for map in ATTRIBUTE_MAPS {
        let Ok(index) = table.schema().index_of(map) else { continue };
        let (mut keys, mut survey) = (KeyIds::default(), Survey::new());
        let mut ids = Vec::with_capacity(batches.len());
        for batch in &batches {
            let column = map_column(table, batch, index)?;
            let entries = entries(table, column)?;
            let of_batch = keys.of_entries(entries.keys, entries.offsets);
            survey.add(&of_batch, entries.offsets, entries.values, &keys);
            ids.push(of_batch);
        }
        let decided = survey.decide(map, &keys, rows);
        let slots = Slots::new(&decided.columns, &keys);
        for ((batch, ids), promoted) in batches.iter_mut().zip(&ids).zip(&mut promoted) {
            let split = split(map_column(table, batch, index)?, ids, &slots, &decided.columns);
            let (rest, columns) = split.map_err(arrow("taken apart", table))?;
            *batch = with_column(batch, index, Arc::new(rest)).map_err(arrow("taken apart", table))?;
            promoted.extend(columns);
        }
        attributes.columns.extend(decided.columns);
    }
    let schema = wide_schema(table, &attributes);
    let batches = batches.into_iter().zip(promoted).map(|(batch, promoted)| {
        let columns = batch.columns().iter().cloned().chain(promoted).collect();
        RecordBatch::try_new(Arc::clone(&schema), columns).map_err(arrow("taken apart", table))
    });
    let batches = batches.collect::<Result<_, _>>()?;
    Ok(Wide { attributes, batches })
}

/// Moves the keys that `columns` names out of a map. The values must be of the columns' types, or
/// they stay where they are.
pub(super) fn extract(
    table: Table,
    map: &MapArray,
    columns: &[AttributeColumn],
) -> Result<(MapArray, Vec<ArrayRef>), EngineError> {
    let entries = entries(table, map)?;
    let mut keys = KeyIds::default();
    let ids = keys.of_entries(entries.keys, entries.offsets);
    split(map, &ids, &Slots::new(columns, &keys), columns).map_err(arrow("taken apart", table))
}

pub(super) fn map_column(table: Table, batch: &RecordBatch, index: usize) -> Result<&MapArray, EngineError> {
    let missing = || EngineError::Rows { table, detail: format!("column {index} is missing") };
    as_map(table, batch.columns().get(index).ok_or_else(missing)?)
}

pub(super) fn as_map(table: Table, column: &ArrayRef) -> Result<&MapArray, EngineError> {
    let wrong = || EngineError::Rows { table, detail: format!("a column of type {} is not a map", column.data_type()) };
    column.as_any().downcast_ref().ok_or_else(wrong)
}

fn entries(table: Table, map: &MapArray) -> Result<Entries<'_>, EngineError> {
    let detail = || format!("a map of type {} is not of text", map.data_type());
    Entries::of(map).ok_or_else(|| EngineError::Rows { table, detail: detail() })
}

pub(super) fn arrow(action: &'static str, table: Table) -> impl Fn(ArrowError) -> EngineError {
    move |source| EngineError::Arrow { table, action, source }
}

fn with_column(batch: &RecordBatch, index: usize, column: ArrayRef) -> Result<RecordBatch, ArrowError> {
    let mut columns = batch.columns().to_vec();
    if let Some(slot) = columns.get_mut(index) {
        *slot = column;
    }
    RecordBatch::try_new(batch.schema(), columns)
}

/// Which column a key goes to, by the key's id.
struct Slots(Vec<Option<u32>>);

impl Slots {
    fn new(columns: &[AttributeColumn], keys: &KeyIds) -> Self {
        let mut slots = vec![None; keys.len()];
        for (slot, column) in (0..).zip(columns) {
            if let Some(place) = keys.id(&column.key).and_then(|id| slots.get_mut(id as usize)) {
                *place = Some(slot);
            }
        }
        Self(slots)
    }

    fn of(&self, id: u32) -> Option<usize> {
        self.0.get(id as usize).copied().flatten().map(|slot| slot as usize)
    }
}

/// The rest of a map, and the columns.
fn split(
    map: &MapArray,
    ids: &[u32],
    slots: &Slots,
    columns: &[AttributeColumn],
) -> Result<(MapArray, Vec<ArrayRef>), ArrowError> {
    let rows = map.len();
    let Some(entries) = Entries::of(map) else { return Err(ArrowError::CastError("not a map of text".into())) };
    let mut first: Vec<Vec<u32>> = columns.iter().map(|_| vec![NONE; rows]).collect();
    let mut rest: Vec<u32> = Vec::new();
    let mut ends: Vec<i32> = Vec::with_capacity(rows + 1);
    ends.push(0);
    // the ids are those of the entries between the first and the last offset
    for (row, bounds) in entries.offsets.windows(2).enumerate() {
        let &[start, end] = bounds else { continue };
        for at in start..end {
            let entry = usize::try_from(at).unwrap_or(0);
            let id = ids.get(entry - base(entries.offsets)).copied().unwrap_or(NONE);
            let place = slots.of(id).and_then(|slot| first.get_mut(slot)?.get_mut(row));
            let number = u32::try_from(entry).unwrap_or(NULL);
            match place.filter(|place| **place == NONE) {
                Some(place) if entries.values.is_valid(entry) => *place = number,
                Some(place) => {
                    *place = NULL;
                    rest.push(number);
                }
                None => rest.push(number),
            }
        }
        ends.push(i32::try_from(rest.len()).map_err(|_| ArrowError::OffsetOverflowError(rest.len()))?);
    }
    let mut arrays = Vec::with_capacity(columns.len());
    for (column, first) in columns.iter().zip(first) {
        arrays.push(typed(entries.values, first, column.kind)?);
    }
    Ok((rest_of(map, rest, ends)?, arrays))
}

fn base(offsets: &[i32]) -> usize {
    offsets.first().map_or(0, |first| usize::try_from(*first).unwrap_or(0))
}

/// The values at `entries`, NULL at [`NONE`] and [`NULL`].
fn typed(values: &StringViewArray, entries: Vec<u32>, kind: AttributeType) -> Result<ArrayRef, ArrowError> {
    let texts = || entries.iter().map(|entry| (*entry < NULL).then(|| values.value(*entry as usize)));
    let not_that = |text: &str| ArrowError::ParseError(format!("{text:?} is no {kind:?}"));
    Ok(match kind {
        AttributeType::Text => {
            let valid: NullBuffer = entries.iter().map(|entry| *entry < NULL).collect();
            let places = entries.into_iter().map(|entry| if entry < NULL { entry } else { 0 }).collect::<Vec<_>>();
            take(values, &UInt32Array::new(places.into(), Some(valid)), None)?
        }
        AttributeType::Int => {
            let mut out = Int64Builder::with_capacity(entries.len());
            for text in texts() {
                out.append_option(text.map(|t| kind::int(t).ok_or_else(|| not_that(t))).transpose()?);
            }
            Arc::new(out.finish())
        }
        AttributeType::Double => {
            let mut out = Float64Builder::with_capacity(entries.len());
            for text in texts() {
                out.append_option(text.map(|t| t.parse().map_err(|_| not_that(t))).transpose()?);
            }
            Arc::new(out.finish())
        }
        AttributeType::Bool => {
            let mut out = BooleanBuilder::with_capacity(entries.len());
            for text in texts() {
                out.append_option(text.map(|t| t == "true"));
            }
            Arc::new(out.finish())
        }
    })
}

/// A map of the same type with some of the entries.
fn rest_of(map: &MapArray, entries: Vec<u32>, ends: Vec<i32>) -> Result<MapArray, ArrowError> {
    let DataType::Map(field, ordered) = map.data_type() else {
        return Err(ArrowError::CastError("not a map".into()));
    };
    let DataType::Struct(fields) = field.data_type() else {
        return Err(ArrowError::CastError("not a map of pairs".into()));
    };
    let entries = UInt32Array::from(entries);
    let pairs = vec![take(map.keys(), &entries, None)?, take(map.values(), &entries, None)?];
    let pairs = StructArray::try_new(fields.clone(), pairs, None)?;
    MapArray::try_new(Arc::clone(field), OffsetBuffer::new(ends.into()), pairs, map.nulls().cloned(), *ordered)
}
