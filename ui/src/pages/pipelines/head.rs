//! The head of a pipeline, and what has to be known before going on.

use super::draft::Pipe;
use crate::components::{Icon, IconName, Show};
use crate::pages::form::{Refused, may_change};
use crate::pages::shown::{Moment, Written};
use crate::strings::{self, pipelines::text, settings};
use leptos::prelude::*;

/// Title, whether something is not saved, and saving it.
#[component]
pub(super) fn Head(pipe: Pipe) -> impl IntoView {
    let t = text();
    let shell = &strings::text().shell;
    let revision = move || pipe.saved.with(|(revision, _)| *revision);
    view! {
        <header class="page-head">
            <h1>{t.title}</h1>
            <Show when=move || { revision() > 0 }>
                <span class="badge line">{move || (t.revision)(&revision().to_string())}</span>
            </Show>
            <Show when=move || pipe.dirty.get()>
                <span class="badge info">{t.unsaved}</span>
            </Show>
            <span class="faint ell mid-hide">{move || saved_when(pipe)}</span>
            <span class="grow"></span>
            <button
                type="button"
                class="btn icon-only"
                aria-label=shell.refresh
                title=shell.refresh
                on:click=move |_| pipe.refresh()
            >
                <Icon name=IconName::Refresh />
            </button>
            <Show when=move || pipe.dirty.get()>
                <button type="button" class="btn ghost" on:click=move |_| pipe.discard()>
                    {t.discard}
                </button>
            </Show>
            <button
                type="button"
                class="btn primary"
                disabled=move || !pipe.dirty.get() || pipe.change.busy.get() || !may_change(pipe.context())
                on:click=move |_| pipe.save()
            >
                {move || if pipe.change.busy.get() { settings::text().saving } else { settings::text().save }}
            </button>
        </header>
    }
}

fn saved_when(pipe: Pipe) -> Option<AnyView> {
    let t = text();
    let saved = pipe.server.live.answer.with(|answer| {
        let info = answer.as_ref()?.items.iter().find(|info| info.signal == pipe.signal)?;
        Some((info.updated_at.clone()?, info.updated_by.clone().unwrap_or_default()))
    });
    saved.map(|(at, by)| {
        view! {
            {(t.saved_by)(&by)}
            " "
            <Moment at written=Written::Minute />
        }
        .into_any()
    })
}

/// Somebody else saved; saving was refused; it cannot work as it was saved.
#[component]
pub(super) fn Banners(pipe: Pipe) -> impl IntoView {
    let t = text();
    let behind = move || {
        let latest = pipe.saved.with(|(revision, _)| *revision);
        pipe.conflict.get() || (pipe.dirty.get() && pipe.draft.with(|draft| draft.revision != latest))
    };
    let behind = Memo::new(move |_| behind());
    let error = move || {
        pipe.server
            .live
            .answer
            .with(|answer| answer.as_ref()?.items.iter().find(|info| info.signal == pipe.signal)?.error.clone())
    };
    view! {
        <Show when=move || behind.get()>
            <div class="note warn pipeline-note" role="alert">
                <Icon name=IconName::Alert />
                <p class="grow">
                    <b>{t.conflict_title}</b>
                    " "
                    {t.conflict_detail}
                </p>
                <button type="button" class="btn" on:click=move |_| pipe.discard()>
                    {t.conflict_theirs}
                </button>
                <button
                    type="button"
                    class="btn primary"
                    disabled=move || pipe.change.busy.get() || !may_change(pipe.context())
                    on:click=move |_| pipe.save_over()
                >
                    {t.conflict_mine}
                </button>
            </div>
        </Show>
        {move || {
            error()
                .map(|error| {
                    view! {
                        <div class="note bad pipeline-note" role="alert">
                            <Icon name=IconName::Alert />
                            <p class="grow">
                                <b>{t.broken}</b>
                                " "
                                {error}
                            </p>
                        </div>
                    }
                })
        }}
        <div class="pipeline-refused">
            <Refused change=pipe.change />
        </div>
    }
}
