//! What the logs page knows and asks. One *run* is one set of queries over one window; a new run
//! aborts the one before, and an answer that comes late is dropped.

use super::columns::Columns;
use super::facet_counts::{self, FacetCounts};
use super::field_names::FieldNames;
use super::value_menu::ValueAt;
use crate::ask::{Load, Progress, progress_of};
use crate::browser;
use crate::calendar::SECOND_NS;
use crate::client::{Batch, Question, Refusal};
use crate::context::Context;
use crate::failure::Failure;
use crate::histogram::{Buckets, Histogram};
use crate::log_row::{self, LogRow, RowKey, ShapeError};
use crate::pager::{Fetch, PAGE_ROWS, Pager};
use crate::query_text::{SEVERITY, with_term, without_field};
use crate::severity::Level;
use crate::statement;
use crate::time_range::{TimeRange, Window};
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{QueryStats, SqlResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::sync::Arc;
use web_sys::AbortSignal;

/// Pause between two looks at what is awaited.
const AFTER_MS: i32 = 30;

/// What the lines and their histogram cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    pub(crate) rows: u64,
    pub(crate) rows_scanned: u64,
    pub(crate) bytes: u64,
    pub(crate) files: u64,
    pub(crate) files_pruned: u64,
    pub(crate) elapsed_ms: f64,
}

/// The newest line that matches at any time, asked for when none does in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Newest {
    Unknown,
    At(i64),
    Never,
}

/// The line whose details are shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Opened {
    Finding,
    Line(Arc<LogRow>),
    Gone,
    /// Why it could not be asked for, and which it was.
    Failed(Failure, RowKey),
}

/// A place in the list to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScrollTo {
    Top,
    Reveal(usize),
    Centre(usize),
}

/// State of the page; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(crate) struct LogsModel {
    pub(crate) context: Context,
    /// The search text and the range of the view.
    pub(crate) question: Memo<(String, TimeRange)>,
    pub(crate) pager: RwSignal<Pager>,
    pub(crate) lines: RwSignal<Load>,
    pub(crate) counted: RwSignal<Load>,
    pub(crate) histogram: RwSignal<Option<Arc<Histogram>>>,
    pub(crate) levels: RwSignal<Option<[u64; 7]>>,
    pub(crate) cost: RwSignal<Cost>,
    pub(crate) progress: RwSignal<Option<Progress>>,
    pub(crate) newest: RwSignal<Newest>,
    pub(crate) opened: RwSignal<Option<Opened>>,
    pub(crate) cursor: RwSignal<Option<usize>>,
    pub(crate) scroll_to: RwSignal<Option<ScrollTo>>,
    pub(crate) page_failure: RwSignal<Option<Failure>>,
    pub(super) names: FieldNames,
    pub(super) facets: FacetCounts,
    pub(super) columns: Columns,
    /// The value whose menu is open.
    pub(super) value_menu: RwSignal<Option<ValueAt>>,
    run: StoredValue<u64>,
    fetching: StoredValue<BTreeSet<usize>>,
    next_pager: StoredValue<Pager>,
    batch: StoredValue<Batch, LocalStorage>,
}

impl LogsModel {
    pub(crate) fn new(context: Context) -> Self {
        let window = context.window.get_untracked();
        Self {
            context,
            question: Memo::new(move |_| context.view.with(|view| (view.query.clone(), view.range))),
            pager: RwSignal::new(Pager::new(window)),
            lines: RwSignal::new(Load::Waiting),
            counted: RwSignal::new(Load::Waiting),
            histogram: RwSignal::new(None),
            levels: RwSignal::new(None),
            cost: RwSignal::new(Cost::default()),
            progress: RwSignal::new(None),
            newest: RwSignal::new(Newest::Unknown),
            opened: RwSignal::new(None),
            cursor: RwSignal::new(None),
            scroll_to: RwSignal::new(None),
            page_failure: RwSignal::new(None),
            names: FieldNames::new(context),
            facets: FacetCounts::new(context),
            columns: Columns::new(context),
            value_menu: RwSignal::new(None),
            run: StoredValue::new(0),
            fetching: StoredValue::new(BTreeSet::new()),
            next_pager: StoredValue::new(Pager::new(window)),
            batch: StoredValue::new_local(Batch::new()),
        }
    }

    /// The search text that was asked last; tracked.
    pub(crate) fn query(&self) -> String {
        self.question.with(|(query, _)| query.clone())
    }

    /// Whether nothing at all was sent to this server yet; tracked. `None` before it is known.
    pub(crate) fn nothing_sent(&self) -> Option<bool> {
        let rows = self.context.status.with(|status| match status.as_ref()? {
            Ok(status) => Some(status.tables.iter().find(|table| table.name == "logs").map_or(0, |table| table.rows)),
            Err(_) => Some(1),
        })?;
        Some(rows == 0 && self.pager.with(Pager::is_empty))
    }

    /// Asks everything anew.
    pub(crate) fn start(&self) {
        let run = self.next_run();
        let (query, range) = self.question.get_untracked();
        let window = range.window(self.context.now_ns());
        self.context.window.set(window);
        self.next_pager.set_value(Pager::new(window));
        self.lines.set(Load::Waiting);
        self.counted.set(Load::Waiting);
        self.newest.set(Newest::Unknown);
        self.page_failure.set(None);
        self.cursor.set(None);
        self.cost.set(Cost::default());
        let model = *self;
        spawn_local(async move { model.load_lines(run).await });
        spawn_local({
            let query = query.clone();
            async move { model.load_histogram(run, &query, window).await }
        });
        self.facets.begin();
        untrack(|| facet_counts::load_missing(model));
        self.names.want();
        spawn_local(async move { model.load_levels(run, &query, window).await });
        spawn_local(async move { model.watch_progress(run).await });
    }

    /// Stops what runs, here and on the server. False when nothing ran.
    pub(crate) fn cancel(&self) -> bool {
        let waiting = [self.lines, self.counted].map(|load| load.with_untracked(|load| *load == Load::Waiting));
        let running = self.batch.with_value(Batch::running);
        if running.is_empty() || waiting == [false, false] {
            return false;
        }
        self.next_run();
        for load in [self.lines, self.counted] {
            if load.with_untracked(|load| *load == Load::Waiting) {
                load.set(Load::Cancelled);
            }
        }
        let client = self.context.client;
        spawn_local(async move {
            for id in running {
                // Nobody waits for its answer, ended or not.
                drop(client.cancel(&id).await);
            }
        });
        true
    }

    fn next_run(&self) -> u64 {
        self.batch.update_value(|batch| {
            batch.abort();
            *batch = Batch::new();
        });
        self.fetching.update_value(BTreeSet::clear);
        self.progress.set(None);
        self.run.update_value(|run| *run += 1);
        self.run.get_value()
    }

    fn current(&self, run: u64) -> bool {
        self.run.try_get_value() == Some(run)
    }

    /// Waits until lines and histogram of a run are there, or will not come: a search through many rows
    /// takes all processors, and what is beside these comes second. False when the run is over.
    pub(super) async fn after_results(&self, run: u64) -> bool {
        let waits = |load: &RwSignal<Load>| load.try_with_untracked(|load| *load == Load::Waiting) == Some(true);
        while self.current(run) && [self.lines, self.counted].iter().any(waits) {
            browser::sleep_ms(AFTER_MS).await;
        }
        self.current(run)
    }

    /// Number of the present run; 0 before the first.
    pub(super) fn run(&self) -> u64 {
        self.run.get_value()
    }

    /// Asks one statement; `None` when the run is over, so nobody wants the answer.
    pub(super) async fn ask(
        &self,
        run: u64,
        sql: String,
        from_ns: Option<i64>,
        to_ns: Option<i64>,
    ) -> Option<Result<SqlResponse, Failure>> {
        let (client, question) = (self.context.client, Question { sql, from_ns, to_ns });
        let limit = Some(PAGE_ROWS as u64 * 4);
        self.call(run, async move |id, signal| client.sql(question, id, limit, &signal).await).await
    }

    /// Asks at a path of the API, with the name that `request` gives the query; `None` when the run is over.
    pub(super) async fn ask_at<B: Serialize, T: DeserializeOwned>(
        &self,
        run: u64,
        path: &str,
        request: impl FnOnce(String) -> B,
    ) -> Option<Result<T, Failure>> {
        let client = self.context.client;
        self.call(run, async move |id, signal| client.ask(path, &request(id), &signal).await).await
    }

    async fn call<T>(
        &self,
        run: u64,
        call: impl AsyncFnOnce(String, AbortSignal) -> Result<T, Refusal>,
    ) -> Option<Result<T, Failure>> {
        let (id, signal) = self.batch.try_update_value(Batch::begin)??;
        let answer = call(id.clone(), signal).await;
        if !self.current(run) {
            return None;
        }
        self.batch.update_value(|batch| batch.end(&id));
        match answer {
            Ok(response) => Some(Ok(response)),
            Err(Refusal::Failed(failure)) => Some(Err(failure)),
            Err(Refusal::Aborted) => None,
        }
    }

    async fn load_lines(&self, run: u64) {
        let fetch = self.next_pager.with_value(|pager| pager.plan(0));
        let Some(answer) = self.ask_page(run, fetch, self.next_pager.with_value(Pager::window)).await else { return };
        match answer {
            Ok(rows) => {
                self.next_pager.update_value(|pager| pager.fetched(fetch, rows));
                self.pager.set(self.next_pager.get_value());
                self.scroll_to.set(Some(ScrollTo::Top));
                self.lines.set(Load::Ready);
                self.look_for_newest(run);
            }
            Err(failure) => self.lines.set(Load::Failed(failure)),
        }
    }

    async fn ask_page(&self, run: u64, fetch: Fetch, window: Window) -> Option<Result<Vec<LogRow>, Failure>> {
        let query = self.question.with_untracked(|(query, _)| query.clone());
        let sql = statement::lines(&query, PAGE_ROWS, fetch.offset);
        let answer = self.ask(run, sql, Some(window.from_ns), Some(fetch.anchor.before_ns)).await?;
        Some(answer.and_then(|response| {
            self.add_cost(&response.stats);
            log_row::lines(&response).map_err(unexpected)
        }))
    }

    async fn load_histogram(&self, run: u64, query: &str, window: Window) {
        let buckets = Buckets::of(window, untrack(|| self.context.offset_minutes(window.from_ns)));
        let sql = statement::histogram(query, &buckets);
        let Some(answer) = self.ask(run, sql, Some(window.from_ns), Some(window.to_ns)).await else { return };
        let cells = answer.and_then(|response| {
            self.add_cost(&response.stats);
            log_row::histogram_cells(&response, buckets.shift_ns).map_err(unexpected)
        });
        match cells {
            Ok(cells) => {
                let histogram = Histogram::new(buckets, cells);
                let (total, places) = (histogram.total(), histogram.places());
                self.next_pager.update_value(|pager| pager.counted(total, &places));
                if self.lines.with_untracked(|lines| *lines == Load::Ready) {
                    self.pager.update(|pager| pager.counted(total, &places));
                }
                if !about(query, SEVERITY) {
                    self.levels.set(Some(Level::ALL.map(|level| histogram.of_level(level))));
                }
                self.histogram.set(Some(Arc::new(histogram)));
                self.counted.set(Load::Ready);
                self.look_for_newest(run);
            }
            Err(failure) => self.counted.set(Load::Failed(failure)),
        }
    }

    /// Counts of all levels, whatever the search text says about severity; without such a term
    /// the histogram has them.
    async fn load_levels(&self, run: u64, query: &str, window: Window) {
        if !about(query, SEVERITY) || !self.after_results(run).await {
            return;
        }
        let sql = statement::levels(&without_field(query, SEVERITY));
        if let Some(Ok(response)) = self.ask(run, sql, Some(window.from_ns), Some(window.to_ns)).await
            && let Ok(counts) = log_row::value_counts(&response, "level")
        {
            let of = |level: Level| {
                counts.iter().find(|(rank, _)| *rank == level.rank().to_string()).map_or(0, |(_, lines)| *lines)
            };
            self.levels.set(Some(Level::ALL.map(of)));
        }
    }

    /// Once it is certain that nothing matches in the window, finds out where something does.
    fn look_for_newest(&self, run: u64) {
        let ready = |load: RwSignal<Load>| load.with_untracked(|load| *load == Load::Ready);
        if !ready(self.lines) || !ready(self.counted) || !self.pager.with_untracked(Pager::is_empty) {
            return;
        }
        let model = *self;
        spawn_local(async move {
            let query = model.question.with_untracked(|(query, _)| query.clone());
            if let Some(Ok(response)) = model.ask(run, statement::newest(&query), None, None).await {
                model.newest.set(log_row::single_time(&response).map_or(Newest::Never, Newest::At));
            }
        });
    }

    async fn watch_progress(&self, run: u64) {
        let started = browser::monotonic_ms();
        browser::sleep_ms(1000).await;
        while self.current(run) && self.waiting() {
            let ids = self.batch.with_value(Batch::running);
            let listed = self.context.client.queries().await.unwrap_or_default();
            if !self.current(run) || !self.waiting() {
                break;
            }
            // Each query reads the same window: the one that is farthest behind tells the most.
            self.progress.set(Some(progress_of(&listed, &ids, browser::monotonic_ms() - started)));
            browser::sleep_ms(500).await;
        }
        if self.current(run) {
            self.progress.set(None);
        }
    }

    fn waiting(&self) -> bool {
        let waits = |load: RwSignal<Load>| load.with_untracked(|load| *load == Load::Waiting);
        waits(self.lines) || waits(self.counted)
    }

    /// Fetches what is missing of lines `first` to `end`.
    pub(crate) fn need(&self, first: usize, end: usize) {
        if self.lines.with_untracked(|lines| *lines != Load::Ready) {
            return;
        }
        let run = self.run.get_value();
        for page in self.pager.with_untracked(|pager| pager.missing(first, end)) {
            let fresh = self.fetching.try_update_value(|fetching| fetching.insert(page)) == Some(true);
            if fresh {
                let (model, fetch) = (*self, self.pager.with_untracked(|pager| pager.plan(page)));
                spawn_local(async move { model.load_page(run, fetch).await });
            }
        }
    }

    async fn load_page(&self, run: u64, fetch: Fetch) {
        let Some(answer) = self.ask_page(run, fetch, self.pager.with_untracked(Pager::window)).await else { return };
        self.fetching.update_value(|fetching| {
            fetching.remove(&fetch.page);
        });
        match answer {
            Ok(rows) => {
                self.page_failure.set(None);
                self.pager.update(|pager| pager.fetched(fetch, rows));
            }
            Err(failure) => self.page_failure.set(Some(failure)),
        }
    }

    fn add_cost(&self, stats: &QueryStats) {
        self.cost.update(|cost| {
            cost.rows += stats.rows;
            cost.rows_scanned += stats.rows_scanned;
            cost.bytes += stats.bytes_scanned;
            cost.files += stats.files_scanned;
            cost.files_pruned += stats.files_pruned;
            cost.elapsed_ms = cost.elapsed_ms.max(stats.elapsed_ms);
        });
    }

    /// Shows the stretch of time around `at_ns`, as long as the present one.
    pub(crate) fn go_to(&self, at_ns: i64) {
        let length = self.context.window.get_untracked().length_ns().max(10 * SECOND_NS);
        let to_ns = at_ns.saturating_add(length / 10) / SECOND_NS * SECOND_NS + SECOND_NS;
        self.context.go(|view| view.range = TimeRange::Absolute { from_ns: to_ns.saturating_sub(length), to_ns });
    }

    /// Narrows the search to lines where `field` is `value`, or, `negated`, to those where it is not.
    /// The line whose details are open stays open.
    pub(super) fn narrow(&self, field: &str, value: &str, negated: bool) {
        let query = self.question.with_untracked(|(query, _)| query.clone());
        self.context.go(|view| view.query = with_term(&query, field, value, negated));
    }

    /// Changes the search text, as a new entry of the history.
    pub(crate) fn search(&self, text: String) {
        self.context.go(|view| {
            view.query = text;
            view.row = None;
        });
    }
}

fn about(query: &str, field: &str) -> bool {
    without_field(query, field) != without_field(query, "")
}

/// An answer of another shape than was asked for.
pub(super) fn unexpected(error: ShapeError) -> Failure {
    Failure::Malformed(error.0)
}
