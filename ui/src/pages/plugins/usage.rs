//! What a plugin did and cost since the server started.

use crate::number;
use crate::pages::shown::Amount;
use crate::strings::plugins::text;
use crate::strings::trial;
use leptos::prelude::*;
use lincei_api::{PluginCost, PluginInfo};

/// Whether a plugin works, as a word and a shape.
#[component]
pub(super) fn Status(plugin: Memo<PluginInfo>) -> impl IntoView {
    let t = text();
    move || {
        let status = plugin.with(|plugin| plugin.status.clone());
        let (health, class) = match status.as_str() {
            "working" => ("ok", "badge ok"),
            "open" => ("warn", "badge warn"),
            "failed" => ("bad", "badge bad"),
            _ => ("unknown", "badge"),
        };
        let known = t.states.iter().find(|(known, ..)| *known == status);
        let (caption, title) =
            known.map_or((status.clone(), ""), |(_, caption, title)| ((*caption).to_owned(), *title));
        view! {
            <span class=class title=title>
                <i class=format!("health {health}")></i>
                {caption}
            </span>
        }
    }
}

/// What 99 of 100 calls stay below.
pub(super) fn call_time(cost: &PluginCost) -> String {
    cost.call_p99_us.map_or_else(|| "–".to_owned(), number::microseconds)
}

/// All figures.
#[component]
pub(super) fn Usage(plugin: Memo<PluginInfo>) -> impl IntoView {
    let t = text();
    let stat = move |caption: &'static str, read: fn(&PluginCost) -> String| {
        let value = move || view! { <Amount text=plugin.with(|plugin| read(&plugin.cost)) /> };
        view! {
            <div class="stat">
                <div class="v">{value}</div>
                <div class="k">{caption}</div>
            </div>
        }
    };
    view! {
        <section class="panel" aria-labelledby="usage-title">
            <div class="panel-head">
                <h2 id="usage-title">{t.usage}</h2>
                <span class="end">{t.since_start}</span>
            </div>
            <div class="panel-body plugin-stats">
                {stat(t.calls, |cost| number::count(cost.calls))}
                {stat(t.records_in, |cost| number::count(cost.records_in))}
                {stat(t.records_out, |cost| number::count(cost.records_out))}
                {stat(t.records_dropped, |cost| number::count(cost.records_dropped))}
                {stat(t.cpu, |cost| number::milliseconds(cost.cpu_seconds * 1000.0))}
                {stat(t.p99_long, call_time)}
                {stat(t.memory, |cost| number::bytes(cost.memory_bytes))}
                {stat(t.traps, |cost| number::count(cost.traps))}
            </div>
            <More plugin />
        </section>
    }
}

/// What is told only where there is something to tell.
#[component]
fn More(plugin: Memo<PluginInfo>) -> impl IntoView {
    let t = text();
    let row = |name: String, value: String| {
        view! {
            <dt>{name}</dt>
            <dd>{value}</dd>
        }
    };
    let rows = move || {
        plugin.with(|plugin| {
            let cost = &plugin.cost;
            let mut rows = vec![(t.instances.to_owned(), number::count(cost.instances_made))];
            if cost.state_entries > 0 {
                let state = (t.state_of)(&number::count(cost.state_entries), &number::bytes(cost.state_bytes));
                rows.push((t.state.to_owned(), state));
            }
            if cost.log_lines_dropped > 0 {
                rows.push((t.log_dropped.to_owned(), number::count(cost.log_lines_dropped)));
            }
            let failures = cost.failures.iter().filter(|(_, count)| **count > 0);
            rows.extend(
                failures.map(|(kind, count)| ((t.failures_of)(trial::text().kind(kind)), number::count(*count))),
            );
            rows.extend(cost.metrics.iter().map(|(name, value)| (name.clone(), metric(*value))));
            rows.into_iter().map(|(name, value)| row(name, value)).collect_view()
        })
    };
    view! { <dl class="kv plugin-facts">{rows}</dl> }
}

fn metric(value: f64) -> String {
    let whole = value >= 0.0 && value.fract() == 0.0 && value < 1e15;
    if whole { number::count(value as u64) } else { value.to_string() }
}
