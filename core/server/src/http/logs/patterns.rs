//! `POST /api/v1/logs/patterns`.

use super::{Asked, REQUEST_BYTES_MAX, count as number, selection, stats};
use crate::access::Caller;
use crate::http::{App, json};
use crate::problem::Failure;
use crate::time::rfc3339;
use axum::body::Bytes;
use axum::extract::State;
use axum::{Extension, Json};
use http::HeaderMap;
use lincei_api::{LogPattern, PatternSeverity, PatternsRequest, PatternsResponse};
use lincei_model::Table;
use std::sync::Arc;

#[utoipa::path(post, path = "/api/v1/logs/patterns", tag = "logs", summary = "Patterns of log bodies",
    request_body = PatternsRequest,
    responses((status = 200, body = PatternsResponse), (status = 400, body = lincei_api::Problem)))]
pub(crate) async fn find(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PatternsResponse>, Failure> {
    let request: PatternsRequest = json::parse(&headers, &body, REQUEST_BYTES_MAX)?;
    let PatternsRequest { search, from, to, limit, rows, query_id } = request;
    let asked = Asked { search, from: from.as_ref(), to: to.as_ref(), query_id };
    let selection = selection(&app, &caller, Table::Logs, asked)?;
    let (limit, rows_max) = (number(limit, 50), number(rows, 1_000_000));
    let found = app.query.patterns(lincei_query::PatternsRequest { selection, limit, rows_max }).await?;
    let rows = found.rows;
    Ok(Json(PatternsResponse {
        patterns: found.patterns.into_iter().map(|pattern| describe(pattern, rows)).collect(),
        found: found.found,
        rows,
        uncounted: found.uncounted,
        sampled: found.sampled,
        sql: found.sql,
        stats: stats(found.stats),
    }))
}

#[expect(clippy::cast_precision_loss, reason = "a share is shown with few digits")]
fn describe(pattern: lincei_query::LogPattern, rows: u64) -> LogPattern {
    let severities = pattern.severities.into_iter().map(|(severity, count)| PatternSeverity { severity, count });
    LogPattern {
        pattern: pattern.pattern,
        count: pattern.count,
        share: pattern.count as f64 / rows.max(1) as f64,
        severities: severities.collect(),
        first_seen: rfc3339(pattern.first_ns),
        last_seen: rfc3339(pattern.last_ns),
        sample: pattern.sample,
    }
}
