use super::draft::Pipe;
use crate::components::Show;
use crate::pipeline_draft::{Flaw, TARGETS};
use crate::strings::pipelines::text;
use leptos::prelude::*;

/// Where the routes of a plugin lead; nothing for one without.
#[component]
pub(super) fn Routes(pipe: Pipe, key: u32, operator: String) -> impl IntoView {
    let t = text();
    // Routes that are saved are shown also while the plugin is not known.
    let names = Signal::derive(move || {
        let mut names = pipe.plugin(&operator).map(|plugin| plugin.description.routes).unwrap_or_default();
        pipe.draft.with(|draft| {
            let saved = draft.get(key).into_iter().flat_map(|step| step.step.routes.keys());
            names.extend(saved.filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>());
        });
        names
    });
    let lost = Signal::derive(move || {
        pipe.draft.with(|draft| match draft.flaw(key) {
            Some(Flaw::Route(route, to)) => Some((t.route_lost)(&route, &to)),
            _ => None,
        })
    });
    view! {
        <Show when=move || names.with(|names| !names.is_empty())>
            <fieldset class="field policies">
                <legend class="label">{t.routes}</legend>
                <For each=move || names.get() key=|name| name.clone() let:name>
                    <Route pipe key name />
                </For>
                <span class="hint" class:bad=move || lost.get().is_some()>
                    {move || lost.get().unwrap_or_else(|| t.routes_hint.to_owned())}
                </span>
            </fieldset>
        </Show>
    }
}

#[component]
fn Route(pipe: Pipe, key: u32, name: String) -> impl IntoView {
    let t = text();
    let name = StoredValue::new(name);
    let chosen = Signal::derive(move || {
        pipe.draft.with(|draft| {
            let step = draft.get(key)?;
            name.with_value(|name| step.step.routes.get(name).cloned())
        })
    });
    // One that leads nowhere any more is shown as it is, to be mended.
    let targets = move || {
        let mut targets = pipe.draft.with(|draft| draft.targets(key));
        targets.extend(chosen.get().filter(|to| !targets.contains(to)));
        targets
    };
    let caption = |target: &str| {
        let place = TARGETS.iter().position(|known| *known == target);
        place.and_then(|place| t.targets.get(place)).map_or_else(|| (t.to_step)(target), |words| (*words).to_owned())
    };
    let option = move |target: String| {
        let (value, words, own) = (target.clone(), caption(&target), target);
        let on = move || chosen.with(|chosen| chosen.as_deref().unwrap_or("next") == own);
        view! { <option value=value prop:selected=on>{words}</option> }
    };
    let choose = move |event| {
        let to = event_target_value(&event);
        pipe.draft.update(|draft| {
            draft.change(key, |step| {
                name.with_value(|name| match to.as_str() {
                    // Where a route goes that is not told otherwise.
                    "next" => drop(step.routes.remove(name)),
                    _ => drop(step.routes.insert(name.clone(), to.clone())),
                });
            });
        });
    };
    view! {
        <label class="route">
            <span class="mono ell">{name.get_value()}</span>
            <select class="input" on:change=choose>
                {move || targets().into_iter().map(option).collect_view()}
            </select>
        </label>
    }
}
