//! Rows, files and bytes of each table, how long they are kept, and changing that.

mod form;

use self::form::RetentionForm;
use crate::ask::Asked;
use crate::client::Refusal;
use crate::components::{DataView, Icon, IconName, Show};
use crate::context::Context;
use crate::number;
use crate::pages::form::may_change;
use crate::pages::settings::Refresh;
use crate::pages::shown::{Amount, Moment, Outline, Written, Zone};
use crate::strings::settings;
use crate::strings::settings::storage::text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{RetentionSettings, StorageSettings, TableStatus};
use std::sync::Arc;

/// What the parts of the panel share.
#[derive(Clone, Copy)]
pub(super) struct Tables {
    pub(super) context: Context,
    asked: Asked<StorageSettings>,
}

impl Tables {
    fn load(self) {
        self.asked.ask(|call| async move { call.client.get("/settings/storage").await.map_err(Refusal::from) });
    }

    /// Takes what the server keeps from now on.
    pub(super) fn take(self, settings: StorageSettings) {
        self.asked.answer.set(Some(Arc::new(settings)));
        spawn_local(self.context.load_status());
    }

    /// The table whose bounds are changed; tracked.
    pub(super) fn edited(self) -> String {
        self.context.parameter("table")
    }

    pub(super) fn edit(self, table: &str) {
        self.context.adjust(|view| view.set_parameter("table", table));
    }

    /// What is known of a table; tracked.
    fn status(self, table: &str) -> Option<TableStatus> {
        self.context.status.with(|status| {
            let status = status.as_ref()?.as_ref().ok()?;
            status.tables.iter().find(|status| status.name == table).cloned()
        })
    }
}

/// The panel.
#[component]
pub(super) fn Retention() -> impl IntoView {
    let context = Context::get();
    let tables = Tables { context, asked: Asked::new(context) };
    expect_context::<Refresh>().on(move || {
        tables.load();
        spawn_local(context.load_status());
    });
    let t = text();
    view! {
        <section class="panel" aria-labelledby="retention-title">
            <div class="panel-head">
                <h2 id="retention-title">{t.retention}</h2>
                <span class="end">
                    <Zone />
                </span>
            </div>
            <p class="panel-lead">{t.retention_lead}</p>
            <DataView
                asked=tables.asked
                on_retry=move |()| tables.load()
                outline=|| view! { <Outline rows=4 /> }
                let:stored
            >
                <RetentionTable tables stored />
            </DataView>
        </section>
    }
}

#[component]
fn RetentionTable(tables: Tables, stored: Arc<StorageSettings>) -> impl IntoView {
    let t = text();
    let rows = stored.retention.iter().cloned().map(|kept| view! { <TableRow tables kept /> }).collect_view();
    view! {
        <div class="table-box scroll">
            <table class="table retention">
                <thead>
                    <tr>
                        <th scope="col">{t.table}</th>
                        <th scope="col" class="num">
                            {t.rows}
                        </th>
                        <th scope="col" class="num">
                            {t.files}
                        </th>
                        <th scope="col" class="num">
                            {t.bytes}
                        </th>
                        <th scope="col">{t.oldest}</th>
                        <th scope="col">{t.newest}</th>
                        <th scope="col">{t.kept_for}</th>
                        <th scope="col">{t.at_most}</th>
                        <th scope="col">
                            <span class="sr">{settings::text().edit}</span>
                        </th>
                    </tr>
                </thead>
                {rows}
            </table>
        </div>
    }
}

#[component]
fn TableRow(tables: Tables, kept: RetentionSettings) -> impl IntoView {
    let t = text();
    let table = StoredValue::new(kept.table.clone());
    let status = Memo::new(move |_| table.with_value(|table| tables.status(table)));
    let is_open = move || may_change(tables.context) && table.with_value(|table| tables.edited() == *table);
    let open = Memo::new(move |_| is_open());
    let age = bound(kept.max_age_seconds, number::span, t.forever);
    let size = bound(kept.max_bytes, number::bytes, t.unbounded);
    let label = (t.edit_named)(&kept.table);
    let edit = move |_| table.with_value(|table| tables.edit(if open.get_untracked() { "" } else { table }));
    let kept = StoredValue::new(kept);
    view! {
        <tbody>
            <tr class:on=move || open.get()>
                <td class="mono">{table.get_value()}</td>
                <Facts status />
                <td>{age}</td>
                <td>{size}</td>
                <td class="acts">
                    <Show when=move || may_change(tables.context)>
                        <button
                            type="button"
                            class="btn ghost small"
                            id=format!("edit-{}", table.get_value())
                            aria-label=label.clone()
                            aria-expanded=move || open.get().to_string()
                            on:click=edit
                        >
                            <Icon name=IconName::Edit />
                            {settings::text().edit}
                        </button>
                    </Show>
                </td>
            </tr>
            <Show when=move || open.get()>
                <tr class="opened">
                    <td colspan="9">
                        <RetentionForm tables kept=kept.get_value() />
                    </td>
                </tr>
            </Show>
        </tbody>
    }
}

/// Rows, files, bytes, oldest and newest.
#[component]
fn Facts(status: Memo<Option<TableStatus>>) -> impl IntoView {
    let moment = |at: Option<String>| match at {
        Some(at) => view! { <Moment at written=Written::Minute /> }.into_any(),
        None => view! { <span class="faint">{settings::text().none}</span> }.into_any(),
    };
    move || {
        let status = status.get();
        let number = |value: fn(&TableStatus) -> String| match &status {
            Some(status) => view! { <Amount text=value(status) /> }.into_any(),
            None => view! { <i class="skeleton short"></i> }.into_any(),
        };
        view! {
            <td class="num">{number(|status| number::count(status.rows))}</td>
            <td class="num">{number(|status| number::count(status.files))}</td>
            <td class="num">{number(|status| number::bytes(status.bytes))}</td>
            <td class="dim">{status.as_ref().map(|status| moment(status.oldest.clone()))}</td>
            <td class="dim">{status.as_ref().map(|status| moment(status.newest.clone()))}</td>
        }
    }
}

/// The bound, or that there is none.
fn bound(value: Option<u64>, shown: fn(u64) -> String, none: &'static str) -> AnyView {
    match value {
        Some(value) => view! { <Amount text=shown(value) /> }.into_any(),
        None => view! { <span class="faint">{none}</span> }.into_any(),
    }
}
