//! The head of a dashboard: name, tools, what is done with all of it.

use super::board::{Asking, Board, Drawer, Opening, parameter};
use super::grid::add_panel;
use super::menu::{Item, MenuButton};
use super::saved::{self, open_list};
use super::view::{REFRESH, seconds_of};
use crate::browser;
use crate::components::{Icon, IconName, Show, TimePicker};
use crate::dashboard::{exported, to_link};
use crate::number;
use crate::strings::{self, dashboards::text};
use crate::url_state::{Page, ViewState};
use leptos::prelude::*;

/// The view with fixed times and every variable written out, so that it shows the same to whoever
/// opens it later.
pub(super) fn shared_view(board: Board) -> ViewState {
    let mut view = board.context.shared_view();
    let choice = board.choice.get_untracked();
    board.shown.with_untracked(|shown| {
        for variable in &shown.variables {
            let said = to_link(
                &crate::dashboard::Variable { default: Vec::new(), ..variable.clone() },
                variable.chosen(&choice),
            );
            let said = if said.is_empty() && !variable.default.is_empty() { "*".to_owned() } else { said };
            view.set_parameter(&parameter(&variable.name), &said);
        }
    });
    view
}

/// Covers everything else, or no longer.
pub(super) fn full_screen(board: Board, on: bool) {
    browser::full_screen(on);
    board.context.go(|view| view.set_parameter("full", if on { "1" } else { "" }));
}

/// Saves a dashboard as a file of the reader.
pub(super) fn export(name: &str, document: &crate::dashboard::Document) {
    let file: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    browser::download_text(&format!("{file}.json"), "application/json", &exported(name, document));
}

/// The head.
#[component]
pub(super) fn Head(board: Board) -> impl IntoView {
    let t = &text().board;
    let context = board.context;
    let ready = Memo::new(move |_| board.opening.with(|opening| *opening == Opening::Ready));
    let full = Memo::new(move |_| !context.parameter("full").is_empty());
    let follow = move |event: leptos::ev::MouseEvent| {
        if browser::is_plain_click(&event) {
            event.prevent_default();
            open_list(context);
        }
    };
    let one = Memo::new(move |_| !context.parameter("panel").is_empty());
    view! {
        <header class="page-head">
            <span class="crumb">
                <a href=Page::Dashboards.path() on:click=follow>{t.back}</a>
                " /"
            </span>
            <h1 class="ell" title=move || board.shown.with(|shown| shown.description.clone())>
                {move || board.name.get()}
            </h1>
            <Show when=move || one.get()>
                <button
                    type="button"
                    class="btn ghost"
                    on:click=move |_| context.go(|view| view.set_parameter("panel", ""))
                >
                    <Icon name=IconName::Left />
                    {t.all_panels}
                </button>
            </Show>
            <Show when=move || board.dirty.get()>
                <span class="badge warn mid-hide">{t.unsaved}</span>
            </Show>
            <span class="grow"></span>
            <Show when=move || ready.get()>
                <Tools board />
                <Show when=move || !full.get()>
                    <Changes board />
                    <More board />
                </Show>
            </Show>
        </header>
    }
}

/// Range, refresh, link, full screen.
#[component]
fn Tools(board: Board) -> impl IntoView {
    let (t, shell) = (&text().board, &strings::text().shell);
    let context = board.context;
    let share = move |_| {
        context.copy(format!("{}{}", browser::origin().0, shared_view(board).to_link()), t.shared);
    };
    let full = Memo::new(move |_| !context.parameter("full").is_empty());
    let caption = move || if full.get() { t.leave_full } else { t.full };
    view! {
        <TimePicker />
        <RefreshChoice board />
        <button
            type="button"
            class="btn icon-only"
            aria-label=shell.refresh
            title=shell.refresh
            on:click=move |_| board.refresh()
        >
            <Icon name=IconName::Refresh />
        </button>
        <button type="button" class="btn icon-only wide-only" aria-label=t.share title=t.share on:click=share>
            <Icon name=IconName::Share />
        </button>
        <button
            type="button"
            class="btn icon-only wide-only"
            aria-label=caption
            title=caption
            on:click=move |_| full_screen(board, !full.get_untracked())
        >
            <Icon name=IconName::Full />
        </button>
    }
}

#[component]
fn RefreshChoice(board: Board) -> impl IntoView {
    let t = &text().board;
    let context = board.context;
    let chosen = Memo::new(move |_| seconds_of(&context.parameter("refresh")));
    let option = move |(name, seconds): (&'static str, u64)| {
        view! { <option value=name prop:selected=move || chosen.get() == seconds>{(t.refresh_each)(&number::span(seconds))}</option> }
    };
    view! {
        <select
            class="input wide-only"
            aria-label=t.refresh_every
            title=t.refresh_every
            on:change=move |event| {
                let name = event_target_value(&event);
                context.adjust(|view| view.set_parameter("refresh", &name));
            }
        >
            <option value="" prop:selected=move || chosen.get() == 0>{t.refresh_off}</option>
            {REFRESH.map(option).collect_view()}
        </select>
    }
}

/// Edit, or what editing needs.
#[component]
fn Changes(board: Board) -> impl IntoView {
    let t = &text().board;
    let editable = move || board.version.get().is_none();
    view! {
        <Show when=editable>
            <Show
                when=move || board.editing.get()
                fallback=move || {
                    view! {
                        <button type="button" class="btn" on:click=move |_| board.edit(true)>
                            <Icon name=IconName::Edit />
                            <span class="mid-hide">{t.edit}</span>
                        </button>
                    }
                }
            >
                <button type="button" class="btn" on:click=move |_| add_panel(board)>
                    <Icon name=IconName::Plus />
                    {t.add_panel}
                </button>
                <button type="button" class="btn" on:click=move |_| board.edit(false)>{t.done}</button>
            </Show>
            <Show when=move || board.dirty.get()>
                <button
                    type="button"
                    class="btn primary"
                    disabled=move || board.saving.get()
                    on:click=move |_| board.save()
                >
                    {t.save}
                </button>
            </Show>
        </Show>
    }
}

#[component]
fn More(board: Board) -> impl IntoView {
    let t = &text().board;
    let items = move |()| {
        let mut items = Vec::new();
        let editable = board.version.get_untracked().is_none();
        if editable {
            items.push(Item::new(IconName::Edit, t.rename, move || board.asking.set(Some(Asking::Details))));
            items.push(Item::new(IconName::Plus, t.add_variable, move || {
                board.edit(true);
                board.drawer.set(Some(Drawer::Variable(None)));
            }));
        }
        items.push(Item::new(IconName::History, t.history, move || board.drawer.set(Some(Drawer::History))));
        items.push(Item::new(IconName::Copy, text().list.duplicate, move || duplicate(board)));
        items.push(Item::new(IconName::Download, t.export, move || {
            export(&board.name.get_untracked(), &board.shown.get_untracked());
        }));
        if editable {
            items.push(Item::new(IconName::Open, t.import_into, move || board.asking.set(Some(Asking::Import))));
            if board.dirty.get_untracked() {
                items.push(Item::new(IconName::Trash, t.discard, move || board.discard()).danger());
            }
        }
        items
    };
    view! { <MenuButton id="board-menu" label=t.more class="" items=Callback::new(items) /> }
}

fn duplicate(board: Board) {
    let t = &text().list;
    let name = (t.duplicate_of)(&board.name.get_untracked());
    let (context, document) = (board.context, board.shown.get_untracked());
    let client = context.client;
    saved::then(board.alive, async move { saved::create(client, name, &document).await }, move |answer| match answer {
        Ok(object) => {
            context.notify(&(t.duplicated)(&object.info.name));
            saved::open(context, &object.info.id, false);
        }
        Err(failure) => context.notify(&super::flaw::failure(&failure)),
    });
}
