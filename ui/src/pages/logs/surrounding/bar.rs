//! Around the lines around a line: which line, how its neighbours resemble it, and more of them.

use super::{STEPS, Same, SurroundingModel, Wanted};
use crate::calendar::{self, DateStyle};
use crate::components::{Icon, IconName};
use crate::number::{self, grouped};
use crate::strings::tail::surrounding as text;
use leptos::prelude::*;

/// Around which line, how its neighbours resemble it, and the way back.
#[component]
pub(super) fn Bar(around: SurroundingModel) -> impl IntoView {
    let t = text();
    let context = around.model.context;
    let caption = move || {
        let Some(key) = around.key.get() else { return String::new() };
        let service = around.asked.answer.with(|answer| {
            let known = [answer.as_ref().and_then(|answer| answer.row.clone()), around.opened_line()];
            known.into_iter().flatten().find(|row| row.key() == key).map(|row| row.service.clone()).unwrap_or_default()
        });
        let offset = context.offset_minutes(key.time_ns);
        let style = DateStyle::for_span(key.time_ns, key.time_ns, context.now_ns(), offset);
        (t.around)(&service, &calendar::to_millisecond(key.time_ns, offset, style))
    };
    let choice = |same: Same| {
        let on = move || around.same.get() == same;
        view! {
            <button
                type="button"
                class:on=on
                aria-pressed=move || on().to_string()
                on:click=move |_| context.go(|view| view.set_parameter("same", same.name()))
            >
                {same.caption()}
            </button>
        }
    };
    view! {
        <div class="list-bar">
            <button type="button" class="btn" on:click=move |_| around.close()>
                <Icon name=IconName::Left small=true />
                {t.back}
            </button>
            <b class="ell">{caption}</b>
            <span class="grow"></span>
            <div class="seg" role="group" aria-label=t.within>{Same::ALL.map(choice).into_view()}</div>
        </div>
    }
}

/// More lines of a side, or that there are none.
#[component]
pub(super) fn More(around: SurroundingModel, later: bool) -> impl IntoView {
    let t = text();
    let state = Memo::new(move |_| {
        let (after, before) = around.steps.get();
        let step = if later { after } else { before };
        let shown = around.asked.answer.with(|answer| {
            answer.as_ref().map_or(0, |answer| if later { answer.after.len() } else { answer.before.len() })
        });
        (step, shown, around.asked.waits())
    });
    let more = move |_| {
        around.steps.update(|(after, before)| *(if later { after } else { before }) += 1);
    };
    let none = if later { t.no_after } else { t.no_before };
    move || {
        let (step, shown, waits) = state.get();
        let asked = Wanted::lines(step) as usize;
        let next = STEPS.get(step + 1).map(|next| *next as usize);
        match next {
            _ if !waits && shown < asked => view! { <div class="more-lines faint">{none}</div> }.into_any(),
            None => view! { <div class="more-lines faint">{(t.most)(&grouped(shown as u64))}</div> }.into_any(),
            Some(next) => {
                let count = grouped((next - asked) as u64);
                let caption = if later { (t.more_after)(&count) } else { (t.more_before)(&count) };
                let name = if later { IconName::Up } else { IconName::Down };
                view! {
                    <button type="button" class="more-lines" disabled=waits on:click=more>
                        <Icon name small=true />
                        {caption}
                    </button>
                }
                .into_any()
            }
        }
    }
}

#[component]
pub(super) fn Foot(around: SurroundingModel) -> impl IntoView {
    let t = text();
    let answer = around.asked.answer;
    let counted = move || {
        answer.with(|answer| {
            let answer = answer.as_ref().filter(|answer| answer.row.is_some())?;
            Some((t.counted)(&grouped(answer.before.len() as u64), &grouped(answer.after.len() as u64)))
        })
    };
    let shared = move || {
        answer.with(|answer| {
            let answer = answer.as_ref().filter(|answer| answer.row.is_some())?;
            let fields: Vec<String> = answer.same.iter().map(|(name, value)| format!("{name}:{value}")).collect();
            Some(if fields.is_empty() { t.shared_none.to_owned() } else { (t.shared)(&fields.join(" ")) })
        })
    };
    let cost = move || {
        let stats = answer.with(|answer| answer.as_ref()?.stats.clone())?;
        let (rows, bytes) = (number::count(stats.rows_scanned), number::bytes(stats.bytes_scanned));
        Some((crate::strings::text().logs.scanned)(&rows, &bytes, &number::milliseconds(stats.elapsed_ms)))
    };
    view! {
        <div class="lf">
            <span>{counted}</span>
            <span class="ell mono">{shared}</span>
            <span class="grow"></span>
            <span class="wide-only">{cost}</span>
        </div>
    }
}
