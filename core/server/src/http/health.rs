//! `/healthz`, `/readyz` and `/metrics`.

use super::App;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use lincei_model::telemetry::Gauge;
use std::sync::Arc;

/// The process runs.
#[utoipa::path(get, path = "/healthz", tag = "health", summary = "The process runs", responses((status = 200, body = String)))]
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// Intake and queries work; 503 with the reason when intake is refused.
#[utoipa::path(get, path = "/readyz", tag = "health", summary = "Intake and queries work", responses((status = 200, body = String), (status = 503, body = String)))]
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    if app.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n").into_response();
    }
    match app.engine.status().refuses_because {
        None => "ready\n".into_response(),
        Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("not accepting: {reason}\n")).into_response(),
    }
}

/// Own metrics in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "health", summary = "Own metrics in the Prometheus text format", responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let in_flight = i64::try_from(app.data_path.in_flight_bytes()).unwrap_or(i64::MAX);
    app.telemetry.set(Gauge::IngestBytesInFlight, in_flight);
    let query = app.query.status();
    let set = |gauge, value: u64| app.telemetry.set(gauge, i64::try_from(value).unwrap_or(i64::MAX));
    set(Gauge::QueryMemoryBytes, query.memory_bytes as u64);
    set(Gauge::QueriesQueued, query.queued as u64);
    set(Gauge::QuerySpilledBytes, query.spilled_bytes);
    set(Gauge::ResidentBytes, crate::budget::resident_bytes());
    let text = app.telemetry.render() + &app.plugins.render_metrics();
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"))], text)
        .into_response()
}
