//! The one mapping of error codes to HTTP, and the error every handler returns.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use lincei_api::Problem;
use lincei_catalog::CatalogError;
use lincei_engine::EngineError;
use lincei_ingest::IngestError;
use lincei_model::ErrorCode;
use lincei_query::QueryError;

/// Seconds after which a client is asked to try again.
pub(crate) const RETRY_AFTER_SECONDS: u32 = 2;

/// A failure on its way to a client.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) code: ErrorCode,
    pub(crate) detail: String,
    pub(crate) location: Option<lincei_api::SqlLocation>,
    pub(crate) limit: Option<String>,
    pub(crate) query_id: Option<String>,
    pub(crate) retry_after_seconds: u32,
    /// HTTP status where the code's own is not exact enough (405, 415).
    pub(crate) status: Option<StatusCode>,
}

impl Failure {
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            location: None,
            limit: None,
            query_id: None,
            retry_after_seconds: RETRY_AFTER_SECONDS,
            status: None,
        }
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Invalid, detail)
    }

    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::Internal, detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, detail)
    }

    /// A body that was refused, with the decoder's own words.
    pub(crate) fn of_ingest(error: &IngestError) -> Self {
        match error.code() {
            ErrorCode::Internal => Self::internal(described(ErrorCode::Internal, error)),
            code => Self::new(code, error.reason()),
        }
    }

    /// The body of the answer.
    pub(crate) fn problem(&self) -> Problem {
        Problem {
            title: title(self.code).to_owned(),
            status: self.status.unwrap_or_else(|| status(self.code)).as_u16(),
            code: self.code.as_str().to_owned(),
            detail: self.detail.clone(),
            retryable: self.code.retryable(),
            location: self.location,
            limit: self.limit.clone(),
            query_id: self.query_id.clone(),
        }
    }
}

/// HTTP status of a code.
pub(crate) const fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Invalid => StatusCode::BAD_REQUEST,
        ErrorCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Conflict => StatusCode::CONFLICT,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Timeout => StatusCode::GATEWAY_TIMEOUT,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

const fn title(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Invalid => "The request is not valid",
        ErrorCode::Unauthenticated => "Credentials are needed",
        ErrorCode::Forbidden => "Not allowed",
        ErrorCode::NotFound => "Not found",
        ErrorCode::Conflict => "Not possible in the present state",
        ErrorCode::TooLarge => "A size limit was reached",
        ErrorCode::RateLimited => "Too many requests",
        ErrorCode::Timeout => "A time limit was reached",
        ErrorCode::Unavailable => "Out of service for now",
        ErrorCode::Internal => "Something failed inside Lincei",
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = (self.status.unwrap_or_else(|| status(self.code)), Json(self.problem())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(lincei_api::PROBLEM_JSON));
        if self.code.retryable() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(self.retry_after_seconds));
        }
        if self.code == ErrorCode::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"lincei\""));
        }
        response
    }
}

/// An error and its causes, for clients: the causes of internal errors stay in the own log.
fn described(code: ErrorCode, error: &dyn std::error::Error) -> String {
    if code == ErrorCode::Internal {
        tracing::error!(%error, cause = error.source().map(tracing::field::display), "internal error");
    }
    error.to_string()
}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Self {
        Self::new(error.code(), described(error.code(), &error))
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::new(error.code(), described(error.code(), &error))
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        let mut failure = Self::new(error.code(), described(error.code(), &error));
        failure.location = error.location().map(|l| lincei_api::SqlLocation { line: l.line, column: l.column });
        failure.limit = error.limit().map(|limit| limit.name().to_owned());
        failure
    }
}
