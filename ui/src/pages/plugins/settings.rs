//! Limits and configuration of a plugin, whether it works, and deleting it.

use super::one::One;
use super::remove::Remove;
use crate::browser;
use crate::components::{CodeEditor, EditorLanguage, Show};
use crate::editor::{EditorError, Place};
use crate::pages::form::{Change, Field, Refused, may_change};
use crate::plugin_limits::{Limit, Unit};
use crate::strings::plugins::text;
use crate::strings::settings;
use leptos::prelude::*;
use lincei_api::{PluginInfo, PluginSettings};
use serde_json::Value;

/// Ids of the fields of limits, in the order of `Limit::ALL`.
const IDS: [&str; 10] = [
    "limit-memory",
    "limit-call-cpu",
    "limit-init-cpu",
    "limit-concurrency",
    "limit-output",
    "limit-output-rows",
    "limit-host-calls",
    "limit-log-lines",
    "limit-state",
    "limit-state-entries",
];

/// The tab.
#[component]
pub(super) fn Settings(one: One, plugin: Memo<PluginInfo>) -> impl IntoView {
    let removing = RwSignal::new(false);
    let t = text();
    view! {
        <Working one plugin />
        <LimitForm one plugin />
        <ConfigForm one plugin />
        <Show when=move || may_change(one.context)>
            <section class="panel" aria-labelledby="remove-title">
                <div class="panel-head">
                    <h2 id="remove-title">{t.remove}</h2>
                </div>
                <div class="panel-form">
                    <p class="dim">{t.remove_detail}</p>
                    <div class="hstack">
                        <button type="button" class="btn danger" on:click=move |_| removing.set(true)>
                            {t.remove}
                        </button>
                    </div>
                </div>
            </section>
        </Show>
        <Show when=move || removing.get()>
            <Remove one plugin on_close=move |()| removing.set(false) />
        </Show>
    }
}

fn save(one: One, change: Change, settings: PluginSettings, said: &'static str) {
    let (client, name) = (one.context.client, one.name());
    change.start(async move { client.set_plugin(&name, &settings).await }, move |_: Value| {
        one.context.notify(said);
        one.reload();
    });
}

/// Whether it works at all.
#[component]
fn Working(one: One, plugin: Memo<PluginInfo>) -> impl IntoView {
    let t = text();
    let change = Change::new();
    let enabled = Memo::new(move |_| plugin.with(|plugin| plugin.enabled));
    let toggle = move |_| {
        let enabled = !enabled.get_untracked();
        let settings = PluginSettings { enabled: Some(enabled), ..PluginSettings::default() };
        save(one, change, settings, if enabled { text().enabled_done } else { text().disabled_done });
    };
    view! {
        <section class="panel" aria-labelledby="working-title">
            <div class="panel-head">
                <h2 id="working-title">{t.status}</h2>
            </div>
            <div class="panel-form">
                <div class="hstack">
                    <button
                        type="button"
                        role="switch"
                        class="switch"
                        class:on=move || enabled.get()
                        aria-checked=move || enabled.get().to_string()
                        aria-labelledby="working-title"
                        disabled=move || change.busy.get() || !may_change(one.context)
                        on:click=toggle
                    ></button>
                    <span>{move || if enabled.get() { t.enabled } else { t.disabled }}</span>
                </div>
                <p class="dim">{t.working_detail}</p>
                <Refused change />
            </div>
        </section>
    }
}

#[component]
fn LimitForm(one: One, plugin: Memo<PluginInfo>) -> impl IntoView {
    let t = text();
    let change = Change::new();
    let limits = plugin.with_untracked(|plugin| plugin.limits.clone());
    let typed = Limit::ALL.map(|limit| RwSignal::new(limit.written(limit.of(&limits))));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let mut wanted = plugin.with_untracked(|plugin| plugin.limits.clone());
        for ((limit, typed), id) in Limit::ALL.into_iter().zip(typed).zip(IDS) {
            let Some(value) = typed.with_untracked(|typed| limit.read(typed)) else { return browser::focus(id) };
            limit.set(&mut wanted, value);
        }
        save(one, change, PluginSettings { limits: Some(wanted), ..PluginSettings::default() }, text().limits_saved);
    };
    let changed = move || {
        plugin.with(|plugin| {
            let mut pairs = Limit::ALL.into_iter().zip(typed);
            pairs.any(|(limit, typed)| typed.with(|typed| limit.read(typed) != Some(limit.of(&plugin.limits))))
        })
    };
    let named = Limit::ALL.into_iter().zip(IDS).zip(t.limit_fields).zip(typed);
    let fields =
        named.map(|(((limit, id), words), typed)| view! { <LimitField limit id words typed /> }).collect_view();
    view! {
        <section class="panel" aria-labelledby="limits-title">
            <div class="panel-head">
                <h2 id="limits-title">{t.limits}</h2>
            </div>
            <p class="panel-lead">{t.limits_lead}</p>
            <form class="panel-form" on:submit=submit>
                <div class="limit-fields">{fields}</div>
                <Refused change />
                <div class="hstack">
                    <button
                        type="submit"
                        class="btn primary"
                        disabled=move || change.busy.get() || !changed() || !may_change(one.context)
                    >
                        {move || if change.busy.get() { settings::text().saving } else { t.save_limits }}
                    </button>
                </div>
            </form>
        </section>
    }
}

#[component]
fn LimitField(
    limit: Limit,
    id: &'static str,
    words: (&'static str, &'static str),
    typed: RwSignal<String>,
) -> impl IntoView {
    let (label, hint) = words;
    let bad = move || typed.with(|typed| limit.read(typed).is_none());
    let unit = match limit.range().0 {
        Unit::MiB => "MiB",
        Unit::Ms => "ms",
        Unit::Count => "",
    };
    let error = Signal::derive(move || bad().then_some(hint));
    view! {
        <Field label id error hint=Signal::stored(hint)>
            <span class="with-unit hstack">
                <input
                    id=id
                    class="input num"
                    class:bad=bad
                    inputmode="decimal"
                    autocomplete="off"
                    aria-describedby=format!("{id}-hint")
                    aria-invalid=move || bad().then_some("true")
                    bind:value=typed
                />
                <span class="dim">{unit}</span>
            </span>
        </Field>
    }
}

/// What `init` is given, and where a notifier may send to.
#[component]
fn ConfigForm(one: One, plugin: Memo<PluginInfo>) -> impl IntoView {
    let t = text();
    let change = Change::new();
    let (config, hosts, is_notifier) = plugin.with_untracked(|plugin| {
        let config = match &plugin.config {
            Value::Null => String::new(),
            config => serde_json::to_string_pretty(config).unwrap_or_default(),
        };
        (config, plugin.hosts.join("\n"), plugin.kind == "notifier")
    });
    let (config, hosts) = (RwSignal::new(config), RwSignal::new(hosts));
    let errors = Signal::derive(move || config.with(|text| read(text)).err().into_iter().collect::<Vec<_>>());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Ok(config) = config.with_untracked(|text| read(text)) else { return };
        let hosts: Vec<String> = hosts.get_untracked().split_whitespace().map(str::to_owned).collect();
        let settings =
            PluginSettings { config: Some(config), hosts: is_notifier.then_some(hosts), ..PluginSettings::default() };
        save(one, change, settings, text().config_saved);
    };
    let read_only = Signal::derive(move || !may_change(one.context));
    view! {
        <section class="panel" aria-labelledby="config-title">
            <div class="panel-head">
                <h2 id="config-title">{t.config}</h2>
            </div>
            <p class="panel-lead">{t.config_lead}</p>
            <form class="panel-form" on:submit=submit>
                <CodeEditor value=config language=EditorLanguage::Json errors label=t.config placeholder="{}" lines=5 read_only />
                {is_notifier
                    .then(|| {
                        view! {
                            <Field label=t.hosts id="plugin-hosts" error=Signal::stored(None) hint=t.hosts_hint>
                                <textarea
                                    id="plugin-hosts"
                                    class="input area mono"
                                    rows="3"
                                    aria-describedby="plugin-hosts-hint"
                                    prop:value=move || hosts.get()
                                    on:input=move |event| hosts.set(event_target_value(&event))
                                ></textarea>
                            </Field>
                        }
                    })}
                <Refused change />
                <div class="hstack">
                    <button
                        type="submit"
                        class="btn primary"
                        disabled=move || change.busy.get() || !errors.with(Vec::is_empty) || read_only.get()
                    >
                        {move || if change.busy.get() { settings::text().saving } else { t.save_config }}
                    </button>
                </div>
            </form>
        </section>
    }
}

/// JSON, or what is wrong with it and where; nothing is null.
fn read(text: &str) -> Result<Value, EditorError> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(text).map_err(|error| {
        let from = Place::Line { line: error.line(), column: error.column().max(1) };
        EditorError { from, to: None, message: error.to_string() }
    })
}
