//! Places where a running plan can be stopped.
//!
//! A plan runs on a thread until it waits for something. Operators that make many rows of few, and
//! joins that look at many pairs and keep few, would not wait for minutes, and a query that does not
//! wait can be neither cancelled nor ended by its time limit, and holds a thread that others need.

use super::held::HeldExec;
use super::lane::{Lane, LaneExec};
use datafusion::arrow::datatypes::{DataType, FieldRef, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::execution_plan::{CardinalityEffect, ChildrenPropertiesMode, ReplaceChildrenOptions};
use datafusion::physical_plan::joins::NestedLoopJoinExec;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::windows::WindowAggExec;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// When a query is to stop, and when it gives way to others.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    pub(crate) lane: Arc<Lane>,
    pub(crate) cancel: CancellationToken,
    pub(crate) deadline: Instant,
}

impl Stop {
    pub(crate) fn is_due(&self) -> bool {
        self.cancel.is_cancelled() || Instant::now() >= self.deadline
    }
}

/// The same plan, which counts what windows keep, yields to others between batches and looks at `stop` between steps of a join
/// over all pairs.
///
/// # Errors
/// When DataFusion cannot put the plan together again.
pub(crate) fn interruptible(plan: Arc<dyn ExecutionPlan>, stop: &Stop) -> Result<Arc<dyn ExecutionPlan>> {
    plan.transform_up(|node| {
        if node.children().is_empty() {
            return Ok(Transformed::yes(Arc::new(LaneExec::new(node, Arc::clone(&stop.lane)))));
        }
        let node = match node.downcast_ref::<NestedLoopJoinExec>() {
            Some(join) => checked_join(join, stop)?.unwrap_or(node),
            None => node,
        };
        let node = match held_input(&node) {
            Some(input) => {
                let input = Arc::new(HeldExec::new(Arc::clone(input)));
                node.replace_children(vec![input], ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))?
            }
            None => node,
        };
        match node.cardinality_effect() {
            CardinalityEffect::Equal | CardinalityEffect::LowerEqual => Ok(Transformed::no(node)),
            CardinalityEffect::Unknown | CardinalityEffect::GreaterEqual => {
                let node = Arc::new(CooperativeExec::new(node));
                Ok(Transformed::yes(Arc::new(LaneExec::new(node, Arc::clone(&stop.lane)))))
            }
        }
    })
    .map(|transformed| transformed.data)
}

/// The input whose rows an operator keeps without counting them all.
fn held_input(node: &Arc<dyn ExecutionPlan>) -> Option<&Arc<dyn ExecutionPlan>> {
    if let Some(window) = node.downcast_ref::<WindowAggExec>() {
        return Some(window.input());
    }
    // views in lists count as views alone, and the text that they refer to does not
    let aggregate = node.downcast_ref::<AggregateExec>()?;
    let collects = aggregate.aggr_expr().iter().any(|expr| expr.fun().name() == "array_agg");
    collects.then(|| aggregate.input())
}

fn checked_join(join: &NestedLoopJoinExec, stop: &Stop) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(filter) = join.filter() else { return Ok(None) };
    let expression = Arc::new(Checked { inner: Arc::clone(filter.expression()), stop: stop.clone() });
    let filter = JoinFilter::new(expression, filter.column_indices().to_vec(), Arc::clone(filter.schema()));
    let projection = join.projection().as_ref().map(|columns| columns.to_vec());
    let (left, right) = (Arc::clone(join.left()), Arc::clone(join.right()));
    let join = NestedLoopJoinExec::try_new(left, right, Some(filter), join.join_type(), projection)?;
    Ok(Some(Arc::new(join)))
}

/// An expression that fails once the query is to stop.
#[derive(Debug)]
struct Checked {
    inner: Arc<dyn PhysicalExpr>,
    stop: Stop,
}

impl PartialEq for Checked {
    fn eq(&self, other: &Self) -> bool {
        self.inner.eq(&other.inner)
    }
}

impl Eq for Checked {}

impl Hash for Checked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.hash(state);
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl PhysicalExpr for Checked {
    fn data_type(&self, input_schema: &Schema) -> Result<DataType> {
        self.inner.data_type(input_schema)
    }

    fn nullable(&self, input_schema: &Schema) -> Result<bool> {
        self.inner.nullable(input_schema)
    }

    fn return_field(&self, input_schema: &Schema) -> Result<FieldRef> {
        self.inner.return_field(input_schema)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        if self.stop.is_due() {
            return exec_err!("the query was stopped");
        }
        self.inner.evaluate(batch)
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.inner]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        let inner = children.into_iter().next().unwrap_or_else(|| Arc::clone(&self.inner));
        Ok(Arc::new(Self { inner, stop: self.stop.clone() }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt_sql(f)
    }
}
