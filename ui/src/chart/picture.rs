//! Bars and heat maps as filled shapes and labels, for a picture: the page draws both as HTML and
//! SVG, which a browser does not turn into a file.

use super::bars::{Bar, bar_extent, bar_range};
use super::heat::{Heat, HeatPlot, heat_bounds};
use super::scale::Axis;
use super::unit::Unit;
use crate::strings::charts::charts;
use serde_json::{Value, json};

/// Height of a bar's row, and of the bar in it.
const ROW: f64 = 22.0;
const BAR: f64 = 8.0;
/// Between name, bar and value.
const GAP: f64 = 12.0;
/// Shares of the width for names and for values.
const NAMES: f64 = 0.3;
const VALUES: f64 = 0.14;
/// Colours of the steps of a heat map, the rarest first.
const HEAT: [&str; 5] = ["--heat-1", "--heat-2", "--heat-3", "--heat-4", "--heat-5"];
const BAR_COLOUR: &str = "--accent-fill";
const NAME_COLOUR: &str = "--text";
const AXIS_COLOUR: &str = "--axis";

/// Which end of a label is at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

impl Anchor {
    /// As SVG names it (`text-anchor`).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Where the anchor is.
    pub x: f64,
    /// Half of its height.
    pub y: f64,
    /// What of it is at `x`.
    pub anchor: Anchor,
    /// Width at most; what is beyond is cut off.
    pub room: f64,
    /// The CSS custom property of its colour.
    pub colour: &'static str,
    /// The text.
    pub text: String,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Areas as path data of SVG, each with the CSS custom property of its colour.
    pub fills: Vec<(String, &'static str)>,
    /// Texts.
    pub labels: Vec<Label>,
    /// Names of colours, for below the drawing.
    pub legend: Vec<(String, &'static str)>,
}

impl Picture {
    /// A row for each bar, `width` wide.
    #[must_use]
    pub fn of_bars(bars: &[Bar], unit: &Unit, width: f64) -> Self {
        let range = bar_range(bars);
        let (names, values) = ((width * NAMES).round(), (width * VALUES).round());
        let track = (width - names - values - 2.0 * GAP).max(1.0);
        let mut picture =
            Self { width, height: ROW * bars.len() as f64, fills: Vec::new(), labels: Vec::new(), legend: Vec::new() };
        for (place, bar) in bars.iter().enumerate() {
            let middle = ROW * (place as f64 + 0.5);
            let (start, length) = bar.value.map_or((0.0, 0.0), |value| bar_extent(value, range));
            let (x, long) = (names + GAP + track * start / 100.0, track * length / 100.0);
            if long > 0.0 {
                let path = format!("M{x:.1} {:.1}h{long:.1}v{BAR}h-{long:.1}z", middle - BAR / 2.0);
                picture.fills.push((path, bar.colour.map_or(BAR_COLOUR, |colour| colour.token())));
            }
            let value = bar.value.map_or_else(|| "–".to_owned(), |value| unit.text(value));
            let label = |x, anchor, room, text| Label { x, y: middle, anchor, room, colour: NAME_COLOUR, text };
            picture.labels.push(label(0.0, Anchor::Start, names, bar.label.clone()));
            picture.labels.push(label(width, Anchor::End, values, value));
        }
        picture
    }

    /// The cells of a heat map with their labels, as `plot` and `axis` place them.
    #[must_use]
    pub fn of_heat(heat: &Heat, unit: &Unit, plot: &HeatPlot, axis: &Axis) -> Self {
        let (width, height) = plot.size();
        let legend = heat_bounds(heat).into_iter().zip(HEAT);
        Self {
            width,
            height,
            fills: plot.paths(heat).into_iter().zip(HEAT).collect(),
            labels: plot.labels(heat, axis),
            legend: legend.map(|(bound, colour)| ((charts().up_to)(&unit.text(bound)), colour)).collect(),
        }
    }

    /// As `bundle/chart.mjs` reads it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let fills = self.fills.iter().map(|(path, colour)| json!({ "path": path, "colour": colour }));
        let labels = self.labels.iter().map(|label| {
            json!({
                "x": label.x,
                "y": label.y,
                "anchor": label.anchor.name(),
                "room": label.room,
                "colour": label.colour,
                "text": label.text,
            })
        });
        let legend = self.legend.iter().map(|(name, colour)| json!({ "name": name, "colour": colour }));
        json!({
            "width": self.width,
            "height": self.height,
            "fills": fills.collect::<Vec<_>>(),
            "labels": labels.collect::<Vec<_>>(),
            "legend": legend.collect::<Vec<_>>(),
        })
    }
}

impl HeatPlot {
    /// Labels of rows and of times.
    #[must_use]
    pub fn labels(&self, heat: &Heat, axis: &Axis) -> Vec<Label> {
        let (left, _, width, height) = self.area();
        let (from, to) = (axis.min, axis.max);
        let label = |x, y, anchor, room, text| Label { x, y, anchor, room, colour: AXIS_COLOUR, text };
        let rows = self.labelled_rows().into_iter().filter_map(|(row, y)| {
            Some(label(left - 8.0, y, Anchor::End, left - 8.0, heat.rows.get(row)?.label.clone()))
        });
        let times = axis.ticks.iter().map(|tick| {
            let x = left + (tick.at - from) / (to - from).max(1e-6) * width;
            label(x, height + 10.5, Anchor::Middle, width, tick.label.clone())
        });
        rows.chain(times).collect()
    }
}
