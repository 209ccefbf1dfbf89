//! Views kept on the server under a name.

use super::model::LogsModel;
use crate::ask::Asked;
use crate::browser;
use crate::client::Refusal;
use crate::components::{DataView, Icon, IconName, Show};
use crate::failure::Failure;
use crate::saved_view::{content_of, view_of};
use crate::strings::{explore, text};
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use lincei_api::{SavedInfo, SavedList};

/// What the server calls a view among what it keeps.
const KIND: &str = "view";
const BUTTON_ID: &str = "views-button";
const MENU_ID: &str = "views-menu";
const NAME_ID: &str = "view-name";
const NAME_MAX: &str = "120";

/// A handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct Views {
    /// Whether the menu is open.
    pub(super) menu: RwSignal<bool>,
    model: LogsModel,
    list: Asked<SavedList>,
    /// The view that was opened or saved last.
    current: RwSignal<Option<String>>,
    failed: RwSignal<Option<Failure>>,
}

/// What a row of the menu asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Nothing,
    Renaming,
    Replacing,
    Deleting,
}

impl Views {
    pub(super) fn new(model: LogsModel) -> Self {
        Self {
            menu: RwSignal::new(false),
            model,
            list: Asked::new(model.context),
            current: RwSignal::new(None),
            failed: RwSignal::new(None),
        }
    }

    fn load(&self) {
        self.list.ask(|call| async move { call.client.saved_list(Some(KIND)).await.map_err(Refusal::Failed) });
    }

    fn close(&self) {
        self.menu.set(false);
        request_animation_frame(|| browser::focus(BUTTON_ID));
    }

    /// Does something on the server, says so, and lists anew.
    fn work<F>(&self, done: fn(&str) -> String, work: F)
    where
        F: Future<Output = Result<(String, Option<String>), Failure>> + 'static,
    {
        let views = *self;
        views.failed.set(None);
        spawn_local(async move {
            match work.await {
                Ok((name, current)) => {
                    views.current.set(current);
                    views.model.context.notify(&done(&name));
                }
                Err(failure) => views.failed.set(Some(failure)),
            }
            views.load();
        });
    }

    fn create(&self, name: String) {
        let context = self.model.context;
        let content = context.view.with_untracked(content_of);
        self.work(explore::text().view_saved, async move {
            let saved = context.client.save_new(KIND, name, content).await?;
            Ok((saved.info.name, Some(saved.info.id)))
        });
    }

    /// Puts the present view in the place of a saved one.
    fn replace(&self, info: SavedInfo) {
        let context = self.model.context;
        let content = context.view.with_untracked(content_of);
        self.work(explore::text().view_saved, async move {
            let saved = context.client.save(&info.id, info.name, content, info.version).await?;
            Ok((saved.info.name, Some(saved.info.id)))
        });
    }

    fn rename(&self, info: SavedInfo, name: String) {
        let (client, current) = (self.model.context.client, self.current.get_untracked());
        self.work(explore::text().view_saved, async move {
            let known = client.saved(&info.id, None).await?;
            let saved = client.save(&info.id, name, known.content, info.version).await?;
            Ok((saved.info.name, current))
        });
    }

    fn delete(&self, info: SavedInfo) {
        let (client, current) = (self.model.context.client, self.current.get_untracked());
        self.work(explore::text().view_deleted, async move {
            client.delete_saved(&info.id).await?;
            Ok((info.name, current.filter(|id| *id != info.id)))
        });
    }

    fn open(&self, info: SavedInfo) {
        let (views, context) = (*self, self.model.context);
        views.failed.set(None);
        spawn_local(async move {
            match context.client.saved(&info.id, None).await.map(|saved| view_of(&saved.content)) {
                Ok(Some(view)) => {
                    views.current.set(Some(info.id));
                    context.go(|now| *now = view);
                    views.close();
                }
                Ok(None) => views.failed.set(Some(Failure::Malformed(explore::text().view_odd.to_owned()))),
                Err(failure) => {
                    views.failed.set(Some(failure));
                    views.load();
                }
            }
        });
    }
}

/// The button, and the menu of saved views.
#[component]
pub(super) fn ViewsButton(views: Views) -> impl IntoView {
    let t = explore::text();
    let menu = views.menu;
    view! {
        <div class="anchor wide-only">
            <button
                type="button"
                id=BUTTON_ID
                class="btn ghost"
                aria-haspopup="dialog"
                aria-expanded=move || menu.get().to_string()
                title=t.views
                on:click=move |_| menu.update(|open| *open = !*open)
            >
                {t.save}
            </button>
            <Show when=move || menu.get()>
                <Menu views />
            </Show>
        </div>
    }
}

#[component]
fn Menu(views: Views) -> impl IntoView {
    let t = explore::text();
    views.failed.set(None);
    views.load();
    let name = RwSignal::new(String::new());
    Effect::new(|_| browser::focus(NAME_ID));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = name.get_untracked().trim().to_owned();
        if typed.is_empty() {
            browser::focus(NAME_ID);
        } else {
            name.set(String::new());
            views.create(typed);
        }
    };
    let failure = move || {
        views.failed.get().map(|failure| {
            let title = if failure.code() == "conflict" { t.view_conflict } else { failure.title() };
            view! {
                <p class="note bad" role="alert">
                    <span>
                        <b>{title}</b>
                        " "
                        {failure.detail()}
                    </span>
                </p>
            }
        })
    };
    view! {
        <div class="backdrop" on:click=move |_| views.menu.set(false)></div>
        <div id=MENU_ID class="menu tool-menu views-menu" role="dialog" aria-label=t.views tabindex="-1">
            <form class="hstack" on:submit=submit>
                <input
                    id=NAME_ID
                    class="input grow"
                    aria-label=t.view_name
                    placeholder=t.view_name
                    maxlength=NAME_MAX
                    autocomplete="off"
                    bind:value=name
                />
                <button type="submit" class="btn primary">{t.save}</button>
            </form>
            {failure}
            <h3 class="menu-head">{t.views}</h3>
            <DataView asked=views.list on_retry=move |()| views.load() outline=outline let:list>
                <Saved views list=list.items.clone() />
            </DataView>
        </div>
    }
}

fn outline() -> impl IntoView {
    view! {
        <div class="vstack menu-text">
            <i class="skeleton"></i>
            <i class="skeleton"></i>
        </div>
    }
}

#[component]
fn Saved(views: Views, list: Vec<SavedInfo>) -> impl IntoView {
    if list.is_empty() {
        return view! { <p class="menu-text faint">{explore::text().no_views}</p> }.into_any();
    }
    let rows = list.into_iter().map(|info| view! { <Row views info /> });
    view! { <ul class="scroll">{rows.collect_view()}</ul> }.into_any()
}

#[component]
fn Row(views: Views, info: SavedInfo) -> impl IntoView {
    let doing = RwSignal::new(Doing::Nothing);
    move || {
        let info = info.clone();
        match doing.get() {
            Doing::Nothing => view! { <Closed views info doing /> }.into_any(),
            Doing::Renaming => view! { <Rename views info doing /> }.into_any(),
            Doing::Replacing | Doing::Deleting => view! { <Confirm views info doing /> }.into_any(),
        }
    }
}

#[component]
fn Closed(views: Views, info: SavedInfo, doing: RwSignal<Doing>) -> impl IntoView {
    let t = explore::text();
    let on = views.current.with(|current| current.as_ref() == Some(&info.id));
    let name = info.name.clone();
    let button = |label: String, icon, next| {
        view! {
            <button type="button" class="foot-button" aria-label=label.clone() title=label on:click=move |_| doing.set(next)>
                <Icon name=icon small=true />
            </button>
        }
    };
    let saved = (t.view_by)(&info.updated_by, &info.version.to_string());
    view! {
        <li class="menu-item view-row" class:on=on>
            <button type="button" class="view-open ell" title=saved on:click=move |_| views.open(info.clone())>
                {name.clone()}
            </button>
            {button((t.replace_view)(&name), IconName::Save, Doing::Replacing)}
            {button((t.rename_view)(&name), IconName::Edit, Doing::Renaming)}
            {button((t.delete_view)(&name), IconName::Trash, Doing::Deleting)}
        </li>
    }
}

#[component]
fn Rename(views: Views, info: SavedInfo, doing: RwSignal<Doing>) -> impl IntoView {
    let t = explore::text();
    let name = RwSignal::new(info.name.clone());
    let field = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        let Some(field) = field.get() else { return };
        // After the name was written into it.
        request_animation_frame(move || {
            drop(field.focus());
            field.select();
        });
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = name.get_untracked().trim().to_owned();
        doing.set(Doing::Nothing);
        if !typed.is_empty() && typed != info.name {
            views.rename(info.clone(), typed);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            doing.set(Doing::Nothing);
        }
    };
    view! {
        <li class="view-edit">
            <form class="hstack" on:submit=submit on:keydown=on_key>
                <input class="input grow" node_ref=field aria-label=t.view_name maxlength=NAME_MAX bind:value=name />
                <button type="submit" class="btn">{t.rename}</button>
            </form>
        </li>
    }
}

#[component]
fn Confirm(views: Views, info: SavedInfo, doing: RwSignal<Doing>) -> impl IntoView {
    let t = explore::text();
    let deletes = doing.get_untracked() == Doing::Deleting;
    let (question, caption) = if deletes {
        ((t.delete_question)(&info.name), t.delete)
    } else {
        ((t.replace_question)(&info.name), t.replace)
    };
    let keep = NodeRef::<leptos::html::Button>::new();
    Effect::new(move |_| {
        if let Some(keep) = keep.get() {
            drop(keep.focus());
        }
    });
    let act = move |_| {
        doing.set(Doing::Nothing);
        if deletes { views.delete(info.clone()) } else { views.replace(info.clone()) }
    };
    view! {
        <li class="view-edit hstack" role="group" aria-label=question.clone()>
            <span class="grow">{question.clone()}</span>
            <button type="button" class="btn" class:danger=deletes on:click=act>
                {caption}
            </button>
            <button type="button" class="btn ghost" node_ref=keep on:click=move |_| doing.set(Doing::Nothing)>
                {text().logs.cancel}
            </button>
        </li>
    }
}
