//! The drawer in which a variable is made or changed.

use super::board::Board;
use super::fields::{AreaField, SelectField, SqlField, TextField, lines_of};
use crate::components::{Icon, IconName, Show};
use crate::dashboard::{Values, Variable, name_is_valid};
use crate::strings::{self, dashboards::text};
use leptos::prelude::*;

/// Tables whose fields can be offered.
const TABLES: [&str; 4] = ["logs", "spans", "metrics", "rejects"];

/// What is typed.
#[derive(Clone, Copy)]
struct Form {
    name: RwSignal<String>,
    label: RwSignal<String>,
    kind: RwSignal<usize>,
    list: RwSignal<String>,
    table: RwSignal<String>,
    field: RwSignal<String>,
    statement: RwSignal<String>,
    multi: RwSignal<bool>,
    default: RwSignal<String>,
    /// Whether it was tried to be taken, so that what is missing is marked.
    tried: RwSignal<bool>,
}

impl Form {
    fn of(variable: Option<&Variable>) -> Self {
        let text = |value: Option<&str>| RwSignal::new(value.unwrap_or_default().to_owned());
        let values = variable.map(|variable| &variable.values);
        let (mut list, mut table, mut field, mut statement) =
            (String::new(), "logs".to_owned(), String::new(), String::new());
        let kind = match values {
            Some(Values::Text) => 0,
            Some(Values::List(values)) => {
                list = values.join("\n");
                1
            }
            Some(Values::Field { table: of, field: name }) => {
                (table, field) = (of.clone(), name.clone());
                2
            }
            Some(Values::Sql(sql)) => {
                statement.clone_from(sql);
                3
            }
            None => 2,
        };
        Self {
            name: text(variable.map(|variable| variable.name.as_str())),
            label: text(variable.map(|variable| variable.label.as_str())),
            kind: RwSignal::new(kind),
            list: RwSignal::new(list),
            table: RwSignal::new(table),
            field: RwSignal::new(field),
            statement: RwSignal::new(statement),
            multi: RwSignal::new(variable.is_none_or(|variable| variable.multi)),
            default: RwSignal::new(variable.map(|variable| variable.default.join("\n")).unwrap_or_default()),
            tried: RwSignal::new(false),
        }
    }

    fn values(self) -> Option<Values> {
        let filled = |value: RwSignal<String>| Some(value.get().trim().to_owned()).filter(|value| !value.is_empty());
        Some(match self.kind.get() {
            0 => Values::Text,
            1 => Values::List(Some(lines_of(&self.list.get())).filter(|list| !list.is_empty())?),
            2 => Values::Field { table: self.table.get(), field: filled(self.field)? },
            _ => Values::Sql(filled(self.statement)?),
        })
    }

    fn variable(self) -> Option<Variable> {
        let values = self.values()?;
        Some(Variable {
            name: self.name.get().trim().to_owned(),
            label: self.label.get().trim().to_owned(),
            multi: self.multi.get() && values != Values::Text,
            default: lines_of(&self.default.get()),
            values,
        })
    }
}

/// The drawer; `name` is that of the variable that is changed.
#[component]
pub(super) fn VariableEditor(board: Board, name: Option<String>) -> impl IntoView {
    let t = &text().variables;
    let before = board.document.with_untracked(|document| {
        document.variables.iter().find(|variable| Some(&variable.name) == name.as_ref()).cloned()
    });
    let form = Form::of(before.as_ref());
    let title = name.as_ref().map_or_else(|| t.new_title.to_owned(), |name| (t.edit_title)(name));
    let title_label = title.clone();
    let before_name = StoredValue::new(name.clone());
    let taken = move |name: &str| {
        before_name.with_value(|before| before.as_deref() != Some(name))
            && board.document.with(|document| document.variables.iter().any(|variable| variable.name == name))
    };
    let name_trouble = move || {
        let name = form.name.get().trim().to_owned();
        match name.as_str() {
            "" if !form.tried.get() => None,
            "" => Some(t.missing.to_owned()),
            name if !name_is_valid(name) => Some(text().flaw.name.to_owned()),
            name if taken(name) => Some(t.name_taken.to_owned()),
            _ => None,
        }
    };
    let apply = move || {
        form.tried.set(true);
        let variable = untrack(|| if name_trouble().is_none() { form.variable() } else { None });
        if let Some(variable) = variable {
            put(board, before_name.get_value().as_deref(), variable);
            board.drawer.set(None);
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        apply();
    };
    Effect::new(|_| crate::browser::focus("variable-name"));
    view! {
        <aside class="drawer board-drawer" aria-label=title_label>
            <DrawerHead board title />
            <form class="scroll grow board-form" on:submit=submit>
                <TextField
                    id="variable-name"
                    label=t.name
                    value=form.name
                    mono=true
                    bad=Signal::derive(move || name_trouble().is_some())
                    hint=Signal::derive(move || name_trouble().unwrap_or_else(|| t.name_help.to_owned()))
                />
                <TextField id="variable-label" label=t.label value=form.label />
                <Kind form />
                <More form />
                <div class="hstack">
                    <button type="submit" class="btn primary">{text().editor.apply}</button>
                    <button type="button" class="btn" on:click=move |_| board.drawer.set(None)>
                        {text().editor.cancel}
                    </button>
                    <span class="grow"></span>
                    {name.map(|name| {
                        view! {
                            <button type="button" class="btn danger" on:click=move |_| remove(board, &name)>
                                {t.remove}
                            </button>
                        }
                    })}
                </div>
            </form>
        </aside>
    }
}

/// Title and cross of a drawer.
#[component]
pub(super) fn DrawerHead(board: Board, title: String) -> impl IntoView {
    view! {
        <div class="drawer-head">
            <h2 class="ell">{title}</h2>
            <span class="grow"></span>
            <button
                type="button"
                class="btn ghost icon-only"
                aria-label=strings::text().shell.close
                on:click=move |_| board.drawer.set(None)
            >
                <Icon name=IconName::Cross />
            </button>
        </div>
    }
}

#[component]
fn Kind(form: Form) -> impl IntoView {
    let t = &text().variables;
    let options: Vec<(String, String)> =
        t.kinds.iter().enumerate().map(|(place, caption)| (place.to_string(), (*caption).to_owned())).collect();
    let tables: Vec<(String, String)> = TABLES.map(|table| (table.to_owned(), table.to_owned())).into();
    let empty =
        move |value: RwSignal<String>| Signal::derive(move || form.tried.get() && value.with(|v| v.trim().is_empty()));
    let hint = move |value: RwSignal<String>, help: &'static str| {
        let bad = empty(value);
        Signal::derive(move || if bad.get() { t.missing.to_owned() } else { help.to_owned() })
    };
    view! {
        <SelectField
            id="variable-kind"
            label=t.kind
            options
            chosen=Signal::derive(move || form.kind.get().to_string())
            on_choose=Callback::new(move |kind: String| form.kind.set(kind.parse().unwrap_or(0)))
        />
        {move || match form.kind.get() {
            0 => ().into_any(),
            1 => {
                view! {
                    <AreaField
                        id="variable-list"
                        label=t.list
                        value=form.list
                        bad=empty(form.list)
                        hint=hint(form.list, t.list_help)
                    />
                }
                    .into_any()
            }
            2 => {
                view! {
                    <SelectField
                        id="variable-table"
                        label=t.table
                        options=tables.clone()
                        chosen=form.table
                        on_choose=Callback::new(move |table| form.table.set(table))
                    />
                    <TextField
                        id="variable-field"
                        label=t.field
                        value=form.field
                        mono=true
                        bad=empty(form.field)
                        hint=hint(form.field, "")
                    />
                }
                    .into_any()
            }
            _ => {
                view! {
                    <SqlField
                        label=t.statement
                        value=form.statement
                        bad=empty(form.statement)
                        hint=hint(form.statement, t.statement_help)
                    />
                }
                    .into_any()
            }
        }}
    }
}

#[component]
fn More(form: Form) -> impl IntoView {
    let t = &text().variables;
    view! {
        <Show when=move || form.kind.get() != 0>
            <label class="hstack">
                <input
                    type="checkbox"
                    prop:checked=move || form.multi.get()
                    on:change=move |event| form.multi.set(event_target_checked(&event))
                />
                {t.multi}
            </label>
        </Show>
        <AreaField id="variable-default" label=t.default value=form.default hint=t.default_help.to_owned() rows=2 />
    }
}

fn put(board: Board, before: Option<&str>, variable: Variable) {
    board.change(|document| match document.variables.iter_mut().find(|known| Some(known.name.as_str()) == before) {
        Some(known) => *known = variable,
        None => document.variables.push(variable),
    });
}

fn remove(board: Board, name: &str) {
    board.change(|document| document.variables.retain(|variable| variable.name != name));
    board.drawer.set(None);
}
