//! `POST /api/v1/ingest/logs`: logs from anything that can post lines.

use super::App;
use super::otlp::{Kind, receive};
use crate::data_path::Format;
use crate::problem::Failure;
use axum::Json;
use axum::extract::{ConnectInfo, Query, Request, State};
use http::{HeaderMap, header};
use lincei_api::IngestResult;
use lincei_ingest::{ContentEncoding, IngestError, LogFormat, Signal};
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    /// json (default), logfmt, syslog or text.
    format: Option<String>,
    /// Service of records that name none.
    service: Option<String>,
}

#[utoipa::path(post, path = "/api/v1/ingest/logs", tag = "ingest", summary = "Store logs: JSON lines, a JSON array, logfmt, syslog or text", params(("format" = Option<String>, Query, description = "json (default), logfmt, syslog or text"), ("service" = Option<String>, Query, description = "service of records that name none")), request_body(content = String, content_type = "application/x-ndjson"), responses((status = 200, body = lincei_api::IngestResult), (status = 400, body = lincei_api::Problem), (status = 413, body = lincei_api::Problem), (status = 503, body = lincei_api::Problem)))]
pub(crate) async fn logs(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Query(parameters): Query<Parameters>,
    request: Request,
) -> Result<Json<IngestResult>, Failure> {
    let format = parameters.format.as_deref().unwrap_or("json");
    let format: LogFormat = format.parse().map_err(Failure::invalid)?;
    let (parts, body) = request.into_parts();
    let kind = Kind { signal: Signal::Logs, format: Format::Lines(format), service: parameters.service };
    let accepted = receive(&app, peer, &parts.headers, body, kind).await?;
    if accepted.accepted == 0 && accepted.rejected > 0 {
        let reason = accepted.message.unwrap_or_default();
        return Err(Failure::invalid(format!("all {} records were refused: {reason}", accepted.rejected)));
    }
    Ok(Json(IngestResult { accepted: accepted.accepted, rejected: accepted.rejected, message: accepted.message }))
}

/// The one encoding of a body.
pub(crate) fn content_encoding(headers: &HeaderMap) -> Result<ContentEncoding, IngestError> {
    match headers.get(header::CONTENT_ENCODING) {
        None => Ok(ContentEncoding::Identity),
        Some(value) => value.to_str().unwrap_or("?").parse(),
    }
}
