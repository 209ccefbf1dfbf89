//! The frame of a panel: title, grip, menu, content.

use super::board::{Board, Drawer};
use super::body::{Body, Content};
use super::menu::{Item, MenuButton};
use super::moving::{Mover, grip_id, title};
use super::saved;
use crate::browser;
use crate::components::{Icon, IconName, Show};
use crate::dashboard::{Panel, Query};
use crate::strings::charts::charts;
use crate::strings::dashboards::text;
use crate::url_state::{Page, ViewState};
use leptos::prelude::*;

/// Height of the head of a panel, with the line below it and the padding of the body.
const HEAD: f64 = 34.0 + 16.0;

/// A panel in its frame.
#[component]
pub(super) fn Card(
    board: Board,
    /// Moves it; none where it stands alone.
    mover: Option<Mover>,
    panel: Memo<Panel>,
    /// Height of the frame in pixels.
    #[prop(into)]
    height: Signal<f64>,
) -> impl IntoView {
    let frame = NodeRef::<leptos::html::Section>::new();
    let visible = RwSignal::new(false);
    Effect::new(move |_| {
        if let Some(frame) = frame.get() {
            browser::observe_visible(&frame, move |seen| visible.set(seen));
        }
    });
    let content = Content::new(board, panel, visible.into());
    let name = move || panel.with(|panel| panel.title.clone());
    let id = panel.with_untracked(|panel| panel.id.clone());
    let shown = move || if name().is_empty() { text().panel.untitled.to_owned() } else { name() };
    let heading = format!("panel-{id}-title");
    let (labelled, grip, named) = (heading.clone(), id.clone(), id.clone());
    view! {
        <section class="panel card" node_ref=frame aria-labelledby=labelled data-panel=named>
            <div class="panel-head card-head">
                {mover.map(|mover| view! { <Grip mover id=grip /> })}
                <h2 class="ell" id=heading class:faint=move || name().is_empty()>{shown}</h2>
                <span class="end">
                    <MenuButton
                        id=format!("panel-{id}-menu")
                        label=(text().panel.menu_of)(&untrack(shown))
                        class="ghost tiny"
                        items=Callback::new(move |()| items(board, content))
                    />
                </span>
            </div>
            <Body content height=Signal::derive(move || height.get() - HEAD) />
            {mover.map(|mover| view! { <Corner mover id /> })}
        </section>
    }
}

/// What a panel is moved by, while the dashboard is edited.
#[component]
fn Grip(mover: Mover, id: String) -> impl IntoView {
    let board = mover.board;
    let key = StoredValue::new(id);
    let name = move || (text().panel.move_of)(&key.with_value(|id| title(board, id)));
    view! {
        <Show when=move || board.editing.get()>
            <button
                type="button"
                id=key.with_value(|id| grip_id(id))
                class="grip"
                aria-label=name
                title=text().panel.move_help
                on:pointerdown=move |event| key.with_value(|id| mover.take(id, false, &event))
                on:pointermove=move |event| mover.follow(&event)
                on:pointerup=move |_| mover.release(true)
                on:pointercancel=move |_| mover.release(false)
                on:keydown=move |event| {
                    if key.with_value(|id| mover.key(id, &event)) {
                        event.prevent_default();
                        event.stop_propagation();
                    }
                }
                on:blur=move |_| mover.put_down()
            >
                <Icon name=IconName::Grip small=true />
            </button>
        </Show>
    }
}

/// What a panel is resized by with a pointer; the keyboard does it from the grip.
#[component]
fn Corner(mover: Mover, id: String) -> impl IntoView {
    let board = mover.board;
    let key = StoredValue::new(id);
    view! {
        <Show when=move || board.editing.get()>
            <div
                class="corner"
                aria-hidden="true"
                title=move || (text().panel.resize_of)(&key.with_value(|id| title(board, id)))
                on:pointerdown=move |event| key.with_value(|id| mover.take(id, true, &event))
                on:pointermove=move |event| mover.follow(&event)
                on:pointerup=move |_| mover.release(true)
                on:pointercancel=move |_| mover.release(false)
            ></div>
        </Show>
    }
}

fn items(board: Board, content: Content) -> Vec<Item> {
    let t = &text().panel;
    let context = board.context;
    let panel = content.panel.get_untracked();
    let id = panel.id.clone();
    let alone = !context.view.with_untracked(|view| view.parameter("panel").is_empty());
    let mut items = Vec::new();
    if !alone {
        let id = id.clone();
        items.push(Item::new(IconName::Full, t.enlarge, move || context.go(|view| view.set_parameter("panel", &id))));
    }
    if board.version.get_untracked().is_none() {
        let edited = panel.clone();
        items.push(Item::new(IconName::Edit, t.edit, move || {
            board.edit(true);
            board.drawer.set(Some(Drawer::Panel(Box::new(edited.clone()), false)));
        }));
        let (copied, copy_title) = (id.clone(), (t.copy_of)(&title(board, &id)));
        items.push(Item::new(IconName::Copy, t.duplicate, move || {
            board.edit(true);
            board.change(|document| drop(document.duplicate(&copied, &copy_title)));
        }));
    }
    items.push(leave(board, content, &panel));
    items.extend(files(content));
    let link = id.clone();
    items.push(Item::new(IconName::Link, t.copy_link, move || {
        let mut view = super::head::shared_view(board);
        view.set_parameter("panel", &link);
        context.copy(format!("{}{}", browser::origin().0, view.to_link()), text().board.shared);
    }));
    if board.version.get_untracked().is_none() && !alone {
        items.push(Item::new(IconName::Trash, t.remove, move || remove(board, &id)).danger());
    }
    items
}

/// What the panel can be saved as, where it shows something that can.
fn files(content: Content) -> Vec<Item> {
    let t = charts();
    let exports = content.exports.get_untracked().filter(|exports| exports.filled.get_untracked());
    let csv = exports.map(|exports| Item::new(IconName::Download, t.csv, move || exports.csv.run(())));
    let png = exports.and_then(|exports| exports.png.get_untracked());
    let png = png.map(|png| Item::new(IconName::Download, t.png, move || png.run(())));
    csv.into_iter().chain(png).collect()
}

fn remove(board: Board, id: &str) {
    let name = title(board, id);
    board.edit(true);
    board.removed.set(Some(board.document.get_untracked()));
    board.change(|document| document.remove(id));
    let said = (text().panel.removed)(&name);
    board.said.set(said);
    saved::forget_soon(board.removed);
}

/// To what a panel asks, where it can be asked further.
fn leave(board: Board, content: Content, panel: &Panel) -> Item {
    let t = &text().panel;
    let context = board.context;
    let written = content.request.with_untracked(|request| request.as_ref().ok().map(|r| r.built.text.clone()));
    let written = written.unwrap_or_default();
    let range = context.view.with_untracked(|view| view.range);
    match panel.query {
        Query::Sql(_) => Item::new(IconName::Sql, t.open_sql, move || {
            context.go(|view| {
                *view = ViewState { range, utc: view.utc, ..ViewState::of(Page::Sql) };
                view.set_parameter("sql", &written);
            });
        }),
        Query::Counts { .. } | Query::Lines { .. } => Item::new(IconName::Logs, t.open_logs, move || {
            let query = written.trim().to_owned();
            context.go(|view| *view = ViewState { query, range, utc: view.utc, ..ViewState::of(Page::Logs) });
        }),
    }
}
