use crate::catalog::{connect_reader, create_private, io_error};
use crate::{Catalog, CatalogError, sql};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::path::Path;

/// Findings of one check that are reported; SQLite's own default.
const FINDINGS_MAX: usize = 100;

impl Catalog {
    /// Writes a consistent copy of the catalog to `path`, readable by its owner only, while others
    /// read and write. It holds all that was committed when the call began. Synced on return;
    /// removed again on failure.
    ///
    /// # Errors
    /// [`CatalogError::Conflict`] when `path` exists, [`CatalogError::Io`] when it cannot be written.
    pub fn backup_to(&self, path: &Path) -> Result<(), CatalogError> {
        if !create_private(path)? {
            return Err(CatalogError::conflict(format!("backup target {} exists already", path.display())));
        }
        let result = copy(self.path(), path);
        if result.is_err()
            && let Err(error) = fs::remove_file(path)
        {
            tracing::warn!(path = %path.display(), %error, "unfinished backup could not be removed");
        }
        result
    }

    /// What is wrong with the catalog file, in plain words; empty when nothing is. Reads all of it:
    /// `PRAGMA integrity_check` and `foreign_key_check`, then every file row, setting, plugin and
    /// pipeline.
    ///
    /// # Errors
    /// When the check itself cannot run (as opposed to: finds damage).
    pub fn integrity(&self) -> Result<Vec<String>, CatalogError> {
        let connection = connect_reader(self.path())?;
        let mut findings = Vec::new();
        for check in [integrity_check, foreign_key_check, setting_check, plugin_check] {
            note(&mut findings, check(&connection))?;
        }
        note(&mut findings, self.files().map(|_| Vec::new()))?;
        note(&mut findings, self.quarantined().map(|_| Vec::new()))?;
        note(&mut findings, self.plugins().map(|_| Vec::new()))?;
        note(&mut findings, self.pipelines().map(|_| Vec::new()))?;
        Ok(findings)
    }
}

/// One step for the whole file: it reads a single snapshot, which in WAL mode keeps no writer
/// waiting. Smaller steps would start over whenever somebody writes.
fn copy(source: &Path, target: &Path) -> Result<(), CatalogError> {
    let source = connect_reader(source)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(target, flags)
        .map_err(|source| CatalogError::Open { path: target.to_owned(), source })?;
    let backup = Backup::new(&source, &mut copy)?;
    match backup.step(-1)? {
        StepResult::Done => {}
        unfinished => return Err(CatalogError::conflict(format!("backup did not finish: {unfinished:?}"))),
    }
    drop(backup);
    drop(copy);
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(target).and_then(|file| file.sync_all()).map_err(|error| io_error("sync", target, error))?;
    File::open(folder).and_then(|file| file.sync_all()).map_err(|error| io_error("sync", folder, error))
}

/// Damage that stops a check is a finding of it.
fn note(findings: &mut Vec<String>, result: Result<Vec<String>, CatalogError>) -> Result<(), CatalogError> {
    match result {
        Ok(found) => findings.extend(found),
        Err(CatalogError::Corrupt { detail }) => findings.push(detail),
        Err(other) => return Err(other),
    }
    Ok(())
}

fn integrity_check(connection: &Connection) -> Result<Vec<String>, CatalogError> {
    let pragma = format!("PRAGMA integrity_check({FINDINGS_MAX})");
    let mut lines: Vec<String> = sql::rows(connection, &pragma, [], |row| Ok(row.get(0)?))?;
    lines.retain(|line| line != "ok");
    Ok(lines)
}

fn foreign_key_check(connection: &Connection) -> Result<Vec<String>, CatalogError> {
    let mut lines = sql::rows(connection, "PRAGMA foreign_key_check", [], |row| {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        Ok(format!("a row of {table} refers to a row of {parent} that does not exist"))
    })?;
    lines.truncate(FINDINGS_MAX);
    Ok(lines)
}

fn setting_check(connection: &Connection) -> Result<Vec<String>, CatalogError> {
    let select = format!("SELECT key FROM settings WHERE NOT json_valid(value) LIMIT {FINDINGS_MAX}");
    sql::rows(connection, &select, [], |row| Ok(format!("setting {:?} is not JSON", row.get::<_, String>(0)?)))
}

fn plugin_check(connection: &Connection) -> Result<Vec<String>, CatalogError> {
    let inactive = format!(
        "SELECT name, active_version FROM plugins p WHERE NOT EXISTS
           (SELECT 1 FROM plugin_versions v WHERE v.plugin = p.name AND v.version = p.active_version)
         ORDER BY name LIMIT {FINDINGS_MAX}"
    );
    let mut lines = sql::rows(connection, &inactive, [], |row| {
        let (name, version): (String, i64) = (row.get(0)?, row.get(1)?);
        Ok(format!("active version {version} of plugin {name:?} does not exist"))
    })?;
    let unreadable = format!(
        "SELECT plugin, version FROM plugin_versions WHERE NOT json_valid(description)
         ORDER BY plugin, version LIMIT {FINDINGS_MAX}"
    );
    lines.extend(sql::rows(connection, &unreadable, [], |row| {
        let (name, version): (String, i64) = (row.get(0)?, row.get(1)?);
        Ok(format!("description of version {version} of plugin {name:?} is not JSON"))
    })?);
    Ok(lines)
}

#[cfg(test)]
mod tests;
