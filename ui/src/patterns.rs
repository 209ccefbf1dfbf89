//! Patterns of log bodies as the page shows them: their values set apart, their order, the search that
//! finds the lines of one, and which of them were not there before.

use crate::calendar::parse_utc;
use crate::order;
use crate::severity::Level;
use lincei_api::{LogPattern, PatternsResponse};
use std::cmp::Reverse;

/// Patterns asked for at most.
pub const PATTERNS_MAX: u32 = 1_000;
/// Bytes of a body from which its pattern is made.
const BODY_BYTES_MAX: usize = 1 << 10;
/// Forms that stand for a value, as by the SQL function `log_pattern`, and `<*>` for a word that differs.
const FORMS: [&str; 11] =
    ["<num>", "<time>", "<hex>", "<uuid>", "<ip>", "<mac>", "<str>", "<path>", "<url>", "<id>", WILDCARD];
const WILDCARD: &str = "<*>";

/// A stretch of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch<'a> {
    /// The characters.
    pub text: &'a str,
    /// Whether they stand for a value.
    pub value: bool,
}

/// Cuts a pattern into words and values.
#[must_use]
pub fn stretches(pattern: &str) -> Vec<Stretch<'_>> {
    let mut stretches = Vec::new();
    let mut rest = pattern;
    let mut plain = 0;
    while let Some(open) = rest.get(plain..).and_then(|text| text.find('<')).map(|found| plain + found) {
        let (words, from_open) = rest.split_at(open);
        match FORMS.into_iter().find(|form| from_open.starts_with(form)) {
            None => plain = open + 1,
            Some(form) => {
                let (value, after) = from_open.split_at(form.len());
                stretches.extend([Stretch { text: words, value: false }, Stretch { text: value, value: true }]);
                (rest, plain) = (after, 0);
            }
        }
    }
    stretches.push(Stretch { text: rest, value: false });
    stretches.retain(|stretch| !stretch.text.is_empty());
    stretches
}

/// A term of the search syntax for lines of a pattern: the body is the words of it with anything in the
/// place of each value. It finds every line of the pattern that is made like `sample`, and may find
/// others, since a value may be anything. `None` for a pattern without words.
#[must_use]
pub fn search_term(pattern: &str, sample: &str) -> Option<String> {
    let first_line = sample.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    // similar patterns are joined word by word, with one space between
    let spaced = first_line.trim().split(' ').any(str::is_empty)
        || first_line.trim().contains(|c: char| c.is_whitespace() && c != ' ');
    let mut glob = Glob::default();
    if !sample.starts_with(first_line) || first_line.starts_with(char::is_whitespace) {
        glob.any();
    }
    let mut words = false;
    for stretch in stretches(pattern) {
        if stretch.value {
            glob.any();
            continue;
        }
        words |= stretch.text.contains(|c: char| !c.is_whitespace());
        for c in stretch.text.chars() {
            if spaced && c.is_whitespace() { glob.any() } else { glob.push(c) }
        }
    }
    let more = sample.trim_start().len() > first_line.trim_start().len();
    if more || first_line.ends_with(char::is_whitespace) || sample.len() >= BODY_BYTES_MAX {
        glob.any();
    }
    words.then(|| format!("body:{}", glob.text))
}

/// A value of the search syntax with wildcards.
#[derive(Default)]
struct Glob {
    text: String,
    ends_with_any: bool,
}

impl Glob {
    fn any(&mut self) {
        if !std::mem::replace(&mut self.ends_with_any, true) {
            self.text.push('*');
        }
    }

    fn push(&mut self, c: char) {
        let special = c.is_whitespace() || matches!(c, '(' | ')' | '"' | ',' | '*' | '\\');
        if special || (self.text.is_empty() && matches!(c, '>' | '<' | '[')) {
            self.text.push('\\');
        }
        self.text.push(c);
        self.ends_with_any = false;
    }
}

/// How patterns are put in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The most frequent first.
    #[default]
    Count,
    /// The most severe first, and of those the most frequent at that level.
    Severity,
    /// The one that began last first.
    First,
    /// The one that was seen last first.
    Last,
}

impl Order {
    /// All.
    pub const ALL: [Self; 4] = [Self::Count, Self::Severity, Self::First, Self::Last];

    /// As a link carries it; the default is empty.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "",
            Self::Severity => "severity",
            Self::First => "first",
            Self::Last => "last",
        }
    }

    /// Reads what a link carries.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|order| order.name() == name).unwrap_or_default()
    }
}

/// A pattern with what the page derives from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// As the server answered.
    pub found: LogPattern,
    /// Lines by level, as in [`Level::ALL`].
    pub levels: [u64; Level::ALL.len()],
    /// Time of the oldest line.
    pub first_ns: i64,
    /// Time of the newest line.
    pub last_ns: i64,
}

impl Pattern {
    /// Of an answer.
    #[must_use]
    pub fn new(found: &LogPattern) -> Self {
        let mut levels = [0; Level::ALL.len()];
        for severity in &found.severities {
            let level = severity.severity.as_deref().and_then(Level::by_name).unwrap_or(Level::Unset);
            if let Some(lines) = levels.get_mut(level.rank()) {
                *lines += severity.count;
            }
        }
        let time = |text: &str| parse_utc(text).unwrap_or_default();
        let (first_ns, last_ns) = (time(&found.first_seen), time(&found.last_seen));
        Self { found: found.clone(), levels, first_ns, last_ns }
    }

    /// The most severe level of its lines.
    #[must_use]
    pub fn worst(&self) -> Level {
        let levels = Level::ALL.into_iter().zip(self.levels);
        levels.filter(|(_, lines)| *lines > 0).map(|(level, _)| level).max().unwrap_or(Level::Unset)
    }

    /// Levels of its lines with their shares in percent, the most severe first.
    #[must_use]
    pub fn shares(&self) -> Vec<(Level, u64, f64)> {
        let all = self.levels.iter().sum::<u64>().max(1) as f64;
        let levels = Level::ALL.into_iter().zip(self.levels).rev().filter(|(_, lines)| *lines > 0);
        levels.map(|(level, lines)| (level, lines, lines as f64 / all * 100.0)).collect()
    }
}

/// Puts patterns, each with a key, in order; equal ones stay as they were.
pub fn sort(patterns: &mut [(i64, &Pattern)], order: Order) {
    match order {
        Order::Count => order::by_key(patterns, |(_, pattern)| Reverse(pattern.found.count)),
        Order::Severity => order::by_key(patterns, |(_, pattern)| {
            let worst = pattern.worst();
            Reverse((worst, pattern.levels.get(worst.rank()).copied()))
        }),
        Order::First => order::by_key(patterns, |(_, pattern)| Reverse(pattern.first_ns)),
        Order::Last => order::by_key(patterns, |(_, pattern)| Reverse(pattern.last_ns)),
    }
}

/// The patterns of an earlier window, to compare with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Earlier {
    patterns: Vec<String>,
    /// Whether these are all that there were.
    pub complete: bool,
}

impl Earlier {
    /// Of an answer.
    #[must_use]
    pub fn new(answer: &PatternsResponse) -> Self {
        let complete = !answer.sampled && answer.uncounted == 0 && answer.found <= answer.patterns.len() as u64;
        Self { patterns: answer.patterns.iter().map(|found| found.pattern.clone()).collect(), complete }
    }

    /// Whether `pattern` was there, alone or as a part of one with a wildcard, or the other way.
    #[must_use]
    pub fn has(&self, pattern: &str) -> bool {
        self.patterns.iter().any(|earlier| covers(earlier, pattern) || covers(pattern, earlier))
    }
}

/// Whether `special` is `general` with words in the places of its wildcards.
fn covers(general: &str, special: &str) -> bool {
    let (mut general, mut special) = (general.split_whitespace(), special.split_whitespace());
    loop {
        match (general.next(), special.next()) {
            (None, None) => return true,
            (Some(WILDCARD), Some(_)) => {}
            (Some(a), Some(b)) if a == b => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lincei_api::PatternSeverity;

    #[test]
    fn values_are_set_apart() {
        let cut = |pattern| -> Vec<(String, bool)> {
            stretches(pattern).into_iter().map(|stretch| (stretch.text.to_owned(), stretch.value)).collect()
        };
        assert_eq!(
            cut("user <*> from <ip>:<num>"),
            [
                ("user ".into(), false),
                ("<*>".into(), true),
                (" from ".into(), false),
                ("<ip>".into(), true),
                (":".into(), false),
                ("<num>".into(), true)
            ]
        );
        assert_eq!(cut("a << b <code> <"), [("a << b <code> <".into(), false)]);
        assert_eq!(cut("<ünï<num>"), [("<ünï".into(), false), ("<num>".into(), true)]);
        assert!(cut("").is_empty());
    }

    #[test]
    fn the_search_has_the_words_and_anything_between() {
        let term = |pattern, sample| search_term(pattern, sample);
        assert_eq!(
            term("user <*> from <ip> took <num>ms", "user ann from 10.0.0.1 took 5ms").as_deref(),
            Some(r"body:user\ *\ from\ *\ took\ *ms")
        );
        assert_eq!(term(r#"a, "<str>" (x*y\)"#, r#"a, "b" (x*y\)"#).as_deref(), Some(r#"body:a\,\ \"*\"\ \(x\*y\\\)"#));
        assert_eq!(term("<num><num>", "12"), None, "nothing but values");
        assert_eq!(term("> gone", "> gone").as_deref(), Some(r"body:\>\ gone"));
        assert_eq!(term("<num> of <num>", "1 of 2").as_deref(), Some(r"body:*\ of\ *"));
    }

    #[test]
    fn what_is_not_in_the_pattern_may_be_anything() {
        let term = |sample| search_term("it failed", sample);
        assert_eq!(term("it failed").as_deref(), Some(r"body:it\ failed"));
        assert_eq!(
            term("it failed\n  at main").as_deref(),
            Some(r"body:it\ failed*"),
            "only the first line is looked at"
        );
        assert_eq!(term("it failed ").as_deref(), Some(r"body:it\ failed*"));
        assert_eq!(term("\n it failed").as_deref(), Some(r"body:*it\ failed"));
        assert_eq!(term("it  failed").as_deref(), Some(r"body:it*failed"), "spaces may have been joined");
        assert_eq!(term("it\tfailed").as_deref(), Some(r"body:it*failed"));
        assert!(term(&format!("it failed{}", "x".repeat(1024))).is_some_and(|term| term.ends_with('*')));
    }

    fn pattern(text: &str, levels: &[(Option<&str>, u64)], first: &str, last: &str) -> Pattern {
        let severities = levels
            .iter()
            .map(|(severity, count)| PatternSeverity { severity: severity.map(Into::into), count: *count });
        Pattern::new(&LogPattern {
            pattern: text.into(),
            count: levels.iter().map(|(_, count)| count).sum(),
            severities: severities.collect(),
            first_seen: first.into(),
            last_seen: last.into(),
            ..LogPattern::default()
        })
    }

    #[test]
    fn patterns_are_put_in_order() {
        let all = [
            pattern("a", &[(Some("INFO"), 9), (Some("ERROR"), 1)], "2026-01-01T00:00:00Z", "2026-01-01T03:00:00Z"),
            pattern("b", &[(Some("ERROR"), 7)], "2026-01-01T02:00:00Z", "2026-01-01T02:30:00Z"),
            pattern("c", &[(None, 6)], "2026-01-01T01:00:00Z", "2026-01-01T04:00:00Z"),
        ];
        let by = |order| -> String {
            let mut keyed: Vec<(i64, &Pattern)> = (0..).zip(&all).collect();
            sort(&mut keyed, order);
            keyed.iter().map(|(_, pattern)| pattern.found.pattern.clone()).collect()
        };
        assert_eq!(by(Order::Severity), "bac");
        assert_eq!(by(Order::First), "bca");
        assert_eq!(by(Order::Last), "cab");
        assert_eq!(by(Order::Count), "abc");
        for order in Order::ALL {
            assert_eq!(Order::from_name(order.name()), order);
        }
        assert_eq!(Order::from_name("weather"), Order::Count);
    }

    #[test]
    fn severities_are_shares() {
        let shares = pattern("a", &[(None, 1), (Some("INFO"), 2), (Some("FATAL"), 1)], "", "").shares();
        assert_eq!(shares, [(Level::Fatal, 1, 25.0), (Level::Info, 2, 50.0), (Level::Unset, 1, 25.0)]);
    }

    #[test]
    fn a_pattern_is_new_when_none_like_it_was_there() {
        let found = |pattern: &str| LogPattern { pattern: pattern.into(), ..LogPattern::default() };
        let answer = PatternsResponse {
            patterns: vec![found("user <*> is gone"), found("door ajar")],
            found: 2,
            ..PatternsResponse::default()
        };
        let earlier = Earlier::new(&answer);
        assert!(earlier.complete);
        for known in ["user <*> is gone", "user ann is gone", "door  ajar", "door <*>"] {
            assert!(earlier.has(known), "{known}");
        }
        for new in ["user ann is back", "user ann is gone now", "door", "door <num>"] {
            assert!(!earlier.has(new), "{new}");
        }
        for cut in [
            PatternsResponse { found: 3, ..answer.clone() },
            PatternsResponse { sampled: true, ..answer.clone() },
            PatternsResponse { uncounted: 1, ..answer },
        ] {
            assert!(!Earlier::new(&cut).complete);
        }
    }
}
