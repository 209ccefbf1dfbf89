//! One dashboard: head, variables, panels, and what is open beside them.

use super::board::{Asking, Board, Drawer, Opening};
use super::card::Card;
use super::conflict::Banners;
use super::dialogs::Details;
use super::editor::PanelEditor;
use super::grid::{Grid, NoPanels};
use super::head::Head;
use super::history::History;
use super::import::ImportInto;
use super::saved::open_list;
use super::variable_editor::VariableEditor;
use super::variables::Variables;
use crate::app::set_title;
use crate::browser;
use crate::components::{FailurePanel, Show};
use crate::context::Context;
use crate::dashboard::{Document, Panel};
use crate::keys::Action;
use crate::strings::dashboards::text;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Choices of automatic refresh: name in the link, and seconds.
pub(super) const REFRESH: [(&str, u64); 7] =
    [("5s", 5), ("10s", 10), ("30s", 30), ("1m", 60), ("2m", 120), ("5m", 300), ("15m", 900)];

/// The page of one dashboard.
#[component]
pub(super) fn BoardView(id: String) -> impl IntoView {
    let context = Context::get();
    let board = Board::new(context, id);
    board.load();
    keep_in_step(board);
    context.on_action.set_value(Some(Callback::new(move |action| act(board, action))));
    on_cleanup(move || context.on_action.set_value(None));
    let opening = board.opening;
    let full = move || !context.parameter("full").is_empty();
    view! {
        <main class="main board" class:board-full=full>
            <Head board />
            {move || match opening.get() {
                Opening::Waiting => view! { <Waiting /> }.into_any(),
                Opening::Ready => view! { <Opened board /> }.into_any(),
                Opening::Gone => view! { <Gone /> }.into_any(),
                Opening::Unreadable(flaw) => view! { <Unreadable flaw /> }.into_any(),
                Opening::Failed(failure) => {
                    view! { <FailurePanel failure on_retry=Callback::new(move |()| board.load()) /> }.into_any()
                }
            }}
            <div class="sr" role="status" aria-live="assertive">{move || board.said.get()}</div>
        </main>
    }
}

/// What follows the link, the clock and the draft.
fn keep_in_step(board: Board) {
    let context = board.context;
    Effect::new(move |_| {
        let name = board.name.get();
        let t = text();
        set_title(&if name.is_empty() { t.document_title.to_owned() } else { (t.document_title_of)(&name) });
    });
    let range = Memo::new(move |_| context.view.with(|view| view.range));
    Effect::new(move |_| {
        let range = range.get();
        untrack(|| context.window.set(range.window(context.now_ns())));
    });
    Effect::new(move |_| {
        board.version.track();
        untrack(|| board.load_older());
    });
    let every = Memo::new(move |_| seconds_of(&context.parameter("refresh")));
    Effect::new(move |_| {
        let seconds = every.get();
        spawn_local(async move { refresh_every(board, every, seconds).await });
    });
    // this is gone before the memos are
    on_cleanup(move || {
        if board.dirty.try_get_untracked() == Some(true) {
            context.notify(&(text().board.draft_kept)(&board.name.get_untracked()));
        }
    });
}

/// Seconds of a choice of automatic refresh; 0 for none.
pub(super) fn seconds_of(name: &str) -> u64 {
    REFRESH.iter().find(|(known, _)| *known == name).map_or(0, |(_, seconds)| *seconds)
}

/// Refreshes as long as the choice is this one, while somebody looks and nothing is being moved.
async fn refresh_every(board: Board, every: Memo<u64>, seconds: u64) {
    let mut waited = 0;
    if seconds == 0 {
        return;
    }
    loop {
        browser::sleep_ms(1000).await;
        if every.try_get_untracked() != Some(seconds) {
            return;
        }
        waited += 1;
        let ready = board.opening.with_untracked(|opening| *opening == Opening::Ready);
        if waited >= seconds && ready && browser::visible() && board.moving.with_untracked(Option::is_none) {
            waited = 0;
            board.refresh();
        }
    }
}

#[component]
fn Opened(board: Board) -> impl IntoView {
    let one = Memo::new(move |_| board.context.parameter("panel"));
    let asking = board.asking;
    view! {
        <Variables board />
        <Banners board />
        <div class="body board-body">
            {move || match one.get() {
                id if id.is_empty() => view! { <Panels board /> }.into_any(),
                id => view! { <OnePanel board id /> }.into_any(),
            }}
            <OpenDrawer board />
        </div>
        {move || match asking.get() {
            Some(Asking::Details) => view! { <Details board /> }.into_any(),
            Some(Asking::Import) => view! { <ImportInto board /> }.into_any(),
            None => ().into_any(),
        }}
    }
}

#[component]
fn Panels(board: Board) -> impl IntoView {
    let empty = Memo::new(move |_| board.shown.with(|shown| shown.panels.is_empty()));
    view! {
        <div class="board-scroll scroll grow">
            <Show when=move || empty.get() fallback=move || view! { <Grid board /> }>
                <NoPanels board />
            </Show>
        </div>
    }
}

/// One panel over the whole page.
#[component]
fn OnePanel(board: Board, id: String) -> impl IntoView {
    let t = &text().board;
    let found = {
        let id = id.clone();
        Memo::new(move |_| board.shown.with(|shown| shown.panel(&id).cloned()))
    };
    let known = Memo::new(move |_| found.with(Option::is_some));
    let holder = NodeRef::<leptos::html::Div>::new();
    let height = RwSignal::new(0.0);
    Effect::new(move |_| {
        if let Some(holder) = holder.get() {
            browser::observe_size(&holder, move |_, seen| height.set(seen));
        }
    });
    let back = move |_| board.context.go(|view| view.set_parameter("panel", ""));
    let card = move || {
        let panel = Memo::new(move |before: Option<&Panel>| {
            found.get().or_else(|| before.cloned()).unwrap_or_else(super::grid::nothing)
        });
        view! { <Card board mover=None panel height /> }
    };
    view! {
        <div class="board-one grow" node_ref=holder>
            <Show
                when=move || known.get()
                fallback=move || {
                    view! {
                        <div class="state">
                            <h3>{t.panel_gone_title}</h3>
                            <p>{t.panel_gone_detail}</p>
                            <div class="do">
                                <button type="button" class="btn primary" on:click=back>{t.all_panels}</button>
                            </div>
                        </div>
                    }
                }
            >
                {card()}
            </Show>
        </div>
    }
}

#[component]
fn OpenDrawer(board: Board) -> impl IntoView {
    let drawer = board.drawer;
    move || match drawer.get() {
        Some(Drawer::Panel(panel, new)) => view! { <PanelEditor board panel=*panel new /> }.into_any(),
        Some(Drawer::Variable(name)) => view! { <VariableEditor board name /> }.into_any(),
        Some(Drawer::History) => view! { <History board /> }.into_any(),
        None => ().into_any(),
    }
}

#[component]
fn Waiting() -> impl IntoView {
    view! {
        <div class="board-scroll scroll grow" role="status" aria-label=text().board.loading>
            <div class="board-grid" aria-hidden="true">
                <div class="panel board-wait half"><i class="skeleton"></i></div>
                <div class="panel board-wait half"><i class="skeleton"></i></div>
                <div class="panel board-wait whole"><i class="skeleton"></i></div>
            </div>
        </div>
    }
}

#[component]
fn Gone() -> impl IntoView {
    let t = &text().board;
    view! {
        <div class="state">
            <h3>{t.gone_title}</h3>
            <p>{t.gone_detail}</p>
            <ToList />
        </div>
    }
}

#[component]
fn Unreadable(flaw: String) -> impl IntoView {
    let t = &text().board;
    view! {
        <div class="state" role="alert">
            <h3>{t.unreadable_title}</h3>
            <p>{(t.unreadable_detail)(&flaw)}</p>
            <ToList />
        </div>
    }
}

#[component]
fn ToList() -> impl IntoView {
    let context = Context::get();
    view! {
        <div class="do">
            <button type="button" class="btn primary" on:click=move |_| open_list(context)>
                {text().board.to_list}
            </button>
        </div>
    }
}

fn act(board: Board, action: Action) -> bool {
    let context = board.context;
    match action {
        Action::Refresh => {
            board.refresh();
            true
        }
        Action::Escape => {
            let edits =
                board.drawer.with_untracked(|drawer| matches!(drawer, Some(Drawer::Panel(..) | Drawer::Variable(_))));
            if edits && typing() {
                return false;
            }
            if board.drawer.with_untracked(Option::is_some) {
                board.drawer.set(None);
                return true;
            }
            let named = ["panel", "full"]
                .into_iter()
                .find(|name| context.view.with_untracked(|view| !view.parameter(name).is_empty()));
            let Some(name) = named else { return stop(board) };
            if name == "full" {
                super::head::full_screen(board, false);
            } else {
                context.go(|view| view.set_parameter(name, ""));
            }
            true
        }
        _ => false,
    }
}

/// Stops the questions whose progress is shown; false when there are none.
fn stop(board: Board) -> bool {
    let slow = matches!(document().query_selector(".card-body > .progress"), Ok(Some(_)));
    if slow {
        board.stopped.update(|stopped| *stopped += 1);
    }
    slow
}

/// Whether a field has the focus: Escape then leaves it, and not what is typed.
fn typing() -> bool {
    browser::focused().is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Panels of a document, in words.
pub(super) fn panels_text(document: &Document) -> String {
    (text().list.panels)(&document.panels.len().to_string())
}
