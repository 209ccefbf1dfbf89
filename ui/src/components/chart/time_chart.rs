use super::exports::{self, Exports};
use super::foot::Foot;
use super::legend::{Legend, LegendStyle};
use super::phase::Phase;
use super::plot::Plot;
use super::table::TimeTable;
use crate::bundle;
use crate::chart::{self, Kind, Marker, Reading, Scene, Shown, Size, TimeSeries, Unit};
use crate::components::Show;
use crate::context::Context;
use crate::failure::Failure;
use crate::strings::charts::charts;
use crate::time_range::Window;
use leptos::prelude::*;
use serde_json::json;
use std::sync::Arc;
use wasm_bindgen::JsValue;
use web_sys::Blob;

/// A time under the crosshair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hover {
    /// Place among the times.
    pub(super) index: usize,
    /// Distance from the left end of the drawing.
    pub(super) left: f64,
}

/// What the parts of one chart share; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct Chart {
    pub(super) context: Context,
    pub(super) data: Signal<Option<Arc<TimeSeries>>>,
    pub(super) kind: Kind,
    pub(super) unit: StoredValue<Unit>,
    pub(super) label: StoredValue<String>,
    pub(super) height: f64,
    pub(super) fit: bool,
    pub(super) group: Option<&'static str>,
    pub(super) legend: LegendStyle,
    pub(super) on_zoom: Option<Callback<Window>>,
    pub(super) markers: Signal<Vec<Marker>>,
    pub(super) shown: RwSignal<Shown>,
    pub(super) hover: RwSignal<Option<Hover>>,
    pub(super) table: RwSignal<bool>,
    /// The drawing, while there is one.
    pub(super) drawing: RwSignal<Option<JsValue>, LocalStorage>,
    pub(super) failure: RwSignal<Option<Failure>>,
}

impl Chart {
    /// What is drawn at a width; tracks everything that it depends on.
    pub(super) fn scene(&self, data: &TimeSeries, width: f64) -> Scene {
        let size = Size { width, height: self.height };
        let offset_at = |ns: i64| self.context.offset_minutes(ns);
        let scene = self.shown.with(|shown| {
            self.unit.with_value(|unit| Scene::new(data, shown, self.kind, (unit, self.fit), size, &offset_at))
        });
        self.markers.with(|markers| scene.with_markers(markers))
    }

    /// What is shown at a place; tracks which series are.
    pub(super) fn reading(&self, data: &TimeSeries, index: usize) -> Reading {
        self.shown.with(|shown| Reading::new(data, shown, self.kind.stacked(), index))
    }

    /// The files of it.
    fn exports(self, phase: Memo<Phase>) -> Exports {
        let from = move || self.data.with_untracked(|data| data.as_ref().map(|data| data.extent(false).0));
        let csv = move || {
            let text = self.data.with_untracked(|data| data.as_ref().map(|data| chart::series_csv(data)))?;
            Some((exports::named(self.label, from(), "csv"), text))
        };
        let png = Callback::new(move |()| {
            exports::save_png(self.context, exports::named(self.label, from(), "png"), self.picture());
        });
        let drawn = move || self.drawing.with(Option::is_some).then_some(png);
        Exports { png: Signal::derive(drawn), ..Exports::of_rows(move || phase.get().filled(), csv) }
    }

    /// The drawing with title and legend; none when the browser cannot make it.
    async fn picture(self) -> Option<Blob> {
        let drawing = self.drawing.get_untracked()?;
        let legend = self.data.with_untracked(|data| {
            let data = data.as_ref()?;
            self.shown.with_untracked(|shown| {
                let series = data.series.iter().filter(|series| shown.has(&series.name));
                let entries = series.map(|series| json!({ "name": series.name, "colour": series.colour.token() }));
                Some(entries.collect::<Vec<_>>())
            })
        })?;
        let title = JsValue::from_str(&self.label.get_value());
        let legend = JsValue::from_str(&json!(legend).to_string());
        exports::blob(bundle::call(&drawing, "picture", &[title, legend])?).await
    }

    /// Names of all series.
    pub(super) fn names(&self) -> Vec<String> {
        self.data
            .with(|data| data.iter().flat_map(|data| data.series.iter().map(|series| series.name.clone())).collect())
    }
}

/// Values over time: hover and arrow keys tell, dragging zooms, the legend filters; also as a table
/// and a file.
/// While `data` is none, it waits.
#[component]
pub(crate) fn TimeChart(
    /// What is drawn.
    #[prop(into)]
    data: Signal<Option<Arc<TimeSeries>>>,
    /// How.
    kind: Kind,
    /// What the values are measured in.
    #[prop(default = Unit::Number)]
    unit: Unit,
    /// Names the chart, for screen readers and in files.
    #[prop(into)]
    label: String,
    /// Height of the drawing, without the legend.
    #[prop(default = 160.0)]
    height: f64,
    /// Takes the window that was dragged over; without it the chart does not zoom.
    #[prop(optional)]
    on_zoom: Option<Callback<Window>>,
    /// Points in time that are marked.
    #[prop(optional, into)]
    markers: Signal<Vec<Marker>>,
    /// Charts of one group share their crosshair.
    #[prop(optional)]
    group: Option<&'static str>,
    /// Scales lines to their values instead of from zero.
    #[prop(optional)]
    fit: bool,
    /// What the legend shows.
    #[prop(default = LegendStyle::Names)]
    legend: LegendStyle,
    /// Where its files are offered, too.
    #[prop(optional)]
    exports_to: Option<RwSignal<Option<Exports>>>,
) -> impl IntoView {
    let chart = Chart {
        context: Context::get(),
        data,
        kind,
        unit: StoredValue::new(unit),
        label: StoredValue::new(label),
        height,
        fit,
        group,
        legend,
        on_zoom,
        markers,
        shown: RwSignal::new(Shown::default()),
        hover: RwSignal::new(None),
        table: RwSignal::new(false),
        drawing: RwSignal::new_local(None),
        failure: RwSignal::new(None),
    };
    let phase = Phase::of(data, TimeSeries::is_empty, chart.table);
    let exports = chart.exports(phase);
    exports.lend(exports_to);
    let tall = move || format!("{height}px");
    view! {
        <figure
            class="chart"
            aria-label=chart.label.get_value()
            aria-busy=move || (phase.get() == Phase::Waiting).to_string()
        >
            {move || match phase.get() {
                Phase::Waiting => {
                    view! { <div class="chart-wait" style:height=tall><i class="skeleton"></i></div> }.into_any()
                }
                Phase::Empty => {
                    view! { <p class="chart-none" style:height=tall>{charts().empty}</p> }.into_any()
                }
                Phase::Drawing => view! { <Plot chart /> }.into_any(),
                Phase::Table => view! { <TimeTable chart /> }.into_any(),
            }}
            <Foot exports table=chart.table apart=legend == LegendStyle::Values>
                {(legend != LegendStyle::Hidden).then(|| view! { <Legend chart /> })}
            </Foot>
        </figure>
    }
}
