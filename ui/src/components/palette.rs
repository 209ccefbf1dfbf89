use super::{Dialog, Icon, IconName, nav::page_icon, nav::page_name};
use crate::components::Show;
use crate::context::Context;
use crate::palette::best;
use crate::saved_view::view_of;
use crate::strings::{Language, explore, language, palette};
use crate::url_state::{Page, ViewState};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{FieldsRequest, FieldsResponse, SavedInfo, TimeInput};

/// Entries shown at once.
const SHOWN_MAX: usize = 12;
/// Services and saved things offered at most.
const OFFERED_MAX: usize = 500;

/// What an entry does.
#[derive(Clone)]
enum Goal {
    View(Box<ViewState>),
    /// A saved view of logs, by its id.
    Saved(String),
    Theme,
    Zone(bool),
    Language(Language),
    Keys,
    CopyLink,
}

/// One entry.
#[derive(Clone)]
struct Entry {
    icon: IconName,
    name: String,
    kind: &'static str,
    goal: Goal,
}

/// The command palette: pages, services, saved things and commands, by a few letters.
#[component]
pub(crate) fn Palette() -> impl IntoView {
    let context = Context::get();
    let t = palette::text();
    let entries = RwSignal::new(fixed_entries());
    spawn_local(load(context, entries));
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let found = Memo::new(move |_| {
        entries.with(|entries| best(&typed.get(), entries.iter().map(|entry| entry.name.as_str()), SHOWN_MAX))
    });
    let run = move |place: usize| {
        let goal = found.with_untracked(|found| {
            entries.with_untracked(|entries| Some(entries.get(*found.get(place)?)?.goal.clone()))
        });
        if let Some(goal) = goal {
            context.palette.set(false);
            follow(context, goal);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        let count = found.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|at| *at = (*at + 1) % count),
            "ArrowUp" => chosen.update(|at| *at = (*at + count - 1) % count),
            "Enter" => run(chosen.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <Dialog title=t.title class="palette" on_close=Callback::new(move |()| context.palette.set(false))>
            <div class="palette-entry">
                <Icon name=IconName::Search />
                <input
                    class="input"
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-autocomplete="list"
                    aria-activedescendant=move || format!("palette-{}", chosen.get())
                    aria-label=t.placeholder
                    placeholder=t.placeholder
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=typed
                    on:input=move |event| {
                        typed.set(event_target_value(&event));
                        chosen.set(0);
                    }
                    on:keydown=on_key
                />
            </div>
            <Entries entries found chosen typed on_run=Callback::new(run) />
            <p class="palette-hint">{t.hint}</p>
        </Dialog>
    }
}

#[component]
fn Entries(
    entries: RwSignal<Vec<Entry>>,
    found: Memo<Vec<usize>>,
    chosen: RwSignal<usize>,
    typed: RwSignal<String>,
    on_run: Callback<usize>,
) -> impl IntoView {
    let rows = move || {
        let found = found.get();
        entries.with(|entries| {
            let shown = found.iter().filter_map(|place| entries.get(*place).cloned()).enumerate();
            shown.map(|(place, entry)| view! { <Row place entry chosen on_run /> }).collect_view()
        })
    };
    view! {
        <ul id="palette-list" class="palette-list" role="listbox" aria-label=palette::text().title>
            {rows}
        </ul>
        <Show when=move || found.with(Vec::is_empty)>
            <p class="palette-none" role="status">{move || (palette::text().nothing)(&typed.get())}</p>
        </Show>
    }
}

#[component]
fn Row(place: usize, entry: Entry, chosen: RwSignal<usize>, on_run: Callback<usize>) -> impl IntoView {
    let on = move || chosen.get() == place;
    view! {
        <li
            id=format!("palette-{place}")
            class="menu-item"
            class:on=on
            role="option"
            aria-selected=move || on().to_string()
            on:pointermove=move |_| {
                if chosen.get_untracked() != place {
                    chosen.set(place);
                }
            }
            on:click=move |_| on_run.run(place)
        >
            <Icon name=entry.icon />
            <span class="ell grow">{entry.name}</span>
            <span class="faint">{entry.kind}</span>
        </li>
    }
}

fn fixed_entries() -> Vec<Entry> {
    let t = palette::text();
    let mut entries: Vec<Entry> = Page::ALL
        .map(|page| Entry {
            icon: page_icon(page),
            name: page_name(page).to_owned(),
            kind: t.page,
            goal: Goal::View(Box::new(ViewState::of(page))),
        })
        .into();
    let command = |icon, name: &str, goal| Entry { icon, name: name.to_owned(), kind: t.command, goal };
    entries.push(command(IconName::Sun, t.theme, Goal::Theme));
    entries.push(command(IconName::Clock, t.utc, Goal::Zone(true)));
    entries.push(command(IconName::Clock, t.local, Goal::Zone(false)));
    entries.push(command(IconName::Link, t.copy_link, Goal::CopyLink));
    entries.push(command(IconName::Help, t.keys, Goal::Keys));
    let others = Language::ALL.into_iter().filter(|(other, _)| *other != language());
    entries.extend(others.map(|(other, name)| command(IconName::Globe, name, Goal::Language(other))));
    entries
}

/// Adds what the server knows: services, and what was saved. Without it there are pages and commands.
async fn load(context: Context, entries: RwSignal<Vec<Entry>>) {
    if let Ok(list) = context.client.saved_list(None).await {
        let saved: Vec<Entry> = list.items.into_iter().take(OFFERED_MAX).filter_map(saved).collect();
        entries.try_update(|entries| entries.extend(saved));
    }
    let now_ns = context.now_ns();
    let request = FieldsRequest {
        table: "logs".to_owned(),
        field: Some("service".to_owned()),
        from: Some(TimeInput::Text(crate::calendar::rfc3339(now_ns - crate::calendar::DAY_NS))),
        limit: Some(u32::try_from(OFFERED_MAX).unwrap_or(u32::MAX)),
        ..FieldsRequest::default()
    };
    if let Ok(answer) = context.client.change::<_, FieldsResponse>("POST", "/fields", &request).await {
        let services: Vec<Entry> = answer.values.into_iter().map(|value| service(&value.value)).collect();
        entries.try_update(|entries| entries.extend(services));
    }
}

fn saved(item: SavedInfo) -> Option<Entry> {
    let t = palette::text();
    let (icon, kind, goal) = match item.kind.as_str() {
        "view" => (IconName::Save, t.view, Goal::Saved(item.id)),
        "query" => {
            let mut view = ViewState::of(Page::Sql);
            view.set_parameter("saved", &item.id);
            (IconName::Sql, t.query, Goal::View(Box::new(view)))
        }
        "dashboard" => {
            let view = ViewState { item: item.id, ..ViewState::of(Page::Dashboards) };
            (IconName::Dashboards, t.dashboard, Goal::View(Box::new(view)))
        }
        _ => return None,
    };
    Some(Entry { icon, name: item.name, kind, goal })
}

async fn open_saved(context: Context, id: String) {
    match context.client.saved(&id, None).await {
        Ok(object) => match view_of(&object.content) {
            Some(view) => context.go(|now| *now = view),
            None => context.notify(explore::text().view_odd),
        },
        Err(failure) => context.notify(&failure.detail()),
    }
}

fn service(name: &str) -> Entry {
    let query = crate::query_text::with_term("", "service", name, false);
    Entry {
        icon: IconName::Logs,
        name: name.to_owned(),
        kind: palette::text().service,
        goal: Goal::View(Box::new(ViewState { query, ..ViewState::of(Page::Logs) })),
    }
}

fn follow(context: Context, goal: Goal) {
    match goal {
        Goal::View(view) => context.go(|now| *now = ViewState { range: now.range, utc: now.utc, ..*view }),
        Goal::Saved(id) => spawn_local(open_saved(context, id)),
        Goal::Theme => context.toggle_theme(),
        Goal::Zone(utc) => context.set_utc(utc),
        Goal::Language(language) => context.set_language(language),
        Goal::Keys => context.help.set(true),
        Goal::CopyLink => context.copy_link(),
    }
}
