//! Times as people and programs write them.

use chrono::{DateTime, SecondsFormat, Utc};
use lincei_api::TimeInput;

/// RFC 3339 with the digits it needs, UTC.
pub(crate) fn rfc3339(ns: i64) -> String {
    DateTime::<Utc>::from_timestamp_nanos(ns).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Nanoseconds since the Unix epoch.
///
/// # Errors
/// A sentence that names the value and the accepted forms.
pub(crate) fn parse(input: &TimeInput, now_ns: i64) -> Result<i64, String> {
    match input {
        TimeInput::Number(n) => unix(*n).ok_or_else(|| format!("time {n} is out of range")),
        TimeInput::Text(text) => parse_text(text, now_ns),
    }
}

/// As [`parse`], for text alone.
pub(crate) fn parse_text(text: &str, now_ns: i64) -> Result<i64, String> {
    let text = text.trim();
    let wrong = || {
        format!(
            "time {text:?} is not RFC 3339 (2026-01-31T12:00:00Z), Unix time, or relative to now (now-15m, -1h, -7d)"
        )
    };
    if let Some(relative) = text.strip_prefix("now").or_else(|| text.starts_with('-').then_some(text)) {
        return offset_ns(relative.trim()).and_then(|o| now_ns.checked_add(o)).ok_or_else(wrong);
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return time.timestamp_nanos_opt().ok_or_else(wrong);
    }
    text.parse::<f64>().ok().and_then(unix).ok_or_else(wrong)
}

/// Seconds up to 1e11, milliseconds up to 1e14, microseconds up to 1e17, nanoseconds above.
#[expect(clippy::cast_possible_truncation, reason = "range is checked")]
fn unix(n: f64) -> Option<i64> {
    let size = n.abs();
    let scale = if size < 1e11 {
        1e9
    } else if size < 1e14 {
        1e6
    } else if size < 1e17 {
        1e3
    } else {
        1.0
    };
    let ns = n * scale;
    (ns.is_finite() && ns.abs() < 9.2e18).then_some(ns as i64)
}

/// Nanoseconds of `500ms`, `30s`, `5m`, `1h`, `7d`, `2w`.
///
/// # Errors
/// A sentence that names the value and the accepted forms.
pub(crate) fn duration_ns(text: &str) -> Result<i64, String> {
    let wrong = || format!("duration {text:?} is not a number and a unit, such as 500ms, 30s, 5m, 1h, 7d");
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
    let unit_ns: i64 = match unit {
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        "w" => 604_800_000_000_000,
        _ => return Err(wrong()),
    };
    number.parse::<i64>().ok().and_then(|number| number.checked_mul(unit_ns)).ok_or_else(wrong)
}

fn offset_ns(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("-", rest) => (-1, rest),
        ("+", rest) => (1, rest),
        _ => return None,
    };
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = rest.split_at_checked(digits)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(seconds * 1_000_000_000)?.checked_mul(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000_000_000;
    const MINUTE: i64 = 60_000_000_000;

    #[test]
    fn reads_the_usual_forms() {
        for (text, ns) in [
            ("2023-11-14T22:13:20Z", NOW),
            ("2023-11-14T23:13:20+01:00", NOW),
            ("now", NOW),
            ("now-15m", NOW - 15 * MINUTE),
            ("-1h", NOW - 60 * MINUTE),
            ("now+1m", NOW + MINUTE),
            ("1700000000", NOW),
            ("1700000000000", NOW),
            ("1700000000000000", NOW),
        ] {
            assert_eq!(parse_text(text, NOW), Ok(ns), "{text}");
        }
        assert_eq!(parse(&TimeInput::Number(1_700_000_000.0), NOW), Ok(NOW));
        assert_eq!(rfc3339(NOW), "2023-11-14T22:13:20Z");
    }

    #[test]
    fn durations_have_units() {
        for (text, ns) in [("500ms", 500_000_000), ("30s", 30_000_000_000), ("5m", 5 * MINUTE), ("7d", 10_080 * MINUTE)]
        {
            assert_eq!(duration_ns(text), Ok(ns), "{text}");
        }
        for text in ["", "5", "m", "-5m", "1.5h", "5 m", "5y", "99999999999999999999s", "9999999999w"] {
            let error = duration_ns(text).unwrap_err();
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
    }

    #[test]
    fn refuses_the_rest_by_name() {
        for text in
            ["", "yesterday", "now-", "-5", "now-5y", "2023-13-01T00:00:00Z", "1e300", "NaN", "-9999999999999999d"]
        {
            let error = parse_text(text, NOW).unwrap_err();
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
    }
}
