//! `POST /api/v1/fields`: names and values to complete.

use super::logs::{Asked, REQUEST_BYTES_MAX, count, selection, stats, values};
use super::{App, json};
use crate::access::Caller;
use crate::problem::Failure;
use axum::body::Bytes;
use axum::extract::State;
use axum::{Extension, Json};
use http::HeaderMap;
use lincei_api::{FieldInfo, FieldsRequest, FieldsResponse};
use lincei_model::Table;
use lincei_query::{FieldName, FieldOrigin};
use std::sync::Arc;

#[utoipa::path(post, path = "/api/v1/fields", tag = "fields", summary = "Fields of a table, or values of one, by what they begin with",
    request_body = FieldsRequest,
    responses((status = 200, body = FieldsResponse), (status = 400, body = lincei_api::Problem)))]
pub(crate) async fn complete(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<FieldsResponse>, Failure> {
    let request: FieldsRequest = json::parse(&headers, &body, REQUEST_BYTES_MAX)?;
    let FieldsRequest { table, from, to, search, field, prefix, limit, query_id } = request;
    let known = Table::ALL.into_iter().find(|known| known.name() == table);
    let table = known.ok_or_else(|| {
        let names = Table::ALL.map(Table::name).join(", ");
        Failure::invalid(format!("table {table:?} is not one of {names}"))
    })?;
    let asked = Asked { search, from: from.as_ref(), to: to.as_ref(), query_id };
    let request = lincei_query::FieldsRequest {
        selection: selection(&app, &caller, table, asked)?,
        prefix: prefix.unwrap_or_default(),
        limit: count(limit, 50),
    };
    if let Some(field) = field {
        let found = app.query.field_values(request, &field).await?;
        return Ok(Json(FieldsResponse {
            fields: Vec::new(),
            values: values(found.values),
            sampled_rows: found.sampled_rows,
            complete: found.complete,
            stats: stats(found.stats),
        }));
    }
    let found = app.query.field_names(request).await?;
    Ok(Json(FieldsResponse {
        fields: found.fields.into_iter().map(info).collect(),
        values: Vec::new(),
        sampled_rows: found.sampled_rows,
        complete: found.complete,
        stats: stats(found.stats),
    }))
}

fn info(field: FieldName) -> FieldInfo {
    let origin = match field.origin {
        FieldOrigin::Column => "column",
        FieldOrigin::Attribute => "attribute",
        FieldOrigin::Resource => "resource",
    };
    FieldInfo { name: field.name, origin: origin.to_owned(), data_type: field.data_type, rows: field.rows }
}
