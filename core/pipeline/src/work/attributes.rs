//! Maps of text to text: finding a key, and putting keys in.

use super::{SetKey, WorkError};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, MapArray, StringViewArray, StructArray, UInt32Array};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType};
use arrow_select::interleave::interleave;
use arrow_select::take::take;
use std::sync::Arc;

/// Texts of at most so many bytes lie in their view.
const INLINE_BYTES_MAX: usize = 12;

/// Compares entries with one key, most of them by the 16 bytes of their view alone.
struct Needle<'k> {
    key: &'k str,
    /// Length and the first bytes, as a view has them.
    view: u128,
}

impl<'k> Needle<'k> {
    fn new(key: &'k str) -> Self {
        let mut bytes = [0u8; 16];
        let length = u32::try_from(key.len()).unwrap_or(u32::MAX).to_le_bytes();
        let shown = if key.len() <= INLINE_BYTES_MAX { key.len() } else { 4 };
        for (to, from) in bytes.iter_mut().zip(length.iter().chain(key.as_bytes().iter().take(shown))) {
            *to = *from;
        }
        Self { key, view: u128::from_le_bytes(bytes) }
    }

    fn is(&self, keys: &StringViewArray, view: u128, index: usize) -> bool {
        if self.key.len() <= INLINE_BYTES_MAX {
            return view == self.view;
        }
        // length and prefix are the lower half
        view as u64 == self.view as u64 && keys.value(index) == self.key
    }
}

/// First and end of each row's entries.
fn ranges(map: &MapArray) -> impl Iterator<Item = (usize, usize)> {
    let offset = |offset: &i32| usize::try_from(*offset).unwrap_or(0);
    let offsets = map.value_offsets();
    offsets.iter().zip(offsets.iter().skip(1)).map(move |(start, end)| (offset(start), offset(end)))
}

/// The values of a key: of entries with one key the first.
pub(super) fn lookup(map: &MapArray, key: &str) -> Result<StringViewArray, ArrowError> {
    let keys: &StringViewArray = map.keys().as_string_view();
    let needle = Needle::new(key);
    let views = keys.views();
    let find = |(start, end): (usize, usize)| {
        let entries = views.get(start..end)?;
        let at = entries.iter().enumerate().position(|(at, view)| needle.is(keys, *view, start + at))?;
        u32::try_from(start + at).ok()
    };
    let indices: UInt32Array = ranges(map).map(find).collect();
    let values = take(map.values().as_ref(), &indices, None)?;
    Ok(values.as_string_view().clone())
}

/// The map with these keys: a row that has a value gets it behind its other entries, one that has none
/// loses its entry.
pub(super) fn merge(map: &MapArray, set: &[SetKey]) -> Result<MapArray, WorkError> {
    let keys: &StringViewArray = map.keys().as_string_view();
    let needles: Vec<Needle<'_>> = set.iter().map(|set| Needle::new(&set.key)).collect();
    let is_set = |view: u128, at: usize| needles.iter().any(|needle| needle.is(keys, view, at));
    let offset = |offset: Option<&i32>| offset.and_then(|offset| usize::try_from(*offset).ok()).unwrap_or(0);
    let entries = offset(map.value_offsets().last()) - offset(map.value_offsets().first());
    let room = entries + map.len() * set.len();
    let (mut key_places, mut value_places) = (Vec::with_capacity(room), Vec::with_capacity(room));
    let mut offsets: Vec<i32> = Vec::with_capacity(map.len() + 1);
    offsets.push(0);
    for (row, (start, end)) in ranges(map).enumerate() {
        let entries = keys.views().get(start..end).unwrap_or_default();
        for (at, view) in (start..end).zip(entries) {
            if !is_set(*view, at) {
                key_places.push((0, at));
                value_places.push((0, at));
            }
        }
        for (at, set) in set.iter().enumerate() {
            if set.values.is_valid(row) {
                key_places.push((1, at));
                value_places.push((at + 1, row));
            }
        }
        offsets.push(i32::try_from(key_places.len()).map_err(|_| ArrowError::OffsetOverflowError(key_places.len()))?);
    }
    let new_keys = StringViewArray::from_iter_values(set.iter().map(|set| set.key.as_ref()));
    let key_arrays: [&dyn Array; 2] = [keys, &new_keys];
    let value_arrays: Vec<&dyn Array> =
        std::iter::once(map.values().as_ref()).chain(set.iter().map(|set| &set.values as &dyn Array)).collect();
    let merged_keys = interleave(&key_arrays, &key_places)?;
    let merged_values = interleave(&value_arrays, &value_places)?;
    build(map.data_type(), offsets, merged_keys, merged_values)
}

/// A map of the given type.
pub(super) fn build(
    data_type: &DataType,
    offsets: Vec<i32>,
    keys: ArrayRef,
    values: ArrayRef,
) -> Result<MapArray, WorkError> {
    let DataType::Map(entries, sorted) = data_type else {
        return Err(ArrowError::SchemaError(format!("{data_type} is no map")).into());
    };
    let DataType::Struct(fields) = entries.data_type() else {
        return Err(ArrowError::SchemaError(format!("{data_type} has no entries")).into());
    };
    let pairs = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    Ok(MapArray::try_new(Arc::clone(entries), offsets, pairs, None, *sorted)?)
}

/// A map as large as it was given, of the model's type, if its keys keep the rules.
pub(super) fn checked(map: &MapArray) -> Result<ArrayRef, WorkError> {
    let keys: &StringViewArray = map.keys().as_string_view();
    let allowed = 1..=lincei_model::limits::ATTRIBUTE_KEY_BYTES_MAX;
    let length = |view: &u128| usize::try_from(*view as u32).unwrap_or(usize::MAX);
    if let Some(bytes) = keys.views().iter().map(length).find(|bytes| !allowed.contains(bytes)) {
        return Err(WorkError::Key { bytes });
    }
    Ok(Arc::new(map.clone()))
}
