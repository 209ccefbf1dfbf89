//! What was counted, as the statements answer it.

use super::answer::{ShapeError, field};
use super::bucket_of;
use crate::histogram::Buckets;
use crate::time_range::Window;
use lincei_api::SqlResponse;
use std::collections::BTreeMap;

const MS_NS: f64 = 1e6;

/// Requests of a service, or of all, in a window or a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Requests {
    /// How many.
    pub requests: u64,
    /// Those that failed.
    pub failures: u64,
    /// 95 of a hundred took no longer, in milliseconds.
    pub p95_ms: Option<f64>,
}

impl Requests {
    /// The part that failed, from 0 to 1; none without requests.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.failures as f64 / self.requests as f64)
    }
}

/// Log lines of a service, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// How many.
    pub lines: u64,
    /// Those of severity ERROR and above.
    pub errors: u64,
}

impl Lines {
    /// The part that are errors, from 0 to 1; none without lines.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.lines > 0).then(|| self.errors as f64 / self.lines as f64)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.lines += other.lines;
        self.errors += other.errors;
    }
}

/// A window as a whole and in its buckets, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series<T> {
    /// Of the whole window.
    pub total: T,
    /// Of each bucket.
    pub buckets: Vec<T>,
}

impl<T: Clone + Default> Series<T> {
    fn empty(buckets: &Buckets) -> Self {
        Self { total: T::default(), buckets: vec![T::default(); buckets.count] }
    }
}

/// The requests of a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The window.
    pub window: Window,
    /// Its buckets.
    pub buckets: Buckets,
    /// Of all services.
    pub all: Series<Requests>,
    /// Of each service, by name; spans without a service have the empty one.
    pub services: BTreeMap<String, Series<Requests>>,
    /// Spans of any kind in each bucket.
    pub spans: Vec<u64>,
}

impl Measured {
    /// Reads the answer to [`super::statement::requests`].
    ///
    /// # Errors
    /// When a column is missing.
    pub fn read(response: &SqlResponse, window: Window, buckets: Buckets) -> Result<Self, ShapeError> {
        let at = |name| field(response, name);
        let (service, bucket, spans) = (at("service")?, at("bucket")?, at("spans")?);
        let (requests, failures, p95) = (at("requests")?, at("failures")?, at("p95_ns")?);
        let empty = Series::empty(&buckets);
        let mut measured =
            Self { window, buckets, all: empty.clone(), services: BTreeMap::new(), spans: vec![0; buckets.count] };
        for row in &response.rows {
            let value = Requests {
                requests: requests.count(row),
                failures: failures.count(row),
                p95_ms: p95.number(row).map(|ns| ns / MS_NS),
            };
            let series = match service.text(row) {
                Some(name) if value.requests == 0 && !measured.services.contains_key(name) => continue,
                Some(name) => measured.services.entry(name.to_owned()).or_insert_with(|| empty.clone()),
                None => &mut measured.all,
            };
            let Some(at) = bucket.time(row) else {
                series.total = value;
                continue;
            };
            let Some(index) = bucket_of(&buckets, at) else { continue };
            if let Some(slot) = series.buckets.get_mut(index) {
                *slot = value;
            }
            if let (None, Some(slot)) = (service.text(row), measured.spans.get_mut(index)) {
                *slot = spans.count(row);
            }
        }
        Ok(measured)
    }
}

/// Requests and lines of the window before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Before {
    /// Of all services.
    pub all: Requests,
    /// Of each service.
    pub services: BTreeMap<String, Requests>,
    /// Lines of all services.
    pub all_lines: Lines,
    /// Lines of each service.
    pub lines: BTreeMap<String, Lines>,
}

impl Before {
    /// Reads the answer to [`super::statement::before`].
    ///
    /// # Errors
    /// When a column is missing.
    pub fn read(response: &SqlResponse) -> Result<Self, ShapeError> {
        let at = |name| field(response, name);
        let (signal, service) = (at("signal")?, at("service")?);
        let (requests, failures, p95) = (at("requests")?, at("failures")?, at("p95_ns")?);
        let mut before = Self::default();
        for row in &response.rows {
            let (count, bad) = (requests.count(row), failures.count(row));
            let value = Requests { requests: count, failures: bad, p95_ms: p95.number(row).map(|ns| ns / MS_NS) };
            match (signal.text(row), service.text(row)) {
                (Some("spans"), Some(name)) => drop(before.services.insert(name.to_owned(), value)),
                (Some("spans"), None) => before.all = value,
                (_, Some(name)) => {
                    let lines = Lines { lines: count, errors: bad };
                    before.all_lines.add(lines);
                    before.lines.insert(name.to_owned(), lines);
                }
                (_, None) => {}
            }
        }
        Ok(before)
    }
}

/// What else came in, bucket by bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Intake {
    /// Lines of all services.
    pub all: Series<Lines>,
    /// Lines of each service.
    pub services: BTreeMap<String, Series<Lines>>,
    /// Data points.
    pub metrics: Vec<u64>,
    /// Records that were refused.
    pub rejected: Vec<u64>,
}

impl Intake {
    /// Reads the answer to [`super::statement::intake`].
    ///
    /// # Errors
    /// When a column is missing.
    pub fn read(response: &SqlResponse, buckets: &Buckets) -> Result<Self, ShapeError> {
        let at = |name| field(response, name);
        let (signal, service, bucket) = (at("signal")?, at("service")?, at("bucket")?);
        let (records, errors) = (at("records")?, at("errors")?);
        let zeros = vec![0; buckets.count];
        let empty: Series<Lines> = Series::empty(buckets);
        let mut intake =
            Self { all: empty.clone(), services: BTreeMap::new(), metrics: zeros.clone(), rejected: zeros };
        for row in &response.rows {
            let Some(index) = bucket.time(row).and_then(|at| bucket_of(buckets, at)) else { continue };
            let count = records.count(row);
            let plain = match signal.text(row) {
                Some("metrics") => &mut intake.metrics,
                Some("rejects") => &mut intake.rejected,
                _ => {
                    let lines = Lines { lines: count, errors: errors.count(row) };
                    let name = service.text(row).unwrap_or_default().to_owned();
                    let own = intake.services.entry(name).or_insert_with(|| empty.clone());
                    for series in [own, &mut intake.all] {
                        series.total.add(lines);
                        if let Some(slot) = series.buckets.get_mut(index) {
                            slot.add(lines);
                        }
                    }
                    continue;
                }
            };
            if let Some(slot) = plain.get_mut(index) {
                *slot += count;
            }
        }
        Ok(intake)
    }
}
