//! From a checked statement to a plan that runs.

mod held;
mod interrupt;
mod lane;
mod substring;

pub(crate) use interrupt::Stop;
pub(crate) use lane::Lanes;

use crate::error::{self, QueryError};
use crate::function::search;
use crate::sql::{self, Parsed};
use crate::table::StoredTable;
use datafusion::common::tree_node::{Transformed, TreeNodeRecursion};
use datafusion::common::{Column, Result};
use datafusion::datasource::source_as_provider;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::{Expr, Filter, LogicalPlan, LogicalPlanBuilder, lit};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::scalar::ScalarValue;
use lincei_model::TimeRange;
use std::sync::Arc;

/// Bounds on rows up to this one are put into the plan as a limit, which lets sorts keep only so
/// many rows. A larger limit would make a sort that can spill into one that cannot.
const LIMIT_IN_PLAN_MAX: u64 = 10_000;

/// Plans a statement. `range` restricts the `time` of every stored table that it reads; `rows_max`
/// is the most rows that the answer will have; `stop` ends the plan while it runs.
///
/// # Errors
/// With the place in the text where the planner knows one.
pub(crate) async fn plan(
    state: &SessionState,
    parsed: Parsed<'_>,
    range: Option<TimeRange>,
    rows_max: u64,
    stop: &Stop,
) -> Result<Arc<dyn ExecutionPlan>, QueryError> {
    let Parsed { statement, tokens } = parsed;
    let at = |e| error::planning(e, &tokens);
    let logical = state.statement_to_plan(statement).await.map_err(at)?;
    if !reads_only(&logical).map_err(at)? {
        return Err(sql::forbidden(&tokens));
    }
    let logical = search::rewrite(logical).map_err(at)?;
    to_physical(state, logical, range, rows_max, stop).await.map_err(at)
}

/// As [`plan`], for a plan that was not written as SQL.
///
/// # Errors
/// What the planner says; there is no text that could be wrong.
pub(crate) async fn finish(
    state: &SessionState,
    logical: LogicalPlan,
    range: Option<TimeRange>,
    rows_max: u64,
    stop: &Stop,
) -> Result<Arc<dyn ExecutionPlan>, QueryError> {
    to_physical(state, logical, range, rows_max, stop).await.map_err(error::building)
}

async fn to_physical(
    state: &SessionState,
    logical: LogicalPlan,
    range: Option<TimeRange>,
    rows_max: u64,
    stop: &Stop,
) -> Result<Arc<dyn ExecutionPlan>> {
    let logical = match range {
        Some(range) => restrict_time(logical, range)?,
        None => logical,
    };
    let logical = limit(logical, rows_max)?;
    let physical = state.create_physical_plan(&logical).await?;
    interrupt::interruptible(substring::search_pages(physical)?, stop)
}

fn reads_only(plan: &LogicalPlan) -> Result<bool> {
    let mut reads = true;
    plan.apply_with_subqueries(|node| {
        if matches!(node, LogicalPlan::Ddl(_) | LogicalPlan::Dml(_) | LogicalPlan::Copy(_) | LogicalPlan::Statement(_))
        {
            reads = false;
            return Ok(TreeNodeRecursion::Stop);
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(reads)
}

/// Puts `start <= time AND time < end` above each scan of a stored table.
fn restrict_time(plan: LogicalPlan, range: TimeRange) -> Result<LogicalPlan> {
    let at = |ns| lit(ScalarValue::TimestampNanosecond(Some(ns), Some("UTC".into())));
    plan.transform_up_with_subqueries(|node| {
        let LogicalPlan::TableScan(scan) = &node else { return Ok(Transformed::no(node)) };
        let stored = source_as_provider(&scan.source).is_ok_and(|provider| provider.is::<StoredTable>());
        if !stored {
            return Ok(Transformed::no(node));
        }
        let time = Expr::Column(Column::new(Some(scan.table_name.clone()), "time"));
        let inside = time.clone().gt_eq(at(range.start_ns)).and(time.lt(at(range.end_ns)));
        Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(inside, Arc::new(node))?)))
    })
    .map(|transformed| transformed.data)
}

/// One row more than may be answered, so that a cut is noticed.
fn limit(plan: LogicalPlan, rows_max: u64) -> Result<LogicalPlan> {
    let query = !matches!(plan, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::DescribeTable(_));
    match usize::try_from(rows_max) {
        Ok(rows) if query && rows_max <= LIMIT_IN_PLAN_MAX => {
            LogicalPlanBuilder::from(plan).limit(0, Some(rows + 1))?.build()
        }
        _ => Ok(plan),
    }
}
