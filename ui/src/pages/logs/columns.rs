//! Fields as columns of the list: which, how wide, and whether bodies wrap.

use super::model::LogsModel;
use crate::browser;
use crate::components::{Icon, IconName};
use crate::context::Context;
use crate::log_row::LogRow;
use crate::name_list::{names_of, text_of};
use crate::strings::explore;
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Parameters of the link.
const COLUMNS: &str = "columns";
const WRAP: &str = "wrap";
/// Where widths are remembered.
const WIDTHS: &str = "lincei.columns";
/// Width of a column that nobody made wider or narrower, and bounds of others.
const WIDTH: f64 = 140.0;
const WIDTH_MIN: f64 = 48.0;
const WIDTH_MAX: f64 = 640.0;
/// Characters of a value that a cell may show.
const VALUE_MAX: usize = 160;

/// A handle that is copied freely.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    /// Names, from the left.
    pub(super) chosen: Memo<Vec<String>>,
    /// Whether bodies take more than one line.
    pub(super) wrap: Memo<bool>,
    /// Whether the menu is open.
    pub(super) menu: RwSignal<bool>,
    context: Context,
    widths: RwSignal<BTreeMap<String, f64>>,
}

/// Whether bodies take more than one line, for lists that know no more than the page.
pub(super) fn wrapped() -> Memo<bool> {
    let context = Context::get();
    Memo::new(move |_| !context.parameter(WRAP).is_empty())
}

impl Columns {
    pub(super) fn new(context: Context) -> Self {
        let listed = Memo::new(move |_| context.parameter(COLUMNS));
        let widths = browser::remembered(WIDTHS).and_then(|text| serde_json::from_str(&text).ok());
        Self {
            chosen: Memo::new(move |_| names_of(&listed.get())),
            wrap: wrapped(),
            menu: RwSignal::new(false),
            context,
            widths: RwSignal::new(widths.unwrap_or_default()),
        }
    }

    /// Whether a field is a column; tracked.
    pub(super) fn has(&self, name: &str) -> bool {
        self.chosen.with(|chosen| chosen.iter().any(|known| known == name))
    }

    /// Makes a field a column, or no longer.
    pub(super) fn toggle(&self, name: &str) {
        self.edit(|names| match names.iter().position(|known| known == name) {
            Some(at) => drop(names.remove(at)),
            None => names.push(name.to_owned()),
        });
    }

    /// Moves a column by one to the left or right.
    pub(super) fn shift(&self, name: &str, right: bool) {
        self.edit(|names| {
            let Some(at) = names.iter().position(|known| known == name) else { return };
            let to = if right { at + 1 } else { at.wrapping_sub(1) };
            if to < names.len() {
                names.swap(at, to);
            }
        });
    }

    fn edit(&self, change: impl FnOnce(&mut Vec<String>)) {
        self.context.go(|view| {
            let mut names = names_of(view.parameter(COLUMNS));
            change(&mut names);
            view.set_parameter(COLUMNS, &text_of(&names));
        });
    }

    /// Wraps bodies, or no longer.
    pub(super) fn toggle_wrap(&self) {
        let wraps = self.wrap.get_untracked();
        self.context.go(|view| view.set_parameter(WRAP, if wraps { "" } else { "1" }));
    }

    /// Width of a column; tracked.
    pub(super) fn width(&self, name: &str) -> f64 {
        self.widths.with(|widths| widths.get(name).copied().unwrap_or(WIDTH))
    }

    pub(super) fn set_width(&self, name: &str, width: f64) {
        self.widths.update(|widths| {
            widths.insert(name.to_owned(), width.clamp(WIDTH_MIN, WIDTH_MAX).round());
        });
    }

    pub(super) fn remember_widths(&self) {
        let text = self.widths.with_untracked(|widths| serde_json::to_string(widths).unwrap_or_default());
        browser::remember(WIDTHS, &text);
    }

    /// The tracks of the grid that columns have, between service and body; tracked.
    pub(super) fn template(&self) -> String {
        let tracks = |names: &Vec<String>| {
            let track = |name: &String| format!("minmax({WIDTH_MIN}px, {}px)", self.width(name));
            names.iter().map(track).collect::<Vec<_>>().join(" ")
        };
        self.chosen.with(tracks)
    }
}

/// The cells of a row for the chosen columns.
#[component]
pub(super) fn ColumnCells(row: Arc<LogRow>, columns: Memo<Vec<String>>) -> impl IntoView {
    move || {
        let cell = |name: &String| {
            let value = row.field(name).map(|value| value.chars().take(VALUE_MAX).collect::<String>());
            let title = value.clone();
            view! {
                <span class="cv ell" role="gridcell" title=title>
                    {value.map(|value| view! { <span data-field=name.clone()>{value}</span> })}
                </span>
            }
        };
        columns.with(|columns| columns.iter().map(cell).collect_view())
    }
}

/// Makes a field a column, or no longer; in the details of a line.
#[component]
pub(super) fn ColumnToggle(model: LogsModel, name: String) -> impl IntoView {
    let t = explore::text();
    let columns = model.columns;
    let on = Memo::new({
        let name = name.clone();
        move |_| columns.has(&name)
    });
    let label = {
        let name = name.clone();
        move || if on.get() { (t.remove_column)(&name) } else { (t.add_column_of)(&name) }
    };
    view! {
        <button
            type="button"
            class="foot-button"
            class:on=move || on.get()
            aria-label=label.clone()
            title=label
            on:click=move |_| columns.toggle(&name)
        >
            <Icon name=IconName::Columns small=true />
        </button>
    }
}
