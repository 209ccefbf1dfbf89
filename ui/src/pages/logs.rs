//! Logs: search, histogram, facets, lines, details.

mod chart;
mod columns;
mod completion;
mod details;
mod download;
mod entries;
mod facet_counts;
mod facets;
mod field_names;
mod field_picker;
mod json_view;
mod lines;
mod list_head;
mod model;
mod modes;
mod opening;
mod patterns;
mod row_list;
mod search_bar;
mod sql_menu;
mod states;
mod surrounding;
mod tail;
mod value_menu;
mod views;

use super::guide::Guide;
use crate::app::set_title;
use crate::ask::Load;
use crate::browser;
use crate::components::{PageHead, Show};
use crate::context::Context;
use crate::keys::Action;
use crate::strings::text;
use crate::time_range::TimeRange;
use chart::Chart;
use details::Details;
use download::Download;
use facets::Facets;
use leptos::prelude::*;
use model::{LogsModel, Opened, ScrollTo};
use modes::{Middle, Modes};
use patterns::ViewChoice;
use search_bar::{SEARCH_ID, SearchBar};
use sql_menu::SqlMenu;
use tail::LiveSwitch;
use value_menu::ValueMenu;
use views::Views;

/// What is open on top of the page.
#[derive(Clone, Copy)]
struct Panels {
    sql: RwSignal<bool>,
    filters: RwSignal<bool>,
    saved: Views,
    download: Download,
}

/// The page.
#[component]
pub(crate) fn LogsPage() -> impl IntoView {
    let context = Context::get();
    let model = LogsModel::new(context);
    let panels = Panels {
        sql: RwSignal::new(false),
        filters: RwSignal::new(false),
        saved: Views::new(model),
        download: Download::new(model),
    };
    let list = lines::list_signal();
    let modes = Modes::new(model);
    provide_context(modes.around);
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
    Effect::new(move |_| set_title(&(text().logs.document_title)(&model.query())));
    context.on_action.set_value(Some(Callback::new(move |action| {
        if action == Action::Escape && close_uppermost(model, panels) {
            return true;
        }
        let general = || act(model, list, action) || (action == Action::Escape && modes.escape());
        modes.act(action).unwrap_or_else(general)
    })));
    on_cleanup(move || context.on_action.set_value(None));
    let refresh = Callback::new(move |()| {
        if modes.act(Action::Refresh) != Some(true) {
            model.start();
        }
    });
    view! {
        <main class="main">
            {move || match nothing_sent.get() {
                Some(true) => view! { <PageHead title=text().logs.title /> }.into_any(),
                _ => view! {
                    <PageHead title=text().logs.title on_refresh=refresh>
                        <span class="grow"></span>
                        <ViewChoice patterns=modes.patterns />
                        <LiveSwitch tail=modes.tail />
                    </PageHead>
                }
                .into_any(),
            }}
            {move || match nothing_sent.get() {
                Some(true) => view! { <Guide /> }.into_any(),
                _ => view! { <Search model panels list modes /> }.into_any(),
            }}
        </main>
    }
}

#[component]
fn Search(model: LogsModel, panels: Panels, list: lines::ListSignal, modes: Modes) -> impl IntoView {
    let open = Memo::new(move |_| model.opened.with(Option::is_some));
    view! {
        <SearchBar model panels />
        <Show when=move || panels.sql.get()>
            <SqlMenu model on_close=Callback::new(move |()| panels.sql.set(false)) />
        </Show>
        <Show when=move || modes.has_chart()>
            <Chart model />
        </Show>
        <div
            class="body logs-body"
            class:with-filters=move || panels.filters.get()
            class:wraps=move || model.columns.wrap.get()
            class:has-columns=move || model.columns.chosen.with(|chosen| !chosen.is_empty())
            style:--columns=move || model.columns.template()
        >
            <Facets model />
            <Middle model list modes />
            <Show when=move || open.get()>
                <Details model />
            </Show>
            <ValueMenu model />
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

fn act(model: LogsModel, list: lines::ListSignal, action: Action) -> bool {
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
        Action::Escape => return escape(model),
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
        Action::Help | Action::Palette | Action::Live | Action::Go(_) => return false,
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

/// Closes the menu or panel that is open on top of the page; false when none was.
fn close_uppermost(model: LogsModel, panels: Panels) -> bool {
    let all = [model.columns.menu, panels.saved.menu, panels.download.menu, panels.sql, panels.filters];
    let open = all.into_iter().find(|panel| panel.get_untracked());
    if let Some(panel) = open {
        panel.set(false);
    }
    open.is_some()
}

/// Stops what runs, or closes the details.
fn escape(model: LogsModel) -> bool {
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
