//! The search text as the page edits it: colouring while typing, and adding, replacing and taking
//! away of terms by facets and the drawer. The server alone decides what a text means; this reads
//! the same syntax, but never refuses: what it does not understand stays as it was written.

mod lex;
mod place;

pub use lex::{Span, SpanKind, spans};
pub use place::{Place, Slot, place};

use crate::order;
use crate::severity::Level;
use lex::{Condition, Piece, PieceKind, pieces};

/// The field whose values are ordered.
pub const SEVERITY: &str = "severity";
/// The field that names the sender.
pub const SERVICE: &str = "service";

/// The values that terms of the outermost level select for `field`; empty when none does. Terms
/// with `*`, comparisons and negations select no single value.
#[must_use]
pub fn selected_values(text: &str, field: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for piece in pieces(text) {
        if let Some(list) = piece.positive_values(field) {
            values.extend(list.iter().filter(|v| !values.contains(v)).cloned().collect::<Vec<_>>());
        }
    }
    values
}

/// `text` with `values` selected for `field`, in the place of what was selected before; without
/// values the field is free.
#[must_use]
pub fn with_values(text: &str, field: &str, values: &[String]) -> String {
    let list: Vec<String> = values.iter().map(|value| quote_value(value)).collect();
    let term = (!list.is_empty()).then(|| format!("{}:{}", quote_name(field), list.join(",")));
    replace(text, |piece| piece.positive_values(field).is_some(), term)
}

/// Selects `value` for `field`, or frees it when it was selected.
#[must_use]
pub fn toggle_value(text: &str, field: &str, value: &str) -> String {
    let mut values = selected_values(text, field);
    match values.iter().position(|v| v == value) {
        Some(at) => {
            values.remove(at);
        }
        None => values.push(value.to_owned()),
    }
    with_values(text, field, &values)
}

/// The single values that negated terms of the outermost level leave out for `field`.
#[must_use]
pub fn excluded_values(text: &str, field: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for piece in pieces(text) {
        if let Some(list) = piece.negative_values(field) {
            values.extend(list.iter().filter(|v| !values.contains(v)).cloned().collect::<Vec<_>>());
        }
    }
    values
}

/// Leaves `value` of `field` out, or no longer.
#[must_use]
pub fn toggle_excluded(text: &str, field: &str, value: &str) -> String {
    let excluded = excluded_values(text, field);
    if !excluded.iter().any(|known| known == value) {
        return with_term(text, field, value, true);
    }
    let rest: Vec<String> = excluded.iter().filter(|known| *known != value).map(|known| quote_value(known)).collect();
    let term = (!rest.is_empty()).then(|| format!("-{}:{}", quote_name(field), rest.join(",")));
    replace(text, |piece| piece.negative_values(field).is_some(), term)
}

/// `text` narrowed to rows where `field` is `value`, or, `negated`, to those where it is not.
#[must_use]
pub fn with_term(text: &str, field: &str, value: &str, negated: bool) -> String {
    if negated {
        let without = replace(text, |piece| piece.positive_values(field).is_some(), None);
        let term = format!("-{}:{}", quote_name(field), quote_value(value));
        let present = pieces(&without).iter().any(|piece| piece.is_value(field, value, true));
        return if present { without } else { append(&without, &term) };
    }
    let free = replace(text, |piece| piece.is_value(field, value, true), None);
    with_values(&free, field, &[value.to_owned()])
}

/// `text` without any term of the outermost level about `field`.
#[must_use]
pub fn without_field(text: &str, field: &str) -> String {
    replace(text, |piece| piece.names(field), None)
}

/// The levels that terms of the outermost level let through; `None` when none is about severity.
#[must_use]
pub fn selected_levels(text: &str) -> Option<Vec<Level>> {
    let pieces = pieces(text);
    let mut about = pieces.iter().filter(|piece| piece.names(SEVERITY)).peekable();
    about.peek()?;
    let terms: Vec<&Piece> = about.collect();
    Some(Level::ALL.into_iter().filter(|level| terms.iter().all(|piece| lets_through(piece, *level))).collect())
}

fn lets_through(piece: &Piece, level: Level) -> bool {
    let PieceKind::Term { condition, .. } = &piece.kind else { return true };
    let set = level != Level::Unset;
    let matched = match condition {
        Condition::Any(values) => set && values.iter().any(|v| Level::by_name(v) == Some(level)),
        Condition::Present => set,
        Condition::Compare(op, value) => {
            let Some(bound) = Level::by_name(value) else { return true };
            set && match op.as_str() {
                ">=" => level >= bound,
                ">" => level > bound,
                "<=" => level <= bound,
                _ => level < bound,
            }
        }
        Condition::Other => return true,
    };
    matched != piece.negated
}

/// Lets `level` through, or no longer. All or none chosen frees the field; a run up to FATAL is
/// written as `severity:>=WARN`. Rows without a severity are chosen alone or not at all.
#[must_use]
pub fn toggle_level(text: &str, level: Level) -> String {
    let chosen = selected_levels(text);
    if level == Level::Unset {
        let alone = chosen.as_deref() == Some(&[Level::Unset]);
        return with_severity_term(text, (!alone).then(|| format!("-{SEVERITY}:>={}", Level::Trace.name())));
    }
    let mut levels: Vec<Level> = chosen.unwrap_or_default().into_iter().filter(|l| *l != Level::Unset).collect();
    match levels.iter().position(|l| *l == level) {
        Some(at) => {
            levels.remove(at);
        }
        None => levels.push(level),
    }
    order::plain(&mut levels);
    with_severity_term(text, severity_term(&levels))
}

fn severity_term(levels: &[Level]) -> Option<String> {
    let lowest = levels.first()?;
    let named = Level::ALL.len() - 1;
    if levels.len() == named {
        return None;
    }
    let run = levels.len() > 1 && levels.len() == Level::ALL.len() - lowest.rank();
    if run {
        return Some(format!("{SEVERITY}:>={}", lowest.name()));
    }
    let names: Vec<&str> = levels.iter().map(|level| level.name()).collect();
    Some(format!("{SEVERITY}:{}", names.join(",")))
}

fn with_severity_term(text: &str, term: Option<String>) -> String {
    replace(text, |piece| piece.names(SEVERITY), term)
}

/// The texts searched for in the body, for marking them in the rows.
#[must_use]
pub fn body_terms(text: &str) -> Vec<String> {
    lex::free_texts(text)
}

/// A stretch of a text and whether it is one of the terms searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch<'a> {
    /// The characters.
    pub text: &'a str,
    /// To be marked.
    pub hit: bool,
}

/// Cuts `text` at each occurrence of a term, ASCII letters in either case.
#[must_use]
pub fn mark<'a>(text: &'a str, terms: &[String]) -> Vec<Stretch<'a>> {
    let mut stretches = Vec::new();
    let (mut plain_from, mut at) = (0, 0);
    while at < text.len() {
        let hit = terms
            .iter()
            .filter(|t| !t.is_empty())
            .find(|term| text.get(at..at + term.len()).is_some_and(|part| part.eq_ignore_ascii_case(term)));
        let Some(term) = hit else {
            at += text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            continue;
        };
        push_stretch(&mut stretches, text.get(plain_from..at), false);
        push_stretch(&mut stretches, text.get(at..at + term.len()), true);
        at += term.len();
        plain_from = at;
    }
    push_stretch(&mut stretches, text.get(plain_from..), false);
    stretches
}

fn push_stretch<'a>(stretches: &mut Vec<Stretch<'a>>, text: Option<&'a str>, hit: bool) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        stretches.push(Stretch { text, hit });
    }
}

/// `value` as it is written after `field:`, quoted where a character would mean something else.
#[must_use]
pub fn quote_value(value: &str) -> String {
    let special = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ',' | '*' | '\\');
    let bare = !value.is_empty() && !value.contains(special) && !value.starts_with(['>', '<', '[']);
    if bare { value.to_owned() } else { quoted(value) }
}

/// `name` as it is written before the colon.
#[must_use]
pub fn quote_name(name: &str) -> String {
    let special = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ':' | '*' | '\\');
    let starts = name.chars().next().is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '@'));
    if starts && !name.contains(special) { name.to_owned() } else { quoted(name) }
}

/// `text` in quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Takes away the pieces that `drop` names and puts `term` in the place of the first, or at the
/// end. A text whose outermost level has an OR is put in parentheses before anything is added.
fn replace(text: &str, drop: impl Fn(&Piece) -> bool, term: Option<String>) -> String {
    let all = pieces(text);
    let either = all.iter().any(|piece| piece.kind == PieceKind::Or);
    if either {
        // In `a OR service:b` the term is one alternative, not a filter of the view.
        return term.map_or_else(|| text.trim().to_owned(), |term| append(text, &term));
    }
    let mut place = None;
    let mut kept: Vec<String> = Vec::new();
    for piece in all.iter().filter(|piece| piece.kind != PieceKind::And) {
        if drop(piece) {
            place.get_or_insert(kept.len());
        } else if let Some(written) = text.get(piece.start..piece.end) {
            kept.push(written.to_owned());
        }
    }
    if let Some(term) = term {
        kept.insert(place.unwrap_or(kept.len()), term);
    }
    kept.join(" ")
}

/// `text` narrowed by a term as it is written.
#[must_use]
pub fn append(text: &str, term: &str) -> String {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        term.to_owned()
    } else if pieces(trimmed).iter().any(|piece| piece.kind == PieceKind::Or) {
        format!("({trimmed}) {term}")
    } else {
        format!("{trimmed} {term}")
    }
}

#[cfg(test)]
mod tests;
