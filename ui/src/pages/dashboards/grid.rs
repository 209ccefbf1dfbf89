//! The panels on their grid.

use super::board::{Board, Drawer};
use super::card::Card;
use super::moving::{GAP, Mover, ROW};
use crate::components::{Icon, IconName, Show};
use crate::dashboard::{Document, Panel, Place, Query, View, place_new};
use crate::strings::dashboards::text;
use leptos::prelude::*;

/// Size of a new panel.
const NEW: (u32, u32) = (12, 8);

/// Opens the editor for a panel that is not there yet.
pub(super) fn add_panel(board: Board) {
    let panel = board.document.with_untracked(|document| Panel {
        id: document.free_id(),
        title: String::new(),
        at: place_new(&document.layout(), NEW.0, NEW.1),
        query: Query::Counts { search: String::new(), by: crate::query_text::SEVERITY.to_owned() },
        view: View::Columns,
        unit: String::new(),
        warn: None,
        bad: None,
    });
    board.edit(true);
    board.drawer.set(Some(Drawer::Panel(Box::new(panel), true)));
}

/// Where a cell of the grid is, for the style sheet.
fn span(from: u32, count: u32) -> String {
    format!("{} / span {count}", from + 1)
}

/// Height of a panel, in pixels.
fn pixels(place: Place) -> f64 {
    f64::from(place.h) * (ROW + GAP) - GAP
}

/// All panels, in the order in which they are read.
#[component]
pub(super) fn Grid(board: Board) -> impl IntoView {
    let mover = Mover::new(board);
    let order = Memo::new(move |_| {
        let shown = board.shown.with(Document::layout);
        shown.reading_order().into_iter().map(str::to_owned).collect::<Vec<_>>()
    });
    let slot = Memo::new(move |_| {
        let id = mover.drag.with(|drag| drag.as_ref().map(|drag| drag.id.clone()))?;
        board.layout.with(|layout| layout.place(&id))
    });
    view! {
        <div
            class="board-grid"
            class:moving=move || mover.drag.with(Option::is_some) || mover.keyed.with(Option::is_some)
            node_ref=mover.grid
        >
            {move || {
                slot.get()
                    .map(|place| {
                        view! {
                            <div
                                class="slot"
                                style:grid-column=span(place.x, place.w)
                                style:grid-row=span(place.y, place.h)
                            ></div>
                        }
                    })
            }}
            <For each=move || order.get() key=Clone::clone let:id>
                <Cell board mover id />
            </For>
        </div>
    }
}

#[component]
fn Cell(board: Board, mover: Mover, id: String) -> impl IntoView {
    let key = StoredValue::new(id);
    let place =
        Memo::new(move |_| board.layout.with(|layout| key.with_value(|id| layout.place(id))).unwrap_or_default());
    let panel = Memo::new(move |before: Option<&Panel>| {
        let now = board.shown.with(|shown| key.with_value(|id| shown.panel(id).cloned()));
        // a panel that was removed is drawn once more before it goes
        now.or_else(|| before.cloned()).unwrap_or_else(nothing)
    });
    let mine = move |drag: &super::moving::Drag| key.with_value(|id| *id == drag.id);
    let off = move || mover.drag.with(|drag| drag.as_ref().filter(|drag| mine(drag)).map(|drag| drag.off));
    let keyed =
        move || mover.keyed.with(|keyed| keyed.as_ref().is_some_and(|(known, _)| key.with_value(|id| id == known)));
    view! {
        <div
            class="cell"
            class:lifted=move || off().is_some()
            class:keyed=keyed
            style:grid-column=move || span(place.get().x, place.get().w)
            style:grid-row=move || span(place.get().y, place.get().h)
            style:translate=move || off().map(|(x, y)| format!("{x:.0}px {y:.0}px"))
        >
            <Card board mover=Some(mover) panel height=Signal::derive(move || pixels(place.get())) />
        </div>
    }
}

pub(super) fn nothing() -> Panel {
    Panel {
        id: String::new(),
        title: String::new(),
        at: Place::default(),
        query: Query::Lines { search: String::new() },
        view: View::Log,
        unit: String::new(),
        warn: None,
        bad: None,
    }
}

/// What is shown while there are no panels.
#[component]
pub(super) fn NoPanels(board: Board) -> impl IntoView {
    let t = &text().board;
    view! {
        <div class="state">
            <h3>{t.empty_title}</h3>
            <p>{t.empty_detail}</p>
            <Show when=move || board.version.get().is_none()>
                <div class="do">
                    <button type="button" class="btn primary" on:click=move |_| add_panel(board)>
                        <Icon name=IconName::Plus />
                        {t.add_panel}
                    </button>
                </div>
            </Show>
        </div>
    }
}
