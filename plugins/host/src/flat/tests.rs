use super::*;
use arrow_array::builder::{MapBuilder, MapFieldNames, StringViewBuilder};

/// An array keeps its values when it crosses the border and comes back.
#[expect(clippy::needless_pass_by_value, reason = "arrays are made where it is called")]
fn check(array: ArrayRef, column_type: ColumnType) -> Column {
    let rows = array.len();
    let flat = flatten(7, &array);
    let back = unflatten(flat.clone(), rows, column_type, "it").unwrap();
    assert_eq!(back.len(), rows);
    for row in 0..rows {
        assert_eq!(back.is_null(row), array.is_null(row), "row {row}");
        if array.is_valid(row) {
            assert_eq!(&back.slice(row, 1), &array.slice(row, 1), "row {row}");
        }
    }
    flat
}

#[test]
fn columns_cross_the_border_and_come_back() {
    let texts = StringViewArray::from(vec![Some("a"), None, Some(""), Some("größer als zwölf Bytes"), Some("z")]);
    let flat = check(Arc::new(texts.clone()), ColumnType::Text);
    assert_eq!(flat.valid, Some(vec![0b1_1101]));
    let Values::Text(text) = flat.values else { panic!("no text") };
    assert_eq!(text.offsets, [0, 1, 1, 1, 26, 27]);
    // a slice starts at its own first row
    check(Arc::new(texts.slice(1, 3)), ColumnType::Text);
    check(Arc::new(Int64Array::from(vec![Some(1), None, Some(i64::MIN)])), ColumnType::Ints);
    check(Arc::new(Float64Array::from(vec![1.5, f64::INFINITY])), ColumnType::Floats);
    let bools = BooleanArray::from((0..20).map(|row| (row % 3 != 0).then_some(row % 2 == 0)).collect::<Vec<_>>());
    check(Arc::new(bools.clone()), ColumnType::Bools);
    check(Arc::new(bools.slice(3, 11)), ColumnType::Bools);
    check(Arc::new(StringViewArray::from(Vec::<&str>::new())), ColumnType::Text);
}

#[test]
fn maps_cross_the_border_and_come_back() {
    let names = MapFieldNames { entry: "key_value".to_owned(), key: "key".to_owned(), value: "value".to_owned() };
    let mut builder = MapBuilder::new(Some(names), StringViewBuilder::new(), StringViewBuilder::new());
    for row in [vec![("a", "1"), ("b", "2")], vec![], vec![("a", "3")]] {
        for (key, value) in row {
            builder.keys().append_value(key);
            builder.values().append_value(value);
        }
        builder.append(true).unwrap();
    }
    let map = builder.finish();
    for slice in [map.slice(0, 3), map.slice(1, 2)] {
        let array: ArrayRef = Arc::new(slice);
        let rows = array.len();
        let back = unflatten(flatten(0, &array), rows, ColumnType::Attributes, "it").unwrap();
        for row in 0..rows {
            assert_eq!(back.as_map().value(row).column(1), array.as_map().value(row).column(1), "row {row}");
        }
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let ints = |count: usize| Column { id: 0, valid: None, values: Values::Ints(vec![0; count]) };
    let text = |offsets: Vec<u32>, bytes: &[u8]| Column {
        id: 0,
        valid: None,
        values: Values::Text(Text { offsets, bytes: bytes.to_vec() }),
    };
    let entries = |offsets: Vec<u32>| Column {
        id: 0,
        valid: None,
        values: Values::Attributes(Attributes {
            offsets,
            keys: Text { offsets: vec![0, 1], bytes: b"k".to_vec() },
            values: Text { offsets: vec![0, 1], bytes: b"v".to_vec() },
        }),
    };
    for (column, rows, column_type, says) in [
        (ints(2), 3, ColumnType::Ints, "it has 2 values for 3 rows"),
        (ints(3), 3, ColumnType::Text, "was declared as text and is given as ints"),
        (Column { valid: Some(vec![0, 0]), ..ints(3) }, 3, ColumnType::Ints, "validity of it has 2 bytes"),
        (text(vec![], b""), 0, ColumnType::Text, "it has 0 offsets; 0 rows have 1"),
        (text(vec![0, 2, 1], b"ab"), 2, ColumnType::Text, "offset 1 behind 2"),
        (text(vec![0, 1], b"ab"), 1, ColumnType::Text, "offsets up to 1 for 2"),
        (text(vec![0, 2], &[0xc3, 0x28]), 1, ColumnType::Text, "is not UTF-8"),
        (entries(vec![0, 2]), 1, ColumnType::Attributes, "offsets up to 2 for 1"),
        (entries(vec![0, 1, 1]), 1, ColumnType::Attributes, "it has 3 offsets; 1 rows have 2"),
    ] {
        let error = unflatten(column, rows, column_type, "it").unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}
