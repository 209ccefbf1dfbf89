//! Which buckets of time cover a window.

use crate::error::QueryError;
use lincei_model::TimeRange;
use serde::{Deserialize, Serialize};

const MINUTE_NS: i64 = 60_000_000_000;

const MILLISECOND_NS: i64 = 1_000_000;
const SECOND: i64 = 1_000 * MILLISECOND_NS;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// Lengths that are chosen, each a divisor of the next unit of the clock.
const NICE: [i64; 32] = [
    MILLISECOND_NS,
    2 * MILLISECOND_NS,
    5 * MILLISECOND_NS,
    10 * MILLISECOND_NS,
    20 * MILLISECOND_NS,
    50 * MILLISECOND_NS,
    100 * MILLISECOND_NS,
    200 * MILLISECOND_NS,
    500 * MILLISECOND_NS,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    60 * SECOND,
    120 * SECOND,
    300 * SECOND,
    600 * SECOND,
    900 * SECOND,
    1_800 * SECOND,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    365 * DAY,
];
/// 1970-01-05, a Monday: where weeks begin.
const MONDAY_NS: i64 = 4 * DAY;
/// Buckets of one histogram.
const BUCKETS_MAX: usize = 2_000;
/// Offsets of zones lie within ±14 hours; a day is more than any.
const OFFSET_MINUTES_MAX: i32 = 24 * 60;

/// How long the buckets of a histogram are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// The shortest nice length that needs at most so many buckets, 1 to 2,000.
    AtMost(usize),
    /// Exactly so many nanoseconds, at least a millisecond.
    Exactly(i64),
}

/// `count` buckets of `step_ns` each, from `first_ns` on; together they cover the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Buckets {
    pub(super) first_ns: i64,
    pub(super) step_ns: i64,
    pub(super) count: usize,
}

impl Buckets {
    /// Whether all rows of a minute are in one bucket.
    pub(super) const fn are_whole_minutes(&self) -> bool {
        self.first_ns.rem_euclid(MINUTE_NS) == 0 && self.step_ns.rem_euclid(MINUTE_NS) == 0
    }

    /// Buckets that cover `range`. Those shorter than an hour are aligned to UTC, longer ones to the
    /// zone, weeks to Mondays.
    ///
    /// # Errors
    /// [`QueryError::Parameter`] for an empty range, or for more than 2,000 buckets.
    pub(super) fn new(range: TimeRange, steps: Steps, offset_minutes: i32) -> Result<Self, QueryError> {
        if range.is_empty() {
            return Err(QueryError::Parameter("the window is empty: from must be before to".into()));
        }
        if offset_minutes.abs() > OFFSET_MINUTES_MAX {
            return Err(QueryError::Parameter(format!(
                "offset {offset_minutes} min is not within ±{OFFSET_MINUTES_MAX}"
            )));
        }
        match steps {
            Steps::Exactly(step_ns) if step_ns < MILLISECOND_NS => {
                Err(QueryError::Parameter(format!("a step of {step_ns} ns is shorter than 1 ms")))
            }
            Steps::Exactly(step_ns) => {
                let buckets = Self::covering(range, step_ns, offset_minutes);
                if buckets.count > BUCKETS_MAX {
                    let message =
                        format!("the step makes {} buckets of the window, more than {BUCKETS_MAX}", buckets.count);
                    return Err(QueryError::Parameter(message));
                }
                Ok(buckets)
            }
            Steps::AtMost(count) if count == 0 || count > BUCKETS_MAX => {
                Err(QueryError::Parameter(format!("buckets {count} is not 1 to {BUCKETS_MAX}")))
            }
            Steps::AtMost(count) => {
                let candidates = NICE.into_iter().map(|step_ns| Self::covering(range, step_ns, offset_minutes));
                let fits = |buckets: &Self| buckets.count <= count;
                // a window of centuries, or one bucket for a window that no boundary leaves whole
                let longest = || {
                    let step_ns = i64::try_from(range.end_ns.abs_diff(range.start_ns)).unwrap_or(i64::MAX);
                    Self { first_ns: range.start_ns, step_ns, count: 1 }
                };
                Ok(candidates.into_iter().find(fits).unwrap_or_else(longest))
            }
        }
    }

    fn covering(range: TimeRange, step_ns: i64, offset_minutes: i32) -> Self {
        let zone = if step_ns >= HOUR { i64::from(offset_minutes) * 60 * SECOND } else { 0 };
        let origin = if step_ns % (7 * DAY) == 0 { MONDAY_NS } else { 0 };
        let shift = zone - origin;
        let start = range.start_ns.saturating_add(shift);
        let first_ns = start.saturating_sub(start.rem_euclid(step_ns)).saturating_sub(shift);
        let span = range.end_ns.abs_diff(first_ns);
        let count = span.div_ceil(u64::try_from(step_ns).unwrap_or(1).max(1));
        Self { first_ns, step_ns, count: usize::try_from(count).unwrap_or(usize::MAX).max(1) }
    }

    /// Calls `found` with the row and bucket of every time that lies in one.
    pub(super) fn each(&self, times: &[i64], mut found: impl FnMut(usize, usize)) {
        // rows come by time within a service: most lie in the bucket of the row before
        let (mut bucket, mut low, mut high) = (0, 0, 0);
        for (row, time) in times.iter().enumerate() {
            if *time < low || *time >= high {
                let Some(since) = time.checked_sub(self.first_ns).filter(|since| *since >= 0) else { continue };
                let index = since / self.step_ns;
                bucket = usize::try_from(index).unwrap_or(usize::MAX);
                low = self.first_ns.saturating_add(index.saturating_mul(self.step_ns));
                high = low.saturating_add(self.step_ns);
            }
            if bucket < self.count {
                found(row, bucket);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-01T00:00:00Z, a Thursday (date -u -d @1767225600).
    const NEW_YEAR: i64 = 1_767_225_600 * SECOND;

    fn chosen(length: i64, count: usize) -> (i64, usize) {
        let range = TimeRange::new(NEW_YEAR, NEW_YEAR + length);
        let buckets = Buckets::new(range, Steps::AtMost(count), 0).unwrap();
        (buckets.step_ns, buckets.count)
    }

    #[test]
    fn steps_are_nice() {
        for (length, most, step, count) in [
            (HOUR, 60, 60 * SECOND, 60),
            (HOUR, 59, 120 * SECOND, 30),
            (15 * 60 * SECOND, 60, 15 * SECOND, 60),
            (6 * HOUR, 48, 600 * SECOND, 36),
            (DAY, 60, 1_800 * SECOND, 48),
            (7 * DAY, 60, 3 * HOUR, 56),
            (30 * DAY, 60, 12 * HOUR, 60),
            (1, 60, MILLISECOND_NS, 1),
            (10 * SECOND, 1, 10 * SECOND, 1),
        ] {
            assert_eq!(chosen(length, most), (step, count), "{length} {most}");
        }
    }

    #[test]
    fn buckets_are_aligned_and_cover_the_window() {
        let range = TimeRange::new(NEW_YEAR + 90 * SECOND, NEW_YEAR + HOUR + 1);
        let minutes = Buckets::new(range, Steps::Exactly(60 * SECOND), 60).unwrap();
        assert_eq!(minutes, Buckets { first_ns: NEW_YEAR + 60 * SECOND, step_ns: 60 * SECOND, count: 60 });
        // in UTC+1 the day began an hour before midnight UTC
        let days = Buckets::new(range, Steps::Exactly(DAY), 60).unwrap();
        assert_eq!(days, Buckets { first_ns: NEW_YEAR - HOUR, step_ns: DAY, count: 1 });
        // the Monday before is 2025-12-29
        let weeks = Buckets::new(range, Steps::Exactly(7 * DAY), 0).unwrap();
        assert_eq!(weeks, Buckets { first_ns: NEW_YEAR - 3 * DAY, step_ns: 7 * DAY, count: 1 });
    }

    #[test]
    fn any_window_has_buckets() {
        for range in [
            TimeRange::ALL,
            TimeRange::new(i64::MIN, i64::MIN + 1),
            TimeRange::new(i64::MAX - 1, i64::MAX),
            TimeRange::new(-1, 1),
        ] {
            for count in [1, 60, BUCKETS_MAX] {
                let buckets = Buckets::new(range, Steps::AtMost(count), 0).unwrap();
                assert!(buckets.count <= count && buckets.first_ns <= range.start_ns, "{range:?} {buckets:?}");
                buckets.each(&[i64::MIN, -1, 0, i64::MAX], |_, bucket| assert!(bucket < buckets.count));
            }
        }
    }

    #[test]
    fn others_are_refused() {
        let hour = TimeRange::new(0, HOUR);
        for (range, steps, offset, part) in [
            (TimeRange::new(5, 5), Steps::AtMost(60), 0, "from must be before to"),
            (TimeRange::new(6, 5), Steps::AtMost(60), 0, "from must be before to"),
            (hour, Steps::AtMost(0), 0, "buckets 0 is not 1 to 2000"),
            (hour, Steps::AtMost(2_001), 0, "buckets 2001 is not 1 to 2000"),
            (hour, Steps::Exactly(0), 0, "shorter than 1 ms"),
            (hour, Steps::Exactly(-5), 0, "shorter than 1 ms"),
            (hour, Steps::Exactly(SECOND), 0, "3600 buckets"),
            (TimeRange::ALL, Steps::Exactly(DAY), 0, "more than 2000"),
            (hour, Steps::AtMost(60), 1_441, "offset 1441"),
        ] {
            let error = Buckets::new(range, steps, offset).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
