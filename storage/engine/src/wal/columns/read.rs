use super::{EACH, FEW, FREE, FrameError, MIXED, NULL, PLAIN, RUNS, SHAPED, VALID, from_zigzag, malformed};
use crate::wal::frame::Cursor;
use arrow_array::builder::StringViewBuilder;
use arrow_array::types::{
    ArrowPrimitiveType, Float64Type, Int32Type, Int64Type, TimestampNanosecondType, UInt8Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, ListArray, MapArray, PrimitiveArray, RecordBatch, RecordBatchOptions,
    StructArray, UInt32Array, new_null_array,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, FieldRef, Fields, SchemaRef, TimeUnit};
use arrow_select::take::take;
use std::iter::repeat_n;
use std::sync::Arc;

/// Rows of one batch: more than any append that fits into a frame can have.
const ROWS_MAX: usize = 1 << 27;

/// Reads `rows` rows of `schema`, and nothing may follow them.
///
/// # Errors
/// [`FrameError::Short`] and [`FrameError::Malformed`].
pub(in crate::wal) fn read(bytes: &[u8], schema: &SchemaRef, rows: usize) -> Result<RecordBatch, FrameError> {
    if rows > ROWS_MAX {
        return Err(malformed(format_args!("{rows} rows (limit {ROWS_MAX})")));
    }
    let mut cursor = Cursor { rest: bytes };
    let columns = columns(&mut cursor, schema.fields(), rows)?;
    if !cursor.rest.is_empty() {
        return Err(malformed(format_args!("{} bytes follow the last column", cursor.rest.len())));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(malformed)
}

fn columns(cursor: &mut Cursor<'_>, fields: &Fields, len: usize) -> Result<Vec<ArrayRef>, FrameError> {
    fields.iter().map(|field| column(cursor, field, len)).collect()
}

fn column(cursor: &mut Cursor<'_>, field: &Field, len: usize) -> Result<ArrayRef, FrameError> {
    let data_type = field.data_type();
    let nulls = match nulls(cursor, len)? {
        Nulls::All => return Ok(new_null_array(data_type, len)),
        Nulls::Some(nulls) => nulls,
    };
    match data_type {
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            differences::<TimestampNanosecondType>(cursor, data_type, len, nulls)
        }
        DataType::Int64 => differences::<Int64Type>(cursor, data_type, len, nulls),
        DataType::UInt8 => fixed::<UInt8Type, _>(cursor, len, nulls, u8::from_le_bytes),
        DataType::Int32 => fixed::<Int32Type, _>(cursor, len, nulls, i32::from_le_bytes),
        DataType::UInt32 => fixed::<UInt32Type, _>(cursor, len, nulls, u32::from_le_bytes),
        DataType::UInt64 => fixed::<UInt64Type, _>(cursor, len, nulls, u64::from_le_bytes),
        DataType::Float64 => fixed::<Float64Type, _>(cursor, len, nulls, f64::from_le_bytes),
        DataType::Boolean => Ok(Arc::new(BooleanArray::new(bits(cursor, len)?, nulls))),
        DataType::Utf8View => Texts::read(cursor, len, nulls)?.into_array(),
        DataType::Binary => binary(cursor, len, nulls),
        DataType::Struct(fields) => {
            let columns = columns(cursor, fields, len)?;
            Ok(Arc::new(StructArray::try_new(fields.clone(), columns, nulls).map_err(malformed)?))
        }
        DataType::List(item) => {
            let offsets = offsets(lengths(cursor, len)?)?;
            let items = column(cursor, item, offsets.last().copied().unwrap_or(0) as usize)?;
            Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, items, nulls).map_err(malformed)?))
        }
        DataType::Map(entry, ordered) => map(cursor, entry, *ordered, len, nulls),
        other => Err(malformed(format_args!("column {} has type {other}", field.name()))),
    }
}

enum Nulls {
    All,
    Some(Option<NullBuffer>),
}

fn nulls(cursor: &mut Cursor<'_>, len: usize) -> Result<Nulls, FrameError> {
    match cursor.byte()? {
        VALID => Ok(Nulls::Some(None)),
        MIXED => Ok(Nulls::Some(Some(NullBuffer::new(bits(cursor, len)?)))),
        NULL => Ok(Nulls::All),
        other => Err(malformed(format_args!("column begins with byte {other}"))),
    }
}

fn bits(cursor: &mut Cursor<'_>, len: usize) -> Result<BooleanBuffer, FrameError> {
    Ok(BooleanBuffer::new(Buffer::from(cursor.bytes(len.div_ceil(8))?), 0, len))
}

fn varint(cursor: &mut Cursor<'_>) -> Result<u64, FrameError> {
    let mut value = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let byte = cursor.byte()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(malformed("number is longer than 10 bytes"))
}

fn length(cursor: &mut Cursor<'_>) -> Result<usize, FrameError> {
    usize::try_from(varint(cursor)?).map_err(malformed)
}

/// So many lengths. Each takes a byte, so no more is allocated than the frame is long.
fn lengths(cursor: &mut Cursor<'_>, count: usize) -> Result<Vec<usize>, FrameError> {
    (0..count).map(|_| length(cursor)).collect()
}

fn offsets(lengths: impl IntoIterator<Item = usize>) -> Result<OffsetBuffer<i32>, FrameError> {
    let mut end = 0_usize;
    let mut ends = vec![0];
    for length in lengths {
        end = end.saturating_add(length);
        ends.push(i32::try_from(end).map_err(malformed)?);
    }
    Ok(OffsetBuffer::new(ends.into()))
}

fn differences<T: ArrowPrimitiveType<Native = i64>>(
    cursor: &mut Cursor<'_>,
    data_type: &DataType,
    len: usize,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, FrameError> {
    let mut value = 0_i64;
    let mut values = Vec::new();
    for row in 0..len {
        if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
            value = value.wrapping_add(from_zigzag(varint(cursor)?));
        }
        values.push(value);
    }
    let array = PrimitiveArray::<T>::try_new(values.into(), nulls).map_err(malformed)?;
    Ok(Arc::new(array.with_data_type(data_type.clone())))
}

fn fixed<T: ArrowPrimitiveType, const N: usize>(
    cursor: &mut Cursor<'_>,
    len: usize,
    nulls: Option<NullBuffer>,
    value_of: fn([u8; N]) -> T::Native,
) -> Result<ArrayRef, FrameError> {
    let (values, _) = cursor.bytes(N * len)?.as_chunks::<N>();
    let values: Vec<T::Native> = values.iter().map(|bytes| value_of(*bytes)).collect();
    Ok(Arc::new(PrimitiveArray::<T>::try_new(values.into(), nulls).map_err(malformed)?))
}

fn binary(cursor: &mut Cursor<'_>, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, FrameError> {
    if cursor.byte()? != PLAIN {
        return Err(malformed("binary column is not plain"));
    }
    let is_valid = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
    let valid = (0..len).filter(|row| is_valid(*row)).count();
    let mut lengths = lengths(cursor, valid)?.into_iter();
    let per_row = (0..len).map(|row| if is_valid(row) { lengths.next().unwrap_or(0) } else { 0 });
    let offsets = offsets(per_row)?;
    let bytes = cursor.bytes(offsets.last().copied().unwrap_or(0) as usize)?;
    Ok(Arc::new(BinaryArray::try_new(offsets, Buffer::from(bytes), nulls).map_err(malformed)?))
}

/// A text column.
struct Texts<'a> {
    /// The values as written: all, or the distinct ones.
    written: Vec<&'a str>,
    /// Which of them each value is; `None` where all are written.
    numbers: Option<&'a [u8]>,
    count: usize,
    nulls: Option<NullBuffer>,
}

impl<'a> Texts<'a> {
    /// Values of a column of `len`, of which `nulls` are null.
    fn read(cursor: &mut Cursor<'a>, len: usize, nulls: Option<NullBuffer>) -> Result<Self, FrameError> {
        let valid = len - nulls.as_ref().map_or(0, NullBuffer::null_count);
        let (written, numbers) = match cursor.byte()? {
            PLAIN => (texts(cursor, valid)?, None),
            FEW => {
                let count = length(cursor)?;
                let written = texts(cursor, count)?;
                let numbers = if count == 1 { &[] } else { cursor.bytes(valid)? };
                if numbers.iter().any(|number| usize::from(*number) >= count) || count == 0 {
                    return Err(malformed("number of a text is out of range"));
                }
                (written, Some(numbers))
            }
            other => return Err(malformed(format_args!("text column begins with byte {other}"))),
        };
        Ok(Self { written, numbers, count: len, nulls })
    }

    /// Values with nulls among them.
    fn read_nullable(cursor: &mut Cursor<'a>, len: usize) -> Result<Self, FrameError> {
        match nulls(cursor, len)? {
            Nulls::Some(nulls) => Self::read(cursor, len, nulls),
            Nulls::All => {
                let nulls = Some(NullBuffer::new_null(len));
                Ok(Self { written: Vec::new(), numbers: None, count: len, nulls })
            }
        }
    }

    /// For each value, which of the written ones it is.
    fn places(&self) -> impl Iterator<Item = Option<u32>> + '_ {
        let mut next = 0;
        (0..self.count).map(move |row| {
            if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                return None;
            }
            let place = self.numbers.map_or(next, |numbers| numbers.get(next).copied().map_or(0, usize::from));
            next += 1;
            u32::try_from(place).ok()
        })
    }

    fn values(&self) -> impl Iterator<Item = Option<&'a str>> + '_ {
        self.places().map(|place| self.written.get(place? as usize).copied())
    }

    /// Equal values share their bytes.
    fn into_array(self) -> Result<ArrayRef, FrameError> {
        let mut builder = StringViewBuilder::with_capacity(0);
        if self.numbers.is_none() {
            self.values().for_each(|value| builder.append_option(value));
            return Ok(Arc::new(builder.finish()));
        }
        self.written.iter().for_each(|text| builder.append_value(text));
        take(&builder.finish(), &self.places().collect::<UInt32Array>(), None).map_err(malformed)
    }
}

fn texts<'a>(cursor: &mut Cursor<'a>, count: usize) -> Result<Vec<&'a str>, FrameError> {
    let lengths = lengths(cursor, count)?;
    lengths.into_iter().map(|length| std::str::from_utf8(cursor.bytes(length)?).map_err(malformed)).collect()
}

fn map(
    cursor: &mut Cursor<'_>,
    entry: &FieldRef,
    ordered: bool,
    len: usize,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, FrameError> {
    let DataType::Struct(fields) = entry.data_type() else {
        return Err(malformed("entries of a map are no structs"));
    };
    let runs = match cursor.byte()? {
        EACH => None,
        RUNS => {
            let count = length(cursor)?;
            Some(lengths(cursor, count)?)
        }
        other => return Err(malformed(format_args!("map begins with byte {other}"))),
    };
    if let Some(runs) = &runs
        && runs.iter().try_fold(0_usize, |sum, run| sum.checked_add(*run)) != Some(len)
    {
        return Err(malformed(format_args!("runs of a map are not {len} rows")));
    }
    let written = runs.as_ref().map_or(len, Vec::len);
    let rows = match cursor.byte()? {
        SHAPED => shaped(cursor, written)?,
        FREE => free(cursor, written)?,
        other => return Err(malformed(format_args!("rows of a map begin with byte {other}"))),
    };
    let (offsets, columns) = rows.repeated(runs)?;
    let entries = StructArray::try_new(fields.clone(), columns, None).map_err(malformed)?;
    Ok(Arc::new(MapArray::try_new(Arc::clone(entry), offsets, entries, nulls, ordered).map_err(malformed)?))
}

/// The rows of a map as they are written.
struct MapRows {
    /// Entries of each row.
    lengths: Vec<usize>,
    keys: ArrayRef,
    values: ArrayRef,
}

impl MapRows {
    /// Offsets, keys and values of all rows.
    fn repeated(self, runs: Option<Vec<usize>>) -> Result<(OffsetBuffer<i32>, Vec<ArrayRef>), FrameError> {
        let Self { lengths, keys, values } = self;
        let Some(runs) = runs else { return Ok((offsets(lengths)?, vec![keys, values])) };
        let per_row = lengths.iter().zip(&runs).flat_map(|(length, run)| repeat_n(*length, *run));
        let offsets = offsets(per_row)?;
        let mut places: Vec<u32> = Vec::new();
        let mut start = 0;
        for (length, run) in lengths.iter().zip(runs) {
            let end = start + u32::try_from(*length).map_err(malformed)?;
            (0..run).for_each(|_| places.extend(start..end));
            start = end;
        }
        let places = UInt32Array::from(places);
        let all = |array: &ArrayRef| take(array, &places, None).map_err(malformed);
        Ok((offsets, vec![all(&keys)?, all(&values)?]))
    }
}

fn shaped(cursor: &mut Cursor<'_>, rows: usize) -> Result<MapRows, FrameError> {
    let count = length(cursor)?;
    let shapes = lengths(cursor, count)?;
    let starts = offsets(shapes.iter().copied())?;
    let keys = Texts::read(cursor, starts.last().copied().unwrap_or(0) as usize, None)?.into_array()?;
    let numbers = if count == 1 { vec![0; rows] } else { cursor.bytes(rows)?.to_vec() };

    let mut rows_of = vec![0_usize; count];
    for number in &numbers {
        *rows_of.get_mut(usize::from(*number)).ok_or_else(|| malformed("number of a shape is out of range"))? += 1;
    }
    let columns: Vec<Vec<_>> = shapes
        .iter()
        .zip(&rows_of)
        .map(|(keys, rows)| (0..*keys).map(|_| Texts::read_nullable(cursor, *rows)).collect())
        .collect::<Result<_, FrameError>>()?;
    let mut columns: Vec<Vec<_>> = columns.iter().map(|shape| shape.iter().map(Texts::values).collect()).collect();

    let (mut lengths, mut places) = (Vec::new(), Vec::new());
    let mut values = StringViewBuilder::with_capacity(0);
    for number in numbers {
        let shape = columns.get_mut(usize::from(number)).map_or(&mut [][..], Vec::as_mut_slice);
        lengths.push(shape.len());
        let start = starts.get(usize::from(number)).copied().unwrap_or(0) as u32;
        places.extend((0..shape.len() as u32).map(|position| start + position));
        shape.iter_mut().for_each(|column| values.append_option(column.next().flatten()));
    }
    let keys = take(&keys, &UInt32Array::from(places), None).map_err(malformed)?;
    Ok(MapRows { lengths, keys, values: Arc::new(values.finish()) })
}

fn free(cursor: &mut Cursor<'_>, rows: usize) -> Result<MapRows, FrameError> {
    let lengths = lengths(cursor, rows)?;
    let entries = lengths.iter().try_fold(0_usize, |sum, length| sum.checked_add(*length));
    let entries = entries.ok_or_else(|| malformed("map has too many entries"))?;
    let keys = Texts::read(cursor, entries, None)?.into_array()?;
    let values = Texts::read_nullable(cursor, entries)?.into_array()?;
    Ok(MapRows { lengths, keys, values })
}
