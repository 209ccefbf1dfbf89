//! A pattern in the list of patterns, and the list before it is there.

use super::{Found, PREFIX, PatternsModel};
use crate::ask::Asked;
use crate::calendar::{self, DateStyle};
use crate::components::{Icon, IconName};
use crate::number::{self, grouped};
use crate::patterns::{Pattern, search_term, stretches};
use crate::severity::Level;
use crate::strings::patterns::text;
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub(super) fn Row(patterns: PatternsModel, key: i64) -> impl IntoView {
    let pattern = Memo::new(move |_| patterns.pattern(key));
    let on = Memo::new(move |_| patterns.place.cursor.get() == Some(key));
    let level = move || pattern.with(|pattern| pattern.as_ref().map_or("", |pattern| pattern.worst().name()));
    let cells = move || pattern.get().map(|pattern| view! { <Cells patterns key pattern /> });
    view! {
        <div
            id=format!("{PREFIX}-{key}")
            class=move || format!("pr {}{}", level(), if on.get() { " on" } else { "" })
            role="row"
            aria-selected=move || on.get().to_string()
            on:click=move |_| {
                patterns.narrow(key, false);
            }
        >
            {cells}
        </div>
    }
}

#[component]
fn Cells(patterns: PatternsModel, key: i64, pattern: Arc<Pattern>) -> impl IntoView {
    let t = text();
    let context = patterns.model.context;
    let found = &pattern.found;
    let searchable = search_term(&found.pattern, &found.sample).is_some();
    let hint = if searchable { t.show } else { t.only_values };
    let title = format!("{}\n\n{hint}", found.sample);
    let words = stretches(&found.pattern).into_iter().map(|stretch| {
        let words = stretch.text.to_owned();
        if stretch.value { view! { <span class="slot">{words}</span> }.into_any() } else { words.into_any() }
    });
    let share = found.share * 100.0;
    let share_text = if share > 0.0 && share < 0.1 { "<0.1 %".to_owned() } else { format!("{share:.1} %") };
    let worst = pattern.worst();
    let tag = if worst == Level::Unset { "–" } else { worst.name() };
    let exclude = move |event: leptos::ev::MouseEvent| {
        event.stop_propagation();
        patterns.narrow(key, true);
    };
    let button = searchable.then(|| {
        view! {
            <button type="button" class="foot-button" aria-label=t.exclude title=t.exclude on:click=exclude>
                <Icon name=IconName::Exclude small=true />
            </button>
        }
    });
    view! {
        <span class="e" role="gridcell"></span>
        <span class="b ell" role="gridcell" title=title>{words.collect_view()}</span>
        <span class="num" role="gridcell" title=grouped(found.count)>{number::count(found.count)}</span>
        <span class="share" role="gridcell">
            <span class="track" aria-hidden="true"><i style:width=format!("{share:.2}%")></i></span>
            <span class="num">{share_text}</span>
        </span>
        <span class="levels" role="gridcell" title=level_words(&pattern)>
            <span class=format!("sev {}", worst.name())>{tag}</span>
            <LevelBar shares=pattern.shares() />
        </span>
        <When context at_ns=pattern.first_ns window=patterns.asked />
        <When context at_ns=pattern.last_ns window=patterns.asked />
        <span role="gridcell">{button}</span>
    }
}

/// Lines by level, the most severe on the left.
#[component]
fn LevelBar(shares: Vec<(Level, u64, f64)>) -> impl IntoView {
    let parts = shares.into_iter().map(|(level, _, share)| {
        view! { <i class=format!("swatch {}", level.name()) style:width=format!("{share:.2}%")></i> }
    });
    view! { <span class="level-bar" aria-hidden="true">{parts.collect_view()}</span> }
}

#[component]
fn When(context: crate::context::Context, at_ns: i64, window: Asked<Found>) -> impl IntoView {
    let style = move || {
        let window = window.answer.with(|found| found.as_ref().map(|found| found.window));
        let (from_ns, to_ns) = window.map_or((at_ns, at_ns), |window| (window.from_ns, window.to_ns));
        DateStyle::for_span(from_ns, to_ns, context.now_ns(), context.offset_minutes(from_ns))
    };
    let time = move || calendar::to_second(at_ns, context.offset_minutes(at_ns), style());
    let exact =
        move || format!("{} {}", calendar::to_full(at_ns, context.offset_minutes(at_ns)), context.zone_name(at_ns));
    view! { <span class="t when" role="gridcell" title=exact>{time}</span> }
}

#[component]
pub(super) fn Outline() -> impl IntoView {
    const WIDTHS: [&str; 12] = ["62%", "48%", "71%", "55%", "40%", "66%", "52%", "74%", "45%", "58%", "50%", "63%"];
    let rows = WIDTHS.map(|width| {
        view! {
            <div class="pr sk">
                <span></span>
                <i class="skeleton" style:width=width></i>
                <i class="skeleton"></i>
                <i class="skeleton"></i>
                <i class="skeleton"></i>
                <i class="skeleton when"></i>
                <i class="skeleton when"></i>
                <span></span>
            </div>
        }
    });
    view! { <div class="grow" role="status" aria-label=text().loading>{rows.into_view()}</div> }
}

/// `ERROR: 12 lines, 40 %`, a line each level.
fn level_words(pattern: &Pattern) -> String {
    let none = crate::strings::text().logs.no_severity;
    let words = pattern.shares().into_iter().map(|(level, lines, share)| {
        let name = if level == Level::Unset { none } else { level.name() };
        (text().lines_at)(name, &grouped(lines), &format!("{share:.0}"))
    });
    words.collect::<Vec<_>>().join("\n")
}
