//! What can be written at the cursor of the search bar: names of fields, values, signs of comparison,
//! the body, and what was searched for before.

use crate::order;
use crate::query_text::{Place, Slot, quote_name, quote_value, quoted};
use lincei_api::{FieldInfo, ValueCount};

/// Names or values offered at once.
const OFFERED_MAX: usize = 8;
/// Earlier searches that are remembered.
const RECENT_MAX: usize = 20;
/// Earlier searches offered at once.
const RECENT_OFFERED: usize = 5;

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A column of text.
    Text,
    /// A column of numbers.
    Number,
    /// A column of times.
    Time,
    /// A key of the attributes.
    Attribute,
    /// A key of the resource.
    Resource,
    /// A value.
    Value,
    /// `>=`.
    AtLeast,
    /// `<=`.
    AtMost,
    /// `[… TO …]`.
    Between,
    /// `*`.
    Present,
    /// The word, in the body.
    Body,
    /// A search text of before.
    Recent,
}

/// Something that can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// As it is shown.
    pub label: String,
    /// The bytes of the label that are what was typed.
    pub hit: (usize, usize),
    /// What it is.
    pub kind: Kind,
    /// Lines that have it, where that is known.
    pub lines: Option<u64>,
    written: String,
    /// Bytes from the end of what is written back to the cursor.
    back: usize,
    replaces: (usize, usize),
}

impl Candidate {
    fn new(kind: Kind, label: String, written: String, place: &Place) -> Self {
        Self { label, hit: (0, 0), kind, lines: None, written, back: 0, replaces: (place.start, place.end) }
    }

    /// Whether something belongs behind it, so that the completion goes on.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        !matches!(self.kind, Kind::Value | Kind::Present | Kind::Body | Kind::Recent)
    }

    /// `text` with the candidate in its place, and the byte where the cursor is then.
    #[must_use]
    pub fn accept(&self, text: &str) -> (String, usize) {
        let (start, end) = self.replaces;
        let (before, after) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
        let cursor = before.len() + self.written.len() - self.back;
        (format!("{before}{}{after}", self.written), cursor)
    }
}

/// What can be written at `place` of `text`. `values` are those of the field at the cursor, as far as
/// they are known.
#[must_use]
pub fn candidates(
    text: &str,
    place: &Place,
    names: &[FieldInfo],
    values: &[ValueCount],
    recent: &[String],
) -> Vec<Candidate> {
    match &place.slot {
        Slot::Nothing => Vec::new(),
        Slot::Name { typed, colon } => {
            let mut offered = earlier(text, recent);
            offered.extend(fields(typed, *colon, place, names));
            if !typed.is_empty() && !colon {
                let phrase = quoted(typed);
                offered.push(Candidate::new(Kind::Body, phrase.clone(), phrase, place));
            }
            offered
        }
        Slot::Value { field, typed, bound } => {
            let mut offered = matching(typed, values.iter().map(|value| (value.value.as_str(), value)))
                .into_iter()
                .map(|(hit, value)| Candidate {
                    hit,
                    lines: Some(value.count),
                    ..Candidate::new(Kind::Value, value.value.clone(), quote_value(&value.value), place)
                })
                .collect::<Vec<_>>();
            if typed.is_empty() && !bound && text.get(..place.start).is_some_and(|before| before.ends_with(':')) {
                offered.extend(signs(field, place, names));
            }
            offered
        }
    }
}

/// Whole search texts of before, while the bar is empty.
fn earlier(text: &str, recent: &[String]) -> Vec<Candidate> {
    if !text.trim().is_empty() {
        return Vec::new();
    }
    let whole = Place { start: 0, end: text.len(), slot: Slot::Nothing };
    let texts = recent.iter().take(RECENT_OFFERED);
    texts.map(|query| Candidate::new(Kind::Recent, query.clone(), query.clone(), &whole)).collect()
}

fn fields(typed: &str, colon: bool, place: &Place, names: &[FieldInfo]) -> Vec<Candidate> {
    let mut seen = std::collections::BTreeSet::new();
    let once = names.iter().filter(|info| seen.insert(info.name.as_str()));
    let found = matching(typed, once.map(|info| (info.name.as_str(), info)));
    let candidate = |(hit, info): ((usize, usize), &FieldInfo)| {
        let sign = if colon { "" } else { ":" };
        let written = format!("{}{sign}", quote_name(&info.name));
        Candidate { hit, lines: info.rows, ..Candidate::new(kind_of(info), info.name.clone(), written, place) }
    };
    found.into_iter().map(candidate).collect()
}

/// What a field is, by where it lies and its type.
#[must_use]
pub fn kind_of(info: &FieldInfo) -> Kind {
    match (info.origin.as_str(), info.data_type.as_str()) {
        ("attribute", _) => Kind::Attribute,
        ("resource", _) => Kind::Resource,
        (_, data_type) if data_type.starts_with("Timestamp") => Kind::Time,
        (_, data_type) if data_type.contains("Utf8") || data_type.starts_with("FixedSizeBinary") => Kind::Text,
        _ => Kind::Number,
    }
}

fn signs(field: &str, place: &Place, names: &[FieldInfo]) -> Vec<Candidate> {
    let sign = |kind, written: &str| Candidate::new(kind, written.to_owned(), written.to_owned(), place);
    let ordered = field == crate::query_text::SEVERITY
        || names.iter().find(|info| info.name == field).is_some_and(|info| kind_of(info) != Kind::Text);
    let mut signs = Vec::new();
    if ordered {
        signs.push(sign(Kind::AtLeast, ">="));
        signs.push(sign(Kind::AtMost, "<="));
        if field != crate::query_text::SEVERITY {
            let between = Candidate::new(Kind::Between, "[… TO …]".to_owned(), "[ TO ]".to_owned(), place);
            signs.push(Candidate { back: " TO ]".len(), ..between });
        }
    }
    signs.push(sign(Kind::Present, "*"));
    signs
}

/// Those that contain what was typed, whatever the case: first those that begin with it, then those of
/// which a part does, then the others; within each in their own order.
fn matching<'a, T>(typed: &str, named: impl Iterator<Item = (&'a str, T)>) -> Vec<((usize, usize), T)> {
    let mut found: Vec<(u8, (usize, usize), T)> = named
        .filter_map(|(name, item)| {
            let at = find(name, typed)?;
            let apart = |c: char| !c.is_alphanumeric();
            let rank = match name.get(..at).and_then(|before| before.chars().next_back()) {
                None => 0,
                Some(c) if apart(c) => 1,
                Some(_) => 2,
            };
            Some((rank, (at, at + typed.len()), item))
        })
        .collect();
    order::by_key(&mut found, |(rank, ..)| *rank);
    found.into_iter().take(OFFERED_MAX).map(|(_, hit, item)| (hit, item)).collect()
}

/// Where `part` is in `text`, ASCII letters in either case.
fn find(text: &str, part: &str) -> Option<usize> {
    text.char_indices()
        .map(|(at, _)| at)
        .chain((part.is_empty() && text.is_empty()).then_some(0))
        .find(|at| text.get(*at..at + part.len()).is_some_and(|piece| piece.eq_ignore_ascii_case(part)))
}

/// The fields of `names` that match `typed`, as for a completion, but for those of `omitted`.
#[must_use]
pub fn names_like<'a>(typed: &str, names: &'a [FieldInfo], omitted: &[String]) -> Vec<((usize, usize), &'a FieldInfo)> {
    let mut seen: std::collections::BTreeSet<&str> = omitted.iter().map(String::as_str).collect();
    let once = names.iter().filter(|info| seen.insert(info.name.as_str()));
    matching(typed, once.map(|info| (info.name.as_str(), info)))
}

/// The earlier searches once `query` was searched for: newest first, each once.
#[must_use]
pub fn remembered(recent: &[String], query: &str) -> Vec<String> {
    let query = query.trim();
    if query.is_empty() {
        return recent.to_vec();
    }
    let others = recent.iter().filter(|known| *known != query).cloned();
    std::iter::once(query.to_owned()).chain(others).take(RECENT_MAX).collect()
}

/// Byte of `text` at which its first `units` UTF-16 code units end, as browsers count.
#[must_use]
pub fn byte_at(text: &str, units: usize) -> usize {
    let mut counted = 0;
    for (at, c) in text.char_indices() {
        if counted >= units {
            return at;
        }
        counted += c.len_utf16();
    }
    text.len()
}

/// UTF-16 code units before byte `at` of `text`.
#[must_use]
pub fn units_at(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query_text::place;

    fn info(name: &str, origin: &str, data_type: &str, rows: Option<u64>) -> FieldInfo {
        FieldInfo { name: name.into(), origin: origin.into(), data_type: data_type.into(), rows }
    }

    fn names() -> Vec<FieldInfo> {
        vec![
            info("service", "column", "Dictionary(UInt32, Utf8View)", None),
            info("severity_number", "column", "UInt8", None),
            info("payment.attempt", "attribute", "Utf8View", Some(40)),
            info("last_payment", "attribute", "Utf8View", Some(30)),
            info("prepay", "attribute", "Utf8View", Some(20)),
            info("payment.attempt", "resource", "Utf8View", Some(1)),
            info("a b", "attribute", "Utf8View", Some(1)),
        ]
    }

    fn offered(text: &str) -> Vec<Candidate> {
        let counts = ["checkout", "two words"].map(|value| ValueCount { value: value.into(), count: 7 });
        candidates(text, &place(text, text.len()), &names(), &counts, &["old one".to_owned()])
    }

    fn labels(candidates: &[Candidate]) -> Vec<&str> {
        candidates.iter().map(|candidate| candidate.label.as_str()).collect()
    }

    #[test]
    fn names_that_begin_with_it_come_first_each_once() {
        let offered = offered("x pay");
        assert_eq!(labels(&offered), ["payment.attempt", "last_payment", "prepay", "\"pay\""]);
        assert_eq!(offered[0].hit, (0, 3));
        assert_eq!(offered[1].hit, (5, 8));
        assert_eq!((offered[0].kind, offered[0].lines), (Kind::Attribute, Some(40)));
        assert_eq!(offered[0].accept("x pay"), ("x payment.attempt:".to_owned(), 18));
        assert_eq!(offered[3].accept("x pay"), ("x \"pay\"".to_owned(), 7));
        assert!(offered[0].goes_on() && !offered[3].goes_on());
    }

    #[test]
    fn a_name_is_quoted_and_keeps_the_colon_that_is_there() {
        assert_eq!(offered("a b")[0].accept("a b").0, "a \"a b\":", "only the last word is replaced");
        let text = "ser:x";
        let found = candidates(text, &place(text, 3), &names(), &[], &[]);
        assert_eq!(labels(&found), ["service"]);
        assert_eq!(found[0].accept(text), ("service:x".to_owned(), 7));
        let spaced = candidates("a\\", &place("a\\", 1), &names(), &[], &[]);
        assert!(spaced.iter().any(|c| c.accept("a\\").0.starts_with("\"a b\":")), "{spaced:?}");
    }

    #[test]
    fn values_are_quoted_and_signs_follow_them() {
        let found = offered("service:");
        assert_eq!(labels(&found), ["checkout", "two words", "*"]);
        assert_eq!(found[1].accept("service:"), ("service:\"two words\"".to_owned(), 19));
        assert_eq!(labels(&offered("service:TWO")), ["two words"]);
        assert_eq!(labels(&offered("service:a,")), ["checkout", "two words"], "no sign within a list");
        assert_eq!(labels(&offered("severity:"))[2..], [">=", "<=", "*"]);
        let number = offered("severity_number:");
        assert_eq!(labels(&number)[2..], [">=", "<=", "[… TO …]", "*"]);
        assert_eq!(number[4].accept("severity_number:"), ("severity_number:[ TO ]".to_owned(), 17));
        assert_eq!(labels(&offered("severity:>=")), ["checkout", "two words"]);
    }

    #[test]
    fn an_empty_bar_offers_earlier_searches() {
        let found = offered(" ");
        assert_eq!((found[0].kind, found[0].accept(" ").0.as_str()), (Kind::Recent, "old one"));
        assert_ne!(offered("x ")[0].kind, Kind::Recent);
        assert_eq!(remembered(&["a".into(), "b".into()], " b "), ["b", "a"]);
        assert_eq!(remembered(&["a".into()], "  "), ["a"]);
        let many: Vec<String> = (0..30).map(|n| n.to_string()).collect();
        assert_eq!(remembered(&many, "x").len(), RECENT_MAX);
    }

    #[test]
    fn names_that_are_there_already_are_not_picked_again() {
        let omitted = ["payment.attempt", "service"].map(String::from);
        let names = names();
        let picked = names_like("p", &names, &omitted);
        assert_eq!(picked.iter().map(|(_, info)| info.name.as_str()).collect::<Vec<_>>(), ["prepay", "last_payment"]);
        assert!(names_like("zzz", &names, &[]).is_empty());
    }

    #[test]
    fn browsers_count_in_code_units() {
        let text = "é😀x";
        assert_eq!([0, 1, 3, 4, 9].map(|units| byte_at(text, units)), [0, 2, 6, 7, 7]);
        assert_eq!([0, 2, 6, 7].map(|at| units_at(text, at)), [0, 1, 3, 4]);
    }
}
