//! The web page, embedded in the binary, and the answer for paths that do not exist.

use crate::problem::Failure;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

/// Scripts come from this server alone and nothing inline runs; WebAssembly may be compiled.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; \
    base-uri 'none'; form-action 'self'";

/// Prefixes that belong to programs: an unknown path below them is an error, not the page.
const PROGRAM_PATHS: [&str; 12] = [
    "/api/",
    "/v1/",
    "/v1development/",
    "/prometheus/",
    "/loki/",
    "/elasticsearch/",
    "/jaeger/",
    "/tempo/",
    "/zipkin/",
    "/pyroscope/",
    "/alertmanager/",
    "/mcp",
];

#[cfg(feature = "embed-ui")]
#[derive(rust_embed::Embed)]
#[folder = "../../ui/dist"]
struct Files;

#[cfg(feature = "embed-ui")]
fn file(name: &str) -> Option<(std::borrow::Cow<'static, [u8]>, [u8; 32])> {
    Files::get(name).map(|file| (file.data, file.metadata.sha256_hash()))
}

#[cfg(not(feature = "embed-ui"))]
fn file(name: &str) -> Option<(std::borrow::Cow<'static, [u8]>, [u8; 32])> {
    const NOTE: &[u8] = b"<!doctype html><meta charset=utf-8><title>Lincei</title>\
        <p>This binary was built without its page. <code>cargo xtask run</code> builds both.</p>";
    (name == "index.html").then_some((std::borrow::Cow::Borrowed(NOTE), [0; 32]))
}

/// Every path that no route takes.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if PROGRAM_PATHS.iter().any(|p| path.starts_with(p)) {
        return Failure::not_found(format!("{method} {path} does not exist here: see /api/v1/openapi.json"))
            .into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        let mut failure = Failure::invalid(format!("{method} is not a method of {path}"));
        failure.status = Some(StatusCode::METHOD_NOT_ALLOWED);
        return failure.into_response();
    }
    let name = path.trim_start_matches('/');
    if name.starts_with("assets/") || name.rsplit('/').next().is_some_and(|last| last.contains('.')) {
        let Some(response) = asset(name, &headers) else {
            return Failure::not_found(format!("{path} does not exist here")).into_response();
        };
        return response;
    }
    // the page's own paths are resolved by the page
    asset("index.html", &headers).unwrap_or_else(|| Failure::not_found("the page is missing").into_response())
}

fn asset(name: &str, headers: &HeaderMap) -> Option<Response> {
    if name.ends_with(".br") || name.ends_with(".gz") {
        return None;
    }
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let accepted = |coding: &str| accepts.split(',').any(|a| a.split(';').next().is_some_and(|a| a.trim() == coding));
    let packed = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(coding, _)| accepted(coding))
        .find_map(|(coding, ending)| file(&format!("{name}{ending}")).map(|found| (found, Some(coding))));
    let ((data, hash), coding) = packed.or_else(|| file(name).map(|found| (found, None)))?;
    let tag: String = hash.iter().take(12).map(|b| format!("{b:02x}")).collect();
    let tag = HeaderValue::from_str(&format!("\"{tag}\"")).ok()?;
    let mut response = if headers.get(header::IF_NONE_MATCH) == Some(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        data.into_response()
    };
    let out = response.headers_mut();
    out.insert(header::ETAG, tag);
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(media(name)));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // names of assets hold their hash, so they never change
    let keep = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Some(coding) = coding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Some(response)
}

fn media(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
