//! The rows as a table of which only what is in view is drawn.

use super::model::{Answered, Side, SqlModel};
use crate::browser;
use crate::components::CopyButton;
use crate::keys::Action;
use crate::number::grouped;
use crate::result_set::{ResultColumn, Sort, ValueKind, type_name};
use crate::strings::sql;
use crate::virtual_list::VirtualList;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use std::sync::Arc;

/// Height of a row, and of the head above them.
const ROW: f64 = 28.0;
const HEAD: f64 = 30.0;
const GRID_ID: &str = "sql-grid";

type Scroller = NodeRef<leptos::html::Div>;

/// What one table is drawn from.
#[derive(Clone, Copy)]
struct Grid {
    model: SqlModel,
    answer: StoredValue<Arc<Answered>>,
    order: Memo<Arc<Vec<u32>>>,
    list: RwSignal<VirtualList>,
    scroller: Scroller,
}

impl Grid {
    /// The row of the answer that is drawn at a place.
    fn row(&self, place: usize) -> Option<usize> {
        self.order.with(|order| order.get(place).map(|row| *row as usize))
    }
}

/// The rows.
#[component]
pub(super) fn Table(model: SqlModel) -> impl IntoView {
    move || model.asked.answer.get().map(|answer| view! { <Answer model answer /> })
}

#[component]
fn Answer(model: SqlModel, answer: Arc<Answered>) -> impl IntoView {
    let rows = answer.set.rows.len();
    let columns = Arc::new(answer.set.columns.clone());
    let sorted = Arc::clone(&answer);
    let grid = Grid {
        model,
        order: Memo::new(move |_| Arc::new(sorted.set.order(model.sort.get()))),
        answer: StoredValue::new(answer),
        list: RwSignal::new(VirtualList::new(ROW)),
        scroller: NodeRef::new(),
    };
    keep_in_step(grid, rows);
    let scrolled = move |_| {
        let Some(at) = grid.scroller.get_untracked().map(|scroller| f64::from(scroller.scroll_top())) else { return };
        if grid.list.with_untracked(|list| (list.scroll_top - at).abs() > 0.5) {
            grid.list.update(|list| list.scrolled(at));
        }
    };
    let drawn = Memo::new(move |_| grid.list.with(VirtualList::drawn));
    let number_width = rows.to_string().len().max(2);
    let template = template(&columns, number_width);
    let count = columns.len();
    let of_rows = Arc::clone(&columns);
    view! {
        <div
            id=GRID_ID
            class="sql-grid scroll grow"
            node_ref=grid.scroller
            role="grid"
            aria-label=sql::text().results.table
            aria-rowcount=(rows + 1).to_string()
            aria-colcount=(count + 1).to_string()
            aria-activedescendant=move || model.cursor.get().map(|(row, column)| cell_id(row, column))
            tabindex="0"
            style=("--sql-columns", template)
            on:scroll=scrolled
            on:keydown=move |event| on_key(grid, &event)
        >
            <Head model columns />
            <div
                class="sql-all"
                role="rowgroup"
                style:height=move || format!("{}px", grid.list.with(VirtualList::height))
            >
                <div class="sql-drawn" role="presentation" style:transform=move || format!("translateY({:.1}px)", drawn.get().offset)>
                    <For each=move || { let drawn = drawn.get(); drawn.first..drawn.end } key=|place| *place let:place>
                        <Row grid place columns=Arc::clone(&of_rows) />
                    </For>
                </div>
            </div>
        </div>
    }
}

fn cell_id(row: usize, column: usize) -> String {
    format!("cell-{row}-{column}")
}

/// Widths of the number of the row, the columns, and what is left over.
fn template(columns: &[ResultColumn], number_width: usize) -> String {
    let widths: Vec<String> =
        columns.iter().map(|column| format!("calc({}ch + var(--space-4))", column.width)).collect();
    format!("calc({number_width}ch + var(--space-4)) {} minmax(0, 1fr)", widths.join(" "))
}

/// Carries size and cursor into the list.
fn keep_in_step(grid: Grid, rows: usize) {
    let view_height = RwSignal::new(0.0);
    Effect::new(move |_| {
        if let Some(scroller) = grid.scroller.get() {
            browser::observe_size(&scroller, move |_, height| view_height.set((height - HEAD).max(0.0)));
        }
    });
    Effect::new(move |_| {
        let height = view_height.get();
        grid.list.update(|list| list.resize(rows, ROW, height));
    });
    Effect::new(move |_| {
        grid.model.sort.track();
        put(grid.scroller, 0.0);
    });
    Effect::new(move |_| {
        let Some((row, _)) = grid.model.cursor.get() else { return };
        let mut moved = None;
        grid.list.update(|list| moved = list.reveal(row));
        if let Some(offset) = moved {
            put(grid.scroller, offset);
        }
    });
}

fn put(scroller: Scroller, offset: f64) {
    request_animation_frame(move || {
        if let Some(scroller) = scroller.try_get_untracked().flatten()
            && (f64::from(scroller.scroll_top()) - offset).abs() > 1.0
        {
            scroller.set_scroll_top(offset.round() as i32);
        }
    });
}

#[component]
fn Head(model: SqlModel, columns: Arc<Vec<ResultColumn>>) -> impl IntoView {
    let t = &sql::text().results;
    let zone = move || model.context.zone_name(model.context.window.get().to_ns);
    let heads = columns.iter().enumerate().map(|(place, column)| {
        let kind = type_name(&column.data_type);
        let on = move || model.sort.get().filter(|sort| sort.column == place);
        let order = move || on().map_or("none", |sort| if sort.descending { "descending" } else { "ascending" });
        let mark = move || on().map_or("", |sort| if sort.descending { "↓" } else { "↑" });
        let in_zone = column.data_type.contains("UTC");
        view! {
            <div role="columnheader" aria-sort=order class:num=column.kind == ValueKind::Number>
                <button
                    type="button"
                    class:on=move || on().is_some()
                    title=(t.sort_by)(&column.name, &column.data_type)
                    on:click=move |_| model.sort.update(|sort| *sort = Sort::pressed(*sort, place))
                >
                    <span class="ell">{column.name.clone()}</span>
                    <span class="faint">{move || if in_zone { zone() } else { kind.clone() }}</span>
                    <span aria-hidden="true">{mark}</span>
                </button>
            </div>
        }
    });
    let heads = heads.collect_view();
    view! {
        <div class="sql-head" role="rowgroup">
            <div class="sql-row" role="row" aria-rowindex="1">
                <div role="columnheader" class="sql-number"><span class="sr">{t.row_head}</span></div>
                {heads}
            </div>
        </div>
    }
}

#[component]
fn Row(grid: Grid, place: usize, columns: Arc<Vec<ResultColumn>>) -> impl IntoView {
    let on = Memo::new(move |_| grid.model.cursor.get().filter(|cursor| cursor.0 == place).map(|cursor| cursor.1));
    let cells = move || {
        let row = grid.row(place)?;
        let cells = grid.answer.with_value(|answer| {
            let columns = columns.iter().enumerate();
            let chosen = on.get();
            columns
                .map(|(column, info)| cell(grid, answer, (place, row, column), info.kind, chosen == Some(column)))
                .collect_view()
        });
        Some(cells)
    };
    view! {
        <div
            class="sql-row"
            class:on=move || on.get().is_some()
            class:odd=place % 2 == 1
            role="row"
            aria-rowindex=(place + 2).to_string()
        >
            <div class="sql-number" role="rowheader">{grouped(place as u64 + 1)}</div>
            {cells}
        </div>
    }
}

fn cell(
    grid: Grid,
    answer: &Answered,
    (place, row, column): (usize, usize, usize),
    kind: ValueKind,
    chosen: bool,
) -> impl IntoView + use<> {
    let model = grid.model;
    let text = answer.set.cell(row, column, &|ns| model.context.offset_minutes(ns));
    let class = match (&text, kind) {
        (None, ValueKind::Number) => "num null",
        (None, _) => "null",
        (_, ValueKind::Number) => "num",
        (_, ValueKind::Structure) => "structure",
        (_, ValueKind::Time) => "time",
        _ => "",
    };
    let press = move |_| {
        // Whoever marks a part of a text wants no more.
        if has_selection() {
            return;
        }
        // The first press chooses a cell, another one opens it.
        if model.cursor.get_untracked() == Some((place, column)) {
            model.side.set(Some(Side::Value));
        }
        model.cursor.set(Some((place, column)));
    };
    view! {
        <div
            id=cell_id(place, column)
            role="gridcell"
            class=class
            class:chosen=chosen
            on:click=press
            on:dblclick=move |_| {
                model.cursor.set(Some((place, column)));
                model.side.set(Some(Side::Value));
            }
        >
            {text.unwrap_or_else(|| sql::text().results.null.to_owned())}
        </div>
    }
}

/// Moves the cursor by keys that the table has the focus for.
fn on_key(grid: Grid, event: &KeyboardEvent) {
    let in_head = event.target() != event.current_target();
    let copies = (event.ctrl_key() || event.meta_key()) && event.key() == "c";
    if copies {
        if !has_selection() && copy_cell(grid.model) {
            event.prevent_default();
        }
        return;
    }
    if event.ctrl_key() || event.meta_key() || event.alt_key() || in_head {
        return;
    }
    let columns = grid.answer.with_value(|answer| answer.set.columns.len());
    let rows = grid.order.with_untracked(|order| order.len());
    let page = grid.list.with_untracked(VirtualList::page);
    let first_seen = grid.list.with_untracked(|list| list.seen().0);
    let Some((row, column)) = grid.model.cursor.get_untracked() else {
        if matches!(event.key().as_str(), "ArrowDown" | "ArrowRight" | "ArrowUp" | "ArrowLeft" | "Enter") && rows > 0 {
            event.prevent_default();
            grid.model.cursor.set(Some((first_seen.min(rows - 1), 0)));
        }
        return;
    };
    let (last_row, last_column) = (rows.saturating_sub(1), columns.saturating_sub(1));
    let to = match event.key().as_str() {
        "ArrowDown" => ((row + 1).min(last_row), column),
        "ArrowUp" => (row.saturating_sub(1), column),
        "ArrowRight" => (row, (column + 1).min(last_column)),
        "ArrowLeft" => (row, column.saturating_sub(1)),
        "PageDown" => ((row + page).min(last_row), column),
        "PageUp" => (row.saturating_sub(page), column),
        "Home" => (0, column),
        "End" => (last_row, column),
        "Enter" => {
            event.prevent_default();
            grid.model.side.set(Some(Side::Value));
            return;
        }
        _ => return,
    };
    event.prevent_default();
    grid.model.cursor.set(Some(to));
    show_column(to);
}

/// Scrolls sideways until a cell is in view, once it is drawn.
fn show_column((row, column): (usize, usize)) {
    request_animation_frame(move || {
        if let Some(cell) = document().get_element_by_id(&cell_id(row, column)) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            options.set_inline(web_sys::ScrollLogicalPosition::Nearest);
            cell.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}

/// Keys that move while nothing in particular has the focus.
pub(super) fn act(model: SqlModel, action: Action) -> bool {
    let rows = model.asked.answer.with_untracked(|answer| answer.as_ref().map_or(0, |answer| answer.set.rows.len()));
    if rows == 0 || document().get_element_by_id(GRID_ID).is_none() {
        return false;
    }
    let (row, column) = model.cursor.get_untracked().unwrap_or((0, 0));
    let begun = model.cursor.with_untracked(Option::is_some);
    let to = match action {
        Action::Down if begun => (row + 1).min(rows - 1),
        Action::Down | Action::First => 0,
        Action::Up => row.saturating_sub(1),
        Action::PageDown => (row + 20).min(rows - 1),
        Action::PageUp => row.saturating_sub(20),
        Action::Last => rows - 1,
        Action::Open if begun => {
            model.side.set(Some(Side::Value));
            return true;
        }
        _ => return false,
    };
    model.cursor.set(Some((to, column)));
    true
}

/// The row of the answer and the column that the cursor is on; tracked.
pub(super) fn chosen(model: SqlModel) -> Option<(Arc<Answered>, usize, usize)> {
    let (place, column) = model.cursor.get()?;
    let answer = model.asked.answer.get()?;
    let row = match model.sort.get() {
        None => place,
        sort => answer.set.order(sort).get(place).map(|row| *row as usize)?,
    };
    Some((answer, row, column))
}

fn copy_cell(model: SqlModel) -> bool {
    let Some((answer, row, column)) = untrack(|| chosen(model)) else { return false };
    model.context.copy(answer.set.copied(row, column), crate::strings::text().shell.copied);
    true
}

/// Whether a part of the page is marked.
fn has_selection() -> bool {
    window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed())
}

/// Where the cursor is, and what can be done there.
#[component]
pub(super) fn CursorBar(model: SqlModel) -> impl IntoView {
    let t = &sql::text().results;
    move || {
        let (answer, row, column) = chosen(model)?;
        let place = model.cursor.get()?.0 + 1;
        let name = answer.set.columns.get(column)?.name.clone();
        let whole = Arc::clone(&answer);
        Some(view! {
            <span class="sql-cursor">
                <span class="ell">{(t.place)(&grouped(place as u64), &name)}</span>
                <button type="button" class="quiet" on:click=move |_| model.side.set(Some(Side::Value))>
                    {t.open_value}
                </button>
                <CopyButton
                    content=Callback::new(move |()| answer.set.copied(row, column))
                    label=t.copy_value
                    class="ghost tiny"
                />
                <CopyButton
                    content=Callback::new(move |()| whole.set.row_json(row))
                    label=t.copy_row
                    caption="JSON"
                    class="ghost sql-small"
                />
            </span>
        })
    }
}
