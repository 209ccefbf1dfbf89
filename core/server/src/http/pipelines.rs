//! `/api/v1/pipelines`: what records pass before they are stored.

use super::{App, json};
use crate::access::Caller;
use crate::pipelines::{Running, SIGNALS, saved_steps};
use crate::plugins::{failure_info, table_of_signal};
use crate::problem::Failure;
use crate::time::rfc3339;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use bytes::Bytes;
use http::HeaderMap;
use lincei_api::{
    PipelineChange, PipelineInfo, PipelineList, PipelinePreview, PipelineStep, PipelineStepInfo, StepTotals,
    TrialResult,
};
use lincei_model::Table;
use lincei_pipeline::operator::BUILT_IN;
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes of a request that has records in it.
const PREVIEW_BYTES_MAX: usize = 8 << 20;

fn totals(of: lincei_pipeline::StepTotals) -> StepTotals {
    StepTotals {
        calls: of.calls,
        failures: of.failures,
        records_in: of.records_in,
        records_out: of.records_out,
        records_dropped: of.records_dropped,
        records_added: of.records_added,
        records_rejected: of.records_rejected,
        records_failed: of.records_failed,
        seconds: of.elapsed.as_secs_f64(),
        last_failure: of.last_failure.map(|(kind, detail)| failure_info(kind, &detail, &[])),
    }
}

fn info(app: &App, table: Table, running: Running) -> PipelineInfo {
    let signal = table.name().to_owned();
    let Some(stored) = running.stored else { return PipelineInfo { signal, ..PipelineInfo::default() } };
    let step = |step: PipelineStep| {
        let totals = totals(app.pipelines.totals(table, &step.name));
        PipelineStepInfo { step, totals }
    };
    PipelineInfo {
        signal,
        revision: stored.revision,
        steps: saved_steps(stored.steps).into_iter().map(step).collect(),
        error: running.error,
        updated_at: Some(rfc3339(stored.updated_ns)),
        updated_by: Some(stored.updated_by),
    }
}

#[utoipa::path(get, path = "/api/v1/pipelines", tag = "pipelines", summary = "The pipeline of each signal, with what its steps did", responses((status = 200, body = lincei_api::PipelineList)))]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Json<PipelineList> {
    let items = SIGNALS.into_iter().map(|table| info(&app, table, app.pipelines.of(table))).collect();
    Json(PipelineList { items, built_in: BUILT_IN.map(str::to_owned).to_vec() })
}

#[utoipa::path(put, path = "/api/v1/pipelines/{signal}", tag = "pipelines", summary = "Save the steps of a signal; they work from the next batch on", params(("signal" = String, Path, description = "logs, spans or metrics")), request_body = lincei_api::PipelineChange, responses((status = 200, body = lincei_api::PipelineInfo), (status = 400, body = lincei_api::Problem), (status = 403, body = lincei_api::Problem), (status = 409, body = lincei_api::Problem, description = "Somebody else saved meanwhile")))]
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(signal): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PipelineInfo>, Failure> {
    let table = table_of_signal(&signal)?;
    let PipelineChange { revision, steps } = json::parse(&headers, &body, super::API_BYTES_MAX)?;
    let running = app.pipelines.save(caller.actor(), table, steps, revision, app.clock.now_ns()).await?;
    Ok(Json(info(&app, table, running)))
}

#[utoipa::path(post, path = "/api/v1/pipelines/{signal}/preview", tag = "pipelines", summary = "What steps that are not saved would make of records", params(("signal" = String, Path, description = "logs, spans or metrics")), request_body = lincei_api::PipelinePreview, responses((status = 200, body = lincei_api::TrialResult), (status = 400, body = lincei_api::Problem), (status = 403, body = lincei_api::Problem)))]
pub(crate) async fn preview(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(signal): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<TrialResult>, Failure> {
    let table = table_of_signal(&signal)?;
    let PipelinePreview { steps, sample } = json::parse(&headers, &body, PREVIEW_BYTES_MAX)?;
    let batch = app.plugins.sample(table, &sample, &caller.label()).await?;
    let Some(pipeline) = app.pipelines.build(table, &steps, &HashMap::new()).await? else {
        let records = lincei_pipeline::records_to_json(batch.records());
        let before = records.map_err(|error| Failure::internal(error.to_string()))?;
        let after = before.iter().cloned().map(Some).collect();
        return Ok(Json(TrialResult { before, after, ..TrialResult::default() }));
    };
    let stats: Vec<_> = pipeline.steps().iter().map(|step| Arc::clone(&step.stats)).collect();
    let mut result = app.plugins.run_trial(pipeline.as_ref().clone(), &batch).await?;
    result.steps = stats.iter().map(|stats| totals(stats.totals())).collect();
    result.cpu_us = result.steps.iter().map(|step| step.seconds).sum::<f64>() * 1e6;
    Ok(Json(result))
}
