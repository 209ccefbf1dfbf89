use super::{Icon, IconName};
use crate::browser;
use crate::context::Context;
use crate::strings::text;
use leptos::prelude::*;

/// The list of keys.
#[component]
pub(crate) fn KeysDialog() -> impl IntoView {
    let context = Context::get();
    let t = &text().keys;
    let before = browser::focused();
    Effect::new(|_| browser::focus("keys-close"));
    on_cleanup({
        let before = send_wrapper(before);
        move || before()
    });
    let rows: [(&[&str], &str); 11] = [
        (&["/"], t.search),
        (&["Enter"], t.run),
        (&["j", "↓"], t.next),
        (&["k", "↑"], t.previous),
        (&["PgDn", "PgUp"], t.page),
        (&["Home", "End"], t.ends),
        (&["Enter"], t.open),
        (&["Esc"], t.escape),
        (&["r"], t.refresh),
        (&["g", "l"], t.logs),
        (&["?"], t.help),
    ];
    let rows = rows
        .into_iter()
        .map(|(keys, what)| {
            let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view();
            view! {
                <dt>{what}</dt>
                <dd>{keys}</dd>
            }
        })
        .collect_view();
    view! {
        <div class="scrim" on:click=move |_| context.help.set(false)></div>
        <section class="dialog" role="dialog" aria-modal="true" aria-labelledby="keys-title">
            <div class="drawer-head">
                <h2 id="keys-title">{t.title}</h2>
                <span class="grow"></span>
                <button
                    type="button"
                    id="keys-close"
                    class="btn ghost icon-only"
                    aria-label=text().shell.close
                    on:click=move |_| context.help.set(false)
                >
                    <Icon name=IconName::Cross />
                </button>
            </div>
            <dl class="keys">{rows}</dl>
        </section>
    }
}

/// Gives the focus back to what had it. Elements never leave their thread; the page has only one.
fn send_wrapper(element: Option<web_sys::HtmlElement>) -> impl Fn() + Send + Sync {
    let element = StoredValue::new_local(element);
    move || {
        if let Some(element) = element.try_get_value().flatten() {
            drop(element.focus());
        }
    }
}
