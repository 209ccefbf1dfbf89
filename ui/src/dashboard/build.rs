//! From what a panel says to what is asked: variables in statements and in search texts.
//!
//! In SQL `$service` stands for its values as literals, `'a', 'b'`, wherever it is not within quotes
//! or a comment: `service IN ($service)`. A part in `[[ … ]]` is left out while one of its variables
//! has no value. `$interval`, `$interval_s`, `$range_s`, `$from` and `$to` follow the time range.
//!
//! In a search text `service:$service` becomes `service:a,b`; the term is left out while there is no
//! value.

mod search;
mod tokens;

pub use search::search;

use super::variable::{Choice, RESERVED};
use super::{Values, Variable};
use crate::calendar::{SECOND_NS, rfc3339};
use crate::statement::literal;
use crate::time_range::Window;
use lincei_api::SqlLocation;
use tokens::{Token, TokenKind, tokens};

/// Points of a line over time, at most.
const POINTS_MAX: i64 = 120;
/// Lengths of a step in seconds, each a divisor of the next unit of the clock.
const STEPS: [i64; 20] =
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000];

/// What variables stand for.
#[derive(Clone, Copy, Debug)]
pub struct Environment<'a> {
    /// The variables that can be used.
    pub variables: &'a [Variable],
    /// What is chosen for them.
    pub choice: &'a Choice,
    /// The time range.
    pub window: Window,
}

impl Environment<'_> {
    fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// The values of a variable; none when there is no such variable.
    fn values(&self, name: &str) -> Option<Vec<String>> {
        let variable = self.variable(name)?;
        Some(variable.chosen(self.choice).iter().filter(|value| !value.is_empty()).cloned().collect())
    }

    /// Length of a step over time, in seconds.
    #[must_use]
    pub fn interval(&self) -> i64 {
        interval_seconds(self.window)
    }
}

/// The shortest step of the clock with which a window has at most 120.
#[must_use]
pub fn interval_seconds(window: Window) -> i64 {
    let [.., longest] = STEPS;
    let fits = |step: &i64| window.length_ns() <= step.saturating_mul(SECOND_NS).saturating_mul(POINTS_MAX);
    STEPS.into_iter().find(fits).unwrap_or(longest)
}

/// Why nothing can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildFlaw {
    /// What is wrong.
    pub kind: BuildKind,
    /// Name of the variable.
    pub name: String,
    /// Where, in characters from the start of what was written.
    pub at: usize,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuildKind {
    /// There is no variable of the name.
    Unknown,
    /// Nothing is chosen, and the statement says nothing for that case.
    Empty,
}

/// What is asked, and where each part of it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Built {
    /// What is asked.
    pub text: String,
    /// Whether a variable of the time range's steps is in it.
    pub stepped: bool,
    length: usize,
    parts: Vec<Part>,
}

/// Characters `written` to `written + length` of the source are those from `built` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    built: usize,
    written: usize,
    /// None for what a variable stands for.
    copied: bool,
}

impl Built {
    fn copy(&mut self, text: &str, written: usize) {
        self.push(text, written, true);
    }

    fn stand_in(&mut self, text: &str, written: usize) {
        self.push(text, written, false);
    }

    fn push(&mut self, text: &str, written: usize, copied: bool) {
        self.parts.push(Part { built: self.length, written, copied });
        self.length += text.chars().count();
        self.text.push_str(text);
    }

    /// Where in what was written a place of the answer's problem is, in characters from the start.
    #[must_use]
    pub fn written_at(&self, location: SqlLocation) -> Option<usize> {
        let (line, column) = (usize::try_from(location.line).ok()?, usize::try_from(location.column).ok()?);
        let before = self.text.split_inclusive('\n').take(line.checked_sub(1)?);
        let built = before.map(|line| line.chars().count()).sum::<usize>() + column.checked_sub(1)?;
        let part = self.parts.iter().rev().find(|part| part.built <= built)?;
        Some(if part.copied { part.written + (built - part.built) } else { part.written })
    }
}

/// A statement with the values of its variables.
///
/// # Errors
/// When a variable is unknown, or has no value outside of `[[ … ]]`.
pub fn sql(written: &str, environment: &Environment<'_>) -> Result<Built, BuildFlaw> {
    let mut built = Built::default();
    let tokens = tokens(written);
    let mut rest = tokens.as_slice();
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        let optional = (token.kind == TokenKind::Open).then(|| optional_part(after, environment)).flatten();
        match optional {
            Some((inner, later, kept)) => {
                for token in inner.iter().filter(|_| kept) {
                    put(&mut built, token, environment)?;
                }
                rest = later;
            }
            None => put(&mut built, token, environment)?,
        }
    }
    Ok(built)
}

/// The tokens up to `]]`, those after it, and whether all variables between have values; `None` where
/// the brackets hold no variable, so that they are what SQL makes of them.
fn optional_part<'a, 'b>(
    after: &'b [Token<'a>],
    environment: &Environment<'_>,
) -> Option<(&'b [Token<'a>], &'b [Token<'a>], bool)> {
    let end = after.iter().position(|token| token.kind == TokenKind::Close)?;
    let (inner, later) = (after.get(..end)?, after.get(end + 1..)?);
    let mut names = inner.iter().filter(|token| token.kind == TokenKind::Variable).map(Token::name).peekable();
    names.peek()?;
    let kept = names.all(|name| environment.values(name).is_none_or(|values| !values.is_empty()));
    Some((inner, later, kept))
}

fn put(built: &mut Built, token: &Token<'_>, environment: &Environment<'_>) -> Result<(), BuildFlaw> {
    if token.kind != TokenKind::Variable {
        built.copy(token.text, token.at);
        return Ok(());
    }
    let name = token.name();
    let flaw = |kind| BuildFlaw { kind, name: name.to_owned(), at: token.at };
    if RESERVED.contains(&name) {
        built.stepped |= name.starts_with("interval");
        built.stand_in(&of_range(name, environment), token.at);
        return Ok(());
    }
    let values = environment.values(name).ok_or_else(|| flaw(BuildKind::Unknown))?;
    let text = environment.variable(name).is_some_and(|variable| variable.values == Values::Text);
    let list = match values.as_slice() {
        [] if text => literal(""),
        [] => return Err(flaw(BuildKind::Empty)),
        values => values.iter().map(|value| literal(value)).collect::<Vec<_>>().join(", "),
    };
    built.stand_in(&list, token.at);
    Ok(())
}

fn of_range(name: &str, environment: &Environment<'_>) -> String {
    let window = environment.window;
    match name {
        "interval" => format!("INTERVAL '{} seconds'", environment.interval()),
        "interval_s" => environment.interval().to_string(),
        "range_s" => format!("{}", (window.length_ns() / SECOND_NS).max(1)),
        "from" => format!("TIMESTAMP '{}'", rfc3339(window.from_ns)),
        _ => format!("TIMESTAMP '{}'", rfc3339(window.to_ns)),
    }
}

#[cfg(test)]
mod tests;
