//! Logs: search, histogram, facets, lines, details.

mod chart;
mod details;
mod facets;
mod guide;
mod lines;
mod model;
mod search_bar;
mod sql_menu;
mod states;

use crate::app::set_title;
use crate::browser;
use crate::components::{Icon, IconName, TimePicker};
use crate::context::Context;
use crate::keys::Action;
use crate::strings::text;
use crate::time_range::TimeRange;
use chart::Chart;
use details::Details;
use facets::Facets;
use guide::Guide;
use leptos::prelude::*;
use lines::Lines;
use model::{Load, LogsModel, Opened, ScrollTo};
use search_bar::{SEARCH_ID, SearchBar};
use sql_menu::SqlMenu;

/// What is open on top of the page.
#[derive(Clone, Copy)]
struct Panels {
    sql: RwSignal<bool>,
    filters: RwSignal<bool>,
}

/// The page.
#[component]
pub(crate) fn LogsPage() -> impl IntoView {
    let context = Context::get();
    let model = LogsModel::new(context);
    let panels = Panels { sql: RwSignal::new(false), filters: RwSignal::new(false) };
    let list = lines::list_signal();
    let nothing_sent = Memo::new(move |_| model.nothing_sent());
    run_when_asked(model, nothing_sent);
    let row = Memo::new(move |_| context.view.with(|view| view.row));
    Effect::new(move |_| {
        let ready = model.lines.with(|lines| *lines == Load::Ready);
        let row = row.get();
        if ready || row.is_none() {
            model.follow_row(row);
        }
    });
    Effect::new(move |_| set_title(&model.query()));
    context.on_action.set_value(Some(Callback::new(move |action| act(model, panels, list, action))));
    on_cleanup(move || context.on_action.set_value(None));
    view! {
        <main class="main">
            <Head model nothing_sent />
            {move || match nothing_sent.get() {
                Some(true) => view! { <Guide /> }.into_any(),
                _ => view! { <Search model panels list /> }.into_any(),
            }}
        </main>
    }
}

#[component]
fn Head(model: LogsModel, nothing_sent: Memo<Option<bool>>) -> impl IntoView {
    let context = model.context;
    let t = &text().shell;
    let copy_link = move |_| {
        // A relative range would show other lines to whoever opens the link later.
        let mut view = context.view.get_untracked();
        view.range = context.window.get_untracked().fixed();
        let link = format!("{}{}", browser::origin().0, view.to_link());
        context.copy(link, t.link_copied);
    };
    view! {
        <header class="page-head">
            <h1>{text().logs.title}</h1>
            <span class="grow"></span>
            <Show when=move || nothing_sent.get() != Some(true)>
                <TimePicker />
                <button
                    type="button"
                    class="btn icon-only"
                    aria-label=t.refresh
                    title=t.refresh
                    on:click=move |_| model.start()
                >
                    <Icon name=IconName::Refresh />
                </button>
                <button type="button" class="btn icon-only" aria-label=t.copy_link title=t.copy_link on:click=copy_link>
                    <Icon name=IconName::Link />
                </button>
            </Show>
        </header>
    }
}

#[component]
fn Search(model: LogsModel, panels: Panels, list: lines::ListSignal) -> impl IntoView {
    let open = Memo::new(move |_| model.opened.with(Option::is_some));
    view! {
        <SearchBar model panels />
        <Show when=move || panels.sql.get()>
            <SqlMenu model on_close=Callback::new(move |()| panels.sql.set(false)) />
        </Show>
        <Chart model />
        <div class="body logs-body" class:with-filters=move || panels.filters.get()>
            <Facets model />
            <Lines model list />
            <Show when=move || open.get()>
                <Details model />
            </Show>
        </div>
    }
}

/// Runs the queries when the question changes, and once the guide has done its work.
fn run_when_asked(model: LogsModel, nothing_sent: Memo<Option<bool>>) {
    Effect::new(move |before: Option<Option<bool>>| {
        let now = nothing_sent.get();
        model.question.track();
        if now == Some(false) {
            if before == Some(Some(true)) && untrack(|| show_what_arrived(model)) {
                return now;
            }
            untrack(|| model.start());
        }
        now
    });
}

/// The first lines may be old, as from a file: shows the range they are in. False when they are
/// within the range of the view.
fn show_what_arrived(model: LogsModel) -> bool {
    let context = model.context;
    let span = context.status.with_untracked(|status| {
        let table = status.as_ref()?.as_ref().ok()?.tables.iter().find(|table| table.name == "logs")?;
        let ns = |time: &Option<String>| crate::calendar::parse_utc(time.as_deref()?);
        Some((ns(&table.oldest)?, ns(&table.newest)?))
    });
    let window = context.view.with_untracked(|view| view.range).window(context.now_ns());
    match span {
        Some((oldest, newest)) if newest < window.from_ns => {
            let second = crate::calendar::SECOND_NS;
            let (from_ns, to_ns) = (oldest.div_euclid(second) * second, (newest.div_euclid(second) + 1) * second);
            context.adjust(|view| view.range = TimeRange::Absolute { from_ns, to_ns });
            true
        }
        _ => false,
    }
}

fn act(model: LogsModel, panels: Panels, list: lines::ListSignal, action: Action) -> bool {
    let rows = model.pager.with_untracked(crate::pager::Pager::len);
    let (seen_first, page) = list.with_untracked(|list| (list.seen().0, list.page()));
    let cursor = model.cursor.get_untracked();
    let to = match action {
        Action::FocusSearch => {
            browser::focus(SEARCH_ID);
            return true;
        }
        Action::Refresh => {
            model.start();
            return true;
        }
        Action::Escape => return escape(model, panels),
        Action::Open => {
            if let Some(index) = cursor {
                model.open(index);
            }
            return cursor.is_some();
        }
        Action::Down => cursor.map_or(seen_first, |at| at + 1),
        Action::Up => cursor.map_or(seen_first, |at| at.saturating_sub(1)),
        Action::PageDown => cursor.unwrap_or(seen_first) + page,
        Action::PageUp => cursor.unwrap_or(seen_first).saturating_sub(page),
        Action::First => 0,
        Action::Last => rows,
        Action::Help | Action::GoLogs => return false,
    };
    if rows == 0 {
        return false;
    }
    let to = to.min(rows - 1);
    model.cursor.set(Some(to));
    model.scroll_to.set(Some(ScrollTo::Reveal(to)));
    if model.opened.with_untracked(|opened| matches!(opened, Some(Opened::Line(_)))) {
        model.open(to);
    }
    true
}

/// Closes the uppermost thing that is open, or stops what runs.
fn escape(model: LogsModel, panels: Panels) -> bool {
    for panel in [panels.sql, panels.filters] {
        if panel.get_untracked() {
            panel.set(false);
            return true;
        }
    }
    let slow = model.progress.with_untracked(Option::is_some);
    if slow && model.cancel() {
        return true;
    }
    let open = model.opened.with_untracked(Option::is_some);
    if open {
        model.close();
    }
    open
}
