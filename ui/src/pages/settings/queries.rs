//! What is asked of the server now, and what ended lately.

use super::Refresh;
use crate::code::Language;
use crate::components::{Code, CopyButton, Show};
use crate::context::Context;
use crate::number;
use crate::pages::live::{Live, LiveView, repeat};
use crate::pages::shown::{Amount, Moment, Outline, Written, Zone};
use crate::strings::settings::queries::text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::QueryInfo;

/// What the parts of the section share.
#[derive(Clone, Copy)]
struct Queries {
    context: Context,
    live: Live<Vec<QueryInfo>>,
    /// The query whose whole statement is shown.
    open: RwSignal<Option<String>>,
}

impl Queries {
    async fn load(self) {
        self.live.take(self.context.client.queries().await);
    }

    /// Ids of the queries that are under way, or of those that are not; tracked.
    fn ids(self, under_way: bool) -> Vec<String> {
        let fits = |query: &&QueryInfo| is_under_way(query) == under_way;
        self.live.answer.with(|answer| {
            answer.iter().flat_map(|queries| queries.iter()).filter(fits).map(|query| query.id.clone()).collect()
        })
    }

    /// A query as it is now; tracked.
    fn find(self, id: &str) -> Option<QueryInfo> {
        self.live.answer.with(|answer| answer.as_ref()?.iter().find(|query| query.id == id).cloned())
    }
}

fn is_under_way(query: &QueryInfo) -> bool {
    matches!(query.state.as_str(), "queued" | "running")
}

/// The section.
#[component]
pub(super) fn QueriesSection() -> impl IntoView {
    let context = Context::get();
    let queries = Queries { context, live: Live::new(), open: RwSignal::new(None) };
    repeat(1000, move || queries.load());
    expect_context::<Refresh>().on(move || spawn_local(queries.load()));
    let retry = move |()| spawn_local(queries.load());
    let t = text();
    view! {
        <section class="panel" aria-labelledby="running-title" data-live="queries">
            <div class="panel-head">
                <h2 id="running-title">{t.running}</h2>
                <span class="end">{t.live} " · " <Zone /></span>
            </div>
            <LiveView live=queries.live on_retry=retry outline=|| view! { <Outline rows=3 /> }>
                <QueryTable queries under_way=true />
            </LiveView>
        </section>
        <Show when=move || queries.live.answer.with(Option::is_some)>
            <section class="panel" aria-labelledby="ended-title">
                <div class="panel-head">
                    <h2 id="ended-title">{t.ended}</h2>
                </div>
                <QueryTable queries under_way=false />
            </section>
        </Show>
    }
}

#[component]
fn QueryTable(queries: Queries, under_way: bool) -> impl IntoView {
    let t = text();
    let ids = Memo::new(move |_| queries.ids(under_way));
    let nothing = move || {
        if under_way {
            view! {
                <div class="state">
                    <h3>{t.empty_title}</h3>
                    <p>{t.empty}</p>
                </div>
            }
            .into_any()
        } else {
            view! { <p class="panel-lead">{t.none_ended}</p> }.into_any()
        }
    };
    view! {
        <Show when=move || ids.with(|ids| !ids.is_empty()) fallback=nothing>
            <div class="table-box scroll">
                <table class="table queries">
                    <thead>
                        <tr>
                            <th scope="col">{t.started}</th>
                            <th scope="col">{t.user}</th>
                            <th scope="col" class="wide">
                                {t.statement}
                            </th>
                            <th scope="col">{t.state}</th>
                            <th scope="col" class="num">
                                {t.elapsed}
                            </th>
                            <th scope="col" class="num">
                                {t.scanned}
                            </th>
                            <th scope="col" class="num">
                                {t.bytes}
                            </th>
                            <th scope="col" class="num">
                                {t.memory}
                            </th>
                            <th scope="col">{under_way.then(|| view! { <span class="sr">{t.cancel}</span> })}</th>
                        </tr>
                    </thead>
                    <For each=move || ids.get() key=|id| id.clone() let:id>
                        <QueryRow queries id />
                    </For>
                </table>
            </div>
        </Show>
    }
}

#[component]
fn QueryRow(queries: Queries, id: String) -> impl IntoView {
    let t = text();
    let Some(first) = queries.find(&id) else { return ().into_any() };
    let key = StoredValue::new(id);
    let query = Memo::new({
        let first = first.clone();
        move |known: Option<&QueryInfo>| {
            // One that is listed no more stays as it was until its row goes.
            let now = key.with_value(|id| queries.find(id));
            now.or_else(|| known.cloned()).unwrap_or_else(|| first.clone())
        }
    });
    let is_open = move || queries.open.with(|open| key.with_value(|id| open.as_ref() == Some(id)));
    let toggle = move |_| {
        let id = key.get_value();
        queries.open.update(|open| *open = (open.as_ref() != Some(&id)).then_some(id));
    };
    let line = first.sql.split_whitespace().collect::<Vec<_>>().join(" ");
    view! {
        <tbody>
            <tr class:on=is_open>
                <td class="dim nowrap">
                    <Moment at=first.started.clone() written=Written::Clock />
                </td>
                <td class="nowrap" title=first.client.clone()>
                    {if first.user.is_empty() { first.client.clone() } else { first.user.clone() }}
                </td>
                <td class="wide">
                    <button
                        type="button"
                        class="quiet statement mono ell"
                        aria-expanded=move || is_open().to_string()
                        title=t.show_statement
                        on:click=toggle
                    >
                        {line}
                    </button>
                </td>
                <td>
                    <State query />
                </td>
                <td class="num">{move || view! { <Amount text=number::milliseconds(query.with(|q| q.elapsed_ms)) /> }}</td>
                <td class="num rows-read">
                    <Scanned query />
                </td>
                <td class="num">{move || view! { <Amount text=number::bytes(query.with(|q| q.bytes_scanned)) /> }}</td>
                <td class="num">{move || view! { <Amount text=number::bytes(query.with(|q| q.memory_bytes)) /> }}</td>
                <td class="acts">
                    <Show when=move || query.with(is_under_way)>
                        <Cancel queries id=key.get_value() />
                    </Show>
                </td>
            </tr>
            <Show when=is_open>
                <Statement query />
            </Show>
        </tbody>
    }
    .into_any()
}

#[component]
fn Statement(query: Memo<QueryInfo>) -> impl IntoView {
    let sql = query.with_untracked(|query| query.sql.clone());
    let copied = sql.clone();
    let error = Memo::new(move |_| query.with(|query| query.error.clone()));
    let why = move || error.get().map(|error| view! { <p class="note bad">{error}</p> });
    view! {
        <tr class="opened">
            <td colspan="9">
                {why}
                <div class="whole-statement">
                    <Code content=Signal::stored(sql) language=Language::Sql wrap=true />
                    <CopyButton content=Callback::new(move |()| copied.clone()) label=text().copy_statement />
                </div>
            </td>
        </tr>
    }
}

#[component]
fn State(query: Memo<QueryInfo>) -> impl IntoView {
    let t = text();
    let state = Memo::new(move |_| query.with(|query| query.state.clone()));
    move || {
        let state = state.get();
        let (class, caption) = match state.as_str() {
            "queued" => ("badge", t.state_queued),
            "running" => ("badge info", t.state_running),
            "done" => ("badge ok", t.state_done),
            "failed" => ("badge bad", t.state_failed),
            "cancelled" => ("badge line", t.state_cancelled),
            _ => ("badge", ""),
        };
        let caption = if caption.is_empty() { state } else { caption.to_owned() };
        view! { <span class=class>{caption}</span> }
    }
}

/// Rows read, of how many, and as a bar while it runs.
#[component]
fn Scanned(query: Memo<QueryInfo>) -> impl IntoView {
    let t = text();
    let words = move || {
        let (scanned, total) = query.with(|query| (query.rows_scanned, query.rows_total));
        if total > scanned {
            (t.rows_of)(&number::count(scanned), &number::count(total))
        } else {
            number::count(scanned)
        }
    };
    let percent = move || {
        query.with(|query| match query.rows_total {
            0 => 0.0,
            total => (query.rows_scanned as f64 / total as f64 * 100.0).min(100.0),
        })
    };
    let bar = move || {
        query.with(is_under_way).then(|| {
            view! {
                <div
                    class="track"
                    role="progressbar"
                    aria-label=query.with_untracked(|query| (t.progress_of)(&query.id))
                    aria-valuemin="0"
                    aria-valuemax="100"
                    aria-valuenow=format!("{:.0}", percent())
                >
                    <i style:width=format!("{:.1}%", percent())></i>
                </div>
            }
        })
    };
    view! {
        {words}
        {bar}
    }
}

#[component]
fn Cancel(queries: Queries, id: String) -> impl IntoView {
    let t = text();
    let busy = RwSignal::new(false);
    let label = (t.cancel_named)(&id);
    let cancel = move |_| {
        let id = id.clone();
        busy.set(true);
        spawn_local(async move {
            match queries.context.client.cancel(&id).await {
                Ok(()) => queries.context.notify(text().cancelled),
                Err(failure) => queries.context.notify(&failure.detail()),
            }
            queries.load().await;
            busy.try_set(false);
        });
    };
    view! {
        <button
            type="button"
            class="btn ghost danger small"
            aria-label=label
            disabled=move || busy.get()
            on:click=cancel
        >
            {t.cancel}
        </button>
    }
}
