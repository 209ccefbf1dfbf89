use super::figure::figure;
use super::time_chart::Chart;
use crate::browser;
use crate::bundle;
use crate::chart::{Colour, Series, csv, file_name};
use crate::strings::charts::charts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

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

/// Legend and what else can be done with the chart.
#[component]
pub(super) fn Foot(chart: Chart) -> impl IntoView {
    let filled = Memo::new(move |_| chart.data.with(|data| data.as_ref().is_some_and(|data| !data.is_empty())));
    view! {
        <figcaption class="chart-foot" class:values=chart.legend == LegendStyle::Values>
            {(chart.legend != LegendStyle::Hidden).then(|| view! { <Legend chart /> })}
            <span class="grow"></span>
            <Show when=move || filled.get()>
                <Actions chart />
            </Show>
        </figcaption>
    }
}

#[component]
fn Legend(chart: Chart) -> impl IntoView {
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

#[component]
fn Actions(chart: Chart) -> impl IntoView {
    let t = charts();
    let table = chart.table;
    let file = move |extension: &str| {
        let from = chart.data.with_untracked(|data| data.as_ref().map_or(0.0, |data| data.extent(false).0));
        file_name(&chart.label.get_value(), from, extension)
    };
    let save_csv = move |_| {
        if let Some(data) = chart.data.get_untracked() {
            browser::download_text(&file("csv"), "text/csv;charset=utf-8", &csv(&data));
        }
    };
    let save_png = move |_| {
        let file = file("png");
        spawn_local(async move {
            match picture(chart).await {
                Some(blob) => browser::download(&file, &blob),
                None => chart.context.notify(charts().png_failed),
            }
        });
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
            <button type="button" class="quiet" title=t.csv_help on:click=save_csv>{t.csv}</button>
            <Show when=move || chart.drawing.with(Option::is_some)>
                <button type="button" class="quiet" title=t.png_help on:click=save_png>{t.png}</button>
            </Show>
        </span>
    }
}

/// The drawing as a file; none when the browser cannot make it.
async fn picture(chart: Chart) -> Option<web_sys::Blob> {
    let drawing = chart.drawing.get_untracked()?;
    let legend = chart.data.with_untracked(|data| {
        let data = data.as_ref()?;
        chart.shown.with_untracked(|shown| {
            let series = data.series.iter().filter(|series| shown.has(&series.name));
            let entries = series.map(|series| json!({ "name": series.name, "colour": series.colour.token() }));
            Some(entries.collect::<Vec<_>>())
        })
    })?;
    let title = JsValue::from_str(&chart.label.get_value());
    let legend = JsValue::from_str(&json!(legend).to_string());
    let promise = bundle::call(&drawing, "picture", &[title, legend])?.dyn_into::<js_sys::Promise>().ok()?;
    let blob = JsFuture::from(promise).await.inspect_err(web_sys::console::warn_1).ok()?;
    blob.dyn_into().ok()
}
