//! The server's own metrics: a line and a number each, and the memory budget.

use super::Live;
use crate::components::Show;
use crate::number;
use crate::prometheus::History;
use crate::settings::metrics::{Group, Part, Reading, Row, memory_parts, spark_path};
use crate::strings::settings::health::text;
use leptos::prelude::*;

const WIDTH: f64 = 160.0;
const HEIGHT: f64 = 22.0;

/// One group of metrics.
#[component]
pub(super) fn Figures(group: Group, history: RwSignal<History>, levels: Live<(u64, u64)>) -> impl IntoView {
    let t = text();
    let (title, id) = match group {
        Group::Intake => (t.intake, "intake-title"),
        Group::Storage => (t.storage, "storage-title"),
        Group::Queries => (t.queries, "queries-title"),
    };
    let seconds = Memo::new(move |_| (history.with(History::span_ms) / 1000.0) as u64);
    let rows = group.rows().iter().map(|row| view! { <Figure row=*row history /> }).collect_view();
    view! {
        <section class="panel" aria-labelledby=id>
            <div class="panel-head">
                <h2 id=id>{title}</h2>
                <span class="end">{move || (t.last_minutes)(&number::span(seconds.get()))}</span>
            </div>
            <table class="figures">
                <tbody>{rows} {(group == Group::Storage).then(|| view! { <Unmerged levels /> })}</tbody>
            </table>
        </section>
    }
}

#[component]
fn Figure(row: Row, history: RwSignal<History>) -> impl IntoView {
    let t = text();
    let name = (t.row)(row);
    let reading = Memo::new(move |_| history.with(|history| row.read(history)));
    let number = move || {
        reading.with(|reading| match reading.as_ref().and_then(|reading| Some((reading.now?, reading.unit))) {
            Some((now, unit)) => unit.text(now),
            None => (t.not_yet.to_owned(), String::new()),
        })
    };
    let troubled = move || reading.with(|reading| reading.as_ref().is_some_and(|reading| reading.is_trouble));
    // A single event is no alarm: what should not happen is drawn against at least one a second.
    let floor = if row.counts_trouble() { 1.0 } else { 0.0 };
    let path = move || {
        let line = |reading: &Reading| spark_path(&reading.line, WIDTH, HEIGHT, floor);
        reading.with(|reading| reading.as_ref().map(line))
    };
    view! {
        <Show when=move || reading.with(Option::is_some)>
            <tr>
                <th scope="row">
                    {name}
                    {row.counts_trouble().then(|| view! { <span class="faint">", " {t.since_start}</span> })}
                </th>
                <td class="sp">
                    <svg
                        class="spark"
                        class:bad=troubled
                        viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                        preserveAspectRatio="none"
                        role="img"
                        aria-label=(t.chart_of)(name)
                    >
                        <path d=path></path>
                    </svg>
                </td>
                <td class="num" class:t-bad=troubled>
                    {move || number().0}
                    <span class="unit">{move || number().1}</span>
                </td>
            </tr>
        </Show>
    }
}

/// How far merging is behind.
#[component]
fn Unmerged(levels: Live<(u64, u64)>) -> impl IntoView {
    let t = text();
    move || {
        levels.answer.get().map(|levels| {
            let (unmerged, all) = *levels;
            view! {
                <tr>
                    <th scope="row">{t.unmerged}</th>
                    <td class="num" colspan="2">
                        {(t.unmerged_of)(&number::count(unmerged), &number::count(all))}
                        <span class="unit"></span>
                    </td>
                </tr>
            }
        })
    }
}

/// The memory budget and what of it is in use.
#[component]
pub(super) fn Memory(history: RwSignal<History>) -> impl IntoView {
    let t = text();
    let parts = Memo::new(move |_| history.with(memory_parts));
    let resident = move || {
        let used = history.with(|history| history.last("lincei_process_resident_bytes"))?;
        let whole = parts.with(|(_, whole)| *whole);
        Some((t.resident_of)(&bytes(used), &bytes(whole)))
    };
    let rows =
        move || parts.with(|(parts, _)| parts.iter().map(|part| view! { <PartRow part=*part /> }).collect_view());
    view! {
        <section class="panel" aria-labelledby="memory-title">
            <div class="panel-head">
                <h2 id="memory-title">{t.memory}</h2>
                <span class="end">{resident}</span>
            </div>
            <table class="figures">
                <tbody>
                    <Figure row=Row::Resident history />
                    <Figure row=Row::MemtableRows history />
                    {rows}
                </tbody>
            </table>
        </section>
    }
}

fn bytes(value: f64) -> String {
    number::bytes(value.max(0.0) as u64)
}

#[component]
fn PartRow(part: Part) -> impl IntoView {
    let t = text();
    let words = match part.used {
        Some(used) => (t.part_used)(&bytes(used), &bytes(part.budget)),
        None => (t.part_unknown)(&bytes(part.budget)),
    };
    let percent = part.used.map(|used| (used / part.budget.max(1.0) * 100.0).clamp(0.0, 100.0));
    let bar = percent.map(|percent| {
        view! {
            <div class="level" class:high={percent > 90.0}>
                <i style:width=format!("{percent:.1}%")></i>
            </div>
        }
    });
    view! {
        <tr>
            <th scope="row">{(t.part)(part.name)}</th>
            <td class="sp">{bar}</td>
            <td class="num">{words}</td>
        </tr>
    }
}
