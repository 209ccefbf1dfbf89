//! Texts of the page SQL.

use super::{One, Two};

mod chinese;
mod english;

/// All of them.
pub struct Sql {
    pub title: &'static str,
    pub document_title: &'static str,
    pub editor: Editor,
    pub start: Start,
    pub schema: Schema,
    pub results: Results,
    pub chart: Chart,
    pub plan: Plan,
    pub history: History,
    pub saved: Saved,
    pub download: Download,
}

/// The statement and what is around it.
pub struct Editor {
    pub label: &'static str,
    pub placeholder: &'static str,
    pub run: &'static str,
    pub run_keys: &'static str,
    pub limit: &'static str,
    pub limit_rows: One,
    pub applies: One,
    pub applies_title: &'static str,
    pub write_first: &'static str,
    pub too_long_for_link: &'static str,
    pub go_to_place: &'static str,
}

/// What is shown before anything was run.
pub struct Start {
    pub title: &'static str,
    pub lead: &'static str,
    /// Title and explanation of each example, in their order.
    pub examples: [(&'static str, &'static str); 6],
}

/// Tables and columns at the left edge.
pub struct Schema {
    pub title: &'static str,
    pub show: &'static str,
    pub filter: &'static str,
    pub keys_of_attributes: &'static str,
    pub keys_of_resource: &'static str,
    pub no_keys: &'static str,
    pub none_match: One,
    pub insert: One,
    pub columns_of: One,
}

/// Table, and what it cost.
pub struct Results {
    pub region: &'static str,
    pub tab_table: &'static str,
    pub tab_chart: &'static str,
    pub tab_plan: &'static str,
    pub table: &'static str,
    pub loading: &'static str,
    pub null: &'static str,
    pub sort_by: Two,
    pub row_head: &'static str,
    pub rows: One,
    pub more_rows: &'static str,
    pub show_more: One,
    pub scanned: One,
    pub read: One,
    pub files: Two,
    pub memory: One,
    pub empty_title: &'static str,
    pub empty_detail: One,
    pub longer: One,
    pub place: Two,
    pub open_value: &'static str,
    pub copy_value: &'static str,
    pub copy_row: &'static str,
    pub value: &'static str,
    pub no_value: &'static str,
    pub empty_text: &'static str,
    pub whole_row: &'static str,
    pub characters: One,
}

/// Quick chart.
pub struct Chart {
    pub kind: &'static str,
    /// Lines, bars over time, bars by category, one number.
    pub kinds: [&'static str; 4],
    pub along: &'static str,
    pub values: &'static str,
    pub split: &'static str,
    pub no_split: &'static str,
    pub automatic: &'static str,
    pub none_title: &'static str,
    pub none_detail: &'static str,
    pub lines_cut: Two,
    pub bars_cut: Two,
}

/// Plan of a statement.
pub struct Plan {
    pub kind: &'static str,
    pub planned: &'static str,
    pub measured: &'static str,
    pub measured_title: &'static str,
    pub logical: &'static str,
    pub physical: &'static str,
    pub with_metrics: &'static str,
    pub none_title: &'static str,
    pub none_detail: &'static str,
    pub step: &'static str,
    pub rows: &'static str,
    pub time: &'static str,
    pub metrics: &'static str,
    pub copy: &'static str,
}

/// Statements that were run.
pub struct History {
    pub title: &'static str,
    pub search: &'static str,
    pub note: &'static str,
    pub empty_title: &'static str,
    pub empty_detail: &'static str,
    pub none_match: One,
    pub rows: Two,
    pub failed: &'static str,
    pub cancelled: &'static str,
    pub clear: &'static str,
}

/// Saved queries.
pub struct Saved {
    pub title: &'static str,
    pub save: &'static str,
    pub save_title: &'static str,
    pub name: &'static str,
    pub name_missing: &'static str,
    pub update: One,
    pub save_new: &'static str,
    pub done: One,
    pub conflict: &'static str,
    pub search: &'static str,
    pub empty_title: &'static str,
    pub empty_detail: &'static str,
    pub none_match: One,
    pub by: Two,
    pub delete: One,
    pub delete_title: &'static str,
    pub delete_sure: One,
    pub delete_do: &'static str,
    pub keep: &'static str,
    pub deleted: One,
    pub unreadable: &'static str,
    pub changed: &'static str,
}

/// Download of an answer.
pub struct Download {
    pub button: &'static str,
    pub title: &'static str,
    pub csv: &'static str,
    pub ndjson: &'static str,
    pub parquet: &'static str,
    pub arrow: &'static str,
    pub shown_rows: One,
    pub all_rows: &'static str,
    pub rows: &'static str,
    pub preparing: One,
    pub done: One,
}

/// In the language of the reader.
#[must_use]
pub fn text() -> &'static Sql {
    super::pick(&english::ENGLISH, &chinese::CHINESE)
}
