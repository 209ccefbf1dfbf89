//! Files with columns of attributes and an index of terms.

use super::rows::{HOUR_START, random_in};
use super::*;
use crate::live_file::LiveFile;
use crate::term_index::{Term, TermIndexes};
use arrow_array::builder::{MapBuilder, MapFieldNames, StringViewBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, MapArray, StringViewArray};
use lincei_model::{AttributeType, limits};
use parquet::file::metadata::ParquetMetaDataReader;
use std::collections::BTreeMap;

/// What makes a row: its number in the body, and its attributes.
type Row = (String, BTreeMap<String, String>);

/// Rows of one hour, whose attributes say what number they have. `kind` changes which keys there
/// are and what type they have.
fn logs(numbers: std::ops::Range<usize>, kind: usize) -> RecordBatch {
    let rows = numbers.len();
    let batch = random_in(Table::Logs, rows, 1, HOUR_START..HOUR_START + 1_000_000, 0);
    let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
    let mut attributes = MapBuilder::new(Some(names), StringViewBuilder::new(), StringViewBuilder::new());
    for i in numbers.clone() {
        let mut push = |key: &str, value: String| {
            attributes.keys().append_value(key);
            attributes.values().append_value(value);
        };
        push("n", i.to_string());
        push("user.id", format!("user-{i}-{}", "x".repeat(i % 20)));
        match kind {
            0 => push("a", (i % 7).to_string()),
            1 => push("a", format!("{}.5", i % 7)),
            _ => push(&format!("rare-{i}"), "1".into()),
        }
        attributes.append(true).unwrap();
    }
    let bodies: StringViewArray = numbers.map(|i| Some(format!("request number <{i:08}>"))).collect();
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| match field.name().as_str() {
        "attributes" => None,
        "body" => Some(Arc::new(bodies.clone()) as ArrayRef),
        _ => Some(column.clone()),
    });
    let map: ArrayRef = Arc::new(attributes.finish());
    let columns = columns.map(|column| column.unwrap_or_else(|| map.clone())).collect();
    RecordBatch::try_new(batch.schema(), columns).unwrap()
}

fn contents(batches: &[RecordBatch]) -> Vec<Row> {
    let mut rows = Vec::new();
    for batch in batches {
        let bodies = batch.column_by_name("body").unwrap().as_string_view();
        let map: &MapArray = batch.column_by_name("attributes").unwrap().as_map();
        for row in 0..batch.num_rows() {
            let entries = map.value(row);
            let (keys, values) = (entries.column(0).as_string_view(), entries.column(1).as_string_view());
            let pairs = keys.iter().flatten().zip(values.iter().flatten());
            rows.push((bodies.value(row).into(), pairs.map(|(k, v)| (k.into(), v.into())).collect()));
        }
    }
    rows.sort();
    rows
}

async fn write_wide(store: &Arc<dyn ObjectStore>, path: &str, batch: RecordBatch) -> DataFile {
    let Sorted { attributes, hours } = sort_by_hour(Table::Logs, vec![batch]).unwrap();
    let [(_, batches)] = &hours[..] else { panic!("{} hours", hours.len()) };
    let batches = stream::iter(batches.clone().into_iter().map(Ok));
    let written = write(store, Table::Logs, Tier::Fresh, path, &attributes, batches).await.unwrap();
    data_file(Table::Logs, path, &written)
}

/// `n` is different in every row, `a` is one of seven numbers and `user.id` differs, too.
#[tokio::test]
async fn attributes_get_a_dictionary_where_values_repeat() {
    let store = memory();
    let file = write_wide(&store, "f", logs(0..1000, 0)).await;
    let bytes = object(&store, &file.path).await;
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&bytes).unwrap();
    let has_dictionary = |name: &str| {
        let columns = metadata.row_group(0).columns().iter();
        let column = columns.clone().find(|c| c.column_path().parts() == [name]).unwrap();
        (column.dictionary_page_offset().is_some(), column.statistics().is_some())
    };
    assert_eq!(has_dictionary("attributes.n"), (false, true));
    assert_eq!(has_dictionary("attributes.a"), (true, true));
    assert_eq!(has_dictionary("attributes.user.id"), (false, false));
}

fn kinds(file: &DataFile) -> Vec<(String, AttributeType, u64)> {
    file.attributes.columns.iter().map(|c| (c.key.clone(), c.kind, c.rows)).collect()
}

#[tokio::test]
async fn attributes_come_back_whatever_columns_the_merged_files_had() {
    use AttributeType::{Double, Int, Text};
    let store = memory();
    let inputs = [logs(0..3000, 0), logs(3000..4000, 1), logs(4000..4200, 2), logs(4200..4250, 0), logs(4250..9000, 0)];
    let mut files = Vec::new();
    for (i, batch) in inputs.iter().enumerate() {
        let file = write_wide(&store, &format!("in/{i}"), batch.clone()).await;
        verify(&store, &file).await.unwrap();
        assert_eq!(contents(&read_all(&store, &file).await.unwrap()), contents(std::slice::from_ref(batch)));
        files.push(file);
    }
    let column = |key: &str, kind, rows| (key.to_owned(), kind, rows);
    let [a, n, user] = [("a", Int), ("n", Int), ("user.id", Text)].map(|(key, kind)| column(key, kind, 3000));
    assert_eq!(kinds(&files[0]), [a, n, user]);
    assert_eq!(kinds(&files[1])[0], column("a", Double, 1000));
    assert_eq!(kinds(&files[2]).len(), 2, "rare keys have no columns");
    assert_eq!(kinds(&files[3]).len(), 0, "few rows have no columns");
    let references: Vec<&DataFile> = files.iter().collect();
    let merged = merge(&store, Table::Logs, Tier::Compacted, &references, 1_000_000, |_| "out".into()).await.unwrap();
    let [(path, written)] = &merged[..] else { panic!("{} files", merged.len()) };
    let merged = data_file(Table::Logs, path, written);
    verify(&store, &merged).await.unwrap();
    // integers in a map may be larger than a double holds, so they and doubles are text
    assert_eq!(
        kinds(&merged),
        [("a", Text, 8800), ("n", Int, 9000), ("user.id", Text, 9000)].map(|(k, t, n)| column(k, t, n))
    );
    assert_eq!(contents(&read_all(&store, &merged).await.unwrap()), contents(&inputs));
}

#[tokio::test]
async fn the_index_of_a_merged_file_finds_its_rows() {
    let store = memory();
    let page = limits::PAGE_ROWS;
    let first = write_wide(&store, "in/0", logs(0..3 * page, 0)).await;
    assert_eq!(first.terms, None, "a file of three pages has no index");
    let second = write_wide(&store, "in/1", logs(3 * page..9 * page, 1)).await;
    assert!(second.terms.is_some());
    let inputs = [&first, &second];
    let merged = merge(&store, Table::Logs, Tier::Compacted, &inputs, 1_000_000, |_| "out".into()).await;
    let (path, written) = merged.unwrap().remove(0);
    let file = data_file(Table::Logs, &path, &written);
    assert_eq!(kinds(&file)[0], ("a".into(), AttributeType::Double, 9 * page as u64));
    let batches = read_all(&store, &file).await.unwrap();
    let all = concat(Table::Logs, &batches);
    let bodies = all.column_by_name("body").unwrap().as_string_view();
    let indexes = TermIndexes::new(store.clone(), 1 << 20);
    let file = LiveFile::new(file);
    let mut unknown = 0;
    for row in (0..all.num_rows()).step_by(999) {
        let number = bodies.value(row).trim_start_matches("request number <0").trim_end_matches('>');
        let user = format!("user-{0}-{1}", number.trim_start_matches('0'), {
            let n: usize = number.parse().unwrap();
            "x".repeat(n % 20)
        });
        let part = Term::Part { column: "body".into(), text: bodies.value(row).to_uppercase(), any_case: true };
        let whole = Term::Whole { column: "attributes.user.id".into(), text: user.clone() };
        for term in [part, whole] {
            let pages = indexes.pages(&file, &term).await;
            let Some(pages) = pages else {
                // a slot that by chance five of the nine pages have
                unknown += usize::from(matches!(term, Term::Whole { .. }));
                continue;
            };
            assert!(pages.row_groups()[0].1.iter().any(|range| range.contains(&row)), "{row} {term:?}");
            assert!(pages.count().0 <= 8, "{row} {term:?}");
        }
    }
    assert!(unknown <= 2, "{unknown} ids of 74 lead nowhere");
}
