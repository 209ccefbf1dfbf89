//! Values with their units: three significant digits, the unit apart so that it can be dimmer.

/// What a value is measured in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Nothing: a count, a quotient.
    #[default]
    Number,
    /// Events per second.
    PerSecond,
    /// Parts of a hundred: 18.6 is 18.6 %.
    Percent,
    /// Bytes, in powers of a thousand.
    Bytes,
    /// Bytes per second.
    BytesPerSecond,
    /// A duration in milliseconds.
    Milliseconds,
    /// A duration in seconds.
    Seconds,
    /// Something else, by its sign: `orders`, `°C`.
    Custom(String),
}

/// A value as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// Digits, with a sign where the value is below zero.
    pub number: String,
    /// Unit; empty when there is none.
    pub unit: String,
}

impl Figure {
    /// Number and unit in one: `412/s`, `18.6 %`, `38.4 MB`.
    #[must_use]
    pub fn text(&self) -> String {
        let space = if self.unit.is_empty() || self.unit.starts_with('/') { "" } else { " " };
        format!("{}{space}{}", self.number, self.unit)
    }
}

/// Prefixes by size.
const THOUSANDS: [(f64, &str); 6] = [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
/// Durations by their length in milliseconds.
const DURATIONS: [(f64, &str); 7] = [
    (86_400_000.0, "d"),
    (3_600_000.0, "h"),
    (60_000.0, "min"),
    (1000.0, "s"),
    (1.0, "ms"),
    (1e-3, "µs"),
    (1e-6, "ns"),
];
/// From here on the exponent is written: no prefix reaches it.
const EXPONENT_FROM: f64 = 1e21;
/// Rounded to three digits, a value from this share of a unit on is that unit.
const ROUNDS_UP: f64 = 0.9995;

impl Unit {
    /// A value in its unit.
    #[must_use]
    pub fn figure(&self, value: f64) -> Figure {
        let (scale, unit) = self.scale(value, true);
        Figure { number: significant(value / scale), unit }
    }

    /// [`Self::figure`] as one text.
    #[must_use]
    pub fn text(&self, value: f64) -> String {
        self.figure(value).text()
    }

    /// Label of an axis whose labels are `step` apart: no more digits than tell it from the next.
    #[must_use]
    pub fn tick(&self, value: f64, step: f64) -> String {
        let (scale, unit) = self.scale(value, false);
        let unit = match self {
            // The chart's title or legend says what is counted.
            Self::Custom(sign) => unit.trim_end_matches(sign.as_str()).trim().to_owned(),
            _ => unit,
        };
        if value == 0.0 {
            return "0".to_owned();
        }
        let step = step / scale;
        let number = if step < 1e-6 { significant(value / scale) } else { plain(value / scale, decimals_of(step)) };
        match self {
            Self::Number | Self::PerSecond | Self::Custom(_) => format!("{number}{unit}"),
            _ => format!("{number} {unit}"),
        }
    }

    /// Milliseconds in one of it, for durations.
    #[must_use]
    pub fn duration_ms(&self) -> Option<f64> {
        match self {
            Self::Milliseconds => Some(1.0),
            Self::Seconds => Some(1000.0),
            _ => None,
        }
    }

    /// How a value differs from an earlier one, with its sign: in percent of it, percentages in
    /// points, durations by themselves. `None` when there is nothing to compare with.
    #[must_use]
    pub fn change(&self, value: f64, before: f64) -> Option<String> {
        let difference = value - before;
        let sign = if difference < 0.0 { "−" } else { "+" };
        let size = difference.abs();
        let figure = match self {
            Self::Percent => Figure { number: significant(size), unit: "pt".to_owned() },
            Self::Milliseconds | Self::Seconds => self.figure(size),
            _ if before == 0.0 => return None,
            _ => Self::Percent.figure(size / before.abs() * 100.0),
        };
        if !difference.is_finite() {
            return None;
        }
        Some(if figure.number == "0" { format!("±0 {}", figure.unit) } else { format!("{sign}{}", figure.text()) })
    }

    /// What a value is divided by, and the unit of the quotient. Counts may be kept `exact` below
    /// ten thousand.
    fn scale(&self, value: f64, exact: bool) -> (f64, String) {
        let size = value.abs();
        if let Some(ms) = self.duration_ms() {
            let size_ms = size * ms;
            let fits = |unit: &&(f64, &str)| size_ms >= unit.0 * ROUNDS_UP;
            let (length, name) = DURATIONS.iter().find(fits).copied().unwrap_or((1.0, "ms"));
            return (length / ms, name.to_owned());
        }
        if matches!(self, Self::Percent) {
            return (1.0, "%".to_owned());
        }
        let least = if exact && *self == Self::Number && size.fract() == 0.0 { 1e4 } else { 0.0 };
        let fits = |unit: &&(f64, &str)| size >= unit.0 * ROUNDS_UP && size >= least && size < EXPONENT_FROM;
        let (scale, prefix) = THOUSANDS.iter().find(fits).copied().unwrap_or((1.0, ""));
        let unit = match self {
            Self::PerSecond => format!("{prefix}/s"),
            Self::Bytes => format!("{prefix}B"),
            Self::BytesPerSecond => format!("{prefix}B/s"),
            Self::Custom(sign) if prefix.is_empty() => sign.clone(),
            Self::Custom(sign) => format!("{prefix} {sign}"),
            _ => prefix.to_owned(),
        };
        (scale, unit)
    }
}

/// Three significant digits at most, whole numbers below ten thousand in full, none after the
/// point that are zero; an exponent where the digits would be too many.
fn significant(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if !size.is_finite() {
        return "–".to_owned();
    }
    if !(1e-4..EXPONENT_FROM).contains(&size) {
        return signed(value, &exponent(size));
    }
    if size >= 999.5 {
        return signed(value, &crate::number::grouped(size.round() as u64));
    }
    // After rounding, 9.996 has as many digits before the point as 10.
    let magnitude = size.log10().floor();
    let rounded = 10f64.powf(magnitude - 2.0);
    let magnitude = ((size / rounded).round() * rounded * (1.0 + 1e-12)).log10().floor();
    signed(value, &plain(size, (2.0 - magnitude).max(0.0) as usize))
}

/// `1.2e30`.
fn exponent(size: f64) -> String {
    let text = format!("{size:.2e}");
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{}e{power}", trimmed(mantissa))
}

fn signed(value: f64, digits: &str) -> String {
    if value < 0.0 { format!("−{digits}") } else { digits.to_owned() }
}

/// With at most so many digits after the point.
fn plain(value: f64, decimals: usize) -> String {
    if value.abs() >= EXPONENT_FROM {
        return signed(value, &exponent(value.abs()));
    }
    let text = format!("{:.decimals$}", value.abs());
    signed(value, trimmed(&text))
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Digits after the point that a multiple of `step` needs.
fn decimals_of(step: f64) -> usize {
    (0..9)
        .find(|decimals| {
            let shifted = step * 10f64.powi(*decimals);
            (shifted - shifted.round()).abs() <= shifted.abs() * 1e-6
        })
        .map_or(9, |decimals| decimals as usize)
}
