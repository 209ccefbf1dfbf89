//! Axes: from where to where, and at which round values they are labelled.

use super::unit::Unit;
use crate::calendar::{self, Civil, DAY_NS, DateStyle, MINUTE_NS, SECOND_NS};

/// Least distance between two labels of the value axis.
const VALUE_PIXELS: f64 = 34.0;
/// Least distance between two labels of the time axis.
const TIME_PIXELS: f64 = 84.0;
/// Labels nearer than this to the right end would leave the drawing.
const EDGE_PIXELS: f64 = 18.0;
/// Room above the greatest value, as a share of the range.
const HEADROOM: f64 = 0.06;
const TICKS_MAX: usize = 64;
const MS_NS: i64 = 1_000_000;

/// Round lengths of time, in milliseconds.
const TIME_STEPS_MS: [i64; 29] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    1000,
    2000,
    5000,
    10_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    900_000,
    1_800_000,
    3_600_000,
    7_200_000,
    10_800_000,
    21_600_000,
    43_200_000,
    86_400_000,
    604_800_000,
    2_592_000_000,
    31_536_000_000,
];
/// Round durations of a second and more, in milliseconds.
const DURATION_STEPS_MS: [f64; 20] = [
    1000.0, 2000.0, 5000.0, 10_000.0, 15_000.0, 30_000.0, 60_000.0, 120_000.0, 300_000.0, 600_000.0, 900_000.0, 1.8e6,
    3.6e6, 7.2e6, 1.08e7, 2.16e7, 4.32e7, 8.64e7, 1.728e8, 4.32e8,
];

/// A label with its value on the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Value, or time in milliseconds.
    pub at: f64,
    /// Text.
    pub label: String,
}

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Value at the lower or left end.
    pub min: f64,
    /// Value at the upper or right end, greater than `min`.
    pub max: f64,
    /// Labels, ascending.
    pub ticks: Vec<Tick>,
}

/// The axis for values from `low` to `high`, drawn `height` high. It begins at zero unless it is
/// to `fit` the values; `whole` values are not labelled with fractions.
#[must_use]
pub fn value_axis(range: Option<(f64, f64)>, unit: &Unit, height: f64, fit: bool, whole: bool) -> Axis {
    let (mut low, mut high) = range.unwrap_or((0.0, 0.0));
    if !fit {
        (low, high) = (low.min(0.0), high.max(0.0));
    }
    if low == high {
        let half = if fit { (low.abs() * 0.05).max(0.5) } else { 0.0 };
        (low, high) = if low == 0.0 && !fit { (0.0, 1.0) } else { (low - half, high + half) };
    }
    let share = (VALUE_PIXELS / height.max(1.0)).clamp(0.06, 0.5);
    let mut step = nice_step((high - low) * (1.0 + HEADROOM) * share, unit);
    if whole {
        step = step.max(1.0);
    }
    let room = (high - low) * HEADROOM;
    let min = if low == 0.0 || (low > 0.0 && low < room) { 0.0 } else { low - room };
    let max = if high == 0.0 { 0.0 } else { high + room };
    let first = (min / step).ceil();
    let ticks = (0..TICKS_MAX)
        .map(|place| (first + place as f64) * step)
        .take_while(|at| *at <= max)
        .map(|at| Tick { at, label: unit.tick(at, step) });
    Axis { min, max, ticks: ticks.collect() }
}

/// The least round number that is not below `least`.
fn nice_step(least: f64, unit: &Unit) -> f64 {
    if let Some(ms) = unit.duration_ms().filter(|ms| least * ms > 500.0) {
        let [.., longest] = DURATION_STEPS_MS;
        if least * ms <= longest {
            return DURATION_STEPS_MS.into_iter().find(|step| *step >= least * ms).unwrap_or(longest) / ms;
        }
    }
    let power = 10f64.powf(least.log10().floor());
    let factors = [1.0, 2.0, 2.5, 5.0];
    let fits = |factor: &f64| factor * power >= least * (1.0 - 1e-9);
    factors.into_iter().find(fits).map_or(power * 10.0, |factor| factor * power)
}

/// The time axis from one point to another, drawn `width` wide, labelled at full seconds, minutes,
/// hours or days of the zone whose offset at a point (in nanoseconds) `offset_at` gives.
#[must_use]
pub fn time_axis(from_ms: f64, to_ms: f64, width: f64, offset_at: &dyn Fn(i64) -> i32) -> Axis {
    let pixels_per_ms = width.max(1.0) / (to_ms - from_ms).max(1e-6);
    let fits = |step: &i64| *step as f64 * pixels_per_ms >= TIME_PIXELS;
    let [.., longest] = TIME_STEPS_MS;
    let step_ns = TIME_STEPS_MS.into_iter().find(fits).unwrap_or(longest) * MS_NS;
    let from_ns = (from_ms * MS_NS as f64) as i64;
    let shift_ns = i64::from(offset_at(from_ns)) * MINUTE_NS;
    let mut at_ns =
        (from_ns.saturating_add(shift_ns + step_ns - 1).div_euclid(step_ns) * step_ns).saturating_sub(shift_ns);
    let mut ticks = Vec::new();
    while ticks.len() < TICKS_MAX {
        let at = at_ns as f64 / MS_NS as f64;
        if (to_ms - at) * pixels_per_ms < EDGE_PIXELS {
            break;
        }
        ticks.push(Tick { at, label: time_label(at_ns, step_ns, offset_at(at_ns)) });
        at_ns = at_ns.saturating_add(step_ns);
    }
    Axis { min: from_ms, max: to_ms, ticks }
}

fn time_label(at_ns: i64, step_ns: i64, offset_minutes: i32) -> String {
    let clock = Civil::at(at_ns, offset_minutes);
    if step_ns >= DAY_NS || (clock.hour, clock.minute, clock.second, clock.nanos) == (0, 0, 0, 0) {
        calendar::to_day(at_ns, offset_minutes)
    } else if step_ns < SECOND_NS {
        calendar::to_millisecond(at_ns, offset_minutes, DateStyle::Clock)
    } else if step_ns < MINUTE_NS {
        calendar::to_second(at_ns, offset_minutes, DateStyle::Clock)
    } else {
        calendar::to_minute(at_ns, offset_minutes, DateStyle::Clock)
    }
}
