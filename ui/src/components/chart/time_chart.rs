use super::legend::{Foot, LegendStyle};
use super::plot::Plot;
use super::table::Table;
use crate::chart::{Kind, Marker, Scene, Shown, Size, TimeSeries, Unit};
use crate::context::Context;
use crate::failure::Failure;
use crate::strings::charts::charts;
use crate::time_range::Window;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsValue;

/// A time under the pointer.
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

    /// Names of all series.
    pub(super) fn names(&self) -> Vec<String> {
        self.data
            .with(|data| data.iter().flat_map(|data| data.series.iter().map(|series| series.name.clone())).collect())
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Waiting,
    Empty,
    Drawing,
    Table,
}

/// Values over time: hover tells, dragging zooms, the legend filters; also as a table and a file.
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
    let phase = Memo::new(move |_| {
        data.with(|data| match data {
            None => Phase::Waiting,
            Some(data) if data.is_empty() => Phase::Empty,
            Some(_) if chart.table.get() => Phase::Table,
            Some(_) => Phase::Drawing,
        })
    });
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
                Phase::Table => view! { <Table chart /> }.into_any(),
            }}
            <Foot chart />
        </figure>
    }
}
