//! What a view makes of an answer: which columns are times, names and numbers is found by their
//! types. Times are milliseconds since the epoch.

use super::View;
use crate::calendar::parse_utc;
use crate::order;
use crate::severity::Level;
use lincei_api::{Column, HistogramResponse, SqlResponse};
use serde_json::Value;
use std::collections::BTreeMap;

/// Series of a view over time, at most; those with the smallest sums are left out.
const SERIES_MAX: usize = 30;
/// Rows of a heat map, at most.
const HEAT_ROWS_MAX: usize = 100;
/// Columns of a heat map, at most.
const HEAT_COLUMNS_MAX: usize = 1000;
const MS_NS: f64 = 1e6;

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Over time.
    Timelines(Timelines),
    /// A bar each.
    Bars(Vec<BarRow>),
    /// Rows and columns.
    Sheet(Sheet),
    /// One number.
    Figure(Figure),
    /// Counts by time and range.
    Heat(HeatTable),
}

/// Series over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timelines {
    /// Distance of the points, where it is known.
    pub step_ms: Option<f64>,
    /// The series.
    pub lines: Vec<TimeLine>,
    /// Series that are left out.
    pub left_out: usize,
}

/// A series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeLine {
    /// Name; empty for the only one.
    pub name: String,
    /// The severity that it counts.
    pub level: Option<Level>,
    /// Time and value, by time.
    pub points: Vec<(f64, f64)>,
}

/// A bar.
#[derive(Clone, Debug, PartialEq)]
pub struct BarRow {
    /// Name.
    pub label: String,
    /// Length.
    pub value: Option<f64>,
}

/// Rows and columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Names, and whether they hold numbers.
    pub columns: Vec<(String, bool)>,
    /// The cells; null is empty.
    pub rows: Vec<Vec<Value>>,
    /// Whether there are more rows.
    pub truncated: bool,
}

/// One number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// The number; none for null.
    pub value: Option<f64>,
    /// How it went, where the answer has several times.
    pub trend: Vec<f64>,
}

/// Counts by time and range.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatTable {
    /// Start of each column.
    pub times_ms: Vec<f64>,
    /// Length of a column.
    pub step_ms: f64,
    /// Rows from the lowest: name, and a count for each column.
    pub rows: Vec<(String, Vec<f64>)>,
}

/// Why a view cannot show an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShapeFlaw {
    /// No column of times.
    NoTime,
    /// No column of numbers.
    NoNumber,
    /// No column beside time and number.
    NoRange,
}

impl Answer {
    /// Whether there is nothing to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Timelines(timelines) => timelines.lines.iter().all(|line| line.points.is_empty()),
            Self::Bars(bars) => bars.is_empty(),
            Self::Sheet(sheet) => sheet.rows.is_empty(),
            Self::Figure(figure) => figure.value.is_none(),
            Self::Heat(heat) => heat.times_ms.is_empty(),
        }
    }
}

/// What `view` makes of the answer to a statement; `step_ms` is the step that it asked for, if any.
///
/// # Errors
/// When it lacks a column that the view needs.
pub fn answer(view: View, response: &SqlResponse, step_ms: Option<f64>) -> Result<Answer, ShapeFlaw> {
    let shape = Shape::of(&response.columns);
    match view {
        View::Line | View::Area | View::Columns => timelines(&shape, response, step_ms).map(Answer::Timelines),
        View::Bars => bars(&shape, response).map(Answer::Bars),
        View::Value => figure(&shape, response).map(Answer::Figure),
        View::Heat => heat(&shape, response, step_ms).map(Answer::Heat),
        View::Table | View::Log => Ok(Answer::Sheet(sheet(&shape, response))),
    }
}

/// Counts of log records.
#[must_use]
pub fn of_histogram(response: &HistogramResponse, by: &str, missing: &str, rest: &str) -> Timelines {
    let times: Vec<f64> = response.buckets.iter().filter_map(|time| parse_utc(time)).map(ms).collect();
    let points = |counts: &[u64]| times.iter().copied().zip(counts.iter().map(|count| *count as f64)).collect();
    let line = |series: &lincei_api::HistogramSeries| TimeLine {
        name: series.name.clone().unwrap_or_else(|| if series.rest { rest } else { missing }.to_owned()),
        level: (by == crate::query_text::SEVERITY)
            .then(|| series.name.as_deref().and_then(Level::by_name).unwrap_or(Level::Unset)),
        points: points(&series.counts),
    };
    let all = || vec![TimeLine { points: points(&response.counts), ..TimeLine::default() }];
    let lines = if response.total == 0 {
        Vec::new()
    } else if by.is_empty() || response.series.is_empty() {
        all()
    } else {
        response.series.iter().map(line).collect()
    };
    Timelines { step_ms: Some(response.step_ms as f64), lines, left_out: 0 }
}

fn ms(ns: i64) -> f64 {
    ns as f64 / MS_NS
}

/// Places of the columns by what they hold.
#[derive(Default)]
struct Shape {
    time: Option<usize>,
    numbers: Vec<usize>,
    names: Vec<usize>,
}

impl Shape {
    fn of(columns: &[Column]) -> Self {
        let mut shape = Self::default();
        for (place, column) in columns.iter().enumerate() {
            let kind = column.data_type.as_str();
            if kind.starts_with("Timestamp") && shape.time.is_none() {
                shape.time = Some(place);
            } else if is_number(kind) {
                shape.numbers.push(place);
            } else {
                shape.names.push(place);
            }
        }
        shape
    }
}

fn is_number(kind: &str) -> bool {
    ["Int", "UInt", "Float", "Decimal"].iter().any(|name| kind.starts_with(name))
}

/// A cell as a number; numbers beyond what JSON carries exactly are text.
#[must_use]
pub fn number(cell: &Value) -> Option<f64> {
    cell.as_f64().or_else(|| cell.as_str()?.parse().ok())
}

/// A cell as text.
#[must_use]
pub fn cell_text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        // 8, and not 8.0
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap_or_default().to_string(),
        other => other.to_string(),
    }
}

fn time_of(row: &[Value], place: usize) -> Option<f64> {
    row.get(place).and_then(Value::as_str).and_then(parse_utc).map(ms)
}

fn label(row: &[Value], places: &[usize]) -> String {
    let texts = places.iter().filter_map(|place| row.get(*place)).map(cell_text);
    texts.collect::<Vec<_>>().join(" · ")
}

fn timelines(shape: &Shape, response: &SqlResponse, step_ms: Option<f64>) -> Result<Timelines, ShapeFlaw> {
    let time = shape.time.ok_or(ShapeFlaw::NoTime)?;
    if shape.numbers.is_empty() {
        return Err(ShapeFlaw::NoNumber);
    }
    let name_of = |place: usize| response.columns.get(place).map_or("", |column| column.name.as_str());
    let mut lines: Vec<TimeLine> = Vec::new();
    let mut known: BTreeMap<(String, usize), usize> = BTreeMap::new();
    for row in &response.rows {
        let Some(at) = time_of(row, time) else { continue };
        let named = label(row, &shape.names);
        for place in &shape.numbers {
            let Some(value) = row.get(*place).and_then(number) else { continue };
            let line = *known.entry((named.clone(), *place)).or_insert_with(|| {
                let name = match (named.is_empty(), shape.numbers.len()) {
                    (false, 1) => named.clone(),
                    (false, _) => format!("{named} · {}", name_of(*place)),
                    (true, _) => name_of(*place).to_owned(),
                };
                lines.push(TimeLine { name, ..TimeLine::default() });
                lines.len() - 1
            });
            if let Some(line) = lines.get_mut(line) {
                line.points.push((at, value));
            }
        }
    }
    for line in &mut lines {
        order::by(&mut line.points, |a, b| a.0.total_cmp(&b.0));
        line.points.dedup_by(|later, earlier| later.0 == earlier.0);
    }
    Ok(largest(lines, step_ms))
}

/// The series of the largest sums, by name, so that each keeps its colour when the sums change.
fn largest(mut lines: Vec<TimeLine>, step_ms: Option<f64>) -> Timelines {
    let sum = |line: &TimeLine| line.points.iter().map(|point| point.1.abs()).sum::<f64>();
    order::by(&mut lines, |a, b| sum(b).total_cmp(&sum(a)));
    let left_out = lines.len().saturating_sub(SERIES_MAX);
    lines.truncate(SERIES_MAX);
    order::by(&mut lines, |a, b| a.name.cmp(&b.name));
    for line in &mut lines {
        line.level = Level::by_name(&line.name);
    }
    if !lines.iter().all(|line| line.level.is_some()) {
        lines.iter_mut().for_each(|line| line.level = None);
    }
    order::by_key(&mut lines, |line| line.level.map(Level::rank));
    Timelines { step_ms, lines, left_out }
}

fn bars(shape: &Shape, response: &SqlResponse) -> Result<Vec<BarRow>, ShapeFlaw> {
    let place = *shape.numbers.first().ok_or(ShapeFlaw::NoNumber)?;
    let names: Vec<usize> = shape.time.into_iter().chain(shape.names.iter().copied()).collect();
    let row = |row: &Vec<Value>| BarRow { label: label(row, &names), value: row.get(place).and_then(number) };
    Ok(response.rows.iter().map(row).collect())
}

fn figure(shape: &Shape, response: &SqlResponse) -> Result<Figure, ShapeFlaw> {
    let place = *shape.numbers.first().ok_or(ShapeFlaw::NoNumber)?;
    let value = |row: &Vec<Value>| row.get(place).and_then(number);
    let Some(time) = shape.time.filter(|_| response.rows.len() > 1) else {
        return Ok(Figure { value: response.rows.first().and_then(value), trend: Vec::new() });
    };
    let timed = |row: &Vec<Value>| Some((time_of(row, time)?, value(row)?));
    let mut points: Vec<(f64, f64)> = response.rows.iter().filter_map(timed).collect();
    order::by(&mut points, |a, b| a.0.total_cmp(&b.0));
    let trend: Vec<f64> = points.into_iter().map(|point| point.1).collect();
    Ok(Figure { value: trend.last().copied(), trend })
}

fn heat(shape: &Shape, response: &SqlResponse, step_ms: Option<f64>) -> Result<HeatTable, ShapeFlaw> {
    let time = shape.time.ok_or(ShapeFlaw::NoTime)?;
    let count = *shape.numbers.last().ok_or(ShapeFlaw::NoNumber)?;
    let range = shape.names.first().or(shape.numbers.first().filter(|place| **place != count));
    let range = *range.ok_or(ShapeFlaw::NoRange)?;
    let by_number = shape.names.first() != Some(&range);
    let mut cells: Vec<(f64, String, f64)> = Vec::new();
    for row in &response.rows {
        let cell = time_of(row, time).zip(row.get(count).and_then(number)).zip(row.get(range));
        if let Some(((at, count), range)) = cell.filter(|(_, range)| !range.is_null()) {
            cells.push((at, cell_text(range), count));
        }
    }
    let mut names: Vec<String> = cells.iter().map(|cell| cell.1.clone()).collect();
    order::by(&mut names, |a, b| {
        let parsed = |text: &str| if by_number { text.parse().unwrap_or(f64::INFINITY) } else { 0.0 };
        parsed(a).total_cmp(&parsed(b)).then_with(|| a.cmp(b))
    });
    names.dedup();
    names.truncate(HEAT_ROWS_MAX);
    let (times_ms, step_ms) = columns_of(cells.iter().map(|cell| cell.0).collect(), step_ms);
    let mut rows: Vec<(String, Vec<f64>)> = names.into_iter().map(|name| (name, vec![0.0; times_ms.len()])).collect();
    for (at, name, count) in cells {
        let column = times_ms.partition_point(|time| *time <= at).checked_sub(1);
        let row = rows.iter_mut().find(|row| row.0 == name);
        if let Some(cell) = column.zip(row).and_then(|(column, row)| row.1.get_mut(column)) {
            *cell += count;
        }
    }
    Ok(HeatTable { times_ms, step_ms, rows })
}

/// Columns of one length from the first to the last time, those without counts among them.
fn columns_of(mut times: Vec<f64>, step_ms: Option<f64>) -> (Vec<f64>, f64) {
    order::by(&mut times, f64::total_cmp);
    times.dedup();
    let distances = times.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?));
    let step = step_ms.or_else(|| distances.reduce(f64::min)).filter(|step| *step > 0.0).unwrap_or(60_000.0);
    let Some((first, last)) = times.first().copied().zip(times.last().copied()) else { return (Vec::new(), step) };
    let count = (((last - first) / step).round() as usize + 1).min(HEAT_COLUMNS_MAX);
    ((0..count).map(|column| first + step * column as f64).collect(), step)
}

fn sheet(shape: &Shape, response: &SqlResponse) -> Sheet {
    let column = |(place, column): (usize, &Column)| (column.name.clone(), shape.numbers.contains(&place));
    Sheet {
        columns: response.columns.iter().enumerate().map(column).collect(),
        rows: response.rows.clone(),
        truncated: response.stats.truncated,
    }
}

#[cfg(test)]
mod tests;
