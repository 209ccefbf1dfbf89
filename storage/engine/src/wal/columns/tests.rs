use super::*;
use crate::test_support::random::random;
use arrow_array::builder::{MapBuilder, MapFieldNames, StringViewBuilder};
use arrow_array::{Array as _, ArrayRef, Int64Array, RecordBatch, StringViewArray, UInt8Array};
use arrow_schema::{Field, Schema};
use fastrand::Rng;
use lincei_model::{Table, attribute_map_type};
use std::sync::Arc;

type MapRow<'a> = Vec<(&'a str, Option<&'a str>)>;

fn one(column: ArrayRef) -> RecordBatch {
    let schema = Schema::new(vec![Field::new("c", column.data_type().clone(), true)]);
    RecordBatch::try_new(Arc::new(schema), vec![column]).unwrap()
}

fn bytes_of(records: &RecordBatch) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, records.columns()).unwrap();
    out
}

/// Writes and reads back; returns the bytes.
fn check(records: &RecordBatch) -> Vec<u8> {
    let bytes = bytes_of(records);
    let back = read(&bytes, &records.schema(), records.num_rows()).unwrap();
    validate(&back);
    assert_eq!(&back, records);
    bytes
}

fn validate(records: &RecordBatch) {
    records.columns().iter().for_each(|column| column.to_data().validate_full().unwrap());
}

fn map(rows: &[MapRow<'_>]) -> RecordBatch {
    let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
    let keys = StringViewBuilder::new().with_deduplicate_strings();
    let mut builder = MapBuilder::new(Some(names), keys, StringViewBuilder::new());
    for row in rows {
        for (key, value) in row {
            builder.keys().append_value(key);
            builder.values().append_option(*value);
        }
        builder.append(true).unwrap();
    }
    let array = builder.finish();
    assert_eq!(array.data_type(), &attribute_map_type());
    one(Arc::new(array))
}

/// By hand from the tables in the module documentation.
#[test]
fn bytes_are_as_drawn() {
    let numbers = one(Arc::new(Int64Array::from(vec![Some(100), None, Some(101), Some(99), Some(99 - 200)])));
    // zigzag: 100 is 200 = 0xC8 0x01, 1 is 2, -2 is 3, -200 is 399 = 0x8F 0x03
    assert_eq!(check(&numbers), [1, 0b11101, 0xC8, 0x01, 2, 3, 0x8F, 0x03]);
    let small = one(Arc::new(UInt8Array::from(vec![7, 8])));
    assert_eq!(check(&small), [0, 7, 8]);
    let texts = one(Arc::new(StringViewArray::from(vec![Some("ab"), None, Some(""), Some("c")])));
    assert_eq!(check(&texts), *b"\x01\x0D\x00\x02\x00\x01abc");
    let nulls = one(Arc::new(StringViewArray::new_null(3)));
    assert_eq!(check(&nulls), [2]);
    let few = one(Arc::new(StringViewArray::from(vec!["x", "x", "y", "x", "x", "x", "x", "x", "x"])));
    assert_eq!(check(&few), *b"\x00\x01\x02\x01\x01xy\0\0\x01\0\0\0\0\0\0");
    let same = one(Arc::new(StringViewArray::from(vec!["x"; 9])));
    assert_eq!(check(&same), *b"\x00\x01\x01\x01x");
    // one shape of two keys; the second row stands there twice
    let second = vec![("k", Some("2")), ("l", None)];
    let rows = [vec![("k", Some("1")), ("l", Some("a"))], second.clone(), second];
    let runs = b"\x01\x02\x01\x02";
    let shape = b"\x00\x01\x02\x00\x01\x01kl";
    let values = b"\x00\x00\x01\x0112\x01\x01\x00\x01a";
    assert_eq!(check(&map(&rows)), [b"\x00".as_slice(), runs, shape, values].concat());
}

#[test]
fn numbers_reach_their_ends() {
    check(&one(Arc::new(Int64Array::from(vec![i64::MIN, i64::MAX, 0, i64::MIN, -1, i64::MAX]))));
    let mut bytes = Vec::new();
    push_varint(&mut bytes, u64::MAX);
    assert_eq!(bytes.len(), 10);
    for value in [0, -1, 1, i64::MAX, i64::MIN] {
        assert_eq!(from_zigzag(zigzag(value)), value);
    }
}

#[test]
fn columns_of_few_and_many_distinct_texts_come_back() {
    for distinct in [1, 2, 254, 255, 256, 257, 3000] {
        let texts: Vec<_> = (0..5000).map(|n| (n % 11 != 3).then(|| format!("t{}", n % distinct))).collect();
        check(&one(Arc::new(texts.iter().map(Option::as_deref).collect::<StringViewArray>())));
    }
    // equal ones follow one another, so that they are worth it
    for (distinct, want) in [(255, FEW), (256, PLAIN)] {
        let texts = (0..distinct * 40).map(|n| format!("t{}", n / 40));
        assert_eq!(check(&one(Arc::new(StringViewArray::from_iter_values(texts))))[1], want);
    }
}

/// A null and the empty text have the same view.
#[test]
fn nulls_and_empty_texts_of_a_map_are_told_apart() {
    check(&map(&[vec![("k", None)], vec![("k", Some(""))], vec![("k", None)], vec![("k", None)]]));
    check(&map(&[vec![("", Some(""))], vec![("", None)], vec![], vec![], vec![("", None), ("", None)]]));
}

#[test]
fn maps_of_any_shapes_come_back() {
    let keys: Vec<String> = (0..300).map(|n| format!("a.rather.long.key.{n}")).collect();
    let values: Vec<String> = (0..50).map(|n| format!("value number {n}")).collect();
    let mut rng = Rng::with_seed(9);
    for (shapes, run) in [(1, 1), (1, 7), (3, 1), (64, 1), (65, 1), (200, 3)] {
        let mut row = || -> MapRow<'_> {
            let shape = rng.usize(0..shapes);
            let mut value = || rng.bool().then(|| values[rng.usize(0..50)].as_str());
            (0..1 + shape % 5).map(|k| (keys[shape + k].as_str(), value())).collect()
        };
        let rows: Vec<_> = (0..1000).flat_map(|_| vec![row(); run]).collect();
        let whole = map(&rows);
        check(&whole);
        for (start, length) in [(0, 1), (999, 1), (100, 333), (1000, 0)] {
            check(&whole.slice(start, length));
        }
    }
}

/// Equal bytes that lie in different places, as they do after a merge.
#[test]
fn keys_need_not_share_their_bytes() {
    let row = vec![("a.key.longer.than.a.view", Some("1"))];
    let one_by_one: Vec<_> = (0..100).map(|_| map(std::slice::from_ref(&row))).collect();
    let schema = one_by_one[0].schema();
    check(&arrow_select::concat::concat_batches(&schema, &one_by_one).unwrap());
}

#[test]
fn damaged_columns_are_errors_or_other_rows_and_never_a_panic() {
    let mut rng = Rng::with_seed(3);
    for table in Table::ALL {
        let records = random(table, 40, 5).into_records();
        let bytes = bytes_of(&records);
        for cut in 0..bytes.len() {
            assert!(read(&bytes[..cut], &records.schema(), 40).is_err(), "{table} cut to {cut}");
        }
        assert!(read(&[bytes.as_slice(), &[0]].concat(), &records.schema(), 40).is_err());
        assert!(read(&bytes, &records.schema(), 39).is_err());
        assert!(read(&bytes, &records.schema(), usize::MAX).is_err());
        for _ in 0..3000 {
            let mut bytes = bytes.clone();
            for _ in 0..rng.usize(1..4) {
                let at = rng.usize(0..bytes.len());
                bytes[at] = rng.u8(..);
            }
            if let Ok(records) = read(&bytes, &records.schema(), 40) {
                validate(&records);
            }
        }
    }
}
