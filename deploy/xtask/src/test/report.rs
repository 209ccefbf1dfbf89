//! The table at the end.

use anyhow::Error;
use std::fmt;
use std::time::Duration;

pub(super) struct Outcome {
    pub(super) step: &'static str,
    /// Why it failed, if it did.
    pub(super) error: Option<Error>,
    pub(super) took: Duration,
}

#[derive(Default)]
pub(super) struct Report {
    outcomes: Vec<Outcome>,
}

/// Steps that run a test runner, which prints its own counts.
const COUNTING: [&str; 4] = ["test", "doctest", "crash", "browser"];

impl Report {
    pub(super) fn add(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }

    pub(super) fn is_good(&self) -> bool {
        !self.outcomes.is_empty() && self.outcomes.iter().all(|outcome| outcome.error.is_none())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "\n{:<12} {:>8}  result", "step", "seconds")?;
        for Outcome { step, error, took } in &self.outcomes {
            let seconds = took.as_secs_f64();
            match error {
                None => writeln!(formatter, "{step:<12} {seconds:>8.1}  good")?,
                Some(error) => {
                    let text = format!("{error:#}");
                    writeln!(
                        formatter,
                        "{step:<12} {seconds:>8.1}  FAILED: {}",
                        text.lines().next().unwrap_or_default()
                    )?;
                }
            }
        }
        let total: f64 = self.outcomes.iter().map(|outcome| outcome.took.as_secs_f64()).sum();
        writeln!(formatter, "{:<12} {total:>8.1}", "total")?;
        let bad: Vec<&str> = self.outcomes.iter().filter(|o| o.error.is_some()).map(|o| o.step).collect();
        let good = self.outcomes.len() - bad.len();
        // Counts of steps beside counts of tests would read as one sum.
        let counted = self.outcomes.iter().any(|outcome| COUNTING.contains(&outcome.step));
        match (counted, bad.as_slice()) {
            (false, bad) => writeln!(formatter, "{good} passed, {} failed", bad.len()),
            (true, []) => writeln!(formatter, "every step is good"),
            (true, bad) => writeln!(formatter, "not good: {}", bad.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcomes: &[(&'static str, bool)]) -> Report {
        let mut report = Report::default();
        for (step, good) in outcomes {
            let error = (!good).then(|| anyhow::anyhow!("first line\nsecond line"));
            report.add(Outcome { step, error, took: Duration::from_millis(1500) });
        }
        report
    }

    fn last_line(outcomes: &[(&'static str, bool)]) -> String {
        report(outcomes).to_string().lines().last().unwrap_or_default().to_owned()
    }

    #[test]
    fn verdict_is_honest() {
        assert!(report(&[("fmt", true), ("test", true)]).is_good());
        assert!(!report(&[("fmt", true), ("test", false)]).is_good());
        assert!(!report(&[]).is_good());
    }

    #[test]
    fn last_line_counts_steps_only_when_nothing_counted_tests() {
        assert_eq!(last_line(&[("fmt", true), ("tidy", false)]), "1 passed, 1 failed");
        assert_eq!(last_line(&[("fmt", true), ("test", true)]), "every step is good");
        assert_eq!(last_line(&[("fmt", false), ("test", true), ("docs", false)]), "not good: fmt, docs");
    }

    #[test]
    fn a_failure_takes_one_line() {
        let text = report(&[("fmt", false)]).to_string();
        assert!(text.contains("FAILED: first line\n") && !text.contains("second line"), "{text}");
    }
}
