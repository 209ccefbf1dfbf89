use super::figure::{TABLE_HEIGHT, figure, pixels};
use crate::browser;
use crate::calendar::{self, DateStyle};
use crate::chart::{Heat, HeatPlot, Unit, heat_bounds, time_axis};
use crate::context::Context;
use crate::number::grouped;
use crate::strings::charts::charts;
use crate::time_range::Window;
use leptos::ev::PointerEvent;
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// Rows of the table at most.
const ROWS_MAX: usize = 500;

/// What the parts of one heat map share.
#[derive(Clone, Copy)]
struct Map {
    context: Context,
    data: Signal<Option<Arc<Heat>>>,
    unit: StoredValue<Unit>,
    label: StoredValue<String>,
    height: f64,
    on_zoom: Option<Callback<Window>>,
    width: RwSignal<f64>,
    hover: RwSignal<Option<(usize, usize)>>,
    drag: RwSignal<Option<(usize, usize)>>,
    table: RwSignal<bool>,
}

/// Counts by time and by range of values: hover tells, dragging zooms; also as a table. While
/// `data` is none, it waits.
#[component]
pub(crate) fn HeatMap(
    /// Counts.
    #[prop(into)]
    data: Signal<Option<Arc<Heat>>>,
    /// What the counts are measured in.
    #[prop(default = Unit::Number)]
    unit: Unit,
    /// Names the map for screen readers.
    #[prop(into)]
    label: String,
    /// Height of the drawing, without the legend.
    #[prop(default = 160.0)]
    height: f64,
    /// Takes the window that was dragged over; without it the map does not zoom.
    #[prop(optional)]
    on_zoom: Option<Callback<Window>>,
) -> impl IntoView {
    let map = Map {
        context: Context::get(),
        data,
        unit: StoredValue::new(unit),
        label: StoredValue::new(label),
        height,
        on_zoom,
        width: RwSignal::new(0.0),
        hover: RwSignal::new(None),
        drag: RwSignal::new(None),
        table: RwSignal::new(false),
    };
    let tall = move || format!("{height}px");
    view! {
        <figure class="chart heat" aria-label=map.label.get_value() aria-busy=move || data.with(Option::is_none).to_string()>
            {move || match data.get() {
                None => view! { <div class="chart-wait" style:height=tall><i class="skeleton"></i></div> }.into_any(),
                Some(heat) if heat.max() <= 0.0 => {
                    view! { <p class="chart-none" style:height=tall>{charts().empty}</p> }.into_any()
                }
                Some(heat) if map.table.get() => view! { <Table map heat /> }.into_any(),
                Some(heat) => view! { <Cells map heat /> }.into_any(),
            }}
            <Foot map />
        </figure>
    }
}

#[component]
fn Cells(map: Map, heat: Arc<Heat>) -> impl IntoView {
    let holder = NodeRef::<Div>::new();
    Effect::new(move |_| {
        if let Some(holder) = holder.get() {
            browser::observe_size(&holder, move |seen, _| map.width.set(seen));
        }
    });
    let held = StoredValue::new(Arc::clone(&heat));
    let plot = Memo::new(move |_| held.with_value(|heat| HeatPlot::new(heat, map.width.get(), map.height)));
    let at = move |event: &PointerEvent| {
        let (x, y) = place(event, holder)?;
        plot.get_untracked().cell_at(x, y)
    };
    let finish = move || {
        let dragged = map.drag.get_untracked();
        map.drag.set(None);
        let window =
            dragged.filter(|(from, to)| from != to).and_then(|(a, b)| held.with_value(|heat| heat.window(a, b)));
        if let Some((on_zoom, window)) = map.on_zoom.zip(window) {
            on_zoom.run(window);
        }
    };
    view! {
        <div
            class="chart-plot"
            class:zooms=map.on_zoom.is_some()
            node_ref=holder
            role="img"
            aria-label=map.label.get_value()
            style:height=format!("{}px", map.height)
            on:pointerdown=move |event| {
                if event.button() == 0 && map.on_zoom.is_some() && let Some((column, _)) = at(&event) {
                    if let Some(holder) = holder.get_untracked() {
                        drop(holder.set_pointer_capture(event.pointer_id()));
                    }
                    event.prevent_default();
                    map.drag.set(Some((column, column)));
                }
            }
            on:pointermove=move |event| {
                let cell = at(&event);
                map.hover.set(cell);
                if let Some((column, _)) = cell {
                    map.drag.update(|drag| *drag = drag.map(|(from, _)| (from, column)));
                }
            }
            on:pointerup=move |_| finish()
            on:pointercancel=move |_| map.drag.set(None)
            on:pointerleave=move |_| map.hover.set(None)
        >
            {move || (map.width.get() > 0.0).then(|| view! { <Drawing map heat=Arc::clone(&heat) plot=plot.get() /> })}
            <Tip map held plot />
        </div>
    }
}

fn place(event: &PointerEvent, holder: NodeRef<Div>) -> Option<(f64, f64)> {
    let holder: web_sys::HtmlElement = holder.get_untracked()?.unchecked_into();
    let area = holder.get_bounding_client_rect();
    Some((f64::from(event.client_x()) - area.left(), f64::from(event.client_y()) - area.top()))
}

/// Cells as one path per step, so that the colours are the style sheet's; labels beside them.
#[component]
fn Drawing(map: Map, heat: Arc<Heat>, plot: HeatPlot) -> impl IntoView {
    let (left, _, width, height) = plot.area();
    let number = |value: f64| format!("{value:.1}");
    let paths = plot.paths(&heat).into_iter().enumerate();
    let paths = paths.map(|(step, path)| view! { <path class=format!("heat-{}", step + 1) d=path></path> });
    let rows = plot.labelled_rows().into_iter().map(|(row, y)| {
        let label = heat.rows.get(row).map(|row| row.label.clone());
        view! { <text x=number(left - 8.0) y=number(y + 3.5) text-anchor="end">{label}</text> }
    });
    let (from, to) = heat.extent();
    let times = move || {
        let axis = time_axis(from, to, width, &|ns| map.context.offset_minutes(ns));
        let labels = axis.ticks.into_iter().map(|tick| {
            let x = left + (tick.at - from) / (to - from) * width;
            view! { <text x=number(x) y=number(height + 14.0) text-anchor="middle">{tick.label}</text> }
        });
        labels.collect_view()
    };
    let shade = move || {
        let (a, b) = map.drag.get()?;
        let (start, ..) = plot.cell(a.min(b), 0);
        let (last, _, length, _) = plot.cell(a.max(b), 0);
        Some(view! {
            <rect class="shade" x=number(start) y="0" width=number(last + length - start) height=number(height)></rect>
        })
    };
    view! {
        <svg class="plot" width=number(map.width.get_untracked()) height=number(map.height) aria-hidden="true">
            {paths.collect_view()}
            {rows.collect_view()}
            {times}
            {shade}
        </svg>
    }
}

/// What the cell under the pointer counts.
#[component]
fn Tip(map: Map, held: StoredValue<Arc<Heat>>, plot: Memo<HeatPlot>) -> impl IntoView {
    let cell = Memo::new(move |_| map.hover.get());
    move || {
        let (column, row) = cell.get()?;
        let (x, y, width, height) = plot.get().cell(column, row);
        let (label, count) =
            held.with_value(|heat| Some((heat.rows.get(row)?.label.clone(), heat.count(column, row))))?;
        let time = held.with_value(|heat| column_text(map, heat, column));
        let middle = x + width / 2.0;
        let at_left = middle > map.width.get() / 2.0;
        Some(view! {
            <div
                class="heat-cell"
                style:left=pixels(x)
                style:top=pixels(y)
                style:width=pixels(width)
                style:height=pixels(height)
            ></div>
            <div class="tooltip" class:at-left=at_left style:left=pixels(middle)>
                <span class="tip-row"><span>{time}</span></span>
                <span class="tip-row">
                    <span>{label}</span>
                    <b class="num">{map.unit.with_value(|unit| figure(unit, Some(count)))}</b>
                </span>
            </div>
        })
    }
}

fn column_text(map: Map, heat: &Heat, column: usize) -> String {
    let window = heat.window(column, column);
    window
        .map(|window| window.text(map.context.now_ns(), map.context.offset_minutes(window.from_ns)))
        .unwrap_or_default()
}

#[component]
fn Foot(map: Map) -> impl IntoView {
    let t = charts();
    let filled = Memo::new(move |_| map.data.with(|heat| heat.as_ref().is_some_and(|heat| heat.max() > 0.0)));
    let steps = move || {
        let bounds = map.data.with(|heat| heat.as_ref().map_or([0.0; 5], |heat| heat_bounds(heat)));
        let bounds = bounds.into_iter().enumerate();
        bounds
            .map(|(step, bound)| {
                let text = (t.up_to)(&map.unit.with_value(|unit| unit.text(bound)));
                view! { <span><i class=format!("swatch heat-{}", step + 1)></i>{text}</span> }
            })
            .collect_view()
    };
    view! {
        <figcaption class="chart-foot">
            <Show when=move || filled.get()>
                <span class="legend">{steps}</span>
                <span class="grow"></span>
                <span class="chart-actions">
                    <button
                        type="button"
                        class="quiet"
                        aria-pressed=move || map.table.get().to_string()
                        on:click=move |_| map.table.update(|table| *table = !*table)
                    >
                        {move || if map.table.get() { t.as_chart } else { t.as_table }}
                    </button>
                </span>
            </Show>
        </figcaption>
    }
}

/// Cells that count something, the newest first.
#[component]
fn Table(map: Map, heat: Arc<Heat>) -> impl IntoView {
    let t = charts();
    let (from, to) = heat.extent();
    let ns = |ms: f64| (ms * 1e6) as i64;
    let places =
        (0..heat.times_ms.len()).rev().flat_map(|column| (0..heat.rows.len()).rev().map(move |row| (column, row)));
    let filled: Vec<(usize, usize)> = places.filter(|(column, row)| heat.count(*column, *row) > 0.0).collect();
    let bounded =
        (filled.len() > ROWS_MAX).then(|| (t.newest_rows)(&grouped(ROWS_MAX as u64), &grouped(filled.len() as u64)));
    let row = move |(column, row): (usize, usize)| {
        let at = ns(*heat.times_ms.get(column)?);
        let offset = map.context.offset_minutes(at);
        let style = DateStyle::for_span(ns(from), ns(to), map.context.now_ns(), offset);
        let count = map.unit.with_value(|unit| figure(unit, Some(heat.count(column, row))));
        Some(view! {
            <tr>
                <td class="mono">{calendar::to_second(at, offset, style)}</td>
                <td>{heat.rows.get(row)?.label.clone()}</td>
                <td class="num">{count}</td>
            </tr>
        })
    };
    let rows = move || filled.iter().take(ROWS_MAX).copied().filter_map(&row).collect_view();
    view! {
        <div class="chart-table scroll" style:max-height=format!("{}px", map.height.max(TABLE_HEIGHT)) tabindex="0" role="region" aria-label=map.label.get_value()>
            <table class="table tight">
                <thead>
                    <tr>
                        <th scope="col">{t.time}</th>
                        <th scope="col">{t.range}</th>
                        <th class="num" scope="col">{t.count}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {bounded.map(|text| view! { <p class="hint">{text}</p> })}
        </div>
    }
}
