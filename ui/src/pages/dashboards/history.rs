//! The versions of a dashboard.

use super::board::Board;
use super::saved::{named, when};
use crate::ask::Asked;
use crate::client::Refusal;
use crate::components::{DataView, Icon, IconName};
use crate::strings::{self, dashboards::text};
use leptos::prelude::*;
use lincei_api::SavedVersion;
use std::sync::Arc;

/// The drawer with the versions.
#[component]
pub(super) fn History(board: Board) -> impl IntoView {
    let t = &text().history;
    let asked = Asked::<Vec<SavedVersion>>::new(board.context);
    let ask = move || {
        let id = board.id.get_value();
        asked.ask(move |call| async move { call.client.saved_versions(&id).await.map_err(Refusal::from) });
    };
    Effect::new(move |_| {
        // a save makes another version
        board.base.track();
        ask();
    });
    view! {
        <aside class="drawer" aria-label=t.title>
            <div class="drawer-head">
                <h2>{t.title}</h2>
                <span class="grow"></span>
                <button
                    type="button"
                    class="btn ghost icon-only"
                    aria-label=strings::text().shell.close
                    on:click=move |_| board.drawer.set(None)
                >
                    <Icon name=IconName::Cross />
                </button>
            </div>
            <div class="scroll grow">
                <DataView
                    asked
                    on_retry=Callback::new(move |()| ask())
                    outline=|| view! { <div class="card-wait"><i class="skeleton"></i><i class="skeleton"></i></div> }
                    let:versions
                >
                    <Versions board versions />
                </DataView>
            </div>
        </aside>
    }
}

#[component]
fn Versions(board: Board, versions: Arc<Vec<SavedVersion>>) -> impl IntoView {
    let latest = versions.first().map_or(0, |version| version.version);
    let name = board.base.with_untracked(|base| base.as_ref().map(|base| base.info.name.clone()));
    let row = move |version: &SavedVersion| {
        let number = version.version;
        let (said, full) = untrack(|| when(board.context, &version.saved_at));
        let shown = move || board.version.get().unwrap_or(latest) == number;
        let look = move |_| {
            let value = if number == latest { String::new() } else { number.to_string() };
            board.context.go(|view| {
                view.set_parameter("version", &value);
                view.set_parameter("edit", "");
            });
        };
        let t = &text().history;
        let renamed = (name.as_ref() != Some(&version.name)).then(|| (t.renamed)(&version.name));
        view! {
            <li>
                <button
                    type="button"
                    class="version"
                    class:on=shown
                    aria-current=move || shown().then_some("true")
                    on:click=look
                >
                    <span class="hstack">
                        <b>{(t.version)(&number.to_string())}</b>
                        {(number == latest).then(|| view! { <span class="badge">{t.latest}</span> })}
                    </span>
                    <span class="dim" title=full>{(t.by)(&named(&version.saved_by), &said)}</span>
                    {renamed.map(|renamed| view! { <span class="faint ell">{renamed}</span> })}
                </button>
            </li>
        }
    };
    view! { <ul class="versions">{versions.iter().map(row).collect_view()}</ul> }
}
