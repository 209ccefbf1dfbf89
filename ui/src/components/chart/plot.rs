use super::time_chart::{Chart, Hover};
use super::tooltip::{Tooltip, time_text};
use crate::browser;
use crate::bundle;
use crate::calendar;
use crate::chart::{Motion, Scene, TimeSeries};
use crate::components::FailurePanel;
use crate::strings::charts::charts;
use js_sys::{Array, Float64Array, Object, Reflect};
use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

pub(super) const BUNDLE: &str = "chart.js";

/// The drawing, at device pixels.
#[component]
pub(super) fn Plot(chart: Chart) -> impl IntoView {
    let holder = NodeRef::<Div>::new();
    let width = RwSignal::new(0.0);
    Effect::new(move |_| {
        if let Some(holder) = holder.get() {
            browser::observe_size(&holder, move |seen, _| width.set(seen));
            mount(chart, holder.unchecked_into());
        }
    });
    Effect::new(move |_| {
        let (drawing, data, width) = (chart.drawing.get(), chart.data.get(), width.get());
        if let (Some(drawing), Some(data)) = (drawing, data)
            && width >= 1.0
        {
            draw(&drawing, &chart.scene(&data, width));
        }
    });
    Effect::new(move |_| {
        chart.context.light.track();
        if let Some(drawing) = chart.drawing.get() {
            bundle::call(&drawing, "retheme", &[]);
        }
    });
    on_cleanup(move || {
        if let Some(drawing) = chart.drawing.try_update(Option::take).flatten() {
            bundle::call(&drawing, "unmount", &[]);
        }
        chart.hover.try_set(None);
    });
    let retry = Callback::new(move |()| {
        chart.failure.set(None);
        if let Some(holder) = holder.get_untracked() {
            mount(chart, holder.unchecked_into());
        }
    });
    let release = move || {
        // The focus is also lost when the chart goes.
        if let Some(Some(drawing)) = chart.drawing.try_get_untracked() {
            bundle::call(&drawing, "release", &[]);
        }
    };
    // A slider: arrow keys reach it without leaving a screen reader's reading mode first, and its value
    // is read out once for each move, which a live region does not promise while keys repeat.
    view! {
        <div class="chart-plot" class:zooms=chart.on_zoom.is_some()>
            <div
                class="chart-canvas"
                node_ref=holder
                role="slider"
                tabindex="0"
                aria-roledescription=charts().drawing
                aria-label=move || summary(chart)
                aria-valuemin="0"
                aria-valuemax=move || chart.data.with(|data| data.as_ref().map_or(0, |data| last_place(data)))
                aria-valuenow=move || chart.hover.get().map_or(0, |hover| hover.index)
                aria-valuetext=move || reading(chart)
                style:height=format!("{}px", chart.height)
                on:keydown=move |event| {
                    if press(chart, &event) {
                        event.prevent_default();
                        event.stop_propagation();
                    }
                }
                on:blur=move |_| release()
            ></div>
            <Tooltip chart width />
            {move || chart.failure.get().map(|failure| view! { <FailurePanel failure on_retry=retry /> })}
        </div>
    }
}

fn last_place(data: &TimeSeries) -> usize {
    data.times_ms.len().saturating_sub(1)
}

/// Moves the crosshair or takes it away; false for another key.
fn press(chart: Chart, event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return false;
    }
    let bars = chart.kind.bars();
    let at = chart.hover.get_untracked().map(|hover| hover.index);
    let time = match Motion::of_key(&event.key(), event.shift_key()) {
        Some(motion) => chart.data.with_untracked(|data| {
            let data = data.as_ref()?;
            data.crosshair(motion.target(at, data.places(bars))?, bars)
        }),
        None if event.key() == "Escape" && at.is_some() => None,
        None => return false,
    };
    let point = |drawing: &JsValue| bundle::call(drawing, "point", &[time.map_or(JsValue::NULL, JsValue::from_f64)]);
    chart.drawing.with_untracked(|drawing| drawing.as_ref().map(point));
    true
}

/// What a screen reader says of the crosshair: the values there, or how it is moved.
fn reading(chart: Chart) -> String {
    let at = chart.hover.get().zip(chart.data.get());
    at.map_or_else(
        || charts().crosshair_help.to_owned(),
        |(hover, data)| {
            let time = time_text(chart, &data, hover.index);
            chart.unit.with_value(|unit| chart.reading(&data, hover.index).text(&time, unit))
        },
    )
}

/// What a screen reader says instead of the drawing.
fn summary(chart: Chart) -> String {
    let t = charts();
    let context = chart.context;
    let count = chart.names().len();
    let time = |ms: f64| {
        let ns = (ms * 1e6) as i64;
        calendar::to_full(ns, context.offset_minutes(ns))
    };
    let mut parts = vec![chart.label.get_value()];
    if count > 1 {
        parts.push((t.series_count)(&count.to_string()));
    }
    if let Some((from, to)) = chart.data.with(|data| data.as_ref().map(|data| data.extent(chart.kind.bars()))) {
        parts.push(format!("{} – {} {}", time(from), time(to), context.zone_name((to * 1e6) as i64)));
    }
    chart.markers.with(|markers| {
        parts.extend(markers.iter().map(|marker| (t.marker)(&marker.label, &time(marker.at_ms))));
    });
    parts.join(", ")
}

/// Fetches the library and prepares a drawing in `holder`, unless the chart is gone by then.
fn mount(chart: Chart, holder: JsValue) {
    let callbacks = listen(chart);
    spawn_local(async move {
        match bundle::load(BUNDLE).await {
            Ok(module) => {
                let group = chart.group.map_or(JsValue::NULL, JsValue::from_str);
                if chart.drawing.try_get_untracked().is_some_and(|drawing| drawing.is_none()) {
                    let drawing = bundle::call(&module, "mount", &[holder, callbacks, group]);
                    chart.drawing.try_set(drawing);
                }
            }
            Err(failure) => drop(chart.failure.try_set(Some(failure))),
        }
    });
}

/// What the drawing calls; kept for as long as the component.
fn listen(chart: Chart) -> JsValue {
    let bars = chart.kind.bars();
    let with_data = move |run: &dyn Fn(&Arc<TimeSeries>)| {
        chart.data.with_untracked(|data| data.iter().for_each(run));
    };
    let hover = Closure::<dyn Fn(JsValue, f64)>::new(move |time: JsValue, left: f64| {
        with_data(&|data| {
            let index = time.as_f64().and_then(|time| data.index_at(time, bars));
            let hover = index.map(|index| Hover { index, left });
            if chart.hover.get_untracked() != hover {
                chart.hover.set(hover);
            }
        });
    });
    let select = Closure::<dyn Fn(f64, f64)>::new(move |from: f64, to: f64| {
        with_data(&|data| {
            if let Some((on_zoom, window)) = chart.on_zoom.zip(data.zoom(from, to, bars)) {
                on_zoom.run(window);
            }
        });
    });
    let callbacks = Object::new();
    for (name, function) in [("hover", hover.as_ref()), ("select", select.as_ref())] {
        drop(Reflect::set(&callbacks, &name.into(), function));
    }
    drop(Reflect::set(&callbacks, &"zooms".into(), &chart.on_zoom.is_some().into()));
    StoredValue::new_local((hover, select));
    callbacks.into()
}

fn draw(drawing: &JsValue, scene: &Scene) {
    let times = Float64Array::from(scene.times_ms.as_slice());
    let (bases, ends) = (Array::new(), Array::new());
    for series in &scene.series {
        bases.push(&Float64Array::from(series.layer.base.as_slice()));
        ends.push(&Float64Array::from(series.layer.end.as_slice()));
    }
    let json = JsValue::from_str(&scene.to_json().to_string());
    bundle::call(drawing, "draw", &[json, times.into(), bases.into(), ends.into()]);
}
