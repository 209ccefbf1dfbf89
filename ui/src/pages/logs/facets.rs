use super::model::{Load, LogsModel};
use crate::components::{Icon, IconName};
use crate::number::grouped;
use crate::query_text::{SERVICE, selected_levels, selected_values, toggle_level, toggle_value};
use crate::severity::Level;
use crate::statement::SERVICES_MAX;
use crate::strings::text;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// Widths of the outlines shown before there are counts.
const WAITING: [&str; 4] = ["62%", "48%", "70%", "54%"];

/// One value of a facet.
#[derive(Clone, PartialEq)]
struct Choice {
    label: String,
    /// Classes of the label.
    class: String,
    lines: u64,
    on: bool,
    /// Left out by another choice of the same facet.
    off: bool,
    /// Of the longest bar, 0 to 1; none draws no bar.
    share: Option<f64>,
    /// The search text that choosing it makes.
    next: String,
}

/// Severities and services with their counts; a click changes the search text.
#[component]
pub(super) fn Facets(model: LogsModel) -> impl IntoView {
    let t = &text().logs;
    let levels = Memo::new(move |_| Some(level_choices(&model.query(), &model.levels.get()?)));
    let services = Memo::new(move |_| Some(service_choices(&model.query(), &model.services.get()?)));
    let more = move || {
        let many = model.services.with(|services| services.as_ref().is_some_and(|list| list.len() > SERVICES_MAX));
        many.then(|| view! { <p class="facet-more faint">{(t.more_values)(&SERVICES_MAX.to_string())}</p> })
    };
    view! {
        <aside class="facets scroll" aria-label=t.filters>
            <Facet model name=t.severity choices=levels />
            <Facet model name=t.service choices=services />
            {more}
        </aside>
    }
}

fn level_choices(query: &str, counts: &[u64; 7]) -> Vec<Choice> {
    let chosen = selected_levels(query);
    let shown = Level::ALL.into_iter().rev().filter_map(|level| {
        let lines = counts.get(level.rank()).copied().unwrap_or(0);
        let on = chosen.as_ref().is_some_and(|chosen| chosen.contains(&level));
        let usual = matches!(level, Level::Fatal | Level::Error | Level::Warn | Level::Info | Level::Debug);
        (lines > 0 || on || usual).then(|| Choice {
            label: if level == Level::Unset { text().logs.no_severity.to_owned() } else { level.name().to_owned() },
            class: format!("sev {}", level.name()),
            lines,
            on,
            off: chosen.is_some() && !on,
            share: None,
            next: toggle_level(query, level),
        })
    });
    with_shares(shown.collect())
}

fn service_choices(query: &str, counts: &[(String, u64)]) -> Vec<Choice> {
    let chosen = selected_values(query, SERVICE);
    let gone =
        chosen.iter().filter(|name| !counts.iter().any(|(known, _)| known == *name)).map(|name| (name.clone(), 0));
    let listed = counts.iter().take(SERVICES_MAX).cloned().chain(gone);
    let shown = listed.map(|(name, lines)| {
        let on = chosen.contains(&name);
        Choice {
            label: if name.is_empty() { text().logs.no_service.to_owned() } else { name.clone() },
            class: "ell".to_owned(),
            lines,
            on,
            off: !chosen.is_empty() && !on,
            share: None,
            next: toggle_value(query, SERVICE, &name),
        }
    });
    with_shares(shown.collect())
}

/// Bars compare what is counted in the view, so those left out have none.
fn with_shares(mut choices: Vec<Choice>) -> Vec<Choice> {
    let longest = choices.iter().filter(|choice| !choice.off).map(|choice| choice.lines).max().unwrap_or(0);
    for choice in choices.iter_mut().filter(|choice| !choice.off && choice.lines > 0) {
        choice.share = Some(choice.lines as f64 / longest as f64);
    }
    choices
}

#[component]
fn Facet(model: LogsModel, name: &'static str, choices: Memo<Option<Vec<Choice>>>) -> impl IntoView {
    let folded = RwSignal::new(false);
    let items = move || {
        if folded.get() {
            return ().into_any();
        }
        let Some(choices) = choices.get() else {
            if model.counted.with(|load| *load != Load::Waiting) {
                return ().into_any();
            }
            return WAITING.map(|width| view! { <i class="skeleton" style:width=width></i> }).into_view().into_any();
        };
        let items = choices.into_iter().map(|choice| view! { <Item model choice /> });
        view! { <ul role="group" aria-label=name>{items.collect_view()}</ul> }.into_any()
    };
    view! {
        <div class="facet">
            <h3>
                <button
                    type="button"
                    class="facet-head"
                    aria-expanded=move || (!folded.get()).to_string()
                    on:click=move |_| folded.update(|folded| *folded = !*folded)
                >
                    {move || {
                        let icon = if folded.get() { IconName::Right } else { IconName::Down };
                        view! { <Icon name=icon small=true /> }
                    }}
                    <span class="mono">{name}</span>
                    <span class="count">{move || choices.with(|choices| choices.as_ref().map(Vec::len))}</span>
                </button>
            </h3>
            {items}
        </div>
    }
}

#[component]
fn Item(model: LogsModel, choice: Choice) -> impl IntoView {
    let Choice { label, class, lines, on, off, share, next } = choice;
    let bar = share.map(|share| {
        view! {
            <span class="bar">
                <i style:width=format!("{:.1}%", share * 100.0)></i>
            </span>
        }
    });
    let chosen = next.clone();
    let title = label.clone();
    view! {
        <li
            class:on=on
            class:off=off
            role="checkbox"
            aria-checked=on.to_string()
            tabindex="0"
            title=title
            on:click=move |_| model.search(next.clone())
            on:keydown=move |event: KeyboardEvent| {
                if matches!(event.key().as_str(), " " | "Enter") {
                    event.prevent_default();
                    event.stop_propagation();
                    model.search(chosen.clone());
                }
            }
        >
            <span class=class>{label}</span>
            <span class="num">{grouped(lines)}</span>
            {bar}
        </li>
    }
}
