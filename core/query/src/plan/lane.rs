//! Long queries give way to short ones.
//!
//! Threads are shared by all queries that run, and a plan of many partitions that never waits has most
//! of them. A query that has run for a while pauses between batches as long as a younger one runs: the
//! younger one gets the threads, and the longer one goes on slowly.

use crate::memory::without_waste;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::execution_plan::CardinalityEffect;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, RecordBatchStream, SendableRecordBatchStream,
};
use futures::{Stream, StreamExt};
use parking_lot::Mutex;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::time::Sleep;

/// A query is young for so long.
const YOUNG: Duration = Duration::from_secs(2);
/// Pause of an old query after each batch of a scan or a join.
const PAUSE: Duration = Duration::from_millis(20);

/// When each running query began.
#[derive(Debug, Default)]
pub(crate) struct Lanes(Mutex<Vec<Instant>>);

/// One running query among the others.
#[derive(Debug)]
pub(crate) struct Lane {
    began: Instant,
    lanes: Arc<Lanes>,
}

impl Lanes {
    /// From now on a query runs, until the lane is dropped.
    pub(crate) fn enter(self: &Arc<Self>, began: Instant) -> Arc<Lane> {
        self.0.lock().push(began);
        Arc::new(Lane { began, lanes: Arc::clone(self) })
    }
}

impl Lane {
    fn gives_way(&self, now: Instant) -> bool {
        let is_young = |began: Instant| now.saturating_duration_since(began) < YOUNG;
        !is_young(self.began) && self.lanes.0.lock().iter().any(|began| is_young(*began))
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut running = self.lanes.0.lock();
        if let Some(at) = running.iter().position(|began| *began == self.began) {
            running.swap_remove(at);
        }
    }
}

/// Gives what its input gives, more slowly while the query has to give way, and without pages that only
/// a few of their rows keep alive.
#[derive(Debug)]
pub(super) struct LaneExec {
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
    lane: Arc<Lane>,
}

impl LaneExec {
    pub(super) fn new(input: Arc<dyn ExecutionPlan>, lane: Arc<Lane>) -> Self {
        let properties = Arc::clone(input.properties());
        Self { input, properties, lane }
    }
}

impl DisplayAs for LaneExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LaneExec")
    }
}

impl ExecutionPlan for LaneExec {
    fn name(&self) -> &'static str {
        "LaneExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children.into_iter().next().ok_or_else(|| exec_datafusion_err!("no input"))?;
        Ok(Arc::new(Self::new(input, Arc::clone(&self.lane))))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, context)?;
        Ok(Box::pin(LaneStream { input, lane: Arc::clone(&self.lane), pause: None }))
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::Equal
    }
}

struct LaneStream {
    input: SendableRecordBatchStream,
    lane: Arc<Lane>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Stream for LaneStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        let next = ready!(self.input.poll_next_unpin(cx));
        if next.is_some() && self.lane.gives_way(Instant::now()) {
            self.pause = Some(Box::pin(tokio::time::sleep(PAUSE)));
        }
        Poll::Ready(next.map(|batch| without_waste(batch?)))
    }
}

impl RecordBatchStream for LaneStream {
    fn schema(&self) -> SchemaRef {
        self.input.schema()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_queries_give_way_to_young_ones() {
        let lanes = Arc::<Lanes>::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let old = lanes.enter(start);
        assert!(!old.gives_way(at(1)), "it is young itself");
        assert!(!old.gives_way(at(3)), "it is alone");
        let young = lanes.enter(at(10));
        assert!(old.gives_way(at(11)));
        assert!(!young.gives_way(at(11)));
        assert!(!old.gives_way(at(12)), "both are old");
        let next = lanes.enter(at(20));
        assert!(old.gives_way(at(21)) && young.gives_way(at(21)));
        drop(next);
        assert!(!old.gives_way(at(21)));
        drop((old, young));
        assert!(lanes.0.lock().is_empty());
    }
}
