use crate::chart::Unit;
use crate::strings::charts::charts;
use leptos::prelude::*;

/// Height of a table that stands for a drawing, at least: that of the logs' histogram.
pub(super) const TABLE_HEIGHT: f64 = 236.0;

/// A value and its unit, the unit dimmer.
pub(super) fn figure(unit: &Unit, value: Option<f64>) -> impl IntoView + use<> {
    match value {
        Some(value) => {
            let figure = unit.figure(value);
            let unit = (!figure.unit.is_empty()).then(|| view! { <span class="unit">{figure.unit}</span> });
            view! { {figure.number} {unit} }.into_any()
        }
        None => view! { <span class="faint" aria-label=charts().no_value>"–"</span> }.into_any(),
    }
}

/// As a length of CSS.
pub(super) fn pixels(value: f64) -> String {
    format!("{value:.1}px")
}
