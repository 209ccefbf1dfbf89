//! Figures, words and series as the parts of the page write them.

use crate::calendar::{self, DateStyle};
use crate::chart::{Health, Unit};
use crate::context::Context;
use crate::number;
use crate::services::{Requests, Times};
use crate::strings::home;
use leptos::prelude::*;

/// A value with its unit apart; a dash when there is none.
pub(super) fn figure(unit: &Unit, value: Option<f64>) -> impl IntoView + use<> {
    let figure = value.map(|value| unit.figure(value)).unwrap_or_default();
    let number = if figure.number.is_empty() { "–".to_owned() } else { figure.number };
    view! {
        {number}
        <span class="unit">{figure.unit}</span>
    }
}

/// Class of a text that tells of trouble.
pub(super) fn text_class(health: Health) -> &'static str {
    match health {
        Health::Bad => "t-bad",
        Health::Warn => "t-warn",
        Health::Ok | Health::Unknown => "",
    }
}

/// A state of health in a word.
pub(super) fn word(health: Health) -> &'static str {
    let t = home::text();
    match health {
        Health::Bad => t.failing_word,
        Health::Warn => t.degraded_word,
        Health::Ok => t.healthy_word,
        Health::Unknown => t.unknown_word,
    }
}

/// Percent of failed requests.
pub(super) fn percent(requests: &Requests) -> Option<f64> {
    requests.share().map(share_percent)
}

/// A part of one in percent, to the hundredth: less is noise.
pub(super) fn share_percent(share: f64) -> f64 {
    (share * 10_000.0).round() / 100.0
}

/// `×12`; nothing when too little came before.
pub(super) fn times_text(times: Times) -> String {
    let t = home::text();
    match times {
        Times::Of(times) => (t.times)(&times_figure(times)),
        Times::New => t.fresh.to_owned(),
        Times::Unknown => String::new(),
    }
}

/// One digit after the point below ten, none above.
pub(super) fn times_figure(times: f64) -> String {
    if times < 9.95 { format!("{times:.1}") } else { number::count(times.round() as u64) }
}

/// A point in time as short as it can be read today.
pub(super) fn clock(context: Context, ns: i64) -> String {
    let offset = context.offset_minutes(ns);
    let style = DateStyle::for_span(ns, ns, context.now_ns(), offset);
    calendar::to_minute(ns, offset, style)
}

/// The length of a time in words.
pub(super) fn span(ns: i64) -> String {
    let seconds = u64::try_from(ns / calendar::SECOND_NS).unwrap_or(0);
    // Seconds beside minutes would pretend to know better.
    number::span(if seconds >= 60 { seconds / 60 * 60 } else { seconds })
}

/// A service's name, or that it has none.
pub(super) fn name_of(service: &str) -> String {
    if service.is_empty() { home::text().no_name.to_owned() } else { service.to_owned() }
}
