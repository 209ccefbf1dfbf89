use super::rows::random;
use super::*;
use arrow_array::{Array, ArrayRef, Int32Array};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

#[tokio::test]
async fn every_flipped_byte_is_found() {
    let table = Table::Logs;
    let store = memory();
    let file = write_sorted(&store, table, "f", random(table, 1, 1)).await;
    verify(&store, &file).await.unwrap();
    let good = object(&store, "f").await;
    for at in 0..good.len() {
        let mut bad = good.to_vec();
        bad[at] ^= 1 << (at % 8);
        replace(&store, "f", bad).await;
        let found = verify(&store, &file).await.unwrap_err();
        assert!(matches!(found, Corruption::Checksum { expected, .. } if expected == file.crc32), "{at}: {found}");
        assert!(found.is_proven());
    }
}

#[tokio::test]
async fn a_wrong_length_or_no_object_is_found() {
    let table = Table::Metrics;
    let store = memory();
    let file = write_sorted(&store, table, "f", random(table, 20, 1)).await;
    let good = object(&store, "f").await.to_vec();
    for length in (0..good.len()).step_by(97).chain([good.len() - 1]) {
        replace(&store, "f", good[..length].to_vec()).await;
        let found = verify(&store, &file).await.unwrap_err();
        assert!(matches!(found, Corruption::Length { found, .. } if found == length as u64), "{length}: {found}");
    }
    replace(&store, "f", [&good[..], b"x"].concat()).await;
    assert!(matches!(verify(&store, &file).await, Err(Corruption::Length { .. })));
    store.delete(&Path::from("f")).await.unwrap();
    let found = verify(&store, &file).await.unwrap_err();
    assert!(matches!(found, Corruption::Missing), "{found}");
    let error = read_all(&store, &file).await.unwrap_err();
    assert!(matches!(&error, EngineError::Corrupt { detail, .. } if detail.contains("missing")), "{error}");
}

/// An object that the catalog's length and checksum fit, whatever it holds.
async fn disguised(store: &Arc<dyn ObjectStore>, bytes: Vec<u8>, like: &DataFile) -> DataFile {
    let (crc32, length) = (crc32fast::hash(&bytes), bytes.len() as u64);
    replace(store, &like.path, bytes).await;
    DataFile { crc32, bytes: length, ..like.clone() }
}

#[tokio::test]
async fn a_footer_that_is_none_is_found() {
    let store = memory();
    let file = write_sorted(&store, Table::Logs, "f", random(Table::Logs, 20, 1)).await;
    let good = object(&store, "f").await.to_vec();
    let mut length = good.clone();
    let at = good.len() - 8;
    length[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    for bad in [vec![], b"PAR1".to_vec(), vec![0; 4096], good[..good.len() - 1].to_vec(), length] {
        let file = disguised(&store, bad.clone(), &file).await;
        let found = verify(&store, &file).await.unwrap_err();
        assert!(matches!(found, Corruption::Footer { .. }), "{} bytes: {found:?}", bad.len());
    }
}

#[tokio::test]
async fn another_tables_file_is_found() {
    let store = memory();
    let logs = write_sorted(&store, Table::Logs, "logs", random(Table::Logs, 20, 1)).await;
    let spans = write_sorted(&store, Table::Spans, "spans", random(Table::Spans, 20, 1)).await;
    let swapped = DataFile { path: spans.path.clone(), table: Table::Logs, ..spans };
    let found = verify(&store, &swapped).await.unwrap_err();
    assert!(matches!(&found, Corruption::Schema { detail } if detail.contains("spans")), "{found}");
    let more = DataFile { rows: 21, ..logs };
    let found = verify(&store, &more).await.unwrap_err();
    assert!(matches!(found, Corruption::Rows { expected: 21, found: 20 }), "{found}");
}

/// A file as another version of this program might write it.
pub(super) async fn foreign(
    store: &Arc<dyn ObjectStore>,
    columns: Vec<(Field, ArrayRef)>,
    keys: &[(&str, &str)],
) -> (DataFile, RecordBatch) {
    let (fields, arrays): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let template = write_sorted(store, Table::Logs, "f", random(Table::Logs, batch.num_rows(), 1)).await;
    let keys = keys.iter().map(|(k, v)| KeyValue::new((*k).to_owned(), (*v).to_owned())).collect();
    let properties = WriterProperties::builder().set_key_value_metadata(Some(keys)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    let bytes = writer.into_inner().unwrap();
    (disguised(store, bytes, &template).await, batch)
}

fn log_columns() -> Vec<(Field, ArrayRef)> {
    columns_of(&concat(Table::Logs, &sorted(Table::Logs, random(Table::Logs, 5, 1))))
}

pub(super) fn columns_of(batch: &RecordBatch) -> Vec<(Field, ArrayRef)> {
    let fields = Table::Logs.schema().fields().iter().map(|f| f.as_ref().clone()).collect::<Vec<_>>();
    fields.into_iter().zip(batch.columns().to_vec()).collect()
}

pub(super) const KEYS: [(&str, &str); 2] = [("lincei.table", "logs"), ("lincei.format_version", "1")];

#[tokio::test]
async fn columns_that_a_file_lacks_are_null() {
    let store = memory();
    let mut columns = log_columns();
    columns.retain(|(field, _)| !["scope", "observed_time"].contains(&field.name().as_str()));
    columns.reverse();
    let (file, batch) = foreign(&store, columns, &KEYS).await;
    verify(&store, &file).await.unwrap();
    let back = concat(Table::Logs, &read_all(&store, &file).await.unwrap());
    for field in Table::Logs.schema().fields() {
        let column = back.column_by_name(field.name()).unwrap();
        match batch.column_by_name(field.name()) {
            Some(stored) => assert_eq!(column, stored, "{}", field.name()),
            None => assert_eq!(column.null_count(), 5, "{}", field.name()),
        }
    }
}

#[tokio::test]
async fn columns_that_the_table_cannot_have_are_found() {
    let mut cases = Vec::new();
    let mut required = log_columns();
    required.retain(|(field, _)| field.name() != "service");
    cases.push(("a required column is missing", required, KEYS));
    let mut unknown = log_columns();
    unknown.push((Field::new("new", DataType::Int32, false), Arc::new(Int32Array::from(vec![1; 5]))));
    cases.push(("an unknown column", unknown, KEYS));
    let mut retyped = log_columns();
    retyped[2] = (Field::new("severity_number", DataType::Int32, false), Arc::new(Int32Array::from(vec![1; 5])));
    cases.push(("another type", retyped, KEYS));
    let mut nullable = log_columns();
    nullable[4].0.set_nullable(true);
    cases.push(("nulls where there are none", nullable, KEYS));
    cases.push(("a newer layout", log_columns(), [KEYS[0], ("lincei.format_version", "3")]));
    cases.push(("no layout", log_columns(), [KEYS[0], ("x", "y")]));
    cases.push(("no table", log_columns(), [KEYS[1], ("x", "y")]));
    for (case, columns, keys) in cases {
        let store = memory();
        let (file, _) = foreign(&store, columns, &keys).await;
        let found = verify(&store, &file).await.expect_err(case);
        assert!(matches!(found, Corruption::Schema { .. }), "{case}: {found}");
        assert!(matches!(read_all(&store, &file).await, Err(EngineError::Corrupt { .. })), "{case}");
    }
}
