use crate::ask::Progress;
use crate::number;
use crate::strings::text;
use leptos::prelude::*;

/// How far a slow question has come, and the way to stop it.
#[component]
pub(crate) fn ProgressStrip(
    /// How far.
    progress: Progress,
    /// Stops it.
    on_cancel: Callback<()>,
) -> impl IntoView {
    let t = &text().logs;
    let time = number::milliseconds(progress.elapsed_ms);
    let known = progress.total > 0;
    let percent = if known { progress.scanned as f64 / progress.total as f64 * 100.0 } else { 0.0 };
    let words = if known {
        (t.progress)(&number::count(progress.scanned), &number::count(progress.total), &time)
    } else {
        (t.progress_unknown)(&time)
    };
    view! {
        <div class="progress strip">
            <span class="nowrap">{words}</span>
            <div
                class="track"
                role="progressbar"
                aria-label=t.loading
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=known.then(|| format!("{percent:.0}"))
            >
                <i class:unknown=!known style:width=format!("{percent:.1}%")></i>
            </div>
            <button type="button" class="btn" on:click=move |_| on_cancel.run(())>
                {t.cancel}
                <kbd aria-hidden="true">"Esc"</kbd>
            </button>
        </div>
    }
}
