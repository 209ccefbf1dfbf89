use super::model::{SqlModel, Wish};
use crate::ask::{Asked, Load};
use crate::calendar::rfc3339;
use crate::components::{DataView, Icon, IconName, Show};
use crate::schema::{self, KeyOrigin, SchemaColumn, SchemaKey, SchemaTable, identifier, key_access, matches};
use crate::strings::sql;
use leptos::prelude::*;
use lincei_api::{FieldsRequest, FieldsResponse, TimeInput};

/// Keys listed of a table.
const KEYS_MAX: u32 = 200;

/// Tables with columns and keys; a press puts a name into the statement.
#[component]
pub(super) fn SchemaTree(model: SqlModel) -> impl IntoView {
    let t = &sql::text().schema;
    let filter = RwSignal::new(String::new());
    let asked = model.names.tables;
    let outline = || {
        let rows =
            ["60%", "45%", "70%", "52%", "64%"].map(|width| view! { <i class="skeleton" style:width=width></i> });
        view! {
            <div class="sql-tree-wait vstack" role="status" aria-label=sql::text().results.loading>
                {rows.into_view()}
            </div>
        }
    };
    view! {
        <aside class="sql-schema" aria-label=t.show>
            <div class="sql-find">
                <input
                    type="search"
                    class="input"
                    aria-label=t.filter
                    placeholder=t.filter
                    autocomplete="off"
                    spellcheck="false"
                    bind:value=filter
                />
            </div>
            <div class="scroll grow" tabindex="-1">
                <DataView asked on_retry=Callback::new(move |()| model.names.ask_tables()) outline let:tables>
                    <Tables model tables=(*tables).clone() filter />
                </DataView>
            </div>
        </aside>
    }
}

#[component]
fn Tables(model: SqlModel, tables: Vec<SchemaTable>, filter: RwSignal<String>) -> impl IntoView {
    let t = &sql::text().schema;
    let all = tables.clone();
    let none = move || {
        let filter = filter.get();
        let hit = |table: &SchemaTable| table_matches(table, &filter);
        (!all.iter().any(hit)).then(|| view! { <p class="sect dim">{(t.none_match)(filter.trim())}</p> })
    };
    let first = tables.first().map(|table| table.name.clone());
    let entries = tables.into_iter().map(|table| {
        let open = RwSignal::new(first.as_deref() == Some(table.name.as_str()));
        view! { <Table model table filter open /> }
    });
    view! {
        <ul class="sql-tree">{entries.collect_view()}</ul>
        {none}
    }
}

fn table_matches(table: &SchemaTable, filter: &str) -> bool {
    // Keys come later: tables that have some stay while something is looked for.
    matches(&table.name, filter) || table.has_keys() || table.columns.iter().any(|c| matches(&c.name, filter))
}

#[component]
fn Table(model: SqlModel, table: SchemaTable, filter: RwSignal<String>, open: RwSignal<bool>) -> impl IntoView {
    let t = &sql::text().schema;
    let name = table.name.clone();
    let searching = Memo::new(move |_| filter.with(|filter| !filter.trim().is_empty()));
    let shown = Memo::new(move |_| open.get() || searching.get());
    let held = table.clone();
    let fits = Memo::new(move |_| filter.with(|filter| table_matches(&held, filter)));
    let columns = StoredValue::new(table.columns.clone());
    let has_keys = table.has_keys();
    let label = (t.columns_of)(&name);
    let key_table = StoredValue::new(name.clone());
    view! {
        <li class:gone=move || !fits.get()>
            <div class="sql-tree-table">
                <button
                    type="button"
                    class="foot-button"
                    aria-label=label.clone()
                    title=label
                    aria-expanded=move || shown.get().to_string()
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    {move || {
                        let name = if shown.get() { IconName::Down } else { IconName::Right };
                        view! { <Icon name small=true /> }
                    }}
                </button>
                <Name model shown=name.clone() inserted=identifier(&name) kind="" icon=true />
            </div>
            <Show when=move || shown.get()>
                <ul>
                    {move || {
                        let filter = filter.get();
                        let columns = columns.get_value().into_iter();
                        columns
                            .filter(|column| matches(&column.name, &filter))
                            .map(|column| view! { <Column model column /> })
                            .collect_view()
                    }}
                </ul>
                {has_keys.then(|| view! { <Keys model table=key_table.get_value() filter /> })}
            </Show>
        </li>
    }
}

#[component]
fn Column(model: SqlModel, column: SchemaColumn) -> impl IntoView {
    let inserted = identifier(&column.name);
    view! {
        <li>
            <Name model shown=column.name inserted kind=column.type_name />
        </li>
    }
}

/// A name that is put into the statement by a press.
#[component]
fn Name(
    model: SqlModel,
    shown: String,
    inserted: String,
    #[prop(into)] kind: String,
    #[prop(optional)] icon: bool,
) -> impl IntoView {
    let title = (sql::text().schema.insert)(&inserted);
    view! {
        <button
            type="button"
            class="sql-name"
            title=title
            on:click=move |_| {
                model.schema_open.set(false);
                model.ask_editor(Wish::Insert(inserted.clone()));
            }
        >
            {icon.then(|| view! { <Icon name=IconName::Table small=true /> })}
            <span class="mono ell">{shown}</span>
            <span class="sql-type">{kind}</span>
        </button>
    }
}

/// Keys of the maps of a table, as recent rows have them.
#[component]
fn Keys(model: SqlModel, table: String, filter: RwSignal<String>) -> impl IntoView {
    let asked: Asked<Vec<SchemaKey>> = Asked::new(model.context);
    let range = Memo::new(move |_| model.context.view.with(|view| view.range));
    Effect::new(move |_| {
        let window = range.get().window(model.context.now_ns());
        let bound = |ns: i64| Some(TimeInput::Text(rfc3339(ns)));
        let table = table.clone();
        asked.ask(move |call| async move {
            let request = FieldsRequest {
                table,
                from: bound(window.from_ns),
                to: bound(window.to_ns),
                limit: Some(KEYS_MAX),
                query_id: Some(call.query_id),
                ..FieldsRequest::default()
            };
            let response: FieldsResponse = call.client.ask("/fields", &request, &call.signal).await?;
            Ok(schema::keys(&response))
        });
    });
    Effect::new(move |_| {
        if let Some(keys) = asked.answer.get() {
            model.learn_keys(&keys);
        }
    });
    KeyOrigin::ALL.map(|origin| view! { <KeysOf model asked origin filter /> }).into_view()
}

#[component]
fn KeysOf(model: SqlModel, asked: Asked<Vec<SchemaKey>>, origin: KeyOrigin, filter: RwSignal<String>) -> impl IntoView {
    let t = &sql::text().schema;
    let caption = match origin {
        KeyOrigin::Attributes => t.keys_of_attributes,
        KeyOrigin::Resource => t.keys_of_resource,
    };
    let list = move || {
        let filter = filter.get();
        match (asked.load.get(), asked.answer.get()) {
            (Load::Failed(failure), _) => view! { <p class="t-bad">{failure.title()}</p> }.into_any(),
            (_, None) => view! { <i class="skeleton"></i> }.into_any(),
            (_, Some(keys)) => {
                let of_origin = || keys.iter().filter(|key| key.origin == origin);
                let found: Vec<SchemaKey> = of_origin().filter(|key| matches(&key.name, &filter)).cloned().collect();
                let none = (of_origin().count() == 0).then(|| view! { <p class="faint">{t.no_keys}</p> });
                let keys = found.into_iter().map(|key| {
                    let inserted = key_access(&key);
                    view! {
                        <li>
                            <Name model shown=key.name inserted kind="" />
                        </li>
                    }
                });
                view! {
                    {none}
                    <ul>{keys.collect_view()}</ul>
                }
                .into_any()
            }
        }
    };
    view! {
        <div class="sql-keys">
            <h3>{caption}</h3>
            {list}
        </div>
    }
}
