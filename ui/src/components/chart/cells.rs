use super::figure::{figure, pixels};
use super::heat_map::Map;
use crate::browser;
use crate::chart::{Heat, HeatPlot, move_cell};
use crate::strings::charts::charts;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// The drawing: a pointer or arrow keys choose a cell.
#[component]
pub(super) fn Cells(map: Map) -> impl IntoView {
    let holder = NodeRef::<Div>::new();
    Effect::new(move |_| {
        if let Some(holder) = holder.get() {
            browser::observe_size(&holder, move |seen, _| map.width.set(seen));
        }
    });
    let plot = Memo::new(move |_| map.data.with(|heat| heat.as_ref().map(|heat| map.plot(heat))));
    let at = move |event: &PointerEvent| {
        let (x, y) = place(event, holder)?;
        plot.get_untracked()?.cell_at(x, y)
    };
    let last = move || map.data.with(|heat| heat.as_ref().map_or(0, |heat| heat.times_ms.len().saturating_sub(1)));
    let reading = move || {
        let at = map.cursor.get().zip(map.data.get());
        at.map_or_else(|| charts().cells_help.to_owned(), |(cell, heat)| map.reading(&heat, cell))
    };
    // A slider as that of charts over time: its value is read out when either of its directions changes.
    view! {
        <div
            class="chart-plot"
            class:zooms=map.on_zoom.is_some()
            node_ref=holder
            role="slider"
            tabindex="0"
            aria-roledescription=charts().drawing
            aria-label=map.label.get_value()
            aria-valuemin="0"
            aria-valuemax=last
            aria-valuenow=move || map.cursor.get().map_or(0, |(column, _)| column)
            aria-valuetext=reading
            style:height=format!("{}px", map.height)
            on:keydown=move |event| {
                if press(map, &event) {
                    event.prevent_default();
                    event.stop_propagation();
                }
            }
            on:blur=move |_| {
                map.cursor.try_update(|cursor| *cursor = None);
            }
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
                map.cursor.set(cell);
                if let Some((column, _)) = cell {
                    map.drag.update(|drag| *drag = drag.map(|(from, _)| (from, column)));
                }
            }
            on:pointerup=move |_| finish(map)
            on:pointercancel=move |_| map.drag.set(None)
            on:pointerleave=move |_| map.cursor.set(None)
        >
            {move || {
                let (heat, plot) = map.data.get().zip(plot.get()).filter(|_| map.width.get() > 0.0)?;
                Some(view! { <Drawing map heat plot /> })
            }}
            <Tip map plot />
        </div>
    }
}

fn place(event: &PointerEvent, holder: NodeRef<Div>) -> Option<(f64, f64)> {
    let holder: web_sys::HtmlElement = holder.get_untracked()?.unchecked_into();
    let area = holder.get_bounding_client_rect();
    Some((f64::from(event.client_x()) - area.left(), f64::from(event.client_y()) - area.top()))
}

/// Ends a drag: over several columns it zooms.
fn finish(map: Map) {
    let dragged = map.drag.get_untracked();
    map.drag.set(None);
    let dragged = dragged.filter(|(from, to)| from != to).zip(map.data.get_untracked());
    let window = dragged.and_then(|((a, b), heat)| heat.window(a, b));
    if let Some((on_zoom, window)) = map.on_zoom.zip(window) {
        on_zoom.run(window);
    }
}

/// Moves the cursor or takes it away; false for another key.
fn press(map: Map, event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return false;
    }
    let at = map.cursor.get_untracked();
    let size = map.data.with_untracked(|heat| heat.as_ref().map(|heat| (heat.times_ms.len(), heat.rows.len())));
    let to = move_cell(&event.key(), event.shift_key(), at, size.unwrap_or_default());
    let known = to.is_some() || (event.key() == "Escape" && at.is_some());
    if known {
        map.cursor.set(to);
    }
    known
}

/// Cells as one path per step, so that the colours are the style sheet's; labels beside them.
#[component]
fn Drawing(map: Map, heat: Arc<Heat>, plot: HeatPlot) -> impl IntoView {
    let (_, _, _, height) = plot.area();
    let number = |value: f64| format!("{value:.1}");
    let paths = plot.paths(&heat).into_iter().enumerate();
    let paths = paths.map(|(step, path)| view! { <path class=format!("heat-{}", step + 1) d=path></path> });
    let paths = paths.collect_view();
    let labels = move || {
        let labels = plot.labels(&heat, &map.axis(&heat, &plot)).into_iter().map(|label| {
            // Half of the digits' height below the middle is their base line.
            let base = number(label.y + 3.5);
            view! { <text x=number(label.x) y=base text-anchor=label.anchor.name()>{label.text}</text> }
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
            {paths}
            {labels}
            {shade}
        </svg>
    }
}

/// What the chosen cell counts.
#[component]
fn Tip(map: Map, plot: Memo<Option<HeatPlot>>) -> impl IntoView {
    let cell = Memo::new(move |_| map.cursor.get());
    move || {
        let (column, row) = cell.get()?;
        let heat = map.data.get()?;
        heat.times_ms.get(column)?;
        let (x, y, width, height) = plot.get()?.cell(column, row);
        let label = heat.rows.get(row)?.label.clone();
        let count = heat.count(column, row);
        let time = column_text(map, &heat, column);
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

/// From when to when a column counts.
pub(super) fn column_text(map: Map, heat: &Heat, column: usize) -> String {
    let window = heat.window(column, column);
    window
        .map(|window| window.text(map.context.now_ns(), map.context.offset_minutes(window.from_ns)))
        .unwrap_or_default()
}
