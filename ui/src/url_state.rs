//! The view as a link: `/logs?q=service%3Acheckout&from=now-30m&tz=utc&row=…`. What is at its
//! default is left out; what cannot be read is as if it were left out.

use crate::log_row::RowKey;
use crate::time_range::TimeRange;
use std::collections::BTreeMap;

/// A page of the application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Page {
    /// `/`.
    #[default]
    Home,
    /// `/logs`.
    Logs,
    /// `/sql`.
    Sql,
    /// `/dashboards`, and `/dashboards/<id>`.
    Dashboards,
    /// `/pipelines/<signal>`.
    Pipelines,
    /// `/plugins`, `/plugins/<name>`, and `/plugins/new` for a script.
    Plugins,
    /// `/settings/<section>`.
    Settings,
}

impl Page {
    /// All pages, in the order of the navigation.
    pub const ALL: [Self; 7] =
        [Self::Home, Self::Logs, Self::Sql, Self::Dashboards, Self::Pipelines, Self::Plugins, Self::Settings];

    /// Path of the page.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Logs => "/logs",
            Self::Sql => "/sql",
            Self::Dashboards => "/dashboards",
            Self::Pipelines => "/pipelines",
            Self::Plugins => "/plugins",
            Self::Settings => "/settings",
        }
    }

    /// The letter that goes to the page after a `g`.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Home => "h",
            Self::Logs => "l",
            Self::Sql => "q",
            Self::Dashboards => "d",
            Self::Pipelines => "p",
            Self::Plugins => "u",
            Self::Settings => "s",
        }
    }

    /// The page at a path, and what of it the path names; `None` for a path that is no page.
    #[must_use]
    pub fn at_path(path: &str) -> Option<(Self, String)> {
        let path = path.trim_end_matches('/');
        let (first, item) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
        let page = Self::ALL.into_iter().find(|page| page.path().trim_start_matches('/') == first)?;
        let item = decode(item)?;
        (item.is_empty() || page.has_items()).then_some((page, item))
    }

    const fn has_items(self) -> bool {
        matches!(self, Self::Dashboards | Self::Pipelines | Self::Plugins | Self::Settings)
    }

    /// Whether a parameter belongs to the page; the values of a dashboard's variables begin with `var.`.
    fn keeps(self, name: &str) -> bool {
        let names: &[&str] = match self {
            Self::Home => &[],
            Self::Logs => &["tab", "columns", "wrap", "live", "facets", "around", "same", "sort", "new"],
            Self::Sql => &["sql", "tab", "chart", "saved", "limit"],
            Self::Dashboards => &["panel", "edit", "refresh", "full", "version"],
            Self::Pipelines => &["step", "newest"],
            Self::Plugins => &["tab", "language", "version", "signal", "newest"],
            Self::Settings => &["tab", "table", "actor", "action"],
        };
        names.contains(&name) || (self == Self::Dashboards && name.starts_with("var."))
    }
}

/// What a link restores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewState {
    /// Page.
    pub page: Page,
    /// What of the page: the id of a dashboard, a section of the settings; mostly empty.
    pub item: String,
    /// Search text.
    pub query: String,
    /// Time range.
    pub range: TimeRange,
    /// Whether times are shown in UTC; `None` leaves it to the reader.
    pub utc: Option<bool>,
    /// The line whose details are open.
    pub row: Option<RowKey>,
    /// What else the page keeps in its link.
    pub parameters: BTreeMap<String, String>,
}

impl ViewState {
    /// A page as it is when nothing was chosen on it.
    #[must_use]
    pub fn of(page: Page) -> Self {
        Self { page, ..Self::default() }
    }

    /// Reads path and query string, the latter with or without its `?`.
    #[must_use]
    pub fn from_link(path: &str, search: &str) -> Self {
        let (page, item) = Page::at_path(path).unwrap_or_default();
        let mut state = Self { page, item, ..Self::default() };
        let (mut from, mut to) = (None, None);
        for pair in search.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) = (decode(name), decode(value)) else { continue };
            match name.as_str() {
                "q" => state.query = value,
                "from" => from = Some(value),
                "to" => to = Some(value),
                "tz" => state.utc = (value == "utc").then_some(true).or((value == "local").then_some(false)),
                "row" => state.row = RowKey::from_text(&value),
                _ if page.keeps(&name) && !value.is_empty() => drop(state.parameters.insert(name, value)),
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
        pairs.extend(self.parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))));
        let mut link = self.page.path().to_owned();
        if !self.item.is_empty() {
            link.push('/');
            link.push_str(&encode(&self.item));
        }
        if pairs.is_empty() { link } else { format!("{link}?{}", pairs.join("&")) }
    }

    /// A parameter of the page; empty when it is at its default.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// Sets a parameter of the page; empty is its default.
    pub fn set_parameter(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            self.parameters.remove(name);
        } else {
            self.parameters.insert(name.to_owned(), value.to_owned());
        }
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
            ViewState {
                page: Page::Logs,
                query: "service:a,b \"x y\" -k:100% & é+1=2#?".into(),
                ..ViewState::default()
            },
            ViewState {
                page: Page::Logs,
                query: "severity:>=WARN".into(),
                range: TimeRange::Absolute { from_ns: 1_795_316_512_418_000_000, to_ns: 1_795_316_513_000_000_000 },
                utc: Some(true),
                row: Some(RowKey { time_ns: 1_795_316_512_418_000_001, hash: 0xab }),
                ..ViewState::default()
            },
            ViewState { utc: Some(false), range: TimeRange::Relative { seconds: 60 }, ..ViewState::default() },
            ViewState {
                item: "01JD/ä?x".into(),
                parameters: [("refresh", "30s"), ("var.a b", "x&y=z")].map(|(k, v)| (k.into(), v.into())).into(),
                ..ViewState::of(Page::Dashboards)
            },
            ViewState { item: "keys".into(), ..ViewState::of(Page::Settings) },
            ViewState {
                item: "scrub".into(),
                query: "service:cart".into(),
                parameters: [("tab", "versions"), ("newest", "200")].map(|(k, v)| (k.into(), v.into())).into(),
                ..ViewState::of(Page::Plugins)
            },
            ViewState { item: "spans".into(), ..ViewState::of(Page::Pipelines) },
        ] {
            let link = state.to_link();
            assert!(link.is_ascii() && !link.contains([' ', '"', '#', '<', '>']), "{link}");
            let (path, search) = link.split_once('?').unwrap_or((&link, ""));
            assert_eq!(ViewState::from_link(path, search), state, "{link}");
        }
    }

    #[test]
    fn links_stay_readable() {
        let state = ViewState { query: "service:cart -env:dev".into(), ..ViewState::of(Page::Logs) };
        assert_eq!(state.to_link(), "/logs?q=service:cart+-env:dev");
        assert_eq!(ViewState::default().to_link(), "/");
        assert_eq!(ViewState::from_link("/logs/", "").to_link(), "/logs");
        assert_eq!(ViewState { item: "keys".into(), ..ViewState::of(Page::Settings) }.to_link(), "/settings/keys");
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
            "?tab=&sql=SELECT",
        ] {
            assert_eq!(ViewState::from_link("/logs", search), ViewState::of(Page::Logs), "{search}");
        }
        for path in ["/nowhere", "/logs/of/mine", "//", "/settings/%zz"] {
            assert_eq!(ViewState::from_link(path, ""), ViewState::default(), "{path}");
        }
    }
}
