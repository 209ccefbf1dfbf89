//! Every text that a person reads, in each language. Pages and components hold no text of their own.
//! What all pages share is one value of [`Strings`] per language; a page has a module of its own, with
//! its texts in all languages beside each other.

mod chinese;
mod english;

pub mod charts;
pub mod dashboards;
pub mod editor;
pub mod explore;
pub mod guide;
pub mod home;
pub mod palette;
pub mod patterns;
pub mod pipelines;
pub mod plugins;
pub mod settings;
pub mod sql;
pub mod tail;
pub mod trial;

use std::sync::atomic::{AtomicBool, Ordering};

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// All, each with its own name for itself.
    pub const ALL: [(Self, &'static str); 2] = [(Self::English, "English"), (Self::Chinese, "简体中文")];

    /// Language tag (BCP 47), for `<html lang>` and for what is remembered.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The language that serves a reader of `tag` best.
    #[must_use]
    pub fn for_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") { Self::Chinese } else { Self::English }
    }
}

static IS_CHINESE: AtomicBool = AtomicBool::new(false);

/// Chooses the language, before anything is drawn: what is drawn already stays as it is.
pub fn choose(language: Language) {
    IS_CHINESE.store(language == Language::Chinese, Ordering::Relaxed);
}

/// The language in use.
#[must_use]
pub fn language() -> Language {
    if IS_CHINESE.load(Ordering::Relaxed) { Language::Chinese } else { Language::English }
}

fn pick<T>(english: &'static T, chinese: &'static T) -> &'static T {
    match language() {
        Language::English => english,
        Language::Chinese => chinese,
    }
}

/// The texts that all pages share, in the language of the reader.
#[must_use]
pub fn text() -> &'static Strings {
    pick(&english::ENGLISH, &chinese::CHINESE)
}

/// Puts a value or two into a sentence.
pub type One = fn(&str) -> String;
/// Puts two values into a sentence.
pub type Two = fn(&str, &str) -> String;

/// All texts of one language.
pub struct Strings {
    /// Around the pages.
    pub shell: Shell,
    /// Picker of the time range.
    pub time: Time,
    /// Logs page.
    pub logs: Logs,
    /// Details of a line.
    pub line: Line,
    /// Sign-in page.
    pub sign_in: SignIn,
    /// When something went wrong.
    pub failure: Failure,
    /// List of keys.
    pub keys: Keys,
}

/// Around the pages.
pub struct Shell {
    pub product: &'static str,
    pub main_navigation: &'static str,
    pub explore: &'static str,
    pub process: &'static str,
    pub pipelines: &'static str,
    pub plugins: &'static str,
    pub home: &'static str,
    pub logs: &'static str,
    pub sql: &'static str,
    pub dashboards: &'static str,
    pub settings: &'static str,
    pub storing: One,
    pub idle: &'static str,
    pub refusing: &'static str,
    pub unreachable: &'static str,
    pub light_theme: &'static str,
    pub dark_theme: &'static str,
    pub sign_out: &'static str,
    pub signed_in_as: One,
    pub show_keys: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub copy_failed: &'static str,
    pub copy_link: &'static str,
    pub link_copied: &'static str,
    pub close: &'static str,
    pub refresh: &'static str,
    pub server_version: One,
    pub language: &'static str,
}

/// Picker of the time range.
pub struct Time {
    pub range: &'static str,
    pub last: One,
    pub ago: One,
    pub ahead: One,
    pub presets: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub apply: &'static str,
    pub hint: &'static str,
    pub bad_from: &'static str,
    pub bad_to: &'static str,
    pub empty: &'static str,
    pub zone: &'static str,
    pub local: One,
    pub utc: &'static str,
    pub custom: &'static str,
    pub units: [(&'static str, u64); 4],
}

/// Logs page.
pub struct Logs {
    pub title: &'static str,
    pub document_title: One,
    pub search: &'static str,
    pub search_placeholder: &'static str,
    pub clear: &'static str,
    pub press_enter: &'static str,
    pub lines: One,
    pub lines_word: &'static str,
    pub filters: &'static str,
    pub sql: &'static str,
    pub sql_title: &'static str,
    pub sql_lines: &'static str,
    pub sql_histogram: &'static str,
    pub sql_services: &'static str,
    pub sql_curl: &'static str,
    pub sql_window: Two,
    pub copy_sql: &'static str,
    pub per_bar: One,
    pub histogram: &'static str,
    pub histogram_help: &'static str,
    pub as_table: &'static str,
    pub as_chart: &'static str,
    pub bucket: &'static str,
    pub total: &'static str,
    pub zoom_to: One,
    pub severity: &'static str,
    pub service: &'static str,
    pub no_severity: &'static str,
    pub no_service: &'static str,
    pub more_values: One,
    pub list: &'static str,
    pub time: &'static str,
    pub level: &'static str,
    pub sender: &'static str,
    pub body: &'static str,
    pub no_body: &'static str,
    pub range: fn(&str, &str, &str) -> String,
    pub none_yet: &'static str,
    pub counting: &'static str,
    pub scanned: fn(&str, &str, &str) -> String,
    pub cost_detail: fn(&str, &str, &str) -> String,
    pub loading: &'static str,
    pub progress: fn(&str, &str, &str) -> String,
    pub progress_unknown: One,
    pub cancel: &'static str,
    pub cancelled_title: &'static str,
    pub cancelled_detail: &'static str,
    pub run_again: &'static str,
    pub invalid_title: &'static str,
    pub invalid_detail: &'static str,
    pub invalid_correct: &'static str,
    pub empty_title: &'static str,
    pub empty_searching: &'static str,
    pub empty_older: fn(&str, &str, &str) -> String,
    pub empty_newer: fn(&str, &str, &str) -> String,
    pub empty_never: One,
    pub empty_no_lines: &'static str,
    pub everything: &'static str,
    pub go_to: One,
    pub remove_filters: &'static str,
    pub page_failed: &'static str,
}

/// Details of a line.
pub struct Line {
    pub region: &'static str,
    pub fields: &'static str,
    pub json: &'static str,
    pub record: &'static str,
    pub attributes: &'static str,
    pub resource: &'static str,
    pub none: &'static str,
    pub time: &'static str,
    pub observed: &'static str,
    pub severity: &'static str,
    pub severity_number: Two,
    pub service: &'static str,
    pub event_name: &'static str,
    pub scope: &'static str,
    pub trace_id: &'static str,
    pub span_id: &'static str,
    pub trace_lines: One,
    pub only_this: Two,
    pub not_this: Two,
    pub copy_value: One,
    pub expand: &'static str,
    pub filter_fields: &'static str,
    pub show_more: Two,
    pub copy_line: &'static str,
    pub copy_json: &'static str,
    pub gone_title: &'static str,
    pub gone_detail: &'static str,
}

/// Sign-in page.
pub struct SignIn {
    pub title: &'static str,
    pub lead: &'static str,
    pub name: &'static str,
    pub password: &'static str,
    pub submit: &'static str,
    pub busy: &'static str,
    pub wrong: &'static str,
    pub too_often: &'static str,
    pub ended: &'static str,
    pub missing: &'static str,
}

/// When something went wrong.
pub struct Failure {
    pub invalid: &'static str,
    pub unauthenticated: &'static str,
    pub forbidden: &'static str,
    pub not_found: &'static str,
    pub conflict: &'static str,
    pub memory: &'static str,
    pub too_large: &'static str,
    pub rate_limited: &'static str,
    pub timeout: &'static str,
    pub unavailable: &'static str,
    pub internal: &'static str,
    pub offline: &'static str,
    pub offline_detail: &'static str,
    pub malformed: &'static str,
    pub malformed_detail: One,
    pub next_shorter: &'static str,
    pub next_wait: &'static str,
    pub next_report: &'static str,
    pub retry: &'static str,
    pub shorten: One,
    pub copy_details: &'static str,
    pub search: &'static str,
}

/// List of keys.
pub struct Keys {
    pub title: &'static str,
    pub search: &'static str,
    pub run: &'static str,
    pub next: &'static str,
    pub previous: &'static str,
    pub page: &'static str,
    pub ends: &'static str,
    pub open: &'static str,
    pub escape: &'static str,
    pub refresh: &'static str,
    pub go_to: One,
    pub help: &'static str,
}
