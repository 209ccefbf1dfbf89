//! Frequent attributes as columns of their own: see [`lincei_model::FileAttributes`].
//!
//! ```text
//! survey (count keys, find their types) ─► promote (map → columns + rest)      flush, merge
//! rebuild (columns + rest → map)                                               queries, merge
//! ```
//!
//! A column holds what the first entry of its key in a row has; entries that repeat a key, and
//! entries without a value, stay in the map. So `attributes['k']` is the column alone, and the
//! whole map is the columns and then the rest.

mod count;
mod keys;
mod kind;
mod promote;
mod rebuild;
mod reshape;
mod survey;

pub use rebuild::{attribute_text, rebuild_map};

pub(crate) use count::AttributeCount;
pub(crate) use promote::{Wide, promote};
pub(crate) use rebuild::narrow;
pub(crate) use reshape::{Source, reshape, target};

use arrow_schema::{Field, Schema, SchemaRef};
use lincei_model::{FileAttributes, Table};
use std::sync::Arc;

/// The columns of a file: those of its table, then one for each promoted key.
pub(crate) fn wide_schema(table: Table, attributes: &FileAttributes) -> SchemaRef {
    let schema = table.schema();
    if attributes.columns.is_empty() {
        return schema;
    }
    let promoted = attributes.columns.iter().map(|c| Arc::new(Field::new(c.name(), c.kind.data_type(), true)));
    Arc::new(Schema::new(schema.fields().iter().cloned().chain(promoted).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests;
