//! Start, the frame around the pages, and the keyboard.

use crate::browser;
use crate::components::{FailurePanel, KeysDialog, Mark, Nav, Palette, Show, TabBar};
use crate::context::{Context, LANGUAGE, Session};
use crate::failure::Failure;
use crate::keys::{Action, Keys};
use crate::pages::{DashboardsPage, HomePage, LogsPage, PipelinesPage, PluginsPage, SettingsPage, SignInPage, SqlPage};
use crate::strings::{self, Language};
use crate::url_state::Page;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

/// Draws the page into the document. Called once, by the script that loads the module.
pub fn start() {
    choose_language();
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
        // The style sheet shows the note that the document holds for this case.
        if let Some(root) = document().document_element() {
            drop(root.set_attribute("data-stopped", ""));
        }
    }));
    if let Some(frame) = document().get_element_by_id("frame") {
        frame.remove();
    }
    mount_to_body(App);
}

/// The language chosen here before, else the browser's.
fn choose_language() {
    let tag = browser::remembered(LANGUAGE).or_else(|| window().navigator().language());
    let language = Language::for_tag(&tag.unwrap_or_default());
    strings::choose(language);
    if let Some(root) = document().document_element() {
        drop(root.set_attribute("lang", language.tag()));
    }
}

#[derive(Clone, PartialEq)]
enum Screen {
    Nothing,
    Page,
    SignIn(bool),
    Failed(Failure),
}

#[component]
fn App() -> impl IntoView {
    let context = Context::new();
    provide_context(context);
    window_event_listener(ev::popstate, move |_| context.follow_address());
    listen_to_keys(context);
    spawn_local(context.load_session());
    spawn_local(watch_status(context));
    let screen = Memo::new(move |_| {
        context.session.with(|session| match session {
            Session::Unknown => Screen::Nothing,
            Session::Open(_) => Screen::Page,
            Session::Closed { ended } => Screen::SignIn(*ended),
            Session::Failed(failure) => Screen::Failed(failure.clone()),
        })
    });
    view! {
        {move || match screen.get() {
            Screen::Nothing => view! { <Waiting /> }.into_any(),
            #[cfg(debug_assertions)]
            Screen::Page if browser::address().0 == crate::pages::GALLERY_PATH => {
                view! { <crate::pages::GalleryPage /> }.into_any()
            }
            Screen::Page => view! { <Shell /> }.into_any(),
            Screen::SignIn(ended) => view! { <SignInPage ended /> }.into_any(),
            Screen::Failed(failure) => view! { <Unreachable failure /> }.into_any(),
        }}
        <Toast />
    }
}

#[component]
fn Waiting() -> impl IntoView {
    view! { <div class="centre" aria-busy="true"><Mark /></div> }
}

#[component]
fn Unreachable(failure: Failure) -> impl IntoView {
    let context = Context::get();
    let retry = Callback::new(move |()| spawn_local(context.load_session()));
    view! {
        <main class="centre">
            <section class="panel"><FailurePanel failure on_retry=retry /></section>
        </main>
    }
}

#[component]
fn Shell() -> impl IntoView {
    let context = Context::get();
    let page = Memo::new(move |_| context.view.with(|view| view.page));
    view! {
        <div class="app">
            <Nav />
            {move || match page.get() {
                Page::Home => view! { <HomePage /> }.into_any(),
                Page::Logs => view! { <LogsPage /> }.into_any(),
                Page::Sql => view! { <SqlPage /> }.into_any(),
                Page::Dashboards => view! { <DashboardsPage /> }.into_any(),
                Page::Pipelines => view! { <PipelinesPage /> }.into_any(),
                Page::Plugins => view! { <PluginsPage /> }.into_any(),
                Page::Settings => view! { <SettingsPage /> }.into_any(),
            }}
            <TabBar />
        </div>
        <Show when=move || context.help.get()>
            <KeysDialog />
        </Show>
        <Show when=move || context.palette.get()>
            <Palette />
        </Show>
    }
}

#[component]
fn Toast() -> impl IntoView {
    let context = Context::get();
    let message = move || context.toast.with(|toast| toast.as_ref().map(|(_, message)| message.clone()));
    view! {
        <div class="toasts" role="status">
            {move || message().map(|message| view! { <div class="toast">{message}</div> })}
        </div>
    }
}

/// Asks for the state of the server: every two seconds while something is awaited (the first
/// line, the server itself), every ten seconds otherwise, and not while nobody looks.
async fn watch_status(context: Context) {
    let mut ticks = 0_u32;
    loop {
        let open = context.session.with_untracked(|session| matches!(session, Session::Open(_)));
        let awaited = context.status.with_untracked(|status| match status {
            Some(Ok(status)) => !status.tables.iter().any(|table| table.name == "logs" && table.rows > 0),
            Some(Err(_)) | None => true,
        });
        if open && browser::visible() && (awaited || ticks.is_multiple_of(5)) {
            context.load_status().await;
        }
        if context.session.with_untracked(|session| matches!(session, Session::Failed(Failure::Offline))) {
            context.load_session().await;
        }
        // The first answer is waited for by the page: look for the session often until it is open.
        browser::sleep_ms(if open { 2000 } else { 100 }).await;
        ticks = ticks.wrapping_add(u32::from(open));
    }
}

fn listen_to_keys(context: Context) {
    let keys = StoredValue::new(Keys::default());
    window_event_listener(ev::keydown, move |event| {
        let is_palette = event.key().eq_ignore_ascii_case("k") && (event.ctrl_key() || event.meta_key());
        if is_palette && !event.alt_key() && !event.shift_key() {
            event.prevent_default();
            act(context, Action::Palette, false);
            return;
        }
        if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let within = |selector: &str| target.as_ref().is_some_and(|t| matches!(t.closest(selector), Ok(Some(_))));
        let typing = within("input:not([type=checkbox]), textarea, select, [data-editor]");
        let pressing = within("button, a, summary, [role=checkbox]");
        let mut state = keys.get_value();
        let action = state.pressed(&event.key(), typing, pressing);
        keys.set_value(state);
        // A menu, dialog or side panel moves by its own arrows.
        let moves = matches!(action, Some(Action::PageDown | Action::PageUp | Action::First | Action::Last))
            || event.key().starts_with("Arrow");
        if moves && within(".drawer, .facets, .menu, .code, [role=dialog], [role=tablist]") {
            return;
        }
        if action.is_some_and(|action| act(context, action, typing)) {
            event.prevent_default();
        }
    });
}

/// Does what a key asks for; false when there was nothing to do.
fn act(context: Context, action: Action, typing: bool) -> bool {
    match action {
        Action::Help => context.help.update(|open| *open = !*open),
        Action::Palette => context.palette.update(|open| *open = !*open),
        Action::Escape if context.help.get_untracked() => context.help.set(false),
        Action::Escape if context.picker.get_untracked() => context.picker.set(false),
        _ if context.help.get_untracked() || context.palette.get_untracked() => return false,
        Action::Go(page) => context.open(page),
        action => {
            let handled = context.on_action.get_value().is_some_and(|handle| handle.run(action));
            if action == Action::Escape && typing && !handled {
                if let Some(field) = browser::focused() {
                    drop(field.blur());
                }
                return true;
            }
            return handled;
        }
    }
    true
}

/// Sets the title of the window.
pub(crate) fn set_title(title: &str) {
    document().set_title(title);
}
