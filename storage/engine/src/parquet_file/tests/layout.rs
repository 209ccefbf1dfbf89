//! The bytes that `parquet_file`'s documentation promises, read by the library's own metadata
//! reader.

use super::super::repetition::Repetition;
use super::rows::{HOUR_START, random, random_in};
use super::*;
use arrow_array::StringViewArray;
use parquet::arrow::ArrowSchemaConverter;
use parquet::basic::{Compression, Encoding, PageType, ZstdLevel};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader};

pub(super) async fn metadata(store: &Arc<dyn ObjectStore>, path: &str) -> ParquetMetaData {
    let bytes = object(store, path).await;
    let options = ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false);
    let reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required);
    reader.with_metadata_options(Some(options)).parse_and_finish(&bytes).unwrap()
}

#[tokio::test]
async fn the_footer_names_the_writer_the_table_and_the_order() {
    let orders: [(Table, &[(&str, bool)]); 4] = [
        (Table::Logs, &[("service", false), ("time", true)]),
        (Table::Spans, &[("service", false), ("time", true)]),
        (Table::Metrics, &[("metric", false), ("series_id", false), ("time", false)]),
        (Table::Rejects, &[("time", true)]),
    ];
    for (table, order) in orders {
        let store = memory();
        write_sorted(&store, table, "f", random(table, 10, 1)).await;
        let metadata = metadata(&store, "f").await;
        let file = metadata.file_metadata();
        assert_eq!(file.version(), 2);
        assert_eq!(file.created_by(), Some(concat!("lincei version ", env!("CARGO_PKG_VERSION"))));
        let pairs = file.key_value_metadata().unwrap();
        let value = |key: &str| pairs.iter().find(|p| p.key == key).unwrap().value.as_deref().unwrap();
        assert_eq!((value("lincei.table"), value("lincei.format_version")), (table.name(), "2"));
        assert_eq!(value("lincei.attributes").get(..12), Some(r#"{"columns":["#));
        assert_eq!(pairs.len(), 3);
        for group in metadata.row_groups() {
            let columns = group.sorting_columns().unwrap().iter();
            let names: Vec<_> =
                columns.map(|c| (group.column(c.column_idx as usize).column_path().string(), c.descending)).collect();
            let expected: Vec<_> = order.iter().map(|(name, descending)| ((*name).to_owned(), *descending)).collect();
            assert_eq!(names, expected, "{table}");
        }
    }
}

/// Which of the ways a leaf is stored, by hand from the table in the documentation.
fn expected_encoding(table: Table, leaf: &str) -> Encoding {
    let name = leaf.rsplit('.').next().unwrap();
    match name {
        "time" | "start_time" if table == Table::Metrics => Encoding::RLE_DICTIONARY,
        "series_id" => Encoding::PLAIN,
        "body" | "raw" | "span_id" | "parent_span_id" => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        "time" | "observed_time" | "start_time" | "duration_ns" | "value_int" | "flags" | "count" | "scale"
        | "zero_count" | "positive_offset" | "negative_offset" | "records" | "raw_bytes" => {
            Encoding::DELTA_BINARY_PACKED
        }
        "sum" | "min" | "max" | "zero_threshold" | "quantile" => Encoding::PLAIN,
        "monotonic" => Encoding::RLE,
        "item" if leaf.starts_with("bucket_bounds") => Encoding::PLAIN,
        "item" => Encoding::DELTA_BINARY_PACKED,
        "value" if leaf.starts_with("attributes.") || leaf.starts_with("resource.") => Encoding::RLE_DICTIONARY,
        "value" if leaf.contains(".attributes.") => Encoding::RLE_DICTIONARY,
        "value" => Encoding::PLAIN,
        _ => Encoding::RLE_DICTIONARY,
    }
}

#[tokio::test]
async fn every_leaf_has_its_encoding_and_statistics() {
    let pruned = "time service severity_number severity trace_id metric series_id name kind status duration_ns code";
    let bare = "body raw span_id parent_span_id status_message description";
    for table in Table::ALL {
        let store = memory();
        write_sorted(&store, table, "f", random(table, 500, 1)).await;
        let metadata = metadata(&store, "f").await;
        let group = metadata.row_group(0);
        let indexes = metadata.column_index().unwrap();
        for (leaf, column) in group.columns().iter().enumerate() {
            let path = column.column_path().string();
            assert!(matches!(column.compression(), Compression::ZSTD(_)), "{table} {path}");
            let pages = column.page_encoding_stats().unwrap();
            let data = pages.iter().find(|p| p.page_type != PageType::DICTIONARY_PAGE).unwrap();
            assert_eq!(data.encoding, expected_encoding(table, &path), "{table} {path}");
            assert_eq!(data.page_type, PageType::DATA_PAGE_V2, "{table} {path}");
            let dictionary = pages.iter().any(|p| p.page_type == PageType::DICTIONARY_PAGE);
            assert_eq!(dictionary, data.encoding == Encoding::RLE_DICTIONARY, "{table} {path}");

            let is = |names: &str| names.split(' ').any(|n| n == path);
            let has_index =
                !matches!(indexes[0][leaf], parquet::file::page_index::column_index::ColumnIndexMetaData::NONE);
            assert_eq!(has_index, is(pruned), "{table} {path}");
            assert_eq!(column.statistics().is_some(), !path.contains('.') && !is(bare), "{table} {path}");
        }
    }
}

/// 128 Ki rows a row group and 8 Ki rows a page, in flat and in nested columns alike; and all rows
/// are read back.
#[tokio::test]
async fn row_groups_and_pages_have_exactly_their_rows() {
    // one with maps and lists of structs, one without
    for table in [Table::Spans, Table::Rejects] {
        let store = memory();
        let rows = random_in(table, 131_072 + 8193, 2, HOUR_START..HOUR_START + 1000, 1);
        let rows = sorted(table, rows);
        let file = write_batches(&store, table, Tier::Fresh, "f", rows.clone()).await.unwrap();
        assert_eq!(concat(table, &read_all(&store, &file).await.unwrap()), concat(table, &rows), "{table}");
        let metadata = metadata(&store, "f").await;
        let rows: Vec<_> = metadata.row_groups().iter().map(|g| g.num_rows()).collect();
        assert_eq!(rows, [131_072, 8193], "{table}");
        for (group, pages) in metadata.offset_index().unwrap().iter().zip([16, 2]) {
            for (leaf, index) in group.iter().enumerate() {
                let first_rows: Vec<_> = index.page_locations().iter().map(|p| p.first_row_index).collect();
                let expected: Vec<_> = (0..pages).map(|page| page * 8192).collect();
                let path = metadata.row_group(0).column(leaf).column_path().string();
                assert_eq!(first_rows, expected, "{table} {path}");
            }
        }
    }
}

/// The places in the offset index and in the column metadata are the pages' own.
#[tokio::test]
async fn pages_lie_one_after_the_other() {
    for table in Table::ALL {
        let store = memory();
        let file = write_sorted(&store, table, "f", random(table, 20_000, 2)).await;
        let metadata = metadata(&store, "f").await;
        // the magic number
        let mut end = 4;
        for (leaf, column) in metadata.row_group(0).columns().iter().enumerate() {
            let (start, length) = column.byte_range();
            assert_eq!(start, end, "{table} {leaf}");
            end = start + length;
            let locations = metadata.offset_index().unwrap()[0][leaf].page_locations();
            assert_eq!(locations[0].offset, column.data_page_offset());
            let mut at = column.data_page_offset();
            for page in locations {
                assert_eq!(page.offset, at, "{table} {leaf}");
                at += i64::from(page.compressed_page_size);
            }
            assert_eq!(at as u64, end, "{table} {leaf}");
        }
        assert!(end < file.bytes);
    }
}

/// A flipped bit anywhere in a page is found on reading, without the catalog's checksum. Text as
/// it stands in a page would otherwise be read back wrong.
#[tokio::test]
async fn every_page_has_a_checksum() {
    let table = Table::Logs;
    let store = memory();
    let file = write_sorted(&store, table, "f", random(table, 20, 4)).await;
    let good = object(&store, "f").await;
    let metadata = metadata(&store, "f").await;
    let mut flips = 0;
    for (leaf, column) in metadata.row_group(0).columns().iter().enumerate() {
        let (start, length) = column.byte_range();
        let last = metadata.offset_index().unwrap()[0][leaf].page_locations().last().unwrap().clone();
        // the end of the dictionary, where there is one, and the end of the last page
        let dictionary_end = column.dictionary_page_offset().map(|_| column.data_page_offset() as u64 - 1);
        for at in dictionary_end.into_iter().chain([start + length - 1]) {
            let mut bad = good.to_vec();
            bad[at as usize] ^= 0x10;
            replace(&store, "f", bad).await;
            let error = read_all(&store, &file).await.unwrap_err();
            let EngineError::Parquet { path, source, .. } = &error else { panic!("{error}") };
            assert_eq!(path, "f");
            assert!(source.to_string().contains("CRC"), "leaf {leaf}: {source}");
            flips += 1;
        }
        assert!(last.compressed_page_size > 0);
    }
    assert!(flips > metadata.row_group(0).num_columns());
}

/// The levels are in no metadata; they show in the settings and in the length of text.
#[tokio::test]
async fn tiers_are_zstd_levels() {
    let table = Table::Logs;
    let store = memory();
    let batch = random(table, 9000, 4);
    let mut columns = batch.columns().to_vec();
    let bodies = (0..9000).map(|i| format!("took {} ms for user {} of {}", i * 7919 % 613, i * i % 9973, i % 17));
    columns[table.schema().index_of("body").unwrap()] = Arc::new(StringViewArray::from_iter_values(bodies));
    let rows = sorted(table, RecordBatch::try_new(table.schema(), columns).unwrap());
    let leaves = ArrowSchemaConverter::new().convert(&table.schema()).unwrap();
    let mut sizes = Vec::new();
    for (tier, level) in [(Tier::Fresh, 1), (Tier::Compacted, 3), (Tier::Cold, 9)] {
        let settings = super::super::layout::properties(table, tier, &leaves, &Repetition::default()).unwrap();
        for leaf in leaves.columns() {
            let level = if leaf.name() == "span_id" { 1 } else { level };
            let codec = Compression::ZSTD(ZstdLevel::try_new(level).unwrap());
            assert_eq!(settings.compression(leaf.path()), codec, "{}", leaf.name());
        }
        let file = write_batches(&store, table, tier, "f", rows.clone()).await.unwrap();
        assert_eq!(concat(table, &read_all(&store, &file).await.unwrap()), concat(table, &rows));
        let metadata = metadata(&store, "f").await;
        let bodies = metadata.row_group(0).columns().iter().find(|c| c.column_path().string() == "body").unwrap();
        sizes.push(bodies.compressed_size());
    }
    assert!(sizes[0] > sizes[1] && sizes[1] > sizes[2], "{sizes:?}");
}
