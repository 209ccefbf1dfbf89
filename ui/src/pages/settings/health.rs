//! How the server is: its state, its own metrics of the last minutes, and maintenance.

mod figures;
mod maintenance;

use self::figures::{Figures, Memory};
use self::maintenance::Maintenance;
use super::Refresh;
use crate::browser;
use crate::calendar::{SECOND_NS, parse_utc};
use crate::components::{FailurePanel, Show};
use crate::context::Context;
use crate::failure::Failure;
use crate::number;
use crate::pages::form::ReadOnly;
use crate::pages::live::{Live, LiveView, repeat};
use crate::pages::shown::{Moment, Outline, Written, Zone};
use crate::prometheus::{History, parse};
use crate::settings::metrics::{self, Group};
use crate::settings::retention::whole;
use crate::strings::settings::health::text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{SqlRequest, SqlResponse, StatusInfo, TimeInput};
use serde_json::Value;

const METRICS_MS: i32 = 2000;
const TABLES_MS: i32 = 15_000;
const REJECTS: &str = "SELECT signal, code, reason, sum(records) AS records, max(time) AS last\nFROM rejects\nGROUP BY signal, code, reason ORDER BY records DESC LIMIT 20";
const LEVELS: &str = "SELECT count(*) FILTER (WHERE level = 0), count(*)\nFROM lincei_files WHERE state = 'live'";

/// The server's own metrics of the last minutes. They are kept while another section is shown.
#[derive(Clone, Copy)]
pub(super) struct Watch {
    history: RwSignal<History>,
    failure: RwSignal<Option<Failure>>,
}

impl Watch {
    /// Nothing seen yet.
    pub(super) fn new() -> Self {
        Self { history: RwSignal::new(History::default()), failure: RwSignal::new(None) }
    }

    async fn load(self, context: Context) {
        match context.client.metrics().await {
            Ok(text) => {
                let samples = parse(&text);
                let at_ms = browser::monotonic_ms();
                self.history.try_update(|history| metrics::take(history, at_ms, &samples));
                self.failure.try_set(None);
            }
            Err(failure) => {
                self.failure.try_set(Some(failure));
            }
        }
    }
}

/// Records that were rejected for one reason.
#[derive(Clone, Debug, PartialEq)]
struct Reject {
    signal: String,
    code: String,
    reason: String,
    records: u64,
    last: String,
}

/// What the tables of the system tell.
#[derive(Clone, Copy)]
struct Tables {
    rejects: Live<Vec<Reject>>,
    /// Files that were not merged yet, and all files.
    levels: Live<(u64, u64)>,
}

impl Tables {
    async fn load(self, context: Context) {
        let ask = |sql: &str, from: Option<&str>| {
            let from = from.map(|from| TimeInput::Text(from.to_owned()));
            let request = SqlRequest { sql: sql.to_owned(), from, ..SqlRequest::default() };
            async move { context.client.change::<_, SqlResponse>("POST", "/sql", &request).await }
        };
        self.rejects
            .take(ask(REJECTS, Some("now-1h")).await.map(|answer| answer.rows.iter().map(|row| reject(row)).collect()));
        let count = |answer: &SqlResponse, place: usize| {
            answer.rows.first().and_then(|row| row.get(place)).and_then(whole).unwrap_or(0)
        };
        self.levels.take(ask(LEVELS, None).await.map(|answer| (count(&answer, 0), count(&answer, 1))));
    }
}

fn reject(row: &[Value]) -> Reject {
    let text = |place: usize| row.get(place).and_then(Value::as_str).unwrap_or_default().to_owned();
    let records = row.get(3).and_then(whole).unwrap_or(0);
    Reject { signal: text(0), code: text(1), reason: text(2), records, last: text(4) }
}

/// The section.
#[component]
pub(super) fn HealthSection() -> impl IntoView {
    let context = Context::get();
    let watch = expect_context::<Watch>();
    let tables = Tables { rejects: Live::new(), levels: Live::new() };
    repeat(METRICS_MS, move || watch.load(context));
    repeat(TABLES_MS, move || tables.load(context));
    let again = move || {
        spawn_local(async move {
            context.load_status().await;
            watch.load(context).await;
            tables.load(context).await;
        });
    };
    expect_context::<Refresh>().on(again);
    let known = Memo::new(move |_| watch.history.with(|history| !history.is_empty()));
    let failed = move || if known.get() { None } else { watch.failure.get() };
    view! {
        <ReadOnly />
        <div class="health-top">
            <Server />
            <Maintenance />
        </div>
        <Show
            when=move || known.get()
            fallback=move || match failed() {
                Some(failure) => {
                    view! {
                        <section class="panel">
                            <FailurePanel failure on_retry=Callback::new(move |()| again()) />
                        </section>
                    }
                        .into_any()
                }
                None => view! { <section class="panel"><Outline rows=8 /></section> }.into_any(),
            }
        >
            <div class="health-groups">
                {Group::ALL
                    .map(|group| view! { <Figures group history=watch.history levels=tables.levels /> })
                    .collect_view()}
                <Memory history=watch.history />
            </div>
        </Show>
        <Rejects tables on_retry=again />
    }
}

/// State, version, addresses.
#[component]
fn Server() -> impl IntoView {
    let context = Context::get();
    let t = text();
    let status = move || match context.status.get() {
        Some(Ok(status)) => view! { <ServerFacts status /> }.into_any(),
        Some(Err(failure)) => {
            let retry = Callback::new(move |()| spawn_local(context.load_status()));
            view! { <FailurePanel failure on_retry=retry /> }.into_any()
        }
        None => view! { <Outline rows=6 /> }.into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="server-title">
            <div class="panel-head">
                <h2 id="server-title">{t.server}</h2>
                <span class="end">
                    <Zone />
                </span>
            </div>
            {status}
        </section>
    }
}

#[component]
fn ServerFacts(status: StatusInfo) -> impl IntoView {
    let t = text();
    let address = |text: String| match text.is_empty() {
        true => view! { <span class="faint">{t.off}</span> }.into_any(),
        false => view! { <span class="mono">{text}</span> }.into_any(),
    };
    let intake = match status.refusing_because {
        None => view! { <i class="health ok"></i><span>{t.accepting}</span> }.into_any(),
        Some(why) => view! { <i class="health bad"></i><span class="t-bad">{(t.refusing)(&why)}</span> }.into_any(),
    };
    let running = parse_utc(&status.now)
        .zip(parse_utc(&status.started))
        .map(|(now, started)| number::span(u64::try_from(now.saturating_sub(started) / SECOND_NS).unwrap_or(0)));
    view! {
        <dl class="kv panel-body">
            <dt>{t.intake_state}</dt>
            <dd class="hstack">{intake}</dd>
            <dt>{t.version}</dt>
            <dd>{status.version}</dd>
            <dt>{t.started}</dt>
            <dd>
                <Moment at=status.started written=Written::Minute />
                <span class="faint running-for">{running}</span>
            </dd>
            <dt>{t.http}</dt>
            <dd>{address(status.endpoints.http)}</dd>
            <dt>{t.otlp_grpc}</dt>
            <dd>{address(status.endpoints.otlp_grpc)}</dd>
            <dt>{t.otlp_http}</dt>
            <dd>{address(status.endpoints.otlp_http)}</dd>
            <dt>{t.sign_in}</dt>
            <dd>{if status.auth_required { t.sign_in_needed } else { t.sign_in_open }}</dd>
        </dl>
    }
}

/// What was not stored, and why.
#[component]
fn Rejects(tables: Tables, #[prop(into)] on_retry: Callback<()>) -> impl IntoView {
    let t = text();
    let row = |reject: Reject| {
        view! {
            <tr>
                <td>{reject.signal}</td>
                <td class="mono">{reject.code}</td>
                <td class="reason">{reject.reason}</td>
                <td class="num">{number::grouped(reject.records)}</td>
                <td class="dim">
                    <Moment at=reject.last written=Written::Ago />
                </td>
            </tr>
        }
    };
    let answer = tables.rejects.answer;
    let rows = move || answer.get().map(|rejects| rejects.iter().cloned().map(row).collect_view());
    let none = move || answer.with(|rejects| rejects.as_ref().is_some_and(|rejects| rejects.is_empty()));
    view! {
        <section class="panel" aria-labelledby="rejects-title">
            <div class="panel-head">
                <h2 id="rejects-title">{t.rejects}</h2>
                <span class="end">{t.rejects_span}</span>
            </div>
            <LiveView live=tables.rejects on_retry=on_retry outline=|| view! { <Outline rows=2 /> }>
                <Show
                    when=move || !none()
                    fallback=move || view! { <p class="panel-lead">{t.rejects_none}</p> }
                >
                    <div class="table-box scroll">
                        <table class="table">
                            <thead>
                                <tr>
                                    <th scope="col">{t.rejects_signal}</th>
                                    <th scope="col">{t.rejects_code}</th>
                                    <th scope="col">{t.rejects_reason}</th>
                                    <th scope="col" class="num">
                                        {t.rejects_records}
                                    </th>
                                    <th scope="col">{t.rejects_last}</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                </Show>
            </LiveView>
        </section>
    }
}
