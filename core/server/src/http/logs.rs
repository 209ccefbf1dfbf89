//! `/api/v1/logs/*`: what the log page asks.

pub(super) mod facets;
pub(super) mod histogram;
pub(super) mod patterns;
pub(super) mod surrounding;
pub(super) mod tail;

use super::{App, sql};
use crate::access::Caller;
use crate::problem::Failure;
use lincei_api::{TimeInput, ValueCount};
use lincei_model::Table;
use lincei_query::{FieldValue, QueryStats, Selection};

/// Bytes of a request.
pub(super) const REQUEST_BYTES_MAX: usize = 256 << 10;

/// Which rows a request asks about.
pub(super) struct Asked<'a> {
    pub(super) search: Option<String>,
    pub(super) from: Option<&'a TimeInput>,
    pub(super) to: Option<&'a TimeInput>,
    pub(super) query_id: Option<String>,
}

pub(super) fn selection(app: &App, caller: &Caller, table: Table, asked: Asked<'_>) -> Result<Selection, Failure> {
    Ok(Selection {
        tenant: app.tenant.clone(),
        table,
        search: asked.search.unwrap_or_default(),
        range: sql::window(app, asked.from, asked.to)?,
        id: asked.query_id,
        client: caller.label(),
        user: caller.user(),
    })
}

pub(super) fn stats(stats: QueryStats) -> lincei_api::QueryStats {
    lincei_api::QueryStats {
        query_id: stats.query_id,
        rows: stats.rows,
        truncated: stats.truncated,
        rows_scanned: stats.rows_scanned,
        bytes_scanned: stats.bytes_scanned,
        files_scanned: stats.files_scanned,
        files_pruned: stats.files_pruned,
        elapsed_ms: stats.elapsed.as_secs_f64() * 1e3,
        memory_bytes: stats.memory_bytes,
    }
}

pub(super) fn values(values: Vec<FieldValue>) -> Vec<ValueCount> {
    values.into_iter().map(|FieldValue { value, count }| ValueCount { value, count }).collect()
}

/// A number of a request, or what is meant without one.
pub(super) fn count(given: Option<u32>, default: usize) -> usize {
    given.map_or(default, |given| usize::try_from(given).unwrap_or(usize::MAX))
}
