use crate::components::{CodeEditor, EditorHandle, EditorLanguage};
use crate::context::Context;
use crate::editor::EditorError;
use crate::pages::trial::{Backtrace, FailureNote, SampleBar, Trial, TrialView};
use crate::plugin_script::{Language, error_in_script};
use crate::record_sample::{SIGNALS, signal};
use crate::strings::plugins::text;
use leptos::prelude::*;
use lincei_api::{PluginFailure, PluginScript, PluginTrial};
use serde_json::Value;

/// A script and its trial; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    pub(super) language: Language,
    pub(super) source: RwSignal<String>,
    pub(super) trial: Trial,
    editor: EditorHandle,
}

impl Desk {
    /// `config` is what the script is given.
    pub(super) fn new(context: Context, language: Language, source: RwSignal<String>, config: Option<Value>) -> Self {
        let chosen = Signal::derive(move || context.view.with(|view| signal(view.parameter("signal"))));
        let trial = Trial::new(context, chosen, move |sample| {
            let source = source.get();
            if source.trim().is_empty() {
                return None;
            }
            let script = PluginScript { language: language.slug().to_owned(), source };
            let body = PluginTrial {
                signal: chosen.get().to_owned(),
                script: Some(script),
                config: config.clone(),
                sample,
                ..PluginTrial::default()
            };
            Some(("/plugins/try".to_owned(), serde_json::to_string(&body).unwrap_or_default()))
        });
        Self { language, source, trial, editor: EditorHandle::new() }
    }

    /// As it is saved.
    pub(super) fn script(self) -> PluginScript {
        PluginScript { language: self.language.slug().to_owned(), source: self.source.get_untracked() }
    }

    /// Takes the focus to the editor.
    pub(super) fn focus(self) {
        self.editor.focus();
    }

    /// Why the last trial failed; tracked.
    fn failure(self) -> Option<PluginFailure> {
        self.trial.asked.answer.with(|tried| tried.as_ref()?.result.failure.clone())
    }
}

/// Editor and preview, side by side. `children` stand above the editor.
#[component]
pub(super) fn DeskView(desk: Desk, #[prop(into)] read_only: Signal<bool>, children: Children) -> impl IntoView {
    let t = text();
    let errors = Signal::derive(move || {
        desk.failure().as_ref().and_then(error_in_script).into_iter().collect::<Vec<EditorError>>()
    });
    let language = match desk.language {
        Language::Python => EditorLanguage::Python,
        Language::JavaScript => EditorLanguage::JavaScript,
    };
    let signals = Signal::stored(SIGNALS.map(str::to_owned).to_vec());
    view! {
        <div class="desk">
            <section class="desk-script" aria-label=t.script>
                {children()}
                <div class="desk-editor">
                    <CodeEditor
                        value=desk.source
                        language
                        errors
                        label=(t.script_label)(desk.language.name())
                        read_only
                        fill=true
                        handle=desk.editor
                        on_run=Callback::new(move |()| desk.trial.again())
                    />
                </div>
                {move || desk.failure().map(trouble)}
            </section>
            <section class="desk-preview" aria-label=t.preview>
                <SampleBar trial=desk.trial signals />
                <TrialView trial=desk.trial />
            </section>
        </div>
    }
}

/// What the list of errors below the editor does not say.
fn trouble(failure: PluginFailure) -> AnyView {
    if failure.line.is_some() {
        let calls = failure.backtrace;
        return view! {
            <div class="desk-trouble scroll">
                <Backtrace calls />
            </div>
        }
        .into_any();
    }
    view! {
        <div class="desk-trouble scroll">
            <FailureNote failure />
        </div>
    }
    .into_any()
}
