//! JSON bodies of the page's API.

use crate::problem::Failure;
use http::{HeaderMap, header};
use lincei_model::ErrorCode;
use serde::de::DeserializeOwned;

pub(super) const JSON: &str = "application/json";

/// A JSON body of at most `bytes_max` bytes.
pub(super) fn parse<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8], bytes_max: usize) -> Result<T, Failure> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(JSON) {
        let mut failure = Failure::invalid(format!("content type {media:?} is not {JSON}"));
        failure.status = Some(http::StatusCode::UNSUPPORTED_MEDIA_TYPE);
        return Err(failure);
    }
    if body.len() > bytes_max {
        let detail = format!("the request has {} bytes (limit {bytes_max})", body.len());
        return Err(Failure::new(ErrorCode::TooLarge, detail));
    }
    serde_json::from_slice(body)
        .map_err(|error| Failure::invalid(format!("the request is not what is expected: {error}")))
}
