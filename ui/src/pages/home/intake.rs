//! How much comes in, how much room it takes, and how long it is kept.

use super::model::{HomeModel, Shown};
use super::spark::spark;
use super::values::figure;
use crate::calendar::SECOND_NS;
use crate::chart::{Health, Unit};
use crate::number;
use crate::services::per_second;
use crate::settings::usage::Outlook;
use crate::strings::home;
use crate::strings::settings::storage;
use leptos::prelude::*;

/// Signals with a part of their own in the bar, and the class of its colour.
const SIGNALS: [(&str, &str); 3] = [("logs", "one"), ("spans", "two"), ("metrics", "three")];

/// The panel.
#[component]
pub(super) fn IntakePanel(model: HomeModel) -> impl IntoView {
    let t = home::text();
    let rates = move || {
        let shown = model.shown.get()?;
        let rows = rates(&shown).into_iter().map(|row| {
            view! {
                <tr>
                    <td class="dim">{row.name}</td>
                    <td class="sp">{spark(&row.values, row.floor, row.health)}</td>
                    <td class="num">{figure(&row.unit, Some(row.rate))}</td>
                </tr>
            }
        });
        Some(rows.collect_view())
    };
    view! {
        <section class="panel" aria-label=t.intake>
            <div class="panel-head">{t.intake}</div>
            <div class="intake">
                <table class="table">
                    <tbody>{rates}</tbody>
                </table>
                <Store model />
            </div>
        </section>
    }
}

struct Rate {
    name: &'static str,
    unit: Unit,
    rate: f64,
    values: Vec<Option<f64>>,
    floor: f64,
    health: Health,
}

fn rates(shown: &Shown) -> [Rate; 4] {
    let t = home::text();
    let overview = &shown.overview;
    let seconds = overview.window.length_ns().max(1) as f64 / SECOND_NS as f64;
    let lines: Vec<u64> = overview.all_lines.now.buckets.iter().map(|lines| lines.lines).collect();
    let rate = |name: &'static str, counts: &[u64]| Rate {
        name,
        unit: Unit::PerSecond,
        rate: counts.iter().sum::<u64>() as f64 / seconds,
        values: per_second(&overview.buckets, overview.window, counts),
        floor: 0.0,
        health: Health::Ok,
    };
    let rejected = rate(t.rejected, &overview.rejected);
    let per_hour = rejected.rate * 3600.0;
    [
        rate(t.logs, &lines),
        rate(t.spans, &overview.spans),
        rate(t.metrics, &overview.metrics),
        Rate {
            unit: Unit::Custom("/h".to_owned()),
            rate: per_hour,
            floor: 1.0,
            health: if per_hour > 0.0 { Health::Warn } else { Health::Ok },
            ..rejected
        },
    ]
}

/// Bytes of each signal, as parts of all.
#[component]
fn Store(model: HomeModel) -> impl IntoView {
    let t = home::text();
    let context = model.context;
    let tables = Memo::new(move |_| {
        context.status.with(|status| {
            let tables = &status.as_ref()?.as_ref().ok()?.tables;
            Some(tables.iter().map(|table| (table.name.clone(), table.bytes)).collect::<Vec<_>>())
        })
    });
    move || {
        let tables = tables.get()?;
        let total: u64 = tables.iter().map(|(_, bytes)| bytes).sum();
        let of = |name: &str| tables.iter().find(|(table, _)| table == name).map_or(0, |(_, bytes)| *bytes);
        let named: u64 = SIGNALS.iter().map(|(name, _)| of(name)).sum();
        let names = [t.logs, t.spans, t.metrics]
            .into_iter()
            .zip(SIGNALS)
            .map(|(caption, (name, class))| (caption, class, of(name)));
        let parts: Vec<_> = names.chain([(t.other, "rest", total - named)]).collect();
        let bars = parts.iter().map(|(_, class, bytes)| {
            let width = *bytes as f64 / total.max(1) as f64 * 100.0;
            view! { <i class=*class style:width=format!("{width:.2}%")></i> }
        });
        let legend = parts.iter().map(|(caption, class, bytes)| {
            view! { <span title=number::bytes(*bytes)><i class=*class></i>{caption.to_lowercase()}</span> }
        });
        let used = (t.used)(&number::bytes(total));
        let kept = kept(model);
        Some(view! {
            <div class="store" role="img" aria-label=used.clone()>{bars.collect_view()}</div>
            <div class="legend">{legend.collect_view()}</div>
            <p class="room dim">
                {[Some(used), kept].into_iter().flatten().collect::<Vec<_>>().join(" · ")} {until_full(model)}
            </p>
        })
    }
}

/// When the disk is full, where that is known and not far away; tracked.
fn until_full(model: HomeModel) -> Option<impl IntoView> {
    let t = storage::text();
    let outlook = model.outlook.get();
    let words = match outlook {
        Outlook::Unknown | Outlook::Never => return None,
        Outlook::Full => t.full_now.to_owned(),
        Outlook::Seconds(seconds) => (t.full_in)(&number::span(seconds)),
    };
    Some(view! {
        " · "
        <span class:t-warn=outlook.is_soon()>{words}</span>
    })
}

/// For how long logs are kept; tracked.
fn kept(model: HomeModel) -> Option<String> {
    let t = home::text();
    model.retention.with(|settings| {
        let logs = settings.as_ref()?.retention.iter().find(|setting| setting.table == "logs")?;
        Some(match (logs.max_age_seconds, logs.max_bytes) {
            (Some(seconds), _) => (t.kept)(&number::span(seconds)),
            (None, Some(bytes)) => (t.kept)(&number::bytes(bytes)),
            (None, None) => t.kept_always.to_owned(),
        })
    })
}
