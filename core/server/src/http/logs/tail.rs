//! `GET /api/v1/logs/tail`: new rows as server-sent events (HTML standard, section 9.2).
//!
//! | event | data | when |
//! |---|---|---|
//! | `start` | `{"query_id":…}` | first; every row sent in after it is matched |
//! | `rows` | `{"rows":[{…}, …]}`, with an `id` to resume from | at most four times a second |
//! | `dropped` | `{"rows":n,"reason":"rate"}` | rows that match were more than the rate allows |
//! | `dropped` | `{"rows":n,"reason":"slow"}` | rows went by while the client did not read, or was away; whether they match is not known. `rows` is null when not even their number is |
//! | `end` | `{"reason":…}` | last: `cancelled`, `shutdown`, `failed` with a `problem`, or `reconnect` after half an hour, so that credentials are looked at again |
//!
//! Comments keep the connection alive. A browser that comes back sends `Last-Event-ID` itself; for a
//! minute it then misses nothing, unless too many rows came meanwhile.

use super::{Asked, count, selection};
use crate::access::Caller;
use crate::http::App;
use crate::problem::Failure;
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::{Stream, stream};
use http::{HeaderMap, HeaderValue};
use lincei_api::TailQuery;
use lincei_model::Table;
use lincei_query::{QueryError, Tail, TailEvent, TailRequest};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Silence after which a comment is sent.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long one connection goes on.
const LIFE_MAX: Duration = Duration::from_secs(30 * 60);
/// Rows a second without a wish.
const RATE: usize = 500;
const LAST_EVENT_ID: &str = "last-event-id";

#[utoipa::path(get, path = "/api/v1/logs/tail", tag = "logs",
    summary = "New rows as they come, as server-sent events: start, rows, dropped, end", params(TailQuery),
    responses((status = 200, content((String = "text/event-stream"))), (status = 400, body = lincei_api::Problem),
        (status = 429, body = lincei_api::Problem)))]
pub(crate) async fn follow(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    query: Result<Query<TailQuery>, QueryRejection>,
) -> Result<Response, Failure> {
    let Query(query) = query.map_err(|error| Failure::invalid(error.body_text()))?;
    if let Some(from) = query.from.as_deref().filter(|from| *from != "now") {
        let detail = format!("from {from:?} is not now: ask for earlier rows with POST /api/v1/sql");
        return Err(Failure::invalid(detail));
    }
    let resume = headers.get(LAST_EVENT_ID).map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned());
    let asked = Asked { search: query.search, from: None, to: None, query_id: query.query_id };
    let request = TailRequest {
        selection: selection(&app, &caller, Table::Logs, asked)?,
        rows_per_second: count(query.rate, RATE),
        resume: resume.filter(|id| !id.is_empty()),
    };
    let tail = app.query.tail(request)?;
    let keep_alive = KeepAlive::new().interval(HEARTBEAT);
    let mut response = Sse::new(events(tail, app.stop.clone())).keep_alive(keep_alive).into_response();
    // proxies of nginx's kind would hold events back
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

enum Step {
    Start,
    Rows,
    Ended,
}

fn events(tail: Tail, stop: CancellationToken) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    let end = Instant::now() + LIFE_MAX;
    stream::unfold((Step::Start, tail, stop), move |(step, mut tail, stop)| async move {
        let (event, step) = match step {
            Step::Start => (event("start", &json!({ "query_id": tail.id() })), Step::Rows),
            Step::Ended => return None,
            Step::Rows => tokio::select! {
                biased;
                () = stop.cancelled() => (ended("shutdown"), Step::Ended),
                next = tail.next() => match next {
                    Some(next) => (described(next), Step::Rows),
                    None => (failed(tail.error()), Step::Ended),
                },
                () = tokio::time::sleep_until(end) => (ended("reconnect"), Step::Ended),
            },
        };
        Some((Ok(event), (step, tail, stop)))
    })
}

fn event(name: &str, data: &serde_json::Value) -> Event {
    Event::default().event(name).data(data.to_string())
}

fn ended(reason: &str) -> Event {
    event("end", &json!({ "reason": reason }))
}

fn failed(error: Option<QueryError>) -> Event {
    match error {
        None | Some(QueryError::ShuttingDown) => ended("shutdown"),
        Some(QueryError::Cancelled { .. }) => ended("cancelled"),
        Some(error) => event("end", &json!({ "reason": "failed", "problem": Failure::from(error).problem() })),
    }
}

fn described(next: TailEvent) -> Event {
    match next {
        TailEvent::Rows(rows, id) => {
            Event::default().event("rows").id(id).data(format!("{{\"rows\":[{}]}}", rows.join(",")))
        }
        // without data a browser raises no event, but remembers the id (HTML standard, 9.2.6)
        TailEvent::Position(id) => Event::default().id(id),
        TailEvent::OverRate(rows) => event("dropped", &json!({ "rows": rows, "reason": "rate" })),
        TailEvent::Missed(rows) => event("dropped", &json!({ "rows": rows, "reason": "slow" })),
    }
}
