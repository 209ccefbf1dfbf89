use super::registry::Entry;
use crate::error::QueryError;
use crate::stats::QueryStats;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use futures::Stream;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc;

/// The answer of a query that runs: a stream of batches, at most 8,192 rows each, in the order of
/// the statement. The last item is an error when the query fails on the way; the batches before it
/// are then a part of the answer. Dropping it cancels the query.
pub struct RunningQuery {
    schema: SchemaRef,
    batches: mpsc::Receiver<RecordBatch>,
    query: CancelOnDrop,
    ended: bool,
}

impl RunningQuery {
    pub(super) const fn new(schema: SchemaRef, batches: mpsc::Receiver<RecordBatch>, query: CancelOnDrop) -> Self {
        Self { schema, batches, query, ended: false }
    }

    /// The columns of the answer.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The id under which it is listed and can be cancelled.
    #[must_use]
    pub fn id(&self) -> &str {
        self.query.0.id()
    }

    /// What it cost so far; final once the stream has ended.
    #[must_use]
    pub fn stats(&self) -> QueryStats {
        self.query.0.stats()
    }
}

impl Stream for RunningQuery {
    type Item = Result<RecordBatch, QueryError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if let Some(batch) = ready!(self.batches.poll_recv(cx)) {
            return Poll::Ready(Some(Ok(batch)));
        }
        self.ended = true;
        // the outcome is set before the channel closes, unless the service's threads are gone
        let outcome = self.query.0.outcome().unwrap_or(Err(QueryError::ShuttingDown));
        Poll::Ready(outcome.err().map(Err))
    }
}

impl fmt::Debug for RunningQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningQuery").field("id", &self.id()).field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// Cancels a query when its reader goes; nothing happens to one that ended.
pub(super) struct CancelOnDrop(Arc<Entry>);

impl CancelOnDrop {
    pub(super) const fn new(entry: Arc<Entry>) -> Self {
        Self(entry)
    }

    pub(super) fn id(&self) -> &str {
        self.0.id()
    }

    pub(super) fn error(&self) -> Option<QueryError> {
        self.0.error()
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel.cancel();
    }
}
