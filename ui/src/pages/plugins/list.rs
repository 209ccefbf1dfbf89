//! The list of plugins, and the ways to the first.

use super::upload::Upload;
use super::usage::{Status, call_time};
use super::{PAUSE_MS, kind_name, runtime_name, there};
use crate::app::set_title;
use crate::code;
use crate::components::{Code, CopyButton, Icon, IconName, PageHead, Show};
use crate::context::Context;
use crate::keys::Action;
use crate::number;
use crate::pages::form::{ReadOnly, may_change};
use crate::pages::live::{Live, LiveView, repeat};
use crate::pages::shown::{Amount, Outline};
use crate::pages::view_link::ViewLink;
use crate::plugin_script::{Language, NEW};
use crate::strings::{self, plugins::text};
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{PluginInfo, PluginList};

/// From nothing to a plugin that works.
const COMMANDS: &str =
    "lincei plugin new --lang rust --kind operator my-plugin\ncd my-plugin && lincei plugin build\nlincei plugin push";

/// What the parts of the list share.
#[derive(Clone, Copy)]
struct List {
    context: Context,
    live: Live<PluginList>,
    uploading: RwSignal<bool>,
}

impl List {
    async fn load(self) {
        self.live.take(self.context.client.plugins().await);
    }

    /// Names, in their order; tracked.
    fn names(self) -> Vec<String> {
        self.live
            .answer
            .with(|answer| answer.iter().flat_map(|list| list.items.iter()).map(|plugin| plugin.name.clone()).collect())
    }

    /// A plugin as it is now; tracked.
    fn find(self, name: &str) -> Option<PluginInfo> {
        self.live.answer.with(|answer| answer.as_ref()?.items.iter().find(|plugin| plugin.name == name).cloned())
    }
}

/// The page of all plugins.
#[component]
pub(super) fn PluginTable() -> impl IntoView {
    let context = Context::get();
    let list = List { context, live: Live::new(), uploading: RwSignal::new(false) };
    repeat(PAUSE_MS, move || list.load());
    let again = move || spawn_local(list.load());
    set_title(text().document_title);
    context.on_action.set_value(Some(Callback::new(move |action| {
        let known = action == Action::Refresh;
        if known {
            again();
        }
        known
    })));
    let t = text();
    let any = Memo::new(move |_| list.live.answer.with(|answer| answer.as_ref().is_some_and(|a| !a.items.is_empty())));
    view! {
        <main class="main">
            <PageHead title=t.title>
                <span class="grow"></span>
                <Show when=move || any.get() && may_change(context)>
                    <Begin list />
                </Show>
            </PageHead>
            <div class="body settings-body scroll plugins-body" tabindex="0" role="region" aria-label=t.title>
                <div class="settings-page wide">
                    <ReadOnly />
                    <LiveView
                        live=list.live
                        on_retry=move |()| again()
                        outline=|| view! { <section class="panel"><Outline rows=5 /></section> }
                    >
                        <Show when=move || any.get() fallback=move || view! { <First list /> }>
                            <Table list />
                        </Show>
                    </LiveView>
                </div>
            </div>
            <Show when=move || list.uploading.get()>
                <Upload on_close=move |()| list.uploading.set(false) />
            </Show>
        </main>
    }
}

/// The ways to a new plugin.
#[component]
fn Begin(list: List) -> impl IntoView {
    let t = text();
    view! {
        <button type="button" class="btn" on:click=move |_| list.uploading.set(true)>
            <Icon name=IconName::Open />
            {t.upload}
        </button>
        <ViewLink to=there(list.context, NEW, &[]) class="btn primary">
            <Icon name=IconName::Plus />
            {t.new_script}
        </ViewLink>
    }
}

/// No plugin yet: what one is, and how to make it.
#[component]
fn First(list: List) -> impl IntoView {
    let t = text();
    let context = list.context;
    let script = move |language: Language| {
        let there = there(context, NEW, &[("language", language.slug())]);
        view! { <ViewLink to=there class="btn primary">{(t.write_in)(language.name())}</ViewLink> }
    };
    let languages = move || {
        let known = list.live.answer.with(|answer| answer.as_ref().map(|list| list.languages.clone()));
        known.unwrap_or_default().iter().filter_map(|name| Language::of_runtime(name)).collect::<Vec<_>>()
    };
    view! {
        <section class="panel first-plugin">
            <div class="state">
                <h3>{t.empty_title}</h3>
                <p>{t.empty_detail}</p>
            </div>
            <div class="ways">
                <section>
                    <h4>{t.way_script}</h4>
                    <p>{t.way_script_detail}</p>
                    {move || {
                        let languages = languages();
                        if languages.is_empty() {
                            return view! { <p class="note warn">{t.no_scripts}</p> }.into_any();
                        }
                        view! { <div class="do">{languages.into_iter().map(script).collect_view()}</div> }.into_any()
                    }}
                </section>
                <section>
                    <h4>{t.way_build}</h4>
                    <p>{t.way_build_detail}</p>
                    <div class="command">
                        <Code content=Signal::stored(COMMANDS.to_owned()) language=code::Language::Script />
                        <CopyButton
                            content=Callback::new(|()| COMMANDS.to_owned())
                            label=strings::text().shell.copy
                        />
                    </div>
                </section>
                <section>
                    <h4>{t.way_upload}</h4>
                    <p>{t.way_upload_detail}</p>
                    <div class="do">
                        <button
                            type="button"
                            class="btn"
                            disabled=move || !may_change(context)
                            on:click=move |_| list.uploading.set(true)
                        >
                            {t.upload}
                        </button>
                    </div>
                </section>
            </div>
        </section>
    }
}

#[component]
fn Table(list: List) -> impl IntoView {
    let t = text();
    let number = |caption: &'static str| view! { <th scope="col" class="num">{caption}</th> };
    let threads = move || {
        let threads = list.live.answer.with(|answer| answer.as_ref().map_or(0, |list| list.threads));
        (t.threads)(&threads.to_string())
    };
    view! {
        <section class="panel" aria-label=t.title>
            <div class="table-box scroll">
                <table class="table plugins">
                    <thead>
                        <tr>
                            <th scope="col">{t.name}</th>
                            <th scope="col">{t.kind}</th>
                            <th scope="col">{t.status}</th>
                            <th scope="col">{t.version}</th>
                            <th scope="col">{t.used_by}</th>
                            {number(t.calls)}
                            {number(t.records_in)}
                            {number(t.records_out)}
                            {number(t.records_dropped)}
                            {number(t.cpu)}
                            {number(t.p99)}
                            {number(t.memory)}
                            {number(t.traps)}
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || list.names() key=|name| name.clone() let:name>
                            <Row list name />
                        </For>
                    </tbody>
                </table>
            </div>
            <p class="table-foot"><span>{threads}</span></p>
        </section>
    }
}

#[component]
fn Row(list: List, name: String) -> impl IntoView {
    let Some(first) = list.find(&name) else { return ().into_any() };
    let to = there(list.context, &name, &[]);
    let caption = name.clone();
    let plugin = Memo::new(move |known: Option<&PluginInfo>| {
        list.find(&name).or_else(|| known.cloned()).unwrap_or_else(|| first.clone())
    });
    let of = move |read: fn(&PluginInfo) -> String| move || plugin.with(read);
    let amount = move |read: fn(&PluginInfo) -> String| move || view! { <Amount text=plugin.with(read) /> };
    view! {
        <tr>
            <td class="plugin-name">
                <ViewLink to class="strong">{caption}</ViewLink>
                <span class="faint ell" title=of(|p| p.description.description.clone())>
                    {of(|p| p.description.description.clone())}
                </span>
            </td>
            <td>
                <span class="badge line">{of(|p| kind_name(&p.kind))}</span>
            </td>
            <td>
                <Status plugin />
            </td>
            <td class="dim">
                {of(|p| format!("{} · {}", (text().numbered)(&p.active_version.to_string()), runtime_name(&p.runtime)))}
            </td>
            <td class="dim used-by">
                {move || {
                    let used = plugin.with(|p| p.used_by.join(", "));
                    if used.is_empty() { text().unused.to_owned() } else { used }
                }}
            </td>
            <td class="num">{amount(|p| number::count(p.cost.calls))}</td>
            <td class="num">{amount(|p| number::count(p.cost.records_in))}</td>
            <td class="num">{amount(|p| number::count(p.cost.records_out))}</td>
            <td class="num">{amount(|p| number::count(p.cost.records_dropped))}</td>
            <td class="num">{amount(|p| number::milliseconds(p.cost.cpu_seconds * 1000.0))}</td>
            <td class="num">{amount(|p| call_time(&p.cost))}</td>
            <td class="num">{amount(|p| number::bytes(p.cost.memory_bytes))}</td>
            <td class="num" class:t-bad=move || plugin.with(|p| p.cost.traps > 0)>
                {amount(|p| number::count(p.cost.traps))}
            </td>
        </tr>
    }
    .into_any()
}
