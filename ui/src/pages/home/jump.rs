use super::model::logs;
use crate::browser;
use crate::context::Context;
use crate::time_range::TimeRange;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// Goes to lines.
#[component]
pub(super) fn LogsLink(
    /// The search.
    #[prop(into)]
    query: String,
    /// Its range; that of the page when there is none.
    #[prop(optional_no_strip)]
    range: Option<TimeRange>,
    /// Classes.
    #[prop(into, default = String::new())]
    class: String,
    /// For the pointer.
    #[prop(into, default = String::new())]
    title: String,
    /// Id of a link that keeps the focus while rows change places.
    #[prop(optional_no_strip)]
    id: Option<String>,
    /// Content.
    children: Children,
) -> impl IntoView {
    let context = Context::get();
    let target = StoredValue::new((query, range));
    let view_of = move |present: TimeRange, utc: Option<bool>| {
        target.with_value(|(query, range)| logs(query.clone(), range.unwrap_or(present), utc))
    };
    let href = move || context.view.with(|view| view_of(view.range, view.utc).to_link());
    let follow = move |event: MouseEvent| {
        event.stop_propagation();
        if browser::is_plain_click(&event) {
            event.prevent_default();
            context.go(|view| *view = view_of(view.range, view.utc));
        }
    };
    view! {
        <a
            class=class
            href=href
            title=(!title.is_empty()).then_some(title)
            id=id
            on:click=follow
        >
            {children()}
        </a>
    }
}
