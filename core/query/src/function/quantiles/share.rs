use super::group::Kind;
use super::{EXACT, SKETCH};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, Result, ScalarValue};
use datafusion::functions_nested::extract::array_element;
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::{Aggregate, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, cast, lit};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};
use std::sync::Arc;

/// Answers `approx_percentile_cont(x, q)`, `approx_median(x)` and `percentile_cont(x, q)`, in
/// either syntax, by `quantiles(x, […])` and `quantiles_exact(x, […])`, one for all of the same
/// numbers and the same `FILTER`:
///
/// ```text
/// Aggregate: approx_percentile_cont(x, 0.5), approx_percentile_cont(x, 0.9), sum(x)
///
/// Projection: q[1] AS approx_percentile_cont(x, 0.5), q[2] AS approx_percentile_cont(x, 0.9), sum(x)
///   Aggregate: quantiles(x, [0.5, 0.9]) AS q, sum(x)
/// ```
///
/// Names and types stay. Left alone are DISTINCT, a third argument (which asks for a t-digest of
/// that size), a quantile that is no number from 0 to 1 (which then fails as it always did), and
/// window functions.
#[derive(Debug)]
pub(crate) struct ShareQuantiles;

impl OptimizerRule for ShareQuantiles {
    fn name(&self) -> &str {
        "share_quantiles"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, _config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Aggregate(aggregate) = plan else { return Ok(Transformed::no(plan)) };
        if aggregate.aggr_expr.iter().all(|expr| wanted(expr).is_none()) {
            return Ok(Transformed::no(LogicalPlan::Aggregate(aggregate)));
        }
        share(aggregate).map(Transformed::yes)
    }
}

/// One quantile of an aggregate.
struct Wanted<'a> {
    kind: Kind,
    numbers: &'a Expr,
    q: f64,
    params: &'a AggregateFunctionParams,
}

fn wanted(expr: &Expr) -> Option<Wanted<'_>> {
    let AggregateFunction { func, params } = match expr {
        Expr::AggregateFunction(function) => function,
        Expr::Alias(alias) => return wanted(&alias.expr),
        _ => return None,
    };
    let (kind, numbers, q) = match (func.name(), params.args.as_slice()) {
        ("approx_percentile_cont", [numbers, q]) => (Kind::Sketch, numbers, literal(q)?),
        ("percentile_cont", [numbers, q]) => (Kind::Exact, numbers, literal(q)?),
        ("approx_median", [numbers]) => (Kind::Sketch, numbers, 0.5),
        _ => return None,
    };
    let descending = params.order_by.first().is_some_and(|sort| !sort.asc);
    let known = !params.distinct && params.null_treatment.is_none() && (0.0..=1.0).contains(&q);
    known.then_some(Wanted { kind, numbers, q: if descending { 1.0 - q } else { q }, params })
}

fn literal(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Literal(ScalarValue::Float64(q), _) => *q,
        _ => None,
    }
}

/// Quantiles of the same numbers.
struct Shared<'a> {
    first: Wanted<'a>,
    /// Whether the numbers are doubles already.
    double: bool,
    list: Vec<f64>,
}

/// Where the value of an aggregate expression comes from.
enum Source {
    Kept,
    /// A place in the list of a shared function, counted from 1.
    Shared(usize, i64),
}

fn share(aggregate: Aggregate) -> Result<LogicalPlan> {
    let Aggregate { input, group_expr, aggr_expr, schema, .. } = aggregate;
    let mut shared: Vec<Shared<'_>> = Vec::new();
    let mut sources = Vec::with_capacity(aggr_expr.len());
    for expr in &aggr_expr {
        let Some(wanted) = wanted(expr) else {
            sources.push(Source::Kept);
            continue;
        };
        sources.push(match wanted.numbers.get_type(input.schema())? {
            DataType::Float64 => place(&mut shared, wanted, true),
            DataType::Float16 | DataType::Float32 => place(&mut shared, wanted, false),
            _ => Source::Kept,
        });
    }
    let kept = aggr_expr.iter().zip(&sources).filter(|(_, source)| matches!(source, Source::Kept));
    let mut expressions: Vec<Expr> = kept.map(|(expr, _)| expr.clone()).collect();
    expressions.extend(shared.iter().enumerate().map(|(i, shared)| shared.function().alias(name(i))));

    let groups = schema.fields().len().saturating_sub(aggr_expr.len());
    let above = Aggregate::try_new(input, group_expr, expressions)?;
    let columns = schema.iter().enumerate().map(|(i, (qualifier, field))| {
        match i.checked_sub(groups).and_then(|i| sources.get(i)) {
            Some(Source::Shared(function, place)) => {
                let item = array_element(Expr::Column(Column::from_name(name(*function))), lit(*place));
                let item = match field.data_type() {
                    DataType::Float64 => item,
                    other => cast(item, other.clone()),
                };
                item.alias_qualified(qualifier.cloned(), field.name())
            }
            _ => Expr::Column(Column::new(qualifier.cloned(), field.name())),
        }
    });
    let columns: Vec<Expr> = columns.collect();
    LogicalPlanBuilder::from(LogicalPlan::Aggregate(above)).project(columns)?.build()
}

fn name(i: usize) -> String {
    format!("__quantiles_{i}")
}

fn place<'a>(shared: &mut Vec<Shared<'a>>, wanted: Wanted<'a>, double: bool) -> Source {
    let same = |one: &Shared<'_>| {
        (one.first.kind, one.first.numbers, &one.first.params.filter)
            == (wanted.kind, wanted.numbers, &wanted.params.filter)
    };
    let at = shared.iter().position(same).unwrap_or(shared.len());
    if at == shared.len() {
        shared.push(Shared { first: wanted, double, list: Vec::new() });
        return shared.last_mut().map_or(Source::Kept, |new| new.ask(at, new.first.q));
    }
    shared.get_mut(at).map_or(Source::Kept, |one| one.ask(at, wanted.q))
}

impl Shared<'_> {
    fn ask(&mut self, at: usize, q: f64) -> Source {
        let place = self.list.iter().position(|other| *other == q).unwrap_or(self.list.len());
        if place == self.list.len() {
            self.list.push(q);
        }
        Source::Shared(at, i64::try_from(place + 1).unwrap_or(i64::MAX))
    }

    fn function(&self) -> Expr {
        let function = match self.first.kind {
            Kind::Sketch => &SKETCH,
            Kind::Exact => &EXACT,
        };
        let items: Vec<ScalarValue> = self.list.iter().map(|q| ScalarValue::Float64(Some(*q))).collect();
        let list = ScalarValue::List(ScalarValue::new_list_nullable(&items, &DataType::Float64));
        let numbers = self.first.numbers.clone();
        let numbers = if self.double { numbers } else { cast(numbers, DataType::Float64) };
        let filter = self.first.params.filter.clone();
        Expr::AggregateFunction(AggregateFunction::new_udf(
            Arc::clone(function),
            vec![numbers, lit(list)],
            false,
            filter,
            Vec::new(),
            None,
        ))
    }
}
