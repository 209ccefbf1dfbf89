//! What the page asks that is awkward or slow as SQL: counts over time, values of fields, the lines
//! around a line, new lines as they come, names to complete, patterns of log bodies, rows of services.
//!
//! Each is a plan built from typed parts, never from a text that came in, and runs as a query like any other: with
//! a turn, limits, an id to cancel it by, an entry in the listing and statistics. Counting is done
//! by aggregates without groups that keep small tables of their own ([`tally`]), so one pass over
//! the rows answers however many fields are asked for, in bounded memory.

mod facets;
mod field;
mod fields;
mod histogram;
mod patterns;
mod services;
mod spelling;
mod surrounding;
mod tail;
mod tally;
mod value_counts;

pub use facets::{Facet, FacetsRequest, FacetsResult, FieldValue};
pub use fields::{FieldName, FieldNames, FieldOrigin, FieldValues, FieldsRequest};
pub use histogram::{Histogram, HistogramBy, HistogramRequest, Series, Steps};
pub use patterns::{LogPattern, PatternsRequest, PatternsResult};
pub use services::{ServiceRows, ServicesRequest};
pub use surrounding::{Anchor, Surrounding, SurroundingRequest};
pub use tail::{Tail, TailEvent, TailRequest};

use crate::error::{self, Location, QueryError};
use crate::search::{self, SearchError};
use crate::service::{QueryRequest, QueryService, Statement};
use crate::stats::QueryStats;
use crate::table::{Scope, StoredTable};
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::catalog::default_table_source::provider_as_source;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use futures::TryStreamExt;
use lincei_engine::count_schema;
use lincei_model::{Table, TenantId, TimeRange};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Which rows are asked about, and by whom.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Whose data.
    pub tenant: TenantId,
    /// Which table.
    pub table: Table,
    /// A condition in the search language; empty for all rows.
    pub search: String,
    /// Only rows whose `time` lies inside.
    pub range: TimeRange,
    /// The name under which the query can be cancelled, as in [`QueryRequest::id`].
    pub id: Option<String>,
    /// Who asks, for the listing.
    pub client: String,
    /// Whose share of turns and memory it takes, as in [`QueryRequest::user`].
    pub user: String,
}

impl Selection {
    /// Refuses a search text that cannot be parsed before anything waits for a turn.
    fn check(&self) -> Result<(), QueryError> {
        search::parse(&self.search).map(drop).map_err(|e| refused_search(&self.search, &e))
    }

    /// Whether the search asks only about columns that summaries of files count rows by.
    fn is_counted_by_minute(&self) -> Result<bool, QueryError> {
        let parsed = search::parse(&self.search).map_err(|e| refused_search(&self.search, &e))?;
        let counted = count_schema(self.table);
        Ok(counted.is_some_and(|schema| parsed.fields_are(&|name| schema.column_with_name(name).is_some())))
    }

    /// Whether there is no condition.
    fn is_everything(&self) -> Result<bool, QueryError> {
        let parsed = search::parse(&self.search).map_err(|e| refused_search(&self.search, &e))?;
        Ok(parsed == search::Search::Everything)
    }

    /// The rows chosen, all columns; the window of time is put in when the plan is finished.
    fn rows(&self, scope: &Arc<Scope>) -> Result<LogicalPlanBuilder, QueryError> {
        let provider = Arc::new(StoredTable::new(self.table, Arc::clone(scope)));
        let scan = LogicalPlanBuilder::scan(self.table.name(), provider_as_source(provider), None);
        let scan = scan.map_err(error::building)?;
        let parsed = search::parse(&self.search).map_err(|e| refused_search(&self.search, &e))?;
        if parsed == search::Search::Everything {
            return Ok(scan);
        }
        let matches = search::lower(&parsed, scan.schema()).map_err(|e| refused_search(&self.search, &e))?;
        scan.filter(matches).map_err(error::building)
    }

    fn request(&self, sql: String) -> QueryRequest {
        QueryRequest {
            sql,
            tenant: self.tenant.clone(),
            range: (self.range != TimeRange::ALL).then_some(self.range),
            rows_max: None,
            id: self.id.clone(),
            client: self.client.clone(),
            user: self.user.clone(),
        }
    }
}

/// The place in the search text counts characters, as places in SQL do.
fn refused_search(text: &str, error: &SearchError) -> QueryError {
    let before = text.get(..error.offset).unwrap_or(text);
    let line = before.matches('\n').count() as u64 + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
    QueryError::Search { message: error.to_string(), location: Location { line, column } }
}

impl QueryService {
    /// Runs a plan whose answer is one row of columns, each of which holds what one tally counted.
    async fn tallies<T: DeserializeOwned>(
        &self,
        request: QueryRequest,
        build: impl FnOnce(&Arc<Scope>) -> Result<LogicalPlan, QueryError> + Send + 'static,
    ) -> Result<(Vec<T>, QueryStats), QueryError> {
        let (batches, stats) = self.collect(request, build).await?;
        let batch = batches.iter().find(|batch| batch.num_rows() == 1);
        let columns = batch.map(RecordBatch::columns).unwrap_or_default();
        let tallies = columns.iter().map(|column| {
            let bytes = column.as_binary_opt::<i32>().filter(|column| column.is_valid(0)).map(|column| column.value(0));
            tally::decode(bytes.unwrap_or_default())
        });
        Ok((tallies.collect::<Result<_, _>>().map_err(error::building)?, stats))
    }

    /// Runs a plan to its end.
    async fn collect(
        &self,
        request: QueryRequest,
        build: impl FnOnce(&Arc<Scope>) -> Result<LogicalPlan, QueryError> + Send + 'static,
    ) -> Result<(Vec<RecordBatch>, QueryStats), QueryError> {
        let mut running = self.start_statement(request, Statement::Built(Box::new(build))).await?;
        let mut batches = Vec::new();
        while let Some(batch) = running.try_next().await? {
            batches.push(batch);
        }
        Ok((batches, running.stats()))
    }
}

#[cfg(test)]
mod tests;
