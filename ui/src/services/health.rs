//! When a service is degraded or failing. The rules compare a window with the one of the same length
//! before it, and have floors, so that two errors on a quiet night alarm nobody. The text that the page
//! shows beside the shape (`strings::home`) says the same in words.

use super::measure::{Lines, Requests};
use crate::chart::Health;

/// Fewer failed requests are no trouble.
const FAILURES_MIN: u64 = 10;
/// Fewer requests before tell nothing about what is usual.
const REQUESTS_MIN: u64 = 50;
/// A usual share of failures is taken to be at least this.
const USUAL_SHARE_MIN: f64 = 0.001;
/// Failing whatever was before, and degraded whatever was before.
const SHARES_ALONE: (f64, f64) = (0.2, 0.05);
/// Failing and degraded, if it is so many times the share before.
const SHARES: (f64, f64) = (0.02, 0.005);
const SHARE_TIMES: (f64, f64) = (3.0, 2.0);
/// Failing and degraded, if the 95th percentile is so many times as long and so much longer.
const DURATION_TIMES: (f64, f64) = (3.0, 1.5);
const DURATION_MORE_MS: (f64, f64) = (250.0, 20.0);
/// Error lines: failing and degraded.
const LINES: (u64, u64) = (50, 20);
const LINE_TIMES: (f64, f64) = (10.0, 3.0);
/// A usual number of error lines is taken to be at least this.
const USUAL_LINES_MIN: f64 = 5.0;

/// How many times the usual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Times {
    /// So many.
    Of(f64),
    /// There was none before.
    New,
    /// Too little came before to tell.
    Unknown,
}

impl Times {
    fn of(now: f64, usual: f64, known: bool) -> Self {
        match known {
            false => Self::Unknown,
            true if usual > 0.0 => Self::Of(now / usual),
            true => Self::New,
        }
    }
}

/// Health of a service and what it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The worst of all.
    pub overall: Health,
    /// By failed requests.
    pub errors: Health,
    /// By the 95th percentile of duration.
    pub duration: Health,
    /// By error lines.
    pub lines: Health,
}

fn graded(bad: bool, warn: bool) -> Health {
    if bad {
        Health::Bad
    } else if warn {
        Health::Warn
    } else {
        Health::Ok
    }
}

/// The worse of two; no data is better than trouble and worse than being well.
#[must_use]
pub fn worse(a: Health, b: Health) -> Health {
    if rank(a) >= rank(b) { a } else { b }
}

/// Place in the order of trouble.
pub(super) fn rank(health: Health) -> u8 {
    match health {
        Health::Ok => 0,
        Health::Unknown => 1,
        Health::Warn => 2,
        Health::Bad => 3,
    }
}

/// By failed requests.
#[must_use]
pub fn error_health(now: &Requests, before: &Requests) -> Health {
    let Some(share) = now.share() else { return Health::Unknown };
    if now.failures < FAILURES_MIN {
        return Health::Ok;
    }
    let known = before.requests >= REQUESTS_MIN;
    let times = share / before.share().unwrap_or(0.0).max(USUAL_SHARE_MIN);
    let rises = |least: f64, least_times: f64| known && share >= least && times >= least_times;
    graded(
        share >= SHARES_ALONE.0 || rises(SHARES.0, SHARE_TIMES.0),
        share >= SHARES_ALONE.1 || rises(SHARES.1, SHARE_TIMES.1),
    )
}

/// By the 95th percentile of duration.
#[must_use]
pub fn duration_health(now: &Requests, before: &Requests) -> Health {
    let Some((is, was)) = now.p95_ms.zip(before.p95_ms) else {
        return if now.p95_ms.is_some() { Health::Ok } else { Health::Unknown };
    };
    if now.requests < REQUESTS_MIN || before.requests < REQUESTS_MIN {
        return Health::Ok;
    }
    let longer = |times: f64, more_ms: f64| is >= was * times && is >= was + more_ms;
    graded(longer(DURATION_TIMES.0, DURATION_MORE_MS.0), longer(DURATION_TIMES.1, DURATION_MORE_MS.1))
}

/// By error lines; a service that sent no line before is not judged.
#[must_use]
pub fn line_health(now: &Lines, before: &Lines) -> Health {
    if before.lines == 0 {
        return if now.lines > 0 { Health::Ok } else { Health::Unknown };
    }
    let times = now.errors as f64 / (before.errors as f64).max(USUAL_LINES_MIN);
    let rises = |least: u64, least_times: f64| now.errors >= least && times >= least_times;
    graded(rises(LINES.0, LINE_TIMES.0), rises(LINES.1, LINE_TIMES.1))
}

/// How many times the share of failures before.
#[must_use]
pub(super) fn share_times(now: &Requests, before: &Requests) -> Times {
    let known = before.requests >= REQUESTS_MIN;
    Times::of(now.share().unwrap_or(0.0), before.share().unwrap_or(0.0), known)
}

/// How many times the 95th percentile before.
#[must_use]
pub(super) fn duration_times(now: &Requests, before: &Requests) -> Times {
    Times::of(now.p95_ms.unwrap_or(0.0), before.p95_ms.unwrap_or(0.0), before.p95_ms.is_some())
}

/// How many times the error lines before.
#[must_use]
pub(super) fn line_times(now: &Lines, before: &Lines) -> Times {
    Times::of(now.errors as f64, before.errors as f64, before.lines > 0)
}

/// Whether a bucket shows what makes a service fail more than before.
pub(super) fn is_failing(bucket: &Requests, before: &Requests) -> bool {
    let usual = before.share().unwrap_or(0.0).max(USUAL_SHARE_MIN);
    bucket.failures >= 2 && bucket.share().is_some_and(|share| share >= (usual * SHARE_TIMES.1).max(SHARES.1))
}

/// Whether a bucket shows what makes a service slower than before.
pub(super) fn is_slow(bucket: &Requests, before: &Requests) -> bool {
    let longer = |is: f64, was: f64| is >= was * DURATION_TIMES.1 && is >= was + DURATION_MORE_MS.1;
    bucket.p95_ms.zip(before.p95_ms).is_some_and(|(is, was)| longer(is, was))
}

/// Whether a bucket, one of `count`, has more error lines than its part of those before would be.
pub(super) fn is_loud(bucket: &Lines, before: &Lines, count: usize) -> bool {
    let usual = (before.errors as f64).max(USUAL_LINES_MIN) / count.max(1) as f64;
    bucket.errors >= 2 && bucket.errors as f64 >= usual * LINE_TIMES.1
}
