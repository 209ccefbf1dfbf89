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

mod mask;
mod merge;
mod shape;

pub use mask::mask;
pub use merge::{WILDCARD, merge};

use std::collections::HashMap;

/// Bytes of a body that are looked at.
pub const BODY_BYTES_MAX: usize = 1 << 10;
/// Patterns of one batch that are told apart before they are merged.
const PATTERNS_MAX: usize = 10_000;

/// The patterns of a batch of bodies with the number of bodies of each, the most frequent first.
/// Bodies beyond the first 10,000 patterns that cannot be merged are left out.
pub fn patterns<'a>(bodies: impl IntoIterator<Item = &'a str>) -> Vec<(String, u64)> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    let mut pattern = String::new();
    let mut full = false;
    for body in bodies {
        pattern.clear();
        mask(body, &mut pattern);
        match counts.get_mut(&pattern) {
            Some(count) => *count += 1,
            None => {
                if counts.len() >= PATTERNS_MAX && !full {
                    counts = merge(counts, |sum, more| *sum += more).into_iter().collect();
                    // merging again for little room would cost more than it gives
                    full = counts.len() > PATTERNS_MAX * 3 / 4;
                }
                if counts.len() < PATTERNS_MAX {
                    counts.insert(pattern.clone(), 1);
                }
            }
        }
    }
    let mut merged = merge(counts, |sum, more| *sum += more);
    merged.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    merged
}

#[cfg(test)]
mod tests;
