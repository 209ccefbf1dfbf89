use super::model::{LogsModel, Newest};
use crate::ask::Load;
use crate::browser;
use crate::calendar::{self, DateStyle, SECOND_NS};
use crate::components::{Cancelled, FailurePanel, Show};
use crate::failure::WayOut;
use crate::number;
use crate::strings::text;
use crate::time_range::TimeRange;
use leptos::prelude::*;

/// Seconds of the range that is offered when a query was too much.
const SHORTER: u64 = 900;

/// The list before its first lines: rows in outline.
#[component]
pub(super) fn Skeleton() -> impl IntoView {
    const WIDTHS: [&str; 14] =
        ["70%", "52%", "83%", "61%", "76%", "48%", "66%", "58%", "80%", "44%", "72%", "63%", "55%", "78%"];
    let rows = WIDTHS.map(|width| {
        view! {
            <div class="lr sk">
                <span></span>
                <i class="skeleton"></i>
                <i class="skeleton"></i>
                <i class="skeleton"></i>
                <i class="skeleton" style:width=width></i>
            </div>
        }
    });
    view! {
        <div class="grow" role="status" aria-label=text().logs.loading>
            {rows.into_view()}
        </div>
    }
}

/// The list could not be loaded, or the reader stopped it.
#[component]
pub(super) fn NoAnswer(model: LogsModel, load: Load) -> impl IntoView {
    let t = &text().logs;
    let retry = Callback::new(move |()| model.start());
    match load {
        Load::Failed(failure) if failure.code() == "invalid" => view! {
            <div class="state">
                <h3>{t.invalid_title}</h3>
                <p>{t.invalid_detail}</p>
                <div class="do">
                    <button type="button" class="btn primary" on:click=move |_| browser::focus(super::SEARCH_ID)>
                        {t.invalid_correct}
                    </button>
                    <button type="button" class="btn" on:click=move |_| model.search(String::new())>
                        {t.clear}
                    </button>
                </div>
            </div>
        }
        .into_any(),
        Load::Failed(failure) => {
            let shorter = model.context.window.get_untracked().length_ns() > SHORTER as i64 * SECOND_NS;
            let way_out = (failure.way_out() == WayOut::Shorten && shorter).then(|| {
                let act = Callback::new(move |()| {
                    model.context.go(|view| view.range = TimeRange::Relative { seconds: SHORTER });
                });
                ((text().failure.shorten)(&number::span(SHORTER)), act)
            });
            view! { <FailurePanel failure on_retry=retry way_out /> }.into_any()
        }
        _ => view! { <Cancelled on_retry=retry /> }.into_any(),
    }
}

/// Nothing matches: why, and where something does.
#[component]
pub(super) fn NoMatch(model: LogsModel) -> impl IntoView {
    let t = &text().logs;
    let query = move || {
        let query = model.query();
        if query.is_empty() { t.everything.to_owned() } else { query }
    };
    let filtered = move || !model.query().is_empty();
    let explanation = move || match model.newest.get() {
        Newest::Unknown => t.empty_searching.to_owned(),
        Newest::Never if !filtered() => t.empty_no_lines.to_owned(),
        Newest::Never => (t.empty_never)(&query()),
        Newest::At(at) => {
            let window = model.context.window.get();
            let seconds = |ns: i64| number::span(u64::try_from(ns / SECOND_NS).unwrap_or(0));
            if at < window.from_ns {
                (t.empty_older)(&query(), &time_text(model, at), &seconds(window.from_ns - at))
            } else {
                (t.empty_newer)(&query(), &time_text(model, at), &seconds((at - window.to_ns).max(0)))
            }
        }
    };
    let go = move || match model.newest.get() {
        Newest::At(at) => Some(view! {
            <button type="button" class="btn primary" on:click=move |_| model.go_to(at)>
                {(t.go_to)(&time_text(model, at))}
            </button>
        }),
        _ => None,
    };
    view! {
        <div class="state grow" role="status">
            <h3>{t.empty_title}</h3>
            <p>{explanation}</p>
            <div class="do">
                {go}
                <Show when=filtered>
                    <button
                        type="button"
                        class="btn"
                        on:click=move |_| {
                            model.search(String::new());
                            browser::focus(super::SEARCH_ID);
                        }
                    >
                        {t.remove_filters}
                    </button>
                </Show>
            </div>
        </div>
    }
}

/// A time with as much of its date as it needs when read now.
fn time_text(model: LogsModel, at_ns: i64) -> String {
    let (now, offset) = (model.context.now_ns(), model.context.offset_minutes(at_ns));
    let style = match DateStyle::for_span(at_ns, at_ns + 1, now, offset) {
        DateStyle::Clock if now - at_ns > calendar::DAY_NS / 2 => DateStyle::Day,
        style => style,
    };
    calendar::to_second(at_ns, offset, style)
}
