//! What the page Settings decides: its sections, what was typed into its forms, and what a change
//! would do.

pub mod audit;
pub mod deletion;
pub mod metrics;
pub mod retention;
pub mod usage;

/// A part of the page Settings, at `/settings/<section>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Section {
    /// What is stored, how long, and deleting it.
    #[default]
    Storage,
    /// Keys of senders and programs.
    Keys,
    /// People.
    Accounts,
    /// Who changed what.
    Audit,
    /// How the server is.
    Health,
    /// What is asked of it now.
    Queries,
    /// How the page looks here.
    Appearance,
}

impl Section {
    /// All, in the order of the list.
    pub const ALL: [Self; 7] =
        [Self::Storage, Self::Keys, Self::Accounts, Self::Audit, Self::Health, Self::Queries, Self::Appearance];

    /// What stands for it in a link.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Storage => "storage",
            Self::Keys => "keys",
            Self::Accounts => "accounts",
            Self::Audit => "audit",
            Self::Health => "health",
            Self::Queries => "queries",
            Self::Appearance => "appearance",
        }
    }

    /// The section of a link; the first for a link without one, or with one that is not there.
    #[must_use]
    pub fn of_slug(slug: &str) -> Self {
        Self::ALL.into_iter().find(|section| section.slug() == slug).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_links_agree() {
        for section in Section::ALL {
            assert_eq!(Section::of_slug(section.slug()), section);
        }
        assert_eq!(Section::of_slug(""), Section::Storage);
        assert_eq!(Section::of_slug("nowhere"), Section::Storage);
    }
}
