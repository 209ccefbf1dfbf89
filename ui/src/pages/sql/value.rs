use super::model::{Answered, SqlModel};
use super::table::chosen;
use crate::code::Language;
use crate::components::{Code, CopyButton, Icon, IconName};
use crate::number::grouped;
use crate::result_set::{ValueKind, plain, readable, type_name};
use crate::strings::{sql, text};
use leptos::prelude::*;
use serde_json::Value;
use std::sync::Arc;

/// The value that the cursor is on, whole, beside the table.
#[component]
pub(super) fn ValueDrawer(model: SqlModel) -> impl IntoView {
    view! {
        <aside class="drawer" aria-label=sql::text().results.value>
            {move || match chosen(model) {
                Some((answer, row, column)) => view! { <Chosen model answer row column /> }.into_any(),
                None => view! { <DrawerHead model title=sql::text().results.value>""</DrawerHead> }.into_any(),
            }}
        </aside>
    }
}

/// Title of what is open beside the result, and the cross that closes it.
#[component]
pub(super) fn DrawerHead(
    model: SqlModel,
    /// Title.
    #[prop(into)]
    title: String,
    /// Before the cross.
    children: Children,
) -> impl IntoView {
    let t = &text().shell;
    let whole = title.clone();
    view! {
        <div class="drawer-head">
            <h2 class="ell" title=whole>
                {title}
            </h2>
            <span class="grow"></span>
            {children()}
            <button
                type="button"
                class="btn ghost icon-only"
                aria-label=t.close
                title=t.close
                on:click=move |_| model.side.set(None)
            >
                <Icon name=IconName::Cross />
            </button>
        </div>
    }
}

#[component]
fn Chosen(model: SqlModel, answer: Arc<Answered>, row: usize, column: usize) -> impl IntoView {
    let t = &sql::text().results;
    let info = answer.set.columns.get(column).cloned();
    let name = info.as_ref().map(|info| info.name.clone()).unwrap_or_default();
    let kind = info.as_ref().map_or(ValueKind::Text, |info| info.kind);
    let kind_name = info.map(|info| type_name(&info.data_type)).unwrap_or_default();
    let value = answer.set.value(row, column).cloned().unwrap_or_default();
    let place = model.cursor.get_untracked().map_or(0, |(place, _)| place + 1);
    let shown_time = move || time_text(model, row, column);
    let copied = plain(&value);
    let (for_row, for_rest) = (Arc::clone(&answer), Arc::clone(&answer));
    view! {
        <DrawerHead model title=name>
            <CopyButton content=Callback::new(move |()| copied.clone()) label=t.copy_value />
        </DrawerHead>
        <div class="scroll grow sql-value" tabindex="0">
            <section class="sect">
                <h3>
                    {(t.place)(&grouped(place as u64), &kind_name)}
                    {(kind == ValueKind::Time).then(|| view! { <span class="end">{shown_time}</span> })}
                    {length(&value).map(|length| view! { <span class="end">{length}</span> })}
                </h3>
                <Whole value />
            </section>
            <section class="sect">
                <h3>
                    {t.whole_row} <span class="end">
                        <CopyButton
                            content=Callback::new(move |()| for_row.set.row_json(row))
                            label=t.copy_row
                            class="ghost tiny"
                        />
                    </span>
                </h3>
                <OtherValues model answer=for_rest row column />
            </section>
        </div>
    }
}

/// The time in the zone shown.
fn time_text(model: SqlModel, row: usize, column: usize) -> Option<String> {
    let answer = model.asked.answer.get()?;
    let ns = answer.set.time_ns(row, column)?;
    let text = answer.set.cell(row, column, &|ns| model.context.offset_minutes(ns))?;
    Some(format!("{text} {}", model.context.zone_name(ns)))
}

fn length(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    Some((sql::text().results.characters)(&grouped(text.chars().count() as u64)))
}

#[component]
fn Whole(value: Value) -> impl IntoView {
    let t = &sql::text().results;
    match value {
        Value::Null => view! { <p class="dim">{t.no_value}</p> }.into_any(),
        Value::String(text) if text.is_empty() => view! { <p class="dim">{t.empty_text}</p> }.into_any(),
        Value::String(text) => {
            // Bodies are often JSON documents in a text.
            let document = serde_json::from_str::<Value>(&text).ok().filter(|v| v.is_object() || v.is_array());
            match document {
                Some(document) => {
                    let content = Signal::stored(readable(&document));
                    view! { <Code content language=Language::Json wrap=true /> }.into_any()
                }
                None => view! { <div class="msg">{text}</div> }.into_any(),
            }
        }
        other => {
            let content = Signal::stored(readable(&other));
            view! { <Code content language=Language::Json wrap=true /> }.into_any()
        }
    }
}

/// The row, one column per line; a press goes to the column.
#[component]
fn OtherValues(model: SqlModel, answer: Arc<Answered>, row: usize, column: usize) -> impl IntoView {
    let null = sql::text().results.null;
    let columns = answer.set.columns.iter().enumerate();
    let values = columns.map(|(place, info)| {
        let text = answer.set.cell(row, place, &|ns| model.context.offset_minutes(ns));
        let class = if text.is_none() { "ell null" } else { "ell" };
        let go = move |_| {
            model.cursor.update(|cursor| *cursor = cursor.map(|(row, _)| (row, place)));
        };
        view! {
            <li>
                <button type="button" class="sql-field" class:on=place == column on:click=go>
                    <span class="ell faint">{info.name.clone()}</span>
                    <span class=class>{text.unwrap_or_else(|| null.to_owned())}</span>
                </button>
            </li>
        }
    });
    view! { <ul class="sql-fields mono">{values.collect_view()}</ul> }
}
