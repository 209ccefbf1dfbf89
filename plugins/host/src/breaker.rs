//! Stops asking a plugin that keeps failing.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Failures in a row after which it opens.
const FAILURES_MAX: u32 = 3;
/// So many within [`WINDOW`] open it, too, with successes between them.
const FAILURES_IN_WINDOW_MAX: usize = 10;
const WINDOW: Duration = Duration::from_secs(60);
/// How long it is open the first time; each failed trial doubles it.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest.
const PAUSE_MAX: Duration = Duration::from_secs(300);

/// Closed: calls go through. Open: they do not, until a pause is over. Then one call is let through: when
/// it succeeds the breaker closes, when it fails it opens for twice as long.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    failures: u32,
    /// When calls failed lately, oldest first.
    lately: VecDeque<Instant>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    until: Instant,
    pause: Duration,
    /// One call is being let through.
    is_trying: bool,
}

impl Breaker {
    /// Whether a call may go through; an error says how long it is still open.
    pub(crate) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        let Some(open) = &mut self.open else { return Ok(()) };
        if open.is_trying {
            return Err(Duration::ZERO);
        }
        if now < open.until {
            return Err(open.until - now);
        }
        open.is_trying = true;
        Ok(())
    }

    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
        if self.open.take().is_some() {
            self.lately.clear();
        }
    }

    /// A call that was admitted did not take place.
    pub(crate) const fn withdrawn(&mut self) {
        if let Some(open) = &mut self.open {
            open.is_trying = false;
        }
    }

    pub(crate) fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.lately.push_back(now);
        while self.lately.front().is_some_and(|first| now.duration_since(*first) > WINDOW) {
            self.lately.pop_front();
        }
        let is_frequent = self.lately.len() >= FAILURES_IN_WINDOW_MAX;
        let pause = match &self.open {
            Some(open) => (open.pause * 2).min(PAUSE_MAX),
            None if self.failures >= FAILURES_MAX || is_frequent => PAUSE,
            None => return,
        };
        self.open = Some(Open { until: now + pause, pause, is_trying: false });
    }

    /// Whether calls are kept away now.
    pub(crate) fn is_open(&self, now: Instant) -> bool {
        self.open.as_ref().is_some_and(|open| open.is_trying || now < open.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_three_failures_in_a_row_and_tries_one_call_after_a_pause() {
        let mut breaker = Breaker::default();
        let start = Instant::now();
        breaker.failed(start);
        breaker.failed(start);
        breaker.succeeded();
        breaker.failed(start);
        breaker.failed(start);
        assert_eq!(breaker.admit(start), Ok(()));
        breaker.failed(start);
        assert_eq!(breaker.admit(start), Err(Duration::from_secs(1)));
        assert!(breaker.is_open(start));
        let later = start + Duration::from_millis(1_000);
        assert_eq!(breaker.admit(later), Ok(()));
        assert_eq!(breaker.admit(later), Err(Duration::ZERO), "only one call is tried");
        breaker.withdrawn();
        assert_eq!(breaker.admit(later), Ok(()));
        breaker.failed(later);
        assert_eq!(breaker.admit(later), Err(Duration::from_secs(2)), "twice as long");
        assert_eq!(breaker.admit(later + Duration::from_secs(2)), Ok(()));
        breaker.succeeded();
        assert!(!breaker.is_open(later));
        assert_eq!(breaker.admit(later), Ok(()));
    }

    #[test]
    fn frequent_failures_open_it_whatever_succeeds_between_them() {
        let mut breaker = Breaker::default();
        let start = Instant::now();
        // one each 10 s is not frequent
        for call in 0..20 {
            breaker.failed(start + Duration::from_secs(10 * call));
            breaker.succeeded();
        }
        let later = start + Duration::from_secs(1_000);
        for call in 0..9 {
            breaker.failed(later + Duration::from_secs(call));
            breaker.succeeded();
            assert!(!breaker.is_open(later + Duration::from_secs(call)));
        }
        breaker.failed(later + Duration::from_secs(9));
        assert!(breaker.is_open(later + Duration::from_secs(9)));
        assert_eq!(breaker.admit(later + Duration::from_secs(10)), Ok(()));
        breaker.succeeded();
        breaker.failed(later + Duration::from_secs(10));
        assert!(!breaker.is_open(later + Duration::from_secs(10)), "a good trial forgets them");
    }

    #[test]
    fn the_pause_has_a_bound() {
        let mut breaker = Breaker::default();
        let mut now = Instant::now();
        for _ in 0..20 {
            breaker.failed(now);
            now += PAUSE_MAX;
        }
        breaker.failed(now);
        assert_eq!(breaker.admit(now), Err(Duration::from_secs(300)));
    }
}
