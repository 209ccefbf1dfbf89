//! The six named severities of the OpenTelemetry logs data model, each a range of four numbers
//! ("Severity Fields": TRACE 1-4 to FATAL 21-24), and what has none.

/// A named severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Number 0: the source did not say.
    Unset,
    /// 1 to 4.
    Trace,
    /// 5 to 8.
    Debug,
    /// 9 to 12.
    Info,
    /// 13 to 16.
    Warn,
    /// 17 to 20.
    Error,
    /// 21 to 24.
    Fatal,
}

impl Level {
    /// Every level, mildest first.
    pub const ALL: [Self; 7] =
        [Self::Unset, Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Fatal];

    /// Of a severity number.
    #[must_use]
    pub fn of_number(number: u64) -> Self {
        Self::of_rank(number.saturating_add(3) / 4)
    }

    /// Of a place in [`Self::ALL`].
    #[must_use]
    pub fn of_rank(rank: u64) -> Self {
        usize::try_from(rank).ok().and_then(|rank| Self::ALL.get(rank)).copied().unwrap_or(Self::Unset)
    }

    /// Place in [`Self::ALL`].
    #[must_use]
    pub fn rank(self) -> usize {
        self as usize
    }

    /// As the tag shows it and the search syntax reads it; also a CSS class.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unset => "UNSET",
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }

    /// By name, any case; `None` for other words.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_uppercase();
        let name = match name.as_str() {
            "WARNING" => "WARN",
            "ERR" => "ERROR",
            "INFORMATION" => "INFO",
            other => other,
        };
        Self::ALL.into_iter().skip(1).find(|level| level.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fall_in_their_ranges() {
        // OpenTelemetry logs data model, "Severity Fields"
        for (number, level) in [
            (0, Level::Unset),
            (1, Level::Trace),
            (4, Level::Trace),
            (5, Level::Debug),
            (9, Level::Info),
            (12, Level::Info),
            (13, Level::Warn),
            (17, Level::Error),
            (20, Level::Error),
            (21, Level::Fatal),
            (24, Level::Fatal),
            (25, Level::Unset),
            (u64::MAX, Level::Unset),
        ] {
            assert_eq!(Level::of_number(number), level, "{number}");
        }
    }

    #[test]
    fn names_are_read_back() {
        for level in Level::ALL.into_iter().skip(1) {
            assert_eq!(Level::by_name(level.name()), Some(level));
        }
        assert_eq!(Level::by_name("warning"), Some(Level::Warn));
        assert_eq!(Level::by_name("UNSET"), None);
        assert_eq!(Level::by_name("loud"), None);
    }
}
