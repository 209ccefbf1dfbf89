//! The view as a link: `/logs?q=service%3Acheckout&from=now-30m&tz=utc&row=…`. What is at its
//! default is left out; what cannot be read is as if it were left out.

use crate::log_row::RowKey;
use crate::time_range::TimeRange;

/// A page of the application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Page {
    /// `/logs`, and `/`.
    #[default]
    Logs,
}

impl Page {
    /// Path of the page.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Logs => "/logs",
        }
    }

    /// The page at a path; `None` for a path that is no page.
    #[must_use]
    pub fn at_path(path: &str) -> Option<Self> {
        match path.trim_end_matches('/') {
            "" | "/logs" => Some(Self::Logs),
            _ => None,
        }
    }
}

/// What a link restores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewState {
    /// Page.
    pub page: Page,
    /// Search text.
    pub query: String,
    /// Time range.
    pub range: TimeRange,
    /// Whether times are shown in UTC; `None` leaves it to the reader.
    pub utc: Option<bool>,
    /// The line whose details are open.
    pub row: Option<RowKey>,
}

impl ViewState {
    /// Reads path and query string, the latter with or without its `?`.
    #[must_use]
    pub fn from_link(path: &str, search: &str) -> Self {
        let mut state = Self { page: Page::at_path(path).unwrap_or_default(), ..Self::default() };
        let (mut from, mut to) = (None, None);
        for pair in search.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(value) = decode(value) else { continue };
            match name {
                "q" => state.query = value,
                "from" => from = Some(value),
                "to" => to = Some(value),
                "tz" => state.utc = (value == "utc").then_some(true).or((value == "local").then_some(false)),
                "row" => state.row = RowKey::from_text(&value),
                _ => {}
            }
        }
        if let Some(from) = from {
            state.range = TimeRange::from_texts(&from, to.as_deref()).unwrap_or_default();
        }
        state
    }

    /// Path and query string.
    #[must_use]
    pub fn to_link(&self) -> String {
        let mut pairs = Vec::new();
        if !self.query.is_empty() {
            pairs.push(format!("q={}", encode(&self.query)));
        }
        if self.range != TimeRange::default() {
            let (from, to) = self.range.to_texts();
            pairs.push(format!("from={}", encode(&from)));
            pairs.extend(to.map(|to| format!("to={}", encode(&to))));
        }
        if let Some(utc) = self.utc {
            pairs.push(format!("tz={}", if utc { "utc" } else { "local" }));
        }
        if let Some(row) = self.row {
            pairs.push(format!("row={}", encode(&row.to_text())));
        }
        let path = self.page.path();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }
}

/// Percent-encodes for a query string (URL standard, `application/x-www-form-urlencoded`), but
/// leaves `:`, `/` and `,` readable, which are safe there (RFC 3986 section 3.4).
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' | b'/' | b',' | b'*' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex(rest.next()?)?, hex(rest.next()?)?);
                high * 16 + low
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_restore_the_view() {
        for state in [
            ViewState::default(),
            ViewState { query: "service:a,b \"x y\" -k:100% & é+1=2#?".into(), ..ViewState::default() },
            ViewState {
                page: Page::Logs,
                query: "severity:>=WARN".into(),
                range: TimeRange::Absolute { from_ns: 1_795_316_512_418_000_000, to_ns: 1_795_316_513_000_000_000 },
                utc: Some(true),
                row: Some(RowKey { time_ns: 1_795_316_512_418_000_001, hash: 0xab }),
            },
            ViewState { utc: Some(false), range: TimeRange::Relative { seconds: 60 }, ..ViewState::default() },
        ] {
            let link = state.to_link();
            assert!(link.is_ascii() && !link.contains([' ', '"', '#', '<', '>']), "{link}");
            let (path, search) = link.split_once('?').unwrap_or((&link, ""));
            assert_eq!(ViewState::from_link(path, search), state, "{link}");
        }
    }

    #[test]
    fn links_stay_readable() {
        let state = ViewState { query: "service:cart -env:dev".into(), ..ViewState::default() };
        assert_eq!(state.to_link(), "/logs?q=service:cart+-env:dev");
        assert_eq!(ViewState::default().to_link(), "/logs");
        assert_eq!(ViewState::from_link("/", "").to_link(), "/logs");
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        for search in [
            "?q=%zz",
            "?q=%e9",
            "?q=%4",
            "?from=tomorrow&to=now",
            "?to=now",
            "?from=2026-11-22T03:06:00Z&to=2026-11-22T03:05:00Z",
            "?tz=mars",
            "?row=nothing",
            "?&&=&theme=dark",
        ] {
            assert_eq!(ViewState::from_link("/logs", search), ViewState::default(), "{search}");
        }
    }
}
