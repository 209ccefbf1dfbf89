//! What files of metrics have of their own.

use super::layout::metadata;
use super::rows::HOUR_START;
use super::*;
use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, new_empty_array, new_null_array};
use arrow_array::{Float64Array, MapArray, StringViewArray, TimestampNanosecondArray, UInt32Array, UInt64Array};
use arrow_buffer::OffsetBuffer;
use arrow_schema::DataType;
use parquet::basic::Encoding;
use std::collections::HashSet;

/// Rows of a page, an eighth of which would do for other tables.
const PAGE: usize = 65_536;

/// Data points of one metric in order, each page of one series, a nanosecond apart; no labels.
fn points(values: &[Option<f64>]) -> RecordBatch {
    let table = Table::Metrics;
    let rows = values.len();
    let text = |value: &str| Arc::new(StringViewArray::from_iter_values((0..rows).map(|_| value))) as ArrayRef;
    let times = (0..rows).map(|row| HOUR_START + (row % PAGE) as i64);
    let series = (0..rows).map(|row| (row / PAGE) as u64);
    let column = |field: &arrow_schema::Field| match field.name().as_str() {
        "time" => Arc::new(TimestampNanosecondArray::from_iter_values(times.clone()).with_timezone("UTC")) as ArrayRef,
        "metric" | "service" => text("m"),
        "kind" => text("gauge"),
        "series_id" => Arc::new(UInt64Array::from_iter_values(series.clone())),
        "flags" => Arc::new(UInt32Array::from_value(0, rows)),
        "value" => Arc::new(Float64Array::from(values.to_vec())),
        _ => match field.data_type() {
            DataType::Map(entry, ordered) => {
                let none = new_empty_array(entry.data_type());
                let offsets = OffsetBuffer::new_zeroed(rows);
                Arc::new(MapArray::new(entry.clone(), offsets, none.as_struct().clone(), None, *ordered))
            }
            other => new_null_array(other, rows),
        },
    };
    let columns = table.schema().fields().iter().map(|field| column(field)).collect();
    RecordBatch::try_new(table.schema(), columns).unwrap()
}

/// Two pages each of decimal fractions, whole numbers, noise, and nothing.
fn mixed_values() -> Vec<Option<f64>> {
    let mut rng = fastrand::Rng::with_seed(1);
    let mut count = 50_000.0;
    let mut value = |page: usize| {
        count += f64::from(rng.u8(..));
        match page % 4 {
            0 => Some(f64::from(rng.u32(..1_000_000)) / 100.0),
            1 => Some(count),
            2 => Some(rng.f64()),
            _ => None,
        }
    };
    (0..8 * PAGE).map(|row| value(row / PAGE)).collect()
}

/// numpy and zstandard (level 6) give, for values made alike: fractions 3.6 bytes plain and 5.2 split
/// into streams, whole numbers 2.1 and 1.9, noise 7.5 and 6.8.
#[tokio::test]
async fn each_page_of_values_has_the_smaller_encoding() {
    let table = Table::Metrics;
    let rows = points(&mixed_values());
    for tier in [Tier::Fresh, Tier::Compacted, Tier::Cold] {
        let store = memory();
        let file = write_batches(&store, table, tier, "f", vec![rows.clone()]).await.unwrap();
        assert_eq!(concat(table, &read_all(&store, &file).await.unwrap()), rows);
        let metadata = metadata(&store, "f").await;
        let group = metadata.row_group(0);
        let value = group.columns().iter().find(|c| c.column_path().string() == "value").unwrap();
        let stats = value.page_encoding_stats().unwrap();
        let pages = |encoding| stats.iter().filter(|s| s.encoding == encoding).map(|s| s.count).sum::<i32>();
        assert_eq!((pages(Encoding::PLAIN), pages(Encoding::BYTE_STREAM_SPLIT)), (4, 4), "{tier:?}");
        let listed: HashSet<Encoding> = value.encodings().collect();
        assert_eq!(listed, HashSet::from([Encoding::RLE, Encoding::PLAIN, Encoding::BYTE_STREAM_SPLIT]));
    }
}

#[tokio::test]
async fn row_groups_and_pages_have_eight_times_the_rows() {
    let table = Table::Metrics;
    let count = 16 * PAGE + PAGE + 1;
    let rows = points(&(0..count).map(|row| Some(row as f64)).collect::<Vec<_>>());
    let store = memory();
    let file = write_batches(&store, table, Tier::Fresh, "f", vec![rows.clone()]).await.unwrap();
    assert_eq!(concat(table, &read_all(&store, &file).await.unwrap()), rows);
    let metadata = metadata(&store, "f").await;
    let rows: Vec<_> = metadata.row_groups().iter().map(|g| g.num_rows()).collect();
    assert_eq!(rows, [1_048_576, 65_537]);
    for (group, pages) in metadata.offset_index().unwrap().iter().zip([16, 2]) {
        for index in group {
            let first_rows: Vec<_> = index.page_locations().iter().map(|p| p.first_row_index).collect();
            assert_eq!(first_rows, (0..pages).map(|page| page * 65_536).collect::<Vec<_>>());
        }
    }
}
