//! Everything that is drawn of a chart over time: axes with their labels, and where each visible
//! series runs. The library that draws it decides nothing.

use super::scale::{Axis, time_axis, value_axis};
use super::series::{Colour, Marker, TimeSeries};
use super::shown::Shown;
use super::stack::{Layer, stack};
use super::unit::Unit;
use serde_json::{Value, json};

/// Space beside the plot, for the labels of the value axis.
const SIDE: f64 = 56.0;
/// Space below the plot, for the labels of the time axis.
const BELOW: f64 = 28.0;

/// How values are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Lines.
    Lines,
    /// Lines with the area to zero tinted.
    Area,
    /// Areas on each other.
    StackedArea,
    /// Bars beside each other.
    Bars,
    /// Bars on each other.
    StackedBars,
}

impl Kind {
    /// Whether a value counts what happened from its time on for one step.
    #[must_use]
    pub fn bars(self) -> bool {
        matches!(self, Self::Bars | Self::StackedBars)
    }

    /// Whether series add up.
    #[must_use]
    pub fn stacked(self) -> bool {
        matches!(self, Self::StackedArea | Self::StackedBars)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Area => "area",
            Self::StackedArea => "stacked-area",
            Self::Bars => "bars",
            Self::StackedBars => "stacked-bars",
        }
    }
}

/// Size of a drawing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// A visible series.
#[derive(Clone, Debug, PartialEq)]
pub struct SceneSeries {
    /// Colour.
    pub colour: Colour,
    /// Where it runs; the base is zero where series do not add up.
    pub layer: Layer,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// How.
    pub kind: Kind,
    /// Size of the whole drawing.
    pub size: Size,
    /// Time axis.
    pub x: Axis,
    /// Value axis.
    pub y: Axis,
    /// Length of a bar.
    pub step_ms: f64,
    /// Times.
    pub times_ms: Vec<f64>,
    /// Visible series, the lowest first.
    pub series: Vec<SceneSeries>,
    /// Markers within the time axis.
    pub markers: Vec<Marker>,
}

impl Scene {
    /// Lays out what is `shown` of `data`. `fit` scales lines to their values instead of from zero.
    #[must_use]
    pub fn new(
        data: &TimeSeries,
        shown: &Shown,
        kind: Kind,
        (unit, fit): (&Unit, bool),
        size: Size,
        offset_at: &dyn Fn(i64) -> i32,
    ) -> Self {
        let visible = || data.series.iter().filter(|series| shown.has(&series.name));
        let values: Vec<Vec<Option<f64>>> =
            visible().map(|series| (0..data.times_ms.len()).map(|index| series.at(index)).collect()).collect();
        let whole = values.iter().flatten().flatten().all(|value| value.fract() == 0.0);
        let layers = if kind.stacked() { stack(&values) } else { values.into_iter().map(from_zero).collect() };
        let ends = layers.iter().flat_map(|layer| &layer.end).copied().filter(|end| end.is_finite());
        let range = ends.fold(None, |range, end| {
            let (low, high) = range.unwrap_or((end, end));
            Some((f64::min(low, end), f64::max(high, end)))
        });
        let (from, to) = data.extent(kind.bars());
        let fit = fit && kind == Kind::Lines;
        Self {
            kind,
            size,
            x: time_axis(from, to, size.width - SIDE, offset_at),
            y: value_axis(range, unit, size.height - BELOW, fit, whole && unit.duration_ms().is_none()),
            step_ms: data.step().unwrap_or(to - from),
            times_ms: data.times_ms.clone(),
            series: visible().zip(layers).map(|(series, layer)| SceneSeries { colour: series.colour, layer }).collect(),
            markers: Vec::new(),
        }
    }

    /// With those of `markers` that are within the time axis.
    #[must_use]
    pub fn with_markers(mut self, markers: &[Marker]) -> Self {
        let within = |marker: &&Marker| (self.x.min..=self.x.max).contains(&marker.at_ms);
        self.markers = markers.iter().filter(within).cloned().collect();
        self
    }

    /// All but times and values, as `bundle/chart.mjs` reads it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let axis = |axis: &Axis| {
            json!({
                "range": [axis.min, axis.max],
                "at": axis.ticks.iter().map(|tick| tick.at).collect::<Vec<_>>(),
                "labels": axis.ticks.iter().map(|tick| tick.label.as_str()).collect::<Vec<_>>(),
            })
        };
        let series =
            self.series.iter().map(|series| json!({ "colour": series.colour.token(), "dash": series.colour.dash() }));
        let markers = self.markers.iter().map(|marker| json!({ "at": marker.at_ms, "label": marker.label }));
        json!({
            "kind": self.kind.name(),
            "width": self.size.width,
            "height": self.size.height,
            "x": axis(&self.x),
            "y": axis(&self.y),
            "step": self.step_ms,
            "series": series.collect::<Vec<_>>(),
            "markers": markers.collect::<Vec<_>>(),
        })
    }
}

fn from_zero(values: Vec<Option<f64>>) -> Layer {
    let end: Vec<f64> = values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect();
    Layer { base: end.iter().map(|end| if end.is_nan() { f64::NAN } else { 0.0 }).collect(), end }
}
