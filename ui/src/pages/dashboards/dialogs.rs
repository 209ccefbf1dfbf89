//! Small questions: a name, whether to delete.

use super::board::Board;
use super::fields::{AreaField, TextField};
use super::saved;
use crate::components::Dialog;
use crate::context::Context;
use crate::dashboard::Document;
use crate::failure::Failure;
use crate::strings::dashboards::text;
use leptos::prelude::*;
use lincei_api::SavedInfo;

/// Asks for the name of a new dashboard, makes it and opens it.
#[component]
pub(super) fn NewDialog(alive: StoredValue<()>, on_close: Callback<()>) -> impl IntoView {
    let t = &text().list;
    let context = Context::get();
    let name = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let given = name.get_untracked().trim().to_owned();
        if given.is_empty() {
            trouble.set(Some(t.name_missing.to_owned()));
            return;
        }
        busy.set(true);
        create(
            context,
            alive,
            given,
            Document::default(),
            true,
            Callback::new(move |failure: Failure| {
                busy.set(false);
                trouble.set(Some(super::flaw::failure(&failure)));
            }),
        );
    };
    view! {
        <Dialog title=t.new_title on_close>
            <form class="board-form" on:submit=submit>
                <TextField
                    id="new-name"
                    label=t.new_name
                    value=name
                    bad=Signal::derive(move || trouble.with(Option::is_some))
                    hint=Signal::derive(move || trouble.get().unwrap_or_default())
                />
                <div class="hstack">
                    <button type="submit" class="btn primary" disabled=busy>{t.create}</button>
                    <button type="button" class="btn" on:click=move |_| on_close.run(())>{t.cancel}</button>
                </div>
            </form>
        </Dialog>
    }
}

/// Makes a dashboard and opens it.
pub(super) fn create(
    context: Context,
    alive: StoredValue<()>,
    name: String,
    document: Document,
    editing: bool,
    on_failure: Callback<Failure>,
) {
    let client = context.client;
    saved::then(alive, async move { saved::create(client, name, &document).await }, move |answer| match answer {
        Ok(object) => saved::open(context, &object.info.id, editing),
        Err(failure) => on_failure.run(failure),
    });
}

/// Asks before a dashboard is deleted.
#[component]
pub(super) fn DeleteDialog(
    alive: StoredValue<()>,
    info: SavedInfo,
    on_close: Callback<()>,
    on_deleted: Callback<()>,
) -> impl IntoView {
    let t = &text().list;
    let context = Context::get();
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let title = (t.delete_title)(&info.name);
    let info = StoredValue::new(info);
    let delete = move |_| {
        busy.set(true);
        let (client, info) = (context.client, info.get_value());
        let id = info.id.clone();
        saved::then(alive, async move { client.delete_saved(&id).await }, move |answer| match answer {
            Ok(()) => {
                if saved::has_draft(&info.id) {
                    crate::browser::remember(&saved::draft_key(&info.id), "");
                }
                context.notify(&(t.deleted)(&info.name));
                on_deleted.run(());
                on_close.run(());
            }
            Err(failure) => {
                busy.set(false);
                trouble.set(Some(super::flaw::failure(&failure)));
            }
        });
    };
    view! {
        <Dialog title on_close>
            <div class="board-form">
                <p class="dim">{t.delete_detail}</p>
                {move || trouble.get().map(|what| view! { <p class="t-bad" role="alert">{what}</p> })}
                <div class="hstack">
                    <button type="button" class="btn danger" disabled=busy on:click=delete>{t.delete}</button>
                    <button type="button" class="btn" on:click=move |_| on_close.run(())>{t.cancel}</button>
                </div>
            </div>
        </Dialog>
    }
}

/// Name and description of an open dashboard.
#[component]
pub(super) fn Details(board: Board) -> impl IntoView {
    let t = &text().board;
    let name = RwSignal::new(board.name.get_untracked());
    let description = RwSignal::new(board.document.with_untracked(|document| document.description.clone()));
    let missing = Signal::derive(move || name.with(|name| name.trim().is_empty()));
    let close = move || board.asking.set(None);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !missing.get_untracked() {
            board.name.set(name.get_untracked().trim().to_owned());
            board.change(|document| description.get_untracked().trim().clone_into(&mut document.description));
            close();
        }
    };
    let hint = Signal::derive(move || if missing.get() { text().list.name_missing.to_owned() } else { String::new() });
    view! {
        <Dialog title=t.rename on_close=Callback::new(move |()| close())>
            <form class="board-form" on:submit=submit>
                <TextField id="board-name" label=t.name value=name bad=missing hint />
                <AreaField id="board-description" label=t.description value=description rows=3 />
                <div class="hstack">
                    <button type="submit" class="btn primary">{t.apply}</button>
                    <button type="button" class="btn" on:click=move |_| close()>{text().list.cancel}</button>
                </div>
            </form>
        </Dialog>
    }
}
