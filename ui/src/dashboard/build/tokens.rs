//! Taking a statement apart, as far as variables need it: strings, quoted names and comments hold
//! none.

use crate::dashboard::variable::is_name_char;

/// What a stretch of a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Anything else, whole strings and comments among it.
    Text,
    /// `$name`.
    Variable,
    /// `[[`.
    Open,
    /// `]]`.
    Close,
}

/// A stretch of a statement; all of them together are the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind,
    pub(super) text: &'a str,
    /// Characters before it.
    pub(super) at: usize,
}

impl Token<'_> {
    /// Name of a variable.
    pub(super) fn name(&self) -> &str {
        self.text.trim_start_matches('$')
    }
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut at) = (text, 0);
    while !rest.is_empty() {
        let (kind, length) = next(rest);
        let (token, after) = rest.split_at(length);
        tokens.push(Token { kind, text: token, at });
        at += token.chars().count();
        rest = after;
    }
    tokens
}

/// Kind and length in bytes of the token at the start of `rest`, which is not empty.
fn next(rest: &str) -> (TokenKind, usize) {
    if let Some(name) = rest.strip_prefix('$') {
        let length = name.find(|c| !is_name_char(c)).unwrap_or(name.len());
        let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        return if named { (TokenKind::Variable, 1 + length) } else { (TokenKind::Text, 1) };
    }
    for (sign, kind) in [("[[", TokenKind::Open), ("]]", TokenKind::Close)] {
        if rest.starts_with(sign) {
            return (kind, sign.len());
        }
    }
    let to_end_of = |end: &str, from: usize| {
        rest.get(from..).and_then(|body| body.find(end)).map_or(rest.len(), |found| from + found + end.len())
    };
    let length = match rest {
        _ if rest.starts_with('\'') => quoted(rest, '\''),
        _ if rest.starts_with('"') => quoted(rest, '"'),
        _ if rest.starts_with("--") => to_end_of("\n", 2),
        _ if rest.starts_with("/*") => to_end_of("*/", 2),
        // a single bracket, slash or minus, or all up to the next sign that may begin something
        _ => plain(rest),
    };
    (TokenKind::Text, length)
}

/// A string up to its end; a sign twice is one within it.
fn quoted(rest: &str, sign: char) -> usize {
    let mut length = 1;
    loop {
        let Some(found) = rest.get(length..).and_then(|body| body.find(sign)) else { return rest.len() };
        length += found + 1;
        if !rest.get(length..).is_some_and(|after| after.starts_with(sign)) {
            return length;
        }
        length += 1;
    }
}

fn plain(rest: &str) -> usize {
    let special = |c: char| matches!(c, '$' | '[' | ']' | '\'' | '"' | '-' | '/');
    let first = rest.chars().next().map_or(0, char::len_utf8);
    rest.get(first..).and_then(|body| body.find(special)).map_or(rest.len(), |found| first + found)
}
