//! A chart of an answer: what can be drawn of it, what is drawn unless the reader chooses otherwise,
//! and the points. Times are milliseconds since the epoch.

use crate::chart::Unit;
use crate::order;
use crate::result_set::{ResultSet, ValueKind};
use std::collections::HashMap;

/// Lines drawn; more cannot be told apart.
pub const LINES_MAX: usize = 16;
/// Bars drawn.
pub const BARS_MAX: usize = 100;
const MS_NS: f64 = 1e6;

/// How an answer is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartKind {
    /// Numbers over time, as lines.
    Lines,
    /// Numbers over time, as bars on each other.
    Columns,
    /// A number per category.
    Bars,
    /// One number.
    Single,
}

impl ChartKind {
    /// All.
    pub const ALL: [Self; 4] = [Self::Lines, Self::Columns, Self::Bars, Self::Single];

    const fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Columns => "columns",
            Self::Bars => "bars",
            Self::Single => "single",
        }
    }

    /// Whether times are one of its axes.
    #[must_use]
    pub const fn over_time(self) -> bool {
        matches!(self, Self::Lines | Self::Columns)
    }
}

/// What is drawn of an answer; columns by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// How.
    pub kind: ChartKind,
    /// Times or categories; none for a single number.
    pub along: Option<usize>,
    /// Numbers.
    pub values: Vec<usize>,
    /// Categories that each have a line of their own.
    pub split: Option<usize>,
}

/// What the columns of an answer can be in a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// Columns of times.
    pub times: Vec<usize>,
    /// Columns of numbers.
    pub numbers: Vec<usize>,
    /// Columns of texts, and of true and false.
    pub categories: Vec<usize>,
}

impl Roles {
    /// Of the columns of an answer.
    #[must_use]
    pub fn of(set: &ResultSet) -> Self {
        let with = |kinds: &[ValueKind]| {
            let columns = set.columns.iter().enumerate();
            columns.filter(|(_, column)| kinds.contains(&column.kind)).map(|(place, _)| place).collect()
        };
        Self {
            times: with(&[ValueKind::Time]),
            numbers: with(&[ValueKind::Number]),
            categories: with(&[ValueKind::Text, ValueKind::Bool]),
        }
    }

    /// Whether a chart of this kind can be drawn.
    #[must_use]
    pub fn allow(&self, kind: ChartKind) -> bool {
        let along = match kind {
            ChartKind::Lines | ChartKind::Columns => !self.times.is_empty(),
            ChartKind::Bars => !self.categories.is_empty() || !self.times.is_empty(),
            ChartKind::Single => true,
        };
        along && !self.numbers.is_empty()
    }

    /// Columns that a chart of this kind can run along.
    #[must_use]
    pub fn along(&self, kind: ChartKind) -> Vec<usize> {
        match kind {
            ChartKind::Lines | ChartKind::Columns => self.times.clone(),
            ChartKind::Bars => self.categories.iter().chain(&self.times).copied().collect(),
            ChartKind::Single => Vec::new(),
        }
    }
}

impl Chart {
    /// What suits the answer; none when it holds no number.
    #[must_use]
    pub fn automatic(set: &ResultSet) -> Option<Self> {
        let roles = Roles::of(set);
        let kind = match set.rows.len() {
            0 => return None,
            1 if roles.categories.is_empty() => ChartKind::Single,
            _ if !roles.times.is_empty() && set.rows.len() > 1 => ChartKind::Lines,
            _ if !roles.categories.is_empty() => ChartKind::Bars,
            _ => ChartKind::Single,
        };
        Self::of_kind(set, kind)
    }

    /// The chart of a kind that suits the answer; none when it has not the columns for one.
    #[must_use]
    pub fn of_kind(set: &ResultSet, kind: ChartKind) -> Option<Self> {
        let roles = Roles::of(set);
        if !roles.allow(kind) || set.rows.is_empty() {
            return None;
        }
        let along = roles.along(kind).first().copied();
        let split = along.filter(|_| kind.over_time()).and_then(|time| {
            let category = roles.categories.first().copied()?;
            repeats(set, time).then_some(category)
        });
        let many = kind.over_time() && split.is_none();
        let values = roles.numbers.iter().copied().take(if many { LINES_MAX } else { 1 }).collect();
        Some(Self { kind, along, values, split })
    }

    /// With or without a column of numbers: where only one can be drawn it takes the place of the
    /// other, and the last one stays.
    #[must_use]
    pub fn with_value(mut self, column: usize) -> Self {
        let one = !self.kind.over_time() || self.split.is_some();
        if one {
            self.values = vec![column];
        } else if !self.values.contains(&column) {
            self.values.push(column);
            order::plain(&mut self.values);
        } else if self.values.len() > 1 {
            self.values.retain(|value| *value != column);
        }
        self
    }

    /// With a line for each category of a column, or without.
    #[must_use]
    pub fn with_split(mut self, split: Option<usize>) -> Self {
        self.split = split;
        if split.is_some() {
            self.values.truncate(1);
        }
        self
    }

    /// As a link carries it: `lines:0:2.3:1`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let place = |place: Option<usize>| place.map(|place| place.to_string()).unwrap_or_default();
        let values: Vec<String> = self.values.iter().map(usize::to_string).collect();
        format!("{}:{}:{}:{}", self.kind.name(), place(self.along), values.join("."), place(self.split))
    }

    /// Reads what a link carries; none when the answer has not such columns.
    #[must_use]
    pub fn from_text(text: &str, set: &ResultSet) -> Option<Self> {
        let mut parts = text.split(':');
        let name = parts.next()?;
        let kind = ChartKind::ALL.into_iter().find(|kind| kind.name() == name)?;
        let place = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
        let along: Option<usize> = place(parts.next()?)?;
        let values: Option<Vec<usize>> = parts.next()?.split('.').map(|value| value.parse().ok()).collect();
        let split: Option<usize> = place(parts.next()?)?;
        let chart = Self { kind, along, values: values?, split };
        let roles = Roles::of(set);
        let fits = roles.allow(kind)
            && along.map_or(kind == ChartKind::Single, |along| roles.along(kind).contains(&along))
            && chart.values.iter().all(|value| roles.numbers.contains(value))
            && split.is_none_or(|split| kind.over_time() && roles.categories.contains(&split))
            && !set.rows.is_empty();
        fits.then_some(chart)
    }
}

/// Whether a column has one of its first values more than once.
fn repeats(set: &ResultSet, column: usize) -> bool {
    let mut times: Vec<i64> = (0..set.rows.len().min(2000)).filter_map(|row| set.time_ns(row, column)).collect();
    order::plain(&mut times);
    times.windows(2).any(|pair| pair.first() == pair.last())
}

/// A line with its points, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Name of the column, or the category.
    pub name: String,
    /// Time and value.
    pub points: Vec<(f64, f64)>,
}

/// Something drawn, and how much was left out for want of space.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut<T> {
    /// What is drawn.
    pub drawn: Vec<T>,
    /// How many there are.
    pub of: usize,
}

/// The lines of a chart over time. Of many, those with the greatest sums are drawn.
#[must_use]
pub fn lines(set: &ResultSet, chart: &Chart) -> Cut<Line> {
    let Some(time) = chart.along else { return Cut { drawn: Vec::new(), of: 0 } };
    let mut lines: Vec<Line> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for row in 0..set.rows.len() {
        let Some(at) = set.time_ns(row, time) else { continue };
        for value in &chart.values {
            let Some(number) = set.number(row, *value) else { continue };
            let name = match chart.split {
                Some(split) => label(set, row, split),
                None => set.columns.get(*value).map(|column| column.name.clone()).unwrap_or_default(),
            };
            let place = *places.entry(name.clone()).or_insert_with(|| {
                lines.push(Line { name, points: Vec::new() });
                lines.len() - 1
            });
            if let Some(line) = lines.get_mut(place) {
                line.points.push((at as f64 / MS_NS, number));
            }
        }
    }
    for line in &mut lines {
        order::by(&mut line.points, |a, b| a.0.total_cmp(&b.0));
    }
    let of = lines.len();
    if of > LINES_MAX {
        let sum = |line: &Line| line.points.iter().map(|point| point.1.abs()).sum::<f64>();
        order::by(&mut lines, |a, b| sum(b).total_cmp(&sum(a)));
        lines.truncate(LINES_MAX);
    }
    Cut { drawn: lines, of }
}

/// The bars of a chart, in the order of the answer.
#[must_use]
pub fn bars(set: &ResultSet, chart: &Chart) -> Cut<(String, Option<f64>)> {
    let (Some(along), Some(value)) = (chart.along, chart.values.first()) else {
        return Cut { drawn: Vec::new(), of: 0 };
    };
    let drawn = (0..set.rows.len().min(BARS_MAX)).map(|row| (label(set, row, along), set.number(row, *value)));
    Cut { drawn: drawn.collect(), of: set.rows.len() }
}

/// What a column is measured in, as far as its name says so.
#[must_use]
pub fn unit(name: &str) -> Unit {
    let name = name.to_lowercase();
    let last = name.rsplit(['_', '.', ' ']).next().unwrap_or_default();
    match last {
        "ms" | "milliseconds" => Unit::Milliseconds,
        "s" | "seconds" => Unit::Seconds,
        "bytes" => Unit::Bytes,
        "percent" | "pct" => Unit::Percent,
        _ => Unit::Number,
    }
}

/// The number of the first row.
#[must_use]
pub fn single(set: &ResultSet, chart: &Chart) -> Option<f64> {
    set.number(0, *chart.values.first()?)
}

fn label(set: &ResultSet, row: usize, column: usize) -> String {
    set.cell(row, column, &|_| 0).unwrap_or_else(|| "null".to_owned())
}

#[cfg(test)]
mod tests;
