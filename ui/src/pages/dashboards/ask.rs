//! What a panel asks, and what came back.

use super::board::Board;
use crate::ask::{Asked, Call};
use crate::calendar::{SECOND_NS, rfc3339};
use crate::client::{Question, Refusal};
use crate::dashboard::{BuildFlaw, Built, Choice, Document, Environment, Panel, Query, Variable, View, search, sql};
use crate::failure::Failure;
use crate::log_row::{self, LogRow};
use crate::statement;
use crate::time_range::{TimeRange, Window};
use leptos::prelude::*;
use lincei_api::{HistogramRequest, HistogramResponse, SqlResponse, TimeInput};

/// Rows of an answer at most, over time and as a table.
const ROWS_MAX: u64 = 20_000;
const TABLE_ROWS_MAX: u64 = 1000;
/// Log lines at most.
const LINES_MAX: usize = 200;
/// Columns over time at most.
const BUCKETS: u32 = 90;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub(super) query: Query,
    pub(super) built: Built,
    pub(super) window: Window,
    pub(super) step_ms: Option<f64>,
    limit: u64,
    epoch: u64,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reply {
    Sql(SqlResponse),
    Counts(HistogramResponse),
    Lines(Vec<LogRow>),
}

/// What a panel asks now; tracked.
pub(super) fn request(
    board: Board,
    panel: &Panel,
    variables: &[Variable],
    choice: &Choice,
) -> Result<Request, BuildFlaw> {
    let window = board.context.window.get();
    let environment = Environment { variables, choice, window };
    let built = match &panel.query {
        Query::Counts { search: written, .. } | Query::Lines { search: written } => search(written, &environment)?,
        Query::Sql(written) => sql(written, &environment)?,
    };
    let interval_ns = environment.interval() * SECOND_NS;
    let relative = board.context.view.with(|view| matches!(view.range, TimeRange::Relative { .. }));
    let limit = if panel.view == View::Table { TABLE_ROWS_MAX } else { ROWS_MAX };
    Ok(Request {
        query: panel.query.clone(),
        window: if built.stepped { whole_steps(window, interval_ns, relative) } else { window },
        step_ms: built.stepped.then_some(interval_ns as f64 / 1e6),
        built,
        limit,
        epoch: board.epoch.get(),
    })
}

/// The part of a window that consists of whole steps: the last one, when it is not over yet, would
/// look like a fall.
fn whole_steps(window: Window, step_ns: i64, relative: bool) -> Window {
    let floor = |ns: i64| ns.div_euclid(step_ns) * step_ns;
    let end = floor(window.to_ns);
    let to_ns = if relative || end == window.to_ns { end } else { end + step_ns };
    let from_ns = floor(window.from_ns);
    if to_ns > from_ns { Window { from_ns, to_ns } } else { window }
}

/// The variables and what is chosen for them; tracked.
pub(super) fn surroundings(board: Board) -> (Vec<Variable>, Choice) {
    (board.shown.with(|document: &Document| document.variables.clone()), board.choice.get())
}

/// Asks, once a turn is free.
pub(super) fn ask(board: Board, asked: Asked<Reply>, request: Request) {
    let turn = board.turns.get_value().take();
    let offset = untrack(|| board.context.offset_minutes(request.window.to_ns));
    asked.ask(move |call| async move {
        let turn = turn.await;
        if call.signal.aborted() {
            return Err(Refusal::Aborted);
        }
        let reply = reply(call, request, offset).await;
        drop(turn);
        reply
    });
}

async fn reply(call: Call, request: Request, offset_minutes: i32) -> Result<Reply, Refusal> {
    let Window { from_ns, to_ns } = request.window;
    let text = request.built.text;
    let question = |sql: String| Question { sql, from_ns: Some(from_ns), to_ns: Some(to_ns) };
    match request.query {
        Query::Sql(_) => {
            let answer = call.client.sql(question(text), call.query_id, Some(request.limit), &call.signal).await?;
            Ok(Reply::Sql(answer))
        }
        Query::Lines { .. } => {
            let sql = statement::lines(&text, LINES_MAX, 0);
            let answer = call.client.sql(question(sql), call.query_id, Some(LINES_MAX as u64), &call.signal).await?;
            let lines = log_row::lines(&answer).map_err(|log_row::ShapeError(what)| Failure::Malformed(what))?;
            Ok(Reply::Lines(lines))
        }
        Query::Counts { by, .. } => {
            let bound = |ns: i64| Some(TimeInput::Text(rfc3339(ns)));
            let histogram = HistogramRequest {
                search: (!text.trim().is_empty()).then_some(text),
                from: bound(from_ns),
                to: bound(to_ns),
                buckets: Some(BUCKETS),
                offset_minutes: Some(offset_minutes),
                by: (!by.is_empty()).then_some(by),
                query_id: Some(call.query_id),
                ..HistogramRequest::default()
            };
            Ok(Reply::Counts(call.client.ask("/logs/histogram", &histogram, &call.signal).await?))
        }
    }
}
