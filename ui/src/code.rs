//! Colouring of code that is shown to be copied: enough to tell strings, comments and keywords
//! apart, in the few languages that the page shows.

/// What the code is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Statements of this page.
    Sql,
    /// Documents of this page.
    Json,
    /// Shell, Python, JavaScript, YAML: strings and comments only.
    Script,
}

/// What a stretch of code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeKind {
    /// Anything else.
    Plain,
    /// A keyword, or the key of a JSON object.
    Key,
    /// A quoted text.
    Text,
    /// A number.
    Number,
    /// A comment.
    Comment,
}

impl CodeKind {
    /// CSS class of the stretch.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Key => "k",
            Self::Text => "s",
            Self::Number => "n",
            Self::Comment => "c",
        }
    }
}

const SQL_WORDS: [&str; 13] =
    ["SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "LIMIT", "OFFSET", "AS", "DESC", "INTERVAL", "AND", "OR"];

/// Cuts `code` into stretches; together they are the code.
#[must_use]
pub fn code_spans(code: &str, language: Language) -> Vec<(CodeKind, &str)> {
    let mut spans: Vec<(CodeKind, &str)> = Vec::new();
    let (mut at, mut plain_from) = (0, 0);
    while let Some(rest) = code.get(at..).filter(|rest| !rest.is_empty()) {
        let before = code.get(..at).unwrap_or_default();
        match token(before, rest, language) {
            Some((kind, length)) => {
                push(&mut spans, CodeKind::Plain, code.get(plain_from..at));
                push(&mut spans, kind, code.get(at..at + length));
                at += length;
                plain_from = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    push(&mut spans, CodeKind::Plain, code.get(plain_from..));
    spans
}

fn push<'a>(spans: &mut Vec<(CodeKind, &'a str)>, kind: CodeKind, text: Option<&'a str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        spans.push((kind, text));
    }
}

/// The coloured token at the start of `rest`, with its length in bytes.
fn token(before: &str, rest: &str, language: Language) -> Option<(CodeKind, usize)> {
    let first = rest.chars().next()?;
    let line = before.rsplit('\n').next().unwrap_or_default();
    let opens_line = line.trim().is_empty();
    if language == Language::Script && opens_line && (first == '#' || rest.starts_with("//")) {
        return Some((CodeKind::Comment, rest.find('\n').unwrap_or(rest.len())));
    }
    if matches!(first, '"' | '\'') {
        let length = quoted_length(rest, first);
        let key = language == Language::Json && rest.get(length..).is_some_and(|after| after.starts_with(':'));
        return Some((if key { CodeKind::Key } else { CodeKind::Text }, length));
    }
    let inside_word = before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
    if inside_word || language == Language::Script {
        return None;
    }
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    if first.is_ascii_digit() {
        return Some((CodeKind::Number, word));
    }
    let known = language == Language::Sql && rest.get(..word).is_some_and(|word| SQL_WORDS.contains(&word));
    known.then_some((CodeKind::Key, word))
}

/// Length of the quoted text at the start, both quotes included; to the end when it is not closed.
fn quoted_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_have_keywords_and_texts() {
        use CodeKind::*;
        assert_eq!(
            code_spans("SELECT count(*) AS n1\nWHERE search('it''s') LIMIT 5", Language::Sql),
            [
                (Key, "SELECT"),
                (Plain, " count(*) "),
                (Key, "AS"),
                (Plain, " n1\n"),
                (Key, "WHERE"),
                (Plain, " search("),
                (Text, "'it'"),
                (Text, "'s'"),
                (Plain, ") "),
                (Key, "LIMIT"),
                (Plain, " "),
                (Number, "5"),
            ]
        );
    }

    #[test]
    fn documents_have_keys_and_values() {
        use CodeKind::*;
        assert_eq!(
            code_spans("{\"a\\\"\": \"b\", \"c\": 17}", Language::Json),
            [
                (Plain, "{"),
                (Key, "\"a\\\"\""),
                (Plain, ": "),
                (Text, "\"b\""),
                (Plain, ", "),
                (Key, "\"c\""),
                (Plain, ": "),
                (Number, "17"),
                (Plain, "}"),
            ]
        );
    }

    #[test]
    fn scripts_have_comments_at_the_start_of_lines() {
        use CodeKind::*;
        assert_eq!(
            code_spans("# it's\nx http://y # z\n  // w", Language::Script),
            [(Comment, "# it's"), (Plain, "\nx http://y # z\n  "), (Comment, "// w")]
        );
    }

    #[test]
    fn nothing_is_lost() {
        for code in ["", "'open", "\"", "é'ü\\", "1a 日"] {
            for language in [Language::Sql, Language::Json, Language::Script] {
                let joined: String = code_spans(code, language).iter().map(|(_, text)| *text).collect();
                assert_eq!(joined, code);
            }
        }
    }
}
