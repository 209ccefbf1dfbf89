//! The drawer in which a panel is made or changed, with a live preview.

use super::ask::Request;
use super::board::Board;
use super::body::{Body, Content};
use super::fields::{SelectField, SqlField, TextField};
use super::flaw;
use super::variable_editor::DrawerHead;
use crate::ask::Load;
use crate::browser;
use crate::components::Show;
use crate::dashboard::{Panel, Query, UNITS, View, place_new};
use crate::editor::{EditorError, Place};
use crate::failure::Failure;
use crate::strings::dashboards::text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::SqlLocation;
use wasm_bindgen::JsCast;

/// How long typing has to rest before the preview asks.
const REST_MS: i32 = 600;
/// Height of the preview.
const PREVIEW: f64 = 220.0;
const WRITTEN_ID: &str = "panel-written";

/// What is typed.
#[derive(Clone, Copy)]
struct Form {
    id: StoredValue<Panel>,
    title: RwSignal<String>,
    /// Place of the kind: counts, lines, SQL.
    kind: RwSignal<usize>,
    search: RwSignal<String>,
    by: RwSignal<String>,
    sql: RwSignal<String>,
    view: RwSignal<View>,
    unit: RwSignal<String>,
    /// Whether the unit is another sign than those that are offered.
    other: RwSignal<bool>,
    warn: RwSignal<String>,
    bad: RwSignal<String>,
}

/// A statement to begin with.
const EXAMPLE: &str = "SELECT date_bin($interval, time) AS time, service, count(*) AS lines
FROM logs
GROUP BY 1, 2
ORDER BY 1";

impl Form {
    fn of(panel: &Panel) -> Self {
        let bound = |bound: Option<f64>| RwSignal::new(bound.map(|bound| bound.to_string()).unwrap_or_default());
        let (mut search, mut by, mut sql) = (String::new(), "severity".to_owned(), EXAMPLE.to_owned());
        let kind = match &panel.query {
            Query::Counts { search: text, by: field } => {
                (search, by) = (text.clone(), field.clone());
                0
            }
            Query::Lines { search: text } => {
                search.clone_from(text);
                1
            }
            Query::Sql(statement) => {
                sql.clone_from(statement);
                2
            }
        };
        Self {
            id: StoredValue::new(panel.clone()),
            title: RwSignal::new(panel.title.clone()),
            kind: RwSignal::new(kind),
            search: RwSignal::new(search),
            by: RwSignal::new(by),
            sql: RwSignal::new(sql),
            view: RwSignal::new(panel.view),
            unit: RwSignal::new(panel.unit.clone()),
            other: RwSignal::new(!UNITS.contains(&panel.unit.as_str())),
            warn: bound(panel.warn),
            bad: bound(panel.bad),
        }
    }

    fn query(self) -> Query {
        match self.kind.get() {
            0 => Query::Counts { search: self.search.get(), by: self.by.get().trim().to_owned() },
            1 => Query::Lines { search: self.search.get() },
            _ => Query::Sql(self.sql.get()),
        }
    }

    /// As it is typed now; tracked.
    fn panel(self) -> Panel {
        let query = self.query();
        let chosen = self.view.get();
        let usual = query.views().first().copied().unwrap_or(View::Table);
        let view = if query.views().contains(&chosen) { chosen } else { usual };
        Panel {
            title: self.title.get().trim().to_owned(),
            query,
            view,
            unit: self.unit.get().trim().to_owned(),
            warn: number(&self.warn.get()).unwrap_or_default(),
            bad: number(&self.bad.get()).unwrap_or_default(),
            ..self.id.get_value()
        }
    }

    fn numbers_are_good(self) -> bool {
        [self.warn, self.bad].iter().all(|bound| bound.with(|text| number(text).is_some()))
    }
}

/// Nothing for an empty text, none for one that is no number.
fn number(text: &str) -> Option<Option<f64>> {
    match text.trim() {
        "" => Some(None),
        text => text.replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite()).map(Some),
    }
}

/// The drawer; a new panel is added, another one is changed.
#[component]
pub(super) fn PanelEditor(board: Board, panel: Panel, new: bool) -> impl IntoView {
    let t = &text().editor;
    let form = Form::of(&panel);
    let title = match panel.title.as_str() {
        _ if new => t.new_title.to_owned(),
        "" => (t.edit_title)(text().panel.untitled),
        title => (t.edit_title)(title),
    };
    let label = title.clone();
    let preview = RwSignal::new(panel);
    let now = Memo::new(move |_| form.panel());
    rest_then_show(now, preview);
    let run = Callback::new(move |()| preview.set(now.get_untracked()));
    let content = Content::new(board, Memo::new(move |_| preview.get()), Signal::derive(|| true));
    let apply = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if untrack(|| form.numbers_are_good()) {
            put(board, now.get_untracked(), new);
            board.drawer.set(None);
        }
    };
    Effect::new(|_| browser::focus("panel-title"));
    view! {
        <aside class="drawer board-drawer" aria-label=label>
            <DrawerHead board title />
            <form class="scroll grow board-form" on:submit=apply>
                <TextField id="panel-title" label=t.title value=form.title />
                <Asks form content run />
                <Looks form now />
                <h3 class="caps">{t.preview}</h3>
                <div class="panel card preview">
                    <Body content height=Signal::derive(|| PREVIEW) />
                </div>
            </form>
            <div class="board-form-foot">
                <button
                    type="button"
                    class="btn primary"
                    disabled=move || !form.numbers_are_good()
                    on:click=move |_| {
                        put(board, now.get_untracked(), new);
                        board.drawer.set(None);
                    }
                >
                    {if new { t.add } else { t.apply }}
                </button>
                <button type="button" class="btn" on:click=move |_| board.drawer.set(None)>{t.cancel}</button>
            </div>
        </aside>
    }
}

/// Shows in the preview what was typed, once typing rests.
fn rest_then_show(now: Memo<Panel>, preview: RwSignal<Panel>) {
    Effect::new(move |_| {
        let panel = now.get();
        spawn_local(async move {
            browser::sleep_ms(REST_MS).await;
            if now.try_get_untracked().is_some_and(|now| now == panel) && preview.with_untracked(|p| *p != panel) {
                preview.set(panel);
            }
        });
    });
}

fn put(board: Board, panel: Panel, new: bool) {
    board.change(|document| {
        let mut panel = panel;
        match document.panel(&panel.id) {
            Some(known) => panel.at = known.at,
            None if new => panel.at = place_new(&document.layout(), panel.at.w, panel.at.h),
            None => {}
        }
        document.put(panel);
    });
}

/// What is wrong with what is asked, and where it is, in characters from the start.
type Trouble = Memo<Option<(String, Option<usize>)>>;

/// What it asks, with what is wrong about it.
#[component]
fn Asks(form: Form, content: Content, run: Callback<()>) -> impl IntoView {
    let t = &text().editor;
    let kinds = [t.asks_counts, t.asks_lines, t.asks_sql];
    let options: Vec<(String, String)> =
        kinds.iter().enumerate().map(|(place, kind)| (place.to_string(), (*kind).to_owned())).collect();
    let trouble = Memo::new(move |_| trouble(content));
    view! {
        <SelectField
            id="panel-kind"
            label=t.asks
            options
            chosen=Signal::derive(move || form.kind.get().to_string())
            on_choose=Callback::new(move |kind: String| form.kind.set(kind.parse().unwrap_or(0)))
        />
        {move || match form.kind.get() {
            2 => view! { <Statement form trouble run /> }.into_any(),
            kind => {
                let by = (kind == 0)
                    .then(|| {
                        let hint = t.by_help.to_owned();
                        view! { <TextField id="panel-by" label=t.by value=form.by mono=true hint /> }
                    });
                view! {
                    <Search form trouble />
                    {by}
                }
                    .into_any()
            }
        }}
    }
}

/// A statement; the editor tells an error that has a place.
#[component]
fn Statement(form: Form, trouble: Trouble, run: Callback<()>) -> impl IntoView {
    let t = &text().editor;
    let errors = Signal::derive(move || {
        let error = |(message, place): (String, Option<usize>)| {
            let place = place?;
            let (line, column) = form.sql.with_untracked(|sql| line_of(sql, place));
            Some(EditorError { from: Place::from(SqlLocation { line, column }), to: None, message })
        };
        trouble.get().and_then(error).into_iter().collect()
    });
    let unplaced = Memo::new(move |_| trouble.get().filter(|(_, place)| place.is_none()).map(|(what, _)| what));
    let bad = Signal::derive(move || unplaced.get().is_some());
    let hint = Signal::derive(move || unplaced.get().unwrap_or_else(|| t.statement_help.to_owned()));
    view! { <SqlField label=t.statement value=form.sql errors bad hint on_run=run /> }
}

/// A search, with a way to the place of an error.
#[component]
fn Search(form: Form, trouble: Trouble) -> impl IntoView {
    let t = &text().editor;
    let hint = Signal::derive(move || match trouble.get() {
        None => t.search_help.to_owned(),
        Some((what, None)) => what,
        Some((what, Some(place))) => {
            let (line, column) = form.search.with(|search| line_of(search, place));
            (text().flaw.at)(&(t.place)(line, column), &what)
        }
    });
    let bad = Signal::derive(move || trouble.with(Option::is_some));
    let go_there = move || {
        let place = trouble.get()?.1?;
        Some(view! { <button type="button" class="btn" on:click=move |_| go_to(place)>{t.go_there}</button> })
    };
    view! {
        <TextField id=WRITTEN_ID label=t.search value=form.search mono=true bad hint />
        {go_there}
    }
}

fn trouble(content: Content) -> Option<(String, Option<usize>)> {
    match content.request.get() {
        Err(found) => Some((flaw::build_flaw(&found), Some(found.at))),
        Ok(request) => match content.asked.load.get() {
            Load::Failed(failure @ Failure::Problem(_)) => located(&failure, &request),
            _ => None,
        },
    }
}

/// Failures that have a place, or are about the statement at all; the preview shows the others.
fn located(failure: &Failure, request: &Request) -> Option<(String, Option<usize>)> {
    let Failure::Problem(problem) = failure else { return None };
    let place = problem.location.and_then(|location| match request.query {
        // lines are asked for by a statement around the search text
        Query::Lines { .. } => crate::statement::place_in_search(&request.built.text, location)
            .and_then(|place| request.built.written_at(SqlLocation { line: 1, column: place as u64 + 1 })),
        _ => request.built.written_at(location),
    });
    (failure.code() == "invalid").then(|| (failure.detail(), place))
}

/// Line and column of a place, from 1.
fn line_of(written: &str, place: usize) -> (u64, u64) {
    let before: String = written.chars().take(place).collect();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    (before.matches('\n').count() as u64 + 1, column as u64 + 1)
}

/// Puts the cursor at a place of the search.
fn go_to(place: usize) {
    let Some(element) = document().get_element_by_id(WRITTEN_ID) else { return };
    let at = u32::try_from(place).ok();
    if let Some(input) = element.dyn_ref::<web_sys::HtmlInputElement>() {
        drop(input.focus());
        drop(input.set_selection_start(at).and_then(|()| input.set_selection_end(at)));
    }
}

/// How it shows the answer.
#[component]
fn Looks(form: Form, now: Memo<Panel>) -> impl IntoView {
    let t = &text().editor;
    let views = Signal::derive(move || {
        let caption = |view: &View| {
            let place = View::ALL.iter().position(|(known, _)| known == view).unwrap_or(0);
            (view.name().to_owned(), t.views.get(place).copied().unwrap_or_default().to_owned())
        };
        form.query().views().iter().map(caption).collect::<Vec<_>>()
    });
    let numbers = Memo::new(move |_| now.with(|panel| !matches!(panel.view, View::Table | View::Log)));
    view! {
        <Show when=move || views.with(|views| views.len() > 1)>
            <SelectField
                id="panel-view"
                label=t.view
                options=views
                chosen=Signal::derive(move || now.with(|panel| panel.view.name().to_owned()))
                on_choose=Callback::new(move |name: String| {
                    if let Some(view) = View::by_name(&name) {
                        form.view.set(view);
                    }
                })
            />
        </Show>
        <Show when=move || numbers.get()>
            <UnitChoice form />
            <div class="board-pair">
                <Bound id="panel-warn" label=t.warn value=form.warn />
                <Bound id="panel-bad" label=t.bad value=form.bad />
            </div>
            <p class="hint">{t.bounds_help}</p>
        </Show>
    }
}

#[component]
fn UnitChoice(form: Form) -> impl IntoView {
    let t = &text().editor;
    const OTHER: &str = "other";
    let mut options: Vec<(String, String)> =
        UNITS.iter().zip(t.units).map(|(unit, caption)| ((*unit).to_owned(), caption.to_owned())).collect();
    options.push((OTHER.to_owned(), t.unit_other.to_owned()));
    view! {
        <SelectField
            id="panel-unit"
            label=t.unit
            options
            chosen=Signal::derive(move || if form.other.get() { OTHER.to_owned() } else { form.unit.get() })
            on_choose=Callback::new(move |unit: String| {
                form.other.set(unit == OTHER);
                form.unit.set(if unit == OTHER { String::new() } else { unit });
            })
        />
        <Show when=move || form.other.get()>
            <TextField id="panel-unit-sign" label=t.unit_sign value=form.unit />
        </Show>
    }
}

#[component]
fn Bound(id: &'static str, label: &'static str, value: RwSignal<String>) -> impl IntoView {
    let bad = Signal::derive(move || value.with(|text| number(text).is_none()));
    let hint = Signal::derive(move || if bad.get() { text().editor.bad_number.to_owned() } else { String::new() });
    view! { <TextField id label value mono=true bad hint /> }
}
