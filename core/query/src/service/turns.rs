//! Whose query runs next.
//!
//! At most `running_max` queries run, of one user at most three quarters of them, so that a user with
//! many never keeps another waiting for the first. A turn that becomes free goes to the user with the
//! fewest running queries; among those, to who waits longest.

use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::oneshot;

/// The turns of one service.
#[derive(Debug)]
pub(super) struct Turns {
    running_max: usize,
    user_max: usize,
    queued_max: usize,
    queues: Mutex<Queues>,
}

#[derive(Debug, Default)]
struct Queues {
    /// Users with at least one running query.
    running: HashMap<String, usize>,
    total: usize,
    /// By arrival.
    waiting: VecDeque<Waiter>,
    next_id: u64,
}

#[derive(Debug)]
struct Waiter {
    id: u64,
    user: String,
    grant: oneshot::Sender<Turn>,
}

/// The right to run, given back when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Turns>,
    user: String,
}

/// A place in the queue, given up when dropped.
#[derive(Debug)]
pub(super) struct Place {
    turns: Arc<Turns>,
    id: u64,
    granted: oneshot::Receiver<Turn>,
}

/// Runs at once, or waits.
#[derive(Debug)]
pub(super) enum Entered {
    Running(Turn),
    Waiting(Place),
}

impl Turns {
    pub(super) fn new(running_max: usize, queued_max: usize) -> Arc<Self> {
        let running_max = running_max.max(1);
        Arc::new(Self { running_max, user_max: share(running_max), queued_max, queues: Mutex::default() })
    }

    /// Queries of one user that run at once.
    pub(super) const fn user_max(&self) -> usize {
        self.user_max
    }

    pub(super) fn waiting(&self) -> usize {
        self.queues.lock().waiting.len()
    }

    /// Takes a turn or a place in the queue; `None` when the queue, or the user's share of it, is full.
    pub(super) fn enter(self: &Arc<Self>, user: &str) -> Option<Entered> {
        let mut queues = self.queues.lock();
        if self.may_run(&queues, user) {
            queues.begin(user);
            return Some(Entered::Running(Turn { turns: Arc::clone(self), user: user.to_owned() }));
        }
        let own = queues.waiting.iter().filter(|waiter| waiter.user == user).count();
        if queues.waiting.len() >= self.queued_max || own >= share(self.queued_max) {
            return None;
        }
        let (grant, granted) = oneshot::channel();
        let id = queues.next_id;
        queues.next_id += 1;
        queues.waiting.push_back(Waiter { id, user: user.to_owned(), grant });
        Some(Entered::Waiting(Place { turns: Arc::clone(self), id, granted }))
    }

    fn may_run(&self, queues: &Queues, user: &str) -> bool {
        queues.total < self.running_max && queues.of(user) < self.user_max
    }

    fn end(self: &Arc<Self>, user: &str) {
        let next = {
            let mut queues = self.queues.lock();
            queues.finish(user);
            self.next(&mut queues)
        };
        if let Some(Waiter { user, grant, .. }) = next {
            // comes back, and is dropped here, when nobody waits for it any more
            drop(grant.send(Turn { turns: Arc::clone(self), user }));
        }
    }

    /// Takes who is next out of the queue and counts it as running.
    fn next(&self, queues: &mut Queues) -> Option<Waiter> {
        let may = |(_, waiter): &(usize, &Waiter)| self.may_run(queues, &waiter.user);
        // of equal ones the first, which came first
        let first = queues.waiting.iter().enumerate().filter(may).min_by_key(|(_, waiter)| queues.of(&waiter.user));
        let at = first.map(|(at, _)| at)?;
        let waiter = queues.waiting.remove(at)?;
        queues.begin(&waiter.user);
        Some(waiter)
    }
}

/// What one user may have of so many: three quarters, rounded up.
const fn share(all: usize) -> usize {
    all - all / 4
}

impl Queues {
    fn of(&self, user: &str) -> usize {
        self.running.get(user).copied().unwrap_or(0)
    }

    fn begin(&mut self, user: &str) {
        *self.running.entry(user.to_owned()).or_default() += 1;
        self.total += 1;
    }

    fn finish(&mut self, user: &str) {
        self.total = self.total.saturating_sub(1);
        if let Some(count) = self.running.get_mut(user) {
            *count -= 1;
            if *count == 0 {
                self.running.remove(user);
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.end(&self.user);
    }
}

impl Place {
    /// Waits for the turn.
    pub(super) async fn turn(mut self) -> Option<Turn> {
        (&mut self.granted).await.ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.turns.queues.lock().waiting.retain(|waiter| waiter.id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(turns: &Arc<Turns>, user: &str) -> Turn {
        match turns.enter(user) {
            Some(Entered::Running(turn)) => turn,
            other => panic!("{user} should run: {other:?}"),
        }
    }

    fn wait(turns: &Arc<Turns>, user: &str) -> Place {
        match turns.enter(user) {
            Some(Entered::Waiting(place)) => place,
            other => panic!("{user} should wait: {other:?}"),
        }
    }

    fn granted(place: &mut Place) -> Option<Turn> {
        place.granted.try_recv().ok()
    }

    #[test]
    fn one_user_leaves_turns_to_others() {
        let turns = Turns::new(4, 10);
        let _three: Vec<_> = (0..3).map(|_| run(&turns, "a")).collect();
        let mut fourth = wait(&turns, "a");
        let b = run(&turns, "b");
        let mut c = wait(&turns, "c");
        drop(b);
        assert!(granted(&mut fourth).is_none(), "a has its share");
        assert!(granted(&mut c).is_some(), "c came later and has nothing");
    }

    #[test]
    fn the_one_with_least_is_next_and_then_the_oldest() {
        let turns = Turns::new(2, 10);
        let (a1, a2) = (run(&turns, "a"), run(&turns, "a"));
        let (mut a3, mut b1, mut c1) = (wait(&turns, "a"), wait(&turns, "b"), wait(&turns, "c"));
        drop(a1);
        let b = granted(&mut b1).expect("b has nothing and came before c");
        assert!(granted(&mut a3).is_none(), "a still has one");
        drop(a2);
        let _a = granted(&mut a3).expect("now a has none and came first");
        drop(b);
        assert!(granted(&mut c1).is_some());
    }

    #[test]
    fn places_and_turns_that_are_given_up_are_free_again() {
        let turns = Turns::new(1, 2);
        let running = run(&turns, "a");
        let (gone, mut stays) = (wait(&turns, "a"), wait(&turns, "b"));
        assert!(turns.enter("c").is_none(), "the queue is full");
        drop(gone);
        assert_eq!(turns.waiting(), 1);
        drop(running);
        drop(granted(&mut stays));
        assert_eq!(turns.queues.lock().total, 0);
        let (running, gone) = (run(&turns, "a"), wait(&turns, "b"));
        // the turn is granted to a place that is dropped before it looks
        drop(running);
        drop(gone);
        assert_eq!(turns.queues.lock().total, 0);
        drop(run(&turns, "c"));
    }

    #[test]
    fn a_user_has_a_share_of_the_queue() {
        let turns = Turns::new(1, 4);
        let _running = run(&turns, "a");
        let _places: Vec<_> = (0..3).map(|_| wait(&turns, "a")).collect();
        assert!(turns.enter("a").is_none());
        let _b = wait(&turns, "b");
    }
}
