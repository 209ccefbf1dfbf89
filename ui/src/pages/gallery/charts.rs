use super::samples;
use super::{Columns, Part};
use crate::chart::{Kind, Thresholds, TimeSeries, Unit};
use crate::components::{BarChart, HeatMap, LegendStyle, SingleValue, Sparkline, TimeChart};
use crate::context::Context;
use crate::time_range::Window;
use leptos::prelude::*;
use std::sync::Arc;

/// Crosshair of the sheet.
const GROUP: &str = "gallery";

#[component]
pub(super) fn Charts() -> impl IntoView {
    let context = Context::get();
    let zoomed = RwSignal::new(None::<Window>);
    let on_zoom = Callback::new(move |window: Window| zoomed.set(Some(window)));
    view! {
        <Zoomed zoomed />
        <Figures />
        <OverTime on_zoom />
        <Columns count=2>
            <Part name="Heat map">
                <HeatMap data=ready(samples::heat()) label="Requests by duration" height=180.0 on_zoom />
            </Part>
            <Part name="Bar chart">
                <BarChart
                    bars=ready(samples::bars())
                    unit=Unit::Milliseconds
                    label="p95 by operation"
                    on_pick=Callback::new(move |name: String| context.notify(&name))
                />
            </Part>
        </Columns>
        <Odd />
    }
}

fn ready<T: Send + Sync + 'static>(data: T) -> Signal<Option<Arc<T>>> {
    let data = Arc::new(data);
    Signal::derive(move || Some(Arc::clone(&data)))
}

/// What the last drag meant.
#[component]
fn Zoomed(zoomed: RwSignal<Option<Window>>) -> impl IntoView {
    let text = move || {
        zoomed.get().map_or_else(
            || "none".to_owned(),
            |window| format!("{} {}", crate::calendar::rfc3339(window.from_ns), crate::calendar::rfc3339(window.to_ns)),
        )
    };
    view! { <p class="faint mono">"last zoom: " <span id="zoomed">{text}</span></p> }
}

#[component]
fn Figures() -> impl IntoView {
    let known = |value: f64| Signal::derive(move || Some(value));
    let line = |values: &'static [u8]| Signal::derive(move || samples::spark(values));
    view! {
        <Columns count=6>
            <Part name="Requests">
                <SingleValue label="Requests" value=known(412.0) before=known(429.0) unit=Unit::PerSecond spark=line(&[41, 42, 41, 43, 42, 42, 43, 41, 40, 41, 42, 41, 40, 41, 41]) />
            </Part>
            <Part name="Errors">
                <SingleValue label="Errors" value=known(0.68) before=known(0.02) unit=Unit::Percent thresholds=Thresholds { warn: 0.1, bad: 0.5 } spark=line(&[1, 1, 1, 1, 1, 1, 1, 1, 2, 9, 17, 20, 21, 20, 21]) />
            </Part>
            <Part name="p95">
                <SingleValue label="p95, all entry points" value=known(846.0) before=known(335.0) unit=Unit::Milliseconds thresholds=Thresholds { warn: 500.0, bad: 1000.0 } spark=line(&[33, 32, 34, 33, 33, 34, 33, 33, 40, 61, 78, 84, 85, 84, 85]) />
            </Part>
            <Part name="No value">
                <SingleValue label="Orders placed" value=Signal::derive(|| None) />
            </Part>
            <Part name="Error sparkline with floor">
                <Sparkline values=line(&[0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]) floor=20.0 />
            </Part>
            <Part name="Large">
                <SingleValue label="Stored" value=known(61.4e9) before=known(58.2e9) unit=Unit::Bytes />
            </Part>
        </Columns>
    }
}

#[component]
fn OverTime(on_zoom: Callback<Window>) -> impl IntoView {
    let markers = Signal::derive(samples::markers);
    let stored = StoredValue::new(samples::lines());
    let lines = move || stored.with_value(|data: &TimeSeries| ready(data.clone()));
    view! {
        <Columns count=2>
            <Part name="Stacked bars">
                <TimeChart data=ready(samples::failures()) kind=Kind::StackedBars label="Failed requests per minute" markers on_zoom group=GROUP />
            </Part>
            <Part name="Lines">
                <TimeChart data=ready(samples::latency()) kind=Kind::Lines unit=Unit::Milliseconds label="Latency" markers on_zoom group=GROUP legend=LegendStyle::Values />
            </Part>
            <Part name="Stacked bars by severity">
                <TimeChart data=lines() kind=Kind::StackedBars label="Log lines" on_zoom group=GROUP />
            </Part>
            <Part name="Area">
                <TimeChart data=ready(samples::traffic()) kind=Kind::Area unit=Unit::BytesPerSecond label="Traffic" on_zoom group=GROUP />
            </Part>
            <Part name="Stacked area">
                <TimeChart data=ready(samples::shares()) kind=Kind::StackedArea unit=Unit::Percent label="Requests by state" on_zoom group=GROUP />
            </Part>
            <Part name="Bars">
                <TimeChart data=lines() kind=Kind::Bars label="Log lines, beside each other" on_zoom group=GROUP />
            </Part>
            <Part name="Lines fitted">
                <TimeChart data=ready(samples::memory()) kind=Kind::Lines unit=Unit::Bytes label="Memory" fit=true on_zoom group=GROUP legend=LegendStyle::Values />
            </Part>
            <Part name="Many series">
                <TimeChart data=ready(samples::many()) kind=Kind::Lines unit=Unit::Percent label="CPU by pod" on_zoom group=GROUP legend=LegendStyle::Values />
            </Part>
        </Columns>
    }
}

#[component]
fn Odd() -> impl IntoView {
    let all = ["one point", "all zero", "negative", "huge", "tiny", "no values"];
    let parts = all.into_iter().map(|name| {
        let kind = if name == "tiny" { Kind::Bars } else { Kind::Lines };
        view! {
            <Part name=name>
                <TimeChart data=ready(samples::odd(name)) kind label=name height=96.0 legend=LegendStyle::Hidden />
            </Part>
        }
    });
    view! {
        <Columns count=4>
            {parts.collect_view()}
            <Part name="Waiting">
                <TimeChart data=Signal::derive(|| None) kind=Kind::Lines label="Waiting" height=96.0 />
            </Part>
        </Columns>
    }
}
