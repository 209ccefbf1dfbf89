//! Counts of rows from the summaries of files, where these say the same.
//!
//! `count(*)` by minute (or a multiple), service and severity, of all rows or of those selected by
//! these, is the question behind most charts. [`CountFromSummaries`] turns it into a sum over
//! [`CountedTable`], whose rows stand for several:
//!
//! ```text
//! Aggregate: date_trunc('hour', time), count(*)      Aggregate: date_trunc('hour', time), sum(rows)
//!   Filter: time >= … AND severity = 'ERROR'    →      Filter: severity = 'ERROR'
//!     TableScan: logs                                    TableScan: logs by minute, time >= …
//! ```
//!
//! Rows in memory, files without a summary, and files of which the range of time takes a part that
//! no whole minutes make are read as they are, one row each.

mod rule;
#[cfg(test)]
pub(super) mod tests;

pub(super) use rule::uses_time_by_minutes;
pub(crate) use rule::{CountFromSummaries, range_of};

use super::{Scope, StoredTable, prune};
use async_trait::async_trait;
use datafusion::arrow::array::{BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::{SchemaRef, TimestampNanosecondType};
use datafusion::catalog::memory::MemorySourceConfig;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DFSchema, Result, exec_datafusion_err};
use datafusion::datasource::source::DataSourceExec;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType, col, lit};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use datafusion::physical_plan::union::UnionExec;
use datafusion::scalar::ScalarValue;
use futures::StreamExt;
use lincei_engine::{LiveFile, count_schema};
use lincei_model::{Table, TimeRange};
use std::fmt;
use std::sync::Arc;

pub(super) const MINUTE_NS: i64 = 60_000_000_000;
/// Summaries that are read at once.
const READS: usize = 16;

/// A table's rows inside a range of time, several of one minute as one.
pub(crate) struct CountedTable {
    table: Table,
    schema: SchemaRef,
    scope: Arc<Scope>,
    range: TimeRange,
}

impl CountedTable {
    /// `None` for a table whose rows no summary counts.
    fn new(table: Table, scope: Arc<Scope>, range: TimeRange) -> Option<Self> {
        Some(Self { table, schema: count_schema(table)?, scope, range })
    }

    /// Whether the counts of a file's minutes are those of its rows inside the range.
    fn has_whole_minutes_of(&self, file: &LiveFile) -> bool {
        let whole = |ns: i64| ns.rem_euclid(MINUTE_NS) == 0;
        let inside = |from: i64, to: i64| self.range.start_ns <= from && to < self.range.end_ns;
        inside(file.min_time_ns, file.max_time_ns) || (whole(self.range.start_ns) && whole(self.range.end_ns))
    }

    /// The counts of files, and the files that have none for this range.
    async fn counts(&self, files: Vec<Arc<LiveFile>>) -> Result<(Vec<RecordBatch>, Vec<Arc<LiveFile>>)> {
        let summaries = futures::stream::iter(files).map(|file| async move {
            let summary = if self.has_whole_minutes_of(&file) { self.scope.engine.summary(&file).await } else { None };
            (summary.and_then(|summary| summary.counts.clone()), file)
        });
        let summaries: Vec<_> = summaries.buffered(READS).collect().await;
        let (mut counts, mut rest) = (Vec::new(), Vec::new());
        for (summary, file) in summaries {
            match summary {
                Some(summary) => counts.push(self.inside(&file, summary)?),
                None => rest.push(file),
            }
        }
        Ok((counts, rest))
    }

    /// The minutes of a file that lie in the range.
    fn inside(&self, file: &LiveFile, counts: RecordBatch) -> Result<RecordBatch> {
        if self.range.start_ns <= file.min_time_ns && file.max_time_ns < self.range.end_ns {
            return Ok(counts);
        }
        let times = datafusion::common::cast::as_primitive_array::<TimestampNanosecondType>(counts.column(0))?;
        let keep: BooleanArray = times.values().iter().map(|time| Some(self.range.contains(*time))).collect();
        Ok(filter_record_batch(&counts, &keep)?)
    }

    /// Rows as they are, with the columns of a counted table.
    async fn rows(
        &self,
        state: &dyn Session,
        files: Vec<Arc<LiveFile>>,
        filters: &[Expr],
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let own = self.table.schema();
        let keys: Vec<usize> = self.schema.fields().iter().filter_map(|f| own.index_of(f.name()).ok()).collect();
        let at = |ns| lit(ScalarValue::TimestampNanosecond(Some(ns), Some("UTC".into())));
        let inside = col("time").gt_eq(at(self.range.start_ns)).and(col("time").lt(at(self.range.end_ns)));
        let filters: Vec<Expr> = filters.iter().cloned().chain([inside.clone()]).collect();
        let stored = StoredTable::new(self.table, Arc::clone(&self.scope));
        let rows = stored.part(state, files, Some(&keys), &filters, None).await?;
        let columns = DFSchema::try_from(rows.schema())?;
        let rows = Arc::new(FilterExec::try_new(state.create_physical_expr(inside, &columns)?, rows)?);
        let exprs = self.schema.fields().iter().map(|field| {
            let expr = if own.index_of(field.name()).is_ok() { col(field.name().as_str()) } else { lit(1_i64) };
            Ok(ProjectionExpr { expr: state.create_physical_expr(expr, &columns)?, alias: field.name().clone() })
        });
        Ok(Arc::new(ProjectionExec::try_new(exprs.collect::<Result<Vec<_>>>()?, rows)?))
    }

    fn project(
        &self,
        state: &dyn Session,
        plan: Arc<dyn ExecutionPlan>,
        projection: Option<&Vec<usize>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(projection) = projection else { return Ok(plan) };
        let columns = DFSchema::try_from(Arc::clone(&self.schema))?;
        let exprs = projection.iter().filter_map(|index| self.schema.fields().get(*index)).map(|field| {
            let expr = state.create_physical_expr(col(field.name().as_str()), &columns)?;
            Ok(ProjectionExpr { expr, alias: field.name().clone() })
        });
        Ok(Arc::new(ProjectionExec::try_new(exprs.collect::<Result<Vec<_>>>()?, plan)?))
    }
}

#[async_trait]
impl TableProvider for CountedTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let snapshot = self.scope.snapshot(self.table);
        let inside = snapshot.files.iter().filter(|f| self.range.overlaps(f.min_time_ns, f.max_time_ns));
        let inside: Vec<Arc<LiveFile>> = inside.cloned().collect();
        let files = prune::files(state, &self.table.schema(), &super::AttributeColumns::default(), filters, &inside);
        self.scope.counters.prune(snapshot.files.len() - files.len());
        let (counts, rest) = self.counts(files).await?;
        let mut parts: Vec<Arc<dyn ExecutionPlan>> = Vec::with_capacity(2);
        if !rest.is_empty() || !snapshot.memory.is_empty() {
            parts.push(self.rows(state, rest, filters).await?);
        }
        if !counts.is_empty() || parts.is_empty() {
            let source = MemorySourceConfig::try_new(&[counts], self.schema(), None)?.with_show_sizes(false);
            parts.push(DataSourceExec::from_data_source(source));
        }
        let plan = match parts.len() {
            1 => parts.pop().ok_or_else(|| exec_datafusion_err!("no part of a scan"))?,
            _ => UnionExec::try_new(parts)?,
        };
        self.project(state, plan, projection)
    }
}

impl fmt::Debug for CountedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CountedTable").field("table", &self.table).field("range", &self.range).finish_non_exhaustive()
    }
}
