use super::CopyButton;
use crate::failure::Failure;
use crate::strings::text;
use leptos::prelude::*;

/// What went wrong, why, and what to do about it.
#[expect(clippy::needless_pass_by_value, reason = "components own what they are given")]
#[component]
pub(crate) fn FailurePanel(
    /// The failure.
    failure: Failure,
    /// Tries again.
    on_retry: Callback<()>,
    /// Another way out, before Retry: its caption and what it does.
    #[prop(optional_no_strip)]
    way_out: Option<(String, Callback<()>)>,
) -> impl IntoView {
    let t = &text().failure;
    let reference = failure.reference();
    let details = format!("{}\n{}\n{}", failure.title(), failure.detail(), reference);
    let has_way_out = way_out.is_some();
    view! {
        <div class="state" role="alert">
            <div class="hstack">
                <i class="health bad"></i>
                <h3>{failure.title()}</h3>
            </div>
            <p>{failure.detail()}</p>
            <div class="do">
                {way_out
                    .map(|(caption, act)| {
                        view! {
                            <button type="button" class="btn primary" on:click=move |_| act.run(())>
                                {caption}
                            </button>
                        }
                    })}
                <button type="button" class="btn" class:primary=!has_way_out on:click=move |_| on_retry.run(())>
                    {t.retry}
                </button>
                <CopyButton
                    content=Callback::new(move |()| details.clone())
                    label=t.copy_details
                    caption=t.copy_details
                />
            </div>
            {(!reference.is_empty()).then(|| view! { <span class="reference mono faint">{reference.clone()}</span> })}
        </div>
    }
}
