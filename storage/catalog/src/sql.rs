//! The few shapes in which this crate talks to SQLite.

use crate::CatalogError;
use rusqlite::{Connection, OptionalExtension as _, Params, Row};

/// Every row that `sql` yields, decoded, in the order of the statement.
pub(crate) fn rows<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut decode: impl FnMut(&Row<'_>) -> Result<T, CatalogError>,
) -> Result<Vec<T>, CatalogError> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(params)?;
    let mut decoded = Vec::new();
    while let Some(row) = rows.next()? {
        decoded.push(decode(row)?);
    }
    Ok(decoded)
}

/// The first row that `sql` yields, decoded.
pub(crate) fn first<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    decode: impl FnOnce(&Row<'_>) -> Result<T, CatalogError>,
) -> Result<Option<T>, CatalogError> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(decode).transpose()
}

/// The single integer that `sql` yields.
pub(crate) fn integer(connection: &Connection, sql: &str, params: impl Params) -> Result<i64, CatalogError> {
    Ok(connection.query_row(sql, params, |row| row.get(0))?)
}

/// Whether `sql` yields a row.
pub(crate) fn exists(connection: &Connection, sql: &str, params: impl Params) -> Result<bool, CatalogError> {
    Ok(connection.query_row(sql, params, |_| Ok(())).optional()?.is_some())
}

/// SQLite integers are signed and 64 bits wide; `what` names the value in the error.
pub(crate) fn to_integer(what: &str, value: u64) -> Result<i64, CatalogError> {
    i64::try_from(value)
        .map_err(|_| CatalogError::invalid(format!("{what} {value} is above {}, the greatest that fits", i64::MAX)))
}

/// The inverse of [`to_integer`], for any unsigned type.
pub(crate) fn from_integer<T: TryFrom<i64>>(what: &str, value: i64) -> Result<T, CatalogError> {
    T::try_from(value).map_err(|_| CatalogError::corrupt(format!("{what} {value} is out of range")))
}

/// Parses a stored text.
pub(crate) fn parse<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, CatalogError> {
    text.parse().map_err(|_| CatalogError::corrupt(format!("{what} {text:?} is malformed")))
}
