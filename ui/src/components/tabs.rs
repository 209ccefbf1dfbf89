use crate::browser;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// A row of tabs, of which one is chosen; arrows move between them.
#[component]
pub(crate) fn Tabs(
    /// What they are tabs of, for a screen reader.
    #[prop(into)]
    label: String,
    /// Unique on the page; tab `n` has the id `<id>-<n>`, the panel `<id>-panel`.
    id: &'static str,
    /// Captions.
    #[prop(into)]
    captions: Signal<Vec<String>>,
    /// Place of the chosen one.
    #[prop(into)]
    chosen: Signal<usize>,
    /// Chooses another.
    #[prop(into)]
    on_choose: Callback<usize>,
) -> impl IntoView {
    let step = move |event: KeyboardEvent| {
        let (at, count) = (chosen.get_untracked(), captions.with_untracked(Vec::len).max(1));
        let next = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => (at + 1) % count,
            "ArrowLeft" | "ArrowUp" => (at + count - 1) % count,
            _ => return,
        };
        event.prevent_default();
        on_choose.run(next);
        browser::focus(&format!("{id}-{next}"));
    };
    let tab = move |(place, caption): (usize, String)| {
        let on = move || chosen.get() == place;
        view! {
            <button
                type="button"
                id=format!("{id}-{place}")
                role="tab"
                class:on=on
                aria-selected=move || on().to_string()
                aria-controls=format!("{id}-panel")
                tabindex=move || if on() { "0" } else { "-1" }
                on:click=move |_| on_choose.run(place)
            >
                {caption}
            </button>
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=step>
            {move || captions.get().into_iter().enumerate().map(tab).collect_view()}
        </div>
    }
}
