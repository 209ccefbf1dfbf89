//! What a plugin wrote lately.

use super::PAUSE_MS;
use super::one::One;
use crate::pages::live::{Live, LiveView, repeat};
use crate::pages::shown::{Outline, Zone};
use crate::pages::trial::LogLines;
use crate::strings::plugins::text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::PluginLogLine;

/// The tab.
#[component]
pub(super) fn Log(one: One) -> impl IntoView {
    let t = text();
    let live = Live::<Vec<PluginLogLine>>::new();
    let load = move || async move {
        if let Some(name) = one.name.try_get_value() {
            live.take(one.context.client.plugin_log(&name).await);
        }
    };
    repeat(PAUSE_MS, load);
    let lines = move || {
        let lines = live.answer.get().map(|lines| (*lines).clone()).unwrap_or_default();
        if lines.is_empty() {
            return view! {
                <div class="state">
                    <h3>{t.no_log_title}</h3>
                    <p>{t.no_log_detail}</p>
                </div>
            }
            .into_any();
        }
        view! { <LogLines lines /> }.into_any()
    };
    view! {
        <section class="panel" aria-labelledby="log-title">
            <div class="panel-head">
                <h2 id="log-title">{t.log}</h2>
                <span class="end"><Zone /></span>
            </div>
            <LiveView live on_retry=move |()| spawn_local(load()) outline=|| view! { <Outline rows=6 /> }>
                {lines}
            </LiveView>
        </section>
    }
}
