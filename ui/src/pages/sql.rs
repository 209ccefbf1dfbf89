//! SQL: editor, tables and columns, results as table and chart, plan, history, saved queries.

mod chart;
mod download;
mod editor;
mod history;
mod model;
mod plan;
mod results;
mod save;
mod saved;
mod schema_tree;
mod start;
mod states;
mod table;
mod value;

use crate::app::set_title;
use crate::components::{Icon, IconName, PageHead};
use crate::context::Context;
use crate::keys::Action;
use crate::strings::sql;
use editor::{Editor, Toolbar};
use history::HistoryDrawer;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use model::{Side, SqlModel, Wish};
use results::Results;
use saved::SavedDrawer;
use schema_tree::SchemaTree;
use value::ValueDrawer;

/// The page.
#[component]
pub(crate) fn SqlPage() -> impl IntoView {
    let context = Context::get();
    let model = SqlModel::new(context);
    saved::open_linked(model);
    Effect::new(move |_| set_title(sql::text().document_title));
    context.on_action.set_value(Some(Callback::new(move |action| act(model, action))));
    on_cleanup(move || context.on_action.set_value(None));
    let refresh = Callback::new(move |()| model.run_again());
    let on_key = move |event: KeyboardEvent| {
        // The editor keeps Escape for itself; a statement that runs is ended all the same.
        if event.key() == "Escape" && event.default_prevented() {
            model.asked.cancel();
        }
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) && !event.default_prevented() {
            event.prevent_default();
            model.run_text();
        }
    };
    let side = Memo::new(move |_| model.side.get());
    view! {
        <main class="main" on:keydown=on_key>
            <PageHead title=sql::text().title on_refresh=refresh>
                <HeadButtons model />
            </PageHead>
            <div class="body sql-body" class:with-schema=move || model.schema_open.get()>
                <SchemaTree model />
                <div class="sql-main">
                    <Editor model />
                    <Toolbar model />
                    <Results model />
                </div>
                {move || match side.get() {
                    Some(Side::Value) => view! { <ValueDrawer model /> }.into_any(),
                    Some(Side::History) => view! { <HistoryDrawer model /> }.into_any(),
                    Some(Side::Saved) => view! { <SavedDrawer model /> }.into_any(),
                    None => ().into_any(),
                }}
            </div>
        </main>
    }
}

/// What opens beside the editor.
#[component]
fn HeadButtons(model: SqlModel) -> impl IntoView {
    let t = sql::text();
    let button = move |which: Side, icon: IconName, caption: &'static str| {
        view! {
            <button
                type="button"
                class="btn ghost"
                aria-pressed=move || (model.side.get() == Some(which)).to_string()
                title=caption
                on:click=move |_| model.toggle(which)
            >
                <Icon name=icon />
                <span class="mid-hide">{caption}</span>
            </button>
        }
    };
    view! {
        <button
            type="button"
            class="btn icon-only sql-schema-button"
            aria-label=t.schema.show
            title=t.schema.show
            aria-expanded=move || model.schema_open.get().to_string()
            on:click=move |_| model.schema_open.update(|open| *open = !*open)
        >
            <Icon name=IconName::Database />
        </button>
        <span class="grow"></span>
        {button(Side::Saved, IconName::Save, t.saved.title)}
        {button(Side::History, IconName::History, t.history.title)}
    }
}

fn act(model: SqlModel, action: Action) -> bool {
    match action {
        Action::FocusSearch => {
            model.ask_editor(Wish::Focus);
            true
        }
        Action::Refresh => {
            model.run_again();
            true
        }
        Action::Escape => escape(model),
        other => table::act(model, other),
    }
}

/// Closes the uppermost thing that is open, or stops what runs.
fn escape(model: SqlModel) -> bool {
    if model.schema_open.get_untracked() {
        model.schema_open.set(false);
        return true;
    }
    let slow = model.asked.progress.with_untracked(Option::is_some);
    if slow && model.asked.cancel() {
        return true;
    }
    let open = model.side.with_untracked(Option::is_some);
    model.side.set(None);
    open
}
