//! What has to be known before going on: an older version is shown, somebody else has saved, the draft
//! was found here, a panel was removed.

use super::board::{Board, Trouble};
use super::saved::{when, who};
use crate::components::{Icon, IconName, Show};
use crate::failure::Failure;
use crate::strings::dashboards::text;
use leptos::prelude::*;
use lincei_api::SavedInfo;

/// All that there are.
#[component]
pub(super) fn Banners(board: Board) -> impl IntoView {
    let trouble = board.trouble;
    view! {
        <Older board />
        {move || match trouble.get() {
            Some(Trouble::Conflict(info)) => view! { <Conflict board info=*info /> }.into_any(),
            Some(Trouble::Failed(failure)) => view! { <NotSaved board failure /> }.into_any(),
            None => ().into_any(),
        }}
        <Found board />
        <Removed board />
    }
}

#[component]
fn Older(board: Board) -> impl IntoView {
    let t = &text().history;
    move || {
        let older = board.older.get().filter(|_| board.version.get().is_some())?;
        let (said, full) = when(board.context, &older.info.updated_at);
        let by = (t.by)(&who(&older.info), &said);
        let restored = std::sync::Arc::clone(&older);
        Some(view! {
            <div class="note board-note" role="status">
                <Icon name=IconName::History />
                <p class="grow">
                    <b>{(t.banner)(&older.info.version.to_string())}</b>
                    " "
                    <span class="dim" title=full>{by}". "{t.banner_detail}</span>
                </p>
                <button
                    type="button"
                    class="btn"
                    disabled=move || board.saving.get()
                    on:click=move |_| board.restore(&restored)
                >
                    {t.restore}
                </button>
                <button
                    type="button"
                    class="btn"
                    on:click=move |_| board.context.go(|view| view.set_parameter("version", ""))
                >
                    {t.back}
                </button>
            </div>
        })
    }
}

#[component]
fn Conflict(board: Board, info: SavedInfo) -> impl IntoView {
    let t = &text().board;
    let (said, full) = untrack(|| when(board.context, &info.updated_at));
    view! {
        <div class="note warn board-note" role="alert">
            <Icon name=IconName::Alert />
            <p class="grow" title=full>
                <b>{(t.conflict_title)(&who(&info), &said)}"."</b>
                " "
                {t.conflict_detail}
            </p>
            <button type="button" class="btn" on:click=move |_| board.discard()>{t.conflict_reload}</button>
            <button type="button" class="btn primary" on:click=move |_| board.save_copy()>{t.conflict_copy}</button>
        </div>
    }
}

#[component]
fn NotSaved(board: Board, failure: Failure) -> impl IntoView {
    let t = &text().board;
    view! {
        <div class="note bad board-note" role="alert">
            <Icon name=IconName::Alert />
            <p class="grow">
                <b>{t.save_failed}"."</b>
                " "
                {super::flaw::failure(&failure)}
            </p>
            <button type="button" class="btn" on:click=move |_| board.save()>{crate::strings::text().failure.retry}</button>
            <button type="button" class="btn" on:click=move |_| board.trouble.set(None)>{t.dismiss}</button>
        </div>
    }
}

#[component]
fn Found(board: Board) -> impl IntoView {
    let t = &text().board;
    view! {
        <Show when=move || board.found.get() && board.version.get().is_none()>
            <div class="note board-note" role="status">
                <p class="grow">{t.draft_found}</p>
                <button type="button" class="btn" on:click=move |_| board.discard()>{t.discard}</button>
                <button type="button" class="btn" on:click=move |_| board.found.set(false)>{t.dismiss}</button>
            </div>
        </Show>
    }
}

#[component]
fn Removed(board: Board) -> impl IntoView {
    let undo = move |_| {
        if let Some(before) = board.removed.get_untracked() {
            board.change(|document| *document = before);
            board.removed.set(None);
        }
    };
    view! {
        <Show when=move || board.removed.with(Option::is_some)>
            <div class="note board-note" role="status">
                <p class="grow">{move || board.said.get()}</p>
                <button type="button" class="btn" on:click=undo>{text().panel.undo}</button>
            </div>
        </Show>
    }
}
