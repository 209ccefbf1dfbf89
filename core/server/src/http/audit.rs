//! `GET /api/v1/audit`.

use super::App;
use crate::problem::Failure;
use crate::time::rfc3339;
use axum::Json;
use axum::extract::{Query, State};
use lincei_api::{AuditEntry, AuditPage};
use serde::Deserialize;
use std::sync::Arc;

const PAGE_MAX: usize = 1000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    limit: Option<usize>,
    before: Option<i64>,
}

#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", summary = "Changes that anyone made, newest first", params(("limit" = Option<u32>, Query), ("before" = Option<i64>, Query)), responses((status = 200, body = lincei_api::AuditPage)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<AuditPage>, Failure> {
    let limit = parameters.limit.unwrap_or(100).clamp(1, PAGE_MAX);
    let found = app.catalog.audit(limit, parameters.before)?;
    let next = (found.len() == limit).then(|| found.last().map(|e| e.id)).flatten();
    let entries = found
        .into_iter()
        .map(|e| AuditEntry {
            id: e.id,
            time: rfc3339(e.time_ns),
            actor: e.actor,
            origin: e.origin,
            action: e.action,
            target: e.target,
            before: e.before,
            after: e.after,
        })
        .collect();
    Ok(Json(AuditPage { entries, next }))
}
