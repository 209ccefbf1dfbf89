//! Answers as charts.

use super::body::{Content, Drawn};
use crate::browser;
use crate::chart::{self, Colour, Heat as HeatData, HeatRow, Kind, Points, Series, Thresholds, TimeSeries, Unit};
use crate::components::{BarChart, HeatMap, SingleValue, TimeChart};
use crate::dashboard::{Answer, BarRow, Panel, TimeLine, Timelines, UNITS, View};
use crate::severity::Level;
use crate::strings::dashboards::text;
use crate::time_range::Window;
use leptos::prelude::*;
use std::sync::Arc;

/// The charts of a dashboard share their crosshair.
const GROUP: &str = "dashboard";
/// What is below the drawing of a chart: legend and buttons; and a second line of the legend.
const FOOT: f64 = 30.0;
const FOOT_LINE: f64 = 18.0;
/// Widths in the legend: of a character, of what else an entry has, and of the buttons beside it.
const CHARACTER: f64 = 6.0;
const ENTRY: f64 = 26.0;
const BUTTONS: f64 = 130.0;
const HEIGHT_MIN: f64 = 60.0;

/// The unit that a panel names.
pub(super) fn unit(panel: &Panel) -> Unit {
    match UNITS.iter().position(|name| *name == panel.unit) {
        Some(0) => Unit::Number,
        Some(1) => Unit::PerSecond,
        Some(2) => Unit::Percent,
        Some(3) => Unit::Bytes,
        Some(4) => Unit::BytesPerSecond,
        Some(5) => Unit::Milliseconds,
        Some(_) => Unit::Seconds,
        None => Unit::Custom(panel.unit.clone()),
    }
}

fn thresholds(panel: &Panel) -> Option<Thresholds> {
    let (warn, bad) = (panel.warn.or(panel.bad)?, panel.bad.or(panel.warn)?);
    Some(Thresholds { warn, bad })
}

fn zoom(content: Content) -> Callback<Window> {
    let context = content.board.context;
    Callback::new(move |window: Window| context.go(|view| view.range = window.fixed()))
}

/// Runs `make` on the answer, whenever there is another.
fn made<T: Send + Sync + 'static>(
    content: Content,
    make: impl Fn(&Answer) -> Option<T> + Send + Sync + 'static,
) -> Signal<Option<Arc<T>>> {
    Signal::derive(move || match content.drawn.get()?.ok()?.as_ref() {
        Drawn::Answer(answer) => make(answer).map(Arc::new),
        Drawn::Lines(_) => None,
    })
}

/// Height of a drawing in a frame; it changes only when there is another.
fn inner(height: Signal<f64>) -> Memo<f64> {
    Memo::new(move |_| (height.get() - FOOT).max(HEIGHT_MIN).round())
}

/// Series over time.
#[component]
pub(super) fn OverTime(content: Content, height: Signal<f64>) -> impl IntoView {
    let data = made(content, move |answer| match answer {
        Answer::Timelines(timelines) => Some(series(content, timelines)),
        _ => None,
    });
    let left_out = move || {
        data.track();
        content.drawn.with(|drawn| match drawn.as_ref()?.as_ref().ok()?.as_ref() {
            Drawn::Answer(Answer::Timelines(timelines)) if timelines.left_out > 0 => {
                Some((text().panel.left_out)(&timelines.left_out.to_string()))
            }
            _ => None,
        })
    };
    let look = Memo::new(move |_| content.panel.with(|panel| (panel.view, unit(panel), content.title())));
    let holder = NodeRef::<leptos::html::Div>::new();
    let width = RwSignal::new(0.0);
    Effect::new(move |_| {
        if let Some(holder) = holder.get() {
            browser::observe_size(&holder, move |seen, _| width.set(seen));
        }
    });
    let lines = Memo::new(move |_| {
        let entry = |series: &Series| series.name.chars().count() as f64 * CHARACTER + ENTRY;
        let names = data.with(|data| data.as_ref().map_or(0.0, |data| data.series.iter().map(entry).sum::<f64>()));
        if names > width.get() - BUTTONS { FOOT_LINE } else { 0.0 }
    });
    let inner = inner(Signal::derive(move || height.get() - lines.get()));
    view! {
        <div class="card-width" node_ref=holder></div>
        {move || {
            let (shown, unit, label) = look.get();
            let kind = match shown {
                View::Area => Kind::StackedArea,
                View::Columns => Kind::StackedBars,
                _ => Kind::Lines,
            };
            let height = inner.get();
            view! {
                <TimeChart data kind unit label height on_zoom=zoom(content) group=GROUP exports_to=content.exports />
            }
        }}
        {move || left_out().map(|left_out| view! { <p class="card-hint">{left_out}</p> })}
    }
}

fn series(content: Content, timelines: &Timelines) -> TimeSeries {
    let names: Vec<&str> = timelines.lines.iter().map(|line| line.name.as_str()).collect();
    let numbers = content.board.colours.try_update_value(|colours| colours.assign(names)).unwrap_or_default();
    let colour = |line: &TimeLine, number: usize| match line.level {
        Some(level) => Colour::Severity(level),
        None => Colour::Category(number),
    };
    let named = |line: &TimeLine| match line.level {
        Some(Level::Unset) => text().panel.missing_value.to_owned(),
        _ => line.name.clone(),
    };
    let lines = timelines.lines.iter().zip(numbers);
    let series = lines.map(|(line, number)| Points {
        name: named(line),
        colour: colour(line, number),
        points: line.points.clone(),
    });
    let series = series.collect();
    let window = content.request.with_untracked(|request| request.as_ref().ok().map(|request| request.window));
    let mut data = TimeSeries::from_points(window, timelines.step_ms, series);
    content.panel.with_untracked(|panel| add_thresholds(panel, &mut data));
    data
}

/// Thresholds of lines are lines, too.
fn add_thresholds(panel: &Panel, data: &mut TimeSeries) {
    if panel.view != View::Line || data.times_ms.is_empty() {
        return;
    }
    let t = &text().editor;
    let bounds = [(panel.warn, t.warn, chart::Health::Warn), (panel.bad, t.bad, chart::Health::Bad)];
    for (bound, name, health) in bounds {
        if let Some(bound) = bound {
            let name = format!("{name} {}", unit(panel).text(bound));
            data.series.push(Series {
                name,
                colour: Colour::Health(health),
                values: vec![Some(bound); data.times_ms.len()],
            });
        }
    }
}

/// A bar each.
#[component]
pub(super) fn Bars(content: Content, height: Signal<f64>) -> impl IntoView {
    let bars = made(content, move |answer| match answer {
        Answer::Bars(bars) => {
            let thresholds = content.panel.with(thresholds);
            Some(bars.iter().map(|bar| bar_of(bar, thresholds)).collect::<Vec<_>>())
        }
        _ => None,
    });
    let look = Memo::new(move |_| (content.panel.with(unit), content.title()));
    let inner = inner(height);
    move || {
        let (unit, label) = look.get();
        let height = inner.get();
        view! { <BarChart bars unit label height exports_to=content.exports /> }
    }
}

fn bar_of(bar: &BarRow, thresholds: Option<Thresholds>) -> chart::Bar {
    let health = thresholds.map(|bounds| bounds.health(bar.value)).filter(|health| *health != chart::Health::Ok);
    chart::Bar { label: bar.label.clone(), value: bar.value, colour: health.map(Colour::Health) }
}

/// One number.
#[component]
pub(super) fn Single(content: Content) -> impl IntoView {
    let figure = made(content, |answer| match answer {
        Answer::Figure(figure) => Some(figure.clone()),
        _ => None,
    });
    let value = Signal::derive(move || figure.get().and_then(|figure| figure.value));
    let trend = Signal::derive(move || {
        figure.get().map(|figure| figure.trend.iter().copied().map(Some).collect::<Vec<_>>()).unwrap_or_default()
    });
    let look = Memo::new(move |_| content.panel.with(|panel| (unit(panel), thresholds(panel))));
    move || {
        let (unit, thresholds) = look.get();
        view! {
            <div class="card-figure">
                {match thresholds {
                    Some(bounds) => {
                        view! { <SingleValue label="" value unit spark=trend thresholds=bounds /> }.into_any()
                    }
                    None => view! { <SingleValue label="" value unit spark=trend /> }.into_any(),
                }}
            </div>
        }
    }
}

/// Counts by time and range.
#[component]
pub(super) fn Heat(content: Content, height: Signal<f64>) -> impl IntoView {
    let data = made(content, |answer| match answer {
        Answer::Heat(heat) => Some(HeatData {
            times_ms: heat.times_ms.clone(),
            step_ms: heat.step_ms,
            rows: heat
                .rows
                .iter()
                .map(|(label, counts)| HeatRow { label: label.clone(), counts: counts.clone() })
                .collect(),
        }),
        _ => None,
    });
    let look = Memo::new(move |_| (content.panel.with(unit), content.title()));
    let inner = inner(height);
    move || {
        let (unit, label) = look.get();
        let height = inner.get();
        view! { <HeatMap data unit label height on_zoom=zoom(content) exports_to=content.exports /> }
    }
}
