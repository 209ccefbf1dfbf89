//! Four figures over all services, each beside what it was before.

use super::frame::ShownSignal;
use super::jump::LogsLink;
use super::spark::spark;
use super::values::{figure, percent, text_class};
use crate::calendar::SECOND_NS;
use crate::chart::{Health, Unit};
use crate::services::{Overview, duration_health, error_health, line_health, per_second};
use crate::strings::home;
use leptos::prelude::*;

/// Below this share of failed requests, in percent, a sparkline stays low.
pub(super) const ERROR_FLOOR: f64 = 2.0;

/// One of them.
struct Stat {
    name: &'static str,
    unit: Unit,
    now: Option<f64>,
    before: Option<f64>,
    values: Vec<Option<f64>>,
    floor: f64,
    health: Health,
    help: fn(&str) -> String,
    search: &'static str,
}

/// The panel.
#[component]
pub(super) fn Figures(shown: ShownSignal) -> impl IntoView {
    move || {
        let shown = shown.get()?;
        let stats = stats(&shown.overview).into_iter().map(|stat| view! { <StatCell stat /> });
        let stats = stats.collect_view();
        Some(view! { <section class="panel figs" aria-label=home::text().figures>{stats}</section> })
    }
}

#[component]
fn StatCell(stat: Stat) -> impl IntoView {
    let change = stat.now.zip(stat.before).and_then(|(now, before)| stat.unit.change(now, before));
    let colour = text_class(stat.health);
    let before = stat.before.map_or_else(|| "–".to_owned(), |before| stat.unit.text(before));
    let change_class = if colour.is_empty() { "d dim".to_owned() } else { format!("d {colour}") };
    view! {
        <LogsLink query=stat.search class="stat" title=(stat.help)(&before)>
            <span class="k">{stat.name}</span>
            <span class="top">
                <span class=format!("v {colour}")>{figure(&stat.unit, stat.now)}</span>
                <span class=change_class>{change}</span>
            </span>
            {spark(&stat.values, stat.floor, stat.health)}
        </LogsLink>
    }
}

fn stats(overview: &Overview) -> [Stat; 4] {
    let t = home::text();
    let (now, before) = (&overview.all.now, &overview.all.before);
    let (lines, lines_before) = (&overview.all_lines.now, &overview.all_lines.before);
    let seconds = overview.window.length_ns().max(1) as f64 / SECOND_NS as f64;
    let serves = overview.has_requests();
    let rate = |count: u64| serves.then(|| count as f64 / seconds);
    let per_minute = |count: u64| Some(count as f64 / seconds * 60.0);
    let rates = |counts: Vec<u64>| per_second(&overview.buckets, overview.window, &counts);
    let errors = rates(lines.buckets.iter().map(|lines| lines.errors).collect());
    [
        Stat {
            name: t.requests,
            unit: Unit::PerSecond,
            now: rate(now.total.requests),
            before: rate(before.requests).filter(|rate| *rate > 0.0),
            values: rates(now.buckets.iter().map(|bucket| bucket.requests).collect()),
            floor: 0.0,
            health: Health::Ok,
            help: t.requests_help,
            search: "",
        },
        Stat {
            name: t.errors,
            unit: Unit::Percent,
            now: percent(&now.total),
            before: percent(before),
            values: now.buckets.iter().map(percent).collect(),
            floor: ERROR_FLOOR,
            health: error_health(&now.total, before),
            help: t.errors_help,
            search: "severity:>=ERROR",
        },
        Stat {
            name: t.p95_all,
            unit: Unit::Milliseconds,
            now: now.total.p95_ms,
            before: before.p95_ms,
            values: now.buckets.iter().map(|bucket| bucket.p95_ms).collect(),
            floor: 0.0,
            health: duration_health(&now.total, before),
            help: t.p95_help,
            search: "",
        },
        Stat {
            name: t.error_lines,
            unit: Unit::Custom("/min".to_owned()),
            now: per_minute(lines.total.errors),
            before: (lines_before.lines > 0).then(|| per_minute(lines_before.errors)).flatten(),
            values: errors.into_iter().map(|rate| rate.map(|rate| rate * 60.0)).collect(),
            floor: 10.0,
            health: line_health(&lines.total, lines_before),
            help: t.error_lines_help,
            search: "severity:>=ERROR",
        },
    ]
}
