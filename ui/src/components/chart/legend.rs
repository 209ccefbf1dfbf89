use super::figure::figure;
use super::time_chart::Chart;
use crate::chart::{Colour, Series};
use crate::strings::charts::charts;
use leptos::prelude::*;

/// What the legend of a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LegendStyle {
    /// Nothing: the chart has one series, or its title says it.
    Hidden,
    /// Names.
    Names,
    /// Names, the newest and the greatest value.
    Values,
}

/// Names the series, and filters them.
#[component]
pub(super) fn Legend(chart: Chart) -> impl IntoView {
    let t = charts();
    let entries = Memo::new(move |_| {
        chart.data.with(|data| {
            let series = data.iter().flat_map(|data| &data.series);
            series.map(|series| (series.name.clone(), series.colour)).collect::<Vec<_>>()
        })
    });
    let values = chart.legend == LegendStyle::Values;
    view! {
        <div
            class="chart-legend"
            class:values=values
            class:scroll=values
            role="group"
            aria-label=t.series
            title=t.filter_help
        >
            {values
                .then(|| {
                    view! {
                        <span class="legend-head" aria-hidden="true">
                            <span>{t.name}</span>
                            <span class="num">{t.last}</span>
                            <span class="num">{t.max}</span>
                        </span>
                    }
                })}
            {move || {
                let entries = entries.get().into_iter().enumerate();
                entries.map(|(index, (name, colour))| view! { <Entry chart index name colour /> }).collect_view()
            }}
        </div>
    }
}

#[component]
fn Entry(chart: Chart, index: usize, name: String, colour: Colour) -> impl IntoView {
    let values = chart.legend == LegendStyle::Values;
    let value = move |of: fn(&Series) -> Option<f64>| {
        let series = chart.data.with(|data| data.as_ref()?.series.get(index).and_then(of));
        chart.unit.with_value(|unit| figure(unit, series))
    };
    let shown = {
        let name = name.clone();
        Memo::new(move |_| chart.shown.with(|shown| shown.has(&name)))
    };
    let stored = StoredValue::new(name.clone());
    let press = move |modified: bool| {
        let names = untrack(|| chart.names());
        let names = names.iter().map(String::as_str);
        stored.with_value(|name| {
            chart.shown.update(|shown| if modified { shown.toggle(name, names) } else { shown.isolate(name, names) });
        });
    };
    view! {
        <button
            type="button"
            class="legend-entry"
            class:off=move || !shown.get()
            aria-pressed=move || shown.get().to_string()
            on:click=move |event| press(event.ctrl_key() || event.meta_key() || event.shift_key())
            on:keydown=move |event| {
                // Browsers make no click of it.
                if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                    event.prevent_default();
                    press(true);
                }
            }
        >
            <i class=format!("swatch {}", colour.stroke()) style:background=colour.css()></i>
            <span class="ell">{name}</span>
            {values
                .then(|| {
                    view! {
                        <span class="num"><span class="sr">{charts().last}" "</span>{move || value(Series::last)}</span>
                        <span class="num"><span class="sr">{charts().max}" "</span>{move || value(Series::max)}</span>
                    }
                })}
        </button>
    }
}
