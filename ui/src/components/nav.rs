use super::{Icon, IconName, Mark};
use crate::context::{Context, Session};
use crate::number;
use crate::strings::text;
use crate::url_state::{Page, ViewState};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Follows a link within the page, unless the reader wants it elsewhere (a new tab, a download).
fn follow(context: Context, page: Page) -> impl Fn(MouseEvent) + Clone + 'static {
    move |event| {
        if event.button() == 0 && !event.ctrl_key() && !event.meta_key() && !event.shift_key() {
            event.prevent_default();
            context.go(|view| *view = ViewState { page, ..ViewState::default() });
        }
    }
}

/// The navigation at the left edge; a rail on narrow screens.
#[component]
pub(crate) fn Nav() -> impl IntoView {
    let context = Context::get();
    let t = &text().shell;
    let current = move |page: Page| context.view.with(|view| view.page == page);
    view! {
        <nav class="nav" aria-label=t.main_navigation>
            <a class="nav-brand" href=Page::Logs.path() aria-label=t.product on:click=follow(context, Page::Logs)>
                <Mark />
                {t.product}
            </a>
            <div class="nav-group">{t.explore}</div>
            <a
                class="nav-item"
                class:on=move || current(Page::Logs)
                href=Page::Logs.path()
                title=t.logs
                aria-current=move || current(Page::Logs).then_some("page")
                on:click=follow(context, Page::Logs)
            >
                <Icon name=IconName::Logs />
                <span>{t.logs}</span>
            </a>
            <Account />
            <div class="nav-foot">
                <ServerHealth />
                <span class="grow"></span>
                <FootButtons />
            </div>
        </nav>
    }
}

/// The navigation of a phone.
#[component]
pub(crate) fn TabBar() -> impl IntoView {
    let context = Context::get();
    let t = &text().shell;
    let current = move |page: Page| context.view.with(|view| view.page == page);
    view! {
        <nav class="tabbar" aria-label=t.main_navigation>
            <a
                class:on=move || current(Page::Logs)
                href=Page::Logs.path()
                aria-current=move || current(Page::Logs).then_some("page")
                on:click=follow(context, Page::Logs)
            >
                <Icon name=IconName::Logs />
                {t.logs}
            </a>
            <div class="tab-tools">
                <FootButtons />
                <Show when=move || account_name(context).is_some()>
                    <SignOut />
                </Show>
            </div>
        </nav>
    }
}

#[component]
fn FootButtons() -> impl IntoView {
    let context = Context::get();
    let t = &text().shell;
    let theme = move || if context.light.get() { t.dark_theme } else { t.light_theme };
    view! {
        <button
            type="button"
            class="foot-button"
            title=t.show_keys
            aria-label=t.show_keys
            on:click=move |_| context.help.set(true)
        >
            <Icon name=IconName::Help small=true />
        </button>
        <button
            type="button"
            class="foot-button"
            title=theme
            aria-label=theme
            on:click=move |_| context.toggle_theme()
        >
            {move || {
                let name = if context.light.get() { IconName::Moon } else { IconName::Sun };
                view! { <Icon name small=true /> }
            }}
        </button>
    }
}

#[component]
fn SignOut() -> impl IntoView {
    let context = Context::get();
    let t = &text().shell;
    view! {
        <button
            type="button"
            class="foot-button"
            title=t.sign_out
            aria-label=t.sign_out
            on:click=move |_| sign_out(context)
        >
            <Icon name=IconName::Leave small=true />
        </button>
    }
}

#[component]
fn Account() -> impl IntoView {
    let context = Context::get();
    move || {
        account_name(context).map(|name| {
            let title = (text().shell.signed_in_as)(&name);
            view! {
                <div class="nav-account">
                    <span class="ell grow" title=title>{name}</span>
                    <SignOut />
                </div>
            }
        })
    }
}

fn account_name(context: Context) -> Option<String> {
    context.session.with(|session| match session {
        Session::Open(info) => info.account.as_ref().map(|account| account.name.clone()),
        _ => None,
    })
}

fn sign_out(context: Context) {
    spawn_local(async move {
        match context.client.sign_out().await {
            Ok(()) => context.session.set(Session::Closed { ended: false }),
            Err(failure) => context.notify(&failure.detail()),
        }
    });
}

/// Whether intake accepts, and how much arrives.
#[component]
fn ServerHealth() -> impl IntoView {
    let context = Context::get();
    let shown = move || {
        let t = &text().shell;
        context.status.with(|status| match status {
            None => ("unknown", String::new(), String::new()),
            Some(Err(_)) => ("bad", t.unreachable.to_owned(), t.unreachable.to_owned()),
            Some(Ok(status)) if !status.accepting => {
                ("bad", t.refusing.to_owned(), status.refusing_because.clone().unwrap_or_default())
            }
            Some(Ok(status)) => {
                let version = (t.server_version)(&status.version);
                let rate = status.records_per_second;
                let words = if rate < 0.05 { t.idle.to_owned() } else { (t.storing)(&number::rate(rate)) };
                ("ok", words, version)
            }
        })
    };
    move || {
        let (health, words, title) = shown();
        view! {
            <i class=format!("health {health}") title=title.clone()></i>
            <span class="ell" title=title>{words}</span>
        }
    }
}
