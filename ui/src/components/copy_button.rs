use super::{Icon, IconName};
use crate::context::Context;
use crate::strings::text;
use leptos::prelude::*;

/// Copies a text.
#[component]
pub(crate) fn CopyButton(
    /// What is copied, made when it is asked for.
    #[prop(into)]
    content: Callback<(), String>,
    /// Name of the button.
    #[prop(into)]
    label: String,
    /// Shown beside the icon; without it the icon is alone.
    #[prop(optional)]
    caption: Option<&'static str>,
    /// Classes beside `btn`.
    #[prop(default = "ghost")]
    class: &'static str,
) -> impl IntoView {
    let context = Context::get();
    let alone = if caption.is_none() { " icon-only" } else { "" };
    view! {
        <button
            type="button"
            class=format!("btn {class}{alone}")
            aria-label=label.clone()
            title=label
            on:click=move |event| {
                event.stop_propagation();
                context.copy(content.run(()), text().shell.copied);
            }
        >
            <Icon name=IconName::Copy />
            {caption}
        </button>
    }
}
