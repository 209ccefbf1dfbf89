use super::figure::figure;
use crate::chart::{Bar, Unit, bar_extent, bar_range};
use crate::strings::charts::charts;
use leptos::prelude::*;
use std::sync::Arc;

/// A bar per category, in the order given. While `bars` is none, it waits.
#[component]
pub(crate) fn BarChart(
    /// Categories and their values.
    #[prop(into)]
    bars: Signal<Option<Arc<Vec<Bar>>>>,
    /// What the values are measured in.
    #[prop(default = Unit::Number)]
    unit: Unit,
    /// Names the chart for screen readers.
    #[prop(into)]
    label: String,
    /// Takes the category that was chosen; without it the bars are not buttons.
    #[prop(optional)]
    on_pick: Option<Callback<String>>,
) -> impl IntoView {
    let unit = StoredValue::new(unit);
    view! {
        <div class="bar-chart" role="group" aria-label=label aria-busy=move || bars.with(Option::is_none).to_string()>
            {move || match bars.get() {
                None => (0..4).map(|_| view! { <div class="bar-row"><i class="skeleton"></i></div> }).collect_view().into_any(),
                Some(bars) if bars.is_empty() => view! { <p class="chart-none">{charts().empty}</p> }.into_any(),
                Some(bars) => {
                    let range = bar_range(&bars);
                    let rows = bars.iter().map(|bar| row(bar, range, unit, on_pick));
                    view! { <ul>{rows.collect_view()}</ul> }.into_any()
                }
            }}
        </div>
    }
}

fn row(
    bar: &Bar,
    range: (f64, f64),
    unit: StoredValue<Unit>,
    on_pick: Option<Callback<String>>,
) -> impl IntoView + use<> {
    let (start, length) = bar.value.map_or((0.0, 0.0), |value| bar_extent(value, range));
    let value = unit.with_value(|unit| figure(unit, bar.value));
    let picked = bar.label.clone();
    let content = view! {
        <span class="ell" title=bar.label.clone()>{bar.label.clone()}</span>
        <span class="bar-track" aria-hidden="true">
            <i
                style:margin-left=format!("{start:.2}%")
                style:width=format!("{length:.2}%")
                style:background=bar.colour.map(|colour| colour.css())
            ></i>
        </span>
        <span class="num">{value}</span>
    };
    match on_pick {
        Some(on_pick) => view! {
            <li>
                <button type="button" class="bar-row" on:click=move |_| on_pick.run(picked.clone())>
                    {content}
                </button>
            </li>
        }
        .into_any(),
        None => view! { <li class="bar-row">{content}</li> }.into_any(),
    }
}
