use super::Panels;
use super::completion::{Completion, LIST_ID, Offers};
use super::download::DownloadButton;
use super::model::LogsModel;
use super::views::ViewsButton;
use crate::ask::Load;
use crate::browser;
use crate::components::{Icon, IconName, Show};
use crate::failure::Failure;
use crate::number;
use crate::pager::Pager;
use crate::query_text::{SpanKind, spans};
use crate::statement;
use crate::strings::text;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

/// Id of the field, for focusing it.
pub(super) const SEARCH_ID: &str = "search";

/// The search field, what it found, and what is wrong with it.
#[component]
pub(super) fn SearchBar(model: LogsModel, panels: Panels) -> impl IntoView {
    let t = &text().logs;
    let typed = RwSignal::new(model.question.with_untracked(|(query, _)| query.clone()));
    Effect::new(move |_| typed.set(model.query()));
    let completion = Completion::new(model, typed);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let query = typed.with_untracked(|typed| typed.trim().to_owned());
        completion.searched(&query);
        if query == model.question.with_untracked(|(query, _)| query.clone()) {
            model.start();
        } else {
            model.search(query);
        }
    };
    let edited = move || typed.with(|typed| typed.trim() != model.query());
    view! {
        <form class="toolbar" role="search" on:submit=submit>
            <button
                type="button"
                class="btn filters-button"
                aria-label=t.filters
                aria-expanded=move || panels.filters.get().to_string()
                on:click=move |_| panels.filters.update(|open| *open = !*open)
            >
                <Icon name=IconName::Filter />
                <span class="wide-only">{t.filters}</span>
            </button>
            <div class="search">
                <Icon name=IconName::Search />
                <Field completion />
                <span class="found faint nowrap wide-only" role="status">
                    {move || if edited() { t.press_enter.to_owned() } else { found(model) }}
                </span>
                <Show when=move || typed.with(|typed| !typed.is_empty())>
                    <button
                        type="button"
                        class="foot-button"
                        aria-label=t.clear
                        title=t.clear
                        on:click=move |_| {
                            typed.set(String::new());
                            completion.close();
                            model.search(String::new());
                            browser::focus(SEARCH_ID);
                        }
                    >
                        <Icon name=IconName::Cross small=true />
                    </button>
                </Show>
                <kbd class="wide-only" aria-hidden="true">"/"</kbd>
            </div>
            <button
                type="button"
                class="btn wide-only"
                aria-expanded=move || panels.sql.get().to_string()
                on:click=move |_| panels.sql.update(|open| *open = !*open)
            >
                {t.sql}
            </button>
            <ViewsButton views=panels.saved />
            <DownloadButton download=panels.download />
        </form>
        <Complaint model />
    }
}

/// The text with its parts coloured, under a field whose own letters cannot be seen.
#[component]
fn Field(completion: Completion) -> impl IntoView {
    let t = &text().logs;
    let Completion { typed, field, .. } = completion;
    let paint = NodeRef::<leptos::html::Div>::new();
    let follow = move || {
        if let (Some(field), Some(paint)) = (field.get_untracked(), paint.get_untracked()) {
            paint.set_scroll_left(field.scroll_left());
        }
    };
    let coloured = move || {
        typed.with(|typed| {
            let pieces = spans(typed).into_iter().map(|span| {
                let class = match span.kind {
                    SpanKind::Plain => "",
                    SpanKind::Key => "k",
                    SpanKind::Value => "v",
                    SpanKind::Number => "n",
                    SpanKind::Quoted => "s",
                    SpanKind::Minus => "neg",
                };
                view! { <span class=class>{span.text.to_owned()}</span> }
            });
            pieces.collect_view()
        })
    };
    view! {
        <div class="entry">
            <div class="q paint" aria-hidden="true" node_ref=paint>
                {coloured}
            </div>
            <input
                id=SEARCH_ID
                node_ref=field
                type="text"
                role="combobox"
                aria-label=t.search
                aria-autocomplete="list"
                aria-haspopup="listbox"
                aria-controls=LIST_ID
                aria-expanded=move || completion.is_open().to_string()
                aria-activedescendant=move || completion.active_id()
                placeholder=t.search_placeholder
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                enterkeyhint="search"
                bind:value=typed
                on:scroll=move |_| follow()
                on:input=move |_| {
                    follow();
                    completion.edited();
                }
                on:keydown=move |event| completion.key(&event)
                on:keyup=move |_| {
                    follow();
                    completion.follow();
                }
                on:click=move |_| {
                    completion.follow();
                    if typed.with_untracked(String::is_empty) {
                        completion.open();
                    }
                }
                on:blur=move |_| completion.close()
            />
            <Offers completion />
        </div>
    }
}

fn found(model: LogsModel) -> String {
    let total = model.pager.with(Pager::total);
    let waiting = model.counted.with(|load| *load == Load::Waiting);
    match total {
        Some(total) if !waiting => (text().logs.lines)(&number::grouped(total as u64)),
        _ => String::new(),
    }
}

/// A search text that the server refused, with the place where it stopped understanding.
#[component]
fn Complaint(model: LogsModel) -> impl IntoView {
    move || {
        let problem = model.lines.with(|lines| match lines {
            Load::Failed(Failure::Problem(problem)) if problem.code == "invalid" => Some(problem.clone()),
            _ => None,
        })?;
        let query = model.question.with_untracked(|(query, _)| query.clone());
        let place = problem.location.and_then(|location| statement::place_in_search(&query, location));
        let marked = place.map(|place| {
            let before: String = query.chars().take(place).collect();
            let at: String = query.chars().skip(place).take(1).collect();
            let after: String = query.chars().skip(place + 1).collect();
            let at = if at.is_empty() { "\u{2423}".to_owned() } else { at };
            view! {
                <p class="place mono">
                    {before}
                    <mark>{at}</mark>
                    {after}
                </p>
            }
        });
        Some(view! {
            <div class="complaint note bad" role="alert">
                <Icon name=IconName::Alert />
                <div>
                    <p>
                        <b>{text().failure.search}</b>
                        " "
                        <span class="dim">{problem.detail.clone()}</span>
                    </p>
                    {marked}
                </div>
            </div>
        })
    }
}
