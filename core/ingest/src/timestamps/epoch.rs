/// Powers of ten up to a second's nanoseconds.
const NANOSECOND_DIGITS: u32 = 9;

/// Seconds, milliseconds, microseconds or nanoseconds since 1970 in decimal, told apart by their
/// magnitude: each unit covers 1973 to 5138. Fractions are exact down to the nanosecond.
pub(crate) fn epoch(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !is_digits(whole) || !(fraction.is_empty() || is_digits(fraction)) {
        return exponent(text);
    }
    let whole: i64 = whole.parse().ok()?;
    let digits = match whole {
        100_000_000..100_000_000_000 => 9,
        100_000_000_000..100_000_000_000_000 => 6,
        100_000_000_000_000..100_000_000_000_000_000 => 3,
        100_000_000_000_000_000.. => 0,
        _ => return None,
    };
    scaled(whole, fraction, digits)
}

/// Microseconds since 1970, whatever their magnitude (systemd's journal export).
pub(crate) fn microseconds(text: &str) -> Option<i64> {
    if is_digits(text) { text.parse::<i64>().ok()?.checked_mul(1000) } else { None }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `whole.fraction` in units of ten to the minus `digits`… of a nanosecond: shifted left by
/// `digits`, further digits dropped.
fn scaled(whole: i64, fraction: &str, digits: u32) -> Option<i64> {
    let mut value = whole;
    let mut fraction = fraction.bytes();
    for _ in 0..digits {
        let digit = fraction.next().map_or(0, |byte| i64::from(byte - b'0'));
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    Some(value)
}

/// The form `1.7953056e9`, in which some JSON writers put large numbers.
fn exponent(text: &str) -> Option<i64> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || b".eE+".contains(&byte)) || !text.contains(['e', 'E']) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    if value.is_finite() && value < 9.2e18 {
        epoch(&format!("{value:.prec$}", prec = NANOSECOND_DIGITS as usize))
    } else {
        None
    }
}
