//! One plugin: what it did, its script or what it would do, versions, settings, log.

use super::description::Overview;
use super::log::Log;
use super::script::{SavedScript, TryOut};
use super::settings::Settings;
use super::upload::Upload;
use super::usage::Status;
use super::versions::Versions;
use super::{PAUSE_MS, kind_name, there};
use crate::app::set_title;
use crate::components::{Icon, IconName, Show, Tabs};
use crate::context::Context;
use crate::keys::Action;
use crate::pages::form::{ReadOnly, may_change};
use crate::pages::live::{Live, LiveView, repeat};
use crate::pages::shown::Outline;
use crate::pages::view_link::ViewLink;
use crate::plugin_script::Language;
use crate::strings::plugins::text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::PluginInfo;

/// A tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Overview,
    Script,
    Try,
    Versions,
    Settings,
    Log,
}

impl Tab {
    const fn slug(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Script => "script",
            Self::Try => "try",
            Self::Versions => "versions",
            Self::Settings => "settings",
            Self::Log => "log",
        }
    }

    fn caption(self) -> &'static str {
        let t = text();
        match self {
            Self::Overview => t.overview,
            Self::Script => t.script,
            Self::Try => t.try_out,
            Self::Versions => t.versions,
            Self::Settings => t.settings,
            Self::Log => t.log,
        }
    }

    /// Those that a plugin has.
    fn of(plugin: &PluginInfo) -> Vec<Self> {
        let work = match Language::of_runtime(&plugin.runtime) {
            Some(_) => Some(Self::Script),
            None if plugin.kind == "operator" => Some(Self::Try),
            None => None,
        };
        [Some(Self::Overview), work, Some(Self::Versions), Some(Self::Settings), Some(Self::Log)]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub(super) struct One {
    pub(super) context: Context,
    pub(super) name: StoredValue<String>,
    pub(super) uploading: RwSignal<bool>,
    live: Live<PluginInfo>,
}

impl One {
    /// Its name.
    pub(super) fn name(self) -> String {
        self.name.get_value()
    }

    async fn load(self) {
        if let Some(name) = self.name.try_get_value() {
            self.live.take(self.context.client.plugin(&name).await);
        }
    }

    /// Asks anew, after a change.
    pub(super) fn reload(self) {
        spawn_local(self.load());
    }

    /// Leads to a tab of it.
    pub(super) fn go(self, parameters: &[(&str, &str)]) {
        let to = there(self.context, &self.name(), parameters);
        self.context.go(|view| *view = to);
    }
}

/// The page of a plugin.
#[component]
pub(super) fn PluginView(name: String) -> impl IntoView {
    let context = Context::get();
    set_title(&(text().document_title_of)(&name));
    let one = One { context, name: StoredValue::new(name), uploading: RwSignal::new(false), live: Live::new() };
    repeat(PAUSE_MS, move || one.load());
    context.on_action.set_value(Some(Callback::new(move |action| {
        let known = action == Action::Refresh;
        if known {
            one.reload();
        }
        known
    })));
    view! {
        <main class="main">
            <Head one />
            <LiveView
                live=one.live
                on_retry=move |()| one.reload()
                outline=|| {
                    view! {
                        <div class="settings-page">
                            <section class="panel"><Outline rows=6 /></section>
                        </div>
                    }
                }
            >
                <Found one />
            </LiveView>
            <Show when=move || one.uploading.get()>
                <Upload name=one.name() on_close=move |()| one.uploading.set(false) />
            </Show>
        </main>
    }
}

#[component]
fn Head(one: One) -> impl IntoView {
    let t = text();
    let context = one.context;
    let is_wasm = move || one.live.answer.with(|plugin| plugin.as_ref().is_some_and(|plugin| plugin.runtime == "wasm"));
    let badges = move || {
        let plugin = one.live.answer.get()?;
        let (kind, version) = (kind_name(&plugin.kind), (t.numbered)(&plugin.active_version.to_string()));
        let plugin = Memo::new(move |_| (*plugin).clone());
        Some(view! {
            <span class="badge line mid-hide">{kind}</span>
            <span class="badge line">{version}</span>
            <Status plugin />
        })
    };
    view! {
        <header class="page-head">
            <span class="crumb">
                <ViewLink to=there(context, "", &[])>{t.title}</ViewLink>
                " /"
            </span>
            <h1 class="ell">{one.name()}</h1>
            {badges}
            <span class="grow"></span>
            <Show when=move || is_wasm() && may_change(context)>
                <button type="button" class="btn" on:click=move |_| one.uploading.set(true)>
                    <Icon name=IconName::Open />
                    {t.upload_version}
                </button>
            </Show>
        </header>
    }
}

#[component]
fn Found(one: One) -> impl IntoView {
    let context = one.context;
    let Some(first) = one.live.answer.get_untracked() else { return ().into_any() };
    let plugin = Memo::new(move |_| one.live.answer.with(|answer| (**answer.as_ref().unwrap_or(&first)).clone()));
    let tabs = StoredValue::new(plugin.with_untracked(Tab::of));
    let tab_at = move |place: usize| tabs.with_value(|tabs| tabs.get(place).copied().unwrap_or(Tab::Overview));
    let chosen = Memo::new(move |_| {
        let slug = context.parameter("tab");
        tabs.with_value(|tabs| tabs.iter().position(|tab| tab.slug() == slug).unwrap_or(0))
    });
    let captions = tabs.with_value(|tabs| tabs.iter().map(|tab| tab.caption().to_owned()).collect::<Vec<_>>());
    let choose = move |place: usize| one.go(&[("tab", tab_at(place).slug())]);
    view! {
        <Tabs label=text().tabs id="plugin-tabs" captions=Signal::stored(captions) chosen on_choose=choose />
        <div id="plugin-tabs-panel" class="body plugin-body" role="tabpanel">
            {move || match tab_at(chosen.get()) {
                Tab::Script => view! { <SavedScript one plugin /> }.into_any(),
                Tab::Try => view! { <TryOut one plugin /> }.into_any(),
                other => {
                    view! {
                        <div class="settings-body scroll" tabindex="0" role="region" aria-label=other.caption()>
                            <div class="settings-page">
                                <ReadOnly />
                                {panel(one, plugin, other)}
                            </div>
                        </div>
                    }
                        .into_any()
                }
            }}
        </div>
    }
    .into_any()
}

fn panel(one: One, plugin: Memo<PluginInfo>, tab: Tab) -> AnyView {
    match tab {
        Tab::Versions => view! { <Versions one plugin /> }.into_any(),
        Tab::Settings => view! { <Settings one plugin /> }.into_any(),
        Tab::Log => view! { <Log one /> }.into_any(),
        _ => view! { <Overview plugin /> }.into_any(),
    }
}
