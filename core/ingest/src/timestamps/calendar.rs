use super::Found;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};

const SECOND_NS: i64 = 1_000_000_000;
const DAY_NS: i64 = 86_400 * SECOND_NS;
/// How many years back a day without a year is looked for: 29 February may be eight years ago.
const YEARS_BACK: i32 = 8;

/// Reads bytes from the left; every method takes something or leaves the scanner as it was.
#[derive(Clone, Copy)]
struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
}

/// Day of a timestamp; the year may be missing.
#[derive(Clone, Copy)]
struct Date {
    year: Option<i32>,
    month: u32,
    day: u32,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn byte(&mut self, wanted: u8) -> Option<()> {
        self.one_of(&[wanted]).map(|_| ())
    }

    fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|byte| wanted.contains(byte))?;
        self.at += 1;
        Some(byte)
    }

    fn spaces(&mut self) -> Option<()> {
        self.byte(b' ')?;
        while self.byte(b' ').is_some() {}
        Some(())
    }

    /// Number of digits that follow.
    fn digit_run(&self) -> usize {
        self.text.get(self.at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// A number of exactly `len` digits, with more digits allowed behind it.
    fn fixed(&mut self, len: usize) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + len).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
        self.at += len;
        Some(digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    /// A number of one or two digits, not more.
    fn one_or_two(&mut self) -> Option<u32> {
        match self.digit_run() {
            len @ 1..=2 => self.fixed(len),
            _ => None,
        }
    }

    /// A number of four digits, not more.
    fn year(&mut self) -> Option<i32> {
        if self.digit_run() == 4 { self.fixed(4).and_then(|year| i32::try_from(year).ok()) } else { None }
    }

    fn word<T>(&mut self, words: &[(&str, T)]) -> Option<T>
    where
        T: Copy,
    {
        let rest = self.text.get(self.at..)?;
        let len = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let word = rest.get(..len)?;
        let (_, value) = words.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word))?;
        self.at += len;
        Some(*value)
    }

    fn month(&mut self) -> Option<u32> {
        self.word(&MONTHS)
    }
}

const MONTHS: [(&str, u32); 23] = [
    ("Jan", 1),
    ("Feb", 2),
    ("Mar", 3),
    ("Apr", 4),
    ("May", 5),
    ("Jun", 6),
    ("Jul", 7),
    ("Aug", 8),
    ("Sep", 9),
    ("Oct", 10),
    ("Nov", 11),
    ("Dec", 12),
    ("January", 1),
    ("February", 2),
    ("March", 3),
    ("April", 4),
    ("June", 6),
    ("July", 7),
    ("August", 8),
    ("September", 9),
    ("October", 10),
    ("November", 11),
    ("December", 12),
];

const WEEKDAYS: [(&str, ()); 14] = [
    ("Mon", ()),
    ("Tue", ()),
    ("Wed", ()),
    ("Thu", ()),
    ("Fri", ()),
    ("Sat", ()),
    ("Sun", ()),
    ("Monday", ()),
    ("Tuesday", ()),
    ("Wednesday", ()),
    ("Thursday", ()),
    ("Friday", ()),
    ("Saturday", ()),
    ("Sunday", ()),
];

/// A timestamp at the start of `text`. Epoch numbers are not among these.
pub(crate) fn prefix(text: &[u8], now_ns: i64) -> Option<Found> {
    let scanner = Scanner { text, at: 0 };
    match scanner.peek()? {
        b'0'..=b'9' => numeric(scanner, now_ns),
        byte if byte.is_ascii_alphabetic() => named(scanner, now_ns),
        _ => None,
    }
}

/// Forms that begin with a digit.
fn numeric(scanner: Scanner<'_>, now_ns: i64) -> Option<Found> {
    match scanner.digit_run() {
        4 => year_first(scanner, now_ns),
        8 => compact(scanner, now_ns),
        6 => short_compact(scanner, now_ns),
        14 => all_digits(scanner, now_ns),
        1..=2 => day_or_month_first(scanner, now_ns),
        _ => None,
    }
}

/// `2026-11-22T10:11:12.345Z`, `2026/11/22 10:11:12`, `2026-11-22-10.11.12.345678`, `2026.11.22`.
fn year_first(mut scanner: Scanner<'_>, now_ns: i64) -> Option<Found> {
    let year = scanner.year()?;
    let separator = scanner.one_of(b"-/.")?;
    let month = scanner.one_or_two()?;
    scanner.byte(separator)?;
    let day = scanner.one_or_two()?;
    with_clock(scanner, Date { year: Some(year), month, day }, b"T t-_:,", now_ns)
}

/// `20261122T101112Z`, `20261122-10:11:12:345`, `20261122-0:1:2:34`.
fn compact(mut scanner: Scanner<'_>, now_ns: i64) -> Option<Found> {
    let year = i32::try_from(scanner.fixed(4)?).ok()?;
    let (month, day) = (scanner.fixed(2)?, scanner.fixed(2)?);
    let mut bare = scanner;
    if bare.byte(b'-').is_some()
        && let Some(clock) = unpadded_clock(&mut bare)
    {
        return finish(bare, Date { year: Some(year), month, day }, Some(clock), 0, now_ns);
    }
    with_clock(scanner, Date { year: Some(year), month, day }, b"T-_ :", now_ns).filter(|found| found.has_clock)
}

/// `20261122101112`.
fn all_digits(mut scanner: Scanner<'_>, now_ns: i64) -> Option<Found> {
    let year = i32::try_from(scanner.fixed(4)?).ok()?;
    let (month, day) = (scanner.fixed(2)?, scanner.fixed(2)?);
    let (hour, minute, second) = (scanner.fixed(2)?, scanner.fixed(2)?, scanner.fixed(2)?);
    let clock = Clock { hour, minute, second, nanosecond: 0 };
    finish(scanner, Date { year: Some(year), month, day }, Some(clock), 0, now_ns)
}

/// `261122 101112`, as Hadoop once wrote it.
fn short_compact(mut scanner: Scanner<'_>, now_ns: i64) -> Option<Found> {
    let year = short_year(scanner.fixed(2)?);
    let (month, day) = (scanner.fixed(2)?, scanner.fixed(2)?);
    scanner.byte(b' ')?;
    if scanner.digit_run() != 6 {
        return with_time_of_day(scanner, Date { year, month, day }, now_ns);
    }
    let (hour, minute, second) = (scanner.fixed(2)?, scanner.fixed(2)?, scanner.fixed(2)?);
    let clock = Clock { hour, minute, second, nanosecond: 0 };
    finish(scanner, Date { year, month, day }, Some(clock), 0, now_ns)
}

fn short_year(two_digits: u32) -> Option<i32> {
    let year = i32::try_from(two_digits).ok()?;
    Some(if year < 70 { 2000 + year } else { 1900 + year })
}

/// Forms that begin with one or two digits:
/// `22/Nov/2026:10:11:12 +0000`, `22 Nov 2026 10:11:12`, `22-Nov-2026 10:11:12.345`,
/// `26/11/22 10:11:12` (year first), `11/22/2026 10:11:12 PM` (month first unless it cannot be),
/// `22.11.2026 10:11:12`, and without a year `11-22 10:11:12`, `11.22 10:11:12`, `11/22 10:11:12`.
fn day_or_month_first(mut scanner: Scanner<'_>, now_ns: i64) -> Option<Found> {
    let first = scanner.one_or_two()?;
    let separator = scanner.one_of(b"/-. ")?;
    if scanner.peek()?.is_ascii_alphabetic() {
        let month = scanner.month()?;
        scanner.one_of(b"/-. ")?;
        let year = scanner.year()?;
        return with_clock(scanner, Date { year: Some(year), month, day: first }, b": T,", now_ns);
    }
    if separator == b' ' {
        return None;
    }
    let second = scanner.one_or_two()?;
    if scanner.byte(separator).is_none() {
        scanner.spaces()?;
        return with_time_of_day(scanner, Date { year: None, month: first, day: second }, now_ns);
    }
    let date = match scanner.digit_run() {
        4 => {
            let year = scanner.year();
            let month_first = separator == b'/' && first <= 12;
            let (month, day) = if month_first { (first, second) } else { (second, first) };
            Date { year, month, day }
        }
        2 => Date { year: short_year(first), month: second, day: scanner.fixed(2)? },
        _ => return None,
    };
    with_clock(scanner, date, b" T,", now_ns).filter(|found| found.has_clock)
}

/// Forms that begin with a letter: `Sun, 22 Nov 2026 10:11:12 +0000`, `Sun Nov 22 10:11:12 2026`,
/// `Nov 22 10:11:12`, `Nov 22 2026 10:11:12`, `Nov 22, 2026 10:11:12 AM`.
fn named(mut scanner: Scanner<'_>, now_ns: i64) -> Option<Found> {
    if scanner.word(&WEEKDAYS).is_some() {
        let _ = scanner.byte(b',');
        scanner.spaces()?;
        if scanner.peek()?.is_ascii_digit() {
            return day_or_month_first(scanner, now_ns).filter(|found| found.has_clock);
        }
    }
    let month = scanner.month()?;
    scanner.spaces()?;
    let day = scanner.one_or_two()?;
    let _ = scanner.byte(b',');
    scanner.spaces()?;
    let mut with_year = scanner;
    if let Some(year) = with_year.year() {
        with_year.spaces()?;
        return with_time_of_day(with_year, Date { year: Some(year), month, day }, now_ns);
    }
    let clock = clock(&mut scanner)?;
    // `Nov 22 10:11:12 2026` and `Nov 22 10:11:12 CET 2026`
    let mut tail = scanner;
    let year = tail.spaces().and_then(|()| {
        let zone_word = tail.word(&[("UTC", ()), ("GMT", ())]);
        if zone_word.is_some() { tail.spaces().and_then(|()| tail.year()) } else { tail.year() }
    });
    match year.filter(|year| (1970..=2262).contains(year) && !follows_word(&tail)) {
        Some(year) => finish(tail, Date { year: Some(year), month, day }, Some(clock), 0, now_ns),
        None => finish(scanner, Date { year: None, month, day }, Some(clock), 0, now_ns),
    }
}

/// Whether the number just read goes on as a word or an address.
fn follows_word(scanner: &Scanner<'_>) -> bool {
    scanner.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b".:-_/".contains(&byte))
}

#[derive(Clone, Copy)]
struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: u32,
}

/// `10:11:12.345`, `10.11.12.345`, `101112`, `10:11`, with AM or PM.
fn clock(scanner: &mut Scanner<'_>) -> Option<Clock> {
    if scanner.digit_run() == 6 {
        let (hour, minute, second) = (scanner.fixed(2)?, scanner.fixed(2)?, scanner.fixed(2)?);
        return Some(Clock { hour, minute, second, nanosecond: fraction(scanner, b".,") });
    }
    let mut hour = scanner.one_or_two()?;
    let separator = scanner.one_of(b":.")?;
    let minute = if scanner.digit_run() == 2 { scanner.fixed(2)? } else { return None };
    let mut rest = *scanner;
    let mut nanosecond = 0;
    let second = rest.byte(separator).filter(|()| rest.digit_run() == 2).and_then(|()| rest.fixed(2));
    if second.is_some() {
        *scanner = rest;
        nanosecond = fraction(scanner, b".,:");
    } else if separator == b'.' {
        return None;
    }
    let mut half = *scanner;
    let _ = half.spaces();
    if let Some(noon) = half.word(&[("AM", 0), ("PM", 12)])
        && (1..=12).contains(&hour)
    {
        hour = hour % 12 + noon;
        *scanner = half;
    }
    Some(Clock { hour, minute, second: second.unwrap_or(0), nanosecond })
}

/// `0:1:2:34`: hour, minute, second and milliseconds without zeros in front.
fn unpadded_clock(scanner: &mut Scanner<'_>) -> Option<Clock> {
    let hour = scanner.one_or_two()?;
    scanner.byte(b':')?;
    let minute = scanner.one_or_two()?;
    scanner.byte(b':')?;
    let second = scanner.one_or_two()?;
    scanner.byte(b':')?;
    let millisecond = match scanner.digit_run() {
        len @ 1..=3 => scanner.fixed(len)?,
        _ => return None,
    };
    Some(Clock { hour, minute, second, nanosecond: millisecond * 1_000_000 })
}

/// A fraction of a second behind one of `points`, of any number of digits; those beyond the
/// nanosecond are dropped.
fn fraction(scanner: &mut Scanner<'_>, points: &[u8]) -> u32 {
    let mut rest = *scanner;
    if rest.one_of(points).is_none() || rest.digit_run() == 0 {
        return 0;
    }
    let mut nanoseconds = 0;
    let mut scale = 100_000_000;
    while let Some(digit) = rest.fixed(1) {
        nanoseconds += digit * scale;
        scale /= 10;
    }
    *scanner = rest;
    nanoseconds
}

/// The rest of a timestamp whose clock may be missing and begins behind one of `separators`.
fn with_clock(scanner: Scanner<'_>, date: Date, separators: &[u8], now_ns: i64) -> Option<Found> {
    let mut timed = scanner;
    let clock = timed.one_of(separators).and_then(|_| {
        let _ = timed.spaces();
        clock(&mut timed)
    });
    if clock.is_none() {
        return if follows_word(&scanner) { None } else { finish(scanner, date, None, 0, now_ns) };
    }
    let offset = zone(&mut timed);
    finish(timed, date, clock, offset, now_ns)
}

/// The rest of a timestamp whose clock comes next.
fn with_time_of_day(mut scanner: Scanner<'_>, date: Date, now_ns: i64) -> Option<Found> {
    let clock = clock(&mut scanner)?;
    let offset = zone(&mut scanner);
    finish(scanner, date, Some(clock), offset, now_ns)
}

/// `Z`, `+02:00`, `+0200`, `+02`, and ` UTC`, ` GMT`, ` +0200` behind a space; in seconds east.
fn zone(scanner: &mut Scanner<'_>) -> i64 {
    let mut rest = *scanner;
    let spaced = rest.byte(b' ').is_some();
    let offset = if rest.word(&[("Z", ()), ("UTC", ()), ("GMT", ())]).is_some() {
        Some(0)
    } else {
        numeric_zone(&mut rest, spaced)
    };
    match offset.filter(|_| !rest.peek().is_some_and(|byte| byte.is_ascii_alphanumeric())) {
        Some(seconds) => {
            *scanner = rest;
            seconds
        }
        None => 0,
    }
}

fn numeric_zone(scanner: &mut Scanner<'_>, spaced: bool) -> Option<i64> {
    let sign = if scanner.one_of(b"+-")? == b'-' { -1 } else { 1 };
    let (hours, minutes) = match scanner.digit_run() {
        4 => (scanner.fixed(2)?, scanner.fixed(2)?),
        2 => {
            let hours = scanner.fixed(2)?;
            match scanner.byte(b':') {
                Some(()) => (hours, scanner.fixed(2)?),
                // ` -12 …` behind a space is more likely a number of the text
                None if spaced => return None,
                None => (hours, 0),
            }
        }
        _ => return None,
    };
    (hours <= 15 && minutes < 60).then(|| sign * i64::from(hours * 3600 + minutes * 60))
}

fn finish(scanner: Scanner<'_>, date: Date, clock: Option<Clock>, offset_seconds: i64, now_ns: i64) -> Option<Found> {
    let Clock { hour, minute, second, nanosecond } =
        clock.unwrap_or(Clock { hour: 0, minute: 0, second: 0, nanosecond: 0 });
    // a leap second is the first moment of the next minute, as in Unix time
    let leap = i64::from(second == 60);
    let time = NaiveTime::from_hms_nano_opt(hour, minute, second.min(60) - u32::from(second == 60), nanosecond)?;
    if second > 60 {
        return None;
    }
    let at = |year: i32| {
        let day = NaiveDate::from_ymd_opt(year, date.month, date.day)?;
        let local = day.and_time(time).and_utc().timestamp_nanos_opt()?;
        local.checked_add((leap - offset_seconds) * SECOND_NS)
    };
    let time_ns = match date.year {
        Some(year) => at(year)?,
        None => {
            let this_year = DateTime::from_timestamp_nanos(now_ns).year();
            let latest = now_ns.saturating_add(DAY_NS);
            (0..=YEARS_BACK).filter_map(|back| at(this_year - back)).find(|time_ns| *time_ns <= latest)?
        }
    };
    Some(Found { time_ns, len: scanner.at, has_clock: clock.is_some() })
}
