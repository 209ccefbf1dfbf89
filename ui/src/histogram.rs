//! Counting lines over time: which buckets, what the bars and axes look like, and which window a
//! drag over them means. Lengths of the drawing are device-independent pixels.

use crate::calendar::{self, DateStyle, MINUTE_NS, SECOND_NS};
use crate::severity::Level;
use crate::time_range::Window;

/// Bars at most, so that each stays wide enough to be hit.
const BARS_MAX: i64 = 48;
/// Bucket lengths in seconds, each a divisor of the next unit of the clock.
const STEPS: [i64; 19] = [
    1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800, 2_592_000,
    31_536_000,
];
/// Lengths between labels of the time axis, in seconds.
const TICKS: [i64; 20] = [
    1, 2, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000,
    31_536_000,
];
/// Least distance between two labels of the time axis.
const TICK_PIXELS: f64 = 90.0;

/// Space left of the first bar, for the labels of the count axis.
pub const LEFT: f64 = 32.0;
/// Height of the drawing.
pub const HEIGHT: f64 = 92.0;
/// Where the bars stand.
pub const BASE: f64 = 76.0;
const TOP: f64 = 6.0;
const GAP: f64 = 3.0;

/// The buckets of a window: `count` of `step_ns` each, from `first_ns` on, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// Start of the first bucket, at or before the window's start.
    pub first_ns: i64,
    /// Length of a bucket.
    pub step_ns: i64,
    /// How many, at least one; together they cover the window.
    pub count: usize,
    /// What buckets are moved by so that long ones begin at full hours of the zone shown.
    pub shift_ns: i64,
}

impl Buckets {
    /// The shortest buckets that do not exceed the greatest number of bars. Those of an hour and
    /// more are aligned to the zone whose offset is given, shorter ones to UTC.
    #[must_use]
    pub fn of(window: Window, offset_minutes: i32) -> Self {
        let length = window.length_ns().max(1);
        let [.., longest] = STEPS;
        let seconds = STEPS
            .into_iter()
            .find(|step| length <= step.saturating_mul(SECOND_NS).saturating_mul(BARS_MAX))
            .unwrap_or(longest);
        let step_ns = seconds * SECOND_NS;
        let offset_ns = i64::from(offset_minutes) * MINUTE_NS;
        let shift_ns = if seconds >= 3600 { offset_ns.rem_euclid(step_ns) } else { 0 };
        let first_ns = (window.from_ns + shift_ns).div_euclid(step_ns) * step_ns - shift_ns;
        let span = window.to_ns.saturating_sub(first_ns).max(1);
        let count = usize::try_from((span - 1) / step_ns + 1).unwrap_or(1);
        Self { first_ns, step_ns, count, shift_ns }
    }

    /// Start of bucket `index`, which is also the end of the one before.
    #[must_use]
    pub fn start_ns(&self, index: usize) -> i64 {
        self.first_ns.saturating_add(self.step_ns.saturating_mul(i64::try_from(index).unwrap_or(i64::MAX)))
    }

    fn index_of(&self, ns: i64) -> Option<usize> {
        let index = usize::try_from(ns.checked_sub(self.first_ns)?.div_euclid(self.step_ns)).ok()?;
        (index < self.count).then_some(index)
    }

    /// Length of a bucket in words: number and unit, `1 min`.
    #[must_use]
    pub fn step_text(&self) -> String {
        let seconds = self.step_ns / SECOND_NS;
        match seconds {
            0..60 => format!("{seconds} s"),
            60..3600 => format!("{} min", seconds / 60),
            3600..86_400 => format!("{} h", seconds / 3600),
            _ => format!("{} d", seconds / 86_400),
        }
    }
}

/// Lines per bucket and level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// The buckets.
    pub buckets: Buckets,
    /// One entry per bucket, counts by [`Level::rank`].
    pub counts: Vec<[u64; 7]>,
}

impl Histogram {
    /// Sorts (start of bucket, level, lines) into buckets; what lies outside them is left out.
    #[must_use]
    pub fn new(buckets: Buckets, cells: impl IntoIterator<Item = (i64, Level, u64)>) -> Self {
        let mut counts = vec![[0; 7]; buckets.count];
        for (ns, level, lines) in cells {
            let cell =
                buckets.index_of(ns).and_then(|index| counts.get_mut(index)).and_then(|c| c.get_mut(level.rank()));
            if let Some(cell) = cell {
                *cell += lines;
            }
        }
        Self { buckets, counts }
    }

    /// Lines of every bucket and level.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Lines of one level.
    #[must_use]
    pub fn of_level(&self, level: Level) -> u64 {
        self.counts.iter().filter_map(|c| c.get(level.rank())).sum()
    }

    /// Lines of bucket `index`.
    #[must_use]
    pub fn of_bucket(&self, index: usize) -> u64 {
        self.counts.get(index).map_or(0, |c| c.iter().sum())
    }

    /// The levels that occur, gravest first.
    #[must_use]
    pub fn levels(&self) -> Vec<Level> {
        Level::ALL.into_iter().rev().filter(|level| self.of_level(*level) > 0).collect()
    }

    fn highest(&self) -> u64 {
        (0..self.counts.len()).map(|index| self.of_bucket(index)).max().unwrap_or(0)
    }

    /// (end of bucket, lines in newer buckets), newest bucket first: where in the list of lines,
    /// newest first, each bucket begins.
    #[must_use]
    pub fn places(&self) -> Vec<(i64, u64)> {
        let mut newer = 0;
        let mut places = Vec::with_capacity(self.counts.len());
        for index in (0..self.counts.len()).rev() {
            places.push((self.buckets.start_ns(index + 1), newer));
            newer += self.of_bucket(index);
        }
        places
    }
}

/// One rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// What it counts.
    pub level: Level,
}

/// A label with its place along an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Along the axis.
    pub at: f64,
    /// Text.
    pub label: String,
}

/// Where things are in a drawing `width` wide.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plot {
    /// The buckets drawn.
    pub buckets: Buckets,
    /// Width of the drawing.
    pub width: f64,
    scale_max: f64,
    tick: u64,
}

impl Plot {
    /// A drawing of `histogram`.
    #[must_use]
    pub fn new(histogram: &Histogram, width: f64) -> Self {
        let highest = histogram.highest();
        let tick = nice_at_least(highest.div_ceil(2).max(1));
        let scale_max = (tick as f64 * 2.0 * 1.05).max(highest as f64);
        Self { buckets: histogram.buckets, width: width.max(LEFT + 1.0), scale_max, tick }
    }

    fn pitch(&self) -> f64 {
        (self.width - LEFT) / self.buckets.count as f64
    }

    fn y(&self, lines: f64) -> f64 {
        BASE - lines / self.scale_max * (BASE - TOP)
    }

    /// Left edge and width of bar `index`.
    #[must_use]
    pub fn bar(&self, index: usize) -> (f64, f64) {
        let gap = if self.pitch() > 12.0 { GAP } else { 1.0 };
        (LEFT + index as f64 * self.pitch(), (self.pitch() - gap).max(1.0))
    }

    /// The rectangles, mildest level at the bottom, a hairline apart. A level that occurs is at
    /// least one pixel high.
    #[must_use]
    pub fn rects(&self, histogram: &Histogram) -> Vec<Rect> {
        let mut rects = Vec::new();
        for (index, counts) in histogram.counts.iter().enumerate() {
            let (x, width) = self.bar(index);
            let mut top = BASE;
            for level in Level::ALL {
                let lines = counts.get(level.rank()).copied().unwrap_or(0);
                if lines == 0 {
                    continue;
                }
                let height = (BASE - self.y(lines as f64)).max(1.0);
                let seam = if top < BASE && height > 2.0 { 1.0 } else { 0.0 };
                top -= height;
                rects.push(Rect { x, y: top, width, height: height - seam, level });
            }
        }
        rects
    }

    /// Zero, one and two steps of the count axis.
    #[must_use]
    pub fn count_ticks(&self) -> Vec<Tick> {
        [0, self.tick, self.tick * 2]
            .into_iter()
            .map(|lines| Tick { at: self.y(lines as f64), label: crate::number::tick(lines) })
            .collect()
    }

    /// Labels of the time axis at full minutes, hours or days of the zone.
    #[must_use]
    pub fn time_ticks(&self, offset_minutes: i32) -> Vec<Tick> {
        let step_seconds = self.buckets.step_ns / SECOND_NS;
        let pixels_per_second = self.pitch() / step_seconds as f64;
        let fits = |tick: &i64| *tick >= step_seconds && *tick as f64 * pixels_per_second >= TICK_PIXELS;
        let [.., longest] = TICKS;
        let tick_ns = TICKS.into_iter().find(fits).unwrap_or(longest) * SECOND_NS;
        let offset_ns = i64::from(offset_minutes) * MINUTE_NS;
        let end_ns = self.buckets.start_ns(self.buckets.count);
        let mut at_ns = (self.buckets.first_ns + offset_ns + tick_ns - 1).div_euclid(tick_ns) * tick_ns - offset_ns;
        let mut ticks = Vec::new();
        while at_ns < end_ns && ticks.len() < 64 {
            let at = LEFT + (at_ns - self.buckets.first_ns) as f64 / self.buckets.step_ns as f64 * self.pitch();
            if at <= self.width - 30.0 {
                ticks.push(Tick { at, label: tick_label(at_ns, tick_ns, offset_minutes) });
            }
            at_ns += tick_ns;
        }
        ticks
    }

    /// The bar under `x`; left and right of all bars it is the first and the last.
    #[must_use]
    pub fn bucket_at(&self, x: f64) -> usize {
        let index = ((x - LEFT) / self.pitch()).floor().max(0.0) as usize;
        index.min(self.buckets.count.saturating_sub(1))
    }

    /// The window from the bar under one place to the bar under another, both included.
    #[must_use]
    pub fn window_between(&self, a: f64, b: f64) -> Window {
        let (first, last) = (self.bucket_at(a.min(b)), self.bucket_at(a.max(b)));
        Window { from_ns: self.buckets.start_ns(first), to_ns: self.buckets.start_ns(last + 1) }
    }

    /// Left edge and width of the shade over a drag.
    #[must_use]
    pub fn shade(&self, a: f64, b: f64) -> (f64, f64) {
        let (left, _) = self.bar(self.bucket_at(a.min(b)));
        let (right, width) = self.bar(self.bucket_at(a.max(b)));
        (left, right + width - left)
    }
}

/// The least of 1, 2, 3, 5 times a power of ten that is not below `value`.
fn nice_at_least(value: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for factor in [1, 2, 3, 5] {
            if let Some(nice) = power.checked_mul(factor).filter(|nice| *nice >= value) {
                return nice;
            }
        }
        match power.checked_mul(10) {
            Some(next) => power = next,
            None => return value,
        }
    }
}

fn tick_label(at_ns: i64, tick_ns: i64, offset_minutes: i32) -> String {
    let clock = calendar::Civil::at(at_ns, offset_minutes);
    if tick_ns >= calendar::DAY_NS || (clock.hour, clock.minute, clock.second) == (0, 0, 0) {
        calendar::to_day(at_ns, offset_minutes)
    } else if tick_ns < MINUTE_NS {
        calendar::to_second(at_ns, offset_minutes, DateStyle::Clock)
    } else {
        calendar::to_minute(at_ns, offset_minutes, DateStyle::Clock)
    }
}

#[cfg(test)]
mod tests;
