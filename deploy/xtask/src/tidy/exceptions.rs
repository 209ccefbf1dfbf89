//! Where a rule is knowingly broken. The list may only shrink: an entry that excuses more than is
//! there fails, as does a finding beyond what its entry excuses.

use super::Finding;

/// So many findings of one rule in one file, and why they stay.
pub(super) struct Exception {
    pub(super) rule: &'static str,
    pub(super) path: &'static str,
    pub(super) findings: usize,
    /// Why, and what ends it.
    pub(super) reason: &'static str,
}

pub(super) const LIST: &[Exception] = &[Exception {
    rule: "css-length",
    path: "ui/style/components.css",
    findings: 34,
    reason: "taken over from the design, whose distances fall between the tokens; ends with a finer scale of tokens",
}];

/// Takes out the findings that are excused and adds one for every entry that excuses too much.
pub(super) fn apply(findings: Vec<Finding>, list: &[Exception]) -> Vec<Finding> {
    let mut left = findings;
    for exception in list {
        let excused = |finding: &Finding| finding.rule == exception.rule && finding.path == exception.path;
        let count = left.iter().filter(|finding| excused(finding)).count();
        if count <= exception.findings {
            left.retain(|finding| !excused(finding));
        }
        if count < exception.findings {
            let message = format!(
                "the exception allows {} findings of `{}` ({}), but there are only {count}: lower it or take it out",
                exception.findings, exception.rule, exception.reason
            );
            left.push(Finding::new("exceptions", exception.path, 0, message));
        }
    }
    left.sort();
    left
}
