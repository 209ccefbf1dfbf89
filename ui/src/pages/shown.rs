//! Times, outlines and figures as pages show them.

use crate::calendar::{DateStyle, SECOND_NS, parse_utc, to_full, to_minute, to_second};
use crate::context::Context;
use crate::number;
use crate::strings::settings;
use leptos::prelude::*;

/// How a moment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// `2026-11-22 03:01`.
    Minute,
    /// `2026-11-22 03:01:52`.
    Second,
    /// `03:01:52`.
    Clock,
    /// `3 h ago`.
    Ago,
}

/// A moment; hover has its absolute and its relative form.
#[component]
pub(super) fn Moment(
    /// RFC 3339.
    #[prop(into)]
    at: String,
    /// How it is written.
    written: Written,
) -> impl IntoView {
    let context = Context::get();
    let Some(ns) = parse_utc(&at) else { return view! { <span>{at}</span> }.into_any() };
    let offset = move || context.offset_minutes(ns);
    let shown = move || match written {
        Written::Minute => to_minute(ns, offset(), DateStyle::Full),
        Written::Second => to_second(ns, offset(), DateStyle::Full),
        Written::Clock => to_second(ns, offset(), DateStyle::Clock),
        Written::Ago => ago(context, ns),
    };
    let title = move || format!("{} {} · {}", to_full(ns, offset()), context.zone_name(ns), ago(context, ns));
    view! {
        <time datetime=at title=title>
            {shown}
        </time>
    }
    .into_any()
}

/// How long ago it is.
pub(super) fn ago(context: Context, ns: i64) -> String {
    let seconds = u64::try_from(context.now_ns().saturating_sub(ns) / SECOND_NS).unwrap_or(0);
    let t = settings::text();
    if seconds < 5 { t.just_now.to_owned() } else { (t.ago)(&number::span(seconds)) }
}

/// Says which zone times are in.
#[component]
pub(super) fn Zone() -> impl IntoView {
    let context = Context::get();
    move || (settings::text().times_in)(&context.zone_name(context.now_ns()))
}

/// The shape of a table before its rows are there.
#[component]
pub(super) fn Outline(
    /// Rows.
    rows: usize,
) -> impl IntoView {
    let widths = [62, 78, 54, 70, 85, 58, 74, 66];
    let row = move |place: usize| {
        let width = widths.get(place % widths.len()).copied().unwrap_or(60);
        view! {
            <div class="outline-row">
                <i class="skeleton" style:width=format!("{width}%")></i>
            </div>
        }
    };
    view! {
        <div class="outline" aria-busy="true">
            {(0..rows).map(row).collect_view()}
        </div>
    }
}

/// A number with its unit apart: `38` `MB`; one of two units, `1 d 12 h`, as it is.
#[component]
pub(super) fn Amount(
    /// Both, with a space between.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let (number, unit) = match text.split_once(' ') {
        Some((number, unit)) if !unit.contains(' ') => (number.to_owned(), unit.to_owned()),
        _ => (text, String::new()),
    };
    view! {
        {number}
        <span class="unit">{unit}</span>
    }
}
