//! What the catalog says about a file, in DataFusion's terms.

use super::attribute::{AttributeColumns, ScanAttribute};
use datafusion::arrow::datatypes::{DataType, Schema, TimeUnit};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, Statistics};
use datafusion::scalar::ScalarValue;
use lincei_catalog::{ColumnRange, DataFile, Scalar};
use lincei_model::{AttributePlace, attribute_column_name};

/// For the planner: the row count and the ranges of times and integers are exact and may answer a
/// query without reading; those of text may be wider than the values, because long text is cut.
pub(super) fn facts(file: &DataFile, schema: &Schema) -> Statistics {
    build(file, schema, |value| {
        if value.data_type().is_integer() { Precision::Exact(value) } else { Precision::Inexact(value) }
    })
}

/// For leaving files out: every range holds all values that are not NULL. `attributes` are the
/// columns of `schema` that the table does not have.
pub(super) fn bounds(file: &DataFile, schema: &Schema, attributes: &AttributeColumns) -> Statistics {
    let mut bounds = build(file, schema, Precision::Exact);
    for (column, field) in bounds.column_statistics.iter_mut().zip(schema.fields()) {
        let Some(attribute) = attributes.get(field.name()) else { continue };
        if let Some((min, max)) = attribute_range(file, attribute, field.data_type()) {
            column.min_value = Precision::Exact(min);
            column.max_value = Precision::Exact(max);
        } else if file.attributes.place(&attribute.map, &attribute.key) == AttributePlace::Absent {
            column.null_count = Precision::Exact(usize::try_from(file.rows).unwrap_or(usize::MAX));
        }
    }
    bounds
}

/// Of an attribute that is a column of integers in the file.
fn attribute_range(
    file: &DataFile,
    attribute: &ScanAttribute,
    wanted: &DataType,
) -> Option<(ScalarValue, ScalarValue)> {
    let name = attribute_column_name(&attribute.map, &attribute.key);
    let found = file.columns.iter().find(|range| range.column == name)?;
    (wanted.is_integer() || wanted == &DataType::Float64).then_some(())?;
    let (Scalar::Int(min), Scalar::Int(max)) = (&found.min, &found.max) else { return None };
    let cast = |value: i64| ScalarValue::Int64(Some(value)).cast_to(wanted).ok().filter(|value| !value.is_null());
    Some((cast(*min)?, cast(*max)?))
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
