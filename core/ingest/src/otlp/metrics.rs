//! `opentelemetry.proto.metrics.v1` to rows of `metrics`, one per data point.

mod columns;
mod metric;
mod point;
mod series;

use super::attributes::{AttributeWriter, names};
use super::group::{ResourceGroup, check_keys};
use super::replay;
use super::tally::Tally;
use super::walk::{Owners, Sink, Stop, walk};
use super::wire::Depth;
use super::{ENCODING, check_record};
use crate::context::Refusal;
use crate::rejects::Rejects;
use crate::{Decoded, IngestContext, IngestError, Signal};
use columns::{MetricColumns, MetricNumbers, PointRow};
use lincei_model::limits::RECORD_BYTES_MAX;
use metric::{Kind, Metric, Series as MetricData};
use point::{Point, Value};
use series::SeriesIds;

/// OTLP `DataPointFlags`: the point says that there is no value.
const NO_RECORDED_VALUE: u32 = 1;

/// Whether a value was sent that the point's flags do not take back.
fn recorded(point: &Point<'_>) -> Value {
    if point.flags & NO_RECORDED_VALUE == 0 { point.value } else { Value::None }
}

/// Buckets need one more count than bounds, or none of both (OTLP, `HistogramDataPoint`).
fn check_buckets(point: &Point<'_>) -> Result<(), Refusal> {
    let (counts, bounds) = (point.bucket_counts.len(), point.explicit_bounds.len());
    if counts == bounds + 1 || (counts == 0 && bounds == 0) {
        return Ok(());
    }
    Err(Refusal::invalid(format!("histogram has {counts} bucket counts for {bounds} bounds, not one more")))
}

struct MetricSink<'a, 'c> {
    context: &'c IngestContext<'c>,
    columns: MetricColumns,
    rejects: Rejects<'c>,
    tally: Tally,
    point: Point<'a>,
    series: SeriesIds,
    resource: u32,
    scope: u32,
    scratch: String,
}

impl<'a> MetricSink<'a, '_> {
    fn check(&self, metric: &Metric<'a>, kind: Kind, bytes: usize, owners: Owners<'_, 'a>) -> Result<i64, Refusal> {
        check_record("data point", bytes, owners)?;
        let head = metric.head_bytes();
        if head > RECORD_BYTES_MAX {
            return Err(Refusal::too_large(format!("metric of {head} bytes exceeds {RECORD_BYTES_MAX} bytes")));
        }
        check_keys("metric metadata", &metric.metadata)?;
        check_keys("data point", &self.point.attributes)?;
        check_keys("exemplar", &self.point.exemplar_attributes)?;
        if kind == Kind::Histogram {
            check_buckets(&self.point)?;
        }
        match self.point.time_unix_nano {
            0 => Ok(self.context.now_ns),
            time => self.context.check_unix_nano(time),
        }
    }

    fn push(
        &mut self,
        time_ns: i64,
        metric: &Metric<'a>,
        data: &MetricData,
        numbers: MetricNumbers,
        owners: Owners<'_, 'a>,
    ) -> Result<(), Stop> {
        let point = &self.point;
        let mut writer = AttributeWriter { column: &mut self.columns.attributes, scratch: &mut self.scratch };
        writer.client(&point.attributes, &mut self.tally)?;
        writer.prefixed("otel.metric.metadata.", &metric.metadata);
        if !(0..=2).contains(&data.temporality) {
            writer.signed(names::TEMPORALITY, i64::from(data.temporality));
        }
        let start_ns = writer.optional_time(names::START_TIME_INVALID, point.start_time_unix_nano);
        writer.shared(&owners.scope.entries);
        let (value, value_int) = match recorded(point) {
            Value::None => (None, None),
            Value::Double(value) => (Some(value), None),
            Value::Int(value) => (Some(rounded(value)), (!is_exact(value)).then_some(value)),
        };
        self.columns.push_exemplars(point, time_ns, &mut self.scratch, &mut self.tally)?;
        self.columns.push_buckets(data.kind, point)?;
        self.columns.push(&PointRow {
            time_ns,
            start_ns,
            numbers,
            monotonic: (data.kind == Kind::Sum).then_some(data.monotonic),
            value,
            value_int,
            series_id: self.series.id(&point.attributes),
            flags: point.flags,
            resource: self.resource,
            scope: self.scope,
        })?;
        Ok(())
    }

    fn points(
        &mut self,
        metric: &Metric<'a>,
        data: &MetricData,
        numbers: MetricNumbers,
        owners: Owners<'_, 'a>,
    ) -> Result<(), Stop> {
        metric.for_each_point(|body, depth| {
            let keep = check_record("data point", body.len(), owners).is_ok();
            self.point.read(data.kind, body, depth, keep, &mut self.tally)?;
            match self.check(metric, data.kind, body.len(), owners) {
                Ok(time_ns) => self.push(time_ns, metric, data, numbers, owners),
                Err(refusal) => {
                    let raw = || {
                        let len = metric.single_point_len(data, body);
                        replay::request(owners, len, |out| metric.push_single_point(data, body, out))
                    };
                    self.rejects.push(&refusal, ENCODING, raw);
                    Ok(())
                }
            }
        })
    }
}

/// The nearest double.
#[expect(clippy::cast_precision_loss, reason = "column value_int keeps what a double cannot")]
const fn rounded(value: i64) -> f64 {
    value as f64
}

/// Whether a double holds `value` exactly.
#[expect(clippy::cast_possible_truncation, reason = "a rounded i64 is an integer of at most 2^63")]
const fn is_exact(value: i64) -> bool {
    rounded(value) as i128 == value as i128
}

impl<'a> Sink<'a> for MetricSink<'a, '_> {
    fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    fn resource(&mut self, group: &ResourceGroup<'a>) {
        self.resource = group.add_to(&mut self.columns.resources);
        self.series.resource(group.entries.get(..group.attributes).unwrap_or_default());
    }

    fn scope(&mut self, owners: Owners<'_, 'a>) -> Result<(), Stop> {
        self.scope = self.columns.scopes.add(owners.scope.name);
        Ok(())
    }

    fn record(&mut self, body: &'a [u8], depth: Depth, owners: Owners<'_, 'a>) -> Result<(), Stop> {
        let metric = Metric::read(body, depth, &mut self.tally)?;
        let Some(data) = metric.series()? else { return Ok(()) };
        self.tally.records(data.points, owners.shared_bytes() + metric.shared_bytes())?;
        if data.points == 0 {
            return Ok(());
        }
        self.series.metric(owners.scope.name.unwrap_or_default(), metric.name, data.kind.name(), metric.unit);
        let numbers = self.columns.add_metric(&metric, &data);
        self.points(&metric, &data, numbers, owners)
    }
}

/// Decodes an `ExportMetricsServiceRequest`: gauges, sums, histograms, exponential histograms and
/// summaries, with exemplars. Rows are in the order of the request.
///
/// `time` is the point's, or `context.now_ns` where it has none. `value` is null where the point
/// has none or its flags say so; an integer that a double cannot hold exactly is also in
/// `value_int`. An exemplar without a value has `NaN`. `series_id` is drawn in `series.rs`.
///
/// # Errors
/// As [`decode_logs`](super::decode_logs). A histogram point whose bounds do not fit its counts is
/// refused alone.
pub fn decode_metrics(body: &[u8], context: &IngestContext<'_>) -> Result<Decoded, IngestError> {
    let mut sink = MetricSink {
        context,
        columns: MetricColumns::new(),
        rejects: Rejects::new(context, Signal::Metrics),
        tally: Tally::default(),
        point: Point::default(),
        series: SeriesIds::default(),
        resource: 0,
        scope: 0,
        scratch: String::new(),
    };
    walk(body, &mut sink)?;
    let batch = sink.columns.finish()?;
    sink.rejects.into_decoded(Some(batch))
}
