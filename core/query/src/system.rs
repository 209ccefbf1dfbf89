//! Tables about the system itself, made when they are read.

mod files;
mod operators;
mod patterns;
mod plugins;
mod queries;

pub use operators::OperatorRow;
pub use plugins::PluginRow;

use crate::service::Registry;
use crate::table::Scope;
use async_trait::async_trait;
use datafusion::arrow::array::{RecordBatch, TimestampNanosecondArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::memory::MemorySourceConfig;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use lincei_catalog::Catalog;
use lincei_engine::Engine;
use lincei_model::{TenantId, timestamp_type};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Their SQL names.
pub(crate) const NAMES: [&str; 5] = [files::NAME, operators::NAME, patterns::NAME, plugins::NAME, queries::NAME];

/// Knows what plugins and pipelines do, which queries do not.
pub trait PluginStatus: Send + Sync {
    /// Installed plugins by name.
    fn plugins(&self) -> Vec<PluginRow>;
    /// Steps of all pipelines, in their order.
    fn operators(&self) -> Vec<OperatorRow>;
}

/// Where the rows come from.
#[derive(Clone)]
pub(crate) struct Sources {
    pub(crate) engine: Engine,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) plugins: Arc<OnceLock<Arc<dyn PluginStatus>>>,
    pub(crate) tenant: TenantId,
}

/// All of them, to register.
pub(crate) fn tables(sources: &Sources, scope: &Arc<Scope>) -> Vec<(&'static str, Arc<dyn TableProvider>)> {
    let table = |schema: SchemaRef, rows: Rows| -> Arc<dyn TableProvider> {
        Arc::new(SystemTable { schema, rows, sources: sources.clone() })
    };
    vec![
        (files::NAME, table(files::schema(), files::rows)),
        (operators::NAME, table(operators::schema(), operators::rows)),
        (plugins::NAME, table(plugins::schema(), plugins::rows)),
        (patterns::NAME, Arc::new(patterns::PatternsTable::new(Arc::clone(scope)))),
        (queries::NAME, table(queries::schema(), queries::rows)),
    ]
}

/// May block: runs beside the runtime.
type Rows = fn(&Sources) -> Result<RecordBatch>;

struct SystemTable {
    schema: SchemaRef,
    rows: Rows,
    sources: Sources,
}

#[async_trait]
impl TableProvider for SystemTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (sources, rows) = (self.sources.clone(), self.rows);
        let batch = tokio::task::spawn_blocking(move || rows(&sources))
            .await
            .map_err(|e| DataFusionError::External(Box::new(e)))??;
        Ok(MemorySourceConfig::try_new_exec(&[vec![batch]], self.schema(), projection.cloned())?)
    }
}

impl fmt::Debug for SystemTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemTable").field("schema", &self.schema).finish_non_exhaustive()
    }
}

fn schema_of(columns: &[(&str, DataType, bool)]) -> SchemaRef {
    let field = |(name, data_type, nullable): &(&str, DataType, bool)| Field::new(*name, data_type.clone(), *nullable);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

fn times(values: impl Iterator<Item = Option<i64>>) -> Arc<TimestampNanosecondArray> {
    Arc::new(TimestampNanosecondArray::from_iter(values).with_data_type(timestamp_type()))
}
