//! The work that goes on beside intake and queries.

use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::flush;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};

/// How often the age of the rows in memory is looked at, and the disk measured.
const TICK: Duration = Duration::from_secs(1);
/// How often files are looked through for merges and for objects to delete.
const COMPACTION_INTERVAL: Duration = Duration::from_secs(15);
/// How often retention is enforced.
const RETENTION_INTERVAL: Duration = Duration::from_secs(5 * 60);
/// First and longest wait after a flush that failed.
const FLUSH_RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

impl Engine {
    /// Flushes, compacts, enforces retention and deletes what is no longer needed until `shutdown`
    /// is ready; then returns once the step under way is done. Run it once, beside everything else,
    /// and call [`Engine::shutdown`] afterwards.
    pub async fn run_background(&self, shutdown: impl Future<Output = ()> + Send) {
        let (stop, stopped) = watch::channel(false);
        let watching = async {
            shutdown.await;
            stop.send_replace(true);
        };
        tokio::join!(
            watching,
            self.flush_when_due(stopped.clone()),
            self.compact_often(stopped.clone()),
            self.enforce_often(stopped)
        );
    }

    async fn flush_when_due(&self, mut stopped: watch::Receiver<bool>) {
        let inner = &self.inner;
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut wait = FLUSH_RETRY.0;
        loop {
            tokio::select! {
                () = until_stopped(&mut stopped) => return,
                () = inner.state.flush_wanted.notified() => {}
                _ = tick.tick() => { inner.disk.measure(); }
            }
            let Err(error) = self.flush_if_due().await else {
                wait = FLUSH_RETRY.0;
                continue;
            };
            tracing::warn!(%error, retry_s = wait.as_secs(), "flush failed, rows stay in memory and in the log");
            tokio::select! {
                () = until_stopped(&mut stopped) => return,
                () = sleep(wait) => {}
            }
            wait = (wait * 2).min(FLUSH_RETRY.1);
        }
    }

    /// Flushes when the rows in memory are many, old or left by a failure.
    async fn flush_if_due(&self) -> Result<(), EngineError> {
        let inner = &self.inner;
        if flush_is_due(inner) {
            return self.flush().await.map(drop);
        }
        if inner.state.flush_due().frozen {
            let inner = std::sync::Arc::clone(inner);
            let retried = tokio::spawn(async move { flush::retry(&inner).await });
            return retried.await.map_err(|_| EngineError::TaskEnded("flush"))?.map(drop);
        }
        Ok(())
    }

    async fn compact_often(&self, mut stopped: watch::Receiver<bool>) {
        let mut tick = interval(COMPACTION_INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = until_stopped(&mut stopped) => return,
                _ = tick.tick() => {}
            }
            // failures are counted, logged and retried per hour of data where they happen
            let merging = self.compact();
            tokio::pin!(merging);
            tokio::select! {
                () = until_stopped(&mut stopped) => {
                    self.inner.stop_compaction();
                    let _ = merging.await;
                    return;
                }
                _ = &mut merging => {}
            }
            if let Err(error) = self.delete_obsolete().await {
                tracing::warn!(%error, "obsolete files could not be forgotten");
            }
        }
    }

    async fn enforce_often(&self, mut stopped: watch::Receiver<bool>) {
        let mut tick = interval(RETENTION_INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = until_stopped(&mut stopped) => return,
                _ = tick.tick() => {}
            }
            if let Err(error) = self.enforce_retention().await {
                tracing::warn!(%error, "retention could not be enforced");
            }
        }
    }
}

async fn until_stopped(stopped: &mut watch::Receiver<bool>) {
    // an error means that the sender is gone, and with it whoever wanted the work
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Whether the active rows have reached their size or age. A clock that went back makes them old:
/// one flush too early costs a small file, one that never comes costs the memory.
fn flush_is_due(inner: &Inner) -> bool {
    let due = inner.state.flush_due();
    let interval_ns = i64::try_from(inner.options.flush_interval.as_nanos()).unwrap_or(i64::MAX);
    let now_ns = inner.clock.now_ns();
    due.full || due.since_ns.is_some_and(|since| now_ns < since || now_ns - since >= interval_ns)
}
