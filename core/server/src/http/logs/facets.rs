//! `POST /api/v1/logs/facets`.

use super::{Asked, REQUEST_BYTES_MAX, count as number, selection, stats, values};
use crate::access::Caller;
use crate::http::{App, json};
use crate::problem::Failure;
use axum::body::Bytes;
use axum::extract::State;
use axum::{Extension, Json};
use http::HeaderMap;
use lincei_api::{FacetsRequest, FacetsResponse};
use lincei_model::Table;
use std::sync::Arc;

#[utoipa::path(post, path = "/api/v1/logs/facets", tag = "logs", summary = "The most frequent values of fields",
    request_body = FacetsRequest,
    responses((status = 200, body = FacetsResponse), (status = 400, body = lincei_api::Problem)))]
pub(crate) async fn count(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<FacetsResponse>, Failure> {
    let request: FacetsRequest = json::parse(&headers, &body, REQUEST_BYTES_MAX)?;
    let FacetsRequest { search, from, to, fields, limit, query_id } = request;
    let asked = Asked { search, from: from.as_ref(), to: to.as_ref(), query_id };
    let selection = selection(&app, &caller, Table::Logs, asked)?;
    let request = lincei_query::FacetsRequest { selection, fields, values_max: number(limit, 10) };
    let result = app.query.facets(request).await?;
    let facets = result.facets.into_iter().map(|facet| lincei_api::Facet {
        field: facet.field,
        rows: facet.rows,
        distinct: facet.distinct,
        values: values(facet.values),
        exact: facet.exact,
    });
    Ok(Json(FacetsResponse { facets: facets.collect(), sql: result.sql, stats: stats(result.stats) }))
}
