use super::{Icon, IconName, TimePicker};
use crate::context::Context;
use crate::strings::text;
use leptos::prelude::*;

/// Title of a page, and what all pages have: time range, refresh, link.
#[component]
pub(crate) fn PageHead(
    /// Title.
    #[prop(into)]
    title: Signal<String>,
    /// Asks everything anew; without it the page has neither time range nor refresh.
    #[prop(optional, into)]
    on_refresh: Option<Callback<()>>,
    /// Beside the title, and before the tools.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let context = Context::get();
    let t = &text().shell;
    let tools = on_refresh.map(|refresh| {
        view! {
            <TimePicker />
            <button
                type="button"
                class="btn icon-only wide-only"
                aria-label=t.refresh
                title=t.refresh
                on:click=move |_| refresh.run(())
            >
                <Icon name=IconName::Refresh />
            </button>
            <button
                type="button"
                class="btn icon-only wide-only"
                aria-label=t.copy_link
                title=t.copy_link
                on:click=move |_| context.copy_link()
            >
                <Icon name=IconName::Link />
            </button>
        }
    });
    view! {
        <header class="page-head">
            <h1>{title}</h1>
            {match children {
                Some(children) => children().into_any(),
                None => view! { <span class="grow"></span> }.into_any(),
            }}
            {tools}
        </header>
    }
}
