use super::columns::Columns;
use super::field_picker::FieldPicker;
use super::model::LogsModel;
use crate::browser;
use crate::components::{Icon, IconName, Show};
use crate::query_text::{SERVICE, SEVERITY};
use crate::strings::{explore, text};
use leptos::ev::PointerEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

const BUTTON_ID: &str = "columns-button";

/// Names of the columns, and the menu that chooses them.
#[component]
pub(super) fn ListHead(model: LogsModel) -> impl IntoView {
    let t = &text().logs;
    let columns = model.columns;
    let menu = columns.menu;
    let heads =
        move || columns.chosen.get().into_iter().map(|name| view! { <ColumnHead columns name /> }).collect_view();
    view! {
        <div class="lr lh">
            <span></span>
            <span>{t.time}" ↓"</span>
            <span>{t.level}</span>
            <span>{t.sender}</span>
            {heads}
            <span class="hstack">
                <span class="grow">{t.body}</span>
                <button
                    type="button"
                    id=BUTTON_ID
                    class="foot-button"
                    aria-label=explore::text().columns
                    title=explore::text().columns
                    aria-haspopup="dialog"
                    aria-expanded=move || menu.get().to_string()
                    on:click=move |_| menu.update(|open| *open = !*open)
                >
                    <Icon name=IconName::Columns small=true />
                </button>
            </span>
            <Show when=move || menu.get()>
                <Menu model />
            </Show>
        </div>
    }
}

/// The name of a column, a cross that takes it away, and an edge that makes it wider.
#[component]
fn ColumnHead(columns: Columns, name: String) -> impl IntoView {
    let held = RwSignal::new(None::<(f64, f64)>);
    let (sized, removed, removal) = (name.clone(), name.clone(), (explore::text().remove_column)(&name));
    let start = name.clone();
    view! {
        <span class="ch">
            <span class="ell grow" title=name.clone()>{name.clone()}</span>
            <button
                type="button"
                class="foot-button"
                aria-label=removal.clone()
                title=removal
                on:click=move |_| columns.toggle(&removed)
            >
                <Icon name=IconName::Cross small=true />
            </button>
            <i
                class="edge"
                aria-hidden="true"
                on:pointerdown=move |event: PointerEvent| {
                    let edge = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
                    if let Some(edge) = edge {
                        drop(edge.set_pointer_capture(event.pointer_id()));
                        event.prevent_default();
                        let width = untrack(|| columns.width(&start));
                        held.set(Some((f64::from(event.client_x()), width)));
                    }
                }
                on:pointermove=move |event: PointerEvent| {
                    if let Some((from, width)) = held.get_untracked() {
                        columns.set_width(&sized, width + f64::from(event.client_x()) - from);
                    }
                }
                on:pointerup=move |_| {
                    held.set(None);
                    columns.remember_widths();
                }
                on:pointercancel=move |_| held.set(None)
            ></i>
        </span>
    }
}

#[component]
fn Menu(model: LogsModel) -> impl IntoView {
    let t = explore::text();
    let columns = model.columns;
    let close = Callback::new(move |()| {
        columns.menu.set(false);
        request_animation_frame(|| browser::focus(BUTTON_ID));
    });
    let pick = Callback::new(move |name: String| {
        if !untrack(|| columns.has(&name)) {
            columns.toggle(&name);
        }
    });
    let omitted = Signal::derive(move || {
        let fixed = ["time", SEVERITY, "severity_number", SERVICE, "body", "observed_time"];
        fixed.into_iter().map(str::to_owned).chain(columns.chosen.get()).collect::<Vec<_>>()
    });
    let chosen = move || {
        let names = columns.chosen.get();
        let last = names.len().saturating_sub(1);
        let rows = names.into_iter().enumerate();
        rows.map(|(at, name)| view! { <Chosen columns name first={at == 0} last={at == last} /> }).collect_view()
    };
    view! {
        <div class="backdrop" on:click=move |_| close.run(())></div>
        <div class="menu columns-menu" role="dialog" aria-label=t.columns>
            <h3 class="menu-head">{t.columns}</h3>
            <ul>{chosen}</ul>
            <FieldPicker names=model.names omitted id="add-column" label=t.add_column on_pick=pick on_close=close />
            <button
                type="button"
                class="menu-item wrap-choice"
                role="switch"
                aria-checked=move || columns.wrap.get().to_string()
                on:click=move |_| columns.toggle_wrap()
            >
                <span class="grow">{t.wrap}</span>
                <span class="switch" class:on=move || columns.wrap.get() aria-hidden="true"></span>
            </button>
        </div>
    }
}

#[component]
fn Chosen(columns: Columns, name: String, first: bool, last: bool) -> impl IntoView {
    let t = explore::text();
    let button = |label: String, icon, disabled: bool, act: Callback<()>| {
        view! {
            <button
                type="button"
                class="foot-button"
                aria-label=label.clone()
                title=label
                disabled=disabled
                on:click=move |_| act.run(())
            >
                <Icon name=icon small=true />
            </button>
        }
    };
    let act = |change: fn(&Columns, &str)| {
        let name = name.clone();
        Callback::new(move |()| change(&columns, &name))
    };
    view! {
        <li class="menu-item">
            <span class="mono ell grow" title=name.clone()>{name.clone()}</span>
            {button((t.move_left)(&name), IconName::Up, first, act(|columns, name| columns.shift(name, false)))}
            {button((t.move_right)(&name), IconName::Down, last, act(|columns, name| columns.shift(name, true)))}
            {button((t.remove_column)(&name), IconName::Cross, false, act(|columns, name| columns.toggle(name)))}
        </li>
    }
}
