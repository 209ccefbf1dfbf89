//! Quantiles asked for, and their values in a group.

use super::sketch::{Histogram, value};

/// Quantiles from 0 to 1, in the order they were asked for.
#[derive(Clone, Debug)]
pub(super) struct Quantiles {
    list: Vec<f64>,
    /// Positions in the list by quantile.
    ascending: Vec<usize>,
}

/// Where a quantile `q` of `n` numbers lies: `q * (n - 1)`, counted from 0, as a rank and the part
/// of the way to the next one.
fn rank(q: f64, n: u64) -> (u64, f64) {
    let at = q * n.saturating_sub(1) as f64;
    (at as u64, at.fract())
}

/// `part` of the way from one number to the next. From -∞ no part of the way leads anywhere else.
fn between(lower: f64, upper: f64, part: f64) -> f64 {
    if part == 0.0 || lower == upper || lower.is_infinite() { lower } else { lower + (upper - lower) * part }
}

impl Quantiles {
    pub(super) fn new(list: Vec<f64>) -> Self {
        let mut ascending: Vec<usize> = (0..list.len()).collect();
        ascending.sort_by(|a, b| list.get(*a).partial_cmp(&list.get(*b)).unwrap_or(std::cmp::Ordering::Equal));
        Self { list, ascending }
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Their values among the numbers of these keys, which change their order; appends them to `to`.
    pub(super) fn select(&self, keys: &mut [i64], to: &mut Vec<f64>) {
        let (start, n) = (to.len(), keys.len() as u64);
        to.resize(start + self.list.len(), f64::NAN);
        // the keys before it are the smallest
        let mut from = 0;
        for at in &self.ascending {
            let (Some(q), Some(answer)) = (self.list.get(*at), to.get_mut(start + at)) else { continue };
            let (rank, part) = rank(*q, n);
            let rank = usize::try_from(rank).unwrap_or(usize::MAX);
            let Some(rest) = keys.get_mut(from..) else { continue };
            let wanted = rank.saturating_sub(from).min(rest.len().saturating_sub(1));
            if rest.is_empty() {
                continue;
            }
            let (_, lower, larger) = rest.select_nth_unstable(wanted);
            let lower = *lower;
            let upper = if part == 0.0 { lower } else { larger.iter().min().copied().unwrap_or(lower) };
            *answer = between(value(lower), value(upper), part);
            from += wanted;
        }
    }

    /// Their estimated values; appends them to `to`.
    pub(super) fn estimate(&self, histogram: &Histogram, to: &mut Vec<f64>) {
        let ranked = histogram.ranked();
        to.extend(self.list.iter().map(|q| {
            let (rank, part) = rank(*q, histogram.count());
            let (lower, upper) = ranked.neighbours(rank);
            between(lower, upper, part)
        }));
    }
}
