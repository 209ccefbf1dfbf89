use super::repetition::Repetition;
use lincei_model::{Table, limits};
use parquet::basic::{Compression, Encoding, Type, ZstdLevel};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{
    DEFAULT_DICTIONARY_PAGE_SIZE_LIMIT, EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

/// Footer key of the table's name.
pub(super) const KEY_TABLE: &str = "lincei.table";
/// Footer key of [`FORMAT_VERSION`].
pub(super) const KEY_FORMAT_VERSION: &str = "lincei.format_version";
/// The layout that this module writes, and the newest that it reads.
pub(super) const FORMAT_VERSION: u32 = 2;
/// Footer key of [`lincei_model::FileAttributes`] as JSON, from version 2 on.
pub(super) const KEY_ATTRIBUTES: &str = "lincei.attributes";

/// Bytes of one data page before compression, beyond which it is cut early. A page's rows
/// normally come to well under 2 MiB.
pub(super) const PAGE_BYTES_MAX: usize = 16 << 20;
/// Bytes of one encoded row group, beyond which it is cut early: bounds a writer's memory.
pub(super) const ROW_GROUP_BYTES_MAX: usize = 256 << 20;
/// Bytes of a dictionary of numbers beyond which they are stored as they come: as many as a quarter
/// of the rows of the largest row group.
const NUMBERS_BYTES_MAX: usize = 2 << 20;
/// Bytes kept of a text minimum or maximum in the page index and the statistics.
pub(super) const STATISTICS_BYTES: usize = 64;

/// Text leaves whose values hardly repeat: a dictionary would only fill up and be dropped.
const UNREPEATED: [&str; 4] = ["body", "raw", "span_id", "parent_span_id"];
/// Integers that have few values.
const FEW_NUMBERS: [&str; 1] = ["severity_number"];
/// Those of them that are sentences.
const PROSE: [&str; 2] = ["body", "raw"];
/// Level for other text that hardly repeats: it is mostly digits, of which a longer search for matches
/// makes more bytes in more time.
const UNREPEATED_LEVEL: i32 = 1;
/// Columns that queries prune pages by.
const PAGE_STATISTICS: [&str; 12] = [
    "time",
    "service",
    "severity_number",
    "severity",
    "trace_id",
    "metric",
    "series_id",
    "name",
    "kind",
    "status",
    "duration_ns",
    "code",
];
/// Columns whose minimum and maximum help nobody.
const NO_STATISTICS: [&str; 6] = ["body", "raw", "span_id", "parent_span_id", "status_message", "description"];

/// How much CPU a file is worth. Bytes fall and write time rises from one to the next; reading
/// costs the same. Ids are packed with level 1 in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    /// Straight from memory, soon to be merged: zstd level 1, of metrics 3.
    Fresh,
    /// Merged, or large enough never to be: zstd level 3, of metrics 6.
    Compacted,
    /// Old, and not to be rewritten again: zstd level 9.
    Cold,
}

impl Tier {
    /// Of metrics stronger: they have few bytes a row, and level 1 does not find what repeats in
    /// doubles.
    const fn zstd_level(self, table: Table) -> i32 {
        match (self, table) {
            (Self::Fresh, Table::Metrics) => 3,
            (Self::Fresh, _) => 1,
            (Self::Compacted, Table::Metrics) => 6,
            (Self::Compacted, _) => 3,
            (Self::Cold, _) => 9,
        }
    }
}

/// The writer's settings for one table, as the module documentation of `parquet_file` lists them.
/// `repetition` tells the columns of attributes apart.
pub(super) fn properties(
    table: Table,
    tier: Tier,
    schema: &SchemaDescriptor,
    repetition: &Repetition,
) -> Result<WriterProperties> {
    let footer = vec![
        KeyValue::new(KEY_TABLE.to_owned(), table.name().to_owned()),
        KeyValue::new(KEY_FORMAT_VERSION.to_owned(), FORMAT_VERSION.to_string()),
    ];
    let mut builder = pages(table, tier)?
        // "<application> version <version>" is what parquet.thrift asks for, and what readers parse
        .set_created_by(concat!("lincei version ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(footer))
        .set_max_row_group_row_count(Some(table.row_group_rows()))
        .set_column_index_truncate_length(Some(STATISTICS_BYTES))
        .set_statistics_truncate_length(Some(STATISTICS_BYTES))
        .set_sorting_columns(Some(sorting_columns(table, schema)?));
    for column in schema.columns() {
        let path = column.path();
        let (encoding, dictionary) = encoding(table, column, repetition);
        if is_unrepeated(column, repetition) && !PROSE.contains(&column.name()) {
            let level = ZstdLevel::try_new(UNREPEATED_LEVEL)?;
            builder = builder.set_column_compression(path.clone(), Compression::ZSTD(level));
        }
        builder = builder
            .set_column_dictionary_enabled(path.clone(), dictionary)
            .set_column_encoding(path.clone(), encoding)
            .set_column_dictionary_page_size_limit(path.clone(), dictionary_bytes(column))
            .set_column_statistics_enabled(path.clone(), statistics(column, repetition));
    }
    Ok(builder.build())
}

/// The writer's settings for a column that is written a second time, with `encoding`.
pub(super) fn rival_properties(table: Table, tier: Tier, encoding: Encoding) -> Result<WriterProperties> {
    let builder = pages(table, tier)?.set_dictionary_enabled(false).set_encoding(encoding);
    Ok(builder.set_statistics_enabled(EnabledStatistics::None).build())
}

/// How large pages are, and how compressed.
fn pages(table: Table, tier: Tier) -> Result<WriterPropertiesBuilder> {
    let builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(tier.zstd_level(table))?))
        // pages are cut between two writes of at most this many rows; the encoder aligns them
        .set_write_batch_size(limits::PAGE_ROWS)
        .set_data_page_row_count_limit(table.page_rows())
        .set_data_page_size_limit(PAGE_BYTES_MAX);
    Ok(builder)
}

/// The encoding of a leaf, and whether a dictionary is tried first.
fn encoding(table: Table, column: &ColumnDescriptor, repetition: &Repetition) -> (Encoding, bool) {
    match (table, column.name()) {
        // series that are scraped together have their times in common, however irregular
        (Table::Metrics, "time" | "start_time") => return (Encoding::DELTA_BINARY_PACKED, true),
        // hashes, each many times in a row
        (Table::Metrics, "series_id") => return (Encoding::PLAIN, false),
        _ => {}
    }
    let few = || FEW_NUMBERS.contains(&column.name()) || repetition.few_numbers.contains(column.name());
    match column.physical_type() {
        Type::BOOLEAN => (Encoding::RLE, false),
        Type::INT32 | Type::INT64 => (Encoding::DELTA_BINARY_PACKED, few()),
        Type::BYTE_ARRAY => (Encoding::DELTA_LENGTH_BYTE_ARRAY, !is_unrepeated(column, repetition)),
        Type::DOUBLE | Type::FLOAT | Type::INT96 | Type::FIXED_LEN_BYTE_ARRAY => (Encoding::PLAIN, false),
    }
}

/// Bytes of a dictionary beyond which values are stored as they come.
fn dictionary_bytes(column: &ColumnDescriptor) -> usize {
    match column.physical_type() {
        Type::INT64 => NUMBERS_BYTES_MAX,
        _ => DEFAULT_DICTIONARY_PAGE_SIZE_LIMIT,
    }
}

/// Text whose values hardly repeat.
fn is_unrepeated(column: &ColumnDescriptor, repetition: &Repetition) -> bool {
    UNREPEATED.contains(&column.name()) || repetition.unrepeated.contains(column.name())
}

/// Least and greatest values of ids that are not sorted are nearly the same in every row group.
fn statistics(column: &ColumnDescriptor, repetition: &Repetition) -> EnabledStatistics {
    let nested = column.path().parts().len() > 1;
    match column.name() {
        name if nested || NO_STATISTICS.contains(&name) => EnabledStatistics::None,
        name if repetition.unrepeated.contains(name) => EnabledStatistics::None,
        name if PAGE_STATISTICS.contains(&name) => EnabledStatistics::Page,
        _ => EnabledStatistics::Chunk,
    }
}

fn sorting_columns(table: Table, schema: &SchemaDescriptor) -> Result<Vec<SortingColumn>> {
    let leaf = |name: &str| {
        let index = schema.columns().iter().position(|c| matches!(c.path().parts(), [only] if only == name));
        let index = index.and_then(|i| i32::try_from(i).ok());
        index.ok_or_else(|| ParquetError::General(format!("sort column {name} is not a leaf of table {table}")))
    };
    let column = |c: &lincei_model::SortColumn| {
        Ok(SortingColumn { column_idx: leaf(c.name)?, descending: c.descending, nulls_first: true })
    };
    table.sort_order().iter().map(column).collect()
}
