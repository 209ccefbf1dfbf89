use super::rows::{HOUR_START, random};
use super::*;
use arrow_array::{ArrayRef, Int64Array, StringViewArray, UInt8Array, UInt64Array, new_null_array};
use lincei_catalog::Scalar;

async fn bounds(table: Table, column: &str, values: ArrayRef) -> Option<(Scalar, Scalar)> {
    let batch = random(table, values.len(), 1);
    let mut columns = batch.columns().to_vec();
    columns[table.schema().index_of(column).unwrap()] = values;
    let batch = RecordBatch::try_new(table.schema(), columns).unwrap();
    let file = write_sorted(&memory(), table, "f", batch).await;
    file.columns.into_iter().find(|r| r.column == column).map(|r| (r.min, r.max))
}

fn text(a: &str, b: &str) -> Option<(Scalar, Scalar)> {
    Some((Scalar::Text(a.to_owned()), Scalar::Text(b.to_owned())))
}

#[tokio::test]
async fn text_is_bounded_by_at_most_64_bytes() {
    let service = async |values: &[&str]| {
        bounds(Table::Logs, "service", Arc::new(StringViewArray::from_iter_values(values))).await
    };
    assert_eq!(service(&["b", "", "ab"]).await, text("", "b"));
    assert_eq!(service(&["ä", "z"]).await, text("z", "ä"));
    let (a64, a65) = ("a".repeat(64), "a".repeat(65));
    assert_eq!(service(&[&a64]).await, text(&a64, &a64));
    // cut: the minimum down to a prefix, the maximum up to the next text of that length
    assert_eq!(service(&[&a65]).await, text(&a64, &format!("{}b", "a".repeat(63))));
    // 33 letters of two bytes: 32 fit; the letter after é (U+E9) is ê (U+EA)
    let (e32, e33) = ("é".repeat(32), "é".repeat(33));
    assert_eq!(service(&[&e33]).await, text(&e32, &format!("{}ê", "é".repeat(31))));
    // nothing is greater than the greatest letter: no bound at all
    assert_eq!(service(&[&"\u{10FFFF}".repeat(17)]).await, None);
}

#[tokio::test]
async fn integers_are_bounded_as_what_they_are() {
    let ids = UInt64Array::from_iter_values([u64::MAX, 3, 1 << 63]);
    assert_eq!(
        bounds(Table::Metrics, "series_id", Arc::new(ids)).await,
        Some((Scalar::UInt(3), Scalar::UInt(u64::MAX)))
    );
    let levels = UInt8Array::from_iter_values([255, 9, 128]);
    assert_eq!(
        bounds(Table::Logs, "severity_number", Arc::new(levels)).await,
        Some((Scalar::UInt(9), Scalar::UInt(255)))
    );
    let durations = Int64Array::from_iter_values([i64::MIN, 5, i64::MAX]);
    assert_eq!(
        bounds(Table::Spans, "duration_ns", Arc::new(durations)).await,
        Some((Scalar::Int(i64::MIN), Scalar::Int(i64::MAX)))
    );
    let values = Int64Array::from_iter([Some(-7), None, Some(-9)]);
    assert_eq!(bounds(Table::Metrics, "value_int", Arc::new(values)).await, Some((Scalar::Int(-9), Scalar::Int(-7))));
}

#[tokio::test]
async fn nulls_alone_have_no_bounds() {
    let schema = Table::Logs.schema();
    let nulls = new_null_array(schema.field_with_name("trace_id").unwrap().data_type(), 5);
    assert_eq!(bounds(Table::Logs, "trace_id", nulls).await, None);
    let some = StringViewArray::from_iter([None, Some("0af7"), None]);
    assert_eq!(bounds(Table::Logs, "trace_id", Arc::new(some)).await, text("0af7", "0af7"));
}

#[tokio::test]
async fn bounds_span_all_row_groups_and_skip_those_of_nulls() {
    let table = Table::Rejects;
    let rows = 131_072 + 2;
    let batch = random(table, rows, 1);
    let mut columns = batch.columns().to_vec();
    // newest first: the last two rows are a row group of their own
    let times = (0..rows as i64).map(|i| HOUR_START + 1_000_000 - i);
    columns[0] = Arc::new(arrow_array::TimestampNanosecondArray::from_iter_values(times).with_timezone("UTC"));
    let records = (0..rows as u64).map(|i| if i < 131_072 { i + 1 } else { 0 });
    columns[table.schema().index_of("records").unwrap()] = Arc::new(UInt64Array::from_iter_values(records));
    let batch = RecordBatch::try_new(table.schema(), columns).unwrap();
    let file = write_batches(&memory(), table, Tier::Fresh, "f", vec![batch]).await.unwrap();
    assert_eq!((file.min_time_ns, file.max_time_ns), (HOUR_START + 1_000_000 - 131_073, HOUR_START + 1_000_000));
    let records = file.columns.iter().find(|r| r.column == "records").unwrap();
    assert_eq!((&records.min, &records.max), (&Scalar::UInt(0), &Scalar::UInt(131_072)));

    let table = Table::Metrics;
    let batch = random(table, rows, 1);
    let mut columns = batch.columns().to_vec();
    let same = |name: &str| table.schema().index_of(name).unwrap();
    columns[same("metric")] = Arc::new(StringViewArray::from(vec!["m"; rows]));
    columns[same("series_id")] = Arc::new(UInt64Array::from(vec![1; rows]));
    let values = (0..rows).map(|i| (i >= 131_072).then_some(i as i64));
    columns[same("value_int")] = Arc::new(Int64Array::from_iter(values));
    let times = (0..rows as i64).map(|i| HOUR_START + i);
    columns[0] = Arc::new(arrow_array::TimestampNanosecondArray::from_iter_values(times).with_timezone("UTC"));
    let batch = RecordBatch::try_new(table.schema(), columns).unwrap();
    let file = write_batches(&memory(), table, Tier::Fresh, "f", vec![batch]).await.unwrap();
    let values = file.columns.iter().find(|r| r.column == "value_int").unwrap();
    assert_eq!((&values.min, &values.max), (&Scalar::Int(131_072), &Scalar::Int(131_073)));
}

#[tokio::test]
async fn other_columns_have_no_bounds() {
    for table in Table::ALL {
        let file = write_sorted(&memory(), table, "f", random(table, 100, 1)).await;
        let names: Vec<_> = file.columns.iter().map(|r| r.column.as_str()).collect();
        let expected: &[&str] = match table {
            Table::Logs => &["severity_number", "service", "trace_id"],
            Table::Spans => &["duration_ns", "trace_id", "name", "kind", "service", "status"],
            Table::Metrics => &[
                "metric",
                "kind",
                "value_int",
                "series_id",
                "flags",
                "service",
                "count",
                "scale",
                "zero_count",
                "positive_offset",
                "negative_offset",
            ],
            Table::Rejects => &["records", "raw_bytes"],
        };
        let shortened = expected.iter().filter(|n| names.contains(n)).count();
        // random text can have a greatest value that cannot be cut
        assert_eq!(names, expected.iter().copied().filter(|n| names.contains(n)).collect::<Vec<_>>(), "{table}");
        assert!(shortened + 4 >= expected.len(), "{table}: {names:?}");
    }
}
