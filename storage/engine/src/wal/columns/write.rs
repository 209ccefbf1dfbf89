use super::text::{push_bytes, push_texts};
use super::{MIXED, NULL, VALID, map, push_varint, zigzag};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float64Type, Int32Type, Int64Type, TimestampNanosecondType, UInt8Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, ListArray, PrimitiveArray};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{ArrowError, DataType, TimeUnit};

/// Appends `columns`, which have as many values each.
///
/// # Errors
/// A type that no table has.
pub(in crate::wal) fn write(out: &mut Vec<u8>, columns: &[ArrayRef]) -> Result<(), ArrowError> {
    columns.iter().try_for_each(|column| push_column(out, column))
}

fn push_column(out: &mut Vec<u8>, array: &ArrayRef) -> Result<(), ArrowError> {
    if let DataType::Utf8View = array.data_type() {
        push_texts(out, array.as_string_view(), 0..array.len());
        return Ok(());
    }
    match array.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => out.push(VALID),
        Some(nulls) if nulls.null_count() == nulls.len() => {
            out.push(NULL);
            return Ok(());
        }
        Some(nulls) => {
            out.push(MIXED);
            push_bits(out, nulls.inner());
        }
    }
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            push_differences(out, array.as_primitive::<TimestampNanosecondType>());
        }
        DataType::Int64 => push_differences(out, array.as_primitive::<Int64Type>()),
        DataType::UInt8 => push_fixed(out, array.as_primitive::<UInt8Type>(), u8::to_le_bytes),
        DataType::Int32 => push_fixed(out, array.as_primitive::<Int32Type>(), i32::to_le_bytes),
        DataType::UInt32 => push_fixed(out, array.as_primitive::<UInt32Type>(), u32::to_le_bytes),
        DataType::UInt64 => push_fixed(out, array.as_primitive::<UInt64Type>(), u64::to_le_bytes),
        DataType::Float64 => push_fixed(out, array.as_primitive::<Float64Type>(), f64::to_le_bytes),
        DataType::Boolean => push_bits(out, array.as_boolean().values()),
        DataType::Binary => push_bytes(out, array.as_binary::<i32>().iter().flatten()),
        DataType::Struct(_) => write(out, array.as_struct().columns())?,
        DataType::List(_) => push_list(out, array.as_list())?,
        DataType::Map(..) => map::push(out, array.as_map()),
        other => return Err(ArrowError::NotYetImplemented(format!("a log column of type {other}"))),
    }
    Ok(())
}

pub(super) fn push_bits(out: &mut Vec<u8>, bits: &BooleanBuffer) {
    let packed = bits.sliced();
    out.extend(packed.as_slice().iter().take(bits.len().div_ceil(8)));
}

fn push_differences<T: ArrowPrimitiveType<Native = i64>>(out: &mut Vec<u8>, array: &PrimitiveArray<T>) {
    let mut before = 0_i64;
    let mut push = |value: i64| {
        push_varint(out, zigzag(value.wrapping_sub(before)));
        before = value;
    };
    if array.null_count() == 0 {
        array.values().iter().for_each(|value| push(*value));
    } else {
        array.iter().flatten().for_each(push);
    }
}

fn push_fixed<T: ArrowPrimitiveType, const N: usize>(
    out: &mut Vec<u8>,
    array: &PrimitiveArray<T>,
    bytes_of: fn(T::Native) -> [u8; N],
) {
    out.reserve(N * array.len());
    for value in array.values() {
        out.extend(bytes_of(*value));
    }
}

fn push_list(out: &mut Vec<u8>, array: &ListArray) -> Result<(), ArrowError> {
    let offsets = array.value_offsets();
    let bounds = || offsets.iter().zip(offsets.iter().skip(1)).map(|(start, end)| (*start as usize, *end as usize));
    let is_whole = array.null_count() == 0;
    for (row, (start, end)) in bounds().enumerate() {
        push_varint(out, if is_whole || array.is_valid(row) { (end - start) as u64 } else { 0 });
    }
    let items = if is_whole {
        let (first, last) = (offsets.first().copied().unwrap_or(0), offsets.last().copied().unwrap_or(0));
        array.values().slice(first as usize, (last - first) as usize)
    } else {
        let kept: Vec<ArrayRef> = bounds()
            .enumerate()
            .filter(|(row, _)| array.is_valid(*row))
            .map(|(_, (start, end))| array.values().slice(start, end - start))
            .collect();
        let kept: Vec<&dyn Array> = kept.iter().map(AsRef::as_ref).collect();
        arrow_select::concat::concat(&kept)?
    };
    push_column(out, &items)
}
