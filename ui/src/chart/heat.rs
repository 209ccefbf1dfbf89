//! Heat maps: counts by time and by range of values.

use crate::time_range::Window;

/// Steps of the heat palette.
const STEPS: usize = 5;
/// Space left of the cells, for the labels of the rows: at least, at most, and per character.
const LEFT_MIN: f64 = 40.0;
const LEFT_MAX: f64 = 140.0;
const CHARACTER: f64 = 5.6;
/// Between the labels and the cells.
const GAP: f64 = 8.0;
/// Space below the cells, for the labels of the time axis.
const BOTTOM: f64 = 18.0;
/// Space right of the cells, as in the charts over time.
const RIGHT: f64 = 12.0;
/// Least distance between two labels of rows.
const LABEL_PIXELS: f64 = 14.0;
const MS_NS: f64 = 1e6;

/// One range of values over time.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatRow {
    /// The range, as a reader knows it: `100–200 ms`.
    pub label: String,
    /// As many counts as there are times.
    pub counts: Vec<f64>,
}

/// Counts by time and range.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heat {
    /// Start of each column, ascending, `step_ms` apart.
    pub times_ms: Vec<f64>,
    /// Length of a column.
    pub step_ms: f64,
    /// Rows, the lowest range first.
    pub rows: Vec<HeatRow>,
}

impl Heat {
    /// The greatest count.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.rows.iter().flat_map(|row| &row.counts).copied().filter(|count| count.is_finite()).fold(0.0, f64::max)
    }

    /// Count of a cell.
    #[must_use]
    pub fn count(&self, column: usize, row: usize) -> f64 {
        self.rows.get(row).and_then(|row| row.counts.get(column)).copied().unwrap_or(0.0)
    }

    /// First and last point of the time axis.
    #[must_use]
    pub fn extent(&self) -> (f64, f64) {
        let first = self.times_ms.first().copied().unwrap_or(0.0);
        (first, self.times_ms.last().map_or(1.0, |last| last + self.step_ms).max(first + 1.0))
    }

    /// From the start of one column to the end of another, in either order.
    #[must_use]
    pub fn window(&self, a: usize, b: usize) -> Option<Window> {
        let start = |column: usize| self.times_ms.get(column).copied();
        let (from, to) = (start(a.min(b))?, start(a.max(b))? + self.step_ms);
        let (from_ns, to_ns) = ((from * MS_NS) as i64, (to * MS_NS) as i64);
        (from_ns < to_ns).then_some(Window { from_ns, to_ns })
    }
}

/// Step of the palette, from 1, for a count: by its square root, so that rare cells are seen
/// beside frequent ones. `None` for nothing.
#[must_use]
pub fn heat_step(count: f64, max: f64) -> Option<usize> {
    (count > 0.0 && max > 0.0).then(|| ((count / max).sqrt() * STEPS as f64).ceil().clamp(1.0, STEPS as f64) as usize)
}

/// The greatest count of each step, whole where all counts are.
#[must_use]
pub fn heat_bounds(heat: &Heat) -> [f64; STEPS] {
    let max = heat.max();
    let whole = heat.rows.iter().flat_map(|row| &row.counts).all(|count| count.fract() == 0.0);
    std::array::from_fn(|step| {
        let bound = max * ((step + 1) as f64 / STEPS as f64).powi(2);
        if whole { bound.floor() } else { bound }
    })
}

/// Where the cells are in a drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatPlot {
    columns: usize,
    rows: usize,
    left: f64,
    width: f64,
    height: f64,
}

impl HeatPlot {
    /// A drawing of `heat`, `width` × `height`.
    #[must_use]
    pub fn new(heat: &Heat, width: f64, height: f64) -> Self {
        let longest = heat.rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0);
        let left = (longest as f64 * CHARACTER + GAP).clamp(LEFT_MIN, LEFT_MAX).ceil();
        Self { columns: heat.times_ms.len(), rows: heat.rows.len(), left, width, height }
    }

    /// Width and height of the whole.
    #[must_use]
    pub fn size(&self) -> (f64, f64) {
        (self.width, self.height)
    }

    /// Left end, upper end, width and height of the cells.
    #[must_use]
    pub fn area(&self) -> (f64, f64, f64, f64) {
        (self.left, 0.0, (self.width - self.left - RIGHT).max(1.0), (self.height - BOTTOM).max(1.0))
    }

    /// Left end, upper end, width and height of a cell, on whole pixels, a hairline apart where
    /// there is room for it.
    #[must_use]
    pub fn cell(&self, column: usize, row: usize) -> (f64, f64, f64, f64) {
        let (left, top, width, height) = self.area();
        let x = |column: usize| (left + width * column as f64 / self.columns.max(1) as f64).round();
        let y = |row: usize| (top + height - height * row as f64 / self.rows.max(1) as f64).round();
        let gap = |length: f64| if length > 4.0 { length - 1.0 } else { length.max(1.0) };
        (x(column), y(row + 1), gap(x(column + 1) - x(column)), gap(y(row) - y(row + 1)))
    }

    /// Path data of all cells of each step.
    #[must_use]
    pub fn paths(&self, heat: &Heat) -> [String; STEPS] {
        let max = heat.max();
        let mut paths: [String; STEPS] = Default::default();
        for column in 0..self.columns {
            for row in 0..self.rows {
                let step = heat_step(heat.count(column, row), max);
                if let Some(path) = step.and_then(|step| paths.get_mut(step.wrapping_sub(1))) {
                    let (x, y, width, height) = self.cell(column, row);
                    path.push_str(&format!("M{x} {y}h{width}v{height}h-{width}z"));
                }
            }
        }
        paths
    }

    /// Column and row under a place; `None` beside the cells.
    #[must_use]
    pub fn cell_at(&self, x: f64, y: f64) -> Option<(usize, usize)> {
        let (left, top, width, height) = self.area();
        let column = ((x - left) / width * self.columns as f64).floor();
        let row = ((top + height - y) / height * self.rows as f64).floor();
        let within = |place: f64, count: usize| place >= 0.0 && place < count as f64;
        (within(column, self.columns) && within(row, self.rows)).then_some((column as usize, row as usize))
    }

    /// Rows whose labels fit, with the middle of each.
    #[must_use]
    pub fn labelled_rows(&self) -> Vec<(usize, f64)> {
        let (_, top, _, height) = self.area();
        let pitch = height / self.rows.max(1) as f64;
        let every = (LABEL_PIXELS / pitch).ceil().max(1.0) as usize;
        (0..self.rows).step_by(every).map(|row| (row, top + height - (row as f64 + 0.5) * pitch)).collect()
    }
}
