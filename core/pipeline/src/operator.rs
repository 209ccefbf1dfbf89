//! What works on batches, and the operators that are built in: one file each, named for what it does.

mod drop;
mod parse_json;
mod redact;
mod set;

use crate::column::{ColumnError, ColumnPath, ColumnType, ColumnUse};
use crate::error::{OperatorError, PipelineError};
use crate::kernel::{self, Target};
use crate::work::Work;
use lincei_model::Table;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

/// What an operator says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorInfo {
    /// Name of the built-in operator or the plugin.
    pub name: String,
    /// Version of the plugin; `None` for built-in operators.
    pub version: Option<String>,
    /// What it can work on.
    pub tables: Vec<Table>,
    /// What it reads and sets.
    pub columns: Vec<ColumnUse>,
    /// Rows it likes in a call; 0 for any number.
    pub batch_hint: usize,
    /// Names of its routes.
    pub routes: Vec<String>,
}

/// Works on rows before they are stored.
pub trait Operator: Send + Sync {
    /// What it is.
    fn info(&self) -> Arc<OperatorInfo>;

    /// Works on some rows. After an error the caller goes on with the rows as they were.
    ///
    /// # Errors
    /// Whatever the operator could not do.
    fn process(&self, work: &mut Work) -> Result<(), OperatorError>;

    /// Whether it may take long, and so must not run where requests are read.
    fn is_foreign(&self) -> bool {
        false
    }
}

/// Names of the built-in operators.
pub const BUILT_IN: [&str; 4] = [drop::NAME, parse_json::NAME, redact::NAME, set::NAME];

/// A built-in operator for one table, configured.
///
/// # Errors
/// [`PipelineError::Invalid`] when there is none of that name, or the configuration breaks a rule.
pub fn built_in(name: &str, table: Table, config: &Value) -> Result<Arc<dyn Operator>, PipelineError> {
    match name {
        drop::NAME => drop::configured(config),
        parse_json::NAME => parse_json::configured(table, config),
        redact::NAME => redact::configured(table, config),
        set::NAME => set::configured(table, config),
        unknown => Err(PipelineError::invalid(format!(
            "there is no built-in operator {unknown:?}; there are {}",
            BUILT_IN.join(", ")
        ))),
    }
}

/// Reads a configuration; unknown members are errors.
fn parsed<C: DeserializeOwned>(name: &str, config: &Value) -> Result<C, PipelineError> {
    let config = if config.is_null() { &Value::Object(serde_json::Map::new()) } else { config };
    if !config.is_object() {
        return Err(PipelineError::invalid(format!("configuration of {name}: it is not an object")));
    }
    C::deserialize(config).map_err(|error| PipelineError::invalid(format!("configuration of {name}: {error}")))
}

fn target(table: Table, path: &str, column_type: Option<ColumnType>) -> Result<Target, PipelineError> {
    let refused = |error: ColumnError| PipelineError::invalid(error.to_string());
    let path = ColumnPath::parse(table, path).map_err(refused)?;
    let column_type = column_type.unwrap_or_else(|| path.native_type(table));
    path.check_type(table, column_type).map_err(refused)?;
    Ok(Target { path, column_type })
}

/// A column whose own values are texts.
fn text_target(table: Table, path: &str) -> Result<Target, PipelineError> {
    let column = target(table, path, None)?;
    kernel::check_text(table, &column.path).map_err(|error| PipelineError::invalid(error.to_string()))?;
    Ok(column)
}

fn failed(error: &kernel::KernelError) -> OperatorError {
    OperatorError::new(crate::FailureKind::Internal, error.to_string())
}

fn info(name: &str, tables: Vec<Table>, columns: Vec<ColumnUse>) -> Arc<OperatorInfo> {
    Arc::new(OperatorInfo { name: name.to_owned(), version: None, tables, columns, batch_hint: 0, routes: Vec::new() })
}

#[cfg(test)]
mod tests;
