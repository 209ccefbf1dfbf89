use super::draft::Pipe;
use crate::components::Dialog;
use crate::pages::view_link::ViewLink;
use crate::pipeline_draft::{PLUGIN, first_config};
use crate::plugin_script::NEW;
use crate::strings::pipelines::text;
use crate::url_state::{Page, ViewState};
use leptos::prelude::*;
use serde_json::Value;

/// An operator to choose.
struct Offer {
    operator: String,
    name: String,
    detail: String,
}

/// What can be a step.
#[component]
pub(super) fn AddDialog(pipe: Pipe) -> impl IntoView {
    let t = text();
    let close = Callback::new(move |()| pipe.adding.set(false));
    let list = move |offers: Vec<Offer>| offers.into_iter().map(|offer| row(pipe, offer)).collect_view();
    let installed = move || installed(pipe);
    let new = ViewState { item: NEW.to_owned(), ..ViewState::of(Page::Plugins) };
    view! {
        <Dialog title=t.add_title on_close=close class="plugin-dialog">
            <div class="offers scroll">
                <h3 class="menu-head">{t.built_in}</h3>
                {list(built_in(pipe))}
                <h3 class="menu-head">{t.installed}</h3>
                {move || {
                    let offers = installed();
                    if offers.is_empty() {
                        view! { <p class="dim none">{t.none_installed}</p> }.into_any()
                    } else {
                        list(offers).into_any()
                    }
                }}
                <p class="none">
                    <ViewLink to=new.clone()>{t.write_one}</ViewLink>
                </p>
            </div>
        </Dialog>
    }
}

fn row(pipe: Pipe, offer: Offer) -> AnyView {
    let Offer { operator, name, detail } = offer;
    let choose = move |_| {
        let config = if operator.starts_with(PLUGIN) { Value::Null } else { first_config(&operator, pipe.signal) };
        pipe.add(&operator, config, None);
    };
    view! {
        <button type="button" class="offer" on:click=choose>
            <b class="mono">{name}</b>
            <span class="dim">{detail}</span>
        </button>
    }
    .into_any()
}

fn built_in(pipe: Pipe) -> Vec<Offer> {
    let t = text();
    let names = pipe.server.live.answer.with_untracked(|answer| answer.as_ref().map(|list| list.built_in.clone()));
    let detail = |name: &str| t.operators.iter().find(|(known, _)| *known == name).map_or("", |(_, detail)| *detail);
    let names = names.unwrap_or_default().into_iter();
    names.map(|name| Offer { detail: detail(&name).to_owned(), operator: name.clone(), name }).collect()
}

/// Operators that are installed and work on the signal.
fn installed(pipe: Pipe) -> Vec<Offer> {
    pipe.server.plugins.with(|plugins| {
        let fit = plugins.iter().filter(|plugin| {
            let signals = &plugin.description.signals;
            signals.is_empty() || signals.iter().any(|signal| signal == pipe.signal)
        });
        fit.map(|plugin| Offer {
            operator: format!("{PLUGIN}{}", plugin.name),
            name: plugin.name.clone(),
            detail: plugin.description.description.clone(),
        })
        .collect()
    })
}
