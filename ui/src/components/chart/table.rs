use super::figure::{TABLE_HEIGHT, figure};
use super::time_chart::Chart;
use super::tooltip::time_text;
use crate::chart::TimeSeries;
use crate::number::grouped;
use crate::strings::charts::charts;
use leptos::prelude::*;
use std::sync::Arc;

/// Cells at most: what is beyond is in the file.
const CELLS_MAX: usize = 6000;

/// A table that stands for a drawing, for those who cannot use or do not want it.
#[component]
pub(super) fn Table(
    /// Names the table.
    label: StoredValue<String>,
    /// Height of the drawing.
    height: f64,
    /// Captions of the columns, and whether they hold numbers.
    heads: Vec<(String, bool)>,
    /// What is not in it, and why.
    #[prop(optional_no_strip)]
    note: Option<String>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let heads = heads.into_iter().map(|(head, numeric)| view! { <th class:num=numeric scope="col">{head}</th> });
    view! {
        <div
            class="chart-table scroll"
            style:max-height=format!("max({height}px, var(--chart-table, {TABLE_HEIGHT}px))")
            tabindex="0"
            role="region"
            aria-label=label.get_value()
        >
            <table class="table tight">
                <thead>
                    <tr>{heads.collect_view()}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
            {note.map(|note| view! { <p class="hint">{note}</p> })}
        </div>
    }
}

/// Which of so many rows of so many columns are shown: the last ones, and what is said of the others.
pub(super) fn newest(rows: usize, columns: usize) -> (std::ops::Range<usize>, Option<String>) {
    let count = (CELLS_MAX / columns.max(1)).clamp(1, rows.max(1));
    let first = rows.saturating_sub(count);
    let note = (first > 0).then(|| (charts().newest_rows)(&grouped(count as u64), &grouped(rows as u64)));
    (first..rows, note)
}

/// The values of a chart over time, the newest first.
#[component]
pub(super) fn TimeTable(chart: Chart) -> impl IntoView {
    move || {
        let data = chart.data.get()?;
        let places = chart.shown.with(|shown| {
            let places = data.series.iter().enumerate().filter(|(_, series)| shown.has(&series.name));
            places.map(|(place, _)| place).collect::<Vec<_>>()
        });
        let names = places.iter().filter_map(|place| data.series.get(*place)).map(|series| (series.name.clone(), true));
        let heads = std::iter::once((charts().time.to_owned(), false)).chain(names).collect();
        let (indices, note) = newest(data.times_ms.len(), places.len());
        let rows = indices.rev().map(|index| row(chart, &data, index, &places)).collect_view();
        Some(view! {
            <Table label=chart.label height=chart.height heads note>
                {rows}
            </Table>
        })
    }
}

fn row(chart: Chart, data: &Arc<TimeSeries>, index: usize, places: &[usize]) -> impl IntoView + use<> {
    let time = time_text(chart, data, index);
    let cells = places.iter().filter_map(|place| data.series.get(*place)).map(|series| {
        let value = chart.unit.with_value(|unit| figure(unit, series.at(index)));
        view! { <td class="num">{value}</td> }
    });
    let at = data.times_ms.get(index).copied();
    let window = at.zip(data.step()).and_then(|(at, step)| data.zoom(at, at + step, chart.kind.bars()));
    let head = match chart.on_zoom.zip(window) {
        Some((on_zoom, window)) => view! {
            <button
                type="button"
                class="quiet mono"
                aria-label=(charts().zoom_to)(&time)
                on:click=move |_| on_zoom.run(window)
            >
                {time.clone()}
            </button>
        }
        .into_any(),
        None => view! { <span class="mono">{time.clone()}</span> }.into_any(),
    };
    view! {
        <tr>
            <td>{head}</td>
            {cells.collect_view()}
        </tr>
    }
}
