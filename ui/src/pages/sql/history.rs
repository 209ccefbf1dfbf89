use super::model::SqlModel;
use super::value::DrawerHead;
use crate::calendar::{self, DateStyle};
use crate::components::{Icon, IconName, Show};
use crate::number::{self, grouped};
use crate::sql_history::{self, HistoryEntry, Outcome};
use crate::sql_text::summary;
use crate::strings::sql;
use leptos::prelude::*;

/// Characters of a statement that the list shows.
const SUMMARY_CHARS: usize = 220;
/// Characters of it that show while the pointer rests on it.
const TITLE_CHARS: usize = 2000;
const MS_NS: f64 = 1e6;

/// The statements run in this browser.
#[component]
pub(super) fn HistoryDrawer(model: SqlModel) -> impl IntoView {
    let t = &sql::text().history;
    let search = RwSignal::new(String::new());
    let empty = Memo::new(move |_| model.history.with(Vec::is_empty));
    let found = move || {
        model.history.with(|entries| {
            let found = sql_history::found(entries, &search.get());
            found.into_iter().map(|(_, entry)| entry.clone()).collect::<Vec<_>>()
        })
    };
    let list = move || {
        let found = found();
        if found.is_empty() {
            return view! { <p class="sect dim">{(t.none_match)(search.get().trim())}</p> }.into_any();
        }
        let entries = found.into_iter().map(|entry| view! { <Entry model entry /> });
        view! { <ul class="sql-list">{entries.collect_view()}</ul> }.into_any()
    };
    view! {
        <aside class="drawer" aria-label=t.title>
            <DrawerHead model title=t.title>
                <Show when=move || !empty.get()>
                    <button type="button" class="btn ghost" on:click=move |_| model.forget()>
                        <Icon name=IconName::Trash />
                        {t.clear}
                    </button>
                </Show>
            </DrawerHead>
            <Show
                when=move || !empty.get()
                fallback=move || {
                    view! {
                        <div class="state" role="status">
                            <h3>{t.empty_title}</h3>
                            <p>{t.empty_detail}</p>
                        </div>
                    }
                }
            >
                <div class="sect sql-find">
                    <input
                        type="search"
                        class="input"
                        aria-label=t.search
                        placeholder=t.search
                        autocomplete="off"
                        spellcheck="false"
                        bind:value=search
                    />
                    <p class="faint">{t.note}</p>
                </div>
                <div class="scroll grow">{list}</div>
            </Show>
        </aside>
    }
}

#[component]
fn Entry(model: SqlModel, entry: HistoryEntry) -> impl IntoView {
    let t = &sql::text().history;
    let at = (entry.at_ms * MS_NS) as i64;
    let time = move || {
        let (offset, now) = (model.context.offset_minutes(at), model.context.now_ns());
        calendar::to_second(at, offset, DateStyle::for_span(at, at + 1, now, offset))
    };
    let (class, outcome, more) = match &entry.outcome {
        Outcome::Rows { rows, elapsed_ms } => {
            ("dim", (t.rows)(&grouped(*rows), &number::milliseconds(*elapsed_ms)), String::new())
        }
        Outcome::Failed(message) => ("t-bad", t.failed.to_owned(), message.clone()),
        Outcome::Cancelled => ("faint", t.cancelled.to_owned(), String::new()),
    };
    let statement = entry.sql.clone();
    let shown: String = entry.sql.chars().take(TITLE_CHARS).collect();
    view! {
        <li>
            <button
                type="button"
                class="sql-entry"
                title=shown
                on:click=move |_| model.fill(statement.clone())
            >
                <code class="mono">{summary(&entry.sql, SUMMARY_CHARS)}</code>
                <span class="hstack">
                    <span class="faint">{time}</span>
                    <span class=class title=more>{outcome}</span>
                </span>
            </button>
        </li>
    }
}
