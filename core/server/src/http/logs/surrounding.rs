//! `POST /api/v1/logs/surrounding`.

use super::{Asked, REQUEST_BYTES_MAX, count, selection, stats};
use crate::access::Caller;
use crate::http::{App, json};
use crate::problem::Failure;
use crate::time;
use axum::body::Bytes;
use axum::extract::State;
use axum::{Extension, Json};
use http::HeaderMap;
use lincei_api::{SurroundingRequest, SurroundingResponse};
use lincei_model::Table;
use lincei_query::Anchor;
use serde_json::Value;
use std::sync::Arc;

/// Fields to stay within where a request names none.
const SAME: [&str; 2] = ["service", "host.name"];

#[utoipa::path(post, path = "/api/v1/logs/surrounding", tag = "logs", summary = "The rows around a row",
    request_body = SurroundingRequest,
    responses((status = 200, body = SurroundingResponse), (status = 400, body = lincei_api::Problem)))]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<SurroundingResponse>, Failure> {
    let request: SurroundingRequest = json::parse(&headers, &body, REQUEST_BYTES_MAX)?;
    let columns = [
        ("service", request.service),
        ("body", request.body),
        ("trace_id", request.trace_id),
        ("span_id", request.span_id),
    ];
    let columns = columns.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let time_ns = time::parse_text(&request.time, app.clock.now_ns()).map_err(Failure::invalid)?;
    let asked = Asked { search: request.search, from: None, to: None, query_id: request.query_id };
    let asked = lincei_query::SurroundingRequest {
        selection: selection(&app, &caller, Table::Logs, asked)?,
        anchor: Anchor { time_ns, columns },
        before: count(request.before, 10),
        after: count(request.after, 10),
        same: request.same.unwrap_or_else(|| SAME.map(str::to_owned).to_vec()),
    };
    let found = app.query.surrounding(asked).await?;
    Ok(Json(SurroundingResponse {
        before: objects(&found.before)?,
        row: objects(found.row.as_slice())?.pop(),
        after: objects(&found.after)?,
        same: found.same.into_iter().collect(),
        sql: found.sql,
        stats: stats(found.stats),
    }))
}

fn objects(rows: &[String]) -> Result<Vec<Value>, Failure> {
    let parsed = rows.iter().map(|row| serde_json::from_str(row)).collect::<Result<_, _>>();
    parsed.map_err(|error| Failure::internal(format!("a row is no JSON: {error}")))
}
