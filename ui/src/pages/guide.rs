//! The page while nothing was sent yet: what to copy to send a first line or request. It is replaced
//! by the data as soon as the server has some.

use crate::browser;
use crate::code::Language;
use crate::components::{Code, CopyButton, Show, Tabs};
use crate::context::{Context, Session};
use crate::number;
use crate::snippet::{reachable, snippets};
use crate::strings::guide;
use leptos::prelude::*;
use lincei_api::Endpoints;

/// What to copy to send something.
#[component]
pub(crate) fn Guide() -> impl IntoView {
    let context = Context::get();
    let t = guide::text();
    let endpoints = Memo::new(move |_| {
        context.status.with(|status| match status {
            Some(Ok(status)) => status.endpoints.clone(),
            _ => Endpoints::default(),
        })
    });
    let key_needed = Memo::new(move |_| {
        context.session.with(|session| matches!(session, Session::Open(info) if info.auth_required))
            || context.status.with(|status| matches!(status, Some(Ok(status)) if status.auth_required))
    });
    let listening = move || {
        let (_, host) = browser::origin();
        let endpoints = endpoints.get();
        let at = |address: &str| reachable(address, &host);
        (t.listening)(&at(&endpoints.otlp_grpc), &at(&endpoints.otlp_http), &at(&endpoints.http))
    };
    let others_named = move || {
        context.status.with(|status| {
            let Some(Ok(status)) = status else { return String::new() };
            let some = status
                .tables
                .iter()
                .filter(|table| table.rows > 0 && matches!(table.name.as_str(), "spans" | "metrics"));
            some.map(|table| format!("{} {}", number::count(table.rows), table.name)).collect::<Vec<_>>().join(", ")
        })
    };
    let others = move || {
        let named = others_named();
        (!named.is_empty()).then(|| view! { <p class="note">{(t.other_signals)(&named)}</p> })
    };
    view! {
        <div class="body scroll guide-body">
            <div class="guide">
                <h2>{move || if others_named().is_empty() { t.title } else { t.logs_title }}</h2>
                <p class="dim">{t.lead}</p>
                <p class="guide-wait" role="status">
                    <i class="pulse" aria-hidden="true"></i>
                    <b>{t.waiting}</b>
                    <span class="dim">{listening}</span>
                </p>
                {others}
                <Show when=move || key_needed.get()>
                    <p class="note warn">{t.key_needed}</p>
                </Show>
                {move || view! { <Sources endpoints=endpoints.get() key_needed=key_needed.get() /> }}
            </div>
        </div>
    }
}

/// One tab per client.
#[component]
fn Sources(endpoints: Endpoints, key_needed: bool) -> impl IntoView {
    let t = guide::text();
    let (origin, host) = browser::origin();
    let all = snippets(&endpoints, &origin, &host, key_needed);
    let chosen = RwSignal::new(0_usize);
    let captions: Vec<String> = all.iter().map(|snippet| snippet.name.to_owned()).collect();
    let panel = move || {
        all.get(chosen.get()).cloned().map(|snippet| {
            let code = snippet.code.clone();
            view! {
                <div class="source-head">
                    <span class="dim grow">{snippet.note}</span>
                    <CopyButton
                        content=Callback::new(move |()| code.clone())
                        label=t.copy
                        caption=t.copy
                        class="primary"
                    />
                </div>
                <Code content=snippet.code language=Language::Script />
            }
        })
    };
    view! {
        <section class="panel sources">
            <Tabs
                label=t.sources
                id="source"
                captions=Signal::stored(captions)
                chosen
                on_choose=Callback::new(move |place| chosen.set(place))
            />
            <div
                id="source-panel"
                class="panel-body"
                role="tabpanel"
                aria-labelledby=move || format!("source-{}", chosen.get())
            >
                {panel}
            </div>
        </section>
    }
}
