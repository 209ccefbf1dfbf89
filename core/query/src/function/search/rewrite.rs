use super::SearchFunction;
use crate::search::{SearchError, lower, parse};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, DataFusionError, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, LogicalPlan};

/// A search text that cannot be used, with the text, so that its place in the SQL can be found.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub(crate) struct SearchFailure {
    /// The argument of `search()`.
    pub(crate) text: Option<String>,
    /// Why.
    pub(crate) error: SearchError,
}

/// Replaces each `search('…')` by predicates on the columns that are in scope at its place.
///
/// # Errors
/// [`SearchFailure`] as an external error.
pub(crate) fn rewrite(plan: LogicalPlan) -> Result<LogicalPlan> {
    plan.transform_up_with_subqueries(|plan| {
        if !calls_search(&plan)? {
            return Ok(Transformed::no(plan));
        }
        let scope = merge_schema(&plan.inputs());
        let names = NamePreserver::new(&plan);
        plan.map_expressions(|expr| {
            let name = names.save(&expr);
            let expr = expr.transform_up(|expr| replace(expr, &scope))?;
            Ok(expr.update_data(|expr| name.restore(expr)))
        })?
        .map_data(LogicalPlan::recompute_schema)
    })
    .map(|transformed| transformed.data)
}

fn calls_search(plan: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    plan.apply_expressions(|expr| {
        found = found || expr.exists(|expr| Ok(is_search(expr)))?;
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

fn is_search(expr: &Expr) -> bool {
    matches!(expr, Expr::ScalarFunction(function) if function.func.inner().is::<SearchFunction>())
}

fn replace(expr: Expr, scope: &DFSchema) -> Result<Transformed<Expr>> {
    let Expr::ScalarFunction(ScalarFunction { func, args }) = &expr else { return Ok(Transformed::no(expr)) };
    if !func.inner().is::<SearchFunction>() {
        return Ok(Transformed::no(expr));
    }
    let text = match args.as_slice() {
        [Expr::Literal(text, _)] => text.try_as_str().flatten(),
        _ => None,
    };
    let Some(text) = text else {
        let error = SearchError { offset: 0, message: "search() takes one text literal".into() };
        return Err(failure(None, error));
    };
    let predicate =
        parse(text).and_then(|search| lower(&search, scope)).map_err(|error| failure(Some(text.to_owned()), error))?;
    Ok(Transformed::yes(predicate))
}

fn failure(text: Option<String>, error: SearchError) -> DataFusionError {
    DataFusionError::External(Box::new(SearchFailure { text, error }))
}
