//! What charts show and where: series and their colours, scales and their labels, units, stacks,
//! sparklines, heat maps, what keys do in them, and the same data as sentences, CSV and pictures. Lengths are device-independent pixels, times
//! milliseconds since the Unix epoch.

mod bars;
mod csv;
mod heat;
mod motion;
mod picture;
mod reading;
mod scale;
mod scene;
mod series;
mod shown;
mod spark;
mod stack;
mod threshold;
mod unit;

pub use bars::{Bar, bar_extent, bar_range};
pub use csv::{Csv, bars_csv, file_name, heat_csv, series_csv};
pub use heat::{Heat, HeatPlot, HeatRow, heat_bounds, heat_step};
pub use motion::{Motion, move_cell};
pub use picture::{Anchor, Label, Picture};
pub use reading::{Reading, SeriesValue};
pub use scale::{Axis, Tick, time_axis, value_axis};
pub use scene::{Kind, Scene, SceneSeries, Size};
pub use series::{Colour, Health, Marker, Points, Series, TimeSeries};
pub use shown::Shown;
pub use spark::{SPARK_HEIGHT, SPARK_WIDTH, spark_path};
pub use stack::{Layer, stack};
pub use threshold::Thresholds;
pub use unit::{Figure, Unit};

#[cfg(test)]
mod tests;
