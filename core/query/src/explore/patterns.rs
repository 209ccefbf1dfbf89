//! Patterns of log bodies: how many there are of each, how severe, since when, and an example.

use super::tally::{self, Tally};
use super::{Selection, spelling};
use crate::error::{self, QueryError};
use crate::service::QueryService;
use crate::stats::QueryStats;
use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::{TimestampNanosecondType, UInt8Type};
use datafusion::common::{HashMap, Result, exec_datafusion_err};
use datafusion::logical_expr::{Expr, col};
use lincei_model::pattern::{mask, merge};
use lincei_model::{Table, pattern};
use serde::{Deserialize, Serialize};

/// Patterns in the answer.
const LIMIT_MAX: usize = 1_000;
/// Rows looked at.
const ROWS_MAX: usize = 10_000_000;
/// Patterns told apart before they are merged, in one partition.
const PATTERNS_MAX: usize = 10_000;
/// Bytes of a sample.
const SAMPLE_BYTES: usize = 2 << 10;
/// Levels of severity, and rows without one first.
const LEVELS: [Option<&str>; 7] =
    [None, Some("TRACE"), Some("DEBUG"), Some("INFO"), Some("WARN"), Some("ERROR"), Some("FATAL")];

/// Which patterns to find.
#[derive(Clone, Debug)]
pub struct PatternsRequest {
    /// In which rows of `logs`.
    pub selection: Selection,
    /// Patterns of the answer, 1 to 1,000.
    pub limit: usize,
    /// Rows looked at, at most ten million: those of the newest files and of memory.
    pub rows_max: usize,
}

/// The patterns of log bodies.
#[derive(Clone, Debug, PartialEq)]
pub struct PatternsResult {
    /// The most frequent first.
    pub patterns: Vec<LogPattern>,
    /// Patterns found, those beyond the limit included.
    pub found: u64,
    /// Rows with a body that were looked at.
    pub rows: u64,
    /// Rows that no pattern counts, since there were too many patterns.
    pub uncounted: u64,
    /// Whether there may be rows that were not looked at.
    pub sampled: bool,
    /// The patterns before similar ones are joined, in SQL.
    pub sql: String,
    /// What it cost.
    pub stats: QueryStats,
}

/// One pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPattern {
    /// The body with its values replaced by `<num>`, `<ip>`, `<*>` and so on.
    pub pattern: String,
    /// Rows.
    pub count: u64,
    /// Rows by level, from the least severe; levels that do not occur are left out.
    pub severities: Vec<(Option<String>, u64)>,
    /// Time of the oldest row.
    pub first_ns: i64,
    /// Time of the newest row.
    pub last_ns: i64,
    /// The body of the newest row, up to 2 KiB.
    pub sample: String,
}

impl QueryService {
    /// The most frequent patterns of log bodies.
    ///
    /// # Errors
    /// As [`QueryService::start`]; [`QueryError::Parameter`] for bounds that cannot be.
    pub async fn patterns(&self, request: PatternsRequest) -> Result<PatternsResult, QueryError> {
        let PatternsRequest { selection, limit, rows_max } = request;
        if selection.table != Table::Logs {
            return Err(QueryError::Parameter(format!("table {} has no bodies", selection.table.name())));
        }
        if limit == 0 || limit > LIMIT_MAX {
            return Err(QueryError::Parameter(format!("limit {limit} is not 1 to {LIMIT_MAX}")));
        }
        if rows_max == 0 || rows_max > ROWS_MAX {
            return Err(QueryError::Parameter(format!("rows {rows_max} is not 1 to {ROWS_MAX}")));
        }
        selection.check()?;
        let rows = spelling::from_where(&selection, "body <> ''");
        let sql = format!(
            "SELECT log_pattern(body) AS pattern, count(*) AS count{rows} GROUP BY 1 ORDER BY 2 DESC LIMIT {limit}"
        );
        let chosen = selection.clone();
        let (tallies, stats) = self
            .tallies::<Patterns>(selection.request(sql.clone()), move |scope| {
                let arguments = vec![col("time"), col("severity_number"), col("body")];
                let count = tally::call("patterns", Patterns::default, arguments);
                let plan = chosen.rows(scope)?.limit(0, Some(rows_max));
                let plan = plan.and_then(|plan| plan.aggregate(Vec::<Expr>::new(), vec![count]));
                plan.and_then(|plan| plan.build()).map_err(error::building)
            })
            .await?;
        let tally = tallies.into_iter().next().unwrap_or_default();
        let (rows, uncounted) = (tally.rows, tally.uncounted);
        let sampled = tally.seen >= rows_max as u64;
        let merged = tally.merged();
        let found = merged.len() as u64;
        let patterns = merged.into_iter().take(limit).map(|(pattern, facts)| facts.describe(pattern)).collect();
        Ok(PatternsResult { patterns, found, rows, uncounted, sampled, sql, stats })
    }
}

/// What is known of one pattern.
#[derive(Debug, Serialize, Deserialize)]
struct Facts {
    levels: [u64; LEVELS.len()],
    first_ns: i64,
    last_ns: i64,
    sample: String,
}

impl Facts {
    fn new(time_ns: i64, body: &str) -> Self {
        let sample = body.get(..body.floor_char_boundary(SAMPLE_BYTES)).unwrap_or(body).to_owned();
        Self { levels: [0; LEVELS.len()], first_ns: time_ns, last_ns: time_ns, sample }
    }

    /// The newest row is the sample; of equal times the one whose body comes first, so that the
    /// answer does not depend on the order of rows.
    fn join(&mut self, other: Self) {
        for (sum, more) in self.levels.iter_mut().zip(other.levels) {
            *sum += more;
        }
        self.first_ns = self.first_ns.min(other.first_ns);
        if other.last_ns > self.last_ns || (other.last_ns == self.last_ns && other.sample < self.sample) {
            self.last_ns = other.last_ns;
            self.sample = other.sample;
        }
    }

    fn count(&self) -> u64 {
        self.levels.iter().sum()
    }

    fn describe(self, pattern: String) -> LogPattern {
        let severities = LEVELS.iter().zip(self.levels).filter(|(_, count)| *count > 0);
        LogPattern {
            pattern,
            count: self.count(),
            severities: severities.map(|(name, count)| (name.map(str::to_owned), count)).collect(),
            first_ns: self.first_ns,
            last_ns: self.last_ns,
            sample: self.sample,
        }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Patterns {
    #[serde(with = "tally::pairs")]
    known: HashMap<Box<str>, Facts>,
    /// Rows, those without a body included.
    seen: u64,
    /// Rows with a body.
    rows: u64,
    uncounted: u64,
    /// Merging no longer makes room.
    full: bool,
    #[serde(skip)]
    bytes: usize,
    #[serde(skip)]
    pattern: String,
}

impl Patterns {
    fn add_row(&mut self, time_ns: i64, level: usize, body: &str) {
        self.pattern.clear();
        mask(body, &mut self.pattern);
        self.rows += 1;
        if let Some(facts) = self.known.get_mut(self.pattern.as_str()) {
            if let Some(count) = facts.levels.get_mut(level) {
                *count += 1;
            }
            facts.first_ns = facts.first_ns.min(time_ns);
            if time_ns > facts.last_ns {
                facts.last_ns = time_ns;
                facts.sample.clear();
                facts.sample.push_str(body.get(..body.floor_char_boundary(SAMPLE_BYTES)).unwrap_or(body));
            }
            return;
        }
        let mut facts = Facts::new(time_ns, body);
        if let Some(count) = facts.levels.get_mut(level) {
            *count = 1;
        }
        let pattern = self.pattern.as_str().into();
        self.insert(pattern, facts);
    }

    fn insert(&mut self, pattern: Box<str>, facts: Facts) {
        if self.known.len() >= PATTERNS_MAX && !self.full {
            let merged = std::mem::take(&mut self.known).into_iter().map(|(pattern, facts)| (pattern.into(), facts));
            let merged = merge(merged, Facts::join);
            self.known = merged.into_iter().map(|(pattern, facts)| (pattern.into(), facts)).collect();
            self.full = self.known.len() > PATTERNS_MAX * 3 / 4;
        }
        if let Some(known) = self.known.get_mut(&pattern) {
            known.join(facts);
        } else if self.known.len() >= PATTERNS_MAX {
            self.uncounted += facts.count();
        } else {
            self.bytes += pattern.len() + SAMPLE_BYTES;
            self.known.insert(pattern, facts);
        }
    }

    fn merged(self) -> Vec<(String, Facts)> {
        let known = self.known.into_iter().map(|(pattern, facts)| (pattern.into(), facts));
        let mut merged = merge(known, Facts::join);
        merged.sort_unstable_by(|a, b| b.1.count().cmp(&a.1.count()).then_with(|| a.0.cmp(&b.0)));
        merged
    }
}

impl Tally for Patterns {
    fn add(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let times = columns.first().and_then(|column| column.as_primitive_opt::<TimestampNanosecondType>());
        let numbers = columns.get(1).and_then(|column| column.as_primitive_opt::<UInt8Type>());
        let (Some(times), Some(numbers)) = (times, numbers) else {
            return Err(exec_datafusion_err!("patterns need times and severities"));
        };
        let bodies = tally::text(columns, 2)?;
        for ((body, time), number) in bodies.as_string_view().iter().zip(times.values()).zip(numbers.values()) {
            self.seen += 1;
            let level = match number {
                1..=24 => usize::from((number - 1) / 4) + 1,
                _ => 0,
            };
            if let Some(body) = body.filter(|body| !body.is_empty()) {
                self.add_row(*time, level, body);
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        self.seen += other.seen;
        self.rows += other.rows;
        self.uncounted += other.uncounted;
        for (pattern, facts) in other.known {
            self.insert(pattern, facts);
        }
    }

    fn bytes(&self) -> usize {
        self.bytes.min(PATTERNS_MAX * (pattern::BODY_BYTES_MAX + SAMPLE_BYTES))
    }
}
