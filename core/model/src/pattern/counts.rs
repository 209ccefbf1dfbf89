use super::{BODY_BYTES_MAX, mask, merge};
use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Levels of severity from the least, rows without one first.
pub const LEVELS: [Option<&str>; 7] =
    [None, Some("TRACE"), Some("DEBUG"), Some("INFO"), Some("WARN"), Some("ERROR"), Some("FATAL")];

/// Patterns that are told apart before similar ones are merged to make room.
pub const PATTERNS_MAX: usize = 10_000;
/// Bytes of a sample.
const SAMPLE_BYTES: usize = 2 << 10;

/// Place among [`LEVELS`] of a severity number (OpenTelemetry logs data model, "SeverityNumber").
#[must_use]
pub const fn level_of(severity_number: u8) -> usize {
    match severity_number {
        1..=24 => (severity_number as usize - 1) / 4 + 1,
        _ => 0,
    }
}

/// A row, as far as its pattern is concerned.
#[derive(Clone, Copy, Debug)]
pub struct PatternRow<'a> {
    /// The body; rows without one have no pattern.
    pub body: &'a str,
    /// When, in nanoseconds.
    pub time_ns: i64,
    /// Place among [`LEVELS`].
    pub level: usize,
    /// What rows of a pattern are counted by apart; the caller knows what it stands for.
    pub group: u32,
}

/// What is known of one pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternFacts {
    /// Rows by level, as in [`LEVELS`].
    pub levels: [u64; LEVELS.len()],
    /// Time of the oldest row.
    pub first_ns: i64,
    /// Time of the newest row.
    pub last_ns: i64,
    /// The beginning of the newest row's body, up to 2 KiB.
    pub sample: String,
    groups: Vec<(u32, u64)>,
}

impl PatternFacts {
    /// Of rows that were counted before; see [`Self::groups`].
    #[must_use]
    pub const fn new(
        levels: [u64; LEVELS.len()],
        first_ns: i64,
        last_ns: i64,
        sample: String,
        groups: Vec<(u32, u64)>,
    ) -> Self {
        Self { levels, first_ns, last_ns, sample, groups }
    }

    fn of(row: PatternRow<'_>) -> Self {
        Self::new([0; LEVELS.len()], row.time_ns, row.time_ns, start(row.body).to_owned(), Vec::new())
    }

    /// Rows.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.levels.iter().sum()
    }

    /// Rows by group, in the order of groups.
    #[must_use]
    pub fn groups(&self) -> Vec<(u32, u64)> {
        summed(self.groups.clone())
    }

    fn add(&mut self, row: PatternRow<'_>) {
        if let Some(count) = self.levels.get_mut(row.level) {
            *count += 1;
        }
        self.first_ns = self.first_ns.min(row.time_ns);
        // of equal times the body that comes first, so that the order of rows makes no difference
        if row.time_ns > self.last_ns || (row.time_ns == self.last_ns && *start(row.body) < *self.sample) {
            self.last_ns = row.time_ns;
            self.sample.clear();
            self.sample.push_str(start(row.body));
        }
        // rows of one group mostly come together
        match self.groups.last_mut() {
            Some((group, count)) if *group == row.group => *count += 1,
            _ => {
                if self.groups.len() == self.groups.capacity() {
                    self.groups = summed(std::mem::take(&mut self.groups));
                }
                self.groups.push((row.group, 1));
            }
        }
    }

    /// Adds the rows of another.
    pub fn join(&mut self, other: Self) {
        for (sum, more) in self.levels.iter_mut().zip(other.levels) {
            *sum += more;
        }
        self.first_ns = self.first_ns.min(other.first_ns);
        if other.last_ns > self.last_ns || (other.last_ns == self.last_ns && other.sample < self.sample) {
            self.last_ns = other.last_ns;
            self.sample = other.sample;
        }
        self.groups.extend(other.groups);
        self.groups = summed(std::mem::take(&mut self.groups));
    }
}

fn start(body: &str) -> &str {
    body.get(..body.floor_char_boundary(SAMPLE_BYTES)).unwrap_or(body)
}

/// One count for each group, in their order.
fn summed(mut groups: Vec<(u32, u64)>) -> Vec<(u32, u64)> {
    groups.sort_unstable_by_key(|(group, _)| *group);
    groups.dedup_by(|(group, more), (kept, count)| {
        let same = group == kept;
        if same {
            *count += *more;
        }
        same
    });
    groups
}

/// Counts rows by the pattern of their bodies, in bounded memory: 10,000 patterns, of each at most
/// 3 KiB of text and a count for each group.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct PatternCounts {
    known: HashMap<Box<str>, PatternFacts, RandomState>,
    rows: u64,
    uncounted: u64,
    /// Merging no longer makes room.
    full: bool,
    #[serde(skip)]
    pattern: String,
}

impl PatternCounts {
    /// Takes a row. An empty body is none.
    pub fn add(&mut self, row: PatternRow<'_>) {
        if row.body.is_empty() {
            return;
        }
        self.rows += 1;
        self.pattern.clear();
        mask(row.body, &mut self.pattern);
        if let Some(facts) = self.known.get_mut(self.pattern.as_str()) {
            facts.add(row);
            return;
        }
        let mut facts = PatternFacts::of(row);
        facts.add(row);
        let pattern = self.pattern.as_str().into();
        self.insert(pattern, facts);
    }

    /// Takes rows of one pattern that were counted before.
    pub fn add_counted(&mut self, pattern: &str, facts: PatternFacts) {
        self.rows += facts.count();
        self.insert(pattern.into(), facts);
    }

    /// Takes rows that no pattern counts.
    pub const fn add_uncounted(&mut self, rows: u64) {
        self.rows += rows;
        self.uncounted += rows;
    }

    /// Takes what another has counted.
    pub fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.uncounted += other.uncounted;
        for (pattern, facts) in other.known {
            self.insert(pattern, facts);
        }
    }

    fn insert(&mut self, pattern: Box<str>, facts: PatternFacts) {
        if self.known.len() >= PATTERNS_MAX && !self.full {
            let known = std::mem::take(&mut self.known).into_iter().map(|(pattern, facts)| (pattern.into(), facts));
            let merged = merge(known, PatternFacts::join);
            self.known = merged.into_iter().map(|(pattern, facts)| (pattern.into(), facts)).collect();
            // merging again for little room would cost more than it gives
            self.full = self.known.len() > PATTERNS_MAX * 3 / 4;
        }
        if let Some(known) = self.known.get_mut(&pattern) {
            known.join(facts);
        } else if self.known.len() >= PATTERNS_MAX {
            self.uncounted += facts.count();
        } else {
            self.known.insert(pattern, facts);
        }
    }

    /// Rows with a body.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Those of [`Self::rows`] that no pattern counts, because there are too many patterns.
    #[must_use]
    pub const fn uncounted(&self) -> u64 {
        self.uncounted
    }

    /// Patterns that are told apart.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether no row was taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Bytes of the patterns and samples held, at most.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.known.len() * (BODY_BYTES_MAX + SAMPLE_BYTES)
    }

    /// The patterns as [`mask`] gives them, the most frequent first.
    #[must_use]
    pub fn into_patterns(self) -> Vec<(String, PatternFacts)> {
        let mut patterns: Vec<_> = self.known.into_iter().map(|(pattern, facts)| (pattern.into(), facts)).collect();
        sort(&mut patterns);
        patterns
    }

    /// The patterns with those that are similar [merged](merge), the most frequent first.
    #[must_use]
    pub fn merged(self) -> Vec<(String, PatternFacts)> {
        let known = self.known.into_iter().map(|(pattern, facts)| (pattern.into(), facts));
        let mut merged = merge(known, PatternFacts::join);
        sort(&mut merged);
        merged
    }
}

fn sort(patterns: &mut [(String, PatternFacts)]) {
    patterns.sort_unstable_by(|a, b| b.1.count().cmp(&a.1.count()).then_with(|| a.0.cmp(&b.0)));
}
