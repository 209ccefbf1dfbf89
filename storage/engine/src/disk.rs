use crate::error::EngineError;
use crate::wal::fs::{Space, WalFs};
use lincei_model::Telemetry;
use lincei_model::telemetry::Gauge;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How old an answer of the file system may be. At 1 GB/s a tenth of a second is 100 MB, well
/// inside the default reserve.
const FRESH: Duration = Duration::from_millis(100);
/// At most this share of the disk is reserved, so that small disks stay usable.
const RESERVE_SHARE: u64 = 20;

/// Room on the disk of the data directory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    /// Size.
    pub total_bytes: u64,
    /// Free for this process.
    pub free_bytes: u64,
    /// Free bytes below which no rows are accepted.
    pub reserve_bytes: u64,
}

/// Refuses rows before the disk is full: flush, compaction and the catalog need room to work the
/// backlog off, and SQLite needs room even to delete.
pub(crate) struct DiskGuard {
    fs: Arc<dyn WalFs>,
    dir: PathBuf,
    reserve_bytes: u64,
    telemetry: Arc<Telemetry>,
    last: Mutex<Option<(Instant, Space)>>,
}

impl DiskGuard {
    pub(crate) fn new(fs: Arc<dyn WalFs>, dir: PathBuf, reserve_bytes: u64, telemetry: Arc<Telemetry>) -> Self {
        Self { fs, dir, reserve_bytes, telemetry, last: Mutex::new(None) }
    }

    /// Fails when rows must be refused. Asks the file system at most every [`FRESH`].
    pub(crate) fn admit(&self) -> Result<(), EngineError> {
        let now = Instant::now();
        let mut last = self.last.lock();
        let space = match *last {
            Some((at, space)) if now.duration_since(at) < FRESH => space,
            _ => {
                let Some(space) = self.measure() else { return Ok(()) };
                *last = Some((now, space));
                space
            }
        };
        drop(last);
        let reserve_bytes = self.reserve(space);
        if space.free_bytes < reserve_bytes {
            return Err(EngineError::DiskReserve { free_bytes: space.free_bytes, reserve_bytes });
        }
        Ok(())
    }

    /// Room now, `None` when the file system does not say; a write that fails will.
    pub(crate) fn measure(&self) -> Option<Space> {
        match self.fs.space(&self.dir) {
            Ok(space) => {
                self.telemetry.set(Gauge::DiskFreeBytes, i64::try_from(space.free_bytes).unwrap_or(i64::MAX));
                Some(space)
            }
            Err(error) => {
                tracing::warn!(%error, "free disk space is not known");
                None
            }
        }
    }

    /// As [`Self::measure`], with what is kept free.
    pub(crate) fn room(&self) -> Option<DiskSpace> {
        let space = self.measure()?;
        let reserve_bytes = self.reserve(space);
        Some(DiskSpace { total_bytes: space.total_bytes, free_bytes: space.free_bytes, reserve_bytes })
    }

    fn reserve(&self, space: Space) -> u64 {
        self.reserve_bytes.min(space.total_bytes / RESERVE_SHARE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wal::fs::WalFile;
    use std::io;
    use std::path::Path;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[derive(Default)]
    struct Fixed {
        free: AtomicU64,
        total: u64,
        asked: AtomicU64,
    }

    impl WalFs for Fixed {
        fn create(&self, _: &Path) -> io::Result<Box<dyn WalFile>> {
            Err(io::ErrorKind::Unsupported.into())
        }
        fn sync_dir(&self, _: &Path) -> io::Result<()> {
            Ok(())
        }
        fn remove(&self, _: &Path) -> io::Result<()> {
            Ok(())
        }
        fn space(&self, _: &Path) -> io::Result<Space> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            Ok(Space { free_bytes: self.free.load(Ordering::SeqCst), total_bytes: self.total })
        }
    }

    fn guard(free: u64, total: u64, reserve: u64) -> (Arc<Fixed>, DiskGuard) {
        let fs = Arc::new(Fixed { free: free.into(), total, ..Fixed::default() });
        let guard = DiskGuard::new(fs.clone(), PathBuf::new(), reserve, Arc::new(Telemetry::default()));
        (fs, guard)
    }

    #[test]
    fn refuses_below_the_reserve() {
        // (free, total, reserve, admitted); 5 % of 1000 is 50
        for (free, total, reserve, admitted) in [
            (100, 10_000, 100, true),
            (99, 10_000, 100, false),
            (50, 1_000, 100, true),
            (49, 1_000, 100, false),
            (0, 1_000, 0, true),
        ] {
            let (_, guard) = guard(free, total, reserve);
            assert_eq!(guard.admit().is_ok(), admitted, "{free} of {total} free, {reserve} reserved");
        }
    }

    #[test]
    fn asks_the_file_system_once_for_many_appends() {
        let (fs, guard) = guard(1_000, 10_000, 100);
        for _ in 0..1_000 {
            guard.admit().unwrap();
        }
        let asked = fs.asked.load(Ordering::SeqCst);
        assert!(asked < 100, "asked {asked} times");
    }
}
