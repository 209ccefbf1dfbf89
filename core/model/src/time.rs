use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A half-open window of event time, `start <= t < end`, in nanoseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// First nanosecond inside.
    pub start_ns: i64,
    /// First nanosecond after.
    pub end_ns: i64,
}

impl TimeRange {
    /// Everything that a timestamp can hold (but for the very last nanosecond).
    pub const ALL: Self = Self { start_ns: i64::MIN, end_ns: i64::MAX };

    /// `start_ns <= t < end_ns`; empty when `end_ns <= start_ns`.
    #[must_use]
    pub const fn new(start_ns: i64, end_ns: i64) -> Self {
        Self { start_ns, end_ns }
    }

    /// Whether no time is inside.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.end_ns <= self.start_ns
    }

    /// Whether `t` is inside.
    #[must_use]
    pub const fn contains(&self, t: i64) -> bool {
        self.start_ns <= t && t < self.end_ns
    }

    /// Whether data whose times span `min..=max` can have a row inside.
    #[must_use]
    pub const fn overlaps(&self, min: i64, max: i64) -> bool {
        min < self.end_ns && max >= self.start_ns
    }

    /// The times inside both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self { start_ns: self.start_ns.max(other.start_ns), end_ns: self.end_ns.min(other.end_ns) }
    }
}

/// Where "now" comes from; passed in so that tests own it.
pub trait Clock: Send + Sync + 'static {
    /// Nanoseconds since the Unix epoch, UTC.
    fn now_ns(&self) -> i64;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ns(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    }
}

/// A clock that stands where it is put.
#[derive(Debug, Default)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// Stands at `now_ns`.
    #[must_use]
    pub const fn new(now_ns: i64) -> Self {
        Self(AtomicI64::new(now_ns))
    }

    /// Moves to `now_ns`.
    pub fn set(&self, now_ns: i64) {
        self.0.store(now_ns, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now_ns(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_half_open() {
        let r = TimeRange::new(10, 20);
        for (t, inside) in [(9, false), (10, true), (19, true), (20, false)] {
            assert_eq!(r.contains(t), inside, "{t}");
        }
        for (min, max, hit) in [(0, 9, false), (0, 10, true), (19, 30, true), (20, 30, false)] {
            assert_eq!(r.overlaps(min, max), hit, "{min}..={max}");
        }
        assert!(r.intersect(&TimeRange::new(20, 30)).is_empty());
        assert_eq!(r.intersect(&TimeRange::ALL), r);
    }
}
