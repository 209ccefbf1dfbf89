//! The audit log: who changed what, page by page, filtered by who and what.

use super::Refresh;
use crate::ask::Asked;
use crate::client::Client;
use crate::components::{DataView, Icon, IconName, Show};
use crate::context::Context;
use crate::failure::Failure;
use crate::number;
use crate::pages::form::{Change, Refused};
use crate::pages::shown::{Moment, Outline, Written, Zone};
use crate::settings::audit::{self as log, Filter};
use crate::strings::settings;
use crate::strings::settings::audit::text;
use leptos::prelude::*;
use lincei_api::{AuditEntry, AuditPage};

/// Entries of a page.
const PAGE: usize = 100;
/// Entries of a page while a filter is looked for, and pages at most before the reader is asked again.
const SEARCH_PAGE: usize = 500;
const SEARCH_PAGES: usize = 20;
/// Changed fields that a row names before it is opened.
const FIELDS_SHOWN: usize = 3;

/// What the parts of the section share.
#[derive(Clone, Copy)]
struct Audit {
    context: Context,
    first: Asked<AuditPage>,
    /// Everything loaded, newest first.
    entries: RwSignal<Vec<AuditEntry>>,
    /// Where the next page begins; none at the end.
    next: RwSignal<Option<i64>>,
    older: Change,
    /// The entry whose change is shown.
    open: RwSignal<Option<i64>>,
    filter: Memo<Filter>,
}

impl Audit {
    fn load(self) {
        let (entries, next) = (self.entries, self.next);
        self.first.ask(move |call| async move {
            let page: AuditPage = call.client.get(&format!("/audit?limit={PAGE}")).await?;
            entries.try_set(page.entries.clone());
            next.try_set(page.next);
            Ok(page)
        });
    }

    /// Loads the page before, or as many as it takes to find something that fits the filter.
    fn load_older(self) {
        let Some(before) = self.next.get_untracked() else { return };
        let (client, filter) = (self.context.client, self.filter.get_untracked());
        self.older.start(older(client, filter, before), move |page| {
            self.entries.update(|entries| entries.extend(page.entries));
            self.next.set(page.next);
        });
    }

    fn choose(self, name: &'static str, value: &str) {
        self.context.adjust(|view| view.set_parameter(name, value));
    }
}

async fn older(client: Client, filter: Filter, before: i64) -> Result<AuditPage, Failure> {
    let limit = if filter.is_empty() { PAGE } else { SEARCH_PAGE };
    let mut found = AuditPage { entries: Vec::new(), next: Some(before) };
    for _ in 0..SEARCH_PAGES {
        let Some(before) = found.next else { break };
        let page: AuditPage = client.get(&format!("/audit?limit={limit}&before={before}")).await?;
        found.entries.extend(page.entries);
        found.next = page.next;
        if found.entries.iter().any(|entry| filter.takes(entry)) {
            break;
        }
    }
    Ok(found)
}

/// The section.
#[component]
pub(super) fn AuditSection() -> impl IntoView {
    let context = Context::get();
    let filter =
        move |_: Option<&Filter>| Filter { actor: context.parameter("actor"), action: context.parameter("action") };
    let audit = Audit {
        context,
        first: Asked::new(context),
        entries: RwSignal::new(Vec::new()),
        next: RwSignal::new(None),
        older: Change::new(),
        open: RwSignal::new(None),
        filter: Memo::new(filter),
    };
    expect_context::<Refresh>().on(move || audit.load());
    view! {
        <section class="panel" aria-labelledby="audit-title">
            <div class="panel-head">
                <h2 id="audit-title">{settings::text().audit}</h2>
                <span class="end">
                    <Zone />
                </span>
            </div>
            <p class="panel-lead">{text().lead}</p>
            <Filters audit />
            <DataView
                asked=audit.first
                on_retry=move |()| audit.load()
                outline=|| view! { <Outline rows=8 /> }
                let:_page
            >
                <Entries audit />
            </DataView>
        </section>
    }
}

#[component]
fn Filters(audit: Audit) -> impl IntoView {
    let t = text();
    let actors = move || {
        let chosen = audit.filter.with(|filter| filter.actor.clone());
        audit.entries.with(|entries| log::choices(entries, |entry| &entry.actor, &chosen))
    };
    let actions = move || {
        let chosen = audit.filter.with(|filter| filter.action.clone());
        audit.entries.with(|entries| log::choices(entries, |entry| &entry.action, &chosen))
    };
    let select = move |name: &'static str, label: &'static str, any: &'static str, values: Signal<Vec<String>>| {
        let chosen = move || audit.context.parameter(name);
        let option = move |value: String| {
            let is_chosen = chosen() == value;
            view! { <option value=value.clone() selected=is_chosen>{value.clone()}</option> }
        };
        view! {
            <select
                class="input"
                aria-label=label
                prop:value=chosen
                on:change=move |event| audit.choose(name, &event_target_value(&event))
            >
                <option value="">{any}</option>
                {move || values.get().into_iter().map(option).collect_view()}
            </select>
        }
    };
    let count = move || {
        let loaded = audit.entries.with(Vec::len);
        let shown = audit
            .filter
            .with(|filter| audit.entries.with(|entries| entries.iter().filter(|entry| filter.takes(entry)).count()));
        let (shown_text, loaded_text) = (number::grouped(shown as u64), number::grouped(loaded as u64));
        if shown == loaded { (t.loaded)(&loaded_text) } else { (t.shown_of)(&shown_text, &loaded_text) }
    };
    view! {
        <div class="toolbar panel-toolbar">
            {select("actor", t.actor, t.anyone, Signal::derive(actors))}
            {select("action", t.action, t.any_action, Signal::derive(actions))}
            <Show when=move || audit.filter.with(|filter| !filter.is_empty())>
                <button
                    type="button"
                    class="btn ghost"
                    on:click=move |_| {
                        audit
                            .context
                            .adjust(|view| {
                                view.set_parameter("actor", "");
                                view.set_parameter("action", "");
                            });
                    }
                >
                    {t.clear}
                </button>
            </Show>
            <span class="grow"></span>
            <span class="count" role="status">
                {count}
            </span>
        </div>
    }
}

#[component]
fn Entries(audit: Audit) -> impl IntoView {
    let t = text();
    let shown = Memo::new(move |_| {
        let filter = audit.filter.get();
        let fits =
            |entries: &Vec<AuditEntry>| entries.iter().filter(|entry| filter.takes(entry)).cloned().collect::<Vec<_>>();
        audit.entries.with(fits)
    });
    let empty = Memo::new(move |_| shown.with(Vec::is_empty));
    let nothing = move || {
        if audit.entries.with(Vec::is_empty) {
            return view! {
                <div class="state">
                    <h3>{t.empty_title}</h3>
                    <p>{t.empty}</p>
                </div>
            };
        }
        let more = audit.next.with(Option::is_some);
        view! {
            <div class="state">
                <h3>{t.none_title}</h3>
                <p>{if more { t.none_more } else { t.none_at_all }}</p>
            </div>
        }
    };
    view! {
        <Show when=move || !empty.get() fallback=nothing>
            <div class="table-box scroll">
                <table class="table audit">
                    <thead>
                        <tr>
                            <th scope="col">{t.time}</th>
                            <th scope="col">{t.actor}</th>
                            <th scope="col">{t.origin}</th>
                            <th scope="col">{t.action}</th>
                            <th scope="col">{t.target}</th>
                            <th scope="col">{t.change}</th>
                        </tr>
                    </thead>
                    <For each=move || shown.get() key=|entry| entry.id let:entry>
                        <EntryRow audit entry />
                    </For>
                </table>
            </div>
        </Show>
        <Older audit />
    }
}

#[component]
fn EntryRow(audit: Audit, entry: AuditEntry) -> impl IntoView {
    let t = text();
    let id = entry.id;
    let is_open = move || audit.open.get() == Some(id);
    let changes = log::changes(entry.before.as_ref(), entry.after.as_ref());
    let summary = if changes.is_empty() {
        view! { <span class="faint">{t.no_change}</span> }.into_any()
    } else {
        let mut names: Vec<String> = changes.iter().map(|change| change.field.clone()).take(FIELDS_SHOWN).collect();
        names.retain(|name| !name.is_empty());
        let rest = changes.len().saturating_sub(FIELDS_SHOWN);
        let label = (t.show_change)(&entry.action, &entry.target);
        view! {
            <button
                type="button"
                class="quiet fold"
                title=label
                aria-expanded=move || is_open().to_string()
                on:click=move |_| audit.open.update(|open| *open = (*open != Some(id)).then_some(id))
            >
                {move || view! { <Icon name=if is_open() { IconName::Down } else { IconName::Right } small=true /> }}
                <span class="mono">{names.join(", ")}</span>
                {(rest > 0).then(|| (t.more_fields)(&rest.to_string()))}
            </button>
        }
        .into_any()
    };
    let changes = StoredValue::new(changes);
    view! {
        <tbody>
            <tr class:on=is_open>
                <td class="dim nowrap">
                    <Moment at=entry.time written=Written::Second />
                </td>
                <td>{entry.actor}</td>
                <td class="mono dim">{entry.origin}</td>
                <td class="mono">{entry.action}</td>
                <td class="mono dim target" title=entry.target.clone()>{entry.target.clone()}</td>
                <td>{summary}</td>
            </tr>
            <Show when=is_open>
                <tr class="opened">
                    <td colspan="6">
                        <Changes changes=changes.get_value() />
                    </td>
                </tr>
            </Show>
        </tbody>
    }
}

#[component]
fn Changes(changes: Vec<log::Change>) -> impl IntoView {
    let t = text();
    let value = |value: Option<String>| match value {
        Some(value) => view! { <span class="mono">{value}</span> }.into_any(),
        None => view! { <span class="faint">{settings::text().none}</span> }.into_any(),
    };
    let row = move |change: log::Change| {
        view! {
            <tr>
                <td class="mono dim">{change.field}</td>
                <td>{value(change.before)}</td>
                <td>{value(change.after)}</td>
            </tr>
        }
    };
    view! {
        <table class="table tight changes">
            <thead>
                <tr>
                    <th scope="col">{t.field}</th>
                    <th scope="col">{t.before}</th>
                    <th scope="col">{t.after}</th>
                </tr>
            </thead>
            <tbody>{changes.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Older(audit: Audit) -> impl IntoView {
    let t = text();
    let has_entries = move || audit.entries.with(|entries| !entries.is_empty());
    let caption = move || match (audit.older.busy.get(), audit.filter.with(Filter::is_empty)) {
        (true, _) => t.loading,
        (false, true) => t.older,
        (false, false) => t.older_matching,
    };
    let end = move || has_entries().then(|| view! { <span class="faint">{t.end}</span> });
    view! {
        <div class="table-foot">
            <Show when=move || audit.next.with(Option::is_some) fallback=end>
                <button
                    type="button"
                    class="btn"
                    disabled=move || audit.older.busy.get()
                    on:click=move |_| audit.load_older()
                >
                    {caption}
                </button>
            </Show>
            <Refused change=audit.older />
        </div>
    }
}
