//! Attributes of a line: what they are, and what can be done with each. A line may have thousands.

use super::columns::ColumnToggle;
use super::model::LogsModel;
use crate::components::{CopyButton, Icon, IconName};
use crate::number::grouped;
use crate::schema::matches;
use crate::strings::text;
use leptos::prelude::*;

/// Entries that can be looked over without a filter.
const FEW: usize = 20;
/// Entries drawn at first, and more with each press.
const DRAWN: usize = 100;

/// Attributes under a title, with a filter where they are many.
#[component]
pub(super) fn Entries(model: LogsModel, title: &'static str, entries: Vec<(String, String)>) -> impl IntoView {
    let t = &text().line;
    let count = entries.len();
    let entries = StoredValue::new(entries);
    let filter = RwSignal::new(String::new());
    let drawn = RwSignal::new(DRAWN);
    let rows = move || {
        let (filter, drawn_max) = (filter.get(), drawn.get());
        let fits = |(key, value): &&(String, String)| matches(key, &filter) || matches(value, &filter);
        entries.with_value(|entries| {
            let mut fitting = entries.iter().filter(fits);
            let rows: Vec<_> = fitting.by_ref().take(drawn_max).cloned().collect();
            let left = fitting.count();
            let rows = rows.into_iter().map(|(key, value)| view! { <Entry model key value filter=true /> });
            view! {
                {rows.collect_view()}
                <ShowMore left step=DRAWN drawn />
            }
        })
    };
    let search = (count > FEW).then(|| {
        view! {
            <input
                type="search"
                class="input entries-filter"
                aria-label=t.filter_fields
                placeholder=t.filter_fields
                autocomplete="off"
                spellcheck="false"
                bind:value=filter
            />
        }
    });
    view! {
        <div class="sect">
            <h3>
                {title}
                <span class="count">{if count == 0 { t.none.to_owned() } else { grouped(count as u64) }}</span>
            </h3>
            {search}
            {rows}
        </div>
    }
}

/// Draws `step` more of what is left; nothing where nothing is.
#[component]
pub(super) fn ShowMore(left: usize, step: usize, drawn: RwSignal<usize>) -> impl IntoView {
    (left > 0).then(|| {
        let caption = (text().line.show_more)(&grouped(left.min(step) as u64), &grouped(left as u64));
        view! {
            <button type="button" class="quiet" on:click=move |_| drawn.update(|drawn| *drawn += step)>
                {caption}
            </button>
        }
    })
}

/// A key, its value, and what can be done with it.
#[expect(clippy::needless_pass_by_value, reason = "components own what they are given")]
#[component]
pub(super) fn Entry(model: LogsModel, key: String, value: String, filter: bool) -> impl IntoView {
    let t = &text().line;
    let whole = RwSignal::new(false);
    let shown = value.clone();
    let narrow = |negated: bool| {
        let (key, value) = (key.clone(), value.clone());
        let (label, icon) = if negated {
            ((t.not_this)(&key, &short(&value)), IconName::Exclude)
        } else {
            ((t.only_this)(&key, &short(&value)), IconName::Filter)
        };
        view! {
            <button
                type="button"
                class="foot-button"
                aria-label=label.clone()
                title=label
                on:click=move |_| model.narrow(&key, &value, negated)
            >
                <Icon name=icon small=true />
            </button>
        }
    };
    let filters = filter.then(|| (narrow(false), narrow(true)));
    let column = filter.then(|| view! { <ColumnToggle model name=key.clone() /> });
    let copied = value.clone();
    view! {
        <div class="attr" class:whole=move || whole.get()>
            <span class="k ell" title=key.clone()>{key.clone()}</span>
            <button
                type="button"
                class="v"
                title=t.expand
                aria-expanded=move || whole.get().to_string()
                on:click=move |_| whole.update(|whole| *whole = !*whole)
            >
                {shown}
            </button>
            <span class="act">
                {filters}
                {column}
                <CopyButton
                    content=Callback::new(move |()| copied.clone())
                    label=(t.copy_value)(&key)
                    class="ghost tiny"
                />
            </span>
        </div>
    }
}

/// For labels: the start of a long value.
pub(super) fn short(value: &str) -> String {
    if value.chars().count() <= 40 {
        value.to_owned()
    } else {
        let head: String = value.chars().take(40).collect();
        format!("{head}…")
    }
}
