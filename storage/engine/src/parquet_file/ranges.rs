use super::layout::STATISTICS_BYTES;
use arrow_schema::{DataType, Schema};
use lincei_catalog::{ColumnRange, Scalar};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;

/// Text columns whose least and greatest value let a query pass a file over.
const TEXT: [&str; 6] = ["service", "metric", "kind", "name", "status", "trace_id"];

/// Least and greatest value of a finished file's integer columns and of the [`TEXT`] columns, from
/// its row groups' statistics. Nulls have no part in it. Text is cut to 64 bytes, the minimum
/// down, the maximum up to a greater text. A column is absent when it is null throughout or its
/// maximum cannot be cut.
pub(super) fn column_ranges(schema: &Schema, metadata: &ParquetMetaData) -> Vec<ColumnRange> {
    let mut ranges = Vec::new();
    for (leaf, column) in metadata.file_metadata().schema_descr().columns().iter().enumerate() {
        let [name] = column.path().parts() else { continue };
        let Ok(field) = schema.field_with_name(name) else { continue };
        let bounds = bounds(metadata, leaf, |statistics| match field.data_type() {
            DataType::Utf8View if TEXT.contains(&name.as_str()) => text(statistics),
            DataType::UInt8 | DataType::UInt32 | DataType::UInt64 => unsigned(statistics),
            DataType::Int32 | DataType::Int64 => signed(statistics),
            _ => None,
        });
        if let Some((min, max)) = bounds {
            ranges.push(ColumnRange { column: name.clone(), min, max });
        }
    }
    ranges
}

/// Least and greatest `time`. `None` for a file without rows.
pub(super) fn time_range(metadata: &ParquetMetaData) -> Option<(i64, i64)> {
    match bounds(metadata, 0, signed)? {
        (Scalar::Int(min), Scalar::Int(max)) => Some((min, max)),
        _ => None,
    }
}

/// Bounds over all row groups of a leaf; `None` when one has values but no statistics.
fn bounds(
    metadata: &ParquetMetaData,
    leaf: usize,
    read: impl Fn(&Statistics) -> Option<(Scalar, Scalar)>,
) -> Option<(Scalar, Scalar)> {
    let mut all: Option<(Scalar, Scalar)> = None;
    for group in metadata.row_groups() {
        let chunk = group.columns().get(leaf)?;
        let statistics = chunk.statistics()?;
        if statistics.null_count_opt() == u64::try_from(chunk.num_values()).ok() {
            continue;
        }
        let (min, max) = read(statistics)?;
        all = Some(match all {
            None => (min, max),
            Some((least, greatest)) => {
                (if less(&min, &least) { min } else { least }, if less(&greatest, &max) { max } else { greatest })
            }
        });
    }
    all
}

fn less(a: &Scalar, b: &Scalar) -> bool {
    match (a, b) {
        (Scalar::Int(a), Scalar::Int(b)) => a < b,
        (Scalar::UInt(a), Scalar::UInt(b)) => a < b,
        (Scalar::Text(a), Scalar::Text(b)) => a < b,
        _ => false,
    }
}

fn signed(statistics: &Statistics) -> Option<(Scalar, Scalar)> {
    match statistics {
        Statistics::Int32(s) => Some((Scalar::Int((*s.min_opt()?).into()), Scalar::Int((*s.max_opt()?).into()))),
        Statistics::Int64(s) => Some((Scalar::Int(*s.min_opt()?), Scalar::Int(*s.max_opt()?))),
        _ => None,
    }
}

/// Parquet keeps unsigned integers in the bits of signed ones, and orders them as unsigned.
fn unsigned(statistics: &Statistics) -> Option<(Scalar, Scalar)> {
    let of_32 = |v: &i32| Scalar::UInt(v.cast_unsigned().into());
    let of_64 = |v: &i64| Scalar::UInt(v.cast_unsigned());
    match statistics {
        Statistics::Int32(s) => Some((of_32(s.min_opt()?), of_32(s.max_opt()?))),
        Statistics::Int64(s) => Some((of_64(s.min_opt()?), of_64(s.max_opt()?))),
        _ => None,
    }
}

/// The writer has cut them; what it could not cut is longer and refused here.
fn text(statistics: &Statistics) -> Option<(Scalar, Scalar)> {
    let Statistics::ByteArray(s) = statistics else { return None };
    let short = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).ok().filter(|t| t.len() <= STATISTICS_BYTES)?;
        Some(Scalar::Text(text.to_owned()))
    };
    Some((short(s.min_bytes_opt()?)?, short(s.max_bytes_opt()?)?))
}
