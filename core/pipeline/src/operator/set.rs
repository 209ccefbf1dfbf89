//! `set`: sets columns to constants.
//!
//! ```json
//! {"values": {"attributes.team": "payments", "severity_number": 9}}
//! ```
//!
//! `null` takes a column's values away.

use super::{Operator, OperatorInfo, failed, info, parsed, target};
use crate::column::{Access, ColumnType, ColumnUse};
use crate::error::{OperatorError, PipelineError};
use crate::kernel::{self, Constant, Target};
use crate::work::Work;
use lincei_model::Table;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const NAME: &str = "set";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    values: BTreeMap<String, Value>,
}

struct Set {
    info: Arc<OperatorInfo>,
    values: Vec<(Target, Option<Constant>)>,
}

fn constant(path: &str, value: &Value) -> Result<Option<Constant>, PipelineError> {
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::Bool(value) => Constant::Bool(*value),
        Value::String(text) => Constant::Text(text.clone()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Constant::Int(value),
            (None, Some(value)) => Constant::Float(value),
            (None, None) => return Err(PipelineError::invalid(format!("{path}: {number} is out of range"))),
        },
        Value::Array(_) | Value::Object(_) => {
            return Err(PipelineError::invalid(format!("{path}: a value is text, a number, true, false or null")));
        }
    }))
}

pub(super) fn configured(table: Table, config: &Value) -> Result<Arc<dyn Operator>, PipelineError> {
    let config: Config = parsed(NAME, config)?;
    let mut values = Vec::new();
    let mut columns = Vec::new();
    for (path, value) in &config.values {
        let column = target(table, path, None)?;
        if column.column_type == ColumnType::Attributes {
            return Err(PipelineError::invalid(format!("{path}: a map has no constant; set its keys")));
        }
        let column_type = column.column_type;
        columns.push(ColumnUse { path: path.clone(), column_type, access: Access::WRITE });
        let value = constant(path, value)?;
        if let Some(value) = &value {
            let fits = kernel::constant(table, &column, value);
            fits.map_err(|error| PipelineError::invalid(error.to_string()))?;
        }
        values.push((column, value));
    }
    Ok(Arc::new(Set { info: info(NAME, vec![table], columns), values }))
}

impl Operator for Set {
    fn info(&self) -> Arc<OperatorInfo> {
        Arc::clone(&self.info)
    }

    fn process(&self, work: &mut Work) -> Result<(), OperatorError> {
        for (column, value) in &self.values {
            let done = match value {
                Some(value) => kernel::put(work, column, value, None),
                None => kernel::clear(work, column, None),
            };
            done.map_err(|error| failed(&error))?;
        }
        Ok(())
    }
}
