//! `LIKE '%literal%'` and `ILIKE '%literal%'`, searched through pages and not through rows.
//!
//! Arrow starts a search in each row, and for `ILIKE` a regular expression, which costs more than
//! the search itself. Here the text of many rows, which lies in one piece where it was decoded, is
//! one search, see [`search`]. Only filters of rows are rewritten, as the last step of planning, so
//! that everything that looks for `LIKE` (indexes, statistics, push-down) finds it.

mod search;

use datafusion::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{LikeExpr, Literal};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use search::Needle;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The same plan, whose filters search pages.
///
/// # Errors
/// When DataFusion cannot put the plan together again.
pub(super) fn search_pages(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let rewritten = plan.transform_up(|node| {
        let Some(filter) = node.downcast_ref::<FilterExec>() else { return Ok(Transformed::no(node)) };
        let predicate = Arc::clone(filter.predicate()).transform_up(|expr| {
            Ok(match Contains::of(&expr) {
                Some(contains) => Transformed::yes(Arc::new(contains)),
                None => Transformed::no(expr),
            })
        })?;
        if !predicate.transformed {
            return Ok(Transformed::no(node));
        }
        let filter = FilterExecBuilder::from(filter).with_predicate(predicate.data).build()?;
        Ok(Transformed::yes(Arc::new(filter)))
    })?;
    Ok(rewritten.data)
}

/// A `LIKE` for which a row only has to contain a text.
#[derive(Debug)]
struct Contains {
    /// The [`LikeExpr`] that it was.
    like: Arc<dyn PhysicalExpr>,
    text: Arc<dyn PhysicalExpr>,
    negated: bool,
    needle: Needle,
}

impl Contains {
    fn of(expr: &Arc<dyn PhysicalExpr>) -> Option<Self> {
        let like = expr.downcast_ref::<LikeExpr>()?;
        let literal = like.pattern().downcast_ref::<Literal>()?.value();
        let literal = literal.try_as_str()??.strip_prefix('%')?.strip_suffix('%')?;
        let needle = Needle::new(literal, like.case_insensitive())?;
        Some(Self { like: Arc::clone(expr), text: Arc::clone(like.expr()), negated: like.negated(), needle })
    }
}

impl PartialEq for Contains {
    fn eq(&self, other: &Self) -> bool {
        self.like.eq(&other.like)
    }
}

impl Eq for Contains {}

impl Hash for Contains {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.like.hash(state);
    }
}

impl fmt::Display for Contains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.like.fmt(f)
    }
}

impl PhysicalExpr for Contains {
    fn data_type(&self, schema: &Schema) -> Result<DataType> {
        self.like.data_type(schema)
    }

    fn nullable(&self, schema: &Schema) -> Result<bool> {
        self.like.nullable(schema)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let text = self.text.evaluate(batch)?;
        let ColumnarValue::Array(array) = &text else { return self.like.evaluate(batch) };
        let Some(texts) = array.as_string_view_opt() else { return self.like.evaluate(batch) };
        let found = self.needle.search(texts);
        let found = if self.negated { !&found } else { found };
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::new(found, texts.nulls().cloned()))))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.like]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        match children.as_slice() {
            [like] => Ok(Self::of(like).map_or_else(|| Arc::clone(like), |contains| Arc::new(contains))),
            _ => internal_err!("a search in texts has one child, not {}", children.len()),
        }
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.like.fmt_sql(f)
    }
}
