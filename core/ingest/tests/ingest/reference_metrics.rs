//! The reference for metric points.

use super::cells::{Cell, Row};
use super::reference::{Entries, Expected, Owner, attributes, extra, id, invalid_id, optional_time, stored_time};
use lincei_ingest::IngestContext;
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
    SummaryDataPoint, exemplar, number_data_point,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of `metrics`.
pub(crate) fn metrics(requests: &[ResourceMetrics], context: &IngestContext<'_>) -> Expected {
    let mut expected = Expected::default();
    for resource in requests {
        for scope in &resource.scope_metrics {
            let owner =
                Owner::new(resource.resource.as_ref(), &resource.schema_url, scope.scope.as_ref(), &scope.schema_url);
            for metric in &scope.metrics {
                points(metric, &owner, context, &mut expected);
            }
        }
    }
    expected
}

/// A metric and what its data says of all points.
struct Series<'r> {
    metric: &'r Metric,
    owner: &'r Owner,
    kind: &'static str,
    temporality: i32,
    monotonic: Option<bool>,
    context: &'r IngestContext<'r>,
}

fn points(metric: &Metric, owner: &Owner, context: &IngestContext<'_>, expected: &mut Expected) {
    let series = |kind, temporality, monotonic| Series { metric, owner, kind, temporality, monotonic, context };
    match &metric.data {
        None => {}
        Some(Data::Gauge(gauge)) => {
            let series = series("gauge", 0, None);
            gauge.data_points.iter().for_each(|point| expected.push(number(&series, point)));
        }
        Some(Data::Sum(sum)) => {
            let series = series("sum", sum.aggregation_temporality, Some(sum.is_monotonic));
            sum.data_points.iter().for_each(|point| expected.push(number(&series, point)));
        }
        Some(Data::Histogram(data)) => {
            let series = series("histogram", data.aggregation_temporality, None);
            data.data_points.iter().for_each(|point| expected.push(histogram(&series, point)));
        }
        Some(Data::ExponentialHistogram(data)) => {
            let series = series("exponential_histogram", data.aggregation_temporality, None);
            data.data_points.iter().for_each(|point| expected.push(exponential(&series, point)));
        }
        Some(Data::Summary(data)) => {
            let series = series("summary", 0, None);
            data.data_points.iter().for_each(|point| expected.push(summary(&series, point)));
        }
    }
}

/// What points of all kinds have.
struct Common<'p> {
    attributes: &'p [opentelemetry_proto::tonic::common::v1::KeyValue],
    start: u64,
    time: u64,
    flags: u32,
    exemplars: &'p [Exemplar],
}

const DISTRIBUTION_COLUMNS: [&str; 16] = [
    "value",
    "value_int",
    "count",
    "sum",
    "min",
    "max",
    "bucket_bounds",
    "bucket_counts",
    "scale",
    "zero_count",
    "zero_threshold",
    "positive_offset",
    "positive_counts",
    "negative_offset",
    "negative_counts",
    "quantiles",
];

fn row(series: &Series<'_>, point: &Common<'_>) -> Option<Row> {
    let time = if point.time == 0 { series.context.now_ns } else { stored_time(point.time, series.context)? };
    let own = attributes(point.attributes);
    let id = series_id(series, &own);
    let mut entries = own;
    for (key, value) in attributes(&series.metric.metadata) {
        entries.push((format!("otel.metric.metadata.{key}"), value));
    }
    let temporality = match series.temporality {
        0 => Cell::Null,
        1 => Cell::text("delta"),
        2 => Cell::text("cumulative"),
        other => {
            extra(&mut entries, "otel.metric.aggregation_temporality", other);
            Cell::Null
        }
    };
    let start = optional_time(&mut entries, "otel.start_time_unix_nano_invalid", point.start);
    let exemplars: Vec<Cell> = point.exemplars.iter().map(|item| exemplar_cell(item, time)).collect();
    let mut row = series.owner.columns(entries);
    row.extend(DISTRIBUTION_COLUMNS.map(|name| (name.to_owned(), Cell::Null)));
    row.extend([
        ("time".to_owned(), Cell::Int(time)),
        ("start_time".to_owned(), start),
        ("metric".to_owned(), Cell::text(&series.metric.name)),
        ("kind".to_owned(), Cell::text(series.kind)),
        ("unit".to_owned(), Cell::non_empty(&series.metric.unit)),
        ("description".to_owned(), Cell::non_empty(&series.metric.description)),
        ("temporality".to_owned(), temporality),
        ("monotonic".to_owned(), Cell::option(series.monotonic, Cell::Bool)),
        ("series_id".to_owned(), Cell::Unsigned(id)),
        ("flags".to_owned(), Cell::Unsigned(u64::from(point.flags))),
        ("exemplars".to_owned(), if exemplars.is_empty() { Cell::Null } else { Cell::List(exemplars) }),
    ]);
    Some(row)
}

fn series_id(series: &Series<'_>, attributes: &Entries) -> u64 {
    let text = |text: &str| [u32::try_from(text.len()).unwrap_or(0).to_le_bytes().as_slice(), text.as_bytes()].concat();
    let list = |entries: &Entries| {
        let mut seen = BTreeSet::new();
        let mut first: Vec<_> = entries.iter().filter(|(key, _)| seen.insert(key.clone())).collect();
        first.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        let mut bytes = u32::try_from(first.len()).unwrap_or(0).to_le_bytes().to_vec();
        for (key, value) in first {
            bytes.extend(text(key));
            bytes.extend(value.as_deref().map_or_else(|| vec![0xff; 4], text));
        }
        bytes
    };
    let parts = [
        list(&series.owner.resource_attributes),
        text(&series.owner.scope),
        text(&series.metric.name),
        text(series.kind),
        text(&series.metric.unit),
        list(attributes),
    ];
    xxhash_rust::xxh3::xxh3_64(&parts.concat())
}

fn exact(value: i64) -> bool {
    // a double has 53 bits: what lies beyond must end in as many zeros
    let magnitude = value.unsigned_abs();
    magnitude == 0 || 64 - magnitude.leading_zeros() - magnitude.trailing_zeros() <= 53
}

#[expect(clippy::cast_precision_loss, reason = "the column is a double")]
fn exemplar_cell(exemplar: &Exemplar, point_time: i64) -> Cell {
    let mut entries = attributes(&exemplar.filtered_attributes);
    if let Some(hex) = invalid_id(&exemplar.trace_id, 16) {
        extra(&mut entries, "otel.trace_id_invalid", hex);
    }
    if let Some(hex) = invalid_id(&exemplar.span_id, 8) {
        extra(&mut entries, "otel.span_id_invalid", hex);
    }
    let time = i64::try_from(exemplar.time_unix_nano).unwrap_or_else(|_| {
        extra(&mut entries, "otel.time_unix_nano_invalid", exemplar.time_unix_nano);
        point_time
    });
    let value = match exemplar.value {
        None => f64::NAN,
        Some(exemplar::Value::AsDouble(value)) => value,
        Some(exemplar::Value::AsInt(value)) => {
            if !exact(value) {
                extra(&mut entries, "otel.exemplar.value_int", value);
            }
            value as f64
        }
    };
    Cell::Struct(BTreeMap::from([
        ("time".to_owned(), Cell::Int(time)),
        ("value".to_owned(), Cell::double(value)),
        ("trace_id".to_owned(), Cell::option(id(&exemplar.trace_id, 16), Cell::Text)),
        ("span_id".to_owned(), Cell::option(id(&exemplar.span_id, 8), Cell::Text)),
        ("attributes".to_owned(), Cell::Map(entries)),
    ]))
}

fn set(row: &mut Row, name: &str, cell: Cell) {
    row.insert(name.to_owned(), cell);
}

#[expect(clippy::cast_precision_loss, reason = "the column is a double")]
fn number(series: &Series<'_>, point: &NumberDataPoint) -> Option<Row> {
    let common = Common {
        attributes: &point.attributes,
        start: point.start_time_unix_nano,
        time: point.time_unix_nano,
        flags: point.flags,
        exemplars: &point.exemplars,
    };
    let mut row = row(series, &common)?;
    match point.value {
        _ if point.flags % 2 == 1 => {}
        None => {}
        Some(number_data_point::Value::AsDouble(value)) => set(&mut row, "value", Cell::double(value)),
        Some(number_data_point::Value::AsInt(value)) => {
            set(&mut row, "value", Cell::double(value as f64));
            if !exact(value) {
                set(&mut row, "value_int", Cell::Int(value));
            }
        }
    }
    Some(row)
}

fn counts(list: &[u64]) -> Cell {
    Cell::List(list.iter().map(|count| Cell::Unsigned(*count)).collect())
}

fn histogram(series: &Series<'_>, point: &HistogramDataPoint) -> Option<Row> {
    let empty = point.bucket_counts.is_empty() && point.explicit_bounds.is_empty();
    if !empty && point.bucket_counts.len() != point.explicit_bounds.len() + 1 {
        return None;
    }
    let common = Common {
        attributes: &point.attributes,
        start: point.start_time_unix_nano,
        time: point.time_unix_nano,
        flags: point.flags,
        exemplars: &point.exemplars,
    };
    let mut row = row(series, &common)?;
    set(&mut row, "count", Cell::Unsigned(point.count));
    for (name, value) in [("sum", point.sum), ("min", point.min), ("max", point.max)] {
        set(&mut row, name, Cell::option(value, Cell::double));
    }
    set(&mut row, "bucket_bounds", Cell::List(point.explicit_bounds.iter().map(|b| Cell::double(*b)).collect()));
    set(&mut row, "bucket_counts", counts(&point.bucket_counts));
    Some(row)
}

fn exponential(series: &Series<'_>, point: &ExponentialHistogramDataPoint) -> Option<Row> {
    let common = Common {
        attributes: &point.attributes,
        start: point.start_time_unix_nano,
        time: point.time_unix_nano,
        flags: point.flags,
        exemplars: &point.exemplars,
    };
    let mut row = row(series, &common)?;
    set(&mut row, "count", Cell::Unsigned(point.count));
    for (name, value) in [("sum", point.sum), ("min", point.min), ("max", point.max)] {
        set(&mut row, name, Cell::option(value, Cell::double));
    }
    set(&mut row, "scale", Cell::Int(i64::from(point.scale)));
    set(&mut row, "zero_count", Cell::Unsigned(point.zero_count));
    set(&mut row, "zero_threshold", Cell::double(point.zero_threshold));
    let mut buckets = |offset: &str, list: &str, buckets: Option<&Buckets>| {
        set(&mut row, offset, Cell::option(buckets, |b| Cell::Int(i64::from(b.offset))));
        set(&mut row, list, Cell::option(buckets, |b| counts(&b.bucket_counts)));
    };
    buckets("positive_offset", "positive_counts", point.positive.as_ref());
    buckets("negative_offset", "negative_counts", point.negative.as_ref());
    Some(row)
}

fn summary(series: &Series<'_>, point: &SummaryDataPoint) -> Option<Row> {
    let common = Common {
        attributes: &point.attributes,
        start: point.start_time_unix_nano,
        time: point.time_unix_nano,
        flags: point.flags,
        exemplars: &[],
    };
    let mut row = row(series, &common)?;
    set(&mut row, "count", Cell::Unsigned(point.count));
    set(&mut row, "sum", Cell::double(point.sum));
    let quantiles = point.quantile_values.iter().map(|item| {
        Cell::Struct(BTreeMap::from([
            ("quantile".to_owned(), Cell::double(item.quantile)),
            ("value".to_owned(), Cell::double(item.value)),
        ]))
    });
    set(&mut row, "quantiles", Cell::List(quantiles.collect()));
    Some(row)
}
