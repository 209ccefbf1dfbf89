use super::model::{Answered, SqlModel};
use crate::chart::{Bar, Colour, Kind, Points, TimeSeries, Unit};
use crate::components::{BarChart, Show, SingleValue, TimeChart};
use crate::number::grouped;
use crate::quick_chart::{self, Chart, ChartKind, Roles};
use crate::strings::sql;
use crate::time_range::Window;
use leptos::prelude::*;
use std::sync::Arc;

/// Height of a drawing over time.
const HEIGHT: f64 = 320.0;
const NO_SPLIT: &str = "";

/// A chart of the answer: what suits it, unless the reader chose otherwise.
#[component]
pub(super) fn ChartView(model: SqlModel) -> impl IntoView {
    let t = &sql::text().chart;
    move || {
        let answer = model.asked.answer.get()?;
        let chosen = model.context.parameter("chart");
        let chart = Chart::from_text(&chosen, &answer.set).or_else(|| Chart::automatic(&answer.set));
        let automatic = chosen.is_empty();
        let view = match chart {
            Some(chart) => view! {
                <Tools model answer=Arc::clone(&answer) chart=chart.clone() automatic />
                <div class="sql-chart scroll grow" tabindex="0">
                    <Drawing model answer chart />
                </div>
            }
            .into_any(),
            None => view! {
                <div class="state" role="status">
                    <h3>{t.none_title}</h3>
                    <p>{t.none_detail}</p>
                </div>
            }
            .into_any(),
        };
        Some(view)
    }
}

fn choose(model: SqlModel, chart: &Chart) {
    let written = chart.to_text();
    model.context.adjust(|view| view.set_parameter("chart", &written));
}

/// What is drawn, to be changed.
#[component]
fn Tools(model: SqlModel, answer: Arc<Answered>, chart: Chart, automatic: bool) -> impl IntoView {
    let t = &sql::text().chart;
    let roles = Roles::of(&answer.set);
    let set = Arc::clone(&answer);
    let present = chart.kind;
    let kinds = ChartKind::ALL.into_iter().zip(t.kinds).map(|(kind, caption)| {
        let set = Arc::clone(&set);
        view! {
            <button
                type="button"
                class:on=kind == present
                aria-pressed=(kind == present).to_string()
                disabled=!roles.allow(kind)
                on:click=move |_| {
                    if let Some(chart) = Chart::of_kind(&set.set, kind) {
                        choose(model, &chart);
                    }
                }
            >
                {caption}
            </button>
        }
    });
    let kinds = kinds.collect_view();
    view! {
        <div class="sql-tools">
            <div class="seg" role="group" aria-label=t.kind>
                {kinds}
            </div>
            <Along model answer=Arc::clone(&answer) chart=chart.clone() />
            <Values model answer=Arc::clone(&answer) chart=chart.clone() />
            <Split model answer chart />
            <Show when=move || !automatic>
                <button
                    type="button"
                    class="quiet"
                    on:click=move |_| model.context.adjust(|view| view.set_parameter("chart", ""))
                >
                    {t.automatic}
                </button>
            </Show>
        </div>
    }
}

fn name_of(answer: &Answered, column: usize) -> String {
    answer.set.columns.get(column).map(|column| column.name.clone()).unwrap_or_default()
}

/// Times or categories.
#[component]
fn Along(model: SqlModel, answer: Arc<Answered>, chart: Chart) -> impl IntoView {
    let choices = Roles::of(&answer.set).along(chart.kind);
    let present = chart.along?;
    let options = choices.into_iter().map(|column| {
        view! {
            <option value=column.to_string() selected=column == present>
                {name_of(&answer, column)}
            </option>
        }
    });
    let options = options.collect_view();
    let change = move |event| {
        let along = event_target_value(&event).parse().ok();
        choose(model, &Chart { along, ..chart.clone() });
    };
    Some(view! {
        <label class="tool">
            {sql::text().chart.along} <select class="input" on:change=change>
                {options}
            </select>
        </label>
    })
}

/// Columns of numbers.
#[component]
fn Values(model: SqlModel, answer: Arc<Answered>, chart: Chart) -> impl IntoView {
    let t = &sql::text().chart;
    let buttons = Roles::of(&answer.set).numbers.into_iter().map(|column| {
        let on = chart.values.contains(&column);
        let next = chart.clone().with_value(column);
        view! {
            <button type="button" class:on=on aria-pressed=on.to_string() on:click=move |_| choose(model, &next)>
                {name_of(&answer, column)}
            </button>
        }
    });
    view! {
        <div class="tool">
            <span aria-hidden="true">{t.values}</span>
            <div class="seg sql-values" role="group" aria-label=t.values>
                {buttons.collect_view()}
            </div>
        </div>
    }
}

/// A series for each value of a column.
#[component]
fn Split(model: SqlModel, answer: Arc<Answered>, chart: Chart) -> impl IntoView {
    let t = &sql::text().chart;
    let categories = Roles::of(&answer.set).categories;
    if !chart.kind.over_time() || categories.is_empty() {
        return None;
    }
    let present = chart.split;
    let options = categories.into_iter().map(|column| {
        view! {
            <option value=column.to_string() selected=present == Some(column)>
                {name_of(&answer, column)}
            </option>
        }
    });
    let options = options.collect_view();
    let change = move |event| {
        let split = event_target_value(&event).parse().ok();
        choose(model, &chart.clone().with_split(split));
    };
    Some(view! {
        <label class="tool">
            {t.split} <select class="input" on:change=change>
                <option value=NO_SPLIT selected=present.is_none()>
                    {t.no_split}
                </option>
                {options}
            </select>
        </label>
    })
}

#[component]
fn Drawing(model: SqlModel, answer: Arc<Answered>, chart: Chart) -> impl IntoView {
    let t = &sql::text().chart;
    let label = chart.values.iter().map(|value| name_of(&answer, *value)).collect::<Vec<_>>().join(", ");
    // Units are shared: of different ones none is shown.
    let units: Vec<Unit> = chart.values.iter().map(|value| quick_chart::unit(&name_of(&answer, *value))).collect();
    let unit = units.first().filter(|first| units.iter().all(|unit| unit == *first)).cloned().unwrap_or_default();
    match chart.kind {
        ChartKind::Lines | ChartKind::Columns => {
            let lines = quick_chart::lines(&answer.set, &chart);
            let (drawn, of) = (lines.drawn.len(), lines.of);
            let note = (drawn < of).then(|| (t.lines_cut)(&grouped(drawn as u64), &grouped(of as u64)));
            let data = Arc::new(over_time(lines.drawn));
            let kind = if chart.kind == ChartKind::Columns { Kind::StackedBars } else { Kind::Lines };
            let zoom = Callback::new(move |window: Window| model.context.go(|view| view.range = window.fixed()));
            view! {
                <TimeChart data=Signal::stored(Some(data)) kind unit label height=HEIGHT on_zoom=zoom />
                {note.map(|note| view! { <p class="note">{note}</p> })}
            }
            .into_any()
        }
        ChartKind::Bars => {
            let bars = quick_chart::bars(&answer.set, &chart);
            let (drawn, of) = (bars.drawn.len(), bars.of);
            let note = (drawn < of).then(|| (t.bars_cut)(&grouped(drawn as u64), &grouped(of as u64)));
            let bars: Vec<Bar> =
                bars.drawn.into_iter().map(|(label, value)| Bar { label, value, colour: None }).collect();
            view! {
                <BarChart bars=Signal::stored(Some(Arc::new(bars))) unit label />
                {note.map(|note| view! { <p class="note">{note}</p> })}
            }
            .into_any()
        }
        ChartKind::Single => {
            let value = quick_chart::single(&answer.set, &chart);
            view! { <SingleValue label value=Signal::stored(value) unit /> }.into_any()
        }
    }
}

/// Series at shared times. The axis is that of the points: an answer may be about other times than
/// those of the page.
fn over_time(lines: Vec<quick_chart::Line>) -> TimeSeries {
    let series = lines.into_iter().enumerate();
    let series =
        series.map(|(place, line)| Points { name: line.name, colour: Colour::Category(place), points: line.points });
    TimeSeries::from_points(None, None, series.collect())
}
