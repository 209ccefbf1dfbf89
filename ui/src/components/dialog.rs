use super::{Icon, IconName};
use crate::browser;
use crate::strings::text;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

const FOCUSABLE: &str = "button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), a[href], [tabindex='0']";

/// A window over the page. It takes the focus, keeps it, gives it back, and closes by Escape, by its
/// cross and by a click beside it.
#[component]
pub(crate) fn Dialog(
    /// Title.
    #[prop(into)]
    title: String,
    /// Closes it.
    #[prop(into)]
    on_close: Callback<()>,
    /// Classes beside `dialog`.
    #[prop(optional)]
    class: &'static str,
    /// Content.
    children: Children,
) -> impl IntoView {
    let frame = NodeRef::<leptos::html::Section>::new();
    let before = StoredValue::new_local(browser::focused());
    Effect::new(move |_| {
        let Some(frame) = frame.get() else { return };
        let first = frame.query_selector("[autofocus], input, textarea").ok().flatten();
        let target = first.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()).unwrap_or_else(|| frame.clone());
        drop(target.focus());
    });
    on_cleanup(move || {
        if let Some(element) = before.try_get_value().flatten() {
            drop(element.focus());
        }
    });
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" => {
            event.prevent_default();
            event.stop_propagation();
            on_close.run(());
        }
        "Tab" => keep_focus(&event, frame),
        _ => {}
    };
    let label = title.clone();
    view! {
        <div class="scrim" on:click=move |_| on_close.run(())></div>
        <section
            node_ref=frame
            class=format!("dialog {class}")
            role="dialog"
            aria-modal="true"
            aria-label=label
            tabindex="-1"
            on:keydown=on_key
        >
            <div class="drawer-head">
                <h2>{title}</h2>
                <span class="grow"></span>
                <button
                    type="button"
                    class="btn ghost icon-only"
                    aria-label=text().shell.close
                    on:click=move |_| on_close.run(())
                >
                    <Icon name=IconName::Cross />
                </button>
            </div>
            {children()}
        </section>
    }
}

/// At the last element Tab goes on with the first, and Shift-Tab the other way.
fn keep_focus(event: &KeyboardEvent, frame: NodeRef<leptos::html::Section>) {
    let Some(frame) = frame.get_untracked() else { return };
    let Ok(all) = frame.query_selector_all(FOCUSABLE) else { return };
    let element = |at: u32| all.item(at).and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok());
    let Some((first, last)) = element(0).zip(element(all.length().saturating_sub(1))) else { return };
    let focused = browser::focused();
    let at = |edge: &web_sys::HtmlElement| focused.as_ref().is_some_and(|f| f.is_same_node(Some(edge)));
    let outside = focused.as_ref().is_none_or(|f| f.is_same_node(Some(&frame)));
    let target = match event.shift_key() {
        true if at(&first) || outside => last,
        false if at(&last) => first,
        _ => return,
    };
    event.prevent_default();
    drop(target.focus());
}
