use super::SearchError;
use crate::function::attribute;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, DFSchema};
use datafusion::logical_expr::Expr;

/// Columns that free words look into; the first one that exists counts.
const TEXT_COLUMNS: [&str; 4] = ["body", "name", "metric", "reason"];

/// The columns in scope of a `search()` call.
pub(super) struct Columns<'a>(pub(super) &'a DFSchema);

/// One column in scope.
pub(super) struct Found {
    pub(super) expr: Expr,
    pub(super) data_type: DataType,
}

impl Columns<'_> {
    /// The column of that name, `None` when there is none.
    pub(super) fn find(&self, name: &str, offset: usize) -> Result<Option<Found>, SearchError> {
        let mut found = None;
        for (qualifier, field) in self.0.iter().filter(|(_, field)| field.name() == name) {
            if found.is_some() {
                let message = format!("column {name} is ambiguous, apply search() to one table in a subquery");
                return Err(SearchError::new(offset, message));
            }
            let expr = Expr::Column(Column::new(qualifier.cloned(), field.name()));
            found = Some(Found { expr, data_type: field.data_type().clone() });
        }
        Ok(found)
    }

    /// The column that free words look into.
    pub(super) fn text(&self, offset: usize) -> Result<Expr, SearchError> {
        for name in TEXT_COLUMNS {
            if let Some(found) = self.find(name, offset)?
                && is_text(&found.data_type)
            {
                return Ok(found.expr);
            }
        }
        let message = format!("words need one of the columns {}, none is in scope here", TEXT_COLUMNS.join(", "));
        Err(SearchError::new(offset, message))
    }

    /// `attributes['key']` and `resource['key']`, as far as these columns are in scope. A key that
    /// begins with the name of one and a dot is also looked for there without them: so
    /// `attributes.service` is found although `service` is a column.
    pub(super) fn attributes(&self, key: &str, offset: usize) -> Result<Vec<Expr>, SearchError> {
        let mut found = Vec::with_capacity(2);
        for map in ["attributes", "resource"] {
            if let Some(column) = self.find(map, offset)?
                && matches!(column.data_type, DataType::Map(..))
            {
                if let Some(inner) = key.strip_prefix(map).and_then(|rest| rest.strip_prefix('.')) {
                    found.push(attribute::access(column.expr.clone(), inner));
                }
                found.push(attribute::access(column.expr, key));
            }
        }
        if found.is_empty() {
            let known: Vec<&str> = self.0.fields().iter().map(|f| f.name().as_str()).take(40).collect();
            let message = format!("no column {key:?} and no attributes here; columns are {}", known.join(", "));
            return Err(SearchError::new(offset, message));
        }
        Ok(found)
    }
}

pub(super) fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}
