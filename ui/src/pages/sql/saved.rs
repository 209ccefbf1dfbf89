use super::model::{FromSaved, SqlModel};
use super::value::DrawerHead;
use crate::ask::Asked;
use crate::calendar::{self, DateStyle, parse_utc};
use crate::client::Refusal;
use crate::components::{DataView, Dialog, Icon, IconName};
use crate::failure::Failure;
use crate::schema::matches;
use crate::strings::sql;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{SavedInfo, SavedList, SavedObject};
use std::sync::Arc;

/// What the server calls a saved query among what it keeps.
pub(super) const KIND: &str = "query";
/// What of a saved query is its statement.
pub(super) const STATEMENT: &str = "sql";

/// Fills the editor from the saved query that a link names; it is not run unless the link also holds
/// the statement.
pub(super) fn open_linked(model: SqlModel) {
    let id = model.context.view.with_untracked(|view| view.parameter("saved").to_owned());
    if id.is_empty() {
        return;
    }
    let linked = model.context.view.with_untracked(|view| view.parameter("sql").to_owned());
    spawn_local(async move {
        match fetch(model, &id).await {
            Ok(from) => {
                if linked.is_empty() {
                    model.text.set(from.sql.clone());
                }
                model.saved.set(Some(from));
            }
            Err(failure) => model.context.notify(&failure.detail()),
        }
    });
}

async fn fetch(model: SqlModel, id: &str) -> Result<FromSaved, Failure> {
    let object = model.context.client.saved(id, None).await?;
    from_object(&object).ok_or_else(|| Failure::Malformed(sql::text().saved.unreadable.to_owned()))
}

/// The statement of a saved query; none when it holds no text there.
pub(super) fn from_object(object: &SavedObject) -> Option<FromSaved> {
    let sql = object.content.get(STATEMENT)?.as_str()?.to_owned();
    let info = &object.info;
    Some(FromSaved { id: info.id.clone(), name: info.name.clone(), version: info.version, sql })
}

/// The queries saved on this server.
#[component]
pub(super) fn SavedDrawer(model: SqlModel) -> impl IntoView {
    let t = &sql::text().saved;
    let search = RwSignal::new(String::new());
    let asked: Asked<SavedList> = Asked::new(model.context);
    let load = move || {
        asked.ask(move |call| async move { call.client.saved_list(Some(KIND)).await.map_err(Refusal::from) });
    };
    // What is saved or updated meanwhile changes the list.
    Effect::new(move |_| {
        model.saved.track();
        load();
    });
    let leaving = RwSignal::new(None::<SavedInfo>);
    view! {
        <aside class="drawer" aria-label=t.title>
            <DrawerHead model title=t.title>""</DrawerHead>
            <div class="sect sql-find">
                <input
                    type="search"
                    class="input"
                    aria-label=t.search
                    placeholder=t.search
                    autocomplete="off"
                    spellcheck="false"
                    bind:value=search
                />
            </div>
            <div class="scroll grow">
                <DataView
                    asked
                    on_retry=Callback::new(move |()| load())
                    outline=|| view! { <Outline /> }
                    let:list
                >
                    <List model list search leaving />
                </DataView>
            </div>
        </aside>
        {move || {
            leaving.get().map(|info| view! { <Deletion model info leaving on_gone=Callback::new(move |()| load()) /> })
        }}
    }
}

#[component]
fn Outline() -> impl IntoView {
    view! {
        <div class="sect vstack" role="status" aria-label=sql::text().results.loading>
            <i class="skeleton"></i>
            <i class="skeleton"></i>
            <i class="skeleton"></i>
        </div>
    }
}

#[component]
fn List(
    model: SqlModel,
    list: Arc<SavedList>,
    search: RwSignal<String>,
    leaving: RwSignal<Option<SavedInfo>>,
) -> impl IntoView {
    let t = &sql::text().saved;
    if list.items.is_empty() {
        return view! {
            <div class="state" role="status">
                <h3>{t.empty_title}</h3>
                <p>{t.empty_detail}</p>
            </div>
        }
        .into_any();
    }
    let shown = move || {
        let search = search.get();
        let found: Vec<SavedInfo> = list.items.iter().filter(|info| matches(&info.name, &search)).cloned().collect();
        if found.is_empty() {
            return view! { <p class="sect dim">{(t.none_match)(search.trim())}</p> }.into_any();
        }
        let entries = found.into_iter().map(|info| view! { <Entry model info leaving /> });
        view! { <ul class="sql-list">{entries.collect_view()}</ul> }.into_any()
    };
    shown.into_any()
}

#[component]
fn Entry(model: SqlModel, info: SavedInfo, leaving: RwSignal<Option<SavedInfo>>) -> impl IntoView {
    let t = &sql::text().saved;
    let at = parse_utc(&info.updated_at).unwrap_or(0);
    let who = info.updated_by.clone();
    let by = move || {
        let (offset, now) = (model.context.offset_minutes(at), model.context.now_ns());
        (t.by)(&who, &calendar::to_minute(at, offset, DateStyle::for_span(at, at + 1, now, offset)))
    };
    let id = info.id.clone();
    let open = move |_| {
        let id = id.clone();
        spawn_local(async move {
            match fetch(model, &id).await {
                Ok(from) => {
                    model.fill(from.sql.clone());
                    model.saved.set(Some(from));
                }
                Err(failure) => model.context.notify(&failure.detail()),
            }
        });
    };
    let id = info.id.clone();
    let on = move || model.saved.with(|saved| saved.as_ref().is_some_and(|saved| saved.id == id));
    let name = info.name.clone();
    let label = (t.delete)(&name);
    view! {
        <li class="sql-saved" class:on=on>
            <button type="button" class="sql-entry" on:click=open>
                <b class="ell">{name}</b>
                <span class="faint">{by}</span>
            </button>
            <button
                type="button"
                class="btn ghost icon-only tiny"
                aria-label=label.clone()
                title=label
                on:click=move |_| leaving.set(Some(info.clone()))
            >
                <Icon name=IconName::Trash />
            </button>
        </li>
    }
}

/// Asks before a saved query goes.
#[component]
fn Deletion(
    model: SqlModel,
    info: SavedInfo,
    leaving: RwSignal<Option<SavedInfo>>,
    on_gone: Callback<()>,
) -> impl IntoView {
    let t = &sql::text().saved;
    let close = Callback::new(move |()| leaving.set(None));
    let question = (t.delete_sure)(&info.name);
    let delete = move |_| {
        let info = info.clone();
        spawn_local(async move {
            match model.context.client.delete_saved(&info.id).await {
                Ok(()) => model.context.notify(&(t.deleted)(&info.name)),
                Err(failure) => model.context.notify(&failure.detail()),
            }
            leaving.set(None);
            if model.saved.with_untracked(|saved| saved.as_ref().is_some_and(|saved| saved.id == info.id)) {
                model.saved.set(None);
            } else {
                on_gone.run(());
            }
        });
    };
    view! {
        <Dialog title=t.delete_title on_close=close>
            <div class="sql-dialog">
                <p>{question}</p>
                <div class="hstack">
                    <button type="button" class="btn danger" on:click=delete>
                        {t.delete_do}
                    </button>
                    <button type="button" class="btn" on:click=move |_| close.run(())>
                        {t.keep}
                    </button>
                </div>
            </div>
        </Dialog>
    }
}
