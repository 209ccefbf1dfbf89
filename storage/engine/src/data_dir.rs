//! The data directory: creation, and the lock that keeps a second process out.

use crate::blobs::blobs_dir;
use crate::error::EngineError;
use crate::options::local_store_root;
use lincei_catalog::Catalog;
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Holds the data directory for this process until dropped.
#[derive(Debug)]
pub struct DataDirLock {
    dir: PathBuf,
    _file: File,
}

impl DataDirLock {
    /// Makes `data_dir` (mode 0700) when it is not there and locks it. Take it before the catalog
    /// is opened, so that a second process changes nothing.
    ///
    /// # Errors
    /// [`EngineError::InUse`] while another holder lives, [`EngineError::Io`].
    pub fn acquire(data_dir: &Path) -> Result<Self, EngineError> {
        make_dir(data_dir)?;
        let path = data_dir.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(EngineError::io("open", &path))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut text = String::new();
                let _ = Read::by_ref(&mut file).take(32).read_to_string(&mut text);
                let pid = text.trim().parse().unwrap_or(0);
                return Err(EngineError::InUse { dir: data_dir.to_owned(), pid });
            }
            Err(errno) => return Err(EngineError::io("lock", &path)(errno.into())),
        }
        let write_pid = |file: &mut File| -> io::Result<()> {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{}", std::process::id())
        };
        // a full disk must not keep the server from starting; the id is for people only
        let _ = write_pid(&mut file);
        Ok(Self { dir: data_dir.to_owned(), _file: file })
    }

    /// The locked directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

/// Opens `<data_dir>/catalog.db`, creating it only in a directory that holds no data.
///
/// # Errors
/// [`EngineError::CatalogMissing`] when WAL segments, Parquet files or blobs are there without a catalog,
/// [`EngineError::Catalog`] when it cannot be opened.
pub fn open_catalog(data_dir: &Path) -> Result<Catalog, EngineError> {
    let path = data_dir.join("catalog.db");
    let size = fs::metadata(&path).map(|m| m.len()).ok();
    if size.is_none_or(|bytes| bytes == 0)
        && let Some(found) = stored_data(data_dir)?
    {
        let what = if size.is_none() { "is missing" } else { "is empty" };
        return Err(EngineError::CatalogMissing { dir: data_dir.to_owned(), found, what });
    }
    make_dir(data_dir)?;
    Ok(Catalog::open(&path)?)
}

/// What lies in the directory that only a catalog can explain.
fn stored_data(data_dir: &Path) -> Result<Option<String>, EngineError> {
    let wal = data_dir.join("wal");
    let segments = crate::wal::list_segments(&wal)?.len();
    if segments > 0 {
        return Ok(Some(format!("{segments} log segments")));
    }
    for (dir, found) in [(local_store_root(data_dir), "parquet files"), (blobs_dir(data_dir), "blobs")] {
        match fs::read_dir(&dir) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Ok(Some(found.to_owned()));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(EngineError::io("list", &dir)(error)),
        }
    }
    Ok(None)
}

/// Makes a directory and its parents, readable by the owner alone.
pub(crate) fn make_dir(dir: &Path) -> Result<(), EngineError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(EngineError::io("create", dir))
}

/// Whether `dir` is missing or holds nothing but our own lock file.
pub(crate) fn is_vacant(dir: &Path) -> Result<bool, EngineError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(EngineError::io("list", dir)(error)),
    };
    for entry in entries {
        if entry.map_err(EngineError::io("list", dir))?.file_name() != "lock" {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), EngineError> {
    File::open(dir).and_then(|d| d.sync_all()).map_err(EngineError::io("sync", dir))
}

/// Makes freshly written files and the directories that name them durable.
pub(crate) fn sync_files(root: &Path, paths: &[String]) -> Result<(), EngineError> {
    let mut dirs = std::collections::BTreeSet::new();
    for path in paths {
        let file = root.join(path);
        File::open(&file).and_then(|f| f.sync_all()).map_err(EngineError::io("sync", &file))?;
        dirs.extend(file.ancestors().skip(1).take_while(|d| d.starts_with(root)).map(Path::to_owned));
    }
    for dir in dirs {
        sync_dir(&dir)?;
    }
    Ok(())
}
