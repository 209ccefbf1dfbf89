//! Pipelines: what records pass before they are stored, for each signal; edited, tried on recent records, and
//! saved.

mod add;
mod draft;
mod flow;
mod head;
mod routes;
mod row;
mod step;

use crate::app::set_title;
use crate::browser;
use crate::components::{Show, Tabs};
use crate::context::Context;
use crate::keys::Action;
use crate::pages::form::ReadOnly;
use crate::pages::live::{Live, LiveView, repeat};
use crate::pages::shown::Outline;
use crate::pages::trial::{SampleBar, TrialView, signal_name};
use crate::record_sample::{SIGNALS, signal};
use crate::strings::pipelines::text;
use crate::url_state::{Page, ViewState};
use draft::{Pipe, Server};
use flow::Flow;
use head::{Banners, Head};
use leptos::prelude::*;
use leptos::task::spawn_local;
use step::StepForm;

/// How often counters are asked for anew.
const PAUSE_MS: i32 = 5000;

/// The page.
#[component]
pub(crate) fn PipelinesPage() -> impl IntoView {
    let context = Context::get();
    let server = Server { context, live: Live::new(), plugins: RwSignal::new(Vec::new()) };
    repeat(PAUSE_MS, move || server.load());
    spawn_local(server.load_plugins());
    let chosen = Memo::new(move |_| context.view.with(|view| signal(&view.item)));
    Effect::new(move |_| set_title(&(text().document_title)(signal_name(chosen.get()))));
    on_cleanup(move || context.on_action.set_value(None));
    let again = move |()| spawn_local(server.load());
    let outline = || view! { <div class="settings-page"><section class="panel"><Outline rows=6 /></section></div> };
    view! {
        <main class="main">
            <LiveView live=server.live on_retry=again outline>
                {move || {
                    let pipe = Pipe::new(server, chosen.get());
                    view! { <Edited pipe /> }
                }}
            </LiveView>
        </main>
    }
}

/// One pipeline: its steps, one of them, and what all of them make of records.
#[component]
fn Edited(pipe: Pipe) -> impl IntoView {
    let context = pipe.context();
    context.on_action.set_value(Some(Callback::new(move |action| act(pipe, action))));
    let place = SIGNALS.iter().position(|known| *known == pipe.signal).unwrap_or(0);
    let captions = Signal::stored(SIGNALS.map(|signal| signal_name(signal).to_owned()).to_vec());
    let choose = move |place: usize| {
        let item = SIGNALS.get(place).copied().unwrap_or_default().to_owned();
        context.go(|view| {
            *view = ViewState { item, range: view.range, utc: view.utc, ..ViewState::of(Page::Pipelines) };
        });
    };
    view! {
        <Head pipe />
        <Tabs label=text().signals id="pipeline-tabs" captions chosen=place on_choose=choose />
        <ReadOnly />
        <Banners pipe />
        <div id="pipeline-tabs-panel" class="body pipeline" role="tabpanel">
            <Flow pipe />
            <section class="pipeline-step" aria-label=text().step>
                {move || view! { <StepForm pipe key=pipe.chosen.get() /> }}
            </section>
            <section class="pipeline-preview" aria-label=text().preview>
                <Show when=move || pipe.draft.with(|draft| !draft.steps.is_empty()) fallback=nothing_to_try>
                    <SampleBar trial=pipe.trial />
                    <Through pipe />
                    <TrialView trial=pipe.trial with_failure=true />
                </Show>
            </section>
        </div>
        <div class="sr" role="status">
            {move || pipe.said.get()}
        </div>
    }
}

fn nothing_to_try() -> AnyView {
    let t = text();
    view! {
        <div class="state">
            <h3>{t.preview}</h3>
            <p>{t.preview_empty}</p>
        </div>
    }
    .into_any()
}

/// Whether the preview ends with the chosen step.
#[component]
fn Through(pipe: Pipe) -> impl IntoView {
    let t = text();
    let caption = move || {
        let name = pipe.draft.with(|draft| Some(draft.get(pipe.chosen.get()?)?.step.name.clone()));
        name.map(|name| (t.through)(&name))
    };
    move || {
        caption().map(|caption| {
            view! {
                <label class="hstack through">
                    <input type="checkbox" bind:checked=pipe.through />
                    <span class="ell">{caption}</span>
                </label>
            }
        })
    }
}

fn act(pipe: Pipe, action: Action) -> bool {
    match action {
        Action::Refresh => {
            spawn_local(pipe.server.load());
            pipe.trial.again();
        }
        Action::Down => pipe.step_on(1),
        Action::Up => pipe.step_on(-1),
        Action::FocusSearch => browser::focus("trial-search"),
        _ => return false,
    }
    true
}
