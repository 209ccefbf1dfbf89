//! What a code editor knows: names that it completes, and errors with their places. Editors count
//! in UTF-16 units, the server in bytes or in lines and characters.

use lincei_api::SqlLocation;
use serde_json::{Value, json};

/// A table with its columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Name.
    pub name: String,
    /// Name and type of each column.
    pub columns: Vec<(String, String)>,
}

/// A function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Function {
    /// Name.
    pub name: String,
    /// Its arguments or what it is for, in a few words.
    pub detail: String,
}

/// Something that is written otherwise than it is looked for: the key of a map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phrase {
    /// What it is looked for by: `http.route`.
    pub name: String,
    /// How it is written: `attributes['http.route']`.
    pub text: String,
    /// What it is, in a word or two.
    pub detail: String,
}

/// What completion offers besides the words of the language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Tables.
    pub tables: Vec<Table>,
    /// Functions.
    pub functions: Vec<Function>,
    /// Phrases.
    pub phrases: Vec<Phrase>,
}

impl Schema {
    /// As `bundle/editor.mjs` reads it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let tables = self.tables.iter().map(|table| json!({ "name": table.name, "columns": table.columns }));
        let functions =
            self.functions.iter().map(|function| json!({ "name": function.name, "detail": function.detail }));
        let phrases = self
            .phrases
            .iter()
            .map(|phrase| json!({ "name": phrase.name, "text": phrase.text, "detail": phrase.detail }));
        json!({
            "tables": tables.collect::<Vec<_>>(),
            "functions": functions.collect::<Vec<_>>(),
            "phrases": phrases.collect::<Vec<_>>(),
        })
    }
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Bytes before it.
    Byte(usize),
    /// Line and column, from 1, in characters.
    Line {
        /// Line.
        line: usize,
        /// Column.
        column: usize,
    },
}

impl From<SqlLocation> for Place {
    fn from(location: SqlLocation) -> Self {
        let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        Self::Line { line: number(location.line), column: number(location.column) }
    }
}

impl Place {
    /// Bytes before it; places beyond the text or inside a character are moved to what is before
    /// them.
    #[must_use]
    pub fn byte(self, text: &str) -> usize {
        match self {
            Self::Byte(byte) => (0..=byte.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0),
            Self::Line { line, column } => {
                let start = match line.checked_sub(2) {
                    None => 0,
                    Some(breaks) => text.match_indices('\n').nth(breaks).map_or(text.len(), |(at, _)| at + 1),
                };
                let rest = text.get(start..).unwrap_or_default();
                let rest = rest.split('\n').next().unwrap_or_default();
                let within = rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
                start + within
            }
        }
    }

    /// Line and column, from 1, in characters.
    #[must_use]
    pub fn line_column(self, text: &str) -> (usize, usize) {
        let before = text.get(..self.byte(text)).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }
}

/// Something wrong in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditorError {
    /// Where it begins.
    pub from: Place,
    /// Where it ends; without it, it is the word that begins there.
    pub to: Option<Place>,
    /// What is wrong.
    pub message: String,
}

impl EditorError {
    /// Start and end in UTF-16 units. The range is never empty unless the text is: at its end it
    /// is the last character.
    #[must_use]
    pub fn range(&self, text: &str) -> (usize, usize) {
        let mut from = self.from.byte(text);
        let mut to = self.to.map_or_else(|| word_end(text, from), |to| to.byte(text).max(from));
        if from == to {
            to = text.get(from..).and_then(|rest| rest.chars().next()).map_or(from, |c| from + c.len_utf8());
        }
        if from == to {
            from = text.char_indices().next_back().map_or(0, |(at, _)| at);
        }
        (utf16(text, from), utf16(text, to))
    }

    /// As `bundle/editor.mjs` reads it.
    #[must_use]
    pub fn to_json(&self, text: &str) -> Value {
        let (from, to) = self.range(text);
        json!({ "from": from, "to": to, "message": self.message })
    }
}

fn word_end(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let part = |c: char| c.is_alphanumeric() || c == '_';
    from + rest.find(|c: char| !part(c)).unwrap_or(rest.len())
}

/// UTF-16 units before a byte.
#[must_use]
pub fn utf16(text: &str, byte: usize) -> usize {
    text.get(..byte).unwrap_or(text).encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    // é is two bytes and one unit, 😀 four bytes and two units (Unicode 16, tables 3-5 and 3-6)
    const TEXT: &str = "select 'é😀',\n  servce\nfrom logs";

    fn error(from: Place, to: Option<Place>) -> (usize, usize) {
        EditorError { from, to, message: String::new() }.range(TEXT)
    }

    #[test]
    fn places_are_found_in_units_of_the_editor() {
        let line = |line, column| Place::Line { line, column };
        assert_eq!(error(line(2, 3), None), (16, 22));
        assert_eq!(error(Place::Byte(19), None), (16, 22));
        assert_eq!(error(line(1, 9), Some(line(1, 10))), (8, 9));
        assert_eq!(error(line(1, 10), Some(line(1, 11))), (9, 11));
        assert_eq!(error(Place::Byte(9), Some(Place::Byte(8))), (8, 9), "inside a character is before it");
        assert_eq!(error(line(3, 6), Some(line(3, 6))), (28, 29));
    }

    #[test]
    fn places_beyond_the_text_are_its_end() {
        for place in [Place::Byte(usize::MAX), Place::Line { line: 99, column: 1 }, Place::Line { line: 3, column: 99 }]
        {
            assert_eq!(error(place, None), (31, 32), "{place:?}");
        }
        assert_eq!(error(Place::Line { line: 2, column: 99 }, None), (22, 23), "the end of the line");
        assert_eq!(error(Place::Line { line: 0, column: 0 }, None), (0, 6));
        assert_eq!(EditorError { from: Place::Byte(5), to: None, message: String::new() }.range(""), (0, 0));
    }

    #[test]
    fn places_are_told_by_line_and_column() {
        assert_eq!(Place::Byte(19).line_column(TEXT), (2, 3));
        assert_eq!(Place::Line { line: 1, column: 11 }.line_column(TEXT), (1, 11));
        assert_eq!(Place::Byte(99).line_column(TEXT), (3, 10));
        let place = Place::from(SqlLocation { line: 2, column: 3 });
        assert_eq!(place.byte(TEXT), 19);
    }

    #[test]
    fn schemas_and_errors_are_written_for_the_editor() {
        let schema = Schema {
            tables: vec![Table { name: "logs".into(), columns: vec![("time".into(), "timestamp".into())] }],
            functions: vec![Function { name: "count".into(), detail: "rows".into() }],
            phrases: vec![Phrase { name: "a.b".into(), text: "m['a.b']".into(), detail: "m".into() }],
        };
        assert_eq!(
            schema.to_json().to_string(),
            r#"{"functions":[{"detail":"rows","name":"count"}],"phrases":[{"detail":"m","name":"a.b","text":"m['a.b']"}],"tables":[{"columns":[["time","timestamp"]],"name":"logs"}]}"#
        );
        let error = EditorError { from: Place::Byte(0), to: None, message: "no \"such\"".into() };
        assert_eq!(error.to_json("ab").to_string(), r#"{"from":0,"message":"no \"such\"","to":2}"#);
    }
}
