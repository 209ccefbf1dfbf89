//! The services, the worst first: how much is asked of them, how much fails, how long it takes.

use super::figures::ERROR_FLOOR;
use super::jump::LogsLink;
use super::model::{FOCUS_ID, HomeModel, lines_of, logs};
use super::spark::spark;
use super::values::{figure, name_of, percent, share_percent, span, text_class, word};
use crate::calendar::SECOND_NS;
use crate::chart::{Health, Unit};
use crate::number;
use crate::services::{Overview, Service, per_second};
use crate::strings::home;
use leptos::prelude::*;

/// The panel.
#[component]
pub(super) fn ServiceTable(model: HomeModel) -> impl IntoView {
    let t = home::text();
    let rows = move || {
        let shown = model.shown.get()?;
        let overview = &shown.overview;
        let first = shown.findings_drawn();
        let served = overview.services.iter().filter(|service| service.serves()).count();
        let row = |(place, service): (usize, &Service)| {
            let cells = cells(model, overview, service);
            view! { <Row model place=first + place name=service.name.clone() cells /> }
        };
        let all = || overview.services.iter().enumerate();
        let serving = all().take(served).map(row).collect_view();
        let silent = (served < overview.services.len()).then(|| {
            let rows = all().skip(served).map(row).collect_view();
            view! {
                <tbody>
                    <tr class="sub">
                        <th colspan="8" scope="rowgroup" title=t.only_lines_help>{t.only_lines}</th>
                    </tr>
                    {rows}
                </tbody>
            }
        });
        Some(view! {
            <tbody>{serving}</tbody>
            {silent}
        })
    };
    view! {
        <section
            class="panel"
            aria-label=t.services
            on:pointermove=move |_| model.point(true)
            on:pointerleave=move |_| model.point(false)
        >
            <Head model />
            <table class="table svc">
                <thead>
                    <tr>
                        <th scope="col">{t.service}</th>
                        <th scope="col" colspan="2" class="wide-only">{t.rate}</th>
                        <th scope="col" class="num phone-only">{t.rate}</th>
                        <th scope="col" colspan="2" class="wide-only">{t.errors}</th>
                        <th scope="col" class="num phone-only">{t.errors}</th>
                        <th scope="col" colspan="2" class="wide-only">{t.p95}</th>
                        <th scope="col" class="num phone-only">{t.p95}</th>
                        <th scope="col" class="wide-only">{t.release}</th>
                    </tr>
                </thead>
                {rows}
            </table>
        </section>
    }
}

#[component]
fn Head(model: HomeModel) -> impl IntoView {
    let t = home::text();
    move || {
        let shown = model.shown.get()?;
        let overview = &shown.overview;
        let rule = (t.rule)(&span(overview.window.length_ns()));
        let states = [
            (Health::Bad, t.count_failing, ""),
            (Health::Warn, t.count_degraded, ""),
            (Health::Unknown, t.count_unknown, "wide-only"),
            (Health::Ok, t.count_healthy, "wide-only"),
        ];
        let counts = states.into_iter().filter_map(|(health, words, class)| {
            let count = overview.count(health);
            (count > 0).then(|| {
                view! {
                    <span class=format!("hstack {class}")>
                        <i class=format!("health {}", health.class()) aria-hidden="true"></i>
                        {words(&number::count(count as u64))}
                    </span>
                }
            })
        });
        let counts = counts.collect_view();
        Some(view! {
            <div class="panel-head">
                {t.services}
                <span class="count">{number::count(overview.services.len() as u64)}</span>
                <span class="end" title=rule>{counts}</span>
            </div>
        })
    }
}

/// A row of figures; the whole of it goes to the service's lines.
#[component]
fn Row(model: HomeModel, place: usize, name: String, cells: AnyView) -> impl IntoView {
    let row = NodeRef::<leptos::html::Tr>::new();
    let chosen = Memo::new(move |_| model.cursor.get() == Some(place));
    Effect::new(move |_| {
        if let (true, Some(row)) = (chosen.get(), row.get()) {
            reveal(&row);
        }
    });
    let search = lines_of(&name);
    let open = move |_| model.context.go(|view| *view = logs(search.clone(), view.range, view.utc));
    view! {
        <tr node_ref=row class="go" class:on=move || chosen.get() on:click=open>
            {cells}
        </tr>
    }
}

/// Scrolls no further than needed.
fn reveal(row: &web_sys::Element) {
    let options = web_sys::ScrollIntoViewOptions::new();
    if js_sys::Reflect::set(&options, &"block".into(), &"nearest".into()).is_ok() {
        row.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

fn cells(model: HomeModel, overview: &Overview, service: &Service) -> AnyView {
    let t = home::text();
    let overall = service.health.overall;
    let title = format!("{}. {}", word(overall), (t.rule)(&span(overview.window.length_ns())));
    let name = name_of(&service.name);
    let figures = if service.serves() {
        request_cells(overview, service).into_any()
    } else {
        line_cells(overview, service).into_any()
    };
    let place = service.name.clone();
    view! {
        <td>
            <span class="hstack">
                <i class=format!("health {}", overall.class()) role="img" aria-label=word(overall) title=title></i>
                <LogsLink
                    query=lines_of(&service.name)
                    class="name ell"
                    title=(t.logs_of)(&name)
                    id=Some(format!("{FOCUS_ID}service-{}", service.name))
                >
                    {name.clone()}
                </LogsLink>
            </span>
        </td>
        {figures}
        <td class="wide-only dim release">{move || release(model, &place)}</td>
    }
    .into_any()
}

fn request_cells(overview: &Overview, service: &Service) -> impl IntoView + use<> {
    let (now, health) = (&service.requests.now, &service.health);
    let seconds = overview.window.length_ns().max(1) as f64 / SECOND_NS as f64;
    let counts: Vec<u64> = now.buckets.iter().map(|bucket| bucket.requests).collect();
    let rates = per_second(&overview.buckets, overview.window, &counts);
    let shares: Vec<_> = now.buckets.iter().map(percent).collect();
    let durations: Vec<_> = now.buckets.iter().map(|bucket| bucket.p95_ms).collect();
    let number = |health: Health| format!("num {}", text_class(health));
    view! {
        <td class="sp">{spark(&rates, 0.0, Health::Ok)}</td>
        <td class="num">{figure(&Unit::PerSecond, Some(now.total.requests as f64 / seconds))}</td>
        <td class="sp">{spark(&shares, ERROR_FLOOR, health.errors)}</td>
        <td class=number(health.errors)>{figure(&Unit::Percent, percent(&now.total))}</td>
        <td class="sp">{spark(&durations, 0.0, health.duration)}</td>
        <td class=number(health.duration)>{figure(&Unit::Milliseconds, now.total.p95_ms)}</td>
    }
}

/// Of a service that sends only logs: lines, and the share of them that are errors.
fn line_cells(overview: &Overview, service: &Service) -> impl IntoView + use<> {
    let (now, health) = (&service.lines.now, service.health.lines);
    let seconds = overview.window.length_ns().max(1) as f64 / SECOND_NS as f64;
    let counts: Vec<u64> = now.buckets.iter().map(|bucket| bucket.lines).collect();
    let rates = per_second(&overview.buckets, overview.window, &counts);
    let shares: Vec<_> = now.buckets.iter().map(|bucket| bucket.share().map(share_percent)).collect();
    view! {
        <td class="sp">{spark(&rates, 0.0, Health::Ok)}</td>
        <td class="num">{figure(&Unit::PerSecond, Some(now.total.lines as f64 / seconds))}</td>
        <td class="sp">{spark(&shares, ERROR_FLOOR, health)}</td>
        <td class=format!("num {}", text_class(health))>
            {figure(&Unit::Percent, now.total.share().map(share_percent))}
        </td>
        <td class="sp"></td>
        <td class="num"></td>
    }
}

/// The version that serves and for how long; tracked.
fn release(model: HomeModel, service: &str) -> Option<impl IntoView + use<>> {
    let t = home::text();
    let release = model.releases.answer.with(|releases| releases.as_ref()?.current.get(service).cloned())?;
    let age = match release.since_ns {
        Some(since_ns) => (t.ago)(&span(model.context.now_ns().saturating_sub(since_ns))),
        None if release.is_old => t.long_ago.to_owned(),
        None => String::new(),
    };
    Some(view! {
        <span class="mono" title=release.version.clone()>{release.version.clone()}</span>
        " "
        <span class="faint">{age}</span>
    })
}
