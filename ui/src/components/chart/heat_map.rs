use super::cells::{Cells, column_text};
use super::exports::{self, Exports};
use super::figure::figure;
use super::foot::Foot;
use super::phase::Phase;
use super::table::{Table, newest};
use crate::calendar::{self, DateStyle};
use crate::chart::{Axis, Heat, HeatPlot, Picture, Unit, heat_bounds, heat_csv, time_axis};
use crate::components::Show;
use crate::context::Context;
use crate::strings::charts::charts;
use crate::time_range::Window;
use leptos::prelude::*;
use std::sync::Arc;

/// What the parts of one heat map share.
#[derive(Clone, Copy)]
pub(super) struct Map {
    pub(super) context: Context,
    pub(super) data: Signal<Option<Arc<Heat>>>,
    pub(super) unit: StoredValue<Unit>,
    pub(super) label: StoredValue<String>,
    pub(super) height: f64,
    pub(super) on_zoom: Option<Callback<Window>>,
    pub(super) width: RwSignal<f64>,
    /// The cell under the pointer, or where keys have moved.
    pub(super) cursor: RwSignal<Option<(usize, usize)>>,
    pub(super) drag: RwSignal<Option<(usize, usize)>>,
    pub(super) table: RwSignal<bool>,
}

impl Map {
    /// Where the cells of `heat` are; tracks the width.
    pub(super) fn plot(self, heat: &Heat) -> HeatPlot {
        HeatPlot::new(heat, self.width.get(), self.height)
    }

    /// The time axis below them; tracks the zone.
    pub(super) fn axis(self, heat: &Heat, plot: &HeatPlot) -> Axis {
        let (_, _, width, _) = plot.area();
        let (from, to) = heat.extent();
        time_axis(from, to, width, &|ns| self.context.offset_minutes(ns))
    }

    /// What a cell counts, in one sentence; tracked.
    pub(super) fn reading(self, heat: &Heat, cell: (usize, usize)) -> String {
        let time = column_text(self, heat, cell.0);
        self.unit.with_value(|unit| heat.text(cell, &time, unit))
    }

    /// The files of it.
    fn exports(self, phase: Memo<Phase>) -> Exports {
        let named = move |heat: &Heat, extension| exports::named(self.label, Some(heat.extent().0), extension);
        let csv = move || {
            let heat = self.data.get_untracked()?;
            Some((named(&heat, "csv"), heat_csv(&heat)))
        };
        let png = Callback::new(move |()| {
            if let Some(heat) = self.data.get_untracked() {
                let picture = untrack(|| self.picture(&heat));
                exports::save_png(self.context, named(&heat, "png"), exports::drawn(picture, self.label.get_value()));
            }
        });
        let drawn = move || (phase.get() == Phase::Drawing).then_some(png);
        Exports { png: Signal::derive(drawn), ..Exports::of_rows(move || phase.get().filled(), csv) }
    }

    fn picture(self, heat: &Heat) -> Picture {
        let plot = self.plot(heat);
        self.unit.with_value(|unit| Picture::of_heat(heat, unit, &plot, &self.axis(heat, &plot)))
    }
}

/// Counts by time and by range of values: hover and arrow keys tell, dragging zooms; also as a table
/// and a file. While `data` is none, it waits.
#[component]
pub(crate) fn HeatMap(
    /// Counts.
    #[prop(into)]
    data: Signal<Option<Arc<Heat>>>,
    /// What the counts are measured in.
    #[prop(default = Unit::Number)]
    unit: Unit,
    /// Names the map, for screen readers and in files.
    #[prop(into)]
    label: String,
    /// Height of the drawing, without the legend.
    #[prop(default = 160.0)]
    height: f64,
    /// Takes the window that was dragged over; without it the map does not zoom.
    #[prop(optional)]
    on_zoom: Option<Callback<Window>>,
    /// Where its files are offered, too.
    #[prop(optional)]
    exports_to: Option<RwSignal<Option<Exports>>>,
) -> impl IntoView {
    let map = Map {
        context: Context::get(),
        data,
        unit: StoredValue::new(unit),
        label: StoredValue::new(label),
        height,
        on_zoom,
        width: RwSignal::new(0.0),
        cursor: RwSignal::new(None),
        drag: RwSignal::new(None),
        table: RwSignal::new(false),
    };
    let phase = Phase::of(data, |heat| heat.max() <= 0.0, map.table);
    let exports = map.exports(phase);
    exports.lend(exports_to);
    let tall = move || format!("{height}px");
    view! {
        <figure
            class="chart heat"
            aria-label=map.label.get_value()
            aria-busy=move || (phase.get() == Phase::Waiting).to_string()
        >
            {move || match phase.get() {
                Phase::Waiting => {
                    view! { <div class="chart-wait" style:height=tall><i class="skeleton"></i></div> }.into_any()
                }
                Phase::Empty => {
                    view! { <p class="chart-none" style:height=tall>{charts().empty}</p> }.into_any()
                }
                Phase::Drawing => view! { <Cells map /> }.into_any(),
                Phase::Table => view! { <HeatTable map /> }.into_any(),
            }}
            <Foot exports table=map.table>
                <Legend map exports />
            </Foot>
        </figure>
    }
}

/// How many each step of the colours stands for.
#[component]
fn Legend(map: Map, exports: Exports) -> impl IntoView {
    let steps = move || {
        let bounds = map.data.with(|heat| heat.as_ref().map_or([0.0; 5], |heat| heat_bounds(heat)));
        let bounds = bounds.into_iter().enumerate();
        bounds
            .map(|(step, bound)| {
                let text = (charts().up_to)(&map.unit.with_value(|unit| unit.text(bound)));
                view! { <span><i class=format!("swatch heat-{}", step + 1)></i>{text}</span> }
            })
            .collect_view()
    };
    view! {
        <Show when=move || exports.filled.get()>
            <span class="legend">{steps}</span>
        </Show>
    }
}

/// Cells that count something, the newest first.
#[component]
fn HeatTable(map: Map) -> impl IntoView {
    let t = charts();
    move || {
        let heat = map.data.get()?;
        let heads = vec![(t.time.to_owned(), false), (t.range.to_owned(), false), (t.count.to_owned(), true)];
        let cells = (0..heat.times_ms.len()).flat_map(|column| (0..heat.rows.len()).map(move |row| (column, row)));
        let filled: Vec<(usize, usize)> = cells.filter(|(column, row)| heat.count(*column, *row) > 0.0).collect();
        let (indices, note) = newest(filled.len(), heads.len());
        let cells = filled.get(indices).unwrap_or_default().iter().rev();
        let rows = cells.filter_map(|cell| row(map, &heat, *cell)).collect_view();
        Some(view! {
            <Table label=map.label height=map.height heads note>
                {rows}
            </Table>
        })
    }
}

fn row(map: Map, heat: &Heat, (column, row): (usize, usize)) -> Option<impl IntoView + use<>> {
    let ns = |ms: f64| (ms * 1e6) as i64;
    let (from, to) = heat.extent();
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
}
