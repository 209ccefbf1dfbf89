//! OTLP over HTTP: `/v1/logs`, `/v1/traces`, `/v1/metrics` (OTLP specification 1.11, "OTLP/HTTP").
//! The answer has the request's content type; errors carry a `google.rpc.Status`; only 429, 502,
//! 503 and 504 invite a retry.

use super::body::{client_label, read_body};
use super::{App, ingest};
use crate::data_path::{Accepted, Format, Intake};
use crate::grpc;
use crate::problem::{Failure, status};
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use lincei_ingest::Signal;
use prost::Message as _;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// `ExportLogsServiceResponse` and its two siblings: they have the same shape on the wire.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ExportResponse {
    #[prost(message, optional, tag = "1")]
    pub(crate) partial_success: Option<PartialSuccess>,
}

/// `ExportLogsPartialSuccess` and siblings.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct PartialSuccess {
    #[prost(int64, tag = "1")]
    pub(crate) rejected: i64,
    #[prost(string, tag = "2")]
    pub(crate) error_message: String,
}

impl From<&Accepted> for ExportResponse {
    fn from(accepted: &Accepted) -> Self {
        let partial_success = (accepted.rejected > 0).then(|| PartialSuccess {
            rejected: i64::try_from(accepted.rejected).unwrap_or(i64::MAX),
            error_message: accepted.message.clone().unwrap_or_default(),
        });
        Self { partial_success }
    }
}

#[utoipa::path(post, path = "/v1/logs", tag = "otlp", summary = "OTLP logs", request_body(content = String, content_type = "application/x-protobuf"), responses((status = 200), (status = 400), (status = 413), (status = 429), (status = 503)))]
pub(crate) async fn logs(app: State<Arc<App>>, peer: ConnectInfo<SocketAddr>, request: Request) -> Response {
    export(app, peer, request, Signal::Logs).await
}

#[utoipa::path(post, path = "/v1/traces", tag = "otlp", summary = "OTLP traces", request_body(content = String, content_type = "application/x-protobuf"), responses((status = 200), (status = 400), (status = 413), (status = 429), (status = 503)))]
pub(crate) async fn traces(app: State<Arc<App>>, peer: ConnectInfo<SocketAddr>, request: Request) -> Response {
    export(app, peer, request, Signal::Traces).await
}

#[utoipa::path(post, path = "/v1/metrics", tag = "otlp", summary = "OTLP metrics", request_body(content = String, content_type = "application/x-protobuf"), responses((status = 200), (status = 400), (status = 413), (status = 429), (status = 503)))]
pub(crate) async fn metrics(app: State<Arc<App>>, peer: ConnectInfo<SocketAddr>, request: Request) -> Response {
    export(app, peer, request, Signal::Metrics).await
}

/// Names the paths there are.
pub(crate) async fn unknown_path(uri: http::Uri) -> Response {
    let detail = format!("{} does not exist here: /v1/logs, /v1/traces and /v1/metrics do", uri.path());
    Failure::not_found(detail).into_response()
}

async fn export(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    signal: Signal,
) -> Response {
    let (parts, body) = request.into_parts();
    let format = match format_of(&parts.headers) {
        Ok(format) => format,
        Err(refused) => return *refused,
    };
    let outcome = match app.access.check_ingest(&parts.headers) {
        Ok(()) => receive(&app, peer, &parts.headers, body, Kind { signal, format, service: None }).await,
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(accepted) => success(format, signal, &accepted),
        Err(failure) => refusal(format, &failure),
    }
}

/// What a body is.
pub(crate) struct Kind {
    pub(crate) signal: Signal,
    pub(crate) format: Format,
    /// Service of log records that name none.
    pub(crate) service: Option<String>,
}

/// Reads the body and takes it to storage; shared by every HTTP intake.
pub(crate) async fn receive(
    app: &Arc<App>,
    peer: SocketAddr,
    headers: &HeaderMap,
    body: Body,
    Kind { signal, format, service }: Kind,
) -> Result<Accepted, Failure> {
    let client = client_label(peer, headers);
    let mut share = app.data_path.share();
    let read = read_body(body, headers, app.data_path.body_bytes_max(), &mut share).await;
    let (body, unread) = match read {
        Ok(body) => (body, None),
        Err(unread) => (unread.start, Some(unread.failure)),
    };
    let encoding = ingest::content_encoding(headers);
    let known = encoding.as_ref().copied().unwrap_or_default();
    let intake = Intake { signal, format, encoding: known, client, service, body, share };
    match (unread, encoding) {
        (Some(failure), _) => Err(app.data_path.refuse_unread(&intake, failure).await),
        (None, Err(error)) => {
            let mut failure = app.data_path.refuse_body(&intake, &error).await;
            failure.status = Some(StatusCode::UNSUPPORTED_MEDIA_TYPE);
            Err(failure)
        }
        (None, Ok(_)) => app.data_path.take_in(intake).await,
    }
}

fn format_of(headers: &HeaderMap) -> Result<Format, Box<Response>> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        PROTOBUF | "application/protobuf" => Ok(Format::OtlpProtobuf),
        JSON => Ok(Format::OtlpJson),
        _ => {
            let detail = format!("content type {value:?} is not OTLP: send {PROTOBUF} or {JSON}");
            let mut failure = Failure::invalid(detail);
            failure.status = Some(StatusCode::UNSUPPORTED_MEDIA_TYPE);
            Err(Box::new(failure.into_response()))
        }
    }
}

fn success(format: Format, signal: Signal, accepted: &Accepted) -> Response {
    if format == Format::OtlpJson {
        let rejected = match signal {
            Signal::Logs => "rejectedLogRecords",
            Signal::Traces => "rejectedSpans",
            Signal::Metrics => "rejectedDataPoints",
        };
        let body = if accepted.rejected == 0 {
            json!({})
        } else {
            // 64-bit integers are strings in OTLP/JSON
            let message = accepted.message.as_deref().unwrap_or_default();
            json!({ "partialSuccess": { rejected: accepted.rejected.to_string(), "errorMessage": message } })
        };
        return answer(StatusCode::OK, JSON, body.to_string().into_bytes());
    }
    answer(StatusCode::OK, PROTOBUF, ExportResponse::from(accepted).encode_to_vec())
}

fn refusal(format: Format, failure: &Failure) -> Response {
    let code = grpc::code(failure.code);
    let (media, body) = if format == Format::OtlpJson {
        (JSON, json!({ "code": code, "message": failure.detail }).to_string().into_bytes())
    } else {
        (PROTOBUF, grpc::Status { code, message: failure.detail.clone(), details: Vec::new() }.encode_to_vec())
    };
    let mut response = answer(failure.status.unwrap_or_else(|| status(failure.code)), media, body);
    if failure.code.retryable() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(failure.retry_after_seconds));
    }
    response
}

fn answer(status: StatusCode, media: &'static str, body: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(media))], body).into_response()
}
