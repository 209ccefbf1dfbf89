//! Deleting a plugin.

use super::one::One;
use super::there;
use crate::pages::form::{Change, Confirm};
use crate::strings::plugins::text;
use leptos::prelude::*;
use lincei_api::PluginInfo;

/// Asks once more, and deletes it.
#[component]
pub(super) fn Remove(one: One, plugin: Memo<PluginInfo>, #[prop(into)] on_close: Callback<()>) -> impl IntoView {
    let t = text();
    let change = Change::new();
    let context = one.context;
    let remove = move |()| {
        let name = one.name();
        let (client, path) = (context.client, name.clone());
        change.start(async move { client.delete_plugin(&path).await }, move |()| {
            context.notify(&(text().removed)(&name));
            let to = there(context, "", &[]);
            context.go(|view| *view = to);
        });
    };
    let used = plugin.with_untracked(|plugin| plugin.used_by.join(", "));
    view! {
        <Confirm
            title=(t.remove_title)(&one.name())
            captions=(t.remove, t.removing)
            change
            on_confirm=remove
            on_close
        >
            <p>{t.remove_detail}</p>
            {(!used.is_empty()).then(|| view! { <p class="note warn">{(t.remove_used)(&used)}</p> })}
        </Confirm>
    }
}
