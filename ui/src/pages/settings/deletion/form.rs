//! The form that deletes rows: counts first, and asks once more.

use super::Deletions;
use crate::ask::{Asked, Load};
use crate::browser;
use crate::components::{Icon, IconName, Show};
use crate::number;
use crate::pages::form::{Change, Confirm, Field};
use crate::settings::deletion::{Draft, DraftError};
use crate::strings::settings::deletion::text;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{DeleteRequest, DeletionEstimate, DeletionInfo};

const TABLES: [&str; 4] = ["logs", "spans", "metrics", "rejects"];

/// What is typed, and what it would delete.
#[derive(Clone, Copy)]
struct Form {
    deletions: Deletions,
    draft: RwSignal<Draft>,
    wrong: RwSignal<Option<DraftError>>,
    estimate: Asked<DeletionEstimate>,
    /// What was counted: the draft may have changed since.
    counted: RwSignal<Option<Draft>>,
    confirming: RwSignal<bool>,
}

impl Form {
    fn request(self, draft: &Draft, dry_run: bool) -> Option<DeleteRequest> {
        let utc = self.deletions.context.utc();
        let offset = move |ns: i64| if utc { 0 } else { browser::local_offset_minutes(ns) };
        match draft.request(dry_run, &offset) {
            Ok(request) => {
                self.wrong.set(None);
                Some(request)
            }
            Err(error) => {
                self.wrong.set(Some(error));
                browser::focus(if error == DraftError::From { "delete-from" } else { "delete-to" });
                None
            }
        }
    }

    fn count(self) {
        let draft = self.draft.get_untracked();
        let Some(request) = untrack(|| self.request(&draft, true)) else { return };
        self.counted.set(Some(draft));
        self.estimate.ask(move |call| async move { call.client.ask("/delete", &request, &call.signal).await });
    }

    /// What would be deleted, when it was counted for what is typed now; tracked.
    fn known(self) -> Option<DeletionEstimate> {
        let fresh = self.counted.with(|counted| self.draft.with(|draft| counted.as_ref() == Some(draft)));
        let ready = fresh && self.estimate.load.with(|load| *load == Load::Ready);
        ready.then(|| self.estimate.answer.with(|answer| answer.as_deref().cloned())).flatten()
    }
}

/// The form.
#[component]
pub(super) fn DeletionForm(deletions: Deletions) -> impl IntoView {
    let form = Form {
        deletions,
        draft: RwSignal::new(Draft { table: "logs".to_owned(), ..Draft::default() }),
        wrong: RwSignal::new(None),
        estimate: Asked::new(deletions.context),
        counted: RwSignal::new(None),
        confirming: RwSignal::new(false),
    };
    let t = text();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        form.count();
    };
    let counting = move || form.counted.with(Option::is_some) && form.estimate.waits();
    view! {
        <form class="panel-form" on:submit=submit aria-label=t.title>
            <div class="form-row">
                <What form />
                <Filter form />
            </div>
            <div class="form-row">
                <Times form />
                <div class="form-do">
                    <button type="submit" class="btn" disabled=counting>
                        {move || if counting() { t.counting } else { t.count }}
                    </button>
                </div>
            </div>
            <Show when=move || form.draft.with(Draft::is_everything)>
                <p class="note warn">
                    <Icon name=IconName::Alert />
                    <span>{move || (t.everything)(&form.draft.with(|draft| draft.table.clone()))}</span>
                </p>
            </Show>
            <Estimate form />
        </form>
        <Show when=move || form.confirming.get()>
            <ConfirmDeletion form />
        </Show>
    }
}

#[component]
fn What(form: Form) -> impl IntoView {
    let t = text();
    let option = |table: &'static str| view! { <option value=table>{table}</option> };
    let by = move |caption: &'static str, is_condition: bool| {
        let on = move || form.draft.with(|draft| draft.is_condition == is_condition);
        view! {
            <button
                type="button"
                class:on=on
                aria-pressed=move || on().to_string()
                on:click=move |_| form.draft.update(|draft| draft.is_condition = is_condition)
            >
                {caption}
            </button>
        }
    };
    view! {
        <Field label=t.table id="delete-table" error=Signal::stored(None)>
            <select
                id="delete-table"
                class="input"
                on:change=move |event| form.draft.update(|draft| draft.table = event_target_value(&event))
            >
                {TABLES.map(option).collect_view()}
            </select>
        </Field>
        <div class="field">
            <span class="label" id="delete-by">
                {t.by}
            </span>
            <div class="seg" role="group" aria-labelledby="delete-by">
                {by(t.by_search, false)}
                {by(t.by_condition, true)}
            </div>
        </div>
    }
}

#[component]
fn Filter(form: Form) -> impl IntoView {
    let t = text();
    let is_condition = move || form.draft.with(|draft| draft.is_condition);
    let hint = move || if is_condition() { t.condition_hint } else { t.search_hint };
    view! {
        <div class="field filter">
            <label for="delete-filter">{move || if is_condition() { t.condition } else { t.search }}</label>
            <input
                id="delete-filter"
                class="input mono"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-describedby="delete-filter-hint"
                prop:value=move || form.draft.with(|draft| draft.filter.clone())
                on:input=move |event| form.draft.update(|draft| draft.filter = event_target_value(&event))
            />
            <span class="hint" id="delete-filter-hint">
                {hint}
            </span>
        </div>
    }
}

#[component]
fn Times(form: Form) -> impl IntoView {
    let t = text();
    let error =
        move |which: DraftError| Signal::derive(move || (form.wrong.get() == Some(which)).then_some(t.bad_time));
    let (from_error, to_error) = (error(DraftError::From), error(DraftError::To));
    view! {
        <Field label=t.from id="delete-from" error=from_error hint=t.time_hint>
            <input
                id="delete-from"
                class="input"
                class:bad=move || from_error.get().is_some()
                autocomplete="off"
                aria-describedby="delete-from-hint"
                on:input=move |event| form.draft.update(|draft| draft.from = event_target_value(&event))
            />
        </Field>
        <Field label=t.to id="delete-to" error=to_error hint=t.time_hint>
            <input
                id="delete-to"
                class="input"
                class:bad=move || to_error.get().is_some()
                autocomplete="off"
                aria-describedby="delete-to-hint"
                on:input=move |event| form.draft.update(|draft| draft.to = event_target_value(&event))
            />
        </Field>
    }
}

/// What was counted, or why it could not be, and the button that deletes it.
#[component]
fn Estimate(form: Form) -> impl IntoView {
    let t = text();
    let refused = move || match form.estimate.load.get() {
        Load::Failed(failure) if form.counted.with(Option::is_some) => Some(failure),
        _ => None,
    };
    let content = move || {
        if let Some(failure) = refused() {
            return view! {
                <p class="note bad">
                    <Icon name=IconName::Alert />
                    <span>{failure.detail()}</span>
                </p>
            }
            .into_any();
        }
        match form.known() {
            None => ().into_any(),
            Some(estimate) if estimate.rows == 0 => view! { <p class="dim">{t.estimate_none}</p> }.into_any(),
            Some(estimate) => view! { <Counted form estimate /> }.into_any(),
        }
    };
    view! {
        <div role="status" class="estimate">
            {content}
        </div>
    }
}

#[component]
fn Counted(form: Form, estimate: DeletionEstimate) -> impl IntoView {
    let t = text();
    let table = form.draft.with_untracked(|draft| draft.table.clone());
    let rows = number::count(estimate.rows);
    let files = (t.estimate_files)(
        &number::count(estimate.files_scanned),
        &number::count(estimate.files_of_table),
        &number::count(estimate.files_rewritten),
        &number::count(estimate.files_removed),
    );
    let set_aside = (!estimate.set_aside.is_empty()).then(|| {
        let item = |name: &String| view! { <li class="mono">{name.clone()}</li> };
        view! {
            <p class="dim">{t.set_aside}</p>
            <ul class="findings">{estimate.set_aside.iter().map(item).collect_view()}</ul>
        }
    });
    view! {
        <div class="counted">
            <div>
                <b>{(t.estimate)(&rows, &table)}</b>
                <p class="dim">{files}</p>
                {set_aside}
            </div>
            <button type="button" class="btn danger" on:click=move |_| form.confirming.set(true)>
                <Icon name=IconName::Trash />
                {(t.delete)(&rows)}
            </button>
        </div>
    }
}

#[component]
fn ConfirmDeletion(form: Form) -> impl IntoView {
    let t = text();
    let change = Change::new();
    let typed = RwSignal::new(String::new());
    let Some((draft, estimate)) = untrack(|| form.counted.get().zip(form.known())) else {
        return ().into_any();
    };
    let (table, rows) = (StoredValue::new(draft.table.clone()), number::count(estimate.rows));
    let delete = move |()| {
        let Some(request) = untrack(|| form.request(&draft, false)) else { return };
        let client = form.deletions.context.client;
        change.start(async move { client.change("POST", "/delete", &request).await }, move |_: DeletionInfo| {
            form.deletions.context.notify(text().started);
            form.counted.set(None);
            form.confirming.set(false);
            spawn_local(form.deletions.load());
        });
    };
    let ready = move || table.with_value(|table| typed.with(|typed| typed.trim() == table));
    view! {
        <Confirm
            title=(t.confirm)(&rows, &table.get_value())
            captions=(t.title, t.starting)
            change
            on_confirm=delete
            on_close=move |()| form.confirming.set(false)
            ready=Signal::derive(ready)
        >
            <p>{t.confirm_detail}</p>
            <Field label=(t.confirm_type)(&table.get_value()) id="delete-confirm" error=Signal::stored(None)>
                <input
                    id="delete-confirm"
                    class="input mono"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    bind:value=typed
                />
            </Field>
        </Confirm>
    }
    .into_any()
}
