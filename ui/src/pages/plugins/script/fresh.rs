use super::desk::{Desk, DeskView};
use super::draft_key;
use crate::app::set_title;
use crate::browser;
use crate::context::Context;
use crate::failure::Failure;
use crate::keys::Action;
use crate::pages::form::{Change, ReadOnly, Refused, may_change};
use crate::pages::plugins::there;
use crate::pages::view_link::ViewLink;
use crate::plugin_script::{Language, NEW, Style, is_name};
use crate::strings::{plugins::text, settings};
use leptos::prelude::*;
use serde_json::Value;

const NAME_ID: &str = "script-name";

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Fresh {
    context: Context,
    name: RwSignal<String>,
    tried: RwSignal<bool>,
    /// A plugin has the name already.
    taken: RwSignal<Option<String>>,
    change: Change,
}

impl Fresh {
    /// What is wrong with the name; tracked.
    fn flaw(self) -> Option<&'static str> {
        let t = text();
        self.name.with(|name| {
            if self.taken.with(|taken| taken.as_ref() == Some(name)) {
                return Some(t.name_taken);
            }
            (self.tried.get() && !is_name(name)).then_some(t.name_bad)
        })
    }

    fn save(self, desk: Desk) {
        self.tried.set(true);
        let name = self.name.get_untracked();
        if !is_name(&name) {
            return browser::focus(NAME_ID);
        }
        let (client, script, path) = (self.context.client, desk.script(), name.clone());
        let work = async move {
            // A version of a plugin that is there is not what a new script is.
            match client.plugin(&path).await {
                Ok(_) => Ok(None),
                Err(failure) if failure.code() == "not_found" => client.save_script(&path, &script).await.map(Some),
                Err(failure) => Err::<Option<Value>, Failure>(failure),
            }
        };
        let language = desk.language;
        self.change.start(work, move |saved| {
            if saved.is_none() {
                self.taken.set(Some(name));
                return browser::focus(NAME_ID);
            }
            browser::remember(&draft_key(&format!("{NEW}.{}", language.slug())), "");
            self.context.notify(&(text().script_saved)(&name));
            let to = there(self.context, &name, &[]);
            self.context.go(|view| *view = to);
        });
    }
}

/// The page where a script is written that is not a plugin yet.
#[component]
pub(in crate::pages::plugins) fn NewScript() -> impl IntoView {
    let context = Context::get();
    let t = text();
    set_title(t.new_title);
    let fresh = Fresh {
        context,
        name: RwSignal::new(String::new()),
        tried: RwSignal::new(false),
        taken: RwSignal::new(None),
        change: Change::new(),
    };
    let language = Memo::new(move |_| context.parameter("language"));
    view! {
        <main class="main">
            {move || {
                let desk = begin(context, Language::of_runtime(&language.get()).unwrap_or_default());
                view! { <Written fresh desk /> }
            }}
        </main>
    }
}

/// The script that was begun in this browser, or an example.
fn begin(context: Context, language: Language) -> Desk {
    let key = draft_key(&format!("{NEW}.{}", language.slug()));
    let begun = browser::remembered(&key).filter(|source| !source.trim().is_empty());
    let source = RwSignal::new(begun.unwrap_or_else(|| Style::Record.example(language).to_owned()));
    Effect::new(move |_| {
        source.with(|source| {
            let kept = if Style::of_example(source, language).is_some() { "" } else { source.as_str() };
            browser::remember(&key, kept);
        });
    });
    Desk::new(context, language, source, None)
}

#[component]
fn Written(fresh: Fresh, desk: Desk) -> impl IntoView {
    let context = fresh.context;
    context.on_action.set_value(Some(Callback::new(move |action| match action {
        Action::Refresh => {
            desk.trial.again();
            true
        }
        Action::FocusSearch => {
            desk.focus();
            true
        }
        _ => false,
    })));
    view! {
        <Head fresh desk />
        <ReadOnly />
        <Refused change=fresh.change />
        <DeskView desk read_only=Signal::stored(false)>
            <Tools context desk />
        </DeskView>
    }
}

#[component]
fn Head(fresh: Fresh, desk: Desk) -> impl IntoView {
    let t = text();
    let context = fresh.context;
    view! {
        <header class="page-head">
            <span class="crumb">
                <ViewLink to=there(context, "", &[])>{t.title}</ViewLink>
                " /"
            </span>
            <h1>{t.new_script}</h1>
            <span class="grow"></span>
            <form
                class="hstack"
                on:submit=move |event| {
                    event.prevent_default();
                    fresh.save(desk);
                }
            >
                <span class="hint bad" role="alert" id="script-name-hint">
                    {move || fresh.flaw()}
                </span>
                <input
                    id=NAME_ID
                    class="input mono"
                    class:bad=move || fresh.flaw().is_some()
                    maxlength="64"
                    aria-label=t.name
                    aria-describedby="script-name-hint"
                    title=t.name_hint
                    placeholder=t.name_placeholder
                    autocomplete="off"
                    spellcheck="false"
                    bind:value=fresh.name
                />
                <button
                    type="submit"
                    class="btn primary"
                    disabled=move || fresh.change.busy.get() || !may_change(context)
                >
                    {move || if fresh.change.busy.get() { settings::text().saving } else { t.save_script }}
                </button>
            </form>
        </header>
    }
}

/// Language, and examples to begin with.
#[component]
fn Tools(context: Context, desk: Desk) -> impl IntoView {
    let t = text();
    let language = desk.language;
    let choice = move |other: Language| {
        let on = other == language;
        view! {
            <button
                type="button"
                class:on=on
                aria-pressed=on.to_string()
                on:click=move |_| context.adjust(|view| view.set_parameter("language", other.slug()))
            >
                {other.name()}
            </button>
        }
    };
    let style = move || desk.source.with(|source| Style::of_example(source, language));
    let option = move |(place, (own, words)): (usize, (Style, &'static str))| {
        view! {
            <option value=place.to_string() prop:selected=move || style() == Some(own)>
                {own.function(language)}
                " · "
                {words}
            </option>
        }
    };
    let begin_with = move |event| {
        let place = event_target_value(&event).parse::<usize>().ok();
        let Some(chosen) = place.and_then(|place| Style::ALL.get(place)) else { return };
        let own = desk.source.with_untracked(|source| Style::of_example(source, language).is_none());
        desk.source.set(chosen.example(language).to_owned());
        if own {
            context.notify(t.replaced);
        }
        desk.focus();
    };
    view! {
        <div class="toolbar">
            <div class="seg" role="group" aria-label=t.language>
                {Language::ALL.map(choice).collect_view()}
            </div>
            <select class="input grow" aria-label=t.example title=t.example on:change=begin_with>
                <option value="" prop:selected=move || style().is_none()>
                    {t.own_script}
                </option>
                {Style::ALL.into_iter().zip(t.styles).enumerate().map(option).collect_view()}
            </select>
        </div>
    }
}
