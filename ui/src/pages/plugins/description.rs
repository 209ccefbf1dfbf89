//! What a plugin says of itself, what uses it, and why it does not work.

use super::usage::Usage;
use super::{kind_name, runtime_name};
use crate::components::{Icon, IconName, Show};
use crate::pages::shown::{Moment, Written};
use crate::pages::trial::{FailureNote, signal_name};
use crate::pages::view_link::ViewLink;
use crate::strings::plugins::text;
use crate::url_state::{Page, ViewState};
use leptos::prelude::*;
use lincei_api::{PluginColumn, PluginInfo};

/// The first tab.
#[component]
pub(super) fn Overview(plugin: Memo<PluginInfo>) -> impl IntoView {
    let t = text();
    let broken = move || plugin.with(|plugin| plugin.error.clone());
    let last = move || plugin.with(|plugin| plugin.cost.last_failure.clone());
    let paused = move || plugin.with(|plugin| plugin.status == "open");
    view! {
        {move || broken().map(|failure| view! { <FailureNote failure /> })}
        <Show when=paused>
            <p class="note warn">
                <Icon name=IconName::Alert />
                <span>{t.open_detail}</span>
            </p>
        </Show>
        <Usage plugin />
        {move || {
            last()
                .map(|failure| {
                    view! {
                        <section class="panel" aria-labelledby="failure-title">
                            <div class="panel-head">
                                <h2 id="failure-title">{t.last_failure}</h2>
                            </div>
                            <div class="panel-body">
                                <FailureNote failure class="bare" />
                            </div>
                        </section>
                    }
                })
        }}
        <About plugin />
    }
}

#[component]
fn About(plugin: Memo<PluginInfo>) -> impl IntoView {
    let t = text();
    // The figures change every few seconds, what it is does not.
    let told = Memo::new(move |_| {
        plugin.with(|plugin| PluginInfo { cost: lincei_api::PluginCost::default(), ..plugin.clone() })
    });
    view! {
        <section class="panel" aria-labelledby="about-title">
            <div class="panel-head">
                <h2 id="about-title">{t.about}</h2>
            </div>
            {move || facts(&told.get())}
        </section>
    }
}

fn facts(plugin: &PluginInfo) -> AnyView {
    let t = text();
    let description = &plugin.description;
    let fact = |name: &'static str, value: String| {
        (!value.is_empty()).then(|| {
            view! {
                <dt>{name}</dt>
                <dd>{value}</dd>
            }
        })
    };
    let signals: Vec<&str> = description.signals.iter().map(|signal| signal_name(signal)).collect();
    let types = match description.signature.split_last() {
        Some((result, arguments)) => format!("({}) → {result}", arguments.join(", ")),
        None => String::new(),
    };
    let author = format!("{} {}", description.name, description.version);
    let users = plugin.used_by.iter().map(|step| view! { <li>{used_by(step)}</li> }).collect_view();
    let columns = description.columns.iter().map(column).collect_view();
    let has_columns = !description.columns.is_empty();
    view! {
        <dl class="kv plugin-facts">
            {fact(t.description, description.description.clone())}
            {fact(t.kind, format!("{} · {}", kind_name(&plugin.kind), runtime_name(&plugin.runtime)))}
            {fact(t.author_version, author.trim().to_owned())}
            {fact(t.signals, signals.join(", "))} {fact(t.signature, types)}
            {fact(t.routes, description.routes.join(", "))}
            {description.remembers.then(|| fact(t.memory_kind, t.remembers.to_owned()))}
            {fact(t.hosts, plugin.hosts.join(", "))} <dt>{t.used_by}</dt>
            <dd>
                {if plugin.used_by.is_empty() {
                    unused(plugin)
                } else {
                    view! { <ul class="users">{users}</ul> }.into_any()
                }}
            </dd>
            <dt>{t.created}</dt>
            <dd>
                <Moment at=plugin.created_at.clone() written=Written::Minute />
            </dd>
        </dl>
        {has_columns
            .then(|| {
                view! {
                    <table class="table plugin-columns">
                        <thead>
                            <tr>
                                <th scope="col">{t.column}</th>
                                <th scope="col">{t.column_type}</th>
                                <th scope="col">{t.access}</th>
                            </tr>
                        </thead>
                        <tbody>{columns}</tbody>
                    </table>
                }
            })}
    }
    .into_any()
}

/// An operator does nothing until it is a step: says so, and leads there.
fn unused(plugin: &PluginInfo) -> AnyView {
    let t = text();
    if plugin.kind != "operator" {
        return view! { <span class="faint">{t.unused}</span> }.into_any();
    }
    let first = plugin.description.signals.first().cloned().unwrap_or_default();
    let to = ViewState { item: first, ..ViewState::of(Page::Pipelines) };
    view! {
        <span>
            <span class="faint">{t.unused_detail}</span>
            " "
            <ViewLink to>{t.pipelines}</ViewLink>
        </span>
    }
    .into_any()
}

fn column(column: &PluginColumn) -> AnyView {
    let t = text();
    let access = t.accesses.iter().find(|(known, _)| *known == column.access).map_or("", |(_, words)| *words);
    let access = if access.is_empty() { column.access.clone() } else { access.to_owned() };
    let path = if column.path == "*" { t.every_column.to_owned() } else { column.path.clone() };
    view! {
        <tr>
            <td class="mono">{path}</td>
            <td class="dim">{column.column_type.clone()}</td>
            <td class="dim">{access}</td>
        </tr>
    }
    .into_any()
}

/// A link to a step, told as `logs/scrub`.
fn used_by(step: &str) -> AnyView {
    let Some((signal, name)) = step.split_once('/') else { return view! { {step.to_owned()} }.into_any() };
    let mut to = ViewState { item: signal.to_owned(), ..ViewState::of(Page::Pipelines) };
    to.set_parameter("step", name);
    let caption = step.to_owned();
    view! { <ViewLink to class="mono">{caption}</ViewLink> }.into_any()
}
