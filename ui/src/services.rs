//! How the services are: what is asked about them, requests, failures and durations against the
//! window before, what follows from that, and which versions appeared.
//!
//! A *request* is a span of kind SERVER or CONSUMER: what a service was asked to do. It *failed* when
//! its status is ERROR.

mod answer;
mod finding;
mod health;
mod measure;
mod overview;
mod release;
pub mod statement;

pub use answer::ShapeError;
pub use finding::{Finding, Trouble, findings};
pub use health::{Judgement, Times, duration_health, error_health, line_health, worse};
pub use measure::{Before, Intake, Lines, Measured, Requests, Series};
pub use overview::{Compared, Overview, Service, Stack, failure_stack};
pub use release::{Effect, LOOKBACK_NS, Release, Releases};

use crate::calendar::SECOND_NS;
use crate::histogram::Buckets;
use crate::time_range::Window;

/// The window of the same length before `window`.
#[must_use]
pub fn window_before(window: Window) -> Window {
    Window { from_ns: window.from_ns.saturating_sub(window.length_ns()), to_ns: window.from_ns }
}

/// The bucket that a time is in; `None` outside of all.
fn bucket_of(buckets: &Buckets, ns: i64) -> Option<usize> {
    let index = usize::try_from(ns.checked_sub(buckets.first_ns)?.div_euclid(buckets.step_ns)).ok()?;
    (index < buckets.count).then_some(index)
}

/// The part of a bucket, in seconds, that the window covers: the first and the last are rarely whole.
fn covered_seconds(buckets: &Buckets, window: Window, index: usize) -> f64 {
    let from = buckets.start_ns(index).max(window.from_ns);
    let to = buckets.start_ns(index + 1).min(window.to_ns);
    to.saturating_sub(from).max(0) as f64 / SECOND_NS as f64
}

/// Counts of buckets per second; none where the window covers too little of a bucket to tell.
#[must_use]
pub fn per_second(buckets: &Buckets, window: Window, counts: &[u64]) -> Vec<Option<f64>> {
    let step = buckets.step_ns as f64 / SECOND_NS as f64;
    let rate = |(index, count): (usize, &u64)| {
        let covered = covered_seconds(buckets, window, index);
        (covered >= step / 2.0).then(|| *count as f64 / covered)
    };
    counts.iter().enumerate().map(rate).collect()
}

#[cfg(test)]
mod tests;
