//! A list of rows of which only those in view exist, for the lists beside that of the search.

use super::columns;
use super::lines::{Cells, Held, ListSignal, RowStyle, Scroller, keep_in_step, list_signal, scroll_handlers};
use super::model::{LogsModel, ScrollTo};
use super::value_menu;
use crate::keys::Action;
use leptos::prelude::*;

/// Where a list is scrolled to, and the row that the keyboard stands on. Rows are named by keys that
/// stay when others come above or below them.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) list: ListSignal,
    pub(super) scroller: Scroller,
    pub(super) scroll_to: RwSignal<Option<ScrollTo>>,
    pub(super) cursor: RwSignal<Option<i64>>,
}

impl Place {
    pub(super) fn new() -> Self {
        Self {
            list: list_signal(),
            scroller: NodeRef::new(),
            scroll_to: RwSignal::new(None),
            cursor: RwSignal::new(None),
        }
    }

    /// The row that `action` moves to from row `at`; `None` when it does not move.
    pub(super) fn target(&self, at: Option<usize>, rows: usize, action: Action) -> Option<usize> {
        let (seen_first, page) = self.list.with_untracked(|list| (list.seen().0, list.page()));
        let to = match action {
            Action::Down => at.map_or(seen_first, |at| at + 1),
            Action::Up => at.map_or(seen_first, |at| at.saturating_sub(1)),
            Action::PageDown => at.unwrap_or(seen_first) + page,
            Action::PageUp => at.unwrap_or(seen_first).saturating_sub(page),
            Action::First => 0,
            Action::Last => rows,
            _ => return None,
        };
        Some(to.min(rows.checked_sub(1)?))
    }

    /// Puts the cursor on a row and brings it into view.
    pub(super) fn stand_on(&self, key: i64, index: usize) {
        self.cursor.set(Some(key));
        self.scroll_to.set(Some(ScrollTo::Reveal(index)));
    }
}

/// The rows in and around the view, in a scrolled element as high as all of them.
#[component]
pub(super) fn RowList<K, D>(
    place: Place,
    /// Rows.
    count: Memo<usize>,
    /// Key of a row; tracked.
    key_at: K,
    /// Draws the row of a key.
    draw: D,
    /// Whether rows are higher where bodies take more than one line.
    #[prop(optional)]
    wraps: bool,
    /// Name for a screen reader.
    label: &'static str,
    /// Id of the row of a key begins with this.
    prefix: &'static str,
) -> impl IntoView
where
    K: Fn(usize) -> Option<i64> + Send + Sync + 'static,
    D: Fn(i64) -> AnyView + Send + Sync + Clone + 'static,
{
    let Place { list, scroller, scroll_to, cursor } = place;
    let wrapped = if wraps { columns::wrapped() } else { Memo::new(|_| false) };
    keep_in_step(list, scroller, count, wrapped, scroll_to);
    let (scrolled, rested) = scroll_handlers(list, scroller);
    let drawn = Memo::new(move |_| list.with(|list| list.drawn()));
    let keys = Memo::new(move |_| {
        let drawn = drawn.get();
        (drawn.first..drawn.end).filter_map(&key_at).collect::<Vec<i64>>()
    });
    view! {
        <div
            class="rows scroll grow"
            node_ref=scroller
            role="grid"
            aria-label=label
            aria-rowcount=move || count.get().to_string()
            aria-activedescendant=move || cursor.get().map(|key| format!("{prefix}-{key}"))
            tabindex="0"
            on:scroll=move |_| scrolled()
            on:scrollend=move |_| rested()
        >
            <div class="rows-all" style:height=move || format!("{}px", list.with(|list| list.height()))>
                <div class="rows-drawn" style:transform=move || format!("translateY({:.1}px)", drawn.get().offset)>
                    <For each=move || keys.get() key=|key| *key children=draw />
                </div>
            </div>
        </div>
    }
}

/// A line in such a list.
#[component]
pub(super) fn LineRow(
    model: LogsModel,
    place: Place,
    key: i64,
    /// Id begins with this.
    prefix: &'static str,
    /// The line; none once it is gone.
    row: Memo<Option<Held>>,
    style: Memo<RowStyle>,
    terms: Memo<Vec<String>>,
    /// Whether it is the line that the list is about.
    #[prop(optional)]
    is_marked: bool,
    /// Opens it.
    on_open: Callback<i64>,
) -> impl IntoView {
    let on = Memo::new(move |_| place.cursor.get() == Some(key));
    let level = move || row.with(|row| row.as_ref().map_or("", |row| row.0.level().name()));
    let class = move || {
        let (on, marked) = (if on.get() { " on" } else { "" }, if is_marked { " anchor-line" } else { "" });
        format!("lr {}{on}{marked}", level())
    };
    let cells = move || row.get().map(|Held(row)| view! { <Cells model row style terms /> });
    view! {
        <div
            id=format!("{prefix}-{key}")
            class=class
            role="row"
            aria-selected=move || on.get().to_string()
            aria-current=is_marked.then_some("true")
            on:click=move |event| {
                let held = row.get_untracked();
                if !held.is_some_and(|Held(row)| value_menu::open_at(model, &row, &event)) {
                    on_open.run(key);
                }
            }
        >
            {cells}
        </div>
    }
}
