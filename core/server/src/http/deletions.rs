//! `/api/v1/delete` and `/api/v1/deletions`: deleting rows for good.

use super::App;
use crate::access::Caller;
use crate::deletions::Asked;
use crate::problem::Failure;
use crate::time;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use http::StatusCode;
use lincei_api::{DeleteRequest, DeletionEstimate, DeletionInfo, DeletionList, TimeInput};
use lincei_engine::{Deletion, DeletionProgress, EngineError};
use lincei_model::{ErrorCode, Table, TimeRange};
use lincei_query::{DeletionRequest, RowCondition};
use std::sync::Arc;

#[utoipa::path(post, path = "/api/v1/delete", tag = "deletions", summary = "Delete the rows that match a condition, or count them",
    request_body = DeleteRequest,
    responses((status = 200, body = DeletionEstimate, description = "Dry run"), (status = 202, body = DeletionInfo, description = "Started"),
        (status = 400, body = lincei_api::Problem), (status = 403, body = lincei_api::Problem), (status = 409, body = lincei_api::Problem)))]
pub(crate) async fn start(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Result<Json<DeleteRequest>, JsonRejection>,
) -> Result<Response, Failure> {
    let Json(request) = request.map_err(|rejection| {
        let mut failure = Failure::invalid(rejection.body_text());
        failure.status = Some(rejection.status());
        failure
    })?;
    let table: Table = request.table.parse().map_err(Failure::invalid)?;
    let range = window(&app, &request)?;
    let (condition, shown) = condition(&request)?;
    let asked = DeletionRequest { tenant: app.tenant.clone(), table, range, condition };
    let compiled = app.query.compile_deletion(asked).await?;
    if compiled.is_unconditional && range == TimeRange::ALL && !request.everything {
        return Err(Failure::invalid(format!(
            "this would delete every row of {table}: give search, where, from or to, or set \"everything\": true"
        )));
    }
    if request.dry_run {
        return Ok(Json(measure(&app, compiled.deletion).await?).into_response());
    }
    let info = app.deletions.start(caller.actor(), Asked { table, condition: shown, range }, compiled.deletion)?;
    Ok((StatusCode::ACCEPTED, Json(info)).into_response())
}

fn window(app: &App, request: &DeleteRequest) -> Result<TimeRange, Failure> {
    let now = app.clock.now_ns();
    let bound = |given: &Option<TimeInput>, none: i64| {
        given.as_ref().map_or(Ok(none), |t| time::parse(t, now).map_err(Failure::invalid))
    };
    let all = TimeRange::ALL;
    let range = TimeRange::new(bound(&request.from, all.start_ns)?, bound(&request.to, all.end_ns)?);
    if range.is_empty() {
        let (from, to) = (time::rfc3339(range.start_ns), time::rfc3339(range.end_ns));
        return Err(Failure::invalid(format!("from {from} is not before to {to}")));
    }
    Ok(range)
}

/// What was asked for, and how it is shown.
fn condition(request: &DeleteRequest) -> Result<(RowCondition, String), Failure> {
    let text = |given: &Option<String>| given.clone().filter(|text| !text.trim().is_empty());
    match (text(&request.search), text(&request.condition)) {
        (Some(_), Some(_)) => Err(Failure::invalid("give search or where, not both")),
        (Some(search), None) => {
            let shown = format!("search('{}')", search.replace('\'', "''"));
            Ok((RowCondition::Search(search), shown))
        }
        (None, Some(condition)) => Ok((RowCondition::Where(condition.clone()), condition)),
        (None, None) => Ok((RowCondition::Everything, String::new())),
    }
}

/// Ends the reading when the client goes away.
struct CancelOnDrop(Arc<DeletionProgress>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

async fn measure(app: &App, deletion: Deletion) -> Result<DeletionEstimate, Failure> {
    let guard = CancelOnDrop(Arc::default());
    let found = app.engine.measure_deletion(deletion, Arc::clone(&guard.0)).await.map_err(failed)?;
    Ok(DeletionEstimate {
        rows: found.rows_deleted,
        rows_scanned: found.rows_scanned,
        files_of_table: found.files_of_table,
        files_scanned: found.files_total,
        files_rewritten: found.files_rewritten,
        files_removed: found.files_removed,
        set_aside: found.set_aside,
    })
}

/// What is wrong with a condition is said by the cause.
fn failed(error: EngineError) -> Failure {
    if matches!(error, EngineError::Predicate { .. }) {
        return Failure::new(ErrorCode::Invalid, crate::cli::chain(&error.into()));
    }
    Failure::from(error)
}

#[utoipa::path(get, path = "/api/v1/deletions", tag = "deletions", summary = "Deletions since the start of the server, newest first", responses((status = 200, body = lincei_api::DeletionList)))]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Json<DeletionList> {
    Json(DeletionList { deletions: app.deletions.list() })
}

#[utoipa::path(get, path = "/api/v1/deletions/{id}", tag = "deletions", summary = "How far a deletion is", params(("id" = String, Path)), responses((status = 200, body = lincei_api::DeletionInfo), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn show(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<DeletionInfo>, Failure> {
    let found = app.deletions.find(&id);
    found.map(Json).ok_or_else(|| Failure::not_found(format!("no deletion {id:?} since the start of the server")))
}

#[utoipa::path(delete, path = "/api/v1/deletions/{id}", tag = "deletions", summary = "End a deletion before its next file; files already rewritten stay so", params(("id" = String, Path)), responses((status = 204), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn cancel(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    if app.deletions.cancel(&id) {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Failure::not_found(format!("no deletion {id:?} is running")))
}
