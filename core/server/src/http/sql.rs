//! `POST /api/v1/sql`.

use super::App;
use crate::access::Caller;
use crate::problem::Failure;
use crate::time;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, header};
use lincei_api::{ARROW_STREAM, CSV, NDJSON, SqlRequest, SqlResponse};
use lincei_model::{ErrorCode, TimeRange, limits};
use lincei_query::format::Format;
use lincei_query::{QueryError, QueryRequest, RunningQuery};
use parking_lot::Mutex;
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
    let format = accepted(&headers)?;
    let running = app
        .query
        .start(QueryRequest {
            sql: request.sql,
            tenant: app.tenant.clone(),
            range,
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
        _ => None,
    };
    wishes.iter().find_map(|wish| known(wish)).ok_or_else(|| {
        let detail =
            format!("none of {:?} can be given: ask for {JSON}, {NDJSON}, {CSV} or {ARROW_STREAM}", wishes.join(","));
        let mut failure = Failure::invalid(detail);
        failure.status = Some(http::StatusCode::NOT_ACCEPTABLE);
        failure
    })
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
    serde_json::from_slice(body)
        .map_err(|error| Failure::invalid(format!("the request is not what is expected: {error}")))
}
