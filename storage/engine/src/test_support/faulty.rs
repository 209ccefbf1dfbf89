//! A disk whose single operations fail on demand.

use crate::wal::fs::{DiskFs, Space, WalFile, WalFs};
use parking_lot::Mutex;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// ENOSPC and EIO as Linux numbers them.
pub(crate) const ENOSPC: i32 = 28;
pub(crate) const EIO: i32 = 5;

/// What goes wrong.
#[derive(Default)]
pub(crate) struct Faults {
    /// Bytes that can still be written.
    pub(crate) room: Option<usize>,
    /// Most bytes taken by one write.
    pub(crate) short: Option<usize>,
    pub(crate) fail_create: bool,
    pub(crate) fail_sync: bool,
    pub(crate) fail_truncate: bool,
    pub(crate) fail_sync_dir: bool,
    pub(crate) space: Option<Space>,
}

#[derive(Clone, Default)]
pub(crate) struct FaultyFs {
    faults: Arc<Mutex<Faults>>,
    /// Syncs wait for it.
    pub(crate) gate: Arc<Mutex<()>>,
}

impl FaultyFs {
    pub(crate) fn set(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.faults.lock());
    }
}

struct FaultyFile {
    file: Box<dyn WalFile>,
    fs: FaultyFs,
}

impl WalFile for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut faults = self.fs.faults.lock();
        let mut length = bytes.len().min(faults.short.unwrap_or(usize::MAX));
        if let Some(room) = &mut faults.room {
            if *room == 0 {
                return Err(io::Error::from_raw_os_error(ENOSPC));
            }
            length = length.min(*room);
            *room -= length;
        }
        self.file.write(&bytes[..length])
    }

    fn sync(&mut self) -> io::Result<()> {
        let _open = self.fs.gate.lock();
        if self.fs.faults.lock().fail_sync {
            return Err(io::Error::from_raw_os_error(EIO));
        }
        self.file.sync()
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        if self.fs.faults.lock().fail_truncate {
            return Err(io::Error::from_raw_os_error(EIO));
        }
        self.file.truncate(bytes)
    }
}

impl WalFs for FaultyFs {
    fn create(&self, path: &Path) -> io::Result<Box<dyn WalFile>> {
        if self.faults.lock().fail_create {
            return Err(io::Error::from_raw_os_error(ENOSPC));
        }
        Ok(Box::new(FaultyFile { file: DiskFs.create(path)?, fs: self.clone() }))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        if self.faults.lock().fail_sync_dir {
            return Err(io::Error::from_raw_os_error(EIO));
        }
        DiskFs.sync_dir(dir)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        DiskFs.remove(path)
    }

    fn space(&self, dir: &Path) -> io::Result<Space> {
        match self.faults.lock().space {
            Some(space) => Ok(space),
            None => DiskFs.space(dir),
        }
    }
}
