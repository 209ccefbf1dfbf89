//! Flush, check and backup of the running server, each with its result.

use crate::browser;
use crate::components::{Icon, IconName, Show};
use crate::context::Context;
use crate::number;
use crate::pages::form::{Change, Field, Refused, may_change};
use crate::strings::settings::health::text;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The answer of `POST /system/check`.
#[derive(Clone, Deserialize)]
struct Checked {
    files: u64,
    bytes: u64,
    wal_frames: u64,
    findings: Vec<String>,
    notes: Vec<String>,
}

/// The body of `POST /system/backup`.
#[derive(Clone, Serialize)]
struct Backup {
    target: String,
}

/// The answer of `POST /system/backup`.
#[derive(Clone, Deserialize)]
struct BackedUp {
    files: u64,
    bytes: u64,
    rows: u64,
}

/// The actions.
#[component]
pub(super) fn Maintenance() -> impl IntoView {
    let context = Context::get();
    view! {
        <Show when=move || may_change(context)>
            <section class="panel" aria-labelledby="maintenance-title">
                <div class="panel-head">
                    <h2 id="maintenance-title">{text().maintenance}</h2>
                </div>
                <Flush />
                <Check />
                <BackUp />
            </section>
        </Show>
    }
}

/// One action: what it is, its button and what came of it.
#[component]
fn Task(
    name: &'static str,
    busy_name: &'static str,
    hint: &'static str,
    change: Change,
    #[prop(into)] on_start: Callback<()>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="task">
            <div class="task-head">
                <button
                    type="button"
                    class="btn"
                    disabled=move || change.busy.get()
                    on:click=move |_| on_start.run(())
                >
                    {move || if change.busy.get() { busy_name } else { name }}
                </button>
                <span class="dim">{hint}</span>
            </div>
            <div role="status">{children()}</div>
            <Refused change />
        </div>
    }
}

#[component]
fn Flush() -> impl IntoView {
    let context = Context::get();
    let t = text();
    let (change, done) = (Change::new(), RwSignal::new(false));
    let start = move |()| {
        done.set(false);
        let client = context.client;
        change.start(async move { client.change("POST", "/system/flush", &()).await }, move |()| {
            done.set(true);
            context.notify(text().flushed);
        });
    };
    view! {
        <Task name=t.flush busy_name=t.flushing hint=t.flush_hint change on_start=start>
            <Show when=move || done.get()>
                <Well words=t.flushed />
            </Show>
        </Task>
    }
}

#[component]
fn Well(#[prop(into)] words: String) -> impl IntoView {
    view! {
        <p class="result">
            <span class="t-ok">
                <Icon name=IconName::Check />
            </span>
            {words}
        </p>
    }
}

#[component]
fn Check() -> impl IntoView {
    let context = Context::get();
    let t = text();
    let (change, found) = (Change::new(), RwSignal::new(None::<Checked>));
    let start = move |()| {
        found.set(None);
        let client = context.client;
        change.start(async move { client.change("POST", "/system/check", &()).await }, move |checked: Checked| {
            found.set(Some(checked));
        });
    };
    view! {
        <Task name=t.check busy_name=t.checking hint=t.check_hint change on_start=start>
            {move || found.get().map(|checked| view! { <CheckResult checked /> })}
        </Task>
    }
}

#[component]
fn CheckResult(checked: Checked) -> impl IntoView {
    let t = text();
    let list = |lines: Vec<String>| {
        let lines = lines.into_iter().map(|line| view! { <li class="mono">{line}</li> }).collect_view();
        view! { <ul class="findings">{lines}</ul> }
    };
    let figures = (number::count(checked.files), number::bytes(checked.bytes), number::count(checked.wal_frames));
    let head = if checked.findings.is_empty() {
        view! { <Well words=(t.check_well)(&figures.0, &figures.1, &figures.2) /> }.into_any()
    } else {
        view! {
            <p class="result">
                <i class="health bad"></i>
                {(t.check_found)(&checked.findings.len().to_string())}
            </p>
            {list(checked.findings)}
        }
        .into_any()
    };
    let notes = (!checked.notes.is_empty()).then(|| {
        view! {
            <p class="dim">{t.check_notes}</p>
            {list(checked.notes)}
        }
    });
    view! {
        {head}
        {notes}
    }
}

#[component]
fn BackUp() -> impl IntoView {
    let context = Context::get();
    let t = text();
    let (change, target) = (Change::new(), RwSignal::new(String::new()));
    let wrong = RwSignal::new(false);
    let made = RwSignal::new(None::<String>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let backup = Backup { target: target.get_untracked().trim().to_owned() };
        wrong.set(!backup.target.starts_with('/'));
        if wrong.get_untracked() {
            browser::focus("backup-target");
            return;
        }
        made.set(None);
        let (client, name) = (context.client, backup.target.clone());
        change.start(async move { client.change("POST", "/system/backup", &backup).await }, move |answer: BackedUp| {
            let (rows, files) = (number::count(answer.rows), number::count(answer.files));
            made.set(Some((text().backed_up)(&name, &rows, &files, &number::bytes(answer.bytes))));
        });
    };
    let error = move || wrong.get().then_some(t.backup_relative);
    view! {
        <form class="task" on:submit=submit>
            <div class="task-head backup">
                <Field label=t.backup_target id="backup-target" error=Signal::derive(error) hint=t.backup_hint>
                    <input
                        id="backup-target"
                        class="input mono"
                        class:bad=move || wrong.get()
                        placeholder="/backups/monday"
                        autocomplete="off"
                        spellcheck="false"
                        aria-describedby="backup-target-hint"
                        bind:value=target
                    />
                </Field>
                <button type="submit" class="btn" disabled=move || change.busy.get()>
                    {move || if change.busy.get() { t.backing_up } else { t.backup }}
                </button>
            </div>
            <div role="status">{move || made.get().map(|words| view! { <Well words /> })}</div>
            <Refused change />
        </form>
    }
}
