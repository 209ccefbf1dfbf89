use super::*;
use chrono::{DateTime, Datelike, TimeZone, Timelike, Utc};
use datafusion::arrow::datatypes::Field;
use datafusion::common::config::ConfigOptions;
use datafusion::execution::SessionStateDefaults;

fn call(name: &str, args: Vec<ColumnarValue>) -> Vec<Option<i64>> {
    let all = on_integers(SessionStateDefaults::default_scalar_functions());
    let function = all.iter().find(|function| function.name() == name).unwrap();
    assert!(function.inner().is::<TimeBin>());
    let ColumnarValue::Array(times) = &args[1] else { panic!("no array") };
    let (rows, data_type) = (times.len(), times.data_type().clone());
    let arg_fields = args.iter().map(|arg| Arc::new(Field::new("a", arg.data_type(), true))).collect();
    let answer = function.invoke_with_args(ScalarFunctionArgs {
        args,
        arg_fields,
        number_rows: rows,
        return_field: Arc::new(Field::new("r", data_type.clone(), true)),
        config_options: Arc::new(ConfigOptions::default()),
    });
    let answer = answer.unwrap().to_array(rows).unwrap();
    assert_eq!(answer.data_type(), &data_type);
    answer.as_primitive::<TimestampNanosecondType>().iter().collect()
}

fn times(values: &[Option<i64>]) -> ColumnarValue {
    let times: TimestampNanosecondArray = values.iter().copied().collect();
    ColumnarValue::Array(Arc::new(times.with_timezone("UTC")))
}

fn interval(days: i32, nanoseconds: i64) -> ColumnarValue {
    ColumnarValue::Scalar(ScalarValue::IntervalMonthDayNano(Some(IntervalMonthDayNano {
        months: 0,
        days,
        nanoseconds,
    })))
}

/// Some around the epoch, some in order, some not, and NULL.
fn samples() -> Vec<Option<i64>> {
    let mut values = vec![None, Some(0), Some(-1), Some(1), Some(-DAY_NS), Some(-DAY_NS - 1)];
    values.extend((0..500_i64).map(|i| Some(1_767_225_600 * SECOND_NS + i * 7_919_000_000_123)));
    values.extend(
        (0..500_i64)
            .map(|i| Some((i * i * i).wrapping_mul(6_700_417_000_000_007) % 4_000_000_000_000_000_000 - 2 * DAY_NS)),
    );
    values.push(None);
    values
}

#[test]
fn units_are_those_of_the_calendar() {
    type Cut = fn(DateTime<Utc>) -> DateTime<Utc>;
    let cuts: [(&str, Cut); 4] = [
        ("day", |t| Utc.with_ymd_and_hms(t.year(), t.month(), t.day(), 0, 0, 0).unwrap()),
        ("HOUR", |t| Utc.with_ymd_and_hms(t.year(), t.month(), t.day(), t.hour(), 0, 0).unwrap()),
        ("minute", |t| Utc.with_ymd_and_hms(t.year(), t.month(), t.day(), t.hour(), t.minute(), 0).unwrap()),
        ("second", |t| t.with_nanosecond(0).unwrap()),
    ];
    for (unit, cut) in cuts {
        let want = |ns| cut(DateTime::from_timestamp_nanos(ns)).timestamp_nanos_opt().unwrap();
        let want: Vec<Option<i64>> = samples().into_iter().map(|time| time.map(want)).collect();
        let unit = ColumnarValue::Scalar(ScalarValue::from(unit));
        assert_eq!(call("date_trunc", vec![unit.clone(), times(&samples())]), want, "{unit:?}");
    }
}

#[test]
fn bins_start_at_multiples_of_their_width_from_the_origin() {
    for (days, nanoseconds) in [(0, 1), (0, 7), (0, 300 * SECOND_NS), (1, 0), (2, -5)] {
        for origin in [None, Some(0), Some(-3), Some(1_767_247_200 * SECOND_NS + 1)] {
            let width = i128::from(days) * i128::from(DAY_NS) + i128::from(nanoseconds);
            let start = i128::from(origin.unwrap_or(0));
            let want = |time: i64| {
                let bin = (i128::from(time) - start).div_euclid(width) * width + start;
                i64::try_from(bin).unwrap()
            };
            let want: Vec<Option<i64>> = samples().into_iter().map(|time| time.map(want)).collect();
            let mut args = vec![interval(days, nanoseconds), times(&samples())];
            args.extend(
                origin.map(|ns| ColumnarValue::Scalar(ScalarValue::TimestampNanosecond(Some(ns), Some("UTC".into())))),
            );
            assert_eq!(call("date_bin", args), want, "{days} days {nanoseconds} ns from {origin:?}");
        }
    }
}

/// Weeks begin on Monday and months on their first: 1 January 2026 is a Thursday.
#[test]
fn what_has_no_fixed_width_is_left_to_the_calendar() {
    let new_year = 1_767_225_600 * SECOND_NS;
    let array = times(&[Some(new_year + 40 * DAY_NS)]);
    for (unit, day) in [("week", 39), ("month", 31), ("quarter", 0), ("year", 0)] {
        let unit = ColumnarValue::Scalar(ScalarValue::from(unit));
        assert_eq!(call("date_trunc", vec![unit, array.clone()]), [Some(new_year + day * DAY_NS)]);
    }
}

/// DataFusion makes NULL of a time that cannot be told.
#[test]
fn times_at_the_end_of_time_do_not_fail() {
    let array = times(&[Some(i64::MIN), Some(i64::MAX), Some(DAY_NS)]);
    let last = i64::MAX - i64::MAX % DAY_NS;
    assert_eq!(call("date_bin", vec![interval(1, 0), array]), [None, Some(last), Some(DAY_NS)]);
}
