//! HTTP: one resource per file, the routers of the listeners, and what every answer carries.

mod accounts;
mod audit;
mod body;
mod deletions;
mod fields;
mod health;
mod ingest;
mod json;
mod keys;
mod logs;
mod openapi;
pub(crate) mod otlp;
mod page;
mod pipelines;
mod plugins;
mod queries;
mod saved;
mod session;
mod settings;
mod span;
mod sql;
mod status;
mod storage;
mod system;

pub(crate) use body::{client_label, read_body};

use crate::access::{Access, guard_admin, guard_api, guard_ingest};
use crate::data_path::DataPath;
use crate::deletions::Deletions;
use crate::pipelines::Pipelines;
use crate::plugins::Plugins;
use crate::problem::Failure;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post, put};
use http::{HeaderName, HeaderValue, Method, header};
use lincei_catalog::Catalog;
use lincei_engine::Engine;
use lincei_model::{Clock, Telemetry, TenantId};
use lincei_query::QueryService;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;

/// Bytes of a JSON body of the page's API.
const API_BYTES_MAX: usize = 1 << 20;

/// What handlers work with.
pub(crate) struct App {
    pub(crate) access: Arc<Access>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) cors_origins: Vec<String>,
    pub(crate) data_path: Arc<DataPath>,
    pub(crate) deletions: Arc<Deletions>,
    pub(crate) endpoints: lincei_api::Endpoints,
    pub(crate) engine: Engine,
    pub(crate) pipelines: Arc<Pipelines>,
    pub(crate) plugins: Arc<Plugins>,
    pub(crate) query: QueryService,
    pub(crate) rate: status::Rate,
    pub(crate) secure_cookies: bool,
    pub(crate) started_ns: i64,
    pub(crate) stop: CancellationToken,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) tenant: TenantId,
}

pub(crate) use status::{Rate, time_bounds};
pub(crate) use system::{BackupRequest, BackupResult, CheckResult, backup_result, check_result};

/// Everything on the main address.
pub(crate) fn main_router(app: &Arc<App>) -> Router {
    let admin = Router::new()
        .route("/accounts", post(accounts::create))
        .route("/accounts/{name}", delete(accounts::remove))
        .route("/keys", post(keys::create))
        .route("/keys/{id}", delete(keys::revoke))
        .route("/settings/storage", put(settings::change_storage))
        .route("/system/flush", post(system::flush))
        .route("/system/check", post(system::check))
        .route("/system/backup", post(system::backup))
        .route("/delete", post(deletions::start))
        .route("/deletions/{id}", delete(deletions::cancel))
        .merge(plugin_changes())
        .layer(from_fn(guard_admin));
    let api = Router::new()
        .route("/sql", post(sql::run))
        .route("/fields", post(fields::complete))
        .route("/logs/facets", post(logs::facets::count))
        .route("/logs/histogram", post(logs::histogram::count))
        .route("/logs/patterns", post(logs::patterns::find))
        .route("/logs/surrounding", post(logs::surrounding::show))
        .route("/logs/tail", get(logs::tail::follow))
        .route("/queries", get(queries::list))
        .route("/queries/{id}", delete(queries::cancel))
        .route("/saved", get(saved::list).post(saved::create))
        .route("/saved/{id}", get(saved::show).put(saved::change).delete(saved::remove))
        .route("/saved/{id}/versions", get(saved::versions))
        .route("/status", get(status::show))
        .route("/storage", get(storage::show))
        .route("/settings/storage", get(settings::storage))
        .route("/accounts", get(accounts::list))
        .route("/accounts/{name}/password", put(accounts::change_password))
        .route("/keys", get(keys::list))
        .route("/audit", get(audit::list))
        .route("/deletions", get(deletions::list))
        .route("/deletions/{id}", get(deletions::show))
        .merge(plugin_reads())
        .merge(admin)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(&app.access), guard_api));
    let session = Router::new().route("/session", get(session::show).post(session::sign_in).delete(session::sign_out));
    let metrics = Router::new()
        .route("/metrics", get(health::metrics))
        .layer(from_fn_with_state(Arc::clone(&app.access), guard_api));
    let ingest = Router::new()
        .route("/api/v1/ingest/logs", post(ingest::logs))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(&app.access), guard_ingest))
        .layer(cors(&app.cors_origins));
    let open = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/api/v1/openapi.json", get(openapi::document));
    let router = Router::new()
        .nest("/api/v1", api.merge(session))
        .merge(metrics)
        .merge(ingest)
        .merge(open)
        .merge(otlp_routes(app))
        .fallback(page::serve)
        .layer(DefaultBodyLimit::max(API_BYTES_MAX))
        .with_state(Arc::clone(app));
    finish(router)
}

/// What anybody may see of plugins and pipelines.
fn plugin_reads() -> Router<Arc<App>> {
    Router::new()
        .route("/pipelines", get(pipelines::list))
        .route("/plugins", get(plugins::list))
        .route("/plugins/{name}", get(plugins::show))
        .route("/plugins/{name}/log", get(plugins::log))
        .route("/plugins/{name}/versions", get(plugins::versions))
        .route("/plugins/{name}/versions/{version}/source", get(plugins::source))
}

/// What only administrators may do with them: their code sees every record.
fn plugin_changes() -> Router<Arc<App>> {
    let upload = post(plugins::upload).layer(DefaultBodyLimit::max(plugins::UPLOAD_BYTES_MAX));
    Router::new()
        .route("/pipelines/{signal}", put(pipelines::save))
        .route("/pipelines/{signal}/preview", post(pipelines::preview))
        .route("/plugins/try", post(plugins::try_out))
        .route("/plugins/{name}", delete(plugins::remove))
        .route("/plugins/{name}/active", put(plugins::activate))
        .route("/plugins/{name}/settings", put(plugins::configure))
        .route("/plugins/{name}/versions", upload)
}

/// OTLP over HTTP alone, for its own address.
pub(crate) fn otlp_router(app: &Arc<App>) -> Router {
    let router = otlp_routes(app)
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(otlp::unknown_path)
        .with_state(Arc::clone(app));
    finish(router)
}

/// OTLP over gRPC, for its own address.
pub(crate) fn grpc_router(app: &Arc<App>) -> Router {
    finish(Router::new().fallback(crate::grpc::export).with_state(Arc::clone(app)))
}

fn otlp_routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/v1/logs", post(otlp::logs))
        .route("/v1/traces", post(otlp::traces))
        .route("/v1/metrics", post(otlp::metrics))
        .method_not_allowed_fallback(wrong_method)
        .layer(cors(&app.cors_origins))
}

/// Set on each router before its layers: set on the whole, it would answer the preflight requests
/// that the CORS layer answers.
async fn wrong_method(method: Method, uri: http::Uri) -> Response {
    let mut failure = Failure::invalid(format!("{method} is not a method of {}", uri.path()));
    failure.status = Some(http::StatusCode::METHOD_NOT_ALLOWED);
    failure.into_response()
}

fn finish(router: Router) -> Router {
    let header = |name: &'static str, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    router
        .layer(from_fn(span::record))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(header("x-content-type-options", "nosniff"))
        .layer(header("x-frame-options", "DENY"))
        .layer(header("referrer-policy", "no-referrer"))
        .layer(header("cross-origin-opener-policy", "same-origin"))
        .layer(header("permissions-policy", "camera=(), geolocation=(), microphone=()"))
        .layer(header("cache-control", "no-store"))
        .layer(header("content-security-policy", "default-src 'none'; frame-ancestors 'none'"))
}

#[expect(clippy::needless_pass_by_value, reason = "the layer calls it so")]
fn panicked(cause: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = text.unwrap_or("unknown"), "a request handler panicked");
    Failure::internal("the request could not be answered: a defect in Lincei").into_response()
}

/// Browsers may send telemetry from the configured origins; answers carry nothing worth stealing.
fn cors(origins: &[String]) -> CorsLayer {
    let allowed = if origins.iter().any(|o| o == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().filter_map(|o| HeaderValue::from_str(o).ok()))
    };
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::POST])
        .allow_headers(tower_http::cors::AllowHeaders::mirror_request())
        .expose_headers([header::RETRY_AFTER])
        .max_age(Duration::from_secs(86_400))
}
