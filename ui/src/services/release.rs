//! Versions that appeared: `service.version` of the resource of a service's requests.

use super::answer::{ShapeError, field};
use super::measure::Requests;
use crate::calendar::MINUTE_NS;
use crate::order;
use crate::time_range::Window;
use lincei_api::SqlResponse;
use std::collections::BTreeMap;

/// How far back versions are looked for: six hours.
pub const LOOKBACK_NS: i64 = 360 * MINUTE_NS;
/// Length of the bins of the statement.
const BIN_NS: i64 = 10 * MINUTE_NS;
/// A version that was not seen for longer has been taken away; when it comes back it is a release anew.
const ABSENT_NS: i64 = 3 * BIN_NS;
/// What follows within this time of a release is put beside it.
const AFTER_NS: i64 = 10 * MINUTE_NS;
/// With what this much time before it had.
const BEFORE_NS: i64 = 60 * MINUTE_NS;
/// A release is followed by errors when their share is so many times the one before, and so many fail.
const EFFECT_TIMES: f64 = 2.0;
const EFFECT_FAILURES_MIN: u64 = 5;
const USUAL_SHARE_MIN: f64 = 0.001;

/// What followed a release.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// The share of failed requests was so many times the one before.
    Errors(f64),
    /// Nothing of the kind.
    None,
}

/// A version of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Release {
    /// The service.
    pub service: String,
    /// `service.version`.
    pub version: String,
    /// Its first request after those of another version; none when no other was seen before.
    pub since_ns: Option<i64>,
    /// Whether it is there since before the look back.
    pub is_old: bool,
    /// Its last request.
    pub last_ns: i64,
    /// Whether it is there no more.
    pub gone: bool,
    /// What followed.
    pub effect: Effect,
}

/// Versions of all services.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Releases {
    /// The version that serves, by service.
    pub current: BTreeMap<String, Release>,
    /// Versions that appeared beside or after another one of their service, the last one first.
    pub changes: Vec<Release>,
}

#[derive(Clone, Copy)]
struct Bin {
    start_ns: i64,
    first_ns: i64,
    last_ns: i64,
    requests: Requests,
}

impl Releases {
    /// Reads the answer to [`super::statement::releases`] over `window`.
    ///
    /// # Errors
    /// When a column is missing.
    pub fn read(response: &SqlResponse, window: Window) -> Result<Self, ShapeError> {
        let at = |name| field(response, name);
        let (service, version, bucket) = (at("service")?, at("version")?, at("bucket")?);
        let (first, last, requests, failures) = (at("first")?, at("last")?, at("requests")?, at("failures")?);
        let mut all: BTreeMap<String, BTreeMap<String, Vec<Bin>>> = BTreeMap::new();
        for row in &response.rows {
            let bin = bucket.time(row).zip(first.time(row)).zip(last.time(row));
            let (Some(name), Some(version), Some(((start_ns, first_ns), last_ns))) =
                (service.text(row), version.text(row), bin)
            else {
                continue;
            };
            let requests = Requests { requests: requests.count(row), failures: failures.count(row), p95_ms: None };
            let bins = all.entry(name.to_owned()).or_default().entry(version.to_owned()).or_default();
            bins.push(Bin { start_ns, first_ns, last_ns, requests });
        }
        let mut releases = Self::default();
        for (name, mut versions) in all {
            versions.values_mut().for_each(|bins| order::by_key(bins, |bin| bin.start_ns));
            releases.add_service(&name, &versions, window);
        }
        order::by_key(&mut releases.changes, |release| std::cmp::Reverse(release.since_ns));
        Ok(releases)
    }

    fn add_service(&mut self, name: &str, versions: &BTreeMap<String, Vec<Bin>>, window: Window) {
        let newest_ns = versions.values().flatten().map(|bin| bin.last_ns).max().unwrap_or(window.to_ns);
        let release = |version: &String| {
            let bins = versions.get(version)?;
            let others: Vec<Bin> =
                versions.iter().filter(|(other, _)| *other != version).flat_map(|(_, bins)| bins).copied().collect();
            let run = last_run(bins, &others);
            let (first, last) = run.first().zip(run.last())?;
            // What is there in the first bin may be there since long. And the first that is known of a
            // service is no release: that may be when it began to send.
            let is_old = first.start_ns <= window.from_ns;
            let follows = !is_old && others.iter().any(|bin| bin.first_ns < first.first_ns);
            Some(Release {
                service: name.to_owned(),
                version: version.clone(),
                since_ns: follows.then_some(first.first_ns),
                is_old,
                last_ns: last.last_ns,
                gone: newest_ns.saturating_sub(last.last_ns) > MINUTE_NS,
                effect: if follows { effect(&others, first.first_ns, run) } else { Effect::None },
            })
        };
        let found: Vec<Release> = versions.keys().filter_map(release).collect();
        let current = found.iter().filter(|release| !release.gone).max_by_key(|release| release.since_ns);
        if let Some(current) = current {
            self.current.insert(name.to_owned(), current.clone());
        }
        self.changes.extend(found.into_iter().filter(|release| release.since_ns.is_some()));
    }
}

/// The bins since a version was last away: another one served in the meantime.
fn last_run<'a>(bins: &'a [Bin], others: &[Bin]) -> &'a [Bin] {
    let away = |pair: &[Bin]| match pair {
        [a, b] => {
            let long = b.first_ns.saturating_sub(a.last_ns) > ABSENT_NS;
            long && others.iter().any(|other| (a.last_ns..b.first_ns).contains(&other.last_ns))
        }
        _ => false,
    };
    let start = bins.windows(2).rposition(away).map_or(0, |place| place + 1);
    bins.get(start..).unwrap_or_default()
}

/// The failures of a version at its beginning, beside those of the others before it.
fn effect(others: &[Bin], since_ns: i64, run: &[Bin]) -> Effect {
    let sum = |bins: &mut dyn Iterator<Item = &Bin>| {
        bins.fold(Requests::default(), |sum, bin| Requests {
            requests: sum.requests + bin.requests.requests,
            failures: sum.failures + bin.requests.failures,
            p95_ms: None,
        })
    };
    let after = sum(&mut run.iter().filter(|bin| bin.start_ns < since_ns.saturating_add(AFTER_NS)));
    let before = sum(&mut others.iter().filter(|bin| {
        bin.start_ns.saturating_add(BIN_NS) > since_ns.saturating_sub(BEFORE_NS) && bin.start_ns < since_ns
    }));
    let usual = before.share().unwrap_or(0.0).max(USUAL_SHARE_MIN);
    match after.share().map(|share| share / usual) {
        Some(times) if times >= EFFECT_TIMES && after.failures >= EFFECT_FAILURES_MIN => Effect::Errors(times),
        _ => Effect::None,
    }
}
