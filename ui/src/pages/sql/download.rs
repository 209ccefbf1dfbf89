use super::model::SqlModel;
use crate::browser;
use crate::calendar::{Civil, to_full};
use crate::client::Refusal;
use crate::components::{Icon, IconName, Show};
use crate::download::{self, Form};
use crate::number::grouped;
use crate::strings::sql;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::AbortController;

const MENU_ID: &str = "download-menu";
const BUTTON_ID: &str = "download";

fn forms() -> [(Form, &'static str); 4] {
    let t = &sql::text().download;
    [(Form::Csv, t.csv), (Form::NdJson, t.ndjson), (Form::Parquet, t.parquet), (Form::Arrow, t.arrow)]
}

/// The answer as a file: the server runs the statement again and writes it.
#[component]
pub(super) fn DownloadMenu(model: SqlModel) -> impl IntoView {
    let t = &sql::text().download;
    let open = RwSignal::new(false);
    let idle = Memo::new(move |_| model.run.with(Option::is_none));
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.prevent_default();
            event.stop_propagation();
            open.set(false);
            browser::focus(BUTTON_ID);
        }
    };
    view! {
        <div class="anchor" on:keydown=on_key>
            <button
                type="button"
                id=BUTTON_ID
                class="btn"
                aria-haspopup="dialog"
                aria-expanded=move || open.get().to_string()
                disabled=idle
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon name=IconName::Download />
                {t.button}
            </button>
            <Show when=move || open.get()>
                <Menu model open />
            </Show>
        </div>
    }
}

#[component]
fn Menu(model: SqlModel, open: RwSignal<bool>) -> impl IntoView {
    let t = &sql::text().download;
    let all = RwSignal::new(false);
    Effect::new(|_| browser::focus(MENU_ID));
    let choice = move |which: bool, caption: String| {
        view! {
            <button
                type="button"
                class:on=move || all.get() == which
                aria-pressed=move || (all.get() == which).to_string()
                on:click=move |_| all.set(which)
            >
                {caption}
            </button>
        }
    };
    let items = forms().map(|(form, note)| {
        view! {
            <li>
                <button
                    type="button"
                    class="menu-item"
                    on:click=move |_| {
                        open.set(false);
                        browser::focus(BUTTON_ID);
                        spawn_local(save(model, form, all.get_untracked()));
                    }
                >
                    <b>{form.name()}</b>
                    <span class="num">{note}</span>
                </button>
            </li>
        }
    });
    let shown = (t.shown_rows)(&grouped(model.run.with_untracked(|run| run.as_ref().map_or(0, |run| run.limit))));
    view! {
        <div class="backdrop" on:click=move |_| open.set(false)></div>
        <div id=MENU_ID class="menu sql-download" role="dialog" aria-label=t.title tabindex="-1">
            <div class="seg" role="group" aria-label=t.rows>
                {choice(false, shown)}
                {choice(true, t.all_rows.to_owned())}
            </div>
            <ul>{items.into_view()}</ul>
        </div>
    }
}

async fn save(model: SqlModel, form: Form, all: bool) {
    let t = &sql::text().download;
    let Some(run) = model.run.get_untracked() else { return };
    let name = format!("{}.{}", file_stem(browser::clock_ns()), form.extension());
    model.context.notify(&(t.preparing)(&name));
    let mut request = run.request(run.sql.clone(), browser::query_id());
    if all {
        request.limit = None;
    }
    let Ok(abort) = AbortController::new() else { return };
    match download::fetch(model.context.client, &request, form, &abort.signal(), |_| {}).await {
        Ok(blob) => {
            browser::download(&name, &blob);
            model.context.notify(&(t.done)(&name));
        }
        Err(Refusal::Failed(failure)) => model.context.notify(&failure.detail()),
        Err(Refusal::Aborted) => {}
    }
}

/// `lincei-2026-11-22-030152`: in UTC, so that files from several places sort.
fn file_stem(now_ns: i64) -> String {
    let day = to_full(now_ns, 0);
    let clock = Civil::at(now_ns, 0);
    format!("lincei-{}-{:02}{:02}{:02}", day.get(..10).unwrap_or_default(), clock.hour, clock.minute, clock.second)
}
