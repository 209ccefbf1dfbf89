use super::*;
use arrow_array::builder::{MapBuilder, MapFieldNames, StringViewBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, MapArray, RecordBatch, StringViewArray, TimestampNanosecondArray, UInt8Array, new_null_array,
};
use fastrand::Rng;
use lincei_model::{AttributeColumn, AttributePlace, AttributeType};

type Entry = (String, Option<String>);

fn maps(rows: &[Vec<Entry>]) -> ArrayRef {
    let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
    let mut out = MapBuilder::new(Some(names), StringViewBuilder::new(), StringViewBuilder::new());
    for row in rows {
        for (key, value) in row {
            out.keys().append_value(key);
            out.values().append_option(value.as_ref());
        }
        out.append(true).unwrap();
    }
    Arc::new(out.finish())
}

/// Log records with these attributes and nothing else.
fn records(rows: &[Vec<Entry>]) -> RecordBatch {
    let schema = Table::Logs.schema();
    let column = |field: &Arc<Field>| -> ArrayRef {
        match field.name().as_str() {
            "time" => Arc::new(TimestampNanosecondArray::from_iter_values(0..rows.len() as i64).with_timezone("UTC")),
            "severity_number" => Arc::new(UInt8Array::from(vec![0; rows.len()])),
            "service" => Arc::new(StringViewArray::from_iter_values(rows.iter().map(|_| "s"))),
            "attributes" => maps(rows),
            "resource" => maps(&vec![Vec::new(); rows.len()]),
            _ => new_null_array(field.data_type(), rows.len()),
        }
    };
    RecordBatch::try_new(schema.clone(), schema.fields().iter().map(column).collect()).unwrap()
}

fn rows_of(batch: &RecordBatch) -> Vec<Vec<Entry>> {
    let map: &MapArray = batch.column_by_name("attributes").unwrap().as_map();
    (0..map.len())
        .map(|row| {
            let entries = map.value(row);
            let (keys, values) = (entries.column(0).as_string_view(), entries.column(1).as_string_view());
            (0..keys.len())
                .map(|i| (keys.value(i).to_owned(), values.is_valid(i).then(|| values.value(i).to_owned())))
                .collect()
        })
        .collect()
}

/// What no order of keys changes: entries by key, those of one key in their order.
fn by_key(mut rows: Vec<Vec<Entry>>) -> Vec<Vec<Entry>> {
    rows.iter_mut().for_each(|row| row.sort_by(|a, b| a.0.cmp(&b.0)));
    rows
}

fn entry(key: &str, value: &str) -> Entry {
    (key.to_owned(), Some(value.to_owned()))
}

fn kinds(attributes: &FileAttributes) -> Vec<(&str, AttributeType)> {
    attributes.columns.iter().map(|c| (c.key.as_str(), c.kind)).collect()
}

#[test]
fn frequent_keys_get_columns_of_their_type() {
    let rows: Vec<Vec<Entry>> = (0..1000)
        .map(|i| {
            let mut row = vec![
                entry("status", if i % 2 == 0 { "200" } else { "404" }),
                entry("took", &format!("{i}.5")),
                entry("http.route", "/a"),
                entry("ok", if i % 3 == 0 { "true" } else { "false" }),
                entry("mixed", if i == 999 { "x" } else { "1" }),
            ];
            if i < 99 {
                row.push(entry("rare", "1"));
            }
            if i == 7 {
                row.push((("status").to_owned(), Some("500".to_owned())));
            }
            row
        })
        .collect();
    let wide = promote(Table::Logs, vec![records(&rows[..300]), records(&rows[300..])]).unwrap();
    use AttributeType::{Bool, Double, Int, Text};
    let expected = [("http.route", Text), ("mixed", Text), ("ok", Bool), ("status", Int), ("took", Double)];
    assert_eq!(kinds(&wide.attributes), expected);
    let first = &wide.batches[0];
    assert_eq!(first.column_by_name("attributes.status").unwrap().as_primitive::<Int64Type>().value(7), 404);
    assert_eq!(first.column_by_name("attributes.took").unwrap().as_primitive::<Float64Type>().value(2), 2.5);
    let rest = rows_of(first);
    assert_eq!(rest[7], [entry("rare", "1"), entry("status", "500")], "a repeated key stays, the first one counts");
    let mut count = AttributeCount::new(Table::Logs, &wide.attributes);
    wide.batches.iter().for_each(|batch| count.add(batch));
    let counted = count.finish();
    assert_eq!(counted.columns.iter().map(|c| c.rows).collect::<Vec<_>>(), [1000; 5]);
    let left = |key: &str, rows| AttributeColumn { map: "attributes".into(), key: key.into(), kind: Int, rows };
    assert_eq!(counted.rest, Some(vec![left("rare", 99), left("status", 1)]));
    assert_eq!(counted.place("attributes", "nowhere"), AttributePlace::Absent);
}

fn random_rows(rng: &mut Rng, rows: usize, keys: usize) -> Vec<Vec<Entry>> {
    let values =
        ["1", "-7", "2.5", "1e300", "true", "", "ü", "9007199254740993", "0.10", "a value of more than 12 bytes"];
    (0..rows)
        .map(|_| {
            (0..rng.usize(0..6))
                .map(|_| {
                    let key = rng.usize(0..keys);
                    let value = match key % 3 {
                        0 => rng.i64(-99..99).to_string(),
                        1 => format!("{}.25", rng.u8(..)),
                        _ => (*rng.choice(&values).unwrap()).to_owned(),
                    };
                    let name =
                        if key.is_multiple_of(2) { format!("k{key}") } else { format!("a key with \"quotes\".{key}") };
                    (name, (rng.u8(0..20) > 0).then_some(value))
                })
                .collect()
        })
        .collect()
}

#[test]
fn nothing_is_lost_on_the_way_into_columns_and_back() {
    let mut rng = Rng::with_seed(3);
    for keys in [1, 3, 20, 500, 5000] {
        let rows = random_rows(&mut rng, 3000, keys);
        let batch = records(&rows);
        let wide = promote(Table::Logs, vec![batch.slice(0, 10), batch.slice(10, 2990)]).unwrap();
        let back: Vec<_> = wide
            .batches
            .iter()
            .flat_map(|batch| rows_of(&narrow(Table::Logs, batch, &wide.attributes).unwrap()))
            .collect();
        assert_eq!(by_key(back), by_key(rows), "{keys} keys");
        assert_eq!(wide.attributes.columns.is_empty(), keys >= 500, "{keys} keys");
    }
}

#[test]
fn files_with_different_columns_become_one() {
    let mut rng = Rng::with_seed(5);
    for round in 0..8 {
        let sources: Vec<_> = [3, 4, 40, 400].map(|keys| random_rows(&mut rng, 500 * (round + 1), keys)).into();
        let mut files = Vec::new();
        for rows in &sources {
            let wide = promote(Table::Logs, vec![records(rows)]).unwrap();
            let mut count = AttributeCount::new(Table::Logs, &wide.attributes);
            count.add(&wide.batches[0]);
            files.push((count.finish(), wide.batches[0].clone()));
        }
        let ranges = std::iter::once(("attributes.k0".to_owned(), (-99, 99))).collect();
        let described: Vec<_> =
            files.iter().map(|(attributes, _)| Source { attributes, int_ranges: &ranges }).collect();
        let rows: u64 = files.iter().map(|(_, batch)| batch.num_rows() as u64).sum();
        let to = target(&described, rows);
        assert!(!to.columns.is_empty());
        for ((from, batch), rows) in files.iter().zip(&sources) {
            let merged = reshape(Table::Logs, batch, from, &to).unwrap();
            assert_eq!(merged.schema(), wide_schema(Table::Logs, &to));
            assert_eq!(by_key(rows_of(&narrow(Table::Logs, &merged, &to).unwrap())), by_key(rows.clone()));
        }
    }
}

#[test]
fn a_merged_column_has_a_type_that_all_values_have() {
    use AttributeType::{Bool, Double, Int, Text};
    let key = |kind, rows| AttributeColumn { map: "attributes".into(), key: "k".into(), kind, rows };
    let file = |kind, rest: Option<Vec<AttributeColumn>>| FileAttributes { columns: vec![key(kind, 10)], rest };
    let empty = || Some(Vec::new());
    let in_map = |kind| Some(vec![key(kind, 1)]);
    let often = |kind| Some(vec![key(kind, 60)]);
    let none = |rest| FileAttributes { columns: Vec::new(), rest };
    for (a, b, range, expected) in [
        (file(Int, empty()), file(Int, empty()), (i64::MIN, i64::MAX), Some(Int)),
        (file(Int, empty()), file(Double, empty()), (-9, 9), Some(Double)),
        (file(Int, empty()), file(Double, empty()), (0, (1 << 53) + 1), Some(Text)),
        (file(Int, empty()), file(Bool, empty()), (0, 1), Some(Text)),
        (file(Bool, empty()), none(empty()), (0, 1), Some(Bool)),
        (file(Bool, empty()), none(in_map(Bool)), (0, 1), Some(Bool)),
        (file(Double, empty()), none(in_map(Double)), (0, 1), Some(Double)),
        (file(Double, empty()), none(in_map(Int)), (0, 1), Some(Text)),
        (none(in_map(Int)), none(in_map(Int)), (0, 1), None),
        (none(often(Int)), none(often(Int)), (0, 1), Some(Int)),
        (file(Bool, empty()), none(None), (0, 1), Some(Text)),
        (none(empty()), none(None), (0, 1), None),
    ] {
        let ranges = std::iter::once(("attributes.k".to_owned(), range)).collect();
        let sources = [&a, &b].map(|attributes| Source { attributes, int_ranges: &ranges });
        assert_eq!(target(&sources, 20).columns.first().map(|c| c.kind), expected, "{a:?} {b:?} {range:?}");
    }
}
