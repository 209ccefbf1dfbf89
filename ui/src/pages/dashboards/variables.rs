//! The row of variables, and what can be chosen for them.

use super::board::{Board, Drawer};
use super::flaw;
use crate::ask::{Asked, Load};
use crate::browser;
use crate::calendar::rfc3339;
use crate::client::{Question, Refusal};
use crate::components::{Icon, IconName, Show};
use crate::dashboard::{Environment, Values, Variable, cell_text, sql};
use crate::strings::dashboards::text;
use crate::time_range::Window;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use lincei_api::{FieldsRequest, FieldsResponse, TimeInput};
use std::sync::Arc;

/// Values offered at most.
const OFFERED_MAX: u32 = 500;

/// All of them.
#[component]
pub(super) fn Variables(board: Board) -> impl IntoView {
    let t = text();
    let names = Memo::new(move |_| {
        board.shown.with(|shown| shown.variables.iter().map(|variable| variable.name.clone()).collect::<Vec<_>>())
    });
    let needed = Memo::new(move |_| names.with(|names| !names.is_empty()) || board.editing.get());
    view! {
        <Show when=move || needed.get()>
            <div class="toolbar board-variables" role="group" aria-label=t.variables.region>
                <For each=move || names.get() key=Clone::clone let:name>
                    <One board name />
                </For>
                <Show when=move || board.editing.get()>
                    <button
                        type="button"
                        class="btn ghost"
                        on:click=move |_| board.drawer.set(Some(Drawer::Variable(None)))
                    >
                        <Icon name=IconName::Plus />
                        {t.board.add_variable}
                    </button>
                </Show>
            </div>
        </Show>
    }
}

#[component]
fn One(board: Board, name: String) -> impl IntoView {
    let key = StoredValue::new(name.clone());
    let variable = Memo::new(move |before: Option<&Variable>| {
        let find = |name: &String| {
            board.shown.with(|shown| shown.variables.iter().find(|variable| variable.name == *name).cloned())
        };
        key.with_value(find).or_else(|| before.cloned()).unwrap_or_else(|| empty(&key.get_value()))
    });
    let text_kind = Memo::new(move |_| variable.with(Variable::is_text));
    let edit = move |_| board.drawer.set(Some(Drawer::Variable(Some(key.get_value()))));
    view! {
        <div class="variable">
            {move || {
                if text_kind.get() {
                    view! { <Typed board variable /> }.into_any()
                } else {
                    view! { <Chosen board variable /> }.into_any()
                }
            }}
            <Show when=move || board.editing.get()>
                <button
                    type="button"
                    class="btn ghost icon-only tiny"
                    aria-label=(text().variables.edit_named)(&name)
                    title=(text().variables.edit_named)(&name)
                    on:click=edit
                >
                    <Icon name=IconName::Edit />
                </button>
            </Show>
        </div>
    }
}

fn empty(name: &str) -> Variable {
    let name = name.to_owned();
    Variable { name, label: String::new(), multi: false, default: Vec::new(), values: Values::Text }
}

fn input_id(variable: &Variable) -> String {
    format!("var-{}", variable.name)
}

/// Text is taken when the field is left, or by Enter.
#[component]
fn Typed(board: Board, variable: Memo<Variable>) -> impl IntoView {
    let id = variable.with_untracked(input_id);
    let value = move || {
        variable
            .with(|variable| board.choice.with(|choice| variable.chosen(choice).first().cloned()))
            .unwrap_or_default()
    };
    view! {
        <label class="faint" for=id.clone()>{move || variable.with(|variable| variable.caption().to_owned())}</label>
        <input
            id=id
            class="input"
            autocomplete="off"
            spellcheck="false"
            placeholder=text().variables.all
            prop:value=value
            on:change=move |event| {
                let typed = event_target_value(&event).trim().to_owned();
                let values: Vec<String> = Some(typed).filter(|typed| !typed.is_empty()).into_iter().collect();
                board.choose(&variable.get_untracked(), &values);
            }
        />
    }
}

/// Values that are offered in a menu.
#[component]
fn Chosen(board: Board, variable: Memo<Variable>) -> impl IntoView {
    let t = &text().variables;
    let open = RwSignal::new(false);
    let id = variable.with_untracked(input_id);
    let chosen =
        Memo::new(move |_| variable.with(|variable| board.choice.with(|choice| variable.chosen(choice).to_vec())));
    let shown = move || {
        chosen.with(|chosen| match chosen.first() {
            Some(first) => (t.chosen)(first, chosen.len() - 1),
            None => t.all.to_owned(),
        })
    };
    let caption = move || variable.with(|variable| variable.caption().to_owned());
    let back = id.clone();
    let close = Callback::new(move |()| {
        open.set(false);
        browser::focus(&back);
    });
    view! {
        <div class="anchor">
            <button
                type="button"
                id=id
                class="btn variable-button"
                aria-haspopup="dialog"
                aria-expanded=move || open.get().to_string()
                title=move || chosen.with(|chosen| chosen.join(", "))
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span class="faint">{caption}</span>
                <span class="ell">{shown}</span>
                <Icon name=IconName::Down small=true />
            </button>
            <Show when=move || open.get()>
                <Offer board variable chosen on_close=close />
            </Show>
        </div>
    }
}

/// The values, with a filter; they are asked for when the menu opens.
#[component]
fn Offer(board: Board, variable: Memo<Variable>, chosen: Memo<Vec<String>>, on_close: Callback<()>) -> impl IntoView {
    let t = &text().variables;
    let asked = Asked::<Vec<String>>::new(board.context);
    ask_values(board, &variable.get_untracked(), asked);
    let filter = RwSignal::new(String::new());
    let offered = Memo::new(move |_| {
        let mut values = chosen.get_untracked();
        let answer = asked.answer.get().unwrap_or_default();
        values.extend(answer.iter().filter(|value| !values.contains(value)).cloned().collect::<Vec<_>>());
        let wanted = filter.get().to_lowercase();
        values.retain(|value| value.to_lowercase().contains(&wanted));
        values
    });
    Effect::new(|_| browser::focus("variable-filter"));
    let choose = move |value: &str| {
        let variable = variable.get_untracked();
        let mut values = chosen.get_untracked();
        match values.iter().position(|known| known == value) {
            Some(at) => drop(values.remove(at)),
            None if variable.multi => values.push(value.to_owned()),
            None => values = vec![value.to_owned()],
        }
        board.choose(&variable, &values);
        if !variable.multi {
            on_close.run(());
        }
    };
    let on_key = move |event: KeyboardEvent| keys(&event, on_close);
    let note = move || match asked.load.get() {
        Load::Waiting => Some(t.loading.to_owned()),
        Load::Failed(failure) => Some((t.failed)(&flaw::failure(&failure))),
        Load::Ready if offered.with(Vec::is_empty) => Some(t.no_values.to_owned()),
        Load::Ready | Load::Cancelled => None,
    };
    let clear = move |_| {
        board.choose(&variable.get_untracked(), &[]);
        on_close.run(());
    };
    view! {
        <div class="backdrop" on:click=move |_| on_close.run(())></div>
        <div class="menu variable-menu" role="dialog" aria-label=move || variable.with(|v| v.caption().to_owned()) on:keydown=on_key>
            <div class="hstack">
                <input
                    id="variable-filter"
                    class="input grow"
                    aria-label=t.filter
                    placeholder=t.filter
                    autocomplete="off"
                    spellcheck="false"
                    bind:value=filter
                />
                <button type="button" class="btn" on:click=clear>{t.clear}</button>
            </div>
            <ul class="scroll variable-values">
                <For each=move || offered.get() key=Clone::clone let:value>
                    <Value value chosen on_choose=Callback::new(move |value: String| choose(&value)) />
                </For>
            </ul>
            {move || note().map(|note| view! { <p class="hint" role="status">{note}</p> })}
        </div>
    }
}

#[component]
fn Value(value: String, chosen: Memo<Vec<String>>, on_choose: Callback<String>) -> impl IntoView {
    let mine = StoredValue::new(value.clone());
    let title = value.clone();
    let on = move || chosen.with(|chosen| mine.with_value(|value| chosen.contains(value)));
    view! {
        <li>
            <button
                type="button"
                class="menu-item"
                class:on=on
                aria-pressed=move || on().to_string()
                title=title
                on:click=move |_| on_choose.run(mine.get_value())
            >
                <span class="tick">
                    {move || on().then(|| view! { <Icon name=IconName::Check small=true /> })}
                </span>
                <span class="ell">{value}</span>
            </button>
        </li>
    }
}

/// Arrows move through the values, Escape closes.
fn keys(event: &KeyboardEvent, on_close: Callback<()>) {
    let forward = match event.key().as_str() {
        "ArrowDown" => true,
        "ArrowUp" => false,
        "Escape" => {
            event.prevent_default();
            event.stop_propagation();
            on_close.run(());
            return;
        }
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    let Ok(all) = document().query_selector_all(".variable-menu input, .variable-values button") else { return };
    let focused = browser::focused();
    let element =
        |at: u32| all.item(at).and_then(|node| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(node).ok());
    let here = (0..all.length())
        .find(|at| element(*at).zip(focused.as_ref()).is_some_and(|(e, f)| e.is_same_node(Some(f))))
        .unwrap_or(0);
    let count = all.length().max(1);
    let to = if forward { (here + 1) % count } else { (here + count - 1) % count };
    if let Some(element) = element(to) {
        drop(element.focus());
    }
}

/// Asks for the values of a variable in the window.
pub(super) fn ask_values(board: Board, variable: &Variable, asked: Asked<Vec<String>>) {
    let window = board.context.window.get_untracked();
    match &variable.values {
        Values::Text => {}
        Values::List(values) => {
            asked.answer.set(Some(Arc::new(values.clone())));
            asked.load.set(Load::Ready);
        }
        Values::Field { table, field } => {
            let request = fields_request(table, field, window);
            asked.ask(move |call| async move {
                let request = FieldsRequest { query_id: Some(call.query_id), ..request };
                let answer: FieldsResponse = call.client.ask("/fields", &request, &call.signal).await?;
                Ok(answer.values.into_iter().map(|counted| counted.value).collect())
            });
        }
        Values::Sql(written) => ask_statement(board, variable, written, window, asked),
    }
}

fn ask_statement(board: Board, variable: &Variable, written: &str, window: Window, asked: Asked<Vec<String>>) {
    let choice = board.choice.get_untracked();
    let before: Vec<Variable> = board.shown.with_untracked(|shown| {
        shown.variables.iter().take_while(|known| known.name != variable.name).cloned().collect()
    });
    let environment = Environment { variables: &before, choice: &choice, window };
    let built = sql(written, &environment).map_err(|found| flaw::build_flaw(&found));
    let (from_ns, to_ns) = (Some(window.from_ns), Some(window.to_ns));
    asked.ask(move |call| async move {
        let text = built.map_err(|what| Refusal::from(crate::failure::Failure::Malformed(what)))?.text;
        let question = Question { sql: text, from_ns, to_ns };
        let answer = call.client.sql(question, call.query_id, Some(u64::from(OFFERED_MAX)), &call.signal).await?;
        let mut values: Vec<String> = answer.rows.iter().filter_map(|row| row.first()).map(cell_text).collect();
        values.retain(|value| !value.is_empty());
        Ok(values)
    });
}

fn fields_request(table: &str, field: &str, window: Window) -> FieldsRequest {
    FieldsRequest {
        table: table.to_owned(),
        field: Some(field.to_owned()),
        from: Some(TimeInput::Text(rfc3339(window.from_ns))),
        to: Some(TimeInput::Text(rfc3339(window.to_ns))),
        limit: Some(OFFERED_MAX),
        ..FieldsRequest::default()
    }
}
