//! The list of dashboards, and templates to begin with.

use super::dialogs::{DeleteDialog, NewDialog, create};
use super::flaw;
use super::head::export;
use super::import::ImportDialog;
use super::saved::{self, when, who};
use super::view::panels_text;
use crate::app::set_title;
use crate::ask::Asked;
use crate::browser;
use crate::client::Refusal;
use crate::components::{DataView, Icon, IconName, PageHead};
use crate::context::Context;
use crate::dashboard::{Template, document_of, templates};
use crate::failure::Failure;
use crate::keys::Action;
use crate::strings::dashboards::text;
use crate::url_state::{Page, ViewState};
use leptos::prelude::*;
use lincei_api::{SavedInfo, SavedList};

const SEARCH_ID: &str = "dashboard-search";

/// A dialog over the list.
#[derive(Clone, Debug, PartialEq)]
enum Asking {
    New,
    Import,
    Delete(Box<SavedInfo>),
}

/// What the parts of the list share.
#[derive(Clone, Copy)]
struct List {
    context: Context,
    asked: Asked<SavedList>,
    asking: RwSignal<Option<Asking>>,
    alive: StoredValue<()>,
}

impl List {
    fn ask(self) {
        self.asked.ask(|call| async move { call.client.saved_list(Some(saved::KIND)).await.map_err(Refusal::from) });
    }

    fn complain(self) -> Callback<Failure> {
        Callback::new(move |failure: Failure| self.context.notify(&flaw::failure(&failure)))
    }
}

/// The page of all dashboards.
#[component]
pub(super) fn DashboardList() -> impl IntoView {
    let context = Context::get();
    let t = text();
    let list = List { context, asked: Asked::new(context), asking: RwSignal::new(None), alive: StoredValue::new(()) };
    list.ask();
    set_title(t.document_title);
    context.on_action.set_value(Some(Callback::new(move |action| match action {
        Action::FocusSearch => {
            browser::focus(SEARCH_ID);
            true
        }
        Action::Refresh => {
            list.ask();
            true
        }
        _ => false,
    })));
    on_cleanup(move || context.on_action.set_value(None));
    let asking = list.asking;
    let close = Callback::new(move |()| asking.set(None));
    view! {
        <main class="main">
            <PageHead title=t.title>
                <span class="grow"></span>
                <Search context />
                <button type="button" class="btn" on:click=move |_| asking.set(Some(Asking::Import))>
                    {t.list.import}
                </button>
                <button type="button" class="btn primary" on:click=move |_| asking.set(Some(Asking::New))>
                    <Icon name=IconName::Plus />
                    {t.list.new}
                </button>
            </PageHead>
            <div class="body scroll">
                <div class="board-list grow">
                    <DataView asked=list.asked on_retry=Callback::new(move |()| list.ask()) outline=outline let:found>
                        <Found list all=found.items.clone() />
                    </DataView>
                </div>
            </div>
            {move || match asking.get() {
                Some(Asking::New) => view! { <NewDialog alive=list.alive on_close=close /> }.into_any(),
                Some(Asking::Import) => view! { <ImportDialog alive=list.alive on_close=close /> }.into_any(),
                Some(Asking::Delete(info)) => {
                    let on_deleted = Callback::new(move |()| list.ask());
                    view! { <DeleteDialog alive=list.alive info=*info on_close=close on_deleted /> }.into_any()
                }
                None => ().into_any(),
            }}
        </main>
    }
}

fn outline() -> AnyView {
    view! {
        <div class="panel card-wait" aria-hidden="true">
            <i class="skeleton"></i>
            <i class="skeleton"></i>
            <i class="skeleton"></i>
        </div>
    }
    .into_any()
}

#[component]
fn Search(context: Context) -> impl IntoView {
    let t = &text().list;
    view! {
        <input
            id=SEARCH_ID
            type="search"
            class="input board-search wide-only"
            aria-label=t.search
            placeholder=t.search
            autocomplete="off"
            spellcheck="false"
            prop:value=move || context.view.with(|view| view.query.clone())
            on:input=move |event| {
                let typed = event_target_value(&event);
                context.adjust(|view| view.query = typed);
            }
        />
    }
}

#[component]
fn Found(list: List, all: Vec<SavedInfo>) -> impl IntoView {
    let t = &text().list;
    let none = all.is_empty();
    let all = StoredValue::new(all);
    let query = Memo::new(move |_| list.context.view.with(|view| view.query.trim().to_owned()));
    let matching = move || {
        let wanted = query.get().to_lowercase();
        all.with_value(|all| {
            all.iter().filter(|info| info.name.to_lowercase().contains(&wanted)).cloned().collect::<Vec<_>>()
        })
    };
    let rows = move || {
        let matching = matching();
        if matching.is_empty() {
            return view! { <NoMatch list query=query.get() /> }.into_any();
        }
        view! { <Table list matching /> }.into_any()
    };
    view! {
        {if none {
            view! {
                <div class="state">
                    <h3>{t.empty_title}</h3>
                    <p>{t.empty_detail}</p>
                </div>
            }
                .into_any()
        } else {
            rows.into_any()
        }}
        <Templates list />
    }
}

#[component]
fn NoMatch(list: List, query: String) -> impl IntoView {
    let t = &text().list;
    view! {
        <div class="state">
            <h3>{(t.no_match_title)(&query)}</h3>
            <p>{t.no_match_detail}</p>
            <div class="do">
                <button
                    type="button"
                    class="btn primary"
                    on:click=move |_| list.context.adjust(|view| view.query.clear())
                >
                    {t.clear}
                </button>
            </div>
        </div>
    }
}

#[component]
fn Table(list: List, matching: Vec<SavedInfo>) -> impl IntoView {
    let t = &text().list;
    let count = (t.count)(&matching.len().to_string());
    view! {
        <section class="panel" aria-label=text().title>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t.name}</th>
                        <th scope="col">{t.changed}</th>
                        <th scope="col">{t.by}</th>
                        <th scope="col" class="num wide-only">{t.version}</th>
                        <th scope="col"><span class="sr">{t.actions}</span></th>
                    </tr>
                </thead>
                <tbody>{matching.into_iter().map(|info| view! { <Row list info /> }).collect_view()}</tbody>
            </table>
        </section>
        <p class="faint board-count" role="status">{count}</p>
    }
}

#[component]
fn Row(list: List, info: SavedInfo) -> impl IntoView {
    let t = &text().list;
    let context = list.context;
    let (changed, full) = untrack(|| when(context, &info.updated_at));
    let href = ViewState { item: info.id.clone(), ..ViewState::of(Page::Dashboards) }.to_link();
    let draft = saved::has_draft(&info.id).then(|| view! { <span class="badge warn">{t.draft}</span> });
    let by = who(&info);
    let info = StoredValue::new(info);
    let follow = move |event: leptos::ev::MouseEvent| {
        if browser::is_plain_click(&event) {
            event.prevent_default();
            saved::open(context, &info.with_value(|info| info.id.clone()), false);
        }
    };
    let named = move |caption: crate::strings::One| info.with_value(|info| caption(&info.name));
    let delete = move |_| list.asking.set(Some(Asking::Delete(Box::new(info.get_value()))));
    let action = move |icon, caption: String, act: Callback<()>| {
        view! {
            <button
                type="button"
                class="btn ghost icon-only"
                aria-label=caption.clone()
                title=caption
                on:click=move |_| act.run(())
            >
                <Icon name=icon />
            </button>
        }
    };
    view! {
        <tr>
            <td class="board-name">
                <span class="hstack">
                    <a class="strong ell" href=href on:click=follow>{info.with_value(|info| info.name.clone())}</a>
                    {draft}
                </span>
            </td>
            <td class="dim" title=full>{changed}</td>
            <td class="dim ell">{by}</td>
            <td class="num dim wide-only">{info.with_value(|info| info.version)}</td>
            <td class="board-actions">
                {action(IconName::Copy, named(t.duplicate_named), Callback::new(move |()| copy(list, info)))}
                {action(IconName::Download, named(t.export_named), Callback::new(move |()| download(list, info)))}
                <button
                    type="button"
                    class="btn ghost icon-only"
                    aria-label=named(t.delete_named)
                    title=named(t.delete_named)
                    on:click=delete
                >
                    <Icon name=IconName::Trash />
                </button>
            </td>
        </tr>
    }
}

/// Makes a copy of what is saved; the list then has it.
fn copy(list: List, info: StoredValue<SavedInfo>) {
    let t = &text().list;
    let (client, info) = (list.context.client, info.get_value());
    let name = (t.duplicate_of)(&info.name);
    let answer = async move {
        let object = client.saved(&info.id, None).await?;
        client.save_new(saved::KIND, name, object.content).await
    };
    saved::then(list.alive, answer, move |answer| match answer {
        Ok(object) => {
            list.context.notify(&(t.duplicated)(&object.info.name));
            list.ask();
        }
        Err(failure) => list.complain().run(failure),
    });
}

fn download(list: List, info: StoredValue<SavedInfo>) {
    let (client, id) = (list.context.client, info.with_value(|info| info.id.clone()));
    saved::then(list.alive, async move { client.saved(&id, None).await }, move |answer| match answer {
        Ok(object) => match document_of(&object.content) {
            Ok((_, document)) => export(&object.info.name, &document),
            Err(found) => list.context.notify(&flaw::document_flaw(&found)),
        },
        Err(failure) => list.complain().run(failure),
    });
}

/// Dashboards to begin with.
#[component]
fn Templates(list: List) -> impl IntoView {
    let t = &text().list;
    let card = move |template: Template| {
        let Template { name, description, document } = template;
        let panels = panels_text(&document);
        let document = StoredValue::new(document);
        let make = move |_| {
            create(list.context, list.alive, name.to_owned(), document.get_value(), false, list.complain());
        };
        view! {
            <li class="panel template">
                <h3>{name}</h3>
                <p class="dim">{description}</p>
                <span class="hstack">
                    <button type="button" class="btn" aria-label=format!("{} {name}", t.use_template) on:click=make>
                        <Icon name=IconName::Plus />
                        {t.use_template}
                    </button>
                    <span class="faint">{panels}</span>
                </span>
            </li>
        }
    };
    view! {
        <section aria-labelledby="templates-title">
            <h2 id="templates-title">{t.templates}</h2>
            <p class="dim">{t.templates_detail}</p>
            <ul class="templates">{templates().into_iter().map(card).collect_view()}</ul>
        </section>
    }
}
