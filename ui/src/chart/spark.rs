//! A line the size of a word.

/// Width of the drawing's coordinates; it is stretched to the place it has.
pub const SPARK_WIDTH: f64 = 100.0;
/// Height of the drawing's coordinates.
pub const SPARK_HEIGHT: f64 = 22.0;
/// Where zero is.
const BASE: f64 = 21.0;
const REACH: f64 = 20.0;
const HEADROOM: f64 = 1.2;

/// Path data of a sparkline from zero to the greatest value, or to `floor` where all are below it:
/// scaled to its own maximum, two errors in a day would look like an alarm. Gaps stay open.
#[must_use]
pub fn spark_path(values: &[Option<f64>], floor: f64) -> String {
    let known = || values.iter().copied().flatten().filter(|value| value.is_finite());
    let top = known().fold(floor.max(0.0), f64::max) * HEADROOM;
    let bottom = known().fold(0.0, f64::min) * HEADROOM;
    let range = if top > bottom { top - bottom } else { 1.0 };
    let y = |value: f64| BASE - (value - bottom) / range * REACH;
    let mut path = String::new();
    if let [Some(value)] = values {
        return format!("M0 {0:.1}L{SPARK_WIDTH} {0:.1}", y(*value));
    }
    let pitch = SPARK_WIDTH / values.len().saturating_sub(1).max(1) as f64;
    let mut drawing = false;
    for (index, value) in values.iter().enumerate() {
        match value.filter(|value| value.is_finite()) {
            Some(value) => {
                let command = if drawing { 'L' } else { 'M' };
                path.push_str(&format!("{command}{:.1} {:.1}", index as f64 * pitch, y(value)));
                drawing = true;
            }
            None => drawing = false,
        }
    }
    path
}
