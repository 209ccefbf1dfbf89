use crate::TimeInput;
use serde::{Deserialize, Serialize};

/// `POST /api/v1/delete`: rows of one table that are to be deleted for good. Of `search` and `where`
/// one is given; none means every row of the window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteRequest {
    /// SQL name of the table.
    pub table: String,
    /// Rows that match this text, in the language of `search('…')`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Rows for which this SQL condition is true.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Only rows whose `time` is at or after this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<TimeInput>,
    /// Only rows whose `time` is before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<TimeInput>,
    /// Only count: change nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// Needed where neither a condition nor a time leaves any row out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everything: bool,
}

/// What a deletion would do, the answer to a dry run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletionEstimate {
    /// Rows that would go, those in memory among them.
    pub rows: u64,
    /// Rows read to find them.
    pub rows_scanned: u64,
    /// Files of the table.
    pub files_of_table: u64,
    /// Of these, files read; the others cannot have such rows.
    pub files_scanned: u64,
    /// Of these, files that would be replaced by one with fewer rows.
    pub files_rewritten: u64,
    /// Of these, files of which every row would go.
    pub files_removed: u64,
    /// Damaged files and parts of the log, set aside earlier, that may hold such rows and are not
    /// touched.
    pub set_aside: Vec<String>,
}

/// A deletion under way or ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletionInfo {
    /// The id, for `/api/v1/deletions/{id}`.
    pub id: String,
    /// running, done, cancelled or failed.
    pub state: String,
    /// SQL name of the table.
    pub table: String,
    /// The condition as SQL; empty for every row.
    pub condition: String,
    /// RFC 3339; none for no bound.
    pub from: Option<String>,
    /// RFC 3339; none for no bound.
    pub to: Option<String>,
    /// Who asked.
    pub client: String,
    /// RFC 3339.
    pub started: String,
    /// RFC 3339; none while it runs.
    pub ended: Option<String>,
    /// Files of the table when it began.
    pub files_of_table: u64,
    /// Of these, files that can have such rows: the whole of the progress bar.
    pub files_total: u64,
    /// Of these, files that it is done with.
    pub files_done: u64,
    /// Of these, files replaced by one with fewer rows.
    pub files_rewritten: u64,
    /// Of these, files of which every row went.
    pub files_removed: u64,
    /// Rows read.
    pub rows_scanned: u64,
    /// Rows deleted.
    pub rows_deleted: u64,
    /// Why it failed.
    pub error: Option<String>,
    /// Damaged files and parts of the log, set aside earlier, that may hold such rows and are not
    /// touched.
    pub set_aside: Vec<String>,
}

/// `GET /api/v1/deletions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletionList {
    /// Newest first; those of the time since the start of the server.
    pub deletions: Vec<DeletionInfo>,
}
