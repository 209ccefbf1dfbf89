//! Plugins: what is installed, what it did and cost, and scripts that are typed here.

mod description;
mod list;
mod log;
mod one;
mod remove;
mod script;
mod settings;
mod upload;
mod usage;
mod versions;

use crate::context::Context;
use crate::plugin_script::NEW;
use crate::url_state::{Page, ViewState};
use leptos::prelude::*;
use list::PluginTable;
use one::PluginView;
use script::NewScript;

/// How often figures are asked for anew.
const PAUSE_MS: i32 = 5000;

/// The page.
#[component]
pub(crate) fn PluginsPage() -> impl IntoView {
    let context = Context::get();
    let item = Memo::new(move |_| context.view.with(|view| view.item.clone()));
    on_cleanup(move || context.on_action.set_value(None));
    move || match item.get() {
        name if name.is_empty() => view! { <PluginTable /> }.into_any(),
        name if name == NEW => view! { <NewScript /> }.into_any(),
        name => view! { <PluginView name /> }.into_any(),
    }
}

/// The view of a plugin, or of the list without a name; with parameters of the page.
fn there(context: Context, name: &str, parameters: &[(&str, &str)]) -> ViewState {
    let now = context.view.get_untracked();
    let mut view = ViewState { item: name.to_owned(), range: now.range, utc: now.utc, ..ViewState::of(Page::Plugins) };
    for (parameter, value) in parameters {
        view.set_parameter(parameter, value);
    }
    view
}

/// Name of a kind of plugins.
fn kind_name(kind: &str) -> String {
    let t = crate::strings::plugins::text();
    let known = t.kinds.iter().find(|(known, _)| *known == kind);
    known.map_or_else(|| kind.to_owned(), |(_, name)| (*name).to_owned())
}

/// Name of what runs a plugin.
fn runtime_name(runtime: &str) -> String {
    let language = crate::plugin_script::Language::of_runtime(runtime);
    language.map_or("WebAssembly", crate::plugin_script::Language::name).to_owned()
}
