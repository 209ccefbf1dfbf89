//! Points in time as people read and write them. A point is nanoseconds since the Unix epoch; a
//! zone is an offset in minutes east of UTC, looked up by the caller for the point in question.

/// Nanoseconds in a second.
pub const SECOND_NS: i64 = 1_000_000_000;
/// Nanoseconds in a minute.
pub const MINUTE_NS: i64 = 60 * SECOND_NS;
/// Nanoseconds in a day.
pub const DAY_NS: i64 = 86_400 * SECOND_NS;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Wall-clock fields in one zone of the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// Year.
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 59; a leap second is read as 59.
    pub second: u32,
    /// 0 to 999,999,999.
    pub nanos: u32,
}

impl Civil {
    /// The fields that a clock `offset_minutes` east of UTC shows at `ns`.
    #[must_use]
    pub fn at(ns: i64, offset_minutes: i32) -> Self {
        let local = i128::from(ns) + i128::from(offset_minutes) * i128::from(MINUTE_NS);
        let days = local.div_euclid(i128::from(DAY_NS));
        let in_day = local.rem_euclid(i128::from(DAY_NS));
        let (year, month, day) = civil_from_days(i64::try_from(days).unwrap_or_default());
        let seconds = u32::try_from(in_day / i128::from(SECOND_NS)).unwrap_or_default();
        let nanos = u32::try_from(in_day % i128::from(SECOND_NS)).unwrap_or_default();
        Self { year, month, day, hour: seconds / 3600, minute: seconds / 60 % 60, second: seconds % 60, nanos }
    }

    /// The point at which a clock `offset_minutes` east of UTC shows these fields; `None` for a
    /// day that does not exist or a year outside 1678 to 2261, the reach of 64-bit nanoseconds.
    #[must_use]
    pub fn point(&self, offset_minutes: i32) -> Option<i64> {
        let exists = (1..=12).contains(&self.month) && self.day >= 1 && self.day <= month_days(self.year, self.month);
        if !exists || self.hour > 23 || self.minute > 59 || self.second > 60 || !(1678..=2261).contains(&self.year) {
            return None;
        }
        let days = days_from_civil(self.year, self.month, self.day);
        let seconds =
            days * 86_400 + i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second.min(59))
                - i64::from(offset_minutes) * 60;
        seconds.checked_mul(SECOND_NS)?.checked_add(i64::from(self.nanos))
    }

    fn month_name(&self) -> &'static str {
        MONTHS.get((self.month as usize).wrapping_sub(1)).copied().unwrap_or("")
    }
}

fn month_days(year: i64, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

// Both conversions after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": eras of
// 400 years, years that begin in March.
fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let shifted = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1))
}

/// RFC 3339 in UTC, with no, three, six or nine digits after the second, as few as are exact.
#[must_use]
pub fn rfc3339(ns: i64) -> String {
    let c = Civil::at(ns, 0);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z",
        c.year,
        c.month,
        c.day,
        c.hour,
        c.minute,
        c.second,
        fraction(c.nanos)
    )
}

fn fraction(nanos: u32) -> String {
    if nanos == 0 {
        String::new()
    } else if nanos.is_multiple_of(1_000_000) {
        format!(".{:03}", nanos / 1_000_000)
    } else if nanos.is_multiple_of(1000) {
        format!(".{:06}", nanos / 1000)
    } else {
        format!(".{nanos:09}")
    }
}

/// How much of a date a time needs so as not to be mistaken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateStyle {
    /// `03:01`: everything shown is of one day.
    Clock,
    /// `Nov 22 03:01`: of one year.
    Day,
    /// `2005-06-03 03:01`.
    Full,
}

impl DateStyle {
    /// What times between `from_ns` and `to_ns` need, read at `now_ns`.
    #[must_use]
    pub fn for_span(from_ns: i64, to_ns: i64, now_ns: i64, offset_minutes: i32) -> Self {
        let (from, to) = (Civil::at(from_ns, offset_minutes), Civil::at(to_ns.saturating_sub(1), offset_minutes));
        let now = Civil::at(now_ns, offset_minutes);
        let today = |c: &Civil| (c.year, c.month, c.day) == (now.year, now.month, now.day);
        // A window that reaches a little over midnight is still read by the clock alone.
        let short = to_ns.saturating_sub(from_ns) <= DAY_NS / 2 && now_ns.saturating_sub(to_ns) < DAY_NS / 2;
        if short || (today(&from) && today(&to)) {
            Self::Clock
        } else if from.year == now.year && to.year == now.year {
            Self::Day
        } else {
            Self::Full
        }
    }
}

fn date_prefix(c: &Civil, style: DateStyle) -> String {
    match style {
        DateStyle::Clock => String::new(),
        DateStyle::Day => format!("{} {:02} ", c.month_name(), c.day),
        DateStyle::Full => format!("{:04}-{:02}-{:02} ", c.year, c.month, c.day),
    }
}

/// `03:01`, with the date that `style` asks for.
#[must_use]
pub fn to_minute(ns: i64, offset_minutes: i32, style: DateStyle) -> String {
    let c = Civil::at(ns, offset_minutes);
    format!("{}{:02}:{:02}", date_prefix(&c, style), c.hour, c.minute)
}

/// `03:01:52`, with the date that `style` asks for.
#[must_use]
pub fn to_second(ns: i64, offset_minutes: i32, style: DateStyle) -> String {
    let c = Civil::at(ns, offset_minutes);
    format!("{}{:02}:{:02}:{:02}", date_prefix(&c, style), c.hour, c.minute, c.second)
}

/// `03:01:52.418`, with the date that `style` asks for.
#[must_use]
pub fn to_millisecond(ns: i64, offset_minutes: i32, style: DateStyle) -> String {
    let c = Civil::at(ns, offset_minutes);
    format!("{}{:02}:{:02}:{:02}.{:03}", date_prefix(&c, style), c.hour, c.minute, c.second, c.nanos / 1_000_000)
}

/// `Nov 22`.
#[must_use]
pub fn to_day(ns: i64, offset_minutes: i32) -> String {
    let c = Civil::at(ns, offset_minutes);
    format!("{} {:02}", c.month_name(), c.day)
}

/// `2026-11-22 03:01:52.418`, every digit that is not zero, in the zone of the offset.
#[must_use]
pub fn to_full(ns: i64, offset_minutes: i32) -> String {
    let c = Civil::at(ns, offset_minutes);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}{}",
        c.year,
        c.month,
        c.day,
        c.hour,
        c.minute,
        c.second,
        fraction(c.nanos)
    )
}

/// Reads RFC 3339 and its common relaxations: a space for the `T`, seconds or the whole clock
/// left out, `+0100` for `+01:00`. Without a zone the point is found by `offset_at`, which tells
/// the zone's offset at a point of UTC.
#[must_use]
pub fn parse(text: &str, offset_at: &dyn Fn(i64) -> i32) -> Option<i64> {
    let text = text.trim();
    let (date, rest) = match text.find(['T', 't', ' ']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?.trim()),
        None => (text, ""),
    };
    let mut parts = date.split('-');
    let year: i64 = digits(parts.next()?, 4, 4)?.into();
    let month = digits(parts.next()?, 1, 2)?;
    let day = digits(parts.next()?, 1, 2)?;
    if parts.next().is_some() {
        return None;
    }
    let zone_at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (hour, minute, second, nanos) = parse_clock(rest.get(..zone_at)?.trim())?;
    let civil = Civil { year, month, day, hour, minute, second, nanos };
    match rest.get(zone_at..)? {
        "" => local_point(&civil, offset_at),
        "Z" | "z" => civil.point(0),
        zone => civil.point(parse_offset(zone)?),
    }
}

/// Reads RFC 3339; a time without a zone is UTC.
#[must_use]
pub fn parse_utc(text: &str) -> Option<i64> {
    parse(text, &|_| 0)
}

/// The point at which a clock in the zone of `offset_at` shows `civil`. In the hour that a clock
/// change repeats it is the earlier or later one by the zone's offset at that reading in UTC.
pub(crate) fn local_point(civil: &Civil, offset_at: &dyn Fn(i64) -> i32) -> Option<i64> {
    let guess = civil.point(offset_at(civil.point(0)?))?;
    civil.point(offset_at(guess))
}

/// Reads `03:01`, `03:01:52` or `03:01:52.418`; empty is midnight.
pub(crate) fn parse_clock(text: &str) -> Option<(u32, u32, u32, u32)> {
    if text.is_empty() {
        return Some((0, 0, 0, 0));
    }
    let mut parts = text.split(':');
    let hour = digits(parts.next()?, 1, 2)?;
    let minute = digits(parts.next()?, 2, 2)?;
    let (second, nanos) = match parts.next() {
        None => (0, 0),
        Some(last) => match last.split_once(['.', ',']) {
            None => (digits(last, 2, 2)?, 0),
            Some((second, fraction)) => {
                let value = digits(fraction, 1, 9)?;
                let scale = 10u32.checked_pow(9u32.checked_sub(u32::try_from(fraction.len()).ok()?)?)?;
                (digits(second, 2, 2)?, value.checked_mul(scale)?)
            }
        },
    };
    (parts.next().is_none() && hour < 24 && minute < 60 && second <= 60).then_some((hour, minute, second, nanos))
}

fn parse_offset(zone: &str) -> Option<i32> {
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let body: String = zone.get(1..)?.chars().filter(|c| *c != ':').collect();
    let padded = if body.len() == 2 { format!("{body}00") } else { body };
    let value = i32::try_from(digits(&padded, 4, 4)?).ok()?;
    let (hours, minutes) = (value / 100, value % 100);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn digits(text: &str, least: usize, most: usize) -> Option<u32> {
    let plain = (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    // `date -u -d '2026-11-22T03:01:52Z' +%s` and likewise for the others
    const STORY: i64 = 1_795_316_512_418_000_000;

    #[test]
    fn points_and_texts_agree_with_date() {
        for (ns, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (STORY, "2026-11-22T03:01:52.418Z"),
            (951_782_400 * SECOND_NS, "2000-02-29T00:00:00Z"),
            (-SECOND_NS, "1969-12-31T23:59:59Z"),
            (4_107_542_399 * SECOND_NS + 1, "2100-02-28T23:59:59.000000001Z"),
            (1_700_000_000 * SECOND_NS + 123_456_000, "2023-11-14T22:13:20.123456Z"),
        ] {
            assert_eq!(rfc3339(ns), text);
            assert_eq!(parse_utc(text), Some(ns), "{text}");
        }
    }

    #[test]
    fn zones_move_the_clock_and_not_the_point() {
        assert_eq!(parse_utc("2026-11-22T04:01:52.418+01:00"), Some(STORY));
        assert_eq!(parse_utc("2026-11-21 21:31:52.418-0530"), Some(STORY));
        assert_eq!(to_millisecond(STORY, 60, DateStyle::Clock), "04:01:52.418");
        assert_eq!(to_minute(STORY, -300, DateStyle::Day), "Nov 21 22:01");
        assert_eq!(to_full(STORY, 0), "2026-11-22 03:01:52.418");
    }

    #[test]
    fn local_times_use_the_offset_of_their_day() {
        // Helsinki: +3 h before 2026-10-25 01:00 UTC, +2 h after
        let change = parse_utc("2026-10-25T01:00:00Z").unwrap();
        let offset = move |at: i64| if at < change { 180 } else { 120 };
        assert_eq!(parse("2026-10-24 12:00", &offset), parse_utc("2026-10-24T09:00:00Z"));
        assert_eq!(parse("2026-10-26 12:00", &offset), parse_utc("2026-10-26T10:00:00Z"));
        assert_eq!(parse("2026-10-26", &offset), parse_utc("2026-10-25T22:00:00Z"));
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for text in [
            "",
            "now",
            "2026",
            "2026-13-01",
            "2026-02-29",
            "2026-11-31",
            "2026-11-22T24:00:00Z",
            "2026-11-22T03:60:00Z",
            "2026-11-22T03:01:52.Z",
            "2026-11-22T03:01:52.1234567891Z",
            "2026-11-22T03:01:52+1",
            "2026-11-22T03:01:52+99:00",
            "0001-01-01T00:00:00Z",
            "9999-01-01T00:00:00Z",
            "2026-11-22T03:01:52Zjunk",
            "20261-1-22",
            "-026-11-22",
        ] {
            assert_eq!(parse_utc(text), None, "{text}");
        }
    }

    #[test]
    fn the_date_is_shown_when_the_clock_alone_would_mislead() {
        let day = |from: &str, to: &str| {
            DateStyle::for_span(
                parse_utc(from).unwrap(),
                parse_utc(to).unwrap(),
                parse_utc("2026-11-22T03:06:00Z").unwrap(),
                0,
            )
        };
        assert_eq!(day("2026-11-22T02:36:00Z", "2026-11-22T03:06:00Z"), DateStyle::Clock);
        assert_eq!(day("2026-11-21T23:36:00Z", "2026-11-22T00:06:00Z"), DateStyle::Clock);
        assert_eq!(day("2026-11-21T03:06:00Z", "2026-11-22T03:06:00Z"), DateStyle::Day);
        assert_eq!(day("2026-11-20T02:36:00Z", "2026-11-20T03:06:00Z"), DateStyle::Day);
        assert_eq!(day("2005-06-03T00:00:00Z", "2005-06-04T00:00:00Z"), DateStyle::Full);
    }
}
