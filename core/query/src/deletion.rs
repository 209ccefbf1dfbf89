//! From a condition in SQL or search syntax to rows that storage deletes.
//!
//! The condition is parsed, checked and planned as `SELECT … WHERE (condition)`, so that it means what it
//! means in a query. Of the plan only the predicate is kept, in two forms: over the table's own columns,
//! to evaluate on rows, and over [attributes as columns](crate::table::attribute), to leave out files by
//! the catalog's ranges and the index of terms.

use crate::error::{self, Location, QueryError};
use crate::function::search;
use crate::service::QueryService;
use crate::sql;
use crate::stats::ScanCounters;
use crate::table::attribute::AttributesFromScans;
use crate::table::{Scope, StoredTable};
use datafusion::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result, exec_datafusion_err};
use datafusion::datasource::source_as_provider;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::expr_rewriter::unnormalize_col;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;
use datafusion::optimizer::analyzer::Analyzer;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_plan::PhysicalExpr;
use datafusion::scalar::ScalarValue;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use lincei_engine::{Deletion, LiveFile, RowPredicate};
use lincei_model::{Table, TenantId, TimeRange};
use std::error::Error;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Which rows of a table are chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowCondition {
    /// An SQL condition over the table's columns, as after `WHERE`.
    Where(String),
    /// A text in the language of `search('…')`.
    Search(String),
    /// Every row.
    Everything,
}

/// Rows to be deleted.
#[derive(Clone, Debug)]
pub struct DeletionRequest {
    /// Whose rows.
    pub tenant: TenantId,
    /// Of which table.
    pub table: Table,
    /// Only rows whose `time` lies inside.
    pub range: TimeRange,
    /// Only rows for which this is true: neither false nor NULL.
    pub condition: RowCondition,
}

/// What storage needs to delete them.
#[derive(Clone)]
pub struct CompiledDeletion {
    /// For [`lincei_engine::Engine::delete_rows`].
    pub deletion: Deletion,
    /// The condition is true for every row.
    pub is_unconditional: bool,
}

impl QueryService {
    /// Works out what a condition means.
    ///
    /// # Errors
    /// [`QueryError::Sql`] and [`QueryError::Limit`] as for a query, and for conditions that read
    /// anything but the row at hand, or differ from one evaluation to the next.
    pub async fn compile_deletion(&self, request: DeletionRequest) -> Result<CompiledDeletion, QueryError> {
        let service = self.clone();
        let runtime = self.runtime()?;
        // on a thread with room for deep expressions
        let compiled = runtime.clone().spawn(async move { service.compile(request, runtime).await }).await;
        compiled.map_err(|_| QueryError::ShuttingDown)?
    }

    /// The same for rows at hand instead of rows in files.
    pub(crate) async fn compile_evaluation(&self, request: DeletionRequest) -> Result<Evaluation, QueryError> {
        let service = self.clone();
        let runtime = self.runtime()?;
        let compiled = runtime.clone().spawn(async move { service.matcher(request, runtime).await }).await;
        compiled.map_err(|_| QueryError::ShuttingDown)?.map(|matcher| Evaluation(Arc::new(matcher)))
    }

    async fn compile(&self, request: DeletionRequest, runtime: Handle) -> Result<CompiledDeletion, QueryError> {
        let DeletionRequest { tenant, table, range, .. } = request.clone();
        let matcher = self.matcher(request, runtime).await?;
        let is_unconditional = matcher.is_unconditional;
        let predicate = Arc::new(RowMatcher(Arc::new(matcher)));
        Ok(CompiledDeletion { deletion: Deletion { tenant, table, range, predicate }, is_unconditional })
    }

    async fn matcher(&self, request: DeletionRequest, runtime: Handle) -> Result<Matcher, QueryError> {
        let DeletionRequest { tenant, table, range, condition } = request;
        let (text, is_text_of_client) = match &condition {
            RowCondition::Where(text) => (text.clone(), true),
            RowCondition::Search(text) => (format!("search('{}')", text.replace('\'', "''")), false),
            RowCondition::Everything => ("true".to_owned(), false),
        };
        // the condition begins a line of its own, and a comment at its end has one
        let sql = format!("SELECT 1 FROM {table} WHERE (\n{text}\n)");
        let in_condition = |error| relocated(error, is_text_of_client);
        let parsed = sql::parse(&sql).map_err(in_condition)?;
        let counters = Arc::new(ScanCounters::default());
        let scope = Arc::new(Scope::new(self.engine().clone(), tenant.clone(), Some(range), counters));
        let state = self.session("deletion", &scope)?;
        let at = |e| in_condition(error::planning(e, &parsed.tokens));
        let plan = state.statement_to_plan(parsed.statement.clone()).await.map_err(at)?;
        if shape(&plan).map_err(at)? != Shape::Condition {
            return Err(refused("it must be one condition on the columns of one row: no subquery, nothing after it"));
        }
        let plan = search::rewrite(plan).map_err(at)?;
        let matcher = Matcher::new(state, table, plan, runtime).map_err(at)?;
        if matcher.is_volatile {
            return Err(refused("it must say the same about a row each time, without random values"));
        }
        Ok(matcher)
    }
}

/// A condition, to be evaluated where it is asked.
#[derive(Clone)]
pub(crate) struct Evaluation(Arc<Matcher>);

impl Evaluation {
    pub(crate) fn evaluate(&self, rows: &RecordBatch) -> Result<BooleanArray> {
        self.0.evaluate(rows)
    }
}

fn refused(why: &str) -> QueryError {
    QueryError::sql(format!("the condition cannot be used for deleting: {why}"), None)
}

/// Places count from the condition's own start; a search text is quoted, so that its places would be
/// off.
fn relocated(error: QueryError, is_text_of_client: bool) -> QueryError {
    let place = |location: Option<Location>| {
        location.filter(|l| is_text_of_client && l.line > 1).map(|l| Location { line: l.line - 1, ..l })
    };
    match error {
        QueryError::Sql { message, location, source } => QueryError::Sql { message, location: place(location), source },
        QueryError::Limit { limit, message, location } => {
            QueryError::Limit { limit, message, location: place(location) }
        }
        QueryError::Forbidden { .. } => refused("it must be one condition"),
        other => other,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Shape {
    Condition,
    Other,
}

/// Whether a plan is a projection of a filter of a scan and nothing else, subqueries included.
fn shape(plan: &LogicalPlan) -> Result<Shape> {
    let mut nodes = Vec::new();
    plan.apply_with_subqueries(|node| {
        nodes.push(match node {
            LogicalPlan::Projection(_) => 'p',
            LogicalPlan::Filter(_) => 'f',
            LogicalPlan::TableScan(_) => 's',
            _ => '?',
        });
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(if nodes == ['p', 'f', 's'] { Shape::Condition } else { Shape::Other })
}

/// A condition in both forms.
struct Matcher {
    state: SessionState,
    /// Over the table's own columns.
    over_rows: Arc<dyn PhysicalExpr>,
    /// Over `scan`.
    over_files: Expr,
    /// The table with the attributes that `over_files` names as columns.
    scan: StoredTable,
    is_unconditional: bool,
    is_volatile: bool,
    runtime: Handle,
}

impl Matcher {
    fn new(state: SessionState, table: Table, plan: LogicalPlan, runtime: Handle) -> Result<Self> {
        let from_scans = AttributesFromScans;
        let mut rules = state.analyzer().rules.clone();
        rules.retain(|rule| rule.name() != from_scans.name());
        let plan = Analyzer::with_rules(rules).execute_and_check(plan, state.config_options(), |_, _| {})?;
        let (over_rows, _) = filter_of(&plan)?;
        let is_volatile = over_rows.is_volatile();
        let (over_files, scan) = filter_of(&from_scans.analyze(plan, state.config_options())?)?;
        let schema = DFSchema::try_from(table.schema())?;
        let over_rows = simplified(&state, over_rows, &schema)?;
        let over_files = simplified(&state, over_files, &DFSchema::try_from(scan.columns())?)?;
        let is_unconditional = matches!(&over_rows, Expr::Literal(ScalarValue::Boolean(Some(true)), _));
        let over_rows = state.create_physical_expr(over_rows, &schema)?;
        Ok(Self { state, over_rows, over_files, scan, is_unconditional, is_volatile, runtime })
    }

    /// One value a row.
    fn evaluate(&self, rows: &RecordBatch) -> Result<BooleanArray> {
        let values = self.over_rows.evaluate(rows)?.into_array(rows.num_rows())?;
        if values.data_type() == &DataType::Null {
            return Ok(BooleanArray::new_null(rows.num_rows()));
        }
        values.as_boolean_opt().cloned().ok_or_else(|| exec_datafusion_err!("the condition is no boolean"))
    }
}

/// The condition of the plan's only filter, with plain names, and the table under it.
fn filter_of(plan: &LogicalPlan) -> Result<(Expr, StoredTable)> {
    let (mut condition, mut table) = (None, None);
    plan.apply(|node| {
        match node {
            LogicalPlan::Filter(filter) => condition = Some(unnormalize_col(filter.predicate.clone())),
            LogicalPlan::TableScan(scan) => {
                let provider = source_as_provider(&scan.source)?;
                table = provider.downcast_ref::<StoredTable>().cloned();
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    condition.zip(table).ok_or_else(|| exec_datafusion_err!("the condition has lost its filter or its table"))
}

/// With constants such as `now()` worked out.
fn simplified(state: &SessionState, condition: Expr, schema: &DFSchema) -> Result<Expr> {
    let context = SimplifyContext::builder()
        .with_schema(Arc::new(schema.clone()))
        .with_config_options(Arc::clone(state.config_options()))
        .with_query_execution_start_time(state.execution_props().query_execution_start_time)
        .build();
    ExprSimplifier::new(context).simplify(condition)
}

/// What storage calls. The work is done on threads of the query service, which have room for deep
/// expressions.
struct RowMatcher(Arc<Matcher>);

impl RowPredicate for RowMatcher {
    /// Blocks.
    fn matches(&self, rows: &RecordBatch) -> Result<BooleanArray, Box<dyn Error + Send + Sync>> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let (matcher, rows) = (Arc::clone(&self.0), rows.clone());
        self.0.runtime.spawn(async move { sender.send(matcher.evaluate(&rows)) });
        Ok(receiver.recv().map_err(|_| QueryError::ShuttingDown)??)
    }

    fn candidates(&self, files: Vec<Arc<LiveFile>>) -> BoxFuture<'_, Vec<Arc<LiveFile>>> {
        let (matcher, all) = (Arc::clone(&self.0), files.clone());
        let pruning = self.0.runtime.spawn(async move {
            let filters = std::slice::from_ref(&matcher.over_files);
            matcher.scan.files_with(&matcher.state, filters, files).await
        });
        // without an answer every file is read
        async move { pruning.await.unwrap_or(all) }.boxed()
    }
}

#[cfg(test)]
mod tests;
