use super::desk::{Desk, DeskView};
use super::draft_key;
use crate::ask::Asked;
use crate::browser;
use crate::client::Refusal;
use crate::components::{DataView, Icon, IconName};
use crate::pages::form::{Change, Refused, may_change};
use crate::pages::plugins::one::One;
use crate::pages::shown::Outline;
use crate::pages::trial::{SampleBar, Trial, TrialView};
use crate::plugin_script::Language;
use crate::record_sample::signal;
use crate::strings::{plugins::text, settings};
use leptos::prelude::*;
use lincei_api::{PluginInfo, PluginTrial};
use serde_json::Value;
use std::sync::Arc;

/// The script of a version.
struct Source {
    version: u64,
    text: String,
}

/// The version that the link names; none for the one that works. Tracked.
fn linked_version(one: One) -> Option<u64> {
    one.context.parameter("version").parse().ok()
}

/// The script of a plugin, to be changed and saved as its next version.
#[component]
pub(in crate::pages::plugins) fn SavedScript(one: One, plugin: Memo<PluginInfo>) -> impl IntoView {
    let active = Memo::new(move |_| plugin.with(|plugin| plugin.active_version));
    let wanted = Memo::new(move |_| linked_version(one).unwrap_or_else(|| active.get()));
    let asked = Asked::<Source>::new(one.context);
    let ask = move || {
        let (name, version) = (one.name(), wanted.get_untracked());
        asked.ask(move |call| async move {
            let text = call.client.plugin_source(&name, version).await.map_err(Refusal::from)?;
            Ok(Source { version, text })
        });
    };
    Effect::new(move |_| {
        wanted.track();
        ask();
    });
    view! {
        <div class="desk-frame">
            <DataView asked on_retry=move |()| ask() outline=|| view! { <Outline rows=9 /> } let:source>
                <Opened one plugin source />
            </DataView>
        </div>
    }
}

#[component]
fn Opened(one: One, plugin: Memo<PluginInfo>, source: Arc<Source>) -> impl IntoView {
    let context = one.context;
    let language = plugin.with_untracked(|plugin| Language::of_runtime(&plugin.runtime)).unwrap_or_default();
    let key = draft_key(&one.name());
    let begun = browser::remembered(&key).filter(|draft| !draft.trim().is_empty());
    let text = RwSignal::new(begun.unwrap_or_else(|| source.text.clone()));
    let saved = StoredValue::new(source.text.clone());
    let changed = Memo::new(move |_| text.with(|text| saved.with_value(|saved| saved != text)));
    Effect::new(move |_| {
        text.with(|text| browser::remember(&key, if changed.get() { text } else { "" }));
    });
    let config = plugin.with_untracked(|plugin| plugin.config.clone());
    let desk = Desk::new(context, language, text, Some(config).filter(|config| !config.is_null()));
    let read_only = Signal::derive(move || !may_change(context));
    view! {
        <DeskView desk read_only>
            <Tools one plugin desk version=source.version changed saved />
        </DeskView>
    }
}

/// Which version it is, whether it was changed, and saving it.
#[component]
fn Tools(
    one: One,
    plugin: Memo<PluginInfo>,
    desk: Desk,
    version: u64,
    changed: Memo<bool>,
    saved: StoredValue<String>,
) -> impl IntoView {
    let t = text();
    let change = Change::new();
    let active = Memo::new(move |_| plugin.with(|plugin| plugin.active_version));
    let save = move |_| {
        let (client, name, script) = (one.context.client, one.name(), desk.script());
        change.start(async move { client.save_script(&name, &script).await }, move |_: Value| {
            browser::remember(&draft_key(&one.name()), "");
            saved.set_value(desk.source.get_untracked());
            desk.source.notify();
            one.context.notify(&(text().script_saved)(&one.name()));
            one.context.adjust(|view| view.set_parameter("version", ""));
            one.reload();
        });
    };
    let is_old = move || active.get() != version;
    view! {
        <div class="toolbar">
            <span class="badge line">{(t.numbered)(&version.to_string())}</span>
            <Show when=is_old>
                <span class="badge warn">{t.not_active}</span>
            </Show>
            <Show when=move || changed.get()>
                <span class="badge info">{t.changed}</span>
            </Show>
            <span class="grow"></span>
            <Show when=move || changed.get()>
                <button type="button" class="btn ghost" on:click=move |_| desk.source.set(saved.get_value())>
                    {t.discard}
                </button>
            </Show>
            <button
                type="button"
                class="btn primary"
                disabled=move || change.busy.get() || !(changed.get() || is_old()) || !may_change(one.context)
                on:click=save
            >
                {move || if change.busy.get() { settings::text().saving } else { t.save_version }}
            </button>
        </div>
        <Refused change />
    }
}

/// What an operator that is no script would make of records.
#[component]
pub(in crate::pages::plugins) fn TryOut(one: One, plugin: Memo<PluginInfo>) -> impl IntoView {
    let t = text();
    let context = one.context;
    let signals = Memo::new(move |_| plugin.with(|plugin| plugin.description.signals.clone()));
    let chosen = Signal::derive(move || {
        let wanted = context.view.with(|view| signal(view.parameter("signal")));
        signals.with(|signals| match signals.first() {
            Some(first) if !signals.iter().any(|known| known == wanted) => signal(first),
            _ => wanted,
        })
    });
    let active = Memo::new(move |_| plugin.with(|plugin| plugin.active_version));
    let version = Memo::new(move |_| linked_version(one).unwrap_or_else(|| active.get()));
    let trial = Trial::new(context, chosen, move |sample| {
        let body = PluginTrial {
            signal: chosen.get().to_owned(),
            plugin: Some(one.name()),
            version: Some(version.get()),
            sample,
            ..PluginTrial::default()
        };
        Some(("/plugins/try".to_owned(), serde_json::to_value(body).unwrap_or(Value::Null)))
    });
    let of_version = move || (t.try_version)(&version.get().to_string());
    view! {
        <section class="desk-preview alone" aria-label=t.preview>
            <p class="note">
                <Icon name=IconName::Eye />
                <span>{of_version} " " {t.try_detail}</span>
            </p>
            <SampleBar trial signals=Signal::derive(move || signals.get()) />
            <TrialView trial with_failure=true />
        </section>
    }
}
