//! Keys of senders and programs: list, create, revoke.

use super::Refresh;
use crate::ask::Asked;
use crate::browser;
use crate::components::{CopyButton, DataView, Icon, IconName, Show};
use crate::context::Context;
use crate::order;
use crate::pages::form::{Change, Confirm, Field, ReadOnly, Refused, may_change};
use crate::pages::shown::{Moment, Outline, Written, Zone};
use crate::strings::settings;
use crate::strings::settings::keys::text;
use leptos::prelude::*;
use lincei_api::{KeyCreated, KeyInfo, NewKey};
use std::sync::Arc;

const INGEST: &str = "ingest";
const API: &str = "api";

/// What the parts of the section share.
#[derive(Clone, Copy)]
struct Keys {
    context: Context,
    asked: Asked<Vec<KeyInfo>>,
    /// Whether the form is open.
    creating: RwSignal<bool>,
    /// The key that was created, until its secret is stored.
    created: RwSignal<Option<Arc<KeyCreated>>>,
    /// The key that is to be revoked.
    revoking: RwSignal<Option<KeyInfo>>,
    show_revoked: RwSignal<bool>,
}

impl Keys {
    fn load(self) {
        self.asked.ask(|call| async move { Ok(call.client.get("/keys").await?) });
    }

    /// How many keys of a kind are good; tracked.
    fn active(self, kind: &str) -> usize {
        let count = |keys: &Vec<KeyInfo>| keys.iter().filter(|key| key.revoked.is_none() && key.kind == kind).count();
        self.asked.answer.with(|answer| answer.as_deref().map_or(0, count))
    }
}

/// The section.
#[component]
pub(super) fn KeysSection() -> impl IntoView {
    let context = Context::get();
    let keys = Keys {
        context,
        asked: Asked::new(context),
        creating: RwSignal::new(false),
        created: RwSignal::new(None),
        revoking: RwSignal::new(None),
        show_revoked: RwSignal::new(false),
    };
    expect_context::<Refresh>().on(move || keys.load());
    let t = text();
    let can_create = move || may_change(context) && !keys.creating.get() && keys.created.with(Option::is_none);
    view! {
        <ReadOnly />
        <section class="panel" aria-labelledby="keys-title">
            <div class="panel-head">
                <h2 id="keys-title">{settings::text().keys}</h2>
                <span class="end">
                    <span class="wide-only"><Zone /></span>
                    <Show when=can_create>
                        <button type="button" class="btn primary" on:click=move |_| keys.creating.set(true)>
                            <Icon name=IconName::Plus />
                            {t.new}
                        </button>
                    </Show>
                </span>
            </div>
            <p class="panel-lead">{t.lead}</p>
            <Show when=move || keys.creating.get()>
                <NewKeyForm keys />
            </Show>
            {move || keys.created.get().map(|created| view! { <Secret keys created /> })}
            <DataView asked=keys.asked on_retry=move |()| keys.load() outline=|| view! { <Outline rows=4 /> } let:list>
                <KeyList keys list />
            </DataView>
        </section>
        {move || keys.revoking.get().map(|key| view! { <Revoke keys key /> })}
    }
}

#[component]
fn NewKeyForm(keys: Keys) -> impl IntoView {
    let t = text();
    let (name, kind) = (RwSignal::new(String::new()), RwSignal::new(INGEST.to_owned()));
    let missing = RwSignal::new(false);
    let change = Change::new();
    Effect::new(|_| browser::focus("key-name"));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let new = NewKey { name: name.get_untracked().trim().to_owned(), kind: kind.get_untracked() };
        missing.set(new.name.is_empty());
        if new.name.is_empty() {
            browser::focus("key-name");
            return;
        }
        let client = keys.context.client;
        change.start(async move { client.change("POST", "/keys", &new).await }, move |created: KeyCreated| {
            keys.created.set(Some(Arc::new(created)));
            keys.creating.set(false);
            keys.context.notify(text().created);
            keys.load();
        });
    };
    let error = move || missing.get().then_some(settings::text().needed);
    let kind_hint = move || kind.with(|kind| if kind == INGEST { t.ingest_hint } else { t.api_hint });
    let is_first = move || kind.with(|kind| kind == INGEST) && keys.active(INGEST) == 0;
    view! {
        <form class="panel-form" on:submit=submit aria-label=t.new>
            <div class="form-row">
                <Field label=t.name id="key-name" error=Signal::derive(error) hint=t.name_hint>
                    <input
                        id="key-name"
                        class="input"
                        class:bad=move || missing.get()
                        maxlength="100"
                        autocomplete="off"
                        aria-describedby="key-name-hint"
                        bind:value=name
                    />
                </Field>
                <Field label=t.kind id="key-kind" error=Signal::stored(None) hint=Signal::derive(kind_hint)>
                    <select
                        id="key-kind"
                        class="input"
                        aria-describedby="key-kind-hint"
                        on:change=move |event| kind.set(event_target_value(&event))
                    >
                        <option value=INGEST>{t.ingest}</option>
                        <option value=API>{t.api}</option>
                    </select>
                </Field>
                <div class="form-do">
                    <button type="submit" class="btn primary" disabled=move || change.busy.get()>
                        {move || if change.busy.get() { t.creating } else { t.create }}
                    </button>
                    <button type="button" class="btn" on:click=move |_| keys.creating.set(false)>
                        {settings::text().cancel}
                    </button>
                </div>
            </div>
            <Show when=is_first>
                <p class="note warn">
                    <Icon name=IconName::Alert />
                    <span>{t.first_ingest}</span>
                </p>
            </Show>
            <Refused change />
        </form>
    }
}

/// The secret of a new key, the only time it is there.
#[component]
fn Secret(keys: Keys, created: Arc<KeyCreated>) -> impl IntoView {
    let t = text();
    let secret = created.secret.clone();
    Effect::new(|_| browser::focus("key-secret"));
    view! {
        <div class="panel-form secret" role="status">
            <h3>{(t.created_title)(&created.key.name)}</h3>
            <p class="dim">{t.created_once}</p>
            <div class="form-row">
                <code id="key-secret" class="code" tabindex="0">
                    {created.secret.clone()}
                </code>
                <CopyButton
                    content=Callback::new(move |()| secret.clone())
                    label=t.copy_secret
                    caption=t.copy_secret
                    class="primary"
                />
                <button type="button" class="btn" on:click=move |_| keys.created.set(None)>
                    {t.stored}
                </button>
            </div>
        </div>
    }
}

#[component]
fn KeyList(keys: Keys, list: Arc<Vec<KeyInfo>>) -> impl IntoView {
    let t = text();
    if list.is_empty() {
        return view! {
            <div class="state">
                <h3>{t.empty_title}</h3>
                <p>{t.empty}</p>
            </div>
        }
        .into_any();
    }
    let revoked = list.iter().filter(|key| key.revoked.is_some()).count();
    let all_revoked = revoked == list.len();
    let rows = move || {
        let show = keys.show_revoked.get();
        let mut shown: Vec<KeyInfo> = list.iter().filter(|key| show || key.revoked.is_none()).cloned().collect();
        order::by_key(&mut shown, |key| key.revoked.is_some());
        shown.into_iter().map(|key| view! { <KeyRow keys key /> }).collect_view()
    };
    view! {
        <div class="table-box scroll">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t.name}</th>
                        <th scope="col">{t.kind}</th>
                        <th scope="col">{t.prefix}</th>
                        <th scope="col">{t.created_at}</th>
                        <th scope="col">{t.last_used}</th>
                        <th scope="col">{t.state}</th>
                        <th scope="col">
                            <span class="sr">{t.revoke}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(revoked > 0)
            .then(|| {
                view! {
                    <label class="table-foot">
                        <input type="checkbox" bind:checked=keys.show_revoked />
                        {(t.show_revoked)(&revoked.to_string())}
                        {all_revoked.then(|| view! { <span class="faint">{t.all_revoked}</span> })}
                    </label>
                }
            })}
    }
    .into_any()
}

#[component]
fn KeyRow(keys: Keys, key: KeyInfo) -> impl IntoView {
    let t = text();
    let kind = if key.kind == INGEST { t.ingest } else { t.api };
    let state = match key.revoked.clone() {
        None => view! { <span class="badge ok">{t.active}</span> }.into_any(),
        Some(at) => {
            view! { <span class="faint">{(t.revoked)("")} <Moment at written=Written::Minute /></span> }.into_any()
        }
    };
    let last_used = match key.last_used.clone() {
        Some(at) => view! { <Moment at written=Written::Ago /> }.into_any(),
        None => view! { <span class="faint">{settings::text().never}</span> }.into_any(),
    };
    let (gone, named) = (key.revoked.is_some(), (t.revoke_named)(&key.name));
    let (name, prefix, created) = (key.name.clone(), key.prefix.clone(), key.created.clone());
    view! {
        <tr class:gone=gone>
            <td>{name}</td>
            <td>
                <span class="badge line">{kind}</span>
            </td>
            <td class="mono dim">{prefix} "…"</td>
            <td class="dim">
                <Moment at=created written=Written::Minute />
            </td>
            <td class="dim">{last_used}</td>
            <td>{state}</td>
            <td class="acts">
                <Show when=move || !gone && may_change(keys.context)>
                    <button
                        type="button"
                        class="btn ghost danger small"
                        aria-label=named.clone()
                        on:click={
                            let key = key.clone();
                            move |_| keys.revoking.set(Some(key.clone()))
                        }
                    >
                        {t.revoke}
                    </button>
                </Show>
            </td>
        </tr>
    }
}

#[component]
fn Revoke(keys: Keys, key: KeyInfo) -> impl IntoView {
    let t = text();
    let change = Change::new();
    let is_last = key.kind == INGEST && keys.active(INGEST) == 1;
    let used = key.last_used.clone();
    let (path, name) = (format!("/keys/{}", key.id), key.name.clone());
    let revoke = move |()| {
        let (client, path, name) = (keys.context.client, path.clone(), name.clone());
        change.start(async move { client.delete(&path).await }, move |()| {
            keys.context.notify(&(text().revoked_done)(&name));
            keys.revoking.set(None);
            keys.load();
        });
    };
    let used = used.and_then(|at| crate::calendar::parse_utc(&at)).map(|ns| crate::pages::shown::ago(keys.context, ns));
    view! {
        <Confirm
            title=(t.revoke_title)(&key.name)
            captions=(t.revoke, t.revoking)
            change
            on_confirm=revoke
            on_close=move |()| keys.revoking.set(None)
        >
            <p>{used.map_or_else(|| t.revoke_unused.to_owned(), |when| (t.revoke_used)(&when))}</p>
            {is_last.then(|| view! { <p class="note warn">{t.revoke_last_ingest}</p> })}
        </Confirm>
    }
}
