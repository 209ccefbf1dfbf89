use super::FailurePanel;
use crate::bundle;
use crate::components::Show;
use crate::editor::{EditorError, Place, Schema, utf16};
use crate::failure::Failure;
use crate::strings::editor::editor;
use js_sys::{Object, Reflect};
use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, json};
use std::sync::Arc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// What an editor is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EditorLanguage {
    /// SQL as the server reads it.
    Sql,
    /// Python.
    Python,
    /// JavaScript.
    JavaScript,
    /// JSON.
    Json,
}

impl EditorLanguage {
    fn name(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::Json => "json",
        }
    }

    fn bundle(self) -> &'static str {
        if self == Self::Sql { "editor.js" } else { "script.js" }
    }
}

/// Puts text where the cursor of an editor is; what a list of columns beside it does on a click.
#[derive(Clone, Copy)]
pub(crate) struct EditorHandle(RwSignal<Option<JsValue>, LocalStorage>);

impl EditorHandle {
    /// For an editor that is yet to be drawn.
    pub(crate) fn new() -> Self {
        Self(RwSignal::new_local(None))
    }

    /// Replaces the selection, and takes the focus there.
    pub(crate) fn insert(self, text: &str) {
        self.call("insert", &[text.into()]);
    }

    /// Puts the cursor at a place in `text`, which is what the editor holds, and shows it.
    pub(crate) fn go_to(self, text: &str, place: Place) {
        self.call("goTo", &[JsValue::from_f64(utf16(text, place.byte(text)) as f64)]);
    }

    /// Takes the focus to the editor.
    pub(crate) fn focus(self) {
        self.call("focus", &[]);
    }

    fn call(self, method: &str, arguments: &[JsValue]) {
        if let Some(Some(view)) = self.0.try_get_untracked() {
            bundle::call(&view, method, arguments);
        }
    }
}

/// What the parts of one editor share.
#[derive(Clone, Copy)]
struct Editor {
    value: RwSignal<String>,
    language: EditorLanguage,
    schema: Signal<Arc<Schema>>,
    errors: Signal<Vec<EditorError>>,
    read_only: Signal<bool>,
    on_run: Option<Callback<()>>,
    label: StoredValue<String>,
    hint: StoredValue<String>,
    handle: EditorHandle,
    failure: RwSignal<Option<Failure>>,
}

/// Text with line numbers, colours, completion and errors in place. Ctrl or Cmd and Enter runs it;
/// Escape, then Tab leaves it.
#[component]
pub(crate) fn CodeEditor(
    /// The text, in both directions.
    value: RwSignal<String>,
    /// What it is written in.
    #[prop(default = EditorLanguage::Sql)]
    language: EditorLanguage,
    /// Names for completion.
    #[prop(optional, into)]
    schema: Signal<Arc<Schema>>,
    /// What is wrong with the text as it was when they were set.
    #[prop(optional, into)]
    errors: Signal<Vec<EditorError>>,
    /// Ctrl or Cmd and Enter.
    #[prop(optional)]
    on_run: Option<Callback<()>>,
    /// Names the editor for screen readers.
    #[prop(into)]
    label: String,
    /// Shown while there is no text.
    #[prop(optional, into)]
    placeholder: String,
    /// Whether the text can only be read.
    #[prop(optional, into)]
    read_only: Signal<bool>,
    /// Lines that are seen at least.
    #[prop(default = 8)]
    lines: u32,
    /// Takes the height of what it is in, instead of that of its text.
    #[prop(optional)]
    fill: bool,
    /// For whoever puts text into it.
    #[prop(default = EditorHandle::new())]
    handle: EditorHandle,
) -> impl IntoView {
    let editor_of = Editor {
        value,
        language,
        schema,
        errors,
        read_only,
        on_run,
        label: StoredValue::new(label),
        hint: StoredValue::new(placeholder),
        handle,
        failure: RwSignal::new(None),
    };
    let holder = NodeRef::<Div>::new();
    let begin = move || {
        if let Some(holder) = holder.get_untracked() {
            mount(editor_of, holder.unchecked_into());
        }
    };
    Effect::new(move |_| {
        if holder.get().is_some() {
            begin();
        }
    });
    follow(editor_of);
    on_cleanup(move || {
        if let Some(view) = handle.0.try_update(Option::take).flatten() {
            bundle::call(&view, "unmount", &[]);
        }
    });
    let retry = Callback::new(move |()| {
        editor_of.failure.set(None);
        begin();
    });
    let waiting = move || handle.0.with(Option::is_none);
    view! {
        <div class="editor" class:fill=fill title=editor().keys>
            // The attribute tells the page's keys that whoever types here means the text.
            <div class="editor-view" data-editor="" node_ref=holder style=("--editor-lines", lines.to_string())></div>
            <Show when=waiting>
                <pre class="editor-waiting" aria-busy="true">{move || value.get()}</pre>
            </Show>
            {move || editor_of.failure.get().map(|failure| view! { <FailurePanel failure on_retry=retry /> })}
        </div>
        <Errors editor_of />
    }
}

/// The errors as a list: what is only underlined is easily missed.
#[component]
fn Errors(editor_of: Editor) -> impl IntoView {
    let t = editor();
    let rows = move || {
        let errors = editor_of.errors.get();
        let rows = errors.into_iter().map(|error| {
            let text = editor_of.value.get_untracked();
            let (line, column) = error.from.line_column(&text);
            let (line, column) = (line.to_string(), column.to_string());
            let place = utf16(&text, error.from.byte(&text));
            view! {
                <li>
                    <i class="health bad"></i>
                    <button
                        type="button"
                        class="quiet"
                        on:click=move |_| editor_of.handle.call("goTo", &[JsValue::from_f64(place as f64)])
                    >
                        {(t.at)(&line, &column)}
                    </button>
                    <span>{error.message}</span>
                </li>
            }
        });
        rows.collect_view()
    };
    view! { <div role="alert"><ul class="editor-errors">{rows}</ul></div> }
}

/// Fetches the library and draws the editor, unless it is gone by then.
fn mount(editor_of: Editor, holder: JsValue) {
    let callbacks = listen(editor_of);
    spawn_local(async move {
        match bundle::load(editor_of.language.bundle()).await {
            Ok(module) => {
                let Some(value) = editor_of.value.try_get_untracked() else { return };
                let phrases = editor().phrases.iter().map(|(word, own)| ((*word).to_owned(), json!(own)));
                let options = json!({
                    "value": value,
                    "language": editor_of.language.name(),
                    "label": editor_of.label.get_value(),
                    "hint": editor_of.hint.get_value(),
                    "phrases": phrases.collect::<Map<_, _>>(),
                    "schema": editor_of.schema.with_untracked(|schema| schema.to_json()),
                    "readOnly": editor_of.read_only.get_untracked(),
                });
                let options = JsValue::from_str(&options.to_string());
                editor_of.handle.0.try_set(bundle::call(&module, "mount", &[holder, options, callbacks]));
            }
            Err(failure) => drop(editor_of.failure.try_set(Some(failure))),
        }
    });
}

/// What the editor calls; kept for as long as the component.
fn listen(editor_of: Editor) -> JsValue {
    let change = Closure::<dyn Fn(String)>::new(move |text: String| {
        if editor_of.value.with_untracked(|value| *value != text) {
            editor_of.value.set(text);
        }
    });
    let run = Closure::<dyn Fn()>::new(move || {
        if let Some(on_run) = editor_of.on_run {
            on_run.run(());
        }
    });
    let callbacks = Object::new();
    for (name, function) in [("change", change.as_ref()), ("run", run.as_ref())] {
        drop(Reflect::set(&callbacks, &name.into(), function));
    }
    StoredValue::new_local((change, run));
    callbacks.into()
}

/// Brings what changes outside into the editor.
fn follow(editor_of: Editor) {
    let view = editor_of.handle.0;
    let call = move |method: &str, argument: JsValue| {
        if let Some(view) = view.get_untracked() {
            bundle::call(&view, method, &[argument]);
        }
    };
    Effect::new(move |_| {
        let text = editor_of.value.get();
        if view.get().is_some() {
            call("setValue", JsValue::from_str(&text));
        }
    });
    Effect::new(move |before: Option<bool>| {
        let schema = editor_of.schema.get();
        // It was drawn with the first.
        if before == Some(true) {
            call("setSchema", JsValue::from_str(&schema.to_json().to_string()));
        }
        view.with(Option::is_some)
    });
    Effect::new(move |_| {
        view.track();
        call("setReadOnly", JsValue::from_bool(editor_of.read_only.get()));
    });
    Effect::new(move |_| {
        view.track();
        let text = editor_of.value.get_untracked();
        let errors: Vec<_> = editor_of.errors.get().iter().map(|error| error.to_json(&text)).collect();
        call("setErrors", JsValue::from_str(&json!(errors).to_string()));
    });
}
