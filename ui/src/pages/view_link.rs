//! Links to views of this page.

use crate::browser;
use crate::context::Context;
use crate::url_state::ViewState;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// A link to a view; it can be opened in a new tab, too.
#[component]
pub(super) fn ViewLink(
    /// Where it leads.
    to: ViewState,
    /// Classes.
    #[prop(optional)]
    class: &'static str,
    /// Caption.
    children: Children,
) -> impl IntoView {
    let context = Context::get();
    let href = to.to_link();
    let follow = move |event: MouseEvent| {
        if browser::is_plain_click(&event) {
            event.prevent_default();
            context.go(|view| *view = to.clone());
        }
    };
    view! {
        <a class=class href=href on:click=follow>
            {children()}
        </a>
    }
}
