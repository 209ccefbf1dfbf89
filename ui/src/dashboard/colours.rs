//! A name keeps its colour in all panels of a dashboard.

use std::collections::BTreeMap;

/// Numbers of names, in the order of the categorical colours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Colours {
    numbers: BTreeMap<String, usize>,
}

impl Colours {
    /// Numbers for the names of one panel, each another. A name that was seen before has its number,
    /// unless one before it in the panel has it too; a new one has the first that is free here.
    pub fn assign<'a>(&mut self, names: impl IntoIterator<Item = &'a str> + Clone) -> Vec<usize> {
        let mut used: Vec<usize> = Vec::new();
        let mut given: Vec<Option<usize>> = Vec::new();
        for name in names.clone() {
            let known = self.numbers.get(name).copied().filter(|number| !used.contains(number));
            used.extend(known);
            given.push(known);
        }
        let mut free = (0..).filter(|number| !used.contains(number));
        let mut numbers = Vec::with_capacity(given.len());
        for (name, known) in names.into_iter().zip(given) {
            let number = known.or_else(|| free.next()).unwrap_or_default();
            self.numbers.entry(name.to_owned()).or_insert(number);
            numbers.push(number);
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_colour_and_none_is_used_twice_in_a_panel() {
        let mut colours = Colours::default();
        assert_eq!(colours.assign(["a", "b", "c"]), [0, 1, 2]);
        assert_eq!(colours.assign(["b", "x", "y"]), [1, 0, 2]);
        assert_eq!(colours.assign(["a", "x"]), [0, 1], "both were first in their panels");
        assert_eq!(colours.assign(["y", "c"]), [2, 0]);
        assert_eq!(colours.assign(["b"]), [1]);
    }
}
