use crate::audit::append;
use crate::limits::{SAVED_BYTES_MAX, SAVED_CONTENT_BYTES_MAX, SAVED_MAX, SAVED_NAME_CHARS_MAX, SAVED_VERSIONS_MAX};
use crate::{Actor, AuditChange, Catalog, CatalogError, SavedId, sql};
use rusqlite::{Connection, Row, Transaction, params};
use serde_json::{Value, json};
use std::fmt;
use std::str::FromStr;

/// What a saved object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SavedKind {
    /// A view of logs: search, time range, columns.
    View,
    /// An SQL query.
    Query,
    /// Panels on a page.
    Dashboard,
}

impl SavedKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::View, Self::Query, Self::Dashboard];

    /// The stored and JSON name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Query => "query",
            Self::Dashboard => "dashboard",
        }
    }
}

impl fmt::Display for SavedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SavedKind {
    type Err = CatalogError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or_else(|| {
            CatalogError::invalid(format!("kind {name:?} is none of \"view\", \"query\" and \"dashboard\""))
        })
    }
}

/// A saved object without its content.
///
/// Persisted as a row of `saved` (`id`, `kind`, `created_ns`, and in `version` the number of the
/// latest) and one row of `saved_versions` for each version that is kept. Contents are JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedInfo {
    /// Never changes.
    pub id: SavedId,
    /// Never changes.
    pub kind: SavedKind,
    /// For people; need not be unique.
    pub name: String,
    /// 1 when created, one more with each save that changed something.
    pub version: u64,
    /// Nanoseconds since the Unix epoch.
    pub created_ns: i64,
    /// When this version was saved, nanoseconds since the Unix epoch.
    pub updated_ns: i64,
    /// Who saved this version.
    pub updated_by: String,
}

/// A saved object.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// All but the content.
    pub info: SavedInfo,
    /// A JSON object, whose members are the page's own.
    pub content: Value,
}

/// One version of a saved object, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedVersion {
    /// From 1.
    pub version: u64,
    /// The name it had.
    pub name: String,
    /// Nanoseconds since the Unix epoch.
    pub saved_ns: i64,
    /// Who saved it.
    pub saved_by: String,
}

/// What a person gives when saving.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedDraft {
    /// 1 to [`SAVED_NAME_CHARS_MAX`] characters.
    pub name: String,
    /// A JSON object of at most [`SAVED_CONTENT_BYTES_MAX`] as text.
    pub content: Value,
}

impl SavedDraft {
    /// The content as stored, if name and content keep the rules.
    fn check(&self) -> Result<String, CatalogError> {
        let name = &self.name;
        let chars = name.chars().count();
        if chars == 0 || chars > SAVED_NAME_CHARS_MAX || name.chars().any(char::is_control) || name.trim() != name {
            let shown: String = name.chars().take(2 * SAVED_NAME_CHARS_MAX).collect();
            return Err(CatalogError::invalid(format!(
                "name {shown:?} is not 1 to {SAVED_NAME_CHARS_MAX} characters without control characters and outer \
                 spaces"
            )));
        }
        if !self.content.is_object() {
            return Err(CatalogError::invalid("content is not a JSON object"));
        }
        let text = self.content.to_string();
        if text.len() > SAVED_CONTENT_BYTES_MAX {
            return Err(CatalogError::invalid(format!(
                "content has {} bytes, at most {SAVED_CONTENT_BYTES_MAX} are allowed",
                text.len()
            )));
        }
        Ok(text)
    }
}

/// For a select of [`decode`]'s columns. Lists leave the content out: they would read and sort it.
const COLUMNS: &str = "s.id, s.kind, v.name, v.version, s.created_ns, v.saved_ns, v.saved_by";
/// Each object with each of its versions.
const FROM: &str = "FROM saved s JOIN saved_versions v ON v.saved_id = s.id";

/// Reads a row that starts with [`COLUMNS`].
fn decode(row: &Row<'_>) -> Result<SavedInfo, CatalogError> {
    let (id, kind): (String, String) = (row.get(0)?, row.get(1)?);
    Ok(SavedInfo {
        id: SavedId::stored(&id)?,
        kind: sql::parse("saved kind", &kind)?,
        name: row.get(2)?,
        version: sql::from_integer("version", row.get(3)?)?,
        created_ns: row.get(4)?,
        updated_ns: row.get(5)?,
        updated_by: row.get(6)?,
    })
}

/// Reads a row of [`COLUMNS`] and the content.
fn decode_whole(row: &Row<'_>) -> Result<Saved, CatalogError> {
    let info = decode(row)?;
    let text: String = row.get("content")?;
    let content = serde_json::from_str(&text)
        .map_err(|error| CatalogError::corrupt(format!("version {} of saved {}: {error}", info.version, info.id)))?;
    Ok(Saved { info, content })
}

fn latest(connection: &Connection, id: SavedId) -> Result<Saved, CatalogError> {
    let select = format!("SELECT {COLUMNS}, v.content {FROM} WHERE s.id = ?1 AND v.version = s.version");
    sql::first(connection, &select, [id.to_string()], decode_whole)?.ok_or_else(|| not_found(id))
}

fn not_found(id: SavedId) -> CatalogError {
    CatalogError::NotFound { what: "saved object", id: id.to_string() }
}

fn insert_version(tx: &Transaction<'_>, info: &SavedInfo, content: &str) -> Result<(), CatalogError> {
    let version = sql::to_integer("version", info.version)?;
    tx.execute(
        "INSERT INTO saved_versions (saved_id, version, name, saved_ns, saved_by, content)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![info.id.to_string(), version, info.name, info.updated_ns, info.updated_by, content],
    )?;
    let oldest = sql::to_integer("version", info.version.saturating_sub(SAVED_VERSIONS_MAX))?;
    tx.execute(
        "DELETE FROM saved_versions WHERE saved_id = ?1 AND version <= ?2",
        params![info.id.to_string(), oldest],
    )?;
    let bytes = sql::integer(tx, "SELECT coalesce(sum(octet_length(content)), 0) FROM saved_versions", [])?;
    check_total(sql::from_integer("bytes", bytes)?)
}

fn check_total(bytes: usize) -> Result<(), CatalogError> {
    if bytes > SAVED_BYTES_MAX {
        return Err(CatalogError::invalid(format!(
            "all saved objects with their versions would come to {bytes} bytes, at most {SAVED_BYTES_MAX} may be; \
             delete one that is not needed"
        )));
    }
    Ok(())
}

impl Catalog {
    /// Saves a new object as version 1. Audited as `saved.create` of `saved/<id>`, without content.
    ///
    /// # Errors
    /// [`CatalogError::Invalid`] for a name or content that breaks the rules of [`SavedDraft`], and when
    /// all contents would come to more than [`SAVED_BYTES_MAX`]; [`CatalogError::Conflict`] when there are
    /// [`SAVED_MAX`] objects.
    pub fn create_saved(
        &self,
        actor: &Actor,
        kind: SavedKind,
        draft: SavedDraft,
        now_ns: i64,
    ) -> Result<Saved, CatalogError> {
        let text = draft.check()?;
        let info = SavedInfo {
            id: SavedId::fresh(now_ns)?,
            kind,
            name: draft.name,
            version: 1,
            created_ns: now_ns,
            updated_ns: now_ns,
            updated_by: actor.name.clone(),
        };
        self.write(|tx| {
            let count: usize = sql::from_integer("count", sql::integer(tx, "SELECT count(*) FROM saved", [])?)?;
            if count >= SAVED_MAX {
                return Err(CatalogError::conflict(format!(
                    "{count} objects are saved, at most {SAVED_MAX} may be; delete one first"
                )));
            }
            tx.execute(
                "INSERT INTO saved (id, kind, version, created_ns) VALUES (?1, ?2, 1, ?3)",
                params![info.id.to_string(), kind.as_str(), now_ns],
            )?;
            insert_version(tx, &info, &text)?;
            let change = AuditChange {
                action: "saved.create".to_owned(),
                target: format!("saved/{}", info.id),
                before: None,
                after: Some(json!({ "kind": kind.as_str(), "name": info.name })),
            };
            append(tx, actor, change, now_ns)?;
            Ok(())
        })?;
        Ok(Saved { info, content: draft.content })
    }

    /// Saves the next version of an object; the newest [`SAVED_VERSIONS_MAX`] are kept. `version` is
    /// the one that the change was made from. A save that changes nothing makes no version. Not
    /// audited: the versions say who saved what.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown object; [`CatalogError::Conflict`] when `version` is
    /// not the latest, which is to say that somebody else saved meanwhile; [`CatalogError::Invalid`]
    /// as in [`Self::create_saved`].
    pub fn update_saved(
        &self,
        actor: &Actor,
        id: SavedId,
        draft: SavedDraft,
        version: u64,
        now_ns: i64,
    ) -> Result<Saved, CatalogError> {
        let text = draft.check()?;
        self.write(|tx| {
            let before = latest(tx, id)?;
            if before.info.version != version {
                return Err(CatalogError::conflict(format!(
                    "the change was made from version {version} of {:?}, and {} has saved version {} meanwhile: load \
                     it and change it again",
                    before.info.name, before.info.updated_by, before.info.version
                )));
            }
            if before.info.name == draft.name && before.content == draft.content {
                return Ok(before);
            }
            let info = SavedInfo {
                name: draft.name,
                version: version.saturating_add(1),
                updated_ns: now_ns,
                updated_by: actor.name.clone(),
                ..before.info
            };
            let update = "UPDATE saved SET version = ?2 WHERE id = ?1";
            tx.execute(update, params![id.to_string(), sql::to_integer("version", info.version)?])?;
            insert_version(tx, &info, &text)?;
            Ok(Saved { info, content: draft.content })
        })
    }

    /// All objects of a kind, or of all, by name (ASCII letters without case), then by age.
    ///
    /// # Errors
    /// When the database fails.
    pub fn saved_list(&self, kind: Option<SavedKind>) -> Result<Vec<SavedInfo>, CatalogError> {
        let select = format!(
            "SELECT {COLUMNS} {FROM} WHERE v.version = s.version AND (?1 IS NULL OR s.kind = ?1)
             ORDER BY v.name COLLATE NOCASE, s.id"
        );
        self.read(|connection| sql::rows(connection, &select, [kind.map(SavedKind::as_str)], decode))
    }

    /// One object as it is, or as it was in a version; `None` when there is no such object or the
    /// version is not kept any more.
    ///
    /// # Errors
    /// When the database fails.
    pub fn saved(&self, id: SavedId, version: Option<u64>) -> Result<Option<Saved>, CatalogError> {
        let Ok(version) = version.map(i64::try_from).transpose() else { return Ok(None) };
        let select =
            format!("SELECT {COLUMNS}, v.content {FROM} WHERE s.id = ?1 AND v.version = coalesce(?2, s.version)");
        self.read(|connection| sql::first(connection, &select, params![id.to_string(), version], decode_whole))
    }

    /// The versions of an object that are kept, newest first.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown object.
    pub fn saved_versions(&self, id: SavedId) -> Result<Vec<SavedVersion>, CatalogError> {
        let select = "SELECT version, name, saved_ns, saved_by FROM saved_versions
                      WHERE saved_id = ?1 ORDER BY version DESC";
        let versions = self.read(|connection| {
            sql::rows(connection, select, [id.to_string()], |row| {
                Ok(SavedVersion {
                    version: sql::from_integer("version", row.get(0)?)?,
                    name: row.get(1)?,
                    saved_ns: row.get(2)?,
                    saved_by: row.get(3)?,
                })
            })
        })?;
        // an object has at least its latest version
        if versions.is_empty() { Err(not_found(id)) } else { Ok(versions) }
    }

    /// Deletes an object with all its versions. Audited as `saved.delete` of `saved/<id>`.
    ///
    /// # Errors
    /// [`CatalogError::NotFound`] for an unknown object.
    pub fn delete_saved(&self, actor: &Actor, id: SavedId, now_ns: i64) -> Result<(), CatalogError> {
        self.write(|tx| {
            let before = latest(tx, id)?.info;
            tx.execute("DELETE FROM saved WHERE id = ?1", [id.to_string()])?;
            let change = AuditChange {
                action: "saved.delete".to_owned(),
                target: format!("saved/{id}"),
                before: Some(json!({ "kind": before.kind.as_str(), "name": before.name, "version": before.version })),
                after: None,
            };
            append(tx, actor, change, now_ns)?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
