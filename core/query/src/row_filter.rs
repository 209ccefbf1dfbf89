//! A search text as a condition on rows that are not stored yet.

use crate::deletion::{self, RowCondition};
use crate::error::QueryError;
use crate::service::QueryService;
use datafusion::arrow::array::{BooleanArray, RecordBatch};
use lincei_model::{Table, TenantId, TimeRange};

/// Characters of a search text: evaluating it must not need a deep stack.
const SEARCH_BYTES_MAX: usize = 2 << 10;

/// Says of rows that have exactly the columns of a table whether a search finds them.
#[derive(Clone)]
pub struct RowFilter(deletion::Evaluation);

impl QueryService {
    /// Works out what a search text means for rows of a table.
    ///
    /// # Errors
    /// [`QueryError::Sql`] when it is none, is longer than 2 KiB, or says different things about one row at
    /// different times.
    pub async fn compile_filter(&self, tenant: &TenantId, table: Table, search: &str) -> Result<RowFilter, QueryError> {
        if search.len() > SEARCH_BYTES_MAX {
            let message = format!("the search has {} bytes, at most {SEARCH_BYTES_MAX} are allowed", search.len());
            return Err(QueryError::sql(message, None));
        }
        let request = deletion::DeletionRequest {
            tenant: tenant.clone(),
            table,
            range: TimeRange::ALL,
            condition: RowCondition::Search(search.to_owned()),
        };
        self.compile_evaluation(request).await.map(RowFilter)
    }
}

impl RowFilter {
    /// One value a row, on the calling thread. Only `true` counts, neither `false` nor null.
    ///
    /// # Errors
    /// When the condition cannot be evaluated on these rows, as a text for people.
    pub fn matches(&self, rows: &RecordBatch) -> Result<BooleanArray, String> {
        self.0.evaluate(rows).map_err(|error| error.to_string())
    }
}
