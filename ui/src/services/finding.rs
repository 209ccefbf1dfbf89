//! What is wrong, one line each: which service, what, since when, and where to look.

use super::health::{Times, duration_times, is_failing, is_loud, is_slow, line_times, rank, share_times, worse};
use super::measure::Requests;
use super::overview::{Overview, Service};
use crate::calendar::MINUTE_NS;
use crate::chart::Health;
use crate::histogram::Buckets;
use crate::order;
use crate::query_text::{SERVICE, SEVERITY, with_term};
use crate::time_range::Window;

/// Buckets at the end that may be calm while a trouble goes on: the newest is not whole, and what is
/// in the one before may still be under way.
const CALM_BUCKETS: usize = 2;
/// A service is silent when nothing was asked of it for this part of the window.
const SILENT_PART: usize = 6;
/// And for at least this long.
const SILENT_NS: i64 = 5 * MINUTE_NS;
/// Fewer requests before make no silence.
const SILENT_REQUESTS_MIN: u64 = 100;

/// What is wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// Requests fail: their share from 0 to 1, and how many.
    Failing {
        /// From 0 to 1.
        share: f64,
        /// How many.
        failures: u64,
        /// Against the share before.
        times: Times,
    },
    /// Requests take longer.
    Slow {
        /// The longest 95th percentile of a bucket, in milliseconds.
        p95_ms: f64,
        /// Against the one before.
        times: Times,
    },
    /// More error lines.
    Loud {
        /// How many.
        errors: u64,
        /// Against those before.
        times: Times,
    },
    /// Nothing is asked of it any more.
    Silent {
        /// Requests in the window before.
        before: u64,
    },
}

/// What is wrong with a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The service.
    pub service: String,
    /// What, the worst first; what goes on, while anything does.
    pub troubles: Vec<Trouble>,
    /// How bad.
    pub health: Health,
    /// When it began; none when it began before the window.
    pub since_ns: Option<i64>,
    /// When it was over; none while it goes on.
    pub until_ns: Option<i64>,
    /// Lines that may tell more: a search and a window.
    pub search: String,
    /// The window of the search.
    pub window: Window,
}

impl Finding {
    /// Whether it goes on.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.until_ns.is_none()
    }
}

/// A stretch of buckets, first and last.
type Run = (usize, usize);

/// A trouble, how bad it is, and when it was there: none when no single bucket shows it.
struct Found {
    trouble: Trouble,
    health: Health,
    run: Option<Run>,
}

/// What is wrong in a window: what goes on first, then the worst, then what began last.
#[must_use]
pub fn findings(overview: &Overview) -> Vec<Finding> {
    let mut all: Vec<Finding> = overview.services.iter().filter_map(|service| of_service(overview, service)).collect();
    let weight = |finding: &Finding| match finding.troubles.first() {
        Some(Trouble::Failing { share, .. }) => 1.0 + share,
        Some(Trouble::Silent { .. }) => 1.0,
        Some(Trouble::Slow { times: Times::Of(times), .. }) => 1.0 - 1.0 / times.max(1.0),
        _ => 0.0,
    };
    order::by(&mut all, |a, b| {
        (b.goes_on().cmp(&a.goes_on()))
            .then_with(|| rank(b.health).cmp(&rank(a.health)))
            .then_with(|| weight(b).total_cmp(&weight(a)))
            .then_with(|| b.since_ns.cmp(&a.since_ns))
            .then_with(|| a.service.cmp(&b.service))
    });
    all
}

fn of_service(overview: &Overview, service: &Service) -> Option<Finding> {
    let (count, buckets) = (overview.buckets.count, &overview.buckets);
    let goes_on = |found: &Found| found.run.is_none_or(|(_, last)| last + 1 + CALM_BUCKETS >= count);
    let mut found = troubles(overview, service);
    let any_goes_on = found.iter().any(goes_on);
    found.retain(|found| !any_goes_on || goes_on(found));
    let health = found.iter().map(|found| found.health).reduce(worse)?;
    let first = found.iter().map(|found| found.run.map(|(first, _)| first)).min()?;
    let last = found.iter().filter_map(|found| found.run.map(|(_, last)| last)).max();
    let since_ns = first.filter(|first| *first > 0).map(|first| buckets.start_ns(first));
    let until_ns = last.filter(|_| !any_goes_on).map(|last| buckets.start_ns(last + 1));
    let says_errors = found.iter().any(|found| matches!(found.trouble, Trouble::Failing { .. } | Trouble::Loud { .. }));
    let search = with_term("", SERVICE, &service.name, false);
    let search =
        if says_errors && service.lines.now.total.errors > 0 { format!("{search} {SEVERITY}:>=ERROR") } else { search };
    Some(Finding {
        service: service.name.clone(),
        troubles: found.into_iter().map(|found| found.trouble).collect(),
        health,
        since_ns,
        until_ns,
        search,
        window: around(buckets, overview.window, since_ns, until_ns),
    })
}

fn troubles(overview: &Overview, service: &Service) -> Vec<Found> {
    let is_trouble = |health: Health| matches!(health, Health::Bad | Health::Warn);
    let health = service.health;
    let mut found: Vec<Found> = silence(overview, service).into_iter().collect();
    if is_trouble(health.errors) {
        found.push(failing(service));
    }
    if is_trouble(health.duration) {
        found.push(slow(service));
    }
    // Failed requests say it already.
    if is_trouble(health.lines) && !is_trouble(health.errors) {
        found.push(loud(service));
    }
    found
}

fn failing(service: &Service) -> Found {
    let (now, before) = (&service.requests.now, &service.requests.before);
    let run = last_run(now.buckets.iter().map(|bucket| is_failing(bucket, before)));
    // While it fails, not diluted by the time before.
    let sum = run.map(|run| {
        within(&now.buckets, run).fold(Requests::default(), |sum, bucket| Requests {
            requests: sum.requests + bucket.requests,
            failures: sum.failures + bucket.failures,
            p95_ms: None,
        })
    });
    let total = sum.unwrap_or(now.total);
    let share = total.share().unwrap_or(0.0);
    let trouble = Trouble::Failing { share, failures: total.failures, times: share_times(&total, before) };
    Found { trouble, health: service.health.errors, run }
}

fn slow(service: &Service) -> Found {
    let (now, before) = (&service.requests.now, &service.requests.before);
    let run = last_run(now.buckets.iter().map(|bucket| is_slow(bucket, before)));
    let longest = run.and_then(|run| within(&now.buckets, run).filter_map(|bucket| bucket.p95_ms).reduce(f64::max));
    let p95_ms = longest.or(now.total.p95_ms);
    let times = duration_times(&Requests { p95_ms, ..now.total }, before);
    Found { trouble: Trouble::Slow { p95_ms: p95_ms.unwrap_or(0.0), times }, health: service.health.duration, run }
}

fn loud(service: &Service) -> Found {
    let (now, before) = (&service.lines.now, &service.lines.before);
    let count = now.buckets.len();
    let run = last_run(now.buckets.iter().map(|bucket| is_loud(bucket, before, count)));
    let trouble = Trouble::Loud { errors: now.total.errors, times: line_times(&now.total, before) };
    let health = if service.serves() { Health::Warn } else { service.health.lines };
    Found { trouble, health, run }
}

fn within<T>(buckets: &[T], (first, last): Run) -> impl Iterator<Item = &T> {
    buckets.iter().take(last + 1).skip(first)
}

/// The time of a trouble with a bucket before and after it.
fn around(buckets: &Buckets, window: Window, since_ns: Option<i64>, until_ns: Option<i64>) -> Window {
    let from_ns = since_ns.map_or(window.from_ns, |ns| ns.saturating_sub(buckets.step_ns).max(window.from_ns));
    let to_ns = until_ns.map_or(window.to_ns, |ns| ns.saturating_add(buckets.step_ns).min(window.to_ns));
    Window { from_ns, to_ns }
}

/// The last run of true ones; a single other one does not end it.
fn last_run(hot: impl Iterator<Item = bool>) -> Option<Run> {
    let hot: Vec<bool> = hot.collect();
    let last = hot.iter().rposition(|hot| *hot)?;
    let mut first = last;
    for (index, is_hot) in hot.iter().enumerate().take(last).rev() {
        match is_hot {
            true => first = index,
            false if first - index > 1 => break,
            false => {}
        }
    }
    Some((first, last))
}

/// That nothing is asked of a service any more, from its last request to the end of the window.
fn silence(overview: &Overview, service: &Service) -> Option<Found> {
    let before = service.requests.before.requests;
    if before < SILENT_REQUESTS_MIN {
        return None;
    }
    let count = overview.buckets.count;
    let counts = &service.requests.now.buckets;
    let heard = counts.iter().rposition(|bucket| bucket.requests > 0).map_or(0, |last| last + 1);
    let quiet = count - heard;
    let long = i64::try_from(quiet).unwrap_or(i64::MAX).saturating_mul(overview.buckets.step_ns) >= SILENT_NS;
    let silent = quiet >= (count / SILENT_PART).max(CALM_BUCKETS) && long;
    let run = Some((heard, count.saturating_sub(1)));
    silent.then_some(Found { trouble: Trouble::Silent { before }, health: Health::Warn, run })
}
