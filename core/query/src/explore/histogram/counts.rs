//! Counters of a histogram: one per bucket and series, without hashing where series are few.

use super::buckets::Buckets;
use super::{Counted, Series};
use crate::explore::tally::{self, Tally};
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{Int64Type, TimestampNanosecondType, UInt8Type};
use datafusion::common::{HashMap, Result, exec_datafusion_err};
use serde::{Deserialize, Serialize};

/// Names of the levels of `severity_number`, four numbers each; 0 is none (OpenTelemetry logs data
/// model, "SeverityNumber").
const LEVELS: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
/// Series of [`ByLevel`]: the levels, and rows without one.
const SLOTS: usize = LEVELS.len() + 1;

fn times(columns: &[ArrayRef]) -> Result<&[i64]> {
    let times = columns.first().and_then(|column| column.as_primitive_opt::<TimestampNanosecondType>());
    let times = times.ok_or_else(|| exec_datafusion_err!("a histogram needs times"))?;
    Ok(times.values())
}

/// Rows per bucket and level; all in the slot of no level where there is no second argument.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ByLevel {
    buckets: Buckets,
    /// The last argument is how many rows each stands for.
    weighted: bool,
    /// Those of one bucket lie together.
    counts: Vec<u64>,
}

impl ByLevel {
    pub(super) fn new(buckets: Buckets, weighted: bool) -> Self {
        Self { buckets, weighted, counts: vec![0; buckets.count.saturating_mul(SLOTS)] }
    }

    /// The levels that occur, from the least, rows without one first.
    pub(super) fn finish(self, level: bool) -> Counted {
        let slot = |slot: usize| self.counts.iter().skip(slot).step_by(SLOTS).copied().collect::<Vec<u64>>();
        let unnamed = Series::new(None, slot(0));
        if !level {
            return Counted { series: vec![unnamed], exact: true };
        }
        let levels = LEVELS.iter().enumerate().map(|(i, name)| Series::new(Some((*name).to_owned()), slot(i + 1)));
        let series = std::iter::once(unnamed).chain(levels).filter(|series| series.total > 0).collect();
        Counted { series, exact: true }
    }
}

impl Tally for ByLevel {
    fn add(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let times = times(columns)?;
        let numbers = columns.get(1).and_then(|column| column.as_primitive_opt::<UInt8Type>());
        let numbers = numbers.map(|numbers| numbers.values().as_ref()).unwrap_or_default();
        let weights =
            columns.last().filter(|_| self.weighted).and_then(|column| column.as_primitive_opt::<Int64Type>());
        let weights = weights.map(|weights| weights.values().as_ref()).unwrap_or_default();
        let counts = &mut self.counts;
        self.buckets.each(times, |row, bucket| {
            let slot = match numbers.get(row) {
                Some(number @ 1..=24) => usize::from((number - 1) / 4) + 1,
                _ => 0,
            };
            if let Some(count) = counts.get_mut(bucket * SLOTS + slot) {
                *count += weights.get(row).map_or(1, |rows| rows.unsigned_abs());
            }
        });
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    fn bytes(&self) -> usize {
        self.counts.capacity() * size_of::<u64>()
    }
}

/// Values with counters of their own, in one partition.
const VALUES_MAX: usize = 2_000;
/// Counters of all values, in one partition (16 MiB).
const COUNTERS_MAX: usize = 2 << 20;
/// Values longer than this have no counters of their own.
const VALUE_BYTES_MAX: usize = 1 << 10;

/// Rows per bucket and value.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ByValue {
    buckets: Buckets,
    #[serde(with = "tally::pairs")]
    values: HashMap<Box<str>, Vec<u64>>,
    /// Rows without the field.
    missing: Vec<u64>,
    /// Rows with values that have no counters.
    rest: Vec<u64>,
}

impl ByValue {
    pub(super) fn new(buckets: Buckets) -> Self {
        let zeros = vec![0; buckets.count];
        Self { buckets, values: HashMap::new(), missing: zeros.clone(), rest: zeros }
    }

    fn has_room(&self) -> bool {
        let values = self.values.len() + 1;
        values <= VALUES_MAX && values.saturating_mul(self.buckets.count) <= COUNTERS_MAX
    }

    /// The counters of a value: its own, or those of the rest.
    fn counters(&mut self, value: &str) -> &mut Vec<u64> {
        if !self.values.contains_key(value) {
            if value.len() > VALUE_BYTES_MAX || !self.has_room() {
                return &mut self.rest;
            }
            self.values.insert(value.into(), vec![0; self.buckets.count]);
        }
        self.values.get_mut(value).unwrap_or(&mut self.rest)
    }

    /// The most frequent values, then what is left over, then rows without the field.
    pub(super) fn finish(self, series_max: usize) -> Counted {
        let exact = self.rest.iter().all(|count| *count == 0);
        let mut series: Vec<Series> =
            self.values.into_iter().map(|(name, counts)| Series::new(Some(name.into()), counts)).collect();
        series.sort_unstable_by(|a, b| b.total.cmp(&a.total).then_with(|| a.name.cmp(&b.name)));
        let mut rest = self.rest;
        for less in series.split_off(series.len().min(series_max)) {
            add(&mut rest, &less.counts);
        }
        let rest = Series { is_rest: true, ..Series::new(None, rest) };
        let more = [rest, Series::new(None, self.missing)].into_iter().filter(|series| series.total > 0);
        series.extend(more);
        Counted { series, exact }
    }
}

fn add(sum: &mut [u64], counts: &[u64]) {
    for (sum, count) in sum.iter_mut().zip(counts) {
        *sum += count;
    }
}

impl Tally for ByValue {
    fn add(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let times = times(columns)?;
        let texts = tally::text(columns, 1)?;
        let texts = texts.as_string_view();
        let buckets = self.buckets;
        // rows of one value in one bucket are counted together before its counters are looked up
        let mut runs: HashMap<(u128, usize), (usize, u64)> = HashMap::new();
        buckets.each(times, |row, bucket| {
            let view = texts.views().get(row).copied().unwrap_or_default();
            let view = if texts.is_null(row) { 0 } else { view };
            runs.entry((view, bucket)).or_insert((row, 0)).1 += 1;
        });
        for ((_, bucket), (row, count)) in runs {
            let value = if texts.is_null(row) { "" } else { texts.value(row) };
            let counters = if value.is_empty() { &mut self.missing } else { self.counters(value) };
            if let Some(counter) = counters.get_mut(bucket) {
                *counter += count;
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        add(&mut self.missing, &other.missing);
        add(&mut self.rest, &other.rest);
        for (value, counts) in other.values {
            add(self.counters(&value), &counts);
        }
    }

    fn bytes(&self) -> usize {
        let counters = (self.values.capacity() + 2).saturating_mul(self.buckets.count * size_of::<u64>());
        counters + self.values.keys().map(|value| value.len() + 64).sum::<usize>()
    }
}
