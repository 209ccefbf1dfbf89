//! The list of steps, from what arrives to what is stored.

use super::add::AddDialog;
use super::draft::Pipe;
use super::row::Row;
use crate::components::{Icon, IconName, Show};
use crate::pages::trial::signal_name;
use crate::pipeline_draft::{STEPS_MAX, first_config};
use crate::strings::pipelines::text;
use leptos::prelude::*;
use serde_json::Value;

/// The list.
#[component]
pub(super) fn Flow(pipe: Pipe) -> impl IntoView {
    let t = text();
    let list = NodeRef::<leptos::html::Ol>::new();
    let count = Memo::new(move |_| pipe.draft.with(|draft| draft.steps.len()));
    let keys = move || pipe.draft.with(|draft| draft.steps.iter().map(|step| step.key).collect::<Vec<_>>());
    let at_end = move || pipe.drag.get().is_some_and(|drag| drag.place + 1 >= count.get());
    let name = signal_name(pipe.signal);
    view! {
        <section class="pipeline-flow" aria-labelledby="steps-title">
            <div class="pane-head">
                <h2 id="steps-title">{t.steps}</h2>
                <span class="count">{move || count.get()}</span>
                <span class="grow"></span>
                <button
                    type="button"
                    class="btn"
                    disabled=move || { count.get() >= STEPS_MAX }
                    on:click=move |_| pipe.adding.set(true)
                >
                    <Icon name=IconName::Plus />
                    {t.add}
                </button>
            </div>
            <div class="scroll pane-body ops">
                <div class="endp">
                    <Icon name=IconName::Down small=true />
                    {(t.arrive)(name)}
                </div>
                <Show when=move || count.get() == 0>
                    <First pipe />
                </Show>
                <ol node_ref=list>
                    <For each=keys key=|key| *key let:key>
                        <Row pipe key list />
                    </For>
                </ol>
                <div class="endp" class:drop-here=at_end>
                    <Icon name=IconName::Database small=true />
                    {(t.stored)(pipe.signal)}
                </div>
            </div>
            <Show when=move || pipe.adding.get()>
                <AddDialog pipe />
            </Show>
        </section>
    }
}

/// No step yet: what steps are for, and some to begin with.
#[component]
fn First(pipe: Pipe) -> impl IntoView {
    let t = text();
    let health = match pipe.signal {
        "logs" => "\"GET /healthz\"",
        "spans" => "name:\"GET /healthz\"",
        _ => "metric:go_gc_duration_seconds",
    };
    let drop_health = move |_| pipe.add("drop", Value::Null, Some(health));
    let mask = move |_| pipe.add("redact", first_config("redact", pipe.signal), None);
    let team = move |_| pipe.add("set", first_config("set", pipe.signal), None);
    view! {
        <div class="first-steps">
            <h3>{t.empty_title}</h3>
            <p class="dim">{t.empty_detail}</p>
            <p class="faint">{t.begin_with}</p>
            <button type="button" class="btn" on:click=drop_health>
                {t.example_drop}
            </button>
            <button type="button" class="btn" on:click=mask>
                {t.example_mask}
            </button>
            <button type="button" class="btn" on:click=team>
                {t.example_team}
            </button>
        </div>
    }
}
