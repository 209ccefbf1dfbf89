//! A field that is asked about by name: a column of the table, or else an attribute or resource
//! key, as in the search language.

use super::spelling;
use crate::error::QueryError;
use crate::function::attribute;
use datafusion::arrow::datatypes::DataType;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::logical_expr::{Expr, cast, col, ident};
use lincei_model::Table;

/// Bytes of a field's name.
const NAME_BYTES_MAX: usize = 4 << 10;
const MAPS: [&str; 2] = ["attributes", "resource"];

/// A field of a table as text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    /// Its value as text; NULL where the row lacks it.
    pub(super) expr: Expr,
    /// The same in SQL.
    pub(super) sql: String,
}

impl Field {
    /// # Errors
    /// [`QueryError::Parameter`] for a column that holds more than one value.
    pub(super) fn new(table: Table, name: &str) -> Result<Self, QueryError> {
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            let shown: String = name.chars().take(100).collect();
            let message = format!("field {shown:?} is not 1 to {NAME_BYTES_MAX} bytes long");
            return Err(QueryError::Parameter(message));
        }
        let schema = table.schema();
        let (expr, sql) = match schema.field_with_name(name) {
            Ok(field) if field.data_type().is_nested() => {
                let message = format!("field {name:?} holds several values: name a key of it, such as \"host.name\"");
                return Err(QueryError::Parameter(message));
            }
            Ok(field) => match field.data_type() {
                DataType::Utf8View => (ident(name), spelling::identifier(name)),
                _ => (cast(ident(name), DataType::Utf8View), format!("{}::text", spelling::identifier(name))),
            },
            Err(_) => {
                let maps: Vec<&'static str> =
                    MAPS.into_iter().filter(|map| schema.field_with_name(map).is_ok()).collect();
                if maps.is_empty() {
                    let message = format!("table {} has no field {name:?} and no attributes", table.name());
                    return Err(QueryError::Parameter(message));
                }
                // as in a search: `attributes.service` is the attribute that a column hides
                let inner = |map: &'static str| Some((map, name.strip_prefix(map)?.strip_prefix('.')?));
                let inner = maps.iter().filter_map(|map| inner(map));
                let keys: Vec<(&str, &str)> = maps.iter().map(|map| (*map, name)).chain(inner).collect();
                let accesses = keys.iter().map(|(map, key)| attribute::access(col(*map), key)).collect();
                let spelled: Vec<String> =
                    keys.iter().map(|(map, key)| format!("{map}[{}]", spelling::literal(key))).collect();
                (coalesce(accesses), format!("coalesce({})", spelled.join(", ")))
            }
        };
        Ok(Self { name: name.to_owned(), expr, sql })
    }
}
