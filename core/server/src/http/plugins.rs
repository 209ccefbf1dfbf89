//! `/api/v1/plugins`: the users' own WebAssembly and scripts.

use super::{App, json};
use crate::access::Caller;
use crate::plugins::{Installed, Upload, Works, failure_info, log_lines, status};
use crate::problem::Failure;
use crate::time::rfc3339;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use lincei_api::{
    PluginActivation, PluginColumn, PluginCost, PluginDescription, PluginInfo, PluginLimits, PluginList, PluginLogLine,
    PluginScript, PluginSettings, PluginTrial, PluginVersion, TrialResult,
};
use lincei_catalog::{PluginChange, PluginRuntime, StoredPluginVersion};
use lincei_host::Description;
use lincei_pipeline::FailureKind;
use serde::Deserialize;
use std::sync::Arc;

/// Bytes of an upload.
pub(super) const UPLOAD_BYTES_MAX: usize = crate::plugins::WASM_BYTES_MAX + 1;
/// Bytes of a request that has records or a script in it.
const TRIAL_BYTES_MAX: usize = 8 << 20;
/// Media type of a plugin.
const WASM: &str = "application/wasm";

fn description(of: Description) -> PluginDescription {
    let column = |(path, column_type, access)| PluginColumn { path, column_type, access };
    PluginDescription {
        name: of.name,
        version: of.version,
        description: of.description,
        signals: of.signals,
        columns: of.columns.into_iter().map(column).collect(),
        routes: of.routes,
        remembers: of.remembers,
        signature: of.signature,
    }
}

fn cost(installed: &Installed) -> PluginCost {
    let totals = installed.plugin.totals();
    let (state_entries, state_bytes) = installed.plugin.state().size();
    let lincei_host::PluginMetrics { counters, gauges } = installed.plugin.metrics();
    #[expect(clippy::cast_precision_loss, reason = "shown as a number")]
    let counters = counters.into_iter().map(|(name, value)| (name, value as f64));
    let failures = FailureKind::ALL.iter().zip(totals.failures).filter(|(_, count)| *count > 0);
    PluginCost {
        calls: totals.calls,
        records_in: totals.records_in,
        records_out: totals.records_out,
        records_dropped: totals.records_dropped,
        cpu_seconds: totals.cpu.as_secs_f64(),
        call_p99_us: totals.call_p99.map(|p99| p99.as_secs_f64() * 1e6),
        memory_bytes: totals.memory_bytes,
        instances_made: totals.instances_made,
        traps: totals.traps(),
        failures: failures.map(|(kind, count)| (kind.as_str().to_owned(), count)).collect(),
        log_lines_dropped: totals.log_lines_dropped,
        state_entries: state_entries as u64,
        state_bytes,
        metrics: counters.chain(gauges).collect(),
        last_failure: totals.last_failure.map(|(time_ns, failure)| lincei_api::PluginFailure {
            time: Some(rfc3339(time_ns)),
            ..failure_info(failure.kind, &failure.detail, &failure.backtrace)
        }),
    }
}

/// Pipeline steps that use a plugin.
fn used_by(app: &App, name: &str) -> Vec<String> {
    let steps = |table: lincei_model::Table| {
        let used = app.pipelines.steps(table).into_iter().filter(|step| step.plugin() == Some(name));
        used.map(|step| format!("{table}/{}", step.name)).collect::<Vec<_>>()
    };
    crate::pipelines::SIGNALS.into_iter().flat_map(steps).collect()
}

fn info(app: &App, installed: &Installed) -> PluginInfo {
    let error = match &installed.works {
        Works::Broken(failure) => Some(failure.clone()),
        _ => None,
    };
    let stored = || serde_json::from_value::<Description>(installed.version.description.clone()).ok();
    PluginInfo {
        name: installed.row.name.clone(),
        kind: installed.row.kind.clone(),
        runtime: installed.version.runtime.as_str().to_owned(),
        enabled: installed.row.enabled,
        status: status(&installed.works).to_owned(),
        error,
        active_version: installed.row.active_version,
        description: installed.works.description().or_else(stored).map(description).unwrap_or_default(),
        limits: limits(&installed.row.limits),
        config: installed.row.config.clone(),
        hosts: installed.row.hosts.clone(),
        used_by: used_by(app, &installed.row.name),
        cost: cost(installed),
        created_at: rfc3339(installed.row.created_ns),
    }
}

/// The limits with the defaults for those that are not stored.
fn limits(stored: &serde_json::Value) -> PluginLimits {
    let limits: lincei_host::PluginLimits = serde_json::from_value(stored.clone()).unwrap_or_default();
    PluginLimits {
        memory_bytes: limits.memory_bytes,
        call_cpu_ms: limits.call_cpu_ms,
        init_cpu_ms: limits.init_cpu_ms,
        output_bytes: limits.output_bytes,
        output_rows: limits.output_rows,
        host_calls: limits.host_calls,
        log_lines_per_second: limits.log_lines_per_second,
        state_bytes: limits.state_bytes,
        state_entries: limits.state_entries,
        concurrency: limits.concurrency,
    }
}

fn version(stored: StoredPluginVersion, active: u64) -> PluginVersion {
    let author = stored.description.get("version").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    PluginVersion {
        version: stored.version,
        runtime: stored.runtime.as_str().to_owned(),
        sha256: stored.sha256,
        bytes: stored.bytes,
        author_version: author,
        created_at: rfc3339(stored.created_ns),
        created_by: stored.created_by,
        active: stored.version == active,
    }
}

#[utoipa::path(get, path = "/api/v1/plugins", tag = "plugins", summary = "Installed plugins, what they did and what they cost", responses((status = 200, body = lincei_api::PluginList)))]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Json<PluginList> {
    let items = app.plugins.all().iter().map(|installed| info(&app, installed)).collect();
    let threads = u32::try_from(app.plugins.threads().threads()).unwrap_or(u32::MAX);
    Json(PluginList { items, threads, languages: app.plugins.languages() })
}

#[utoipa::path(get, path = "/api/v1/plugins/{name}", tag = "plugins", summary = "One plugin", params(("name" = String, Path)), responses((status = 200, body = lincei_api::PluginInfo), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn show(State(app): State<Arc<App>>, Path(name): Path<String>) -> Result<Json<PluginInfo>, Failure> {
    Ok(Json(info(&app, &app.plugins.find(&name)?)))
}

#[utoipa::path(get, path = "/api/v1/plugins/{name}/log", tag = "plugins", summary = "The latest lines that a plugin wrote, oldest first", params(("name" = String, Path)), responses((status = 200, body = Vec<lincei_api::PluginLogLine>), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn log(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<Vec<PluginLogLine>>, Failure> {
    Ok(Json(log_lines(app.plugins.find(&name)?.plugin.log())))
}

#[utoipa::path(get, path = "/api/v1/plugins/{name}/versions", tag = "plugins", summary = "All versions, newest first", params(("name" = String, Path)), responses((status = 200, body = Vec<lincei_api::PluginVersion>), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn versions(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
) -> Result<Json<Vec<PluginVersion>>, Failure> {
    let active = app.plugins.find(&name)?.row.active_version;
    let versions = app.plugins.versions(&name).await?;
    Ok(Json(versions.into_iter().map(|stored| version(stored, active)).collect()))
}

#[utoipa::path(get, path = "/api/v1/plugins/{name}/versions/{version}/source", tag = "plugins", summary = "What was uploaded as a version: the script, or the WebAssembly", params(("name" = String, Path), ("version" = u64, Path)), responses((status = 200, description = "The script as text/plain, or application/wasm", content((String = "text/plain"), (Vec<u8> = "application/wasm"))), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn source(
    State(app): State<Arc<App>>,
    Path((name, version)): Path<(String, u64)>,
) -> Result<Response, Failure> {
    let (stored, bytes) = app.plugins.uploaded(&name, version).await?;
    let media = if stored.runtime == PluginRuntime::Wasm { WASM } else { "text/plain; charset=utf-8" };
    Ok(([(header::CONTENT_TYPE, media)], bytes).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UploadParameters {
    activate: Option<bool>,
}

#[utoipa::path(post, path = "/api/v1/plugins/{name}/versions", tag = "plugins", summary = "Upload a new version, which is checked and tried before it takes over",
    params(("name" = String, Path), ("activate" = Option<bool>, Query, description = "false to keep it without letting it take over")),
    request_body(content((Vec<u8> = "application/wasm"), (lincei_api::PluginScript = "application/json")), description = "A component or module, or a script"),
    responses((status = 201, body = lincei_api::PluginInfo), (status = 400, body = lincei_api::Problem), (status = 403, body = lincei_api::Problem), (status = 409, body = lincei_api::Problem), (status = 413, body = lincei_api::Problem)))]
pub(crate) async fn upload(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    parameters: Result<Query<UploadParameters>, QueryRejection>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<PluginInfo>), Failure> {
    let Query(parameters) = parameters.map_err(|rejection| Failure::invalid(rejection.body_text()))?;
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let upload = if media.starts_with(WASM) {
        Upload::Wasm(body)
    } else {
        let script: PluginScript = json::parse(&headers, &body, super::API_BYTES_MAX)?;
        Upload::Script(script.language.parse()?, script.source)
    };
    let activate = parameters.activate.unwrap_or(true);
    let installed = app.plugins.upload(caller.actor(), &name, upload, activate).await?;
    app.pipelines.reload().await?;
    Ok((StatusCode::CREATED, Json(info(&app, &installed))))
}

#[utoipa::path(put, path = "/api/v1/plugins/{name}/active", tag = "plugins", summary = "Let another version take over", params(("name" = String, Path)), request_body = lincei_api::PluginActivation, responses((status = 200, body = lincei_api::PluginInfo), (status = 400, body = lincei_api::Problem), (status = 403, body = lincei_api::Problem), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn activate(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PluginInfo>, Failure> {
    let PluginActivation { version } = json::parse(&headers, &body, super::API_BYTES_MAX)?;
    let installed = app.plugins.activate(caller.actor(), &name, version).await?;
    app.pipelines.reload().await?;
    Ok(Json(info(&app, &installed)))
}

#[utoipa::path(put, path = "/api/v1/plugins/{name}/settings", tag = "plugins", summary = "Change limits, configuration or hosts, or switch a plugin on and off", params(("name" = String, Path)), request_body = lincei_api::PluginSettings, responses((status = 200, body = lincei_api::PluginInfo), (status = 400, body = lincei_api::Problem), (status = 403, body = lincei_api::Problem), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn configure(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PluginInfo>, Failure> {
    let PluginSettings { limits, config, hosts, enabled } = json::parse(&headers, &body, super::API_BYTES_MAX)?;
    let limits = limits.map(|limits| serde_json::to_value(limits).unwrap_or_default());
    let change = PluginChange { limits, config, hosts, enabled };
    let installed = app.plugins.configure(caller.actor(), &name, change).await?;
    app.pipelines.reload().await?;
    Ok(Json(info(&app, &installed)))
}

#[utoipa::path(delete, path = "/api/v1/plugins/{name}", tag = "plugins", summary = "Delete a plugin with all its versions and its state", params(("name" = String, Path)), responses((status = 204), (status = 403, body = lincei_api::Problem), (status = 404, body = lincei_api::Problem), (status = 409, body = lincei_api::Problem, description = "A pipeline uses it")))]
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Result<StatusCode, Failure> {
    app.plugins.delete(caller.actor(), &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/v1/plugins/try", tag = "plugins", summary = "Try a script, or a version of an installed operator, on records that are not stored", request_body = lincei_api::PluginTrial, responses((status = 200, body = lincei_api::TrialResult), (status = 400, body = lincei_api::Problem), (status = 403, body = lincei_api::Problem), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn try_out(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<TrialResult>, Failure> {
    let trial: PluginTrial = json::parse(&headers, &body, TRIAL_BYTES_MAX)?;
    Ok(Json(app.plugins.try_out(trial, &caller.label()).await?))
}
