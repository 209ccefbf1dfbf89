//! For how long the room will do.
//!
//! Each table grows by its bytes of a mean day until retention deletes as much as comes in: at the
//! greatest age times that rate, or at its bound on bytes. The disk is full when what all tables have
//! grown by exceeds the room; when all stop growing before, it never is.

use lincei_catalog::{DataFile, Retention};

const HOUR_NS: i64 = 3_600_000_000_000;
const DAY_NS: i64 = 24 * HOUR_NS;
/// The days that growth is measured over.
const WINDOW_NS: i64 = 7 * DAY_NS;
const DAY_SECONDS: f64 = 86_400.0;

/// What one table's growth follows from.
pub(super) struct Growth {
    /// Bytes of all its files.
    bytes: u64,
    /// Bytes of files whose rows are of the window.
    recent_bytes: u64,
    /// Where the window, or the part of it that there are rows of, begins.
    since_ns: Option<i64>,
    kept: Retention,
}

impl Growth {
    pub(super) fn new(files: &[&DataFile], kept: Retention, now_ns: i64) -> Self {
        let start = now_ns.saturating_sub(WINDOW_NS);
        let mut growth = Self { bytes: 0, recent_bytes: 0, since_ns: None, kept };
        // times ahead of the clock say nothing about the past
        for file in files.iter().filter(|file| file.min_time_ns <= now_ns) {
            growth.bytes += file.bytes;
            if file.min_time_ns >= start {
                growth.recent_bytes += file.bytes;
            }
            let since = file.min_time_ns.max(start);
            growth.since_ns = Some(growth.since_ns.map_or(since, |seen| seen.min(since)));
        }
        growth
    }

    /// Bytes that it will grow by before retention deletes as much as comes in; infinite without a bound.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn most_bytes(&self, bytes_per_day: f64) -> f64 {
        let by_age = self.kept.max_age.map_or(f64::INFINITY, |age| age.as_secs_f64() / DAY_SECONDS * bytes_per_day);
        let by_bytes = self.kept.max_bytes.map_or(f64::INFINITY, |bytes| bytes as f64);
        (by_age.min(by_bytes) - self.bytes as f64).max(0.0)
    }
}

/// Days that the bytes of the window came in; `None` below an hour.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn days_measured(growths: &[Growth], now_ns: i64) -> Option<f64> {
    let since = growths.iter().filter_map(|growth| growth.since_ns).min()?;
    let measured = now_ns.saturating_sub(since);
    (measured >= HOUR_NS).then(|| measured as f64 / DAY_NS as f64)
}

/// Bytes of all tables on a mean day; `None` when that is not known yet.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate")]
pub(super) fn bytes_per_day(growths: &[Growth], now_ns: i64) -> Option<u64> {
    let days = days_measured(growths, now_ns)?;
    let bytes: u64 = growths.iter().map(|growth| growth.recent_bytes).sum();
    Some((bytes as f64 / days) as u64)
}

/// Days until the tables have grown by `room` bytes; `None` when they never will or it is not known.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(super) fn days_until_full(room: u64, growths: &[Growth], now_ns: i64) -> Option<f64> {
    let days = days_measured(growths, now_ns)?;
    let mut growing: Vec<(f64, f64)> = growths
        .iter()
        .map(|growth| (growth.recent_bytes as f64 / days, growth))
        .filter(|(rate, _)| *rate > 0.0)
        .map(|(rate, growth)| (rate, growth.most_bytes(rate) / rate))
        .collect();
    growing.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut rate: f64 = growing.iter().map(|(rate, _)| rate).sum();
    let (mut left, mut day) = (room as f64, 0.0);
    for (own, until) in growing {
        let grown = rate * (until - day);
        if grown >= left {
            return Some(day + left / rate);
        }
        left -= grown;
        day = until;
        rate -= own;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::storage::tests::{NOW, file};
    use std::time::Duration;

    const GIB: u64 = 1 << 30;
    const FOREVER: Retention = Retention { max_age: None, max_bytes: None };

    /// A gibibyte a day for so many days until now.
    fn growth(days: i64, kept: Retention) -> Growth {
        let files: Vec<DataFile> = (1..=days).map(|day| file(NOW - day * DAY_NS, GIB)).collect();
        Growth::new(&files.iter().collect::<Vec<_>>(), kept, NOW)
    }

    fn days(days: u64) -> Option<Duration> {
        Some(Duration::from_secs(days * 86_400))
    }

    #[test]
    fn a_mean_day_is_of_the_last_seven_or_of_as_many_as_there_are() {
        for (of, per_day) in [(1, GIB), (3, GIB), (7, GIB), (30, GIB)] {
            assert_eq!(bytes_per_day(&[growth(of, FOREVER)], NOW), Some(per_day), "{of} days");
        }
        // seven quiet days after a busy one
        let old = file(NOW - 8 * DAY_NS, GIB);
        assert_eq!(bytes_per_day(&[Growth::new(&[&old], FOREVER, NOW)], NOW), Some(0));
    }

    #[test]
    fn with_less_than_an_hour_nothing_is_known() {
        let since = |ns: i64| [Growth::new(&[&file(NOW - ns, GIB)], FOREVER, NOW)];
        for growths in [since(HOUR_NS - 1), since(0), since(-HOUR_NS), [growth(0, FOREVER)]] {
            assert_eq!(bytes_per_day(&growths, NOW), None);
            assert_eq!(days_until_full(GIB, &growths, NOW), None);
        }
        assert_eq!(bytes_per_day(&since(HOUR_NS), NOW), Some(24 * GIB));
    }

    #[test]
    fn without_retention_the_room_is_divided_by_the_growth() {
        let tables = [growth(7, FOREVER), growth(7, FOREVER)];
        assert_eq!(days_until_full(20 * GIB, &tables, NOW), Some(10.0));
        assert_eq!(days_until_full(0, &tables, NOW), Some(0.0));
        let quiet = file(NOW - 8 * DAY_NS, GIB);
        assert_eq!(days_until_full(GIB, &[Growth::new(&[&quiet], FOREVER, NOW)], NOW), None);
    }

    #[test]
    fn retention_ends_the_growth_of_a_table() {
        let kept = |max_age, max_bytes| Retention { max_age, max_bytes };
        // 7 GiB are there: by age it grows to 10 GiB, by bytes to 9 GiB
        for (kept, room, expected) in [
            (kept(days(10), None), 3 * GIB, Some(3.0)),
            (kept(days(10), None), 3 * GIB + 1, None),
            (kept(None, Some(9 * GIB)), 2 * GIB, Some(2.0)),
            (kept(None, Some(9 * GIB)), 3 * GIB, None),
            (kept(days(10), Some(9 * GIB)), 3 * GIB, None),
            (kept(days(5), None), GIB, None),
            (kept(None, Some(GIB)), GIB, None),
        ] {
            assert_eq!(days_until_full(room, &[growth(7, kept)], NOW), expected, "{kept:?}, {room} bytes of room");
        }
        // both for three days, 6 GiB, then one alone: 4 GiB more
        let tables = [growth(7, kept(days(10), None)), growth(7, FOREVER)];
        assert_eq!(days_until_full(10 * GIB, &tables, NOW), Some(7.0));
    }
}
