//! How the page looks in this browser.

use crate::browser;
use crate::calendar::{DateStyle, to_second};
use crate::context::Context;
use crate::strings::settings::appearance::text;
use crate::strings::{self, Language};
use leptos::prelude::*;

/// The section.
#[component]
pub(super) fn AppearanceSection() -> impl IntoView {
    let context = Context::get();
    let t = text();
    let now_ns = context.now_ns();
    let zone_hint = move || {
        let ns = context.now_ns();
        (t.zone_hint)(&format!(
            "{} {}",
            to_second(ns, context.offset_minutes(ns), DateStyle::Full),
            context.zone_name(ns)
        ))
    };
    let theme = Choice { label: t.theme, id: "theme" };
    let zone = Choice { label: t.zone, id: "zone" };
    let language = Choice { label: t.language, id: "language" };
    let languages = Language::ALL.map(|(_, name)| name.to_owned()).to_vec();
    let spoken = Language::ALL.iter().position(|(language, _)| *language == strings::language()).unwrap_or(0);
    view! {
        <section class="panel" aria-labelledby="appearance-title">
            <div class="panel-head">
                <h2 id="appearance-title">{strings::settings::text().appearance}</h2>
                <span class="end">{t.lead}</span>
            </div>
            <dl class="choices">
                <Choose
                    choice=theme
                    captions=vec![t.dark.to_owned(), t.light.to_owned()]
                    chosen=Signal::derive(move || usize::from(context.light.get()))
                    on_choose=move |place: usize| {
                        if (place == 1) != context.light.get_untracked() {
                            context.toggle_theme();
                        }
                    }
                />
                <Choose
                    choice=zone
                    captions=vec![(t.local)(&browser::local_zone_name(now_ns)), t.utc.to_owned()]
                    chosen=Signal::derive(move || usize::from(context.utc()))
                    on_choose=move |place: usize| context.set_utc(place == 1)
                    hint=Signal::derive(zone_hint)
                />
                <Choose
                    choice=language
                    captions=languages
                    chosen=Signal::stored(spoken)
                    on_choose=move |place: usize| {
                        if let Some((language, _)) = Language::ALL.get(place).filter(|_| place != spoken) {
                            context.set_language(*language);
                        }
                    }
                    hint=Signal::stored(t.language_hint.to_owned())
                />
            </dl>
        </section>
    }
}

/// What is chosen.
#[derive(Clone, Copy)]
struct Choice {
    label: &'static str,
    id: &'static str,
}

/// One of a few.
#[component]
fn Choose(
    choice: Choice,
    captions: Vec<String>,
    #[prop(into)] chosen: Signal<usize>,
    #[prop(into)] on_choose: Callback<usize>,
    #[prop(into, optional)] hint: Signal<String>,
) -> impl IntoView {
    let button = move |(place, caption): (usize, String)| {
        let on = move || chosen.get() == place;
        view! {
            <button
                type="button"
                class:on=on
                aria-pressed=move || on().to_string()
                on:click=move |_| on_choose.run(place)
            >
                {caption}
            </button>
        }
    };
    let label_id = format!("choose-{}", choice.id);
    view! {
        <dt id=label_id.clone()>{choice.label}</dt>
        <dd>
            <div class="seg" role="group" aria-labelledby=label_id>
                {captions.into_iter().enumerate().map(button).collect_view()}
            </div>
            <span class="faint">{hint}</span>
        </dd>
    }
}
