use crate::keys::KeyCache;
use crate::password::Hasher;
use crate::{CatalogError, migrate};
use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::fmt;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How long a call waits for another process's transaction before it reports
/// [`CatalogError::Unavailable`]. Transactions here take milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The catalog file, open. Share it in an `Arc`; all methods take `&self` and may be called from
/// any thread. Writers queue on one connection; reads use another and do not wait for them.
pub struct Catalog {
    pub(crate) hasher: Hasher,
    pub(crate) keys: KeyCache,
    path: PathBuf,
    reader: Mutex<Connection>,
    // Last, so that it is closed last and leaves no `-wal` file behind.
    writer: Mutex<Connection>,
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Catalog {
    /// Opens the catalog at `path`; makes it (readable by its owner only) when there is none, and
    /// migrates an older one. The folder must exist. Blocks for some synced writes.
    ///
    /// # Errors
    /// [`CatalogError::Newer`] for a catalog of a later program and [`CatalogError::Corrupt`] for a
    /// file that is none, both left as they are; [`CatalogError::Io`], [`CatalogError::Open`] and
    /// [`CatalogError::Unavailable`] when the file cannot be used.
    pub fn open(path: &Path) -> Result<Self, CatalogError> {
        let path = std::path::absolute(path).map_err(|source| io_error("resolve", path, source))?;
        create_private(&path)?;
        Self::open_file(path.clone()).map_err(|error| match error {
            CatalogError::Corrupt { detail } => CatalogError::corrupt(format!("{}: {detail}", path.display())),
            other => other,
        })
    }

    fn open_file(path: PathBuf) -> Result<Self, CatalogError> {
        let mut writer = connect(&path)?;
        migrate::check(&writer)?;
        use_wal(&writer)?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        // bounds of values in files that are gone do not stay in free pages
        writer.pragma_update(None, "secure_delete", true)?;
        migrate::run(&mut writer)?;
        let reader = connect_reader(&path)?;
        let keys = KeyCache::new(connect_reader(&path)?);
        Ok(Self { hasher: Hasher::default(), keys, path, reader: Mutex::new(reader), writer: Mutex::new(writer) })
    }

    /// Where the catalog is, absolute.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `change` in one transaction; durable when this returns `Ok`, undone when `change` fails.
    pub(crate) fn write<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, CatalogError>,
    ) -> Result<T, CatalogError> {
        let mut connection = self.writer.lock();
        // Immediate: a transaction that starts as a reader cannot wait its turn to write
        // (SQLite, "SQLITE_BUSY_SNAPSHOT").
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = change(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// Runs `query` on what is committed.
    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, CatalogError>,
    ) -> Result<T, CatalogError> {
        query(&self.reader.lock())
    }

    #[cfg(test)]
    pub(crate) fn on_writer<T>(&self, action: impl FnOnce(&Connection) -> T) -> T {
        action(&self.writer.lock())
    }
}

pub(crate) fn io_error(action: &'static str, path: &Path, source: io::Error) -> CatalogError {
    CatalogError::Io { action, path: path.to_owned(), source }
}

/// Makes an empty file that only its owner may read: the catalog holds password hashes. SQLite
/// gives the `-wal` and `-shm` files the same mode. Tells whether it was made now.
///
/// A file that exists is not opened: closing it would drop the locks that SQLite holds on it in
/// this process (SQLite, "How To Corrupt", 2.2).
pub(crate) fn create_private(path: &Path) -> Result<bool, CatalogError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(io_error("create", path, error)),
    }
}

pub(crate) fn connect(path: &Path) -> Result<Connection, CatalogError> {
    // Each connection stays behind a mutex of ours, so SQLite's own is not needed.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|source| CatalogError::Open { path: path.to_owned(), source })?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

pub(crate) fn connect_reader(path: &Path) -> Result<Connection, CatalogError> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Switches the file to write-ahead logging. While another process does the same or recovers the
/// log, SQLite answers "busy" at once, without the busy handler, so the waiting is done here.
fn use_wal(connection: &Connection) -> Result<(), CatalogError> {
    const PAUSE: Duration = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
        match mode.map_err(CatalogError::from) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(CatalogError::invalid(format!(
                    "journal mode is {mode:?}, not \"wal\": the file system of the catalog lacks shared memory"
                )));
            }
            Err(CatalogError::Unavailable { .. }) if waited < BUSY_TIMEOUT => {
                thread::sleep(PAUSE);
                waited += PAUSE;
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
