//! Deleting rows for good: the form that counts and then deletes, and the deletions with their progress.

mod form;

use self::form::DeletionForm;
use super::Refresh;
use crate::components::{Icon, IconName, Show};
use crate::context::Context;
use crate::failure::Failure;
use crate::number;
use crate::pages::form::{MayNot, may_change};
use crate::pages::live::{Live, LiveView, repeat};
use crate::pages::shown::{Moment, Outline, Written};
use crate::settings::deletion::share_done;
use crate::strings::settings::deletion::text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{DeletionInfo, DeletionList};

const RUNNING: &str = "running";

/// What the parts share.
#[derive(Clone, Copy)]
struct Deletions {
    context: Context,
    live: Live<Vec<DeletionInfo>>,
}

impl Deletions {
    async fn load(self) {
        let answer: Result<DeletionList, Failure> = self.context.client.get("/deletions").await;
        self.live.take(answer.map(|list| list.deletions));
    }

    /// A deletion as it is now; tracked.
    fn find(self, id: &str) -> Option<DeletionInfo> {
        self.live.answer.with(|answer| answer.as_ref()?.iter().find(|deletion| deletion.id == id).cloned())
    }
}

/// Form and list.
#[component]
pub(super) fn DeletionPanels() -> impl IntoView {
    let context = Context::get();
    let deletions = Deletions { context, live: Live::new() };
    repeat(1500, move || deletions.load());
    expect_context::<Refresh>().on(move || spawn_local(deletions.load()));
    let t = text();
    view! {
        <section class="panel" aria-labelledby="deletion-title">
            <div class="panel-head">
                <h2 id="deletion-title">{t.title}</h2>
            </div>
            <Show when=move || may_change(context) fallback=|| view! { <MayNot /> }>
                <p class="panel-lead">{t.lead}</p>
                <DeletionForm deletions />
            </Show>
            <h3 class="list-title">{t.list}</h3>
            <LiveView
                live=deletions.live
                on_retry=move |()| spawn_local(deletions.load())
                outline=|| view! { <Outline rows=2 /> }
            >
                <DeletionTable deletions />
            </LiveView>
        </section>
    }
}

#[component]
fn DeletionTable(deletions: Deletions) -> impl IntoView {
    let t = text();
    let ids = Memo::new(move |_| {
        let ids = |list: &Vec<DeletionInfo>| list.iter().map(|deletion| deletion.id.clone()).collect::<Vec<_>>();
        deletions.live.answer.with(|answer| answer.as_deref().map(ids)).unwrap_or_default()
    });
    view! {
        <Show
            when=move || ids.with(|ids| !ids.is_empty())
            fallback=move || view! { <p class="panel-lead">{t.none}</p> }
        >
            <div class="table-box scroll">
                <table class="table deletions">
                    <thead>
                        <tr>
                            <th scope="col">{t.when}</th>
                            <th scope="col">{t.who}</th>
                            <th scope="col">{t.table}</th>
                            <th scope="col">{t.what}</th>
                            <th scope="col">{t.state}</th>
                            <th scope="col">{t.progress}</th>
                            <th scope="col" class="num">
                                {t.rows_deleted}
                            </th>
                            <th scope="col">
                                <span class="sr">{t.cancel}</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || ids.get() key=|id| id.clone() let:id>
                            <DeletionRow deletions id />
                        </For>
                    </tbody>
                </table>
            </div>
        </Show>
    }
}

#[component]
fn DeletionRow(deletions: Deletions, id: String) -> impl IntoView {
    let t = text();
    let Some(first) = deletions.find(&id) else { return ().into_any() };
    let id = StoredValue::new(id);
    let now = Memo::new({
        let first = first.clone();
        move |_| id.with_value(|id| deletions.find(id)).unwrap_or_else(|| first.clone())
    });
    let condition = if first.condition.is_empty() { t.all_rows.to_owned() } else { first.condition.clone() };
    let bound = |at: Option<String>| match at {
        Some(at) => view! { <Moment at written=Written::Minute /> }.into_any(),
        None => view! { {t.no_bound} }.into_any(),
    };
    let window = (first.from.is_some() || first.to.is_some())
        .then(|| view! { <span class="dim window">{bound(first.from.clone())} " – " {bound(first.to.clone())}</span> });
    view! {
        <tr>
            <td class="dim">
                <Moment at=first.started.clone() written=Written::Minute />
            </td>
            <td>{first.client.clone()}</td>
            <td class="mono">{first.table.clone()}</td>
            <td class="what">
                <span class="mono ell" title=condition.clone()>
                    {condition.clone()}
                </span>
                {window}
            </td>
            <td>
                <State now />
            </td>
            <td>
                <Progress now />
            </td>
            <td class="num">{move || now.with(|deletion| number::count(deletion.rows_deleted))}</td>
            <td class="acts">
                <Show when=move || may_change(deletions.context) && now.with(|deletion| deletion.state == RUNNING)>
                    <CancelButton deletions id=id.get_value() />
                </Show>
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn State(now: Memo<DeletionInfo>) -> impl IntoView {
    let t = text();
    let state = Memo::new(move |_| now.with(|deletion| (deletion.state.clone(), deletion.error.clone())));
    move || {
        let (state, error) = state.get();
        let (class, caption) = match state.as_str() {
            RUNNING => ("badge info", t.state_running),
            "done" => ("badge ok", t.state_done),
            "cancelled" => ("badge line", t.state_cancelled),
            _ => ("badge bad", t.state_failed),
        };
        view! {
            <span class=class title=error.clone()>
                {caption}
            </span>
            {error.map(|error| view! { <span class="t-bad why">{error}</span> })}
        }
    }
}

#[component]
fn Progress(now: Memo<DeletionInfo>) -> impl IntoView {
    let t = text();
    let percent = move || now.with(|deletion| share_done(deletion) * 100.0);
    let words = move || {
        let (done, total) = now.with(|deletion| (deletion.files_done, deletion.files_total));
        (t.files_of)(&number::count(done), &number::count(total))
    };
    let running = Memo::new(move |_| now.with(|deletion| deletion.state == RUNNING));
    view! {
        {words}
        <Show when=move || running.get()>
            <div
                class="track"
                role="progressbar"
                aria-label=now.with_untracked(|deletion| (t.progress_of)(&deletion.id))
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || format!("{:.0}", percent())
            >
                <i style:width=move || format!("{:.1}%", percent())></i>
            </div>
        </Show>
    }
}

#[component]
fn CancelButton(deletions: Deletions, id: String) -> impl IntoView {
    let t = text();
    let busy = RwSignal::new(false);
    let label = (t.cancel_named)(&id);
    let cancel = move |_| {
        let path = format!("/deletions/{id}");
        busy.set(true);
        spawn_local(async move {
            // One that has ended meanwhile cannot be cancelled, and needs not to be.
            let cancelled = deletions.context.client.delete(&path).await.is_ok();
            if cancelled {
                deletions.context.notify(text().cancelled);
            }
            deletions.load().await;
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
            <Icon name=IconName::Cross small=true />
            {t.cancel}
        </button>
    }
}
