use super::model::LogsModel;
use crate::ask::Load;
use crate::browser;
use crate::calendar::{self, DateStyle};
use crate::components::Show;
use crate::histogram::{HEIGHT, Histogram, LEFT, Plot};
use crate::number::grouped;
use crate::severity::Level;
use crate::strings::text;
use crate::time_range::Window;
use leptos::ev::PointerEvent;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// Lines over time by severity: hover tells, dragging and clicking zoom; also as a table.
#[component]
pub(super) fn Chart(model: LogsModel) -> impl IntoView {
    let t = &text().logs;
    let table = RwSignal::new(false);
    let stale = move || model.counted.with(|load| *load == Load::Waiting);
    view! {
        <section class="histo" class:stale=stale aria-label=t.histogram aria-busy=move || stale().to_string()>
            <div class="meta">
                <Total model />
                <span class="grow"></span>
                <Legend model />
                <Show when=move || model.histogram.with(Option::is_some)>
                    <button
                        type="button"
                        class="quiet"
                        on:click=move |_| table.update(|table| *table = !*table)
                    >
                        {move || if table.get() { t.as_chart } else { t.as_table }}
                    </button>
                </Show>
            </div>
            {move || match model.histogram.get() {
                Some(histogram) if table.get() => {
                    let offset = model.context.offset_minutes(histogram.buckets.first_ns);
                    view! { <Table model histogram offset /> }.into_any()
                }
                Some(histogram) => view! { <Bars model histogram /> }.into_any(),
                None if stale() => view! { <div class="histo-wait"><i class="skeleton"></i></div> }.into_any(),
                None => view! { <div class="histo-wait"></div> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Total(model: LogsModel) -> impl IntoView {
    let t = &text().logs;
    move || {
        let waiting = model.counted.with(|load| *load == Load::Waiting);
        match model.histogram.get() {
            Some(histogram) => view! {
                <span>
                    <b class="total">{grouped(histogram.total())}</b>
                    " "
                    {t.lines_word}
                </span>
                <span class="faint">{(t.per_bar)(&histogram.buckets.step_text())}</span>
            }
            .into_any(),
            None if waiting => view! { <span class="faint">{t.counting}</span> }.into_any(),
            None => ().into_any(),
        }
    }
}

#[component]
fn Legend(model: LogsModel) -> impl IntoView {
    move || {
        let histogram = model.histogram.get()?;
        let entries = histogram.levels().into_iter().map(|level| {
            let count = grouped(histogram.of_level(level));
            view! {
                <span>
                    <i class=format!("swatch {}", level.name())></i>
                    {level_name(level)}
                    " "
                    {count}
                </span>
            }
        });
        Some(view! { <span class="legend wide-only">{entries.collect_view()}</span> })
    }
}

fn level_name(level: Level) -> &'static str {
    if level == Level::Unset { text().logs.no_severity } else { level.name() }
}

#[component]
fn Bars(model: LogsModel, histogram: Arc<Histogram>) -> impl IntoView {
    let width = RwSignal::new(0.0);
    let holder = NodeRef::<leptos::html::Div>::new();
    Effect::new(move |_| {
        if let Some(holder) = holder.get() {
            browser::observe_size(&holder, move |seen, _| width.set(seen));
        }
    });
    let plot = Memo::new({
        let histogram = Arc::clone(&histogram);
        move |_| Plot::new(&histogram, width.get())
    });
    let hover = RwSignal::new(None::<f64>);
    let drag = RwSignal::new(None::<(f64, f64)>);
    let drawing = {
        let histogram = Arc::clone(&histogram);
        move || {
            let (plot, histogram) = (plot.get(), Arc::clone(&histogram));
            let offset = model.context.offset_minutes(plot.buckets.first_ns);
            (width.get() > 0.0).then(|| view! { <Drawing histogram plot offset /> })
        }
    };
    let label = format!("{}, {}", text().logs.histogram, (text().logs.lines)(&grouped(histogram.total())));
    let at = move |event: &PointerEvent| place(event, holder);
    view! {
        <div
            class="bars"
            node_ref=holder
            role="img"
            aria-label=label
            title=text().logs.histogram_help
            on:pointerdown=move |event| {
                if event.button() == 0 && let Some(x) = at(&event) {
                    if let Some(holder) = holder.get_untracked() {
                        drop(holder.set_pointer_capture(event.pointer_id()));
                    }
                    event.prevent_default();
                    drag.set(Some((x, x)));
                }
            }
            on:pointermove=move |event| {
                let x = at(&event);
                hover.set(x);
                if let Some(x) = x {
                    drag.update(|drag| *drag = drag.map(|(from, _)| (from, x)));
                }
            }
            on:pointerup=move |_| {
                if let Some((from, to)) = drag.get_untracked() {
                    drag.set(None);
                    zoom(model, plot.get_untracked().window_between(from, to));
                }
            }
            on:pointercancel=move |_| drag.set(None)
            on:pointerleave=move |_| hover.set(None)
        >
            {drawing}
            <Shade plot drag />
            <Tip model histogram plot hover />
        </div>
    }
}

/// Goes to the part of the present window that was chosen.
fn zoom(model: LogsModel, chosen: Window) {
    let shown = model.context.window.get_untracked();
    let zoomed = Window { from_ns: chosen.from_ns.max(shown.from_ns), to_ns: chosen.to_ns.min(shown.to_ns) };
    if zoomed.from_ns < zoomed.to_ns && zoomed != shown {
        model.context.go(|view| {
            view.range = zoomed.fixed();
            view.row = None;
        });
    }
}

/// What a drag has chosen so far.
#[component]
fn Shade(plot: Memo<Plot>, drag: RwSignal<Option<(f64, f64)>>) -> impl IntoView {
    move || {
        let (from, to) = drag.get()?;
        let (left, width) = plot.get().shade(from, to);
        Some(view! { <div class="shade" style:left=pixels(left) style:width=pixels(width)></div> })
    }
}

fn place(event: &PointerEvent, holder: NodeRef<leptos::html::Div>) -> Option<f64> {
    let holder: web_sys::HtmlElement = holder.get_untracked()?.unchecked_into();
    let x = f64::from(event.client_x()) - holder.get_bounding_client_rect().left();
    (x >= LEFT / 2.0).then_some(x)
}

fn pixels(value: f64) -> String {
    format!("{value:.1}px")
}

/// Bars and axes, at device pixels.
#[component]
fn Drawing(histogram: Arc<Histogram>, plot: Plot, offset: i32) -> impl IntoView {
    let number = |value: f64| format!("{value:.1}");
    let lines = plot.count_ticks().into_iter().enumerate().map(|(place, tick)| {
        let class = if place == 0 { "axis" } else { "grid" };
        let y = tick.at.round() + 0.5;
        view! {
            <line class=class x1=number(LEFT - 2.0) x2=number(plot.width) y1=number(y) y2=number(y)></line>
            <text x=number(LEFT - 8.0) y=number(tick.at + 3.5) text-anchor="end">
                {tick.label}
            </text>
        }
    });
    let labels = plot.time_ticks(offset).into_iter().map(|tick| {
        view! { <text x=number(tick.at) y=number(HEIGHT - 2.0)>{tick.label}</text> }
    });
    let bars = plot.rects(&histogram).into_iter().map(|rect| {
        view! {
            <rect
                class=rect.level.name()
                x=number(rect.x)
                y=number(rect.y)
                width=number(rect.width)
                height=number(rect.height)
            ></rect>
        }
    });
    view! {
        <svg class="plot" width=number(plot.width) height=number(HEIGHT) aria-hidden="true">
            {lines.collect_view()}
            {bars.collect_view()}
            {labels.collect_view()}
        </svg>
    }
}

/// What the bar under the pointer counts.
#[component]
fn Tip(model: LogsModel, histogram: Arc<Histogram>, plot: Memo<Plot>, hover: RwSignal<Option<f64>>) -> impl IntoView {
    let bucket = Memo::new(move |_| hover.get().map(|x| plot.get().bucket_at(x)));
    move || {
        let bucket = bucket.get()?;
        let plot = plot.get();
        let (left, width) = plot.bar(bucket);
        let middle = left + width / 2.0;
        let counts = histogram.counts.get(bucket).copied().unwrap_or_default();
        let rows = Level::ALL.into_iter().rev().filter_map(|level| {
            let lines = counts.get(level.rank()).copied().filter(|lines| *lines > 0)?;
            Some(view! {
                <span class="tip-row">
                    <i class=format!("swatch {}", level.name())></i>
                    {level_name(level)}
                    <b class="num">{grouped(lines)}</b>
                </span>
            })
        });
        let rows = rows.collect_view();
        let time = bucket_text(model, &histogram, bucket);
        let total = (text().logs.lines)(&grouped(histogram.of_bucket(bucket)));
        let at_left = middle > plot.width / 2.0;
        Some(view! {
            <div class="cursor" style:left=pixels(middle)></div>
            <div class="tooltip" class:at-left=at_left style:left=pixels(middle)>
                <span class="tip-row"><span>{time}</span><b class="num">{total}</b></span>
                {rows}
            </div>
        })
    }
}

/// From when to when a bar counts.
fn bucket_text(model: LogsModel, histogram: &Histogram, bucket: usize) -> String {
    let (from, to) = (histogram.buckets.start_ns(bucket), histogram.buckets.start_ns(bucket + 1));
    let offset = model.context.offset_minutes(from);
    Window { from_ns: from, to_ns: to }.text(model.context.now_ns(), offset)
}

/// The same counts as rows, for those who cannot use or do not want the drawing.
#[component]
fn Table(model: LogsModel, histogram: Arc<Histogram>, offset: i32) -> impl IntoView {
    let t = &text().logs;
    let levels = histogram.levels();
    let heads =
        levels.iter().map(|level| view! { <th class="num" scope="col">{level_name(*level)}</th> }).collect_view();
    let first = histogram.buckets.first_ns;
    let end = histogram.buckets.start_ns(histogram.buckets.count);
    let style = DateStyle::for_span(first, end, model.context.now_ns(), offset);
    let rows = (0..histogram.buckets.count).rev().filter(|bucket| histogram.of_bucket(*bucket) > 0).map(|bucket| {
        let (from_ns, to_ns) = (histogram.buckets.start_ns(bucket), histogram.buckets.start_ns(bucket + 1));
        let counts = histogram.counts.get(bucket).copied().unwrap_or_default();
        let cells = levels.iter().map(|level| {
            view! { <td class="num">{grouped(counts.get(level.rank()).copied().unwrap_or(0))}</td> }
        });
        let time = calendar::to_second(from_ns, offset, style);
        let label = (t.zoom_to)(&time);
        view! {
            <tr>
                <td>
                    <button
                        type="button"
                        class="quiet mono"
                        aria-label=label
                        on:click=move |_| {
                            model.context.go(|view| view.range = Window { from_ns, to_ns }.fixed());
                        }
                    >
                        {time}
                    </button>
                </td>
                {cells.collect_view()}
                <td class="num strong">{grouped(histogram.of_bucket(bucket))}</td>
            </tr>
        }
    });
    view! {
        <div class="histo-table scroll" tabindex="0" role="region" aria-label=t.histogram>
            <table class="table tight">
                <thead>
                    <tr>
                        <th scope="col">{t.bucket}</th>
                        {heads}
                        <th class="num" scope="col">{t.total}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}
