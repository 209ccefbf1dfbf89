//! One value as text.

use super::time::write_timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, FixedSizeListArray, GenericListArray, MapArray,
    OffsetSizeTrait, PrimitiveArray, StructArray, make_array,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DecimalType, Float16Type, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

/// Integers that a double holds exactly, so that no JSON reader changes them (RFC 8259, section 6).
const EXACT_MAX: i64 = 1 << 53;

/// Values of one array that are not NULL.
trait Cell {
    /// Appends the value as JSON.
    fn json(&self, row: usize, out: &mut Vec<u8>);

    /// Appends the value as a CSV field.
    fn csv(&self, row: usize, out: &mut Vec<u8>) {
        let mut json = Vec::new();
        self.json(row, &mut json);
        write_csv_text(&json, out);
    }
}

/// All values of one array.
pub(super) struct Cells {
    nulls: Option<NullBuffer>,
    cell: Box<dyn Cell>,
}

impl Cells {
    pub(super) fn new(array: &ArrayRef) -> Result<Self, ArrowError> {
        Ok(Self { nulls: array.logical_nulls(), cell: cell(array)? })
    }

    fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    pub(super) fn json(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            out.extend_from_slice(b"null");
        } else {
            self.cell.json(row, out);
        }
    }

    pub(super) fn csv(&self, row: usize, out: &mut Vec<u8>) {
        if !self.is_null(row) {
            self.cell.csv(row, out);
        }
    }
}

fn cell(array: &ArrayRef) -> Result<Box<dyn Cell>, ArrowError> {
    Ok(match array.data_type() {
        DataType::Null => Box::new(NoValue),
        DataType::Boolean => Box::new(array.as_boolean().clone()),
        DataType::Int8 => small_int::<Int8Type>(array),
        DataType::Int16 => small_int::<Int16Type>(array),
        DataType::Int32 => small_int::<Int32Type>(array),
        DataType::UInt8 => small_int::<UInt8Type>(array),
        DataType::UInt16 => small_int::<UInt16Type>(array),
        DataType::UInt32 => small_int::<UInt32Type>(array),
        DataType::Int64 => Box::new(SignedInt(array.as_primitive::<Int64Type>().clone())),
        DataType::UInt64 => Box::new(UnsignedInt(array.as_primitive::<UInt64Type>().clone())),
        DataType::Float16 => double::<Float16Type>(array, |value| f64::from(f32::from(value))),
        DataType::Float32 => Box::new(Single(array.as_primitive::<Float32Type>().clone())),
        DataType::Float64 => double::<Float64Type>(array, |value| value),
        DataType::Utf8 => text(array.as_string::<i32>().clone()),
        DataType::LargeUtf8 => text(array.as_string::<i64>().clone()),
        DataType::Utf8View => text(array.as_string_view().clone()),
        DataType::Binary => binary(array.as_binary::<i32>().clone(), |a, row| a.value(row)),
        DataType::LargeBinary => binary(array.as_binary::<i64>().clone(), |a, row| a.value(row)),
        DataType::BinaryView => binary(array.as_binary_view().clone(), |a, row| a.value(row)),
        DataType::FixedSizeBinary(_) => binary(array.as_fixed_size_binary().clone(), |a, row| a.value(row)),
        DataType::Decimal32(..) => decimal::<Decimal32Type>(array),
        DataType::Decimal64(..) => decimal::<Decimal64Type>(array),
        DataType::Decimal128(..) => decimal::<Decimal128Type>(array),
        DataType::Decimal256(..) => decimal::<Decimal256Type>(array),
        DataType::Timestamp(unit, _) => timestamp(array, *unit),
        DataType::List(_) => Box::new(ListCell::new(array.as_list::<i32>())?),
        DataType::LargeList(_) => Box::new(ListCell::new(array.as_list::<i64>())?),
        DataType::FixedSizeList(..) => Box::new(FixedListCell::new(array.as_fixed_size_list())?),
        DataType::Struct(_) => Box::new(StructCell::new(array.as_struct())?),
        DataType::Map(..) => Box::new(MapCell::new(array.as_map())?),
        DataType::Dictionary(_, value) => return cell(&cast(array, value)?),
        DataType::RunEndEncoded(_, value) => return cell(&cast(array, value.data_type())?),
        _ => Box::new(Displayed(make_array(array.to_data()))),
    })
}

struct NoValue;

impl Cell for NoValue {
    fn json(&self, _row: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(b"null");
    }

    fn csv(&self, _row: usize, _out: &mut Vec<u8>) {}
}

impl Cell for BooleanArray {
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.value(row) { b"true" } else { b"false" });
    }

    fn csv(&self, row: usize, out: &mut Vec<u8>) {
        self.json(row, out);
    }
}

struct SmallInt<T: ArrowPrimitiveType>(PrimitiveArray<T>);

fn small_int<T>(array: &ArrayRef) -> Box<dyn Cell>
where
    T: ArrowPrimitiveType,
    T::Native: Into<i64>,
{
    Box::new(SmallInt(array.as_primitive::<T>().clone()))
}

impl<T> Cell for SmallInt<T>
where
    T: ArrowPrimitiveType,
    T::Native: Into<i64>,
{
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        write_json(&self.0.value(row).into(), out);
    }

    fn csv(&self, row: usize, out: &mut Vec<u8>) {
        self.json(row, out);
    }
}

struct SignedInt(PrimitiveArray<Int64Type>);

impl Cell for SignedInt {
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        let value = self.0.value(row);
        quoted_unless((-EXACT_MAX..=EXACT_MAX).contains(&value), out, |out| write_json(&value, out));
    }

    fn csv(&self, row: usize, out: &mut Vec<u8>) {
        write_json(&self.0.value(row), out);
    }
}

struct UnsignedInt(PrimitiveArray<UInt64Type>);

impl Cell for UnsignedInt {
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        let value = self.0.value(row);
        quoted_unless(value <= EXACT_MAX.unsigned_abs(), out, |out| write_json(&value, out));
    }

    fn csv(&self, row: usize, out: &mut Vec<u8>) {
        write_json(&self.0.value(row), out);
    }
}

struct Double<T: ArrowPrimitiveType> {
    values: PrimitiveArray<T>,
    widen: fn(T::Native) -> f64,
}

fn double<T: ArrowPrimitiveType>(array: &ArrayRef, widen: fn(T::Native) -> f64) -> Box<dyn Cell> {
    Box::new(Double { values: array.as_primitive::<T>().clone(), widen })
}

impl<T: ArrowPrimitiveType> Cell for Double<T> {
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        let value = (self.widen)(self.values.value(row));
        match non_finite(value) {
            None => write_json(&value, out),
            Some(name) => quoted_unless(false, out, |out| out.extend_from_slice(name)),
        }
    }

    fn csv(&self, row: usize, out: &mut Vec<u8>) {
        let value = (self.widen)(self.values.value(row));
        match non_finite(value) {
            None => write_json(&value, out),
            Some(name) => out.extend_from_slice(name),
        }
    }
}

/// Not widened: the shortest spelling of a single is shorter than that of its double.
struct Single(PrimitiveArray<Float32Type>);

impl Cell for Single {
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        let value = self.0.value(row);
        match non_finite(f64::from(value)) {
            None => write_json(&value, out),
            Some(name) => quoted_unless(false, out, |out| out.extend_from_slice(name)),
        }
    }

    fn csv(&self, row: usize, out: &mut Vec<u8>) {
        let value = self.0.value(row);
        match non_finite(f64::from(value)) {
            None => write_json(&value, out),
            Some(name) => out.extend_from_slice(name),
        }
    }
}

fn non_finite(value: f64) -> Option<&'static [u8]> {
    if value.is_finite() {
        return None;
    }
    Some(match (value.is_nan(), value.is_sign_positive()) {
        (true, _) => b"NaN",
        (false, true) => b"Infinity",
        (false, false) => b"-Infinity",
    })
}

struct Text<A>(A);

fn text<A>(array: A) -> Box<dyn Cell>
where
    A: 'static,
    for<'a> &'a A: datafusion::arrow::array::StringArrayType<'a>,
{
    Box::new(Text(array))
}

impl<A> Cell for Text<A>
where
    for<'a> &'a A: datafusion::arrow::array::StringArrayType<'a>,
{
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        write_json(datafusion::arrow::array::ArrayAccessor::value(&&self.0, row), out);
    }

    fn csv(&self, row: usize, out: &mut Vec<u8>) {
        write_csv_text(datafusion::arrow::array::ArrayAccessor::value(&&self.0, row).as_bytes(), out);
    }
}

struct Binary<A> {
    array: A,
    value: fn(&A, usize) -> &[u8],
}

fn binary<A: 'static>(array: A, value: fn(&A, usize) -> &[u8]) -> Box<dyn Cell> {
    Box::new(Binary { array, value })
}

impl<A> Cell for Binary<A> {
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        quoted_unless(false, out, |out| {
            out.extend_from_slice(STANDARD.encode((self.value)(&self.array, row)).as_bytes());
        });
    }

    fn csv(&self, row: usize, out: &mut Vec<u8>) {
        write_csv_text(STANDARD.encode((self.value)(&self.array, row)).as_bytes(), out);
    }
}

struct Decimal<T: ArrowPrimitiveType>(PrimitiveArray<T>);

fn decimal<T: DecimalType + ArrowPrimitiveType>(array: &ArrayRef) -> Box<dyn Cell> {
    Box::new(Decimal(array.as_primitive::<T>().clone()))
}

impl<T: DecimalType + ArrowPrimitiveType> Cell for Decimal<T> {
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        quoted_unless(false, out, |out| self.csv(row, out));
    }

    fn csv(&self, row: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.value_as_string(row).as_bytes());
    }
}

struct Timestamp<T: ArrowPrimitiveType> {
    values: PrimitiveArray<T>,
    per_second: i64,
}

fn timestamp(array: &ArrayRef, unit: TimeUnit) -> Box<dyn Cell> {
    fn of<T: ArrowPrimitiveType<Native = i64>>(array: &ArrayRef, per_second: i64) -> Box<dyn Cell> {
        Box::new(Timestamp { values: array.as_primitive::<T>().clone(), per_second })
    }
    match unit {
        TimeUnit::Second => of::<TimestampSecondType>(array, 1),
        TimeUnit::Millisecond => of::<TimestampMillisecondType>(array, 1_000),
        TimeUnit::Microsecond => of::<TimestampMicrosecondType>(array, 1_000_000),
        TimeUnit::Nanosecond => of::<TimestampNanosecondType>(array, 1_000_000_000),
    }
}

impl<T: ArrowPrimitiveType<Native = i64>> Cell for Timestamp<T> {
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        quoted_unless(false, out, |out| self.csv(row, out));
    }

    fn csv(&self, row: usize, out: &mut Vec<u8>) {
        let value = self.values.value(row);
        let nanos = value.rem_euclid(self.per_second) * (1_000_000_000 / self.per_second);
        write_timestamp(value.div_euclid(self.per_second), u32::try_from(nanos).unwrap_or(0), out);
    }
}

struct ListCell<O: OffsetSizeTrait> {
    array: GenericListArray<O>,
    items: Cells,
}

impl<O: OffsetSizeTrait> ListCell<O> {
    fn new(array: &GenericListArray<O>) -> Result<Self, ArrowError> {
        Ok(Self { array: array.clone(), items: Cells::new(array.values())? })
    }
}

impl<O: OffsetSizeTrait> Cell for ListCell<O> {
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        let offset = |at: usize| self.array.value_offsets().get(at).map_or(0, |offset| offset.as_usize());
        write_list(&self.items, offset(row)..offset(row + 1), out);
    }
}

struct FixedListCell {
    array: FixedSizeListArray,
    items: Cells,
}

impl FixedListCell {
    fn new(array: &FixedSizeListArray) -> Result<Self, ArrowError> {
        Ok(Self { array: array.clone(), items: Cells::new(array.values())? })
    }
}

impl Cell for FixedListCell {
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        let size = usize::try_from(self.array.value_length()).unwrap_or(0);
        let start = usize::try_from(self.array.value_offset(row)).unwrap_or(0);
        write_list(&self.items, start..start + size, out);
    }
}

fn write_list(items: &Cells, range: std::ops::Range<usize>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (i, item) in range.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        items.json(item, out);
    }
    out.push(b']');
}

struct StructCell {
    /// `"name":` and the values.
    fields: Vec<(Vec<u8>, Cells)>,
}

impl StructCell {
    fn new(array: &StructArray) -> Result<Self, ArrowError> {
        let fields = array.fields().iter().zip(array.columns()).map(|(field, column)| {
            let mut name = Vec::new();
            write_json(field.name(), &mut name);
            name.push(b':');
            Ok((name, Cells::new(column)?))
        });
        Ok(Self { fields: fields.collect::<Result<_, ArrowError>>()? })
    }
}

impl Cell for StructCell {
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        out.push(b'{');
        for (i, (name, cells)) in self.fields.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            out.extend_from_slice(name);
            cells.json(row, out);
        }
        out.push(b'}');
    }
}

struct MapCell {
    array: MapArray,
    /// As text: object keys have no other type.
    keys: ArrayRef,
    values: Cells,
}

impl MapCell {
    fn new(array: &MapArray) -> Result<Self, ArrowError> {
        let keys = cast(array.keys(), &DataType::Utf8View)?;
        Ok(Self { array: array.clone(), keys, values: Cells::new(array.values())? })
    }
}

impl Cell for MapCell {
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        let keys = self.keys.as_string_view();
        let offset = |at: usize| self.array.value_offsets().get(at).and_then(|o| usize::try_from(*o).ok()).unwrap_or(0);
        let start = offset(row);
        out.push(b'{');
        for entry in start..offset(row + 1) {
            let key = keys.value(entry);
            if (start..entry).any(|earlier| keys.value(earlier) == key) {
                continue;
            }
            if entry > start {
                out.push(b',');
            }
            write_json(key, out);
            out.push(b':');
            self.values.json(entry, out);
        }
        out.push(b'}');
    }
}

/// Dates, times, durations, intervals and the types nobody meets.
struct Displayed(ArrayRef);

impl Displayed {
    fn text(&self, row: usize) -> String {
        let options = FormatOptions::default().with_display_error(true);
        let formatter = ArrayFormatter::try_new(self.0.as_ref(), &options);
        formatter.map_or_else(|error| error.to_string(), |formatter| formatter.value(row).to_string())
    }
}

impl Cell for Displayed {
    fn json(&self, row: usize, out: &mut Vec<u8>) {
        write_json(self.text(row).as_str(), out);
    }

    fn csv(&self, row: usize, out: &mut Vec<u8>) {
        write_csv_text(self.text(row).as_bytes(), out);
    }
}

/// Appends a scalar as JSON; numbers are the same in CSV.
pub(super) fn write_json<T: serde::Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // neither the scalars written here nor a vector can fail
    let _ = serde_json::to_writer(out, value);
}

fn quoted_unless(plain: bool, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    if plain {
        return write(out);
    }
    out.push(b'"');
    write(out);
    out.push(b'"');
}

/// Appends a CSV field (RFC 4180, section 2): quoted where it has to be, or could be read as
/// something else, as NULL for one.
pub(super) fn write_csv_text(text: &[u8], out: &mut Vec<u8>) {
    let special = |b: &u8| matches!(b, b',' | b'"' | b'\r' | b'\n');
    let spaced = text.first().is_some_and(u8::is_ascii_whitespace) || text.last().is_some_and(u8::is_ascii_whitespace);
    if !text.is_empty() && !spaced && !text.iter().any(special) {
        out.extend_from_slice(text);
        return;
    }
    out.push(b'"');
    for byte in text {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}
