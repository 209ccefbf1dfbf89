//! The lines that match, as a file.

use super::model::LogsModel;
use crate::browser;
use crate::calendar::rfc3339;
use crate::client::Refusal;
use crate::components::{Icon, IconName, Show};
use crate::download::Form;
use crate::failure::Failure;
use crate::number::{self, grouped};
use crate::pager::Pager;
use crate::statement::{EXPORT_ROWS_MAX, export};
use crate::strings::{explore, text};
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{SqlRequest, TimeInput};
use web_sys::{AbortController, AbortSignal, Blob};

const BUTTON_ID: &str = "download-button";
const MENU_ID: &str = "download-menu";
const FORMS: [Form; 3] = [Form::Csv, Form::NdJson, Form::Parquet];

/// A file on its way; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct Download {
    /// Whether the menu is open.
    pub(super) menu: RwSignal<bool>,
    model: LogsModel,
    whole: RwSignal<bool>,
    /// Form and bytes so far.
    running: RwSignal<Option<(Form, u64)>>,
    failed: RwSignal<Option<Failure>>,
    abort: StoredValue<Option<AbortController>, LocalStorage>,
}

impl Download {
    pub(super) fn new(model: LogsModel) -> Self {
        let abort = StoredValue::new_local(None::<AbortController>);
        on_cleanup(move || stop(abort));
        Self {
            menu: RwSignal::new(false),
            model,
            whole: RwSignal::new(false),
            running: RwSignal::new(None),
            failed: RwSignal::new(None),
            abort,
        }
    }

    fn close(&self) {
        self.menu.set(false);
        request_animation_frame(|| browser::focus(BUTTON_ID));
    }

    fn cancel(&self) {
        stop(self.abort);
        self.running.set(None);
    }

    fn start(&self, form: Form) {
        let Ok(abort) = AbortController::new() else { return };
        let signal = abort.signal();
        self.cancel();
        self.abort.set_value(Some(abort));
        self.failed.set(None);
        self.running.set(Some((form, 0)));
        let download = *self;
        spawn_local(async move {
            let fetched = download.fetch(form, &signal).await;
            if signal.aborted() {
                return;
            }
            download.running.set(None);
            match fetched {
                Ok(blob) => {
                    download.keep(form, &blob);
                    download.close();
                }
                Err(Refusal::Failed(failure)) => {
                    if !download.menu.get_untracked() {
                        download.model.context.notify(&failure.detail());
                    }
                    download.failed.set(Some(failure));
                }
                Err(Refusal::Aborted) => {}
            }
        });
    }

    async fn fetch(&self, form: Form, signal: &AbortSignal) -> Result<Blob, Refusal> {
        let query = self.model.question.with_untracked(|(query, _)| query.clone());
        let columns = self.model.columns.chosen.get_untracked();
        let window = self.model.pager.with_untracked(Pager::window);
        let request = SqlRequest {
            sql: export(&query, (!self.whole.get_untracked()).then_some(&columns)),
            from: Some(TimeInput::Text(rfc3339(window.from_ns))),
            to: Some(TimeInput::Text(rfc3339(window.to_ns))),
            limit: Some(EXPORT_ROWS_MAX),
            query_id: Some(browser::query_id()),
        };
        let on_bytes = |bytes| self.running.set(Some((form, bytes)));
        crate::download::fetch(self.model.context.client, &request, form, signal, on_bytes).await
    }

    /// Hands the file to the browser, which asks where to or puts it among its downloads.
    fn keep(&self, form: Form, blob: &Blob) {
        let window = self.model.pager.with_untracked(Pager::window);
        let stamp = rfc3339(window.to_ns / 1_000_000_000 * 1_000_000_000).replace(':', "-");
        let name = format!("logs-{stamp}.{}", form.extension());
        browser::download(&name, blob);
        self.model.context.notify(&(explore::text().downloaded)(&name));
    }
}

fn stop(abort: StoredValue<Option<AbortController>, LocalStorage>) {
    abort.try_update_value(|abort| {
        if let Some(abort) = abort.take() {
            abort.abort();
        }
    });
}

/// The button, and the menu of forms.
#[component]
pub(super) fn DownloadButton(download: Download) -> impl IntoView {
    let t = explore::text();
    let menu = download.menu;
    view! {
        <div class="anchor wide-only">
            <button
                type="button"
                id=BUTTON_ID
                class="btn ghost icon-only"
                aria-label=t.download
                title=t.download
                aria-haspopup="dialog"
                aria-expanded=move || menu.get().to_string()
                on:click=move |_| menu.update(|open| *open = !*open)
            >
                <Icon name=IconName::Download />
            </button>
            <Show when=move || menu.get()>
                <Menu download />
            </Show>
        </div>
    }
}

#[component]
fn Menu(download: Download) -> impl IntoView {
    let t = explore::text();
    let model = download.model;
    Effect::new(|_| browser::focus(MENU_ID));
    let extent = move || {
        let total = model.pager.with(Pager::total).map_or(0, |total| total as u64);
        if total > EXPORT_ROWS_MAX {
            (t.newest_of)(&grouped(EXPORT_ROWS_MAX), &grouped(total))
        } else {
            (t.all_lines)(&grouped(total))
        }
    };
    let choice = move |whole: bool, caption: &'static str| {
        view! {
            <button
                type="button"
                class:on=move || download.whole.get() == whole
                aria-pressed=move || (download.whole.get() == whole).to_string()
                on:click=move |_| download.whole.set(whole)
            >
                {caption}
            </button>
        }
    };
    let busy = Memo::new(move |_| download.running.with(Option::is_some));
    let forms = FORMS.map(|form| {
        view! {
            <button type="button" class="btn" disabled=move || busy.get() on:click=move |_| download.start(form)>
                {form.name()}
            </button>
        }
    });
    let progress = move || download.running.get().map(|(form, bytes)| view! { <Running download form bytes /> });
    let failure = move || {
        download.failed.get().map(|failure| {
            view! {
                <p class="note bad" role="alert">
                    <span>
                        <b>{failure.title()}</b>
                        " "
                        {failure.detail()}
                    </span>
                </p>
            }
        })
    };
    view! {
        <div class="backdrop" on:click=move |_| download.menu.set(false)></div>
        <div id=MENU_ID class="menu tool-menu" role="dialog" aria-label=t.download tabindex="-1">
            <h3 class="menu-head">{t.download}</h3>
            <p class="menu-text">{extent}</p>
            <div class="seg" role="group" aria-label=t.columns>
                {choice(false, t.shown_columns)}
                {choice(true, t.all_columns)}
            </div>
            <div class="hstack forms">{forms.into_view()}</div>
            {progress}
            {failure}
        </div>
    }
}

#[component]
fn Running(download: Download, form: Form, bytes: u64) -> impl IntoView {
    view! {
        <div class="progress" role="status">
            <span class="grow">{(explore::text().downloading)(form.name(), &number::bytes(bytes))}</span>
            <button type="button" class="btn" on:click=move |_| download.cancel()>
                {text().logs.cancel}
            </button>
        </div>
    }
}
