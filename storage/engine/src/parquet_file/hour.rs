use lincei_model::TimeRange;
use std::fmt;

const HOUR_NS: i64 = 3_600_000_000_000;

/// One hour of event time, UTC: a file's rows all lie in one. Displays as its path segments,
/// `dt=YYYY-MM-DD/hh=HH`. Hours order as time does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Hour(i64);

impl Hour {
    /// The hour that `time_ns` (nanoseconds since the epoch) lies in.
    pub(crate) const fn of(time_ns: i64) -> Self {
        Self(time_ns.div_euclid(HOUR_NS))
    }

    /// Its nanoseconds, cut at the ends of what a timestamp can hold.
    pub(crate) const fn range(self) -> TimeRange {
        TimeRange::new(self.0.saturating_mul(HOUR_NS), self.0.saturating_add(1).saturating_mul(HOUR_NS))
    }
}

impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_date(self.0.div_euclid(24));
        write!(f, "dt={year:04}-{month:02}-{day:02}/hh={:02}", self.0.rem_euclid(24))
    }
}

/// Year, month and day of a day counted from 1970-01-01, proleptic Gregorian calendar. Counts
/// years from March in eras of 400, so that the leap day is the last of its year
/// (<https://howardhinnant.github.io/date_algorithms.html>, `civil_from_days`).
const fn civil_date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values from GNU date: `date -u -d @<seconds> +dt=%Y-%m-%d/hh=%H`.
    #[test]
    fn paths_are_utc_dates_and_hours() {
        for (seconds, path) in [
            (0, "dt=1970-01-01/hh=00"),
            (-1, "dt=1969-12-31/hh=23"),
            (951_827_696, "dt=2000-02-29/hh=12"),
            (4_107_542_400, "dt=2100-03-01/hh=00"),
            (1_795_359_600, "dt=2026-11-22/hh=15"),
            (-2_203_891_201, "dt=1900-02-28/hh=23"),
        ] {
            assert_eq!(Hour::of(seconds * 1_000_000_000).to_string(), path, "{seconds}");
        }
        // the ends of 64-bit nanoseconds
        assert_eq!(Hour::of(i64::MAX).to_string(), "dt=2262-04-11/hh=23");
        assert_eq!(Hour::of(i64::MIN).to_string(), "dt=1677-09-21/hh=00");
    }

    #[test]
    fn an_hour_contains_its_times_and_no_others() {
        for t in [0, -1, 1, HOUR_NS - 1, HOUR_NS, -HOUR_NS, 1_795_359_600_000_000_007, i64::MIN] {
            let range = Hour::of(t).range();
            assert!(range.contains(t), "{t}");
            assert_eq!(Hour::of(range.end_ns - 1), Hour::of(t), "{t}");
            assert_eq!(Hour::of(range.end_ns), Hour(Hour::of(t).0 + 1), "{t}");
        }
        assert_eq!(Hour::of(i64::MIN).range().start_ns, i64::MIN);
        assert_eq!(Hour::of(i64::MAX).range().end_ns, i64::MAX);
    }
}
