//! What forms share: a change under way and why it was refused, who may make it,
//! and asking once more before what cannot be undone.

use crate::components::{Dialog, Icon, IconName};
use crate::context::{Context, Session};
use crate::failure::Failure;
use crate::strings::settings;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::pin::Pin;

/// A change that the reader asked for.
#[derive(Clone, Copy)]
pub(super) struct Change {
    /// Whether its answer is awaited.
    pub(super) busy: RwSignal<bool>,
    /// Why the last one was refused.
    pub(super) failure: RwSignal<Option<Failure>>,
}

impl Change {
    /// Nothing asked for yet.
    pub(super) fn new() -> Self {
        Self { busy: RwSignal::new(false), failure: RwSignal::new(None) }
    }

    /// Makes the change, unless one is under way; `done` gets the answer, if the form is still there.
    pub(super) fn start<T: 'static>(
        &self,
        work: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        self.finish(Box::pin(work), Box::new(done));
    }

    /// Compiled once for each type of answer.
    fn finish<T: 'static>(self, work: Pin<Box<dyn Future<Output = Result<T, Failure>>>>, done: Box<dyn FnOnce(T)>) {
        spawn_local(async move {
            let answer = work.await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(answer) => done(answer),
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }
}

/// Why a change was refused, beside its button.
#[component]
pub(super) fn Refused(
    /// The change.
    change: Change,
) -> impl IntoView {
    view! {
        <div role="alert" class="refused">
            {move || {
                change
                    .failure
                    .get()
                    .map(|failure| {
                        view! {
                            <p class="note bad">
                                <Icon name=IconName::Alert />
                                <span>
                                    <b>{failure.title()}</b>
                                    " "
                                    {failure.detail()}
                                </span>
                            </p>
                        }
                    })
            }}
        </div>
    }
}

/// A labelled field.
#[component]
pub(super) fn Field(
    /// Caption.
    #[prop(into)]
    label: String,
    /// Id of the control.
    id: &'static str,
    /// What is wrong with what was typed.
    #[prop(into)]
    error: Signal<Option<&'static str>>,
    /// What may be typed.
    #[prop(into, default = Signal::stored(""))]
    hint: Signal<&'static str>,
    /// The control.
    children: Children,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {children()}
            <span class="hint" id=hint_id class:bad=move || error.get().is_some()>
                {move || error.get().unwrap_or_else(|| hint.get())}
            </span>
        </div>
    }
}

/// Whether whoever looks may change things; tracked.
pub(super) fn may_change(context: Context) -> bool {
    context.session.with(|session| match session {
        Session::Open(info) => {
            !info.auth_required || info.account.as_ref().is_some_and(|account| account.role == "admin")
        }
        _ => false,
    })
}

/// Name and role of whoever is signed in; tracked.
pub(super) fn account(context: Context) -> Option<(String, String)> {
    context.session.with(|session| match session {
        Session::Open(info) => info.account.as_ref().map(|account| (account.name.clone(), account.role.clone())),
        _ => None,
    })
}

/// Says to those who may only look that they may.
#[component]
pub(super) fn ReadOnly() -> impl IntoView {
    let context = Context::get();
    move || {
        let account = account(context).filter(|_| !may_change(context));
        account.map(|(name, role)| {
            let role = if role == "viewer" { settings::accounts::text().viewer.to_owned() } else { role };
            view! {
                <p class="note read-only">
                    <Icon name=IconName::Eye />
                    <span>{(settings::text().read_only)(&name, &role)}</span>
                </p>
            }
        })
    }
}

/// Stands in the place of what an account may not do.
#[component]
pub(super) fn MayNot() -> impl IntoView {
    let context = Context::get();
    let t = settings::text();
    let name = move || account(context).map(|(name, _)| name).unwrap_or_default();
    view! {
        <div class="state may-not">
            <h3>{t.forbidden_title}</h3>
            <p>{move || (t.forbidden)(&name())}</p>
        </div>
    }
}

/// Asks once more before what cannot be undone.
#[component]
pub(super) fn Confirm(
    /// The question.
    #[prop(into)]
    title: String,
    /// Caption of the button, and while the answer is awaited.
    captions: (&'static str, &'static str),
    /// The change.
    change: Change,
    /// Does it.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// Leaves it.
    #[prop(into)]
    on_close: Callback<()>,
    /// Whether the button can be pressed yet.
    #[prop(into, default = Signal::stored(true))]
    ready: Signal<bool>,
    /// What will happen.
    children: Children,
) -> impl IntoView {
    let t = settings::text();
    view! {
        <Dialog title on_close class="confirm">
            <form
                class="confirm-body"
                on:submit=move |event| {
                    event.prevent_default();
                    if ready.get_untracked() {
                        on_confirm.run(());
                    }
                }
            >
                {children()}
                <Refused change />
                <div class="confirm-do">
                    <button type="button" class="btn" on:click=move |_| on_close.run(())>
                        {t.cancel}
                    </button>
                    <button type="submit" class="btn danger" disabled=move || change.busy.get() || !ready.get()>
                        {move || if change.busy.get() { captions.1 } else { captions.0 }}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
