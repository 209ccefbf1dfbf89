//! Why a request failed, and what to tell the reader: cause, next step, way out.

use crate::strings::text;
use lincei_api::Problem;

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No answer: refused, reset, unresolved.
    Offline,
    /// The server said why.
    Problem(Box<Problem>),
    /// An answer that cannot be read: what was wrong with it.
    Malformed(String),
}

/// What the page offers as a way out, besides trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayOut {
    /// A shorter time range.
    Shorten,
    /// Nothing in particular.
    None,
}

impl Failure {
    /// The stable code of a problem; empty when there is none.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Problem(problem) => &problem.code,
            _ => "",
        }
    }

    /// Whether the server wants credentials.
    #[must_use]
    pub fn unauthenticated(&self) -> bool {
        self.code() == "unauthenticated"
    }

    /// What happened, in a few words.
    #[must_use]
    pub fn title(&self) -> &'static str {
        let t = &text().failure;
        match self {
            Self::Offline => t.offline,
            Self::Malformed(_) => t.malformed,
            Self::Problem(problem) => match problem.code.as_str() {
                "invalid" => t.invalid,
                "unauthenticated" => t.unauthenticated,
                "forbidden" => t.forbidden,
                "not_found" => t.not_found,
                "conflict" => t.conflict,
                "too_large" if problem.limit.as_deref().is_some_and(|limit| limit.contains("memory")) => t.memory,
                "too_large" => t.too_large,
                "rate_limited" => t.rate_limited,
                "timeout" => t.timeout,
                "unavailable" => t.unavailable,
                _ => t.internal,
            },
        }
    }

    /// Cause and next step, as sentences.
    #[must_use]
    pub fn detail(&self) -> String {
        let t = &text().failure;
        match self {
            Self::Offline => t.offline_detail.to_owned(),
            Self::Malformed(what) => (t.malformed_detail)(what),
            Self::Problem(problem) => {
                let next = match problem.code.as_str() {
                    "too_large" | "timeout" => t.next_shorter,
                    "rate_limited" | "unavailable" => t.next_wait,
                    "internal" => t.next_report,
                    _ => "",
                };
                format!("{} {next}", sentence(&problem.detail)).trim_end().to_owned()
            }
        }
    }

    /// Code, limit and query, for whoever is asked for help.
    #[must_use]
    pub fn reference(&self) -> String {
        let Self::Problem(problem) = self else { return String::new() };
        let query = problem.query_id.as_ref().map(|id| format!("query {id}"));
        let parts = [Some(problem.code.clone()), problem.limit.clone(), query];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// What else the page can offer.
    #[must_use]
    pub fn way_out(&self) -> WayOut {
        if matches!(self.code(), "too_large" | "timeout") { WayOut::Shorten } else { WayOut::None }
    }
}

/// Messages of the API begin in lower case and have no final stop: here they stand as sentences.
fn sentence(detail: &str) -> String {
    let detail = detail.trim();
    let mut chars = detail.chars();
    let Some(first) = chars.next() else { return String::new() };
    let stop = if detail.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    format!("{}{}{stop}", first.to_uppercase(), chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(code: &str, detail: &str, limit: Option<&str>) -> Failure {
        Failure::Problem(Box::new(Problem {
            code: code.into(),
            detail: detail.into(),
            limit: limit.map(str::to_owned),
            query_id: Some("q1".into()),
            ..Problem::default()
        }))
    }

    #[test]
    fn every_code_has_its_words() {
        let codes = [
            "invalid",
            "unauthenticated",
            "forbidden",
            "not_found",
            "conflict",
            "too_large",
            "rate_limited",
            "timeout",
            "unavailable",
            "internal",
        ];
        let mut titles: Vec<&str> = codes.iter().map(|code| problem(code, "x", None).title()).collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), codes.len());
        assert_eq!(problem("new_code", "x", None).title(), text().failure.internal);
    }

    #[test]
    fn details_are_sentences_with_a_next_step() {
        let failure = problem("too_large", "needed more than 512 MB", Some("query_memory"));
        assert_eq!(failure.title(), text().failure.memory);
        assert_eq!(failure.detail(), format!("Needed more than 512 MB. {}", text().failure.next_shorter));
        assert_eq!(failure.way_out(), WayOut::Shorten);
        assert_eq!(failure.reference(), "too_large · query_memory · query q1");
        assert_eq!(problem("invalid", "no such column: x?", None).detail(), "No such column: x?");
        assert_eq!(problem("invalid", "", None).detail(), "");
        assert_eq!(Failure::Offline.reference(), "");
    }
}
