//! Labelled fields of a form.

use crate::components::CodeEditor;
use crate::context::Context;
use crate::editor::EditorError;
use crate::sql_names::SqlNames;
use leptos::prelude::*;

/// A field for one line of text.
#[component]
pub(super) fn TextField(
    id: &'static str,
    #[prop(into)] label: String,
    value: RwSignal<String>,
    /// Below the field.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// Whether the hint is a complaint.
    #[prop(optional, into)]
    bad: Signal<bool>,
    /// Whether machines read it.
    #[prop(optional)]
    mono: bool,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                class="input"
                class:mono=mono
                class:bad=bad
                aria-invalid=move || bad.get().then_some("true")
                aria-describedby=hint_id.clone()
                autocomplete="off"
                spellcheck="false"
                bind:value=value
            />
            <span id=hint_id class="hint" class:bad=bad>{hint}</span>
        </div>
    }
}

/// A field for several lines.
#[component]
pub(super) fn AreaField(
    id: &'static str,
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: Signal<String>,
    #[prop(optional, into)] bad: Signal<bool>,
    #[prop(default = 5)] rows: u32,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <textarea
                id=id
                class="input area mono"
                class:bad=bad
                rows=rows
                aria-invalid=move || bad.get().then_some("true")
                aria-describedby=hint_id.clone()
                autocomplete="off"
                spellcheck="false"
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
            <span id=hint_id class="hint" class:bad=bad>{hint}</span>
        </div>
    }
}

/// A statement, with completion, and errors at their places.
#[component]
pub(super) fn SqlField(
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: Signal<String>,
    #[prop(optional, into)] bad: Signal<bool>,
    #[prop(optional, into)] errors: Signal<Vec<EditorError>>,
    /// On Ctrl+Enter.
    #[prop(default = Callback::new(|()| ()))]
    on_run: Callback<()>,
) -> impl IntoView {
    let names = SqlNames::ask(Context::get());
    let schema = Signal::derive(move || names.schema(&[]));
    view! {
        <div class="field">
            <span class="label" aria-hidden="true">
                {label.clone()}
            </span>
            <CodeEditor value schema errors on_run label />
            <span class="hint" class:bad=bad>
                {hint}
            </span>
        </div>
    }
}

/// One of a few.
#[component]
pub(super) fn SelectField(
    id: &'static str,
    #[prop(into)] label: String,
    /// Values and captions.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    #[prop(into)] chosen: Signal<String>,
    on_choose: Callback<String>,
) -> impl IntoView {
    let option = move |(value, caption): (String, String)| {
        let mine = value.clone();
        view! { <option value=value prop:selected=move || chosen.get() == mine>{caption}</option> }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select id=id class="input" on:change=move |event| on_choose.run(event_target_value(&event))>
                {move || options.get().into_iter().map(option).collect_view()}
            </select>
        </div>
    }
}

/// Texts of lines that are not empty.
pub(super) fn lines_of(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
