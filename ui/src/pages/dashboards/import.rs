//! Dashboards from JSON: pasted, or from a file.

use super::board::Board;
use super::dialogs::create;
use super::fields::{AreaField, TextField};
use super::flaw;
use crate::browser;
use crate::components::{Dialog, Icon, IconName};
use crate::context::Context;
use crate::dashboard::{Document, Flaw, read};
use crate::failure::Failure;
use crate::strings::dashboards::text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

type Reading = Option<Result<(Option<String>, Document), Flaw>>;

/// The text and what it says.
#[derive(Clone, Copy)]
struct Import {
    written: RwSignal<String>,
    reading: Memo<Reading>,
}

impl Import {
    fn new() -> Self {
        let written = RwSignal::new(String::new());
        let reading =
            Memo::new(move |_| written.with(|text| if text.trim().is_empty() { None } else { Some(read(text)) }));
        Self { written, reading }
    }

    fn document(self) -> Option<(Option<String>, Document)> {
        self.reading.get_untracked()?.ok()
    }
}

/// The field with the JSON, and what is wrong with it.
#[component]
fn Written(import: Import) -> impl IntoView {
    let t = &text().import;
    let context = Context::get();
    let bad = Signal::derive(move || import.reading.with(|reading| matches!(reading, Some(Err(_)))));
    let hint = Signal::derive(move || match import.reading.get() {
        None => t.paste_hint.to_owned(),
        Some(Ok((_, document))) => (t.good)(document.panels.len(), document.variables.len()),
        Some(Err(found)) => flaw::document_flaw(&found),
    });
    let input = NodeRef::<leptos::html::Input>::new();
    let load = move |_| {
        let file = input.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0));
        let Some(file) = file else { return };
        spawn_local(async move {
            match browser::file_text(&file).await {
                Some(text) => drop(import.written.try_set(text)),
                None => context.notify(t.unreadable),
            }
        });
    };
    let choose = move |_| {
        if let Some(input) = input.get_untracked() {
            input.unchecked_ref::<web_sys::HtmlElement>().click();
        }
    };
    view! {
        <div>
            <input
                node_ref=input
                type="file"
                class="sr"
                accept=".json,application/json"
                tabindex="-1"
                aria-label=t.file
                on:change=load
            />
            <button type="button" class="btn" on:click=choose>
                <Icon name=IconName::Open />
                {t.file}
            </button>
        </div>
        <AreaField id="import-json" label=t.paste value=import.written bad hint rows=10 />
    }
}

/// Makes a dashboard of JSON, and opens it.
#[component]
pub(super) fn ImportDialog(alive: StoredValue<()>, on_close: Callback<()>) -> impl IntoView {
    let t = &text().import;
    let context = Context::get();
    let import = Import::new();
    let name = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(Ok((found, _))) = import.reading.get() {
            name.set(found.unwrap_or_else(|| t.unnamed.to_owned()));
        }
    });
    let trouble = RwSignal::new(None::<String>);
    let ready =
        move || import.reading.with(|reading| matches!(reading, Some(Ok(_)))) && name.with(|n| !n.trim().is_empty());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some((_, document)) = import.document().filter(|_| untrack(ready)) else { return };
        let failed = Callback::new(move |failure: Failure| trouble.set(Some(flaw::failure(&failure))));
        create(context, alive, name.get_untracked().trim().to_owned(), document, false, failed);
    };
    view! {
        <Dialog title=t.title class="board-dialog" on_close>
            <form class="board-form" on:submit=submit>
                <Written import />
                <TextField id="import-name" label=t.name value=name />
                {move || trouble.get().map(|what| view! { <p class="t-bad" role="alert">{what}</p> })}
                <div class="hstack">
                    <button type="submit" class="btn primary" disabled=move || !ready()>{t.import}</button>
                    <button type="button" class="btn" on:click=move |_| on_close.run(())>{text().list.cancel}</button>
                </div>
            </form>
        </Dialog>
    }
}

/// Puts the content of JSON in the place of that of an open dashboard; it is saved when the reader
/// saves it.
#[component]
pub(super) fn ImportInto(board: Board) -> impl IntoView {
    let t = &text().import;
    let import = Import::new();
    let close = move || board.asking.set(None);
    let ready = move || import.reading.with(|reading| matches!(reading, Some(Ok(_))));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some((_, document)) = import.document() else { return };
        board.change(|draft| *draft = document);
        close();
    };
    view! {
        <Dialog title=t.into_title class="board-dialog" on_close=Callback::new(move |()| close())>
            <form class="board-form" on:submit=submit>
                <Written import />
                <div class="hstack">
                    <button type="submit" class="btn primary" disabled=move || !ready()>{t.replace}</button>
                    <button type="button" class="btn" on:click=move |_| close()>{text().list.cancel}</button>
                </div>
            </form>
        </Dialog>
    }
}
