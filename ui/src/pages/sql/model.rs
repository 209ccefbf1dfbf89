//! What the page knows and asks. The statement in the editor is the reader's; the one that was run last
//! is what results, chart, plan and link are about.

use crate::ask::{Asked, Load};
use crate::browser;
use crate::calendar::rfc3339;
use crate::client::Refusal;
use crate::context::Context;
use crate::failure::Failure;
use crate::result_set::{ResultSet, Sort};
use crate::schema::SchemaKey;
use crate::sql_history::{self, HistoryEntry, Outcome};
use crate::sql_names::SqlNames;
use crate::sql_text;
use crate::strings::sql;
use crate::time_range::{TimeRange, Window};
use leptos::prelude::*;
use lincei_api::{Column, Problem, QueryStats, SqlLocation, SqlRequest, TimeInput};
use serde_json::Value;

/// Choices of the bound on rows.
pub(super) const LIMITS: [u64; 5] = [100, 1000, 10_000, 50_000, 100_000];
const LIMIT_DEFAULT: u64 = 1000;
const HISTORY: &str = "lincei.sql.history";
const DRAFT: &str = "lincei.sql.draft";
/// Bytes of an unfinished statement that is remembered.
const DRAFT_MAX: usize = 64 << 10;

/// A statement as it was run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Run {
    pub(super) sql: String,
    pub(super) window: Window,
    pub(super) limit: u64,
}

impl Run {
    /// The request that asks `sql` of the same rows.
    pub(super) fn request(&self, sql: String, query_id: String) -> SqlRequest {
        SqlRequest {
            sql,
            from: Some(TimeInput::Text(rfc3339(self.window.from_ns))),
            to: Some(TimeInput::Text(rfc3339(self.window.to_ns))),
            limit: Some(self.limit),
            query_id: Some(query_id),
        }
    }
}

/// An answer, measured for the table.
pub(super) struct Answered {
    pub(super) set: ResultSet,
    pub(super) stats: QueryStats,
}

/// The JSON answer as it comes: one that fails on the way has an `error` in the place of `stats`.
#[derive(serde::Deserialize)]
struct Raw {
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
    stats: Option<QueryStats>,
    error: Option<Problem>,
}

/// What is open beside the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Value,
    History,
    Saved,
}

/// A saved query that the editor was filled from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FromSaved {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) version: u64,
    pub(super) sql: String,
}

/// Something that the editor is to do.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wish {
    Insert(String),
    Select(SqlLocation),
    Focus,
}

/// State of the page; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct SqlModel {
    pub(super) context: Context,
    /// The text in the editor.
    pub(super) text: RwSignal<String>,
    /// What was run last.
    pub(super) run: RwSignal<Option<Run>>,
    pub(super) asked: Asked<Answered>,
    pub(super) sort: RwSignal<Option<Sort>>,
    /// Row, as drawn, and column that are chosen.
    pub(super) cursor: RwSignal<Option<(usize, usize)>>,
    pub(super) side: RwSignal<Option<Side>>,
    pub(super) saved: RwSignal<Option<FromSaved>>,
    pub(super) history: RwSignal<Vec<HistoryEntry>>,
    /// Tables and functions, for completion and the list of tables.
    pub(super) names: SqlNames,
    /// Keys of the maps of the tables looked at.
    pub(super) keys: RwSignal<Vec<SchemaKey>>,
    /// The last wish to the editor, with a number that tells it from the one before.
    pub(super) wish: RwSignal<Option<(u32, Wish)>>,
    /// Whether the tables are shown where they lie over the page.
    pub(super) schema_open: RwSignal<bool>,
    limit: Memo<u64>,
}

impl SqlModel {
    pub(super) fn new(context: Context) -> Self {
        let linked = context.view.with_untracked(|view| view.parameter("sql").to_owned());
        let text = if linked.is_empty() { browser::remembered(DRAFT).unwrap_or_default() } else { linked };
        let history = browser::remembered(HISTORY).map(|text| sql_history::from_text(&text)).unwrap_or_default();
        let limit = Memo::new(move |_| {
            let chosen = context.parameter("limit").parse().ok();
            chosen.filter(|limit| LIMITS.contains(limit)).unwrap_or(LIMIT_DEFAULT)
        });
        let model = Self {
            context,
            text: RwSignal::new(text),
            run: RwSignal::new(None),
            asked: Asked::new(context),
            sort: RwSignal::new(None),
            cursor: RwSignal::new(None),
            side: RwSignal::new(None),
            saved: RwSignal::new(None),
            history: RwSignal::new(history),
            names: SqlNames::ask(context),
            keys: RwSignal::new(Vec::new()),
            wish: RwSignal::new(None),
            schema_open: RwSignal::new(false),
            limit,
        };
        model.follow_link();
        model.remember_draft();
        model.keep_history();
        model
    }

    /// Runs what a link holds when it is opened and whenever it changes, and what was run again when
    /// range or bound change.
    fn follow_link(self) {
        let (context, limit) = (self.context, self.limit);
        let asked = Memo::new(move |_| (context.parameter("sql"), context.view.with(|view| view.range), limit.get()));
        Effect::new(move |before: Option<(String, TimeRange, u64)>| {
            let now = asked.get();
            let last = self.run.get_untracked().map(|run| run.sql);
            let moved = before.as_ref().is_some_and(|before| (before.1, before.2) != (now.1, now.2));
            match (last, now.0.as_str()) {
                (Some(last), "") if sql_text::fits_link(&last) => untrack(|| self.clear(&last)),
                (Some(last), linked) if linked.is_empty() || linked == last => {
                    if moved {
                        untrack(|| self.start(last));
                    }
                }
                (None, "") => {}
                (_, linked) => {
                    self.text.set(linked.to_owned());
                    untrack(|| self.start(linked.to_owned()));
                }
            }
            now
        });
    }

    /// Back to before anything was run.
    fn clear(self, last: &str) {
        self.asked.cancel();
        if self.text.with_untracked(|text| text == last) {
            self.text.set(String::new());
        }
        self.run.set(None);
        self.asked.answer.set(None);
    }

    fn remember_draft(self) {
        Effect::new(move |_| {
            self.text.with(|text| {
                if text.len() <= DRAFT_MAX {
                    browser::remember(DRAFT, text);
                }
            });
        });
    }

    /// Runs the statement in the editor.
    pub(super) fn run_text(self) {
        let sql = self.text.get_untracked();
        if sql.trim().is_empty() {
            self.context.notify(sql::text().editor.write_first);
            self.ask_editor(Wish::Focus);
            return;
        }
        self.start(sql.clone());
        let linked = if sql_text::fits_link(&sql) { sql } else { String::new() };
        let saved = self.saved.with_untracked(|saved| saved.as_ref().map(|saved| saved.id.clone()).unwrap_or_default());
        self.context.go(|view| {
            if view.parameter("sql") != linked {
                view.set_parameter("chart", "");
            }
            view.set_parameter("sql", &linked);
            view.set_parameter("saved", &saved);
        });
    }

    /// Puts another statement into the editor.
    pub(super) fn fill(self, sql: String) {
        self.saved.set(None);
        self.text.set(sql);
        self.ask_editor(Wish::Focus);
    }

    /// Puts a statement into the editor and runs it.
    pub(super) fn fill_and_run(self, sql: String) {
        self.saved.set(None);
        self.text.set(sql);
        self.run_text();
    }

    fn start(self, sql: String) {
        let window = self.context.view.with_untracked(|view| view.range).window(self.context.now_ns());
        self.context.window.set(window);
        let run = Run { sql, window, limit: self.limit.get_untracked() };
        self.run.set(Some(run.clone()));
        self.asked.ask(move |call| async move {
            let request = run.request(run.sql.clone(), call.query_id);
            let raw: Raw = call.client.ask("/sql", &request, &call.signal).await?;
            match (raw.stats, raw.error) {
                (Some(stats), _) => Ok(Answered { set: ResultSet::new(raw.columns, raw.rows), stats }),
                (None, Some(problem)) => Err(Refusal::Failed(Failure::Problem(Box::new(problem)))),
                (None, None) => Err(Refusal::Failed(Failure::Malformed("no stats".to_owned()))),
            }
        });
    }

    /// Runs what was run last once more.
    pub(super) fn run_again(self) {
        match self.run.get_untracked() {
            Some(run) => self.start(run.sql),
            None => self.run_text(),
        }
    }

    /// Each run goes into the history once it has ended, and the table begins anew.
    fn keep_history(self) {
        let begun_ms = StoredValue::new(None::<f64>);
        Effect::new(move |_| {
            let load = self.asked.load.get();
            let Some(sql) = self.run.get().map(|run| run.sql) else { return };
            let outcome = match load {
                Load::Waiting => {
                    begun_ms.set_value(Some(js_sys::Date::now()));
                    return;
                }
                Load::Ready => self.asked.answer.with_untracked(|answer| {
                    let stats = answer.as_ref().map(|answer| answer.stats.clone()).unwrap_or_default();
                    Outcome::Rows { rows: stats.rows, elapsed_ms: stats.elapsed_ms }
                }),
                Load::Failed(failure) => Outcome::Failed(failure.detail()),
                Load::Cancelled => Outcome::Cancelled,
            };
            let Some(at_ms) = begun_ms.try_update_value(Option::take).flatten() else { return };
            self.history.update(|entries| sql_history::add(entries, HistoryEntry { sql, at_ms, outcome }));
            self.write_history();
        });
        Effect::new(move |_| {
            self.asked.answer.track();
            self.cursor.set(None);
            self.sort.set(None);
        });
    }

    fn write_history(self) {
        browser::remember(HISTORY, &self.history.with_untracked(|entries| sql_history::to_text(entries)));
    }

    /// Forgets all statements.
    pub(super) fn forget(self) {
        self.history.set(Vec::new());
        self.write_history();
    }

    /// Rows answered at most; tracked.
    pub(super) fn limit(self) -> u64 {
        self.limit.get()
    }

    /// Chooses another bound on rows.
    pub(super) fn set_limit(self, limit: u64) {
        let written = if limit == LIMIT_DEFAULT { String::new() } else { limit.to_string() };
        self.context.go(|view| view.set_parameter("limit", &written));
    }

    /// Where the last error is, as long as its statement is in the editor; tracked.
    pub(super) fn place(self) -> Option<SqlLocation> {
        let location = self.asked.load.with(|load| match load {
            Load::Failed(Failure::Problem(problem)) => problem.location,
            _ => None,
        })?;
        let same = self.run.with(|run| run.as_ref().is_some_and(|run| self.text.with(|text| *text == run.sql)));
        same.then_some(location)
    }

    /// Has the editor do something.
    pub(super) fn ask_editor(self, wish: Wish) {
        let number = self.wish.with_untracked(|wish| wish.as_ref().map_or(0, |(number, _)| number.wrapping_add(1)));
        self.wish.set(Some((number, wish)));
    }

    /// Takes keys that were seen, each once.
    pub(super) fn learn_keys(self, seen: &[SchemaKey]) {
        self.keys.update(|keys| {
            let new: Vec<SchemaKey> = seen.iter().filter(|key| !keys.contains(key)).cloned().collect();
            keys.extend(new);
        });
    }

    /// The time range of the page, in words; tracked.
    pub(super) fn range_text(self) -> String {
        let t = &crate::strings::text().time;
        match self.context.view.with(|view| view.range) {
            TimeRange::Relative { seconds } => (t.last)(&crate::number::span(seconds)),
            TimeRange::Absolute { from_ns, to_ns } => {
                let window = Window { from_ns, to_ns };
                window.text(self.context.now_ns(), self.context.offset_minutes(to_ns))
            }
        }
    }

    /// Opens something beside the result, or closes it.
    pub(super) fn toggle(self, side: Side) {
        self.side.update(|open| *open = if *open == Some(side) { None } else { Some(side) });
    }
}
