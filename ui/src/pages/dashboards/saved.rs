//! Dashboards as the server keeps them.

use crate::calendar::{parse_utc, to_full};
use crate::client::Client;
use crate::context::Context;
use crate::dashboard::{Document, document_json};
use crate::failure::Failure;
use crate::number;
use crate::strings;
use leptos::prelude::*;
use lincei_api::{SavedInfo, SavedObject};

/// What the server calls a dashboard among what it keeps.
pub(super) const KIND: &str = "dashboard";

/// A new one.
pub(super) async fn create(client: Client, name: String, document: &Document) -> Result<SavedObject, Failure> {
    client.save_new(KIND, name, document_json(document)).await
}

/// `4 min 48 s ago`, and the full time; tracked.
pub(super) fn when(context: Context, time: &str) -> (String, String) {
    let Some(ns) = parse_utc(time) else { return (time.to_owned(), time.to_owned()) };
    let seconds = u64::try_from((context.now_ns() - ns) / 1_000_000_000).unwrap_or(0);
    // a figure that is read once does not need its seconds
    let seconds = if seconds >= 60 { seconds / 60 * 60 } else { seconds };
    let full = to_full(ns - ns.rem_euclid(1_000_000_000), context.offset_minutes(ns));
    let ago = (strings::text().time.ago)(&number::span(seconds));
    (ago, format!("{full} {}", context.zone_name(ns)))
}

/// Who saved a version.
pub(super) fn who(info: &SavedInfo) -> String {
    named(&info.updated_by)
}

/// A person as the audit log names them.
pub(super) fn named(name: &str) -> String {
    if name.is_empty() { strings::dashboards::text().list.unknown.to_owned() } else { name.to_owned() }
}

/// Leads to a dashboard, from a click or a key.
pub(super) fn open(context: Context, id: &str, editing: bool) {
    context.go(|view| {
        view.item = id.to_owned();
        view.query.clear();
        view.parameters.clear();
        if editing {
            view.set_parameter("edit", "1");
        }
    });
}

/// Leads to the list.
pub(super) fn open_list(context: Context) {
    context.open(crate::url_state::Page::Dashboards);
}

/// A key that keeps a draft apart from those of others.
pub(super) fn draft_key(id: &str) -> String {
    format!("lincei.dashboard.{id}")
}

/// Whether there is a draft of a dashboard in this browser.
pub(super) fn has_draft(id: &str) -> bool {
    crate::browser::remembered(&draft_key(id)).is_some_and(|draft| !draft.is_empty())
}

/// Does something with an answer, unless the view that holds `alive` is gone.
pub(super) fn then<T: 'static>(
    alive: StoredValue<()>,
    answer: impl Future<Output = Result<T, Failure>> + 'static,
    act: impl FnOnce(Result<T, Failure>) + 'static,
) {
    leptos::task::spawn_local(async move {
        let answer = answer.await;
        if alive.try_get_value().is_some() {
            act(answer);
        }
    });
}

/// Offers to put something back for ten seconds.
pub(super) fn forget_soon<T: PartialEq + Clone + Send + Sync + 'static>(offer: RwSignal<Option<T>>) {
    let offered = offer.get_untracked();
    leptos::task::spawn_local(async move {
        crate::browser::sleep_ms(10_000).await;
        if offer.try_get_untracked().is_some_and(|now| now == offered) {
            offer.set(None);
        }
    });
}
