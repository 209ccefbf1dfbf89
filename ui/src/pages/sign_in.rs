//! Sign-in: shown in the place of every page while the server wants an account.

use crate::browser;
use crate::components::Mark;
use crate::context::{Context, Session};
use crate::failure::Failure;
use crate::strings::text;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::SignIn;

/// The page.
#[component]
pub(crate) fn SignInPage(
    /// Whether a session was open before.
    ended: bool,
) -> impl IntoView {
    let context = Context::get();
    let t = &text().sign_in;
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    Effect::new(|_| browser::focus("sign-in-name"));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let credentials = SignIn { name: name.get_untracked().trim().to_owned(), password: password.get_untracked() };
        if credentials.name.is_empty() || credentials.password.is_empty() {
            error.set(Some(t.missing.to_owned()));
            return;
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        spawn_local(sign_in(context, credentials, Form { password, busy, error }));
    };
    view! {
        <main class="centre">
            <form class="panel sign-in" on:submit=submit>
                <div class="sign-in-brand">
                    <Mark />
                    {text().shell.product}
                </div>
                <h1>{t.title}</h1>
                <p class="dim">{if ended { t.ended } else { t.lead }}</p>
                <div class="field">
                    <label for="sign-in-name">{t.name}</label>
                    <input
                        id="sign-in-name"
                        class="input"
                        name="username"
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        bind:value=name
                    />
                </div>
                <div class="field">
                    <label for="sign-in-password">{t.password}</label>
                    <input
                        id="sign-in-password"
                        class="input"
                        type="password"
                        name="password"
                        autocomplete="current-password"
                        bind:value=password
                    />
                </div>
                <div role="alert">
                    {move || error.get().map(|error| view! { <p class="note bad">{error}</p> })}
                </div>
                <button type="submit" class="btn primary" disabled=move || busy.get()>
                    {move || if busy.get() { t.busy } else { t.submit }}
                </button>
            </form>
        </main>
    }
}

/// What an attempt changes on the page.
#[derive(Clone, Copy)]
struct Form {
    password: RwSignal<String>,
    busy: RwSignal<bool>,
    error: RwSignal<Option<String>>,
}

async fn sign_in(context: Context, credentials: SignIn, form: Form) {
    match context.client.sign_in(&credentials).await {
        Ok(info) => {
            context.client.begin_session(&info);
            context.status.set(None);
            context.session.set(Session::Open(info));
        }
        Err(failure) => {
            form.error.set(Some(explain(&failure)));
            form.password.set(String::new());
            form.busy.set(false);
            browser::focus("sign-in-password");
        }
    }
}

fn explain(failure: &Failure) -> String {
    let t = &text().sign_in;
    match failure.code() {
        "unauthenticated" => t.wrong.to_owned(),
        "rate_limited" => t.too_often.to_owned(),
        _ => failure.detail(),
    }
}
