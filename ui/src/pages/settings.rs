//! Settings: what is stored and how long, keys, accounts, the audit log, the health of the server,
//! running queries, and how the page looks.

mod accounts;
mod appearance;
mod audit;
mod deletion;
mod health;
mod keys;
mod queries;
mod storage;

use crate::app::set_title;
use crate::browser;
use crate::components::{Icon, IconName, PageHead};
use crate::context::Context;
use crate::keys::Action;
use crate::settings::Section;
use crate::strings::{self, settings};
use crate::url_state::{Page, ViewState};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// Asks the sections to read everything anew.
#[derive(Clone, Copy)]
struct Refresh(RwSignal<u32>);

impl Refresh {
    /// Calls back now, and whenever the reader wants to see the present state.
    fn on(self, ask: impl Fn() + 'static) {
        Effect::new(move |_| {
            self.0.track();
            ask();
        });
    }
}

/// The page.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let context = Context::get();
    let section = Memo::new(move |_| context.view.with(|view| Section::of_slug(&view.item)));
    let refresh = Refresh(RwSignal::new(0));
    provide_context(refresh);
    provide_context(health::Watch::new());
    Effect::new(move |_| set_title(&(settings::text().document_title)(name(section.get()))));
    let again = move || refresh.0.update(|count| *count = count.wrapping_add(1));
    context.on_action.set_value(Some(Callback::new(move |action| {
        let known = action == Action::Refresh;
        if known {
            again();
        }
        known
    })));
    on_cleanup(move || context.on_action.set_value(None));
    let t = &strings::text().shell;
    view! {
        <main class="main">
            <PageHead title=settings::text().title>
                <span class="grow"></span>
                <button
                    type="button"
                    class="btn icon-only"
                    aria-label=t.refresh
                    title=t.refresh
                    on:click=move |_| again()
                >
                    <Icon name=IconName::Refresh />
                </button>
            </PageHead>
            <div class="body settings">
                <Sections section />
                <div class="settings-body scroll" role="region" tabindex="0" aria-label=move || name(section.get())>
                    {move || {
                        let section = section.get();
                        view! { <div class="settings-page">{content(section)}</div> }
                    }}
                </div>
            </div>
        </main>
    }
}

fn content(section: Section) -> AnyView {
    match section {
        Section::Storage => view! { <storage::StorageSection /> }.into_any(),
        Section::Keys => view! { <keys::KeysSection /> }.into_any(),
        Section::Accounts => view! { <accounts::AccountsSection /> }.into_any(),
        Section::Audit => view! { <audit::AuditSection /> }.into_any(),
        Section::Health => view! { <health::HealthSection /> }.into_any(),
        Section::Queries => view! { <queries::QueriesSection /> }.into_any(),
        Section::Appearance => view! { <appearance::AppearanceSection /> }.into_any(),
    }
}

fn name(section: Section) -> &'static str {
    let t = settings::text();
    match section {
        Section::Storage => t.storage,
        Section::Keys => t.keys,
        Section::Accounts => t.accounts,
        Section::Audit => t.audit,
        Section::Health => t.health,
        Section::Queries => t.queries,
        Section::Appearance => t.appearance,
    }
}

const fn icon(section: Section) -> IconName {
    match section {
        Section::Storage => IconName::Database,
        Section::Keys => IconName::Key,
        Section::Accounts => IconName::User,
        Section::Audit => IconName::History,
        Section::Health => IconName::Metrics,
        Section::Queries => IconName::Sql,
        Section::Appearance => IconName::Eye,
    }
}

/// The list of sections at the left; a row of tabs on narrow screens.
#[component]
fn Sections(section: Memo<Section>) -> impl IntoView {
    let context = Context::get();
    let link = move |to: Section| {
        let there = move || {
            let view = context.view.get_untracked();
            ViewState { item: to.slug().to_owned(), range: view.range, utc: view.utc, ..ViewState::of(Page::Settings) }
        };
        let follow = move |event: MouseEvent| {
            if browser::is_plain_click(&event) {
                event.prevent_default();
                context.go(|view| *view = there());
            }
        };
        let current = move || section.get() == to;
        view! {
            <a
                href=there().to_link()
                class:on=current
                aria-current=move || current().then_some("page")
                on:click=follow
            >
                <Icon name=icon(to) />
                {name(to)}
            </a>
        }
    };
    view! {
        <nav class="settings-sections" aria-label=settings::text().sections>
            {Section::ALL.map(link).collect_view()}
        </nav>
    }
}
