use super::metric::{Kind, Metric, Series};
use super::point::{Buckets, Point, Value};
use crate::IngestError;
use crate::columns::{AttributeColumn, ListColumn, ResourceColumn, SharedText, optional_times, structs, times};
use crate::otlp::attributes::{AttributeWriter, names};
use crate::otlp::ids::{Id, SPAN_ID_BYTES, TRACE_ID_BYTES};
use crate::otlp::tally::Tally;
use crate::otlp::walk::Stop;
use arrow_array::builder::{
    BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, StringViewBuilder, TimestampNanosecondBuilder,
    UInt64Builder,
};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, UInt32Array, UInt64Array};
use arrow_schema::ArrowError;
use lincei_model::{Batch, Table};
use std::sync::Arc;

/// Where the texts of a metric lie in their columns.
#[derive(Clone, Copy)]
pub(super) struct MetricNumbers {
    metric: u32,
    kind: u32,
    unit: u32,
    description: u32,
    temporality: u32,
}

/// One row of `metrics` but for its attributes, buckets and exemplars.
pub(super) struct PointRow {
    pub(super) time_ns: i64,
    pub(super) start_ns: Option<i64>,
    pub(super) numbers: MetricNumbers,
    pub(super) monotonic: Option<bool>,
    pub(super) value: Option<f64>,
    pub(super) value_int: Option<i64>,
    pub(super) series_id: u64,
    pub(super) flags: u32,
    pub(super) resource: u32,
    pub(super) scope: u32,
}

/// The columns that only histograms and summaries fill.
struct DistributionColumns {
    count: UInt64Builder,
    sum: Float64Builder,
    min: Float64Builder,
    max: Float64Builder,
    bounds: (ListColumn, Vec<f64>),
    counts: (ListColumn, Vec<u64>),
    scale: Int32Builder,
    zero_count: UInt64Builder,
    zero_threshold: Float64Builder,
    positive_offset: Int32Builder,
    positive_counts: (ListColumn, Vec<u64>),
    negative_offset: Int32Builder,
    negative_counts: (ListColumn, Vec<u64>),
    quantiles: ListColumn,
    quantile: Vec<f64>,
    quantile_value: Vec<f64>,
}

/// The children of column `exemplars`.
struct ExemplarColumns {
    rows: ListColumn,
    time: Vec<i64>,
    value: Vec<f64>,
    trace_id: StringViewBuilder,
    span_id: StringViewBuilder,
    attributes: AttributeColumn,
}

/// The columns of `metrics`.
pub(super) struct MetricColumns {
    time: Vec<i64>,
    start_time: TimestampNanosecondBuilder,
    metric: SharedText,
    kind: SharedText,
    unit: SharedText,
    description: SharedText,
    temporality: SharedText,
    monotonic: BooleanBuilder,
    value: Float64Builder,
    value_int: Int64Builder,
    series_id: Vec<u64>,
    flags: Vec<u32>,
    /// Entries are pushed before their row.
    pub(super) attributes: AttributeColumn,
    pub(super) resources: ResourceColumn,
    pub(super) scopes: SharedText,
    distribution: DistributionColumns,
    exemplars: ExemplarColumns,
    scratch_id: String,
}

/// A text that is null when empty.
fn non_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

impl MetricColumns {
    pub(super) fn new() -> Self {
        Self {
            time: Vec::new(),
            start_time: TimestampNanosecondBuilder::with_capacity(0),
            metric: SharedText::new(),
            kind: SharedText::new(),
            unit: SharedText::new(),
            description: SharedText::new(),
            temporality: SharedText::new(),
            monotonic: BooleanBuilder::with_capacity(0),
            value: Float64Builder::with_capacity(0),
            value_int: Int64Builder::with_capacity(0),
            series_id: Vec::new(),
            flags: Vec::new(),
            attributes: AttributeColumn::new(),
            resources: ResourceColumn::new(),
            scopes: SharedText::new(),
            distribution: DistributionColumns::new(),
            exemplars: ExemplarColumns::new(),
            scratch_id: String::new(),
        }
    }

    /// Adds the texts of a metric that has points.
    pub(super) fn add_metric(&mut self, metric: &Metric<'_>, data: &Series) -> MetricNumbers {
        let temporality = match data.temporality {
            1 => Some("delta"),
            2 => Some("cumulative"),
            _ => None,
        };
        MetricNumbers {
            metric: self.metric.add(Some(metric.name)),
            kind: self.kind.add(Some(data.kind.name())),
            unit: self.unit.add(non_empty(metric.unit)),
            description: self.description.add(non_empty(metric.description)),
            temporality: self.temporality.add(temporality),
        }
    }

    /// Adds the distribution of the row under way: nulls for a gauge or sum.
    pub(super) fn push_buckets(&mut self, kind: Kind, point: &Point<'_>) -> Result<(), ArrowError> {
        self.distribution.push(kind, point)
    }

    /// Adds the exemplars of the row under way; null for a summary, which cannot have any. An
    /// exemplar whose time a column cannot hold gets its point's and keeps its own as an attribute.
    pub(super) fn push_exemplars(
        &mut self,
        point: &Point<'_>,
        point_time_ns: i64,
        scratch: &mut String,
        tally: &mut Tally,
    ) -> Result<(), Stop> {
        let columns = &mut self.exemplars;
        for exemplar in &point.exemplars {
            let (trace_id, span_id) =
                (Id::new(exemplar.trace_id, TRACE_ID_BYTES), Id::new(exemplar.span_id, SPAN_ID_BYTES));
            let mut writer = AttributeWriter { column: &mut columns.attributes, scratch: &mut *scratch };
            writer.client(point.exemplar_attributes.get(exemplar.attributes.clone()).unwrap_or_default(), tally)?;
            writer.invalid_id(names::TRACE_ID_INVALID, trace_id);
            writer.invalid_id(names::SPAN_ID_INVALID, span_id);
            let time_ns = i64::try_from(exemplar.time_unix_nano).unwrap_or_else(|_| {
                writer.unsigned(names::TIME_INVALID, exemplar.time_unix_nano);
                point_time_ns
            });
            let value = match exemplar.value {
                Value::None => f64::NAN,
                Value::Double(value) => value,
                Value::Int(value) => {
                    if !super::is_exact(value) {
                        writer.signed(names::EXEMPLAR_INT, value);
                    }
                    super::rounded(value)
                }
            };
            columns.attributes.end_row()?;
            columns.time.push(time_ns);
            columns.value.push(value);
            columns.trace_id.append_option(trace_id.text(&mut self.scratch_id));
            columns.span_id.append_option(span_id.text(&mut self.scratch_id));
        }
        let len = (!point.exemplars.is_empty()).then_some(point.exemplars.len());
        columns.rows.push(len)?;
        Ok(())
    }

    /// Ends the row whose attributes, buckets and exemplars were pushed.
    pub(super) fn push(&mut self, row: &PointRow) -> Result<(), ArrowError> {
        self.time.push(row.time_ns);
        self.start_time.append_option(row.start_ns);
        self.metric.push(row.numbers.metric);
        self.kind.push(row.numbers.kind);
        self.unit.push(row.numbers.unit);
        self.description.push(row.numbers.description);
        self.temporality.push(row.numbers.temporality);
        self.monotonic.append_option(row.monotonic);
        self.value.append_option(row.value);
        self.value_int.append_option(row.value_int);
        self.series_id.push(row.series_id);
        self.flags.push(row.flags);
        self.resources.push(row.resource);
        self.scopes.push(row.scope);
        self.attributes.end_row()
    }

    pub(super) fn finish(mut self) -> Result<Batch, IngestError> {
        let schema = Table::Metrics.schema();
        let (service, resource) = self.resources.finish()?;
        let mut columns: Vec<ArrayRef> = vec![
            times(self.time),
            optional_times(self.start_time),
            self.metric.finish()?,
            self.kind.finish()?,
            self.unit.finish()?,
            self.description.finish()?,
            self.temporality.finish()?,
            Arc::new(self.monotonic.finish()),
            Arc::new(self.value.finish()),
            Arc::new(self.value_int.finish()),
            Arc::new(UInt64Array::from(self.series_id)),
            Arc::new(UInt32Array::from(self.flags)),
            service,
            self.attributes.finish()?,
            resource,
            self.scopes.finish()?,
        ];
        columns.extend(self.distribution.finish()?);
        columns.push(self.exemplars.finish()?);
        Ok(Batch::new(Table::Metrics, RecordBatch::try_new(schema, columns)?)?)
    }
}

fn column_field(name: &str) -> Result<arrow_schema::FieldRef, ArrowError> {
    Table::Metrics.schema().field_with_name(name).map(|field| Arc::new(field.clone()))
}

impl DistributionColumns {
    fn new() -> Self {
        Self {
            count: UInt64Builder::with_capacity(0),
            sum: Float64Builder::with_capacity(0),
            min: Float64Builder::with_capacity(0),
            max: Float64Builder::with_capacity(0),
            bounds: (ListColumn::new(), Vec::new()),
            counts: (ListColumn::new(), Vec::new()),
            scale: Int32Builder::with_capacity(0),
            zero_count: UInt64Builder::with_capacity(0),
            zero_threshold: Float64Builder::with_capacity(0),
            positive_offset: Int32Builder::with_capacity(0),
            positive_counts: (ListColumn::new(), Vec::new()),
            negative_offset: Int32Builder::with_capacity(0),
            negative_counts: (ListColumn::new(), Vec::new()),
            quantiles: ListColumn::new(),
            quantile: Vec::new(),
            quantile_value: Vec::new(),
        }
    }

    fn push(&mut self, kind: Kind, point: &Point<'_>) -> Result<(), ArrowError> {
        let distribution = !matches!(kind, Kind::Gauge | Kind::Sum);
        let (explicit, exponential) = (kind == Kind::Histogram, kind == Kind::ExponentialHistogram);
        self.count.append_option(distribution.then_some(point.count));
        // a summary's sum is no optional field: 0 is a value
        self.sum.append_option(point.sum.or((kind == Kind::Summary).then_some(0.0)));
        self.min.append_option(point.min);
        self.max.append_option(point.max);
        push_list(&mut self.bounds, explicit, &point.explicit_bounds)?;
        push_list(&mut self.counts, explicit, &point.bucket_counts)?;
        self.scale.append_option(exponential.then_some(point.scale));
        self.zero_count.append_option(exponential.then_some(point.zero_count));
        self.zero_threshold.append_option(exponential.then_some(point.zero_threshold));
        let offset = |buckets: &Buckets| buckets.present.then_some(buckets.offset);
        self.positive_offset.append_option(offset(&point.positive));
        push_list(&mut self.positive_counts, point.positive.present, &point.positive.counts)?;
        self.negative_offset.append_option(offset(&point.negative));
        push_list(&mut self.negative_counts, point.negative.present, &point.negative.counts)?;
        self.quantile.extend(point.quantiles.iter().map(|(quantile, _)| *quantile));
        self.quantile_value.extend(point.quantiles.iter().map(|(_, value)| *value));
        self.quantiles.push((kind == Kind::Summary).then_some(point.quantiles.len()))
    }

    /// `count` to `quantiles`, in the table's order.
    fn finish(mut self) -> Result<Vec<ArrayRef>, ArrowError> {
        let quantiles_field = column_field("quantiles")?;
        let quantiles: Vec<ArrayRef> =
            vec![Arc::new(Float64Array::from(self.quantile)), Arc::new(Float64Array::from(self.quantile_value))];
        let counts = |(rows, values): (ListColumn, Vec<u64>), name: &str| {
            rows.finish(&*column_field(name)?, Arc::new(UInt64Array::from(values)))
        };
        Ok(vec![
            Arc::new(self.count.finish()),
            Arc::new(self.sum.finish()),
            Arc::new(self.min.finish()),
            Arc::new(self.max.finish()),
            self.bounds.0.finish(&*column_field("bucket_bounds")?, Arc::new(Float64Array::from(self.bounds.1)))?,
            counts(self.counts, "bucket_counts")?,
            Arc::new(self.scale.finish()),
            Arc::new(self.zero_count.finish()),
            Arc::new(self.zero_threshold.finish()),
            Arc::new(self.positive_offset.finish()),
            counts(self.positive_counts, "positive_counts")?,
            Arc::new(self.negative_offset.finish()),
            counts(self.negative_counts, "negative_counts")?,
            self.quantiles.finish(&quantiles_field, structs(&quantiles_field, quantiles)?)?,
        ])
    }
}

/// Adds a row: the list when the kind of point has it, else null.
fn push_list<T: Copy>(column: &mut (ListColumn, Vec<T>), present: bool, list: &[T]) -> Result<(), ArrowError> {
    if present {
        column.1.extend_from_slice(list);
    }
    column.0.push(present.then_some(list.len()))
}

impl ExemplarColumns {
    fn new() -> Self {
        Self {
            rows: ListColumn::new(),
            time: Vec::new(),
            value: Vec::new(),
            trace_id: StringViewBuilder::with_capacity(0),
            span_id: StringViewBuilder::with_capacity(0),
            attributes: AttributeColumn::new(),
        }
    }

    fn finish(mut self) -> Result<ArrayRef, ArrowError> {
        let field = column_field("exemplars")?;
        let children: Vec<ArrayRef> = vec![
            times(self.time),
            Arc::new(Float64Array::from(self.value)),
            Arc::new(self.trace_id.finish()),
            Arc::new(self.span_id.finish()),
            self.attributes.finish()?,
        ];
        self.rows.finish(&field, structs(&field, children)?)
    }
}
