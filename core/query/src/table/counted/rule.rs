use super::{CountedTable, MINUTE_NS};
use crate::table::StoredTable;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, Result, ScalarValue, TableReference};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn::sum;
use datafusion::logical_expr::expr::{AggregateFunction, ScalarFunction};
use datafusion::logical_expr::logical_plan::TableScanBuilder;
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Expr, Filter, LogicalPlan, LogicalPlanBuilder, Operator, Projection, SubqueryAlias,
    TableScan, lit,
};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};
use lincei_engine::count_schema;
use lincei_model::TimeRange;
use std::sync::Arc;

/// Name of the sum below the projection that gives it its old name.
const SUM: &str = "__rows";

/// Answers `count(*)` from the summaries of files where these can: see [`super`]. Runs after
/// filters have reached the scan and constants are folded.
#[derive(Debug)]
pub(crate) struct CountFromSummaries;

impl OptimizerRule for CountFromSummaries {
    fn name(&self) -> &str {
        "count_from_summaries"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Aggregate(aggregate) = &plan else { return Ok(Transformed::no(plan)) };
        match counted(aggregate)? {
            Some(counted) => Ok(Transformed::yes(counted)),
            None => Ok(Transformed::no(plan)),
        }
    }
}

fn counted(aggregate: &Aggregate) -> Result<Option<LogicalPlan>> {
    let counts_rows = !aggregate.aggr_expr.is_empty() && aggregate.aggr_expr.iter().all(is_count_of_rows);
    if !counts_rows || !aggregate.group_expr.iter().all(|expr| uses_time_by_minutes(expr, false)) {
        return Ok(None);
    }
    // of all rows the catalog knows the number
    if aggregate.group_expr.is_empty() && !aggregate.input.exists(|node| Ok(matches!(node, LogicalPlan::Filter(_))))? {
        return Ok(None);
    }
    let Some(Below { plan, rows }) = below(&aggregate.input, TimeRange::ALL)? else { return Ok(None) };
    let sums = vec![sum(Expr::Column(rows)).alias(SUM)];
    let groups = aggregate.schema.fields().len().saturating_sub(aggregate.aggr_expr.len());
    let above = Aggregate::try_new(Arc::new(plan), aggregate.group_expr.clone(), sums)?;
    let columns = aggregate.schema.iter().enumerate().map(|(i, (qualifier, field))| {
        if i < groups {
            return Expr::Column(Column::new(qualifier.cloned(), field.name()));
        }
        let rows = coalesce(vec![Expr::Column(Column::from_name(SUM)), lit(0_i64)]);
        rows.alias_qualified(qualifier.cloned(), field.name())
    });
    let columns: Vec<Expr> = columns.collect();
    LogicalPlanBuilder::from(LogicalPlan::Aggregate(above)).project(columns)?.build().map(Some)
}

/// `count(*)`, which the planner has as `count(1)`.
fn is_count_of_rows(expr: &Expr) -> bool {
    match expr {
        Expr::Alias(alias) => is_count_of_rows(&alias.expr),
        Expr::AggregateFunction(AggregateFunction { func, params }) => {
            let constant = matches!(params.args.as_slice(), [Expr::Literal(value, _)] if !value.is_null());
            func.name() == "count" && constant && !params.distinct && params.filter.is_none()
        }
        _ => false,
    }
}

/// What an aggregate's input becomes.
struct Below {
    plan: LogicalPlan,
    /// The column with the number of rows that a row stands for.
    rows: Column,
}

/// The input over a counted table, with only rows inside `range`; `None` where it needs more than a
/// summary has.
fn below(plan: &LogicalPlan, range: TimeRange) -> Result<Option<Below>> {
    match plan {
        LogicalPlan::Filter(filter) => below_filter(filter, range),
        LogicalPlan::Projection(projection) => below_projection(projection, range),
        LogicalPlan::SubqueryAlias(alias) => {
            let Some(Below { plan, rows }) = below(&alias.input, range)? else { return Ok(None) };
            let plan = SubqueryAlias::try_new(Arc::new(plan), alias.alias.clone())?;
            let rows = Column::new(Some(alias.alias.clone()), rows.name);
            Ok(Some(Below { plan: LogicalPlan::SubqueryAlias(plan), rows }))
        }
        LogicalPlan::TableScan(scan) => below_scan(scan, range),
        _ => Ok(None),
    }
}

fn below_filter(filter: &Filter, mut range: TimeRange) -> Result<Option<Below>> {
    let mut others = Vec::new();
    for condition in split_conjunction(&filter.predicate) {
        match range_of(condition) {
            Some(of_condition) => range = range.intersect(&of_condition),
            None if uses_time_by_minutes(condition, false) => others.push(condition.clone()),
            None => return Ok(None),
        }
    }
    let Some(Below { plan, rows }) = below(&filter.input, range)? else { return Ok(None) };
    let plan = match conjunction(others) {
        Some(predicate) => LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(plan))?),
        None => plan,
    };
    Ok(Some(Below { plan, rows }))
}

fn below_projection(projection: &Projection, range: TimeRange) -> Result<Option<Below>> {
    if !projection.expr.iter().all(|expr| uses_time_by_minutes(expr, true)) {
        return Ok(None);
    }
    let Some(Below { plan, rows }) = below(&projection.input, range)? else { return Ok(None) };
    let exprs = projection.expr.iter().cloned().chain([Expr::Column(rows.clone())]).collect();
    let plan = LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?);
    Ok(Some(Below { plan, rows }))
}

fn below_scan(scan: &TableScan, range: TimeRange) -> Result<Option<Below>> {
    let Ok(provider) = source_as_provider(&scan.source) else { return Ok(None) };
    let Some(stored) = provider.downcast_ref::<StoredTable>() else { return Ok(None) };
    let Some(schema) = count_schema(stored.table) else { return Ok(None) };
    let known = |name: &str| schema.column_with_name(name).is_some();
    if scan.fetch.is_some() || !scan.projected_schema.fields().iter().all(|field| known(field.name())) {
        return Ok(None);
    }
    let range = stored.scope.range.map_or(range, |of_request| range.intersect(&of_request));
    let Some(counted) = CountedTable::new(stored.table, Arc::clone(&stored.scope), range) else { return Ok(None) };
    let rows = Column::new(Some(TableReference::clone(&scan.table_name)), "rows");
    let source = provider_as_source(Arc::new(counted));
    let plan = TableScanBuilder::new(scan.table_name.clone(), source).build()?;
    Ok(Some(Below { plan: LogicalPlan::TableScan(plan), rows }))
}

/// The range that a condition puts `time` in, `None` when it is another condition.
pub(crate) fn range_of(condition: &Expr) -> Option<TimeRange> {
    match condition {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let (op, ns) = match (is_time(left), is_time(right)) {
                (true, false) => (*op, nanoseconds(right)?),
                (false, true) => (op.swap()?, nanoseconds(left)?),
                _ => return None,
            };
            let after = |ns: i64| ns.checked_add(1);
            Some(match op {
                Operator::GtEq => TimeRange::new(ns, i64::MAX),
                Operator::Gt => TimeRange::new(after(ns)?, i64::MAX),
                Operator::Lt => TimeRange::new(i64::MIN, ns),
                Operator::LtEq => TimeRange::new(i64::MIN, after(ns)?),
                Operator::Eq => TimeRange::new(ns, after(ns)?),
                _ => return None,
            })
        }
        Expr::Between(between) if !between.negated && is_time(&between.expr) => {
            Some(TimeRange::new(nanoseconds(&between.low)?, nanoseconds(&between.high)?.checked_add(1)?))
        }
        _ => None,
    }
}

fn is_time(expr: &Expr) -> bool {
    matches!(expr, Expr::Column(column) if column.name == "time")
}

fn nanoseconds(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Literal(ScalarValue::TimestampNanosecond(Some(ns), _), _) => Some(*ns),
        _ => None,
    }
}

/// Whether an expression has the same value for all times of a minute: it uses `time` only within
/// bins of whole minutes, or, where `passed` says so, is `time` itself. Columns that a summary does
/// not have are found by the scan.
pub(in crate::table) fn uses_time_by_minutes(expr: &Expr, passed: bool) -> bool {
    if passed && is_time(expr) {
        return true;
    }
    let mut fine = true;
    let walked = expr.apply(|expr| {
        if is_bin_of_minutes(expr) {
            return Ok(TreeNodeRecursion::Jump);
        }
        let volatile = matches!(expr, Expr::ScalarFunction(function) if function.func.signature().volatility
            == datafusion::logical_expr::Volatility::Volatile);
        let nested = matches!(expr, Expr::ScalarSubquery(_) | Expr::Exists(_) | Expr::InSubquery(_));
        fine &= !is_time(expr) && !volatile && !nested;
        Ok(TreeNodeRecursion::Continue)
    });
    walked.is_ok() && fine
}

fn is_bin_of_minutes(expr: &Expr) -> bool {
    let Expr::ScalarFunction(ScalarFunction { func, args }) = expr else { return false };
    match (func.name(), args.as_slice()) {
        ("date_trunc", [Expr::Literal(unit, _), time]) if is_time(time) => {
            let units = ["minute", "hour", "day", "week", "month", "quarter", "year"];
            unit.try_as_str().flatten().is_some_and(|unit| units.contains(&unit.to_ascii_lowercase().as_str()))
        }
        ("date_bin", [Expr::Literal(step, _), time]) if is_time(time) => is_of_minutes(step),
        ("date_bin", [Expr::Literal(step, _), time, origin]) if is_time(time) => {
            is_of_minutes(step) && nanoseconds(origin).is_some_and(|ns| ns.rem_euclid(MINUTE_NS) == 0)
        }
        _ => false,
    }
}

fn is_of_minutes(step: &ScalarValue) -> bool {
    match step {
        ScalarValue::IntervalMonthDayNano(Some(step)) => step.nanoseconds.rem_euclid(MINUTE_NS) == 0,
        _ => false,
    }
}
