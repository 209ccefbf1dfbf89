//! What can be done with a value that was clicked, in the list and in the JSON of a line.

use super::entries::short;
use super::model::LogsModel;
use crate::browser;
use crate::components::{Icon, IconName};
use crate::log_row::LogRow;
use crate::query_text::SEVERITY;
use crate::strings::{explore, text};
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

const MENU_ID: &str = "value-menu";
/// Size of the menu, to keep it within the window.
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 186.0;

/// A value, and where it was clicked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ValueAt {
    field: String,
    value: String,
    x: f64,
    y: f64,
}

/// Opens the menu of the value that was clicked in a row of the list. False when something else was
/// clicked, and on a phone, where a touch opens the row.
pub(super) fn open_at(model: LogsModel, row: &LogRow, event: &MouseEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let cell = target.and_then(|target| target.closest("[data-field]").ok().flatten());
    let Some(field) = cell.as_ref().and_then(|cell| cell.get_attribute("data-field")) else { return false };
    let value = match field.as_str() {
        SEVERITY => Some(row.level().name()),
        field => row.field(field),
    };
    let (Some(value), false) = (value, browser::media_matches("(max-width: 720px)")) else { return false };
    open(model, field.clone(), value.to_owned(), event);
    true
}

/// Opens the menu where `event` happened.
pub(super) fn open(model: LogsModel, field: String, value: String, event: &MouseEvent) {
    let (mut x, mut y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    // A key pressed a button: below it, then.
    let pressed = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if let Some(pressed) = pressed.filter(|_| event.detail() == 0) {
        let edges = pressed.get_bounding_client_rect();
        (x, y) = (edges.left(), edges.bottom());
    }
    let within = |at: f64, size: f64, window: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| {
        let room = window.ok().and_then(|value| value.as_f64()).unwrap_or(at + size);
        at.min(room - size).max(0.0)
    };
    let (x, y) = (within(x, WIDTH, window().inner_width()), within(y, HEIGHT, window().inner_height()));
    model.value_menu.set(Some(ValueAt { field, value, x, y }));
}

/// The menu.
#[component]
pub(super) fn ValueMenu(model: LogsModel) -> impl IntoView {
    move || model.value_menu.get().map(|at| view! { <Menu model at /> })
}

#[component]
fn Menu(model: LogsModel, at: ValueAt) -> impl IntoView {
    let (t, line) = (explore::text(), &text().line);
    let before = StoredValue::new_local(browser::focused());
    let close = move || {
        model.value_menu.set(None);
        if let Some(element) = before.try_get_value().flatten() {
            drop(element.focus());
        }
    };
    Effect::new(|_| focus_item(|list| list.first_element_child()));
    let ValueAt { field, value, x, y } = at;
    let (shown, name) = (short(&value), field.clone());
    let held = StoredValue::new((field, value));
    let item = move |icon, caption: String, act: fn(LogsModel, &str, &str)| {
        let run = move |_| {
            close();
            held.with_value(|(field, value)| act(model, field, value));
        };
        view! {
            <button type="button" role="menuitem" class="menu-item" on:click=run>
                <Icon name=icon small=true />
                <span class="ell">{caption}</span>
            </button>
        }
    };
    let column = if untrack(|| model.columns.has(&name)) { (t.remove_column)(&name) } else { (t.add_column_of)(&name) };
    let on_key = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "Escape" | "Tab" => close(),
            "ArrowDown" => focus_item(|_| browser::focused()?.next_element_sibling()),
            "ArrowUp" => focus_item(|_| browser::focused()?.previous_element_sibling()),
            "Home" => focus_item(|list| list.first_element_child()),
            "End" => focus_item(|list| list.last_element_child()),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    view! {
        <div class="backdrop" on:click=move |_| close()></div>
        <div
            class="menu value-menu"
            style:left=format!("{x:.0}px")
            style:top=format!("{y:.0}px")
            on:keydown=on_key
        >
            <p class="menu-head mono ell">{format!("{name}: {shown}")}</p>
            <div id=MENU_ID role="menu" aria-label=name.clone()>
                {item(IconName::Filter, t.only.to_owned(), |model, field, value| model.narrow(field, value, false))}
                {item(IconName::Exclude, t.without.to_owned(), |model, field, value| model.narrow(field, value, true))}
                {item(IconName::Copy, (line.copy_value)(&name), |model, _, value| {
                    model.context.copy(value.to_owned(), text().shell.copied);
                })}
                {item(IconName::Columns, column, |model, field, _| model.columns.toggle(field))}
                {item(IconName::Plus, t.add_facet.to_owned(), |model, field, _| model.facets.add(field))}
            </div>
        </div>
    }
}

fn focus_item(of: impl FnOnce(&web_sys::Element) -> Option<web_sys::Element>) {
    let item = document().get_element_by_id(MENU_ID).and_then(|list| of(&list));
    if let Some(item) = item.and_then(|item| item.dyn_into::<web_sys::HtmlElement>().ok()) {
        drop(item.focus());
    }
}
