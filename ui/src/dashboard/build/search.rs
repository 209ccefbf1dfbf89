//! Variables in a search text.

use super::{BuildFlaw, BuildKind, Built, Environment};
use crate::dashboard::variable::is_name_char;
use crate::query_text::quote_value;

/// Matches every row.
const EVERYTHING: &str = "time:*";

/// A term of the text that holds a variable; places are characters.
struct Use {
    /// Start of the term, with what negates it.
    term: usize,
    /// Start of the variable.
    from: usize,
    /// End of the variable.
    to: usize,
    name: String,
    /// Whether it stands for a value of a field.
    of_field: bool,
}

/// A search text with the values of its variables.
///
/// # Errors
/// When a variable is unknown.
pub fn search(written: &str, environment: &Environment<'_>) -> Result<Built, BuildFlaw> {
    let chars: Vec<char> = written.chars().collect();
    let slice = |from: usize, to: usize| chars.get(from..to).unwrap_or_default().iter().collect::<String>();
    let plain = !chars.contains(&'(') && !written.split_whitespace().any(|word| matches!(word, "OR" | "AND" | "NOT"));
    let mut built = Built::default();
    let mut at = 0;
    for found in uses(&chars) {
        let flaw = || BuildFlaw { kind: BuildKind::Unknown, name: found.name.clone(), at: found.from };
        let values = environment.values(&found.name).ok_or_else(flaw)?;
        if values.is_empty() {
            built.copy(&slice(at, found.term), at);
            built.stand_in(if plain { "" } else { EVERYTHING }, found.term);
        } else {
            built.copy(&slice(at, found.from), at);
            built.stand_in(&terms(&values, found.of_field), found.from);
        }
        at = found.to;
    }
    built.copy(&slice(at, chars.len()), at);
    Ok(built)
}

fn terms(values: &[String], of_field: bool) -> String {
    if of_field {
        return values.iter().map(|value| quote_value(value)).collect::<Vec<_>>().join(",");
    }
    let phrase = |value: &String| format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\""));
    match values {
        [value] => phrase(value),
        values => format!("({})", values.iter().map(phrase).collect::<Vec<_>>().join(" OR ")),
    }
}

fn uses(chars: &[char]) -> Vec<Use> {
    let mut uses = Vec::new();
    let (mut at, mut term, mut negation) = (0, 0, None);
    while let Some(c) = chars.get(at) {
        match c {
            '\\' => at += 1,
            '"' => at = end_of_quote(chars, at),
            '$' => {
                let name: String = chars.iter().skip(at + 1).take_while(|c| is_name_char(**c)).collect();
                if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
                    let to = at + 1 + name.len();
                    let head: String = chars.get(term..at).unwrap_or_default().iter().collect();
                    let of_field = head.trim_end_matches(['<', '>', '=']).ends_with(':');
                    uses.push(Use { term: negation.unwrap_or(term), from: at, to, name, of_field });
                    at = to - 1;
                }
            }
            c if c.is_whitespace() || *c == '(' => {
                let word: String = chars.get(term..at).unwrap_or_default().iter().collect();
                // spaces after the word are still before what it negates
                if !(word.is_empty() && c.is_whitespace()) {
                    negation = (word == "NOT").then_some(term);
                }
                term = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    uses
}

/// Place of the quote that ends the one at `at`, or of the last character.
fn end_of_quote(chars: &[char], at: usize) -> usize {
    let mut place = at + 1;
    while let Some(c) = chars.get(place) {
        match c {
            '"' => return place,
            '\\' => place += 2,
            _ => place += 1,
        }
    }
    chars.len()
}
