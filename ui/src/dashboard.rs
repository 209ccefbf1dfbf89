//! A dashboard as a document: panels on a grid, what each of them asks and how it shows the answer,
//! and variables. All of it is plain values; what is drawn is made of them elsewhere.
//!
//! | part | in the JSON document |
//! |---|---|
//! | [`Document`] | `format` (1), `description`, `variables`, `panels`; `name` only in exported files |
//! | [`Variable`] | `name`, `label`, `multi`, `default` (list), and one of `text` (true), `list`, `field` with `table`, `sql` |
//! | [`Panel`] | `id`, `title`, `at` (`x`, `y`, `w`, `h`), `query`, `view`, `unit`, `warn`, `bad` |
//! | [`Query`] | `counts` (search text) with `by`, or `lines` (search text), or `sql` |
//!
//! A document of a later format, and a field that is not known, are refused with their place: a
//! page that dropped them would lose them when it saves.

mod answer;
mod build;
mod colours;
mod csv;
mod grid;
mod read;
mod template;
mod turns;
mod variable;
mod write;

pub use answer::{
    Answer, BarRow, Figure, HeatTable, ShapeFlaw, Sheet, TimeLine, Timelines, answer, cell_text, number, of_histogram,
};
pub use build::{BuildFlaw, BuildKind, Built, Environment, interval_seconds, search, sql};
pub use colours::Colours;
pub use csv::{lines_csv, sheet_csv};
pub use grid::{COLUMNS, Direction, Layout, Place, place_new};
pub use read::{Flaw, FlawKind, document_of, read};
pub use template::{Template, templates};
pub use turns::{Turn, Turns};
pub use variable::{Choice, from_link, name_is_valid, to_link};
pub use write::{document_json, exported};

/// The format that this page writes, and the only one it reads.
pub const FORMAT: u64 = 1;
/// Panels of a dashboard at most.
pub const PANELS_MAX: usize = 100;
/// Variables of a dashboard at most.
pub const VARIABLES_MAX: usize = 20;

/// What is saved under a name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// What it is for; may be empty.
    pub description: String,
    /// In the order in which they are shown; one may use those before it.
    pub variables: Vec<Variable>,
    /// In the order in which they were made.
    pub panels: Vec<Panel>,
}

impl Document {
    /// The panel of an id.
    #[must_use]
    pub fn panel(&self, id: &str) -> Option<&Panel> {
        self.panels.iter().find(|panel| panel.id == id)
    }

    /// Where the panels are.
    #[must_use]
    pub fn layout(&self) -> Layout {
        Layout::new(self.panels.iter().map(|panel| (panel.id.clone(), panel.at)))
    }

    /// Puts the panels where a layout has them.
    pub fn arrange(&mut self, layout: &Layout) {
        for panel in &mut self.panels {
            if let Some(place) = layout.place(&panel.id) {
                panel.at = place;
            }
        }
    }

    /// An id that no panel has.
    #[must_use]
    pub fn free_id(&self) -> String {
        let free = |number: &usize| self.panel(&format!("p{number}")).is_none();
        let number = (1..=self.panels.len() + 1).find(free).unwrap_or_default();
        format!("p{number}")
    }

    /// Adds a panel, or puts it in the place of the one with its id.
    pub fn put(&mut self, panel: Panel) {
        match self.panels.iter_mut().find(|known| known.id == panel.id) {
            Some(known) => *known = panel,
            None => self.panels.push(panel),
        }
    }

    /// Removes a panel; those below it move up.
    pub fn remove(&mut self, id: &str) {
        self.panels.retain(|panel| panel.id != id);
        let compact = self.layout().compact();
        self.arrange(&compact);
    }

    /// Adds a copy of a panel where there is room for it, and gives its id.
    pub fn duplicate(&mut self, id: &str, title: &str) -> Option<String> {
        let mut copy = self.panel(id)?.clone();
        copy.id = self.free_id();
        title.clone_into(&mut copy.title);
        copy.at = place_new(&self.layout(), copy.at.w, copy.at.h);
        let new_id = copy.id.clone();
        self.panels.push(copy);
        Some(new_id)
    }
}

/// A value that panels use by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Letters, digits and `_`, not beginning with a digit; written `$name`.
    pub name: String,
    /// Shown in its place; may be empty.
    pub label: String,
    /// Whether several values can be chosen.
    pub multi: bool,
    /// Chosen when the link says nothing; empty for no restriction.
    pub default: Vec<String>,
    /// What can be chosen.
    pub values: Values,
}

/// What can be chosen for a variable.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Any text.
    Text,
    /// One of these.
    List(Vec<String>),
    /// A value that a field of a table has in the window.
    Field {
        /// SQL name of the table.
        table: String,
        /// Column, or key of attributes or resource.
        field: String,
    },
    /// A value of the first column of an answer.
    Sql(String),
}

/// One panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Unique within the dashboard.
    pub id: String,
    /// Title; may be empty.
    pub title: String,
    /// Where it is.
    pub at: Place,
    /// What it asks.
    pub query: Query,
    /// How it shows the answer.
    pub view: View,
    /// Unit of its numbers: one of [`UNITS`], or any other sign.
    pub unit: String,
    /// From which value on it is degraded.
    pub warn: Option<f64>,
    /// From which value on it is failing; below `warn` when small values are the bad ones.
    pub bad: Option<f64>,
}

/// Units that scale their numbers: nothing, a rate, a share of 100, bytes, times.
pub const UNITS: [&str; 7] = ["", "/s", "%", "B", "B/s", "ms", "s"];

/// What a panel asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// Log records over time that match a search.
    Counts {
        /// Search text.
        search: String,
        /// A series for each value of this field; one series when empty.
        by: String,
    },
    /// The newest log records that match a search.
    Lines {
        /// Search text.
        search: String,
    },
    /// A statement.
    Sql(String),
}

/// How an answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Lines over time.
    Line,
    /// Areas over time, on each other.
    Area,
    /// Bars over time, on each other.
    Columns,
    /// A bar for each row.
    Bars,
    /// Rows and columns.
    Table,
    /// One number.
    Value,
    /// Counts by time and range.
    Heat,
    /// Log lines.
    Log,
}

impl View {
    /// All, with their names in the document.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Line, "line"),
        (Self::Area, "area"),
        (Self::Columns, "columns"),
        (Self::Bars, "bars"),
        (Self::Table, "table"),
        (Self::Value, "value"),
        (Self::Heat, "heat"),
        (Self::Log, "log"),
    ];

    /// Name in the document.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(view, _)| *view == self).map_or("", |(_, name)| name)
    }

    /// The view of a name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(view, _)| *view)
    }

    /// Whether time runs from left to right.
    #[must_use]
    pub fn over_time(self) -> bool {
        matches!(self, Self::Line | Self::Area | Self::Columns)
    }
}

impl Query {
    /// The views that can show its answer, the usual one first.
    #[must_use]
    pub fn views(&self) -> &'static [View] {
        match self {
            Self::Counts { .. } => &[View::Columns, View::Area, View::Line],
            Self::Lines { .. } => &[View::Log],
            Self::Sql(_) => &[View::Line, View::Area, View::Columns, View::Bars, View::Table, View::Value, View::Heat],
        }
    }
}

#[cfg(test)]
mod tests;
