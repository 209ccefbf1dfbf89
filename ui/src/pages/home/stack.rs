//! Failed requests over time, by service.

use super::model::HomeModel;
use super::values::name_of;
use crate::chart::{Colour, Kind, Marker, Series, TimeSeries, Unit};
use crate::components::{LegendStyle, TimeChart};
use crate::services::{Overview, failure_stack};
use crate::strings::home;
use crate::time_range::Window;
use leptos::prelude::*;
use std::sync::Arc;

const MS_NS: f64 = 1e6;
const HEIGHT: f64 = 118.0;
/// Services told apart; the others are one.
const SERVICES_MAX: usize = 5;
/// Releases marked, so that their names do not cover each other.
const MARKERS_MAX: usize = 3;

/// The panel. A drag over it changes the time range of the page.
#[component]
pub(super) fn FailureChart(model: HomeModel) -> impl IntoView {
    let t = home::text();
    let by_lines = Memo::new(move |_| {
        model.shown.with(|shown| shown.as_ref().is_some_and(|shown| !shown.overview.has_requests()))
    });
    let data =
        Signal::derive(move || model.shown.with(|shown| shown.as_ref().map(|shown| Arc::new(series(&shown.overview)))));
    let none = Memo::new(move |_| data.with(|data| data.as_ref().is_some_and(|data| data.series.is_empty())));
    let markers = Signal::derive(move || markers(model));
    let zoom = Callback::new(move |window: Window| model.context.go(|view| view.range = window.fixed()));
    let tall = format!("{HEIGHT}px");
    move || {
        let by_lines = by_lines.get();
        let title = if by_lines { t.lines_per_minute } else { t.failed_per_minute };
        let content = if none.get() {
            let words = if by_lines { t.lines_none } else { t.failed_none };
            view! { <p class="chart-none" style:height=tall.clone()>{words}</p> }.into_any()
        } else {
            view! {
                <TimeChart
                    data=data
                    kind=Kind::StackedBars
                    unit=Unit::Number
                    label=title
                    height=HEIGHT
                    on_zoom=zoom
                    markers=markers
                    legend=LegendStyle::Names
                />
            }
            .into_any()
        };
        view! {
            <section class="panel failures wide-only" aria-label=title>
                <div class="panel-head">{title}</div>
                <div class="failures-body">{content}</div>
            </section>
        }
    }
}

fn series(overview: &Overview) -> TimeSeries {
    let buckets = &overview.buckets;
    let stack = failure_stack(overview, SERVICES_MAX).into_iter().enumerate();
    let series = stack.map(|(place, (service, values))| Series {
        name: service.map_or_else(|| home::text().others.to_owned(), |service| name_of(&service)),
        colour: Colour::Category(place),
        values: values.into_iter().map(Some).collect(),
    });
    TimeSeries {
        window: Some(overview.window),
        step_ms: Some(buckets.step_ns as f64 / MS_NS),
        times_ms: (0..buckets.count).map(|index| buckets.start_ns(index) as f64 / MS_NS).collect(),
        series: series.collect(),
    }
}

fn markers(model: HomeModel) -> Vec<Marker> {
    let window = model.shown.with(|shown| shown.as_ref().map(|shown| shown.overview.window));
    let Some((releases, window)) = model.releases.answer.get().zip(window) else { return Vec::new() };
    let inside = |ns: &i64| (window.from_ns..window.to_ns).contains(ns);
    let marked = releases.changes.iter().filter_map(|release| {
        let at_ns = release.since_ns.filter(inside)?;
        Some(Marker { at_ms: at_ns as f64 / MS_NS, label: format!("{} {}", release.service, release.version) })
    });
    marked.take(MARKERS_MAX).collect()
}
