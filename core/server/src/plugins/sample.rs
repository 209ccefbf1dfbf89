//! Records to try something on.

use super::Plugins;
use crate::problem::Failure;
use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use futures::StreamExt as _;
use lincei_api::RecordSample;
use lincei_model::{Batch, Table, TenantId};
use lincei_pipeline::records_from_json;
use lincei_query::QueryRequest;

/// Records of one trial.
const RECORDS_MAX: usize = 1_000;
/// Records when nothing is said.
const RECORDS_DEFAULT: u32 = 50;

impl Plugins {
    /// The records that a sample asks for.
    pub(crate) async fn sample(&self, table: Table, sample: &RecordSample, client: &str) -> Result<Batch, Failure> {
        if let Some(records) = &sample.records {
            if records.len() > RECORDS_MAX {
                let detail = format!("{} records, at most {RECORDS_MAX} can be tried at once", records.len());
                return Err(Failure::invalid(detail));
            }
            return records_from_json(table, records, self.clock.now_ns())
                .map_err(|error| Failure::invalid(error.to_string()));
        }
        let newest = sample.newest.unwrap_or(RECORDS_DEFAULT);
        if newest == 0 || usize::try_from(newest).is_ok_and(|newest| newest > RECORDS_MAX) {
            return Err(Failure::invalid(format!("newest is {newest}, it must be 1 to {RECORDS_MAX}")));
        }
        self.newest(table, newest, sample.search.as_deref(), client).await
    }

    /// The newest stored records that a search finds.
    async fn newest(&self, table: Table, rows: u32, search: Option<&str>, client: &str) -> Result<Batch, Failure> {
        let condition = match search.filter(|search| !search.trim().is_empty()) {
            Some(search) => format!(" WHERE search('{}')", search.replace('\'', "''")),
            None => String::new(),
        };
        let request = QueryRequest {
            sql: format!("SELECT * FROM {table}{condition} ORDER BY time DESC LIMIT {rows}"),
            tenant: TenantId::default(),
            range: None,
            rows_max: Some(rows.into()),
            id: None,
            client: client.to_owned(),
            user: client.to_owned(),
        };
        let mut running = self.query.start(request).await?;
        let mut batches = Vec::new();
        while let Some(batch) = running.next().await {
            batches.push(batch?);
        }
        let broken = |error: arrow_schema::ArrowError| Failure::internal(format!("stored rows do not fit: {error}"));
        let records = concat_batches(&running.schema(), &batches).map_err(broken)?;
        // the same columns, as the table itself says which may be missing
        let records = RecordBatch::try_new(table.schema(), records.columns().to_vec()).map_err(broken)?;
        Batch::new(table, records).map_err(|error| Failure::internal(error.to_string()))
    }
}
