//! Random rows of any table, from its schema alone.

use arrow_array::builder::{BinaryBuilder, StringViewBuilder};
use arrow_array::types::{Int32Type, Int64Type, TimestampNanosecondType, UInt8Type, UInt32Type, UInt64Type};
use arrow_array::{
    ArrayRef, ArrowPrimitiveType, BooleanArray, Float64Array, ListArray, MapArray, PrimitiveArray, RecordBatch,
    StringViewArray, StructArray, TimestampNanosecondArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Fields};
use fastrand::Rng;
use lincei_model::Table;
use std::sync::Arc;

/// Start of the hour that rows lie in: 2026-11-22 15:00 UTC.
pub(super) const HOUR_START: i64 = 1_795_359_600_000_000_000;

/// Random rows within one hour. Few different sort keys, so that many are equal; every nullable
/// column has nulls, and text, maps and lists are often empty.
pub(super) fn random(table: Table, rows: usize, seed: u64) -> RecordBatch {
    random_in(table, rows, seed, HOUR_START..HOUR_START + 3_600_000_000_000, 3)
}

/// As [`random`], with times of a range and with lists and maps of at most `entries_max` entries.
pub(super) fn random_in(
    table: Table,
    rows: usize,
    seed: u64,
    times: std::ops::Range<i64>,
    entries_max: usize,
) -> RecordBatch {
    let mut rng = Rng::with_seed(seed);
    let step = ((times.end - times.start) / 40).max(1);
    let schema = table.schema();
    let columns = schema.fields().iter().map(|field| match field.name().as_str() {
        "time" => {
            let values = (0..rows).map(|_| times.start + (rng.i64(0..40) * step).min(times.end - times.start - 1));
            Arc::new(TimestampNanosecondArray::from_iter_values(values).with_timezone("UTC")) as ArrayRef
        }
        "service" | "metric" => {
            let names = ["payment", "", "gateway", "größe", "payment-with-a-name-beyond-inline"];
            let values = (0..rows).map(|_| *rng.choice(&names).unwrap());
            Arc::new(StringViewArray::from_iter_values(values))
        }
        "series_id" => {
            let ids = [0, 7, u64::MAX, 1 << 63];
            let values = (0..rows).map(|_| *rng.choice(&ids).unwrap());
            Arc::new(PrimitiveArray::<UInt64Type>::from_iter_values(values))
        }
        _ => array(field, rows, &mut rng, entries_max),
    });
    let columns = columns.collect();
    RecordBatch::try_new(schema.clone(), columns).unwrap()
}

fn array(field: &Field, len: usize, rng: &mut Rng, entries_max: usize) -> ArrayRef {
    let nulls = field.is_nullable().then(|| NullBuffer::from_iter((0..len).map(|_| rng.u8(0..4) > 0)));
    match field.data_type() {
        DataType::Timestamp(..) => {
            let times = primitive::<TimestampNanosecondType>(len, nulls, || edge(rng, &[0, -1, i64::MIN, i64::MAX]));
            Arc::new(times.with_timezone("UTC"))
        }
        DataType::Int64 => Arc::new(primitive::<Int64Type>(len, nulls, || edge(rng, &[0, -1, i64::MIN, i64::MAX]))),
        DataType::Int32 => Arc::new(primitive::<Int32Type>(len, nulls, || {
            edge(rng, &[0, -1, i32::MIN.into(), i32::MAX.into()]) as i32
        })),
        DataType::UInt64 => Arc::new(primitive::<UInt64Type>(len, nulls, || edge(rng, &[0, -1, i64::MIN]) as u64)),
        DataType::UInt32 => Arc::new(primitive::<UInt32Type>(len, nulls, || edge(rng, &[0, -1]) as u32)),
        DataType::UInt8 => Arc::new(primitive::<UInt8Type>(len, nulls, || rng.u8(..))),
        DataType::Float64 => {
            let special = [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, 0.1];
            let mut value = || if rng.bool() { rng.f64() } else { special[rng.usize(0..special.len())] };
            let values: Vec<f64> = (0..len).map(|_| value()).collect();
            Arc::new(Float64Array::new(values.into(), nulls))
        }
        DataType::Boolean => {
            Arc::new(BooleanArray::new((0..len).map(|_| rng.bool()).collect::<Vec<_>>().into(), nulls))
        }
        DataType::Utf8View => text(len, nulls.as_ref(), rng),
        DataType::Binary => {
            let mut builder = BinaryBuilder::new();
            for _ in 0..len {
                let mut value = vec![0; rng.usize(0..40)];
                rng.fill(&mut value);
                builder.append_value(&value);
            }
            Arc::new(builder.finish())
        }
        DataType::Struct(fields) => Arc::new(structs(fields, len, rng, entries_max)),
        DataType::List(item) => {
            let offsets = offsets(len, rng, entries_max);
            let items = array(item, offsets.last().copied().unwrap() as usize, rng, entries_max);
            Arc::new(ListArray::new(item.clone(), offsets, items, nulls))
        }
        DataType::Map(entry, sorted) => {
            let DataType::Struct(fields) = entry.data_type() else { panic!("map of {entry}") };
            let offsets = offsets(len, rng, entries_max);
            let entries = structs(fields, offsets.last().copied().unwrap() as usize, rng, entries_max);
            Arc::new(MapArray::new(entry.clone(), offsets, entries, nulls, *sorted))
        }
        other => panic!("no rows of {other}"),
    }
}

fn primitive<T: ArrowPrimitiveType>(
    len: usize,
    nulls: Option<NullBuffer>,
    value: impl FnMut() -> T::Native,
) -> PrimitiveArray<T> {
    PrimitiveArray::new(std::iter::repeat_with(value).take(len).collect::<Vec<_>>().into(), nulls)
}

/// A special value one time in four, else a random one.
fn edge(rng: &mut Rng, special: &[i64]) -> i64 {
    if rng.u8(0..4) == 0 { *rng.choice(special).unwrap() } else { rng.i64(..) >> rng.u32(0..64) }
}

fn structs(fields: &Fields, len: usize, rng: &mut Rng, entries_max: usize) -> StructArray {
    let columns =
        fields.iter().map(|f| if f.name() == "key" { keys(len, rng) } else { array(f, len, rng, entries_max) });
    let columns = columns.collect();
    StructArray::try_new_with_length(fields.clone(), columns, None, len).unwrap()
}

/// Keys that never name a column, so that maps are written as they are.
fn keys(len: usize, rng: &mut Rng) -> ArrayRef {
    let keys = text(len, None, rng);
    let keys: &StringViewArray = keys.as_any().downcast_ref().unwrap();
    Arc::new(keys.iter().map(|key| key.map(|key| format!("\u{1}{key}"))).collect::<StringViewArray>())
}

fn offsets(len: usize, rng: &mut Rng, entries_max: usize) -> OffsetBuffer<i32> {
    OffsetBuffer::from_lengths((0..len).map(|_| rng.usize(0..=entries_max)))
}

fn text(len: usize, nulls: Option<&NullBuffer>, rng: &mut Rng) -> ArrayRef {
    let mut builder = StringViewBuilder::new();
    for row in 0..len {
        if nulls.is_some_and(|n| n.is_null(row)) {
            builder.append_null();
            continue;
        }
        match rng.u8(0..8) {
            0 => builder.append_value(""),
            1 => builder.append_value("äöü → 日本語 🚒"),
            2 => builder.append_value("\u{10FFFF}\0\n\"'\\"),
            3 => builder.append_value("x".repeat(rng.usize(60..300))),
            4 => builder.append_value(format!("{:032x}", rng.u128(..))),
            _ => builder.append_value(*rng.choice(&["GET", "SERVER", "http.response.status_code", "200"]).unwrap()),
        }
    }
    Arc::new(builder.finish())
}
