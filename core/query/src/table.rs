//! A stored table as DataFusion sees it: rows in memory and Parquet files in one plan.
//!
//! ```text
//! UnionExec
//!   DataSourceExec (memory)      rows not yet in a file
//!   DataSourceExec (Parquet)     files that the predicates leave over, newest first
//!   DataSourceExec (Parquet)     the same, where attributes that are wanted lie in the maps
//! ```
//!
//! Planning reads nothing: sizes, row counts and ranges come from the catalog. All scans of one
//! statement see the same snapshot of a table.

pub(crate) mod attribute;
pub(crate) mod counted;
pub(crate) mod newest;
pub(crate) mod patterns;
mod prune;
mod pushdown;
mod reader;
mod statistics;
mod terms;

pub(crate) use counted::range_of;

use crate::stats::ScanCounters;
use async_trait::async_trait;
use attribute::{AttributeColumns, FileAttributeRewrite};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::memory::MemorySourceConfig;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DFSchema, Result, ScalarValue, Statistics, exec_datafusion_err};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::{ParquetAccessPlan, RowGroupAccess};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType, col, lit};
use datafusion::parquet::arrow::arrow_reader::RowSelection;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use datafusion::physical_plan::union::UnionExec;
use lincei_engine::{Engine, LiveFile, PageSet, Snapshot};
use lincei_model::{Table, TenantId, TimeRange};
use newest::Newest;
use parking_lot::Mutex;
use reader::{FileHandle, ReaderFactory};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use terms::FilePages;

/// Under which the engine's object store is registered. It names no place: only plans made here
/// can use it.
pub(crate) const STORE_URL: &str = "lincei://engine";

/// Bytes of a file's end read at first, enough for the footer and page index of most files.
const FOOTER_BYTES: usize = 128 << 10;

/// Rows in memory that are worth a partition of their own.
const MEMORY_ROWS_PER_PARTITION: usize = 32 << 10;

/// What one statement may see.
pub(crate) struct Scope {
    pub(crate) engine: Engine,
    pub(crate) tenant: TenantId,
    /// The request's window, which every scan of a stored table is restricted to by the plan.
    pub(crate) range: Option<TimeRange>,
    pub(crate) counters: Arc<ScanCounters>,
    snapshots: Mutex<HashMap<Table, Arc<Snapshot>>>,
}

impl Scope {
    pub(crate) fn new(engine: Engine, tenant: TenantId, range: Option<TimeRange>, counters: Arc<ScanCounters>) -> Self {
        Self { engine, tenant, range, counters, snapshots: Mutex::default() }
    }

    /// The table as of its first scan in this statement.
    fn snapshot(&self, table: Table) -> Arc<Snapshot> {
        let mut snapshots = self.snapshots.lock();
        let taken = snapshots.entry(table).or_insert_with(|| {
            let range = self.range.unwrap_or(TimeRange::ALL);
            let snapshot = self.engine.snapshot(&self.tenant, table, range);
            self.counters.prune(snapshot.files_pruned);
            Arc::new(snapshot)
        });
        Arc::clone(taken)
    }
}

/// One stored table in one statement.
#[derive(Clone)]
pub(crate) struct StoredTable {
    pub(crate) table: Table,
    scope: Arc<Scope>,
    /// What a plan wants beside the table's columns.
    attributes: Arc<AttributeColumns>,
    /// When only the newest rows are wanted.
    newest: Option<Arc<Newest>>,
}

impl StoredTable {
    pub(crate) fn new(table: Table, scope: Arc<Scope>) -> Self {
        Self { table, scope, attributes: Arc::default(), newest: None }
    }

    /// The same table with columns for these attributes.
    pub(crate) fn with_attributes(&self, attributes: AttributeColumns) -> Self {
        Self { attributes: Arc::new(attributes), ..self.clone() }
    }

    /// The table's columns and those of attributes.
    pub(crate) fn columns(&self) -> SchemaRef {
        self.attributes.schema(&self.table.schema())
    }

    /// Those of `files` that can have rows for which all `filters`, over [`Self::columns`], are true.
    pub(crate) async fn files_with(
        &self,
        state: &dyn Session,
        filters: &[Expr],
        files: Vec<Arc<LiveFile>>,
    ) -> Vec<Arc<LiveFile>> {
        let files = prune::files(state, &self.columns(), &self.attributes, filters, &files);
        let files = terms::prune(&self.scope.engine, &self.attributes, filters, files).await;
        files.into_iter().map(|pages| pages.file).collect()
    }

    fn memory_plan(
        &self,
        snapshot: &Snapshot,
        partitions_max: usize,
        projection: Option<&Vec<usize>>,
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows: usize = snapshot.memory.iter().map(|batch| batch.num_rows()).sum();
        let partitions = rows.div_ceil(MEMORY_ROWS_PER_PARTITION).clamp(1, partitions_max);
        let mut split = vec![Vec::new(); partitions];
        for (i, batch) in snapshot.memory.iter().enumerate() {
            if let Some(partition) = split.get_mut(i % partitions) {
                partition.push(batch.clone());
            }
        }
        let source = MemorySourceConfig::try_new(&split, self.table.schema(), projection.cloned())?
            .with_show_sizes(false)
            .with_limit(limit);
        Ok(DataSourceExec::from_data_source(source))
    }

    /// Adds the attributes, and takes away what was not asked for, above a plan of all of the
    /// table's own columns.
    fn over_maps(
        &self,
        state: &dyn Session,
        plan: Arc<dyn ExecutionPlan>,
        projection: Option<&Vec<usize>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let table = self.table.schema();
        let all: Vec<usize> = (0..self.schema().fields().len()).collect();
        let own = DFSchema::try_from(Arc::clone(&table))?;
        let exprs = self.attributes.over_maps(&table, projection.unwrap_or(&all))?;
        let exprs = exprs
            .into_iter()
            .map(|(expr, alias)| Ok(ProjectionExpr { expr: state.create_physical_expr(expr, &own)?, alias }));
        Ok(Arc::new(ProjectionExec::try_new(exprs.collect::<Result<Vec<_>>>()?, plan)?))
    }

    fn file_plan(
        &self,
        state: &dyn Session,
        files: &[FilePages],
        attributes: &Arc<AttributeColumns>,
        filters: &[Expr],
        projection: Option<&Vec<usize>>,
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = attributes.schema(&self.table.schema());
        let groups = newest_first(files, state.config().target_partitions(), &schema)?;
        let total = Statistics::try_merge_iter(groups.iter().filter_map(|group| group.file_statistics(None)), &schema)?;
        let factory = ReaderFactory::new(
            self.scope.engine.object_store(),
            state.runtime_env().cache_manager.get_file_metadata_cache(),
            Arc::clone(&self.scope.counters),
            Arc::clone(&state.runtime_env().memory_pool),
        );
        let choice = pushdown::choose(filters);
        let source = ParquetSource::new(Arc::clone(&schema))
            .with_table_parquet_options(state.table_options().parquet.clone())
            .with_pushdown_filters(choice.rows)
            .with_reorder_filters(choice.reorder)
            .with_enable_page_index(true)
            .with_bloom_filter_on_read(false)
            .with_metadata_size_hint(FOOTER_BYTES)
            .with_parquet_file_reader_factory(Arc::new(factory));
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::parse(STORE_URL)?, Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(total)
            .with_projection_indices(projection.cloned())?
            .with_expr_adapter(Some(Arc::new(FileAttributeRewrite::new(Arc::clone(attributes)))))
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

/// Files dealt out to at most `partitions` groups, each newest first: a newest-first top-k then
/// finds its rows early and skips the rest.
fn newest_first(files: &[FilePages], partitions: usize, schema: &SchemaRef) -> Result<Vec<FileGroup>> {
    let mut files: Vec<&FilePages> = files.iter().collect();
    files.sort_by_key(|FilePages { file, .. }| std::cmp::Reverse((file.max_time_ns, file.min_time_ns, file.id)));
    let partitions = partitions.clamp(1, files.len().max(1));
    let mut split: Vec<Vec<PartitionedFile>> = vec![Vec::new(); partitions];
    for (i, FilePages { file, pages }) in files.into_iter().enumerate() {
        let facts = statistics::facts(file, schema);
        let mut partitioned = PartitionedFile::new(file.path.clone(), file.bytes)
            .with_statistics(Arc::new(facts))
            .with_extension(FileHandle(Arc::clone(file)));
        if let Some(pages) = pages {
            partitioned = partitioned.with_extension(access_plan(pages));
        }
        if let Some(group) = split.get_mut(i % partitions) {
            group.push(partitioned);
        }
    }
    split
        .into_iter()
        .map(|files| {
            let merged = Statistics::try_merge_iter(files.iter().filter_map(|f| f.statistics.as_deref()), schema)?;
            Ok(FileGroup::new(files).with_statistics(Arc::new(merged)))
        })
        .collect()
}

/// Only the pages that are in the set.
fn access_plan(pages: &PageSet) -> ParquetAccessPlan {
    let groups = pages.row_groups().into_iter().map(|(rows, ranges)| match ranges.as_slice() {
        [] => RowGroupAccess::Skip,
        [whole] if *whole == (0..rows) => RowGroupAccess::Scan,
        _ => RowGroupAccess::Selection(RowSelection::from_consecutive_ranges(ranges.into_iter(), rows)),
    });
    ParquetAccessPlan::new(groups.collect())
}

#[async_trait]
impl TableProvider for StoredTable {
    fn schema(&self) -> SchemaRef {
        self.attributes.schema(&self.table.schema())
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Inexact: a filter stays in the plan, and the optimizer pushes it into the Parquet scan.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let snapshot = self.scope.snapshot(self.table);
        let since = match &self.newest {
            Some(newest) => newest.since(state, &self.scope, &snapshot.files).await?,
            None => None,
        };
        let late =
            since.map(|ns| col("time").gt_eq(lit(ScalarValue::TimestampNanosecond(Some(ns), Some("UTC".into())))));
        let filters: Vec<Expr> = filters.iter().cloned().chain(late.clone()).collect();
        let files = prune::files(state, &self.schema(), &self.attributes, &filters, &snapshot.files);
        self.scope.counters.prune(snapshot.files.len() - files.len());
        let plan = self.part(state, files, projection, &filters, limit).await?;
        let Some(late) = late else { return Ok(plan) };
        let columns = DFSchema::try_from(plan.schema())?;
        Ok(Arc::new(FilterExec::try_new(state.create_physical_expr(late, &columns)?, plan)?))
    }
}

impl StoredTable {
    /// The rows of some files, of the table's own columns.
    pub(crate) async fn of_files(
        &self,
        state: &dyn Session,
        files: Vec<Arc<LiveFile>>,
        projection: &Vec<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let files = terms::prune(&self.scope.engine, &self.attributes, &[], files).await;
        self.file_plan(state, &files, &Arc::default(), &[], Some(projection), None)
    }

    /// The rows in memory and those of some files.
    async fn part(
        &self,
        state: &dyn Session,
        files: Vec<Arc<LiveFile>>,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let snapshot = self.scope.snapshot(self.table);
        let asked = files.len();
        let files = terms::prune(&self.scope.engine, &self.attributes, filters, files).await;
        self.scope.counters.prune(asked - files.len());
        let partitions = state.config().target_partitions();
        let (columns, maps): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|pages| self.attributes.are_columns_of(&pages.file));
        let mut parts = Vec::with_capacity(3);
        if !snapshot.memory.is_empty() || (columns.is_empty() && maps.is_empty()) {
            parts.push(if self.attributes.is_empty() {
                self.memory_plan(&snapshot, partitions, projection, limit)?
            } else {
                let memory = self.memory_plan(&snapshot, partitions, None, limit)?;
                self.over_maps(state, memory, projection)?
            });
        }
        if !columns.is_empty() {
            parts.push(self.file_plan(state, &columns, &self.attributes, filters, projection, limit)?);
        }
        if !maps.is_empty() {
            let plan = self.file_plan(state, &maps, &Arc::default(), filters, None, limit)?;
            parts.push(self.over_maps(state, plan, projection)?);
        }
        match parts.len() {
            1 => parts.pop().ok_or_else(|| exec_datafusion_err!("no part of a scan")),
            _ => UnionExec::try_new(parts),
        }
    }
}

impl fmt::Debug for StoredTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredTable").field("table", &self.table).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
