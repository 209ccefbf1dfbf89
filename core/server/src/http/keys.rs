//! `/api/v1/keys`.

use super::App;
use crate::access::Caller;
use crate::problem::Failure;
use crate::time::rfc3339;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use lincei_api::{KeyCreated, KeyInfo, NewKey};
use lincei_catalog::{ApiKey, KeyId, KeyKind};
use std::sync::Arc;

pub(crate) fn key_info(key: &ApiKey) -> KeyInfo {
    KeyInfo {
        id: key.id.to_string(),
        name: key.name.clone(),
        kind: key.kind.as_str().to_owned(),
        prefix: key.prefix.clone(),
        created: rfc3339(key.created_ns),
        last_used: key.last_used_ns.map(rfc3339),
        revoked: key.revoked_ns.map(rfc3339),
    }
}

#[utoipa::path(get, path = "/api/v1/keys", tag = "keys", summary = "Keys, without their secrets", responses((status = 200, body = Vec<lincei_api::KeyInfo>)))]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Result<Json<Vec<KeyInfo>>, Failure> {
    Ok(Json(app.catalog.keys()?.iter().map(key_info).collect()))
}

#[utoipa::path(post, path = "/api/v1/keys", tag = "keys", summary = "Create a key; the only time its secret is shown", request_body = lincei_api::NewKey, responses((status = 201, body = lincei_api::KeyCreated)))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Json(new): Json<NewKey>,
) -> Result<(StatusCode, Json<KeyCreated>), Failure> {
    let kind: KeyKind = new.kind.parse().map_err(Failure::from)?;
    let (key, secret) = app.catalog.create_key(&caller.actor(), &new.name, kind, app.clock.now_ns())?;
    Ok((StatusCode::CREATED, Json(KeyCreated { key: key_info(&key), secret: secret.expose().to_owned() })))
}

#[utoipa::path(delete, path = "/api/v1/keys/{id}", tag = "keys", summary = "Revoke a key", params(("id" = String, Path)), responses((status = 204), (status = 404, body = lincei_api::Problem)))]
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    let id: KeyId = id.parse().map_err(|_| Failure::not_found(format!("no key has id {id:?}")))?;
    app.catalog.revoke_key(&caller.actor(), id, app.clock.now_ns())?;
    Ok(StatusCode::NO_CONTENT)
}
