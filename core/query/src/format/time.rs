const SECONDS_A_DAY: i64 = 86_400;

/// Appends `seconds` and `nanos` since the Unix epoch as RFC 3339 with nine digits and `Z`. Years
/// beyond 0000 to 9999 get a sign, as ISO 8601 spells them.
pub(super) fn write_timestamp(seconds: i64, nanos: u32, out: &mut Vec<u8>) {
    let (year, month, day) = civil(seconds.div_euclid(SECONDS_A_DAY));
    let second_of_day = seconds.rem_euclid(SECONDS_A_DAY);
    if (0..=9999).contains(&year) {
        digits(year, 4, out);
    } else {
        out.push(if year < 0 { b'-' } else { b'+' });
        digits(year.abs(), 6, out);
    }
    for (separator, value) in [
        (b'-', month),
        (b'-', day),
        (b'T', second_of_day / 3600),
        (b':', second_of_day / 60 % 60),
        (b':', second_of_day % 60),
    ] {
        out.push(separator);
        digits(value, 2, out);
    }
    out.push(b'.');
    digits(i64::from(nanos), 9, out);
    out.push(b'Z');
}

/// The day in the proleptic Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// `value`, not negative, with at least `width` digits.
fn digits(value: i64, width: usize, out: &mut Vec<u8>) {
    let mut text = [b'0'; 19];
    let mut rest = value;
    let mut used = 0;
    for slot in text.iter_mut().rev() {
        if rest == 0 {
            break;
        }
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        used += 1;
    }
    out.extend_from_slice(text.get(text.len() - used.max(width)..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, SecondsFormat};

    fn text(seconds: i64, nanos: u32) -> String {
        let mut out = Vec::new();
        write_timestamp(seconds, nanos, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn timestamps_agree_with_chrono() {
        // steps that are no multiple of a day, across all that 64-bit nanoseconds hold
        let mut seconds = i64::MIN / 1_000_000_000;
        while seconds < i64::MAX / 1_000_000_000 {
            let nanos = u32::try_from(seconds.rem_euclid(999_999_937)).unwrap();
            let want = DateTime::from_timestamp(seconds, nanos).unwrap().to_rfc3339_opts(SecondsFormat::Nanos, true);
            assert_eq!(text(seconds, nanos), want);
            seconds += 7_654_321;
        }
    }

    #[test]
    fn the_edges_are_spelled_right() {
        for (seconds, nanos, want) in [
            (0, 0, "1970-01-01T00:00:00.000000000Z"),
            (-1, 999_999_999, "1969-12-31T23:59:59.999999999Z"),
            (951_782_399, 1, "2000-02-28T23:59:59.000000001Z"),
            (951_782_400, 0, "2000-02-29T00:00:00.000000000Z"),
            (253_402_300_799, 0, "9999-12-31T23:59:59.000000000Z"),
            (253_402_300_800, 0, "+010000-01-01T00:00:00.000000000Z"),
            (-62_167_219_201, 0, "-000001-12-31T23:59:59.000000000Z"),
        ] {
            assert_eq!(text(seconds, nanos), want);
        }
    }
}
