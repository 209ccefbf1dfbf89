//! Random rows of any table, from its schema alone.

use arrow_array::types::{Int32Type, Int64Type, UInt8Type, UInt32Type, UInt64Type};
use arrow_array::{
    ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, Float64Array, ListArray, MapArray, PrimitiveArray,
    RecordBatch, StringViewArray, StructArray, TimestampNanosecondArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Fields};
use fastrand::Rng;
use lincei_model::{Batch, Table};
use std::sync::Arc;

pub(crate) fn random(table: Table, rows: usize, seed: u64) -> Batch {
    let mut rng = Rng::with_seed(seed);
    let schema = table.schema();
    let columns = columns(schema.fields(), rows, &mut rng);
    Batch::new(table, RecordBatch::try_new(schema, columns).unwrap()).unwrap()
}

fn columns(fields: &Fields, len: usize, rng: &mut Rng) -> Vec<ArrayRef> {
    fields.iter().map(|f| array(f.data_type(), f.is_nullable(), len, rng)).collect()
}

fn array(data_type: &DataType, nullable: bool, len: usize, rng: &mut Rng) -> ArrayRef {
    let nulls = nullable.then(|| NullBuffer::from_iter((0..len).map(|_| rng.u8(0..4) > 0)));
    match data_type {
        DataType::Timestamp(..) => {
            let values: Vec<_> = (0..len).map(|_| rng.i64(..)).collect();
            Arc::new(TimestampNanosecondArray::new(values.into(), nulls).with_timezone("UTC"))
        }
        DataType::Int32 => primitive::<Int32Type>((0..len).map(|_| rng.i32(..)).collect(), nulls),
        DataType::Int64 => primitive::<Int64Type>((0..len).map(|_| rng.i64(..)).collect(), nulls),
        DataType::UInt8 => primitive::<UInt8Type>((0..len).map(|_| rng.u8(..)).collect(), nulls),
        DataType::UInt32 => primitive::<UInt32Type>((0..len).map(|_| rng.u32(..)).collect(), nulls),
        DataType::UInt64 => primitive::<UInt64Type>((0..len).map(|_| rng.u64(..)).collect(), nulls),
        DataType::Float64 => {
            let values: Vec<_> = (0..len).map(|_| rng.f64() * 1e9 - 5e8).collect();
            Arc::new(Float64Array::new(values.into(), nulls))
        }
        DataType::Boolean => Arc::new(BooleanArray::new((0..len).map(|_| rng.bool()).collect(), nulls)),
        DataType::Utf8View => {
            let values = (0..len).map(|i| nulls.as_ref().is_none_or(|n| n.is_valid(i)).then(|| text(rng)));
            Arc::new(values.collect::<StringViewArray>())
        }
        DataType::Binary => {
            let values: Vec<_> = (0..len).map(|_| text(rng).into_bytes()).collect();
            Arc::new(BinaryArray::from_iter_values(values))
        }
        DataType::Struct(fields) => {
            Arc::new(StructArray::try_new(fields.clone(), columns(fields, len, rng), nulls).unwrap())
        }
        DataType::List(item) => {
            let offsets = OffsetBuffer::<i32>::from_lengths((0..len).map(|_| rng.usize(0..3)));
            let children = usize::try_from(*offsets.last().unwrap()).unwrap();
            let values = array(item.data_type(), item.is_nullable(), children, rng);
            Arc::new(ListArray::try_new(item.clone(), offsets, values, nulls).unwrap())
        }
        DataType::Map(entry, ordered) => {
            let offsets = OffsetBuffer::<i32>::from_lengths((0..len).map(|_| rng.usize(0..3)));
            let children = usize::try_from(*offsets.last().unwrap()).unwrap();
            let entries = array(entry.data_type(), false, children, rng);
            let entries = entries.as_any().downcast_ref::<StructArray>().unwrap().clone();
            Arc::new(MapArray::try_new(entry.clone(), offsets, entries, nulls, *ordered).unwrap())
        }
        other => panic!("no random {other}"),
    }
}

fn primitive<T: ArrowPrimitiveType>(values: Vec<T::Native>, nulls: Option<NullBuffer>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::new(values.into(), nulls))
}

/// Empty, inline in a view, or beyond it; not only ASCII.
fn text(rng: &mut Rng) -> String {
    let length = *rng.choice(&[0, 3, 12, 13, 60]).unwrap();
    let alphabet = ['a', 'b', 'c', ' ', 'ü', '€', '\n', '\0'];
    (0..length).map(|_| *rng.choice(&alphabet).unwrap()).collect()
}
