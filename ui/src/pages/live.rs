//! What is asked again and again while it is looked at. The last answer stays until the next.

use crate::browser;
use crate::components::{FailurePanel, Icon, IconName};
use crate::failure::Failure;
use crate::strings::settings;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;

/// The last answer, and why there is no newer one.
pub(super) struct Live<T: Send + Sync + 'static> {
    /// The last good answer.
    pub(super) answer: RwSignal<Option<Arc<T>>>,
    /// Why it could not be had again.
    pub(super) failure: RwSignal<Option<Failure>>,
}

impl<T: Send + Sync + 'static> Clone for Live<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Live<T> {}

impl<T: PartialEq + Send + Sync + 'static> Live<T> {
    /// Nothing known yet.
    pub(super) fn new() -> Self {
        Self { answer: RwSignal::new(None), failure: RwSignal::new(None) }
    }

    /// Takes an answer; the same as before changes nothing.
    pub(super) fn take(&self, answer: Result<T, Failure>) {
        match answer {
            Ok(answer) => {
                let same = self.answer.try_with_untracked(|known| known.as_deref() == Some(&answer));
                if same == Some(false) {
                    self.answer.set(Some(Arc::new(answer)));
                }
                if self.failure.try_with_untracked(Option::is_some) == Some(true) {
                    self.failure.set(None);
                }
            }
            Err(failure) => {
                self.failure.try_set(Some(failure));
            }
        }
    }
}

/// Asks now, and then `pause_ms` after each answer, until the reactive owner that called is gone; not
/// while nobody looks.
pub(super) fn repeat<F>(pause_ms: i32, ask: impl Fn() -> F + 'static)
where
    F: Future<Output = ()> + 'static,
{
    let alive = StoredValue::new(());
    spawn_local(async move {
        while alive.try_get_value().is_some() {
            if browser::visible() {
                ask().await;
            }
            browser::sleep_ms(pause_ms).await;
        }
    });
}

/// An answer that is kept up to date: an outline before the first, a failure in its place, and above an
/// answer that could not be had again why.
#[component]
pub(super) fn LiveView<T>(
    /// What is asked.
    live: Live<T>,
    /// Asks again.
    #[prop(into)]
    on_retry: Callback<()>,
    /// Shown before the first answer.
    #[prop(into)]
    outline: ViewFn,
    /// Draws the answer, once; it follows the answer by itself.
    children: ChildrenFn,
) -> impl IntoView
where
    T: PartialEq + Send + Sync + 'static,
{
    let known = Memo::new(move |_| live.answer.with(Option::is_some));
    let stale = move || {
        live.failure.get().map(|failure| {
            view! {
                <p class="note warn not-fresh" role="status">
                    <Icon name=IconName::Alert />
                    <span>{settings::text().not_fresh} " " {failure.detail()}</span>
                </p>
            }
        })
    };
    let first_failed = Memo::new(move |_| if known.get() { None } else { live.failure.get() });
    move || {
        if known.get() {
            view! {
                {stale}
                {children()}
            }
            .into_any()
        } else if let Some(failure) = first_failed.get() {
            view! { <FailurePanel failure on_retry /> }.into_any()
        } else {
            outline.run().into_any()
        }
    }
}
