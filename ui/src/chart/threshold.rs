//! From which value on something is degraded or failing.

use super::series::Health;

/// Two bounds. When `bad` is above `warn`, greater is worse, otherwise less is worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// From here on it is degraded.
    pub warn: f64,
    /// From here on it is failing.
    pub bad: f64,
}

impl Thresholds {
    /// State of a value.
    #[must_use]
    pub fn health(&self, value: Option<f64>) -> Health {
        let Some(value) = value.filter(|value| !value.is_nan()) else { return Health::Unknown };
        let reaches = |bound: f64| if self.bad >= self.warn { value >= bound } else { value <= bound };
        if reaches(self.bad) {
            Health::Bad
        } else if reaches(self.warn) {
            Health::Warn
        } else {
            Health::Ok
        }
    }
}
