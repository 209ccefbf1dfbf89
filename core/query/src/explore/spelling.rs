//! SQL that says the same as a plan built here, for the listing of queries and for the page, which
//! shows it. It is never run by the server itself; still, whoever pastes it must get what it says,
//! so every name and text is quoted.

use super::Selection;
use std::fmt::Write as _;

/// A text literal.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name, quoted where it is not plain.
pub(super) fn identifier(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(plain) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// ` FROM … WHERE …`, the window of time left out: it is sent beside the statement.
pub(super) fn from_where(selection: &Selection, more: &str) -> String {
    let mut out = format!(" FROM {}", selection.table.name());
    let mut glue = " WHERE ";
    if !selection.search.trim().is_empty() {
        let _ = write!(out, "{glue}search({})", literal(&selection.search));
        glue = " AND ";
    }
    if !more.is_empty() {
        let _ = write!(out, "{glue}{more}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_names_cannot_leave_their_quotes() {
        for (text, want) in [("a", "'a'"), ("it's", "'it''s'"), ("'; DROP --", "'''; DROP --'"), ("\\'", "'\\'''")] {
            assert_eq!(literal(text), want);
        }
        for (name, want) in [
            ("service", "service"),
            ("trace_id", "trace_id"),
            ("Service", "\"Service\""),
            ("a\"b", "\"a\"\"b\""),
            ("1a", "\"1a\""),
            ("", "\"\""),
            ("x; --", "\"x; --\""),
        ] {
            assert_eq!(identifier(name), want);
        }
    }
}
