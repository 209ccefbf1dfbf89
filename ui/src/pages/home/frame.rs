//! The panels and where they stand, and what is there in their place.

use super::changes::Changes;
use super::figures::Figures;
use super::findings::Findings;
use super::intake::IntakePanel;
use super::model::{HomeModel, Shown};
use super::stack::FailureChart;
use super::table::ServiceTable;
use super::values::clock;
use crate::ask::Load;
use crate::calendar::{MINUTE_NS, parse_utc};
use crate::components::{Cancelled, FailurePanel, ProgressStrip};
use crate::context::Context;
use crate::failure::Failure;
use crate::strings::{home, text};
use crate::time_range::TimeRange;
use leptos::prelude::*;
use std::sync::Arc;

#[derive(Clone, PartialEq)]
enum Content {
    Waiting,
    Failed(Failure),
    Cancelled,
    Empty,
    Panels,
}

/// Everything below the head.
#[component]
pub(super) fn Frame(model: HomeModel) -> impl IntoView {
    let has_data = |shown: &Shown| !shown.overview.services.is_empty() || shown.overview.has_requests();
    let content = Memo::new(move |_| {
        let drawn = model.shown.with(|shown| shown.as_ref().map(|shown| has_data(shown)));
        match (drawn, model.trouble()) {
            (Some(true), _) => Content::Panels,
            (_, Some(Load::Failed(failure))) => Content::Failed(failure),
            (_, Some(Load::Cancelled)) => Content::Cancelled,
            (Some(_), _) => Content::Empty,
            (None, _) => Content::Waiting,
        }
    });
    let retry = Callback::new(move |()| model.start());
    let progress = move || {
        model.measured.progress.get().map(|progress| {
            let cancel = Callback::new(move |()| {
                model.cancel();
            });
            view! { <ProgressStrip progress on_cancel=cancel /> }
        })
    };
    let stale = move || model.waits() || model.trouble().is_some();
    view! {
        {progress}
        <div class="body scroll home-body" class:stale=stale aria-busy=move || model.waits().to_string()>
            {move || match content.get() {
                Content::Waiting => view! { <Outline /> }.into_any(),
                Content::Failed(failure) => view! { <FailurePanel failure on_retry=retry /> }.into_any(),
                Content::Cancelled => view! { <Cancelled on_retry=retry /> }.into_any(),
                Content::Empty => view! { <Empty model /> }.into_any(),
                Content::Panels => view! { <Panels model /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Panels(model: HomeModel) -> impl IntoView {
    let shown = Signal::derive(move || model.shown.get());
    view! {
        <div class="home-grid">
            <NotRefreshed model />
            <Findings model />
            <div class="home-col">
                <Figures shown />
                <FailureChart model />
                <ServiceTable model />
            </div>
            <div class="home-col home-side">
                <Changes model />
                <IntakePanel model />
            </div>
        </div>
    }
}

/// Says why the data below are not of now.
#[component]
fn NotRefreshed(model: HomeModel) -> impl IntoView {
    move || {
        let (cause, detail) = match model.trouble()? {
            Load::Failed(failure) => (failure.title(), failure.detail()),
            _ => (text().logs.cancelled_title, String::new()),
        };
        let words = (home::text().not_refreshed)(cause);
        Some(view! {
            <div class="note bad home-note" role="alert" title=detail>
                <i class="health bad"></i>
                <span class="grow">{words}</span>
                <button type="button" class="btn" on:click=move |_| model.start()>
                    {text().failure.retry}
                </button>
            </div>
        })
    }
}

/// The panels before there are data.
#[component]
fn Outline() -> impl IntoView {
    let bones = |count: usize| (0..count).map(|_| view! { <i class="skeleton"></i> }).collect_view();
    view! {
        <div class="home-grid" role="status" aria-label=home::text().loading>
            <div class="home-col">
                <section class="panel bones row">{bones(4)}</section>
                <section class="panel bones tall wide-only">{bones(1)}</section>
                <section class="panel bones">{bones(8)}</section>
            </div>
            <div class="home-col home-side">
                <section class="panel bones">{bones(3)}</section>
                <section class="panel bones">{bones(4)}</section>
            </div>
        </div>
    }
}

/// Nothing came in within the window: when it did last, and the way there.
#[component]
fn Empty(model: HomeModel) -> impl IntoView {
    let t = home::text();
    let context = model.context;
    move || {
        let newest = newest_ns(context);
        let detail = newest.map(|ns| (t.empty_detail)(&clock(context, ns)));
        let go = newest.map(|ns| {
            let at = clock(context, ns);
            let range = TimeRange::Absolute { from_ns: ns - 30 * MINUTE_NS, to_ns: ns + 1 };
            view! {
                <button type="button" class="btn primary" on:click=move |_| context.go(|view| view.range = range)>
                    {(t.empty_go)(&at)}
                </button>
            }
        });
        view! {
            <div class="state">
                <h3>{t.empty_title}</h3>
                <p>{detail}</p>
                <div class="do">{go}</div>
            </div>
        }
    }
}

/// The newest line or span that is stored; tracked.
fn newest_ns(context: Context) -> Option<i64> {
    context.status.with(|status| {
        let tables = status.as_ref()?.as_ref().ok()?.tables.iter();
        let kept = tables.filter(|table| matches!(table.name.as_str(), "logs" | "spans"));
        kept.filter_map(|table| parse_utc(table.newest.as_deref()?)).max()
    })
}

/// What the panels draw.
pub(super) type ShownSignal = Signal<Option<Arc<Shown>>>;
