//! `POST /api/v1/logs/histogram`.

use super::{Asked, REQUEST_BYTES_MAX, count as number, selection, stats};
use crate::access::Caller;
use crate::http::{App, json};
use crate::problem::Failure;
use crate::time;
use axum::body::Bytes;
use axum::extract::State;
use axum::{Extension, Json};
use http::HeaderMap;
use lincei_api::{HistogramRequest, HistogramResponse, HistogramSeries};
use lincei_model::Table;
use lincei_query::{Histogram, HistogramBy, Steps};
use std::sync::Arc;

#[utoipa::path(post, path = "/api/v1/logs/histogram", tag = "logs", summary = "Rows over time, by severity or field",
    request_body = HistogramRequest,
    responses((status = 200, body = HistogramResponse), (status = 400, body = lincei_api::Problem)))]
pub(crate) async fn count(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<HistogramResponse>, Failure> {
    let request: HistogramRequest = json::parse(&headers, &body, REQUEST_BYTES_MAX)?;
    let steps = match (&request.step, request.buckets) {
        (Some(_), Some(_)) => return Err(Failure::invalid("give step or buckets, not both")),
        (Some(step), None) => Steps::Exactly(time::duration_ns(step).map_err(Failure::invalid)?),
        (None, buckets) => Steps::AtMost(number(buckets, 60)),
    };
    let by = match request.by.as_deref() {
        None => HistogramBy::Nothing,
        Some("severity") => HistogramBy::Severity,
        Some(field) => HistogramBy::Field(field.to_owned()),
    };
    let (from, to) = (request.from.as_ref(), request.to.as_ref());
    let asked = Asked { search: request.search, from, to, query_id: request.query_id };
    let asked = lincei_query::HistogramRequest {
        selection: selection(&app, &caller, Table::Logs, asked)?,
        steps,
        offset_minutes: request.offset_minutes.unwrap_or(0),
        by,
        series_max: number(request.series, 10),
    };
    Ok(Json(response(app.query.histogram(asked).await?)))
}

fn response(histogram: Histogram) -> HistogramResponse {
    let start = |bucket: usize| {
        let since = histogram.step_ns.saturating_mul(i64::try_from(bucket).unwrap_or(i64::MAX));
        time::rfc3339(histogram.first_ns.saturating_add(since))
    };
    let series = histogram.series.into_iter().map(|series| HistogramSeries {
        name: series.name,
        rest: series.is_rest,
        counts: series.counts,
        total: series.total,
    });
    HistogramResponse {
        buckets: (0..histogram.counts.len()).map(start).collect(),
        step_ms: u64::try_from(histogram.step_ns / 1_000_000).unwrap_or(0),
        counts: histogram.counts,
        series: series.collect(),
        total: histogram.total,
        exact: histogram.exact,
        sql: histogram.sql,
        stats: stats(histogram.stats),
    }
}
