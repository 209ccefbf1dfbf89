use super::download::DownloadMenu;
use super::model::{LIMITS, SqlModel, Wish};
use super::save::SaveButton;
use crate::ask::Load;
use crate::components::{CodeEditor, EditorHandle, Icon, IconName};
use crate::editor::{EditorError, Place};
use crate::failure::Failure;
use crate::number::grouped;
use crate::sql_text;
use crate::strings::sql;
use leptos::prelude::*;

/// The statement, with completion of tables, columns, keys and functions.
#[component]
pub(super) fn Editor(model: SqlModel) -> impl IntoView {
    let t = &sql::text().editor;
    let handle = EditorHandle::new();
    Effect::new(move |_| {
        if let Some((_, wish)) = model.wish.get() {
            match wish {
                Wish::Focus => handle.focus(),
                Wish::Insert(text) => handle.insert(&text),
                Wish::Select(location) => {
                    model.text.with_untracked(|text| handle.go_to(text, Place::from(location)));
                }
            }
        }
    });
    let schema = Signal::derive(move || model.keys.with(|keys| model.names.schema(keys)));
    let errors = Signal::derive(move || errors(model));
    view! {
        <div class="sql-editor">
            <CodeEditor
                value=model.text
                schema
                errors
                on_run=Callback::new(move |()| model.run_text())
                label=t.label
                placeholder=t.placeholder
                fill=true
                handle
            />
        </div>
    }
}

/// The last error at its place; tracked.
fn errors(model: SqlModel) -> Vec<EditorError> {
    let Some(location) = model.place() else { return Vec::new() };
    let message = model.asked.load.with(|load| match load {
        Load::Failed(Failure::Problem(problem)) => problem.detail.clone(),
        _ => String::new(),
    });
    vec![EditorError { from: Place::from(location), to: None, message }]
}

/// Run, and how.
#[component]
pub(super) fn Toolbar(model: SqlModel) -> impl IntoView {
    let t = &sql::text().editor;
    let choices = LIMITS.map(|limit| {
        view! {
            <option value=limit.to_string() selected=move || model.limit() == limit>
                {(t.limit_rows)(&grouped(limit))}
            </option>
        }
    });
    let too_long = move || {
        let long = model.run.with(|run| run.as_ref().is_some_and(|run| !sql_text::fits_link(&run.sql)));
        long.then(|| view! { <p class="note warn sql-long">{t.too_long_for_link}</p> })
    };
    let choose = move |event| {
        if let Ok(limit) = event_target_value(&event).parse() {
            model.set_limit(limit);
        }
    };
    view! {
        <div class="toolbar sql-toolbar">
            <button type="button" class="btn primary" title=t.run_keys on:click=move |_| model.run_text()>
                <Icon name=IconName::Play />
                {t.run}
            </button>
            <kbd class="wide-only" aria-hidden="true">"Ctrl ↵"</kbd>
            <label class="sr" for="sql-limit">{t.limit}</label>
            <select id="sql-limit" class="input" on:change=choose>
                {choices.into_view()}
            </select>
            <span class="chip" title=t.applies_title>
                <Icon name=IconName::Clock small=true />
                {move || (t.applies)(&model.range_text())}
            </span>
            <span class="grow"></span>
            <SaveButton model />
            <DownloadMenu model />
        </div>
        {too_long}
    }
}
