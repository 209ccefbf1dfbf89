//! Patterns of log bodies: what stays when the values are taken out.
//!
//! Two steps, neither of which depends on the order of rows, so parts of the data can be worked on
//! apart and put together later:
//!
//! 1. [`mask`] replaces what is a value by its form: `took 12 ms` becomes `took <num> ms`.
//! 2. [`merge`] finds words that are values as well, such as names of users: the places where many
//!    patterns differ that agree otherwise become `<*>`.
//!
//! ```
//! let bodies = ["took 12 ms", "took 7 ms", "user 5 is gone"];
//! let patterns = lincei_model::pattern::patterns(bodies);
//! assert_eq!(patterns, [("took <num> ms".to_owned(), 2), ("user <num> is gone".to_owned(), 1)]);
//! ```

mod counts;
mod mask;
mod merge;
mod shape;

pub use counts::{LEVELS, PATTERNS_MAX, PatternCounts, PatternFacts, PatternRow, level_of};
pub use mask::mask;
pub use merge::{WILDCARD, merge};

/// Bytes of a body that are looked at.
pub const BODY_BYTES_MAX: usize = 1 << 10;

/// The patterns of a batch of bodies with the number of bodies of each, the most frequent first.
/// Bodies beyond the first 10,000 patterns that cannot be merged are left out, and empty ones.
pub fn patterns<'a>(bodies: impl IntoIterator<Item = &'a str>) -> Vec<(String, u64)> {
    let mut counts = PatternCounts::default();
    for body in bodies {
        counts.add(PatternRow { body, time_ns: 0, level: 0, group: 0 });
    }
    counts.merged().into_iter().map(|(pattern, facts)| (pattern, facts.count())).collect()
}

#[cfg(test)]
mod tests;
