//! What is chosen for variables, and how it is written in a link as `var.<name>`.

use super::{Values, Variable};
use std::collections::BTreeMap;

/// The chosen values by name; none of a name, or an empty list, is no restriction.
pub type Choice = BTreeMap<String, Vec<String>>;

/// In a link: nothing is chosen, where the variable has a default.
const NOTHING: &str = "*";
/// Names that statements know already.
pub(super) const RESERVED: [&str; 5] = ["interval", "interval_s", "range_s", "from", "to"];

/// Whether a variable may have this name.
#[must_use]
pub fn name_is_valid(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.chars().all(is_name_char) && !RESERVED.contains(&name) && name.len() <= 64
}

pub(super) fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl Variable {
    /// What `choice` says, else the default; at most one value where only one can be chosen.
    #[must_use]
    pub fn chosen<'a>(&'a self, choice: &'a Choice) -> &'a [String] {
        let chosen = choice.get(&self.name).map_or(self.default.as_slice(), Vec::as_slice);
        if self.multi { chosen } else { chosen.get(..1).unwrap_or(chosen) }
    }

    /// Whether it is text that is typed.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.values == Values::Text
    }

    /// What it is called on the page.
    #[must_use]
    pub fn caption(&self) -> &str {
        if self.label.is_empty() { &self.name } else { &self.label }
    }
}

/// The value of a parameter that says `values`; empty, which leaves it out, when they are the default.
#[must_use]
pub fn to_link(variable: &Variable, values: &[String]) -> String {
    if values == variable.default {
        return String::new();
    }
    if values.iter().all(String::is_empty) {
        return NOTHING.to_owned();
    }
    let escape = |value: &String| {
        let value = value.replace('\\', r"\\").replace(',', r"\,");
        if value == NOTHING { format!(r"\{value}") } else { value }
    };
    values.iter().map(escape).collect::<Vec<_>>().join(",")
}

/// The values that a parameter says; none when it is left out, so that the default holds.
#[must_use]
pub fn from_link(parameter: &str) -> Option<Vec<String>> {
    if parameter.is_empty() {
        return None;
    }
    if parameter == NOTHING {
        return Some(Vec::new());
    }
    let mut values = vec![String::new()];
    let mut chars = parameter.chars();
    while let Some(c) = chars.next() {
        match c {
            ',' => values.push(String::new()),
            '\\' => values.last_mut()?.push(chars.next().unwrap_or('\\')),
            c => values.last_mut()?.push(c),
        }
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(multi: bool, default: &[&str]) -> Variable {
        let default = default.iter().map(|v| (*v).to_owned()).collect();
        Variable { name: "service".into(), label: String::new(), multi, default, values: Values::Text }
    }

    #[test]
    fn links_give_back_what_was_chosen() {
        for values in [&["a"][..], &["a", "b"], &["a,b", r"c\", "*"], &["*"], &["é & =", ""], &[]] {
            let values: Vec<String> = values.iter().map(|v| (*v).to_owned()).collect();
            let link = to_link(&variable(true, &["x"]), &values);
            assert_eq!(from_link(&link), Some(values), "{link}");
        }
        assert_eq!(to_link(&variable(true, &["x"]), &["x".to_owned()]), "");
        assert_eq!(from_link(""), None);
        assert_eq!(to_link(&variable(true, &[]), &[]), "");
    }

    #[test]
    fn the_link_goes_before_the_default() {
        let several = variable(true, &["x"]);
        let one = variable(false, &["x"]);
        let choice = |values: &[&str]| Choice::from([("service".into(), values.iter().map(|v| (*v).into()).collect())]);
        assert_eq!(several.chosen(&Choice::new()), ["x"]);
        assert_eq!(several.chosen(&choice(&["a", "b"])), ["a", "b"]);
        assert_eq!(one.chosen(&choice(&["a", "b"])), ["a"]);
        assert!(one.chosen(&choice(&[])).is_empty());
    }

    #[test]
    fn names_are_plain() {
        for good in ["service", "_a", "Http2"] {
            assert!(name_is_valid(good), "{good}");
        }
        for bad in ["", "2a", "a-b", "a b", "é", "interval", "from", &"a".repeat(65)] {
            assert!(!name_is_valid(bad), "{bad}");
        }
    }
}
