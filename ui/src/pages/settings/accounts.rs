//! Accounts: list, create, change a password, delete.

mod form;

use self::form::{NewAccountForm, NewPassword};
use super::Refresh;
use crate::ask::Asked;
use crate::code::Language;
use crate::components::{Code, CopyButton, DataView, Icon, IconName, Show};
use crate::context::Context;
use crate::pages::form::{Change, Confirm, ReadOnly, account, may_change};
use crate::pages::shown::{Moment, Outline, Written, Zone};
use crate::strings::settings;
use crate::strings::settings::accounts::text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::AccountInfo;
use std::sync::Arc;

const ADMIN: &str = "admin";
const VIEWER: &str = "viewer";
const COMMAND: &str = "lincei admin create ada --data /var/lib/lincei";

/// What the parts of the section share.
#[derive(Clone, Copy)]
struct Accounts {
    context: Context,
    asked: Asked<Vec<AccountInfo>>,
    /// Whether the form is open.
    creating: RwSignal<bool>,
    /// Whose password is to be changed.
    changing: RwSignal<Option<String>>,
    /// Who is to be deleted.
    deleting: RwSignal<Option<String>>,
}

impl Accounts {
    fn load(self) {
        self.asked.ask(|call| async move { Ok(call.client.get("/accounts").await?) });
    }

    /// Whether there is none yet; tracked.
    fn is_empty(self) -> bool {
        self.asked.answer.with(|answer| answer.as_ref().is_some_and(|accounts| accounts.is_empty()))
    }

    /// After a change of who may sign in: with the first administrator, or without one's own account,
    /// the page asks to sign in.
    fn changed(self) {
        spawn_local(async move {
            self.context.load_session().await;
        });
        self.load();
    }
}

/// The section.
#[component]
pub(super) fn AccountsSection() -> impl IntoView {
    let context = Context::get();
    let accounts = Accounts {
        context,
        asked: Asked::new(context),
        creating: RwSignal::new(false),
        changing: RwSignal::new(None),
        deleting: RwSignal::new(None),
    };
    expect_context::<Refresh>().on(move || accounts.load());
    let t = text();
    let can_create = move || {
        let listed = accounts.asked.answer.with(Option::is_some) && !accounts.is_empty();
        listed && may_change(context) && !accounts.creating.get()
    };
    view! {
        <ReadOnly />
        <section class="panel" aria-labelledby="accounts-title">
            <div class="panel-head">
                <h2 id="accounts-title">{settings::text().accounts}</h2>
                <span class="end">
                    <span class="wide-only"><Zone /></span>
                    <Show when=can_create>
                        <button type="button" class="btn primary" on:click=move |_| accounts.creating.set(true)>
                            <Icon name=IconName::Plus />
                            {t.new}
                        </button>
                    </Show>
                </span>
            </div>
            <p class="panel-lead">{t.lead}</p>
            <Show when=move || accounts.creating.get()>
                <NewAccountForm accounts first=false />
            </Show>
            <DataView
                asked=accounts.asked
                on_retry=move |()| accounts.load()
                outline=|| view! { <Outline rows=3 /> }
                let:list
            >
                <AccountList accounts list />
            </DataView>
        </section>
        {move || accounts.changing.get().map(|name| view! { <NewPassword accounts name /> })}
        {move || accounts.deleting.get().map(|name| view! { <Delete accounts name /> })}
    }
}

#[component]
fn AccountList(accounts: Accounts, list: Arc<Vec<AccountInfo>>) -> impl IntoView {
    let t = text();
    if list.is_empty() {
        return view! { <Nobody accounts /> }.into_any();
    }
    let rows = list.iter().cloned().map(|info| view! { <AccountRow accounts info /> }).collect_view();
    view! {
        <div class="table-box scroll">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t.name}</th>
                        <th scope="col">{t.role}</th>
                        <th scope="col">{t.created_at}</th>
                        <th scope="col">
                            <span class="sr">{t.change_password}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// While nobody has to sign in: what that means, and the two ways to change it.
#[component]
fn Nobody(accounts: Accounts) -> impl IntoView {
    let t = text();
    view! {
        <div class="state first-account">
            <h3>{t.empty_title}</h3>
            <p>{t.empty}</p>
            <h4>{t.first}</h4>
            <NewAccountForm accounts first=true />
            <p>{t.first_in_terminal}</p>
            <div class="form-row">
                <Code content=Signal::stored(COMMAND.to_owned()) language=Language::Script />
                <CopyButton content=Callback::new(|()| COMMAND.to_owned()) label=t.copy_command />
            </div>
        </div>
    }
}

#[component]
fn AccountRow(accounts: Accounts, info: AccountInfo) -> impl IntoView {
    let t = text();
    let context = accounts.context;
    let name = StoredValue::new(info.name.clone());
    let is_me = move || account(context).is_some_and(|(me, _)| name.with_value(|name| *name == me));
    let (role, badge) = match info.role.as_str() {
        ADMIN => (t.admin.to_owned(), "badge info"),
        VIEWER => (t.viewer.to_owned(), "badge"),
        other => (other.to_owned(), "badge"),
    };
    view! {
        <tr>
            <td>
                {info.name.clone()}
                <Show when=is_me>
                    <span class="badge line own">{t.you}</span>
                </Show>
            </td>
            <td>
                <span class=badge>{role}</span>
            </td>
            <td class="dim">
                <Moment at=info.created written=Written::Minute />
            </td>
            <td class="acts">
                <Show when=move || is_me() || may_change(context)>
                    <button
                        type="button"
                        class="btn ghost small"
                        aria-label=(t.change_password_of)(&name.get_value())
                        on:click=move |_| accounts.changing.set(Some(name.get_value()))
                    >
                        {t.change_password}
                    </button>
                </Show>
                <Show when=move || may_change(context)>
                    <button
                        type="button"
                        class="btn ghost danger small"
                        aria-label=(t.delete_named)(&name.get_value())
                        on:click=move |_| accounts.deleting.set(Some(name.get_value()))
                    >
                        {t.delete}
                    </button>
                </Show>
            </td>
        </tr>
    }
}

#[component]
fn Delete(accounts: Accounts, name: String) -> impl IntoView {
    let t = text();
    let change = Change::new();
    let is_me = account(accounts.context).is_some_and(|(me, _)| me == name);
    let title = (t.delete_title)(&name);
    let delete = move |()| {
        let (client, path, name) = (accounts.context.client, format!("/accounts/{name}"), name.clone());
        change.start(async move { client.delete(&path).await }, move |()| {
            accounts.context.notify(&(text().deleted)(&name));
            accounts.deleting.set(None);
            accounts.changed();
        });
    };
    view! {
        <Confirm
            title
            captions=(t.delete, t.deleting)
            change
            on_confirm=delete
            on_close=move |()| accounts.deleting.set(None)
        >
            <p>{t.delete_detail}</p>
            {is_me.then(|| view! { <p class="note warn">{t.delete_self}</p> })}
        </Confirm>
    }
}
