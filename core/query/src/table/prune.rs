mod bins;

use super::attribute::AttributeColumns;
use super::statistics;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::Session;
use datafusion::common::pruning::PrunableStatistics;
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::conjunction;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use lincei_engine::LiveFile;
use std::sync::Arc;

/// Values of one `IN (…)` that are compared with each file's range.
const IN_LIST_MAX: usize = 100;

/// The files that can have rows for which all `filters` are true, by the ranges in the catalog. A
/// filter that says nothing about ranges leaves every file in.
pub(super) fn files(
    state: &dyn Session,
    schema: &SchemaRef,
    attributes: &AttributeColumns,
    filters: &[Expr],
    files: &[Arc<LiveFile>],
) -> Vec<Arc<LiveFile>> {
    match possible(state, schema, attributes, filters, files) {
        Ok(Some(keep)) => files.iter().zip(keep).filter(|(_, keep)| *keep).map(|(file, _)| Arc::clone(file)).collect(),
        Ok(None) => files.to_vec(),
        Err(error) => {
            tracing::debug!(%error, "files could not be pruned");
            files.to_vec()
        }
    }
}

fn possible(
    state: &dyn Session,
    schema: &SchemaRef,
    attributes: &AttributeColumns,
    filters: &[Expr],
    files: &[Arc<LiveFile>],
) -> Result<Option<Vec<bool>>> {
    let Some(filter) = conjunction(filters.iter().cloned().chain(bins::implied(filters))) else { return Ok(None) };
    if files.is_empty() {
        return Ok(None);
    }
    let columns = DFSchema::try_from(Arc::clone(schema))?;
    let filter = state.create_physical_expr(filter, &columns)?;
    let predicate = PruningPredicateBuilder::new()
        .with_file_schema(Arc::clone(schema))
        .with_max_in_list_size(IN_LIST_MAX)
        .try_build(filter)?;
    if predicate.always_true() {
        return Ok(None);
    }
    let bounds = files.iter().map(|file| Arc::new(statistics::bounds(file, schema, attributes))).collect();
    predicate.prune(&PrunableStatistics::new(bounds, Arc::clone(schema))).map(Some)
}
