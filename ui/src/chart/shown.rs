//! Which series a reader wants to see, by name, so that it outlives new data.

use std::collections::BTreeSet;

/// The series that are taken out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    hidden: BTreeSet<String>,
}

impl Shown {
    /// Whether a series is drawn.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        !self.hidden.contains(name)
    }

    /// Whether every one of `names` is drawn.
    #[must_use]
    pub fn is_all<'a>(&self, mut names: impl Iterator<Item = &'a str>) -> bool {
        names.all(|name| self.has(name))
    }

    /// Shows only `name`; all, when it is the only one already.
    pub fn isolate<'a>(&mut self, name: &str, names: impl Iterator<Item = &'a str>) {
        let others: BTreeSet<String> = names.filter(|other| *other != name).map(str::to_owned).collect();
        let alone = self.has(name) && others.iter().all(|other| !self.has(other));
        self.hidden = if alone { BTreeSet::new() } else { others };
    }

    /// Takes `name` out or brings it back. Taking out the last one brings back all.
    pub fn toggle<'a>(&mut self, name: &str, mut names: impl Iterator<Item = &'a str>) {
        if !self.hidden.remove(name) {
            self.hidden.insert(name.to_owned());
            if names.all(|name| !self.has(name)) {
                self.hidden.clear();
            }
        }
    }
}
