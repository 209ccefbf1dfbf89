//! What takes the room: the disk, days, services.

use crate::ask::Asked;
use crate::client::Refusal;
use crate::components::{DataView, Show};
use crate::context::Context;
use crate::number;
use crate::pages::settings::Refresh;
use crate::pages::shown::{Amount, Outline};
use crate::settings::usage::{Day, Outlook, ServiceShare, Stretch, Taker, days, disk, outlook, services};
use crate::strings::settings;
use crate::strings::settings::storage::text;
use leptos::prelude::*;
use lincei_api::{StorageInfo, TableStorage};
use std::sync::Arc;

/// Services shown before the reader asks for all.
const SERVICES_SHOWN: usize = 8;
/// Days that the chart labels.
const LABELS: usize = 5;

/// The panel.
#[component]
pub(super) fn Usage() -> impl IntoView {
    let context = Context::get();
    let asked = Asked::<StorageInfo>::new(context);
    let load = move || asked.ask(|call| async move { call.client.get("/storage").await.map_err(Refusal::from) });
    expect_context::<Refresh>().on(load);
    view! {
        <section class="panel" aria-labelledby="usage-title">
            <div class="panel-head">
                <h2 id="usage-title">{text().usage}</h2>
            </div>
            <DataView asked on_retry=move |()| load() outline=|| view! { <Outline rows=6 /> } let:info>
                <Disk info=info.clone() />
                <div class="usage-parts">
                    <Days info=info.clone() />
                    <Services info=info.clone() />
                </div>
            </DataView>
        </section>
    }
}

fn colour(taker: &Taker) -> String {
    match taker {
        Taker::Table(_, place) => table_colour(*place),
        Taker::Wal => "fill-wal".to_owned(),
        Taker::Other => "fill-other".to_owned(),
    }
}

fn table_colour(place: usize) -> String {
    format!("fill-{}", place + 1)
}

fn name(taker: &Taker) -> String {
    match taker {
        Taker::Table(name, _) => name.clone(),
        Taker::Wal => text().wal.to_owned(),
        Taker::Other => text().other.to_owned(),
    }
}

#[component]
fn Disk(info: Arc<StorageInfo>) -> impl IntoView {
    let t = text();
    let stretches = disk(&info);
    let bar = info.disk.map(|space| {
        let used = number::bytes(space.total_bytes.saturating_sub(space.free_bytes));
        let label = (t.disk_bar)(&used, &number::bytes(space.total_bytes));
        let part = |stretch: &Stretch| {
            view! { <i class=colour(&stretch.taker) style:width=format!("{:.2}%", stretch.share * 100.0)></i> }
        };
        view! {
            <div class="disk-bar" role="img" aria-label=label>
                {stretches.iter().map(part).collect_view()}
            </div>
        }
    });
    let free = info.disk.map(|space| {
        let words = (t.free_of)(&number::bytes(space.free_bytes), &number::bytes(space.total_bytes));
        view! {
            <b>{words}</b>
            <span>{(t.reserve)(&number::bytes(space.reserve_bytes))}</span>
        }
    });
    let growth = info.growth_bytes_per_day.map(|bytes| view! { <span>{(t.growth)(&number::bytes(bytes))}</span> });
    let until = match outlook(&info) {
        Outlook::Unknown => view! { <span>{t.growth_unknown}</span> }.into_any(),
        Outlook::Full => view! { <span class="t-bad">{t.full_now}</span> }.into_any(),
        Outlook::Never => view! { <span>{t.never_full}</span> }.into_any(),
        until @ Outlook::Seconds(seconds) => {
            view! { <span class:t-warn=until.is_soon()>{(t.full_in)(&number::span(seconds))}</span> }.into_any()
        }
    };
    let entry = |stretch: &Stretch| {
        view! {
            <span>
                <i class=colour(&stretch.taker)></i>
                {name(&stretch.taker)}
                " "
                <span class="faint">{number::bytes(stretch.bytes)}</span>
            </span>
        }
    };
    view! {
        <div class="disk panel-body">
            <p class="disk-words">{free} {growth} {until}</p>
            {bar}
            <div class="legend">{stretches.iter().map(entry).collect_view()}</div>
        </div>
    }
}

#[component]
fn Days(info: Arc<StorageInfo>) -> impl IntoView {
    let t = text();
    let as_table = RwSignal::new(false);
    let all = StoredValue::new(days(&info.tables));
    let names = StoredValue::new(info.tables.iter().map(|table| table.table.name.clone()).collect::<Vec<_>>());
    let empty = all.with_value(Vec::is_empty);
    let content = move || match (empty, as_table.get()) {
        (true, _) => view! { <p class="dim">{t.no_files}</p> }.into_any(),
        (false, false) => view! { <DayChart days=all.get_value() names=names.get_value() /> }.into_any(),
        (false, true) => view! { <DayTable days=all.get_value() names=names.get_value() /> }.into_any(),
    };
    view! {
        <section class="usage-part" aria-label=t.by_day>
            <div class="part-head">
                <h3>{t.by_day}</h3>
                <Show when=move || !empty>
                    <button
                        type="button"
                        class="quiet"
                        on:click=move |_| as_table.update(|table| *table = !*table)
                    >
                        {move || if as_table.get() { t.as_chart } else { t.as_table }}
                    </button>
                </Show>
            </div>
            {content}
        </section>
    }
}

#[component]
fn DayChart(days: Vec<Day>, names: Vec<String>) -> impl IntoView {
    let top = days.iter().map(|day| day.total).max().unwrap_or(0).max(1);
    let count = days.len();
    let step = count.div_ceil(LABELS).max(1);
    let column = |(place, day): (usize, &Day)| {
        let part = |(table, bytes): (usize, &u64)| {
            let height = *bytes as f64 / top as f64 * 100.0;
            view! { <i class=table_colour(table) style:height=format!("{height:.2}%")></i> }
        };
        let each = names.iter().zip(&day.bytes).filter(|(_, bytes)| **bytes > 0);
        let parts: Vec<String> = each.map(|(name, bytes)| format!("{name} {}", number::bytes(*bytes))).collect();
        let title = format!("{}: {}\n{}", day.day, number::bytes(day.total), parts.join("\n"));
        // Counted from the newest, which is always labelled.
        let label = (count - 1 - place).is_multiple_of(step).then(|| day.day.get(5..).unwrap_or_default().to_owned());
        view! {
            <div class="day" title=title>
                <div class="stack">{day.bytes.iter().enumerate().rev().map(part).collect_view()}</div>
                <span>{label}</span>
            </div>
        }
    };
    view! {
        <div class="day-chart" role="img" aria-label=text().by_day_chart>
            <span class="top faint">{number::bytes(top)}</span>
            <div class="columns">{days.iter().enumerate().map(column).collect_view()}</div>
        </div>
    }
}

#[component]
fn DayTable(days: Vec<Day>, names: Vec<String>) -> impl IntoView {
    let t = text();
    let head = names.into_iter().map(|name| {
        view! {
            <th scope="col" class="num">
                {name}
            </th>
        }
    });
    let cell = |bytes: &u64| view! { <td class="num"><Amount text=number::bytes(*bytes) /></td> };
    let row = |day: &Day| {
        view! {
            <tr>
                <td class="mono">{day.day.clone()}</td>
                {day.bytes.iter().map(cell).collect_view()}
                <td class="num">{number::count(day.rows)}</td>
            </tr>
        }
    };
    view! {
        <div class="usage-table scroll" tabindex="0">
            <table class="table tight">
                <thead>
                    <tr>
                        <th scope="col">{t.day}</th>
                        {head.collect_view()}
                        <th scope="col" class="num">
                            {t.rows}
                        </th>
                    </tr>
                </thead>
                <tbody>{days.iter().rev().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Services(info: Arc<StorageInfo>) -> impl IntoView {
    let t = text();
    let tables: Vec<TableStorage> = info.tables.iter().filter(|table| table.services.is_some()).cloned().collect();
    if let Some(why) = &info.services_unknown_because {
        return view! { <p class="note warn usage-part">{(t.services_unknown)(why)}</p> }.into_any();
    }
    let (chosen, all) = (RwSignal::new(0_usize), RwSignal::new(false));
    let names: Vec<String> = tables.iter().map(|table| table.table.name.clone()).collect();
    let button = |(place, name): (usize, String)| {
        let on = move || chosen.get() == place;
        view! {
            <button type="button" class:on=on aria-pressed=move || on().to_string() on:click=move |_| chosen.set(place)>
                {name}
            </button>
        }
    };
    let shares = Memo::new(move |_| tables.get(chosen.get()).map(services).unwrap_or_default());
    let rows = move || {
        let limit = if all.get() { usize::MAX } else { SERVICES_SHOWN };
        shares.with(|shares| {
            shares.iter().take(limit).cloned().map(|share| view! { <ServiceRow share /> }).collect_view()
        })
    };
    let hidden = move || shares.with(|shares| shares.len() > SERVICES_SHOWN) && !all.get();
    view! {
        <section class="usage-part" aria-label=t.by_service>
            <div class="part-head">
                <h3>{t.by_service}</h3>
                <div class="seg" role="group" aria-label=t.table>
                    {names.into_iter().enumerate().map(button).collect_view()}
                </div>
            </div>
            <Show
                when=move || shares.with(|shares| !shares.is_empty())
                fallback=move || view! { <p class="dim">{settings::text().none}</p> }
            >
                <div class="usage-table scroll" tabindex="0">
                    <table class="table tight">
                        <thead>
                            <tr>
                                <th scope="col">{t.service}</th>
                                <th scope="col">{t.share}</th>
                                <th scope="col" class="num">
                                    {t.rows}
                                </th>
                                <th scope="col" class="num">
                                    {t.estimated}
                                </th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </Show>
            <Show when=hidden>
                <button type="button" class="quiet" on:click=move |_| all.set(true)>
                    {move || (t.show_all)(&shares.with(Vec::len).to_string())}
                </button>
            </Show>
        </section>
    }
    .into_any()
}

#[component]
fn ServiceRow(share: ServiceShare) -> impl IntoView {
    let t = text();
    let name = match (share.service.rest, share.service.service) {
        (true, _) => view! { <span class="faint">{t.rest}</span> }.into_any(),
        (false, None) => view! { <span class="faint">{t.no_service}</span> }.into_any(),
        (false, Some(name)) => view! { <span class="ell service">{name}</span> }.into_any(),
    };
    view! {
        <tr>
            <td>{name}</td>
            <td>
                <div class="level">
                    <i style:width=format!("{:.1}%", share.share * 100.0)></i>
                </div>
            </td>
            <td class="num">
                <Amount text=number::count(share.service.rows) />
            </td>
            <td class="num">
                <Amount text=number::bytes(share.service.bytes_estimated) />
            </td>
        </tr>
    }
}
