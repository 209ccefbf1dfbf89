//! One step: which records, what works on them, and what happens when it fails.

use super::draft::Pipe;
use super::routes::Routes;
use crate::components::{CodeEditor, EditorLanguage, Icon, IconName};
use crate::editor::{EditorError, Place};
use crate::number;
use crate::pages::form::Field;
use crate::pages::trial::FailureNote;
use crate::pages::view_link::ViewLink;
use crate::pipeline_draft::{Flaw, PLUGIN, POLICIES};
use crate::strings::pipelines::text;
use crate::url_state::{Page, ViewState};
use leptos::prelude::*;
use lincei_api::{PipelineStep, StepTotals};

/// The form; without a step it says what to do.
#[component]
pub(super) fn StepForm(pipe: Pipe, key: Option<u32>) -> impl IntoView {
    let t = text();
    let step = key.and_then(|key| pipe.draft.with_untracked(|draft| draft.get(key).map(|step| step.step.clone())));
    let Some((key, step)) = key.zip(step) else {
        return view! {
            <div class="state">
                <p>{t.choose_step}</p>
            </div>
        }
        .into_any();
    };
    let search = RwSignal::new(step.search.clone().unwrap_or_default());
    Effect::new(move |before: Option<()>| {
        let typed = search.get();
        if before.is_some() {
            let wanted = (!typed.trim().is_empty()).then(|| typed.trim().to_owned());
            pipe.draft.update(|draft| draft.change(key, |step| step.search = wanted));
        }
    });
    view! {
        <StepHead pipe key operator=step.operator.clone() />
        <div class="scroll pane-body step-form">
            <NameField pipe key />
            <Field label=t.only id="step-search" error=Signal::stored(None) hint=t.only_hint>
                <input
                    id="step-search"
                    class="input mono"
                    placeholder=t.every_record
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby="step-search-hint"
                    bind:value=search
                />
            </Field>
            <Config pipe key step=step.clone() />
            <Policy pipe key />
            <Routes pipe key operator=step.operator />
            <Did pipe key />
        </div>
    }
    .into_any()
}

/// Operator, place, and whether the step is passed over.
#[component]
fn StepHead(pipe: Pipe, key: u32, operator: String) -> impl IntoView {
    let t = text();
    let enabled = move || !pipe.of(key, |step| step.disabled);
    let place = move || pipe.draft.with(|draft| (draft.place(key).unwrap_or(0), draft.steps.len()));
    let toggle = move |_| pipe.draft.update(|draft| draft.change(key, |step| step.disabled = !step.disabled));
    let (name, kind) = match operator.strip_prefix(PLUGIN) {
        Some(plugin) => (plugin.to_owned(), t.plugin),
        None => (operator, t.is_built_in),
    };
    let button = move |icon, caption: &'static str, disabled: Signal<bool>, act: Callback<()>| {
        view! {
            <button
                type="button"
                class="btn ghost icon-only tiny"
                aria-label=caption
                title=caption
                disabled=disabled
                on:click=move |_| act.run(())
            >
                <Icon name=icon />
            </button>
        }
    };
    let first = Signal::derive(move || place().0 == 0);
    let last = Signal::derive(move || place().0 + 1 >= place().1);
    view! {
        <div class="pane-head">
            <h2 class="mono ell">{name}</h2>
            <span class="faint nowrap">{kind}</span>
            <span class="grow"></span>
            {button(IconName::Up, t.up, first, Callback::new(move |()| pipe.shift(key, -1)))}
            {button(IconName::Down, t.down, last, Callback::new(move |()| pipe.shift(key, 1)))}
            {button(IconName::Trash, t.remove, Signal::stored(false), Callback::new(move |()| pipe.remove(key)))}
            <button
                type="button"
                role="switch"
                class="switch"
                class:on=enabled
                aria-checked=move || enabled().to_string()
                aria-label=t.enabled
                title=move || if enabled() { t.turn_off } else { t.turn_on }
                on:click=toggle
            ></button>
        </div>
    }
}

#[component]
fn NameField(pipe: Pipe, key: u32) -> impl IntoView {
    let t = text();
    let error = Signal::derive(move || {
        pipe.draft.with(|draft| match draft.flaw(key) {
            Some(Flaw::Name) => Some(t.name_bad),
            Some(Flaw::NameTwice) => Some(t.name_twice),
            _ => None,
        })
    });
    let name = move || pipe.of(key, |step| step.name.clone());
    view! {
        <Field label=t.name id="step-name" error hint=t.name_hint>
            <input
                id="step-name"
                class="input mono"
                class:bad=move || error.get().is_some()
                maxlength="64"
                autocomplete="off"
                spellcheck="false"
                aria-describedby="step-name-hint"
                prop:value=name
                on:input=move |event| {
                    let name = event_target_value(&event);
                    pipe.draft.update(|draft| draft.rename(key, &name));
                }
            />
        </Field>
    }
}

/// Configuration of a built-in operator; a plugin has its own.
#[component]
fn Config(pipe: Pipe, key: u32, step: PipelineStep) -> impl IntoView {
    let t = text();
    if let Some(name) = step.operator.strip_prefix(PLUGIN) {
        let mut to = ViewState { item: name.to_owned(), ..ViewState::of(Page::Plugins) };
        to.set_parameter("tab", "settings");
        let operator = step.operator.clone();
        let detail = move || pipe.plugin(&operator).map(|plugin| plugin.description.description);
        return view! {
            <div class="field">
                <span class="label">{t.config}</span>
                <p class="step-detail">{detail}</p>
                <span class="hint">
                    {t.config_of_plugin}
                    " "
                    <ViewLink to>{t.open_plugin}</ViewLink>
                </span>
            </div>
        }
        .into_any();
    }
    let hint = t.operators.iter().find(|(known, _)| *known == step.operator).map_or("", |(_, detail)| *detail);
    if step.operator == "drop" {
        return view! { <p class="note">{hint}</p> }.into_any();
    }
    let config = pipe.draft.with_untracked(|draft| draft.get(key).map(|step| step.config.clone()).unwrap_or_default());
    let config = RwSignal::new(config);
    Effect::new(move |before: Option<()>| {
        let typed = config.get();
        if before.is_some() {
            pipe.draft.update(|draft| draft.configure(key, typed));
        }
    });
    let errors = Signal::derive(move || {
        pipe.draft.with(|draft| match draft.flaw(key) {
            Some(Flaw::Config(line, column, message)) => {
                vec![EditorError { from: Place::Line { line, column }, to: None, message }]
            }
            _ => Vec::new(),
        })
    });
    view! {
        <div class="field">
            <span class="label" aria-hidden="true">
                {t.config}
            </span>
            <CodeEditor
                value=config
                language=EditorLanguage::Json
                errors
                label=t.config
                placeholder="{}"
                lines=8
            />
            <span class="hint">{hint}</span>
        </div>
    }
    .into_any()
}

/// What happens to records that it could not work on.
#[component]
fn Policy(pipe: Pipe, key: u32) -> impl IntoView {
    let t = text();
    let choice = move |(policy, (caption, detail)): (&'static str, (&'static str, &'static str))| {
        view! {
            <label class="policy">
                <input
                    type="radio"
                    name="policy"
                    value=policy
                    prop:checked=move || pipe.of(key, |step| step.on_failure == policy)
                    on:change=move |_| {
                        pipe.draft.update(|draft| draft.change(key, |step| policy.clone_into(&mut step.on_failure)));
                    }
                />
                <span>
                    <b>{caption}</b>
                    <span class="dim">{detail}</span>
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="field policies">
            <legend class="label">{t.on_failure}</legend>
            {POLICIES.into_iter().zip(t.policies).map(choice).collect_view()}
        </fieldset>
    }
}

/// A figure of what a step did.
type Told = fn(&StepTotals) -> String;

/// What it did since it was saved, and in the preview.
#[component]
fn Did(pipe: Pipe, key: u32) -> impl IntoView {
    let t = text();
    let reads: [(&'static str, Told); 9] = [
        (t.calls, |totals| number::count(totals.calls)),
        (t.failed_calls, |totals| number::count(totals.failures)),
        (t.column_in, |totals| number::count(totals.records_in)),
        (t.column_out, |totals| number::count(totals.records_out)),
        (t.column_dropped, |totals| number::count(totals.records_dropped)),
        (t.column_added, |totals| number::count(totals.records_added)),
        (t.column_rejected, |totals| number::count(totals.records_rejected)),
        (t.column_failed, |totals| number::count(totals.records_failed)),
        (t.time, |totals| number::microseconds(totals.seconds * 1e6)),
    ];
    let row = move |(caption, read): (&'static str, Told)| {
        let shown = move |totals: Option<StepTotals>| totals.as_ref().map_or_else(|| "–".to_owned(), read);
        view! {
            <tr>
                <th scope="row">{caption}</th>
                <td class="num">{move || shown(pipe.totals(key))}</td>
                <td class="num">{move || shown(pipe.tried(key))}</td>
            </tr>
        }
    };
    let failure = move || {
        let of = |totals: Option<StepTotals>| totals.and_then(|totals| totals.last_failure);
        of(pipe.tried(key)).or_else(|| of(pipe.totals(key)))
    };
    view! {
        <table class="table tight step-did">
            <thead>
                <tr>
                    <th scope="col">{t.did}</th>
                    <th scope="col" class="num">
                        {t.since_save}
                    </th>
                    <th scope="col" class="num">
                        {t.in_preview}
                    </th>
                </tr>
            </thead>
            <tbody>{reads.map(row).collect_view()}</tbody>
        </table>
        {move || failure().map(|failure| view! { <FailureNote failure /> })}
    }
}
