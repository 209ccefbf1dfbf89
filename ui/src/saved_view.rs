//! A view of the logs page as it is kept under a name: `{"page":"logs","search":"?q=…","columns":[…]}`.
//! The columns are in the link as well; they stand beside it for whoever reads the saved object.

use crate::name_list::names_of;
use crate::url_state::{Page, ViewState};
use serde_json::{Value, json};

/// What is kept of a view: neither the line that is open nor what is live.
#[must_use]
pub fn content_of(view: &ViewState) -> Value {
    let mut kept = ViewState { row: None, ..view.clone() };
    for passing in ["live", "around"] {
        kept.set_parameter(passing, "");
    }
    let link = kept.to_link();
    let search = link.split_once('?').map_or_else(String::new, |(_, search)| format!("?{search}"));
    json!({ "page": "logs", "search": search, "columns": names_of(view.parameter("columns")) })
}

/// The view that was kept; `None` for one of another page.
#[must_use]
pub fn view_of(content: &Value) -> Option<ViewState> {
    let is_logs = content.get("page").is_none_or(|page| page == "logs");
    let search = content.get("search")?.as_str().filter(|_| is_logs)?;
    Some(ViewState::from_link(Page::Logs.path(), search))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log_row::RowKey;

    #[test]
    fn a_view_comes_back_without_what_passes() {
        let mut view = ViewState { query: "service:a \"x y\"".into(), utc: Some(true), ..ViewState::of(Page::Logs) };
        view.set_parameter("columns", "host.name,k");
        view.set_parameter("live", "1");
        view.row = Some(RowKey { time_ns: 1, hash: 2 });
        let content = content_of(&view);
        assert_eq!(content["columns"], json!(["host.name", "k"]));
        let back = view_of(&content).unwrap();
        assert_eq!((back.query, back.utc, back.row), (view.query.clone(), view.utc, None));
        assert_eq!(back.parameters.get("columns").map(String::as_str), Some("host.name,k"));
        assert!(!back.parameters.contains_key("live"));
    }

    #[test]
    fn what_is_no_view_of_logs_is_refused() {
        for odd in [json!({}), json!({ "search": 7 }), json!({ "page": "sql", "search": "?q=a" }), json!(null)] {
            assert_eq!(view_of(&odd), None, "{odd}");
        }
        assert_eq!(view_of(&json!({ "search": "" })), Some(ViewState::of(Page::Logs)));
    }
}
