//! Menus under a button: arrows move, Escape closes and gives the focus back.

use crate::browser;
use crate::components::{Icon, IconName, Show};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// An entry of a menu.
#[derive(Clone)]
pub(super) struct Item {
    pub(super) icon: IconName,
    pub(super) caption: String,
    pub(super) act: Callback<()>,
    pub(super) danger: bool,
}

impl Item {
    pub(super) fn new(icon: IconName, caption: &str, act: impl Fn() + Send + Sync + 'static) -> Self {
        Self { icon, caption: caption.to_owned(), act: Callback::new(move |()| act()), danger: false }
    }

    pub(super) fn danger(self) -> Self {
        Self { danger: true, ..self }
    }
}

/// A button with three dots, and the menu that it opens.
#[expect(clippy::needless_pass_by_value, reason = "components own what they are given")]
#[component]
pub(super) fn MenuButton(
    /// Name of the button.
    #[prop(into)]
    label: String,
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// The entries, made when the menu opens.
    items: Callback<(), Vec<Item>>,
    /// Classes beside `btn icon-only`.
    #[prop(default = "ghost")]
    class: &'static str,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let button = format!("{id}-button");
    let back = button.clone();
    let close = move || {
        open.set(false);
        browser::focus(&back);
    };
    let close = StoredValue::new(close);
    let menu_id = id.clone();
    view! {
        <div class="anchor">
            <button
                type="button"
                id=button
                class=format!("btn icon-only {class}")
                aria-label=label.clone()
                title=label.clone()
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon name=IconName::Dots />
            </button>
            <Show when=move || open.get()>
                <Menu
                    id=menu_id.clone()
                    label=label.clone()
                    items=items.run(())
                    on_close=Callback::new(move |()| close.with_value(|close| close()))
                />
            </Show>
        </div>
    }
}

#[component]
fn Menu(id: String, label: String, items: Vec<Item>, on_close: Callback<()>) -> impl IntoView {
    let first = format!("{id}-0");
    Effect::new(move |_| browser::focus(&first));
    let count = items.len();
    let entry = {
        let id = id.clone();
        move |(place, item): (usize, Item)| {
            let act = item.act;
            view! {
                <li role="none">
                    <button
                        type="button"
                        id=format!("{id}-{place}")
                        class="menu-item"
                        class:t-bad=item.danger
                        role="menuitem"
                        tabindex="-1"
                        on:click=move |_| {
                            on_close.run(());
                            act.run(());
                        }
                    >
                        <Icon name=item.icon small=true />
                        {item.caption}
                    </button>
                </li>
            }
        }
    };
    let entries = items.into_iter().enumerate().map(entry).collect_view();
    let on_key = move |event: KeyboardEvent| {
        let at = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|element| element.id().rsplit('-').next()?.parse::<usize>().ok())
            .unwrap_or(0);
        let to = match event.key().as_str() {
            "ArrowDown" => (at + 1) % count.max(1),
            "ArrowUp" => (at + count.saturating_sub(1)) % count.max(1),
            "Home" => 0,
            "End" => count.saturating_sub(1),
            "Escape" | "Tab" => {
                event.prevent_default();
                event.stop_propagation();
                on_close.run(());
                return;
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        browser::focus(&format!("{id}-{to}"));
    };
    view! {
        <div class="backdrop" on:click=move |_| on_close.run(())></div>
        <ul class="menu board-menu" role="menu" aria-label=label on:keydown=on_key>
            {entries}
        </ul>
    }
}
