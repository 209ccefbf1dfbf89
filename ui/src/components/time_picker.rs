use super::{Icon, IconName};
use crate::browser;
use crate::calendar;
use crate::components::Show;
use crate::context::Context;
use crate::number;
use crate::strings::text;
use crate::time_range::{PRESETS, RangeError, TimeRange};
use crate::url_state::Page;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

/// The range of the view, and the menu that changes it.
#[component]
pub(crate) fn TimePicker() -> impl IntoView {
    let context = Context::get();
    let t = &text().time;
    let range = Memo::new(move |_| context.view.with(|view| view.range));
    let live = Memo::new(move |_| is_live(context));
    let relative = move || match range.get() {
        _ if live.get() => Some(crate::strings::tail::text().live.to_owned()),
        TimeRange::Relative { seconds } => Some((t.last)(&number::span(seconds))),
        TimeRange::Absolute { .. } => None,
    };
    let window = move || context.window.get();
    let shown = move || window().text(context.now_ns(), context.offset_minutes(window().to_ns));
    let zone = move || context.zone_name(window().to_ns);
    let exact = move || {
        let (window, offset) = (window(), context.offset_minutes(window().to_ns));
        let (from, to) = (calendar::to_full(window.from_ns, offset), calendar::to_full(window.to_ns, offset));
        format!("{from} – {to} {}", zone())
    };
    view! {
        <div class="anchor">
            <button
                type="button"
                id="time-picker"
                class="timepick"
                aria-haspopup="dialog"
                aria-expanded=move || context.picker.get().to_string()
                title=exact
                on:click=move |_| context.picker.update(|open| *open = !*open)
            >
                <span>
                    <Icon name=IconName::Clock small=true />
                    <span class="sr">{t.range}</span>
                    {move || relative().unwrap_or_else(shown)}
                    {move || relative().is_none().then(|| view! { <span class="faint">{zone()}</span> })}
                </span>
                <Show when=move || relative().is_some() && !live.get()>
                    <span class="wide-only">{shown} <span class="faint">{zone}</span></span>
                </Show>
            </button>
            <Show when=move || context.picker.get()>
                <Menu range=range.get_untracked() />
            </Show>
        </div>
    }
}

/// Whether the view follows what comes; tracked.
fn is_live(context: Context) -> bool {
    context.view.with(|view| view.page == Page::Logs && view.parameter("live") == "1")
}

/// Follows new lines, where the page can.
#[component]
fn LiveEntry() -> impl IntoView {
    let context = Context::get();
    let on = untrack(|| is_live(context));
    let follow = move |_| {
        context.go(|view| {
            for name in ["tab", "around", "same"] {
                view.set_parameter(name, "");
            }
            view.set_parameter("live", "1");
        });
        close(context);
    };
    context.view.with_untracked(|view| view.page == Page::Logs).then(|| {
        view! {
            <li>
                <button
                    type="button"
                    class="menu-item"
                    class:on=on
                    aria-current=on.then_some("true")
                    on:click=follow
                >
                    {crate::strings::tail::text().live}
                </button>
            </li>
        }
    })
}

fn close(context: Context) {
    context.picker.set(false);
    browser::focus("time-picker");
}

#[component]
fn Menu(range: TimeRange) -> impl IntoView {
    let context = Context::get();
    let t = &text().time;
    Effect::new(|_| browser::focus("time-menu"));
    let presets = PRESETS
        .into_iter()
        .map(|seconds| {
            let on = range == TimeRange::Relative { seconds } && !untrack(|| is_live(context));
            view! {
                <li>
                    <button
                        type="button"
                        class="menu-item"
                        class:on=on
                        aria-current=on.then_some("true")
                        on:click=move |_| {
                            context.go(|view| {
                                view.range = TimeRange::Relative { seconds };
                                view.set_parameter("live", "");
                            });
                            close(context);
                        }
                    >
                        {(t.last)(&number::span(seconds))}
                    </button>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="backdrop" on:click=move |_| context.picker.set(false)></div>
        <div id="time-menu" class="menu time-menu" role="dialog" aria-label=t.range tabindex="-1">
            <section>
                <h3 class="menu-head">{t.presets}</h3>
                <ul><LiveEntry />{presets}</ul>
            </section>
            <section class="time-fixed">
                <FixedRange range />
                <ZoneChoice />
            </section>
        </div>
    }
}

#[component]
fn FixedRange(range: TimeRange) -> impl IntoView {
    let context = Context::get();
    let t = &text().time;
    let window = context.window.get_untracked();
    let local = |ns: i64| calendar::to_full(ns, untrack(|| context.offset_minutes(ns)));
    let (start, end) = match range {
        TimeRange::Relative { .. } => (local(window.from_ns - window.from_ns % calendar::SECOND_NS), "now".to_owned()),
        TimeRange::Absolute { .. } => (local(window.from_ns), local(window.to_ns)),
    };
    let (from, to) = (RwSignal::new(start), RwSignal::new(end));
    let error = RwSignal::new(None::<RangeError>);
    let apply = move |event: SubmitEvent| {
        event.prevent_default();
        let offset = |ns: i64| untrack(|| context.offset_minutes(ns));
        match TimeRange::from_typed(&from.get_untracked(), &to.get_untracked(), context.now_ns(), &offset) {
            Ok(range) => {
                context.go(|view| {
                    view.range = range;
                    view.set_parameter("live", "");
                });
                close(context);
            }
            Err(wrong) => error.set(Some(wrong)),
        }
    };
    let message = move || match error.get() {
        Some(RangeError::From) => t.bad_from,
        Some(RangeError::To) => t.bad_to,
        Some(RangeError::Empty) => t.empty,
        None => t.hint,
    };
    view! {
        <form class="vstack" on:submit=apply>
            <h3 class="menu-head">{t.custom}</h3>
            <div class="field">
                <label for="time-from">{t.from}</label>
                <input
                    id="time-from"
                    class="input mono"
                    class:bad=move || error.get() == Some(RangeError::From)
                    aria-describedby="time-hint"
                    autocomplete="off"
                    spellcheck="false"
                    bind:value=from
                />
            </div>
            <div class="field">
                <label for="time-to">{t.to}</label>
                <input
                    id="time-to"
                    class="input mono"
                    class:bad=move || matches!(error.get(), Some(RangeError::To | RangeError::Empty))
                    aria-describedby="time-hint"
                    autocomplete="off"
                    spellcheck="false"
                    bind:value=to
                />
                <span id="time-hint" class="hint" class:bad=move || error.get().is_some() role="status">
                    {message}
                </span>
            </div>
            <button type="submit" class="btn primary">{t.apply}</button>
        </form>
    }
}

#[component]
fn ZoneChoice() -> impl IntoView {
    let context = Context::get();
    let t = &text().time;
    let local = (t.local)(&browser::local_zone_name(context.now_ns()));
    let choice = move |utc: bool, caption: String| {
        view! {
            <button
                type="button"
                class:on=move || context.utc() == utc
                aria-pressed=move || (context.utc() == utc).to_string()
                on:click=move |_| context.set_utc(utc)
            >
                {caption}
            </button>
        }
    };
    view! {
        <div class="field">
            <span class="menu-head" id="zone-label">{t.zone}</span>
            <div class="seg" role="group" aria-labelledby="zone-label">
                {choice(false, local)}
                {choice(true, t.utc.to_owned())}
            </div>
        </div>
    }
}
