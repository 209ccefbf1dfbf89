use super::entries::ShowMore;
use super::model::LogsModel;
use super::value_menu;
use crate::components::CopyButton;
use crate::log_row::{JsonLine, LogRow};
use crate::strings::text;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use std::sync::Arc;

/// Lines drawn at first, and more with each press.
const DRAWN: usize = 400;

/// A line as JSON; values that can be searched for open their menu.
#[component]
pub(super) fn Json(model: LogsModel, row: Arc<LogRow>) -> impl IntoView {
    let t = &text().line;
    let lines = StoredValue::new(row.json_lines());
    let drawn = RwSignal::new(DRAWN);
    let written = move || {
        lines.with_value(|lines| {
            let last = lines.len().saturating_sub(1);
            let drawn = lines.iter().take(drawn.get()).cloned().enumerate();
            drawn.map(|(at, line)| view! { <Written model line last={at == last} /> }).collect_view()
        })
    };
    let more = move || {
        let left = lines.with_value(Vec::len).saturating_sub(drawn.get());
        view! { <ShowMore left step=DRAWN drawn /> }
    };
    view! {
        <div class="sect">
            <div class="json-head">
                <CopyButton content=Callback::new(move |()| row.to_json()) label=t.copy_json caption=t.copy_json />
            </div>
            <pre class="code wrap">{written}</pre>
            {more}
        </div>
    }
}

#[component]
fn Written(model: LogsModel, line: JsonLine, last: bool) -> impl IntoView {
    let JsonLine { before, value, after, field } = line;
    let class = if value.starts_with('"') { "s" } else { "n" };
    let key = before.find('"').and_then(|at| before.split_at_checked(at));
    let before = match key {
        Some((spaces, key)) => view! {
            {spaces.to_owned()}
            <span class="k">{key.to_owned()}</span>
        }
        .into_any(),
        None => before.clone().into_any(),
    };
    let value = match field {
        Some((field, text)) => {
            let open = move |event: MouseEvent| value_menu::open(model, field.clone(), text.clone(), &event);
            view! {
                <button type="button" class="jv s" aria-haspopup="menu" on:click=open>
                    {value}
                </button>
            }
            .into_any()
        }
        None if value.is_empty() => ().into_any(),
        None => view! { <span class=class>{value}</span> }.into_any(),
    };
    view! {
        {before}
        {value}
        {after}
        {if last { "" } else { "\n" }}
    }
}
