use super::exports::Exports;
use crate::components::Show;
use crate::strings::charts::charts;
use leptos::prelude::*;

/// What is below a drawing: its legend, and what else can be done with it.
#[component]
pub(super) fn Foot(
    exports: Exports,
    /// Whether the values are shown as a table.
    table: RwSignal<bool>,
    /// Whether the legend is a list of its own above the buttons.
    #[prop(optional)]
    apart: bool,
    /// The legend.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <figcaption class="chart-foot" class:values=apart>
            {children.map(|children| children())}
            <span class="grow"></span>
            <Show when=move || exports.filled.get()>
                <Actions exports table />
            </Show>
        </figcaption>
    }
}

#[component]
fn Actions(exports: Exports, table: RwSignal<bool>) -> impl IntoView {
    let t = charts();
    let png = move || {
        exports.png.get().map(|png| {
            view! { <button type="button" class="quiet" title=t.png_help on:click=move |_| png.run(())>{t.png}</button> }
        })
    };
    view! {
        <span class="chart-actions">
            <button
                type="button"
                class="quiet"
                aria-pressed=move || table.get().to_string()
                on:click=move |_| table.update(|table| *table = !*table)
            >
                {move || if table.get() { t.as_chart } else { t.as_table }}
            </button>
            <button type="button" class="quiet" title=t.csv_help on:click=move |_| exports.csv.run(())>
                {t.csv}
            </button>
            {png}
        </span>
    }
}
