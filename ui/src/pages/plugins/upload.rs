//! A compiled plugin from a file.

use super::there;
use crate::browser;
use crate::components::{Dialog, Icon, IconName};
use crate::context::Context;
use crate::number;
use crate::pages::form::{Change, Field, Refused};
use crate::plugin_script::{is_name, name_of_file};
use crate::strings::{plugins::text, settings};
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};

/// Id of the button that chooses the file.
const FILE_ID: &str = "plugin-file";
const NAME_ID: &str = "plugin-name";

/// What is chosen and typed.
#[derive(Clone, Copy)]
struct Form {
    file: RwSignal<Option<JsValue>, LocalStorage>,
    name: RwSignal<String>,
    activate: RwSignal<bool>,
    tried: RwSignal<bool>,
    change: Change,
    /// Whether it is the next version of a plugin that is there.
    is_next: bool,
}

/// The dialog. With a name it is the next version of that plugin.
#[component]
pub(super) fn Upload(#[prop(optional, into)] name: String, #[prop(into)] on_close: Callback<()>) -> impl IntoView {
    let t = text();
    let context = Context::get();
    let is_next = !name.is_empty();
    let title = if is_next { (t.upload_title_of)(&name) } else { t.upload_title.to_owned() };
    let form = Form {
        file: RwSignal::new_local(None),
        is_next,
        name: RwSignal::new(name),
        activate: RwSignal::new(true),
        tried: RwSignal::new(false),
        change: Change::new(),
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.tried.set(true);
        let Some(file) = form.file.get_untracked() else { return browser::focus(FILE_ID) };
        let file: web_sys::Blob = file.unchecked_into();
        let name = form.name.get_untracked();
        if !is_name(&name) {
            return browser::focus(NAME_ID);
        }
        let (client, activate, path) = (context.client, form.activate.get_untracked(), name.clone());
        let work = async move { client.upload_plugin(&path, &file, activate).await };
        form.change.start(work, move |_: Value| {
            context.notify(&(text().uploaded)(&name));
            let tab: &[_] = if form.is_next || !activate { &[("tab", "versions")] } else { &[] };
            let to = there(context, &name, tab);
            on_close.run(());
            context.go(|view| *view = to);
        });
    };
    view! {
        <Dialog title on_close class="plugin-dialog">
            <form class="confirm-body" on:submit=submit>
                <FileField form />
                {(!form.is_next).then(|| view! { <NameField name=form.name tried=form.tried /> })}
                <label class="hstack">
                    <input type="checkbox" bind:checked=form.activate />
                    {t.activate_it}
                </label>
                <p class="dim">{t.upload_detail}</p>
                <Refused change=form.change />
                <div class="confirm-do">
                    <button type="button" class="btn" on:click=move |_| on_close.run(())>
                        {settings::text().cancel}
                    </button>
                    <button type="submit" class="btn primary" disabled=move || form.change.busy.get()>
                        {move || if form.change.busy.get() { t.checking } else { t.upload_do }}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

#[component]
fn FileField(form: Form) -> impl IntoView {
    let t = text();
    let input = NodeRef::<leptos::html::Input>::new();
    let chosen = move |_| {
        let file = input.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0));
        if let Some(file) = file {
            if !form.is_next && form.name.with_untracked(String::is_empty) {
                form.name.set(name_of_file(&file.name()));
            }
            form.file.set(Some(file.into()));
        }
    };
    let choose = move |_| {
        if let Some(input) = input.get_untracked() {
            input.unchecked_ref::<web_sys::HtmlElement>().click();
        }
    };
    let said = move || match form.file.get() {
        Some(file) => {
            let file: web_sys::File = file.unchecked_into();
            format!("{} · {}", file.name(), number::bytes(file.size() as u64))
        }
        None => t.no_file.to_owned(),
    };
    let missing = move || form.tried.get() && form.file.with(Option::is_none);
    view! {
        <div class="hstack">
            <input
                node_ref=input
                type="file"
                class="sr"
                accept=".wasm,application/wasm"
                tabindex="-1"
                aria-label=t.choose_file
                on:change=chosen
            />
            <button type="button" id=FILE_ID class="btn" autofocus=true on:click=choose>
                <Icon name=IconName::Open />
                {t.choose_file}
            </button>
            <span class="dim ell" class:t-bad=missing role="status">
                {said}
            </span>
        </div>
    }
}

/// The name of a new plugin.
#[component]
pub(super) fn NameField(name: RwSignal<String>, tried: RwSignal<bool>) -> impl IntoView {
    let t = text();
    let bad = move || tried.get() && name.with(|name| !is_name(name));
    let error = Signal::derive(move || bad().then_some(t.name_bad));
    view! {
        <Field label=t.name id=NAME_ID error hint=t.name_hint>
            <input
                id=NAME_ID
                class="input mono"
                class:bad=bad
                maxlength="64"
                autocomplete="off"
                spellcheck="false"
                aria-describedby="plugin-name-hint"
                bind:value=name
            />
        </Field>
    }
}
