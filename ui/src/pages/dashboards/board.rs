//! One dashboard while it is open: as it was saved, as it is changed here, and what of it is shown.

use super::{flaw, saved};
use crate::browser;
use crate::context::Context;
use crate::dashboard::{
    Choice, Colours, Document, Layout, Panel, Turns, Variable, document_json, document_of, from_link, to_link,
};
use crate::failure::Failure;
use crate::strings::dashboards::text;
use leptos::prelude::*;
use lincei_api::{SavedInfo, SavedObject};
use serde_json::{Value, json};
use std::sync::Arc;

/// Questions of panels at once.
const AT_ONCE: usize = 4;

/// Whether the dashboard is there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Opening {
    Waiting,
    Ready,
    Gone,
    Unreadable(String),
    Failed(Failure),
}

/// A version as the server has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Version {
    pub(super) info: SavedInfo,
    pub(super) document: Document,
}

/// What is open beside the panels.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Drawer {
    /// A panel, and whether it is new.
    Panel(Box<Panel>, bool),
    /// A variable: the name of the one that is changed; none for a new one.
    Variable(Option<String>),
    /// Versions.
    History,
}

/// A dialog over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    Details,
    Import,
}

/// Why it was not saved.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Trouble {
    /// Somebody else has saved meanwhile: this version.
    Conflict(Box<SavedInfo>),
    Failed(Failure),
}

/// State of the page; a handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct Board {
    pub(super) context: Context,
    pub(super) id: StoredValue<String>,
    /// There while the page is.
    pub(super) alive: StoredValue<()>,
    pub(super) opening: RwSignal<Opening>,
    /// The latest version that is known.
    pub(super) base: RwSignal<Option<Arc<Version>>>,
    pub(super) name: RwSignal<String>,
    pub(super) document: RwSignal<Document>,
    /// An older version that is looked at.
    pub(super) older: RwSignal<Option<Arc<Version>>>,
    /// Number of the older version that the link names.
    pub(super) version: Memo<Option<u64>>,
    /// What is shown.
    pub(super) shown: Memo<Document>,
    pub(super) dirty: Memo<bool>,
    pub(super) editing: Memo<bool>,
    pub(super) choice: Memo<Choice>,
    /// Where panels are while one of them is moved.
    pub(super) moving: RwSignal<Option<Layout>>,
    pub(super) layout: Memo<Layout>,
    pub(super) drawer: RwSignal<Option<Drawer>>,
    pub(super) asking: RwSignal<Option<Asking>>,
    pub(super) trouble: RwSignal<Option<Trouble>>,
    pub(super) saving: RwSignal<bool>,
    /// Whether the draft was found in this browser.
    pub(super) found: RwSignal<bool>,
    /// Counts how often everything was asked anew.
    pub(super) epoch: RwSignal<u64>,
    /// Counts how often slow questions were stopped.
    pub(super) stopped: RwSignal<u64>,
    /// Said to a screen reader.
    pub(super) said: RwSignal<String>,
    /// A panel that was removed, and can be put back.
    pub(super) removed: RwSignal<Option<Document>>,
    pub(super) turns: StoredValue<Turns, LocalStorage>,
    pub(super) colours: StoredValue<Colours>,
}

impl Board {
    pub(super) fn new(context: Context, id: String) -> Self {
        let (name, document) = (RwSignal::new(String::new()), RwSignal::new(Document::default()));
        let (base, older) = (RwSignal::new(None::<Arc<Version>>), RwSignal::new(None::<Arc<Version>>));
        let version = Memo::new(move |_| context.parameter("version").parse().ok());
        let shown = Memo::new(move |_| match older.get().filter(|_| version.get().is_some()) {
            Some(older) => older.document.clone(),
            None => document.get(),
        });
        let dirty = Memo::new(move |_| {
            base.with(|base| {
                base.as_ref().is_some_and(|base| {
                    name.with(|name| *name != base.info.name) || document.with(|document| *document != base.document)
                })
            })
        });
        let moving = RwSignal::new(None::<Layout>);
        Self {
            context,
            id: StoredValue::new(id),
            alive: StoredValue::new(()),
            opening: RwSignal::new(Opening::Waiting),
            base,
            name,
            document,
            older,
            version,
            shown,
            dirty,
            editing: Memo::new(move |_| context.parameter("edit") == "1" && version.get().is_none()),
            choice: Memo::new(move |_| choice_of(context, &shown.get().variables)),
            moving,
            layout: Memo::new(move |_| moving.get().unwrap_or_else(|| shown.with(Document::layout))),
            drawer: RwSignal::new(None),
            asking: RwSignal::new(None),
            trouble: RwSignal::new(None),
            saving: RwSignal::new(false),
            found: RwSignal::new(false),
            epoch: RwSignal::new(0),
            stopped: RwSignal::new(0),
            said: RwSignal::new(String::new()),
            removed: RwSignal::new(None),
            turns: StoredValue::new_local(Turns::new(AT_ONCE)),
            colours: StoredValue::new(Colours::default()),
        }
    }

    /// Asks the server for the dashboard.
    pub(super) fn load(self) {
        self.opening.set(Opening::Waiting);
        let (client, id) = (self.context.client, self.id.get_value());
        saved::then(self.alive, async move { client.saved(&id, None).await }, move |answer| match answer {
            Ok(object) => self.take(&object),
            Err(failure) if failure.code() == "not_found" => self.opening.set(Opening::Gone),
            Err(failure) => self.opening.set(Opening::Failed(failure)),
        });
    }

    /// Asks for the version that the link names.
    pub(super) fn load_older(self) {
        let Some(number) = self.version.get_untracked() else {
            self.older.set(None);
            return;
        };
        let (client, id) = (self.context.client, self.id.get_value());
        saved::then(self.alive, async move { client.saved(&id, Some(number)).await }, move |answer| match answer {
            Ok(object) => match read(&object) {
                Ok(version) if self.version.get_untracked() == Some(number) => {
                    self.older.set(Some(Arc::new(version)));
                }
                Ok(_) => {}
                Err(what) => self.context.notify(&what),
            },
            Err(failure) => {
                self.context.notify(&flaw::failure(&failure));
                self.context.adjust(|view| view.set_parameter("version", ""));
            }
        });
    }

    /// Takes what the server has; a draft kept in this browser goes before it.
    fn take(self, object: &SavedObject) {
        match read(object) {
            Ok(version) => {
                let draft = self.draft();
                self.found.set(draft.is_some());
                let (name, document, based_on) = draft
                    .unwrap_or_else(|| (version.info.name.clone(), version.document.clone(), version.info.version));
                let mut base = version;
                // what is saved later is compared with the version that the draft was made from
                base.info.version = based_on;
                self.settle(base, name, document);
            }
            Err(what) => self.opening.set(Opening::Unreadable(what)),
        }
    }

    fn settle(self, base: Version, name: String, document: Document) {
        self.base.set(Some(Arc::new(base)));
        self.name.set(name);
        self.document.set(document);
        self.opening.set(Opening::Ready);
    }

    fn draft(self) -> Option<(String, Document, u64)> {
        let text = browser::remembered(&saved::draft_key(&self.id.get_value()))?;
        let value: Value = serde_json::from_str(&text).ok()?;
        let (_, document) = document_of(value.get("content")?).ok()?;
        Some((value.get("name")?.as_str()?.to_owned(), document, value.get("version")?.as_u64()?))
    }

    /// Keeps the changes in this browser, or forgets them when there are none.
    pub(super) fn keep_draft(self) {
        let key = saved::draft_key(&self.id.get_value());
        if !self.dirty.get_untracked() {
            if saved::has_draft(&self.id.get_value()) {
                browser::remember(&key, "");
            }
            return;
        }
        let version = self.base.with_untracked(|base| base.as_ref().map_or(0, |base| base.info.version));
        let content = self.document.with_untracked(document_json);
        let draft = json!({ "name": self.name.get_untracked(), "version": version, "content": content });
        browser::remember(&key, &draft.to_string());
    }

    /// Changes the draft.
    pub(super) fn change(self, change: impl FnOnce(&mut Document)) {
        self.document.update(change);
        self.keep_draft();
    }

    /// Goes back to what was saved.
    pub(super) fn discard(self) {
        if let Some(base) = self.base.get_untracked() {
            browser::remember(&saved::draft_key(&self.id.get_value()), "");
            self.found.set(false);
            self.trouble.set(None);
            self.drawer.set(None);
            self.load();
            self.settle((*base).clone(), base.info.name.clone(), base.document.clone());
        }
    }

    /// Saves the draft as the next version.
    pub(super) fn save(self) {
        let Some(version) = self.base.with_untracked(|base| base.as_ref().map(|base| base.info.version)) else {
            return;
        };
        self.store(self.name.get_untracked(), self.document.get_untracked(), version, text().board.saved.to_owned());
    }

    /// Saves an older version as the next.
    pub(super) fn restore(self, older: &Version) {
        let Some(version) = self.base.with_untracked(|base| base.as_ref().map(|base| base.info.version)) else {
            return;
        };
        let done = (text().history.restored)(&older.info.version.to_string());
        self.store(older.info.name.clone(), older.document.clone(), version, done);
    }

    fn store(self, name: String, document: Document, version: u64, done: String) {
        if self.saving.get_untracked() {
            return;
        }
        self.saving.set(true);
        let (client, id) = (self.context.client, self.id.get_value());
        let content = document_json(&document);
        saved::then(self.alive, async move { client.save(&id, name, content, version).await }, move |answer| {
            self.saving.set(false);
            match answer {
                Ok(object) => {
                    self.trouble.set(None);
                    self.found.set(false);
                    let name = object.info.name.clone();
                    self.settle(Version { info: object.info, document: document.clone() }, name, document);
                    self.keep_draft();
                    self.context.adjust(|view| view.set_parameter("version", ""));
                    self.context.notify(&done);
                }
                Err(failure) if failure.code() == "conflict" => self.ask_who_saved(failure),
                Err(failure) => self.trouble.set(Some(Trouble::Failed(failure))),
            }
        });
    }

    fn ask_who_saved(self, conflict: Failure) {
        let (client, id) = (self.context.client, self.id.get_value());
        saved::then(self.alive, async move { client.saved(&id, None).await }, move |answer| {
            self.trouble.set(Some(match answer {
                Ok(object) => Trouble::Conflict(Box::new(object.info)),
                Err(_) => Trouble::Failed(conflict),
            }));
        });
    }

    /// Saves the draft as another dashboard, and opens that.
    pub(super) fn save_copy(self) {
        let name = (text().board.copy_of)(&self.name.get_untracked());
        let (client, document) = (self.context.client, self.document.get_untracked());
        saved::then(
            self.alive,
            async move { saved::create(client, name, &document).await },
            move |answer| match answer {
                Ok(object) => {
                    browser::remember(&saved::draft_key(&self.id.get_value()), "");
                    self.context.notify(&(text().list.duplicated)(&object.info.name));
                    saved::open(self.context, &object.info.id, false);
                }
                Err(failure) => self.trouble.set(Some(Trouble::Failed(failure))),
            },
        );
    }

    /// Asks everything anew, up to now.
    pub(super) fn refresh(self) {
        let range = self.context.view.with_untracked(|view| view.range);
        self.context.window.set(range.window(self.context.now_ns()));
        self.epoch.update(|epoch| *epoch += 1);
    }

    /// Begins or ends editing.
    pub(super) fn edit(self, on: bool) {
        self.context.adjust(|view| {
            view.set_parameter("edit", if on { "1" } else { "" });
            view.set_parameter("version", "");
        });
    }

    /// Chooses values for a variable.
    pub(super) fn choose(self, variable: &Variable, values: &[String]) {
        let (name, value) = (parameter(&variable.name), to_link(variable, values));
        self.context.go(|view| view.set_parameter(&name, &value));
    }

    /// Puts panels where a layout has them.
    pub(super) fn arrange(self, layout: &Layout) {
        self.moving.set(None);
        if self.document.with_untracked(|document| document.layout() != *layout) {
            self.change(|document| document.arrange(layout));
        }
    }
}

/// Name of the parameter of a variable.
pub(super) fn parameter(name: &str) -> String {
    format!("var.{name}")
}

fn choice_of(context: Context, variables: &[Variable]) -> Choice {
    let chosen = |variable: &Variable| {
        let values = from_link(&context.parameter(&parameter(&variable.name)))?;
        Some((variable.name.clone(), values))
    };
    variables.iter().filter_map(chosen).collect()
}

fn read(object: &SavedObject) -> Result<Version, String> {
    let (_, document) = document_of(&object.content).map_err(|found| flaw::document_flaw(&found))?;
    Ok(Version { info: object.info.clone(), document })
}
