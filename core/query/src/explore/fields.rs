//! Names and values to complete while someone types.
//!
//! A completion must come fast whatever the range, so it is taken from what the files know about
//! themselves ([`statistics`]) and from a sample: rows of memory and of the newest files, up to a
//! bound. With a condition there is the sample alone.

mod source;
mod statistics;

use super::field::Field;
use super::{FieldValue, Selection};
use crate::error::QueryError;
use crate::service::QueryService;
use crate::stats::QueryStats;
use source::Sample;

/// Names or values in the answer.
const LIMIT_MAX: usize = 1_000;
/// Bytes of what was typed so far.
const PREFIX_BYTES_MAX: usize = 1 << 10;

/// What is being typed.
#[derive(Clone, Debug)]
pub struct FieldsRequest {
    /// In which rows.
    pub selection: Selection,
    /// What names or values begin with, whatever the case.
    pub prefix: String,
    /// Names or values of the answer, 1 to 1,000.
    pub limit: usize,
}

/// Where a field lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FieldOrigin {
    /// A column of the table.
    Column,
    /// A key of `attributes`.
    Attribute,
    /// A key of `resource`.
    Resource,
}

/// A field that can be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldName {
    /// Column, or attribute or resource key.
    pub name: String,
    /// Where it lies.
    pub origin: FieldOrigin,
    /// Type in Arrow's spelling; keys are text.
    pub data_type: String,
    /// Rows that have it, an estimate; none for columns.
    pub rows: Option<u64>,
}

/// Fields, columns first in their order, then keys from the most frequent.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldNames {
    /// Those that begin with the prefix.
    pub fields: Vec<FieldName>,
    /// Rows looked at.
    pub sampled_rows: u64,
    /// Whether these are all rows of the selection.
    pub complete: bool,
    /// What it cost.
    pub stats: QueryStats,
}

/// Values of one field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldValues {
    /// Those that begin with the prefix, the most frequent first.
    pub values: Vec<FieldValue>,
    /// Rows looked at.
    pub sampled_rows: u64,
    /// Whether these are all rows of the selection.
    pub complete: bool,
    /// What it cost.
    pub stats: QueryStats,
}

impl FieldsRequest {
    fn check(&self) -> Result<(), QueryError> {
        if self.limit == 0 || self.limit > LIMIT_MAX {
            return Err(QueryError::Parameter(format!("limit {} is not 1 to {LIMIT_MAX}", self.limit)));
        }
        if self.prefix.len() > PREFIX_BYTES_MAX {
            let message = format!("prefix is {} bytes long, more than {PREFIX_BYTES_MAX}", self.prefix.len());
            return Err(QueryError::Parameter(message));
        }
        self.selection.check()
    }
}

impl QueryService {
    /// Names of fields that begin with a prefix.
    ///
    /// # Errors
    /// As [`QueryService::start`]; [`QueryError::Parameter`] for bounds that cannot be.
    pub async fn field_names(&self, request: FieldsRequest) -> Result<FieldNames, QueryError> {
        request.check()?;
        let FieldsRequest { selection, prefix, limit } = request;
        let prefix = prefix.to_lowercase();
        let begins = |name: &str| name.to_lowercase().starts_with(&prefix);
        let (sample, keys) = Sample::keys(self, &selection).await?;
        let schema = selection.table.schema();
        let columns = schema.fields().iter().filter(|field| !field.data_type().is_nested());
        let columns = columns.map(|field| FieldName {
            name: field.name().clone(),
            origin: FieldOrigin::Column,
            data_type: field.data_type().to_string(),
            rows: None,
        });
        let keys = keys.into_iter().map(|(name, origin, rows)| FieldName {
            name,
            origin,
            data_type: "Utf8View".to_owned(),
            rows: Some(rows),
        });
        let fields = columns.chain(keys).filter(|field| begins(&field.name)).take(limit).collect();
        Ok(FieldNames { fields, sampled_rows: sample.rows, complete: sample.complete, stats: sample.stats })
    }

    /// The most frequent values of a field that begin with a prefix.
    ///
    /// # Errors
    /// As [`Self::field_names`], and for fields that hold several values.
    pub async fn field_values(&self, request: FieldsRequest, field: &str) -> Result<FieldValues, QueryError> {
        request.check()?;
        let FieldsRequest { selection, prefix, limit } = request;
        let field = Field::new(selection.table, field)?;
        let (sample, values) = Sample::values(self, &selection, field, &prefix, limit).await?;
        let values = values.into_iter().map(|(value, count)| FieldValue { value, count }).collect();
        Ok(FieldValues { values, sampled_rows: sample.rows, complete: sample.complete, stats: sample.stats })
    }
}
