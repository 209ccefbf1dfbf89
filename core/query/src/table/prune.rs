use super::statistics;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::Session;
use datafusion::common::pruning::PrunableStatistics;
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::conjunction;
use datafusion::physical_optimizer::pruning::PruningPredicate;
use lincei_engine::LiveFile;
use std::sync::Arc;

/// The files that can have rows for which all `filters` are true, by the ranges in the catalog. A
/// filter that says nothing about ranges leaves every file in.
pub(super) fn files(
    state: &dyn Session,
    schema: &SchemaRef,
    filters: &[Expr],
    files: &[Arc<LiveFile>],
) -> Vec<Arc<LiveFile>> {
    match possible(state, schema, filters, files) {
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
    filters: &[Expr],
    files: &[Arc<LiveFile>],
) -> Result<Option<Vec<bool>>> {
    let Some(filter) = conjunction(filters.iter().cloned()) else { return Ok(None) };
    if files.is_empty() {
        return Ok(None);
    }
    let columns = DFSchema::try_from(Arc::clone(schema))?;
    let filter = state.create_physical_expr(filter, &columns)?;
    let predicate = PruningPredicate::try_new(filter, Arc::clone(schema))?;
    if predicate.always_true() {
        return Ok(None);
    }
    let bounds = files.iter().map(|file| Arc::new(statistics::bounds(file, schema))).collect();
    predicate.prune(&PrunableStatistics::new(bounds, Arc::clone(schema))).map(Some)
}
