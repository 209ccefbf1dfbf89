use crate::error::EngineError;
use parking_lot::Mutex;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Bounds the bytes of rows in memory: an append takes its share before it enters, and the flush
/// that moved the rows to Parquet gives it back.
pub(crate) struct MemoryBudget {
    used: Mutex<usize>,
    released: Notify,
    bytes_max: usize,
}

/// Bytes taken from the budget; given back on drop unless kept.
pub(crate) struct Reservation {
    budget: Arc<MemoryBudget>,
    bytes: usize,
}

impl Reservation {
    /// The rows are in memory now; whoever removes them releases the bytes.
    pub(crate) fn keep(mut self) {
        self.bytes = 0;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.release(self.bytes);
    }
}

impl std::fmt::Debug for Reservation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reservation({} bytes)", self.bytes)
    }
}

impl MemoryBudget {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { used: Mutex::new(0), released: Notify::new(), bytes_max }
    }

    /// Waits for room. One append that is larger than the whole budget enters when nothing else is
    /// in memory. `on_wait` is called once when there is no room.
    pub(crate) async fn reserve(
        self: &Arc<Self>,
        bytes: usize,
        wait_max: Duration,
        on_wait: impl Fn(),
    ) -> Result<Reservation, EngineError> {
        if let Some(reservation) = self.try_reserve(bytes) {
            return Ok(reservation);
        }
        let wait = async {
            loop {
                let mut released = pin!(self.released.notified());
                released.as_mut().enable();
                if let Some(reservation) = self.try_reserve(bytes) {
                    return reservation;
                }
                on_wait();
                released.await;
            }
        };
        tokio::time::timeout(wait_max, wait).await.map_err(|_| EngineError::Full {
            what: "memory for rows not yet flushed",
            limit_bytes: self.bytes_max,
            waited_ms: u64::try_from(wait_max.as_millis()).unwrap_or(u64::MAX),
        })
    }

    fn try_reserve(self: &Arc<Self>, bytes: usize) -> Option<Reservation> {
        let mut used = self.used.lock();
        if *used > 0 && used.saturating_add(bytes) > self.bytes_max {
            return None;
        }
        *used = used.saturating_add(bytes);
        Some(Reservation { budget: Arc::clone(self), bytes })
    }

    /// Takes bytes whether or not there is room: replayed rows are there already.
    pub(crate) fn force(&self, bytes: usize) {
        let mut used = self.used.lock();
        *used = used.saturating_add(bytes);
    }

    pub(crate) fn release(&self, bytes: usize) {
        if bytes == 0 {
            return;
        }
        {
            let mut used = self.used.lock();
            *used = used.saturating_sub(bytes);
        }
        self.released.notify_waiters();
    }

    #[cfg(test)]
    pub(crate) fn used(&self) -> usize {
        *self.used.lock()
    }
}
