//! OTLP over gRPC: the unary call protocol over HTTP/2 (gRPC "PROTOCOL-HTTP2"), for the three
//! `Export` methods. Written on HTTP directly so that every refusal has the code the OTLP
//! specification wants ("OTLP/gRPC", "Failures"): its retryable list holds codes, OUT_OF_RANGE among
//! them, that general servers answer a request that is too large with.

#[cfg(test)]
mod tests;

use crate::data_path::{Accepted, Format, Intake};
use crate::http::otlp::ExportResponse;
use crate::http::{App, client_label, read_body};
use crate::problem::Failure;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use base64::Engine as _;
use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::StreamBody;
use hyper::body::Frame;
use lincei_ingest::{ContentEncoding, Signal};
use lincei_model::ErrorCode;
use prost::Message as _;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

/// Compressed flag and length before each message.
const PREFIX_BYTES: usize = 5;

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Status {
    #[prost(int32, tag = "1")]
    pub(crate) code: i32,
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) details: Vec<AnyMessage>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AnyMessage {
    #[prost(string, tag = "1")]
    pub(crate) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) value: Vec<u8>,
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, prost::Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<ProtoDuration>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, PartialEq, prost::Message)]
struct ProtoDuration {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// The gRPC code of a failure. Codes in OTLP's retryable list stand only where
/// [`ErrorCode::retryable`] says so; RESOURCE_EXHAUSTED always comes with `RetryInfo`.
pub(crate) const fn code(code: ErrorCode) -> i32 {
    match code {
        ErrorCode::Invalid | ErrorCode::TooLarge => 3,
        ErrorCode::Timeout => 4,
        ErrorCode::NotFound => 5,
        ErrorCode::Forbidden => 7,
        ErrorCode::RateLimited => 8,
        ErrorCode::Conflict => 9,
        ErrorCode::Internal => 13,
        ErrorCode::Unavailable => 14,
        ErrorCode::Unauthenticated => 16,
    }
}

const UNIMPLEMENTED: i32 = 12;

/// Every call of the gRPC address.
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let content_type = parts.headers.get(header::CONTENT_TYPE).map_or(&b""[..], |v| v.as_bytes());
    if parts.method != Method::POST || !content_type.starts_with(b"application/grpc") {
        let mut response = Response::new(Body::from("this address speaks OTLP over gRPC; HTTP is on port 4318\n"));
        *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return response;
    }
    let signal = match parts.uri.path() {
        "/opentelemetry.proto.collector.logs.v1.LogsService/Export" => Signal::Logs,
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => Signal::Traces,
        "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" => Signal::Metrics,
        other => return trailers_only(UNIMPLEMENTED, &format!("method {other} does not exist here"), None),
    };
    let outcome = match app.access.check_ingest(&parts.headers) {
        Ok(()) => call(&app, peer, &parts.headers, body, signal).await,
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(accepted) => success(&accepted),
        Err(failure) => {
            let retry = failure.code.retryable().then_some(failure.retry_after_seconds);
            trailers_only(code(failure.code), &failure.detail, retry)
        }
    }
}

async fn call(
    app: &Arc<App>,
    peer: SocketAddr,
    headers: &HeaderMap,
    body: Body,
    signal: Signal,
) -> Result<Accepted, Failure> {
    let mut share = app.data_path.share();
    let read = read_body(body, headers, app.data_path.body_bytes_max() + PREFIX_BYTES, &mut share).await;
    let mut intake = Intake {
        signal,
        format: Format::OtlpProtobuf,
        encoding: ContentEncoding::Identity,
        client: client_label(peer, headers),
        service: None,
        body: Bytes::new(),
        share,
    };
    let body = match read {
        Ok(body) => body,
        Err(unread) => {
            intake.body = unread.start;
            return Err(app.data_path.refuse_unread(&intake, unread.failure).await);
        }
    };
    match message(&body, headers) {
        Ok((encoding, message)) => {
            (intake.encoding, intake.body) = (encoding, message);
            app.data_path.take_in(intake).await
        }
        Err(detail) => {
            intake.body = body;
            Err(app.data_path.refuse_unread(&intake, Failure::invalid(detail)).await)
        }
    }
}

/// The one length-prefixed message of a unary call.
fn message(body: &Bytes, headers: &HeaderMap) -> Result<(ContentEncoding, Bytes), String> {
    let Some((prefix, rest)) = body.split_first_chunk::<PREFIX_BYTES>() else {
        return Err(format!("the call has {} bytes, too few for the {PREFIX_BYTES} of a message's head", body.len()));
    };
    let [flag, length @ ..] = *prefix;
    let length = u32::from_be_bytes(length) as usize;
    if rest.len() != length {
        return Err(format!("the message is announced as {length} bytes, but {} follow", rest.len()));
    }
    let encoding = match flag {
        0 => ContentEncoding::Identity,
        1 => {
            let name = headers.get("grpc-encoding").and_then(|v| v.to_str().ok()).unwrap_or("identity");
            let encoding: ContentEncoding = name.parse().map_err(|e: lincei_ingest::IngestError| e.to_string())?;
            if encoding == ContentEncoding::Identity {
                return Err("the message is marked compressed, but header grpc-encoding names no compression".into());
            }
            encoding
        }
        other => return Err(format!("the compressed flag is {other}: 0 and 1 are known")),
    };
    Ok((encoding, body.slice(PREFIX_BYTES..)))
}

fn success(accepted: &Accepted) -> Response {
    let message = ExportResponse::from(accepted);
    let mut data = BytesMut::with_capacity(PREFIX_BYTES + message.encoded_len());
    data.put_u8(0);
    data.put_u32(u32::try_from(message.encoded_len()).unwrap_or(u32::MAX));
    data.extend_from_slice(&message.encode_to_vec());
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let frames = [Ok::<_, Infallible>(Frame::data(data.freeze())), Ok(Frame::trailers(trailers))];
    let mut response = Response::new(Body::new(StreamBody::new(futures::stream::iter(frames))));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response.headers_mut().insert("grpc-accept-encoding", HeaderValue::from_static("identity,gzip,zstd"));
    response
}

/// An answer without a message: its trailers stand in the head.
fn trailers_only(code: i32, detail: &str, retry_after_seconds: Option<u32>) -> Response {
    let details = retry_after_seconds.map(|seconds| {
        let delay = ProtoDuration { seconds: i64::from(seconds), nanos: 0 };
        let value = RetryInfo { retry_delay: Some(delay) }.encode_to_vec();
        AnyMessage { type_url: "type.googleapis.com/google.rpc.RetryInfo".into(), value }
    });
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert("grpc-status", HeaderValue::from(code));
    headers.insert("grpc-accept-encoding", HeaderValue::from_static("identity,gzip,zstd"));
    if let Ok(text) = HeaderValue::from_str(&percent_encoded(detail)) {
        headers.insert("grpc-message", text);
    }
    if let Some(retry) = details {
        let status = Status { code, message: detail.to_owned(), details: vec![retry] }.encode_to_vec();
        let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode(status);
        if let Ok(text) = HeaderValue::from_str(&text) {
            headers.insert("grpc-status-details-bin", text);
        }
    }
    response
}

/// gRPC "Percent-Encoded": all but printable ASCII and `%`.
fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if (b' '..=b'~').contains(&byte) && byte != b'%' {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
