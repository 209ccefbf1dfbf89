//! The versions of a plugin: every one is kept, and any can take over.

use super::one::One;
use super::{runtime_name, there};
use crate::ask::Asked;
use crate::client::Refusal;
use crate::components::{CopyButton, DataView, Show};
use crate::number;
use crate::pages::form::{Change, Refused, may_change};
use crate::pages::shown::{Moment, Outline, Written};
use crate::pages::view_link::ViewLink;
use crate::plugin_script::Language;
use crate::strings::plugins::text;
use leptos::prelude::*;
use lincei_api::{PluginInfo, PluginVersion};
use serde_json::Value;
use std::sync::Arc;

/// Characters of a hash that are shown.
const HASH_CHARACTERS: usize = 12;

/// What the parts of the tab share.
#[derive(Clone, Copy)]
struct Kept {
    one: One,
    plugin: Memo<PluginInfo>,
    asked: Asked<Vec<PluginVersion>>,
    change: Change,
}

impl Kept {
    fn load(self) {
        let name = self.one.name();
        self.asked.ask(move |call| async move { call.client.plugin_versions(&name).await.map_err(Refusal::from) });
    }

    /// Has a version take over; one click.
    fn activate(self, version: u64) {
        let (client, name) = (self.one.context.client, self.one.name());
        self.change.start(async move { client.activate_plugin(&name, version).await }, move |_: Value| {
            self.one.context.notify(&(text().activated)(&version.to_string()));
            self.one.reload();
            self.load();
        });
    }
}

/// The tab.
#[component]
pub(super) fn Versions(one: One, plugin: Memo<PluginInfo>) -> impl IntoView {
    let t = text();
    let kept = Kept { one, plugin, asked: Asked::new(one.context), change: Change::new() };
    let active = Memo::new(move |_| plugin.with(|plugin| plugin.active_version));
    Effect::new(move |_| {
        active.track();
        kept.load();
    });
    view! {
        <section class="panel" aria-labelledby="versions-title">
            <div class="panel-head">
                <h2 id="versions-title">{t.versions}</h2>
            </div>
            <p class="panel-lead">{t.versions_lead}</p>
            <Refused change=kept.change />
            <DataView
                asked=kept.asked
                on_retry=move |()| kept.load()
                outline=|| view! { <Outline rows=4 /> }
                let:versions
            >
                <Table kept versions />
            </DataView>
        </section>
    }
}

#[component]
fn Table(kept: Kept, versions: Arc<Vec<PluginVersion>>) -> impl IntoView {
    let t = text();
    let active = versions.iter().find(|version| version.active).map_or(0, |version| version.version);
    let rows = versions.iter().cloned().map(|version| view! { <Row kept version active /> }).collect_view();
    view! {
        <div class="table-box scroll">
            <table class="table versions-table">
                <thead>
                    <tr>
                        <th scope="col">{t.version}</th>
                        <th scope="col">{t.runtime}</th>
                        <th scope="col">{t.author_version}</th>
                        <th scope="col">{t.uploaded_at}</th>
                        <th scope="col">{t.uploaded_by}</th>
                        <th scope="col" class="num">
                            {t.size}
                        </th>
                        <th scope="col">{t.hash}</th>
                        <th scope="col">
                            <span class="sr">{t.actions}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(kept: Kept, version: PluginVersion, active: u64) -> impl IntoView {
    let t = text();
    let number = version.version;
    let (hash, whole) = (version.sha256.chars().take(HASH_CHARACTERS).collect::<String>(), version.sha256.clone());
    let copied = whole.clone();
    let is_script = Language::of_runtime(&version.runtime).is_some();
    let is_operator = kept.plugin.with_untracked(|plugin| plugin.kind == "operator");
    let (tab, caption) = if is_script { ("script", t.open_source) } else { ("try", t.try_out) };
    let look = (is_script || is_operator).then(|| {
        let to = there(kept.one.context, &kept.one.name(), &[("tab", tab), ("version", &number.to_string())]);
        view! { <ViewLink to class="btn ghost small">{caption}</ViewLink> }
    });
    let (take_over, named) = if number < active {
        (t.roll_back, (t.roll_back_named)(&number.to_string()))
    } else {
        (t.activate, (t.activate_named)(&number.to_string()))
    };
    view! {
        <tr class:on=version.active>
            <td>
                <span class="hstack">
                    <b>{(t.numbered)(&number.to_string())}</b>
                    {version.active.then(|| view! { <span class="badge ok">{t.active}</span> })}
                </span>
            </td>
            <td class="dim">{runtime_name(&version.runtime)}</td>
            <td class="dim mono">{version.author_version.clone()}</td>
            <td class="dim">
                <Moment at=version.created_at.clone() written=Written::Minute />
            </td>
            <td class="dim">{version.created_by.clone()}</td>
            <td class="num">{number::bytes(version.bytes)}</td>
            <td class="mono dim">
                <span class="hstack" title=whole>
                    {hash} "…"
                    <CopyButton content=Callback::new(move |()| copied.clone()) label=t.copy_hash />
                </span>
            </td>
            <td class="acts">
                {look}
                <Show when=move || !version.active && may_change(kept.one.context)>
                    <button
                        type="button"
                        class="btn small"
                        aria-label=named.clone()
                        disabled=move || kept.change.busy.get()
                        on:click=move |_| kept.activate(number)
                    >
                        {take_over}
                    </button>
                </Show>
            </td>
        </tr>
    }
}
