//! Scripts that are typed into the page: languages, examples to begin with, names, and what is wrong with a
//! script at its place.

use crate::editor::{EditorError, Place};
use lincei_api::PluginFailure;

/// What is in the place of a name on the page where a new script is written.
pub const NEW: &str = "new";
const NAME_CHARACTERS_MAX: usize = 64;

/// What a script is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Python.
    #[default]
    Python,
    /// JavaScript.
    JavaScript,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Python, Self::JavaScript];

    /// As the API and links call it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript => "javascript",
        }
    }

    /// As people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
        }
    }

    /// The language of a runtime; none for what is no script.
    #[must_use]
    pub fn of_runtime(runtime: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.slug() == runtime)
    }
}

/// How a script looks at records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `process(record)`.
    Record,
    /// `transform(rows)`: expressions on whole columns.
    Columns,
    /// `process_batch(rows)`: columns as lists.
    Batch,
}

impl Style {
    /// All, the easiest first.
    pub const ALL: [Self; 3] = [Self::Record, Self::Columns, Self::Batch];

    /// A script to begin with.
    #[must_use]
    pub const fn example(self, language: Language) -> &'static str {
        match (language, self) {
            (Language::Python, Self::Record) => include_str!("plugin_script/record.py"),
            (Language::Python, Self::Columns) => include_str!("plugin_script/columns.py"),
            (Language::Python, Self::Batch) => include_str!("plugin_script/batch.py"),
            (Language::JavaScript, Self::Record) => include_str!("plugin_script/record.js"),
            (Language::JavaScript, Self::Columns) => include_str!("plugin_script/columns.js"),
            (Language::JavaScript, Self::Batch) => include_str!("plugin_script/batch.js"),
        }
    }

    /// The function that a script of this style defines.
    #[must_use]
    pub const fn function(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Record, _) => "process(record)",
            (Self::Columns, _) => "transform(rows)",
            (Self::Batch, Language::Python) => "process_batch(rows)",
            (Self::Batch, Language::JavaScript) => "processBatch(rows)",
        }
    }

    /// The style whose example a script is, as it is.
    #[must_use]
    pub fn of_example(source: &str, language: Language) -> Option<Self> {
        Self::ALL.into_iter().find(|style| style.example(language) == source)
    }
}

/// Whether a plugin can have this name and be looked at under it.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=NAME_CHARACTERS_MAX).contains(&name.len()) && name.chars().all(good) && name != NEW
}

/// A name for what a file holds: `My_Plugin.wasm` is `my-plugin`.
#[must_use]
pub fn name_of_file(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let dashed: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let parts: Vec<&str> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-").chars().take(NAME_CHARACTERS_MAX).collect()
}

/// What is wrong with a script, at its place; none when the failure has no place in it.
#[must_use]
pub fn error_in_script(failure: &PluginFailure) -> Option<EditorError> {
    let number = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
    let line = number(failure.line?);
    let column = failure.column.map_or(1, number);
    // Without a column it is the line as a whole.
    let to = failure.column.is_none().then_some(Place::Line { line, column: usize::MAX });
    Some(EditorError { from: Place::Line { line, column }, to, message: failure.detail.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_define_their_function() {
        for language in Language::ALL {
            assert_eq!(Language::of_runtime(language.slug()), Some(language));
            for style in Style::ALL {
                let source = style.example(language);
                assert!(source.contains(style.function(language)), "{style:?} in {}", language.name());
                assert_eq!(Style::of_example(source, language), Some(style));
                assert!(source.lines().all(|line| line.len() <= 100), "{style:?} is read beside its preview");
            }
        }
        assert_eq!(Language::of_runtime("wasm"), None);
        assert_eq!(Style::of_example("def process(record): pass", Language::Python), None);
    }

    #[test]
    fn names_are_those_of_the_api() {
        for good in ["a", "scrub-2", "0", &"x".repeat(64)] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "Scrub", "a b", "ä", "a_b", "new", &"x".repeat(65)] {
            assert!(!is_name(bad), "{bad}");
        }
        assert_eq!(name_of_file("My_Plugin.v2.wasm"), "my-plugin-v2");
        assert_eq!(name_of_file("--.wasm"), "");
        assert!(is_name(&name_of_file(&format!("{}.wasm", "é1".repeat(80)))));
    }

    #[test]
    fn failures_stand_at_their_place() {
        let failure = |line, column| PluginFailure { line, column, detail: "no".into(), ..PluginFailure::default() };
        let text = "def f(:\n  pass\n";
        let range = |line, column| error_in_script(&failure(line, column)).map(|error| error.range(text));
        assert_eq!(range(Some(1), Some(7)), Some((6, 7)));
        assert_eq!(range(Some(2), None), Some((8, 14)), "the whole line");
        assert_eq!(range(Some(99), None), Some((14, 15)), "behind the end it is the end");
        assert_eq!(range(None, Some(3)), None);
    }
}
