//! Values over time, several series at the same times.

use crate::order;
use crate::severity::Level;
use crate::time_range::Window;
use std::ops::Range;

/// Colours of the categorical palette.
const CATEGORIES: usize = 8;
/// Values beyond this cannot be told from infinity once they are added up.
const VALUE_MAX: f64 = 1e300;
/// A longer pause between two points than so many steps breaks the line.
const PAUSE_STEPS: f64 = 1.5;
const MS_NS: f64 = 1e6;

/// State of health, as its shapes and colours show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Health {
    /// Well.
    Ok,
    /// Degraded.
    Warn,
    /// Failing.
    Bad,
    /// No data.
    Unknown,
}

impl Health {
    /// CSS class of shape and text.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
        }
    }
}

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Colour {
    /// One series among others, by its place, from 0; places beyond the palette repeat it with
    /// another stroke.
    Category(usize),
    /// Records of a severity.
    Severity(Level),
    /// A state of health.
    Health(Health),
}

impl Colour {
    /// The CSS custom property that holds it.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Self::Category(place) => match place % CATEGORIES {
                0 => "--cat-1",
                1 => "--cat-2",
                2 => "--cat-3",
                3 => "--cat-4",
                4 => "--cat-5",
                5 => "--cat-6",
                6 => "--cat-7",
                _ => "--cat-8",
            },
            Self::Severity(level) => match level {
                Level::Unset => "--border-control",
                Level::Trace => "--sev-trace-fill",
                Level::Debug => "--sev-debug-fill",
                Level::Info => "--sev-info-fill",
                Level::Warn => "--sev-warn-fill",
                Level::Error => "--sev-error-fill",
                Level::Fatal => "--sev-fatal-fill",
            },
            Self::Health(health) => match health {
                Health::Ok => "--ok",
                Health::Warn => "--warn",
                Health::Bad => "--bad",
                Health::Unknown => "--unknown",
            },
        }
    }

    /// Value of a CSS property that takes a colour.
    #[must_use]
    pub fn css(self) -> String {
        format!("var({})", self.token())
    }

    /// Lengths of stroke and pause of a line, in turn; none for a solid one.
    #[must_use]
    pub fn dash(self) -> &'static [f64] {
        match self.round() {
            0 => &[],
            1 => &[6.0, 3.0],
            _ => &[2.0, 3.0],
        }
    }

    /// What tells a line from others of its colour, as the class of its swatch.
    #[must_use]
    pub fn stroke(self) -> &'static str {
        match self.round() {
            0 => "solid",
            1 => "dashed",
            _ => "dotted",
        }
    }

    /// How often all colours were given before this one.
    fn round(self) -> usize {
        match self {
            Self::Category(place) => place / CATEGORIES,
            _ => 0,
        }
    }
}

/// One series; as many values as there are times.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Name, as the legend shows it.
    pub name: String,
    /// Colour.
    pub colour: Colour,
    /// Values in order of the times; none where there is a gap.
    pub values: Vec<Option<f64>>,
}

impl Series {
    /// Value at a place; none where there is a gap or no number that can be drawn.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<f64> {
        self.values.get(index).copied().flatten().filter(|value| value.abs() <= VALUE_MAX)
    }

    /// The newest value.
    #[must_use]
    pub fn last(&self) -> Option<f64> {
        (0..self.values.len()).rev().find_map(|index| self.at(index))
    }

    /// The greatest value.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        (0..self.values.len()).filter_map(|index| self.at(index)).reduce(f64::max)
    }
}

/// One series with times of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// Name.
    pub name: String,
    /// Colour.
    pub colour: Colour,
    /// Time and value, in any order.
    pub points: Vec<(f64, f64)>,
}

/// A point in time with a name: a release, an incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// When.
    pub at_ms: f64,
    /// Name.
    pub label: String,
}

/// Series at shared times, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeSeries {
    /// What was asked for; without it the axis reaches from the first time to the last.
    pub window: Option<Window>,
    /// Length of what one value counts; without it the least distance between two times.
    pub step_ms: Option<f64>,
    /// Times, ascending, no two alike.
    pub times_ms: Vec<f64>,
    /// Series.
    pub series: Vec<Series>,
}

impl TimeSeries {
    /// Brings series that have times of their own to shared ones. Where all pause
    /// for longer than `step_ms`, a gap is left.
    #[must_use]
    pub fn from_points(window: Option<Window>, step_ms: Option<f64>, series: Vec<Points>) -> Self {
        let mut times: Vec<f64> = series.iter().flat_map(|series| series.points.iter().map(|point| point.0)).collect();
        times.retain(|time| time.is_finite());
        order::by(&mut times, f64::total_cmp);
        times.dedup();
        let times_ms = with_pauses(times, step_ms);
        let series = series.into_iter().map(|Points { name, colour, points }| {
            let mut values = vec![None; times_ms.len()];
            for (time, value) in points {
                let place = times_ms.binary_search_by(|at| at.total_cmp(&time)).ok();
                if let Some(slot) = place.and_then(|place| values.get_mut(place)) {
                    *slot = Some(value);
                }
            }
            Series { name, colour, values }
        });
        Self { window, step_ms, series: series.collect(), times_ms }
    }

    /// Whether there is not one value to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.times_ms.is_empty() || self.series.iter().all(|series| series.max().is_none())
    }

    /// Length of what one value counts, as far as it is known.
    #[must_use]
    pub fn step(&self) -> Option<f64> {
        let distances = self.times_ms.windows(2).filter_map(|pair| match pair {
            [a, b] => Some(b - a).filter(|distance| *distance > 0.0),
            _ => None,
        });
        self.step_ms.or_else(|| distances.reduce(f64::min))
    }

    /// First and last point of the time axis. Bars reach from their time to the end of their step.
    #[must_use]
    pub fn extent(&self, bars: bool) -> (f64, f64) {
        let step = self.step();
        let reach = if bars { step.unwrap_or(0.0) } else { 0.0 };
        let data = self.times_ms.first().zip(self.times_ms.last().map(|last| last + reach));
        let (from, to) = match (self.window, data) {
            (Some(window), None) => bounds(window),
            (Some(window), Some((first, end))) => {
                let (from, to) = bounds(window);
                if bars { (from.min(*first), to.max(end.min(to + reach))) } else { (from, to) }
            }
            (None, Some((first, end))) => (*first, end),
            (None, None) => (0.0, 0.0),
        };
        if to > from {
            return (from, to);
        }
        let half = step.unwrap_or(60_000.0) / 2.0;
        (from - half, to + half)
    }

    /// The window that a drag between two points in time means: whole steps for bars, never less
    /// than a millisecond, never beyond the axis.
    #[must_use]
    pub fn zoom(&self, a_ms: f64, b_ms: f64, bars: bool) -> Option<Window> {
        let (axis_from, axis_to) = self.extent(bars);
        let (mut from, mut to) = (a_ms.min(b_ms).max(axis_from), a_ms.max(b_ms).min(axis_to));
        if bars {
            let start = self.times_ms.iter().rev().find(|time| **time <= from);
            let end = self.times_ms.iter().find(|time| **time >= to);
            from = start.copied().unwrap_or(from);
            to = end
                .copied()
                .or_else(|| self.times_ms.last().zip(self.step()).map(|(last, step)| last + step))
                .unwrap_or(to);
        }
        let (from_ns, to_ns) = (to_ns(from.floor())?, to_ns(to.ceil())?);
        (from_ns < to_ns).then_some(Window { from_ns, to_ns })
    }

    /// The place whose bar covers a time, or whose time is next to it.
    #[must_use]
    pub fn index_at(&self, at_ms: f64, bars: bool) -> Option<usize> {
        let after = self.times_ms.partition_point(|time| *time <= at_ms);
        let before = after.checked_sub(1);
        if bars {
            let step = self.step().unwrap_or(f64::INFINITY);
            return before.filter(|index| self.times_ms.get(*index).is_some_and(|time| at_ms < time + step));
        }
        let distance = |index: &usize| self.times_ms.get(*index).map(|time| (time - at_ms).abs());
        let near = [before, Some(after)].into_iter().flatten().filter_map(|index| Some((index, distance(&index)?)));
        near.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(index, _)| index)
    }

    /// The places that are on the time axis.
    #[must_use]
    pub fn places(&self, bars: bool) -> Range<usize> {
        let (from, to) = self.extent(bars);
        let reach = if bars { self.step().unwrap_or(0.0) } else { 0.0 };
        let ends_before = |time: &f64| if bars { time + reach <= from } else { *time < from };
        let start = self.times_ms.partition_point(ends_before);
        start..self.times_ms.partition_point(|time| if bars { *time < to } else { *time <= to })
    }

    /// Where the crosshair of a place is: at its time, or in the middle of its bar, on the axis.
    #[must_use]
    pub fn crosshair(&self, index: usize, bars: bool) -> Option<f64> {
        let (from, to) = self.extent(bars);
        let half = if bars { self.step().unwrap_or(0.0) / 2.0 } else { 0.0 };
        self.times_ms.get(index).map(|time| (time + half).clamp(from, to))
    }
}

/// A point in nanoseconds; `None` beyond the reach of 64 bits.
fn to_ns(ms: f64) -> Option<i64> {
    let ns = ms * MS_NS;
    (ns.abs() < i64::MAX as f64).then_some(ns as i64)
}

fn bounds(window: Window) -> (f64, f64) {
    (window.from_ns as f64 / MS_NS, window.to_ns as f64 / MS_NS)
}

/// A time without values after each time that is followed by a pause.
fn with_pauses(times: Vec<f64>, step_ms: Option<f64>) -> Vec<f64> {
    let Some(step) = step_ms.filter(|step| *step > 0.0) else { return times };
    let mut all = Vec::with_capacity(times.len());
    for time in times {
        if let Some(before) = all.last().copied().filter(|before| time - before > step * PAUSE_STEPS) {
            all.push(before + step);
        }
        all.push(time);
    }
    all
}
