//! `POST /api/v1/sql`.

use super::App;
use super::json::{self, JSON};
use crate::access::Caller;
use crate::problem::Failure;
use crate::time;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, header};
use lincei_api::{ARROW_STREAM, CSV, NDJSON, PARQUET, SqlRequest, SqlResponse, TimeInput};
use lincei_model::{TimeRange, limits};
use lincei_query::format::Format;
use lincei_query::{QueryError, QueryRequest, RunningQuery};
use parking_lot::Mutex;
use std::sync::Arc;

/// Bytes of a request: the statement, and what is around it.
const REQUEST_BYTES_MAX: usize = 2 * limits::SQL_BYTES_MAX;

#[utoipa::path(post, path = "/api/v1/sql", tag = "sql", summary = "Run one read-only statement",
    request_body = SqlRequest,
    responses((status = 200, content((SqlResponse = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"),
        (String = "application/vnd.apache.arrow.stream"), (String = "application/vnd.apache.parquet"))),
        (status = 400, body = lincei_api::Problem), (status = 413, body = lincei_api::Problem),
        (status = 429, body = lincei_api::Problem), (status = 504, body = lincei_api::Problem)))]
pub(crate) async fn run(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let request: SqlRequest = json::parse(&headers, &body, REQUEST_BYTES_MAX)?;
    let range = window(&app, request.from.as_ref(), request.to.as_ref())?;
    let format = accepted(&headers)?;
    let running = app
        .query
        .start(QueryRequest {
            sql: request.sql,
            tenant: app.tenant.clone(),
            range: (range != TimeRange::ALL).then_some(range),
            rows_max: request.limit,
            id: request.query_id,
            client: caller.label(),
            user: caller.user(),
        })
        .await?;
    let body = begin(running, format).await?;
    let mut response = body.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    Ok(response)
}

/// The window of time of a request; an end that is missing is open.
pub(super) fn window(app: &App, from: Option<&TimeInput>, to: Option<&TimeInput>) -> Result<TimeRange, Failure> {
    let now = app.clock.now_ns();
    let bound = |given: Option<&TimeInput>, open| {
        given.map_or(Ok(open), |given| time::parse(given, now).map_err(Failure::invalid))
    };
    Ok(TimeRange::new(bound(from, TimeRange::ALL.start_ns)?, bound(to, TimeRange::ALL.end_ns)?))
}

/// Starts the answer once the first rows are there, so that what goes wrong before them has its
/// own status instead of a broken answer.
async fn begin(running: RunningQuery, format: Format) -> Result<Body, Failure> {
    let failed: Arc<Mutex<Option<Failure>>> = Arc::default();
    let seen = Arc::clone(&failed);
    let problem = move |error: &QueryError| {
        let failure = Failure::from(error.clone());
        let text = serde_json::to_string(&failure.problem()).unwrap_or_default();
        *seen.lock() = Some(failure);
        text
    };
    let mut chunks = Box::pin(lincei_query::format::encode(format, running, problem).fuse());
    let mut first = Vec::new();
    for _ in 0..2 {
        match chunks.next().await {
            Some(Ok(bytes)) => first.push(Ok(bytes)),
            Some(Err(error)) => return Err(Failure::from(error)),
            None => break,
        }
    }
    if let Some(failure) = failed.lock().take() {
        return Err(failure);
    }
    Ok(Body::from_stream(stream::iter(first).chain(chunks)))
}

/// The best form that the client accepts; JSON when it has no wish.
fn accepted(headers: &HeaderMap) -> Result<Format, Failure> {
    let wishes: Vec<&str> = headers
        .get_all(header::ACCEPT)
        .into_iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .collect();
    if wishes.is_empty() {
        return Ok(Format::Json);
    }
    let known = |wish: &str| match wish.split(';').next().unwrap_or_default().trim() {
        JSON | "*/*" | "application/*" => Some(Format::Json),
        NDJSON | "application/ndjson" | "application/jsonl" => Some(Format::NdJson),
        CSV | "text/*" => Some(Format::Csv),
        ARROW_STREAM => Some(Format::ArrowStream),
        PARQUET => Some(Format::Parquet),
        _ => None,
    };
    wishes.iter().find_map(|wish| known(wish)).ok_or_else(|| {
        let detail = format!(
            "none of {:?} can be given: ask for {JSON}, {NDJSON}, {CSV}, {ARROW_STREAM} or {PARQUET}",
            wishes.join(",")
        );
        let mut failure = Failure::invalid(detail);
        failure.status = Some(http::StatusCode::NOT_ACCEPTABLE);
        failure
    })
}
