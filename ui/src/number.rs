//! Numbers as people read them: three significant digits, the unit apart.

/// With a comma between groups of three digits: `9,418`.
#[must_use]
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Counts: exact below ten thousand, then three digits and k, M, G: `1.24 M`.
#[must_use]
pub fn count(value: u64) -> String {
    if value < 10_000 { grouped(value) } else { scaled(value as f64, &[" k", " M", " G", " T"], 1000.0) }
}

/// Labels of an axis: as short as they come, `300`, `1.5k`, `2M`.
#[must_use]
pub fn tick(value: u64) -> String {
    for (unit, size) in [("G", 1_000_000_000_u64), ("M", 1_000_000), ("k", 1000)] {
        if value >= size {
            let tenths = value / (size / 10);
            let (whole, tenth) = (tenths / 10, tenths % 10);
            return if tenth == 0 { format!("{whole}{unit}") } else { format!("{whole}.{tenth}{unit}") };
        }
    }
    value.to_string()
}

/// Bytes in powers of a thousand: `38 MB`.
#[must_use]
pub fn bytes(value: u64) -> String {
    if value < 1000 { format!("{value} B") } else { scaled(value as f64, &[" kB", " MB", " GB", " TB"], 1000.0) }
}

/// A rate per second: `3.8 k/s`, `0.4/s`, `0/s`.
#[must_use]
pub fn rate(per_second: f64) -> String {
    if per_second >= 1000.0 { scaled(per_second, &[" k", " M", " G", " T"], 1000.0) } else { significant(per_second) }
}

/// A duration in microseconds: `850 µs`, `4.1 ms`.
#[must_use]
pub fn microseconds(value: f64) -> String {
    if value < 999.5 { format!("{} µs", significant(value)) } else { milliseconds(value / 1000.0) }
}

/// A duration in milliseconds: `41 ms`, `4.1 s`, `2 min 5 s`.
#[must_use]
pub fn milliseconds(value: f64) -> String {
    if value < 999.5 {
        format!("{} ms", significant(value))
    } else if value < 60_000.0 {
        format!("{} s", significant(value / 1000.0))
    } else {
        let seconds = (value / 1000.0) as u64;
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

/// A span of time in words of at most two units: `4 min 48 s`, `3 h`, `12 d`.
#[must_use]
pub fn span(seconds: u64) -> String {
    let two = |a: u64, unit: &str, b: u64, small: &str| {
        if b == 0 { format!("{a} {unit}") } else { format!("{a} {unit} {b} {small}") }
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => two(seconds / 60, "min", seconds % 60, "s"),
        3600..86_400 => two(seconds / 3600, "h", seconds % 3600 / 60, "min"),
        86_400..864_000 => two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
        864_000..63_072_000 => format!("{} d", seconds / 86_400),
        _ => format!("{} y", seconds / 31_536_000),
    }
}

fn scaled(value: f64, units: &[&str], base: f64) -> String {
    let mut value = value;
    let mut unit = "";
    for next in units {
        if value < base * 0.9995 {
            break;
        }
        value /= base;
        unit = next;
    }
    format!("{}{unit}", significant(value))
}

/// Three significant digits at most, none after the point that are zero.
fn significant(value: f64) -> String {
    let decimals = if value >= 99.95 {
        0
    } else if value >= 9.995 {
        1
    } else {
        2
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_of_three() {
        for (value, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (9418, "9,418"), (1_240_000, "1,240,000")] {
            assert_eq!(grouped(value), text);
        }
    }

    #[test]
    fn three_digits_are_enough() {
        for (value, text) in
            [(9999, "9,999"), (10_000, "10 k"), (412_000_000, "412 M"), (1_310_000_000, "1.31 G"), (999_999, "1 M")]
        {
            assert_eq!(count(value), text);
        }
        for (value, text) in [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (38_400_000, "38.4 MB"), (1 << 40, "1.1 TB")]
        {
            assert_eq!(bytes(value), text);
        }
        for (value, text) in [(0.0, "0"), (0.4, "0.4"), (12.34, "12.3"), (3800.0, "3.8 k")] {
            assert_eq!(rate(value), text);
        }
    }

    #[test]
    fn axis_labels_are_short() {
        for (value, text) in
            [(0, "0"), (300, "300"), (1000, "1k"), (1500, "1.5k"), (2_000_000, "2M"), (300_000, "300k")]
        {
            assert_eq!(tick(value), text);
        }
    }

    #[test]
    fn durations_have_one_or_two_units() {
        for (value, text) in
            [(0.42, "0.42 ms"), (41.0, "41 ms"), (999.9, "1 s"), (4100.0, "4.1 s"), (125_000.0, "2 min 5 s")]
        {
            assert_eq!(milliseconds(value), text);
        }
        for (value, text) in [
            (0, "0 s"),
            (60, "1 min"),
            (288, "4 min 48 s"),
            (3600, "1 h"),
            (90_000, "1 d 1 h"),
            (12 * 86_400, "12 d"),
            (21 * 31_536_000, "21 y"),
        ] {
            assert_eq!(span(value), text);
        }
    }
}
