use super::model::{FromSaved, SqlModel, Wish};
use super::saved::{KIND, STATEMENT, from_object};
use crate::components::{Dialog, Icon, IconName, Show};
use crate::failure::Failure;
use crate::strings::sql;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

/// Characters of a name.
const NAME_MAX: usize = 120;

/// Saves the statement in the editor.
#[component]
pub(super) fn SaveButton(model: SqlModel) -> impl IntoView {
    let t = &sql::text().saved;
    let open = RwSignal::new(false);
    let name = move || model.saved.with(|saved| saved.as_ref().map(|saved| saved.name.clone()));
    let changed = move || {
        let differs = model.saved.with(|saved| saved.as_ref().is_some_and(|s| model.text.with(|text| *text != s.sql)));
        differs.then(|| view! { <span class="badge">{t.changed}</span> })
    };
    let press = move |_| {
        if model.text.with_untracked(|text| text.trim().is_empty()) {
            model.context.notify(sql::text().editor.write_first);
            model.ask_editor(Wish::Focus);
        } else {
            open.set(true);
        }
    };
    view! {
        <span class="ell dim sql-saved-name">{name}</span>
        {changed}
        <button type="button" class="btn" on:click=press>
            <Icon name=IconName::Save />
            {t.save}
        </button>
        <Show when=move || open.get()>
            <SaveDialog model on_close=Callback::new(move |()| open.set(false)) />
        </Show>
    }
}

#[component]
fn SaveDialog(model: SqlModel, on_close: Callback<()>) -> impl IntoView {
    let t = &sql::text().saved;
    let known = model.saved.get_untracked();
    let name = RwSignal::new(known.as_ref().map(|saved| saved.name.clone()).unwrap_or_default());
    let wrong = RwSignal::new(None::<String>);
    let save = move |over: Option<FromSaved>| {
        let chosen = name.get_untracked().trim().to_owned();
        if chosen.is_empty() || chosen.chars().count() > NAME_MAX {
            wrong.set(Some(t.name_missing.to_owned()));
            return;
        }
        spawn_local(async move {
            match store(model, chosen.clone(), over).await {
                Ok(saved) => {
                    model.context.adjust(|view| view.set_parameter("saved", &saved.id));
                    model.saved.set(Some(saved));
                    model.context.notify(&(t.done)(&chosen));
                    on_close.run(());
                }
                Err(failure) if failure.code() == "conflict" => wrong.set(Some(t.conflict.to_owned())),
                Err(failure) => wrong.set(Some(failure.detail())),
            }
        });
    };
    let over = known.clone();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save(over.clone());
    };
    let has_known = known.is_some();
    let caption = known.map_or_else(|| t.save.to_owned(), |saved| (t.update)(&saved.name));
    view! {
        <Dialog title=t.save_title on_close=on_close>
            <form class="sql-dialog" on:submit=submit>
                <div class="field">
                    <label for="saved-name">{t.name}</label>
                    <input
                        id="saved-name"
                        class="input"
                        class:bad=move || wrong.get().is_some()
                        aria-describedby="saved-hint"
                        autocomplete="off"
                        bind:value=name
                    />
                    <span id="saved-hint" class="hint bad" role="status">
                        {move || wrong.get()}
                    </span>
                </div>
                <div class="hstack">
                    <button type="submit" class="btn primary">
                        <span class="ell">{caption}</span>
                    </button>
                    {has_known
                        .then(|| {
                            view! {
                                <button type="button" class="btn" on:click=move |_| save(None)>
                                    {t.save_new}
                                </button>
                            }
                        })}
                </div>
            </form>
        </Dialog>
    }
}

/// Saves as the next version of a query, or as a new one.
async fn store(model: SqlModel, name: String, over: Option<FromSaved>) -> Result<FromSaved, Failure> {
    let content = json!({ STATEMENT: model.text.get_untracked() });
    let client = model.context.client;
    let object = match over {
        Some(known) => client.save(&known.id, name, content, known.version).await?,
        None => client.save_new(KIND, name, content).await?,
    };
    from_object(&object).ok_or_else(|| Failure::Malformed(sql::text().saved.unreadable.to_owned()))
}
