use super::model::{SqlModel, Wish};
use crate::ask::Load;
use crate::calendar::SECOND_NS;
use crate::components::{Cancelled, FailurePanel};
use crate::failure::WayOut;
use crate::number;
use crate::strings::{sql, text};
use crate::time_range::TimeRange;
use leptos::prelude::*;

/// Seconds of the range that is offered when a statement was too much.
const SHORTER: u64 = 900;
/// Seconds of the ranges that are offered when it answered nothing.
const LONGER: [u64; 3] = [3600, 86_400, 7 * 86_400];

/// The table before its first rows.
#[component]
pub(super) fn Skeleton() -> impl IntoView {
    const WIDTHS: [&str; 10] = ["62%", "48%", "71%", "55%", "66%", "40%", "58%", "69%", "45%", "60%"];
    let rows = WIDTHS.map(|width| {
        view! {
            <div class="sql-outline">
                <i class="skeleton"></i>
                <i class="skeleton"></i>
                <i class="skeleton" style:width=width></i>
            </div>
        }
    });
    view! {
        <div class="grow" role="status" aria-label=sql::text().results.loading>
            {rows.into_view()}
        </div>
    }
}

/// The statement failed, or the reader stopped it.
#[component]
pub(super) fn NoAnswer(model: SqlModel, load: Load) -> impl IntoView {
    let retry = Callback::new(move |()| model.run_again());
    let Load::Failed(failure) = load else {
        return view! { <Cancelled on_retry=retry /> }.into_any();
    };
    let way_out = match untrack(|| model.place()) {
        Some(location) => {
            let act = Callback::new(move |()| model.ask_editor(Wish::Select(location)));
            Some((sql::text().editor.go_to_place.to_owned(), act))
        }
        None => {
            let long = model.context.window.get_untracked().length_ns() > SHORTER as i64 * SECOND_NS;
            (failure.way_out() == WayOut::Shorten && long).then(|| {
                let act = Callback::new(move |()| go(model, SHORTER));
                ((text().failure.shorten)(&number::span(SHORTER)), act)
            })
        }
    };
    view! { <FailurePanel failure on_retry=retry way_out /> }.into_any()
}

fn go(model: SqlModel, seconds: u64) {
    model.context.go(|view| view.range = TimeRange::Relative { seconds });
}

/// The statement answered no rows: why that may be, and longer ranges.
#[component]
pub(super) fn NoRows(model: SqlModel) -> impl IntoView {
    let t = &sql::text().results;
    let length = model.context.window.get_untracked().length_ns() / SECOND_NS;
    let longer = LONGER.into_iter().filter(|seconds| *seconds as i64 > length).take(2);
    let buttons = longer.enumerate().map(|(place, seconds)| {
        view! {
            <button type="button" class="btn" class:primary=place == 0 on:click=move |_| go(model, seconds)>
                {(t.longer)(&number::span(seconds))}
            </button>
        }
    });
    view! {
        <div class="state" role="status">
            <h3>{t.empty_title}</h3>
            <p>{(t.empty_detail)(&untrack(|| model.range_text()))}</p>
            <div class="do">{buttons.collect_view()}</div>
        </div>
    }
}
