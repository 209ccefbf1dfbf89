//! The newest rows, from where they begin.
//!
//! The newest hundred rows of a table, or of a service, lie in the last minutes; but files are sorted
//! by service first, and a scan that filters while it decodes learns how new rows must be only after a
//! row group of each partition. [`NewestFromSummaries`] tells the table below a sort by time how many
//! rows are wanted, and the table asks the summaries of its newest files since when there are as many:
//!
//! ```text
//! Sort: time DESC, fetch=100              Sort: time DESC, fetch=100
//!   Filter: service = 'api'          →      Filter: service = 'api'
//!     TableScan: logs                         TableScan: logs, the newest 100: time >= 09:41
//! ```
//!
//! Only conditions on `time` and on what summaries count by (service, severity) are counted. Rows in
//! memory and in files without a summary are not, which makes the time earlier and not wrong.

use super::counted::{MINUTE_NS, range_of, uses_time_by_minutes};
use super::{Scope, StoredTable};
use datafusion::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::datatypes::{Int64Type, TimestampNanosecondType};
use datafusion::catalog::Session;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema, Result};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{Expr, LogicalPlan, Sort};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};
use lincei_engine::{LiveFile, count_schema};
use lincei_model::TimeRange;
use std::collections::BTreeMap;
use std::sync::Arc;

/// More rows than this are not looked for.
const ROWS_MAX: usize = 100_000;
/// Files whose summaries are asked, newest first.
const FILES_MAX: usize = 16;

/// See the module. Runs after filters have reached the scan and limits the sort.
#[derive(Debug)]
pub(crate) struct NewestFromSummaries;

impl OptimizerRule for NewestFromSummaries {
    fn name(&self) -> &str {
        "newest_from_summaries"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Sort(Sort { expr, input, fetch: Some(rows @ 1..=ROWS_MAX) }) = &plan else {
            return Ok(Transformed::no(plan));
        };
        let Some(first) = expr.first().filter(|first| !first.asc) else { return Ok(Transformed::no(plan)) };
        let Expr::Column(column) = &first.expr else { return Ok(Transformed::no(plan)) };
        let Some(below) = below(input, column, *rows)? else { return Ok(Transformed::no(plan)) };
        let sort = Sort { expr: expr.clone(), input: Arc::new(below), fetch: Some(*rows) };
        Ok(Transformed::yes(LogicalPlan::Sort(sort)))
    }
}

/// The input of a sort by `column`, told how many rows are wanted; `None` where that cannot be used.
fn below(plan: &LogicalPlan, column: &Column, rows: usize) -> Result<Option<LogicalPlan>> {
    let input = match plan {
        LogicalPlan::Projection(projection) => {
            let place = projection.schema.maybe_index_of_column(column);
            let expr = place.and_then(|place| projection.expr.get(place)).cloned().map(Expr::unalias);
            let Some(Expr::Column(column)) = expr else { return Ok(None) };
            below(&projection.input, &column, rows)?
        }
        LogicalPlan::SubqueryAlias(alias) => {
            let place = alias.schema.maybe_index_of_column(column);
            let Some(place) = place else { return Ok(None) };
            below(&alias.input, &Column::from(alias.input.schema().qualified_field(place)), rows)?
        }
        LogicalPlan::Filter(filter) => told(&filter.input, split_conjunction(&filter.predicate), column, rows)?,
        LogicalPlan::TableScan(_) => return told(plan, Vec::new(), column, rows),
        _ => None,
    };
    input.map(|input| plan.with_new_exprs(plan.expressions(), vec![input])).transpose()
}

/// The scan of a stored table of which only rows that meet the conditions are wanted.
fn told(plan: &LogicalPlan, conditions: Vec<&Expr>, column: &Column, rows: usize) -> Result<Option<LogicalPlan>> {
    let LogicalPlan::TableScan(scan) = plan else { return Ok(None) };
    let Ok(provider) = source_as_provider(&scan.source) else { return Ok(None) };
    let Some(stored) = provider.downcast_ref::<StoredTable>() else { return Ok(None) };
    if column.name != "time" || stored.newest.is_some() || scan.fetch.is_some() {
        return Ok(None);
    }
    let Some(newest) = Newest::new(stored, conditions, rows)? else { return Ok(None) };
    let mut scan = scan.clone();
    scan.source = provider_as_source(Arc::new(StoredTable { newest: Some(Arc::new(newest)), ..stored.clone() }));
    Ok(Some(LogicalPlan::TableScan(scan)))
}

/// How many of the newest rows are wanted, and of which.
#[derive(Debug)]
pub(super) struct Newest {
    rows: usize,
    range: TimeRange,
    /// On columns that summaries count by.
    condition: Option<Expr>,
}

impl Newest {
    fn new(stored: &StoredTable, conditions: Vec<&Expr>, rows: usize) -> Result<Option<Self>> {
        let Some(schema) = count_schema(stored.table) else { return Ok(None) };
        let is_counted = |column: &&Column| column.name != "rows" && schema.column_with_name(&column.name).is_some();
        let mut range = stored.scope.range.unwrap_or(TimeRange::ALL);
        let mut others = Vec::new();
        for condition in conditions {
            if let Some(of_condition) = range_of(condition) {
                range = range.intersect(&of_condition);
            } else if uses_time_by_minutes(condition, false) && condition.column_refs().iter().all(is_counted) {
                others.push(unqualified(condition.clone())?);
            } else {
                return Ok(None);
            }
        }
        Ok(Some(Self { rows, range, condition: conjunction(others) }))
    }

    /// The start of the minute since which the files have as many rows, if they have.
    pub(super) async fn since(
        &self,
        state: &dyn Session,
        scope: &Scope,
        files: &[Arc<LiveFile>],
    ) -> Result<Option<i64>> {
        let mut files: Vec<&Arc<LiveFile>> =
            files.iter().filter(|file| self.range.overlaps(file.min_time_ns, file.max_time_ns)).collect();
        files.sort_by_key(|file| std::cmp::Reverse(file.max_time_ns));
        let mut minutes = BTreeMap::new();
        for file in files.into_iter().take(FILES_MAX) {
            let summary = scope.engine.summary(file).await;
            let Some(counts) = summary.and_then(|summary| summary.counts.clone()) else { continue };
            self.count(state, &counts, &mut minutes)?;
            let mut left = self.rows;
            for (minute, rows) in minutes.iter().rev() {
                left = left.saturating_sub(*rows);
                if left == 0 {
                    return Ok(Some(*minute));
                }
            }
        }
        Ok(None)
    }

    /// Adds what a summary counts in minutes that lie whole in the range.
    fn count(&self, state: &dyn Session, counts: &RecordBatch, minutes: &mut BTreeMap<i64, usize>) -> Result<()> {
        let meet = match &self.condition {
            None => None,
            Some(condition) => {
                let columns = DFSchema::try_from(counts.schema())?;
                let met = state.create_physical_expr(condition.clone(), &columns)?.evaluate(counts)?;
                Some(met.into_array(counts.num_rows())?)
            }
        };
        let meet: Option<&BooleanArray> = meet.as_ref().and_then(|meet| meet.as_boolean_opt());
        let columns = (counts.column(0), counts.columns().last());
        let (Some(times), Some(rows)) = (
            columns.0.as_primitive_opt::<TimestampNanosecondType>(),
            columns.1.and_then(|rows| rows.as_primitive_opt::<Int64Type>()),
        ) else {
            return Ok(());
        };
        for (row, (minute, count)) in times.values().iter().zip(rows.values()).enumerate() {
            let is_whole = self.range.start_ns <= *minute && minute.saturating_add(MINUTE_NS) <= self.range.end_ns;
            let is_met = meet.is_none_or(|meet| meet.is_valid(row) && meet.value(row));
            if is_whole && is_met && (meet.is_some() || self.condition.is_none()) {
                *minutes.entry(*minute).or_default() += usize::try_from(*count).unwrap_or(0);
            }
        }
        Ok(())
    }
}

/// Columns as a summary names them.
fn unqualified(expr: Expr) -> Result<Expr> {
    let expr = expr.transform(|expr| {
        Ok(match expr {
            Expr::Column(column) if column.relation.is_some() => {
                Transformed::yes(Expr::Column(Column::from_name(column.name)))
            }
            other => Transformed::no(other),
        })
    })?;
    Ok(expr.data)
}

#[cfg(test)]
mod tests;
