//! All services of a window beside the one before.

use super::finding::{Finding, findings};
use super::health::{Judgement, duration_health, error_health, line_health, rank, worse};
use super::measure::{Before, Intake, Lines, Measured, Requests, Series};
use crate::calendar::MINUTE_NS;
use crate::chart::Health;
use crate::histogram::Buckets;
use crate::order;
use crate::time_range::Window;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// A window beside the one before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared<S, T> {
    /// The window.
    pub now: S,
    /// The one before.
    pub before: T,
}

/// One service.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Name; empty for what has none.
    pub name: String,
    /// Its requests.
    pub requests: Compared<Series<Requests>, Requests>,
    /// Its log lines.
    pub lines: Compared<Series<Lines>, Lines>,
    /// How it is.
    pub health: Judgement,
}

impl Service {
    fn new(name: &str, measured: &Measured, before: &Before, intake: &Intake) -> Self {
        let requests = Compared {
            now: measured.services.get(name).cloned().unwrap_or_default(),
            before: before.services.get(name).copied().unwrap_or_default(),
        };
        let lines = Compared {
            now: intake.services.get(name).cloned().unwrap_or_default(),
            before: before.lines.get(name).copied().unwrap_or_default(),
        };
        let health = judge(&requests, &lines);
        Self { name: name.to_owned(), requests, lines, health }
    }

    /// Whether it was asked to do something, now or before; others are known by their lines alone.
    #[must_use]
    pub fn serves(&self) -> bool {
        self.requests.now.total.requests > 0 || self.requests.before.requests > 0
    }
}

fn judge(requests: &Compared<Series<Requests>, Requests>, lines: &Compared<Series<Lines>, Lines>) -> Judgement {
    let errors = error_health(&requests.now.total, &requests.before);
    let duration = duration_health(&requests.now.total, &requests.before);
    let loud = line_health(&lines.now.total, &lines.before);
    let serves = requests.now.total.requests > 0 || requests.before.requests > 0;
    let overall = if serves {
        // What it logs makes a service that answers well degraded, but not failing.
        let lines = if loud == Health::Bad { Health::Warn } else { loud };
        let lines = if lines == Health::Unknown { Health::Ok } else { lines };
        worse(worse(errors, duration), lines)
    } else {
        loud
    };
    Judgement { overall, errors, duration, lines: loud }
}

/// What the page shows of a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// The window.
    pub window: Window,
    /// Its buckets.
    pub buckets: Buckets,
    /// Requests of all services.
    pub all: Compared<Series<Requests>, Requests>,
    /// Lines of all services.
    pub all_lines: Compared<Series<Lines>, Lines>,
    /// Services, the worst first; those that send only logs after those that serve.
    pub services: Vec<Service>,
    /// Spans of any kind in each bucket.
    pub spans: Vec<u64>,
    /// Data points of metrics in each bucket.
    pub metrics: Vec<u64>,
    /// Refused records in each bucket.
    pub rejected: Vec<u64>,
}

impl Overview {
    /// Puts the three answers beside each other.
    #[must_use]
    pub fn of(measured: &Measured, before: &Before, intake: &Intake) -> Self {
        let names: BTreeSet<&String> = measured
            .services
            .keys()
            .chain(intake.services.keys())
            .chain(before.services.iter().filter(|(_, requests)| requests.requests > 0).map(|(name, _)| name))
            .collect();
        let mut services: Vec<Service> =
            names.into_iter().map(|name| Service::new(name, measured, before, intake)).collect();
        order::by(&mut services, worst_first);
        Self {
            window: measured.window,
            buckets: measured.buckets,
            all: Compared { now: measured.all.clone(), before: before.all },
            all_lines: Compared { now: intake.all.clone(), before: before.all_lines },
            services,
            spans: measured.spans.clone(),
            metrics: intake.metrics.clone(),
            rejected: intake.rejected.clone(),
        }
    }

    /// Finds what is wrong, and puts the state of each service, which was that of the window, to what goes
    /// on at its end.
    #[must_use]
    pub fn with_findings(mut self) -> (Self, Vec<Finding>) {
        let findings = findings(&self);
        for finding in &findings {
            if let Some(service) = self.services.iter_mut().find(|service| service.name == finding.service) {
                service.health.overall = if finding.goes_on() { finding.health } else { Health::Ok };
            }
        }
        order::by(&mut self.services, worst_first);
        (self, findings)
    }

    /// Whether any service was asked to do something, now or before.
    #[must_use]
    pub fn has_requests(&self) -> bool {
        self.all.now.total.requests > 0 || self.all.before.requests > 0
    }

    /// Services of a state.
    #[must_use]
    pub fn count(&self, health: Health) -> usize {
        self.services.iter().filter(|service| service.health.overall == health).count()
    }
}

/// Trouble first, then the share of failures, then how busy it is.
fn worst_first(a: &Service, b: &Service) -> std::cmp::Ordering {
    let share = |service: &Service| match service.serves() {
        true => service.requests.now.total.share().unwrap_or(0.0),
        false => service.lines.now.total.share().unwrap_or(0.0),
    };
    let busy = |service: &Service| (service.requests.now.total.requests, service.lines.now.total.lines);
    b.serves()
        .cmp(&a.serves())
        .then_with(|| rank(b.health.overall).cmp(&rank(a.health.overall)))
        .then_with(|| share(b).total_cmp(&share(a)))
        .then_with(|| Reverse(busy(a)).cmp(&Reverse(busy(b))))
        .then_with(|| a.name.cmp(&b.name))
}

/// What the chart stacks: a service, or none for all others, with a value per minute for each bucket.
pub type Stack = Vec<(Option<String>, Vec<f64>)>;

/// Failed requests per minute, or error lines where nothing is asked of any service: the services
/// with most of them, at most `places`, and the others as one.
#[must_use]
pub fn failure_stack(overview: &Overview, places: usize) -> Stack {
    let by_lines = !overview.has_requests();
    let per_minute = MINUTE_NS as f64 / overview.buckets.step_ns as f64;
    let values = |service: &Service| -> Vec<u64> {
        match by_lines {
            true => service.lines.now.buckets.iter().map(|lines| lines.errors).collect(),
            false => service.requests.now.buckets.iter().map(|requests| requests.failures).collect(),
        }
    };
    let mut all: Vec<(String, Vec<u64>, u64)> = overview
        .services
        .iter()
        .map(|service| (service.name.clone(), values(service)))
        .map(|(name, counts)| {
            let total = counts.iter().sum();
            (name, counts, total)
        })
        .filter(|(_, _, total)| *total > 0)
        .collect();
    order::by(&mut all, |a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    let rest = all.split_off(all.len().min(places));
    let scaled = |counts: &[u64]| counts.iter().map(|count| *count as f64 * per_minute).collect();
    let mut stack: Stack = all.iter().map(|(name, counts, _)| (Some(name.clone()), scaled(counts))).collect();
    if !rest.is_empty() {
        let mut sum = vec![0; overview.buckets.count];
        for (_, counts, _) in &rest {
            for (slot, count) in sum.iter_mut().zip(counts) {
                *slot += count;
            }
        }
        stack.push((None, scaled(&sum)));
    }
    stack
}
