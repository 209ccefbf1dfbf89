use super::figure::{TABLE_HEIGHT, figure};
use super::time_chart::Chart;
use super::tooltip::time_text;
use crate::chart::TimeSeries;
use crate::number::grouped;
use crate::strings::charts::charts;
use leptos::prelude::*;
use std::sync::Arc;

/// Cells at most: what is beyond is in the file.
const CELLS_MAX: usize = 6000;

/// The same values as rows, the newest first, for those who cannot use or do not want the drawing.
#[component]
pub(super) fn Table(chart: Chart) -> impl IntoView {
    let t = charts();
    move || {
        let data = chart.data.get()?;
        let places = chart.shown.with(|shown| {
            let places = data.series.iter().enumerate().filter(|(_, series)| shown.has(&series.name));
            places.map(|(place, _)| place).collect::<Vec<_>>()
        });
        let names = places.iter().filter_map(|place| data.series.get(*place)).map(|series| series.name.clone());
        let heads = names.map(|name| view! { <th class="num" scope="col">{name}</th> }).collect_view();
        let count = (CELLS_MAX / places.len().max(1)).clamp(1, data.times_ms.len().max(1));
        let first = data.times_ms.len().saturating_sub(count);
        let bounded = (first > 0).then(|| {
            let text = (t.newest_rows)(&grouped(count as u64), &grouped(data.times_ms.len() as u64));
            view! { <p class="hint">{text}</p> }
        });
        let rows = (first..data.times_ms.len()).rev().map(|index| row(chart, &data, index, &places)).collect_view();
        Some(view! {
            <div
                class="chart-table scroll"
                style:max-height=format!("{}px", chart.height.max(TABLE_HEIGHT))
                tabindex="0"
                role="region"
                aria-label=chart.label.get_value()
            >
                <table class="table tight">
                    <thead>
                        <tr>
                            <th scope="col">{t.time}</th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                {bounded}
            </div>
        })
    }
}

fn row(chart: Chart, data: &Arc<TimeSeries>, index: usize, places: &[usize]) -> impl IntoView + use<> {
    let time = time_text(chart, data, index);
    let cells = places.iter().filter_map(|place| data.series.get(*place)).map(|series| {
        let value = chart.unit.with_value(|unit| figure(unit, series.at(index)));
        view! { <td class="num">{value}</td> }
    });
    let at = data.times_ms.get(index).copied();
    let window = at.zip(data.step()).and_then(|(at, step)| data.zoom(at, at + step, chart.kind.bars()));
    let head = match chart.on_zoom.zip(window) {
        Some((on_zoom, window)) => view! {
            <button
                type="button"
                class="quiet mono"
                aria-label=(charts().zoom_to)(&time)
                on:click=move |_| on_zoom.run(window)
            >
                {time.clone()}
            </button>
        }
        .into_any(),
        None => view! { <span class="mono">{time.clone()}</span> }.into_any(),
    };
    view! {
        <tr>
            <td>{head}</td>
            {cells.collect_view()}
        </tr>
    }
}
