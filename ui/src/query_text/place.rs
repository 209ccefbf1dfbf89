//! What stands at the cursor of a search text, to be completed there.

use super::lex::{Lexed, Token, lex};

/// What can be completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The name of a field, or a word to search for.
    Name {
        /// As far as it is written before the cursor.
        typed: String,
        /// Whether a colon follows already.
        colon: bool,
    },
    /// A value of a field.
    Value {
        /// The field.
        field: String,
        /// As far as it is written before the cursor, without quotes.
        typed: String,
        /// Whether it is a bound: after a sign of comparison, or within `[… TO …]`.
        bound: bool,
    },
    /// Nothing: in a phrase, or behind something that is closed.
    Nothing,
}

/// What stands at the cursor, and the bytes that a completion replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// What it is.
    pub slot: Slot,
}

/// Finds out what stands at byte `cursor` of `text`.
#[must_use]
pub fn place(text: &str, cursor: usize) -> Place {
    let cursor = (0..=cursor.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let before = text.get(..cursor).unwrap_or_default();
    // `field:(a OR b` has values in its parentheses.
    let mut groups: Vec<Option<String>> = Vec::new();
    let mut opens: Option<String> = None;
    let mut last = None;
    for lexed in lex(before) {
        match &lexed.token {
            Token::Open => groups.push(opens.take().or_else(|| groups.last().cloned().flatten())),
            Token::Close => drop(groups.pop()),
            _ => {}
        }
        opens = match &lexed.token {
            Token::Field { name, value_at, .. } if *value_at == lexed.end => Some(name.clone()),
            _ => None,
        };
        last = Some(lexed);
    }
    let group = groups.pop().flatten();
    match last {
        None => word(text, cursor, cursor, group),
        Some(Lexed { token: Token::Space | Token::Open | Token::Minus, .. }) => word(text, cursor, cursor, group),
        Some(Lexed { token: Token::Close, .. }) => Place { start: cursor, end: cursor, slot: Slot::Nothing },
        Some(Lexed { token: Token::Field { name, value_at, .. }, .. }) => value(text, value_at, cursor, name),
        Some(Lexed { start, .. }) => match before.get(start..) {
            Some(written) if written.starts_with('"') => Place { start, end: cursor, slot: Slot::Nothing },
            // A minus that nothing follows yet.
            Some("-") => word(text, cursor, cursor, group),
            _ => word(text, start, cursor, group),
        },
    }
}

/// A word from `start` to the cursor; in a group of a field it is one of its values.
fn word(text: &str, start: usize, cursor: usize, group: Option<String>) -> Place {
    let typed = text.get(start..cursor).unwrap_or_default().to_owned();
    // What follows the cursor directly is replaced when the word was begun before it.
    let stop = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ':' | ',');
    let end = if typed.is_empty() { cursor } else { until(text, cursor, stop) };
    let slot = match group {
        Some(field) => Slot::Value { field, typed, bound: false },
        None => Slot::Name { typed, colon: text.get(end..).is_some_and(|rest| rest.starts_with(':')) },
    };
    Place { start, end, slot }
}

/// The last of the values written from `value_at` to the cursor.
fn value(text: &str, value_at: usize, cursor: usize, field: String) -> Place {
    let written = text.get(value_at..cursor).unwrap_or_default();
    let (skipped, bound) = if let Some(range) = written.strip_prefix('[') {
        let from = range.rfind(" TO ").map_or(0, |at| at + " TO ".len());
        if range.contains(']') {
            return Place { start: cursor, end: cursor, slot: Slot::Nothing };
        }
        (1 + from, true)
    } else {
        let sign = [">=", "<=", ">", "<"].into_iter().find(|sign| written.starts_with(sign)).map_or(0, str::len);
        (if sign > 0 { sign } else { after_last_comma(written) }, sign > 0)
    };
    let start = value_at + skipped;
    let last = text.get(start..cursor).unwrap_or_default();
    let Some(phrase) = last.strip_prefix('"') else {
        let stop = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ',' | ']');
        let end = if last.is_empty() { cursor } else { until(text, cursor, stop) };
        return Place { start, end, slot: Slot::Value { field, typed: last.to_owned(), bound } };
    };
    if closing_quote(phrase).is_some() {
        return Place { start: cursor, end: cursor, slot: Slot::Nothing };
    }
    // The quote that closes it may stand behind the cursor; one after a space may open another.
    let rest = text.get(cursor..).unwrap_or_default();
    let end = match closing_quote(rest) {
        Some(at) if !rest.get(..at).unwrap_or_default().contains(char::is_whitespace) => cursor + at + 1,
        _ => cursor,
    };
    let typed = phrase.replace("\\\"", "\"").replace("\\\\", "\\");
    Place { start, end, slot: Slot::Value { field, typed, bound } }
}

fn until(text: &str, from: usize, stop: impl Fn(char) -> bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.find(stop).unwrap_or(rest.len())
}

/// Where an unescaped quote is.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(at)
    })
}

/// Bytes up to and with the last comma that is not within quotes.
fn after_last_comma(list: &str) -> usize {
    let (mut quoted, mut escaped, mut after) = (false, false, 0);
    for (at, c) in list.char_indices() {
        match c {
            '"' if !escaped => quoted = !quoted,
            ',' if !quoted && !escaped => after = at + 1,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place at the `|` of a text, with what it would replace.
    fn at(marked: &str) -> (String, Slot) {
        let cursor = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        let place = place(&text, cursor);
        (text[place.start..place.end].to_owned(), place.slot)
    }

    fn name(typed: &str) -> Slot {
        Slot::Name { typed: typed.into(), colon: false }
    }

    fn value(field: &str, typed: &str) -> Slot {
        Slot::Value { field: field.into(), typed: typed.into(), bound: false }
    }

    fn bound(field: &str, typed: &str) -> Slot {
        Slot::Value { field: field.into(), typed: typed.into(), bound: true }
    }

    #[test]
    fn names_are_completed_anywhere_in_a_text() {
        for (marked, replaced, slot) in [
            ("|", "", name("")),
            ("pay|", "pay", name("pay")),
            ("a pay| b", "pay", name("pay")),
            ("a pay|ment b", "payment", name("pay")),
            ("-pay|", "pay", name("pay")),
            ("-|", "", name("")),
            ("x (pay|", "pay", name("pay")),
            ("NOT k8s.po|", "k8s.po", name("k8s.po")),
            ("service:a |", "", name("")),
            ("| service:a", "", name("")),
            ("OR|", "OR", name("OR")),
            ("ser|:a", "ser", Slot::Name { typed: "ser".into(), colon: true }),
            ("ser|vice:a", "service", Slot::Name { typed: "ser".into(), colon: true }),
            ("é|", "é", name("é")),
        ] {
            assert_eq!(at(marked), (replaced.to_owned(), slot), "{marked}");
        }
    }

    #[test]
    fn values_are_completed_with_their_field() {
        for (marked, replaced, slot) in [
            ("service:|", "", value("service", "")),
            ("service:ch|", "ch", value("service", "ch")),
            ("service:ch|eck x", "check", value("service", "ch")),
            ("service:a,b| x", "b", value("service", "b")),
            ("service:a,|", "", value("service", "")),
            ("service:a|,b", "a", value("service", "a")),
            ("service:\"a,b\",c|", "c", value("service", "c")),
            ("-http.route:/he|", "/he", value("http.route", "/he")),
            ("host.name:\"db |", "\"db ", value("host.name", "db ")),
            ("host.name:\"db|x\" y", "\"dbx\"", value("host.name", "db")),
            ("host.name:\"db| x:\"a\"", "\"db", value("host.name", "db")),
            ("\"my key\":v|", "v", value("my key", "v")),
            ("severity:>=WA|", "WA", bound("severity", "WA")),
            ("severity:>|", "", bound("severity", "")),
            ("d:[1ms TO 5|", "5", bound("d", "5")),
            ("d:[1| TO 5]", "1", bound("d", "1")),
            ("level:(warn OR er|", "er", value("level", "er")),
            ("level:(|", "", value("level", "")),
        ] {
            assert_eq!(at(marked), (replaced.to_owned(), slot), "{marked}");
        }
    }

    #[test]
    fn phrases_and_what_is_closed_are_left_alone() {
        for marked in ["\"conn res|", "\"conn\"|", "(a)|", "k:\"a\"|", "k:[1 TO 2]|"] {
            assert_eq!(at(marked).1, Slot::Nothing, "{marked}");
        }
        assert_eq!(place("é", 1).slot, name(""), "a cursor within a character is before it");
        assert_eq!(place("a", 9).slot, name("a"));
    }
}
