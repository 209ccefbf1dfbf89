//! Lists of field names as a link carries them: `host.name,error.type`. A backslash stands before a
//! character of a name that would mean something else.

/// The names of a list, each once; nothing for an empty text.
#[must_use]
pub fn names_of(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let (mut name, mut escaped) = (String::new(), false);
    let mut push = |name: &mut String| {
        let name = std::mem::take(name);
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    };
    for c in text.chars() {
        match c {
            _ if escaped => {
                name.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            ',' => push(&mut name),
            _ => name.push(c),
        }
    }
    push(&mut name);
    names
}

/// Writes names as a list.
#[must_use]
pub fn text_of(names: &[String]) -> String {
    let written = names.iter().map(|name| name.replace('\\', "\\\\").replace(',', "\\,"));
    written.collect::<Vec<_>>().join(",")
}

/// Facets as a link carries them: those that were added, and, after a `-`, those that were taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FacetList {
    /// Beside those that the page shows by itself.
    pub added: Vec<String>,
    /// Of those.
    pub removed: Vec<String>,
}

impl FacetList {
    /// Reads what a link carries.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let (removed, added) = names_of(text).into_iter().partition::<Vec<_>, _>(|name| name.starts_with('-'));
        Self { added, removed: removed.into_iter().map(|name| name.trim_start_matches('-').to_owned()).collect() }
    }

    /// Writes it for a link.
    #[must_use]
    pub fn to_text(&self) -> String {
        let removed = self.removed.iter().map(|name| format!("-{name}"));
        text_of(&self.added.iter().cloned().chain(removed).collect::<Vec<_>>())
    }

    /// The facets shown when the page would show `automatic`.
    #[must_use]
    pub fn shown(&self, automatic: &[String]) -> Vec<String> {
        let kept = automatic.iter().filter(|name| !self.removed.contains(name));
        let added = self.added.iter().filter(|name| !automatic.contains(name));
        kept.chain(added).cloned().collect()
    }

    /// Shows a facet.
    pub fn add(&mut self, name: &str, automatic: &[String]) {
        self.removed.retain(|known| known != name);
        if !self.added.iter().chain(automatic).any(|known| known == name) {
            self.added.push(name.to_owned());
        }
    }

    /// Shows a facet no longer.
    pub fn remove(&mut self, name: &str, automatic: &[String]) {
        self.added.retain(|known| known != name);
        if automatic.iter().any(|known| known == name) && !self.removed.iter().any(|known| known == name) {
            self.removed.push(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn any_name_survives_a_link() {
        let list = names(&["host.name", "a,b", "c\\", "é f"]);
        assert_eq!(names_of(&text_of(&list)), list);
        assert_eq!(text_of(&names(&["a", "b.c"])), "a,b.c");
        assert_eq!(names_of(",a,,a,b,"), names(&["a", "b"]));
        assert!(names_of("").is_empty());
    }

    #[test]
    fn facets_are_added_and_taken_away() {
        let automatic = names(&["host.name", "error.type"]);
        let mut list = FacetList::from_text("order.id,-error.type");
        assert_eq!(list.shown(&automatic), names(&["host.name", "order.id"]));
        list.add("error.type", &automatic);
        list.add("order.id", &automatic);
        assert_eq!(list.to_text(), "order.id");
        list.remove("order.id", &automatic);
        list.remove("host.name", &automatic);
        list.remove("host.name", &automatic);
        assert_eq!(list.to_text(), "-host.name");
        assert_eq!(FacetList::from_text(&list.to_text()), list);
        list.remove("never.there", &automatic);
        assert_eq!(list.to_text(), "-host.name");
    }
}
