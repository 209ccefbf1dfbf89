//! Around the new lines: how the stream is, what was left out, and what waits.

use super::{Link, RATE, TailModel};
use crate::components::{Icon, IconName, Show};
use crate::number::grouped;
use crate::strings::tail::text;
use crate::tail::Tail;
use leptos::prelude::*;

/// How the stream is, and pause.
#[component]
pub(super) fn Bar(tail: TailModel) -> impl IntoView {
    let t = text();
    let paused = move || tail.paused.get();
    let state = move || match tail.link.get() {
        Link::Connecting => ("unknown", t.connecting.to_owned()),
        Link::Open if paused() => ("unknown", t.paused.to_owned()),
        Link::Open if tail.held.get() => ("ok", t.held.to_owned()),
        Link::Open => ("ok", t.running.to_owned()),
        Link::Lost(failure, seconds) => ("bad", (t.lost)(failure.title(), &seconds.to_string())),
        Link::Cancelled => ("unknown", t.cancelled.to_owned()),
        Link::Failed(failure) => ("bad", failure.title().to_owned()),
    };
    // a memo, so that the button is not drawn anew each second
    let way_out = Memo::new(move |_| match tail.link.get() {
        Link::Lost(..) => Some(t.try_now),
        Link::Cancelled => Some(t.go_on),
        _ => None,
    });
    let go_out = move |_| match tail.link.get_untracked() {
        Link::Cancelled => tail.start(),
        _ => tail.hurry.set_value(true),
    };
    let pause = move |_| {
        let pause = !tail.paused.get_untracked();
        tail.paused.set(pause);
        if !pause {
            tail.show_new();
        }
    };
    view! {
        <div class="list-bar">
            <span class="hstack nowrap" role="status">
                <i class=move || format!("health {}", state().0)></i>
                <span class="ell">{move || state().1}</span>
            </span>
            {move || {
                way_out.get().map(|caption| view! { <button type="button" class="btn" on:click=go_out>{caption}</button> })
            }}
            <span class="grow"></span>
            <LeftOutNotes tail />
            <button type="button" class="btn" aria-pressed=move || paused().to_string() on:click=pause>
                {move || {
                    let (name, caption) = if paused() { (IconName::Play, t.resume) } else { (IconName::Pause, t.pause) };
                    view! { <Icon name small=true />{caption} }
                }}
            </button>
        </div>
    }
}

/// What was not shown, and why.
#[component]
fn LeftOutNotes(tail: TailModel) -> impl IntoView {
    let t = text();
    let left_out = Memo::new(move |_| tail.tail.with(Tail::left_out));
    let note = |words: String, help: &'static str| {
        view! {
            <span class="left-out" title=help>
                <Icon name=IconName::Alert small=true />
                {words}
            </span>
        }
    };
    move || {
        let left_out = left_out.get();
        let over = (left_out.over_rate > 0)
            .then(|| note((t.over_rate)(&grouped(left_out.over_rate), &grouped(u64::from(RATE))), t.over_rate_help));
        let missed = match (left_out.missed, left_out.gap) {
            (_, true) => Some(t.missed_unknown.to_owned()),
            (0, false) => None,
            (missed, false) => Some((t.missed)(&grouped(missed))),
        };
        (over, missed.map(|words| note(words, t.missed_help)))
    }
}

/// The counter behind which new lines wait.
#[component]
pub(super) fn NewLines(tail: TailModel) -> impl IntoView {
    let t = text();
    let waiting = Memo::new(move |_| tail.tail.with(Tail::waiting));
    let caption = move || {
        let (count, cut) = waiting.get();
        let count = grouped(count as u64);
        if cut { (t.more_new_lines)(&count) } else { (t.new_lines)(&count) }
    };
    view! {
        <Show when=move || waiting.get().0 != 0>
            <button type="button" class="new-lines" title=t.show_new on:click=move |_| tail.show_new()>
                <Icon name=IconName::Up small=true />
                {caption}
                <kbd aria-hidden="true">"Home"</kbd>
            </button>
        </Show>
    }
}

/// Nothing came yet.
#[component]
pub(super) fn Waiting(tail: TailModel) -> impl IntoView {
    let t = text();
    let detail = move || {
        let query = tail.model.query();
        if query.is_empty() { t.waiting_any.to_owned() } else { (t.waiting_search)(&query) }
    };
    view! {
        <div class="state grow" role="status">
            <div class="hstack">
                <i class="pulse"></i>
                <h3>{t.waiting_title}</h3>
            </div>
            <p>{detail}</p>
        </div>
    }
}
