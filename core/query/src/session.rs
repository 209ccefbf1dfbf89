//! DataFusion set up once, and a session a statement made from it.

use crate::error::QueryError;
use crate::function;
use crate::function::attribute::{AttributeAccess, TryCastAttributes};
use crate::function::count_distinct::CountDistinctTexts;
use crate::function::quantiles::ShareQuantiles;
use crate::function::user::UserFunctions;
use crate::memory::QueryPool;
use crate::options::QueryOptions;
use crate::table::attribute::AttributesFromScans;
use crate::table::counted::CountFromSummaries;
use crate::table::newest::NewestFromSummaries;
use crate::table::{STORE_URL, Scope, StoredTable};
use chrono::DateTime;
use datafusion::catalog::memory::{MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider};
use datafusion::catalog::{CatalogProvider, CatalogProviderList, SchemaProvider, TableProvider};
use datafusion::error::Result;
use datafusion::execution::FunctionRegistry as _;
use datafusion::execution::SessionStateDefaults;
use datafusion::execution::context::SessionState;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::ScalarUDF;
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::prelude::SessionConfig;
use lincei_model::Table;
use object_store::ObjectStore;
use std::path::Path;
use std::sync::Arc;

const CATALOG: &str = "lincei";
const SCHEMA: &str = "public";
/// How DataFusion names its directories of intermediate results.
const SPILL_PREFIX: &str = "datafusion-";

/// What all sessions share.
pub(crate) struct Sessions {
    template: SessionState,
    user_functions: UserFunctions,
    runtime: Arc<RuntimeEnv>,
}

impl Sessions {
    pub(crate) fn new(
        options: &QueryOptions,
        store: Arc<dyn ObjectStore>,
        functions: Vec<Arc<ScalarUDF>>,
    ) -> Result<Self, QueryError> {
        let start = |message: &str, error: datafusion::error::DataFusionError| QueryError::Start {
            message: message.to_owned(),
            source: Arc::new(std::io::Error::other(error)),
        };
        let mut disk = DiskManagerBuilder::default().with_max_temp_directory_size(options.spill_bytes_max);
        if let Some(dir) = &options.spill_dir {
            prepare_spill_dir(dir)?;
            disk = disk.with_mode(DiskManagerMode::Directories(vec![dir.clone()]));
        }
        let runtime = RuntimeEnvBuilder::new()
            .with_disk_manager_builder(disk)
            .with_metadata_cache_limit(options.metadata_cache_bytes)
            .build_arc()
            .map_err(|e| start("directory of intermediate results", e))?;
        let url = ObjectStoreUrl::parse(STORE_URL).map_err(|e| start("object store", e))?;
        runtime.register_object_store(url.as_ref(), store);
        Ok(Self { template: template(options, functions), user_functions: UserFunctions::default(), runtime })
    }

    /// Functions that users installed.
    pub(crate) const fn user_functions(&self) -> &UserFunctions {
        &self.user_functions
    }

    pub(crate) fn is_own_function(&self, name: &str) -> bool {
        let template = &self.template;
        template.scalar_functions().contains_key(name)
            || template.aggregate_functions().contains_key(name)
            || template.window_functions().contains_key(name)
    }

    /// Bytes of intermediate results on disk now.
    pub(crate) fn spilled_bytes(&self) -> u64 {
        self.runtime.disk_manager.used_disk_space()
    }

    /// A session for one statement, with its tables, its memory and its "now".
    pub(crate) fn open(
        &self,
        id: &str,
        now_ns: i64,
        pool: Arc<QueryPool>,
        scope: &Arc<Scope>,
        system: Vec<(&'static str, Arc<dyn TableProvider>)>,
    ) -> Result<SessionState> {
        let tables = MemorySchemaProvider::new();
        for table in Table::ALL {
            tables.register_table(table.name().to_owned(), Arc::new(StoredTable::new(table, Arc::clone(scope))))?;
        }
        for (name, table) in system {
            tables.register_table(name.to_owned(), table)?;
        }
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema(SCHEMA, Arc::new(tables))?;
        let catalogs = MemoryCatalogProviderList::new();
        catalogs.register_catalog(CATALOG.to_owned(), Arc::new(catalog));

        let runtime = RuntimeEnv { memory_pool: pool, ..(*self.runtime).clone() };
        let props = ExecutionProps::new().with_query_execution_start_time(DateTime::from_timestamp_nanos(now_ns));
        let mut state = SessionStateBuilder::new_from_existing(self.template.clone())
            .with_session_id(id.to_owned())
            .with_runtime_env(Arc::new(runtime))
            .with_catalog_list(Arc::new(catalogs))
            .with_execution_props(props)
            .build();
        for function in self.user_functions.all() {
            if !state.scalar_functions().contains_key(function.name()) {
                state.register_udf(function)?;
            }
        }
        Ok(state)
    }
}

/// Functions and rules without file formats, table factories or URL tables: nothing in a statement
/// can name a file.
fn template(options: &QueryOptions, functions: Vec<Arc<ScalarUDF>>) -> SessionState {
    let mut config = SessionConfig::new()
        .with_create_default_catalog_and_schema(false)
        .with_default_catalog_and_schema(CATALOG, SCHEMA)
        .with_information_schema(true)
        .with_target_partitions(options.target_partitions.max(1))
        // a merge holds some batches of each of its runs, and an exchange gathers one, which nobody
        // counts, for each pair of partitions: of rows of a kilobyte the batch is then a 32nd
        .with_batch_size((options.query_memory_bytes >> 15).clamp(1024, 8192));
    let settings = config.options_mut();
    settings.sql_parser.collect_spans = true;
    settings.execution.collect_statistics = true;
    settings.execution.time_zone = Some("UTC".to_owned());
    // what each sort keeps back for merging its runs; the default is larger than a small bound
    let partitions = options.target_partitions.max(1);
    settings.execution.sort_spill_reservation_bytes = (options.query_memory_bytes / (4 * partitions)).min(10 << 20);
    let parquet = &mut settings.execution.parquet;
    // each scan decides: see table/pushdown.rs
    parquet.pushdown_filters = false;
    parquet.enable_page_index = true;
    parquet.bloom_filter_on_read = false;
    parquet.schema_force_view_types = true;

    let mut planners: Vec<Arc<dyn datafusion::logical_expr::planner::ExprPlanner>> = vec![Arc::new(AttributeAccess)];
    planners.extend(SessionStateDefaults::default_expr_planners());
    let mut scalar_functions = function::bounded::bounded(SessionStateDefaults::default_scalar_functions());
    scalar_functions = function::time_bin::on_integers(scalar_functions);
    scalar_functions.extend(function::all());
    scalar_functions.extend(functions);
    let mut aggregates = function::approx_distinct::of_doubles(SessionStateDefaults::default_aggregate_functions());
    aggregates.extend(function::aggregates());
    let table_functions = SessionStateDefaults::default_table_functions()
        .into_iter()
        .map(|function| (function.name().to_owned(), function))
        .collect();
    SessionStateBuilder::new()
        .with_config(config)
        .with_expr_planners(planners)
        .with_scalar_functions(scalar_functions)
        .with_higher_order_functions(SessionStateDefaults::default_higher_order_functions())
        .with_aggregate_functions(aggregates)
        .with_window_functions(SessionStateDefaults::default_window_functions())
        .with_table_functions(table_functions)
        .with_analyzer_rule(Arc::new(TryCastAttributes))
        .with_analyzer_rule(Arc::new(AttributesFromScans))
        .with_analyzer_rule(Arc::new(CountDistinctTexts))
        .with_optimizer_rule(Arc::new(ShareQuantiles))
        .with_optimizer_rule(Arc::new(CountFromSummaries))
        .with_optimizer_rule(Arc::new(NewestFromSummaries))
        .build()
}

/// Makes the directory and removes what a crash left in it.
fn prepare_spill_dir(dir: &Path) -> Result<(), QueryError> {
    let start = |message: String, error: std::io::Error| QueryError::Start { message, source: Arc::new(error) };
    std::fs::create_dir_all(dir).map_err(|e| start(format!("cannot create {}", dir.display()), e))?;
    let entries = std::fs::read_dir(dir).map_err(|e| start(format!("cannot read {}", dir.display()), e))?;
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(SPILL_PREFIX);
        if ours && let Err(error) = std::fs::remove_dir_all(entry.path()) {
            tracing::warn!(path = %entry.path().display(), %error, "old intermediate results could not be removed");
        }
    }
    Ok(())
}
