//! What the page knows and asks: three statements over the window and the one before, every half a
//! minute while somebody looks, and the versions every five.

use crate::ask::{Asked, Load};
use crate::browser;
use crate::client::{Question, Refusal};
use crate::context::Context;
use crate::failure::Failure;
use crate::histogram::Buckets;
use crate::query_text::{SERVICE, with_term};
use crate::services::{
    Before, Finding, Intake, LOOKBACK_NS, Measured, Overview, Releases, Service, ShapeError, statement, window_before,
};
use crate::settings::usage::{Outlook, outlook};
use crate::time_range::{TimeRange, Window};
use crate::url_state::{Page, ViewState};
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::StorageSettings;
use std::sync::Arc;

const REFRESH_MS: f64 = 30_000.0;
const RELEASES_MS: f64 = 300_000.0;
/// A pointer at rest for longer points at nothing.
const POINTING_MS: f64 = 10_000.0;
/// Lines of what is wrong at most; the table has them all.
pub(super) const FINDINGS_MAX: usize = 5;

/// How the ids of links begin that keep the focus when their row is drawn anew.
pub(super) const FOCUS_ID: &str = "home-";

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shown {
    pub(super) overview: Overview,
    pub(super) findings: Vec<Finding>,
}

/// A row that the keyboard can be at.
enum Place<'a> {
    Finding(&'a Finding),
    Service(&'a Service),
}

impl Shown {
    /// How many lines of what is wrong are drawn.
    pub(super) fn findings_drawn(&self) -> usize {
        self.findings.len().min(FINDINGS_MAX)
    }

    fn places(&self) -> usize {
        self.findings_drawn() + self.overview.services.len()
    }

    fn at(&self, place: usize) -> Option<Place<'_>> {
        match place.checked_sub(self.findings_drawn()) {
            None => self.findings.get(place).map(Place::Finding),
            Some(place) => self.overview.services.get(place).map(Place::Service),
        }
    }

    /// What tells a row from others while rows change places.
    fn key(&self, place: usize) -> Option<(bool, String)> {
        self.at(place).map(|at| match at {
            Place::Finding(finding) => (true, finding.service.clone()),
            Place::Service(service) => (false, service.name.clone()),
        })
    }
}

/// State of the page; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct HomeModel {
    pub(super) context: Context,
    pub(super) measured: Asked<Measured>,
    before: Asked<(Window, Before)>,
    intake: Asked<(Window, Intake)>,
    pub(super) releases: Asked<Releases>,
    pub(super) retention: RwSignal<Option<StorageSettings>>,
    /// How long the disk has room.
    pub(super) outlook: RwSignal<Outlook>,
    /// What is drawn: the newest answers, but for a while that somebody points at a row.
    pub(super) shown: RwSignal<Option<Arc<Shown>>>,
    /// The row that the keyboard is at: lines of what is wrong, then services.
    pub(super) cursor: RwSignal<Option<usize>>,
    latest: Memo<Option<Arc<Shown>>>,
    pointed_ms: StoredValue<Option<f64>>,
    asked_ms: StoredValue<f64>,
    releases_ms: StoredValue<Option<f64>>,
    wanted: StoredValue<bool>,
}

impl HomeModel {
    pub(super) fn new(context: Context) -> Self {
        let (measured, before, intake) = (Asked::new(context), Asked::new(context), Asked::new(context));
        Self {
            context,
            measured,
            before,
            intake,
            releases: Asked::new(context),
            retention: RwSignal::new(None),
            outlook: RwSignal::new(Outlook::Unknown),
            shown: RwSignal::new(None),
            cursor: RwSignal::new(None),
            latest: Memo::new(move |last: Option<&Option<Arc<Shown>>>| {
                beside(measured, before, intake).or_else(|| last.cloned().flatten())
            }),
            pointed_ms: StoredValue::new(None),
            asked_ms: StoredValue::new(0.0),
            releases_ms: StoredValue::new(None),
            wanted: StoredValue::new(true),
        }
    }

    /// Asks now, when the range changes, and from time to time until the page is left.
    pub(super) fn run(self) {
        let range = Memo::new(move |_| self.context.view.with(|view| view.range));
        Effect::new(move |_| {
            // Read, not tracked: a memo that nobody reads follows nothing.
            range.get();
            untrack(|| self.start());
        });
        Effect::new(move |_| {
            self.latest.track();
            untrack(|| self.show_latest());
        });
        spawn_local(async move {
            self.retention.try_set(self.context.client.get("/settings/storage").await.ok());
            if let Ok(info) = self.context.client.get("/storage").await {
                self.outlook.try_set(outlook(&info));
            }
        });
        spawn_local(async move {
            while self.asked_ms.try_get_value().is_some() {
                self.tick();
                browser::sleep_ms(1000).await;
            }
        });
    }

    /// Asks everything anew, because somebody wants it.
    pub(super) fn start(&self) {
        self.wanted.set_value(true);
        self.cursor.set(None);
        self.ask();
    }

    fn tick(&self) {
        self.show_latest();
        let relative = self.context.view.with_untracked(|view| matches!(view.range, TimeRange::Relative { .. }));
        let due = browser::monotonic_ms() - self.asked_ms.get_value() >= REFRESH_MS;
        if due && relative && browser::visible() && !untrack(|| self.waits()) {
            self.ask();
        }
    }

    fn ask(&self) {
        let now_ns = self.context.now_ns();
        let window = self.context.view.with_untracked(|view| view.range).window(now_ns);
        let buckets = Buckets::of(window, 0);
        self.context.window.set(window);
        self.asked_ms.set_value(browser::monotonic_ms());
        ask(self.measured, statement::requests(&buckets), window, move |response| {
            Measured::read(response, window, buckets)
        });
        ask(self.before, statement::before(), window_before(window), move |response| {
            Ok((window, Before::read(response)?))
        });
        ask(self.intake, statement::intake(&buckets), window, move |response| {
            Ok((window, Intake::read(response, &buckets)?))
        });
        self.ask_releases(window);
    }

    fn ask_releases(&self, window: Window) {
        let now = browser::monotonic_ms();
        let old = self.releases_ms.get_value().is_none_or(|asked| now - asked >= RELEASES_MS);
        if old || self.wanted.get_value() {
            self.releases_ms.set_value(Some(now));
            let back = Window { from_ns: window.to_ns.saturating_sub(LOOKBACK_NS), to_ns: window.to_ns };
            ask(self.releases, statement::releases(), back, move |response| Releases::read(response, back));
        }
    }

    /// Draws the newest answers, unless that would move what somebody points at.
    fn show_latest(&self) {
        let latest = self.latest.get_untracked();
        if self.shown.with_untracked(|shown| *shown == latest) {
            return;
        }
        let pointed = self.pointed_ms.get_value();
        let points = pointed.is_some_and(|at| browser::monotonic_ms() - at < POINTING_MS);
        if !points || self.wanted.get_value() || self.shown.with_untracked(Option::is_none) {
            self.wanted.set_value(false);
            self.draw(latest);
        }
    }

    /// Draws; keyboard and focus stay at their rows, wherever those are now.
    fn draw(&self, latest: Option<Arc<Shown>>) {
        let chosen = self.cursor.get_untracked().and_then(|place| self.shown.get_untracked()?.key(place));
        let place = latest
            .as_ref()
            .zip(chosen)
            .and_then(|(latest, key)| (0..latest.places()).find(|place| latest.key(*place).as_ref() == Some(&key)));
        let focused = browser::focused().map(|element| element.id()).filter(|id| id.starts_with(FOCUS_ID));
        self.shown.set(latest);
        self.cursor.set(place);
        if let Some(id) = focused {
            spawn_local(async move {
                // The rows are drawn after this.
                browser::sleep_ms(0).await;
                browser::focus(&id);
            });
        }
    }

    /// The pointer moved over rows, or left them.
    pub(super) fn point(&self, over: bool) {
        self.pointed_ms.set_value(over.then(browser::monotonic_ms));
    }

    /// Whether an answer is awaited; tracked.
    pub(super) fn waits(&self) -> bool {
        // Not short-circuited: each has to be tracked.
        let waiting = [self.measured.waits(), self.before.waits(), self.intake.waits()];
        waiting.contains(&true)
    }

    /// What went wrong with the last questions, or that they were stopped; tracked.
    pub(super) fn trouble(&self) -> Option<Load> {
        let loads = [self.measured.load.get(), self.before.load.get(), self.intake.load.get()];
        loads.into_iter().find(|load| matches!(load, Load::Failed(_) | Load::Cancelled))
    }

    /// Stops what is under way; false when nothing was slow.
    pub(super) fn cancel(&self) -> bool {
        if self.measured.progress.with_untracked(Option::is_none) {
            return false;
        }
        let stopped = [self.measured.cancel(), self.before.cancel(), self.intake.cancel()];
        stopped.contains(&true)
    }

    /// How many rows the keyboard goes through.
    pub(super) fn places(&self) -> usize {
        self.shown.with_untracked(|shown| shown.as_ref().map_or(0, |shown| shown.places()))
    }

    /// Opens a row of those.
    pub(super) fn open(&self, place: usize) -> bool {
        let Some(shown) = self.shown.get_untracked() else { return false };
        let target = match shown.at(place) {
            Some(Place::Finding(finding)) => (finding.search.clone(), Some(finding.window.fixed())),
            Some(Place::Service(service)) => (lines_of(&service.name), None),
            None => return false,
        };
        self.context.go(|view| *view = logs(target.0, target.1.unwrap_or(view.range), view.utc));
        true
    }
}

/// The logs page with a search and a range.
pub(super) fn logs(query: String, range: TimeRange, utc: Option<bool>) -> ViewState {
    ViewState { query, range, utc, ..ViewState::of(Page::Logs) }
}

/// The search for the lines of a service.
pub(super) fn lines_of(service: &str) -> String {
    with_term("", SERVICE, service, false)
}

/// The three answers, once all of them are about the same window; tracked.
fn beside(
    measured: Asked<Measured>,
    before: Asked<(Window, Before)>,
    intake: Asked<(Window, Intake)>,
) -> Option<Arc<Shown>> {
    let (measured, before, intake) = (measured.answer.get(), before.answer.get(), intake.answer.get());
    let (measured, before, intake) = (measured?, before?, intake?);
    if before.0 != measured.window || intake.0 != measured.window {
        return None;
    }
    let (overview, findings) = Overview::of(&measured, &before.1, &intake.1).with_findings();
    Some(Arc::new(Shown { overview, findings }))
}

fn ask<T: Send + Sync + 'static>(
    asked: Asked<T>,
    sql: String,
    window: Window,
    read: impl FnOnce(&lincei_api::SqlResponse) -> Result<T, ShapeError> + 'static,
) {
    let question = Question { sql, from_ns: Some(window.from_ns), to_ns: Some(window.to_ns) };
    asked.ask(move |call| async move {
        let limit = Some(statement::ROWS_MAX);
        let response = call.client.sql(question, call.query_id, limit, &call.signal).await?;
        read(&response).map_err(|error| Refusal::Failed(Failure::Malformed(error.to_string())))
    });
}
