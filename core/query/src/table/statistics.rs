//! What the catalog says about a file, in DataFusion's terms.

use datafusion::arrow::datatypes::{DataType, Schema, TimeUnit};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, Statistics};
use datafusion::scalar::ScalarValue;
use lincei_catalog::{ColumnRange, DataFile, Scalar};

/// For the planner: the row count and the ranges of times and integers are exact and may answer a
/// query without reading; those of text may be wider than the values, because long text is cut.
pub(super) fn facts(file: &DataFile, schema: &Schema) -> Statistics {
    build(file, schema, |value| {
        if value.data_type().is_integer() { Precision::Exact(value) } else { Precision::Inexact(value) }
    })
}

/// For leaving files out: every range holds all values that are not NULL.
pub(super) fn bounds(file: &DataFile, schema: &Schema) -> Statistics {
    build(file, schema, Precision::Exact)
}

fn build(file: &DataFile, schema: &Schema, ranged: impl Fn(ScalarValue) -> Precision<ScalarValue>) -> Statistics {
    let column = |name: &str, data_type: &DataType| {
        let mut column = ColumnStatistics::new_unknown();
        if name == "time" {
            let at = |ns| Precision::Exact(ScalarValue::TimestampNanosecond(Some(ns), Some("UTC".into())));
            column.min_value = at(file.min_time_ns);
            column.max_value = at(file.max_time_ns);
            column.null_count = Precision::Exact(0);
        } else if let Some((min, max)) =
            file.columns.iter().find(|r| r.column == name).and_then(|r| range(r, data_type))
        {
            column.min_value = ranged(min);
            column.max_value = ranged(max);
        }
        column
    };
    let to_usize = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    Statistics {
        num_rows: Precision::Exact(to_usize(file.rows)),
        total_byte_size: Precision::Inexact(to_usize(file.bytes)),
        column_statistics: schema.fields().iter().map(|f| column(f.name(), f.data_type())).collect(),
    }
}

fn range(range: &ColumnRange, data_type: &DataType) -> Option<(ScalarValue, ScalarValue)> {
    Some((scalar(&range.min, data_type)?, scalar(&range.max, data_type)?))
}

fn scalar(value: &Scalar, data_type: &DataType) -> Option<ScalarValue> {
    match (value, data_type) {
        (Scalar::Int(ns), DataType::Timestamp(TimeUnit::Nanosecond, zone)) => {
            Some(ScalarValue::TimestampNanosecond(Some(*ns), zone.clone()))
        }
        (Scalar::Text(text), DataType::Utf8View) => Some(ScalarValue::Utf8View(Some(text.clone()))),
        // NaN has no place in an order
        (Scalar::Float(double), DataType::Float64) if !double.is_nan() => Some(ScalarValue::Float64(Some(*double))),
        (Scalar::Int(int), _) if data_type.is_integer() => ScalarValue::Int64(Some(*int)).cast_to(data_type).ok(),
        (Scalar::UInt(int), _) if data_type.is_integer() => ScalarValue::UInt64(Some(*int)).cast_to(data_type).ok(),
        _ => None,
    }
}
