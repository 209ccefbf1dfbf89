//! Patterns of log bodies: how many there are of each, how severe, since when, and an example.

use super::tally::{self, Tally};
use super::{Selection, spelling};
use crate::error::{self, QueryError};
use crate::service::QueryService;
use crate::stats::QueryStats;
use crate::table::Scope;
use crate::table::patterns::RowsWithoutPatterns;
use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::{TimestampNanosecondType, UInt8Type};
use datafusion::catalog::default_table_source::provider_as_source;
use datafusion::common::{DataFusionError, exec_datafusion_err};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, col, lit};
use datafusion::scalar::ScalarValue;
use lincei_model::Table;
use lincei_model::pattern::{LEVELS, PatternCounts, PatternFacts, PatternRow, level_of};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Patterns in the answer.
const LIMIT_MAX: usize = 1_000;
/// Rows read.
const ROWS_MAX: usize = 10_000_000;

/// Which patterns to find.
#[derive(Clone, Debug)]
pub struct PatternsRequest {
    /// In which rows of `logs`.
    pub selection: Selection,
    /// Patterns of the answer, 1 to 1,000.
    pub limit: usize,
    /// Rows read, at most ten million: those of memory and of the newest files. Rows of files that know
    /// their patterns are counted without.
    pub rows_max: usize,
}

/// The patterns of log bodies.
#[derive(Clone, Debug, PartialEq)]
pub struct PatternsResult {
    /// The most frequent first.
    pub patterns: Vec<LogPattern>,
    /// Patterns found, those beyond the limit included.
    pub found: u64,
    /// Rows with a body that were counted.
    pub rows: u64,
    /// Rows that no pattern counts, since there were too many patterns.
    pub uncounted: u64,
    /// Whether there may be rows that were not counted.
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
        let (chosen, known) = (selection.clone(), Arc::<Mutex<PatternCounts>>::default());
        let counted = Arc::clone(&known);
        let (tallies, stats) = self
            .tallies::<Patterns>(selection.request(sql.clone()), move |scope| {
                let arguments = vec![col("time"), col("severity_number"), col("body")];
                let count = tally::call("patterns", Patterns::default, arguments);
                let plan = rows_to_read(&chosen, scope, counted, rows_max)?;
                let plan = plan.aggregate(Vec::<Expr>::new(), vec![count]);
                plan.and_then(|plan| plan.build()).map_err(error::building)
            })
            .await?;
        let Patterns { mut counts, seen } = tallies.into_iter().next().unwrap_or_default();
        counts.merge(std::mem::take(&mut *known.lock()));
        let (rows, uncounted, sampled) = (counts.rows(), counts.uncounted(), seen >= rows_max as u64);
        let merged = counts.merged();
        let found = merged.len() as u64;
        let patterns = merged.into_iter().take(limit).map(describe).collect();
        Ok(PatternsResult { patterns, found, rows, uncounted, sampled, sql, stats })
    }
}

/// The rows whose patterns no file knows; all that match where there is a condition. A limit keeps rows
/// from being read in parallel, so there is none without need.
fn rows_to_read(
    selection: &Selection,
    scope: &Arc<Scope>,
    counted: Arc<Mutex<PatternCounts>>,
    rows_max: usize,
) -> Result<LogicalPlanBuilder, QueryError> {
    let limited = |plan: LogicalPlanBuilder| plan.limit(0, Some(rows_max)).map_err(error::building);
    if !selection.is_everything()? {
        return limited(selection.rows(scope)?);
    }
    let unknown = RowsWithoutPatterns::new(Arc::clone(scope), counted);
    let is_large = unknown.rows_max() > rows_max as u64;
    let source = provider_as_source(Arc::new(unknown));
    let mut plan = LogicalPlanBuilder::scan(selection.table.name(), source, None).map_err(error::building)?;
    if let Some(range) = scope.range {
        let at = |ns| lit(ScalarValue::TimestampNanosecond(Some(ns), Some("UTC".into())));
        let inside = col("time").gt_eq(at(range.start_ns)).and(col("time").lt(at(range.end_ns)));
        plan = plan.filter(inside).map_err(error::building)?;
    }
    if is_large { limited(plan) } else { Ok(plan) }
}

fn describe((pattern, facts): (String, PatternFacts)) -> LogPattern {
    let severities = LEVELS.iter().zip(facts.levels).filter(|(_, count)| *count > 0);
    LogPattern {
        pattern,
        count: facts.count(),
        severities: severities.map(|(name, count)| (name.map(str::to_owned), count)).collect(),
        first_ns: facts.first_ns,
        last_ns: facts.last_ns,
        sample: facts.sample,
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Patterns {
    counts: PatternCounts,
    /// Rows, those without a body included.
    seen: u64,
}

impl Tally for Patterns {
    fn add(&mut self, columns: &[ArrayRef]) -> Result<(), DataFusionError> {
        let times = columns.first().and_then(|column| column.as_primitive_opt::<TimestampNanosecondType>());
        let numbers = columns.get(1).and_then(|column| column.as_primitive_opt::<UInt8Type>());
        let (Some(times), Some(numbers)) = (times, numbers) else {
            return Err(exec_datafusion_err!("patterns need times and severities"));
        };
        let bodies = tally::text(columns, 2)?;
        for ((body, time_ns), number) in bodies.as_string_view().iter().zip(times.values()).zip(numbers.values()) {
            self.seen += 1;
            let body = body.unwrap_or_default();
            self.counts.add(PatternRow { body, time_ns: *time_ns, level: level_of(*number), group: 0 });
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        self.seen += other.seen;
        self.counts.merge(other.counts);
    }

    fn bytes(&self) -> usize {
        self.counts.bytes()
    }
}
