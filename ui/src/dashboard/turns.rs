//! At most a few questions at once: whoever comes later waits for a turn.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Turns that can be taken; clones share them.
#[derive(Clone, Debug)]
pub struct Turns {
    state: Rc<RefCell<State>>,
}

#[derive(Debug)]
struct State {
    free: usize,
    next: u64,
    waiting: VecDeque<(u64, Option<Waker>)>,
}

/// One's turn; the next has it when this is dropped.
#[derive(Debug)]
pub struct Turn {
    state: Rc<RefCell<State>>,
}

/// A place among those who wait, given up when it is dropped before its turn came.
struct Ticket {
    number: u64,
    state: Rc<RefCell<State>>,
}

impl Turns {
    /// So many at once.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { state: Rc::new(RefCell::new(State { free: count, next: 0, waiting: VecDeque::new() })) }
    }

    /// Waits for a turn, after those who asked before.
    pub fn take(&self) -> impl Future<Output = Turn> + 'static {
        let mut state = self.state.borrow_mut();
        let number = state.next;
        state.next += 1;
        state.waiting.push_back((number, None));
        let ticket = Ticket { number, state: self.state.clone() };
        poll_fn(move |task| {
            let mut state = ticket.state.borrow_mut();
            let place = state.waiting.iter().position(|(number, _)| *number == ticket.number);
            if let Some(place) = place.filter(|place| *place < state.free) {
                state.waiting.remove(place);
                state.free -= 1;
                return Poll::Ready(Turn { state: ticket.state.clone() });
            }
            if let Some((_, waker)) = place.and_then(|place| state.waiting.get_mut(place)) {
                *waker = Some(task.waker().clone());
            }
            Poll::Pending
        })
    }
}

/// Wakes whoever may have a turn now.
fn wake(state: &RefCell<State>) {
    let wakers: Vec<Waker> = {
        let mut state = state.borrow_mut();
        let free = state.free;
        state.waiting.iter_mut().take(free).filter_map(|(_, waker)| waker.take()).collect()
    };
    wakers.into_iter().for_each(Waker::wake);
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.state.borrow_mut().free += 1;
        wake(&self.state);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let number = self.number;
        self.state.borrow_mut().waiting.retain(|(known, _)| *known != number);
        wake(&self.state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::{Pin, pin};
    use std::task::Context;

    fn poll<F: Future>(future: Pin<&mut F>) -> Option<F::Output> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }

    #[test]
    fn so_many_at_once_in_the_order_they_came() {
        let turns = Turns::new(2);
        let (mut a, mut b) = (pin!(turns.take()), pin!(turns.take()));
        let (mut c, mut d) = (pin!(turns.take()), pin!(turns.take()));
        let first = poll(a.as_mut()).expect("the first has a turn at once");
        assert!(poll(c.as_mut()).is_none(), "the second was before it");
        let second = poll(b.as_mut()).expect("there are two");
        assert!(poll(c.as_mut()).is_none() && poll(d.as_mut()).is_none());
        drop(first);
        assert!(poll(d.as_mut()).is_none(), "the third was before it");
        let third = poll(c.as_mut()).expect("one is free again");
        drop((second, third));
        assert!(poll(d.as_mut()).is_some());
    }

    #[test]
    fn whoever_leaves_makes_room() {
        let turns = Turns::new(1);
        let mut first = Box::pin(turns.take());
        let held = poll(first.as_mut()).expect("the first has a turn at once");
        let mut leaves = Box::pin(turns.take());
        let mut stays = pin!(turns.take());
        assert!(poll(leaves.as_mut()).is_none() && poll(stays.as_mut()).is_none());
        drop(leaves);
        drop(held);
        assert!(poll(stays.as_mut()).is_some());
    }
}
