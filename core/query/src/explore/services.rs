//! How many rows each service has.

use crate::error::QueryError;
use crate::service::{QueryRequest, QueryService};
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use futures::TryStreamExt;
use lincei_model::{Table, TenantId};

/// Services in one answer.
const SERVICES_MAX: usize = 1_000;

/// Whose rows to count.
#[derive(Clone, Debug)]
pub struct ServicesRequest {
    /// Whose data.
    pub tenant: TenantId,
    /// Which table: one that has services.
    pub table: Table,
    /// Services in the answer, 1 to 1,000.
    pub services_max: usize,
    /// Who asks, for the listing.
    pub client: String,
    /// Whose share of turns and memory it takes, as in [`QueryRequest::user`].
    pub user: String,
}

/// The rows of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRows {
    /// `None` for rows without one.
    pub service: Option<String>,
    /// How many there are, exactly.
    pub rows: u64,
}

impl QueryService {
    /// The services with the most rows, equal ones by name. Of logs and spans the summaries of files are
    /// enough; rows in memory and files without a summary are read.
    ///
    /// # Errors
    /// As [`QueryService::start`]; [`QueryError::Parameter`] for a bound out of range.
    pub async fn services(&self, request: ServicesRequest) -> Result<Vec<ServiceRows>, QueryError> {
        let ServicesRequest { tenant, table, services_max, client, user } = request;
        if services_max == 0 || services_max > SERVICES_MAX {
            return Err(QueryError::Parameter(format!("limit {services_max} is not 1 to {SERVICES_MAX}")));
        }
        let sql = format!(
            "SELECT service, count(*) AS rows FROM {table} GROUP BY service ORDER BY rows DESC, service \
             LIMIT {services_max}"
        );
        let request = QueryRequest { sql, tenant, range: None, rows_max: None, id: None, client, user };
        let batches: Vec<RecordBatch> = self.start(request).await?.try_collect().await?;
        batches.iter().try_fold(Vec::new(), |mut found, batch| {
            found.extend(services(batch).ok_or_else(|| QueryError::internal("services have other columns"))?);
            Ok(found)
        })
    }
}

fn services(batch: &RecordBatch) -> Option<Vec<ServiceRows>> {
    let names = batch.columns().first()?.as_string_view_opt()?;
    let rows = batch.columns().get(1)?.as_primitive_opt::<Int64Type>()?;
    let each = names.iter().zip(rows.values());
    Some(
        each.map(|(service, rows)| ServiceRows {
            service: service.map(str::to_owned),
            rows: u64::try_from(*rows).unwrap_or(0),
        })
        .collect(),
    )
}
