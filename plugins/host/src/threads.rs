//! The threads on which plugins work.

use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;

/// Added to the nice value of the process: plugins get what intake leaves.
const NICE: i32 = 10;
/// Jobs that wait.
const QUEUE_MAX: usize = 256;

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    is_over: bool,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

/// Threads at a low priority, one fewer than there are cores but at least one, behind a bounded queue.
/// What waits when this is dropped is dropped.
pub struct PluginThreads {
    shared: Arc<Shared>,
    threads: usize,
}

impl PluginThreads {
    /// # Errors
    /// When the system gives no thread.
    pub fn start() -> std::io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self::start_with(cores.saturating_sub(1).max(1))
    }

    fn start_with(threads: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        for number in 0..threads {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new().name(format!("plugin-{number}")).spawn(move || {
                lower_priority();
                work(&shared);
            })?;
        }
        Ok(Self { shared, threads })
    }

    /// How many.
    #[must_use]
    pub const fn threads(&self) -> usize {
        self.threads
    }

    /// Jobs that wait now.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.queue.lock().jobs.len()
    }

    /// Runs a job when a thread is free; `false` when too many wait already.
    #[must_use]
    pub fn submit(&self, job: impl FnOnce() + Send + 'static) -> bool {
        let mut queue = self.shared.queue.lock();
        if queue.jobs.len() >= QUEUE_MAX || queue.is_over {
            return false;
        }
        queue.jobs.push_back(Box::new(job));
        drop(queue);
        self.shared.changed.notify_one();
        true
    }
}

impl Drop for PluginThreads {
    fn drop(&mut self) {
        let mut queue = self.shared.queue.lock();
        queue.is_over = true;
        queue.jobs.clear();
        drop(queue);
        self.shared.changed.notify_all();
    }
}

/// On Linux a thread has a priority of its own.
fn lower_priority() {
    let thread = rustix::thread::gettid();
    let now = rustix::process::getpriority_process(Some(thread)).unwrap_or(0);
    if let Err(error) = rustix::process::setpriority_process(Some(thread), (now + NICE).min(19)) {
        tracing::warn!(%error, "the priority of a thread for plugins could not be lowered");
    }
}

fn work(shared: &Shared) {
    loop {
        let job = {
            let mut queue = shared.queue.lock();
            loop {
                if queue.is_over {
                    return;
                }
                if let Some(job) = queue.jobs.pop_front() {
                    break job;
                }
                shared.changed.wait(&mut queue);
            }
        };
        // a job that panics must not take the thread with it: its sender learns from its channel
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn jobs_run_at_a_low_priority_and_survive_a_panic() {
        let threads = PluginThreads::start_with(1).unwrap();
        let (sender, receiver) = mpsc::channel();
        assert!(threads.submit(|| panic!("a job that fails")));
        assert!(threads.submit(move || {
            let thread = rustix::thread::gettid();
            sender.send(rustix::process::getpriority_process(Some(thread)).unwrap()).unwrap();
        }));
        let own = rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        assert_eq!(receiver.recv().unwrap(), (own + NICE).min(19));
    }

    #[test]
    fn the_queue_is_bounded() {
        let threads = PluginThreads::start_with(1).unwrap();
        let (release, wait) = mpsc::channel::<()>();
        let (started, is_started) = mpsc::channel();
        assert!(threads.submit(move || {
            started.send(()).unwrap();
            let _ = wait.recv();
        }));
        is_started.recv().unwrap();
        for _ in 0..QUEUE_MAX {
            assert!(threads.submit(|| {}));
        }
        assert!(!threads.submit(|| {}));
        assert_eq!(threads.waiting(), QUEUE_MAX);
        drop(release);
    }
}
