mod row;

use crate::{Catalog, CatalogError, ColumnRange, sql};
use lincei_model::{FileAttributes, Table, TenantId};
use row::FileRow;
use rusqlite::{Transaction, params};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// A Parquet file that holds rows of one table of one tenant. Immutable: compaction replaces files,
/// it does not change them.
#[derive(Clone, Debug, PartialEq)]
pub struct DataFile {
    /// Sorts by creation.
    pub id: Ulid,
    /// Owner of the rows.
    pub tenant: TenantId,
    /// Table of the rows.
    pub table: Table,
    /// Object path under the store's root.
    pub path: String,
    /// Rows inside.
    pub rows: u64,
    /// Length of the object in bytes.
    pub bytes: u64,
    /// Least event time, nanoseconds since the Unix epoch.
    pub min_time_ns: i64,
    /// Greatest event time, inclusive.
    pub max_time_ns: i64,
    /// Compaction level; 0 is a first flush.
    pub level: u8,
    /// CRC-32 of the whole object.
    pub crc32: u32,
    /// When it was written, nanoseconds since the Unix epoch.
    pub created_ns: i64,
    /// What columns span; not every column has a range.
    pub columns: Vec<ColumnRange>,
    /// Where the attributes of its rows are.
    pub attributes: FileAttributes,
    /// Where its index of terms is, if it has one.
    pub terms: Option<TermsPlace>,
    /// Where the summary of its rows is, if it has one.
    pub summary: Option<FilePart>,
    /// Where the patterns of its bodies are, if it has them.
    pub patterns: Option<FilePart>,
}

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilePart {
    /// First byte, from the file's start.
    pub start: u64,
    /// Length.
    pub bytes: u64,
}

/// Where in a file its index of terms lies, in bytes from the file's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsPlace {
    /// First byte of the index.
    pub start: u64,
    /// First byte of its directory.
    pub directory: u64,
    /// Length of its directory.
    pub directory_bytes: u64,
}

/// One atomic change of the set of live files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileCommit {
    /// Files to make live. Their objects are complete and synced.
    pub added: Vec<DataFile>,
    /// Live files to make obsolete.
    pub removed: Vec<Ulid>,
    /// The WAL is in Parquet up to here. Never moves back: a lower number is ignored.
    pub wal_flushed_through: Option<u64>,
    /// Time of the commit, nanoseconds since the Unix epoch.
    pub now_ns: i64,
}

/// A file that is no longer live and whose object is to be deleted once nobody reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObsoleteFile {
    /// The file.
    pub id: Ulid,
    /// Its object.
    pub path: String,
    /// When it was removed, nanoseconds since the Unix epoch.
    pub removed_ns: i64,
}

/// A file that was found damaged and is set aside; its object is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct QuarantinedFile {
    /// The file.
    pub file: DataFile,
    /// What was wrong.
    pub reason: String,
    /// When that was found, nanoseconds since the Unix epoch.
    pub time_ns: i64,
}

const WAL_FLUSHED_THROUGH: &str = "wal_flushed_through";

impl Catalog {
    /// The live files, by id.
    ///
    /// # Errors
    /// [`CatalogError::Corrupt`] when a row cannot be read.
    pub fn files(&self) -> Result<Vec<DataFile>, CatalogError> {
        let mut files = self.read(|connection| {
            let mut last_tenant = TenantId::default();
            let select = format!("SELECT {} FROM files", row::COLUMNS);
            sql::rows(connection, &select, [], |r| row::decode(r, &mut last_tenant))
        })?;
        files.sort_unstable_by_key(|file| file.id);
        Ok(files)
    }

    /// Records that objects at `paths` are about to be written, so that a crash before their commit
    /// leaves no object that nobody knows. Idempotent, durable on return.
    ///
    /// # Errors
    /// [`CatalogError::Conflict`] when a path belongs to a file that the catalog already knows: what
    /// is intended but never committed gets deleted.
    pub fn intend(&self, paths: &[String], now_ns: i64) -> Result<(), CatalogError> {
        self.write(|tx| {
            let mut known = KnownFiles::new(tx)?;
            let mut insert = tx.prepare("INSERT OR IGNORE INTO intents (path, created_ns) VALUES (?1, ?2)")?;
            for path in paths {
                if let Some(state) = known.state("", path)? {
                    return Err(CatalogError::conflict(format!("path {path:?} is that of a file that is {state}")));
                }
                insert.execute(params![path, now_ns])?;
            }
            Ok(())
        })
    }

    /// Paths that were intended and neither committed nor cleared, in order. After a restart their
    /// objects are orphans.
    ///
    /// # Errors
    /// When the database fails.
    pub fn intents(&self) -> Result<Vec<String>, CatalogError> {
        self.read(|c| sql::rows(c, "SELECT path FROM intents ORDER BY path", [], |r| Ok(r.get(0)?)))
    }

    /// Forgets intents, after their objects are gone. Idempotent.
    ///
    /// # Errors
    /// When the database fails.
    pub fn clear_intents(&self, paths: &[String]) -> Result<(), CatalogError> {
        self.write(|tx| delete_intents(tx, paths.iter().map(String::as_str)))
    }

    /// Applies `change` in one transaction: makes `added` live and clears their intents, moves
    /// `removed` to the obsolete files, advances the WAL mark. Durable on return.
    ///
    /// Repeating a commit that added files and was applied is `Ok` and changes nothing, so a caller
    /// that got an error from the disk may repeat it.
    ///
    /// # Errors
    /// [`CatalogError::Conflict`] when a removed file is not live, or an added file's id or path is
    /// known already; [`CatalogError::Invalid`] for a file whose times are reversed, whose path is
    /// empty or whose numbers do not fit. Nothing is changed then.
    pub fn commit(&self, change: &FileCommit) -> Result<(), CatalogError> {
        let added = change.added.iter().map(FileRow::encode).collect::<Result<Vec<_>, _>>()?;
        let flushed = change.wal_flushed_through.map(|n| sql::to_integer(WAL_FLUSHED_THROUGH, n)).transpose()?;
        self.write(|tx| {
            if !is_applied(tx, &added, &change.removed)? {
                remove(tx, &change.removed, change.now_ns)?;
                add(tx, &added)?;
            }
            delete_intents(tx, added.iter().map(|row| row.path.as_str()))?;
            if let Some(flushed) = flushed {
                tx.execute(
                    "INSERT INTO progress (name, value) VALUES (?1, ?2)
                     ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
                    params![WAL_FLUSHED_THROUGH, flushed],
                )?;
            }
            Ok(())
        })
    }

    /// The greatest `wal_flushed_through` that was committed; 0 at first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn wal_flushed_through(&self) -> Result<u64, CatalogError> {
        let select = "SELECT value FROM progress WHERE name = ?1";
        let value = self.read(|c| sql::first(c, select, [WAL_FLUSHED_THROUGH], |r| Ok(r.get::<_, i64>(0)?)))?;
        value.map_or(Ok(0), |value| sql::from_integer(WAL_FLUSHED_THROUGH, value))
    }

    /// Files whose objects are to be deleted, by id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn obsolete(&self) -> Result<Vec<ObsoleteFile>, CatalogError> {
        self.read(|c| {
            sql::rows(c, "SELECT id, path, removed_ns FROM obsolete ORDER BY id", [], |r| {
                let id = sql::parse("file id", r.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
                Ok(ObsoleteFile { id, path: r.get(1)?, removed_ns: r.get(2)? })
            })
        })
    }

    /// Forgets obsolete files, after their objects are deleted. Idempotent.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_obsolete(&self, ids: &[Ulid]) -> Result<(), CatalogError> {
        self.write(|tx| {
            let mut delete = tx.prepare("DELETE FROM obsolete WHERE id = ?1")?;
            for id in ids {
                delete.execute([id.to_string()])?;
            }
            Ok(())
        })
    }

    /// Sets a live file aside: it is no longer in [`Catalog::files`], its object stays. Idempotent;
    /// the first reason is kept.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] when the file is neither live nor set aside.
    pub fn quarantine(&self, id: Ulid, reason: &str, now_ns: i64) -> Result<(), CatalogError> {
        let text = id.to_string();
        self.write(|tx| {
            let insert = format!(
                "INSERT INTO quarantine ({0}, reason, time_ns) SELECT {0}, ?2, ?3 FROM files WHERE id = ?1",
                row::COLUMNS
            );
            if tx.execute(&insert, params![text, reason, now_ns])? == 1 {
                tx.execute("DELETE FROM files WHERE id = ?1", [&text])?;
                return Ok(());
            }
            if sql::exists(tx, "SELECT 1 FROM quarantine WHERE id = ?1", [&text])? {
                return Ok(());
            }
            Err(CatalogError::NotFound { what: "live file", id: text.clone() })
        })
    }

    /// Files set aside, by id.
    ///
    /// # Errors
    /// [`CatalogError::Corrupt`] when a row cannot be read.
    pub fn quarantined(&self) -> Result<Vec<QuarantinedFile>, CatalogError> {
        self.read(|connection| {
            let mut last_tenant = TenantId::default();
            let select = format!("SELECT {}, reason, time_ns FROM quarantine ORDER BY id", row::COLUMNS);
            sql::rows(connection, &select, [], |r| {
                let file = row::decode(r, &mut last_tenant)?;
                Ok(QuarantinedFile { file, reason: r.get("reason")?, time_ns: r.get("time_ns")? })
            })
        })
    }
}

/// Looks up what the catalog knows about an id or a path.
struct KnownFiles<'tx>(rusqlite::Statement<'tx>);

impl<'tx> KnownFiles<'tx> {
    fn new(tx: &'tx Transaction<'_>) -> Result<Self, CatalogError> {
        Ok(Self(tx.prepare(
            "SELECT 'live' FROM files WHERE id = ?1 OR path = ?2
             UNION ALL SELECT 'obsolete' FROM obsolete WHERE id = ?1 OR path = ?2
             UNION ALL SELECT 'quarantined' FROM quarantine WHERE id = ?1 OR path = ?2
             LIMIT 1",
        )?))
    }

    fn state(&mut self, id: &str, path: &str) -> Result<Option<String>, CatalogError> {
        let mut rows = self.0.query([id, path])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }
}

/// Whether the catalog is as a commit of these leaves it: all of `added` live, none of `removed`.
/// A commit that adds nothing leaves no trace to tell by.
fn is_applied(tx: &Transaction<'_>, added: &[FileRow], removed: &[Ulid]) -> Result<bool, CatalogError> {
    if added.is_empty() {
        return Ok(false);
    }
    let mut stored = tx.prepare(&format!("SELECT {} FROM files WHERE id = ?1", row::COLUMNS))?;
    for file in added {
        let mut rows = stored.query([&file.id])?;
        match rows.next()? {
            Some(found) if FileRow::read(found)? == *file => {}
            _ => return Ok(false),
        }
    }
    let mut live = tx.prepare("SELECT 1 FROM files WHERE id = ?1")?;
    for id in removed {
        if live.exists([id.to_string()])? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn remove(tx: &Transaction<'_>, removed: &[Ulid], now_ns: i64) -> Result<(), CatalogError> {
    let mut keep =
        tx.prepare("INSERT INTO obsolete (id, path, removed_ns) SELECT id, path, ?2 FROM files WHERE id = ?1")?;
    let mut delete = tx.prepare("DELETE FROM files WHERE id = ?1")?;
    for id in removed {
        let id = id.to_string();
        if keep.execute(params![id, now_ns])? != 1 {
            return Err(CatalogError::conflict(format!("file {id} is not live")));
        }
        delete.execute([&id])?;
    }
    Ok(())
}

fn add(tx: &Transaction<'_>, added: &[FileRow]) -> Result<(), CatalogError> {
    let mut known = KnownFiles::new(tx)?;
    let mut insert = tx.prepare(&row::insert())?;
    for file in added {
        if let Some(state) = known.state(&file.id, &file.path)? {
            return Err(CatalogError::conflict(format!(
                "file {} at {:?}: id or path is that of a file that is {state}",
                file.id, file.path
            )));
        }
        insert.execute(file.params())?;
    }
    Ok(())
}

fn delete_intents<'a>(tx: &Transaction<'_>, paths: impl Iterator<Item = &'a str>) -> Result<(), CatalogError> {
    let mut delete = tx.prepare("DELETE FROM intents WHERE path = ?1")?;
    for path in paths {
        delete.execute([path])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
