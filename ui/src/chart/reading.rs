//! What a chart shows at one time or in one cell: as the tooltip lists it, and as it is read out.

use super::heat::Heat;
use super::series::{Colour, TimeSeries};
use super::shown::Shown;
use super::unit::Unit;
use crate::order;
use crate::strings::charts::charts;

/// Values at most: more would hide the chart.
const VALUES_MAX: usize = 12;

/// The value of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesValue {
    /// Name of the series.
    pub name: String,
    /// Its colour.
    pub colour: Colour,
    /// The value.
    pub value: f64,
}

/// The values at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Those of visible series, the greatest first.
    pub values: Vec<SeriesValue>,
    /// How many are left out.
    pub more: usize,
    /// Sum of all, where series add up and there are several.
    pub total: Option<f64>,
}

impl Reading {
    /// What is `shown` of `data` at a place; `stacked` series add up.
    #[must_use]
    pub fn new(data: &TimeSeries, shown: &Shown, stacked: bool, index: usize) -> Self {
        let visible = data.series.iter().filter(|series| shown.has(&series.name));
        let mut values: Vec<SeriesValue> = visible
            .filter_map(|series| {
                Some(SeriesValue { name: series.name.clone(), colour: series.colour, value: series.at(index)? })
            })
            .collect();
        order::by(&mut values, |a, b| b.value.total_cmp(&a.value));
        let total = (stacked && values.len() > 1).then(|| values.iter().map(|value| value.value).sum());
        let more = values.len().saturating_sub(VALUES_MAX);
        values.truncate(VALUES_MAX);
        Self { values, more, total }
    }

    /// In one sentence: `03:05, total 333: checkout 170, payment 163`.
    #[must_use]
    pub fn text(&self, time: &str, unit: &Unit) -> String {
        let t = charts();
        if self.values.is_empty() {
            return (t.reading)(time, t.no_value);
        }
        let total = self.total.map(|total| (t.total)(&unit.text(total)));
        let head: Vec<&str> = [Some(time), total.as_deref()].into_iter().flatten().collect();
        let mut parts: Vec<String> =
            self.values.iter().map(|value| (t.value_of)(&value.name, &unit.text(value.value))).collect();
        if self.more > 0 {
            parts.push((t.more_series)(&self.more.to_string()));
        }
        (t.reading)(&head.join(t.between), &parts.join(t.between))
    }
}

impl Heat {
    /// What a cell counts, in one sentence: `03:05: 10–25 ms 312`.
    #[must_use]
    pub fn text(&self, (column, row): (usize, usize), time: &str, unit: &Unit) -> String {
        let t = charts();
        let label = self.rows.get(row).map_or("", |row| row.label.as_str());
        (t.reading)(time, &(t.value_of)(label, &unit.text(self.count(column, row))))
    }
}
