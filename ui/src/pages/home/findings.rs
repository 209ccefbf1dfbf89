//! What is wrong now, the worst first; one quiet line when nothing is.

use super::jump::LogsLink;
use super::model::{FINDINGS_MAX, FOCUS_ID, HomeModel, Shown};
use super::values::{clock, name_of, share_percent, span, times_text, word};
use crate::chart::{Health, Unit};
use crate::components::{Icon, IconName};
use crate::context::Context;
use crate::number;
use crate::services::{Finding, Times, Trouble};
use crate::strings::home;
use leptos::prelude::*;
use std::sync::Arc;

/// The panel.
#[component]
pub(super) fn Findings(model: HomeModel) -> impl IntoView {
    let t = home::text();
    let context = model.context;
    let refusal = Memo::new(move |_| {
        context.status.with(|status| {
            let status = status.as_ref()?.as_ref().ok()?;
            (!status.accepting).then(|| status.refusing_because.clone().unwrap_or_default())
        })
    });
    move || {
        let shown = model.shown.get()?;
        let refuses = refusal.get();
        let going_on = shown.findings.iter().filter(|finding| finding.goes_on());
        let worst = going_on.map(|finding| finding.health).next();
        let edge = match (&refuses, worst) {
            (Some(_), _) => "bad",
            (None, Some(health)) => health.class(),
            (None, None) => "calm",
        };
        let rows = rows(model, &shown);
        let calm = (edge == "calm").then(|| view! { <Calm shown=shown.clone() /> });
        let refusal = refuses.map(|reason| {
            view! {
                <div class="find">
                    <i class="health bad" role="img" aria-label=t.failing_word></i>
                    <span class="what ell">
                        <b>{t.refusing}</b>
                        <span class="dim">{reason}</span>
                    </span>
                </div>
            }
        });
        Some(view! {
            <section
                class=format!("panel finds {edge}")
                aria-label=t.wrong
                on:pointermove=move |_| model.point(true)
                on:pointerleave=move |_| model.point(false)
            >
                <i class="edge" aria-hidden="true"></i>
                <div class="find-rows">{calm} {refusal} {rows}</div>
            </section>
        })
    }
}

/// That nothing is wrong, and that what follows is over.
#[component]
fn Calm(shown: Arc<Shown>) -> impl IntoView {
    let t = home::text();
    let length = span(shown.overview.window.length_ns());
    let detail = match shown.findings.is_empty() {
        true => (t.calm_detail)(&length),
        false => (t.calm_earlier)(&length),
    };
    view! {
        <div class="find" role="status">
            <i class="health ok" role="img" aria-label=t.healthy_word></i>
            <span class="what">
                <span>{t.calm}</span>
                <span class="faint">{detail}</span>
            </span>
        </div>
    }
}

fn rows(model: HomeModel, shown: &Arc<Shown>) -> impl IntoView + use<> {
    let more = shown.findings.len().saturating_sub(FINDINGS_MAX);
    let length = span(shown.overview.window.length_ns());
    let row = |(place, finding): (usize, &Finding)| {
        view! { <Row model place finding=finding.clone() length=length.clone() /> }
    };
    let rows = shown.findings.iter().take(FINDINGS_MAX).enumerate().map(row).collect_view();
    let more = (more > 0).then(|| {
        view! { <div class="find more faint">{(home::text().more)(&number::count(more as u64))}</div> }
    });
    view! {
        {rows}
        {more}
    }
}

#[component]
fn Row(model: HomeModel, place: usize, finding: Finding, length: String) -> impl IntoView {
    let t = home::text();
    let name = name_of(&finding.service);
    let troubles = finding.troubles.iter().map(|trouble| {
        let (what, times) = words(trouble);
        view! {
            <span class="trouble">
                {what}
                <span class="dim">{times_text(times)}</span>
            </span>
        }
    });
    let troubles = troubles.collect_view();
    let compares = finding.troubles.iter().any(|trouble| !matches!(trouble, Trouble::Silent { .. }));
    let compared = compares.then(|| (t.compared)(&length));
    let since = when(model.context, &finding);
    let class = if finding.goes_on() { "find" } else { "find over" };
    let health = if finding.goes_on() { finding.health } else { Health::Unknown };
    let chosen = move || model.cursor.get() == Some(place);
    view! {
        <div class:chosen=chosen>
            <LogsLink
                query=finding.search
                range=Some(finding.window.fixed())
                class=class
                title=(t.logs_of)(&name)
                id=Some(format!("{FOCUS_ID}finding-{}", finding.service))
            >
                <i class=format!("health {}", health.class()) role="img" aria-label=word(health)></i>
                <span class="what">
                    <b>{name.clone()}</b>
                    {troubles} <span class="compared faint">{compared}</span>
                </span>
                <span class="since faint">{since}</span>
                <span class="go">{t.logs} <Icon name=IconName::Right small=true /></span>
            </LogsLink>
        </div>
    }
}

fn words(trouble: &Trouble) -> (String, Times) {
    let t = home::text();
    match trouble {
        Trouble::Failing { share, failures, times } => {
            ((t.failing)(&Unit::Percent.text(share_percent(*share)), &number::count(*failures)), *times)
        }
        Trouble::Slow { p95_ms, times } => ((t.slow)(&Unit::Milliseconds.text(*p95_ms)), *times),
        Trouble::Loud { errors, times } => ((t.loud)(&number::count(*errors)), *times),
        Trouble::Silent { before } => ((t.silent)(&number::count(*before)), Times::Unknown),
    }
}

fn when(context: Context, finding: &Finding) -> String {
    let t = home::text();
    let at = |ns: i64| clock(context, ns);
    match (finding.since_ns, finding.until_ns) {
        (since, Some(until)) => (t.over)(&at(since.unwrap_or(finding.window.from_ns)), &at(until)),
        (Some(since), None) => (t.since)(&at(since), &span(finding.window.to_ns.saturating_sub(since))),
        (None, None) => (t.since_before)(&at(finding.window.from_ns)),
    }
}
