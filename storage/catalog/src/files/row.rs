//! A file as a row of `files` and, with two more columns, of `quarantine`.
//!
//! | column | type | holds |
//! |---|---|---|
//! | `id` | text | ULID |
//! | `tenant`, `"table"`, `path` | text | as in [`DataFile`] |
//! | `rows`, `bytes`, `level`, `crc32` | integer | unsigned, in range of the field |
//! | `min_time_ns`, `max_time_ns`, `created_ns` | integer | nanoseconds since the Unix epoch |
//! | `columns` | text | JSON array of [`ColumnRange`](crate::ColumnRange) |
//! | `layout` | text | `attributes`, `terms`, `summary` and `patterns` of [`DataFile`] as a JSON object; null for files of the first layout |

use super::{DataFile, FilePart, TermsPlace};
use crate::{CatalogError, sql};
use lincei_model::{FileAttributes, TenantId};
use rusqlite::{Row, params_from_iter, types::Value};
use serde::{Deserialize, Serialize};

/// The columns, in the order that [`decode`] and [`FileRow`] rely on.
pub(super) const COLUMNS: &str =
    "id, tenant, \"table\", path, rows, bytes, min_time_ns, max_time_ns, level, crc32, created_ns, columns, layout";

pub(super) fn insert() -> String {
    format!("INSERT INTO files ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")
}

/// What is inside a file, for those who read it.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Layout {
    #[serde(default)]
    attributes: FileAttributes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terms: Option<TermsPlace>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    summary: Option<FilePart>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    patterns: Option<FilePart>,
}

/// The values of a row, checked.
#[derive(Debug, PartialEq)]
pub(super) struct FileRow {
    pub(super) id: String,
    pub(super) path: String,
    values: Vec<Value>,
}

impl FileRow {
    pub(super) fn encode(file: &DataFile) -> Result<Self, CatalogError> {
        let id = file.id.to_string();
        if file.path.is_empty() {
            return Err(CatalogError::invalid(format!("file {id} has an empty path")));
        }
        if file.min_time_ns > file.max_time_ns {
            return Err(CatalogError::invalid(format!(
                "file {id} has a least time {} above its greatest {}",
                file.min_time_ns, file.max_time_ns
            )));
        }
        let columns = serde_json::to_string(&file.columns).map_err(|error| {
            CatalogError::invalid(format!("file {id} has column ranges without a JSON form: {error}"))
        })?;
        let DataFile { terms, summary, patterns, .. } = *file;
        let layout = Layout { attributes: file.attributes.clone(), terms, summary, patterns };
        let layout = if layout == Layout::default() {
            Value::Null
        } else {
            let json = serde_json::to_string(&layout);
            Value::Text(json.map_err(|error| CatalogError::invalid(format!("layout of file {id}: {error}")))?)
        };
        let values = vec![
            Value::Text(id.clone()),
            Value::Text(file.tenant.as_str().to_owned()),
            Value::Text(file.table.name().to_owned()),
            Value::Text(file.path.clone()),
            Value::Integer(sql::to_integer("rows", file.rows)?),
            Value::Integer(sql::to_integer("bytes", file.bytes)?),
            Value::Integer(file.min_time_ns),
            Value::Integer(file.max_time_ns),
            Value::Integer(file.level.into()),
            Value::Integer(file.crc32.into()),
            Value::Integer(file.created_ns),
            Value::Text(columns),
            layout,
        ];
        Ok(Self { id, path: file.path.clone(), values })
    }

    /// A stored row as it is, for comparison.
    pub(super) fn read(row: &Row<'_>) -> Result<Self, CatalogError> {
        let values = (0..13).map(|column| row.get(column)).collect::<Result<_, _>>()?;
        Ok(Self { id: row.get(0)?, path: row.get(3)?, values })
    }

    pub(super) fn params(&self) -> impl rusqlite::Params + '_ {
        params_from_iter(self.values.iter())
    }
}

/// Reads a row that starts with [`COLUMNS`]. `last_tenant` saves an allocation per row: rows of one
/// tenant share its id.
pub(super) fn decode(row: &Row<'_>, last_tenant: &mut TenantId) -> Result<DataFile, CatalogError> {
    let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
    let id = sql::parse("file id", text(0)?)?;
    let tenant = text(1)?;
    if last_tenant.as_str() != tenant {
        *last_tenant = TenantId::new(tenant).map_err(|error| CatalogError::corrupt(format!("file {id}: {error}")))?;
    }
    let columns = serde_json::from_str(text(11)?)
        .map_err(|error| CatalogError::corrupt(format!("column ranges of file {id}: {error}")))?;
    let Layout { attributes, terms, summary, patterns } =
        match row.get_ref(12)?.as_str_or_null().map_err(rusqlite::Error::from)? {
            Some(json) => serde_json::from_str(json)
                .map_err(|error| CatalogError::corrupt(format!("layout of file {id}: {error}")))?,
            None => Layout::default(),
        };
    Ok(DataFile {
        id,
        tenant: last_tenant.clone(),
        table: sql::parse("table", text(2)?)?,
        path: row.get(3)?,
        rows: sql::from_integer("rows", row.get(4)?)?,
        bytes: sql::from_integer("bytes", row.get(5)?)?,
        min_time_ns: row.get(6)?,
        max_time_ns: row.get(7)?,
        level: sql::from_integer("level", row.get(8)?)?,
        crc32: sql::from_integer("crc32", row.get(9)?)?,
        created_ns: row.get(10)?,
        columns,
        attributes,
        terms,
        summary,
        patterns,
    })
}
