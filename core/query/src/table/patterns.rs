//! Patterns of log bodies from what files know of themselves, where these say the same as the rows.

use super::{Scope, StoredTable, prune};
use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use futures::StreamExt;
use lincei_engine::{Engine, FilePatterns, LiveFile};
use lincei_model::pattern::PatternCounts;
use lincei_model::{Table, TimeRange};
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;

/// Patterns of files that are read at once.
const READS: usize = 16;

/// Files with their patterns, and files that have none.
pub(crate) type Known = (Vec<(Arc<LiveFile>, Arc<FilePatterns>)>, Vec<Arc<LiveFile>>);

/// Reads what files know of their patterns.
pub(crate) async fn known(engine: &Engine, files: Vec<Arc<LiveFile>>) -> Known {
    let read = futures::stream::iter(files).map(|file| async move { (engine.patterns(&file).await, file) });
    let mut read = read.buffered(READS);
    let (mut known, mut rest) = (Vec::new(), Vec::new());
    while let Some((patterns, file)) = read.next().await {
        match patterns {
            Some(patterns) => known.push((file, patterns)),
            None => rest.push(file),
        }
    }
    (known, rest)
}

/// Whether all rows of a file are asked about, and it knows its patterns.
fn is_known(file: &LiveFile, range: TimeRange) -> bool {
    let inside = range.start_ns <= file.min_time_ns && file.max_time_ns < range.end_ns;
    inside && file.patterns.is_some()
}

/// The rows of `logs` that no file knows the patterns of. The patterns of the others are counted when
/// the scan is planned.
pub(crate) struct RowsWithoutPatterns {
    stored: StoredTable,
    range: TimeRange,
    counted: Arc<Mutex<PatternCounts>>,
}

impl RowsWithoutPatterns {
    pub(crate) fn new(scope: Arc<Scope>, counted: Arc<Mutex<PatternCounts>>) -> Self {
        let range = scope.range.unwrap_or(TimeRange::ALL);
        Self { stored: StoredTable::new(Table::Logs, scope), range, counted }
    }

    /// How many rows it has, at most.
    pub(crate) fn rows_max(&self) -> u64 {
        let snapshot = self.stored.scope.snapshot(Table::Logs);
        let memory: usize = snapshot.memory.iter().map(|batch| batch.num_rows()).sum();
        let files = snapshot.files.iter().filter(|file| !is_known(file, self.range));
        files.map(|file| file.rows).sum::<u64>() + memory as u64
    }
}

#[async_trait]
impl TableProvider for RowsWithoutPatterns {
    fn schema(&self) -> SchemaRef {
        self.stored.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        self.stored.supports_filters_pushdown(filters)
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let StoredTable { scope, attributes, .. } = &self.stored;
        let snapshot = scope.snapshot(Table::Logs);
        let (whole, others): (Vec<_>, Vec<_>) =
            snapshot.files.iter().cloned().partition(|file| is_known(file, self.range));
        let mut files = prune::files(state, &self.schema(), attributes, filters, &others);
        scope.counters.prune(others.len() - files.len());
        let (known, unreadable) = known(&scope.engine, whole).await;
        let mut counted = PatternCounts::default();
        known.iter().for_each(|(_, patterns)| patterns.add_to(&mut counted));
        *self.counted.lock() = counted;
        files.extend(unreadable);
        self.stored.part(state, files, projection, filters, limit).await
    }
}

impl fmt::Debug for RowsWithoutPatterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowsWithoutPatterns").field("range", &self.range).finish_non_exhaustive()
    }
}
