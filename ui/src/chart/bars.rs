//! Horizontal bars, one per category.

use super::series::Colour;

/// A category and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Name.
    pub label: String,
    /// Value; none when it is not known.
    pub value: Option<f64>,
    /// Colour, where it tells something; the accent otherwise.
    pub colour: Option<Colour>,
}

/// Least and greatest end of the bars; zero is within.
#[must_use]
pub fn bar_range(bars: &[Bar]) -> (f64, f64) {
    let known = || bars.iter().filter_map(|bar| bar.value).filter(|value| value.is_finite());
    (known().fold(0.0, f64::min), known().fold(0.0, f64::max))
}

/// Where a bar begins and how long it is, in percent of the track.
#[must_use]
pub fn bar_extent(value: f64, range: (f64, f64)) -> (f64, f64) {
    let (low, high) = range;
    let length = high - low;
    if length <= 0.0 || !value.is_finite() {
        return (0.0, 0.0);
    }
    let share = |at: f64| ((at - low) / length * 100.0).clamp(0.0, 100.0);
    let (start, end) = (share(value.min(0.0)), share(value.max(0.0)));
    (start, end - start)
}
