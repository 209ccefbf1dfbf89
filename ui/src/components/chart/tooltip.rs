use super::figure::{figure, pixels};
use super::time_chart::Chart;
use crate::calendar::{self, DateStyle};
use crate::chart::{Reading, SeriesValue, TimeSeries};
use crate::strings::charts::charts;
use crate::time_range::Window;
use leptos::prelude::*;

/// Every value at the time under the crosshair, the greatest first.
#[component]
pub(super) fn Tooltip(chart: Chart, width: RwSignal<f64>) -> impl IntoView {
    let left = move || chart.hover.get().map_or(0.0, |hover| hover.left);
    let at_left = move || left() > width.get() / 2.0;
    let index = Memo::new(move |_| chart.hover.get().map(|hover| hover.index));
    move || {
        let index = index.get()?;
        let data = chart.data.get()?;
        let Reading { values, more, total } = chart.reading(&data, index);
        let shown = |value: f64| chart.unit.with_value(|unit| figure(unit, Some(value)));
        let rows = values.into_iter().map(|SeriesValue { name, colour, value }| {
            view! {
                <span class="tip-row">
                    <i class="swatch" style:background=colour.css()></i>
                    <span class="ell">{name}</span>
                    <b class="num">{shown(value)}</b>
                </span>
            }
        });
        Some(view! {
            <div class="tooltip" class:at-left=at_left style:left=move || pixels(left())>
                <span class="tip-row">
                    <span>{time_text(chart, &data, index)}</span>
                    {total.map(|total| view! { <b class="num">{shown(total)}</b> })}
                </span>
                {rows.collect_view()}
                {(more > 0).then(|| view! { <span class="faint">{(charts().more_series)(&more.to_string())}</span> })}
            </div>
        })
    }
}

/// The time of a value, or from when to when a bar counts.
pub(super) fn time_text(chart: Chart, data: &TimeSeries, index: usize) -> String {
    let context = chart.context;
    let ns = |ms: f64| (ms * 1e6) as i64;
    let at = data.times_ms.get(index).copied().unwrap_or_default();
    let offset = context.offset_minutes(ns(at));
    if let Some(step) = data.step().filter(|_| chart.kind.bars()) {
        let window = Window { from_ns: ns(at), to_ns: ns(at + step) };
        return window.text(context.now_ns(), offset);
    }
    let (from, to) = data.extent(false);
    let style = DateStyle::for_span(ns(from), ns(to), context.now_ns(), offset);
    let whole_seconds = data.times_ms.iter().all(|time| time % 1000.0 == 0.0);
    let text = if whole_seconds { calendar::to_second } else { calendar::to_millisecond };
    text(ns(at), offset, style)
}
