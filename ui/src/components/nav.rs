use super::{Icon, IconName, Mark};
use crate::browser;
use crate::components::Show;
use crate::context::{Context, Session};
use crate::number;
use crate::strings::{palette, text};
use crate::url_state::Page;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Name of a page, as the navigation has it.
pub(crate) fn page_name(page: Page) -> &'static str {
    let t = &text().shell;
    match page {
        Page::Home => t.home,
        Page::Logs => t.logs,
        Page::Sql => t.sql,
        Page::Dashboards => t.dashboards,
        Page::Pipelines => t.pipelines,
        Page::Plugins => t.plugins,
        Page::Settings => t.settings,
    }
}

/// Icon of a page.
pub(crate) const fn page_icon(page: Page) -> IconName {
    match page {
        Page::Home => IconName::Home,
        Page::Logs => IconName::Logs,
        Page::Sql => IconName::Sql,
        Page::Dashboards => IconName::Dashboards,
        Page::Pipelines => IconName::Pipelines,
        Page::Plugins => IconName::Plugins,
        Page::Settings => IconName::Settings,
    }
}

/// Follows a link within the page, unless the reader wants it elsewhere (a new tab, a download).
pub(crate) fn follow(context: Context, page: Page) -> impl Fn(MouseEvent) + Clone + 'static {
    move |event| {
        if browser::is_plain_click(&event) {
            event.prevent_default();
            context.open(page);
        }
    }
}

/// The navigation at the left edge; a rail on narrow screens.
#[component]
pub(crate) fn Nav() -> impl IntoView {
    let context = Context::get();
    let t = &text().shell;
    view! {
        <nav class="nav" aria-label=t.main_navigation>
            <a class="nav-brand" href=Page::Home.path() aria-label=t.product on:click=follow(context, Page::Home)>
                <Mark />
                {t.product}
            </a>
            <button
                type="button"
                class="nav-jump"
                title=palette::text().title
                on:click=move |_| context.palette.set(true)
            >
                <Icon name=IconName::Search small=true />
                <span class="grow">{palette::text().open}</span>
                <kbd aria-hidden="true">"Ctrl K"</kbd>
            </button>
            <NavItem page=Page::Home />
            <div class="nav-group">{t.explore}</div>
            <NavItem page=Page::Logs />
            <NavItem page=Page::Sql />
            <NavItem page=Page::Dashboards />
            <div class="nav-group">{t.process}</div>
            <NavItem page=Page::Pipelines />
            <NavItem page=Page::Plugins />
            <div class="nav-rest"></div>
            <NavItem page=Page::Settings />
            <Account />
            <div class="nav-foot">
                <ServerHealth />
                <span class="grow"></span>
                <FootButtons />
            </div>
        </nav>
    }
}

#[component]
fn NavItem(page: Page) -> impl IntoView {
    let context = Context::get();
    let current = move || context.view.with(|view| view.page == page);
    view! {
        <a
            class="nav-item"
            class:on=current
            href=page.path()
            title=page_name(page)
            aria-current=move || current().then_some("page")
            on:click=follow(context, page)
        >
            <Icon name=page_icon(page) />
            <span>{page_name(page)}</span>
        </a>
    }
}

/// The navigation of a phone.
#[component]
pub(crate) fn TabBar() -> impl IntoView {
    let context = Context::get();
    let t = &text().shell;
    let tab = move |page: Page| {
        let current = move || context.view.with(|view| view.page == page);
        view! {
            <a
                class:on=current
                href=page.path()
                aria-current=move || current().then_some("page")
                on:click=follow(context, page)
            >
                <Icon name=page_icon(page) />
                {page_name(page)}
            </a>
        }
    };
    view! {
        <nav class="tabbar" aria-label=t.main_navigation>
            {[Page::Home, Page::Logs, Page::Dashboards].map(tab).collect_view()}
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
