//! `/api/v1/saved`: views, queries and dashboards that people keep.

use super::{API_BYTES_MAX, App, json};
use crate::access::Caller;
use crate::catalog::on_catalog;
use crate::problem::Failure;
use crate::time::rfc3339;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use lincei_api::{NewSaved, SavedChange, SavedInfo, SavedList, SavedObject, SavedVersion};
use lincei_catalog::{Saved, SavedDraft, SavedId, SavedKind};
use serde::Deserialize;
use std::sync::Arc;

fn info(saved: lincei_catalog::SavedInfo) -> SavedInfo {
    SavedInfo {
        id: saved.id.to_string(),
        kind: saved.kind.as_str().to_owned(),
        name: saved.name,
        version: saved.version,
        created_at: rfc3339(saved.created_ns),
        updated_at: rfc3339(saved.updated_ns),
        updated_by: saved.updated_by,
    }
}

fn object(saved: Saved) -> Json<SavedObject> {
    Json(SavedObject { info: info(saved.info), content: saved.content })
}

fn unknown(id: &str) -> Failure {
    Failure::not_found(format!("nothing saved has id {id:?}"))
}

fn id_of(text: &str) -> Result<SavedId, Failure> {
    text.parse().map_err(|_| unknown(text))
}

fn given<T>(parameters: Result<Query<T>, QueryRejection>) -> Result<T, Failure> {
    parameters.map(|Query(parameters)| parameters).map_err(|rejection| Failure::invalid(rejection.body_text()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParameters {
    kind: Option<String>,
}

#[utoipa::path(get, path = "/api/v1/saved", tag = "saved", summary = "Saved views, queries and dashboards, by name", params(("kind" = Option<String>, Query, description = "view, query or dashboard; all without")), responses((status = 200, body = lincei_api::SavedList), (status = 400, body = lincei_api::Problem)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    parameters: Result<Query<ListParameters>, QueryRejection>,
) -> Result<Json<SavedList>, Failure> {
    let kind = given(parameters)?.kind.map(|kind| kind.parse::<SavedKind>()).transpose()?;
    let items = on_catalog(&app.catalog, move |catalog| catalog.saved_list(kind)).await?;
    Ok(Json(SavedList { items: items.into_iter().map(info).collect() }))
}

#[utoipa::path(post, path = "/api/v1/saved", tag = "saved", summary = "Save a new view, query or dashboard", request_body = lincei_api::NewSaved, responses((status = 201, body = lincei_api::SavedObject), (status = 400, body = lincei_api::Problem), (status = 409, body = lincei_api::Problem, description = "As many are saved as may be")))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<SavedObject>), Failure> {
    let new: NewSaved = json::parse(&headers, &body, API_BYTES_MAX)?;
    let kind: SavedKind = new.kind.parse().map_err(Failure::from)?;
    let draft = SavedDraft { name: new.name, content: new.content };
    let (actor, now) = (caller.actor(), app.clock.now_ns());
    let saved = on_catalog(&app.catalog, move |catalog| catalog.create_saved(&actor, kind, draft, now)).await?;
    Ok((StatusCode::CREATED, object(saved)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowParameters {
    version: Option<u64>,
}

#[utoipa::path(get, path = "/api/v1/saved/{id}", tag = "saved", summary = "One saved object, as it is or as it was", params(("id" = String, Path), ("version" = Option<u64>, Query, description = "an earlier version; the latest without")), responses((status = 200, body = lincei_api::SavedObject), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    parameters: Result<Query<ShowParameters>, QueryRejection>,
) -> Result<Json<SavedObject>, Failure> {
    let (saved_id, version) = (id_of(&id)?, given(parameters)?.version);
    let found = on_catalog(&app.catalog, move |catalog| catalog.saved(saved_id, version)).await?;
    found.map(object).ok_or_else(|| match version {
        None => unknown(&id),
        Some(version) => Failure::not_found(format!(
            "version {version} of {id} does not exist, or is not among the newest {} that are kept",
            lincei_catalog::limits::SAVED_VERSIONS_MAX
        )),
    })
}

#[utoipa::path(put, path = "/api/v1/saved/{id}", tag = "saved", summary = "Save the next version", params(("id" = String, Path)), request_body = lincei_api::SavedChange, responses((status = 200, body = lincei_api::SavedObject), (status = 400, body = lincei_api::Problem), (status = 404, body = lincei_api::Problem), (status = 409, body = lincei_api::Problem, description = "Somebody else saved meanwhile")))]
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<SavedObject>, Failure> {
    let id = id_of(&id)?;
    let change: SavedChange = json::parse(&headers, &body, API_BYTES_MAX)?;
    let (actor, now, version) = (caller.actor(), app.clock.now_ns(), change.version);
    let draft = SavedDraft { name: change.name, content: change.content };
    on_catalog(&app.catalog, move |catalog| catalog.update_saved(&actor, id, draft, version, now)).await.map(object)
}

#[utoipa::path(delete, path = "/api/v1/saved/{id}", tag = "saved", summary = "Delete a saved object and its versions", params(("id" = String, Path)), responses((status = 204), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    let id = id_of(&id)?;
    let (actor, now) = (caller.actor(), app.clock.now_ns());
    on_catalog(&app.catalog, move |catalog| catalog.delete_saved(&actor, id, now)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(get, path = "/api/v1/saved/{id}/versions", tag = "saved", summary = "The versions that are kept, newest first", params(("id" = String, Path)), responses((status = 200, body = Vec<lincei_api::SavedVersion>), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn versions(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Vec<SavedVersion>>, Failure> {
    let id = id_of(&id)?;
    let found = on_catalog(&app.catalog, move |catalog| catalog.saved_versions(id)).await?;
    let version = |v: lincei_catalog::SavedVersion| SavedVersion {
        version: v.version,
        name: v.name,
        saved_at: rfc3339(v.saved_ns),
        saved_by: v.saved_by,
    };
    Ok(Json(found.into_iter().map(version).collect()))
}
