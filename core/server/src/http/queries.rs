//! `/api/v1/queries`: what runs, and ending it.

use super::App;
use crate::problem::Failure;
use crate::time::rfc3339;
use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use lincei_api::{QueryInfo, QueryList};
use std::sync::Arc;

#[utoipa::path(get, path = "/api/v1/queries", tag = "queries", summary = "Queries that run, and the last ones that ended", responses((status = 200, body = lincei_api::QueryList)))]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Json<QueryList> {
    let info = |q: lincei_query::QueryInfo| QueryInfo {
        id: q.id,
        sql: q.sql,
        client: q.client,
        state: q.state.as_str().to_owned(),
        started: rfc3339(q.started_ns),
        elapsed_ms: q.stats.elapsed.as_secs_f64() * 1e3,
        rows_scanned: q.stats.rows_scanned,
        rows_total: q.stats.rows_total,
        bytes_scanned: q.stats.bytes_scanned,
        rows: q.stats.rows,
        user: q.user,
        memory_bytes: q.stats.memory_bytes,
        files_scanned: q.stats.files_scanned,
        files_pruned: q.stats.files_pruned,
        error: q.error,
    };
    Json(QueryList { queries: app.query.queries().into_iter().map(info).collect() })
}

#[utoipa::path(delete, path = "/api/v1/queries/{id}", tag = "queries", summary = "Cancel a query", params(("id" = String, Path)), responses((status = 204), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn cancel(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    if app.query.cancel(&id) {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Failure::not_found(format!("no query {id:?} is running")))
}
