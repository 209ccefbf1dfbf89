use super::draft::{Drag, Pipe};
use crate::browser;
use crate::components::{Icon, IconName};
use crate::number;
use crate::pipeline_draft::PLUGIN;
use crate::strings::pipelines::text;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use lincei_api::{PipelineStep, StepTotals};
use wasm_bindgen::JsCast;

/// A step in the list; its grip moves it by pointer, Alt and arrows by keyboard.
#[component]
pub(super) fn Row(pipe: Pipe, key: u32, list: NodeRef<leptos::html::Ol>) -> impl IntoView {
    let t = text();
    let chosen = move || pipe.chosen.get() == Some(key);
    let drop_here = move || {
        let others = pipe.draft.with(|draft| {
            let moved = pipe.drag.get()?;
            let own = draft.steps.iter().filter(|step| step.key != moved.key).position(|step| step.key == key);
            Some((own?, moved.place))
        });
        others.is_some_and(|(own, place)| own == place)
    };
    let id = format!("step-{key}");
    let focused = id.clone();
    let on_key = move |event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowUp" if event.alt_key() => -1,
            "ArrowDown" if event.alt_key() => 1,
            _ => return,
        };
        event.prevent_default();
        pipe.shift(key, by);
        // What moves in the document loses the focus.
        let focused = focused.clone();
        request_animation_frame(move || browser::focus(&focused));
    };
    view! {
        <li
            class="op"
            class:on=chosen
            class:off=move || pipe.of(key, |step| step.disabled)
            class:moves=move || pipe.drag.get().is_some_and(|drag| drag.key == key)
            class:drop-here=drop_here
        >
            <Grip pipe key list />
            <button
                type="button"
                id=id
                class="op-main"
                aria-current=move || chosen().then_some("true")
                title=t.move_keys
                on:click=move |_| pipe.chosen.set(Some(key))
                on:keydown=on_key
            >
                <span class="no">{move || pipe.draft.with(|draft| draft.place(key).unwrap_or(0) + 1)}</span>
                <span class="op-name">
                    <b class="mono ell">{move || pipe.of(key, |step| step.name.clone())}</b>
                    {move || marks(pipe, key)}
                </span>
                <span class="sub ell">{move || pipe.of(key, subtitle)}</span>
                {move || counters(pipe, key)}
            </button>
            {move || pipe.totals(key).map(|totals| wire(&totals))}
        </li>
    }
}

fn subtitle(step: &PipelineStep) -> String {
    let t = text();
    let operator = match step.operator.strip_prefix(PLUGIN) {
        Some(plugin) => (t.plugin_named)(plugin),
        None => step.operator.clone(),
    };
    match &step.search {
        Some(search) => format!("{operator} · {search}"),
        None => operator,
    }
}

/// Whether the step is new, changed, off or wrong.
fn marks(pipe: Pipe, key: u32) -> AnyView {
    let t = text();
    let flaw = if pipe.draft.with(|draft| draft.flaw(key).is_some()) {
        t.flawed
    } else if pipe.tried(key).is_some_and(|totals| totals.failures > 0) {
        t.failed_in_preview
    } else {
        ""
    };
    let mark = pipe.draft.with(|draft| {
        let step = &draft.get(key)?.step;
        let saved = pipe.saved.with(|(_, steps)| steps.iter().find(|saved| saved.name == step.name).map(|s| s == step));
        match saved {
            None => Some(t.new),
            Some(false) => Some(t.changed),
            Some(true) => None,
        }
    });
    let flaw = (!flaw.is_empty()).then(|| {
        view! {
            <i class="health bad" title=flaw></i>
            <span class="sr">{flaw}</span>
        }
    });
    let off = pipe.of(key, |step| step.disabled).then(|| view! { <span class="badge line">{t.off}</span> });
    view! {
        {flaw}
        {mark.map(|mark| view! { <span class="badge info">{mark}</span> })}
        {off}
    }
    .into_any()
}

/// Records that went through, and what one cost.
fn counters(pipe: Pipe, key: u32) -> Option<AnyView> {
    let t = text();
    let totals = pipe.totals(key).filter(|totals| totals.records_in > 0)?;
    let each = totals.seconds / totals.records_in as f64 * 1e6;
    Some(
        view! {
            <span class="r">
                {(t.records_in)(&number::count(totals.records_in))}
                <span class="faint">{(t.each)(&number::microseconds(each))}</span>
            </span>
        }
        .into_any(),
    )
}

/// What did not go on.
fn wire(totals: &StepTotals) -> AnyView {
    let t = text();
    let part = |count: u64, words: crate::strings::One, class: &'static str| {
        (count > 0).then(|| view! { <span class=class>{words(&number::count(count))}</span> })
    };
    view! {
        <span class="wire">
            {part(totals.records_dropped, t.dropped, "")}
            {part(totals.records_added, t.added, "")}
            {part(totals.records_rejected, t.rejected, "t-warn")}
            {part(totals.records_failed, t.failed, "t-bad")}
        </span>
    }
    .into_any()
}

/// Moves the step by the pointer: a line shows where it would be put down.
#[component]
fn Grip(pipe: Pipe, key: u32, list: NodeRef<leptos::html::Ol>) -> impl IntoView {
    let take = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        event.prevent_default();
        if let Some(grip) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
            drop(grip.set_pointer_capture(event.pointer_id()));
        }
        let place = pipe.draft.with_untracked(|draft| draft.place(key).unwrap_or(0));
        pipe.drag.set(Some(Drag { key, place }));
    };
    let follow = move |event: PointerEvent| {
        if pipe.drag.get_untracked().is_none() {
            return;
        }
        if let Some(place) = place_at(pipe, key, list, f64::from(event.client_y())) {
            let drag = Some(Drag { key, place });
            if pipe.drag.get_untracked() != drag {
                pipe.drag.set(drag);
            }
        }
    };
    let release = move |kept: bool| {
        let Some(drag) = pipe.drag.get_untracked() else { return };
        pipe.drag.set(None);
        if kept {
            pipe.move_to(key, drag.place);
        }
    };
    view! {
        <span
            class="grip"
            aria-hidden="true"
            title=text().move_step
            on:pointerdown=take
            on:pointermove=follow
            on:pointerup=move |_| release(true)
            on:pointercancel=move |_| release(false)
        >
            <Icon name=IconName::Grip small=true />
        </span>
    }
}

/// The place among the other steps at a height of the window.
fn place_at(pipe: Pipe, key: u32, list: NodeRef<leptos::html::Ol>, y: f64) -> Option<usize> {
    let own = pipe.draft.with_untracked(|draft| draft.place(key))?;
    let rows = list.get_untracked()?.query_selector_all(".op").ok()?;
    let middle = |place: u32| {
        let area = rows.item(place)?.dyn_into::<web_sys::Element>().ok()?.get_bounding_client_rect();
        Some(area.top() + area.height() / 2.0)
    };
    let above = (0..rows.length())
        .filter(|place| usize::try_from(*place) != Ok(own) && middle(*place).is_some_and(|middle| middle < y));
    Some(above.count())
}
