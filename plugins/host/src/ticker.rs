//! Advances the engine's epoch once a millisecond while a plugin works, and sleeps otherwise.

use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::EngineWeak;

/// One tick: the grain in which running guests are looked at.
pub(crate) const TICK: Duration = Duration::from_millis(1);

#[derive(Default)]
struct Shared {
    running: Mutex<Running>,
    changed: Condvar,
}

#[derive(Default)]
struct Running {
    calls: usize,
    is_over: bool,
}

/// Owns the thread.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
}

/// A guest runs as long as this lives.
pub(crate) struct Ticking {
    shared: Arc<Shared>,
}

impl Ticker {
    pub(crate) fn start(engine: EngineWeak) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        std::thread::Builder::new().name("plugin-ticker".to_owned()).spawn(move || tick(&engine, &theirs))?;
        Ok(Self { shared })
    }

    /// Ticks until the guard is dropped.
    pub(crate) fn run(&self) -> Ticking {
        let mut running = self.shared.running.lock();
        running.calls += 1;
        if running.calls == 1 {
            self.shared.changed.notify_one();
        }
        Ticking { shared: Arc::clone(&self.shared) }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.running.lock().is_over = true;
        self.shared.changed.notify_one();
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        let mut running = self.shared.running.lock();
        running.calls = running.calls.saturating_sub(1);
    }
}

fn tick(engine: &EngineWeak, shared: &Shared) {
    loop {
        {
            let mut running = shared.running.lock();
            while running.calls == 0 && !running.is_over {
                shared.changed.wait(&mut running);
            }
            if running.is_over {
                return;
            }
        }
        std::thread::sleep(TICK);
        let Some(engine) = engine.upgrade() else { return };
        engine.increment_epoch();
    }
}
