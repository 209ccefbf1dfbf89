//! What the command palette offers for a few typed letters, best first.

use crate::order;

/// How well `name` fits what was typed, more is better; `None` when a letter is missing. Letters must
/// come in order. Whole beginnings of words count most, then letters side by side.
#[must_use]
pub fn score(typed: &str, name: &str) -> Option<u32> {
    let name: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    let (mut at, mut score, mut run) = (0, 0, 0);
    for wanted in typed.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase) {
        let found = at + name.get(at..)?.iter().position(|c| *c == wanted)?;
        let begins_word = found == 0 || name.get(found - 1).is_some_and(|c| !c.is_alphanumeric());
        run = if found == at && at > 0 { run + 1 } else { 0 };
        score += 1 + run * 3 + if begins_word { 8 } else { 0 } + if found == 0 { 4 } else { 0 };
        at = found + 1;
    }
    // of equal ones the shorter fits better
    Some(score * 64 + 63_u32.saturating_sub(u32::try_from(name.len()).unwrap_or(63).min(63)))
}

/// The best `limit` of `names` for what was typed, as places; all in their order when nothing was.
#[must_use]
pub fn best<'a>(typed: &str, names: impl Iterator<Item = &'a str>, limit: usize) -> Vec<usize> {
    let mut scored: Vec<(u32, usize)> =
        names.enumerate().filter_map(|(place, name)| Some((score(typed, name)?, place))).collect();
    if !typed.trim().is_empty() {
        order::by(&mut scored, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    }
    scored.into_iter().take(limit).map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 6] = ["Home", "Logs", "Settings", "checkout", "Dashboards", "Logs of checkout"];

    fn found(typed: &str) -> Vec<&'static str> {
        best(typed, NAMES.into_iter(), 3).into_iter().map(|place| NAMES[place]).collect()
    }

    #[test]
    fn beginnings_of_words_come_first() {
        assert_eq!(found("lo"), ["Logs", "Logs of checkout"]);
        assert_eq!(found("che"), ["checkout", "Logs of checkout"]);
        assert_eq!(found("lc"), ["Logs of checkout"]);
        assert_eq!(found("SET"), ["Settings", "Logs of checkout"], "s, e and t come in this order in both");
    }

    #[test]
    fn nothing_typed_keeps_the_order() {
        assert_eq!(found(" "), ["Home", "Logs", "Settings"]);
        assert_eq!(found("zz"), [""; 0]);
    }
}
