//! The time range of a view: relative to now or fixed, as text in links and in the picker.

use crate::calendar::{
    Civil, DateStyle, MINUTE_NS, SECOND_NS, local_point, parse, parse_clock, rfc3339, to_millisecond, to_minute,
    to_second,
};

/// Ranges offered by the picker, in seconds before now.
pub const PRESETS: [u64; 10] = [300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 7 * 86_400, 30 * 86_400];
/// The range of a fresh view, in seconds before now.
pub const DEFAULT_SECONDS: u64 = 1800;
/// The longest relative range, in seconds: ten years.
const RELATIVE_MAX: u64 = 3650 * 86_400;

/// What a person chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeRange {
    /// The last so many seconds, whenever the view is drawn.
    Relative {
        /// Seconds before now, at least one.
        seconds: u64,
    },
    /// From one point to another, in nanoseconds since the epoch; the end is not included.
    Absolute {
        /// First nanosecond.
        from_ns: i64,
        /// The nanosecond after the last one.
        to_ns: i64,
    },
}

/// A range at one moment: `from_ns` included, `to_ns` not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First nanosecond.
    pub from_ns: i64,
    /// The nanosecond after the last one.
    pub to_ns: i64,
}

impl Window {
    /// Length in nanoseconds.
    #[must_use]
    pub fn length_ns(&self) -> i64 {
        self.to_ns.saturating_sub(self.from_ns)
    }

    /// From and to as a reader at `now_ns` needs them: `02:36 – 03:06`, `Nov 20 02:36 – 03:06`,
    /// with seconds where there are any.
    #[must_use]
    pub fn text(&self, now_ns: i64, offset_minutes: i32) -> String {
        let style = DateStyle::for_span(self.from_ns, self.to_ns, now_ns, offset_minutes);
        let (from, to) = (Civil::at(self.from_ns, offset_minutes), Civil::at(self.to_ns, offset_minutes));
        let same_day = (from.year, from.month, from.day) == (to.year, to.month, to.day);
        let end_style = if same_day { DateStyle::Clock } else { style };
        let whole = |unit: i64| self.from_ns % unit == 0 && self.to_ns % unit == 0;
        let write = if self.length_ns() >= 5 * MINUTE_NS || whole(MINUTE_NS) {
            to_minute
        } else if self.length_ns() >= 5 * SECOND_NS || whole(SECOND_NS) {
            to_second
        } else {
            to_millisecond
        };
        format!("{} – {}", write(self.from_ns, offset_minutes, style), write(self.to_ns, offset_minutes, end_style))
    }

    /// As a range that stays where it is.
    #[must_use]
    pub fn fixed(&self) -> TimeRange {
        TimeRange::Absolute { from_ns: self.from_ns, to_ns: self.to_ns }
    }
}

impl Default for TimeRange {
    fn default() -> Self {
        Self::Relative { seconds: DEFAULT_SECONDS }
    }
}

impl TimeRange {
    /// The range at `now_ns`.
    #[must_use]
    pub fn window(&self, now_ns: i64) -> Window {
        match *self {
            Self::Relative { seconds } => {
                let length = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(SECOND_NS);
                Window { from_ns: now_ns.saturating_sub(length), to_ns: now_ns }
            }
            Self::Absolute { from_ns, to_ns } => Window { from_ns, to_ns },
        }
    }

    /// `from` and `to` as a link carries them; the end of a relative range is left out.
    #[must_use]
    pub fn to_texts(&self) -> (String, Option<String>) {
        match *self {
            Self::Relative { seconds } => (format!("now-{}", short_duration(seconds)), None),
            Self::Absolute { from_ns, to_ns } => (rfc3339(from_ns), Some(rfc3339(to_ns))),
        }
    }

    /// Reads what a link carries. `None` when it is not a range or an empty one.
    #[must_use]
    pub fn from_texts(from: &str, to: Option<&str>) -> Option<Self> {
        let offset = |_: i64| 0;
        match (parse_bound(from, 0, &offset)?, to.unwrap_or("now")) {
            (Bound::Ago(seconds), "now") => Self::relative(seconds),
            (Bound::At(from_ns), to) => match parse_bound(to, 0, &offset)? {
                Bound::At(to_ns) => Self::absolute(from_ns, to_ns),
                Bound::Ago(_) => None,
            },
            _ => None,
        }
    }

    /// Reads what a person typed into the picker at `now_ns`: `now-2h`, `2026-11-22 03:01`,
    /// `03:01` for today, RFC 3339.
    pub fn from_typed(from: &str, to: &str, now_ns: i64, offset_at: &dyn Fn(i64) -> i32) -> Result<Self, RangeError> {
        let start = parse_bound(from, now_ns, offset_at).ok_or(RangeError::From)?;
        let end = parse_bound(to, now_ns, offset_at).ok_or(RangeError::To)?;
        if let (Bound::Ago(seconds), Bound::Ago(0)) = (start, end) {
            return Self::relative(seconds).ok_or(RangeError::Empty);
        }
        Self::absolute(start.point(now_ns), end.point(now_ns)).ok_or(RangeError::Empty)
    }

    fn relative(seconds: u64) -> Option<Self> {
        (1..=RELATIVE_MAX).contains(&seconds).then_some(Self::Relative { seconds })
    }

    fn absolute(from_ns: i64, to_ns: i64) -> Option<Self> {
        (from_ns < to_ns).then_some(Self::Absolute { from_ns, to_ns })
    }
}

/// Which of the picker's fields cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeError {
    /// The start is not a time.
    From,
    /// The end is not a time.
    To,
    /// The end is not after the start.
    Empty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Ago(u64),
    At(i64),
}

impl Bound {
    fn point(self, now_ns: i64) -> i64 {
        match self {
            Self::Ago(seconds) => TimeRange::Relative { seconds }.window(now_ns).from_ns,
            Self::At(ns) => ns,
        }
    }
}

fn parse_bound(text: &str, now_ns: i64, offset_at: &dyn Fn(i64) -> i32) -> Option<Bound> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Some(Bound::Ago(0));
    }
    if let Some(ago) = text.strip_prefix("now-").or_else(|| text.strip_prefix('-')) {
        return parse_duration(ago).map(Bound::Ago);
    }
    if text.contains(':')
        && !text.contains('-')
        && let Some((hour, minute, second, nanos)) = parse_clock(text)
    {
        let today = Civil::at(now_ns, offset_at(now_ns));
        return local_point(&Civil { hour, minute, second, nanos, ..today }, offset_at).map(Bound::At);
    }
    parse(text, offset_at).map(Bound::At)
}

/// Reads `90s`, `15m`, `2h`, `7d` or `2w` as seconds.
fn parse_duration(text: &str) -> Option<u64> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let value: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    value.checked_mul(seconds)
}

/// The shortest exact form: `30m`, `24h` is `1d`.
fn short_duration(seconds: u64) -> String {
    for (unit, size) in [("d", 86_400), ("h", 3600), ("m", 60)] {
        if seconds > 0 && seconds.is_multiple_of(size) {
            return format!("{}{unit}", seconds / size);
        }
    }
    format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_utc;

    fn at(text: &str) -> i64 {
        parse_utc(text).unwrap()
    }

    #[test]
    fn a_relative_range_ends_now() {
        let now = at("2026-11-22T03:06:00Z");
        let window = TimeRange::Relative { seconds: 1800 }.window(now);
        assert_eq!(window, Window { from_ns: at("2026-11-22T02:36:00Z"), to_ns: now });
    }

    #[test]
    fn a_window_is_told_as_short_as_it_can_be() {
        let now = at("2026-11-22T03:06:00Z");
        for (from, to, text) in [
            ("2026-11-22T02:36:00Z", "2026-11-22T03:06:00Z", "02:36 – 03:06"),
            ("2026-11-22T02:36:07.5Z", "2026-11-22T03:06:07.5Z", "02:36 – 03:06"),
            ("2026-11-22T03:05:10Z", "2026-11-22T03:05:40Z", "03:05:10 – 03:05:40"),
            ("2026-11-22T03:05:10Z", "2026-11-22T03:05:10.25Z", "03:05:10.000 – 03:05:10.250"),
            ("2026-11-20T02:36:00Z", "2026-11-20T03:06:00Z", "Nov 20 02:36 – 03:06"),
            ("2026-11-15T03:06:00Z", "2026-11-22T03:06:00Z", "Nov 15 03:06 – Nov 22 03:06"),
            ("2005-06-03T00:00:00Z", "2005-06-04T00:00:00Z", "2005-06-03 00:00 – 2005-06-04 00:00"),
        ] {
            assert_eq!(Window { from_ns: at(from), to_ns: at(to) }.text(now, 0), text);
        }
    }

    #[test]
    fn link_texts_come_back_as_they_were() {
        for range in [
            TimeRange::default(),
            TimeRange::Relative { seconds: 90 },
            TimeRange::Relative { seconds: 86_400 },
            TimeRange::Relative { seconds: 5400 },
            TimeRange::Absolute { from_ns: 1_795_316_512_418_000_001, to_ns: 1_795_316_600_000_000_000 },
        ] {
            let (from, to) = range.to_texts();
            assert_eq!(TimeRange::from_texts(&from, to.as_deref()), Some(range), "{from} {to:?}");
        }
        assert_eq!(TimeRange::Relative { seconds: 5400 }.to_texts().0, "now-90m");
        assert_eq!(TimeRange::from_texts("-1h", Some("now")), Some(TimeRange::Relative { seconds: 3600 }));
    }

    #[test]
    fn broken_links_are_refused() {
        for (from, to) in [
            ("", None),
            ("now", None),
            ("now-0m", None),
            ("now-5", None),
            ("now-5x", None),
            ("now--5m", None),
            ("now-99999999999999999999d", None),
            ("now-4000d", None),
            ("2026-11-22T03:06:00Z", None),
            ("2026-11-22T03:06:00Z", Some("2026-11-22T03:06:00Z")),
            ("2026-11-22T03:06:00Z", Some("2026-11-22T03:05:00Z")),
            ("now-5m", Some("2026-11-22T03:05:00Z")),
        ] {
            assert_eq!(TimeRange::from_texts(from, to), None, "{from} {to:?}");
        }
    }

    #[test]
    fn typed_ranges_are_read_in_the_zone_shown() {
        let now = at("2026-11-22T03:06:00Z");
        let cet = |_: i64| 60;
        assert_eq!(TimeRange::from_typed("now-2h", "now", now, &cet), Ok(TimeRange::Relative { seconds: 7200 }));
        assert_eq!(
            TimeRange::from_typed("03:00", "04:00:30", now, &cet),
            Ok(TimeRange::Absolute { from_ns: at("2026-11-22T02:00:00Z"), to_ns: at("2026-11-22T03:00:30Z") })
        );
        assert_eq!(
            TimeRange::from_typed("2026-11-21 12:00", "now", now, &cet),
            Ok(TimeRange::Absolute { from_ns: at("2026-11-21T11:00:00Z"), to_ns: now })
        );
        assert_eq!(
            TimeRange::from_typed("now-2h", "now-1h", now, &cet),
            Ok(TimeRange::Absolute { from_ns: now - 7200 * SECOND_NS, to_ns: now - 3600 * SECOND_NS })
        );
        assert_eq!(TimeRange::from_typed("yesterday", "now", now, &cet), Err(RangeError::From));
        assert_eq!(TimeRange::from_typed("now-1h", "25:00", now, &cet), Err(RangeError::To));
        assert_eq!(TimeRange::from_typed("04:00", "03:00", now, &cet), Err(RangeError::Empty));
        assert_eq!(TimeRange::from_typed("now", "now", now, &cet), Err(RangeError::Empty));
    }
}
