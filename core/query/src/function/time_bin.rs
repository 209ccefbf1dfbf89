//! `date_trunc` and `date_bin` on times in UTC, as division of integers.
//!
//! DataFusion's own go through a calendar for hours and days in the zone "UTC" (272 ns a row), and
//! divide for every row otherwise. Here rows that lie in the bin of the row before, as most do,
//! only compare. What has no fixed width in UTC (weeks, months, other zones, other types) is left
//! to DataFusion, and names, types, errors and ordering are its own:
//!
//! ```sql
//! SELECT date_trunc('hour', time), count(*) FROM logs GROUP BY 1;
//! SELECT date_bin(INTERVAL '5 minutes', time), count(*) FROM logs GROUP BY 1;
//! SELECT date_bin(INTERVAL '1 day', time, '2026-01-01T06:00:00Z'), count(*) FROM logs GROUP BY 1;
//! ```

use datafusion::arrow::array::{Array, ArrayRef, AsArray, TimestampNanosecondArray};
use datafusion::arrow::datatypes::{
    DataType, FieldRef, IntervalDayTime, IntervalMonthDayNano, TimeUnit, TimestampNanosecondType,
};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};
use std::sync::Arc;

const SECOND_NS: i64 = 1_000_000_000;
const DAY_NS: i64 = 86_400 * SECOND_NS;

/// The functions, with the two wrapped.
pub(crate) fn on_integers(functions: Vec<Arc<ScalarUDF>>) -> Vec<Arc<ScalarUDF>> {
    let wrap = |function: Arc<ScalarUDF>| match function.name() {
        "date_trunc" | "date_bin" => Arc::new(ScalarUDF::new_from_impl(TimeBin { inner: function })),
        _ => function,
    };
    functions.into_iter().map(wrap).collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct TimeBin {
    inner: Arc<ScalarUDF>,
}

impl ScalarUDFImpl for TimeBin {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.inner().return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.inner.inner().return_field_from_args(args)
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.inner().coerce_types(arg_types)
    }

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties> {
        self.inner.inner().output_ordering(inputs)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.inner().documentation()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let binned = match (args.args.as_slice(), bins(self.name(), &args.args)) {
            ([_, ColumnarValue::Array(times), ..], Some(bins)) if in_utc(times.data_type()) => bins.of(times),
            _ => None,
        };
        match binned {
            Some(binned) => Ok(ColumnarValue::Array(binned)),
            None => self.inner.inner().invoke_with_args(args),
        }
    }
}

fn in_utc(data_type: &DataType) -> bool {
    match data_type {
        DataType::Timestamp(TimeUnit::Nanosecond, zone) => {
            zone.as_ref().is_none_or(|zone| matches!(zone.as_ref(), "UTC" | "+00:00" | "Z"))
        }
        _ => false,
    }
}

/// Bins of the same width, one of which starts at `origin_ns`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bins {
    origin_ns: i64,
    width_ns: i64,
}

/// The bins that a call asks for; `None` for those of no fixed width and for what is an error.
fn bins(function: &str, args: &[ColumnarValue]) -> Option<Bins> {
    match (function, args) {
        ("date_trunc", [ColumnarValue::Scalar(unit), _]) => {
            Some(Bins { origin_ns: 0, width_ns: unit_ns(unit.try_as_str().flatten()?)? })
        }
        ("date_bin", [ColumnarValue::Scalar(width), _]) => Some(Bins { origin_ns: 0, width_ns: interval_ns(width)? }),
        (
            "date_bin",
            [ColumnarValue::Scalar(width), _, ColumnarValue::Scalar(ScalarValue::TimestampNanosecond(Some(origin), _))],
        ) => Some(Bins { origin_ns: *origin, width_ns: interval_ns(width)? }),
        _ => None,
    }
}

fn unit_ns(unit: &str) -> Option<i64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "microsecond" => 1_000,
        "millisecond" => 1_000_000,
        "second" => SECOND_NS,
        "minute" => 60 * SECOND_NS,
        "hour" => 3600 * SECOND_NS,
        "day" => DAY_NS,
        _ => return None,
    })
}

fn interval_ns(interval: &ScalarValue) -> Option<i64> {
    let ns = match interval {
        ScalarValue::IntervalMonthDayNano(Some(IntervalMonthDayNano { months: 0, days, nanoseconds })) => {
            i64::from(*days).checked_mul(DAY_NS)?.checked_add(*nanoseconds)?
        }
        ScalarValue::IntervalDayTime(Some(IntervalDayTime { days, milliseconds })) => {
            i64::from(*days).checked_mul(DAY_NS)?.checked_add(i64::from(*milliseconds).checked_mul(1_000_000)?)?
        }
        _ => return None,
    };
    (ns > 0).then_some(ns)
}

impl Bins {
    /// The starts of the bins that times lie in; `None` when one is no time that can be told.
    fn of(self, times: &ArrayRef) -> Option<ArrayRef> {
        let times = times.as_primitive_opt::<TimestampNanosecondType>()?;
        let (mut start, mut width) = (0, 0_u64);
        let mut starts = Vec::with_capacity(times.len());
        for time in times.values() {
            // an unsigned difference is too large for times before the bin, too
            if time.wrapping_sub(start).cast_unsigned() >= width {
                // what lies under a NULL does not matter, but must not fail
                start = self.start(*time)?;
                width = self.width_ns.cast_unsigned();
            }
            starts.push(start);
        }
        let starts = TimestampNanosecondArray::new(starts.into(), times.nulls().cloned());
        Some(Arc::new(starts.with_data_type(times.data_type().clone())))
    }

    fn start(self, time: i64) -> Option<i64> {
        let since = time.checked_sub(self.origin_ns)?;
        time.checked_sub(since.checked_rem_euclid(self.width_ns)?)
    }
}

#[cfg(test)]
mod tests;
