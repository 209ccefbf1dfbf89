use super::Sample;
use crate::order;
use std::collections::BTreeMap;

/// How long values are kept, in milliseconds.
pub const KEPT_MS: f64 = 600_000.0;

/// Values of the last minutes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    times_ms: Vec<f64>,
    /// As many values as times; not a number where there was none.
    series: BTreeMap<String, Vec<f64>>,
}

impl History {
    /// Takes the values of one moment, on a clock in milliseconds that never jumps.
    pub fn push(&mut self, at_ms: f64, samples: &[Sample]) {
        let before = self.times_ms.len();
        self.times_ms.push(at_ms);
        for sample in samples {
            let values = self.series.entry(sample.key.clone()).or_insert_with(|| vec![f64::NAN; before]);
            values.push(sample.value);
        }
        for values in self.series.values_mut() {
            values.resize(before + 1, f64::NAN);
        }
        let old = self.times_ms.iter().take_while(|time| **time < at_ms - KEPT_MS).count();
        if old > 0 {
            self.times_ms.drain(..old);
            for values in self.series.values_mut() {
                values.drain(..old.min(values.len()));
            }
            self.series.retain(|_, values| values.iter().any(|value| !value.is_nan()));
        }
    }

    /// Sets a value of the last moment, of a series that is made of others.
    pub fn add(&mut self, key: &str, value: f64) {
        let moments = self.times_ms.len();
        let values = self.series.entry(key.to_owned()).or_insert_with(|| vec![f64::NAN; moments]);
        if let Some(last) = values.last_mut() {
            *last = value;
        }
    }

    /// How long the values reach back, in milliseconds.
    #[must_use]
    pub fn span_ms(&self) -> f64 {
        self.times_ms.first().zip(self.times_ms.last()).map_or(0.0, |(first, last)| last - first)
    }

    /// Moments known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.times_ms.len()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.times_ms.is_empty()
    }

    /// The last value of a series.
    #[must_use]
    pub fn last(&self, key: &str) -> Option<f64> {
        self.series.get(key)?.last().copied().filter(|value| !value.is_nan())
    }

    /// All values of a gauge, the oldest first.
    #[must_use]
    pub fn values(&self, key: &str) -> Vec<f64> {
        self.series.get(key).into_iter().flatten().copied().filter(|value| !value.is_nan()).collect()
    }

    /// How fast a counter grew between each moment and the next, a second. After a restart of the
    /// server it grew by what it is at.
    #[must_use]
    pub fn rates(&self, key: &str) -> Vec<f64> {
        let Some(values) = self.series.get(key) else { return Vec::new() };
        let points: Vec<(f64, f64)> = self.times_ms.iter().copied().zip(values.iter().copied()).collect();
        let pairs = points.iter().zip(points.iter().skip(1));
        pairs
            .filter_map(|((from_ms, before), (to_ms, after))| {
                let seconds = (to_ms - from_ms) / 1000.0;
                let grown = if after < before { *after } else { after - before };
                (seconds > 0.0 && !grown.is_nan()).then(|| grown / seconds)
            })
            .collect()
    }

    /// How much a counter grew within the last `over_ms`; `None` before there are two values.
    #[must_use]
    pub fn growth(&self, key: &str, over_ms: f64) -> Option<f64> {
        let values = self.series.get(key)?;
        let since = self.times_ms.last()? - over_ms;
        let recent = self.times_ms.iter().zip(values).filter(|(time, value)| **time >= since && !value.is_nan());
        let recent: Vec<f64> = recent.map(|(_, value)| *value).collect();
        if recent.len() < 2 {
            return None;
        }
        let pairs = recent.iter().zip(recent.iter().skip(1));
        Some(pairs.map(|(before, after)| if after < before { *after } else { after - before }).sum())
    }

    /// The mean rate a second within the last `over_ms`.
    #[must_use]
    pub fn rate(&self, key: &str, over_ms: f64) -> Option<f64> {
        let since = self.times_ms.last()? - over_ms;
        let first = self.times_ms.iter().find(|time| **time >= since)?;
        let seconds = (self.times_ms.last()? - first) / 1000.0;
        (seconds > 0.0).then(|| self.growth(key, over_ms).map(|grown| grown / seconds))?
    }

    /// A quantile of a histogram's values of the last `over_ms`, interpolated within its bucket as
    /// Prometheus' `histogram_quantile` does; `None` when there were none.
    #[must_use]
    pub fn quantile(&self, name: &str, quantile: f64, over_ms: f64) -> Option<f64> {
        let start = format!("{name}_bucket{{le=");
        let mut buckets: Vec<(f64, f64)> = self
            .series
            .keys()
            .filter_map(|key| {
                let bound = key.strip_prefix(&start)?.strip_suffix('}')?;
                let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().ok()? };
                Some((bound, self.growth(key, over_ms)?))
            })
            .collect();
        order::by(&mut buckets, |a, b| a.0.total_cmp(&b.0));
        let total = buckets.last().map(|(_, count)| *count).filter(|count| *count > 0.0)?;
        let rank = quantile * total;
        let (mut lower, mut below) = (0.0, 0.0);
        for (bound, count) in buckets {
            if count >= rank {
                // Beyond the last bound nothing more is known than that bound.
                if bound.is_infinite() || count <= below {
                    return Some(lower);
                }
                return Some(lower + (bound - lower) * (rank - below) / (count - below));
            }
            (lower, below) = (bound, count);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn history(points: &[(f64, &str)]) -> History {
        let mut history = History::default();
        for (at, text) in points {
            history.push(*at, &parse(text));
        }
        history
    }

    #[test]
    fn counters_become_rates_even_over_a_restart() {
        let h = history(&[(0.0, "a 10"), (2000.0, "a 30"), (4000.0, "a 30"), (6000.0, "a 6")]);
        assert_eq!(h.rates("a"), [10.0, 0.0, 3.0]);
        assert_eq!(h.growth("a", 60_000.0), Some(26.0));
        assert_eq!(h.rate("a", 4000.0), Some(1.5));
        assert_eq!(h.last("a"), Some(6.0));
        assert_eq!(history(&[(0.0, "a 10")]).rate("a", 60_000.0), None);
        assert!(h.rates("b").is_empty() && h.growth("b", 1.0).is_none());
    }

    #[test]
    fn a_series_that_comes_or_goes_leaves_a_gap() {
        let h = history(&[(0.0, "a 1"), (1000.0, "a 2\nb 5"), (2000.0, "b 7"), (3000.0, "a 4\nb 7")]);
        assert_eq!(h.values("a"), [1.0, 2.0, 4.0]);
        assert_eq!(h.rates("a"), [1.0]);
        assert_eq!(h.rates("b"), [2.0, 0.0]);
        let mut h = h;
        h.add("c", 1.0);
        h.add("a", 5.0);
        assert_eq!((h.values("a"), h.values("c")), (vec![1.0, 2.0, 5.0], vec![1.0]));
    }

    #[test]
    fn old_values_are_forgotten() {
        let mut h = History::default();
        for minute in 0..30_u32 {
            let text = if minute == 0 { "a 1\nb 2" } else { "a 1" };
            h.push(f64::from(minute) * 60_000.0, &parse(text));
        }
        assert_eq!((h.len(), h.values("a").len(), h.span_ms()), (11, 11, KEPT_MS));
        assert_eq!(h.last("b"), None);
        assert!(!h.is_empty());
    }

    #[test]
    fn quantiles_are_those_of_histogram_quantile() {
        let before = "x_bucket{le=\"0.1\"} 5\nx_bucket{le=\"0.5\"} 5\nx_bucket{le=\"+Inf\"} 5";
        let after = "x_bucket{le=\"0.1\"} 15\nx_bucket{le=\"0.5\"} 25\nx_bucket{le=\"+Inf\"} 25";
        let h = history(&[(0.0, before), (1000.0, after)]);
        // 10 of 20 up to 0.1, 10 between 0.1 and 0.5: rank 10 is 0.1, rank 15 half way, by hand.
        assert_eq!(h.quantile("x", 0.25, 60_000.0), Some(0.05));
        assert_eq!(h.quantile("x", 0.5, 60_000.0), Some(0.1));
        assert!((h.quantile("x", 0.75, 60_000.0).unwrap() - 0.3).abs() < 1e-9);
        let beyond = "x_bucket{le=\"0.1\"} 15\nx_bucket{le=\"0.5\"} 25\nx_bucket{le=\"+Inf\"} 35";
        let h = history(&[(0.0, after), (1000.0, beyond)]);
        assert_eq!(h.quantile("x", 0.5, 60_000.0), Some(0.5));
        assert_eq!(history(&[(0.0, after), (1000.0, after)]).quantile("x", 0.5, 60_000.0), None);
    }
}
