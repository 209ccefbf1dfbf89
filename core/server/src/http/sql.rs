//! `POST /api/v1/sql`.

use super::App;
use crate::access::Caller;
use crate::problem::Failure;
use crate::time;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, header};
use lincei_api::{ARROW_STREAM, CSV, NDJSON, QueryStats, SqlRequest, SqlResponse};
use lincei_model::{ErrorCode, TimeRange, limits};
use lincei_query::QueryRequest;
use std::sync::Arc;

const JSON: &str = "application/json";
/// Bytes of a request: the statement, and what is around it.
const REQUEST_BYTES_MAX: usize = 2 * limits::SQL_BYTES_MAX;

#[utoipa::path(post, path = "/api/v1/sql", tag = "sql", summary = "Run one read-only statement",
    request_body = SqlRequest,
    responses((status = 200, content((SqlResponse = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"),
        (String = "application/vnd.apache.arrow.stream"))),
        (status = 400, body = lincei_api::Problem), (status = 413, body = lincei_api::Problem),
        (status = 429, body = lincei_api::Problem), (status = 504, body = lincei_api::Problem)))]
pub(crate) async fn run(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let request = parse(&headers, &body)?;
    let now = app.clock.now_ns();
    let bound = |given: &Option<lincei_api::TimeInput>| {
        given.as_ref().map(|t| time::parse(t, now).map_err(Failure::invalid)).transpose()
    };
    let (from, to) = (bound(&request.from)?, bound(&request.to)?);
    let range = (from.is_some() || to.is_some())
        .then(|| TimeRange::new(from.unwrap_or(TimeRange::ALL.start_ns), to.unwrap_or(TimeRange::ALL.end_ns)));
    let format = Format::of(&headers)?;
    let running = app
        .query
        .start(QueryRequest {
            sql: request.sql,
            tenant: app.tenant.clone(),
            range,
            rows_max: request.limit,
            id: request.query_id,
            client: caller.label(),
        })
        .await?;
    todo_stream(format, running)
}

fn parse(headers: &HeaderMap, body: &[u8]) -> Result<SqlRequest, Failure> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(JSON) {
        let mut failure = Failure::invalid(format!("content type {media:?} is not {JSON}"));
        failure.status = Some(http::StatusCode::UNSUPPORTED_MEDIA_TYPE);
        return Err(failure);
    }
    if body.len() > REQUEST_BYTES_MAX {
        let detail = format!("the request has {} bytes (limit {REQUEST_BYTES_MAX})", body.len());
        return Err(Failure::new(ErrorCode::TooLarge, detail));
    }
    serde_json::from_slice(body).map_err(|error| Failure::invalid(format!("the request is not what is expected: {error}")))
}
