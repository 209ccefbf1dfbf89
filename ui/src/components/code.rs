use crate::code::{Language, code_spans};
use leptos::prelude::*;

/// Code to be read and copied.
#[component]
pub(crate) fn Code(
    /// The code.
    #[prop(into)]
    content: Signal<String>,
    /// What it is written in.
    language: Language,
    /// Wraps long lines.
    #[prop(optional)]
    wrap: bool,
) -> impl IntoView {
    let spans = move || {
        content.with(|code| {
            let spans = code_spans(code, language).into_iter();
            spans.map(|(kind, text)| view! { <span class=kind.class()>{text.to_owned()}</span> }).collect_view()
        })
    };
    view! { <pre class="code" class:wrap=wrap tabindex="0">{spans}</pre> }
}
