use super::{FailurePanel, ProgressStrip};
use crate::ask::{Asked, Load};
use crate::components::Show;
use crate::strings::text;
use leptos::prelude::*;
use std::sync::Arc;

/// An answer in its four states: an outline and then progress while it is awaited, the data (dimmed while
/// newer are awaited), a failure with its cause, or cancelled. Emptiness is what `children` make of it.
#[component]
pub(crate) fn DataView<T, V>(
    /// The question.
    asked: Asked<T>,
    /// Asks again.
    #[prop(into)]
    on_retry: Callback<()>,
    /// Shown before the first answer.
    #[prop(into)]
    outline: ViewFn,
    /// Draws an answer.
    children: impl Fn(Arc<T>) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: Send + Sync + 'static,
    V: IntoView + 'static,
{
    let progress = move || {
        asked.progress.get().map(|progress| {
            let cancel = Callback::new(move |()| {
                asked.cancel();
            });
            view! { <ProgressStrip progress on_cancel=cancel /> }
        })
    };
    let has_answer = Memo::new(move |_| asked.answer.with(Option::is_some));
    let children = StoredValue::new(children);
    let data = move || asked.answer.get().map(|answer| children.with_value(|draw| draw(answer)));
    let trouble = Memo::new(move |_| match asked.load.get() {
        load @ (Load::Failed(_) | Load::Cancelled) => Some(load),
        _ => None,
    });
    let content = move || match trouble.get() {
        Some(Load::Failed(failure)) => view! { <FailurePanel failure on_retry /> }.into_any(),
        Some(_) => view! { <Cancelled on_retry /> }.into_any(),
        None if has_answer.get() => ().into_any(),
        None => outline.run().into_any(),
    };
    view! {
        {progress}
        {content}
        <Show when=move || has_answer.get() && trouble.with(Option::is_none)>
            <div class="data-view" class:stale=move || asked.waits() aria-busy=move || asked.waits().to_string()>
                {data}
            </div>
        </Show>
    }
}

/// What is shown in the place of data that nobody waits for any more.
#[component]
pub(crate) fn Cancelled(
    /// Asks again.
    #[prop(into)]
    on_retry: Callback<()>,
) -> impl IntoView {
    let t = &text().logs;
    view! {
        <div class="state">
            <h3>{t.cancelled_title}</h3>
            <p>{t.cancelled_detail}</p>
            <div class="do">
                <button type="button" class="btn primary" on:click=move |_| on_retry.run(())>
                    {t.run_again}
                </button>
            </div>
        </div>
    }
}
