//! Brings a catalog file to the version that this program knows.
//!
//! | header field (SQLite file format, 1.3) | value |
//! |---|---|
//! | `application_id` (offset 68) | `0x4c4e4349`, "LNCI" |
//! | `user_version` (offset 60) | number of the last migration applied |
//!
//! Migration *n* is `migrations/NNNN_<name>.sql`. Each runs in a transaction of its own that also
//! moves `user_version`, so a crash leaves a whole version behind. They only go forward, and a
//! released one is never edited.

use crate::{CatalogError, sql};
use rusqlite::{Connection, Transaction, TransactionBehavior};

const APPLICATION_ID: i64 = 0x4c4e_4349;

const MIGRATIONS: [&str; 24] = [
    include_str!("../migrations/0001_files.sql"),
    include_str!("../migrations/0002_intents.sql"),
    include_str!("../migrations/0003_obsolete.sql"),
    include_str!("../migrations/0004_quarantine.sql"),
    include_str!("../migrations/0005_progress.sql"),
    include_str!("../migrations/0006_settings.sql"),
    include_str!("../migrations/0007_retention.sql"),
    include_str!("../migrations/0008_audit.sql"),
    include_str!("../migrations/0009_audit_no_update.sql"),
    include_str!("../migrations/0010_audit_no_delete.sql"),
    include_str!("../migrations/0011_audit_no_replace.sql"),
    include_str!("../migrations/0012_accounts.sql"),
    include_str!("../migrations/0013_sessions.sql"),
    include_str!("../migrations/0014_sessions_by_account.sql"),
    include_str!("../migrations/0015_keys.sql"),
    include_str!("../migrations/0016_files_layout.sql"),
    include_str!("../migrations/0017_quarantine_layout.sql"),
    include_str!("../migrations/0018_saved.sql"),
    include_str!("../migrations/0019_saved_versions.sql"),
    include_str!("../migrations/0020_plugins.sql"),
    include_str!("../migrations/0021_plugin_versions.sql"),
    include_str!("../migrations/0022_plugin_state.sql"),
    include_str!("../migrations/0023_plugin_memory.sql"),
    include_str!("../migrations/0024_pipelines.sql"),
];

/// The version that this program writes.
#[expect(clippy::cast_possible_wrap, reason = "a small constant")]
pub(crate) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Refuses a file that is not a catalog or that a later program wrote. Writes nothing.
pub(crate) fn check(connection: &Connection) -> Result<(), CatalogError> {
    // One snapshot of all that is asked: another process may be making the same file.
    version(&connection.unchecked_transaction()?).map(drop)
}

/// The version of the file; 0 when it is empty.
fn version(connection: &Transaction<'_>) -> Result<i64, CatalogError> {
    let found = sql::integer(connection, "PRAGMA user_version", [])?;
    let application = sql::integer(connection, "PRAGMA application_id", [])?;
    let tables = sql::integer(connection, "SELECT count(*) FROM sqlite_schema", [])?;
    let empty = found == 0 && application == 0 && tables == 0;
    if application != APPLICATION_ID && !empty {
        return Err(CatalogError::corrupt(format!(
            "an SQLite database of another program (application id {application:#x}, not {APPLICATION_ID:#x})"
        )));
    }
    if found > KNOWN {
        return Err(CatalogError::Newer { found, known: KNOWN });
    }
    if found < 0 {
        return Err(CatalogError::corrupt(format!("version {found} is negative")));
    }
    Ok(found)
}

/// Applies what is missing.
pub(crate) fn run(connection: &mut Connection) -> Result<(), CatalogError> {
    run_to(connection, KNOWN)
}

fn run_to(connection: &mut Connection, target: i64) -> Result<(), CatalogError> {
    for (version, script) in (1..=target).zip(MIGRATIONS) {
        // Asked inside the write lock: another process may be migrating the same file.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if self::version(&transaction)? >= version {
            continue;
        }
        transaction.execute_batch(script)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
        tracing::debug!(version, "catalog migrated");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;
    use crate::test_support::{self, T0, actor};
    use std::path::Path;

    fn raw(path: &Path) -> Connection {
        Connection::open(path).unwrap()
    }

    fn schema(path: &Path) -> Vec<(String, String)> {
        raw(path)
            .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }

    #[test]
    fn each_migration_file_is_embedded_in_order_and_holds_one_statement() {
        let mut names: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        names.sort();
        assert_eq!(names.len(), MIGRATIONS.len());
        for (index, (path, embedded)) in names.iter().zip(MIGRATIONS).enumerate() {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(name.starts_with(&format!("{:04}_", index + 1)), "{name}");
            assert_eq!(std::fs::read_to_string(path).unwrap(), embedded, "{name}");
            assert_eq!(embedded.matches("CREATE ").count() + embedded.matches("ALTER ").count(), 1, "{name}");
        }
    }

    #[test]
    fn every_older_version_migrates_to_the_schema_of_an_empty_one_and_keeps_its_rows() {
        let folder = tempfile::tempdir().unwrap();
        let fresh = folder.path().join("fresh.db");
        drop(Catalog::open(&fresh).unwrap());
        let expected = schema(&fresh);
        for version in 1..KNOWN {
            let path = folder.path().join(format!("v{version}.db"));
            let mut connection = raw(&path);
            run_to(&mut connection, version).unwrap();
            connection
                .execute(
                    "INSERT INTO files (id, tenant, \"table\", path, rows, bytes, min_time_ns, max_time_ns, level, crc32,
                       created_ns, columns)
                     VALUES ('01ARZ3NDEKTSV4RRFFQ69G5FAV', 'default', 'logs', 'a.parquet', 1, 2, 3, 4, 0, 5, 6, '[]')",
                    [],
                )
                .unwrap();
            drop(connection);
            let catalog = Catalog::open(&path).unwrap();
            assert_eq!(catalog.files().unwrap()[0].path, "a.parquet", "from {version}");
            catalog.create_key(&actor(), "k", crate::KeyKind::Ingest, T0).unwrap();
            drop(catalog);
            assert_eq!(schema(&path), expected, "from {version}");
        }
    }

    #[test]
    fn the_header_names_program_and_version() {
        let (folder, catalog) = test_support::catalog();
        drop(catalog);
        // Offsets from the SQLite file format, 1.3: big-endian 32-bit at 60 and 68.
        let bytes = std::fs::read(folder.path().join("catalog.db")).unwrap();
        assert_eq!(&bytes[60..64], &24u32.to_be_bytes());
        assert_eq!(&bytes[68..72], b"LNCI");
    }

    #[test]
    fn a_newer_catalog_is_refused_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.db");
        drop(Catalog::open(&path).unwrap());
        raw(&path).pragma_update(None, "user_version", KNOWN + 1).unwrap();
        let before = std::fs::read(&path).unwrap();
        let error = Catalog::open(&path).unwrap_err();
        assert!(matches!(error, CatalogError::Newer { found: 25, known: 24 }), "{error}");
        assert!(error.to_string().contains("version 25") && error.to_string().contains("24"), "{error}");
        assert_eq!(error.code(), lincei_model::ErrorCode::Conflict);
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn files_that_are_no_catalog_are_refused_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let foreign = folder.path().join("foreign.db");
        raw(&foreign).execute_batch("CREATE TABLE t (x)").unwrap();
        let versioned = folder.path().join("versioned.db");
        raw(&versioned).execute_batch("PRAGMA user_version = 3; CREATE TABLE t (x)").unwrap();
        let negative = folder.path().join("negative.db");
        drop(Catalog::open(&negative).unwrap());
        raw(&negative).pragma_update(None, "user_version", -1).unwrap();
        let text = folder.path().join("text.db");
        std::fs::write(&text, "not a database, but longer than the sixteen bytes of the magic string".repeat(20))
            .unwrap();
        for (path, reason) in [
            (&foreign, "another program"),
            (&versioned, "another program"),
            (&negative, "version -1 is negative"),
            (&text, "not a database"),
        ] {
            let before = std::fs::read(path).unwrap();
            let error = Catalog::open(path).unwrap_err();
            assert!(matches!(error, CatalogError::Corrupt { .. }), "{error:?}");
            assert!(error.to_string().contains(reason), "{error}");
            assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
            assert_eq!(std::fs::read(path).unwrap(), before, "{reason}");
        }
    }

    #[test]
    fn a_migration_that_fails_leaves_the_version_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.db");
        let mut connection = raw(&path);
        run_to(&mut connection, 13).unwrap();
        // Step 14 indexes this table; without it the step must fail.
        connection.execute_batch("DROP TABLE sessions").unwrap();
        assert!(run_to(&mut connection, KNOWN).is_err());
        assert_eq!(sql::integer(&connection, "PRAGMA user_version", []).unwrap(), 13);
    }
}
