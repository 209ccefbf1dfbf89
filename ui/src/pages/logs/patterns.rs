//! Patterns of the lines of the window, by `POST /api/v1/logs/patterns`.

mod row;

use super::model::LogsModel;
use super::row_list::{Place, RowList};
use crate::ask::{Asked, Call, Load};
use crate::calendar::{DAY_NS, SECOND_NS, rfc3339};
use crate::client::Refusal;
use crate::components::{Cancelled, FailurePanel, ProgressStrip, Show};
use crate::keys::Action;
use crate::number::{self, grouped};
use crate::patterns::{Earlier, Order, PATTERNS_MAX, Pattern, search_term, sort};
use crate::query_text::append;
use crate::strings::patterns::text;
use crate::time_range::Window;
use leptos::prelude::*;
use lincei_api::{PatternsRequest, PatternsResponse, TimeInput};
use row::{Outline, Row};
use std::sync::Arc;

/// Ids of rows begin with this.
const PREFIX: &str = "pattern";

/// Patterns of a window. The key of a pattern is its place in the answer.
struct Found {
    patterns: Vec<Arc<Pattern>>,
    window: Window,
    answer: PatternsResponse,
}

/// State of the view; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct PatternsModel {
    model: LogsModel,
    /// Whether patterns are shown.
    pub(super) on: Memo<bool>,
    order: Memo<Order>,
    only_new: Memo<bool>,
    asked: Asked<Found>,
    earlier: Asked<Earlier>,
    /// Keys of the patterns shown, in their order.
    shown: Memo<Vec<i64>>,
    place: Place,
}

impl PatternsModel {
    pub(super) fn new(model: LogsModel) -> Self {
        let context = model.context;
        let (asked, earlier) = (Asked::new(context), Asked::new(context));
        let order = Memo::new(move |_| Order::from_name(&context.parameter("sort")));
        let only_new = Memo::new(move |_| context.parameter("new") == "1");
        let this = Self {
            model,
            on: Memo::new(move |_| context.parameter("tab") == "patterns"),
            order,
            only_new,
            asked,
            earlier,
            shown: Memo::new(move |_| shown(asked, earlier, order.get(), only_new.get())),
            place: Place::new(),
        };
        // each run of the page sets its window
        Effect::new(move |_| {
            let window = context.window.get();
            if this.on.get() {
                untrack(|| this.ask(window));
            }
        });
        Effect::new(move |_| {
            let window = context.window.get();
            if this.on.get() && only_new.get() {
                untrack(|| this.ask_earlier(window));
            }
        });
        this
    }

    fn ask(&self, window: Window) {
        let query = self.model.question.with_untracked(|(query, _)| query.clone());
        self.asked.ask(move |call| async move {
            let answer = ask_patterns(call, query, window).await?;
            let patterns = answer.patterns.iter().map(|found| Arc::new(Pattern::new(found))).collect();
            Ok(Found { patterns, window, answer })
        });
    }

    fn ask_earlier(&self, window: Window) {
        let query = self.model.question.with_untracked(|(query, _)| query.clone());
        let before = before(window);
        self.earlier.answer.set(None);
        self.earlier.ask(move |call| async move { Ok(Earlier::new(&ask_patterns(call, query, before).await?)) });
    }

    fn pattern(&self, key: i64) -> Option<Arc<Pattern>> {
        let place = usize::try_from(key).ok()?;
        self.asked.answer.with(|found| found.as_ref()?.patterns.get(place).cloned())
    }

    /// Searches for lines of a pattern, or for others.
    fn narrow(&self, key: i64, negated: bool) -> bool {
        let Some(pattern) = untrack(|| self.pattern(key)) else { return false };
        let Some(term) = search_term(&pattern.found.pattern, &pattern.found.sample) else { return false };
        self.model.context.go(|view| {
            let sign = if negated { "-" } else { "" };
            view.query = append(&view.query, &format!("{sign}{term}"));
            if !negated {
                for name in ["tab", "new", "sort"] {
                    view.set_parameter(name, "");
                }
            }
        });
        true
    }

    /// Does what a key asks for; false when there was nothing to do.
    pub(super) fn act(&self, action: Action) -> bool {
        let cursor = self.place.cursor.get_untracked();
        match action {
            Action::Escape => {
                let (slow, earlier_slow) = (self.asked.progress, self.earlier.progress);
                return (slow.with_untracked(Option::is_some) && self.asked.cancel())
                    || (earlier_slow.with_untracked(Option::is_some) && self.earlier.cancel());
            }
            Action::Open => return cursor.is_some_and(|key| self.narrow(key, false)),
            _ => {}
        }
        let keys = self.shown.get_untracked();
        let at = cursor.and_then(|key| keys.iter().position(|shown| *shown == key));
        let Some(to) = self.place.target(at, keys.len(), action) else { return false };
        let Some(key) = keys.get(to) else { return false };
        self.place.stand_on(*key, to);
        true
    }
}

/// The stretch of time that a window is compared with: as long, and at least a day.
fn before(window: Window) -> Window {
    let length = window.length_ns().max(DAY_NS);
    Window { from_ns: window.from_ns.saturating_sub(length), to_ns: window.from_ns }
}

fn span_before(window: Window) -> String {
    number::span((before(window).length_ns() / SECOND_NS).unsigned_abs())
}

async fn ask_patterns(call: Call, query: String, window: Window) -> Result<PatternsResponse, Refusal> {
    let bound = |ns: i64| Some(TimeInput::Text(rfc3339(ns)));
    let request = PatternsRequest {
        search: Some(query),
        from: bound(window.from_ns),
        to: bound(window.to_ns),
        limit: Some(PATTERNS_MAX),
        rows: None,
        query_id: Some(call.query_id.clone()),
    };
    call.client.ask("/logs/patterns", &request, &call.signal).await
}

fn shown(asked: Asked<Found>, earlier: Asked<Earlier>, order: Order, only_new: bool) -> Vec<i64> {
    let Some(found) = asked.answer.get() else { return Vec::new() };
    let earlier = if only_new { earlier.answer.get() } else { None };
    let is_shown = |pattern: &Pattern| earlier.as_ref().is_none_or(|earlier| !earlier.has(&pattern.found.pattern));
    let mut kept: Vec<(i64, &Pattern)> =
        (0..).zip(&found.patterns).map(|(key, pattern)| (key, pattern.as_ref())).filter(|(_, p)| is_shown(p)).collect();
    sort(&mut kept, order);
    kept.into_iter().map(|(key, _)| key).collect()
}

/// Between the lines and their patterns.
#[component]
pub(super) fn ViewChoice(patterns: PatternsModel) -> impl IntoView {
    let t = text();
    let context = patterns.model.context;
    let choice = move |tab: &'static str, caption: &'static str| {
        let on = move || patterns.on.get() == (tab == "patterns");
        let choose = move |_| {
            context.go(|view| {
                view.set_parameter("tab", tab);
                for name in ["live", "around", "same", "sort", "new"] {
                    view.set_parameter(name, "");
                }
            });
        };
        view! {
            <button type="button" class:on=on aria-pressed=move || on().to_string() on:click=choose>{caption}</button>
        }
    };
    view! {
        <div class="seg" role="group" aria-label=t.view>
            {choice("", t.lines)}
            {choice("patterns", t.patterns)}
        </div>
    }
}

/// The patterns, in each of their states.
#[component]
pub(super) fn Patterns(patterns: PatternsModel) -> impl IntoView {
    #[derive(Clone, PartialEq)]
    enum Shown {
        Outline,
        Rows,
        Empty,
        NothingNew,
        Trouble(Load),
    }
    let asked = patterns.asked;
    let shown = Memo::new(move |_| {
        let found = asked.answer.with(|found| found.as_ref().map(|found| found.patterns.is_empty()));
        let compared = patterns.only_new.get() && patterns.earlier.answer.with(Option::is_some);
        match (asked.load.get(), found) {
            (load @ (Load::Failed(_) | Load::Cancelled), _) => Shown::Trouble(load),
            (_, None) => Shown::Outline,
            (_, Some(true)) => Shown::Empty,
            (_, Some(false)) if compared && patterns.shown.with(Vec::is_empty) => Shown::NothingNew,
            (_, Some(false)) => Shown::Rows,
        }
    });
    let retry = Callback::new(move |()| patterns.model.start());
    let cancel = Callback::new(move |()| {
        asked.cancel();
    });
    let content = move || match shown.get() {
        Shown::Outline => view! { <Outline /> }.into_any(),
        Shown::Rows => view! { <Rows patterns /> }.into_any(),
        Shown::Empty => view! { <Empty patterns /> }.into_any(),
        Shown::NothingNew => view! { <NothingNew patterns /> }.into_any(),
        Shown::Trouble(Load::Failed(failure)) => {
            view! { <div class="grow"><FailurePanel failure on_retry=retry /></div> }.into_any()
        }
        Shown::Trouble(_) => view! { <div class="grow"><Cancelled on_retry=retry /></div> }.into_any(),
    };
    view! {
        <section
            class="list patterns"
            class:stale=move || asked.waits()
            aria-label=text().list
            aria-busy=move || asked.waits().to_string()
        >
            <Bar patterns />
            {move || asked.progress.get().map(|progress| view! { <ProgressStrip progress on_cancel=cancel /> })}
            <Head patterns />
            {content}
            <Foot patterns />
        </section>
    }
}

/// Only new ones, and what they were compared with.
#[component]
fn Bar(patterns: PatternsModel) -> impl IntoView {
    let t = text();
    let context = patterns.model.context;
    let span = move || span_before(context.window.get());
    let toggle = move |_| {
        let on = patterns.only_new.get_untracked();
        context.go(|view| view.set_parameter("new", if on { "" } else { "1" }));
    };
    let note = move || {
        patterns.only_new.get().then(|| match patterns.earlier.load.get() {
            Load::Waiting => t.comparing.to_owned(),
            Load::Failed(failure) => (t.compare_failed)(failure.title()),
            Load::Cancelled => (t.compare_failed)(crate::strings::text().logs.cancelled_title),
            Load::Ready => {
                let complete = patterns.earlier.answer.with(|earlier| earlier.as_ref().is_some_and(|e| e.complete));
                if complete { (t.compared)(&span()) } else { (t.compared_part)(&span()) }
            }
        })
    };
    view! {
        <div class="list-bar">
            <button
                type="button"
                role="switch"
                class="btn live-switch"
                aria-checked=move || patterns.only_new.get().to_string()
                title=move || (t.only_new_help)(&span())
                on:click=toggle
            >
                <span class="switch" class:on=move || patterns.only_new.get() aria-hidden="true"></span>
                {t.only_new}
            </button>
            <span class="faint ell" role="status">{note}</span>
        </div>
    }
}

/// Names of the columns, of which some put the patterns in order.
#[component]
fn Head(patterns: PatternsModel) -> impl IntoView {
    let t = text();
    let context = patterns.model.context;
    let sorted = move |order: Order, caption: &'static str, class: &'static str| {
        let on = move || patterns.order.get() == order;
        view! {
            <button
                type="button"
                class=class
                class:sort=on
                aria-pressed=move || on().to_string()
                title=(t.sort_by)(caption)
                on:click=move |_| context.go(|view| view.set_parameter("sort", order.name()))
            >
                {caption}
                {move || on().then_some(" ↓")}
            </button>
        }
    };
    view! {
        <div class="pr ph">
            <span></span>
            <span>{t.pattern}</span>
            {sorted(Order::Count, t.count, "num")}
            <span>{t.share}</span>
            {sorted(Order::Severity, t.severity, "")}
            {sorted(Order::First, t.first, "when")}
            {sorted(Order::Last, t.last, "when")}
            <span></span>
        </div>
    }
}

#[component]
fn Rows(patterns: PatternsModel) -> impl IntoView {
    let count = Memo::new(move |_| patterns.shown.with(Vec::len));
    let key_at = move |index: usize| patterns.shown.with(|keys| keys.get(index).copied());
    let draw = move |key: i64| view! { <Row patterns key /> }.into_any();
    view! { <RowList place=patterns.place count key_at draw label=text().list prefix=PREFIX /> }
}

#[component]
fn Empty(patterns: PatternsModel) -> impl IntoView {
    let t = text();
    let model = patterns.model;
    let why = move || {
        let query = model.query();
        if query.is_empty() { t.empty.to_owned() } else { (t.empty_search)(&query) }
    };
    view! {
        <div class="state grow" role="status">
            <h3>{t.empty_title}</h3>
            <p>{why}</p>
            <Show when=move || !model.query().is_empty()>
                <div class="do">
                    <button type="button" class="btn" on:click=move |_| model.search(String::new())>
                        {crate::strings::text().logs.remove_filters}
                    </button>
                </div>
            </Show>
        </div>
    }
}

#[component]
fn NothingNew(patterns: PatternsModel) -> impl IntoView {
    let t = text();
    let context = patterns.model.context;
    let why = move || (t.none_new)(&span_before(context.window.get()));
    view! {
        <div class="state grow" role="status">
            <h3>{t.none_new_title}</h3>
            <p>{why}</p>
            <div class="do">
                <button
                    type="button"
                    class="btn primary"
                    on:click=move |_| context.go(|view| view.set_parameter("new", ""))
                >
                    {t.show_all}
                </button>
            </div>
        </div>
    }
}

/// How many patterns of how many lines, and what is not among them.
#[component]
fn Foot(patterns: PatternsModel) -> impl IntoView {
    let t = text();
    let answer = move |read: &dyn Fn(&PatternsResponse) -> Option<String>| {
        patterns.asked.answer.with(|found| read(&found.as_ref()?.answer))
    };
    let counted = move || answer(&|a| Some((t.counted)(&grouped(a.found), &grouped(a.rows))));
    let cut = move || {
        answer(&|a| {
            let shown = a.patterns.len() as u64;
            (shown < a.found).then(|| (t.most_frequent)(&grouped(shown), &grouped(a.found)))
        })
    };
    let new = move || {
        let compared = patterns.only_new.get() && patterns.earlier.answer.with(Option::is_some);
        let shown = patterns.shown.with(Vec::len) as u64;
        let all =
            move |a: &PatternsResponse| Some((t.only_new_counted)(&grouped(shown), &grouped(a.patterns.len() as u64)));
        if compared { answer(&all) } else { None }
    };
    let sampled = move || answer(&|a| a.sampled.then(|| (t.sampled)(&grouped(a.rows))));
    let uncounted = move || answer(&|a| (a.uncounted > 0).then(|| (t.uncounted)(&grouped(a.uncounted))));
    let cost = move || {
        answer(&|a| {
            let (rows, bytes) = (number::count(a.stats.rows_scanned), number::bytes(a.stats.bytes_scanned));
            Some((crate::strings::text().logs.scanned)(&rows, &bytes, &number::milliseconds(a.stats.elapsed_ms)))
        })
    };
    view! {
        <div class="lf">
            <span>{counted}</span>
            <span>{cut}</span>
            <span>{new}</span>
            <span class="left-out">{sampled}</span>
            <span class="left-out">{uncounted}</span>
            <span class="grow"></span>
            <span class="wide-only">{cost}</span>
        </div>
    }
}
