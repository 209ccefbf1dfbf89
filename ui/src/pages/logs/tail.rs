//! Live tail: new lines in the place of the list, by `GET /api/v1/logs/tail`.

mod bar;

use super::lines::Held;
use super::list_head::ListHead;
use super::model::{LogsModel, ScrollTo};
use super::row_list::{LineRow, Place, RowList};
use crate::browser;
use crate::calendar::{self, DateStyle, MINUTE_NS};
use crate::client::{Question, Refusal};
use crate::components::FailurePanel;
use crate::failure::Failure;
use crate::keys::Action;
use crate::log_row::{self, LogRow};
use crate::number::grouped;
use crate::query_text::body_terms;
use crate::statement;
use crate::strings::tail::text;
use crate::tail::{End, EventReader, ROWS_MAX, Tail, TailEvent, read, wait_seconds};
use bar::{Bar, NewLines, Waiting};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, ReadableStreamDefaultReader};

/// Lines a second asked for: four times what the server gives without a wish, since lines come in bursts.
const RATE: u32 = 2_000;
/// How long lines are gathered before they are shown.
const GATHER_MS: i32 = 200;
/// Lines stored before that are shown below the new ones, and how old they may be.
const STORED_ROWS: usize = 200;
const STORED_NS: i64 = 15 * MINUTE_NS;
/// Ids of rows begin with this.
const PREFIX: &str = "live";

/// How the stream is.
#[derive(Clone, Debug, PartialEq)]
enum Link {
    Connecting,
    Open,
    /// Tried again in so many seconds.
    Lost(Failure, u32),
    /// Stopped on the server by somebody.
    Cancelled,
    Failed(Failure),
}

/// How one connection ended.
enum Outcome {
    Reconnect,
    Lost(Failure),
    Cancelled,
    Failed(Failure),
}

/// State of the live tail; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct TailModel {
    model: LogsModel,
    /// Whether the view is live.
    pub(super) on: Memo<bool>,
    place: Place,
    tail: RwSignal<Tail>,
    link: RwSignal<Link>,
    paused: RwSignal<bool>,
    hovered: RwSignal<bool>,
    walking: RwSignal<bool>,
    /// Whether new lines wait, so that nothing moves under the cursor.
    held: Memo<bool>,
    since_ns: RwSignal<i64>,
    /// Lines that came and are not shown yet.
    gathered: StoredValue<Vec<LogRow>>,
    run: StoredValue<u64>,
    hurry: StoredValue<bool>,
    abort: StoredValue<Option<AbortController>, LocalStorage>,
}

impl TailModel {
    pub(super) fn new(model: LogsModel) -> Self {
        let (place, lines) = (Place::new(), RwSignal::new(Tail::default()));
        let [paused, hovered, walking] = [false; 3].map(RwSignal::new);
        let held = Memo::new(move |_| {
            let scrolled = place.list.with(|list| list.scroll_top > 1.0);
            let any = lines.with(|tail| !tail.is_empty());
            paused.get() || (any && (scrolled || hovered.get() || walking.get()))
        });
        let tail = Self {
            model,
            on: Memo::new(move |_| model.context.view.with(|view| view.parameter("live") == "1")),
            place,
            tail: lines,
            link: RwSignal::new(Link::Connecting),
            paused,
            hovered,
            walking,
            held,
            since_ns: RwSignal::new(0),
            gathered: StoredValue::new(Vec::new()),
            run: StoredValue::new(0),
            hurry: StoredValue::new(false),
            abort: StoredValue::new_local(None),
        };
        let query = Memo::new(move |_| model.query());
        Effect::new(move |was_on: Option<bool>| {
            let (on, _) = (tail.on.get(), query.get());
            untrack(|| match (on, was_on) {
                (true, _) => tail.start(),
                // what came meanwhile is then in the list
                (false, Some(true)) => {
                    tail.stop();
                    model.start();
                }
                (false, _) => {}
            });
            on
        });
        Effect::new(move |_| {
            if !held.get() && lines.with_untracked(|tail| tail.waiting().0 > 0) {
                lines.update(Tail::show);
            }
        });
        on_cleanup(move || tail.stop());
        tail
    }

    /// Follows, or no longer.
    pub(super) fn toggle(&self) {
        let on = self.on.get_untracked();
        self.model.context.go(|view| {
            view.set_parameter("live", if on { "" } else { "1" });
            for name in ["tab", "around", "same"] {
                view.set_parameter(name, "");
            }
        });
    }

    fn show_new(&self) {
        self.walking.set(false);
        self.paused.set(false);
        self.tail.update(Tail::show);
        self.place.scroll_to.set(Some(ScrollTo::Top));
    }

    fn start(&self) {
        self.stop();
        for signal in [self.paused, self.walking] {
            signal.set(false);
        }
        self.tail.set(Tail::default());
        self.gathered.set_value(Vec::new());
        self.place.cursor.set(None);
        self.connect(String::new());
    }

    fn connect(&self, last_id: String) {
        let (Some(run), Ok(abort)) = (self.next_run(), AbortController::new()) else { return };
        let signal = abort.signal();
        self.abort.set_value(Some(abort));
        let tail = *self;
        spawn_local(async move { tail.follow(run, last_id, signal).await });
    }

    fn stop(&self) {
        self.next_run();
        self.abort.try_update_value(|abort| {
            if let Some(abort) = abort.take() {
                abort.abort();
            }
        });
    }

    fn next_run(&self) -> Option<u64> {
        self.run.try_update_value(|run| {
            *run += 1;
            *run
        })
    }

    fn current(&self, run: u64) -> bool {
        self.run.try_get_value() == Some(run)
    }

    /// Connects, and connects again for as long as the run is the current one.
    async fn follow(self, run: u64, mut last_id: String, signal: AbortSignal) {
        let mut failed = 0;
        let mut is_first = last_id.is_empty();
        self.link.set(Link::Connecting);
        while self.current(run) {
            let outcome = self.stream(run, &mut last_id, &mut is_first, &mut failed, &signal).await;
            if !self.current(run) {
                return;
            }
            match outcome {
                Outcome::Reconnect => {}
                Outcome::Cancelled => return self.link.set(Link::Cancelled),
                Outcome::Failed(failure) => return self.link.set(Link::Failed(failure)),
                Outcome::Lost(failure) => {
                    failed += 1;
                    self.wait(run, failure, wait_seconds(failed)).await;
                }
            }
        }
    }

    /// Waits, and tells how long still, unless the reader does not want to wait.
    async fn wait(&self, run: u64, failure: Failure, seconds: u32) {
        self.hurry.set_value(false);
        for quarter in 0..seconds * 4 {
            let left = seconds - quarter / 4;
            self.link.set(Link::Lost(failure.clone(), left));
            browser::sleep_ms(250).await;
            if !self.current(run) {
                return;
            }
            if self.hurry.get_value() {
                break;
            }
        }
        self.link.set(Link::Connecting);
    }

    async fn stream(
        &self,
        run: u64,
        last_id: &mut String,
        is_first: &mut bool,
        failed: &mut u32,
        signal: &AbortSignal,
    ) -> Outcome {
        let query = self.model.question.with_untracked(|(query, _)| query.clone());
        let path = format!("/logs/tail?rate={RATE}&search={}", js_sys::encode_uri_component(query.trim()));
        let response = match self.model.context.client.events(&path, last_id, signal).await {
            Ok(response) => response,
            Err(Refusal::Aborted) => return Outcome::Cancelled,
            Err(Refusal::Failed(failure)) => return refused(failure),
        };
        let Some(body) = response.body() else { return Outcome::Lost(Failure::Offline) };
        let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
        let mut events = EventReader::after(last_id.clone());
        loop {
            let Some(bytes) = next_bytes(&reader).await else { return Outcome::Lost(Failure::Offline) };
            if !self.current(run) {
                return Outcome::Cancelled;
            }
            for event in events.feed(&bytes) {
                match read(&event) {
                    Ok(Some(TailEvent::Ended(end))) => return over(end),
                    Ok(Some(event)) => {
                        *failed = 0;
                        self.take(run, event, is_first, signal);
                    }
                    Ok(None) => {}
                    Err(error) => return Outcome::Failed(Failure::Malformed(error.0)),
                }
            }
            events.last_id().clone_into(last_id);
        }
    }

    fn take(&self, run: u64, event: TailEvent, is_first: &mut bool, signal: &AbortSignal) {
        match event {
            TailEvent::Started => {
                self.link.set(Link::Open);
                if std::mem::take(is_first) {
                    self.since_ns.set(self.model.context.now_ns());
                    let (tail, signal) = (*self, signal.clone());
                    spawn_local(async move { tail.load_stored(run, &signal).await });
                }
            }
            TailEvent::Rows(rows) => self.gather(run, rows),
            other => self.tail.update(|tail| tail.leave_out(&other)),
        }
    }

    /// Services send on their own: what comes within a moment is shown at once, in the order of its times.
    fn gather(&self, run: u64, rows: Vec<LogRow>) {
        let is_first = self.gathered.with_value(Vec::is_empty);
        self.gathered.update_value(|gathered| gathered.extend(rows));
        if is_first {
            let tail = *self;
            spawn_local(async move {
                browser::sleep_ms(GATHER_MS).await;
                if tail.current(run) {
                    let rows = tail.gathered.try_update_value(std::mem::take).unwrap_or_default();
                    let held = tail.held.get_untracked();
                    tail.tail.update(|tail| tail.add(rows, held));
                }
            });
        }
    }

    /// The newest lines that were stored before, so that the list does not begin empty. That they
    /// could not be had is no reason to stop: the new ones come all the same.
    async fn load_stored(self, run: u64, signal: &AbortSignal) {
        let query = self.model.question.with_untracked(|(query, _)| query.clone());
        let now = self.model.context.now_ns();
        let question = Question {
            sql: statement::lines(&query, STORED_ROWS, 0),
            from_ns: Some(now.saturating_sub(STORED_NS)),
            to_ns: Some(now.saturating_add(MINUTE_NS)),
        };
        let answer = self.model.context.client.sql(question, browser::query_id(), None, signal).await;
        if let Ok(response) = answer
            && self.current(run)
            && let Ok(rows) = log_row::lines(&response)
        {
            self.tail.update(|tail| tail.add_stored(rows));
        }
    }

    /// Does what a key asks for; false when there was nothing to do.
    pub(super) fn act(&self, action: Action) -> bool {
        let rows = self.tail.with_untracked(Tail::len);
        let cursor = self.place.cursor.get_untracked();
        match action {
            Action::First => {
                self.place.cursor.set(None);
                self.show_new();
                return true;
            }
            Action::Open => return cursor.is_some_and(|key| self.open(key)),
            _ => {}
        }
        let at = cursor.and_then(|key| self.tail.with_untracked(|tail| tail.index_of(key)));
        let Some(to) = self.place.target(at, rows, action) else { return false };
        let Some(key) = self.tail.with_untracked(|tail| tail.number_at(to)) else { return false };
        self.walking.set(true);
        self.place.stand_on(key, to);
        if self.model.opened.with_untracked(Option::is_some) {
            self.open(key);
        }
        true
    }

    fn open(&self, key: i64) -> bool {
        let Some(row) = self.tail.with_untracked(|tail| tail.row(key).cloned()) else { return false };
        self.place.cursor.set(Some(key));
        self.model.open_line(row);
        true
    }
}

/// What to do about a stream that was refused: a search that cannot be read stays wrong; a server that
/// starts or has too many readers, and a proxy that does not reach it, will not.
fn refused(failure: Failure) -> Outcome {
    let passes = match &failure {
        Failure::Offline | Failure::Malformed(_) => true,
        Failure::Problem(_) => matches!(failure.code(), "rate_limited" | "unavailable" | "timeout"),
    };
    if passes { Outcome::Lost(failure) } else { Outcome::Failed(failure) }
}

fn over(end: End) -> Outcome {
    match end {
        End::Reconnect => Outcome::Reconnect,
        End::Shutdown | End::Failed(None) => Outcome::Lost(Failure::Offline),
        End::Cancelled => Outcome::Cancelled,
        End::Failed(Some(problem)) => refused(Failure::Problem(problem)),
    }
}

/// The next bytes of a body; `None` at its end, whatever the reason.
async fn next_bytes(reader: &ReadableStreamDefaultReader) -> Option<Vec<u8>> {
    let chunk = JsFuture::from(reader.read()).await.ok()?;
    let value = js_sys::Reflect::get(&chunk, &"value".into()).ok()?;
    Some(value.dyn_into::<js_sys::Uint8Array>().ok()?.to_vec())
}

/// Turns the live tail on and off.
#[component]
pub(super) fn LiveSwitch(tail: TailModel) -> impl IntoView {
    let t = text();
    let hint = move || if tail.on.get() { t.stop } else { t.start };
    view! {
        <button
            type="button"
            role="switch"
            class="btn live-switch"
            class:on=move || tail.on.get()
            aria-checked=move || tail.on.get().to_string()
            title=hint
            on:click=move |_| tail.toggle()
        >
            <span class="switch" class:on=move || tail.on.get() aria-hidden="true"></span>
            {t.live}
        </button>
    }
}

/// New lines as they come.
#[component]
pub(super) fn LiveTail(tail: TailModel) -> impl IntoView {
    let count = Memo::new(move |_| tail.tail.with(Tail::len));
    let failed = Memo::new(move |_| match tail.link.get() {
        Link::Failed(failure) => Some(failure),
        _ => None,
    });
    let empty = Memo::new(move |_| count.get() == 0);
    let retry = Callback::new(move |()| tail.start());
    let content = move || match failed.get() {
        Some(failure) => view! { <div class="grow"><FailurePanel failure on_retry=retry /></div> }.into_any(),
        None if empty.get() => view! { <Waiting tail /> }.into_any(),
        None => view! { <Rows tail count /> }.into_any(),
    };
    view! {
        <section class="list tail" aria-label=text().list>
            <Bar tail />
            <ListHead model=tail.model />
            // The counter lies over the rows: it neither moves them nor goes away on the way to it.
            <div
                class="rows-frame"
                on:pointerenter=move |event| tail.hovered.set(event.pointer_type() != "touch")
                on:pointerleave=move |_| tail.hovered.set(false)
            >
                <NewLines tail />
                {content}
            </div>
            <Foot tail count />
        </section>
    }
}

#[component]
fn Rows(tail: TailModel, count: Memo<usize>) -> impl IntoView {
    let style = super::lines::live_style(tail.model);
    let terms = Memo::new(move |_| body_terms(&tail.model.query()));
    let open = Callback::new(move |key| {
        tail.open(key);
    });
    let model = tail.model;
    let draw = move |key: i64| {
        let row = Memo::new(move |_| tail.tail.with(|tail| tail.row(key).cloned().map(Held)));
        view! { <LineRow model place=tail.place key prefix=PREFIX row style terms on_open=open /> }.into_any()
    };
    let key_at = move |index: usize| tail.tail.with(|tail| tail.number_at(index));
    view! { <RowList wraps=true place=tail.place count key_at draw label=text().list prefix=PREFIX /> }
}

#[component]
fn Foot(tail: TailModel, count: Memo<usize>) -> impl IntoView {
    let t = text();
    let model = tail.model;
    let range = move || {
        let (first, end) = tail.place.list.with(|list| list.seen());
        let end = end.min(count.get());
        (end > 0).then(|| (t.range)(&grouped(first as u64 + 1), &grouped(end as u64)))
    };
    let received = move || {
        let since = tail.since_ns.get();
        (since > 0).then(|| {
            let at = calendar::to_second(since, model.context.offset_minutes(since), DateStyle::Clock);
            (t.received)(&grouped(tail.tail.with(Tail::received)), &at)
        })
    };
    let full = move || (count.get() >= ROWS_MAX).then(|| (t.newest_kept)(&grouped(ROWS_MAX as u64)));
    view! {
        <div class="lf">
            <span>{range}</span>
            <span>{received}</span>
            <span>{full}</span>
        </div>
    }
}
