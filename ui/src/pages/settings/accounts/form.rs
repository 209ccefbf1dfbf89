//! The forms of accounts: a new one, a new password.

use super::{ADMIN, Accounts, VIEWER};
use crate::browser;
use crate::components::Dialog;
use crate::pages::form::{Change, Field, Refused};
use crate::strings::settings;
use crate::strings::settings::accounts::text;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use lincei_api::{AccountInfo, NewAccount, PasswordChange};

const PASSWORD_CHARS_MIN: usize = 10;

/// A password that is typed twice.
#[derive(Clone, Copy)]
struct Twice {
    password: RwSignal<String>,
    again: RwSignal<String>,
    /// Whether what is wrong is said yet.
    checked: RwSignal<bool>,
}

impl Twice {
    fn new() -> Self {
        Self {
            password: RwSignal::new(String::new()),
            again: RwSignal::new(String::new()),
            checked: RwSignal::new(false),
        }
    }

    fn too_short(self) -> bool {
        self.password.with(|password| password.chars().count() < PASSWORD_CHARS_MIN)
    }

    fn different(self) -> bool {
        self.password.with(|password| self.again.with(|again| password != again))
    }

    /// The password, when it may be sent; otherwise what is wrong is said from now on.
    fn take(self) -> Option<String> {
        self.checked.set(true);
        let wrong = untrack(|| (self.too_short(), self.different()));
        match wrong {
            (true, _) => browser::focus("account-password"),
            (false, true) => browser::focus("account-again"),
            (false, false) => return Some(self.password.get_untracked()),
        }
        None
    }
}

/// Both fields of a password.
#[component]
fn PasswordFields(twice: Twice) -> impl IntoView {
    let t = text();
    let short = move || (twice.checked.get() && twice.too_short()).then_some(t.too_short);
    let different = move || (twice.checked.get() && !twice.too_short() && twice.different()).then_some(t.different);
    view! {
        <Field label=t.password id="account-password" error=Signal::derive(short) hint=t.password_hint>
            <input
                id="account-password"
                class="input"
                class:bad=move || short().is_some()
                type="password"
                autocomplete="new-password"
                aria-describedby="account-password-hint"
                bind:value=twice.password
            />
        </Field>
        <Field label=t.repeat id="account-again" error=Signal::derive(different)>
            <input
                id="account-again"
                class="input"
                class:bad=move || different().is_some()
                type="password"
                autocomplete="new-password"
                aria-describedby="account-again-hint"
                bind:value=twice.again
            />
        </Field>
    }
}

/// Creates an account; the first one is an administrator.
#[component]
pub(super) fn NewAccountForm(accounts: Accounts, first: bool) -> impl IntoView {
    let t = text();
    let (name, role) = (RwSignal::new(String::new()), RwSignal::new(if first { ADMIN } else { VIEWER }.to_owned()));
    let (twice, missing, change) = (Twice::new(), RwSignal::new(false), Change::new());
    if !first {
        Effect::new(|_| browser::focus("account-name"));
    }
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = name.get_untracked().trim().to_owned();
        missing.set(typed.is_empty());
        let password = twice.take();
        if typed.is_empty() {
            browser::focus("account-name");
            return;
        }
        let Some(password) = password else { return };
        let new = NewAccount { name: typed, password, role: role.get_untracked() };
        let client = accounts.context.client;
        change.start(async move { client.change("POST", "/accounts", &new).await }, move |made: AccountInfo| {
            accounts.context.notify(&(text().created)(&made.name));
            accounts.creating.set(false);
            accounts.changed();
        });
    };
    let error = move || missing.get().then_some(settings::text().needed);
    view! {
        <form class="panel-form" on:submit=submit aria-label=t.new>
            <div class="form-row">
                <Field label=t.name id="account-name" error=Signal::derive(error) hint=t.name_hint>
                    <input
                        id="account-name"
                        class="input"
                        class:bad=move || missing.get()
                        maxlength="64"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        aria-describedby="account-name-hint"
                        bind:value=name
                    />
                </Field>
                {(!first).then(|| view! { <RoleField role /> })}
                <PasswordFields twice />
                <div class="form-do">
                    <button type="submit" class="btn primary" disabled=move || change.busy.get()>
                        {move || if change.busy.get() { t.creating } else { t.create }}
                    </button>
                    {(!first)
                        .then(|| {
                            view! {
                                <button type="button" class="btn" on:click=move |_| accounts.creating.set(false)>
                                    {settings::text().cancel}
                                </button>
                            }
                        })}
                </div>
            </div>
            <Refused change />
        </form>
    }
}

#[component]
fn RoleField(role: RwSignal<String>) -> impl IntoView {
    let t = text();
    let hint = move || role.with(|role| if role == ADMIN { t.admin_hint } else { t.viewer_hint });
    view! {
        <Field label=t.role id="account-role" error=Signal::stored(None) hint=Signal::derive(hint)>
            <select
                id="account-role"
                class="input"
                aria-describedby="account-role-hint"
                on:change=move |event| role.set(event_target_value(&event))
            >
                <option value=VIEWER>{t.viewer}</option>
                <option value=ADMIN>{t.admin}</option>
            </select>
        </Field>
    }
}

/// Changes a password.
#[component]
pub(super) fn NewPassword(accounts: Accounts, name: String) -> impl IntoView {
    let t = text();
    let (twice, change) = (Twice::new(), Change::new());
    let close = move || accounts.changing.set(None);
    let title = (t.change_password_of)(&name);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(password) = twice.take() else { return };
        let (client, name) = (accounts.context.client, name.clone());
        let (path, done) = (format!("/accounts/{name}/password"), (text().changed)(&name));
        let new = PasswordChange { password };
        change.start(async move { client.change("PUT", &path, &new).await }, move |()| {
            accounts.context.notify(&done);
            accounts.changing.set(None);
            accounts.changed();
        });
    };
    view! {
        <Dialog title on_close=move |()| close() class="confirm">
            <form class="confirm-body" on:submit=submit>
                <PasswordFields twice />
                <Refused change />
                <div class="confirm-do">
                    <button type="button" class="btn" on:click=move |_| close()>
                        {settings::text().cancel}
                    </button>
                    <button type="submit" class="btn primary" disabled=move || change.busy.get()>
                        {move || if change.busy.get() { settings::text().saving } else { t.change_password }}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
