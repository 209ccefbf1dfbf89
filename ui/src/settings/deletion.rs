//! The form that deletes rows: what was typed, as a request.

use crate::calendar::{parse, rfc3339};
use lincei_api::{DeleteRequest, DeletionInfo, TimeInput};

/// What is written in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// SQL name of the table.
    pub table: String,
    /// Whether `filter` is an SQL condition rather than a search text.
    pub is_condition: bool,
    /// Which rows; empty for all of the window.
    pub filter: String,
    /// From, as typed; empty for no bound.
    pub from: String,
    /// To, as typed; empty for no bound.
    pub to: String,
}

/// Which field cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftError {
    /// From is no time.
    From,
    /// To is no time.
    To,
}

impl Draft {
    /// Whether nothing leaves any row of the table out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        [&self.filter, &self.from, &self.to].iter().all(|text| text.trim().is_empty())
    }

    /// The request, that counts only when `dry_run`. Times without a zone are those of the reader's, by
    /// `offset_at`; relative ones are left to the server.
    pub fn request(&self, dry_run: bool, offset_at: &dyn Fn(i64) -> i32) -> Result<DeleteRequest, DraftError> {
        let filter = Some(self.filter.trim().to_owned()).filter(|filter| !filter.is_empty());
        let (condition, search) = if self.is_condition { (filter, None) } else { (None, filter) };
        Ok(DeleteRequest {
            table: self.table.clone(),
            search,
            condition,
            from: bound(&self.from, offset_at).map_err(|()| DraftError::From)?,
            to: bound(&self.to, offset_at).map_err(|()| DraftError::To)?,
            dry_run,
            everything: self.is_everything(),
        })
    }
}

fn bound(text: &str, offset_at: &dyn Fn(i64) -> i32) -> Result<Option<TimeInput>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let text = if is_relative(text) { text.to_owned() } else { rfc3339(parse(text, offset_at).ok_or(())?) };
    Ok(Some(TimeInput::Text(text)))
}

/// `now`, `now-15m`, `-7d`.
fn is_relative(text: &str) -> bool {
    let rest = text.strip_prefix("now").unwrap_or(text);
    let Some(span) = rest.strip_prefix('-') else { return text == "now" };
    let digits = span.trim_end_matches(|c: char| c.is_ascii_lowercase());
    !digits.is_empty() && digits.len() < span.len() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// How far a deletion is, 0 to 1.
#[must_use]
pub fn share_done(deletion: &DeletionInfo) -> f64 {
    match (deletion.state.as_str(), deletion.files_total) {
        ("done", _) => 1.0,
        (_, 0) => 0.0,
        (_, total) => (deletion.files_done as f64 / total as f64).min(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(filter: &str, from: &str, to: &str) -> Draft {
        Draft { table: "logs".into(), filter: filter.into(), from: from.into(), to: to.into(), is_condition: false }
    }

    fn text(text: &str) -> Option<TimeInput> {
        Some(TimeInput::Text(text.to_owned()))
    }

    #[test]
    fn a_draft_becomes_a_request() {
        let request = draft(" user.id:u1 ", "2026-11-22 03:01", "now-7d").request(true, &|_| 60).unwrap();
        assert_eq!(request.search.as_deref(), Some("user.id:u1"));
        assert_eq!((request.condition, request.dry_run, request.everything), (None, true, false));
        assert_eq!((request.from, request.to), (text("2026-11-22T02:01:00Z"), text("now-7d")));
        let condition = Draft { is_condition: true, ..draft("severity = 'DEBUG'", "", "-1h") };
        let request = condition.request(false, &|_| 0).unwrap();
        assert_eq!((request.search, request.condition.as_deref()), (None, Some("severity = 'DEBUG'")));
        assert_eq!((request.from, request.to), (None, text("-1h")));
    }

    #[test]
    fn everything_has_to_be_meant() {
        let all = draft(" ", "", " ").request(false, &|_| 0).unwrap();
        assert!(all.everything && all.search.is_none());
        assert!(!draft("", "now-1h", "").request(false, &|_| 0).unwrap().everything);
    }

    #[test]
    fn fields_that_are_no_times_are_named() {
        for wrong in ["tomorrow", "now-", "now-h", "-7", "now+1h", "2026-02-30"] {
            assert_eq!(draft("", wrong, "").request(true, &|_| 0), Err(DraftError::From), "{wrong}");
            assert_eq!(draft("", "", wrong).request(true, &|_| 0), Err(DraftError::To), "{wrong}");
        }
    }

    #[test]
    fn progress_is_by_files() {
        let at = |state: &str, done, total| {
            share_done(&DeletionInfo {
                state: state.into(),
                files_done: done,
                files_total: total,
                ..DeletionInfo::default()
            })
        };
        assert_eq!((at("running", 1, 4), at("running", 0, 0), at("done", 0, 0)), (0.25, 0.0, 1.0));
    }
}
