//! Attributes as columns of a scan.
//!
//! A plan that asks for `attributes['k']`, or a cast of it, asks the scan for a column of that
//! ([`AttributeColumns`]), so that everything DataFusion does for columns is done for attributes,
//! too: what is not asked for is not read, predicates prune and filter while decoding. Where the
//! values are differs from file to file: in a column of their own, in the map, or nowhere; the
//! scan's expressions are rewritten for each file ([`FileAttributeRewrite`]).

mod demand;
mod rewrite;

pub(crate) use demand::AttributesFromScans;
pub(super) use rewrite::FileAttributeRewrite;

use crate::function::attribute;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::TryCast;
use datafusion::logical_expr::{Expr, col};
use lincei_catalog::DataFile;
use lincei_model::{AttributePlace, attribute_column_name};
use std::sync::Arc;

/// A column of a scan that stands for an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScanAttribute {
    /// `attributes` or `resource`.
    pub(crate) map: String,
    pub(crate) key: String,
    /// What the text is cast to, NULL where it is none of these.
    pub(crate) cast: Option<DataType>,
}

impl ScanAttribute {
    /// Name of the column; no table has one of that name, and no two attributes the same.
    pub(crate) fn name(&self) -> String {
        let column = attribute_column_name(&self.map, &self.key);
        match &self.cast {
            Some(cast) => format!("{cast}({column})"),
            None => column,
        }
    }

    fn field(&self) -> Field {
        Field::new(self.name(), self.cast.clone().unwrap_or(DataType::Utf8View), true)
    }

    /// The value by the map, which has it where the file has no column.
    pub(super) fn of_map(&self) -> Expr {
        let access = attribute::access(col(self.map.as_str()), &self.key);
        match &self.cast {
            Some(cast) => Expr::TryCast(TryCast::new(Box::new(access), cast.clone())),
            None => access,
        }
    }

    fn place(&self, file: &DataFile) -> AttributePlace {
        file.attributes.place(&self.map, &self.key)
    }
}

/// The attributes that a plan wants from one scan.
#[derive(Clone, Debug, Default)]
pub(crate) struct AttributeColumns(Vec<ScanAttribute>);

impl AttributeColumns {
    pub(crate) fn new(attributes: Vec<ScanAttribute>) -> Self {
        Self(attributes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn get(&self, name: &str) -> Option<&ScanAttribute> {
        self.0.iter().find(|attribute| attribute.name() == name)
    }

    /// The table's columns, and these after them.
    pub(super) fn schema(&self, table: &SchemaRef) -> SchemaRef {
        if self.0.is_empty() {
            return Arc::clone(table);
        }
        let own = table.fields().iter().cloned();
        let added = self.0.iter().map(|attribute| Arc::new(attribute.field()));
        Arc::new(Schema::new(own.chain(added).collect::<Vec<_>>()))
    }

    /// Whether the file has each of them in a column, or not at all.
    pub(super) fn are_columns_of(&self, file: &DataFile) -> bool {
        self.0.iter().all(|attribute| attribute.place(file) != AttributePlace::Map)
    }

    /// For each column of `projection` (indices into [`Self::schema`]) an expression over the
    /// table's own columns, with the name it goes by.
    pub(super) fn over_maps(&self, table: &SchemaRef, projection: &[usize]) -> Result<Vec<(Expr, String)>> {
        let own = DFSchema::try_from(Arc::clone(table))?;
        let fields = table.fields();
        Ok(projection
            .iter()
            .filter_map(|index| match fields.get(*index) {
                Some(field) => Some((Expr::Column(own.qualified_field(*index).into()), field.name().clone())),
                None => self.0.get(index - fields.len()).map(|attribute| (attribute.of_map(), attribute.name())),
            })
            .collect())
    }
}
