//! Dashboards: the list, and one of them.

mod ask;
mod board;
mod body;
mod card;
mod conflict;
mod dialogs;
mod draw;
mod editor;
mod fields;
mod flaw;
mod grid;
mod head;
mod history;
mod import;
mod list;
mod menu;
mod moving;
mod saved;
mod sheet;
mod variable_editor;
mod variables;
mod view;

use crate::context::Context;
use leptos::prelude::*;
use list::DashboardList;
use view::BoardView;

/// The page.
#[component]
pub(crate) fn DashboardsPage() -> impl IntoView {
    let context = Context::get();
    let item = Memo::new(move |_| context.view.with(|view| view.item.clone()));
    move || match item.get() {
        id if id.is_empty() => view! { <DashboardList /> }.into_any(),
        id => view! { <BoardView id /> }.into_any(),
    }
}
