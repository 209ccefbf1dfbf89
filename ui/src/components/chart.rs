//! Charts: over time, by category, as heat, as one figure.

mod bar_chart;
mod cells;
mod exports;
mod figure;
mod foot;
mod heat_map;
mod legend;
mod phase;
mod plot;
mod single_value;
mod table;
mod time_chart;
mod tooltip;

pub(crate) use bar_chart::BarChart;
pub(crate) use exports::Exports;
pub(crate) use heat_map::HeatMap;
pub(crate) use legend::LegendStyle;
pub(crate) use single_value::{SingleValue, Sparkline};
pub(crate) use time_chart::TimeChart;
