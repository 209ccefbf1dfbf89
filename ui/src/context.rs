//! What every page and component shares: the view that the address bar shows, the session, the
//! state of the server, theme and zone.

use crate::browser;
use crate::calendar::parse_utc;
use crate::client::Client;
use crate::failure::Failure;
use crate::keys::Action;
use crate::strings::Language;
use crate::time_range::Window;
use crate::url_state::{Page, ViewState};
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{SessionInfo, StatusInfo};

const ZONE: &str = "lincei.zone";
const THEME: &str = "lincei.theme";
/// What the chosen language is remembered under.
pub(crate) const LANGUAGE: &str = "lincei.language";

/// Whether the reader is known to the server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Session {
    /// Not asked yet.
    Unknown,
    /// May go on; the account, where one is needed.
    Open(SessionInfo),
    /// Has to sign in; whether a session was open before.
    Closed { ended: bool },
    /// The server could not be asked.
    Failed(Failure),
}

/// Shared state; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Context {
    /// What the address bar shows.
    pub(crate) view: RwSignal<ViewState>,
    /// The session.
    pub(crate) session: RwSignal<Session>,
    /// The last answer about the server; none before the first.
    pub(crate) status: RwSignal<Option<Result<StatusInfo, Failure>>>,
    /// Whether the page is light.
    pub(crate) light: RwSignal<bool>,
    /// The window that the page shows, as of its last query.
    pub(crate) window: RwSignal<Window>,
    /// A short message, and a number that tells it from the one before.
    pub(crate) toast: RwSignal<Option<(u32, String)>>,
    /// Whether the list of keys is open.
    pub(crate) help: RwSignal<bool>,
    /// Whether the command palette is open.
    pub(crate) palette: RwSignal<bool>,
    /// Whether the picker of the time range is open.
    pub(crate) picker: RwSignal<bool>,
    /// What the page does on a key; true when it did something.
    pub(crate) on_action: StoredValue<Option<Callback<Action, bool>>>,
    /// The server.
    pub(crate) client: Client,
    remembered_utc: RwSignal<bool>,
    clock_lead_ns: StoredValue<i64>,
}

impl Context {
    /// Reads the address bar and what this browser remembers.
    pub(crate) fn new() -> Self {
        let (path, search) = browser::address();
        let view = ViewState::from_link(&path, &search);
        let session = RwSignal::new(Session::Unknown);
        let closed = Callback::new(move |()| session.set(Session::Closed { ended: true }));
        Self {
            window: RwSignal::new(view.range.window(browser::clock_ns())),
            view: RwSignal::new(view),
            session,
            status: RwSignal::new(None),
            light: RwSignal::new(document_is_light()),
            toast: RwSignal::new(None),
            help: RwSignal::new(false),
            palette: RwSignal::new(false),
            picker: RwSignal::new(false),
            on_action: StoredValue::new(None),
            client: Client::new(closed),
            remembered_utc: RwSignal::new(browser::remembered(ZONE).as_deref() == Some("utc")),
            clock_lead_ns: StoredValue::new(0),
        }
    }

    /// The one in the component tree.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Changes the view and the address bar, as a new entry of the history.
    pub(crate) fn go(&self, change: impl FnOnce(&mut ViewState)) {
        self.change(change, true);
    }

    /// Goes to a page; the time range stays.
    pub(crate) fn open(&self, page: Page) {
        self.go(|view| *view = ViewState { range: view.range, utc: view.utc, ..ViewState::of(page) });
    }

    /// A parameter of the page; empty when it is at its default; tracked.
    pub(crate) fn parameter(&self, name: &str) -> String {
        self.view.with(|view| view.parameter(name).to_owned())
    }

    /// Changes the view in the present entry of the history.
    pub(crate) fn adjust(&self, change: impl FnOnce(&mut ViewState)) {
        self.change(change, false);
    }

    fn change(&self, change: impl FnOnce(&mut ViewState), new_entry: bool) {
        let mut next = self.view.get_untracked();
        change(&mut next);
        if next != self.view.get_untracked() {
            browser::show_address(&next.to_link(), new_entry);
            self.view.set(next);
        }
    }

    /// Takes what Back and Forward left in the address bar.
    pub(crate) fn follow_address(&self) {
        let (path, search) = browser::address();
        let next = ViewState::from_link(&path, &search);
        if next != self.view.get_untracked() {
            self.view.set(next);
        }
    }

    /// Now, by the server's clock.
    pub(crate) fn now_ns(&self) -> i64 {
        browser::clock_ns().saturating_add(self.clock_lead_ns.get_value())
    }

    /// Whether times are shown in UTC; tracked.
    pub(crate) fn utc(&self) -> bool {
        self.view.with(|view| view.utc).unwrap_or_else(|| self.remembered_utc.get())
    }

    /// The offset of the zone shown at `ns`, in minutes east of UTC; tracked.
    pub(crate) fn offset_minutes(&self, ns: i64) -> i32 {
        if self.utc() { 0 } else { browser::local_offset_minutes(ns) }
    }

    /// The name of the zone shown at `ns`; tracked.
    pub(crate) fn zone_name(&self, ns: i64) -> String {
        if self.utc() { "UTC".to_owned() } else { browser::local_zone_name(ns) }
    }

    /// Shows times in UTC, or in the reader's zone, from now on.
    pub(crate) fn set_utc(&self, utc: bool) {
        browser::remember(ZONE, if utc { "utc" } else { "local" });
        self.remembered_utc.set(utc);
        self.adjust(|view| view.utc = None);
    }

    /// Changes between the dark and the light theme, and remembers it.
    pub(crate) fn toggle_theme(&self) {
        let light = !self.light.get_untracked();
        let theme = if light { "light" } else { "dark" };
        browser::remember(THEME, theme);
        if let Some(root) = document().document_element() {
            drop(root.set_attribute("data-theme", theme));
        }
        self.light.set(light);
    }

    /// Shows everything in another language from now on: the page is loaded again.
    pub(crate) fn set_language(&self, language: Language) {
        browser::remember(LANGUAGE, language.tag());
        browser::reload();
    }

    /// Shows a short message for two seconds.
    pub(crate) fn notify(&self, message: &str) {
        let toast = self.toast;
        let number = toast.with_untracked(|t| t.as_ref().map_or(0, |(n, _)| n.wrapping_add(1)));
        toast.set(Some((number, message.to_owned())));
        spawn_local(async move {
            browser::sleep_ms(2000).await;
            if toast.with_untracked(|t| t.as_ref().is_some_and(|(n, _)| *n == number)) {
                toast.set(None);
            }
        });
    }

    /// Copies `text` and says so.
    pub(crate) fn copy(self, text: String, done: &'static str) {
        spawn_local(async move {
            let copied = browser::copy(&text).await;
            self.notify(if copied { done } else { crate::strings::text().shell.copy_failed });
        });
    }

    /// What the page shows, for somebody else: without what passes, and with the window itself, as a
    /// relative range would show something else later.
    pub(crate) fn shared_view(&self) -> ViewState {
        let mut view = self.view.get_untracked();
        view.range = self.window.get_untracked().fixed();
        for passing in ["live", "edit", "refresh"] {
            view.set_parameter(passing, "");
        }
        view
    }

    /// Copies a link to what the page shows.
    pub(crate) fn copy_link(self) {
        let link = format!("{}{}", browser::origin().0, self.shared_view().to_link());
        self.copy(link, crate::strings::text().shell.link_copied);
    }

    /// Asks who the reader is.
    pub(crate) async fn load_session(self) {
        let session = match self.client.session().await {
            Ok(info) => {
                self.client.begin_session(&info);
                if info.auth_required && info.account.is_none() {
                    Session::Closed { ended: false }
                } else {
                    Session::Open(info)
                }
            }
            Err(failure) => Session::Failed(failure),
        };
        self.session.set(session);
    }

    /// Asks how the server is.
    pub(crate) async fn load_status(self) {
        let status = self.client.status().await;
        if let Some(now_ns) = status.as_ref().ok().and_then(|status| parse_utc(&status.now)) {
            self.clock_lead_ns.set_value(browser::clock_lead_ns(now_ns));
        }
        if self.status.with_untracked(|known| known.as_ref() != Some(&status)) {
            self.status.set(Some(status));
        }
    }
}

fn document_is_light() -> bool {
    let root = document().document_element();
    root.and_then(|root| root.get_attribute("data-theme")).as_deref() == Some("light")
}
