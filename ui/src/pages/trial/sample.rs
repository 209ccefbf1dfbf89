use super::Trial;
use crate::components::{Icon, IconName, Show};
use crate::record_sample::{COUNT, COUNTS, EXAMPLES, SIGNALS, choice};
use crate::strings::trial::text;
use leptos::prelude::*;

/// Name of a signal in a sentence or on a tab.
pub(in crate::pages) fn signal_name(signal: &str) -> &'static str {
    let place = SIGNALS.iter().position(|known| *known == signal).unwrap_or(0);
    text().signals.get(place).copied().unwrap_or_default()
}

/// Which records it is tried on.
#[component]
pub(in crate::pages) fn SampleBar(
    trial: Trial,
    /// Signals to choose from; with one or none there is no choice.
    #[prop(optional, into)]
    signals: Signal<Vec<String>>,
) -> impl IntoView {
    let t = text();
    let context = trial.context;
    let chosen = Memo::new(move |_| context.view.with(|view| choice(view.parameter("newest"))));
    let choose = move |event| {
        let value = event_target_value(&event);
        context.adjust(|view| view.set_parameter("newest", if value == COUNT { "" } else { &value }));
    };
    let option = move |count: &'static str| {
        let caption = if count == EXAMPLES { t.examples.to_owned() } else { (t.newest)(count) };
        view! { <option value=count prop:selected=move || chosen.get() == count>{caption}</option> }
    };
    let made_up = move || chosen.get() == EXAMPLES;
    view! {
        <div class="toolbar trial-bar">
            <Signals trial signals />
            <select class="input" aria-label=t.records on:change=choose>
                {COUNTS.into_iter().chain([EXAMPLES]).map(option).collect_view()}
            </select>
            <div class="search" class:off=made_up>
                <Icon name=IconName::Filter small=true />
                <input
                    id="trial-search"
                    class="bare mono grow"
                    aria-label=t.search
                    title=t.search
                    placeholder=t.placeholder
                    autocomplete="off"
                    spellcheck="false"
                    disabled=made_up
                    prop:value=move || context.view.with(|view| view.query.clone())
                    on:input=move |event| {
                        let typed = event_target_value(&event);
                        context.adjust(|view| view.query = typed);
                    }
                />
            </div>
            <button
                type="button"
                class="btn icon-only"
                aria-label=t.again
                title=t.again
                on:click=move |_| trial.again()
            >
                <Icon name=IconName::Refresh />
            </button>
        </div>
    }
}

#[component]
fn Signals(trial: Trial, signals: Signal<Vec<String>>) -> impl IntoView {
    let t = text();
    let context = trial.context;
    let choose = move |event| {
        let value = event_target_value(&event);
        context.adjust(|view| view.set_parameter("signal", if value == "logs" { "" } else { &value }));
    };
    let option = move |signal: String| {
        let (value, caption) = (signal.clone(), signal_name(&signal));
        view! { <option value=value prop:selected=move || trial.signal.get() == signal>{caption}</option> }
    };
    view! {
        <Show when=move || signals.with(|signals| signals.len() > 1)>
            <select class="input" aria-label=t.signal on:change=choose>
                {move || signals.get().into_iter().map(option).collect_view()}
            </select>
        </Show>
    }
}
