use super::FUNCTION;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Aggregate, Expr, ExprSchemable, LogicalPlan, cast};
use datafusion::optimizer::AnalyzerRule;
use std::sync::Arc;

/// Has `count(DISTINCT x)` of a text answered by the function of this module. Names stay. Left alone
/// are several arguments, `ORDER BY` within the call, and window functions.
///
/// It comes before the optimizer's rules, one of which makes a single `count(DISTINCT x)` two
/// aggregates, of which the first groups by the texts.
#[derive(Debug)]
pub(crate) struct CountDistinctTexts;

impl AnalyzerRule for CountDistinctTexts {
    fn name(&self) -> &str {
        "count_distinct_texts"
    }

    fn analyze(&self, plan: LogicalPlan, _config: &ConfigOptions) -> Result<LogicalPlan> {
        let rewritten = plan.transform_up_with_subqueries(|plan| {
            let LogicalPlan::Aggregate(aggregate) = plan else { return Ok(Transformed::no(plan)) };
            rewrite(aggregate)
        })?;
        Ok(rewritten.data)
    }
}

fn rewrite(aggregate: Aggregate) -> Result<Transformed<LogicalPlan>> {
    let schema = Arc::clone(aggregate.input.schema());
    let names = NamePreserver::new_for_projection();
    let rewritten = |expr: &Expr| {
        let name = names.save(expr);
        let call = expr.clone().transform_up(|expr| counted(expr, &schema))?;
        Ok(call.update_data(|call| name.restore(call)))
    };
    let expressions = aggregate.aggr_expr.iter().map(rewritten).collect::<Result<Vec<Transformed<Expr>>>>()?;
    if !expressions.iter().any(|expr| expr.transformed) {
        return Ok(Transformed::no(LogicalPlan::Aggregate(aggregate)));
    }
    let expressions = expressions.into_iter().map(|expr| expr.data).collect();
    let aggregate = Aggregate::try_new(aggregate.input, aggregate.group_expr, expressions)?;
    Ok(Transformed::yes(LogicalPlan::Aggregate(aggregate)))
}

fn counted(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let Expr::AggregateFunction(AggregateFunction { func, params }) = &expr else { return Ok(Transformed::no(expr)) };
    let AggregateFunctionParams { args, distinct: true, filter, order_by, null_treatment: None } = params else {
        return Ok(Transformed::no(expr));
    };
    let [text] = args.as_slice() else { return Ok(Transformed::no(expr)) };
    if func.name() != "count" || !order_by.is_empty() {
        return Ok(Transformed::no(expr));
    }
    let text = match text.get_type(schema)? {
        DataType::Utf8View => text.clone(),
        DataType::Utf8 | DataType::LargeUtf8 => cast(text.clone(), DataType::Utf8View),
        _ => return Ok(Transformed::no(expr)),
    };
    let function =
        AggregateFunction::new_udf(Arc::clone(&FUNCTION), vec![text], false, filter.clone(), Vec::new(), None);
    Ok(Transformed::yes(Expr::AggregateFunction(function)))
}
