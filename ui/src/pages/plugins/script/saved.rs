use super::desk::{Desk, DeskView};
use super::draft_key;
use crate::ask::Asked;
use crate::browser;
use crate::client::Refusal;
use crate::components::{DataView, Icon, IconName, Show};
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
    let written = Written::new(one, asked);
    let has_source = Memo::new(move |_| written.saved.with(Option::is_some));
    view! {
        <div class="desk-frame">
            <DataView asked on_retry=move |()| ask() outline=|| view! { <Outline rows=9 /> } let:_source>
                ""
            </DataView>
            <Show when=move || has_source.get()>
                <Opened one plugin written />
            </Show>
        </div>
    }
}

/// The script as it is typed and as it is saved; a handle that is copied freely.
#[derive(Clone, Copy)]
struct Written {
    text: RwSignal<String>,
    saved: RwSignal<Option<Arc<Source>>>,
    /// Whether they differ.
    changed: Memo<bool>,
}

impl Written {
    fn new(one: One, asked: Asked<Source>) -> Self {
        let (text, saved) = (RwSignal::new(String::new()), RwSignal::new(None::<Arc<Source>>));
        let changed = Memo::new(move |_| {
            saved.with(|saved| saved.as_ref().is_some_and(|saved| text.with(|text| *text != saved.text)))
        });
        // What is begun on an old version is apart from what is begun on the one that works.
        let key = move || {
            let version = untrack(|| linked_version(one)).map(|version| format!(".{version}")).unwrap_or_default();
            draft_key(&format!("{}{version}", one.name()))
        };
        Effect::new(move |_| {
            let Some(source) = asked.answer.get() else { return };
            let is_first = saved.with_untracked(Option::is_none);
            let begun = browser::remembered(&key()).filter(|draft| is_first && !draft.trim().is_empty());
            // What is typed stays while another version is saved.
            if is_first || !changed.get_untracked() {
                text.set(begun.unwrap_or_else(|| source.text.clone()));
            }
            saved.set(Some(source));
        });
        Effect::new(move |_| {
            let changed = changed.get();
            text.with(|text| {
                if saved.with_untracked(Option::is_some) {
                    browser::remember(&key(), if changed { text } else { "" });
                }
            });
        });
        Self { text, saved, changed }
    }

    /// Goes back to what is saved.
    fn discard(self) {
        if let Some(saved) = self.saved.get_untracked() {
            self.text.set(saved.text.clone());
        }
    }
}

#[component]
fn Opened(one: One, plugin: Memo<PluginInfo>, written: Written) -> impl IntoView {
    let context = one.context;
    let (language, config) = plugin
        .with_untracked(|plugin| (Language::of_runtime(&plugin.runtime).unwrap_or_default(), plugin.config.clone()));
    let desk = Desk::new(context, language, written.text, Some(config).filter(|config| !config.is_null()));
    let read_only = Signal::derive(move || !may_change(context));
    view! {
        <DeskView desk read_only>
            <Tools one plugin desk written />
        </DeskView>
    }
}

/// Which version it is, whether it was changed, and saving it.
#[component]
fn Tools(one: One, plugin: Memo<PluginInfo>, desk: Desk, written: Written) -> impl IntoView {
    let t = text();
    let change = Change::new();
    let active = Memo::new(move |_| plugin.with(|plugin| plugin.active_version));
    let version = Memo::new(move |_| written.saved.with(|saved| saved.as_ref().map_or(0, |saved| saved.version)));
    let changed = written.changed;
    let save = move |_| {
        let (client, name, script) = (one.context.client, one.name(), desk.script());
        change.start(async move { client.save_script(&name, &script).await }, move |_: Value| {
            one.context.notify(&(text().script_saved)(&one.name()));
            one.context.adjust(|view| view.set_parameter("version", ""));
            one.reload();
        });
    };
    let is_old = move || active.get() != version.get();
    view! {
        <div class="toolbar">
            <span class="badge line">{move || (t.numbered)(&version.get().to_string())}</span>
            <Show when=is_old>
                <span class="badge warn">{t.not_active}</span>
            </Show>
            <Show when=move || changed.get()>
                <span class="badge info">{t.changed}</span>
            </Show>
            <span class="grow"></span>
            <Show when=move || changed.get()>
                <button type="button" class="btn ghost" on:click=move |_| written.discard()>
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
        Some(("/plugins/try".to_owned(), serde_json::to_string(&body).unwrap_or_default()))
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
