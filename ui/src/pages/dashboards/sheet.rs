//! Answers as rows and columns, and log lines.

use super::body::{Content, Drawn};
use crate::browser;
use crate::calendar::{self, DateStyle};
use crate::chart::{Unit, file_name};
use crate::components::Exports;
use crate::context::Context;
use crate::dashboard::{Answer, Sheet, cell_text, lines_csv, number, sheet_csv};
use crate::log_row::LogRow;
use crate::order;
use crate::strings::{self, dashboards::text};
use crate::url_state::{Page, ViewState};
use leptos::prelude::*;
use serde_json::Value;
use std::sync::Arc;

/// Rows drawn at most.
const SHOWN_MAX: usize = 500;
/// Characters of a cell that are drawn; all of them are in its title.
const CELL_MAX: usize = 300;

/// A column by which rows are sorted, and whether the largest is first.
type Order = Option<(usize, bool)>;

/// Rows and columns.
#[component]
pub(super) fn SheetView(content: Content) -> impl IntoView {
    let order = RwSignal::new(None::<(usize, bool)>);
    let sheet = move || match content.drawn.get()?.ok()?.as_ref() {
        Drawn::Answer(Answer::Sheet(sheet)) => Some(sheet.clone()),
        _ => None,
    };
    lend(content, move || {
        let sheet = sheet()?;
        Some(sheet_csv(&sheet, &places(&sheet.rows, order.get())))
    });
    view! {
        <div class="card-scroll scroll" tabindex="0" role="region" aria-label=move || content.panel.with(|p| p.title.clone())>
            {move || sheet().map(|sheet| view! { <Rows sheet order context=content.board.context /> })}
        </div>
    }
}

#[component]
fn Rows(sheet: Sheet, order: RwSignal<Order>, context: Context) -> impl IntoView {
    let Sheet { columns, rows, truncated } = sheet;
    let shown = rows.len().min(SHOWN_MAX);
    let cut = (rows.len() > SHOWN_MAX || truncated).then(|| {
        let said = (text().panel.truncated)(&crate::number::grouped(shown as u64));
        view! { <p class="card-hint">{said}</p> }
    });
    let head = columns.iter().cloned().enumerate().map(|(place, (name, numeric))| {
        view! { <HeadCell place name numeric order /> }
    });
    let head = head.collect_view();
    let numeric: Vec<bool> = columns.iter().map(|(_, numeric)| *numeric).collect();
    let rows = StoredValue::new(rows);
    let body = move || {
        let places = rows.with_value(|rows| places(rows, order.get()));
        let row = |place: usize| {
            let cells = rows.with_value(|rows| rows.get(place).cloned().unwrap_or_default());
            let cells = cells.iter().zip(&numeric).map(|(cell, numeric)| cell_view(context, cell, *numeric));
            view! { <tr>{cells.collect_view()}</tr> }
        };
        places.into_iter().take(SHOWN_MAX).map(row).collect_view()
    };
    view! {
        <table class="table card-table">
            <thead>
                <tr>{head}</tr>
            </thead>
            <tbody>{body}</tbody>
        </table>
        {cut}
    }
}

#[component]
fn HeadCell(place: usize, name: String, numeric: bool, order: RwSignal<Order>) -> impl IntoView {
    let mine = move || order.get().filter(|(column, _)| *column == place).map(|(_, descending)| descending);
    let sorted = move || match mine() {
        Some(true) => Some("descending"),
        Some(false) => Some("ascending"),
        None => None,
    };
    let turn = move |_| {
        order.set(match mine() {
            None => Some((place, numeric)),
            Some(descending) if descending == numeric => Some((place, !numeric)),
            Some(_) => None,
        });
    };
    view! {
        <th class:num=numeric class:sort=move || mine().is_some() aria-sort=sorted scope="col">
            <button type="button" class="head-sort" on:click=turn>
                {name}
                {move || mine().map(|descending| if descending { " ↓" } else { " ↑" })}
            </button>
        </th>
    }
}

/// Saves as CSV what is in the panel.
fn lend(content: Content, csv: impl Fn() -> Option<String> + Send + Sync + 'static) {
    let file = move || {
        let window = content.request.with(|request| request.as_ref().ok().map(|request| request.window));
        let from_ms = window.map(|window| window.from_ns as f64 / 1e6);
        Some((file_name(&content.title(), from_ms, "csv"), csv()?))
    };
    Exports::of_rows(|| true, move || untrack(&file)).lend(Some(content.exports));
}

/// The places of rows in their order.
fn places(rows: &[Vec<Value>], order: Order) -> Vec<usize> {
    let mut places: Vec<usize> = (0..rows.len()).collect();
    if let Some((column, descending)) = order {
        sort(&mut places, rows, column, descending);
    }
    places
}

fn sort(places: &mut [usize], rows: &[Vec<Value>], column: usize, descending: bool) {
    let cell = |place: &usize| rows.get(*place).and_then(|row| row.get(column)).unwrap_or(&Value::Null);
    order::by(places, |a, b| {
        let (a, b) = (cell(a), cell(b));
        let ordered = match (number(a), number(b)) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a_number, b_number) => {
                a_number.is_some().cmp(&b_number.is_some()).then_with(|| cell_text(a).cmp(&cell_text(b)))
            }
        };
        if descending { ordered.reverse() } else { ordered }
    });
}

fn cell_view(context: Context, cell: &Value, numeric: bool) -> AnyView {
    let full = cell_text(cell);
    if numeric {
        let shown = number(cell).map(|value| Unit::Number.text(value)).unwrap_or_default();
        return view! { <td class="num" title=full>{shown}</td> }.into_any();
    }
    // times as the reader has them; what they are exactly is in the title
    let time = (full.len() >= 20 && full.ends_with('Z')).then(|| calendar::parse_utc(&full)).flatten();
    let shown = match time {
        Some(ns) => calendar::to_full(ns - ns.rem_euclid(1_000_000), context.offset_minutes(ns)),
        None => full.chars().take(CELL_MAX).collect(),
    };
    view! { <td class="ell" title=full>{shown}</td> }.into_any()
}

/// Log lines; each leads to itself on the page Logs.
#[component]
pub(super) fn LogLines(content: Content) -> impl IntoView {
    let context = content.board.context;
    let lines = move || match content.drawn.get()?.ok()?.as_ref() {
        Drawn::Lines(lines) => Some(lines.clone()),
        Drawn::Answer(_) => None,
    };
    lend(content, move || lines().map(|lines| lines_csv(&lines)));
    let search = Memo::new(move |_| {
        content.request.with(|request| request.as_ref().map(|r| r.built.text.clone()).unwrap_or_default())
    });
    let rows = move || {
        let lines = lines().unwrap_or_default();
        let style = style_of(context, &lines);
        let search = Arc::new(search.get());
        lines.into_iter().map(|line| view! { <LogLine context line style search=Arc::clone(&search) /> }).collect_view()
    };
    view! {
        <div class="card-scroll scroll" tabindex="0" role="region" aria-label=move || content.panel.with(|p| p.title.clone())>
            <ul class="card-lines">{rows}</ul>
        </div>
    }
}

fn style_of(context: Context, lines: &[LogRow]) -> DateStyle {
    let at = |line: Option<&LogRow>| line.map_or(0, |line| line.time_ns);
    let (newest, oldest) = (at(lines.first()), at(lines.last()));
    DateStyle::for_span(oldest, newest, context.now_ns(), context.offset_minutes(newest))
}

#[component]
fn LogLine(context: Context, line: LogRow, style: DateStyle, search: Arc<String>) -> impl IntoView {
    let level = line.level();
    let name = if level == crate::severity::Level::Unset { strings::text().logs.no_severity } else { level.name() };
    let time_ns = line.time_ns;
    let time = move || calendar::to_millisecond(time_ns, context.offset_minutes(time_ns), style);
    let body: String =
        line.body.as_deref().unwrap_or_default().lines().next().unwrap_or_default().chars().take(CELL_MAX).collect();
    let target = ViewState {
        query: search.trim().to_owned(),
        range: context.window.get_untracked().fixed(),
        row: Some(line.key()),
        ..ViewState::of(Page::Logs)
    };
    let href = target.to_link();
    let follow = move |event: leptos::ev::MouseEvent| {
        if browser::is_plain_click(&event) {
            event.prevent_default();
            let target = target.clone();
            context.go(|view| *view = ViewState { utc: view.utc, ..target });
        }
    };
    view! {
        <li>
            <a href=href class="card-line mono" on:click=follow>
                <span class="faint">{time}</span>
                <span class=format!("sev {}", level.name())>{name}</span>
                <span class="dim ell">{line.service.clone()}</span>
                <span class="ell">{body}</span>
            </a>
        </li>
    }
}
